//! All templates, and making one.

use super::{may_change, state_badge, terms};
use crate::api;
use crate::console::kit::act::{Act, Verb, act};
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::draft::Draft;
use crate::console::kit::filters::{Filter, Filters};
use crate::console::kit::table::{Column, main_link, table, text};
use crate::i18n::locale;
use crate::parts::coupons::{face, money, threshold};
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::listed;
use crate::ui::meter::share;
use crate::ui::query;
use crate::ui::sheet::sheet_at;
use leptos::prelude::*;
use shared::coupons::api::Template;

/// The part of the address that names the open sheet.
const KEY: &str = "do";

const COLUMNS: &[Column<Template>] = &[
    Column {
        title: |it| tr!(it, coupon_desk.name),
        class: "",
        sort: None,
        cell: |desk, it| {
            let name = it.terms.name.get(desk.locale).to_owned();
            main_link(format!("/console/coupons/{}", it.id), name, worth(desk, it))
        },
    },
    Column {
        title: |it| tr!(it, coupon_desk.worth),
        class: "wide",
        sort: None,
        cell: |desk, it| text(worth(desk, it)),
    },
    Column {
        title: |it| tr!(it, coupon_desk.state),
        class: "",
        sort: None,
        cell: |desk, it| state_badge(desk, it.state),
    },
    Column {
        title: |it| tr!(it, coupon_desk.issued),
        class: "number wide",
        sort: None,
        cell: |desk, it| text(desk.number(it.issued)),
    },
    Column {
        title: |it| tr!(it, coupon_desk.uses),
        class: "number",
        sort: None,
        cell: |desk, it| text(desk.number(it.redeemed_uses)),
    },
    Column {
        title: |it| tr!(it, coupon_desk.budget),
        class: "wide",
        sort: None,
        cell: budget,
    },
];

/// What a template gives, in a line.
fn worth(desk: &Desk, it: &Template) -> String {
    let (large, small) = face(desk.amounts, &it.terms.discount);
    format!(
        "{large} {small} · {}",
        threshold(desk.amounts, it.terms.threshold_amount)
    )
}

/// How far the budget is used up, as a bar beside the number.
fn budget(desk: &Desk, it: &Template) -> AnyView {
    let limits = &it.terms.limits;
    let (used, all, words) = match (limits.budget_amount, limits.budget_uses) {
        (Some(all), _) => (
            it.committed_amount,
            all,
            tr!(
                desk.locale,
                coupon_desk.of,
                a = money(desk.amounts, it.committed_amount),
                b = money(desk.amounts, all)
            ),
        ),
        (None, Some(all)) => (
            it.committed_uses,
            all,
            tr!(
                desk.locale,
                coupon_desk.of,
                a = desk.number(it.committed_uses),
                b = desk.number(all)
            ),
        ),
        (None, None) => return text(money(desk.amounts, it.committed_amount)),
    };
    view! { <span>{words}</span>{share(used, all)} }.into_any()
}

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, nav.coupons), |desk| {
        let here = Address::here();
        let filters = Filters::here(
            &desk.zone,
            vec![
                Filter::Search(tr!(locale, coupon_desk.search)),
                Filter::Chips(
                    "state",
                    tr!(locale, coupon_desk.state),
                    vec![
                        (None, tr!(locale, points.all)),
                        (Some("draft"), tr!(locale, coupon_desk.draft)),
                        (Some("active"), tr!(locale, coupon_desk.active)),
                        (Some("paused"), tr!(locale, coupon_desk.paused)),
                        (Some("ended"), tr!(locale, coupon_desk.ended)),
                    ],
                ),
            ],
            Vec::new(),
        );
        let asked = filters.clone();
        let path = move || {
            Some(format!(
                "/api/v1/coupon_templates?limit=50{}",
                asked.query()
            ))
        };
        let rows = query::pages::<Template>(path, here.pages());
        let show = {
            let desk = desk.clone();
            move |all: Vec<Template>| table(&desk, tr!(locale, nav.coupons), COLUMNS, &all)
        };
        let blank = {
            let filters = filters.clone();
            move || {
                filters.blank(
                    tr!(locale, coupon_desk.none),
                    tr!(locale, coupon_desk.none_hint),
                )
            }
        };
        let add = may_change().then(|| {
            let href = here.with_now(&[(KEY, Some("add"))]);
            view! { <a class="button button--main" data-noscroll="" href=href aria-haspopup="dialog">{icon(Icon::Plus)}{tr!(locale, coupon_desk.add)}</a> }
        });
        let actions = view! {
            <a class="button" href="/console/coupons/log">{tr!(locale, coupon_desk.log)}</a>
            {add}
        };
        let sheet_desk = desk.clone();
        view! {
            {head(tr!(locale, nav.coupons), tr!(locale, coupon_desk.hint), actions.into_any())}
            {filters.bar()}
            <div class="card stack">{listed(rows, show, blank, address::more_pages(here))}{desk.zone_note()}</div>
            {sheet_at(KEY, move |_, close| add_sheet(&sheet_desk, close))}
        }
        .into_any()
    })
}

/// Asks for the first terms of a new template; it is a draft until it is begun.
fn add_sheet(desk: &Desk, close: Callback<()>) -> AnyView {
    let locale = desk.locale;
    let draft = Draft::new(terms::blank());
    let it = Act {
        title: tr!(locale, coupon_desk.add).to_owned(),
        about: view! { <p class="muted">{tr!(locale, coupon_desk.add_hint)}</p> }.into_any(),
        body: terms::essentials(desk, draft),
        button: tr!(locale, coupon_desk.add),
        grave: false,
        verb: Verb::Post,
        path: "/api/v1/coupon_templates".to_owned(),
    };
    let go = address::replace_by();
    let done = move |answer: String| {
        if let Ok(made) = api::read::<Template>(&answer) {
            go(&format!("/console/coupons/{}", made.id));
        }
    };
    act(draft, it, done, close)
}
