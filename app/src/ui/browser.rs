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
        let _ = element.focus();
    }
}

/// Runs `then` whenever the window gets `event`, as long as the app lives.
pub fn on_window(event: &'static str, then: impl Fn() + 'static) {
    let handle = window_event_listener_untyped(event, move |_| then());
    on_cleanup(move || handle.remove());
}

/// `text` as one part of a query string.
#[must_use]
pub fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
