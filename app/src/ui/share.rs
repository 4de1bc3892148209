//! Ways to hand a text to somebody else, and what became of it.

use crate::bridge;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// What became of a link that was given to the device's own sharing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// An app took it.
    Done,
    /// The person chose none.
    Dismissed,
    /// The browser would not.
    Failed,
}

/// The browser's own sharing; many have none.
fn sharing() -> Option<Function> {
    let share = Reflect::get(&window().navigator(), &"share".into()).ok()?;
    share.dyn_into().ok()
}

/// Whether the host or the browser has a sharing of its own.
#[must_use]
pub fn can_share() -> bool {
    bridge::is_heard() || sharing().is_some()
}

/// Opens the device's own sharing with a text and a link.
pub async fn share(text: &str, url: &str) -> Shared {
    if bridge::is_heard() {
        bridge::say("share", &[("text", text.into()), ("url", url.into())]);
        return Shared::Done;
    }
    let data = Object::new();
    for (key, value) in [("text", text), ("url", url)] {
        // Setting a property of a new plain object cannot fail.
        let _ = Reflect::set(&data, &key.into(), &value.into());
    }
    let begun = sharing().and_then(|it| it.call1(&window().navigator(), &data).ok());
    let Some(Ok(begun)) = begun.map(JsCast::dyn_into::<Promise>) else {
        return Shared::Failed;
    };
    match JsFuture::from(begun).await {
        Ok(_) => Shared::Done,
        Err(error) if name_of(&error) == "AbortError" => Shared::Dismissed,
        Err(_) => Shared::Failed,
    }
}

fn name_of(error: &JsValue) -> String {
    let name = Reflect::get(error, &"name".into()).unwrap_or_default();
    name.as_string().unwrap_or_default()
}

/// Copies what a field holds. Where the browser does not allow it, the field is left selected, so
/// that a person can.
pub async fn copy_field(field: &web_sys::HtmlInputElement) -> bool {
    if super::browser::copy(&field.value()).await {
        return true;
    }
    field.select();
    // The old way, for browsers in apps and for pages without TLS.
    let command = Reflect::get(&document(), &"execCommand".into()).ok();
    let command = command.and_then(|it| it.dyn_into::<Function>().ok());
    let copied = command.and_then(|it| it.call1(&document(), &"copy".into()).ok());
    copied.is_some_and(|it| it.is_truthy())
}
