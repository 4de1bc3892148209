//! The ways in which a host can be reached, and what each can take.

use crate::api::{self, Api};
use crate::ui::browser;
use crate::ui::foreign::{call, get};
use js_sys::{JSON, Object, Reflect};
use leptos::prelude::window;
use shared::embed::api::Embedding;
use shared::embed::origins;
use wasm_bindgen::JsValue;

/// How a host hears us.
pub(super) enum Host {
    /// The page around the frame, and the origins that it may have.
    Parent(JsValue, Vec<String>),
    /// An object with `postMessage`, of an app: iOS takes the envelope, Android its text.
    App(JsValue, bool),
    /// A mini-program, which can only be navigated.
    MiniProgram,
}

impl Host {
    /// Looks for one. In a frame it is the page around it, and only if the shop's list has it.
    pub(super) async fn find(api: Api) -> Option<Self> {
        let window: JsValue = window().into();
        if super::is_framed() {
            let text = api.get_text("/api/v1/embedding", None).await.ok()?;
            let list = api::read::<Embedding>(&text).ok()?.origins;
            let targets = targets(&list);
            return match targets.is_empty() {
                true => None,
                false => Some(Self::Parent(get(&window, "parent")?, targets)),
            };
        }
        let ios = get(&window, "webkit").and_then(|it| get(&it, "messageHandlers"));
        if let Some(handler) = ios.and_then(|it| get(&it, "coterie")) {
            return Some(Self::App(handler, false));
        }
        if let Some(handler) = get(&window, "coterieHost") {
            return Some(Self::App(handler, true));
        }
        // The one is there when WeChat is ready, the other before.
        let inside = get(&window, "__wxjs_environment").and_then(|it| it.as_string());
        let agent = leptos::prelude::window().navigator().user_agent();
        let is_mini = inside.as_deref() == Some("miniprogram")
            || agent.is_ok_and(|it| it.contains("miniProgram"));
        is_mini.then_some(Self::MiniProgram)
    }

    /// Lets it have an envelope.
    pub(super) fn take(&self, kind: &str, envelope: &Object) {
        let text = || JSON::stringify(envelope).map_or(JsValue::NULL, JsValue::from);
        match self {
            // The browser gives it to the one origin that the page has, and to no other.
            Self::Parent(parent, origins) => {
                for origin in origins {
                    call(parent, "postMessage", &[envelope.into(), origin.into()]);
                }
            }
            Self::App(handler, false) => call(handler, "postMessage", &[envelope.into()]),
            Self::App(handler, true) => call(handler, "postMessage", &[text()]),
            Self::MiniProgram => turn(kind, envelope),
        }
    }

    /// Whether a message from `origin` is the page's around the frame.
    pub(super) fn is_from(&self, origin: &str, source: &JsValue) -> bool {
        match self {
            Self::Parent(parent, origins) => {
                parent == source && origins.iter().any(|it| it == origin)
            }
            _ => false,
        }
    }
}

/// The origins that the page around us may have: its own, where the browser tells it and the list
/// has it; else all of the list that are one origin each.
fn targets(list: &[String]) -> Vec<String> {
    let own = browser::origin();
    let around = around();
    let allowed = |it: &String| *it == own || origins::allows(list, &own, it);
    match around {
        Some(it) if allowed(&it) => vec![it],
        Some(_) => Vec::new(),
        None => list
            .iter()
            .filter(|it| !it.contains('*') && *it != origins::OWN)
            .cloned()
            .collect(),
    }
}

/// The origin of the page around the frame: of the list that some browsers have, else of the
/// address that led here. Nothing where there is no frame.
#[must_use]
pub fn around() -> Option<String> {
    if !super::is_framed() {
        return None;
    }
    let list = get(&window().location(), "ancestorOrigins");
    if let Some(list) = list {
        return Reflect::get_u32(&list, 0).ok()?.as_string();
    }
    let referrer = leptos::prelude::document().referrer();
    let origin = web_sys::Url::new(&referrer).ok()?.origin();
    (origin != browser::origin()).then_some(origin)
}

/// A mini-program hears nothing while its page is open. It can be left, or led to a page of its
/// own that knows what to do.
fn turn(kind: &str, envelope: &Object) {
    match kind {
        "close" => mini("navigateBack", "delta", 1.into()),
        "share" | "navigate" | "pay.request" | "auth.expired" => {
            let payload = get(envelope, "payload").unwrap_or_default();
            let payload = JSON::stringify(&payload).map_or_else(|_| String::new(), String::from);
            let url = format!(
                "/pages/coterie/index?type={kind}&payload={}",
                browser::encode(&payload)
            );
            mini("navigateTo", "url", url.into());
        }
        _ => {}
    }
}

/// Asks WeChat for something that the mini-program around the page can do. Its own script for pages
/// does no more than this, and would have to be loaded from WeChat.
fn mini(what: &str, name: &str, value: JsValue) {
    let (argument, request) = (Object::new(), Object::new());
    // Setting properties of new plain objects cannot fail.
    let _ = Reflect::set(&argument, &name.into(), &value);
    let _ = Reflect::set(&request, &"name".into(), &what.into());
    let _ = Reflect::set(&request, &"arg".into(), &argument);
    let window: JsValue = window().into();
    if let Some(bridge) = get(&window, "WeixinJSBridge") {
        call(
            &bridge,
            "invoke",
            &["invokeMiniProgramAPI".into(), request.into()],
        );
    }
}
