//! What is free and who has how much, read under the lock of the sale; and giving pieces back.

use super::super::store::{self, Sale, claim, product};
use super::told;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use shared::ids::CommunityId;
use shared::sales::seats::{Seats, Shelf};
use shared::sales::{ClaimReason, ClaimState};
use std::collections::BTreeMap;

/// What is free in a sale, and what some members have of it; not what communities have.
pub(super) fn shelves(sale: &Sale, stock: &[product::Model], known: &[claim::Model]) -> Seats {
    let shelves = sale.definition.products.iter().zip(stock);
    let shelves = shelves.map(|(product, stock)| Shelf {
        free: stock.free(),
        per_member: product.per_member,
        per_community: product.per_community,
    });
    let mut seats = Seats::new(shelves.collect());
    for it in known.iter().filter(|it| it.is_seated()) {
        seats.note(it.member_id.into(), place(it.place), it.quantity);
    }
    seats
}

/// What is free in a sale that is taken, and what some members and all communities have of it.
///
/// # Errors
/// When the database fails.
pub(super) async fn seats(tx: &Tx, sale: &Sale, known: &[claim::Model]) -> Result<Seats> {
    let stock = store::products(tx, sale.row.id).await?;
    let mut seats = shelves(sale, &stock, known);
    let mut products = sale.definition.products.iter();
    if products.any(|it| it.per_community.is_some()) {
        for it in store::shares(tx, sale.row.id).await? {
            seats.note_share(it.community_id.into(), place(it.place), it.taken);
        }
    }
    Ok(seats)
}

fn place(place: i32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// Gives the pieces of claims back to a sale that is taken, whether they are held or paid.
///
/// # Errors
/// When the database fails.
pub(super) async fn release(
    tx: &Tx,
    sale: &Sale,
    rows: &[claim::Model],
    reason: ClaimReason,
    order: Option<&str>,
) -> Result<()> {
    let rows: Vec<&claim::Model> = rows.iter().filter(|it| it.is_seated()).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let mut back: BTreeMap<i32, (i64, i64)> = BTreeMap::new();
    let mut shares: BTreeMap<(i32, CommunityId), i64> = BTreeMap::new();
    for it in &rows {
        let (held, sold) = back.entry(it.place).or_default();
        if it.state == ClaimState::Held.to_db() {
            *held += it.quantity;
        } else {
            *sold += it.quantity;
        }
        if let Some(community) = it.community_id {
            *shares.entry((it.place, community.into())).or_default() += it.quantity;
        }
        tx.touch(it.member_id.into());
    }
    for (place, (held, sold)) in back {
        store::shift(tx, (sale.row.id, place), -held, -sold).await?;
    }
    for ((place, community), quantity) in shares {
        store::take_share(tx, (sale.row.id, place), community, quantity).await?;
    }
    let ids: Vec<i64> = rows.iter().map(|it| it.id).collect();
    store::settle(tx, &ids, reason, order, tx.now()).await?;
    told::tell(tx, sale, &rows, reason, order).await?;
    store::advance(tx, sale.row.id, 0).await
}
