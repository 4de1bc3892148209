//! Integer quantities: money in minor units, rates in basis points, exact shares.
//!
//! Every rounding happens once, in a function whose name says the direction.

/// The largest amount of points, growth or minor units that one request may carry.
/// A million such amounts still fit a signed 64-bit integer, and each fits a JavaScript number.
pub const MAX_AMOUNT: i64 = 1_000_000_000_000;

/// One whole in basis points.
pub const WHOLE_BPS: i64 = 10_000;

/// Three capital letters of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

/// The text is not three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an ISO 4217 code such as CNY")]
pub struct InvalidCurrency;

impl Currency {
    /// The code, such as `CNY`.
    #[must_use]
    pub fn code(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimal digits the minor unit has (ISO 4217): 0 for JPY, 3 for KWD, else 2.
    #[must_use]
    pub fn minor_digits(&self) -> u32 {
        match self.code() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF"
            | "UGX" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            _ => 2,
        }
    }

    /// An amount of minor units for people: `¥1,234.50`, `USD 12.00`, `JPY 500`. The same in every
    /// language of the product.
    #[must_use]
    pub fn format(&self, minor: i64) -> String {
        let sign = if minor < 0 { "-" } else { "" };
        let unit = self.minor_per_major().unsigned_abs();
        let (major, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
        let symbol = match self.code() {
            "CNY" => "¥".to_owned(),
            code => format!("{code} "),
        };
        let digits = self.minor_digits() as usize;
        let decimals = if digits == 0 {
            String::new()
        } else {
            format!(".{rest:0digits$}")
        };
        format!("{sign}{symbol}{}{decimals}", grouped_digits(major))
    }

    /// An amount of minor units for machines: `1234.50`, `500` of a currency without minor units.
    #[must_use]
    pub fn plain(&self, minor: i64) -> String {
        let sign = if minor < 0 { "-" } else { "" };
        let unit = self.minor_per_major().unsigned_abs();
        let (major, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
        match self.minor_digits() as usize {
            0 => format!("{sign}{major}"),
            digits => format!("{sign}{major}.{rest:0digits$}"),
        }
    }

    /// Minor units in one major unit: 100 fen in a yuan.
    #[must_use]
    pub fn minor_per_major(&self) -> i64 {
        10i64.pow(self.minor_digits())
    }
}

impl core::str::FromStr for Currency {
    type Err = InvalidCurrency;
    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        match text.as_bytes() {
            [a, b, c] if text.bytes().all(|it| it.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(InvalidCurrency),
        }
    }
}

impl core::fmt::Display for Currency {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.code())
    }
}

impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl<'de> serde::Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Currency {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^[A-Z]{3}$"))
            .examples(["CNY"])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Currency {}

/// A whole number for people, with a comma between thousands: `-1,234,567`.
#[must_use]
pub fn grouped(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", grouped_digits(number.unsigned_abs()))
}

fn grouped_digits(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `amount * numerator / denominator`, rounded down, in 128 bits so that it cannot overflow on
/// the way. `None` when the result does not fit or the denominator is not positive.
#[must_use]
pub fn scale_floor(amount: i64, numerator: i64, denominator: i64) -> Option<i64> {
    if denominator <= 0 {
        return None;
    }
    let exact = i128::from(amount) * i128::from(numerator);
    i64::try_from(exact.div_euclid(i128::from(denominator))).ok()
}

/// Splits `total` over `weights` exactly: each share is at most one unit from its exact
/// proportion and the shares add up to `total` (largest-remainder method; ties go to the earlier
/// place). All weights zero: everything goes to the first place.
///
/// `total` and the weights must not be negative, and their products must fit 128 bits; an empty
/// list gives an empty answer.
#[must_use]
pub fn split_largest_remainder(total: i64, weights: &[i128]) -> Vec<i64> {
    debug_assert!(
        total >= 0 && weights.iter().all(|it| *it >= 0),
        "shares are of whole amounts"
    );
    let sum: i128 = weights.iter().sum();
    if sum == 0 {
        let mut shares = vec![0; weights.len()];
        if let Some(first) = shares.first_mut() {
            *first = total;
        }
        return shares;
    }
    let exact = |weight: &i128| i128::from(total) * weight;
    let mut shares: Vec<i64> = weights
        .iter()
        .map(|it| i64::try_from(exact(it) / sum).unwrap_or(i64::MAX))
        .collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|it| core::cmp::Reverse(exact(&weights[*it]) % sum));
    let missing = total - shares.iter().sum::<i64>();
    for place in by_remainder
        .into_iter()
        .take(usize::try_from(missing).unwrap_or(0))
    {
        shares[place] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_are_exact() {
        for (total, weights, shares) in [
            (100, vec![1, 1, 1], vec![34, 33, 33]),
            (10, vec![0, 5, 5], vec![0, 5, 5]),
            (7, vec![0, 0], vec![7, 0]),
            (0, vec![3, 4], vec![0, 0]),
            (5, vec![], vec![]),
            (1, vec![1, 2], vec![0, 1]),
        ] {
            assert_eq!(
                split_largest_remainder(total, &weights),
                shares,
                "{total} {weights:?}"
            );
        }
    }

    #[test]
    fn scaling_rounds_down_and_never_overflows() {
        assert_eq!(scale_floor(199, 150, 100), Some(298));
        assert_eq!(scale_floor(-1, 1, 2), Some(-1));
        assert_eq!(scale_floor(i64::MAX, i64::MAX, 1), None);
        assert_eq!(scale_floor(1, 1, 0), None);
        assert_eq!(scale_floor(i64::MAX, 2, 2), Some(i64::MAX));
    }

    #[test]
    fn amounts_are_written_for_people() {
        for (code, minor, text) in [
            ("CNY", 0, "¥0.00"),
            ("CNY", 123_456_789, "¥1,234,567.89"),
            ("CNY", -5, "-¥0.05"),
            ("USD", 1_200, "USD 12.00"),
            ("JPY", 1_500, "JPY 1,500"),
            ("KWD", 1_005, "KWD 1.005"),
        ] {
            let currency: Currency = code.parse().expect("a currency");
            assert_eq!(currency.format(minor), text);
        }
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (-123_456, "-123,456"),
            (i64::MIN, "-9,223,372,036,854,775,808"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    proptest! {
        #[test]
        fn shares_add_up_and_stay_near(
            total in 0..=MAX_AMOUNT,
            weights in proptest::collection::vec(0..=i128::from(MAX_AMOUNT), 1..20),
        ) {
            let shares = split_largest_remainder(total, &weights);
            prop_assert_eq!(shares.iter().sum::<i64>(), total);
            let sum: i128 = weights.iter().sum();
            if sum > 0 {
                for (share, weight) in shares.iter().zip(&weights) {
                    let off = i128::from(*share) * sum - i128::from(total) * weight;
                    prop_assert!(off.abs() < sum, "{} of {}", share, weight);
                }
            }
        }
    }
}
