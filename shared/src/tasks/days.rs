//! A member's own days, also across changes of the time zone.
//!
//! A change of zone counts from the next day: the day on which it happens ends where it would have
//! ended. Days never go back, so no day can be had twice; a day that a jump over the date line
//! leaves out is nobody's fault and counts as one on which check-in did not work.

use crate::time::{Timestamp, end_of_day, start_of_day};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A zone and from when it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneFrom {
    /// From when.
    pub from: Timestamp,
    /// The zone.
    pub zone: TimeZone,
}

/// The days of one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalDays {
    zones: Vec<ZoneFrom>,
}

impl LocalDays {
    /// The days of a member who always lived in one zone.
    #[must_use]
    pub fn of(zone: TimeZone) -> Self {
        Self {
            zones: vec![ZoneFrom {
                from: Timestamp::MIN,
                zone,
            }],
        }
    }

    /// The days of a member whose zone changed: `later` in the order of time, after `first`.
    #[must_use]
    pub fn with_changes(first: TimeZone, later: Vec<ZoneFrom>) -> Self {
        let mut days = Self::of(first);
        days.zones.extend(later);
        days
    }

    /// The zones and from when each counts, in the order of time.
    #[must_use]
    pub fn zones(&self) -> &[ZoneFrom] {
        &self.zones
    }

    /// The zone that counts at `at`.
    #[must_use]
    pub fn zone_at(&self, at: Timestamp) -> &TimeZone {
        let later = self.zones.partition_point(|it| it.from <= at);
        &self.zones[later.saturating_sub(1)].zone
    }

    /// The member's day at `at`.
    #[must_use]
    pub fn day_at(&self, at: Timestamp) -> Date {
        let mut day = Date::MIN;
        for (place, segment) in self.zones.iter().enumerate() {
            if place > 0 && segment.from > at {
                break;
            }
            let next = self.zones.get(place + 1).map(|it| it.from);
            let until = match next {
                Some(next) if next <= at => next.plus_millis(-1),
                _ => at,
            };
            day = day.max(until.date_in(&segment.zone));
        }
        day
    }

    /// The first instant after `at` that belongs to a later day.
    #[must_use]
    pub fn next_day_at(&self, at: Timestamp) -> Timestamp {
        let today = self.day_at(at);
        let tomorrow = today.tomorrow().unwrap_or(Date::MAX);
        let mut begin = start_of_day(tomorrow, self.zone_at(at));
        for change in &self.zones {
            if change.from > at && change.from <= begin {
                begin = start_of_day(tomorrow, &change.zone).max(change.from);
            }
        }
        begin
    }

    /// The last instant of `day`.
    #[must_use]
    pub fn end_of(&self, day: Date) -> Timestamp {
        // The zone that counts when the day ends; a day is at most two zone changes long.
        let mut end = end_of_day(day, &self.zones[0].zone);
        for change in self.zones.iter().skip(1) {
            if change.from <= end.next() {
                end = end_of_day(day, &change.zone).max(change.from.plus_millis(-1));
            }
        }
        end
    }

    /// The same days with `zone` from the day after the one of `at`. An earlier change that has
    /// not begun to count is replaced. Gives back the change, or `None` when it is the zone that
    /// counts already.
    pub fn change(&mut self, zone: TimeZone, at: Timestamp) -> Option<ZoneFrom> {
        self.zones.retain(|it| it.from <= at);
        if *self.zone_at(at) == zone {
            return None;
        }
        let today = self.day_at(at);
        let from = start_of_day(today.tomorrow().unwrap_or(Date::MAX), self.zone_at(at));
        let change = ZoneFrom { from, zone };
        self.zones.push(change.clone());
        Some(change)
    }

    /// Days that no instant belongs to, because a change of zone jumped over them.
    #[must_use]
    pub fn skipped(&self) -> Vec<Date> {
        let mut skipped = Vec::new();
        for change in self.zones.iter().skip(1) {
            let before = self.day_at(change.from.plus_millis(-1));
            let after = self.day_at(change.from);
            let mut day = before;
            while let Ok(next) = day.tomorrow() {
                if next >= after {
                    break;
                }
                skipped.push(next);
                day = next;
            }
        }
        skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;
    use crate::time::zone;
    use proptest::prelude::*;

    fn date(text: &str) -> Date {
        text.parse().expect("a date")
    }

    #[test]
    fn a_change_of_zone_counts_from_the_next_day() {
        let mut days = LocalDays::of(zone("Asia/Shanghai").expect("zone"));
        // Ten in the evening of 15 June in Shanghai; it is morning in New York.
        let moved = at("2026-06-15T14:00:00Z");
        days.change(zone("America/New_York").expect("zone"), moved);
        assert_eq!(days.day_at(moved), date("2026-06-15"));
        // Midnight in Shanghai: still the 15th in New York, so still the 15th.
        assert_eq!(days.day_at(at("2026-06-15T16:00:00Z")), date("2026-06-15"));
        assert_eq!(days.day_at(at("2026-06-16T03:59:59Z")), date("2026-06-15"));
        assert_eq!(days.day_at(at("2026-06-16T04:00:00Z")), date("2026-06-16"));
        assert_eq!(days.next_day_at(moved), at("2026-06-16T04:00:00Z"));
        assert_eq!(
            days.end_of(date("2026-06-15")),
            at("2026-06-16T03:59:59.999Z")
        );
        assert!(days.skipped().is_empty());
    }

    #[test]
    fn going_east_never_takes_the_present_day_away() {
        let mut days = LocalDays::of(zone("America/Los_Angeles").expect("zone"));
        let moved = at("2026-06-15T20:00:00Z"); // one in the afternoon
        days.change(zone("Asia/Tokyo").expect("zone"), moved);
        // It is the 16th in Tokyo already, but the member's 15th lasts until midnight at home.
        assert_eq!(days.day_at(moved), date("2026-06-15"));
        assert_eq!(days.day_at(at("2026-06-16T06:59:59Z")), date("2026-06-15"));
        assert_eq!(days.day_at(at("2026-06-16T07:00:00Z")), date("2026-06-16"));
        assert_eq!(days.day_at(at("2026-06-16T15:00:00Z")), date("2026-06-17"));
    }

    #[test]
    fn a_day_that_a_jump_leaves_out_is_known() {
        let mut days = LocalDays::of(zone("Pacific/Pago_Pago").expect("zone"));
        days.change(
            zone("Pacific/Kiritimati").expect("zone"),
            at("2026-06-15T20:00:00Z"),
        );
        assert_eq!(days.skipped(), [date("2026-06-16")]);
    }

    #[test]
    fn a_change_that_is_taken_back_before_it_counts_leaves_nothing() {
        let home = zone("Asia/Shanghai").expect("zone");
        let mut days = LocalDays::of(home.clone());
        let now = at("2026-06-15T04:00:00Z");
        days.change(zone("Europe/Paris").expect("zone"), now);
        assert!(days.change(home.clone(), now.plus_millis(60_000)).is_none());
        assert_eq!(days, LocalDays::of(home));
    }

    const ZONES: [&str; 6] = [
        "Asia/Shanghai",
        "America/New_York",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "Europe/London",
        "Asia/Kolkata",
    ];

    proptest! {
        #[test]
        fn days_never_go_back_and_each_ends_where_the_next_begins(
            moves in proptest::collection::vec((0..6usize, 0i64..96), 0..12),
        ) {
            let mut days = LocalDays::of(zone(ZONES[0]).expect("zone"));
            let begin = at("2026-03-01T00:00:00Z");
            let mut now = begin;
            for (to, hours) in moves {
                now = now.plus_millis(hours * 3_600_000);
                let today = days.day_at(now);
                days.change(zone(ZONES[to]).expect("zone"), now);
                prop_assert_eq!(days.day_at(now), today);
            }
            let mut last = days.day_at(begin);
            let mut at = begin;
            while at < now.plus_days(3) {
                let next = days.next_day_at(at);
                prop_assert!(next > at);
                prop_assert_eq!(days.day_at(next.plus_millis(-1)), last);
                prop_assert_eq!(days.end_of(last), next.plus_millis(-1));
                let day = days.day_at(next);
                prop_assert!(day > last);
                let mut between = last.tomorrow().expect("a day");
                while between < day {
                    prop_assert!(days.skipped().contains(&between));
                    between = between.tomorrow().expect("a day");
                }
                (last, at) = (day, next);
            }
        }
    }
}
