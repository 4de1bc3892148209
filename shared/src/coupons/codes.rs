//! Codes that people read and type: no letters that look alike, and a check character.

/// The characters of a code: 29, a prime, so that the check character finds every wrong character
/// and every two that changed places. Without 0, 1, I, L, O, U and Z.
const ALPHABET: &[u8; 29] = b"23456789ABCDEFGHJKMNPQRSTVWXY";
/// Characters of a code before the check character.
const BODY_LEN: usize = 11;
/// Characters of a code, without the hyphens that it is shown with.
pub const CODE_LEN: usize = BODY_LEN + 1;
/// How many codes there are: 29 to the 11th power, so that guessing does not pay.
pub const CODE_SPACE: u64 = 12_200_509_765_705_829;
/// Shortest code that the shop may bring.
pub const FOREIGN_LEN_MIN: usize = 4;
/// Longest code that the shop may bring.
pub const FOREIGN_LEN_MAX: usize = 40;

/// The code with this number; numbers from [`CODE_SPACE`] on begin again.
#[must_use]
pub fn code(number: u64) -> String {
    let mut rest = number % CODE_SPACE;
    let mut values = [0usize; BODY_LEN];
    for value in values.iter_mut().rev() {
        *value = usize::try_from(rest % 29).unwrap_or(0);
        rest /= 29;
    }
    let mut text: String = values.iter().map(|it| char::from(ALPHABET[*it])).collect();
    text.push(char::from(ALPHABET[check_value(&values)]));
    text
}

/// The weighted sum of the characters. Every weight is different and none divides 29.
fn check_value(values: &[usize]) -> usize {
    let places = values.iter().enumerate();
    places.map(|(i, it)| (i + 1) * it).sum::<usize>() % 29
}

/// A code as it is kept: capital letters and digits, whatever hyphens and spaces it was typed
/// with. `None` when it cannot be a code.
#[must_use]
pub fn normalise(text: &str) -> Option<String> {
    let kept: String = text
        .chars()
        .take(4 * FOREIGN_LEN_MAX)
        .filter(|it| !it.is_whitespace() && *it != '-')
        .map(|it| it.to_ascii_uppercase())
        .collect();
    let fine = (FOREIGN_LEN_MIN..=FOREIGN_LEN_MAX).contains(&kept.len())
        && kept.bytes().all(|it| it.is_ascii_alphanumeric());
    fine.then_some(kept)
}

/// Whether a normalised code has the shape of ours but a wrong check character: a slip of the
/// finger, not a guess.
#[must_use]
pub fn is_mistyped(code: &str) -> bool {
    let values: Option<Vec<usize>> = code
        .bytes()
        .map(|it| ALPHABET.iter().position(|known| *known == it))
        .collect();
    values.is_some_and(|it| it.len() == CODE_LEN && check_value(&it[..BODY_LEN]) != it[BODY_LEN])
}

/// A code as people read it, in groups of four.
#[must_use]
pub fn grouped(code: &str) -> String {
    if code.len() != CODE_LEN || !code.is_ascii() {
        return code.to_owned();
    }
    format!("{}-{}-{}", &code[..4], &code[4..8], &code[8..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_space_is_what_the_alphabet_makes() {
        assert_eq!(CODE_SPACE, 29u64.pow(11));
        assert_eq!(code(0), "222222222222");
        assert_eq!(code(CODE_SPACE), code(0));
        assert_eq!(grouped(&code(CODE_SPACE - 1)), "YYYY-YYYY-YYYQ");
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        for (typed, kept) in [
            (" 2222-2222 2222 ", Some("222222222222")),
            ("save10", Some("SAVE10")),
            ("abc", None),
            ("a\u{e9}bcd", None),
            ("=cmd|x", None),
            ("", None),
        ] {
            assert_eq!(normalise(typed).as_deref(), kept, "{typed}");
        }
        assert_eq!(normalise(&"A".repeat(41)), None);
    }

    proptest! {
        #[test]
        fn one_slip_is_always_found(number in 0..CODE_SPACE, place in 0usize..12, other in 0usize..29) {
            let right = code(number);
            prop_assert!(!is_mistyped(&right));
            let mut wrong = right.clone().into_bytes();
            wrong[place] = ALPHABET[other];
            let wrong = String::from_utf8(wrong).expect("ASCII");
            prop_assert_eq!(is_mistyped(&wrong), wrong != right);
            if place + 1 < BODY_LEN {
                let mut swapped = right.clone().into_bytes();
                swapped.swap(place, place + 1);
                let swapped = String::from_utf8(swapped).expect("ASCII");
                prop_assert_eq!(is_mistyped(&swapped), swapped != right);
            }
        }

        #[test]
        fn codes_differ_and_sort_like_their_numbers(a in 0..CODE_SPACE, b in 0..CODE_SPACE) {
            prop_assert_eq!(a.cmp(&b), code(a).cmp(&code(b)));
        }
    }
}
