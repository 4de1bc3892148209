//! Compares orders and their receipts with the ledger and the growth record.

use super::store;
use crate::App;
use crate::check::Report;
use crate::db::text::DbText;
use crate::error::Result;
use crate::{points, tiers};
use shared::ids::{EntryId, LotId, MemberId};
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
    let growth = tiers::service::growth_by_order(db, &members).await?;
    for order in orders {
        check_receipt(order, &lots, &entries, report);
        check_growth(order, &growth, report);
    }
    check_columns(app, orders, report).await
}

fn check_receipt(
    order: &Order,
    lots: &HashMap<LotId, (i64, i64)>,
    entries: &HashMap<EntryId, i64>,
    report: &mut Report,
) {
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

fn check_growth(order: &Order, growth: &HashMap<(MemberId, String), i64>, report: &mut Report) {
    let Some(member) = order.member else { return };
    let lines = order.receipt.earned.iter().flat_map(|it| &it.lines);
    let earned: i64 = lines.map(|it| it.growth).sum();
    let found = growth
        .get(&(member, order.external_id.clone()))
        .copied()
        .unwrap_or(0);
    report.compare(order.id, "growth value of the order", earned, found);
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
