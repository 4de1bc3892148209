//! The receipt of an order: what each line earned and gave back, what was spent on it, and by
//! which rules.

use super::status_name;
use crate::parts::Subject;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::format;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query;
use crate::ui::sheet::{Sheet, sheet_at};
use leptos::prelude::*;
use shared::orders::api::OrderView;
use shared::orders::{EarnedLine, EarnedReceipt, LineState, SpentReceipt};

/// The part of the address that names the open receipt.
const KEY: &str = "order";

/// The way to the receipt of an order, over the page that is shown.
pub(in crate::console) fn receipt_link(order: &str) -> String {
    Address::here().with_now(&[(KEY, Some(order))])
}

/// The sheet, shown while the address names an order.
pub(in crate::console) fn sheet(subject: Subject) -> AnyView {
    sheet_at(KEY, move |id, close| {
        let path = format!("/api/v1/orders/{}", crate::ui::browser::encode(&id));
        let order = query::query::<OrderView>(move || Some(path.clone()));
        let (subject, locale) = (subject.clone(), subject.amounts.locale);
        let title = tr!(locale, points.order, id = id);
        view! {
            <Sheet title=title close=close>{loaded(order, 5, move |it| receipt(&subject, &it))}</Sheet>
        }
        .into_any()
    })
}

fn receipt(subject: &Subject, it: &OrderView) -> AnyView {
    let locale = subject.amounts.locale;
    let (status, tone) = status_name(locale, it.status);
    let earned = it.receipt.earned.as_ref();
    let lines = it
        .lines
        .iter()
        .enumerate()
        .map(|(i, line)| row(subject, it, line, earned.and_then(|it| it.lines.get(i))))
        .collect_view();
    let spends = it.receipt.spends.iter().map(|it| spent(subject, it));
    view! {
        <p><span class="badge" data-tone=tone>{status}</span></p>
        {times(subject, it)}
        <table class="table" aria-label=tr!(locale, orders.lines)>
            <thead>
                <tr>
                    <th scope="col">{tr!(locale, orders.product)}</th>
                    <th scope="col" class="number">{tr!(locale, console.order_amount)}</th>
                    <th scope="col" class="number">{tr!(locale, console.order_earned)}</th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
        {earned.map(|it| rules(subject, it))}
        <ul class="plain" role="list">{spends.collect_view()}</ul>
    }
    .into_any()
}

/// When each step happened.
fn times(subject: &Subject, it: &OrderView) -> AnyView {
    let locale = subject.amounts.locale;
    let steps = [
        (tr!(locale, console.placed), it.times.placed_at),
        (tr!(locale, console.paid), it.times.paid_at),
        (tr!(locale, console.shipped), it.times.shipped_at),
        (tr!(locale, console.delivered), it.times.delivered_at),
        (tr!(locale, console.cancelled), it.times.cancelled_at),
    ];
    let steps = steps.into_iter().filter_map(|(name, at)| {
        let at = subject.time(at?);
        Some(view! { <div class="record__row"><dt>{name}</dt><dd>{at}</dd></div> })
    });
    view! { <dl class="record">{steps.collect_view()}</dl> }.into_any()
}

fn row(
    subject: &Subject,
    order: &OrderView,
    it: &LineState,
    earned: Option<&EarnedLine>,
) -> AnyView {
    let locale = subject.amounts.locale;
    let money = |minor| format::money(locale, order.currency, minor, "auto");
    let returned = (it.refunded_amount > 0).then(|| {
        let text = tr!(
            locale,
            console.order_refunded,
            amount = money(it.refunded_amount)
        );
        view! { <span class="row__note">{text}</span> }
    });
    let category = it.line.category.clone();
    let points = earned.map(|it| {
        let back = (it.points_returned > 0).then(|| {
            let n = format::number(locale, it.points_returned);
            view! { <span class="row__note">{tr!(locale, orders.taken_back, n = n)}</span> }
        });
        view! { {format::number(locale, it.points)}{back} }
    });
    view! {
        <tr>
            <td>
                {it.line.sku.clone()}" × "{it.line.quantity}
                <span class="row__note">{category}</span>
            </td>
            <td class="number">{money(it.line.amount)}{returned}</td>
            <td class="number">{points}</td>
        </tr>
    }
    .into_any()
}

/// Which rules decided, and the way to why.
fn rules(subject: &Subject, it: &EarnedReceipt) -> AnyView {
    let locale = subject.amounts.locale;
    let times = super::super::kit::number::typed(it.tier_bps, 4);
    let text = tr!(
        locale,
        orders.decided,
        n = it.rule_version,
        tier = it.tier_code,
        times = times
    );
    let why = it.entry.map(|entry| {
        let entry = entry.to_string();
        let href = Address::here().with_now(&[(KEY, None), ("why", Some(&entry))]);
        view! { <a class="why" data-noscroll="" href=href aria-haspopup="dialog">{icon(Icon::Why)}{tr!(locale, points.why)}</a> }
    });
    view! { <div class="card__head"><p class="muted">{text}</p>{why}</div> }.into_any()
}

fn spent(subject: &Subject, it: &SpentReceipt) -> AnyView {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let amount = amounts.plain(it.asset, it.amount);
    let text = match it.restored {
        0 => tr!(locale, orders.spent, amount = amount),
        back => {
            let back = amounts.plain(it.asset, back);
            tr!(locale, orders.spent_back, amount = amount, back = back)
        }
    };
    view! { <li>{text}</li> }.into_any()
}
