//! The member centre in a phone, beside everything that it says to its host, and with buttons
//! that play the host.

use super::log::Log;
use crate::api::{self, Api, ApiError};
use crate::console::kit::desk::{head, page};
use crate::i18n::locale;
use crate::tr;
use crate::ui::form::{Form, Input, field, form_error, submit};
use crate::ui::{browser, live};
use js_sys::{JSON, Reflect};
use leptos::html::Iframe;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use shared::embed::wire::VERSION;
use shared::sessions::api::{CreateEmbedSession, EmbedSession};
use wasm_bindgen::{JsCast, JsValue};

const SECRET: Input = Input {
    name: "secret",
    kind: "password",
    autocomplete: "off",
    required: true,
};
const MEMBER: Input = Input {
    name: "member",
    kind: "text",
    autocomplete: "off",
    required: true,
};
const PAGE: Input = Input {
    name: "page",
    kind: "text",
    autocomplete: "off",
    required: false,
};

/// The stage: a host with its frame. Cheap to copy.
#[derive(Clone, Copy)]
struct Host {
    api: Api,
    form: Form,
    secret: RwSignal<String>,
    member: RwSignal<String>,
    page: RwSignal<String>,
    /// The address in the frame, and how often it was opened.
    open: RwSignal<Option<(u32, String)>>,
    height: RwSignal<Option<f64>>,
    /// Whether a new code is brought when the page asks for one.
    answers: RwSignal<bool>,
    frame: NodeRef<Iframe>,
    log: Log,
}

/// The page.
#[must_use]
pub fn playground() -> AnyView {
    let locale = locale();
    page(tr!(locale, playground.title), |_| {
        let host = Host::new();
        host.listen();
        view! {
            {head(tr!(locale, playground.title), tr!(locale, playground.hint), ().into_any())}
            <div class="playground">
                <div class="stack">{host.opening()}{host.acting()}</div>
                {host.phone()}
                {host.log.show()}
            </div>
        }
        .into_any()
    })
}

impl Host {
    fn new() -> Self {
        Self {
            api: expect_context(),
            form: Form::new(),
            secret: RwSignal::new(String::new()),
            member: RwSignal::new(String::new()),
            page: RwSignal::new("/".to_owned()),
            open: RwSignal::new(None),
            height: RwSignal::new(None),
            answers: RwSignal::new(true),
            frame: NodeRef::new(),
            log: Log::new(),
        }
    }

    /// Who is shown, and which page: as the shop's own server asks for it.
    fn opening(self) -> AnyView {
        let locale = locale();
        let send = move |event: web_sys::SubmitEvent| {
            event.prevent_default();
            if !self.form.begin() {
                return;
            }
            spawn_local(async move {
                if let Some(url) = self.form.end(self.fresh().await) {
                    self.height.set(None);
                    let count = self
                        .open
                        .with_untracked(|it| it.as_ref().map_or(0, |it| it.0));
                    self.open.set(Some((count + 1, url)));
                }
            });
        };
        let hint = |text: &'static str| Some(text.to_owned());
        view! {
            <form class="card stack" on:submit=send>
                {form_error(self.form)}
                {field(self.form, SECRET, tr!(locale, playground.key), hint(tr!(locale, playground.key_hint)), self.secret)}
                {field(self.form, MEMBER, tr!(locale, playground.member), hint(tr!(locale, playground.member_hint)), self.member)}
                {field(self.form, PAGE, tr!(locale, playground.page), hint(tr!(locale, playground.page_hint)), self.page)}
                {submit(self.form, tr!(locale, playground.open), tr!(locale, state.loading))}
            </form>
        }
        .into_any()
    }

    /// An address that works once, from the server that is here, whatever it is called outside.
    async fn fresh(self) -> Result<String, ApiError> {
        let page = self.page.get_untracked();
        let body = CreateEmbedSession {
            member: self.member.get_untracked().trim().to_owned(),
            page: (!page.trim().is_empty()).then(|| page.trim().to_owned()),
            host: None,
        };
        let secret = self.secret.get_untracked();
        let path = "/api/v1/embed_sessions";
        let text = self.api.post_as(secret.trim(), path, &body).await?;
        let made: EmbedSession = api::read(&text)?;
        let path = made.url.split_once("/e/").ok_or(ApiError::Unreadable)?.1;
        Ok(format!("/e/{path}"))
    }

    /// What the host can say.
    fn acting(self) -> AnyView {
        let locale = locale();
        let says = [
            (
                tr!(locale, playground.dark),
                "theme",
                json!({"theme": "dark"}),
            ),
            (
                tr!(locale, playground.light),
                "theme",
                json!({"theme": "light"}),
            ),
            ("English", "theme", json!({"lang": "en"})),
            ("简体中文", "theme", json!({"lang": "zh-CN"})),
            (
                tr!(locale, playground.compact),
                "theme",
                json!({"density": "compact"}),
            ),
            (
                tr!(locale, playground.roomy),
                "theme",
                json!({"density": "roomy"}),
            ),
            (
                tr!(locale, playground.accent),
                "theme",
                json!({"accent_light": "#7a1f5c", "accent_dark": "#f0a8d4"}),
            ),
            (
                tr!(locale, playground.faint),
                "theme",
                json!({"accent_light": "#ffe680", "accent_dark": "#202020"}),
            ),
            (tr!(locale, playground.refresh), "refresh", json!({})),
            (tr!(locale, playground.back), "back", json!({})),
        ];
        let buttons = says.map(|(text, kind, payload)| {
            let click = move |_| self.say(kind, &payload);
            view! { <button class="button button--small" type="button" on:click=click>{text}</button> }
        });
        let code = move |_| self.bring();
        let change = move |event| self.answers.set(event_target_checked(&event));
        view! {
            <section class="card stack" aria-labelledby="host">
                <h2 class="title" id="host">{tr!(locale, playground.host)}</h2>
                <div class="playground__acts">
                    {buttons.into_iter().collect_view()}
                    <button class="button button--small" type="button" on:click=code>{tr!(locale, playground.code)}</button>
                </div>
                <label class="tick"><input type="checkbox" prop:checked=self.answers on:change=change/>
                    <span>{tr!(locale, playground.answers)}</span></label>
            </section>
        }
        .into_any()
    }

    /// The frame in the phone; opened anew it is a new one.
    fn phone(self) -> AnyView {
        let locale = locale();
        let high = Signal::derive(move || self.height.get().map(|it| format!("{it}px")));
        let inside = live::part(move || {
            match self.open.get() {
            None => {
                view! { <p class="muted handset__off">{tr!(locale, playground.off)}</p> }.into_any()
            }
            Some((_, url)) => view! {
                <iframe class="handset__page" node_ref=self.frame title=tr!(locale, playground.frame) src=url
                    style:block-size=move || high.get().unwrap_or_else(|| "100%".to_owned())></iframe>
            }
            .into_any(),
        }
        });
        view! { <div class="handset">{inside}</div> }.into_any()
    }

    fn window(self) -> Option<JsValue> {
        let frame = self.frame.get_untracked()?;
        let window = Reflect::get(&frame, &"contentWindow".into()).ok()?;
        (!window.is_null()).then_some(window)
    }

    /// Says something to the page.
    fn say(self, kind: &str, payload: &Value) {
        let envelope = json!({"v": VERSION, "type": kind, "payload": payload});
        let Ok(envelope) = JSON::parse(&envelope.to_string()) else {
            return;
        };
        let Some(window) = self.window() else { return };
        let post = Reflect::get(&window, &"postMessage".into()).ok();
        let post = post.and_then(|it| it.dyn_into::<js_sys::Function>().ok());
        if let Some(post) = post {
            // The frame is ours and there; posting to it cannot fail.
            let _ = post.call2(&window, &envelope, &browser::origin().into());
            self.log.note(&envelope, true);
        }
    }

    /// Brings a new code.
    fn bring(self) {
        spawn_local(async move {
            if let Some(url) = self.form.end(self.fresh().await) {
                self.say("code", &json!({ "code": url }));
            }
        });
    }

    /// Hears the page in the frame, and nobody else.
    fn listen(self) {
        browser::on_window_event("message", move |event| {
            let part = |name: &str| Reflect::get(&event, &name.into()).unwrap_or_default();
            let is_pages = self.window().is_some_and(|it| it == part("source"));
            let is_own = part("origin").as_string() == Some(browser::origin());
            let data = part("data");
            if !is_pages || !is_own || !data.is_object() {
                return;
            }
            self.log.note(&data, false);
            self.answer(&data);
        });
    }

    fn answer(self, envelope: &JsValue) {
        let part = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
        let payload = part(envelope, "payload");
        match part(envelope, "type").as_string().as_deref() {
            // Only a widget is as high as what is in it; a page is as high as the phone.
            Some("height") if self.page.get_untracked().starts_with("/w/") => {
                self.height.set(part(&payload, "height").as_f64());
            }
            Some("auth.expired") if self.answers.get_untracked() => self.bring(),
            _ => {}
        }
    }
}
