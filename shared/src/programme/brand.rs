//! The shop's colours, and whether people can read what is written in them.

use crate::problem::FieldError;
use serde::{Deserialize, Serialize};

/// The shop's accent colours; absent ones are Coterie's own.
///
/// The accent is what acts: buttons are filled with it, links are written in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Brand {
    /// On a light ground: `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent_light: Option<String>,
    /// On a dark ground: `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent_dark: Option<String>,
}

/// A colour without transparency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// Smallest contrast of text with what is behind it, in hundredths (WCAG 2.2, 1.4.3 AA).
pub const CONTRAST_MIN: u32 = 450;

/// What an accent stands on or beside, in each theme, as in the style sheets.
const LIGHT: [(&str, Colour); 3] = [
    ("the page", Colour::new(0xf5, 0xf5, 0xf2)),
    ("cards", Colour::new(0xff, 0xff, 0xff)),
    ("the text on it", Colour::new(0xff, 0xff, 0xff)),
];
const DARK: [(&str, Colour); 3] = [
    ("the page", Colour::new(0x14, 0x14, 0x12)),
    ("cards", Colour::new(0x1f, 0x1f, 0x1c)),
    ("the text on it", Colour::new(0x0c, 0x20, 0x19)),
];

impl Colour {
    /// A colour from its parts.
    #[must_use]
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// The colour that a text such as `#1d5b45` names; `None` when it names none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
            return None;
        }
        let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Self::new(part(0)?, part(2)?, part(4)?))
    }

    /// The colour as `#rrggbb`.
    #[must_use]
    pub fn text(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    /// So many hundredths of this colour over another.
    #[must_use]
    pub fn over(self, ground: Self, hundredths: u32) -> Self {
        let part = |own: u8, below: u8| {
            let share = hundredths.min(100);
            let mixed = (u32::from(own) * share + u32::from(below) * (100 - share)) / 100;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Self::new(
            part(self.red, ground.red),
            part(self.green, ground.green),
            part(self.blue, ground.blue),
        )
    }

    /// How bright it looks, from 0 to 1 (WCAG 2.2, relative luminance).
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

/// The contrast of two colours in hundredths, rounded down: 100 when they are the same, 2,100 for
/// black on white.
#[must_use]
pub fn contrast_floor(one: Colour, other: Colour) -> u32 {
    let (a, b) = (one.luminance(), other.luminance());
    let ratio = (a.max(b) + 0.05) / (a.min(b) + 0.05);
    // What arithmetic loses in the last place must not turn 4.5 into 4.49.
    (ratio * 100.0 + 1e-9) as u32
}

/// How an accent reads against one of its grounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// What it is read against.
    pub against: &'static str,
    /// The contrast in hundredths.
    pub contrast: u32,
}

/// How an accent reads against everything that it stands on, in the light theme or the dark one.
#[must_use]
pub fn readings(accent: Colour, dark: bool) -> [Reading; 3] {
    let grounds = if dark { DARK } else { LIGHT };
    grounds.map(|(against, ground)| Reading {
        against,
        contrast: contrast_floor(accent, ground),
    })
}

/// Checks colours before they are kept. An empty answer means they are fine.
#[must_use]
pub fn check_brand(brand: &Brand) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (pointer, accent, dark) in [
        ("/brand/accent_light", &brand.accent_light, false),
        ("/brand/accent_dark", &brand.accent_dark, true),
    ] {
        let Some(text) = accent else { continue };
        let Some(colour) = Colour::parse(text) else {
            errors.push(FieldError::new(
                pointer,
                "invalid",
                "expected a colour such as #1d5b45",
            ));
            continue;
        };
        let worst = readings(colour, dark)
            .into_iter()
            .min_by_key(|it| it.contrast);
        if let Some(worst) = worst.filter(|it| it.contrast < CONTRAST_MIN) {
            let (whole, rest) = (worst.contrast / 100, worst.contrast % 100);
            errors.push(FieldError::new(
                pointer,
                "low_contrast",
                format!(
                    "contrast with {} is {whole}.{rest:02}; expected 4.50 or more",
                    worst.against
                ),
            ));
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).expect("a colour")
    }

    #[test]
    fn contrast_is_as_the_guidelines_reckon_it() {
        for (one, other, expected) in [
            ("#000000", "#ffffff", 2_100),
            ("#ffffff", "#ffffff", 100),
            ("#777777", "#ffffff", 447),
            ("#767676", "#ffffff", 454),
            ("#0000ff", "#ffffff", 859),
            ("#ff0000", "#ffffff", 399),
            ("#00ff00", "#ffffff", 137),
        ] {
            assert_eq!(
                contrast_floor(colour(one), colour(other)),
                expected,
                "{one} {other}"
            );
        }
    }

    #[test]
    fn colours_are_six_hexadecimal_digits() {
        assert_eq!(
            Colour::parse("#1D5b45"),
            Some(Colour::new(0x1d, 0x5b, 0x45))
        );
        for odd in [
            "", "#", "#fff", "1d5b45", "#1d5b4", "#1d5b455", "#1d5b4g", "#+1d5b4", "#äöü",
        ] {
            assert_eq!(Colour::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn an_accent_that_cannot_be_read_is_refused() {
        let brand = |light: &str, dark: &str| Brand {
            accent_light: Some(light.to_owned()),
            accent_dark: Some(dark.to_owned()),
        };
        assert_eq!(check_brand(&Brand::default()), []);
        assert_eq!(check_brand(&brand("#1d5b45", "#8fd6b8")), []);
        let found: Vec<_> = check_brand(&brand("#8fd6b8", "#1d5b45"))
            .into_iter()
            .map(|it| (it.pointer, it.code))
            .collect();
        let low = |it: &str| (it.to_owned(), "low_contrast".to_owned());
        assert_eq!(
            found,
            [low("/brand/accent_light"), low("/brand/accent_dark")]
        );
        let found = check_brand(&brand("green", "#8fd6b8"));
        assert_eq!(found[0].code, "invalid");
    }

    proptest! {
        #[test]
        fn contrast_does_not_depend_on_the_order(a: [u8; 3], b: [u8; 3]) {
            let (a, b) = (Colour::new(a[0], a[1], a[2]), Colour::new(b[0], b[1], b[2]));
            let contrast = contrast_floor(a, b);
            prop_assert_eq!(contrast, contrast_floor(b, a));
            prop_assert!((100..=2_100).contains(&contrast));
        }
    }
}
