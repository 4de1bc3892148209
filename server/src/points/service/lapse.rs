//! What is left when a membership ends.

use super::{Books, Origin};
use crate::db::Tx;
use crate::error::Result;
use crate::members::service::Erasure;
use crate::points::store;
use shared::ids::EntryId;
use shared::points::rules::{Posting, Step, Wallet};
use shared::points::{Asset, EntryKind, Movement, SourceKind};
use shared::time::Timestamp;

/// Ends everything that is left of a member's balances, and takes what names the person out of
/// requested adjustments. The ledger itself stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn lapse(tx: &Tx, erasure: &Erasure) -> Result<()> {
    let member = erasure.member;
    let mut books = Books::load(tx, &[member], &[]).await?;
    books.advance(member, tx.now());
    let origin = Origin::new(SourceKind::Erasure, member.to_string());
    for asset in Asset::ALL {
        let wallet = books.wallet(member, asset).clone();
        if let Some(posting) = end_all(&wallet, tx.now(), EntryId::generate(books.ids())) {
            books.post(member, asset, Step::Post(posting), &origin);
        }
    }
    books.save(tx, &erasure.actor).await?;
    store::end_adjustments(tx, erasure.member, &erasure.traces).await
}

/// The row that ends all lots with something left; what is owed stays owed.
fn end_all(wallet: &Wallet, at: Timestamp, entry: EntryId) -> Option<Posting> {
    let movements: Vec<Movement> = wallet
        .lots
        .iter()
        .filter(|it| it.remaining > 0)
        .map(|it| Movement {
            lot: it.id,
            amount: -it.remaining,
        })
        .collect();
    (!movements.is_empty()).then(|| Posting {
        entry,
        kind: EntryKind::Expire,
        amount: movements.iter().map(|it| it.amount).sum(),
        at,
        movements,
        new_lots: Vec::new(),
        prolonged: Vec::new(),
    })
}
