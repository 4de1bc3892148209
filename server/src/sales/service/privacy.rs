//! What flash sales hold of a person.

use super::super::store::{self, claim, interest, reminder};
use super::members::claims;
use super::seating::release;
use crate::App;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use crate::members::service::{Erasure, ExportWriter, Kept, Move};
use sea_orm::entity::prelude::*;
use shared::ids::MemberId;
use shared::members::api::MovedKind;
use shared::sales::{ClaimReason, ClaimState};
use std::collections::{BTreeSet, HashSet};

/// Rows that one statement names.
const STEP: usize = 500;

/// A member's claims, for an export.
///
/// # Errors
/// When the database fails, or nobody reads any more.
pub async fn export(app: &App, member: MemberId, to: &mut ExportWriter) -> Result<()> {
    to.pages("flash_claims", |limit, cursor| {
        Box::pin(claims(app, member, limit, cursor))
    })
    .await
}

async fn of_member(tx: &Tx, member: MemberId) -> Result<Vec<claim::Model>> {
    let query = claim::Entity::find().filter(claim::Column::MemberId.eq(member.uuid()));
    Ok(query.all(tx).await?)
}

/// Gives back what an erased member holds, and forgets reminders. What was bought stays, for the
/// books.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &Tx, it: &Erasure) -> Result<()> {
    let is_held = |it: &claim::Model| it.state == ClaimState::Held.to_db();
    let held = of_member(tx, it.member).await?;
    let numbers: BTreeSet<i64> = held
        .iter()
        .filter(|it| is_held(it))
        .map(|it| it.sale_number)
        .collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    for sale in store::lock_numbers(tx, &numbers).await? {
        // Read again, now that nobody else settles them.
        let mut rows = store::claims_of(tx, sale.row.number, &[it.member]).await?;
        rows.retain(is_held);
        release(tx, &sale, &rows, ClaimReason::MemberGone, None).await?;
    }
    reminder::Entity::delete_many()
        .filter(reminder::Column::MemberId.eq(it.member.uuid()))
        .exec(tx)
        .await?;
    interest::Entity::delete_many()
        .filter(interest::Column::MemberId.eq(it.member.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Hands claims over with a merge of members, or back. Two with the same key in one sale stay
/// where they are.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(tx: &Tx, it: &mut Move) -> Result<()> {
    let ids: Vec<i64> = match it.back_ids(MovedKind::FlashClaims) {
        Some(ids) => ids
            .into_iter()
            .filter_map(|it| store::claim_number(it.into()))
            .collect(),
        None => new_to(tx, it.giver(), it.taker()).await?,
    };
    let numbers: BTreeSet<i64> = ids.iter().map(|it| store::sale_of(*it)).collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    for sale in store::lock_numbers(tx, &numbers).await? {
        store::advance(tx, sale.row.id, 0).await?;
    }
    for chunk in ids.chunks(STEP) {
        claim::Entity::update_many()
            .col_expr(claim::Column::MemberId, Expr::value(it.taker().uuid()))
            .filter(claim::Column::Id.is_in(chunk.iter().copied()))
            .exec(tx)
            .await?;
    }
    let kept = ids
        .into_iter()
        .map(|id| Kept::row(store::claim_id(id).uuid()));
    it.moved(MovedKind::FlashClaims, kept.collect());
    Ok(())
}

async fn new_to(tx: &Tx, giver: MemberId, taker: MemberId) -> Result<Vec<i64>> {
    let known: HashSet<(i64, String)> = of_member(tx, taker)
        .await?
        .into_iter()
        .map(|it| (it.sale_number, it.intent))
        .collect();
    let rows = of_member(tx, giver).await?.into_iter();
    let new = rows.filter(|it| !known.contains(&(it.sale_number, it.intent.clone())));
    Ok(new.map(|it| it.id).collect())
}
