//! Countdowns: digits for the eye, and for the ear the instant they lead to, with a word when it
//! comes near.

use super::clock::Clock;
use super::gate::{Next, next};
use crate::parts::Subject;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use leptos::prelude::*;
use shared::sales::api::MemberSale;
use shared::text::Locale;
use shared::time::Timestamp;

const MINUTE: i64 = 60_000;

/// What a countdown shows: days, and the rest as `03:15:42`. A second that has begun counts whole,
/// so that zero is shown when the time has come and not before.
fn digits(left: i64) -> (i64, String) {
    let seconds = (left.max(0) + 999) / 1000;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60);
    (days, format!("{hours:02}:{minutes:02}:{seconds:02}"))
}

fn text(locale: Locale, left: i64) -> String {
    match digits(left) {
        (0, time) => time,
        (count, time) => tr!(locale, sales.days, count = count, n = count, time = time),
    }
}

/// The digits that lead to an instant.
pub(super) fn ticking(locale: Locale, clock: Clock, at: Timestamp) -> AnyView {
    let shown = Memo::new(move |_| clock.until(at).map(|left| text(locale, left)));
    view! { <span class="countdown" aria-hidden="true">{move || shown.get()}</span> }.into_any()
}

/// How near something is, as far as it is worth a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Near {
    FiveMinutes,
    OneMinute,
}

const fn near(left: i64) -> Option<Near> {
    if left <= 0 || left > 5 * MINUTE {
        None
    } else if left > MINUTE {
        Some(Near::FiveMinutes)
    } else {
        Some(Near::OneMinute)
    }
}

/// What the countdown of a sale is about, in a few words.
fn label(locale: Locale, it: Next) -> &'static str {
    match it {
        Next::Opens(_) => tr!(locale, sales.opens_in),
        Next::Ends(_) => tr!(locale, sales.ends_in),
    }
}

/// The instant that it leads to.
fn instant(subject: &Subject, it: Next) -> String {
    let locale = subject.amounts.locale;
    match it {
        Next::Opens(at) => tr!(locale, sales.opens_at, time = subject.time(at)),
        Next::Ends(at) => tr!(locale, sales.ends_at, time = subject.time(at)),
    }
}

/// The countdown of a sale: until it opens for the member, then until it is over.
pub(super) fn countdown(subject: &Subject, clock: Clock, sale: Signal<MemberSale>) -> AnyView {
    let locale = subject.amounts.locale;
    let ahead = Memo::new(move |_| sale.with(|it| next(it, clock.now())));
    let subject = subject.clone();
    live::maybe(move || {
        let next = ahead.get()?;
        let (Next::Opens(at) | Next::Ends(at)) = next;
        let shown = view! {
            <p class="sale__time">
                {icon(Icon::Pending)}
                <span aria-hidden="true">{label(locale, next)}</span>
                {ticking(locale, clock, at)}
                <span class="sr-only">{instant(&subject, next)}</span>
            </p>
        };
        Some(shown.into_any())
    })
}

/// Says when a sale is about to open, has opened, is about to end and is over. It is heard and not
/// seen: who sees has the digits.
pub(super) fn announcements(locale: Locale, clock: Clock, sale: Signal<MemberSale>) -> AnyView {
    let said = Memo::new(move |_| {
        let now = clock.now();
        match sale.with(|it| next(it, now)) {
            Some(Next::Opens(at)) => match near(at.as_millis() - now) {
                Some(Near::FiveMinutes) => tr!(locale, sales.opens_in_five),
                Some(Near::OneMinute) => tr!(locale, sales.opens_in_one),
                None => "",
            },
            Some(Next::Ends(at)) => match near(at.as_millis() - now) {
                Some(Near::FiveMinutes) => tr!(locale, sales.ends_in_five),
                Some(Near::OneMinute) => tr!(locale, sales.ends_in_one),
                None => tr!(locale, sales.open_now),
            },
            None => tr!(locale, sales.over_now),
        }
    });
    view! { <p class="sr-only" role="status">{move || said.get()}</p> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_that_has_begun_counts_whole() {
        for (left, days, time) in [
            (-5, 0, "00:00:00"),
            (0, 0, "00:00:00"),
            (1, 0, "00:00:01"),
            (1000, 0, "00:00:01"),
            (61_000, 0, "00:01:01"),
            (86_400_000, 1, "00:00:00"),
            (3 * 86_400_000 - 1, 3, "00:00:00"),
            (86_399_000, 0, "23:59:59"),
        ] {
            assert_eq!(digits(left), (days, time.to_owned()), "{left}");
        }
    }

    #[test]
    fn a_word_is_said_five_minutes_and_one_minute_before() {
        for (left, expected) in [
            (5 * MINUTE + 1, None),
            (5 * MINUTE, Some(Near::FiveMinutes)),
            (MINUTE + 1, Some(Near::FiveMinutes)),
            (MINUTE, Some(Near::OneMinute)),
            (0, None),
        ] {
            assert_eq!(near(left), expected, "{left}");
        }
    }
}
