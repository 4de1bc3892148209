//! Points: the balance, what ends when, and the ledger.

use super::home::{balance, has_credit};
use super::with_summary;
use crate::i18n::locale;
use crate::parts::Subject;
use crate::parts::points::{FILTERS, asset_of, ledger, lots, why_sheet};
use crate::tr;
use crate::ui::address::Address;
use crate::ui::live;
use crate::ui::ways::{Look, ways};
use leptos::prelude::*;
use shared::members::api::Summary;
use shared::points::Asset;

/// The page.
pub(super) fn page() -> AnyView {
    with_summary(tr!(locale(), points.title), show)
}

fn show(subject: &Subject, it: Summary) -> AnyView {
    let locale = subject.amounts.locale;
    let here = Address::here();
    let (asset, view) = (here.part("asset"), here.part("view"));
    let with_credit = has_credit(&it.credit);
    let head = {
        let subject = subject.clone();
        live::part(move || match asset_of(asset.get().as_deref()) {
            Asset::Points => balance(&subject, Asset::Points, &it.points),
            Asset::Credit => balance(&subject, Asset::Credit, &it.credit),
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
            <section class="card stack">{views}{lists}</section>
        </div>
        {why_sheet(subject.clone())}
    }
    .into_any()
}
