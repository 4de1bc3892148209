//! What the shop's systems are told of claims.

use super::super::store::{self, Sale, claim};
use crate::db::Tx;
use crate::error::Result;
use crate::outbox::service::{self as outbox, Message};
use shared::sales::ClaimReason;
use shared::webhooks::events::{ClaimMoved, Event};

/// Tells that claims of a sale moved, and by which order.
///
/// # Errors
/// When an event cannot be written down.
pub(super) async fn tell(
    tx: &Tx,
    sale: &Sale,
    rows: &[&claim::Model],
    reason: ClaimReason,
    order: Option<&str>,
) -> Result<()> {
    let event = match reason {
        ClaimReason::PaidInTime | ClaimReason::Reseated => Event::ClaimPaid,
        // The shop is told of it as of money that is due.
        ClaimReason::TooLate => return Ok(()),
        _ => Event::ClaimReleased,
    };
    let one = |it: &&claim::Model| Message {
        event: event(ClaimMoved {
            claim_id: store::claim_id(it.id),
            sale_id: sale.id(),
            member_id: it.member_id.into(),
            sku: sku(sale, it.place),
            quantity: it.quantity,
            reason,
            order_id: order.map(str::to_owned),
        }),
        member: Some(it.member_id.into()),
    };
    outbox::publish(tx, rows.iter().map(one).collect()).await
}

fn sku(sale: &Sale, place: i32) -> String {
    let place = usize::try_from(place).unwrap_or(usize::MAX);
    let product = sale.definition.products.get(place);
    product.map(|it| it.sku.clone()).unwrap_or_default()
}
