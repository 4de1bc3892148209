//! Adjustments that wait for a second person.

use crate::api::{Api, Intent};
use crate::console::MEMBERS;
use crate::i18n::locale;
use crate::parts::shop;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::amount::Amounts;
use crate::ui::form::{Form, form_error};
use crate::ui::format::{self, Moment};
use crate::ui::load::listed;
use crate::ui::query::{self, Query};
use crate::ui::toast::Toaster;
use crate::ui::{page, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::points::api::{Adjustment, DecideAdjustment};

/// The page.
pub(in crate::console) fn approvals() -> AnyView {
    let locale = locale();
    page::arrive(tr!(locale, console.approvals));
    let Some((amounts, programme)) = shop::amounts().zip(shop::programme()) else {
        return ().into_any();
    };
    let here = Address::here();
    let pages = here.pages();
    let waiting = || Some("/api/v1/adjustments?state=waiting".to_owned());
    let rows = query::pages::<Adjustment>(waiting, pages);
    let zone = programme.time_zone;
    let note = tr!(locale, console.programme_zone, zone = zone);
    let show = move |all: Vec<Adjustment>| {
        let all = all
            .into_iter()
            .map(|it| row(amounts, &zone, rows, it))
            .collect_view();
        view! { <ul class="rows" role="list">{all}</ul> }.into_any()
    };
    let blank = move || {
        state::empty(
            tr!(locale, console.no_approvals),
            tr!(locale, console.no_approvals_hint),
        )
    };
    view! {
        {page::heading(tr!(locale, console.approvals), "greeting")}
        <div class="card stack">
            {listed(rows, show, blank, address::more_pages(here))}
            <p class="row__note">{note}</p>
        </div>
    }
    .into_any()
}

fn row(amounts: Amounts, zone: &str, rows: Query<Adjustment>, it: Adjustment) -> AnyView {
    let locale = amounts.locale;
    let who = expect_context::<Api>().identity();
    let own = who.as_ref().is_some_and(|who| who.id == it.requested_by);
    let may = who.is_some_and(|it| it.may_operate());
    let form = Form::new();
    let href = format!("{MEMBERS}/{}", it.member_id);
    let by = tr!(locale, console.requested_by, name = it.requested_by);
    let when = format::moment(locale, zone, it.created_at, Moment::Zoned);
    let buttons = if own {
        view! { <p class="row__note">{tr!(locale, console.own_request)}</p> }.into_any()
    } else if may {
        view! {
            {decide(form, rows, &it, true)}
            {decide(form, rows, &it, false)}
        }
        .into_any()
    } else {
        ().into_any()
    };
    view! {
        <li class="row row--still row--wrap">
            <span class="row__main">
                <span class="amount">{amounts.signed(it.asset, it.amount)}</span>
                <span>{it.reason}</span>
                <span class="row__note">{by}" · "{when}</span>
                <a class="link" href=href>{it.member_id.to_string()}</a>
            </span>
            {buttons}
            {form_error(form)}
        </li>
    }
    .into_any()
}

fn decide(form: Form, rows: Query<Adjustment>, it: &Adjustment, approve: bool) -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let intent = Intent::new();
    let path = format!("/api/v1/adjustments/{}/decisions", it.id);
    let (text, done, class) = if approve {
        (
            tr!(locale, console.approve),
            tr!(locale, console.approved_done),
            "button button--main",
        )
    } else {
        (
            tr!(locale, console.reject),
            tr!(locale, console.rejected_done),
            "button",
        )
    };
    let click = move |_| {
        if !form.begin() {
            return;
        }
        let body = DecideAdjustment { approve };
        let (path, key) = (path.clone(), intent.key(&body));
        spawn_local(async move {
            if form
                .end(api.post_text(&path, &body, Some(&key)).await)
                .is_some()
            {
                toaster.say(done);
                rows.reload();
            }
        });
    };
    view! {
        <button class=class type="button" on:click=click aria-disabled=form.waiting()>
            {text}
        </button>
    }
    .into_any()
}
