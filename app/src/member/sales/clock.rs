//! What time it is at the server. The clock of a phone may be an hour off, or be set while a page
//! is open, so it is never asked: an answer says what the server's clock shows, and the browser's
//! monotonic clock says how long ago that was.

use leptos::prelude::*;
use shared::time::Timestamp;
use std::cell::Cell;
use std::time::Duration;

/// How often pages look at the clock: often enough that a sale opens without being late.
const TICK: Duration = Duration::from_millis(200);

thread_local! {
    /// By how many milliseconds the server's clock is ahead of the monotonic one.
    static AHEAD: Cell<f64> = const { Cell::new(f64::MIN) };
}

/// Milliseconds since the page was opened, whatever anybody does to the clock.
fn monotonic() -> f64 {
    window().performance().map_or(0.0, |it| it.now())
}

/// Takes over what the server's clock showed when it answered. An answer that took long, or is
/// shown again from memory, tells too little; so the one that tells most is believed.
pub(crate) fn note(server_time: Timestamp) {
    let ahead = crate::ui::format::js(server_time.as_millis()) - monotonic();
    AHEAD.set(AHEAD.get().max(ahead));
}

/// The server's time, in milliseconds since 1970.
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds since 1970 fit"
)]
fn now() -> i64 {
    (monotonic() + AHEAD.get()) as i64
}

/// The server's time as a page shows it, ticking for as long as the page is there.
#[derive(Clone, Copy)]
pub(crate) struct Clock(RwSignal<i64>);

impl Clock {
    /// Begins to tick.
    #[must_use]
    pub(crate) fn start() -> Self {
        let clock = Self(RwSignal::new(now()));
        let tick = move || {
            clock.0.try_set(now());
        };
        if let Ok(ticking) = set_interval_with_handle(tick, TICK) {
            on_cleanup(move || ticking.clear());
        }
        clock
    }

    /// Milliseconds since 1970, and a subscription to the ticks.
    #[must_use]
    pub(crate) fn now(self) -> i64 {
        // What was read since the last tick may have told more.
        self.0.get().max(now())
    }

    /// Milliseconds until an instant, 0 when it has come; `None` while no answer has told the time.
    #[must_use]
    pub(crate) fn until(self, at: Timestamp) -> Option<i64> {
        let now = self.now();
        (now > 0).then(|| (at.as_millis() - now).max(0))
    }
}
