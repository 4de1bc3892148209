//! Me: who the member is, how the pages look, where the member is signed in, and the own data.

mod erase;
mod privacy;
mod profile;
mod security;
mod settings;

pub use erase::page as erase;
pub use privacy::page as privacy;

use super::with_summary;
use crate::i18n::locale;
use crate::parts::Subject;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;
use shared::members::api::Glance;
use shared::text::Locale;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_summary(tr!(locale(), me.title), show)
}

fn show(subject: &Subject, it: Glance) -> AnyView {
    let locale = subject.amounts.locale;
    view! {
        <div class="columns">
            <div class="stack">
                {card(subject, &it)}
                {ways(locale, it.unread_messages)}
                {profile::profile(subject, it.member.clone())}
            </div>
            <div class="stack">
                {settings::settings(locale, &it.member)}
                {security::security(subject)}
            </div>
        </div>
    }
    .into_any()
}

/// Who this is, at a glance.
fn card(subject: &Subject, it: &Glance) -> AnyView {
    let locale = subject.amounts.locale;
    let name = it.member.name.clone();
    let picture = match name.as_deref().and_then(|it| it.chars().next()) {
        Some(letter) => letter.to_string().into_any(),
        None => icon(Icon::Me),
    };
    let name = name.unwrap_or_else(|| tr!(locale, home.member).to_owned());
    let joined = subject.date(it.member.joined_at);
    view! {
        <section class="card who" aria-label=tr!(locale, me.title)>
            <span class="avatar avatar--big" aria-hidden="true">{picture}</span>
            <div class="grow">
                <p class="title">{name}</p>
                <p class="row__note">{tr!(locale, me.joined)}" "{joined}</p>
            </div>
            <a class="who__tier" href="/tier">{icon(Icon::Medal)}{it.tier.name.get(locale).to_owned()}</a>
        </section>
    }
    .into_any()
}

/// The pages that have no tab of their own.
fn ways(locale: Locale, unread: u64) -> AnyView {
    let unread = (unread > 0).then(|| view! { <span class="count">{unread}</span> });
    let way = |href: &'static str, mark: Icon, text: &'static str, more: AnyView| {
        view! {
            <li>
                <a class="row row--way" href=href>
                    <span class="row__mark">{icon(mark)}</span>
                    <span class="row__title grow">{text}</span>
                    {more}
                    {icon(Icon::Next)}
                </a>
            </li>
        }
        .into_any()
    };
    view! {
        <nav class="card card--rows" aria-label=tr!(locale, me.more)>
            <ul class="rows" role="list">
                {way("/messages", Icon::Bell, tr!(locale, me.messages), unread.into_any())}
                {way("/points", Icon::Points, tr!(locale, points.title), ().into_any())}
                {way("/sales/claims", Icon::Flash, tr!(locale, claims.title), ().into_any())}
                {way("/communities", Icon::Members, tr!(locale, communities.title), ().into_any())}
                {way("/invite", Icon::Gift, tr!(locale, referral.title), ().into_any())}
                {way("/tier", Icon::Medal, tr!(locale, tier.title), ().into_any())}
                {way("/me/privacy", Icon::Shield, tr!(locale, me.privacy), ().into_any())}
            </ul>
        </nav>
    }
    .into_any()
}
