//! Numbers as people type them: with decimals, while the wire has whole units.

/// A typed number with at most `places` decimals as whole units; `None` for anything else.
#[must_use]
pub fn units(text: &str, places: u32) -> Option<i64> {
    let text = text.trim().replace([',', '+'], "").replace('−', "-");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let places = places as usize;
    let plain = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(part) || part.len() > places {
        return None;
    }
    let all: i64 = format!("{whole}{part:0<places$}").parse().ok()?;
    Some(if negative { -all } else { all })
}

/// Whole units as a number to type over: no grouping, no needless zeros after the point.
#[must_use]
pub fn typed(value: i64, places: u32) -> String {
    let scale = 10_u64.pow(places.min(9));
    let (sign, size) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    let (whole, part) = (size / scale, size % scale);
    if part == 0 {
        return format!("{sign}{whole}");
    }
    let part = format!("{part:0>width$}", width = places as usize);
    format!("{sign}{whole}.{}", part.trim_end_matches('0'))
}

/// What clocks show, such as `07:30`, as minutes after midnight.
#[must_use]
pub fn minutes(clock: &str) -> Option<i64> {
    let (hours, minutes) = clock.split_once(':')?;
    let hours = units(hours, 0).filter(|it| (0..24).contains(it))?;
    let minutes = units(minutes, 0).filter(|it| (0..60).contains(it))?;
    Some(hours * 60 + minutes)
}

/// Minutes after midnight as clocks show them.
#[must_use]
pub fn clock(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::{clock, minutes, typed, units};

    #[test]
    fn what_clocks_show_is_minutes_after_midnight() {
        for (text, expected) in [
            ("00:00", Some(0)),
            ("07:30", Some(450)),
            ("23:59", Some(1439)),
            ("24:00", None),
            ("12:60", None),
            ("noon", None),
            ("", None),
        ] {
            assert_eq!(minutes(text), expected, "{text}");
            assert_eq!(expected.map(clock), expected.map(|_| text.to_owned()));
        }
    }

    #[test]
    fn typed_numbers_become_units() {
        for (text, places, expected) in [
            ("500", 0, Some(500)),
            ("+500", 0, Some(500)),
            ("-500", 0, Some(-500)),
            ("−500", 0, Some(-500)),
            (" 1,200 ", 0, Some(1200)),
            ("12.5", 2, Some(1250)),
            ("12.05", 2, Some(1205)),
            ("12", 2, Some(1200)),
            ("-0.01", 2, Some(-1)),
            ("0", 0, Some(0)),
            ("0.00", 2, Some(0)),
            ("12.5", 0, None),
            ("12.005", 2, None),
            ("", 0, None),
            ("-", 0, None),
            ("1e3", 0, None),
            ("--5", 0, None),
            ("99999999999999999999", 0, None),
        ] {
            assert_eq!(units(text, places), expected, "{text} with {places} places");
        }
    }

    #[test]
    fn units_are_shown_as_they_would_be_typed() {
        for (value, places, expected) in [
            (500, 0, "500"),
            (-500, 0, "-500"),
            (1250, 2, "12.5"),
            (1205, 2, "12.05"),
            (1200, 2, "12"),
            (-1, 2, "-0.01"),
            (15_000, 4, "1.5"),
            (0, 4, "0"),
        ] {
            assert_eq!(typed(value, places), expected);
            assert_eq!(units(expected, places), Some(value), "and back");
        }
    }
}
