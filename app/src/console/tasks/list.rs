//! The list of tasks.

use super::{TASKS, event_name, may_change, state_name};
use crate::console::kit::desk::{head, page};
use crate::console::kit::table::{Column, badge, main_link, table, text};
use crate::i18n::locale;
use crate::parts::tasks::reward_text;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::ways::{Look, ways};
use crate::ui::{query, state};
use leptos::prelude::*;
use shared::tasks::api::Task;

const COLUMNS: &[Column<Task>] = &[
    Column {
        title: |it| tr!(it, missions.name),
        class: "",
        sort: None,
        cell: |desk, it| {
            let name = it.definition.name.get(desk.locale).to_owned();
            let note = event_name(desk.locale, it.definition.target.kind()).to_owned();
            main_link(format!("{TASKS}/{}", it.id), name, note)
        },
    },
    Column {
        title: |it| tr!(it, missions.event),
        class: "wide",
        sort: None,
        cell: |desk, it| text(event_name(desk.locale, it.definition.target.kind())),
    },
    Column {
        title: |it| tr!(it, missions.rewards),
        class: "wide",
        sort: None,
        cell: |desk, it| {
            let each = it
                .definition
                .rewards
                .iter()
                .map(|it| reward_text(desk.amounts, *it));
            text(each.collect::<Vec<_>>().join(" + "))
        },
    },
    Column {
        title: |it| tr!(it, missions.granted),
        class: "number",
        sort: None,
        cell: |desk, it| text(desk.number(i64::from(it.granted))),
    },
    Column {
        title: |it| tr!(it, console.status),
        class: "",
        sort: None,
        cell: |desk, it| {
            let (name, tone) = state_name(desk.locale, it.state);
            badge(name, tone)
        },
    },
];

/// The page.
#[must_use]
pub fn list() -> AnyView {
    let locale = locale();
    page(tr!(locale, missions.title), |desk| {
        let here = Address::here();
        let asked = here.part("state");
        let path = move || {
            let state = asked
                .get()
                .map(|it| format!("&state={it}"))
                .unwrap_or_default();
            Some(format!("/api/v1/tasks?limit=50{state}"))
        };
        let rows = query::pages::<Task>(path, here.pages());
        let show = {
            let desk = desk.clone();
            move |all: Vec<Task>| table(&desk, tr!(locale, missions.title), COLUMNS, &all)
        };
        let blank =
            move || state::empty(tr!(locale, missions.none), tr!(locale, missions.none_hint));
        let add = may_change().then(|| {
            view! { <a class="button button--main" href=format!("{TASKS}/new")>{icon(Icon::Plus)}{tr!(locale, missions.add)}</a> }
        });
        let states = [
            (None, tr!(locale, console.any)),
            (Some("active"), tr!(locale, missions.active)),
            (Some("paused"), tr!(locale, missions.paused)),
            (Some("ended"), tr!(locale, missions.ended)),
        ];
        view! {
            {head(tr!(locale, missions.title), tr!(locale, missions.hint), add.into_any())}
            <div class="card stack">
                {ways(tr!(locale, console.status), Look::Chips, "state", &["pages"], &states)}
                {listed(rows, show, blank, address::more_pages(here))}
            </div>
        }
        .into_any()
    })
}
