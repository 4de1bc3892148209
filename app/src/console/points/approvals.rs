//! Adjustments that wait for a second person, and those that were decided.

use crate::api::Api;
use crate::console::MEMBERS;
use crate::console::kit::act::{Act, Verb, act, finish};
use crate::console::kit::desk::{Desk, head, page};
use crate::console::kit::draft::Draft;
use crate::console::kit::filters::{Filter, Filters};
use crate::console::kit::table::badge;
use crate::console::staff::actor;
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::query::{self, Query};
use crate::ui::sheet::sheet_at;
use leptos::prelude::*;
use serde_json::json;
use shared::points::api::{Adjustment, AdjustmentState};
use shared::text::Locale;

/// The part of the address that names the open sheet.
const KEY: &str = "do";

/// The page.
#[must_use]
pub fn approvals() -> AnyView {
    let locale = locale();
    page(tr!(locale, console.approvals), |desk| {
        let here = Address::here();
        let states = vec![
            (None, tr!(locale, approvals.waiting)),
            (Some("applied"), tr!(locale, approvals.applied)),
            (Some("rejected"), tr!(locale, approvals.rejected)),
        ];
        let status = tr!(locale, console.status);
        let filters = Filters::here(
            &desk.zone,
            vec![Filter::Chips("state", status, states)],
            Vec::new(),
        );
        let state = here.part("state");
        let path = move || {
            let state = state.get().unwrap_or_else(|| "waiting".to_owned());
            Some(format!("/api/v1/adjustments?state={state}&limit=50"))
        };
        let rows = query::pages::<Adjustment>(path, here.pages());
        let blank = {
            let filters = filters.clone();
            move || {
                filters.blank(
                    tr!(locale, console.no_approvals),
                    tr!(locale, console.no_approvals_hint),
                )
            }
        };
        let sheets = sheets(&desk, rows);
        let note = desk.zone_note();
        let show = move |all: Vec<Adjustment>| {
            let all = all.iter().map(|it| row(&desk, it)).collect_view();
            view! { <ul class="rows" role="list">{all}</ul> }.into_any()
        };
        view! {
            {head(tr!(locale, console.approvals), tr!(locale, approvals.hint), ().into_any())}
            <div class="card stack">
                {filters.bar()}
                {listed(rows, show, blank, address::more_pages(here))}
                {note}
            </div>
            {sheets}
        }
        .into_any()
    })
}

fn row(desk: &Desk, it: &Adjustment) -> AnyView {
    let locale = desk.locale;
    let href = format!("{MEMBERS}/{}", it.member_id);
    let by = tr!(
        locale,
        console.requested_by,
        name = actor(&it.requested_by, it.requested_by_name.as_deref())
    );
    let decided = it.decided_by.map(|who| {
        let who = actor(&who.to_string(), it.decided_by_name.as_deref());
        let text = tr!(locale, approvals.decided_by, name = who);
        view! { <span class="row__note">{text}</span> }
    });
    let mark = if it.amount > 0 { "gain" } else { "loss" };
    view! {
        <li class="row row--still row--wrap">
            <span class="row__mark" data-kind=mark>{icon(if it.amount > 0 { Icon::Earn } else { Icon::Spend })}</span>
            <span class="row__main">
                <span><span class="amount">{desk.amounts.signed(it.asset, it.amount)}</span>" · "{it.reason.clone()}</span>
                <span class="row__note">{by}" · "{desk.time(it.created_at)}</span>
                {decided}
                <a class="link" href=href>{member(it)}</a>
            </span>
            <span class="row__acts">{acts(locale, it)}</span>
        </li>
    }
    .into_any()
}

/// Whose balance it is.
fn member(it: &Adjustment) -> String {
    let name = it.member_name.clone();
    name.unwrap_or_else(|| it.member_id.to_string())
}

/// What can be done about an adjustment by the one who looks.
fn acts(locale: Locale, it: &Adjustment) -> AnyView {
    match it.state {
        AdjustmentState::Applied => return badge(tr!(locale, approvals.applied), "good"),
        AdjustmentState::Rejected => return badge(tr!(locale, approvals.rejected), "plain"),
        AdjustmentState::Waiting => {}
    }
    let who = expect_context::<Api>().identity();
    if who
        .as_ref()
        .is_some_and(|who| it.requested_by.ends_with(&who.id))
    {
        return view! { <span class="row__note">{tr!(locale, console.own_request)}</span> }
            .into_any();
    }
    if !who.is_some_and(|it| it.may_operate()) {
        return badge(tr!(locale, approvals.waiting), "wait");
    }
    let here = Address::here();
    let link = |name: &str, class: &'static str, text: &'static str| {
        let href = here.with_now(&[(KEY, Some(&format!("{name}-{}", it.id)))]);
        view! { <a class=class data-noscroll="" href=href aria-haspopup="dialog">{text}</a> }
    };
    view! {
        {link("approve", "button button--main button--small", tr!(locale, console.approve))}
        {link("reject", "button button--small", tr!(locale, console.reject))}
    }
    .into_any()
}

fn sheets(desk: &Desk, rows: Query<Adjustment>) -> AnyView {
    let desk = desk.clone();
    sheet_at(KEY, move |name, close| {
        let asked = name.split_once('-').and_then(|(act, id)| {
            Some((
                act == "approve",
                rows.find(|it: &Adjustment| it.id.to_string() == id)?,
            ))
        });
        match asked {
            Some((approve, it)) => decide(&desk, &it, approve, rows, close),
            None => ().into_any(),
        }
    })
}

fn decide(
    desk: &Desk,
    it: &Adjustment,
    approve: bool,
    rows: Query<Adjustment>,
    close: Callback<()>,
) -> AnyView {
    let locale = desk.locale;
    let amount = desk.amounts.signed(it.asset, it.amount);
    let (title, said) = match approve {
        true => (
            tr!(locale, console.approve),
            tr!(locale, console.approved_done),
        ),
        false => (
            tr!(locale, console.reject),
            tr!(locale, console.rejected_done),
        ),
    };
    let about = match approve {
        true => tr!(
            locale,
            approvals.approve_about,
            amount = amount,
            member = it.member_id
        ),
        false => tr!(
            locale,
            approvals.reject_about,
            amount = amount,
            member = it.member_id
        ),
    };
    let facts = [
        (tr!(locale, console.reason), it.reason.clone()),
        (
            tr!(locale, approvals.asked_by),
            actor(&it.requested_by, it.requested_by_name.as_deref()),
        ),
        (tr!(locale, approvals.asked_at), desk.time(it.created_at)),
    ]
    .map(|(name, value)| view! { <div class="record__row"><dt>{name}</dt><dd>{value}</dd></div> });
    let about = view! { <p>{about}</p><dl class="record">{facts.into_iter().collect_view()}</dl> };
    let sheet = Act {
        title: title.to_owned(),
        about: about.into_any(),
        body: ().into_any(),
        button: title,
        grave: !approve,
        path: format!("/api/v1/adjustments/{}/decisions", it.id),
        verb: Verb::Post,
    };
    let done = finish(said, close, move || rows.reload());
    act(Draft::new(json!({"approve": approve})), sheet, done, close)
}
