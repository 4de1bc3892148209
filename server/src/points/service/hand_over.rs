//! What a merge of two members does to their balances: lots go over with everything that happened
//! to them, and a row in each ledger says how much that was.

use super::Books;
use super::books::Origin;
use crate::db::Tx;
use crate::error::Result;
use crate::members::service::Move;
use crate::points::store::{self, adjustment, lot};
use shared::ids::LotId;
use shared::members::api::{MergeBlock, MovedKind};
use shared::points::SourceKind;
use std::collections::HashSet;

/// Hands lots over, and adjustments that wait for a second person.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(tx: &Tx, it: &mut Move) -> Result<()> {
    let (giver, taker) = (it.giver(), it.taker());
    let mut books = Books::load(tx, &[giver, taker], &[]).await?;
    books.advance(giver, tx.now());
    books.advance(taker, tx.now());
    let (id, owner) = (lot::Column::Id, lot::Column::MemberId);
    let going = it
        .hand_over_all::<lot::Entity>(tx, MovedKind::Lots, (id, owner))
        .await?;
    let lots: HashSet<LotId> = going.into_iter().map(LotId::from).collect();
    if it.is_undo() {
        let used = store::used_lots(tx, giver, &lots).await?;
        it.block_if(MergeBlock::Points, used);
    }
    let origin = Origin::new(SourceKind::Merge, it.reference());
    for (asset, available, pending) in books.hand_over((giver, taker), &lots, tx.now(), &origin) {
        it.moved_balance(asset, available, pending);
    }
    books.save(tx, it.actor()).await?;
    let waiting = match it.back_ids(MovedKind::Adjustments) {
        Some(ids) => store::still_waiting(tx, &ids).await?,
        None => store::waiting_adjustments(tx, giver).await?,
    };
    let (id, owner) = (adjustment::Column::Id, adjustment::Column::MemberId);
    it.hand_over::<adjustment::Entity>(tx, MovedKind::Adjustments, (id, owner), waiting)
        .await
}
