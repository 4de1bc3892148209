//! What the tests of the rules share: ids by counting, and times by text.

use crate::ids::IdSource;
use crate::time::Timestamp;
use uuid::Uuid;

/// Counts upwards.
#[derive(Debug, Default, Clone)]
pub(crate) struct Counter(u128);

impl IdSource for Counter {
    fn next_uuid(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128(self.0)
    }
}

/// The instant that a text such as `2026-01-31T08:00:00Z` names.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// The start of day number `day` in UTC, counted from 2026-01-01.
pub(crate) fn day(day: i64) -> Timestamp {
    at("2026-01-01T00:00:00Z").plus_days(day)
}
