//! What a sale brought.

use super::charts;
use super::one::{self, Known};
use crate::api;
use crate::console::kit::desk::Desk;
use crate::console::tiers;
use crate::parts::coupons::money;
use crate::tr;
use crate::ui::load::loaded;
use crate::ui::meter::share;
use crate::ui::query::{self, Query};
use crate::ui::{live, state};
use leptos::prelude::*;
use shared::sales::api::{CommunityFigures, FlashSale, SaleFigures, SaleReport, TierFigures};

/// The page.
#[must_use]
pub fn page() -> AnyView {
    one::page("/report", part)
}

fn part(desk: &Desk, path: &str) -> (Known, AnyView) {
    let (own, path) = (path.to_owned(), format!("{path}/report"));
    let sale = query::query::<FlashSale>(move || Some(own.clone()));
    let known = Known::within::<FlashSale>(sale.source, |it| it);
    // What is wrong with the sale is said once, in place of the report.
    let missing = loaded(sale, 2, |_| ().into_any());
    let desk = desk.clone();
    let there = Memo::new(move |_| sale.source.is_there());
    let report = live::maybe(move || there.get().then(|| report(&desk, &path, sale)));
    (known, view! { {missing}{report} }.into_any())
}

fn report(desk: &Desk, path: &str, sale: Query<FlashSale>) -> AnyView {
    let path = path.to_owned();
    let report = query::query::<SaleReport>(move || Some(path.clone()));
    let tiers = tiers::named(desk.locale);
    let desk = desk.clone();
    loaded(report, 8, move |it| {
        let locale = desk.locale;
        let texts = sale.source.texts().unwrap_or_default();
        let sale = texts.first().and_then(|it| api::read::<FlashSale>(it).ok());
        let product = move |sku: &str| match &sale {
            Some(sale) => charts::product_name(locale, sale, sku),
            None => sku.to_owned(),
        };
        let stocks = charts::stocks(&desk, &it.products, product);
        view! {
            {totals(&desk, &it)}
            <div class="columns columns--half">
                {card("funnel", tr!(locale, report_desk.funnel), funnel(&desk, &it.total))}
                {card("products", tr!(locale, sale_desk.products), stocks)}
            </div>
            {card("communities", tr!(locale, report_desk.by_community), communities(&desk, &it.communities))}
            {card("tiers", tr!(locale, report_desk.by_tier), by_tier(&desk, &it.tiers, &tiers.get()))}
        }
        .into_any()
    })
}

fn card(id: &'static str, title: &'static str, body: AnyView) -> AnyView {
    view! {
        <section class="card stack" aria-labelledby=id>
            <h2 class="title" id=id>{title}</h2>
            {body}
        </section>
    }
    .into_any()
}

/// A part of a whole in percent.
fn percent(part: i64, whole: i64) -> String {
    let percent = part.saturating_mul(100).checked_div(whole).unwrap_or(0);
    format!("{percent}%")
}

fn totals(desk: &Desk, it: &SaleReport) -> AnyView {
    let locale = desk.locale;
    let stock: i64 = it.products.iter().map(|it| it.stock).sum();
    let fact = |label: &'static str, value: String, note: String| {
        view! {
            <div class="fact"><p class="fact__label">{label}</p><p class="fact__number">{value}</p><p class="row__note">{note}</p></div>
        }
    };
    let sold = tr!(
        locale,
        coupon_desk.of,
        a = desk.number(it.total.paid),
        b = desk.number(stock)
    );
    let late = (it.total.refund_due > 0).then(|| {
        let text = tr!(locale, report_desk.refund_due, count = it.total.refund_due);
        view! { <p class="banner banner--warn">{text}</p> }
    });
    view! {
        <section class="card stack" aria-label=tr!(locale, report_desk.totals)>
            <div class="facts facts--four">
                {fact(tr!(locale, report_desk.amount), money(desk.amounts, it.total.amount), String::new())}
                {fact(tr!(locale, report_desk.sell_through), percent(it.total.paid, stock), sold)}
                {fact(tr!(locale, report_desk.released), desk.number(it.total.released), tr!(locale, report_desk.released_note).to_owned())}
                {fact(tr!(locale, report_desk.missed), desk.number(it.total.missed), tr!(locale, report_desk.missed_note).to_owned())}
            </div>
            {late}
        </section>
    }
    .into_any()
}

/// From looking to paying, each step as a bar.
fn funnel(desk: &Desk, it: &SaleFigures) -> AnyView {
    let locale = desk.locale;
    let steps = [
        (tr!(locale, report_desk.visitors), it.visitors),
        (tr!(locale, report_desk.claimed), it.claimed),
        (tr!(locale, report_desk.paid), it.paid),
    ];
    let most = steps.iter().map(|it| it.1).max().unwrap_or(0);
    if most == 0 {
        let hint = tr!(locale, report_desk.nobody_hint);
        return state::empty(tr!(locale, report_desk.nobody), hint);
    }
    let rows = steps.map(|(name, n)| {
        view! { <li class="bars__row"><span>{name}</span>{share(n, most)}<span class="amount">{desk.number(n)}</span></li> }
    });
    view! { <ol class="bars bars--even" role="list">{rows.into_iter().collect_view()}</ol> }
        .into_any()
}

fn communities(desk: &Desk, all: &[CommunityFigures]) -> AnyView {
    let locale = desk.locale;
    let rows = all.iter().map(|it| {
        let none = || tr!(locale, report_desk.no_community).to_owned();
        (it.name.clone().unwrap_or_else(none), it.figures)
    });
    figures(desk, tr!(locale, report_desk.by_community), rows.collect())
}

fn by_tier(desk: &Desk, all: &[TierFigures], names: &[(String, String)]) -> AnyView {
    let locale = desk.locale;
    let rows = all.iter().map(|it| {
        let known = names.iter().find(|name| name.0 == it.tier);
        let name = known.map_or_else(|| it.tier.clone(), |it| it.1.clone());
        (name, it.figures)
    });
    figures(desk, tr!(locale, report_desk.by_tier), rows.collect())
}

/// Claims by something: a row each, with a bar of what was paid.
fn figures(desk: &Desk, label: &'static str, rows: Vec<(String, SaleFigures)>) -> AnyView {
    let locale = desk.locale;
    if rows.is_empty() {
        let hint = tr!(locale, report_desk.nobody_hint);
        return state::empty(tr!(locale, report_desk.nobody), hint);
    }
    let most = rows.iter().map(|it| it.1.paid).max().unwrap_or(0).max(1);
    let rows = rows.into_iter().map(|(name, it)| {
        view! {
            <tr>
                <td>{name}</td>
                <td class="number wide">{desk.number(it.visitors)}</td>
                <td class="number wide">{desk.number(it.claimed)}</td>
                <td class="number">{desk.number(it.paid)}{share(it.paid, most)}</td>
                <td class="number wide">{desk.number(it.missed)}</td>
                <td class="number">{money(desk.amounts, it.amount)}</td>
            </tr>
        }
    });
    let th =
        |class: &'static str, text: &'static str| view! { <th scope="col" class=class>{text}</th> };
    view! {
        <table class="table" aria-label=label>
            <thead><tr>
                {th("", tr!(locale, report_desk.name))}
                {th("number wide", tr!(locale, report_desk.visitors))}
                {th("number wide", tr!(locale, report_desk.claimed))}
                {th("number", tr!(locale, report_desk.paid))}
                {th("number wide", tr!(locale, report_desk.missed))}
                {th("number", tr!(locale, report_desk.amount))}
            </tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
