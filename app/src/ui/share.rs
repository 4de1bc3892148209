//! Ways to hand a text to somebody else, and what became of it.

use crate::bridge::{self, wechat};
use crate::ui::address::Address;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// What a page is handed on as by the messenger that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The first line.
    pub title: String,
    /// What stands below.
    pub text: String,
    /// The address, which others may know.
    pub link: String,
}

/// What the page at a path wants to be handed on as. It is there only inside a messenger that asks.
#[derive(Clone, Copy)]
pub struct Offered(pub RwSignal<Option<(String, Offer)>>);

/// Says what this page is handed on as, to a messenger that asks.
pub fn offer(made: impl FnOnce() -> Offer) {
    if let Some(Offered(offered)) = use_context() {
        let path = untrack(|| Address::here().path());
        offered.set(Some((path, made())));
    }
}

/// What shows the way to a messenger's own menu.
type Guide = Rc<dyn Fn()>;

thread_local! {
    /// As long as the messenger knows what its menu is to send.
    static GUIDE: RefCell<Option<Guide>> = const { RefCell::new(None) };
}

/// Says what shows the way to the menu of the messenger that shows these pages; nothing while that
/// would send something else.
pub fn guide_by(guide: Option<Guide>) {
    GUIDE.set(guide);
}

/// What became of a link that was given to the device's own sharing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// The way to the messenger's own menu is shown.
    Guided,
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

/// Whether the messenger, the host or the browser has a sharing of its own.
#[must_use]
pub fn can_share() -> bool {
    wechat::is_inside() || bridge::is_heard() || sharing().is_some()
}

/// Opens the device's own sharing with a text and a link.
pub async fn share(text: &str, url: &str) -> Shared {
    if wechat::is_inside() {
        let guide = GUIDE.with_borrow(Clone::clone);
        return guide.map_or(Shared::Failed, |it| {
            it();
            Shared::Guided
        });
    }
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
