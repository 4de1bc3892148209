//! Instants, and the local days and months that rules are written in.
//!
//! Ends are inclusive: something that ends on a day works until the last millisecond of that day
//! in the member's own time zone.

mod text;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};

/// An instant, in milliseconds since 1970-01-01T00:00:00Z; RFC 3339 in UTC on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Why a text is not an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as 2026-01-31T08:00:00Z")]
pub struct InvalidTimestamp;

impl Timestamp {
    /// The first instant that is accepted: 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_135_596_800_000);
    /// The last instant that is accepted: 9999-12-30T00:00:00Z.
    pub const MAX: Self = Self(253_402_128_000_000);

    /// The instant `millis` milliseconds after 1970, held within the accepted range.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        if millis < Self::MIN.0 {
            Self::MIN
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// `millis` later (earlier when negative), held within the accepted range.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// The instant `days` times 24 hours later.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_millis(days.saturating_mul(86_400_000))
    }

    /// The instant right after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        self.plus_millis(1)
    }

    /// The civil date at this instant in `zone`.
    #[must_use]
    pub fn date_in(self, zone: &TimeZone) -> Date {
        zone.to_datetime(self.to_jiff()).date()
    }

    fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
            .saturating_add(SignedDuration::from_millis(self.0))
            .unwrap_or(jiff::Timestamp::MAX)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                utoipa::openapi::KnownFormat::DateTime,
            )))
            .examples(["2026-01-31T08:00:00Z"])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Timestamp {}

/// A day of the calendar on the wire, such as `1990-04-30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: i16,
    month: i8,
    day: i8,
}

/// Why a text is not a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a day such as 1990-04-30")]
pub struct InvalidDay;

impl Day {
    /// The day as calendars reckon with it.
    #[must_use]
    pub fn date(self) -> Date {
        Date::constant(self.year, self.month, self.day)
    }

    /// Year, month and day of a day that exists.
    const fn of((year, month, day): (i64, i64, i64)) -> Self {
        Self {
            year: year as i16,
            month: month as i8,
            day: day as i8,
        }
    }

    const fn parts(self) -> (i16, i8, i8) {
        (self.year, self.month, self.day)
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self {
            year: date.year(),
            month: date.month(),
            day: date.day(),
        }
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Day {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                utoipa::openapi::KnownFormat::Date,
            )))
            .examples(["1990-04-30"])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Day {}

/// The first instant of `date` in `zone`.
#[must_use]
pub fn start_of_day(date: Date, zone: &TimeZone) -> Timestamp {
    match date.to_zoned(zone.clone()) {
        Ok(start) => Timestamp::from_millis(start.timestamp().as_millisecond()),
        Err(_) => Timestamp::MAX,
    }
}

/// The last millisecond of `date` in `zone`.
#[must_use]
pub fn end_of_day(date: Date, zone: &TimeZone) -> Timestamp {
    match date.tomorrow() {
        Ok(next) => start_of_day(next, zone).plus_millis(-1),
        Err(_) => Timestamp::MAX,
    }
}

/// The instant at which clocks in `zone` show the same time some days later.
#[must_use]
pub fn plus_local_days(at: Timestamp, days: i32, zone: &TimeZone) -> Timestamp {
    let local = zone.to_datetime(at.to_jiff());
    let later = local.saturating_add(Span::new().days(days));
    match later.to_zoned(zone.clone()) {
        Ok(later) => Timestamp::from_millis(later.timestamp().as_millisecond()),
        Err(_) => Timestamp::MAX,
    }
}

/// The date `months` later (earlier when negative); the 31st becomes the month's last day.
#[must_use]
pub fn plus_months(date: Date, months: i32) -> Date {
    date.saturating_add(Span::new().months(months))
}

/// The last millisecond of the month that lies `months` after the month of `at`, in `zone`.
/// This is the default expiry of points: "the end of the month 12 months on".
#[must_use]
pub fn end_of_month_after(at: Timestamp, months: i32, zone: &TimeZone) -> Timestamp {
    end_of_day(plus_months(at.date_in(zone), months).last_of_month(), zone)
}

/// The first and the last instant of a month such as `2027-06`; `None` when the text names none.
#[must_use]
pub fn month_in(text: &str, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let (year, month) = text.split_once('-')?;
    let digits =
        |it: &str, count: usize| it.len() == count && it.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) {
        return None;
    }
    let first = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
    Some((
        start_of_day(first, zone),
        end_of_day(first.last_of_month(), zone),
    ))
}

/// Reads an IANA zone name such as `Asia/Shanghai`.
///
/// # Errors
/// [`UnknownZone`] when the built-in database has no such name.
pub fn zone(name: &str) -> Result<TimeZone, UnknownZone> {
    TimeZone::get(name).map_err(|_| UnknownZone)
}

/// The name is not an IANA time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an IANA time zone such as Asia/Shanghai")]
pub struct UnknownZone;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_month_is_from_its_first_instant_to_its_last() {
        let shanghai = zone("Asia/Shanghai").expect("zone");
        assert_eq!(
            month_in("2028-02", &shanghai),
            Some((at("2028-01-31T16:00:00Z"), at("2028-02-29T15:59:59.999Z")))
        );
        for odd in [
            "",
            "2028",
            "2028-13",
            "2028-00",
            "2028-2",
            "28-02",
            "2028-02-01",
            "+028-02",
        ] {
            assert_eq!(month_in(odd, &shanghai), None, "{odd}");
        }
    }

    #[test]
    fn ends_are_inclusive_in_the_local_day() {
        let shanghai = zone("Asia/Shanghai").expect("zone");
        let noon = at("2026-06-30T04:00:00Z");
        assert_eq!(
            end_of_day(noon.date_in(&shanghai), &shanghai),
            at("2026-06-30T15:59:59.999Z")
        );
        assert_eq!(
            end_of_month_after(noon, 12, &shanghai),
            at("2027-06-30T15:59:59.999Z")
        );
        // 23:30 in Shanghai on 31 January is still January there and 15:30 in UTC.
        assert_eq!(
            end_of_month_after(at("2026-01-31T15:30:00Z"), 1, &shanghai),
            at("2026-02-28T15:59:59.999Z")
        );
        // Half an hour later it is February in Shanghai.
        assert_eq!(
            end_of_month_after(at("2026-01-31T16:00:00Z"), 1, &shanghai),
            at("2026-03-31T15:59:59.999Z")
        );
    }

    #[test]
    fn a_day_with_a_clock_change_is_whole() {
        let new_york = zone("America/New_York").expect("zone");
        let day = jiff::civil::date(2026, 3, 8);
        let length =
            end_of_day(day, &new_york).as_millis() + 1 - start_of_day(day, &new_york).as_millis();
        assert_eq!(length, 23 * 3_600_000);
    }

    #[test]
    fn texts_that_are_not_times_are_refused() {
        for text in [
            "",
            "2026",
            "2026-13-01T00:00:00Z",
            "2026-01-01",
            "10000-01-01T00:00:00Z",
            "now",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(InvalidTimestamp), "{text}");
        }
        assert_eq!(at("2026-01-01T08:00:00+08:00"), at("2026-01-01T00:00:00Z"));
    }

    proptest! {
        #[test]
        fn text_survives(millis in Timestamp::MIN.0..=Timestamp::MAX.0) {
            let time = Timestamp::from_millis(millis);
            prop_assert_eq!(time.to_string().parse::<Timestamp>(), Ok(time));
        }

        #[test]
        fn a_day_holds_its_ends(millis in 0..4_102_444_800_000i64, zone_index in 0usize..4) {
            let zone = zone(["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "UTC"][zone_index]).expect("zone");
            let date = Timestamp::from_millis(millis).date_in(&zone);
            prop_assert_eq!(start_of_day(date, &zone).date_in(&zone), date);
            prop_assert_eq!(end_of_day(date, &zone).date_in(&zone), date);
            prop_assert_eq!(end_of_day(date, &zone).next(), start_of_day(date.tomorrow().expect("date"), &zone));
        }
    }
}
