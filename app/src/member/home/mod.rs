//! Home: tier and points at a glance, and what happened last.

use super::{Me, titled};
use crate::api;
use crate::i18n::locale;
use crate::parts::Subject;
use crate::parts::points::{entries, why_link, why_sheet};
use crate::parts::tiers::{benefit_list, tier_card};
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::routes::{Body, fetch, part};
use crate::ui::{browser, format, state};
use leptos::prelude::*;
use shared::members::api::{Glance, Summary};
use shared::points::Asset;
use shared::points::api::AssetBalance;
use shared::tasks::api::TaskDigest;
use shared::text::Locale;
use shared::tiers::api::Standing;

/// What comes below the balances, and where it comes from.
#[derive(Clone, Copy)]
struct Rest(Body);

/// Whose Home it is, for the part of it that comes in a file of its own.
#[derive(Clone)]
struct Owner(Subject);

/// The page; `rest` is the part below, which is fetched beside the numbers.
#[must_use]
pub fn page(rest: Body) -> AnyView {
    fetch(rest);
    provide_context(Rest(rest));
    titled(tr!(locale(), home.title), "eyebrow", show)
}

/// What happened last, what the tier gives, and why the numbers are what they are.
#[must_use]
pub fn rest() -> AnyView {
    let Owner(subject) = expect_context();
    let Me(query) = expect_context();
    let texts = query.source.texts();
    let it = texts.and_then(|it| api::read::<Summary>(it.first()?).ok());
    let Some(it) = it else {
        return ().into_any();
    };
    let benefits = (!it.tier.benefits.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="benefits">
                <h2 class="title" id="benefits">{tr!(subject.amounts.locale, tier.benefits)}</h2>
                {benefit_list(subject.amounts, &it.tier.benefits)}
            </section>
        }
    });
    view! {
        {recent(&subject, &it)}
        {benefits}
        {why_sheet(subject)}
    }
    .into_any()
}

fn show(subject: &Subject, it: Glance) -> AnyView {
    let locale = subject.amounts.locale;
    let link = view! {
        <p class="tier__foot">
            <a class="tier__link" href="/tier">{tr!(locale, tier.all_benefits)}{icon(Icon::Next)}</a>
        </p>
    };
    let credit = has_credit(&it.credit).then(|| linked(subject, Asset::Credit, &it.credit));
    provide_context(Owner(subject.clone()));
    let Rest(rest) = expect_context();
    view! {
        {hello(subject, &it)}
        {it.celebrate.map(|_| hurray(subject, &it.tier))}
        {today(subject, &it.tasks)}
        <div class="columns">
            <div class="stack">
                {tier_card(subject, &it.tier, link.into_any())}
                {linked(subject, Asset::Points, &it.points)}
                {credit}
            </div>
            <div class="stack">{part(rest)}</div>
        </div>
    }
    .into_any()
}

/// What waits today: the check-in, and rewards to claim. Nothing while nothing waits.
fn today(subject: &Subject, it: &TaskDigest) -> Option<AnyView> {
    let locale = subject.amounts.locale;
    let open = it.checked_in == Some(false);
    if !open && it.claimable == 0 {
        return None;
    }
    let check_in = open.then(|| {
        view! { <a class="button button--small" href="/tasks">{icon(Icon::Check)}{tr!(locale, tasks.check_in)}</a> }
    });
    let claims = (it.claimable > 0).then(|| {
        let count = i64::from(it.claimable);
        let n = format::number(locale, count);
        let text = tr!(locale, tasks.badge, count = count, n = n);
        view! { <a class="button button--small button--main" href="/tasks">{icon(Icon::Gift)}{text}</a> }
    });
    let waits = view! { <section class="today" aria-label=tr!(locale, tasks.today)>{check_in}{claims}</section> };
    Some(waits.into_any())
}

/// Who is greeted, with the first letter of the name as a picture.
fn hello(subject: &Subject, it: &Glance) -> AnyView {
    let name = it.member.name.as_deref();
    let letter = name.and_then(|it| it.chars().next());
    let picture = match letter {
        Some(letter) => letter.to_string().into_any(),
        None => icon(Icon::Me),
    };
    view! {
        <div class="hello">
            <span class="avatar" aria-hidden="true">{picture}</span>
            <p class="hello__text">{greeting(subject, name)}</p>
            {bell(subject.amounts.locale, it.unread_messages)}
        </div>
    }
    .into_any()
}

/// The way to the messages, with how many are unread.
fn bell(locale: Locale, unread: u64) -> AnyView {
    let label = match unread {
        0 => tr!(locale, messages.title).to_owned(),
        _ => tr!(locale, messages.link, n = unread),
    };
    let badge =
        (unread > 0).then(|| view! { <span class="count" aria-hidden="true">{unread}</span> });
    view! { <a class="bell" href="/messages" aria-label=label>{icon(Icon::Bell)}{badge}</a> }
        .into_any()
}

/// A new tier, with the way to its celebration.
fn hurray(subject: &Subject, tier: &Standing) -> AnyView {
    let locale = subject.amounts.locale;
    let text = tr!(locale, tier.hurray_card, tier = tier.name.get(locale));
    view! {
        <a class="banner banner--good" href="/tier">
            {icon(Icon::Crown)}
            <span class="grow"><strong>{text}</strong>" "{tr!(locale, tier.see)}</span>
            {icon(Icon::Next)}
        </a>
    }
    .into_any()
}

fn greeting(subject: &Subject, name: Option<&str>) -> String {
    let locale = subject.amounts.locale;
    let hello = match format::hour(&subject.zone, browser::now_millis()) {
        5..=11 => tr!(locale, home.morning),
        12..=17 => tr!(locale, home.afternoon),
        _ => tr!(locale, home.evening),
    };
    match name {
        Some(name) => tr!(locale, home.greeting, hello = hello, name = name),
        None => hello.to_owned(),
    }
}

/// Whether the member has or had store credit to show.
pub(super) fn has_credit(it: &AssetBalance) -> bool {
    it.available != 0 || it.pending != 0 || it.deficit != 0
}

/// The balance of one asset, with the way to its page.
fn linked(subject: &Subject, asset: Asset, it: &AssetBalance) -> AnyView {
    let href = match asset {
        Asset::Points => "/points",
        Asset::Credit => "/points?asset=credit",
    };
    let number = subject.amounts.plain(asset, it.available);
    let number = view! { <a class="balance__number" href=href>{number}{icon(Icon::Next)}</a> };
    balance(subject, asset, it, number.into_any())
}

/// The balance of one asset: to spend as `number` shows it, pending, ending next.
pub(super) fn balance(
    subject: &Subject,
    asset: Asset,
    it: &AssetBalance,
    number: AnyView,
) -> AnyView {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let (title, about) = match asset {
        Asset::Points => (tr!(locale, points.available), "points"),
        Asset::Credit => (tr!(locale, points.credit_available), "credit"),
    };
    let deficit = (it.deficit > 0).then(|| {
        let n = amounts.plain(asset, it.deficit);
        view! { <p class="banner banner--warn">{icon(Icon::Warning)}{tr!(locale, points.deficit, n = n)}</p> }
    });
    let from = |at| tr!(locale, points.pending_from, date = subject.date(at));
    let by = |at| tr!(locale, points.expiring_by, date = subject.date(at));
    let pending = fact(
        subject,
        asset,
        Icon::Pending,
        tr!(locale, points.pending),
        it.pending,
        it.upcoming.first().map(|it| from(it.at)),
        tr!(locale, points.nothing_pending),
    );
    let next = it.expiring.first().copied();
    let expiring = fact(
        subject,
        asset,
        Icon::Expiring,
        tr!(locale, points.expiring),
        next.map_or(0, |it| it.amount),
        next.map(|it| by(it.at)),
        tr!(locale, points.nothing_expiring),
    );
    view! {
        <section class="card balance" aria-label=title>
            <div class="balance__head">
                <p class="muted">{title}</p>
                {why_link(subject, about)}
            </div>
            {number}
            {deficit}
            <dl class="facts">{pending}{expiring}</dl>
        </section>
    }
    .into_any()
}

fn fact(
    subject: &Subject,
    asset: Asset,
    mark: Icon,
    label: &'static str,
    amount: i64,
    note: Option<String>,
    nothing: &'static str,
) -> AnyView {
    let note = note.unwrap_or_else(|| nothing.to_owned());
    view! {
        <div class="fact">
            <dt class="fact__label">{icon(mark)}{label}</dt>
            <dd class="fact__number">{subject.amounts.plain(asset, amount)}</dd>
            <dd class="row__note">{note}</dd>
        </div>
    }
    .into_any()
}

fn recent(subject: &Subject, it: &Summary) -> AnyView {
    let locale = subject.amounts.locale;
    let rows = if it.recent.is_empty() {
        state::empty(tr!(locale, home.empty), tr!(locale, home.empty_hint))
    } else {
        entries(subject, it.recent.clone())
    };
    view! {
        <section class="card" aria-labelledby="recent">
            <div class="card__head">
                <h2 class="title" id="recent">{tr!(locale, home.recent)}</h2>
                <a class="link" href="/points">{tr!(locale, home.all)}</a>
            </div>
            {rows}
        </section>
    }
    .into_any()
}
