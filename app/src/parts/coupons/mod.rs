//! Coupons as tickets, seen by their member or by staff.

use crate::parts::Subject;
use crate::tr;
use crate::ui::amount::Amounts;
use crate::ui::browser;
use crate::ui::format;
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;
use shared::coupons::api::{CouponView, ReasonView};
use shared::coupons::{CouponScope, CouponState, Discount, Stacking};
use shared::points::Asset;
use shared::quantity::WHOLE_BPS;
use shared::text::Locale;

/// How near its end a coupon is said to end soon: three days, in milliseconds.
const SOON_MS: f64 = 3.0 * 86_400_000.0;

/// Minor units as money.
#[must_use]
pub fn money(amounts: Amounts, minor: i64) -> String {
    amounts.plain(Asset::Credit, minor)
}

/// What a discount is worth, large, and what it is, small.
#[must_use]
pub fn face(amounts: Amounts, discount: &Discount) -> (String, String) {
    let locale = amounts.locale;
    let most = |cap: &Option<i64>| match cap {
        Some(cap) => tr!(locale, coupons.at_most, n = money(amounts, *cap)),
        None => String::new(),
    };
    match discount {
        Discount::AmountOff { amount } => (
            money(amounts, *amount),
            tr!(locale, coupons.amount_off).to_owned(),
        ),
        Discount::PercentageOff { bps, discount_cap } => {
            // 15% off is in Chinese what is left to pay, in tenths: 8.5 折.
            let n = match locale {
                Locale::ZhCn => decimal(WHOLE_BPS - *bps, 1_000),
                Locale::En => decimal(*bps, 100),
            };
            (tr!(locale, coupons.percent_off, n = n), most(discount_cap))
        }
        Discount::FreeShipping { discount_cap } => (
            tr!(locale, coupons.free_shipping).to_owned(),
            most(discount_cap),
        ),
        Discount::Gift { sku } => (tr!(locale, coupons.gift).to_owned(), sku.clone()),
    }
}

/// A share of a whole with no more digits than it needs.
fn decimal(share: i64, whole: i64) -> String {
    let digits = format!("{:03}", share % whole * 1_000 / whole);
    let text = format!("{}.{digits}", share / whole);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What the goods must cost.
#[must_use]
pub fn threshold(amounts: Amounts, least: i64) -> String {
    match least {
        0 => tr!(amounts.locale, coupons.no_threshold).to_owned(),
        least => tr!(amounts.locale, coupons.threshold, n = money(amounts, least)),
    }
}

/// Which goods it is for.
#[must_use]
pub fn scope(locale: Locale, it: &CouponScope) -> String {
    let mut parts = Vec::new();
    let named: Vec<&str> = it
        .categories
        .iter()
        .chain(&it.skus)
        .map(String::as_str)
        .collect();
    if named.is_empty() {
        parts.push(tr!(locale, coupons.scope_all).to_owned());
    } else {
        parts.push(tr!(locale, coupons.scope_only, names = named.join(", ")));
    }
    let not: Vec<&str> = it
        .excluded_categories
        .iter()
        .chain(&it.excluded_skus)
        .map(String::as_str)
        .collect();
    if !not.is_empty() {
        parts.push(tr!(locale, coupons.scope_not, names = not.join(", ")));
    }
    parts.join(" ")
}

/// What it can be used together with.
#[must_use]
pub fn stacking(locale: Locale, it: &Stacking) -> &'static str {
    if it.exclusive {
        tr!(locale, coupons.exclusive)
    } else {
        tr!(locale, coupons.stackable)
    }
}

/// Where it is in its life, in a word.
#[must_use]
pub fn state_name(locale: Locale, state: CouponState) -> &'static str {
    match state {
        CouponState::Upcoming => tr!(locale, coupons.upcoming),
        CouponState::Available => tr!(locale, coupons.available),
        CouponState::Reserved => tr!(locale, coupons.reserved),
        CouponState::Used => tr!(locale, coupons.used),
        CouponState::Expired => tr!(locale, coupons.expired),
        CouponState::Revoked => tr!(locale, coupons.revoked),
    }
}

/// Whether a usable coupon ends within three days.
#[must_use]
pub fn ends_soon(it: &CouponView) -> bool {
    it.state == CouponState::Available
        && format::js(it.expires_at.as_millis()) - browser::now_millis() < SOON_MS
}

/// The badge of a coupon: its state, or that it ends soon.
#[must_use]
pub fn badge(locale: Locale, it: &CouponView) -> AnyView {
    let (tone, text) = match it.state {
        CouponState::Available if ends_soon(it) => ("wait", tr!(locale, coupons.soon)),
        CouponState::Available => ("good", state_name(locale, it.state)),
        CouponState::Upcoming | CouponState::Reserved => ("wait", state_name(locale, it.state)),
        CouponState::Used | CouponState::Expired | CouponState::Revoked => {
            ("quiet", state_name(locale, it.state))
        }
    };
    view! { <span class="badge" data-tone=tone>{text}</span> }.into_any()
}

/// A coupon as a ticket: what it is worth, what for, until when. The whole of it is one link.
#[must_use]
pub fn ticket(subject: &Subject, it: &CouponView, href: String) -> AnyView {
    let locale = subject.amounts.locale;
    let usable = matches!(
        it.state,
        CouponState::Available | CouponState::Upcoming | CouponState::Reserved
    );
    let (worth, kind) = face(subject.amounts, &it.discount);
    let when = match it.state {
        CouponState::Upcoming => tr!(locale, coupons.from, when = subject.date(it.valid_from)),
        _ => tr!(locale, coupons.until, when = subject.date(it.expires_at)),
    };
    let order = it.order_id.clone().map(|id| {
        let text = tr!(locale, coupons.order, id = id);
        view! { <span class="muted">{text}</span> }
    });
    view! {
        <li>
            <a class="ticket" href=href data-off=(!usable).then_some("true")>
                <span class="ticket__worth"><strong>{worth}</strong><span>{kind}</span></span>
                <span class="ticket__main">
                    <span class="ticket__name">{it.name.get(locale).to_owned()}</span>
                    <span class="muted">{threshold(subject.amounts, it.threshold_amount)}</span>
                    <span class="muted">{when}</span>
                    {order}
                </span>
                <span class="ticket__side">{badge(locale, it)}</span>
            </a>
        </li>
    }
    .into_any()
}

/// What keeps a coupon from being used, one line each.
#[must_use]
pub fn reasons(subject: &Subject, reasons: &[ReasonView]) -> AnyView {
    let locale = subject.amounts.locale;
    let line = |it: &ReasonView| {
        let at = it
            .at
            .map(|at| view! { <span class="muted">{subject.time(at)}</span> });
        view! { <li class="banner banner--warn">{icon(Icon::Warning)}<span class="grow">{it.text.get(locale).to_owned()}</span>{at}</li> }
    };
    view! { <ul class="stack" role="list">{reasons.iter().map(line).collect_view()}</ul> }
        .into_any()
}
