//! The claim centre: what can be taken, and why not.

use super::super::{may_act, with_summary};
use crate::api::{Api, Intent};
use crate::i18n::locale;
use crate::parts::Subject;
use crate::parts::coupons::{face, threshold};
use crate::tr;
use crate::ui::form::{Form, form_error};
use crate::ui::load::loaded;
use crate::ui::query::Query;
use crate::ui::toast::Toaster;
use crate::ui::{query, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::coupons::Validity;
use shared::coupons::api::{ClaimCoupon, Offer, OfferState};
use shared::members::api::Glance;
use shared::text::Locale;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_summary(tr!(locale(), coupons.centre), show)
}

fn show(subject: &Subject, it: Glance) -> AnyView {
    let locale = subject.amounts.locale;
    let offers = query::query::<Vec<Offer>>(|| Some("/api/v1/me/coupon_offers".to_owned()));
    let form = Form::new();
    let may_take = may_act(&it);
    let subject = subject.clone();
    let list = move |rows: Vec<Offer>| {
        if rows.is_empty() {
            return state::empty(
                tr!(locale, coupons.no_offers),
                tr!(locale, coupons.no_offers_hint),
            );
        }
        let one = |it: &Offer| {
            let action = match it.state {
                OfferState::Claimable if !may_take => ().into_any(),
                _ => act(locale, it, form, offers),
            };
            offer(&subject, it, action)
        };
        view! { <ul class="tickets" role="list">{rows.iter().map(one).collect_view()}</ul> }
            .into_any()
    };
    view! {
        <div class="stack">
            {form_error(form)}
            {loaded(offers, 4, list)}
            <p><a class="link" href="/coupons">{tr!(locale, coupons.back)}</a></p>
        </div>
    }
    .into_any()
}

fn when(subject: &Subject, validity: Validity) -> String {
    let locale = subject.amounts.locale;
    match validity {
        Validity::Dated { from, until } => tr!(
            locale,
            coupons.dated,
            from = from.to_string(),
            until = until.to_string()
        ),
        Validity::Days { days } => tr!(locale, coupons.days, n = days),
    }
}

fn offer(subject: &Subject, it: &Offer, action: AnyView) -> AnyView {
    let locale = subject.amounts.locale;
    let (worth, kind) = face(subject.amounts, &it.discount);
    let left = it.left.map(|left| {
        let text = tr!(locale, coupons.left, n = left);
        view! { <span class="muted">{text}</span> }
    });
    let off = (it.state != OfferState::Claimable).then_some("true");
    view! {
        <li>
            <div class="ticket" data-off=off>
                <span class="ticket__worth"><strong>{worth}</strong><span>{kind}</span></span>
                <span class="ticket__main">
                    <span class="ticket__name">{it.name.get(locale).to_owned()}</span>
                    <span class="muted">{threshold(subject.amounts, it.threshold_amount)}</span>
                    <span class="muted">{when(subject, it.validity)}</span>
                    {left}
                </span>
                <span class="ticket__side">{action}</span>
            </div>
        </li>
    }
    .into_any()
}

/// The button, or why there is none.
fn act(locale: Locale, it: &Offer, form: Form, offers: Query<Vec<Offer>>) -> AnyView {
    let quiet = |text: &'static str| {
        view! { <span class="badge" data-tone="quiet">{text}</span> }.into_any()
    };
    match it.state {
        OfferState::Claimable => claim(locale, it, form, offers),
        OfferState::Claimed => quiet(tr!(locale, coupons.claimed)),
        OfferState::TierLocked => {
            let tiers: Vec<&str> = it.tiers.iter().map(|it| it.get(locale)).collect();
            let text = tr!(locale, coupons.tier_locked, tiers = tiers.join(", "));
            view! { <span class="badge" data-tone="wait">{text}</span> }.into_any()
        }
        OfferState::AllIssued => quiet(tr!(locale, coupons.all_issued)),
    }
}

fn claim(locale: Locale, it: &Offer, form: Form, offers: Query<Vec<Offer>>) -> AnyView {
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let intent = Intent::new();
    let template_id = it.template_id;
    let label = tr!(locale, coupons.claim_named, name = it.name.get(locale));
    let take = move |_| {
        if !form.begin() {
            return;
        }
        let body = ClaimCoupon { template_id };
        let key = intent.key(&body);
        spawn_local(async move {
            let answer = api.post_text("/api/v1/me/coupons", &body, Some(&key)).await;
            if form.end(answer).is_some() {
                intent.done();
                toaster.say(tr!(locale, coupons.claim_done));
            }
            offers.reload();
        });
    };
    view! {
        <button class="button button--small button--main" type="button" aria-label=label
            aria-disabled=form.waiting() on:click=take>{tr!(locale, coupons.claim)}</button>
    }
    .into_any()
}
