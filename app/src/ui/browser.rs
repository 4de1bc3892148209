//! The few things that pages ask of the browser itself.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// A choice kept in this browser; `None` when there is none or storage is switched off.
#[must_use]
pub fn saved(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Keeps a choice in this browser. Where storage is switched off the choice lasts as long as the
/// page, which is all that can be done.
pub fn save(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

/// Forgets a choice.
pub fn forget(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

/// What the document is marked with, by the shell or by [`mark`].
#[must_use]
pub fn marked(name: &str) -> Option<String> {
    document().document_element()?.get_attribute(name)
}

/// Marks the document, for the style sheet.
pub fn mark(name: &str, value: &str) {
    if let Some(root) = document().document_element() {
        // The only failure is an invalid attribute name, and ours are fixed.
        let _ = root.set_attribute(name, value);
    }
}

/// Whether the browser believes that it has a network.
#[must_use]
pub fn online() -> bool {
    window().navigator().on_line()
}

/// Milliseconds since 1970 by this device's clock; for texts only, never for rules.
#[must_use]
pub fn now_millis() -> f64 {
    js_sys::Date::now()
}

/// This instant by this device's clock; for texts only, never for rules.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds since 1970 fit"
)]
pub fn now() -> shared::time::Timestamp {
    shared::time::Timestamp::from_millis(now_millis() as i64)
}

/// 128 random bits as text: the key of one intent.
#[must_use]
pub fn random_key() -> String {
    let mut bytes = [0u8; 16];
    let filled = window()
        .crypto()
        .and_then(|it| it.get_random_values_with_u8_array(&mut bytes));
    if filled.is_err() {
        // Without a source of randomness, time and a fraction still tell two intents apart.
        let time = now_millis().to_bits() ^ js_sys::Math::random().to_bits();
        bytes[..8].copy_from_slice(&time.to_be_bytes());
    }
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

/// The IANA zone of this device.
#[must_use]
pub fn time_zone() -> Option<String> {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    js_sys::Reflect::get(&format.resolved_options(), &"timeZone".into())
        .ok()?
        .as_string()
}

/// Moves the keyboard to the element with this id, without scrolling.
pub fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        // Refused only by what cannot take the focus, and then it stays where it is.
        let _ = element.focus_with_options(&options);
    }
}

/// Runs `then` whenever the window gets `event`, as long as the app lives.
pub fn on_window(event: &'static str, then: impl Fn() + 'static) {
    on_window_event(event, move |_| then());
}

/// Like [`on_window`], for those who want to know more of the event.
pub fn on_window_event(event: &'static str, then: impl Fn(web_sys::Event) + 'static) {
    let handle = window_event_listener_untyped(event, then);
    on_cleanup(move || handle.remove());
}

/// The address of this server, as browsers know it.
#[must_use]
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// `text` as one part of a query string.
#[must_use]
pub fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// Puts a text on the clipboard; whether the browser allowed it.
pub async fn copy(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    // Pages without TLS have none.
    if clipboard.is_undefined() {
        return false;
    }
    wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text))
        .await
        .is_ok()
}

/// The IANA zones that the browser knows; empty where it does not tell.
#[must_use]
pub fn time_zones() -> Vec<String> {
    let intl = js_sys::Reflect::get(&js_sys::global(), &"Intl".into()).unwrap_or_default();
    let list = js_sys::Reflect::get(&intl, &"supportedValuesOf".into())
        .ok()
        .and_then(|it| it.dyn_into::<js_sys::Function>().ok())
        .and_then(|it| it.call1(&intl, &"timeZone".into()).ok());
    let list = list.map(|it| js_sys::Array::from(&it)).unwrap_or_default();
    list.iter().filter_map(|it| it.as_string()).collect()
}

/// Scrolls `area` sideways until what `selector` names is in its middle.
pub fn centre(area: &web_sys::HtmlElement, selector: &str) {
    let found = area.query_selector(selector).ok().flatten();
    if let Some(found) = found.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
        let middle = found.offset_left() + found.offset_width() / 2;
        area.set_scroll_left(middle - area.client_width() / 2);
    }
}

/// Scrolls `area` sideways until what `selector` names begins where what `beside` names, which stays
/// in its place, ends; where there is no such, into its middle.
pub fn align(area: &web_sys::HtmlElement, selector: &str, beside: &str) {
    let find = |selector| {
        let found = area.query_selector(selector).ok().flatten()?;
        found.dyn_into::<web_sys::HtmlElement>().ok()
    };
    match (find(selector), find(beside)) {
        (Some(found), Some(beside)) => {
            area.set_scroll_left(found.offset_left() - beside.offset_width());
        }
        _ => centre(area, selector),
    }
}

/// Scrolls `area` up or down as little as brings what `selector` names into sight.
pub fn uncover(area: &web_sys::HtmlElement, selector: &str) {
    let Some(found) = area.query_selector(selector).ok().flatten() else {
        return;
    };
    let (area_at, at) = (
        area.get_bounding_client_rect(),
        found.get_bounding_client_rect(),
    );
    let above = (area_at.top() - at.top()).max(0.0);
    let below = (at.bottom() - area_at.bottom()).max(0.0);
    if above > 0.0 || below > 0.0 {
        // Its neighbours come into sight with it.
        let by = if above > 0.0 {
            -above - at.height()
        } else {
            below + at.height()
        };
        area.set_scroll_top(area.scroll_top() + by as i32);
    }
}

/// Gives the shopper a file to keep.
pub fn keep_file(name: &str, kind: &str, text: &str) {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let parts = js_sys::Array::of1(&text.into());
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options);
    let url = blob.and_then(|it| web_sys::Url::create_object_url_with_blob(&it));
    let link = document().create_element("a").ok();
    let link = link.and_then(|it| it.dyn_into::<web_sys::HtmlAnchorElement>().ok());
    if let (Ok(url), Some(link)) = (url, link) {
        link.set_href(&url);
        link.set_download(name);
        link.click();
        // The download has taken its own hold of the content by now.
        let _ = web_sys::Url::revoke_object_url(&url);
    }
}

/// Loads the page again.
pub fn reload() {
    // It fails only in a page that is going away by itself.
    let _ = window().location().reload();
}
