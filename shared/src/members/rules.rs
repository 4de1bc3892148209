//! Decisions about a member's record: what a valid e-mail, phone, name, password and birthday is.

use crate::ids::MemberId;
use crate::problem::{ErrorCode, FieldError};
use crate::sessions::api::{PASSWORD_MAX, PASSWORD_MIN};
use jiff::civil::Date;

/// Longest name, in characters.
pub const NAME_MAX: usize = 60;

/// The e-mail address as it is stored: trimmed and in lower case. `None` when it cannot be one.
/// Only what breaks every mail system is refused; whether it exists is for a message to find out.
#[must_use]
pub fn normalise_email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.rsplit_once('@')?;
    let visible =
        |it: &str| !it.is_empty() && !it.contains(|c: char| c.is_whitespace() || c.is_control());
    let dotted = domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.contains("..");
    (text.len() <= 254 && visible(local) && !local.contains('@') && visible(domain) && dotted)
        .then_some(text)
}

/// The phone number as it is stored: `+` and 7 to 15 digits (E.164). Spaces, dashes, dots and
/// brackets are dropped; `00` means `+`; a number without a country code gets `country_code`.
#[must_use]
pub fn normalise_phone(text: &str, country_code: &str) -> Option<String> {
    let kept: String = text
        .trim()
        .chars()
        .filter(|it| !" -.()".contains(*it))
        .collect();
    let digits = match (kept.strip_prefix('+'), kept.strip_prefix("00")) {
        (Some(rest), _) | (None, Some(rest)) => rest.to_owned(),
        (None, None) => format!("{country_code}{}", kept.trim_start_matches('0')),
    };
    let fine = (7..=15).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
    (fine && !digits.starts_with('0')).then(|| format!("+{digits}"))
}

/// The name as it is stored: trimmed, 1 to 60 characters, no control characters.
#[must_use]
pub fn normalise_name(text: &str) -> Option<String> {
    let text = text.trim();
    let fine =
        (1..=NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fine.then(|| text.to_owned())
}

/// A name that others may see: the first character and stars, so that a friend knows the person
/// and a stranger does not.
#[must_use]
pub fn masked_name(name: &str) -> String {
    let first = name.chars().next();
    first.map_or_else(String::new, |it| format!("{it}**"))
}

/// Checks a new password.
///
/// # Errors
/// The field error to answer with, at `/password`.
pub fn check_password(password: &str) -> Result<(), FieldError> {
    let length = password.chars().take(PASSWORD_MAX + 1).count();
    if (PASSWORD_MIN..=PASSWORD_MAX).contains(&length) {
        Ok(())
    } else {
        Err(FieldError::new(
            "/password",
            "out_of_range",
            "expected 8 to 128 characters",
        ))
    }
}

/// Decides a birthday that the member sets: once, and not in the future or over 120 years ago.
///
/// # Errors
/// [`ErrorCode::BirthdayAlreadySet`] when another one stands, [`ErrorCode::InvalidInput`] when it
/// cannot be one.
pub fn set_birthday(current: Option<Date>, wanted: Date, today: Date) -> Result<Date, ErrorCode> {
    match current {
        Some(set) if set == wanted => Ok(set),
        Some(_) => Err(ErrorCode::BirthdayAlreadySet),
        None if wanted > today || i32::from(today.year()) - i32::from(wanted.year()) > 120 => {
            Err(ErrorCode::InvalidInput)
        }
        None => Ok(wanted),
    }
}

/// What to call an erased member: the last characters of the id, which were chosen by chance.
#[must_use]
pub fn pseudonym(member: MemberId) -> String {
    let id = member.to_string();
    id[id.len() - 6..].to_uppercase()
}

/// The text without what names a person; `None` when it does not. Marks that are too short to be
/// told from ordinary words are left: what is that short names nobody.
#[must_use]
pub fn redact(text: &str, traces: &[String]) -> Option<String> {
    let mut clean = text.to_owned();
    for trace in traces.iter().filter(|it| it.chars().count() > 1) {
        clean = clean.replace(trace.as_str(), "…");
    }
    (clean != text).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_names_a_person_goes() {
        let traces = ["lin@example.com", "+8613800138000", "林", "Lin"].map(str::to_owned);
        for (text, clean) in [
            ("asked by lin@example.com", Some("asked by …")),
            ("Lin, +8613800138000", Some("…, …")),
            ("a complaint", None),
            ("森林", None),
        ] {
            assert_eq!(redact(text, &traces).as_deref(), clean, "{text}");
        }
    }

    #[test]
    fn a_pseudonym_is_short_and_tells_nothing() {
        let id = MemberId::from(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001));
        assert_eq!(pseudonym(id), "000001");
    }
}
