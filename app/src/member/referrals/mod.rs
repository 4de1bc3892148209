//! Referrals: one's own invitation and friends, and what a friend sees who opens the link.

mod code;
mod friends;
mod invited;
mod landing;
mod offer;
mod poster;
mod progress;
mod share;
mod visit;

pub use invited::invited;
pub use landing::page as landing;

use super::{may_act, with_summary};
use crate::i18n::locale;
use crate::parts::Subject;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query;
use leptos::prelude::*;
use shared::members::api::Glance;
use shared::referrals::api::MyReferral;
use shared::time::Timestamp;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_summary(tr!(locale(), referral.title), show)
}

fn show(subject: &Subject, it: Glance) -> AnyView {
    let mine = query::query::<MyReferral>(|| Some("/api/v1/me/referral".to_owned()));
    let (may_invite, joined_at) = (may_act(&it), it.member.joined_at);
    let whose = subject.clone();
    let locale = subject.amounts.locale;
    view! {
        {loaded(mine, 9, move |it| overview(&whose, &it, may_invite, joined_at))}
        {friends::friends(subject)}
        {poster::sheet(locale)}
    }
    .into_any()
}

fn overview(subject: &Subject, it: &MyReferral, may_invite: bool, joined_at: Timestamp) -> AnyView {
    let locale = subject.amounts.locale;
    let paused = (!it.offer.open).then(|| {
        view! {
            <p class="banner banner--warn">
                {icon(Icon::Pending)}
                <span class="grow"><strong>{tr!(locale, referral.paused)}</strong>" "{tr!(locale, referral.paused_hint)}</span>
            </p>
        }
    });
    let gets = offer::gets(
        subject.amounts,
        [
            (tr!(locale, referral.you_get), &it.offer.inviter_rewards),
            (tr!(locale, referral.friend_gets), &it.offer.friend_rewards),
        ],
    );
    view! {
        {paused}
        <div class="columns">
            <div class="stack">
                <section class="card stack" aria-labelledby="invite">
                    <h2 class="title" id="invite">{tr!(locale, referral.lead)}</h2>
                    {gets}
                    {share::share(subject.amounts, it, may_invite)}
                </section>
                <section class="card" aria-labelledby="rules">
                    <h2 class="title" id="rules">{tr!(locale, referral.rules)}</h2>
                    {offer::rules(subject.amounts, &it.offer, offer::Reader::Inviter)}
                </section>
            </div>
            <div class="stack">
                {progress::milestones(subject, it)}
                {progress::earned(subject, it)}
                {progress::funnel(locale, &it.funnel)}
                {code::code_box(locale, joined_at, it.offer.attribution_days)}
            </div>
        </div>
    }
    .into_any()
}
