//! What API keys asked: for the shop's engineers, when something does not arrive.

use crate::console::kit::desk::{Desk, head, page};
use crate::console::kit::filters::{Filter, Filters};
use crate::console::kit::table::badge;
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::load::listed;
use crate::ui::query;
use leptos::prelude::*;
use shared::requests::api::LoggedRequest;

/// Rows of one page.
const PAGE: usize = 50;

/// The page.
#[must_use]
pub fn log() -> AnyView {
    let locale = locale();
    page(tr!(locale, nav.requests), |desk| {
        let here = Address::here();
        let which = vec![
            (None, tr!(locale, api_requests.all)),
            (Some("true"), tr!(locale, api_requests.failed)),
        ];
        let open = vec![
            Filter::Chips("failed", tr!(locale, api_requests.which), which),
            Filter::Exact("key", tr!(locale, api_requests.key)),
            Filter::Exact("request_id", tr!(locale, api_requests.request_id)),
            Filter::From("from", tr!(locale, points.from)),
            Filter::To("to", tr!(locale, points.to)),
        ];
        let filters = Filters::here(&desk.zone, open, Vec::new());
        let (asked, narrowed) = (filters.clone(), filters.clone());
        let path = move || {
            let query = asked.query();
            Some(format!("/api/v1/api_requests?limit={PAGE}{query}"))
        };
        let rows = query::pages::<LoggedRequest>(path, here.pages());
        let none = tr!(locale, api_requests.none);
        let blank = move || narrowed.blank(none, tr!(locale, api_requests.none_hint));
        let note = desk.zone_note();
        let show = move |all: Vec<LoggedRequest>| {
            let all = all.iter().map(|it| row(&desk, it)).collect_view();
            view! { <ul class="rows" role="list">{all}</ul> }.into_any()
        };
        view! {
            {head(tr!(locale, nav.requests), tr!(locale, api_requests.hint), ().into_any())}
            <div class="card stack">
                {filters.bar()}
                {listed(rows, show, blank, address::more_pages(here))}
                {note}
            </div>
        }
        .into_any()
    })
}

fn row(desk: &Desk, it: &LoggedRequest) -> AnyView {
    let locale = desk.locale;
    let tone = match it.status {
        0..400 => "good",
        400..500 => "wait",
        _ => "bad",
    };
    let key = it.key_name.clone();
    let key = key.unwrap_or_else(|| it.key_id.to_string());
    let code = it.code.clone().map(|it| format!(" · {it}"));
    let took = tr!(locale, api_requests.took, ms = it.took_ms);
    view! {
        <li class="row row--still row--top">
            <span class="row__main">
                <span>
                    {badge(it.status.to_string(), tone)}" "
                    <span class="row__title">{format!("{} {}", it.method, it.path)}</span>{code}
                </span>
                <span class="row__note">{key}" · "{desk.time(it.at)}" · "{took}" · "{it.request_id.clone()}</span>
            </span>
        </li>
    }
    .into_any()
}
