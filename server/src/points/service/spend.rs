//! Spending at checkout.

use super::{Books, Origin, policy_at};
use crate::App;
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::points::store;
use crate::{members, orders};
use shared::ids::MemberId;
use shared::points::api::{SpendPoints, SpendReceipt};
use shared::points::rules::{self, SpendFacts, Step, pays_floor, spent_receipt};
use shared::points::{Asset, SourceKind};
use shared::problem::ErrorCode;
use shared::quantity::MAX_AMOUNT;
use shared::time::start_of_day;

/// A spend that somebody asks for.
#[derive(Debug, Clone)]
pub struct Spend {
    /// Whose balance.
    pub member: MemberId,
    /// How much of what, for which order.
    pub request: SpendPoints,
    /// Who asks.
    pub actor: String,
}

/// Spends a balance on an order, which need not have been heard of yet: its receipt remembers the
/// spend, so that a refund gives it back.
///
/// # Errors
/// The first limit that it breaks; `points.already_spent_on_order` for a second spend of one asset.
pub async fn spend(tx: &Tx, app: &App, command: &Spend) -> Result<SpendReceipt> {
    let request = &command.request;
    check(request)?;
    let member = members::service::lock_active(tx, command.member).await?;
    let rulebook = app.rulebook();
    let (version, policy) = policy_at(&rulebook, tx.now());
    let mut order =
        orders::service::load_or_announce(tx, app, &request.order_id, command.member).await?;
    if order
        .receipt
        .spends
        .iter()
        .any(|it| it.asset == request.asset)
    {
        return Err(ErrorCode::PointsAlreadySpent.into());
    }
    if order.is_fully_returned() {
        return Err(ErrorCode::EventNotApplicable.into());
    }
    let mut books = Books::load(tx, &[command.member], &[]).await?;
    books.advance(command.member, tx.now());
    let today = start_of_day(tx.now().date_in(&member.zone), &member.zone);
    let spent_today = match (request.asset, policy.spend.day_max) {
        (Asset::Points, Some(_)) => {
            store::spent_since(tx, command.member, request.asset, today).await?
        }
        _ => 0,
    };
    let facts = SpendFacts {
        asset: request.asset,
        limits: &policy.spend,
        spent_today,
        order_amount: request.order_amount,
    };
    let wallet = books.wallet(command.member, request.asset).clone();
    let posting = rules::spend(&wallet, facts, request.amount, tx.now(), books.ids())
        .map_err(|it| AppError::refused(it.code(), it.figure().to_string()))?;
    let entry_id = posting.entry;
    order
        .receipt
        .spends
        .push(spent_receipt(request.asset, &posting));
    let origin = Origin {
        rule_version: Some(version),
        ..Origin::of_order(SourceKind::Order, &request.order_id, &request.order_id)
    };
    books.post(command.member, request.asset, Step::Post(posting), &origin);
    let available = books.wallet(command.member, request.asset).spendable();
    books.save(tx, &command.actor).await?;
    orders::service::save(tx, &order).await?;
    Ok(SpendReceipt {
        entry_id,
        amount: request.amount,
        pays: pays_floor(request.asset, request.amount, &policy.spend),
        available,
    })
}

fn check(request: &SpendPoints) -> Result<()> {
    if !(1..=MAX_AMOUNT).contains(&request.amount) {
        return Err(AppError::invalid_field(
            "/amount",
            "out_of_range",
            "expected 1 to 1000000000000",
        ));
    }
    if !(0..=MAX_AMOUNT).contains(&request.order_amount) {
        return Err(AppError::invalid_field(
            "/order_amount",
            "out_of_range",
            "expected 0 to 1000000000000 minor units",
        ));
    }
    if !shared::orders::rules::is_reference(&request.order_id) {
        return Err(AppError::invalid_field(
            "/order_id",
            "invalid",
            "expected 1 to 100 visible characters",
        ));
    }
    Ok(())
}

/// What a spend would do, on the real path, without anything being kept.
///
/// # Errors
/// As [`spend`].
pub async fn simulate_spend(app: &App, command: Spend) -> Result<SpendReceipt> {
    app.db
        .dry_run((app.clone(), command), |tx, (app, command)| {
            Box::pin(spend(tx, app, command))
        })
        .await
}
