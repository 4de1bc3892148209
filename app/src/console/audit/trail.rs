//! The page of the audit trail.

use super::{ACTIONS, action_name};
use crate::console::kit::desk::{Desk, head, page};
use crate::console::kit::download::download;
use crate::console::kit::filters::{Filter, Filters};
use crate::console::kit::views::views;
use crate::console::staff::actor;
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::query;
use leptos::prelude::*;
use shared::audit::api::AuditEntry;

/// Rows of one page.
const PAGE: usize = 50;

/// The page.
#[must_use]
pub fn trail() -> AnyView {
    let locale = locale();
    page(tr!(locale, nav.audit), |desk| {
        let here = Address::here();
        let actions = ACTIONS
            .iter()
            .map(|(code, name)| ((*code).to_owned(), name(locale).to_owned()));
        let actions: Vec<_> = actions.collect();
        let open = vec![
            Filter::Choice("action", tr!(locale, audit.action), Signal::stored(actions)),
            Filter::Exact("actor", tr!(locale, audit.actor)),
            Filter::Exact("target", tr!(locale, audit.target)),
            Filter::From("from", tr!(locale, points.from)),
            Filter::To("to", tr!(locale, points.to)),
        ];
        let filters = Filters::here(&desk.zone, open, Vec::new());
        let (asked, narrowed, exported) = (filters.clone(), filters.clone(), filters.clone());
        let path = move || {
            Some(format!(
                "/api/v1/audit_entries?limit={PAGE}{}",
                asked.query()
            ))
        };
        let rows = query::pages::<AuditEntry>(path, here.pages());
        let blank = move || narrowed.blank(tr!(locale, audit.none), tr!(locale, audit.none_hint));
        let export = download(tr!(locale, kit.export), "audit.csv", move || {
            format!(
                "/api/v1/audit_exports?{}",
                exported.query().trim_start_matches('&')
            )
        });
        let note = desk.zone_note();
        let show = move |all: Vec<AuditEntry>| {
            let all = all.iter().map(|it| row(&desk, it)).collect_view();
            view! { <ul class="rows" role="list">{all}</ul> }.into_any()
        };
        view! {
            {head(tr!(locale, nav.audit), tr!(locale, audit.hint), export)}
            <div class="card stack">
                {views("audit", &filters)}
                {filters.bar()}
                {listed(rows, show, blank, address::more_pages(here))}
                {note}
            </div>
        }
        .into_any()
    })
}

fn row(desk: &Desk, it: &AuditEntry) -> AnyView {
    let locale = desk.locale;
    let who = actor(&it.actor, it.actor_name.as_deref());
    let facts = it.detail.iter().map(|it| {
        view! { <div class="fact-row"><dt>{it.name.clone()}</dt><dd>{it.value.clone()}</dd></div> }
    });
    let facts = facts.collect_view();
    let detail = (!it.detail.is_empty()).then(|| {
        view! {
            <details class="audit__more">
                <summary class="why">{tr!(locale, audit.detail)}</summary>
                <dl class="fact-rows">{facts}</dl>
            </details>
        }
    });
    view! {
        <li class="row row--still row--top">
            <span class="row__mark">{icon(mark(&it.action))}</span>
            <span class="row__main">
                <span><span class="row__title">{action_name(locale, &it.action)}</span>" · "{target(it)}</span>
                <span class="row__note">{who}" · "{desk.time(it.at)}</span>
                {detail}
            </span>
        </li>
    }
    .into_any()
}

/// What it was done to; a member is a link to the member.
fn target(it: &AuditEntry) -> AnyView {
    let name = it.target_name.clone().unwrap_or_else(|| it.target.clone());
    if it.target.starts_with("mem_") {
        let href = format!("{}/{}", crate::console::MEMBERS, it.target);
        return view! { <a class="table__link table__link--inline" href=href>{name}</a> }
            .into_any();
    }
    name.into_any()
}

fn mark(action: &str) -> Icon {
    match action.split('.').next() {
        Some("points") => Icon::Points,
        Some("tiers") => Icon::Star,
        Some("member" | "members") => Icon::Members,
        Some("staff" | "session") => Icon::Lock,
        Some("api_key") => Icon::Key,
        Some("programme") => Icon::Settings,
        Some("order") => Icon::Order,
        _ => Icon::Audit,
    }
}
