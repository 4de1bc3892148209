//! How the host wants the pages to look, by the address at first and by its messages later.

use super::say;
use crate::i18n::Language;
use crate::ui::theme::{Appearance, Theme};
use crate::ui::{browser, live};
use leptos::prelude::*;
use shared::embed::look::{Accent, accent};
use shared::embed::wire::Payload;
use shared::text::Locale;
use wasm_bindgen::JsCast;

/// The marks of accents that were asked for, on a light ground and on a dark one.
const ACCENTS: [&str; 2] = ["data-accent-light", "data-accent-dark"];

/// What asks whether the device is dark.
const IS_DARK: &str = "(prefers-color-scheme: dark)";

/// What a host can change. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Looks {
    language: Language,
    theme: Theme,
    /// As they were asked for, on a light ground and on a dark one.
    accents: RwSignal<[Option<String>; 2]>,
    device_is_dark: RwSignal<bool>,
}

impl Looks {
    /// Shows what the address asked for.
    pub(super) fn start() -> Self {
        let it = Self {
            language: expect_context(),
            theme: expect_context(),
            accents: RwSignal::new(ACCENTS.map(browser::marked)),
            device_is_dark: RwSignal::new(device_is_dark()),
        };
        it.follow_device();
        live::effect(move || {
            let dark = it.is_dark();
            let asked = it.accents.get();
            let text = if dark { &asked[1] } else { &asked[0] };
            paint(text.as_deref().and_then(|it| accent(it, dark)));
        });
        it
    }

    /// Takes what a host says; what cannot be understood or read leaves things as they are.
    pub(super) fn take(self, it: &Payload) {
        if let Some(theme) = it.theme.as_deref().and_then(Appearance::named) {
            self.theme.show(theme);
        }
        if let Some(density) = it
            .density
            .as_deref()
            .filter(|it| ["compact", "roomy"].contains(it))
        {
            browser::mark("data-density", density);
        }
        let asked = [&it.accent_light, &it.accent_dark];
        for (name, text) in ACCENTS.into_iter().zip(asked) {
            if let Some(text) = text {
                browser::mark(name, text);
            }
        }
        self.accents.set(ACCENTS.map(browser::marked));
        // The last, because it builds the pages anew.
        if let Some(locale) = it.lang.as_deref().and_then(Locale::from_tag) {
            self.language.show(locale);
        }
    }

    fn is_dark(self) -> bool {
        match self.theme.get() {
            Appearance::Auto => self.device_is_dark.get(),
            Appearance::Light => false,
            Appearance::Dark => true,
        }
    }

    fn follow_device(self) {
        let Ok(Some(query)) = window().match_media(IS_DARK) else {
            return;
        };
        let changed = move || {
            // A change of language has its own, and this one may be gone.
            let _gone = self.device_is_dark.try_set(device_is_dark());
        };
        let changed = wasm_bindgen::closure::Closure::<dyn Fn()>::new(changed);
        // Old Safari knows only this way; it never fails.
        let _ = query.add_listener_with_opt_callback(Some(changed.as_ref().unchecked_ref()));
        changed.forget();
    }

    /// Tells the host which colours the pages have, now and whenever that changes, so that what
    /// is around them fits.
    pub(super) fn tell(self) {
        live::effect(move || {
            let theme = if self.is_dark() { "dark" } else { "light" };
            let ground = document()
                .body()
                .and_then(|it| window().get_computed_style(&it).ok().flatten())
                .and_then(|it| it.get_property_value("background-color").ok());
            let ground = ground.unwrap_or_default();
            say(
                "theme",
                &[("theme", theme.into()), ("ground", ground.into())],
            );
        });
    }
}

fn device_is_dark() -> bool {
    let query = window().match_media(IS_DARK).ok().flatten();
    query.is_some_and(|it| it.matches())
}

/// Puts the accent in place of our own, or ours back.
fn paint(accent: Option<Accent>) {
    let root = document().document_element();
    let Some(root) = root.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return;
    };
    let style = root.style();
    let (act, soft) = accent.map_or((String::new(), String::new()), |it| (it.act, it.soft));
    for (name, value) in [
        ("--act", &act),
        ("--act-strong", &act),
        ("--act-soft", &soft),
    ] {
        // An empty value takes the property away; ours are colours or empty.
        let _ = style.set_property(name, value);
    }
}
