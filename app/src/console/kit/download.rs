//! A list as a file, with the filters of the page.

use crate::api::{Api, ApiError};
use crate::i18n::locale;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::state;
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

/// A button that fetches `path` and hands it over as a file.
pub fn download(
    label: &'static str,
    file: &'static str,
    path: impl Fn() -> String + 'static,
) -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let busy = RwSignal::new(false);
    let click = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let path = untrack(&path);
        spawn_local(async move {
            let got = api.fetch(&path).await;
            // The page may be gone when the file comes.
            busy.try_set(false);
            let kept = got.and_then(|it| keep(file, &it).ok_or(ApiError::Unreadable));
            match kept {
                Ok(()) => toaster.say(tr!(locale, kit.downloaded, file = file)),
                Err(error) => toaster.say(state::words_in(locale, &error).0),
            }
        });
    };
    let waiting = Signal::derive(move || busy.get().then_some("true"));
    view! {
        <button class="button" type="button" aria-disabled=waiting on:click=click>{icon(Icon::Earn)}{label}</button>
    }
    .into_any()
}

/// By this spreadsheets know that a table is UTF-8. Reading an answer as text takes it away.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Hands a text to the browser as a file; `None` when the browser does not take it.
#[must_use]
pub fn keep(file: &str, text: &str) -> Option<()> {
    let mark = if file.ends_with(".csv") {
        BYTE_ORDER_MARK
    } else {
        ""
    };
    let parts = js_sys::Array::of2(&mark.into(), &text.into());
    let blob = web_sys::Blob::new_with_str_sequence(&parts).ok()?;
    let address = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
    let link = document().create_element("a").ok()?;
    let link: web_sys::HtmlElement = link.dyn_into().ok()?;
    link.set_attribute("href", &address).ok()?;
    link.set_attribute("download", file).ok()?;
    link.click();
    web_sys::Url::revoke_object_url(&address).ok()
}
