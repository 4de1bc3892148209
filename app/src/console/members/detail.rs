//! Everything about one member: balances, ledger, orders, tier, and what staff can do.

use super::timeline::timeline;
use super::{actions, merge, name_of, status};
use crate::console::MEMBERS;
use crate::console::orders;
use crate::console::referrals::of_member;
use crate::i18n::locale;
use crate::parts::points::{FILTERS, asset_name, ledger, lots, why_link, why_sheet};
use crate::parts::tiers::{history, tier_card};
use crate::parts::{Subject, shop};
use crate::tr;
use crate::ui::address::Address;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use crate::ui::routes::param;
use crate::ui::ways::{Look, ways};
use crate::ui::{browser, live, page};
use leptos::prelude::*;
use shared::members::api::{Member, Merge, Summary};
use shared::page::Page;
use shared::points::Asset;
use shared::points::api::AssetBalance;
use shared::text::Locale;
use shared::tiers::api::TierOverview;

/// The page.
#[must_use]
pub fn detail() -> AnyView {
    let locale = locale();
    page::arrive(tr!(locale, console.members));
    let id = param("id");
    let base = move || format!("/api/v1/members/{}", browser::encode(&id.get()));
    let summary = query::query::<Summary>(move || Some(format!("{}/summary", base())));
    let merges = query::query::<Page<Merge>>(move || {
        Some(format!(
            "/api/v1/member_merges?limit=20&member={}",
            browser::encode(&id.get())
        ))
    });
    let Some(amounts) = shop::amounts() else {
        return ().into_any();
    };
    let show = move |it: Summary| {
        let subject = Subject {
            base: format!("/api/v1/members/{}", it.member.id),
            zone: it.member.time_zone.clone(),
            amounts,
            staff: true,
        };
        member(&subject, summary, merges, it)
    };
    view! {
        <p><a class="link" href=MEMBERS>{icon(Icon::Previous)}{tr!(locale, console.back)}</a></p>
        {live::maybe(move || (!summary.source.is_there()).then(|| page::heading(tr!(locale, console.members), "sr-only")))}
        {loaded(summary, 6, show)}
    }
    .into_any()
}

fn member(
    subject: &Subject,
    summary: Query<Summary>,
    merges: Query<Page<Merge>>,
    it: Summary,
) -> AnyView {
    let locale = subject.amounts.locale;
    let member = &it.member;
    let name = name_of(locale, member.name.as_deref(), member.pseudonym.as_deref());
    document().set_title(&name);
    let zone = tr!(locale, console.zone, zone = subject.zone);
    view! {
        <div class="detail__head">
            {page::heading(name, "head__title")}
            {status(locale, it.member.status)}
            <span class="grow"></span>
            <div class="detail__acts">{actions::links(locale, &it.member)}</div>
        </div>
        {merge::ended(locale, &it.member)}
        <div class="columns columns--main">
            <section class="card stack" aria-labelledby="sections">
                <h2 class="sr-only" id="sections">{tr!(locale, console.sections)}</h2>
                {tabs(locale)}
                {panel(subject.clone())}
                <p class="row__note">{zone}</p>
            </section>
            <div class="stack">
                {tier_card(subject, &it.tier, ().into_any())}
                {account(subject, &it)}
                {record(subject, &it.member)}
                {merge::merged(subject, it.member.id, merges)}
            </div>
        </div>
        {why_sheet(subject.clone())}
        {orders::sheet(subject.clone())}
        {actions::sheets(subject, &it, summary, merges)}
    }
    .into_any()
}

fn tabs(locale: Locale) -> AnyView {
    let each = [
        (None, tr!(locale, timeline.title)),
        (Some("ledger"), tr!(locale, console.ledger)),
        (Some("lots"), tr!(locale, console.lots)),
        (Some("orders"), tr!(locale, console.orders)),
        (Some("tier"), tr!(locale, console.tier_tab)),
        (Some("referrals"), tr!(locale, referral_desk.title)),
    ];
    ways(
        tr!(locale, console.sections),
        Look::Switch,
        "tab",
        &FILTERS,
        &each,
    )
}

fn panel(subject: Subject) -> AnyView {
    let tab = Address::here().part("tab");
    live::part(move || match tab.get().as_deref() {
        Some("lots") => lots(subject.clone()),
        Some("orders") => orders::orders(subject.clone()),
        Some("tier") => tier_history(subject.clone()),
        Some("referrals") => of_member(&subject),
        Some("ledger") => books(subject.clone()),
        _ => timeline(subject.clone()),
    })
}

/// The ledger of either asset.
fn books(subject: Subject) -> AnyView {
    let locale = subject.amounts.locale;
    let assets = [
        (None, tr!(locale, points.title)),
        (Some("credit"), tr!(locale, points.credit)),
    ];
    view! {
        {ways(tr!(locale, points.asset), Look::Chips, "asset", &FILTERS, &assets)}
        {ledger(subject)}
    }
    .into_any()
}

fn tier_history(subject: Subject) -> AnyView {
    let path = format!("{}/tier", subject.base);
    let overview = query::query::<TierOverview>(move || Some(path.clone()));
    let show = move |it: TierOverview| history(&subject, &it.tiers, &it.history);
    loaded(overview, 4, show)
}

fn account(subject: &Subject, it: &Summary) -> AnyView {
    let locale = subject.amounts.locale;
    view! {
        <section class="card stack" aria-labelledby="account">
            <h2 class="title" id="account">{tr!(locale, console.account)}</h2>
            {balance(subject, Asset::Points, tr!(locale, points.available), &it.points)}
            {balance(subject, Asset::Credit, tr!(locale, points.credit_available), &it.credit)}
        </section>
    }
    .into_any()
}

fn balance(subject: &Subject, asset: Asset, title: &'static str, it: &AssetBalance) -> AnyView {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let pending = format!(
        "{} {}",
        tr!(locale, points.pending),
        amounts.plain(asset, it.pending)
    );
    let next = it.expiring.first().map(|it| {
        let by = tr!(locale, points.expiring_by, date = subject.date(it.at));
        format!(" · {} {by}", amounts.plain(asset, it.amount))
    });
    let deficit = (it.deficit > 0).then(|| {
        let n = amounts.plain(asset, it.deficit);
        view! { <p class="banner banner--warn">{tr!(locale, points.deficit, n = n)}</p> }
    });
    view! {
        <div>
            <div class="card__head">
                <p class="muted">{title}</p>
                {why_link(subject, asset_name(asset))}
            </div>
            <p class="fact__number">{amounts.plain(asset, it.available)}</p>
            <p class="row__note">{pending}{next}</p>
            {deficit}
        </div>
    }
    .into_any()
}

fn record(subject: &Subject, member: &Member) -> AnyView {
    let locale = subject.amounts.locale;
    let rows = [
        (tr!(locale, me.member_id), Some(member.id.to_string())),
        (tr!(locale, console.external_id), member.external_id.clone()),
        (tr!(locale, console.email_label), member.email.clone()),
        (tr!(locale, console.phone_label), member.phone.clone()),
        (
            tr!(locale, console.birthday_label),
            member.birthday.map(|it| it.to_string()),
        ),
        (
            tr!(locale, console.zone_label),
            Some(member.time_zone.clone()),
        ),
        (
            tr!(locale, console.joined),
            Some(subject.date(member.joined_at)),
        ),
    ];
    let rows = rows.map(|(label, value)| {
        let value = value.unwrap_or_else(|| tr!(locale, me.missing).to_owned());
        view! { <div class="record__row"><dt>{label}</dt><dd>{value}</dd></div> }
    });
    view! {
        <section class="card stack" aria-labelledby="record">
            <h2 class="title" id="record">{tr!(locale, console.profile)}</h2>
            <dl class="record">{rows.into_iter().collect_view()}</dl>
        </section>
    }
    .into_any()
}
