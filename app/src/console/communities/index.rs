//! All communities that one may see.

use super::{API, COMMUNITIES, may_make};
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::table::{Column, badge, main_link, table, text};
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::meter::share;
use crate::ui::{query, state};
use leptos::prelude::*;
use shared::communities::api::Community;

const COLUMNS: &[Column<Community>] = &[
    Column {
        title: |it| tr!(it, community_desk.name),
        class: "",
        sort: None,
        cell: |_, it| {
            let href = format!("{COMMUNITIES}/{}", it.id);
            main_link(href, it.definition.name.clone(), leaders(it))
        },
    },
    Column {
        title: |it| tr!(it, community_desk.tags),
        class: "wide",
        sort: None,
        cell: |_, it| {
            let tags = it.definition.tags.iter();
            let tags = tags.map(|it| view! { <span class="tag">{it.clone()}</span> });
            view! { <span class="tags">{tags.collect_view()}</span> }.into_any()
        },
    },
    Column {
        title: |it| tr!(it, community_desk.members),
        class: "short",
        sort: None,
        cell: full,
    },
    Column {
        title: |it| tr!(it, community_desk.managers),
        class: "wide",
        sort: None,
        cell: |_, it| text(leaders(it)),
    },
    Column {
        title: |it| tr!(it, community_desk.joining),
        class: "",
        sort: None,
        cell: |desk, it| match it.definition.open {
            true => badge(tr!(desk.locale, community_desk.open), "good"),
            false => badge(tr!(desk.locale, community_desk.closed), "plain"),
        },
    },
];

/// Who leads a community, in a line.
fn leaders(it: &Community) -> String {
    let names = it.managers.iter().filter_map(|it| it.name.clone());
    names.collect::<Vec<_>>().join(", ")
}

/// How full a community is, as a bar below the numbers.
fn full(desk: &Desk, it: &Community) -> AnyView {
    let (members, capacity) = (i64::from(it.members), i64::from(it.definition.capacity));
    let words = tr!(
        desk.locale,
        coupon_desk.of,
        a = desk.number(members),
        b = desk.number(capacity)
    );
    view! { <span>{words}</span>{share(members, capacity)} }.into_any()
}

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    let title = tr!(locale, community_desk.title);
    desk_page(title, |desk| {
        let here = Address::here();
        let rows = query::pages::<Community>(|| Some(format!("{API}?limit=50")), here.pages());
        let show = move |all: Vec<Community>| table(&desk, title, COLUMNS, &all);
        let may = may_make();
        let blank = move || {
            let hint = match may {
                true => tr!(locale, community_desk.none_hint),
                false => tr!(locale, community_desk.none_yours),
            };
            state::empty(tr!(locale, community_desk.none), hint)
        };
        let add = may.then(|| {
            view! { <a class="button button--main" href=format!("{COMMUNITIES}/new")>{icon(Icon::Plus)}{tr!(locale, community_desk.add)}</a> }
        });
        view! {
            {head(title, tr!(locale, community_desk.hint), add.into_any())}
            <div class="card stack">{listed(rows, show, blank, address::more_pages(here))}</div>
        }
        .into_any()
    })
}
