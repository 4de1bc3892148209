//! Reading amounts as people write them.

use shared::quantity::{Currency, MAX_AMOUNT};

/// Minor units of a decimal such as `12.30`; exact, so `12.305` of a currency with two digits is
/// refused rather than rounded.
pub(super) fn minor_units(text: &str, currency: Currency) -> Option<i64> {
    let digits = currency.minor_digits() as usize;
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = if part.len() > digits {
        part.trim_end_matches('0')
    } else {
        part
    };
    let plain = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    if whole.is_empty() || whole.len() > 13 || part.len() > digits || !plain(whole) || !plain(part)
    {
        return None;
    }
    let minor: i64 = format!("{whole}{part:0<digits$}").parse().ok()?;
    (minor <= MAX_AMOUNT).then_some(minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let usd = "USD".parse().expect("currency");
        let jpy = "JPY".parse().expect("currency");
        for (text, minor) in [
            ("11.77", Some(1177)),
            ("12", Some(1200)),
            ("12.", Some(1200)),
            ("12.3", Some(1230)),
            ("0.00", Some(0)),
            ("12.300", Some(1230)),
            ("12.305", None),
            ("-1.00", None),
            ("1e3", None),
            ("", None),
            (".5", None),
            ("1,000.00", None),
            ("10000000000.01", None),
            ("10000000000.00", Some(MAX_AMOUNT)),
        ] {
            assert_eq!(minor_units(text, usd), minor, "{text}");
        }
        assert_eq!(minor_units("1200", jpy), Some(1200));
        assert_eq!(minor_units("1200.5", jpy), None);
    }
}
