//! What a merge of two members does to coupons, their uses and checkouts, and its undoing. All of
//! them go over; those that a limit for each member counts are numbered anew among those of the one
//! who goes on, so that the limit counts both.

use crate::coupons::store::{coupon, reservation, usage};
use crate::coupons::use_store;
use crate::db::Tx;
use crate::error::Result;
use crate::members::service::{Kept, Move};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;
use shared::members::api::{MergeBlock, MovedKind};
use std::collections::BTreeSet;

/// Hands coupons over with a merge of members, or back.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(tx: &Tx, it: &mut Move) -> Result<()> {
    let coupons = coupons(tx, it).await?;
    if it.is_undo() {
        let used = use_store::used_since(tx, &coupons, it.merged_at()).await?;
        it.block_if(MergeBlock::Coupons, used);
    }
    uses(tx, it).await?;
    checkouts(tx, it).await
}

/// Coupons. Those that the member took have a number among all that the member took.
async fn coupons(tx: &Tx, it: &mut Move) -> Result<Vec<Uuid>> {
    let rows = match it.back_rows(MovedKind::Coupons) {
        Some(rows) => rows.to_vec(),
        None => {
            let theirs = coupon::Entity::find()
                .filter(coupon::Column::MemberId.eq(it.giver().uuid()))
                .order_by_asc(coupon::Column::Id);
            let row = |it: coupon::Model| Kept {
                before: it.member_slot.map(|it| it.to_string()),
                ..Kept::row(it.id)
            };
            theirs.all(tx).await?.into_iter().map(row).collect()
        }
    };
    let ids: Vec<Uuid> = rows.iter().filter_map(Kept::id).collect();
    let columns = (coupon::Column::Id, coupon::Column::MemberId);
    let (numbered, plain): (Vec<Kept>, Vec<Kept>) =
        rows.iter().cloned().partition(|it| it.before.is_some());
    for row in &numbered {
        let Some(id) = row.id() else { continue };
        let Some(found) = coupon::Entity::find_by_id(id).one(tx).await? else {
            continue;
        };
        let slot = match (it.is_undo(), &row.before) {
            (true, before) => before.as_ref().and_then(|it| it.parse().ok()),
            (false, _) => {
                let last = use_store::last_taken(tx, found.template_id.into(), it.taker());
                Some(last.await? + 1)
            }
        };
        coupon::Entity::update_many()
            .col_expr(coupon::Column::MemberId, Expr::value(it.taker().uuid()))
            .col_expr(coupon::Column::MemberSlot, Expr::value(slot))
            .filter(coupon::Column::Id.eq(id))
            .exec(tx)
            .await?;
    }
    let plain: Vec<Uuid> = plain.iter().filter_map(Kept::id).collect();
    crate::db::rows::give::<coupon::Entity>(
        tx,
        (columns.0, &plain),
        (columns.1, it.taker().uuid()),
    )
    .await?;
    it.moved(MovedKind::Coupons, rows);
    Ok(ids)
}

/// Uses of coupons, with their numbers among the member's uses of a template.
async fn uses(tx: &Tx, it: &mut Move) -> Result<()> {
    use usage::Column;
    let rows = match it.back_rows(MovedKind::CouponUses) {
        Some(rows) => rows.to_vec(),
        None => {
            let theirs = usage::Entity::find()
                .filter(Column::MemberId.eq(it.giver().uuid()))
                .order_by_asc(Column::At);
            let row = |it: usage::Model| Kept {
                key: format!("{}/{}", it.reservation_id, it.coupon_id),
                before: it.member_slot.map(|it| it.to_string()),
            };
            theirs.all(tx).await?.into_iter().map(row).collect()
        }
    };
    for row in &rows {
        let Some((reservation, coupon)) = row.key.split_once('/') else {
            continue;
        };
        let (Ok(reservation), Ok(coupon)) = (reservation.parse(), coupon.parse()) else {
            continue;
        };
        let found = usage::Entity::find_by_id((reservation, coupon))
            .one(tx)
            .await?;
        let Some(found) = found else { continue };
        let slot: Option<i64> = match (it.is_undo(), &row.before) {
            (_, None) => None,
            (true, Some(before)) => before.parse().ok(),
            (false, Some(_)) => Some(free_slot(tx, it, found.template_id).await?),
        };
        usage::Entity::update_many()
            .col_expr(Column::MemberId, Expr::value(it.taker().uuid()))
            .col_expr(Column::MemberSlot, Expr::value(slot))
            .filter(Column::ReservationId.eq(reservation))
            .filter(Column::CouponId.eq(coupon))
            .exec(tx)
            .await?;
    }
    it.moved(MovedKind::CouponUses, rows);
    Ok(())
}

async fn free_slot(tx: &Tx, it: &Move, template: Uuid) -> Result<i64> {
    let taken = use_store::member_uses(tx, it.taker(), &BTreeSet::from([template])).await?;
    let taken = taken.get(&template).map_or(&[][..], Vec::as_slice);
    Ok(super::checkout::lowest_free(taken))
}

/// Checkouts. One that still holds goes on under its session, unless the other has one there too:
/// then it stands until it runs out.
async fn checkouts(tx: &Tx, it: &mut Move) -> Result<()> {
    use reservation::{Column, Entity};
    let columns = (Column::Id, Column::MemberId);
    let ids = it
        .hand_over_all::<Entity>(tx, MovedKind::Checkouts, columns)
        .await?;
    for chunk in ids.chunks(500) {
        let open = Entity::find()
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .filter(Column::OpenSession.is_not_null());
        for row in open.all(tx).await? {
            let session = format!("{}/{}", it.taker(), row.session_key);
            let taken = Entity::find().filter(Column::OpenSession.eq(session.as_str()));
            if taken.one(tx).await?.is_none() {
                Entity::update_many()
                    .col_expr(Column::OpenSession, Expr::value(session))
                    .filter(Column::Id.eq(row.id))
                    .exec(tx)
                    .await?;
            }
        }
    }
    Ok(())
}
