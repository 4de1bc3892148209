//! Compares orders and their receipts with the ledger and the growth record.

use super::service::claim_event;
use super::store;
use crate::App;
use crate::check::Report;
use crate::db::text::DbText;
use crate::error::Result;
use crate::tiers::service::GrowthRecord;
use crate::{points, tiers};
use sea_orm::entity::prelude::Uuid;
use shared::ids::{EntryId, LotId, MemberId, OrderId};
use shared::orders::Order;
use std::collections::{BTreeSet, HashMap};

/// Checks orders: what they say they are, earned and used is in the ledger.
pub(crate) async fn check(app: &App, orders: &[Order], report: &mut Report) -> Result<()> {
    let db = app.db.read();
    let members: BTreeSet<MemberId> = orders.iter().filter_map(|it| it.member).collect();
    let members: Vec<MemberId> = members.into_iter().collect();
    let receipts = orders.iter().map(|it| &it.receipt);
    let lot_ids: Vec<LotId> = receipts
        .clone()
        .filter_map(|it| it.earned.as_ref()?.lot)
        .collect();
    let lots = points::views::lots_by_id(db, &lot_ids).await?;
    let entry_ids: Vec<EntryId> = receipts
        .flat_map(|it| it.spends.iter().map(|it| it.entry))
        .collect();
    let entries = points::views::amounts_by_id(db, &entry_ids).await?;
    let found = Ledger {
        lots,
        entries,
        restored: points::views::restored_by_spend(db, &entry_ids).await?,
    };
    let growth = tiers::service::growth_record(db, &members).await?;
    let events = events_of(app, orders).await?;
    for order in orders {
        check_receipt(order, &found, report);
        check_growth(order, &growth, events.get(&order.id), report);
        let earned = order.receipt.earned.as_ref().and_then(|it| it.entry);
        report.receipt_entries += earned.iter().count() as u64 + order.receipt.spends.len() as u64;
    }
    check_columns(app, orders, report).await
}

/// What the ledger holds of some orders' receipts.
struct Ledger {
    /// What each lot started with and what of it was taken back.
    lots: HashMap<LotId, (i64, i64)>,
    /// Amounts of the entries that spent.
    entries: HashMap<EntryId, i64>,
    /// What was given back, by the entry that spent it.
    restored: HashMap<EntryId, i64>,
}

/// Ids of the events of orders, and of a claim, which a growth record names.
async fn events_of(app: &App, orders: &[Order]) -> Result<HashMap<OrderId, Vec<String>>> {
    let mut events: HashMap<OrderId, Vec<String>> = orders
        .iter()
        .map(|it| (it.id, vec![claim_event(it.id)]))
        .collect();
    let ids: Vec<Uuid> = orders.iter().map(|it| it.id.uuid()).collect();
    for (event_id, order) in store::event_ids(app.db.read(), &ids).await? {
        events.entry(order.into()).or_default().push(event_id);
    }
    Ok(events)
}

fn check_receipt(order: &Order, ledger: &Ledger, report: &mut Report) {
    let Ledger { lots, entries, .. } = ledger;
    let points = |f: fn(&shared::orders::EarnedLine) -> i64| {
        order
            .receipt
            .earned
            .iter()
            .flat_map(|it| &it.lines)
            .map(f)
            .sum::<i64>()
    };
    if let Some(lot) = order.receipt.earned.as_ref().and_then(|it| it.lot) {
        match lots.get(&lot) {
            Some((amount, clawed)) => {
                report.compare(order.id, "points earned", points(|it| it.points), *amount);
                // Policy or expiry may leave less to take back, never more.
                if *clawed > points(|it| it.points_returned) {
                    report.note(
                        order.id,
                        "points taken back",
                        points(|it| it.points_returned),
                        clawed,
                    );
                }
            }
            None => report.note(order.id, "lot of the points earned", lot, "no such lot"),
        }
    } else if points(|it| it.points) != 0 {
        report.note(order.id, "points earned have a lot", "a lot", "none");
    }
    for spend in &order.receipt.spends {
        let found = entries.get(&spend.entry).copied().unwrap_or(0);
        report.compare(order.id, "spend on the order", -spend.amount, found);
        let taken: i64 = spend.taken.iter().map(|it| it.amount).sum();
        let restored: i64 = spend.taken.iter().map(|it| it.restored).sum();
        report.compare(order.id, "lots that paid", spend.amount, taken);
        report.compare(
            order.id,
            "lots that were given back to",
            spend.restored,
            restored,
        );
        report.compare(
            order.id,
            "given back for the order",
            spend.restored,
            ledger.restored.get(&spend.entry).copied().unwrap_or(0),
        );
    }
    let mut settled = order.clone();
    let owed = shared::orders::rules::settle_returns(&mut settled);
    report.compare(
        order.id,
        "points owed for refunds",
        0,
        if order.member.is_some() {
            owed.points
        } else {
            0
        },
    );
}

fn check_growth(
    order: &Order,
    growth: &GrowthRecord,
    events: Option<&Vec<String>>,
    report: &mut Report,
) {
    if order.member.is_none() {
        return;
    }
    let lines = order.receipt.earned.iter().flat_map(|it| &it.lines);
    let (earned, returned) = lines.fold((0, 0), |sum, it| {
        (sum.0 + it.growth, sum.1 + it.growth_returned)
    });
    let of =
        |rows: &HashMap<String, i64>, reference: &str| rows.get(reference).copied().unwrap_or(0);
    let found = of(&growth.earned, &order.external_id);
    report.compare(order.id, "growth value of the order", earned, found);
    let found: i64 = events
        .into_iter()
        .flatten()
        .map(|it| of(&growth.returned, it))
        .sum();
    report.compare(order.id, "growth value taken back", -returned, found);
}

/// Columns that lists and reports use say the same as the order itself.
async fn check_columns(app: &App, orders: &[Order], report: &mut Report) -> Result<()> {
    let ids: Vec<&str> = orders.iter().map(|it| it.external_id.as_str()).collect();
    let rows: HashMap<String, store::order::Model> = store::by_external(app.db.read(), &ids)
        .await?
        .into_iter()
        .map(|it| (it.external_id.clone(), it))
        .collect();
    for order in orders {
        let Some(row) = rows.get(&order.external_id) else {
            continue;
        };
        report.compare(
            order.id,
            "order status",
            order.status().to_db(),
            row.status.as_str(),
        );
        report.compare(order.id, "order amount", order.amount(), row.amount);
        report.compare(
            order.id,
            "refunded amount",
            order.refunded_amount(),
            row.refunded_amount,
        );
    }
    Ok(())
}
