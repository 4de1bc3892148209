//! A member's orders, with what each brought.

mod receipt;

pub(super) use receipt::{receipt_link, sheet};

use crate::parts::Subject;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::format;
use crate::ui::load::listed;
use crate::ui::{query, state};
use leptos::prelude::*;
use shared::orders::OrderStatus;
use shared::orders::api::OrderView;
use shared::text::Locale;

/// The list.
pub(super) fn orders(subject: Subject) -> AnyView {
    let locale = subject.amounts.locale;
    let here = Address::here();
    let pages = here.pages();
    let path = format!("{}/orders", subject.base);
    let rows = query::pages::<OrderView>(move || Some(path.clone()), pages);
    let blank = move || {
        state::empty(
            tr!(locale, console.no_orders),
            tr!(locale, console.no_orders_hint),
        )
    };
    listed(
        rows,
        move |it| table(&subject, it),
        blank,
        address::more_pages(here),
    )
    .into_any()
}

fn table(subject: &Subject, rows: Vec<OrderView>) -> AnyView {
    let locale = subject.amounts.locale;
    let rows = rows.into_iter().map(|it| row(subject, it)).collect_view();
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{tr!(locale, console.order)}</th>
                    <th scope="col">{tr!(locale, console.order_status)}</th>
                    <th scope="col" class="number">{tr!(locale, console.order_amount)}</th>
                    <th scope="col" class="number wide">{tr!(locale, console.order_earned)}</th>
                    <th scope="col" class="wide">{tr!(locale, console.order_time)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(subject: &Subject, it: OrderView) -> AnyView {
    let locale = subject.amounts.locale;
    let money = |minor| format::money(locale, it.currency, minor, "auto");
    let refunded = (it.refunded_amount > 0).then(|| {
        let text = tr!(
            locale,
            console.order_refunded,
            amount = money(it.refunded_amount)
        );
        view! { <span class="row__note">{text}</span> }
    });
    let lines = it.receipt.earned.iter().flat_map(|it| &it.lines);
    let earned: i64 = lines.map(|it| it.points - it.points_returned).sum();
    let when = it
        .times
        .paid_at
        .or(it.times.placed_at)
        .map(|at| subject.time(at));
    let (status, tone) = status_name(locale, it.status);
    let href = receipt_link(&it.external_id);
    view! {
        <tr>
            <td><a class="table__link" data-noscroll="" href=href aria-haspopup="dialog">{it.external_id}</a></td>
            <td><span class="badge" data-tone=tone>{status}</span></td>
            <td class="number">{money(it.amount)}{refunded}</td>
            <td class="number wide">{format::number(locale, earned)}</td>
            <td class="wide">{when}</td>
        </tr>
    }
    .into_any()
}

fn status_name(locale: Locale, status: OrderStatus) -> (&'static str, &'static str) {
    match status {
        OrderStatus::Announced => (tr!(locale, console.announced), "wait"),
        OrderStatus::Placed => (tr!(locale, console.placed), "wait"),
        OrderStatus::Paid => (tr!(locale, console.paid), "good"),
        OrderStatus::Shipped => (tr!(locale, console.shipped), "good"),
        OrderStatus::Delivered => (tr!(locale, console.delivered), "good"),
        OrderStatus::Cancelled => (tr!(locale, console.cancelled), "plain"),
        OrderStatus::Refunded => (tr!(locale, console.refunded), "bad"),
    }
}
