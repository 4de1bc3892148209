//! The ways by which a community is called besides messages to its members.

use super::one::{self, Subject};
use super::words::way;
use super::{KEY, may_change};
use crate::api::{self, Api, ApiError};
use crate::console::kit::act::{Act, Verb, act, finish, opener};
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, field};
use crate::console::kit::secret::secret_sheet;
use crate::console::kit::table::badge;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use crate::ui::sheet::sheet_at;
use crate::ui::{live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use shared::scenarios::ChannelKind;
use shared::scenarios::api::{ChannelTrial, PushChannel, PushChannels};

/// The sheet that adds one more; any other name is that of a way to remove.
const ADD: &str = "add";

/// Where one way is on the server.
const ONE: &str = "/api/v1/push_channels";

/// The page.
#[must_use]
pub fn page() -> AnyView {
    one::page("/ways", part)
}

fn part(desk: &Desk, it: &Subject) -> AnyView {
    let path = &it.path;
    let locale = desk.locale;
    let path = format!("{path}/channels");
    let list = path.clone();
    let all = query::query::<PushChannels>(move || Some(list.clone()));
    let (row_desk, sheet_desk) = (desk.clone(), desk.clone());
    let show = move |it: PushChannels| {
        let rows = it.channels.iter().map(|it| row(&row_desk, it));
        view! { <ul class="rows" role="list">{always(&row_desk)}{rows.collect_view()}</ul> }
            .into_any()
    };
    let add = may_change().then(|| {
        let body = view! { {icon(Icon::Plus)}{tr!(locale, channel_desk.add)} };
        opener(KEY, ADD, "button button--main", body)
    });
    // The secret lives here and nowhere else, until the sheet is closed.
    let made = RwSignal::new(None::<PushChannel>);
    let sheets = sheet_at(KEY, move |name, close| match name.as_str() {
        _ if !may_change() => ().into_any(),
        ADD => {
            let (desk, path) = (sheet_desk.clone(), path.clone());
            live::part(move || match made.get() {
                Some(it) => {
                    let title = tr!(desk.locale, channel_desk.added);
                    let about = tr!(desk.locale, channel_desk.secret_about);
                    let text = (it.address, it.secret.unwrap_or_default());
                    secret_sheet(title, Some(about), text, (made, close))
                }
                None => new(&desk, &path, all, made, close),
            })
        }
        id => remove(&sheet_desk, id, all, close),
    });
    view! {
        <section class="card stack" aria-labelledby="ways">
            <div class="card__head card__head--wrap">
                <h2 class="title" id="ways">{tr!(locale, channel_desk.title)}</h2>
                {add}
            </div>
            <p class="muted">{tr!(locale, channel_desk.hint)}</p>
            {loaded(all, 3, show)}
            {desk.zone_note()}
        </section>
        {sheets}
    }
    .into_any()
}

/// The way that is always there.
fn always(desk: &Desk) -> AnyView {
    let locale = desk.locale;
    view! {
        <li class="row row--still">
            <span class="row__mark">{icon(Icon::Bell)}</span>
            <span class="row__main">
                <span class="row__title">{way(locale, ChannelKind::InApp)}</span>
                <span class="row__note">{tr!(locale, channel_desk.always)}</span>
            </span>
        </li>
    }
    .into_any()
}

fn row(desk: &Desk, it: &PushChannel) -> AnyView {
    let locale = desk.locale;
    let since = tr!(locale, channel_desk.since, time = desk.time(it.created_at));
    let mark = match it.kind {
        ChannelKind::Wecom => Icon::Chat,
        ChannelKind::InApp | ChannelKind::Webhook => Icon::Spend,
    };
    let acts = may_change().then(|| {
        let label = tr!(locale, channel_desk.remove_of, name = it.address);
        let body = view! { {icon(Icon::Remove)}<span class="sr-only">{label}</span> };
        let id = it.id.to_string();
        view! { {trial(desk, &id)}{opener(KEY, &id, "button button--icon", body)} }
    });
    view! {
        <li class="row row--still row--wrap">
            <span class="row__mark">{icon(mark)}</span>
            <span class="row__main">
                <span class="row__title">{way(locale, it.kind)}</span>
                <span class="row__note">{it.address.clone()}" · "{since}</span>
            </span>
            <span class="row__acts">{acts}</span>
        </li>
    }
    .into_any()
}

/// The button that sends a message to try the way, and what it met.
fn trial(desk: &Desk, id: &str) -> AnyView {
    let locale = desk.locale;
    let api = expect_context::<Api>();
    let met = RwSignal::new(None::<Result<ChannelTrial, ApiError>>);
    let busy = RwSignal::new(false);
    let path = format!("{ONE}/{id}/test");
    let click = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        met.set(None);
        let path = path.clone();
        spawn_local(async move {
            let answer = api.post::<ChannelTrial>(&path, &json!({}), None).await;
            // The page may have been left meanwhile.
            busy.try_set(false);
            met.try_set(Some(answer));
        });
    };
    let desk = desk.clone();
    let said = move || {
        Some(match met.get()? {
            Ok(it) if it.arrived => {
                let text = tr!(locale, channel_desk.arrived, ms = desk.number(it.took_ms));
                badge(text, "good")
            }
            Ok(it) => {
                let what = it.trouble.unwrap_or_default();
                let met = tr!(locale, channel_desk.met, what = what);
                view! { <p class="banner banner--bad">{met}</p> }.into_any()
            }
            Err(error) => badge(state::words_in(locale, &error).0, "bad"),
        })
    };
    let waiting = Signal::derive(move || busy.get().then_some("true"));
    view! {
        <div role="status">{live::maybe(said)}</div>
        <button class="button button--small" type="button" aria-disabled=waiting on:click=click>{tr!(locale, channel_desk.test)}</button>
    }
    .into_any()
}

fn new(
    desk: &Desk,
    path: &str,
    all: Query<PushChannels>,
    made: RwSignal<Option<PushChannel>>,
    close: Callback<()>,
) -> AnyView {
    let locale = desk.locale;
    let draft = Draft::new(json!({ "kind": "wecom", "url": "" }));
    let kinds = Kind::one_of([
        ("wecom", way(locale, ChannelKind::Wecom)),
        ("webhook", way(locale, ChannelKind::Webhook)),
    ]);
    let kind = field("/kind", tr!(locale, channel_desk.kind), kinds);
    let url = field("/url", tr!(locale, channel_desk.url), Kind::Text)
        .hint(tr!(locale, channel_desk.url_hint));
    let it = Act {
        title: tr!(locale, channel_desk.add).to_owned(),
        about: view! { <p class="muted">{tr!(locale, channel_desk.add_about)}</p> }.into_any(),
        body: view! { {kind.show(draft)}{url.show(draft)} }.into_any(),
        button: tr!(locale, channel_desk.add),
        grave: false,
        path: path.to_owned(),
        verb: Verb::Post,
    };
    let finish = finish(tr!(locale, channel_desk.added), close, move || all.reload());
    let done = move |text: String| match api::read::<PushChannel>(&text) {
        Ok(it) if it.secret.is_some() => {
            made.set(Some(it));
            all.reload();
        }
        _ => finish(text),
    };
    act(draft, it, done, close)
}

fn remove(desk: &Desk, id: &str, all: Query<PushChannels>, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let texts = untrack(|| all.source.texts()).unwrap_or_default();
    let read = texts
        .first()
        .and_then(|it| api::read::<PushChannels>(it).ok());
    let mut channels = read.into_iter().flat_map(|it| it.channels);
    let Some(found) = channels.find(|it| it.id.to_string() == id) else {
        return ().into_any();
    };
    let about = tr!(locale, channel_desk.remove_about, name = found.address);
    let it = Act {
        title: tr!(locale, channel_desk.remove).to_owned(),
        about: view! { <p>{about}</p> }.into_any(),
        body: ().into_any(),
        button: tr!(locale, channel_desk.remove),
        grave: true,
        path: format!("{ONE}/{id}"),
        verb: Verb::Delete,
    };
    let done = finish(tr!(locale, channel_desk.removed), close, move || {
        all.reload()
    });
    act(Draft::new(json!({})), it, done, close)
}
