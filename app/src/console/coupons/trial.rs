//! The price preview: what the terms, as they are being written, do to a sample cart.

use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::parts::coupons::money;
use crate::tr;
use crate::ui::live;
use leptos::prelude::*;
use shared::coupons::pricing::price;
use shared::coupons::rules::{Candidate, Shopper};
use shared::coupons::{Cart, Coupon, CouponTerms, TemplateState};
use shared::members::audience::{Audience, Groups};
use shared::orders::OrderLine;
use shared::text::Locale;
use shared::time::Timestamp;

/// A line of the sample cart: a name, a category, and what it costs in hundredths of a unit.
const LINES: [(&str, &str, i64); 3] = [
    ("tea", "drinks", 6_800),
    ("mug", "kitchen", 4_500),
    ("cake", "food", 2_950),
];
/// What delivery of the sample cart costs.
const SHIPPING: i64 = 800;

/// The preview, by the same rules as the till's; it follows the typing.
pub(super) fn trial(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let desk = desk.clone();
    let table = live::part(move || {
        let terms = serde_json::from_value::<CouponTerms>(draft.watch());
        match terms {
            Ok(terms) => priced(&desk, terms),
            Err(_) => {
                view! { <p class="muted">{tr!(locale, coupon_desk.trial_wait)}</p> }.into_any()
            }
        }
    });
    view! {
        <section class="card stack" aria-labelledby="trial">
            <h2 class="title" id="trial">{tr!(locale, coupon_desk.trial)}</h2>
            <p class="muted">{tr!(locale, coupon_desk.trial_hint)}</p>
            <div aria-live="polite">{table}</div>
        </section>
    }
    .into_any()
}

fn sample(desk: &Desk, terms: &CouponTerms) -> Cart {
    let unit = desk.amounts.currency.minor_per_major();
    let scale = |amount: i64| amount * unit / 100;
    let mut lines: Vec<OrderLine> = LINES
        .iter()
        .map(|(sku, category, amount)| OrderLine {
            claim: None,
            line_id: (*sku).to_owned(),
            sku: (*sku).to_owned(),
            category: Some((*category).to_owned()),
            quantity: 1,
            amount: scale(*amount),
        })
        .collect();
    // What the terms name is in the cart, so that there is something to see.
    if let (Some(category), Some(line)) = (terms.scope.categories.first(), lines.first_mut()) {
        line.category = Some(category.clone());
    }
    if let (Some(sku), Some(line)) = (terms.scope.skus.first(), lines.get_mut(1)) {
        line.sku.clone_from(sku);
    }
    Cart {
        currency: desk.amounts.currency,
        lines,
        shipping: scale(SHIPPING),
    }
}

fn priced(desk: &Desk, terms: CouponTerms) -> AnyView {
    let locale = desk.locale;
    let cart = sample(desk, &terms);
    let now = Timestamp::from_millis(0);
    let mut terms = terms;
    terms.audience = Audience::default();
    let (Some(nobody), Some(id), Some(template)) = (preview("mem"), preview("cpn"), preview("ctp"))
    else {
        return ().into_any();
    };
    let candidate = Candidate {
        coupon: Coupon {
            id,
            template,
            version: 1,
            member: nobody,
            code: String::new(),
            valid_from: now,
            expires_at: now,
            uses_max: 1,
            used: 0,
            reserved: 0,
            revoked_at: None,
        },
        state: TemplateState::Active,
        uses_left: None,
        amount_left: None,
        member_uses: 0,
        terms,
    };
    let shopper = Shopper {
        member: nobody,
        groups: &Groups::default(),
        now,
    };
    let it = price(&cart, &[candidate], shopper);
    let rows = cart
        .lines
        .iter()
        .zip(it.discounts.iter().zip(&it.left))
        .map(|(line, (discount, left))| row(desk, line.sku.clone(), line.amount, *discount, *left))
        .collect_view();
    let delivery = row(
        desk,
        tr!(locale, coupon_desk.delivery).to_owned(),
        cart.shipping,
        it.shipping_discount,
        cart.shipping - it.shipping_discount,
    );
    let why = it.coupons.first().map(|it| reasons(locale, it));
    let due = money(
        desk.amounts,
        it.payable() + cart.shipping - it.shipping_discount,
    );
    view! {
        <table class="table" aria-label=tr!(locale, coupon_desk.trial)>
            <thead><tr>
                <th scope="col">{tr!(locale, coupon_desk.line)}</th>
                <th scope="col" class="number">{tr!(locale, coupon_desk.price)}</th>
                <th scope="col" class="number">{tr!(locale, coupon_desk.less)}</th>
                <th scope="col" class="number">{tr!(locale, coupon_desk.net)}</th>
            </tr></thead>
            <tbody>{rows}{delivery}</tbody>
        </table>
        <p><strong>{tr!(locale, coupon_desk.due, n = due)}</strong></p>
        {why}
    }
    .into_any()
}

fn row(desk: &Desk, name: String, amount: i64, less: i64, net: i64) -> AnyView {
    let write = |it: i64| money(desk.amounts, it);
    view! {
        <tr><td>{name}</td><td class="number">{write(amount)}</td><td class="number">{write(less)}</td><td class="number">{write(net)}</td></tr>
    }
    .into_any()
}

fn reasons(locale: Locale, it: &shared::coupons::pricing::PricedCoupon) -> AnyView {
    let line = |it: &shared::coupons::rules::Reason| {
        view! { <li class="banner banner--warn">{it.code().title(locale)}</li> }
    };
    view! { <ul class="stack" role="list">{it.reasons.iter().map(line).collect_view()}</ul> }
        .into_any()
}

/// An id for what exists only in the preview.
fn preview<T: core::str::FromStr>(prefix: &str) -> Option<T> {
    format!("{prefix}_{:026}", 0).parse().ok()
}
