//! One coupon: its code to scan, what it is for, and what keeps it from being used.

use super::super::with_summary;
use crate::i18n::locale;
use crate::parts::Subject;
use crate::parts::coupons::{badge, face, reasons, scope, stacking, threshold};
use crate::parts::points::{why_link, why_sheet};
use crate::tr;
use crate::ui::load::loaded;
use crate::ui::query;
use crate::ui::routes::param;
use leptos::prelude::*;
use shared::coupons::api::{CouponDetail, QrPicture};
use shared::members::api::Glance;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_summary(tr!(locale(), coupons.one), show)
}

fn show(subject: &Subject, _: Glance) -> AnyView {
    let id = param("coupon");
    let detail = query::query::<CouponDetail>(move || {
        let id = crate::ui::browser::encode(&id.get());
        Some(format!("/api/v1/me/coupons/{id}"))
    });
    let (subject, sheet) = (subject.clone(), subject.clone());
    let back = tr!(subject.amounts.locale, coupons.back);
    view! {
        {loaded(detail, 8, move |it| coupon(&subject, &it))}
        <p><a class="link" href="/coupons">{back}</a></p>
        {why_sheet(sheet)}
    }
    .into_any()
}

fn coupon(subject: &Subject, it: &CouponDetail) -> AnyView {
    let locale = subject.amounts.locale;
    let coupon = &it.coupon;
    let (worth, kind) = face(subject.amounts, &coupon.discount);
    let small = coupon.description.get(locale).to_owned();
    let small = (!small.is_empty()).then(|| view! { <p class="muted">{small}</p> });
    let why = (!it.reasons.is_empty()).then(|| {
        view! {
            <section aria-labelledby="why-not">
                <h2 class="title" id="why-not">{tr!(locale, coupons.why_not)}</h2>
                {reasons(subject, &it.reasons)}
            </section>
        }
    });
    let order = coupon.order_id.clone();
    let rows = [
        (
            tr!(locale, coupons.threshold_label),
            Some(threshold(subject.amounts, coupon.threshold_amount)),
        ),
        (
            tr!(locale, coupons.scope_label),
            Some(scope(locale, &coupon.scope)),
        ),
        (
            tr!(locale, coupons.stacking_label),
            Some(stacking(locale, &coupon.stacking).to_owned()),
        ),
        (
            tr!(locale, coupons.from_label),
            Some(subject.time(coupon.valid_from)),
        ),
        (
            tr!(locale, coupons.until_label),
            Some(subject.time(coupon.expires_at)),
        ),
        (tr!(locale, coupons.order_label), order),
    ];
    let row = |(label, value): (&'static str, Option<String>)| {
        value.map(|it| view! { <div class="record__row"><dt>{label}</dt><dd>{it}</dd></div> })
    };
    view! {
        <div class="columns columns--side">
            <section class="card stack ticket-open" aria-labelledby="coupon-name">
                <div class="card__head">
                    <h2 class="title" id="coupon-name">{coupon.name.get(locale).to_owned()}</h2>
                    {badge(locale, coupon)}
                </div>
                <p class="ticket__worth"><strong>{worth}</strong><span>{kind}</span></p>
                {picture(tr!(locale, coupons.qr), &it.qr)}
                <p class="ticket-open__code"><code>{coupon.code.clone()}</code></p>
                <p class="muted">{tr!(locale, coupons.show_at_till)}</p>
            </section>
            <div class="stack">
                {why}
                <section class="card stack" aria-labelledby="terms">
                    <div class="card__head">
                        <h2 class="title" id="terms">{tr!(locale, coupons.terms)}</h2>
                        {why_link(subject, coupon.id.to_string())}
                    </div>
                    {small}
                    <dl class="record">{rows.map(row).collect_view()}</dl>
                </section>
            </div>
        </div>
    }
    .into_any()
}

/// The code as a picture; dark on white in every theme, because scanners need it so.
fn picture(label: &'static str, it: &QrPicture) -> AnyView {
    let frame = format!("0 0 {} {}", it.size, it.size);
    view! {
        <svg class="qr" role="img" aria-label=label viewBox=frame shape-rendering="crispEdges">
            <path d=it.path.clone()></path>
        </svg>
    }
    .into_any()
}
