//! What the page and its host say to each other: one envelope both ways.

use serde::{Deserialize, Serialize};

/// The version of the envelope.
pub const VERSION: u32 = 1;

/// What a host says: `{"v": 1, "id": "…", "type": "code", "payload": {"code": "…"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FromHost {
    /// The version; anything but [`VERSION`] is not understood.
    pub v: u32,
    /// Which message of the page this answers, if it answers one.
    #[serde(default)]
    pub id: Option<String>,
    /// What it is: one of [`Said`].
    #[serde(rename = "type")]
    pub kind: String,
    /// What belongs to it.
    #[serde(default)]
    pub payload: Payload,
}

/// What may belong to a message of a host; what is not of its kind is not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Payload {
    /// A new code, for `code`; or the address `/e/…` that it came in.
    pub code: Option<String>,
    /// `light`, `dark` or `auto`, for `theme`.
    pub theme: Option<String>,
    /// A language, for `theme`.
    pub lang: Option<String>,
    /// `compact` or `roomy`, for `theme`.
    pub density: Option<String>,
    /// `#rrggbb` on a light ground, for `theme`.
    pub accent_light: Option<String>,
    /// `#rrggbb` on a dark ground, for `theme`.
    pub accent_dark: Option<String>,
}

/// What a host can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A new code, after `auth.expired`.
    Code(String),
    /// How it wants the page to look.
    Theme(Payload),
    /// Something has changed: ask for the data again.
    Refresh,
    /// The person wants back.
    Back,
}

/// Longest code that is looked at.
const CODE_MAX: usize = 200;

impl FromHost {
    /// What it says; `None` when it is of another version, unknown or not whole.
    #[must_use]
    pub fn said(self) -> Option<Said> {
        if self.v != VERSION {
            return None;
        }
        match self.kind.as_str() {
            "code" => self.payload.code.and_then(code_in).map(Said::Code),
            "theme" => Some(Said::Theme(self.payload)),
            "refresh" => Some(Said::Refresh),
            "back" => Some(Said::Back),
            _ => None,
        }
    }
}

/// The code of a text that is one, or of the address that it came in.
fn code_in(text: String) -> Option<String> {
    let code = match text.split_once("/e/") {
        Some((_, rest)) => rest
            .split(['?', '#', '/'])
            .next()
            .unwrap_or_default()
            .to_owned(),
        None => text,
    };
    let plain = code
        .bytes()
        .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'));
    (plain && !code.is_empty() && code.len() <= CODE_MAX).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<Said> {
        let read = serde_json::from_str::<FromHost>(text);
        read.ok().and_then(FromHost::said)
    }

    #[test]
    fn a_host_is_understood_or_not_heard() {
        let code = |it: &str| Some(Said::Code(it.to_owned()));
        for (text, expected) in [
            (r#"{"v":1,"id":"1","type":"refresh"}"#, Some(Said::Refresh)),
            (r#"{"v":1,"type":"back","payload":{}}"#, Some(Said::Back)),
            (
                r#"{"v":1,"type":"code","payload":{"code":"a-B_9"}}"#,
                code("a-B_9"),
            ),
            (
                r#"{"v":1,"type":"code","payload":{"code":"https://club.example/e/abc?theme=dark"}}"#,
                code("abc"),
            ),
            (r#"{"v":1,"type":"code","payload":{"code":""}}"#, None),
            (
                r#"{"v":1,"type":"code","payload":{"code":"../../x"}}"#,
                None,
            ),
            (
                r#"{"v":1,"type":"code","payload":{"code":"javascript:alert(1)"}}"#,
                None,
            ),
            (r#"{"v":1,"type":"code"}"#, None),
            (r#"{"v":2,"type":"refresh"}"#, None),
            (
                r#"{"v":1,"type":"navigate","payload":{"url":"https://evil.example"}}"#,
                None,
            ),
            (r#"{"type":"refresh"}"#, None),
            (r#"{"v":1,"type":"refresh","payload":5}"#, None),
            (r#""refresh""#, None),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
        let Some(Said::Theme(payload)) =
            said(r#"{"v":1,"type":"theme","payload":{"theme":"dark","other":1}}"#)
        else {
            panic!("a theme");
        };
        assert_eq!(payload.theme.as_deref(), Some("dark"));
    }
}
