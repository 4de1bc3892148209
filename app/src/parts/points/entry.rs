//! Rows of the ledger.

use crate::parts::Subject;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;
use shared::points::api::{Entry, Source};
use shared::points::{EntryKind, SourceKind};
use shared::text::Locale;

/// What a kind of entry is called.
pub(super) fn kind_name(locale: Locale, kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Earn => tr!(locale, points.earn),
        EntryKind::Spend => tr!(locale, points.spend),
        EntryKind::Expire => tr!(locale, points.expire),
        EntryKind::Adjust => tr!(locale, points.adjust),
        EntryKind::Clawback => tr!(locale, points.clawback),
        EntryKind::Restore => tr!(locale, points.restore),
        EntryKind::Transfer => tr!(locale, points.transfer),
    }
}

const fn kind_icon(kind: EntryKind) -> Icon {
    match kind {
        EntryKind::Earn => Icon::Earn,
        EntryKind::Spend => Icon::Spend,
        EntryKind::Expire => Icon::Expire,
        EntryKind::Adjust | EntryKind::Transfer => Icon::Adjust,
        EntryKind::Clawback | EntryKind::Restore => Icon::Back,
    }
}

/// What something came from, in words.
pub(super) fn source_name(locale: Locale, source: &Source, order: Option<&str>) -> String {
    match (source.kind, order) {
        (_, Some(order)) => tr!(locale, points.order, id = order),
        (SourceKind::Order, None) => tr!(locale, points.order, id = source.reference),
        (SourceKind::Refund, None) => tr!(locale, points.refund, id = source.reference),
        (SourceKind::Adjustment, None) => tr!(locale, points.adjustment).to_owned(),
        (SourceKind::Lot, None) => tr!(locale, points.lot_source).to_owned(),
    }
}

/// The rows of a list of entries. Each opens the sheet that says why.
#[must_use]
pub fn entries(subject: &Subject, rows: Vec<Entry>) -> AnyView {
    let address = Address::here();
    let rows = rows
        .into_iter()
        .map(|it| row(subject, &address, it))
        .collect_view();
    view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
}

fn row(subject: &Subject, address: &Address, entry: Entry) -> AnyView {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let id = entry.id.to_string();
    let href = address.with_now(&[("why", Some(&id))]);
    let source = source_name(locale, &entry.source, entry.order.as_deref());
    let detail = match &entry.reason {
        Some(reason) => format!("{source} · {reason}"),
        None => source,
    };
    let expires = entry
        .lot
        .as_ref()
        .filter(|_| entry.amount > 0)
        .and_then(|it| it.expires_at);
    let gain = if entry.amount > 0 {
        "amount amount--gain"
    } else {
        "amount"
    };
    let expires = expires.map(|at| {
        let text = tr!(locale, points.expires, date = subject.date(at));
        view! { <span class="row__note">{text}</span> }
    });
    let when = subject.time(entry.occurred_at);
    let by = (subject.staff && entry.actor != "system")
        .then(|| tr!(locale, points.by, name = entry.actor));
    view! {
        <li>
            <a class="row" href=href data-noscroll="" aria-haspopup="dialog">
                <span class="row__mark" data-kind=mark_name(entry.kind)>{icon(kind_icon(entry.kind))}</span>
                <span class="row__main">
                    <span class="row__title">{kind_name(locale, entry.kind)}</span>
                    <span class="row__note">{detail}</span>
                    <span class="row__note">{when}{by.map(|it| format!(" · {it}"))}</span>
                    {expires}
                </span>
                <span class="row__side">
                    <span class=gain>{amounts.signed(entry.asset, entry.amount)}</span>
                    <span class="row__note">
                        {tr!(locale, points.balance_after, n = amounts.plain(entry.asset, entry.balance_after))}
                    </span>
                </span>
            </a>
        </li>
    }
    .into_any()
}

/// Which of the few colours of a mark fits.
const fn mark_name(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Earn | EntryKind::Restore => "gain",
        EntryKind::Spend | EntryKind::Adjust | EntryKind::Transfer => "plain",
        EntryKind::Expire | EntryKind::Clawback => "loss",
    }
}
