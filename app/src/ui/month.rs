//! Days and months as addresses and the wire write them: `2026-11-23` and `2026-11`.

use crate::ui::format::{self, Moment};
use shared::text::Locale;
use shared::time::Timestamp;

/// The month before or after the one of a day, as the address writes it: `2026-05`.
#[must_use]
pub fn neighbour(month: &str, step: i32) -> String {
    let (year, rest) = month.split_once('-').unwrap_or((month, "01"));
    let number: i32 = rest.get(..2).and_then(|it| it.parse().ok()).unwrap_or(1);
    let year: i32 = year.parse().unwrap_or(2000);
    let months = year * 12 + number - 1 + step;
    format!(
        "{:04}-{:02}",
        months.div_euclid(12),
        months.rem_euclid(12) + 1
    )
}

/// How many days after Monday a day such as `2026-06-01` is.
#[must_use]
pub fn weekday(day: &str) -> usize {
    let date = js_sys::Date::new(&format!("{day}T00:00:00Z").into());
    usize::try_from((date.get_utc_day() + 6) % 7).unwrap_or(0)
}

/// The name of the day so many days after Monday.
#[must_use]
pub fn weekday_name(locale: Locale, day: i64, what: Moment) -> String {
    // 1 June 2026 is a Monday.
    let monday = Timestamp::from_millis(1_780_272_000_000);
    format::moment(locale, "UTC", monday.plus_days(day), what)
}

/// The day so many days after a day, or before it.
#[must_use]
pub fn days_after(day: &str, days: i64) -> Option<String> {
    let at: Timestamp = format!("{day}T00:00:00Z").parse().ok()?;
    Some(at.plus_days(days).to_string().chars().take(10).collect())
}
