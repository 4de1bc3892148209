//! The log of uses.

use crate::console::kit::desk::{head, page as desk_page};
use crate::console::kit::filters::{Filter, Filters};
use crate::console::kit::table::{Column, badge, main_link, table, text};
use crate::i18n::locale;
use crate::parts::coupons::money;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::load::listed;
use crate::ui::query;
use leptos::prelude::*;
use shared::coupons::api::{Redemption, UseState};
use shared::text::Locale;

const COLUMNS: &[Column<Redemption>] = &[
    Column {
        title: |it| tr!(it, coupon_desk.at),
        class: "",
        sort: None,
        cell: |desk, it| {
            main_link(
                format!("/console/members/{}", it.member_id),
                desk.time(it.at),
                money(desk.amounts, it.amount),
            )
        },
    },
    Column {
        title: |it| tr!(it, coupon_desk.state),
        class: "",
        sort: None,
        cell: |desk, it| {
            let (name, tone) = use_name(desk.locale, it.state);
            badge(name, tone)
        },
    },
    Column {
        title: |it| tr!(it, coupon_desk.taken_off),
        class: "number wide",
        sort: None,
        cell: |desk, it| text(money(desk.amounts, it.amount)),
    },
    Column {
        title: |it| tr!(it, coupons.order_label),
        class: "wide",
        sort: None,
        cell: |_, it| text(it.order_id.clone().unwrap_or_default()),
    },
    Column {
        title: |it| tr!(it, coupons.one),
        class: "wide",
        sort: None,
        cell: |_, it| {
            let href = format!("/console/coupons/{}", it.template_id);
            view! { <a class="link" href=href>{it.coupon_id.to_string()}</a> }.into_any()
        },
    },
];

fn use_name(locale: Locale, state: UseState) -> (&'static str, &'static str) {
    match state {
        UseState::Held => (tr!(locale, coupon_desk.use_held), "wait"),
        UseState::Redeemed => (tr!(locale, coupons.used), "good"),
        UseState::Released => (tr!(locale, coupon_desk.use_released), "plain"),
        UseState::Returned => (tr!(locale, coupon_desk.use_returned), "plain"),
    }
}

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, coupon_desk.log), |desk| {
        let here = Address::here();
        let filters = Filters::here(
            &desk.zone,
            vec![Filter::Chips(
                "state",
                tr!(locale, coupon_desk.state),
                vec![
                    (None, tr!(locale, points.all)),
                    (Some("held"), tr!(locale, coupon_desk.use_held)),
                    (Some("redeemed"), tr!(locale, coupons.used)),
                    (Some("released"), tr!(locale, coupon_desk.use_released)),
                    (Some("returned"), tr!(locale, coupon_desk.use_returned)),
                ],
            )],
            Vec::new(),
        );
        let asked = filters.clone();
        let path = move || {
            Some(format!(
                "/api/v1/coupon_redemptions?limit=50{}",
                asked.query()
            ))
        };
        let rows = query::pages::<Redemption>(path, here.pages());
        let show = {
            let desk = desk.clone();
            move |all: Vec<Redemption>| table(&desk, tr!(locale, coupon_desk.log), COLUMNS, &all)
        };
        let blank = {
            let filters = filters.clone();
            move || filters.blank(tr!(locale, coupon_desk.no_uses), "")
        };
        view! {
            <p><a class="link" href="/console/coupons">{tr!(locale, coupon_desk.back)}</a></p>
            {head(tr!(locale, coupon_desk.log), tr!(locale, coupon_desk.log_hint), ().into_any())}
            {filters.bar()}
            <div class="card stack">{listed(rows, show, blank, address::more_pages(here))}{desk.zone_note()}</div>
        }
        .into_any()
    })
}
