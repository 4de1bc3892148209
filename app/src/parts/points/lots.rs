//! Lots by expiry, as rows and as a picture of what ends when.

use super::entry::source_name;
use super::{asset_name, asset_of};
use crate::parts::Subject;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::format::{self, Moment};
use crate::ui::load::listed;
use crate::ui::{browser, meter, query, state};
use leptos::prelude::*;
use shared::points::Asset;
use shared::points::api::{DatedAmount, LotState, LotView};
use shared::points::rules::MAX_MONTHS;
use shared::text::Locale;

/// What ends within so many milliseconds is marked.
const SOON_MS: f64 = 30.0 * 86_400_000.0;

/// One bar: the month, what ends in it, and whether any of that is soon.
struct Bar {
    label: String,
    amount: i64,
    soon: bool,
}

/// What ends when, as a bar a month.
fn bars(subject: &Subject, by_month: &[DatedAmount]) -> Vec<Bar> {
    let locale = subject.amounts.locale;
    let bar = |(month, it): (usize, &DatedAmount)| Bar {
        label: if month == MAX_MONTHS {
            tr!(locale, points.later).to_owned()
        } else {
            format::moment(locale, &subject.zone, it.at, Moment::Month)
        },
        amount: it.amount,
        soon: format::js(it.at.as_millis()) - browser::now_millis() < SOON_MS,
    };
    by_month.iter().enumerate().map(bar).collect()
}

/// What ends in which month, a bar a month; what is soon stands out.
#[must_use]
pub fn expiry_bars(subject: &Subject, asset: Asset, by_month: &[DatedAmount]) -> AnyView {
    let amounts = subject.amounts;
    let bars = bars(subject, by_month);
    let most = bars.iter().map(|it| it.amount).max().unwrap_or(0);
    let soon = tr!(amounts.locale, points.soon);
    let bars = bars
        .into_iter()
        .map(|it| {
            let soon = it
                .soon
                .then(|| view! { <span class="badge" data-tone="wait">{soon}</span> });
            view! {
                <li class="bars__row" data-soon=it.soon.then_some("")>
                    <span class="bars__label">{it.label}" "{soon}</span>
                    {meter::share(it.amount, most)}
                    <span class="amount">{amounts.plain(asset, it.amount)}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="bars" role="list">{bars}</ul> }.into_any()
}

/// A member's open lots, what ends first at the top.
#[must_use]
pub fn lots(subject: Subject) -> AnyView {
    let here = Address::here();
    let asset = here.part("asset");
    let pages = here.pages();
    let base = subject.base.clone();
    let path = move || {
        let asset = asset_name(asset_of(asset.get().as_deref()));
        Some(format!("{base}/points/lots?asset={asset}&open=true"))
    };
    let rows = query::pages::<LotView>(path, pages);
    let locale = subject.amounts.locale;
    let show = move |rows: Vec<LotView>| {
        let rows = rows.into_iter().map(|it| row(&subject, it)).collect_view();
        view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
    };
    let blank = move || {
        state::empty(
            tr!(locale, points.lots_empty),
            tr!(locale, points.lots_empty_hint),
        )
    };
    view! {
        <p class="muted">{tr!(locale, points.lots_hint)}</p>
        {listed(rows, show, blank, address::more_pages(here))}
    }
    .into_any()
}

fn row(subject: &Subject, lot: LotView) -> AnyView {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let ends = match lot.expires_at {
        Some(at) => tr!(locale, points.expires, date = subject.date(at)),
        None => tr!(locale, points.never_expires).to_owned(),
    };
    let left = tr!(
        locale,
        points.lot_left,
        left = amounts.plain(lot.asset, lot.remaining),
        all = amounts.plain(lot.asset, lot.amount),
    );
    let starts = (lot.state == LotState::Pending).then(|| {
        tr!(
            locale,
            points.lot_from,
            date = subject.date(lot.active_from)
        )
    });
    let (name, tone) = state_name(locale, lot.state);
    view! {
        <li class="row row--still">
            <span class="row__main">
                <span class="row__title">{ends}</span>
                <span class="row__note">{source_name(locale, &lot.source, None)}{starts.map(|it| format!(" · {it}"))}</span>
                {meter::share(lot.remaining, lot.amount)}
            </span>
            <span class="row__side">
                <span class="amount">{amounts.plain(lot.asset, lot.remaining)}</span>
                <span class="row__note">{left}</span>
                <span class="badge" data-tone=tone>{name}</span>
            </span>
        </li>
    }
    .into_any()
}

fn state_name(locale: Locale, state: LotState) -> (&'static str, &'static str) {
    match state {
        LotState::Pending => (tr!(locale, points.lot_pending), "wait"),
        LotState::Active => (tr!(locale, points.lot_active), "good"),
        LotState::Used => (tr!(locale, points.lot_used), "plain"),
        LotState::Expired => (tr!(locale, points.lot_expired), "plain"),
        LotState::Reversed => (tr!(locale, points.lot_reversed), "plain"),
        LotState::Deficit => (tr!(locale, points.lot_deficit), "bad"),
    }
}
