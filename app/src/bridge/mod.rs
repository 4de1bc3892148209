//! The way to whatever holds these pages: a page of the shop with a frame, an app with a webview,
//! a mini-program, WeChat. What every page needs of it is here; the rest is in [`talk`] and comes in a
//! file of its own, when the shell has found that somebody holds them.

mod host;
mod links;
mod looks;
mod talk;
mod watch;
pub mod wechat;

pub use host::around;
pub use talk::talk;

use crate::ui::browser;
use host::Host;
use js_sys::{Object, Reflect};
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsValue;

thread_local! {
    /// Who hears us, as soon as that is known.
    static HOST: RefCell<Option<Host>> = const { RefCell::new(None) };
    /// What was said before.
    static WAITING: RefCell<Vec<(&'static str, Object)>> = const { RefCell::new(Vec::new()) };
    /// Whether somebody may still be found who hears us.
    static LOOKING: Cell<bool> = const { Cell::new(true) };
    /// How often we have spoken.
    static SPOKEN: Cell<u32> = const { Cell::new(0) };
}

/// Whether somebody holds these pages.
#[must_use]
pub fn is_held() -> bool {
    browser::marked("data-held").is_some()
}

/// Whether it is a page around a frame.
#[must_use]
pub fn is_framed() -> bool {
    browser::marked("data-held").as_deref() == Some("frame")
}

/// Whether the host has navigation of its own, so that ours stays away.
#[must_use]
pub fn is_bare() -> bool {
    browser::marked("data-chrome").is_some()
}

/// What the server has to know of the frame that shows us; nothing in a page of its own.
#[must_use]
pub fn frame() -> Option<String> {
    browser::marked("data-frame")
}

/// Whether the browser keeps nothing for the frame that shows us.
#[must_use]
pub fn keeps_nothing() -> bool {
    frame().as_deref() == Some("memory")
}

/// Whether a cookie is kept for the frame that shows us.
#[must_use]
pub fn keeps_partitioned() -> bool {
    frame().as_deref() == Some("partitioned")
}

/// Whether somebody hears us.
#[must_use]
pub fn is_heard() -> bool {
    HOST.with_borrow(Option::is_some)
}

/// Says something to the host; what belongs to it are names and values. Where nobody is there to
/// hear it, nothing happens.
pub fn say(kind: &'static str, payload: &[(&str, JsValue)]) {
    let object = Object::new();
    for (name, value) in payload {
        // Setting a property of a new plain object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    if is_heard() {
        send(kind, &object);
    } else if is_held() && LOOKING.get() {
        WAITING.with_borrow_mut(|it| it.push((kind, object)));
    }
}

/// Speaks with `host` from now on; what was said before is said first. Without one it is forgotten.
fn speak_with(host: Option<Host>) {
    LOOKING.set(false);
    HOST.set(host);
    for (kind, payload) in WAITING.take() {
        send(kind, &payload);
    }
}

/// Puts it into an envelope and lets the host have it.
fn send(kind: &'static str, payload: &Object) {
    let id = SPOKEN.get() + 1;
    SPOKEN.set(id);
    let envelope = Object::new();
    let parts: [(&str, JsValue); 4] = [
        ("v", shared::embed::wire::VERSION.into()),
        ("id", format!("m{id}").into()),
        ("type", kind.into()),
        ("payload", payload.into()),
    ];
    for (name, value) in parts {
        // As above.
        let _ = Reflect::set(&envelope, &name.into(), &value);
    }
    HOST.with_borrow(|it| {
        if let Some(host) = it {
            host.take(kind, &envelope);
        }
    });
}
