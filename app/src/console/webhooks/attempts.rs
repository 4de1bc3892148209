//! One delivery: what was sent, and what each attempt met.

use super::may_change;
use super::one::Subject;
use super::words::{delivery_tone, delivery_words, event};
use crate::console::kit::act::{Act, Verb, act_form, finish};
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::table::badge;
use crate::tr;
use crate::ui::load::loaded;
use crate::ui::query;
use crate::ui::sheet::Sheet;
use leptos::prelude::*;
use serde_json::json;
use shared::webhooks::api::{WebhookAttempt, WebhookDeliveryDetail};

/// The sheet of a delivery.
pub(super) fn delivery(desk: &Desk, event: &str, it: &Subject, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let path = format!("{}/deliveries/{event}", it.path);
    let own = path.clone();
    let found = query::query::<WebhookDeliveryDetail>(move || Some(own.clone()));
    let show = {
        let desk = desk.clone();
        move |it: WebhookDeliveryDetail| detail(&desk, &it)
    };
    let again = may_change().then(|| {
        let replaying = Act {
            title: String::new(),
            about: ().into_any(),
            body: ().into_any(),
            button: tr!(locale, webhook_desk.replay_one),
            grave: false,
            path: format!("{path}/replay"),
            verb: Verb::Post,
        };
        let it = it.clone();
        let done = finish(tr!(locale, webhook_desk.replayed), close, move || {
            it.reload();
        });
        act_form(Draft::new(json!({})), replaying, done)
    });
    view! {
        <Sheet title=tr!(locale, webhook_desk.delivery) close=close>
            {loaded(found, 5, show)}
            {again}
        </Sheet>
    }
    .into_any()
}

fn detail(desk: &Desk, it: &WebhookDeliveryDetail) -> AnyView {
    let locale = desk.locale;
    let row = &it.delivery;
    let next = row.next_at.map(|at| {
        let text = tr!(locale, webhook_desk.next_at, time = desk.time(at));
        view! { <p class="row__note">{text}</p> }
    });
    let attempts = it.attempts.iter().map(|it| attempt(desk, it));
    view! {
        <p class="tags">{badge(delivery_words(locale, row.state), delivery_tone(row.state))}
            <span class="muted">{desk.time(row.happened_at)}</span></p>
        <p>{event(locale, row.kind)}</p>
        <p class="row__note"><code>{row.event_id.to_string()}</code></p>
        {next}
        <div class="stack">{attempts.collect_view()}</div>
        <pre class="code" tabindex="0" role="region" aria-label=tr!(locale, webhook_desk.sent)>{it.body.clone()}</pre>
    }
    .into_any()
}

/// What an attempt met.
pub(super) fn attempt(desk: &Desk, it: &WebhookAttempt) -> AnyView {
    let locale = desk.locale;
    let tone = match it.status {
        Some(200..=299) => "good",
        _ => "bad",
    };
    let what = match (it.status, &it.trouble) {
        (Some(status), _) => format!("HTTP {status}"),
        (None, Some(trouble)) => trouble.clone(),
        (None, None) => String::new(),
    };
    let took = tr!(locale, webhook_desk.took, ms = desk.number(it.took_ms));
    let answer = it.answer.clone().map(|it| {
        view! { <pre class="code" tabindex="0" role="region" aria-label=tr!(locale, webhook_desk.answer)>{it}</pre> }
    });
    view! {
        <div>
            <p class="tags">{badge(what, tone)}<span class="muted">{desk.time(it.at)}" · "{took}</span></p>
            {answer}
        </div>
    }
    .into_any()
}
