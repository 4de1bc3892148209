//! Works counters, uses and slots of coupons out again from the rows.

use super::store::{batch, code, coupon, reservation, template, usage};
use super::use_store;
use crate::App;
use crate::check::Report;
use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{PaginatorTrait, QueryOrder, QuerySelect};
use shared::coupons::api::{ReservationState, UseState};
use shared::ids::{CodeBatchId, CouponId, CouponTemplateId, ReservationId};
use shared::orders::Order;
use std::collections::HashMap;

/// Rows of one step.
const STEP: u64 = 500;

/// Checks templates, coupons, reservations and codes.
pub(crate) async fn check(app: &App, report: &mut Report) -> Result<()> {
    check_templates(app, report).await?;
    let mut after = None;
    loop {
        let mut query = coupon::Entity::find()
            .order_by_asc(coupon::Column::Id)
            .limit(STEP);
        if let Some(after) = after {
            query = query.filter(coupon::Column::Id.gt(after));
        }
        let rows = query.all(app.db.read()).await?;
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        check_coupons(app, &rows, report).await?;
    }
    check_reservations(app, report).await?;
    check_batches(app, report).await
}

/// What uses add up to.
#[derive(Default)]
struct Sums {
    committed: (i64, i64),
    redeemed: (i64, i64),
}

async fn check_templates(app: &App, report: &mut Report) -> Result<()> {
    use usage::Column;
    let db = app.db.read();
    let rows: Vec<(Uuid, String, i64, i64)> = usage::Entity::find()
        .select_only()
        .columns([Column::TemplateId, Column::State])
        .column_as(Column::Amount.count(), "uses")
        .column_as(Expr::col(Column::Amount).sum().cast_as("BIGINT"), "amount")
        .group_by(Column::TemplateId)
        .group_by(Column::State)
        .into_tuple()
        .all(db)
        .await?;
    let mut sums: HashMap<Uuid, Sums> = HashMap::new();
    for (id, state, uses, amount) in rows {
        let sum = sums.entry(id).or_default();
        let state = UseState::from_db(&state)?;
        if matches!(state, UseState::Held | UseState::Redeemed) {
            sum.committed = (sum.committed.0 + uses, sum.committed.1 + amount);
        }
        if state == UseState::Redeemed {
            sum.redeemed = (uses, amount);
        }
    }
    for row in template::Entity::find().all(db).await? {
        let id = CouponTemplateId::from(row.id);
        let sum = sums.remove(&row.id).unwrap_or_default();
        let issued = coupon::Entity::find().filter(coupon::Column::TemplateId.eq(row.id));
        let issued = i64::try_from(issued.count(db).await?).unwrap_or(i64::MAX);
        report.compare(id, "coupons issued", issued, row.issued);
        report.compare(id, "uses committed", sum.committed.0, row.committed_uses);
        report.compare(
            id,
            "discount committed",
            sum.committed.1,
            row.committed_amount,
        );
        report.compare(id, "uses redeemed", sum.redeemed.0, row.redeemed_uses);
        report.compare(id, "discount redeemed", sum.redeemed.1, row.redeemed_amount);
    }
    for id in sums.into_keys() {
        report.note(
            CouponTemplateId::from(id),
            "template of uses",
            "a template",
            "none",
        );
    }
    Ok(())
}

async fn check_coupons(app: &App, rows: &[coupon::Model], report: &mut Report) -> Result<()> {
    let ids = rows.iter().map(|it| it.id);
    let uses = usage::Entity::find()
        .filter(usage::Column::CouponId.is_in(ids))
        .all(app.db.read())
        .await?;
    for row in rows {
        let id = CouponId::from(row.id);
        let of = |state: UseState| {
            let own = |it: &&usage::Model| it.coupon_id == row.id && it.state == state.to_db();
            i64::try_from(uses.iter().filter(own).count()).unwrap_or(i64::MAX)
        };
        report.compare(id, "uses of the coupon", of(UseState::Redeemed), row.used);
        report.compare(id, "uses that are held", of(UseState::Held), row.reserved);
        for it in uses.iter().filter(|it| it.coupon_id == row.id) {
            let counts =
                [UseState::Held.to_db(), UseState::Redeemed.to_db()].contains(&it.state.as_str());
            let slot = it.coupon_slot.unwrap_or(0);
            if counts != (1..=row.uses_max).contains(&slot) {
                let expected = if counts {
                    "a slot of the coupon"
                } else {
                    "none"
                };
                report.note(id, "slot of a use", expected, slot);
            }
            if it.member_id != row.member_id || it.template_id != row.template_id {
                report.note(id, "owner of a use", "the coupon's own", "another");
            }
        }
    }
    Ok(())
}

/// A use is held exactly while its reservation is; what a reservation took and no order names is
/// counted for the ledger.
async fn check_reservations(app: &App, report: &mut Report) -> Result<()> {
    let mut after = None;
    loop {
        let mut query = reservation::Entity::find()
            .order_by_asc(reservation::Column::Id)
            .limit(STEP);
        if let Some(after) = after {
            query = query.filter(reservation::Column::Id.gt(after));
        }
        let rows = query.all(app.db.read()).await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = Some(last.id);
        let ids: Vec<ReservationId> = rows.iter().map(|it| it.id.into()).collect();
        let uses = use_store::uses_of(app.db.read(), &ids).await?;
        for row in &rows {
            let state = ReservationState::from_db(&row.state)?;
            let fits = |it: &usage::Model| match state {
                ReservationState::Held => it.state == UseState::Held.to_db(),
                ReservationState::Released | ReservationState::Expired => {
                    it.state == UseState::Released.to_db()
                }
                ReservationState::Redeemed => {
                    [UseState::Redeemed.to_db(), UseState::Returned.to_db()]
                        .contains(&it.state.as_str())
                }
                ReservationState::RolledBack => it.state == UseState::Returned.to_db(),
            };
            let id = ReservationId::from(row.id);
            let odd = uses
                .iter()
                .filter(|it| it.reservation_id == row.id && !fits(it))
                .count();
            report.compare(id, "uses in the reservation's state", 0, odd);
            let open = row.open_session.is_some();
            report.compare(
                id,
                "holds its session",
                state == ReservationState::Held,
                open,
            );
            if !matches!(
                state,
                ReservationState::Redeemed | ReservationState::RolledBack
            ) {
                report.receipt_entries += super::service::spends_of(&row.body)?;
            }
        }
    }
}

async fn check_batches(app: &App, report: &mut Report) -> Result<()> {
    let db = app.db.read();
    for row in batch::Entity::find().all(db).await? {
        let codes = code::Entity::find().filter(code::Column::BatchId.eq(row.id));
        let made = i64::try_from(codes.count(db).await?).unwrap_or(i64::MAX);
        report.compare(
            CodeBatchId::from(row.id),
            "codes of the batch",
            made,
            row.made,
        );
    }
    Ok(())
}

/// Receipts of orders say the same about coupons as the uses do, and shares add up.
pub(crate) async fn check_receipts(app: &App, orders: &[Order], report: &mut Report) -> Result<()> {
    let receipts = || {
        orders
            .iter()
            .flat_map(|it| it.receipt.coupons.iter().map(move |row| (it, row)))
    };
    let ids: Vec<ReservationId> = receipts().map(|it| it.1.reservation).collect();
    let uses = use_store::uses_of(app.db.read(), &ids).await?;
    for (order, it) in receipts() {
        let found = uses.iter().find(|row| {
            row.coupon_id == it.coupon.uuid() && row.reservation_id == it.reservation.uuid()
        });
        let expected = if it.returned_at.is_some() {
            UseState::Returned
        } else {
            UseState::Redeemed
        };
        let state = found.map_or("none", |it| it.state.as_str());
        report.compare(order.id, "use of a coupon", expected.to_db(), state);
        let amount = found.map_or(0, |it| it.amount);
        report.compare(
            order.id,
            "discount of a coupon",
            it.discount + it.shipping_discount,
            amount,
        );
        let shares: i64 = it.lines.iter().map(|it| it.discount).sum();
        report.compare(order.id, "shares of a coupon", it.discount, shares);
        let mut settled = it.clone();
        shared::coupons::pricing::settle_shares(&mut settled, &order.lines);
        // What a cancelled order held may arrive after its cancellation.
        if settled.lines != it.lines && order.times.cancelled_at.is_none() {
            report.note(
                order.id,
                "shares of what came back",
                format!("{:?}", settled.lines),
                format!("{:?}", it.lines),
            );
        }
    }
    Ok(())
}
