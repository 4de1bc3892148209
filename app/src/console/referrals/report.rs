//! What referrals brought and cost in a period, which the address names.

use super::budget::{budget, standing};
use super::{QUEUE, count, parts};
use crate::api;
use crate::console::kit::desk::{Desk, head, page as desk_page};
use crate::console::kit::filters::{Filter, Filters};
use crate::i18n::locale;
use crate::parts::coupons::money;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::load::loaded;
use crate::ui::meter::share;
use crate::ui::month::days_after;
use crate::ui::query::{self, Query};
use crate::ui::{state, zoned};
use leptos::prelude::*;
use shared::referrals::api::{Funnel, ReferralReport, TermsVersion};

/// Periods to choose at once, in days; the second is what the server takes by itself.
const PERIODS: [i64; 4] = [7, 30, 90, 365];
/// The period that needs no words in the address.
const USUAL: i64 = 30;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    let locale = locale();
    desk_page(tr!(locale, referral_desk.title), |desk| {
        let dates = vec![
            Filter::From("from", tr!(locale, referral_desk.from)),
            Filter::To("to", tr!(locale, referral_desk.to)),
        ];
        let filters = Filters::here(&desk.zone, dates, Vec::new());
        let asked = filters.clone();
        let path = move || {
            let query = asked.query();
            let query = query.trim_start_matches('&');
            let mark = if query.is_empty() { "" } else { "?" };
            Some(format!("/api/v1/referral_reports/summary{mark}{query}"))
        };
        let report = query::query::<ReferralReport>(path);
        let terms = query::query::<TermsVersion>(|| Some("/api/v1/referral_terms".to_owned()));
        let shown = desk.clone();
        view! {
            {head(tr!(locale, referral_desk.title), tr!(locale, referral_desk.report_hint), ().into_any())}
            {parts()}
            <div class="card stack stack--tight">
                <div class="filters">{periods(&desk)}{filters.bar()}</div>
                <p class="row__note">{tr!(locale, referral_desk.period_hint)}</p>
            </div>
            {loaded(report, 8, move |it| numbers(&shown, &it, terms))}
            {desk.zone_note()}
        }
        .into_any()
    })
}

/// Periods up to today as links.
fn periods(desk: &Desk) -> AnyView {
    let locale = desk.locale;
    let here = Address::here();
    let (from, to) = (here.part("from"), here.part("to"));
    let today = zoned::today(&desk.zone).unwrap_or_default();
    let links = PERIODS.map(|days| {
        let first = (days != USUAL)
            .then(|| days_after(&today, 1 - days))
            .flatten();
        let (mine, here) = (first.clone(), here.clone());
        let href = Signal::derive(move || here.with(&[("from", mine.as_deref()), ("to", None)]));
        let current = Signal::derive(move || {
            let is = to.with(Option::is_none) && from.with(|it| *it == first);
            is.then_some("true")
        });
        let text = tr!(locale, referral_desk.days, n = days);
        view! { <a class="chip" data-noscroll="" href=href aria-current=current>{text}</a> }
    });
    let links = links.into_iter().collect_view();
    view! { <nav class="chips" aria-label=tr!(locale, referral_desk.period)>{links}</nav> }
        .into_any()
}

fn numbers(desk: &Desk, it: &ReferralReport, terms: Query<TermsVersion>) -> AnyView {
    let texts = terms.source.texts().unwrap_or_default();
    let first = texts.first();
    let terms = first.and_then(|it| api::read::<TermsVersion>(it).ok());
    let terms = terms.map(|it| it.terms);
    view! {
        {standing(desk, &it.budget, terms.as_ref())}
        <div class="columns columns--half">
            {funnel(desk, &it.funnel)}
            {cost(desk, it)}
        </div>
        {budget(desk, &it.budget, terms.as_ref())}
    }
    .into_any()
}

/// A part of what is before it; nothing where there is none, or where it is not a part of it.
fn rate(part: u64, whole: u64) -> Option<String> {
    let percent = part.checked_mul(100)?.checked_div(whole)?;
    (part <= whole).then(|| format!("{percent}%"))
}

/// How far friends got, each step as a bar.
fn funnel(desk: &Desk, it: &Funnel) -> AnyView {
    let locale = desk.locale;
    let steps = [
        (tr!(locale, referral_desk.visited), it.visited),
        (tr!(locale, referral_desk.joined_step), it.joined),
        (tr!(locale, referral_desk.ordered_step), it.ordered),
        (tr!(locale, referral_desk.rewarded_step), it.rewarded),
    ];
    let most = steps.iter().map(|it| it.1).max().unwrap_or(0);
    let body = if most == 0 {
        let hint = tr!(locale, referral_desk.nobody_hint);
        state::empty(tr!(locale, referral_desk.nobody), hint)
    } else {
        let whole = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = steps.iter().enumerate().map(|(place, (name, n))| {
            let note = (place > 0).then(|| match rate(*n, steps[place - 1].1) {
                Some(rate) => tr!(locale, referral_desk.rate, n = rate),
                // Who types a code has joined without a visit.
                None if place == 1 => tr!(locale, referral_desk.no_rate).to_owned(),
                None => String::new(),
            });
            let note = note.map(|it| view! { <span class="row__note">{it}</span> });
            let part = share(i64::try_from(*n).unwrap_or(i64::MAX), whole);
            view! { <li class="bars__row"><span>{*name}{note}</span>{part}<span class="amount">{count(desk, *n)}</span></li> }
        });
        view! { <ol class="bars bars--even" role="list">{rows.collect_view()}</ol> }.into_any()
    };
    view! {
        <section class="card stack" aria-labelledby="funnel">
            <h2 class="title" id="funnel">{tr!(locale, referral_desk.funnel)}</h2>
            {body}
        </section>
    }
    .into_any()
}

/// What rewards and a new customer cost, beside what one may cost and ordinarily costs.
fn cost(desk: &Desk, it: &ReferralReport) -> AnyView {
    let locale = desk.locale;
    let fact = |label: &'static str, value: String, href: Option<String>| {
        let look =
            href.map(|it| view! { <a class="link" href=it>{tr!(locale, referral_desk.look)}</a> });
        view! {
            <div class="fact"><p class="fact__label">{label}</p><p class="fact__number">{value}</p>{look}</div>
        }
    };
    let refused = format!("{QUEUE}?state=refused");
    view! {
        <section class="card stack" aria-labelledby="cost">
            <h2 class="title" id="cost">{tr!(locale, referral_desk.cost_each)}</h2>
            {each(desk, it)}
            <div class="facts facts--three">
                {fact(tr!(locale, referral_desk.cost), money(desk.amounts, it.cost), None)}
                {fact(tr!(locale, referral_desk.held_label), count(desk, it.held), Some(QUEUE.to_owned()))}
                {fact(tr!(locale, referral_desk.refused_label), count(desk, it.refused), Some(refused))}
            </div>
        </section>
    }
    .into_any()
}

fn each(desk: &Desk, it: &ReferralReport) -> AnyView {
    let locale = desk.locale;
    let most = it.target_per_customer;
    let text = match it.cost_per_customer {
        None => tr!(locale, referral_desk.each_none).to_owned(),
        Some(n) if n > most => tr!(
            locale,
            referral_desk.each_over,
            n = money(desk.amounts, n),
            most = money(desk.amounts, most)
        ),
        Some(n) => {
            let percent = n.saturating_mul(100).checked_div(it.acquisition_cost);
            tr!(
                locale,
                referral_desk.each_below,
                n = money(desk.amounts, n),
                share = format!("{}%", percent.unwrap_or(0))
            )
        }
    };
    let over = it.cost_per_customer.is_some_and(|it| it > most);
    let rows = [
        (
            tr!(locale, referral_desk.each_now),
            it.cost_per_customer,
            over,
        ),
        (tr!(locale, referral_desk.each_target), Some(most), false),
        (
            tr!(locale, referral_desk.each_usual),
            Some(it.acquisition_cost),
            false,
        ),
    ];
    let whole = rows.iter().filter_map(|it| it.1).max().unwrap_or(1);
    let rows = rows.into_iter().filter_map(|(name, amount, over)| {
        let amount = amount?;
        let over = over.then_some("");
        Some(view! { <li class="bars__row" data-soon=over><span>{name}</span>{share(amount, whole)}<span class="amount">{money(desk.amounts, amount)}</span></li> })
    });
    view! {
        <p>{text}</p>
        <ul class="bars bars--even" role="list">{rows.collect_view()}</ul>
    }
    .into_any()
}
