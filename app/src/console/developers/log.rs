//! What the member centre and its host have said to each other.

use crate::i18n::locale;
use crate::tr;
use crate::ui::live;
use js_sys::{JSON, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// Most messages that are kept.
const MOST: usize = 200;

/// One message.
#[derive(Clone)]
pub(super) struct Line {
    number: u32,
    /// Whether the host said it.
    is_hosts: bool,
    kind: String,
    text: String,
}

/// All of them, the newest first. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Log(RwSignal<Vec<Line>>);

impl Log {
    /// None yet.
    pub(super) fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// Writes an envelope down.
    pub(super) fn note(self, envelope: &JsValue, is_hosts: bool) {
        let part = |name: &str| Reflect::get(envelope, &name.into()).unwrap_or_default();
        let text = JSON::stringify(&part("payload")).ok();
        let text = text.and_then(|it| it.as_string()).unwrap_or_default();
        self.0.update(|it| {
            let number = it.first().map_or(0, |it| it.number) + 1;
            let kind = part("type").as_string().unwrap_or_default();
            let line = Line {
                number,
                is_hosts,
                kind,
                text,
            };
            it.insert(0, line);
            it.truncate(MOST);
        });
    }

    /// The list on its card.
    pub(super) fn show(self) -> AnyView {
        let locale = locale();
        let lines = move || {
            self.0.with(|it| match it.is_empty() {
                true => {
                    view! { <p class="muted">{tr!(locale, playground.silent)}</p> }.into_any()
                }
                false => {
                    let rows = it.iter().map(row).collect_view();
                    view! { <ol class="wire" reversed="" tabindex="0" aria-label=tr!(locale, playground.log)>{rows}</ol> }
                        .into_any()
                }
            })
        };
        let clear = move |_| self.0.set(Vec::new());
        view! {
            <section class="card stack" aria-labelledby="wire">
                <div class="card__head">
                    <h2 class="title" id="wire">{tr!(locale, playground.log)}</h2>
                    <button class="button button--small" type="button" on:click=clear>{tr!(locale, playground.clear)}</button>
                </div>
                {live::part(lines)}
            </section>
        }
        .into_any()
    }
}

fn row(it: &Line) -> AnyView {
    let locale = locale();
    let (from, tone) = match it.is_hosts {
        true => (tr!(locale, playground.from_host), "wait"),
        false => (tr!(locale, playground.from_page), "good"),
    };
    view! {
        <li class="wire__line" data-type=it.kind.clone() data-from=if it.is_hosts { "host" } else { "page" }>
            <span class="badge" data-tone=tone>{from}</span>
            <code class="wire__type">{it.kind.clone()}</code>
            <code class="wire__payload">{it.text.clone()}</code>
        </li>
    }
    .into_any()
}
