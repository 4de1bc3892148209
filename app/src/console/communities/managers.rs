//! Who leads a community.

use super::one::{self, Subject};
use super::{KEY, may_make};
use crate::api;
use crate::console::kit::act::{Act, Verb, act, finish, opener};
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::field;
use crate::console::kit::several::several_of;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use crate::ui::sheet::sheet_at;
use crate::ui::state;
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::communities::api::{Community, Manager, Managers};

/// The name of the sheet that changes them.
const CHANGE: &str = "managers";

/// The page.
#[must_use]
pub fn page() -> AnyView {
    one::page("/managers", part)
}

fn part(desk: &Desk, it: &Subject) -> AnyView {
    let Subject { path, whole, .. } = it;
    let whole = *whole;
    let locale = desk.locale;
    let change = may_make().then(|| {
        opener(
            KEY,
            CHANGE,
            "button",
            tr!(locale, community_desk.managers_change),
        )
    });
    let show = move |it: Community| {
        if it.managers.is_empty() {
            let hint = tr!(locale, community_desk.no_managers_hint);
            return state::empty(tr!(locale, community_desk.no_managers), hint);
        }
        let rows = it.managers.iter().map(|it| {
            view! {
                <li class="row row--still">
                    <span class="row__mark">{icon(Icon::Me)}</span>
                    <span class="row__main"><span class="row__title">{name(it)}</span></span>
                </li>
            }
        });
        view! { <ul class="rows" role="list">{rows.collect_view()}</ul> }.into_any()
    };
    let (desk, path) = (desk.clone(), format!("{path}/managers"));
    view! {
        <section class="card stack" aria-labelledby="managers">
            <div class="card__head card__head--wrap">
                <h2 class="title" id="managers">{tr!(locale, community_desk.managers)}</h2>
                {change}
            </div>
            <p class="muted">{tr!(locale, community_desk.managers_hint)}</p>
            {loaded(whole, 3, show)}
        </section>
        {sheet_at(KEY, move |name, close| match name.as_str() {
            CHANGE if may_make() => sheet(&desk, &path, whole, close),
            _ => ().into_any(),
        })}
    }
    .into_any()
}

/// What one is called; else the id.
fn name(it: &Manager) -> String {
    let id = || it.staff_id.to_string();
    it.name.clone().unwrap_or_else(id)
}

fn sheet(desk: &Desk, path: &str, whole: Query<Community>, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let texts = untrack(|| whole.source.texts()).unwrap_or_default();
    let now = texts.first().and_then(|it| api::read::<Community>(it).ok());
    let now = now.map(|it| it.managers).unwrap_or_default();
    let ids: Vec<Value> = now.iter().map(|it| json!(it.staff_id)).collect();
    let draft = Draft::new(json!({ "managers": ids }));
    let all = query::query::<Managers>(|| Some("/api/v1/community_managers".to_owned()));
    let boxes = move |all: Managers| {
        if all.managers.is_empty() {
            let hint = tr!(locale, community_desk.nobody_leads_hint);
            return state::empty(tr!(locale, community_desk.nobody_leads), hint);
        }
        let ways = all.managers.iter();
        let ways = several_of(ways.map(|it| (json!(it.staff_id), name(it))));
        field("/managers", tr!(locale, community_desk.managers), ways).show(draft)
    };
    let it = Act {
        title: tr!(locale, community_desk.managers_change).to_owned(),
        about: view! { <p class="muted">{tr!(locale, community_desk.managers_about)}</p> }
            .into_any(),
        body: loaded(all, 3, boxes),
        button: tr!(locale, me.save),
        grave: false,
        path: path.to_owned(),
        verb: Verb::Put,
    };
    let done = finish(
        tr!(locale, community_desk.managers_done),
        close,
        move || {
            whole.reload();
        },
    );
    act(draft, it, done, close)
}
