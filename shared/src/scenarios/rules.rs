//! Decisions about scenario lists: what can be written, when a list appears, and whether its
//! community is called to it.

use super::{
    Call, DAY_MINUTES, LATE_HOURS, MAX_CALLS, MAX_PRODUCTS, Pace, QuietHours, ScenarioDefinition,
    ScenarioProduct, Schedule,
};
use crate::orders::rules::is_reference;
use crate::problem::FieldError;
use crate::quantity::MAX_AMOUNT;
use crate::text::is_web_address;
use crate::time::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use std::collections::HashSet;

/// Longest title, in characters.
const MAX_TITLE: usize = 60;
/// Longest text, in characters.
const MAX_TEXT: usize = 1000;

/// Checks what staff write about a list. An empty answer means it is fine.
#[must_use]
pub fn check_definition(it: &ScenarioDefinition) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: &str, code: &str, message: &str| {
        errors.push(FieldError::new(pointer, code, message));
    };
    if !is_reference(&it.title) || it.title.chars().count() > MAX_TITLE {
        wrong("/title", "invalid", "expected 1 to 60 visible characters");
    }
    if it.text.chars().count() > MAX_TEXT {
        wrong("/text", "too_long", "expected at most 1000 characters");
    }
    if it.products.len() > MAX_PRODUCTS {
        wrong("/products", "out_of_range", "expected at most 20 products");
    }
    let schedule = &it.schedule;
    if schedule.minute >= DAY_MINUTES {
        let message = "expected 0 to 1439 minutes after midnight";
        wrong("/schedule/minute", "out_of_range", message);
    }
    if !schedule.weekdays.iter().all(|it| (1..=7).contains(it)) {
        let message = "expected days of the week from 1, Monday, to 7, Sunday";
        wrong("/schedule/weekdays", "out_of_range", message);
    }
    if schedule
        .last
        .is_some_and(|it| it.date() < schedule.first.date())
    {
        let message = "expected no day before the first one";
        wrong("/schedule/last", "out_of_range", message);
    }
    let mut skus = HashSet::new();
    for (place, product) in it.products.iter().enumerate() {
        for (field, code, message) in faults(product, skus.insert(product.sku.as_str())) {
            wrong(&format!("/products/{place}/{field}"), code, message);
        }
    }
    errors
}

fn faults(it: &ScenarioProduct, is_new: bool) -> Vec<(&'static str, &'static str, &'static str)> {
    const TEXT: &str = "expected 1 to 100 visible characters";
    let price = it.price.is_none_or(|it| (0..=MAX_AMOUNT).contains(&it));
    let link = it.link.as_deref().is_none_or(is_web_address);
    [
        (is_reference(&it.sku), ("sku", "invalid", TEXT)),
        (is_new, ("sku", "invalid", "expected each product once")),
        (is_reference(&it.name), ("name", "invalid", TEXT)),
        (
            price,
            (
                "price",
                "out_of_range",
                "expected an amount that is not negative",
            ),
        ),
        (
            link,
            (
                "link",
                "invalid",
                "expected an address that begins with https://",
            ),
        ),
    ]
    .into_iter()
    .filter_map(|(fine, fault)| (!fine).then_some(fault))
    .collect()
}

/// Checks a pace. An empty answer means it is fine.
#[must_use]
pub fn check_pace(it: &Pace) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (pointer, limit) in [
        ("/pace/per_day", it.per_day),
        ("/pace/per_week", it.per_week),
    ] {
        if limit.is_some_and(|it| it > MAX_CALLS) {
            let message = "expected at most 100 calls";
            errors.push(FieldError::new(pointer, "out_of_range", message));
        }
    }
    if let Some(quiet) = it.quiet {
        for (pointer, minute) in [
            ("/pace/quiet/from", quiet.from),
            ("/pace/quiet/to", quiet.to),
        ] {
            if minute >= DAY_MINUTES {
                let message = "expected 0 to 1439 minutes after midnight";
                errors.push(FieldError::new(pointer, "out_of_range", message));
            }
        }
        if quiet.from == quiet.to {
            let message = "expected another minute than the one at which the quiet hours begin";
            errors.push(FieldError::new("/pace/quiet/to", "invalid", message));
        }
    }
    errors
}

impl Schedule {
    /// When a list appears for the first time after `after`; `None` when it does not any more.
    /// A time that the clocks skip is the one they jump to.
    #[must_use]
    pub fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let (first, last) = (self.first.date(), self.last.map(|it| it.date()));
        if self.weekdays.is_empty() {
            return self.instant(first, zone).filter(|it| *it > after);
        }
        let start = first.max(after.date_in(zone));
        // Today may be past its minute, so that a week is one day more.
        (0..=7)
            .filter_map(|days| start.checked_add(days.days()).ok())
            .take_while(|day| last.is_none_or(|last| *day <= last))
            .filter(|day| self.weekdays.contains(&weekday(*day)))
            .filter_map(|day| self.instant(day, zone))
            .find(|it| *it > after)
    }

    /// The instants in a span of time at which a list appears, `until` itself left out; at most
    /// `most`.
    #[must_use]
    pub fn within(
        &self,
        (from, until): (Timestamp, Timestamp),
        zone: &TimeZone,
        most: usize,
    ) -> Vec<Timestamp> {
        let next = |after: &Timestamp| self.next_after(*after, zone);
        std::iter::successors(next(&from.plus_millis(-1)), next)
            .take_while(|it| *it < until)
            .take(most)
            .collect()
    }

    fn instant(&self, day: Date, zone: &TimeZone) -> Option<Timestamp> {
        let (hour, minute) = (self.minute / 60, self.minute % 60);
        let time = DateTime::from(day)
            .with()
            .hour(i8::try_from(hour).ok()?)
            .minute(i8::try_from(minute).ok()?)
            .build()
            .ok()?;
        let instant = zone.to_ambiguous_zoned(time).compatible().ok()?;
        Some(Timestamp::from_millis(instant.timestamp().as_millisecond()))
    }
}

fn weekday(day: Date) -> u8 {
    day.weekday().to_monday_one_offset().unsigned_abs()
}

impl QuietHours {
    /// Whether a minute of the day is quiet.
    #[must_use]
    pub const fn has(self, minute: u16) -> bool {
        if self.from <= self.to {
            self.from <= minute && minute < self.to
        } else {
            self.from <= minute || minute < self.to
        }
    }
}

/// Whether a community is called to a list that is due at `at`, when it is decided at `now` and
/// `called` are the instants of its calls in the same week. Nobody is called in quiet hours, neither
/// in time nor late.
#[must_use]
pub fn call(
    pace: Pace,
    at: Timestamp,
    now: Timestamp,
    called: &[Timestamp],
    zone: &TimeZone,
) -> Call {
    let is_quiet = |it: Timestamp| {
        let local = local(it, zone);
        let hour = u16::from(local.hour().unsigned_abs());
        let minute = hour * 60 + u16::from(local.minute().unsigned_abs());
        pace.quiet.is_some_and(|it| it.has(minute))
    };
    let day = local(at, zone).date();
    let same_day = |it: &&Timestamp| it.date_in(zone) == day;
    let same_week = |it: &&Timestamp| week(it.date_in(zone)) == week(day);
    let full = |limit: Option<u32>, count: usize| {
        limit.is_some_and(|it| count >= usize::try_from(it).unwrap_or(usize::MAX))
    };
    if is_quiet(at) || is_quiet(now) {
        Call::QuietHours
    } else if full(pace.per_day, called.iter().filter(same_day).count()) {
        Call::DayFull
    } else if full(pace.per_week, called.iter().filter(same_week).count()) {
        Call::WeekFull
    } else if now >= at.plus_millis(LATE_HOURS * 3_600_000) {
        Call::Late
    } else {
        Call::Made
    }
}

/// The first instant of the week, Monday, in which `at` is.
#[must_use]
pub fn start_of_week(at: Timestamp, zone: &TimeZone) -> Timestamp {
    crate::time::start_of_day(week(at.date_in(zone)), zone)
}

fn local(at: Timestamp, zone: &TimeZone) -> DateTime {
    let instant = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or(jiff::Timestamp::MAX);
    zone.to_datetime(instant)
}

/// The Monday of a day's week.
fn week(day: Date) -> Date {
    let back = i64::from(day.weekday().to_monday_zero_offset());
    day.saturating_sub(back.days())
}

#[cfg(test)]
mod tests;
