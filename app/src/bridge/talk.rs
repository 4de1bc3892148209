//! What is said to the host by itself, and what becomes of what it says.

use super::host::Host;
use super::{
    HOST, around, is_framed, is_heard, keeps_nothing, links, looks, say, speak_with, watch,
};
use crate::api::{self, Api};
use crate::i18n::locale;
use crate::session::Session;
use crate::ui::address::{self, Address, replace_by};
use crate::ui::app::Revisit;
use crate::ui::browser;
use futures_util::FutureExt;
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, JSON, Object, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::embed::wire::{FromHost, Said};
use shared::sessions::api::ExchangeCode;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;

/// How long a host has to bring a new code.
const CODE_WITHIN_MS: u32 = 10_000;

/// What takes a code that was asked for.
type Waiting = StoredValue<Option<Function>, LocalStorage>;

/// The way to another page, in place of this one.
type Go = Rc<dyn Fn(&str)>;

/// Who listens: everything that a message of the host can touch.
#[derive(Clone)]
struct Ear {
    api: Api,
    revisit: Revisit,
    looks: looks::Looks,
    waiting: Waiting,
    go: StoredValue<Go, LocalStorage>,
}

thread_local! {
    /// Whether the host was looked for: a change of language builds this anew, and not the host.
    static BEGUN: Cell<bool> = const { Cell::new(false) };
}

/// Looks for the host and begins to talk; shows nothing.
#[must_use]
pub fn talk() -> AnyView {
    let api = expect_context::<Api>();
    let ear = Ear {
        api,
        revisit: expect_context(),
        looks: looks::Looks::start(),
        waiting: StoredValue::new_local(None),
        go: StoredValue::new_local(Rc::new(replace_by())),
    };
    listen(&ear);
    renew(&ear);
    let first = !BEGUN.replace(true);
    if first {
        let page = without_code(&Address::here().whole()).to_owned();
        let lang = locale().tag();
        say("ready", &[("page", page.into()), ("lang", lang.into())]);
        watch::height();
        watch::title();
        links::follow();
    }
    ear.looks.tell();
    if first {
        spawn_local(async move {
            speak_with(Host::find(api).await);
            ask_at_first(&ear).await;
        });
    }
    ().into_any()
}

/// The page, as others may know it.
pub(super) fn without_code(page: &str) -> &str {
    match page.starts_with("/e/") {
        true => "/",
        false => page,
    }
}

/// A frame that was loaded again where nothing is kept has lost its session: the host has another.
async fn ask_at_first(ear: &Ear) {
    let lost = ear
        .api
        .session()
        .with_untracked(|it| matches!(it, Session::SignedOut { ended: false }));
    let arrives = window().location().pathname().unwrap_or_default();
    if lost
        && keeps_nothing()
        && !arrives.starts_with("/e/")
        && let Some(text) = new_session(ear.clone()).await
    {
        // What cannot be read is no session, and the page for the signed-out is there.
        let _opened = ear.api.open(&text);
    }
}

/// Lets the host renew what the server does not.
fn renew(ear: &Ear) {
    let own = ear.clone();
    ear.api
        .renew_from(Rc::new(move || new_session(own.clone()).boxed_local()));
}

/// Asks the host for a code, and exchanges it.
async fn new_session(ear: Ear) -> Option<String> {
    if !is_heard() {
        return None;
    }
    let answered = Promise::new(&mut |give, _| {
        ear.waiting.try_set_value(Some(give));
    });
    say("auth.expired", &[("reason", "session".into())]);
    let code = JsFuture::from(answered);
    let code = match select(code, TimeoutFuture::new(CODE_WITHIN_MS)).await {
        Either::Left((code, _)) => code.ok()?.as_string()?,
        Either::Right(_) => return None,
    };
    exchange(ear.api, code).await
}

async fn exchange(api: Api, code: String) -> Option<String> {
    let host = around();
    let body = ExchangeCode { code, host };
    let answer = api.post_text("/api/v1/sessions/exchange", &body, None);
    answer.await.ok()
}

/// Hears the page around the frame, and whatever an app calls.
fn listen(ear: &Ear) {
    let own = ear.clone();
    browser::on_window_event("message", move |event| {
        let part = |name: &str| Reflect::get(&event, &name.into()).unwrap_or_default();
        let origin = part("origin").as_string().unwrap_or_default();
        let source = part("source");
        let is_hosts =
            |it: &Option<Host>| it.as_ref().is_some_and(|it| it.is_from(&origin, &source));
        if HOST.with_borrow(is_hosts) {
            hear(&own, &part("data"));
        }
    });
    if is_framed() {
        return;
    }
    // Apps run scripts in the page: `coterie.receive(envelope)`.
    let own = ear.clone();
    let receive = Closure::<dyn Fn(JsValue)>::new(move |data: JsValue| hear(&own, &data));
    let object = Object::new();
    // Setting a property of a new plain object, or of the window, cannot fail.
    let _ = Reflect::set(&object, &"receive".into(), receive.as_ref());
    let _ = Reflect::set(&window(), &"coterie".into(), &object);
    receive.forget();
}

/// Reads what came, as an object or as its text; what is no message of ours is not heard.
fn hear(ear: &Ear, data: &JsValue) {
    let as_text = || JSON::stringify(data).ok()?.as_string();
    let text = data.as_string().or_else(as_text).unwrap_or_default();
    let said = api::read::<FromHost>(&text).ok().and_then(FromHost::said);
    match said {
        Some(Said::Code(code)) => arrived(ear, code),
        Some(Said::Theme(payload)) => ear.looks.take(&payload),
        Some(Said::Refresh) => ear.revisit.happened(),
        Some(Said::Back) => back(),
        None => {}
    }
}

/// A code came: to whoever waits for one, else it opens the page that it is for.
fn arrived(ear: &Ear, code: String) {
    let waits = ear.waiting.try_update_value(Option::take).flatten();
    if let Some(waits) = waits {
        // A promise takes its value without a word.
        let _ = waits.call1(&JsValue::NULL, &code.into());
        return;
    }
    let (api, go) = (ear.api, ear.go.get_value());
    spawn_local(async move {
        let text = exchange(api, code).await;
        let Some(Ok(page)) = text.map(|it| api.open(&it)) else {
            return say("auth.expired", &[("reason", "code".into())]);
        };
        let here = window().location().pathname().unwrap_or_default();
        if here.starts_with("/e/") {
            go(page.as_deref().unwrap_or("/"));
        }
    });
}

/// Back closes what is open here first, and then all of it.
fn back() {
    if address::depth() > 0.0 {
        // A refusal means that there is no history, and then nothing can be closed.
        let _ = window().history().and_then(|it| it.back());
    } else {
        say("close", &[]);
    }
}
