//! Text in both languages of the product.

use serde::{Deserialize, Serialize};

/// A language that the pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Locale {
    /// Simplified Chinese, the default.
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Locale {
    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language for a BCP 47 tag, by its first part; `None` for a language we do not have.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::ZhCn),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

/// One text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Text {
    /// The text in Simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
    /// The text in English.
    pub en: String,
}

impl Text {
    /// A text from its two versions.
    pub fn new(zh_cn: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh_cn: zh_cn.into(),
            en: en.into(),
        }
    }

    /// The version in `locale`.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::ZhCn => &self.zh_cn,
            Locale::En => &self.en,
        }
    }
}

/// Longest address, in bytes.
const MAX_ADDRESS: usize = 2000;

/// Whether a text is made of what can be in an address.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_graphic())
}

/// Whether a text is an address that a page may lead to: `https://` and a host, not the name of
/// somebody at a host.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://");
    let host = rest.map(|it| it.split(['/', '?', '#']).next().unwrap_or_default());
    let host = host.is_some_and(|it| {
        it.starts_with(|it: char| it.is_ascii_alphanumeric()) && !it.contains('@')
    });
    host && text.len() <= MAX_ADDRESS && is_plain(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_nothing_before_it() {
        for (text, expected) in [
            ("https://shop.example/a?b=c", true),
            ("https://shop.example", true),
            ("http://shop.example/", false),
            ("https://", false),
            ("https:///a", false),
            ("https://shop.example@evil.example/", false),
            ("https://shop.example/a b", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(is_web_address(text), expected, "{text}");
        }
        assert!(!is_web_address(&format!(
            "https://shop.example/{}",
            "a".repeat(2000)
        )));
    }
}
