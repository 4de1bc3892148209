//! Points: the balance, what ends when, and the ledger.

use super::home::{balance, has_credit};
use super::with_summary;
use crate::i18n::locale;
use crate::parts::Subject;
use crate::parts::points::{FILTERS, asset_of, expiry_bars, ledger, lots, why_sheet};
use crate::tr;
use crate::ui::address::Address;
use crate::ui::live;
use crate::ui::ways::{Look, ways};
use leptos::prelude::*;
use shared::members::api::Glance;
use shared::points::Asset;
use shared::points::api::AssetBalance;

/// The balance, and what ends in which month.
fn head(subject: &Subject, asset: Asset, it: &AssetBalance) -> AnyView {
    let bars = (!it.expiring_by_month.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="expiry">
                <h2 class="title" id="expiry">{tr!(subject.amounts.locale, points.expiry_by_month)}</h2>
                {expiry_bars(subject, asset, &it.expiring_by_month)}
            </section>
        }
    });
    let number = subject.amounts.plain(asset, it.available);
    let number = view! { <p class="balance__number">{number}</p> };
    view! { <div class="stack">{balance(subject, asset, it, number.into_any())}{bars}</div> }
        .into_any()
}

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_summary(tr!(locale(), points.title), show)
}

fn show(subject: &Subject, it: Glance) -> AnyView {
    let locale = subject.amounts.locale;
    let here = Address::here();
    let (asset, view) = (here.part("asset"), here.part("view"));
    let with_credit = has_credit(&it.credit);
    let head = {
        let subject = subject.clone();
        live::part(move || match asset_of(asset.get().as_deref()) {
            Asset::Points => head(&subject, Asset::Points, &it.points),
            Asset::Credit => head(&subject, Asset::Credit, &it.credit),
        })
    };
    let lists = {
        let subject = subject.clone();
        live::part(move || match view.get().as_deref() {
            Some("lots") => lots(subject.clone()),
            _ => ledger(subject.clone()),
        })
    };
    let assets = with_credit.then(|| {
        let each = [
            (None, tr!(locale, points.title)),
            (Some("credit"), tr!(locale, points.credit)),
        ];
        ways(
            tr!(locale, points.asset),
            Look::Switch,
            "asset",
            &FILTERS,
            &each,
        )
    });
    let views = [
        (None, tr!(locale, points.history)),
        (Some("lots"), tr!(locale, points.lots)),
    ];
    let views = ways(
        tr!(locale, points.view),
        Look::Switch,
        "view",
        &FILTERS,
        &views,
    );
    view! {
        {assets}
        <div class="columns columns--side">
            <div class="stack">{head}</div>
            <section class="card stack" aria-labelledby="ledger">
                <h2 class="sr-only" id="ledger">{tr!(locale, points.ledger)}</h2>
                {views}
                {lists}
            </section>
        </div>
        {why_sheet(subject.clone())}
    }
    .into_any()
}
