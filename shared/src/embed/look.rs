//! Colours that a host asks for, and whether people can read what is written in them.

use crate::programme::brand::{CONTRAST_MIN, Colour, contrast_floor, readings};

/// How much of the accent is in the soft ground beneath it, in hundredths.
const SOFT: u32 = 12;

/// An accent in one theme: itself, and the soft ground that it also stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accent {
    /// The colour as `#rrggbb`.
    pub act: String,
    /// The soft ground as `#rrggbb`.
    pub soft: String,
}

/// The accent that `text` names, with or without its `#`, in the light theme or the dark one;
/// `None` when it is no colour, or cannot be read on the pages.
#[must_use]
pub fn accent(text: &str, dark: bool) -> Option<Accent> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    let act = format!("#{}", digits.to_ascii_lowercase());
    let colour = Colour::parse(&act)?;
    let read = readings(colour, dark);
    if read.iter().any(|it| it.contrast < CONTRAST_MIN) {
        return None;
    }
    let ground = match dark {
        false => Colour::new(0xff, 0xff, 0xff),
        true => Colour::new(0x1f, 0x1f, 0x1c),
    };
    let soft = colour.over(ground, SOFT);
    let soft = match contrast_floor(colour, soft) >= CONTRAST_MIN {
        true => soft,
        false => ground,
    };
    Some(Accent {
        act,
        soft: soft.text(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_colours_that_can_be_read_are_taken() {
        let green = accent("1D5B45", false).expect("ours");
        assert_eq!(green.act, "#1d5b45");
        assert_eq!(accent("#1d5b45", false), Some(green));
        for (text, dark) in [
            ("#1d5b45", true),
            ("#8fd6b8", false),
            ("#ffffff", false),
            ("#000000", true),
            ("red", false),
            ("", false),
            ("##1d5b45", false),
            ("#1d5b45;}", false),
            ("url(x)", false),
        ] {
            assert_eq!(accent(text, dark), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_can_be_read_on_its_soft_ground(parts: [u8; 3], dark: bool) {
            let text = format!("#{:02x}{:02x}{:02x}", parts[0], parts[1], parts[2]);
            if let Some(it) = accent(&text, dark) {
                let (act, soft) = (Colour::parse(&it.act), Colour::parse(&it.soft));
                let contrast = act.zip(soft).map(|(a, b)| contrast_floor(a, b));
                prop_assert!(contrast >= Some(CONTRAST_MIN), "{contrast:?}");
            }
        }
    }
}
