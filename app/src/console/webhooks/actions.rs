//! What can be done with an endpoint: a button each, and a sheet that says what it will do.

use super::attempts::{attempt, delivery};
use super::index::shown;
use super::one::Subject;
use super::words::event;
use super::{KEY, WEBHOOKS, may_change};
use crate::api::{self, Api, ApiError};
use crate::console::kit::act::{Act, Verb, act, finish, opener};
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, Number, field};
use crate::tr;
use crate::ui::address::replace_by;
use crate::ui::sheet::Sheet;
use crate::ui::toast::Toaster;
use crate::ui::{live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use shared::time::Timestamp;
use shared::webhooks::EndpointState;
use shared::webhooks::api::{EndpointTrial, WebhookEndpoint};
use shared::webhooks::events::EventType;

/// The buttons.
pub(super) fn buttons(desk: &Desk, it: &WebhookEndpoint) -> AnyView {
    if !may_change() {
        return ().into_any();
    }
    let locale = desk.locale;
    let turn = match it.state {
        EndpointState::Active => opener(KEY, "pause", "button", tr!(locale, webhook_desk.pause)),
        EndpointState::Paused | EndpointState::Disabled => opener(
            KEY,
            "resume",
            "button button--main",
            tr!(locale, webhook_desk.resume),
        ),
    };
    view! {
        {opener(KEY, "remove", "button button--bad", tr!(locale, webhook_desk.remove))}
        {opener(KEY, "rotate", "button", tr!(locale, webhook_desk.rotate))}
        {opener(KEY, "replay", "button", tr!(locale, webhook_desk.replay))}
        {turn}
        {opener(KEY, "try", "button button--main", tr!(locale, webhook_desk.test))}
    }
    .into_any()
}

/// The sheet with this name; any other name is that of a delivery.
pub(super) fn sheet(desk: &Desk, name: &str, it: &Subject, close: Callback<()>) -> AnyView {
    match name {
        "" => ().into_any(),
        event if event.starts_with("evt_") => delivery(desk, event, it, close),
        _ if !may_change() => ().into_any(),
        "pause" => turn(desk, it, false, close),
        "resume" => turn(desk, it, true, close),
        "rotate" => rotate(desk, it, close),
        "replay" => replay(desk, it, close),
        "remove" => remove(desk, it, close),
        "try" => trial(desk, it, close),
        _ => ().into_any(),
    }
}

fn turn(desk: &Desk, it: &Subject, active: bool, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let (button, about, said) = match active {
        true => (
            tr!(locale, webhook_desk.resume),
            tr!(locale, webhook_desk.resume_about),
            tr!(locale, webhook_desk.resumed),
        ),
        false => (
            tr!(locale, webhook_desk.pause),
            tr!(locale, webhook_desk.pause_about),
            tr!(locale, webhook_desk.pause_done),
        ),
    };
    let act_of = Act {
        title: button.to_owned(),
        about: view! { <p>{about}</p> }.into_any(),
        body: ().into_any(),
        button,
        grave: false,
        path: format!("{}/state", it.path),
        verb: Verb::Post,
    };
    let it = it.clone();
    let done = finish(said, close, move || it.reload());
    act(Draft::new(json!({ "active": active })), act_of, done, close)
}

fn rotate(desk: &Desk, it: &Subject, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let made = RwSignal::new(None::<WebhookEndpoint>);
    let it = it.clone();
    live::part(move || {
        if let Some(new) = made.get() {
            return shown(new, made, close);
        }
        let draft = Draft::new(json!({ "overlap_hours": 24 }));
        let unit = Number::whole(tr!(locale, webhook_desk.hours));
        let hours = field(
            "/overlap_hours",
            tr!(locale, webhook_desk.overlap),
            Kind::Number(unit),
        );
        let hours = hours.hint(tr!(locale, webhook_desk.overlap_hint));
        let rotating = Act {
            title: tr!(locale, webhook_desk.rotate).to_owned(),
            about: view! { <p class="muted">{tr!(locale, webhook_desk.rotate_about)}</p> }
                .into_any(),
            body: hours.show(draft),
            button: tr!(locale, webhook_desk.rotate),
            grave: false,
            path: format!("{}/secrets", it.path),
            verb: Verb::Post,
        };
        let it = it.clone();
        let done = move |text: String| {
            if let Ok(new) = api::read::<WebhookEndpoint>(&text) {
                made.set(Some(new));
            }
            it.reload();
        };
        act(draft, rotating, done, close)
    })
}

fn replay(desk: &Desk, it: &Subject, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let now = Timestamp::from_millis(js_sys::Date::now() as i64);
    let draft = Draft::new(json!({ "from": now.plus_days(-1), "until": now, "failed_only": true }));
    let instant = || Kind::Instant(desk.zone.clone());
    let from = field("/from", tr!(locale, webhook_desk.from), instant());
    let until = field("/until", tr!(locale, webhook_desk.until), instant());
    let failed = field(
        "/failed_only",
        tr!(locale, webhook_desk.failed_only),
        Kind::Toggle,
    )
    .hint(tr!(locale, webhook_desk.failed_only_hint));
    let replaying = Act {
        title: tr!(locale, webhook_desk.replay).to_owned(),
        about: view! { <p class="muted">{tr!(locale, webhook_desk.replay_about)}</p> }.into_any(),
        body: view! { {from.show(draft)}{until.show(draft)}{failed.show(draft)}{desk.zone_note()} }
            .into_any(),
        button: tr!(locale, webhook_desk.replay),
        grave: false,
        path: format!("{}/replays", it.path),
        verb: Verb::Post,
    };
    let it = it.clone();
    let done = finish(tr!(locale, webhook_desk.replayed), close, move || {
        it.reload();
    });
    act(draft, replaying, done, close)
}

fn remove(desk: &Desk, it: &Subject, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let removing = Act {
        title: tr!(locale, webhook_desk.remove).to_owned(),
        about: view! { <p>{tr!(locale, webhook_desk.remove_about)}</p> }.into_any(),
        body: ().into_any(),
        button: tr!(locale, webhook_desk.remove),
        grave: true,
        path: it.path.clone(),
        verb: Verb::Delete,
    };
    let toaster = expect_context::<Toaster>();
    let leave = replace_by();
    let done = move |_| {
        toaster.say(tr!(locale, webhook_desk.removed));
        leave(WEBHOOKS);
    };
    act(Draft::new(json!({})), removing, done, close)
}

/// Sends an example, or shows what would be sent.
fn trial(desk: &Desk, it: &Subject, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let api = expect_context::<Api>();
    let draft = Draft::new(json!({ "type": EventType::PointsChanged.as_str() }));
    let kinds = EventType::ALL.iter();
    let kinds = kinds.map(|it| (it.as_str().to_owned(), event(locale, *it)));
    let kinds = Kind::Choice(kinds.collect());
    let kind = field("/type", tr!(locale, webhook_desk.event), kinds);
    let met = RwSignal::new(None::<Result<EndpointTrial, ApiError>>);
    let busy = RwSignal::new(false);
    let path = format!("{}/test", it.path);
    let send = Callback::new(move |dry_run: bool| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let mut body = draft.value();
        body["dry_run"] = dry_run.into();
        let path = path.clone();
        spawn_local(async move {
            let answer = api.post::<EndpointTrial>(&path, &body, None).await;
            // The page may have been left meanwhile.
            busy.try_set(false);
            met.try_set(Some(answer));
        });
    });
    let desk = desk.clone();
    let said = move || Some(tried(&desk, &met.get()?));
    let waiting = Signal::derive(move || busy.get().then_some("true"));
    view! {
        <Sheet title=tr!(locale, webhook_desk.test) close=close>
            <p class="muted">{tr!(locale, webhook_desk.test_about)}</p>
            {kind.show(draft)}
            <div class="stack" role="status">{live::maybe(said)}</div>
            <div class="sheet__foot">
                <button class="button" type="button" aria-disabled=waiting on:click=move |_| send.run(true)>{tr!(locale, webhook_desk.dry_run)}</button>
                <button class="button button--main" type="button" aria-disabled=waiting on:click=move |_| send.run(false)>{tr!(locale, webhook_desk.send)}</button>
            </div>
        </Sheet>
    }
    .into_any()
}

fn tried(desk: &Desk, met: &Result<EndpointTrial, ApiError>) -> AnyView {
    let locale = desk.locale;
    let trial = match met {
        Ok(it) => it,
        Err(error) => {
            let text = state::words_in(locale, error).0;
            return view! { <p class="banner banner--bad"><span>{text}</span></p> }.into_any();
        }
    };
    let headers = trial.headers.iter();
    let headers: Vec<String> = headers
        .map(|it| format!("{}: {}", it.name, it.value))
        .collect();
    let sent = format!("{}\n\n{}", headers.join("\n"), trial.body);
    let met = trial.attempt.as_ref().map(|it| attempt(desk, it));
    view! {
        {met}
        <pre class="code" tabindex="0" role="region" aria-label=tr!(locale, webhook_desk.sent)>{sent}</pre>
    }
    .into_any()
}
