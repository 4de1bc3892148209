//! The list of members; search, filters and order live in the address.

use super::{name_of, status};
use crate::console::MEMBERS;
use crate::console::kit::desk::{head, page};
use crate::console::kit::download::download;
use crate::console::kit::filters::{Filter, Filters};
use crate::console::kit::table::{Column, main_link, table, text};
use crate::console::kit::views::views;
use crate::console::tiers;
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::load::listed;
use crate::ui::query;
use leptos::prelude::*;
use shared::members::api::MemberRow;
use shared::text::Locale;

/// Rows of one page of the list.
const PAGE: usize = 50;

const COLUMNS: &[Column<MemberRow>] = &[
    Column {
        title: |it| tr!(it, console.name),
        class: "",
        sort: None,
        cell: |desk, it| {
            let contact = it.email.as_ref().or(it.phone.as_ref());
            let tier = it.tier_name.get(desk.locale);
            let note = match contact {
                Some(contact) => format!("{tier} · {contact}"),
                None => tier.to_owned(),
            };
            let name = name_of(desk.locale, it.name.as_deref(), it.pseudonym.as_deref());
            main_link(format!("{MEMBERS}/{}", it.id), name, note)
        },
    },
    Column {
        title: |it| tr!(it, console.contact),
        class: "wide contact",
        sort: None,
        cell: |_, it| text(it.email.clone().or(it.phone.clone()).unwrap_or_default()),
    },
    Column {
        title: |it| tr!(it, console.external_id),
        class: "wide",
        sort: None,
        cell: |_, it| text(it.external_id.clone().unwrap_or_default()),
    },
    Column {
        title: |it| tr!(it, console.tier),
        class: "wide short",
        sort: None,
        cell: |desk, it| {
            let name = it.tier_name.get(desk.locale).to_owned();
            view! { <span class="tiermark">{name}</span> }.into_any()
        },
    },
    Column {
        title: |it| tr!(it, console.available),
        class: "number",
        sort: Some(("points_asc", "points_desc")),
        cell: |desk, it| text(desk.number(it.points_available)),
    },
    Column {
        title: |it| tr!(it, console.last_order),
        class: "wide short",
        sort: Some(("last_order_asc", "last_order_desc")),
        cell: |desk, it| text(it.last_order_at.map(|at| desk.date(at)).unwrap_or_default()),
    },
    Column {
        title: |it| tr!(it, console.joined),
        class: "wide short",
        sort: Some(("joined_asc", "joined_desc")),
        cell: |desk, it| text(desk.date(it.joined_at)),
    },
    Column {
        title: |it| tr!(it, console.status),
        class: "",
        sort: None,
        cell: |desk, it| status(desk.locale, it.status),
    },
];

/// The page.
#[must_use]
pub fn list() -> AnyView {
    let locale = locale();
    page(tr!(locale, console.members), |desk| {
        let filters = Filters::here(&desk.zone, filters(locale), more_filters(locale));
        let here = Address::here();
        let asked = filters.clone();
        let path = move || Some(format!("/api/v1/members?limit={PAGE}{}", asked.query()));
        let rows = query::pages::<MemberRow>(path, here.pages());
        let narrowed = filters.clone();
        let blank = move || {
            let none = tr!(locale, console.no_members);
            narrowed.blank(none, tr!(locale, console.no_members_hint))
        };
        let exported = filters.clone();
        let export = download(tr!(locale, kit.export), "members.csv", move || {
            format!(
                "/api/v1/member_exports?{}",
                exported.query().trim_start_matches('&')
            )
        });
        let note = desk.zone_note();
        let show =
            move |all: Vec<MemberRow>| table(&desk, tr!(locale, console.members), COLUMNS, &all);
        view! {
            {head(tr!(locale, console.members), "", export)}
            <div class="card stack">
                {views("members", &filters)}
                {filters.bar()}
                {listed(rows, show, blank, address::more_pages(here))}
                {note}
            </div>
        }
        .into_any()
    })
}

fn filters(locale: Locale) -> Vec<Filter> {
    let states = vec![
        (None, tr!(locale, console.any)),
        (Some("active"), tr!(locale, console.active)),
        (Some("frozen"), tr!(locale, console.frozen)),
        (Some("erased"), tr!(locale, console.erased)),
        (Some("merged"), tr!(locale, merging.merged)),
    ];
    vec![
        Filter::Search(tr!(locale, console.search_hint)),
        Filter::Chips("status", tr!(locale, console.status), states),
        Filter::Choice("tier", tr!(locale, console.tier), tiers::named(locale)),
    ]
}

/// What is asked for less often.
fn more_filters(locale: Locale) -> Vec<Filter> {
    vec![
        Filter::From("joined_from", tr!(locale, filters.joined_from)),
        Filter::To("joined_to", tr!(locale, filters.joined_to)),
        Filter::From("last_order_from", tr!(locale, filters.last_order_from)),
        Filter::To("last_order_to", tr!(locale, filters.last_order_to)),
        Filter::Exact("points_from", tr!(locale, filters.points_from)),
        Filter::Exact("points_to", tr!(locale, filters.points_to)),
    ]
}
