//! Light or dark, as the shopper chose or as the device has it.

use crate::ui::browser;
use leptos::prelude::*;

/// Where the choice is kept; the shells read the same name, and mark what they find.
const KEY: &str = "coterie.theme";
/// The mark.
const MARK: &str = "data-theme";

/// A choice of appearance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appearance {
    /// As the device has it.
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Appearance {
    /// All choices, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// The choice with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// The name in storage and in the style sheet.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The chosen appearance.
#[derive(Clone, Copy)]
pub struct Theme(RwSignal<Appearance>);

impl Theme {
    /// What the shell has found: what a host asks for, the saved choice, or the device's.
    #[must_use]
    pub fn start() -> Self {
        let found = browser::marked(MARK).and_then(|it| Appearance::named(&it));
        let chosen = found.unwrap_or(Appearance::Auto);
        browser::mark(MARK, chosen.name());
        Self(RwSignal::new(chosen))
    }

    /// The choice, and a subscription to its change.
    #[must_use]
    pub fn get(self) -> Appearance {
        self.0.get()
    }

    /// Shows everything in `appearance`, and again at the next visit.
    pub fn choose(self, appearance: Appearance) {
        browser::save(KEY, appearance.name());
        self.show(appearance);
    }

    /// Shows everything in `appearance` for now.
    pub fn show(self, appearance: Appearance) {
        browser::mark(MARK, appearance.name());
        self.0.set(appearance);
    }
}
