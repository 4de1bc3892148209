//! What an endpoint was and will be sent.

use super::KEY;
use super::one::{self, Subject};
use super::words::{delivery_tone, delivery_words, event};
use crate::console::kit::desk::Desk;
use crate::console::kit::filters::{Filter, Filters};
use crate::console::kit::table::{Column, badge, sheet_link, table, text};
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::load::listed;
use crate::ui::query;
use leptos::prelude::*;
use shared::webhooks::api::WebhookDelivery;
use shared::webhooks::events::EventType;

/// Rows of one page.
const PAGE: usize = 50;

const COLUMNS: &[Column<WebhookDelivery>] = &[
    Column {
        title: |it| tr!(it, webhook_desk.event),
        class: "",
        sort: None,
        cell: |desk, it| {
            let href = Address::here().with_now(&[(KEY, Some(&it.event_id.to_string()))]);
            let note = desk.time(it.happened_at);
            sheet_link(href, event(desk.locale, it.kind), note)
        },
    },
    Column {
        title: |it| tr!(it, webhook_desk.happened),
        class: "wide",
        sort: None,
        cell: |desk, it| text(desk.time(it.happened_at)),
    },
    Column {
        title: |it| tr!(it, webhook_desk.attempts),
        class: "number wide",
        sort: None,
        cell: |desk, it| text(desk.number(i64::from(it.attempts))),
    },
    Column {
        title: |it| tr!(it, console.status),
        class: "",
        sort: None,
        cell: |desk, it| {
            badge(
                delivery_words(desk.locale, it.state),
                delivery_tone(it.state),
            )
        },
    },
];

/// The page.
#[must_use]
pub fn page() -> AnyView {
    one::page("", part)
}

fn part(desk: &Desk, it: &Subject) -> AnyView {
    let locale = desk.locale;
    let here = Address::here();
    let states = vec![
        (None, tr!(locale, webhook_desk.all)),
        (Some("waiting"), tr!(locale, webhook_desk.waiting)),
        (Some("failed"), tr!(locale, webhook_desk.failed)),
        (Some("delivered"), tr!(locale, webhook_desk.delivered)),
    ];
    let kinds = EventType::ALL.iter();
    let kinds: Vec<_> = kinds
        .map(|it| (it.as_str().to_owned(), event(locale, *it)))
        .collect();
    let open = vec![
        Filter::Chips("state", tr!(locale, console.status), states),
        Filter::Choice(
            "type",
            tr!(locale, webhook_desk.event),
            Signal::stored(kinds),
        ),
        Filter::Exact("member", tr!(locale, webhook_desk.member)),
    ];
    let filters = Filters::here(&desk.zone, open, Vec::new());
    let (asked, narrowed) = (filters.clone(), filters.clone());
    let path = format!("{}/deliveries?limit={PAGE}", it.path);
    let rows = query::pages::<WebhookDelivery>(
        move || Some(format!("{path}{}", asked.query())),
        here.pages(),
    );
    let again = it.again;
    Effect::new(move |before: Option<u32>| {
        let now = again.get();
        if before.is_some_and(|it| it != now) {
            rows.reload();
        }
        now
    });
    let blank = move || {
        narrowed.blank(
            tr!(locale, webhook_desk.nothing),
            tr!(locale, webhook_desk.nothing_hint),
        )
    };
    let note = desk.zone_note();
    let desk = desk.clone();
    let show =
        move |all: Vec<WebhookDelivery>| table(&desk, tr!(locale, webhook_desk.log), COLUMNS, &all);
    view! {
        <div class="card stack">
            {filters.bar()}
            {listed(rows, show, blank, address::more_pages(here))}
            {note}
        </div>
    }
    .into_any()
}
