//! Instants and days as text (RFC 3339).
//!
//! Every page reads them, so this is written out here: the library's reader takes many more
//! forms and costs a shopper's download several times as much. Tests compare the two.

use super::{Day, InvalidDay, InvalidTimestamp, Timestamp};
use core::fmt;
use core::str::FromStr;

const DAY_MS: i64 = 86_400_000;

/// Year, month and day.
type Civil = (i64, i64, i64);

/// Days since 1970-01-01 of a civil date, in the proleptic Gregorian calendar. Years begin in
/// March here, so that the leap day is a year's last.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The civil date so many days after 1970-01-01: year, month, day.
const fn civil_from_days(days: i64) -> Civil {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Digits that stand at the start of a text, exactly `count`, and what follows them.
fn digits(text: &[u8], count: usize) -> Option<(i64, &[u8])> {
    let (head, rest) = text.split_at_checked(count)?;
    let read = |sum: i64, byte: &u8| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + i64::from(byte - b'0'))
    };
    head.iter().try_fold(0, read).map(|it| (it, rest))
}

/// Two digits after one of `marks`, and what follows them.
fn part<'t>(text: &'t [u8], marks: &[u8]) -> Option<(i64, &'t [u8])> {
    let (mark, rest) = text.split_first()?;
    if marks.contains(mark) {
        digits(rest, 2)
    } else {
        None
    }
}

/// A civil date at the start of a text, as days since 1970, and what follows it.
fn date(text: &[u8]) -> Option<(Civil, &[u8])> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = part(rest, b"-")?;
    let (day, rest) = part(rest, b"-")?;
    // A day that does not exist comes back as another one.
    let exists =
        civil_from_days(days_from_civil(year, month.clamp(1, 12), day)) == (year, month, day);
    exists.then_some(((year, month, day), rest))
}

/// The fraction of a second, if there is one, in whole milliseconds, and what follows it.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some((b'.', rest)) = text.split_first() else {
        return Some((0, text));
    };
    let length = rest.iter().take_while(|it| it.is_ascii_digit()).count();
    let (head, rest) = rest
        .split_at_checked(length)
        .filter(|_| (1..=9).contains(&length))?;
    let place =
        |(sum, unit): (i64, i64), byte: &u8| (sum + unit * i64::from(byte - b'0'), unit / 10);
    Some((head.iter().fold((0, 100), place).0, rest))
}

/// The offset from UTC in minutes; it ends the text.
fn offset(text: &[u8]) -> Option<i64> {
    match text.split_first()? {
        (b'Z' | b'z', []) => Some(0),
        (sign @ (b'+' | b'-'), rest) => {
            let (hours, rest) = digits(rest, 2)?;
            let (minutes, rest) = part(rest, b":")?;
            let fine = rest.is_empty() && hours <= 23 && minutes <= 59;
            let total = hours * 60 + minutes;
            fine.then_some(if *sign == b'-' { -total } else { total })
        }
        _ => None,
    }
}

fn instant(text: &[u8]) -> Option<i64> {
    let ((year, month, day), rest) = date(text)?;
    let (hour, rest) = part(rest, b"Tt ")?;
    let (minute, rest) = part(rest, b":")?;
    let (second, rest) = part(rest, b":")?;
    let (millis, rest) = fraction(rest)?;
    let offset = offset(rest)?;
    // A leap second counts as the one before it.
    let second = if second == 60 { 59 } else { second };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let minutes = hour * 60 + minute - offset;
    Some(days_from_civil(year, month, day) * DAY_MS + minutes * 60_000 + second * 1000 + millis)
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let millis = instant(text.as_bytes()).ok_or(InvalidTimestamp)?;
        let time = Self::from_millis(millis);
        if time.as_millis() == millis {
            Ok(time)
        } else {
            Err(InvalidTimestamp)
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (
            self.as_millis().div_euclid(DAY_MS),
            self.as_millis().rem_euclid(DAY_MS),
        );
        let (year, month, day) = civil_from_days(days);
        let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        match rest % 1000 {
            0 => f.write_str("Z"),
            it if it % 100 == 0 => write!(f, ".{}Z", it / 100),
            it if it % 10 == 0 => write!(f, ".{:02}Z", it / 10),
            it => write!(f, ".{it:03}Z"),
        }
    }
}

impl FromStr for Day {
    type Err = InvalidDay;
    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        match date(text.as_bytes()) {
            Some((parts, [])) => Ok(Self::of(parts)),
            _ => Err(InvalidDay),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_of_rfc_3339_are_read_and_no_others() {
        for (text, same) in [
            ("2026-01-31t08:00:00z", "2026-01-31T08:00:00Z"),
            ("2026-01-31 08:00:00.5+08:00", "2026-01-31T00:00:00.5Z"),
            (
                "2024-02-29T23:59:60.123456789-01:30",
                "2024-03-01T01:29:59.123Z",
            ),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ] {
            let time: Timestamp = text.parse().expect(text);
            assert_eq!(time.to_string(), same, "{text}");
        }
        for text in [
            "2026-02-29T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T08:60:00Z",
            "2026-01-31T08:00:61Z",
            "2026-01-31T08:00:00",
            "2026-01-31T08:00Z",
            "2026-01-31T08:00:00.Z",
            "2026-01-31T08:00:00.1234567890Z",
            "2026-01-31T08:00:00+0800",
            "2026-01-31T08:00:00+24:00",
            "+2026-01-31T08:00:00Z",
            "2026-01-31T08:00:00ZZ",
            "2026-1-31T08:00:00Z",
            "２０２６-01-31T08:00:00Z",
            "9999-12-31T00:00:00Z",
            "0000-12-31T23:59:59Z",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(InvalidTimestamp), "{text}");
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "2026-01-01T",
            "",
            "01-01-2026",
        ] {
            assert_eq!(text.parse::<Day>(), Err(InvalidDay), "{text}");
        }
        assert_eq!(
            "2024-02-29".parse::<Day>().map(|it| it.to_string()),
            Ok("2024-02-29".to_owned())
        );
    }

    proptest! {
        #[test]
        fn texts_are_the_librarys(millis in Timestamp::MIN.as_millis()..=Timestamp::MAX.as_millis()) {
            let ours = Timestamp::from_millis(millis);
            let theirs = jiff::Timestamp::from_millisecond(millis).expect("in range");
            prop_assert_eq!(ours.to_string(), theirs.to_string());
            prop_assert_eq!(theirs.to_string().parse::<Timestamp>(), Ok(ours));
            let date = jiff::tz::TimeZone::UTC.to_datetime(theirs).date();
            prop_assert_eq!(Day::from(date).to_string(), date.to_string());
            prop_assert_eq!(date.to_string().parse::<Day>().map(|it| it.date()), Ok(date));
        }

        #[test]
        fn what_we_read_the_library_reads_alike(text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,9})?(Z|[+-][0-2][0-9]:[0-5][0-9])") {
            if let Ok(ours) = text.parse::<Timestamp>() {
                let theirs: jiff::Timestamp = text.parse().expect("the library reads it");
                let millis = theirs.as_nanosecond().div_euclid(1_000_000);
                prop_assert_eq!(i128::from(ours.as_millis()), millis);
            }
        }
    }
}
