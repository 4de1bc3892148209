//! The two languages: which one is shown, and the texts.
//!
//! A change of language mounts the pages anew, so inside a page the language is a plain value
//! and a text is a plain string.

use leptos::prelude::*;
use shared::text::Locale;

use crate::ui::browser;

/// One function for each key of `locales/`, written by the build script.
#[expect(
    missing_docs,
    non_camel_case_types,
    reason = "the texts are their own documentation, and a key names its function and arguments"
)]
pub mod text {
    include!(concat!(env!("OUT_DIR"), "/text.rs"));
}

/// The text of a key in a language: `tr!(locale, home.title)`, `tr!(locale, home.gap, n = 5)`.
#[macro_export]
macro_rules! tr {
    ($locale:expr, $group:ident . $key:ident) => {
        $crate::i18n::text::$group::$key($locale)
    };
    ($locale:expr, $group:ident . $key:ident, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::i18n::text::$group::$key(
            $locale,
            $crate::i18n::text::$group::$key { $($name: &$value),+ },
        )
    };
}

/// Where the choice is kept; the shells read the same name, and say which language it is.
const KEY: &str = "coterie.locale";

/// The chosen language.
#[derive(Clone, Copy)]
pub struct Language(RwSignal<Locale>);

impl Language {
    /// What the shell has found: what a host asks for, the saved choice, or the browser's first
    /// language that we have.
    #[must_use]
    pub fn start() -> Self {
        let found = browser::marked("lang").and_then(|it| Locale::from_tag(&it));
        Self(RwSignal::new(found.unwrap_or_default()))
    }

    /// The language, and a subscription to its change.
    #[must_use]
    pub fn get(self) -> Locale {
        self.0.get()
    }

    /// The language, now.
    #[must_use]
    pub fn now(self) -> Locale {
        self.0.get_untracked()
    }

    /// Shows everything in `locale`, and again at the next visit.
    pub fn choose(self, locale: Locale) {
        browser::save(KEY, locale.tag());
        self.show(locale);
    }

    /// Shows everything in `locale` for now.
    pub fn show(self, locale: Locale) {
        browser::mark("lang", locale.tag());
        if self.now() != locale {
            self.0.set(locale);
        }
    }
}

/// The language of the page that is being built.
#[must_use]
pub fn locale() -> Locale {
    expect_context::<Language>().now()
}

/// What a language is called in itself.
#[must_use]
pub const fn own_name(locale: Locale) -> &'static str {
    match locale {
        Locale::ZhCn => "简体中文",
        Locale::En => "English",
    }
}
