//! The lists of a community.

use super::one::{self, Subject};
use super::words::schedule;
use super::{COMMUNITIES, may_change};
use crate::console::kit::desk::Desk;
use crate::console::kit::table::{Column, badge, main_link, table, text};
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::{query, state};
use leptos::prelude::*;
use shared::scenarios::ScenarioState;
use shared::scenarios::api::Scenario;
use shared::text::Locale;

const COLUMNS: &[Column<Scenario>] = &[
    Column {
        title: |it| tr!(it, scenario_desk.one),
        class: "",
        sort: None,
        cell: |desk, it| {
            let href = format!("{COMMUNITIES}/{}/lists/{}", it.community_id, it.id);
            let when = schedule(desk, &it.definition.schedule);
            main_link(href, it.definition.title.clone(), when)
        },
    },
    Column {
        title: |it| tr!(it, scenario_desk.when),
        class: "wide",
        sort: None,
        cell: |desk, it| text(schedule(desk, &it.definition.schedule)),
    },
    Column {
        title: |it| tr!(it, scenario_desk.products),
        class: "number wide",
        sort: None,
        cell: |desk, it| {
            let count = it.definition.products.len();
            text(desk.number(i64::try_from(count).unwrap_or(i64::MAX)))
        },
    },
    Column {
        title: |it| tr!(it, scenario_desk.next),
        class: "wide",
        sort: None,
        cell: |desk, it| text(it.next_at.map(|at| desk.time(at)).unwrap_or_default()),
    },
    Column {
        title: |it| tr!(it, console.status),
        class: "",
        sort: None,
        cell: |desk, it| state_badge(desk.locale, it.state, it.next_at.is_some()),
    },
];

/// Whether a list still appears.
pub(super) fn state_badge(locale: Locale, state: ScenarioState, more: bool) -> AnyView {
    match (state, more) {
        (ScenarioState::Stopped, _) => badge(tr!(locale, scenario_desk.stopped), "wait"),
        (ScenarioState::Active, true) => badge(tr!(locale, scenario_desk.active), "good"),
        (ScenarioState::Active, false) => badge(tr!(locale, scenario_desk.over), "plain"),
    }
}

/// The page.
#[must_use]
pub fn page() -> AnyView {
    one::page("/lists", part)
}

fn part(desk: &Desk, it: &Subject) -> AnyView {
    let (id, path) = (&it.id, &it.path);
    let locale = desk.locale;
    let here = Address::here();
    let path = format!("{path}/scenarios?limit=50");
    let rows = query::pages::<Scenario>(move || Some(path.clone()), here.pages());
    let list_desk = desk.clone();
    let show = move |all: Vec<Scenario>| {
        table(&list_desk, tr!(locale, scenario_desk.title), COLUMNS, &all)
    };
    let blank = move || {
        let hint = tr!(locale, scenario_desk.none_hint);
        state::empty(tr!(locale, scenario_desk.none), hint)
    };
    let add = may_change().then(|| {
        let href = format!("{COMMUNITIES}/{id}/lists/new");
        view! { <a class="button button--main" href=href>{icon(Icon::Plus)}{tr!(locale, scenario_desk.add)}</a> }
    });
    view! {
        <section class="card stack" aria-labelledby="lists">
            <div class="card__head card__head--wrap">
                <h2 class="title" id="lists">{tr!(locale, scenario_desk.title)}</h2>
                {add}
            </div>
            <p class="muted">{tr!(locale, scenario_desk.hint)}</p>
            {listed(rows, show, blank, address::more_pages(here))}
            {desk.zone_note()}
        </section>
    }
    .into_any()
}
