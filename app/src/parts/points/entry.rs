//! Rows of the ledger.

use crate::parts::Subject;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::format::{self, Moment};
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;
use shared::ids::EntryId;
use shared::points::api::{Entry, LotState, Source};
use shared::points::{EntryKind, SourceKind};
use shared::text::Locale;

/// What a kind of entry is called.
#[must_use]
pub fn kind_name(locale: Locale, kind: EntryKind) -> &'static str {
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
        (SourceKind::Reservation, None) => tr!(locale, points.reservation_source).to_owned(),
        (SourceKind::Task, None) => tr!(locale, points.task_source).to_owned(),
        (SourceKind::CheckIn, None) => tr!(locale, points.check_in_source).to_owned(),
        (SourceKind::Referral, None) => tr!(locale, points.referral_source).to_owned(),
        (SourceKind::Erasure, None) => tr!(locale, points.erasure_source).to_owned(),
        (SourceKind::Merge, None) => tr!(locale, points.merge_source).to_owned(),
        (SourceKind::Import, None) => tr!(locale, points.import_source).to_owned(),
    }
}

/// The rows of a list of entries. Each opens the sheet that says why.
#[must_use]
pub fn entries(subject: &Subject, rows: Vec<Entry>) -> AnyView {
    let address = Address::here();
    let pairs = Pairs(&rows);
    let rows = rows
        .iter()
        .map(|it| row(subject, &address, &pairs, it))
        .collect_view();
    view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
}

/// Like [`entries`], with a heading for every month.
pub(super) fn by_month(subject: &Subject, rows: &[Entry]) -> AnyView {
    let address = Address::here();
    let pairs = Pairs(rows);
    let month = |it: &Entry| {
        let locale = subject.amounts.locale;
        format::moment(locale, &subject.zone, it.occurred_at, Moment::Month)
    };
    rows.chunk_by(|one, two| month(one) == month(two))
        .map(|rows| {
            let name = rows.first().map(month);
            let rows = rows
                .iter()
                .map(|it| row(subject, &address, &pairs, it))
                .collect_view();
            view! { <h3 class="label month">{name}</h3><ul class="rows" role="list">{rows}</ul> }
        })
        .collect_view()
        .into_any()
}

/// Rows of a list that belong together: what was taken or given back, and what it corrects.
#[derive(Clone, Copy)]
struct Pairs<'a>(&'a [Entry]);

impl Pairs<'_> {
    /// How much of a row was taken or given back, if anything was.
    fn back(&self, id: EntryId) -> Option<i64> {
        let rows = self.0.iter().filter(|it| it.reverses == Some(id));
        rows.map(|it| it.amount).reduce(|one, two| one + two)
    }

    /// What a row corrects.
    fn corrected(&self, entry: &Entry) -> Option<&Entry> {
        let id = entry.reverses?;
        self.0.iter().find(|it| it.id == id)
    }
}

/// What the row is beside its kind: pending, over, or undone; `None` when it is just so.
fn standing(
    subject: &Subject,
    pairs: &Pairs<'_>,
    entry: &Entry,
) -> (&'static str, &'static str, Option<String>) {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let lot = entry.lot.as_ref().filter(|_| entry.amount > 0);
    match (pairs.back(entry.id), lot.map(|it| it.state)) {
        (Some(back), _) => {
            let n = amounts.plain(entry.asset, back.abs());
            let text = if back < 0 {
                tr!(locale, points.taken_back, n = n)
            } else {
                tr!(locale, points.given_back, n = n)
            };
            let whole = back == -entry.amount;
            (if whole { "undone" } else { "plain" }, "bad", Some(text))
        }
        (None, Some(LotState::Reversed)) => {
            let text = tr!(locale, points.lot_reversed).to_owned();
            ("undone", "bad", Some(text))
        }
        (None, Some(LotState::Pending)) => {
            let text = tr!(locale, points.lot_pending).to_owned();
            ("pending", "wait", Some(text))
        }
        (None, Some(LotState::Expired)) => {
            let text = tr!(locale, points.lot_expired).to_owned();
            ("over", "plain", Some(text))
        }
        (None, _) if entry.kind == EntryKind::Expire => ("over", "plain", None),
        (None, _) => ("plain", "plain", None),
    }
}

/// Which row this one corrects, in words.
fn corrects(subject: &Subject, pairs: &Pairs<'_>, entry: &Entry) -> Option<AnyView> {
    let other = pairs.corrected(entry)?;
    let locale = subject.amounts.locale;
    let text = tr!(
        locale,
        points.pair_of,
        kind = kind_name(locale, other.kind),
        n = subject.amounts.signed(other.asset, other.amount),
        when = subject.time(other.occurred_at),
    );
    Some(view! { <span class="row__pair">{icon(Icon::Back)}{text}</span> }.into_any())
}

/// From when a lot can be spent, or when it ends.
fn life(subject: &Subject, entry: &Entry) -> Option<String> {
    let locale = subject.amounts.locale;
    let lot = entry.lot.as_ref().filter(|_| entry.amount > 0)?;
    let mut parts = Vec::new();
    if lot.state == LotState::Pending {
        let date = subject.date(lot.active_from);
        parts.push(tr!(locale, points.lot_from, date = date));
    }
    if let Some(at) = lot.expires_at {
        parts.push(tr!(locale, points.expires, date = subject.date(at)));
    }
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn row(subject: &Subject, address: &Address, pairs: &Pairs<'_>, entry: &Entry) -> AnyView {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let id = entry.id.to_string();
    let href = address.with_now(&[("why", Some(&id))]);
    let source = source_name(locale, &entry.source, entry.order.as_deref());
    let detail = match &entry.reason {
        Some(reason) => format!("{source} · {reason}"),
        None => source,
    };
    let (state, tone, badge) = standing(subject, pairs, entry);
    let badge = badge.map(|it| view! { <span class="badge" data-tone=tone>{it}</span> });
    let gain = if entry.amount > 0 && state == "plain" {
        "amount amount--gain"
    } else {
        "amount"
    };
    let when = subject.time(entry.occurred_at);
    let by = (subject.staff && entry.actor != "system")
        .then(|| tr!(locale, points.by, name = entry.actor));
    let life = life(subject, entry).map(|it| view! { <span class="row__note">{it}</span> });
    let balance = amounts.plain(entry.asset, entry.balance_after);
    view! {
        <li>
            <a class="row" href=href data-noscroll="" aria-haspopup="dialog" data-state=state>
                <span class="row__mark" data-kind=mark_name(entry.kind)>{icon(kind_icon(entry.kind))}</span>
                <span class="row__main">
                    <span class="row__title">{kind_name(locale, entry.kind)}" "{badge}</span>
                    <span class="row__note">{detail}</span>
                    <span class="row__note">{when}{by.map(|it| format!(" · {it}"))}</span>
                    {life}
                    {corrects(subject, pairs, entry)}
                </span>
                <span class="row__side">
                    <span class=gain>{amounts.signed(entry.asset, entry.amount)}</span>
                    <span class="row__note">{tr!(locale, points.balance_after, n = balance)}</span>
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
