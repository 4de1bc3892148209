//! Balances that a checkout holds: taken at once, so that nothing can spend them twice, and given
//! back to their own lots when the checkout lets go.

use super::{Books, Origin, policy_at};
use crate::App;
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::members::service::MemberFacts;
use crate::points::store;
use sea_orm::ConnectionTrait;
use shared::ids::{MemberId, ReservationId};
use shared::orders::SpentReceipt;
use shared::points::rules::{self, Refusal, SpendFacts, Step, pays_floor, spent_receipt};
use shared::points::{Asset, SourceKind, SpendLimits};
use shared::time::start_of_day;

/// A balance that a checkout asks for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Which asset.
    pub asset: Asset,
    /// How much of it.
    pub amount: i64,
    /// What it may pay for, in minor units.
    pub order_amount: i64,
}

/// What a wanted balance would pay, in minor units, or the limit that it breaks.
///
/// # Errors
/// When the database fails.
pub async fn try_hold(
    db: &impl ConnectionTrait,
    app: &App,
    books: &mut Books,
    member: &MemberFacts,
    wanted: Wanted,
) -> Result<Result<i64, Refusal>> {
    let tried = decide(db, app, books, member, wanted).await?;
    Ok(tried.map(|(_, pays)| pays))
}

/// The most of an asset that can pay for what is wanted, and what that pays, in minor units; or
/// the limit that forbids any of it.
///
/// # Errors
/// When the database fails.
pub async fn most(
    db: &impl ConnectionTrait,
    app: &App,
    books: &Books,
    member: &MemberFacts,
    wanted: Wanted,
) -> Result<Result<(i64, i64), Refusal>> {
    let rulebook = app.rulebook();
    let (_, policy) = policy_at(&rulebook, app.db.now());
    let facts = facts(db, app, member, wanted, &policy.spend).await?;
    let spendable = books.wallet(member.id, wanted.asset).spendable();
    let most = rules::most_spendable(spendable, facts);
    Ok(most.map(|it| (it, pays_floor(wanted.asset, it, &policy.spend))))
}

/// What a spend is judged by, with what was spent today.
async fn facts<'a>(
    db: &impl ConnectionTrait,
    app: &App,
    member: &MemberFacts,
    wanted: Wanted,
    limits: &'a SpendLimits,
) -> Result<SpendFacts<'a>> {
    let today = start_of_day(app.db.now().date_in(&member.zone), &member.zone);
    let spent_today = match (wanted.asset, limits.day_max) {
        (Asset::Points, Some(_)) => store::spent_since(db, member.id, wanted.asset, today).await?,
        _ => 0,
    };
    Ok(SpendFacts {
        asset: wanted.asset,
        limits,
        spent_today,
        order_amount: wanted.order_amount,
    })
}

async fn decide(
    db: &impl ConnectionTrait,
    app: &App,
    books: &mut Books,
    member: &MemberFacts,
    wanted: Wanted,
) -> Result<Result<(rules::Posting, i64), Refusal>> {
    let now = app.db.now();
    let rulebook = app.rulebook();
    let (_, policy) = policy_at(&rulebook, now);
    let facts = facts(db, app, member, wanted, &policy.spend).await?;
    let wallet = books.wallet(member.id, wanted.asset).clone();
    let posting = rules::spend(&wallet, facts, wanted.amount, now, books.ids());
    let pays = pays_floor(wanted.asset, wanted.amount, &policy.spend);
    Ok(posting.map(|it| (it, pays)))
}

/// Takes a balance for a checkout. Answers what it took and what that pays, in minor units.
///
/// # Errors
/// The first limit that it breaks.
pub async fn hold(
    tx: &Tx,
    app: &App,
    books: &mut Books,
    member: &MemberFacts,
    wanted: Wanted,
    reservation: ReservationId,
) -> Result<(SpentReceipt, i64)> {
    let (posting, pays) = decide(tx, app, books, member, wanted)
        .await?
        .map_err(|it| AppError::refused(it.code(), it.figure().to_string()))?;
    let receipt = spent_receipt(wanted.asset, &posting);
    let rulebook = app.rulebook();
    let origin = Origin {
        rule_version: Some(policy_at(&rulebook, tx.now()).0),
        ..Origin::new(SourceKind::Reservation, reservation.to_string())
    };
    books.post(member.id, wanted.asset, Step::Post(posting), &origin);
    Ok((receipt, pays))
}

/// Gives back what is left of a spend, to the lots it came from.
pub fn give_back(
    books: &mut Books,
    member: MemberId,
    spend: &mut SpentReceipt,
    reservation: ReservationId,
    now: shared::time::Timestamp,
) {
    let origin = Origin {
        reverses: Some(spend.entry),
        ..Origin::new(SourceKind::Reservation, reservation.to_string())
    };
    let (asset, left) = (spend.asset, spend.amount - spend.restored);
    let wallet = books.wallet(member, asset).clone();
    for step in rules::restore(&wallet, spend, left, now, books.ids()) {
        books.post(member, asset, step, &origin);
    }
}
