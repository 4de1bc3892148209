//! Light or dark, as the shopper chose or as the device has it.

use crate::ui::browser;
use leptos::prelude::*;

/// Where the choice is kept; the shells read the same name.
const KEY: &str = "coterie.theme";

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
    /// The saved choice, else the device's.
    #[must_use]
    pub fn start() -> Self {
        let saved = browser::saved(KEY);
        let chosen = Appearance::ALL
            .into_iter()
            .find(|it| Some(it.name()) == saved.as_deref())
            .unwrap_or(Appearance::Auto);
        mark(chosen);
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
        mark(appearance);
        self.0.set(appearance);
    }
}

fn mark(appearance: Appearance) {
    if let Some(root) = document().document_element() {
        // The only failure is an invalid attribute name, and this one is fixed.
        let _ = root.set_attribute("data-theme", appearance.name());
    }
}
