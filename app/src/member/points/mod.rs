//! Points: the balance, what ends when, and the ledger.

use super::home::{balance, has_credit};
use super::with_summary;
use crate::i18n::locale;
use crate::parts::Subject;
use crate::parts::points::{asset_of, ledger, lots, why_sheet};
use crate::tr;
use crate::ui::address::Address;
use crate::ui::page;
use leptos::prelude::*;
use shared::members::api::Summary;
use shared::points::Asset;

/// The page.
pub(super) fn page() -> AnyView {
    page::arrive(tr!(locale(), points.title));
    with_summary(show)
}

fn show(subject: &Subject, it: Summary) -> AnyView {
    let locale = subject.amounts.locale;
    let here = Address::here();
    let asset = here.part("asset");
    let view = here.part("view");
    let with_credit = has_credit(&it.credit);
    let head = {
        let subject = subject.clone();
        move || match asset_of(asset.get().as_deref()) {
            Asset::Points => balance(&subject, Asset::Points, &it.points),
            Asset::Credit => balance(&subject, Asset::Credit, &it.credit),
        }
    };
    let lists = {
        let subject = subject.clone();
        move || match view.get().as_deref() {
            Some("lots") => lots(subject.clone()),
            _ => ledger(subject.clone()),
        }
    };
    let assets = with_credit.then(|| {
        switch(
            &here,
            tr!(locale, points.asset),
            "asset",
            [
                (None, tr!(locale, points.title)),
                (Some("credit"), tr!(locale, points.credit)),
            ],
        )
    });
    let views = switch(
        &here,
        tr!(locale, points.view),
        "view",
        [
            (None, tr!(locale, points.history)),
            (Some("lots"), tr!(locale, points.lots)),
        ],
    );
    view! {
        {page::heading(tr!(locale, points.title), "greeting")}
        {assets}
        <div class="columns columns--side">
            <div class="stack">{head}</div>
            <section class="card stack">{views}{lists}</section>
        </div>
        {why_sheet(subject.clone())}
    }
    .into_any()
}

/// Two ways to look at the page, as links.
fn switch(
    here: &Address,
    label: &'static str,
    key: &'static str,
    ways: [(Option<&'static str>, &'static str); 2],
) -> AnyView {
    let links = ways.map(|(value, text)| {
        let (one, two) = (here.clone(), here.clone());
        let href = move || {
            one.with(&[
                (key, value),
                ("kind", None),
                ("from", None),
                ("to", None),
                ("pages", None),
            ])
        };
        let current = move || (two.get(key).as_deref() == value).then_some("true");
        view! { <a class="switch__one" data-noscroll="" href=href aria-current=current>{text}</a> }
    });
    view! { <nav class="switch" aria-label=label>{links.into_iter().collect_view()}</nav> }
        .into_any()
}
