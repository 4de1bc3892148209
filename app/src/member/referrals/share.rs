//! The code and the link, and the ways to send them, each of which says what became of it.

use super::offer::{in_words, minimum};
use crate::parts::shop;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::amount::Amounts;
use crate::ui::icon::{Icon, icon};
use crate::ui::share::{Offer, Shared, can_share, copy_field};
use crate::ui::{live, share as sharing};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::referrals::api::MyReferral;
use shared::text::Locale;

/// The code, and while invitations count, the link with what can be done with it.
pub(super) fn share(amounts: Amounts, it: &MyReferral, may_invite: bool) -> AnyView {
    let locale = amounts.locale;
    let ways = (may_invite && it.offer.open).then(|| ways(amounts, it));
    view! {
        <div class="invite-code">
            <p class="label">{tr!(locale, referral.code)}</p>
            <p class="invite-code__text"><code>{it.code.clone()}</code></p>
        </div>
        {ways}
    }
    .into_any()
}

/// The link and the buttons. What the browser can do best comes first.
fn ways(amounts: Amounts, it: &MyReferral) -> AnyView {
    let locale = amounts.locale;
    sharing::offer(|| Offer {
        title: tr!(locale, wechat.invite_title, shop = shop_name(locale)),
        text: words(amounts, it),
        link: it.link.clone(),
    });
    let field = NodeRef::<Input>::new();
    let told = RwSignal::new(None::<&'static str>);
    let native = can_share().then(|| native(amounts, it, field, told));
    let class = match native.is_some() {
        true => "button",
        false => "button button--main",
    };
    let copy = move |_| {
        spawn_local(async move {
            told.try_set(None);
            told.try_set(Some(
                copied(locale, field, tr!(locale, referral.copied)).await,
            ));
        });
    };
    let poster = Address::here().with_now(&[("poster", Some("1"))]);
    let label = tr!(locale, referral.link);
    view! {
        <input class="input" type="text" readonly="" node_ref=field aria-label=label prop:value=it.link.clone()/>
        <div class="invite-ways">
            {native}
            <button class=class type="button" on:click=copy>{icon(Icon::Merge)}{tr!(locale, referral.copy)}</button>
            <a class="button" data-noscroll="" href=poster>{icon(Icon::Order)}{tr!(locale, referral.poster)}</a>
        </div>
        <p class="row__note invite-told" role="status">{live::maybe(move || told.get().map(IntoAny::into_any))}</p>
    }
    .into_any()
}

fn shop_name(locale: Locale) -> String {
    let shop = shop::programme().map(|it| it.name.get(locale).to_owned());
    shop.unwrap_or_default()
}

/// What a friend reads who is sent the link.
fn words(amounts: Amounts, it: &MyReferral) -> String {
    let locale = amounts.locale;
    tr!(
        locale,
        referral.share_text,
        shop = shop_name(locale),
        min = minimum(amounts, &it.offer),
        what = in_words(amounts, &it.offer.friend_rewards)
    )
}

/// Opens the device's own sharing; where that fails, the link is copied instead.
fn native(
    amounts: Amounts,
    it: &MyReferral,
    field: NodeRef<Input>,
    told: RwSignal<Option<&'static str>>,
) -> AnyView {
    let locale = amounts.locale;
    let text = words(amounts, it);
    let link = it.link.clone();
    let click = move |_| {
        let (text, link) = (text.clone(), link.clone());
        spawn_local(async move {
            told.try_set(None);
            let said = match sharing::share(&text, &link).await {
                Shared::Guided => tr!(locale, wechat.guided),
                Shared::Done => tr!(locale, referral.shared),
                Shared::Dismissed => tr!(locale, referral.dismissed),
                Shared::Failed => copied(locale, field, tr!(locale, referral.copied_instead)).await,
            };
            told.try_set(Some(said));
        });
    };
    view! {
        <button class="button button--main" type="button" on:click=click>{icon(Icon::Spend)}{tr!(locale, referral.share)}</button>
    }
    .into_any()
}

/// Copies the link; `done` is what to say when that has worked.
async fn copied(locale: Locale, field: NodeRef<Input>, done: &'static str) -> &'static str {
    match field.get_untracked() {
        Some(field) if copy_field(&field).await => done,
        _ => tr!(locale, referral.failed),
    }
}
