//! Members who live together, so that what they share does not hold their referrals.

use super::{called, may_change, member_link, parts};
use crate::console::kit::act::{Act, Verb, act, finish};
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, field};
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::query::{self, Query};
use crate::ui::sheet::sheet_at;
use crate::ui::state;
use leptos::prelude::*;
use serde_json::json;
use shared::referrals::api::Household;

/// The part of the address that names the open sheet.
const KEY: &str = "do";
/// The sheet that notes one more; any other name is that of a household to remove.
const ADD: &str = "add";
/// Where households are.
const PATH: &str = "/api/v1/households";

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, referral_desk.households), |desk| {
        let here = Address::here();
        let rows = query::pages::<Household>(|| Some(format!("{PATH}?limit=50")), here.pages());
        let add = may_change().then(|| {
            let href = here.with_now(&[(KEY, Some(ADD))]);
            view! { <a class="button button--main" data-noscroll="" href=href aria-haspopup="dialog">{icon(Icon::Plus)}{tr!(locale, referral_desk.household_add)}</a> }
        });
        let blank = move || {
            let hint = tr!(locale, referral_desk.no_households_hint);
            state::empty(tr!(locale, referral_desk.no_households), hint)
        };
        let (list_desk, sheet_desk) = (desk.clone(), desk.clone());
        let show = move |all: Vec<Household>| {
            let all = all.iter().map(|it| row(&list_desk, it)).collect_view();
            view! { <ul class="rows" role="list">{all}</ul> }.into_any()
        };
        view! {
            {head(tr!(locale, referral_desk.households), tr!(locale, referral_desk.households_hint), add.into_any())}
            {parts()}
            <div class="card stack">
                {listed(rows, show, blank, address::more_pages(here))}
                {desk.zone_note()}
            </div>
            {sheet_at(KEY, move |name, close| sheet(&sheet_desk, &name, rows, close))}
        }
        .into_any()
    })
}

/// The members of a household in words.
fn names(desk: &Desk, it: &Household) -> String {
    let names = it.members.iter().map(|it| called(desk, it.name.as_deref()));
    names.collect::<Vec<_>>().join(", ")
}

fn row(desk: &Desk, it: &Household) -> AnyView {
    let locale = desk.locale;
    let links = it
        .members
        .iter()
        .map(|it| member_link(desk, it.id, it.name.as_deref()));
    let remove = may_change().then(|| {
        let href = Address::here().with_now(&[(KEY, Some(&it.id.to_string()))]);
        let label = tr!(locale, referral_desk.household_remove_of, names = names(desk, it));
        view! { <a class="button button--icon" data-noscroll="" href=href aria-haspopup="dialog" aria-label=label>{icon(Icon::Remove)}</a> }
    });
    view! {
        <li class="row row--still">
            <span class="row__mark">{icon(Icon::Home)}</span>
            <span class="row__main">
                <span class="people">{links.collect_view()}</span>
                <span>{it.note.clone()}</span>
                <span class="row__note">{desk.time(it.created_at)}</span>
            </span>
            {remove}
        </li>
    }
    .into_any()
}

fn sheet(desk: &Desk, name: &str, rows: Query<Household>, close: Callback<()>) -> AnyView {
    if !may_change() {
        return ().into_any();
    }
    if name == ADD {
        return add(desk, rows, close);
    }
    match rows.find(|it: &Household| it.id.to_string() == name) {
        Some(it) => remove(desk, &it, rows, close),
        None => ().into_any(),
    }
}

fn add(desk: &Desk, rows: Query<Household>, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let draft = Draft::new(json!({ "members": [], "note": "" }));
    let members = field(
        "/members",
        tr!(locale, referral_desk.household_members),
        Kind::Names,
    )
    .hint(tr!(locale, referral_desk.household_members_hint));
    let note = field(
        "/note",
        tr!(locale, referral_desk.household_note),
        Kind::Text,
    )
    .hint(tr!(locale, referral_desk.household_note_hint));
    let it = Act {
        title: tr!(locale, referral_desk.household_add).to_owned(),
        about: view! { <p class="muted">{tr!(locale, referral_desk.households_hint)}</p> }
            .into_any(),
        body: view! { {members.show(draft)}{note.show(draft)} }.into_any(),
        button: tr!(locale, referral_desk.household_add),
        grave: false,
        path: PATH.to_owned(),
        verb: Verb::Post,
    };
    let done = finish(
        tr!(locale, referral_desk.household_added),
        close,
        move || rows.reload(),
    );
    act(draft, it, done, close)
}

fn remove(desk: &Desk, it: &Household, rows: Query<Household>, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let names = names(desk, it);
    let about = tr!(locale, referral_desk.household_remove_about, names = names);
    let sheet = Act {
        title: tr!(locale, referral_desk.household_remove).to_owned(),
        about: view! { <p>{about}</p> }.into_any(),
        body: ().into_any(),
        button: tr!(locale, referral_desk.household_remove),
        grave: true,
        path: format!("{PATH}/{}", it.id),
        verb: Verb::Delete,
    };
    let done = finish(
        tr!(locale, referral_desk.household_removed),
        close,
        move || rows.reload(),
    );
    act(Draft::new(json!({})), sheet, done, close)
}
