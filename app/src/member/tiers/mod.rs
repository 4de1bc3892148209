//! Tiers: the ladder, what each tier gives, and how the member got here.

mod hurray;
mod stairs;

use super::{titled, with_summary};
use crate::i18n::locale;
use crate::parts::Subject;
use crate::parts::points::{why_link, why_sheet};
use crate::parts::tiers::{history, matrix, tier_card};
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query;
use leptos::prelude::*;
use shared::members::api::Glance;
use shared::tiers::api::TierOverview;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_summary(tr!(locale(), tier.title), show)
}

/// The member's tier alone, for a frame in a page of the shop.
#[must_use]
pub fn widget() -> AnyView {
    titled(tr!(locale(), tier.title), "sr-only", |subject, it| {
        let locale = subject.amounts.locale;
        let more = view! {
            <p class="tier__foot">
                <a class="tier__link" href="/tier">{tr!(locale, tier.all_benefits)}{icon(Icon::Next)}</a>
            </p>
        };
        tier_card(subject, &it.tier, more.into_any())
    })
}

fn show(subject: &Subject, it: Glance) -> AnyView {
    let overview = query::query::<TierOverview>(|| Some("/api/v1/me/tier".to_owned()));
    let subject = subject.clone();
    let sheet = subject.clone();
    let celebrate = it.celebrate;
    let show = move |it: TierOverview| {
        let hurray = celebrate.map(|message| hurray::hurray(&subject, &it, message));
        view! { {tiers(&subject, it)}{hurray} }.into_any()
    };
    view! {
        {loaded(overview, 6, show)}
        {why_sheet(sheet)}
    }
    .into_any()
}

fn tiers(subject: &Subject, it: TierOverview) -> AnyView {
    let locale = subject.amounts.locale;
    view! {
        <div class="columns columns--side">
            <div class="stack">
                {tier_card(subject, &it.standing, ().into_any())}
                <section class="card" aria-labelledby="ladder">
                    <div class="card__head">
                        <h2 class="title" id="ladder">{tr!(locale, tier.ladder)}</h2>
                        {why_link(subject, "tier")}
                    </div>
                    {stairs::stairs(subject, &it)}
                </section>
            </div>
            <div class="stack">
                <section class="card" aria-labelledby="matrix">
                    <h2 class="title" id="matrix">{tr!(locale, tier.matrix)}</h2>
                    <p class="muted">{tr!(locale, tier.matrix_hint)}</p>
                    {matrix(subject.amounts, &it)}
                </section>
                <section class="card" aria-labelledby="history">
                    <h2 class="title" id="history">{tr!(locale, tier.history)}</h2>
                    {history(subject, &it.tiers, &it.history)}
                </section>
            </div>
        </div>
    }
    .into_any()
}
