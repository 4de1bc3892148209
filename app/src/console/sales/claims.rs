//! Who claimed in a sale, what became of it, and whose money has to go back.

use super::one::{self, Known};
use crate::console::kit::desk::Desk;
use crate::console::kit::filters::{Filter, Filters};
use crate::console::kit::may;
use crate::console::kit::table::{Column, badge, main_link, table, text};
use crate::session::Identity;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::load::listed;
use crate::ui::query;
use leptos::prelude::*;
use shared::sales::ClaimState;
use shared::sales::api::{FlashSale, SaleClaim};
use shared::text::Locale;

/// Rows of one page.
const PAGE: usize = 50;

const COLUMNS: &[Column<SaleClaim>] = &[
    Column {
        title: |it| tr!(it, claim_desk.member),
        class: "",
        sort: None,
        cell: who,
    },
    Column {
        title: |it| tr!(it, orders.product),
        class: "",
        sort: None,
        cell: |desk, it| {
            let name = it.claim.name.get(desk.locale);
            let n = desk.number(it.claim.quantity);
            text(tr!(desk.locale, claims.pieces, name = name, n = n))
        },
    },
    Column {
        title: |it| tr!(it, claim_desk.state),
        class: "",
        sort: None,
        cell: |desk, it| {
            let (name, tone) = state_name(desk.locale, it.claim.state);
            badge(name, tone)
        },
    },
    Column {
        title: |it| tr!(it, claim_desk.at),
        class: "wide",
        sort: None,
        cell: |desk, it| text(desk.time(it.claim.claimed_at)),
    },
    Column {
        title: |it| tr!(it, claim_desk.since),
        class: "wide",
        sort: None,
        cell: |desk, it| text(it.settled_at.map(|at| desk.time(at)).unwrap_or_default()),
    },
    Column {
        title: |it| tr!(it, claim_desk.order),
        class: "wide",
        sort: None,
        cell: |_, it| text(it.claim.order_id.clone().unwrap_or_default()),
    },
];

/// The member, as a link for staff who may look at members.
fn who(desk: &Desk, it: &SaleClaim) -> AnyView {
    let id = it.claim.member_id.to_string();
    let name = it.member_name.clone().unwrap_or_else(|| id.clone());
    let note = desk.time(it.claim.claimed_at);
    if may(Identity::leads_only) {
        return view! { {name}<span class="row__note narrow">{note}</span> }.into_any();
    }
    main_link(format!("/console/members/{id}"), name, note)
}

fn state_name(locale: Locale, state: ClaimState) -> (&'static str, &'static str) {
    match state {
        ClaimState::Held => (tr!(locale, claims.held), "wait"),
        ClaimState::Paid => (tr!(locale, claims.paid), "good"),
        ClaimState::Released => (tr!(locale, claims.released), "plain"),
        ClaimState::RefundDue => (tr!(locale, claims.refund_due), "bad"),
    }
}

/// The page.
#[must_use]
pub fn page() -> AnyView {
    one::page("/claims", part)
}

fn part(desk: &Desk, path: &str) -> (Known, AnyView) {
    let (own, path) = (path.to_owned(), format!("{path}/claims"));
    let sale = query::query::<FlashSale>(move || Some(own.clone()));
    let known = Known::within::<FlashSale>(sale.source, |it| it);
    (known, list(desk, path))
}

fn list(desk: &Desk, path: String) -> AnyView {
    let locale = desk.locale;
    let here = Address::here();
    let states = vec![
        (None, tr!(locale, points.all)),
        (Some("held"), tr!(locale, claims.held)),
        (Some("paid"), tr!(locale, claims.paid)),
        (Some("released"), tr!(locale, claims.released)),
        (Some("refund_due"), tr!(locale, claims.refund_due)),
    ];
    let states = Filter::Chips("state", tr!(locale, claim_desk.state), states);
    let filters = Filters::here(&desk.zone, vec![states], Vec::new());
    let (asked, narrowed) = (filters.clone(), filters.clone());
    let address = move || Some(format!("{path}?limit={PAGE}{}", asked.query()));
    let rows = query::pages::<SaleClaim>(address, here.pages());
    let title = tr!(locale, claim_desk.title);
    let none = tr!(locale, report_desk.nobody);
    let blank = move || narrowed.blank(none, tr!(locale, claim_desk.none_hint));
    let note = desk.zone_note();
    let desk = desk.clone();
    let show = move |all: Vec<SaleClaim>| table(&desk, title, COLUMNS, &all);
    view! {
        <section class="card stack" aria-label=title>
            {filters.bar()}
            {listed(rows, show, blank, address::more_pages(here))}
            {note}
        </section>
    }
    .into_any()
}
