//! What a member holds until it is paid: how long, and what to do.

use super::clock::Clock;
use super::countdown::ticking;
use crate::bridge;
use crate::parts::Subject;
use crate::parts::coupons::money;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::toast::Toaster;
use crate::ui::{browser, live};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::sales::ClaimState;
use shared::sales::api::FlashClaim;
use shared::text::Locale;
use wasm_bindgen::JsValue;

/// Whether it waits for its payment.
pub(super) fn is_held(it: &FlashClaim) -> bool {
    it.state == ClaimState::Held
}

/// What it costs altogether.
pub(super) fn cost(subject: &Subject, it: &FlashClaim) -> String {
    money(subject.amounts, it.price.saturating_mul(it.quantity))
}

/// The time that is left to pay; when none is left, that the pieces go back.
pub(super) fn time_left(subject: &Subject, clock: Clock, it: &FlashClaim) -> AnyView {
    let locale = subject.amounts.locale;
    let at = it.pay_by;
    let by = tr!(locale, claims.pay_by, time = subject.time(at));
    let over = Memo::new(move |_| clock.until(at) == Some(0));
    live::part(move || match over.get() {
        true => view! { <p class="row__note">{tr!(locale, claims.goes_back)}</p> }.into_any(),
        false => view! {
            <p class="sale__time">
                {icon(Icon::Expiring)}
                <span aria-hidden="true">{tr!(locale, claims.pay_in)}</span>
                {ticking(locale, clock, at)}
                <span class="sr-only">{by.clone()}</span>
            </p>
        }
        .into_any(),
    })
}

/// The number by which the shop's checkout knows the claim, to copy.
pub(super) fn number(locale: Locale, it: &FlashClaim) -> AnyView {
    let toaster = expect_context::<Toaster>();
    let id = it.id.to_string();
    let shown = id.clone();
    let copy = move |_| {
        let id = id.clone();
        spawn_local(async move {
            toaster.say(match browser::copy(&id).await {
                true => tr!(locale, claims.copied),
                false => tr!(locale, claims.copy_failed),
            });
        });
    };
    let label = tr!(locale, claims.copy_of, name = it.name.get(locale));
    view! {
        <div class="claim-number">
            <span class="grow"><span class="row__note">{tr!(locale, claims.number)}</span><code>{shown}</code></span>
            <button class="button button--small" type="button" aria-label=label on:click=copy>{tr!(locale, claims.copy)}</button>
        </div>
    }
    .into_any()
}

/// The way to pay for it, where the host knows one.
pub(super) fn pay(locale: Locale, it: &FlashClaim) -> Option<AnyView> {
    if !bridge::is_heard() {
        return None;
    }
    let it = it.clone();
    let label = tr!(locale, claims.pay_for, name = it.name.get(locale));
    let click = move |_| {
        let payload: [(&str, JsValue); 6] = [
            ("claim", it.id.to_string().into()),
            ("sale", it.sale_id.to_string().into()),
            ("sku", it.sku.as_str().into()),
            ("quantity", number_of(it.quantity)),
            ("amount", number_of(it.price.saturating_mul(it.quantity))),
            ("pay_by", it.pay_by.to_string().into()),
        ];
        bridge::say("pay.request", &payload);
    };
    Some(
        view! {
            <button class="button button--main" type="button" aria-label=label on:click=click>{tr!(locale, claims.pay)}</button>
        }
        .into_any(),
    )
}

/// A number as scripts have them; ours are exact there.
#[expect(
    clippy::cast_precision_loss,
    reason = "amounts are below 2 to the power of 53"
)]
fn number_of(it: i64) -> JsValue {
    JsValue::from_f64(it as f64)
}

/// A claim right after it was won, until it is paid or goes back.
pub(super) fn won(subject: &Subject, clock: Clock, it: &FlashClaim) -> AnyView {
    let locale = subject.amounts.locale;
    let text = tr!(
        locale,
        claims.won,
        n = it.quantity,
        amount = cost(subject, it)
    );
    view! {
        <li class="won">
            <p class="won__title">{icon(Icon::Check)}{text}</p>
            {time_left(subject, clock, it)}
            <p>{tr!(locale, claims.what_next)}</p>
            {pay(locale, it)}
            {number(locale, it)}
        </li>
    }
    .into_any()
}
