//! What orders do for claims: a line names the claim that it buys. The payment confirms it; a
//! payment that comes too late takes another seat while there is one, or else the money goes back
//! with an apology.

use super::super::store::{self, Sale, claim};
use super::seating::{release, seats};
use super::told;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use crate::messages::service::{self as messages, NewMessage};
use crate::outbox::service::tell;
use crate::{communities, coupons};
use sea_orm::entity::prelude::*;
use shared::coupons::{CouponSource, CouponSourceKind};
use shared::ids::{CommunityId, FlashClaimId, MemberId};
use shared::messages::Content;
use shared::orders::{Order, OrderLine, OrderStatus};
use shared::sales::rules::{Payment, payment};
use shared::sales::seats::Wish;
use shared::sales::{ClaimReason, ClaimState, SaleState};
use shared::webhooks::events::{ClaimBought, Event};
use std::collections::{BTreeMap, BTreeSet};

/// A line of an order that names a claim.
struct Bought<'a> {
    order: &'a Order,
    line: &'a OrderLine,
    claim: FlashClaimId,
    /// How many pieces all lines of the order that name the claim come to.
    quantity: i64,
}

/// Brings claims up to date after orders changed.
///
/// # Errors
/// When the database fails.
pub async fn follow_orders(tx: &Tx, orders: &[&Order]) -> Result<()> {
    let mut bought = Vec::new();
    for order in orders {
        bought.extend(order.lines.iter().filter_map(|it| {
            let claim = it.line.claim?;
            let lines = order.lines.iter().map(|it| &it.line);
            let quantity = lines.filter(|it| it.claim == Some(claim));
            let quantity = quantity.map(|it| it.quantity).sum();
            let line = &it.line;
            Some(Bought {
                order,
                line,
                claim,
                quantity,
            })
        }));
    }
    let ids: BTreeSet<i64> = bought
        .iter()
        .filter_map(|it| store::claim_number(it.claim))
        .collect();
    if bought.is_empty() {
        return Ok(());
    }
    let numbers: BTreeSet<i64> = ids.iter().map(|it| store::sale_of(*it)).collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let sales = store::lock_numbers(tx, &numbers).await?;
    for it in bought {
        // Read anew for each: an order may name several claims of a sale.
        let id = store::claim_number(it.claim);
        let row = match id {
            Some(id) => store::claims_by_id(tx, &[id]).await?.pop(),
            None => None,
        };
        let sale = row
            .as_ref()
            .and_then(|row| sales.iter().find(|it| it.row.number == row.sale_number));
        match (sale, row) {
            (Some(sale), Some(row)) if fits(&it, sale, &row) => {
                follow(tx, &it, sale, &row).await?;
            }
            _ => refuse(tx, &it).await?,
        }
    }
    Ok(())
}

/// Whether a line can buy a claim: the member's own, the same product, and not more of it in all
/// lines of the order.
fn fits(it: &Bought<'_>, sale: &Sale, row: &claim::Model) -> bool {
    let place = i32::try_from(sale.place(&it.line.sku).unwrap_or(usize::MAX));
    it.order.member.map(MemberId::uuid) == Some(row.member_id)
        && place == Ok(row.place)
        && it.quantity <= row.quantity
}

/// Tells the shop that an order names a claim which it cannot buy.
async fn refuse(tx: &Tx, it: &Bought<'_>) -> Result<()> {
    if it.order.status() != OrderStatus::Paid {
        return Ok(());
    }
    tell_shop(tx, it, Event::ClaimRefused).await
}

async fn tell_shop(tx: &Tx, it: &Bought<'_>, event: fn(ClaimBought) -> Event) -> Result<()> {
    let bought = ClaimBought {
        claim_id: it.claim,
        order_id: it.order.external_id.clone(),
        line_id: it.line.line_id.clone(),
    };
    tell(tx, it.order.member, event(bought)).await
}

async fn follow(tx: &Tx, it: &Bought<'_>, sale: &Sale, row: &claim::Model) -> Result<()> {
    let order = it.order.external_id.as_str();
    let same = row.order_ref.as_deref() == Some(order);
    let state = ClaimState::from_db(&row.state)?;
    if it.order.times.cancelled_at.is_some() {
        if same || state == ClaimState::Held {
            let rows = std::slice::from_ref(row);
            release(tx, sale, rows, ClaimReason::OrderCancelled, Some(order)).await?;
        }
        return Ok(());
    }
    if it.order.times.paid_at.is_none() {
        return Ok(());
    }
    match payment(state, same) {
        Payment::Known => Ok(()),
        Payment::OtherOrder => refuse(tx, it).await,
        Payment::Confirms => {
            let row = &shrink(tx, sale, row, it.quantity).await?;
            let seat = (sale.row.id, row.place);
            store::shift(tx, seat, -row.quantity, row.quantity).await?;
            settle(tx, sale, row, ClaimReason::PaidInTime, order).await
        }
        Payment::Late => {
            let row = shrink(tx, sale, row, it.quantity).await?;
            late(tx, it, sale, &row).await
        }
    }
}

/// Lets a claim be of no more pieces than its order buys; what is over is free again.
async fn shrink(tx: &Tx, sale: &Sale, row: &claim::Model, bought: i64) -> Result<claim::Model> {
    let over = row.quantity - bought;
    if over <= 0 {
        return Ok(row.clone());
    }
    if row.state == ClaimState::Held.to_db() {
        store::shift(tx, (sale.row.id, row.place), -over, 0).await?;
        if let Some(community) = row.community_id {
            let seat = (sale.row.id, row.place);
            store::take_share(tx, seat, community.into(), over).await?;
        }
    }
    claim::Entity::update_many()
        .col_expr(claim::Column::Quantity, Expr::value(bought))
        .filter(claim::Column::Id.eq(row.id))
        .exec(tx)
        .await?;
    Ok(claim::Model {
        quantity: bought,
        ..row.clone()
    })
}

async fn settle(
    tx: &Tx,
    sale: &Sale,
    row: &claim::Model,
    reason: ClaimReason,
    order: &str,
) -> Result<()> {
    store::settle(tx, &[row.id], reason, Some(order), tx.now()).await?;
    told::tell(tx, sale, &[row], reason, Some(order)).await?;
    store::advance(tx, sale.row.id, 0).await?;
    tx.touch(row.member_id.into());
    Ok(())
}

/// A payment that came after the claim went back.
async fn late(tx: &Tx, it: &Bought<'_>, sale: &Sale, row: &claim::Model) -> Result<()> {
    let member = MemberId::from(row.member_id);
    let known = store::claims_of(tx, sale.row.number, &[member]).await?;
    // In this transaction: whoever waits for the sale that is taken here has a connection.
    let mut groups = communities::service::belongings(tx, &[member]).await?;
    let groups = groups.remove(&member).unwrap_or_default();
    let wish = Wish {
        member,
        key: row.intent.clone(),
        place: usize::try_from(row.place).unwrap_or(usize::MAX),
        quantity: row.quantity,
        communities: sale.definition.sharing(&groups),
    };
    let seated = if sale.state == SaleState::Cancelled {
        None
    } else {
        seats(tx, sale, &known).await?.seat(&wish).ok()
    };
    let order = it.order.external_id.as_str();
    match seated {
        Some(community) => {
            reseat(tx, sale, row, community).await?;
            settle(tx, sale, row, ClaimReason::Reseated, order).await
        }
        None => {
            settle(tx, sale, row, ClaimReason::TooLate, order).await?;
            apologise(tx, it, sale, member).await
        }
    }
}

async fn reseat(
    tx: &Tx,
    sale: &Sale,
    row: &claim::Model,
    community: Option<CommunityId>,
) -> Result<()> {
    let seat = (sale.row.id, row.place);
    store::shift(tx, seat, 0, row.quantity).await?;
    if let Some(community) = community {
        let share = BTreeMap::from([((row.place, community), row.quantity)]);
        store::add_shares(tx, sale.row.id, share).await?;
    }
    claim::Entity::update_many()
        .col_expr(
            claim::Column::CommunityId,
            Expr::value(community.map(CommunityId::uuid)),
        )
        .filter(claim::Column::Id.eq(row.id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn apologise(tx: &Tx, it: &Bought<'_>, sale: &Sale, member: MemberId) -> Result<()> {
    let mut coupon = false;
    if let Some(template) = sale.definition.apology {
        let source = CouponSource {
            kind: CouponSourceKind::FlashSale,
            reference: it.claim.to_string(),
        };
        match coupons::service::publish(tx, template, member, &source, tx.now()).await {
            Ok(_) => coupon = true,
            // A template that has run out must not keep the payment from being noted.
            Err(AppError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let message = NewMessage {
        member,
        source: format!("{}/late", it.claim),
        content: Content::ClaimTooLate {
            sale: sale.id(),
            title: sale.definition.title.clone(),
            claim: it.claim,
            coupon,
        },
    };
    messages::post(tx, vec![message]).await?;
    tell_shop(tx, it, Event::ClaimRefundDue).await
}
