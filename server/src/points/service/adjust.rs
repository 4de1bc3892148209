//! Adjustments by hand, with a second person above the limit.

use super::{Books, Origin, lot_dates, policy_at};
use crate::App;
use crate::auth::Actor;
use crate::db::text::DbText;
use crate::db::{Cursor, Listing, Tx, try_map};
use crate::error::{AppError, Result};
use crate::points::store::adjustment;
use crate::{audit, members};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, EntityTrait, QueryFilter, QuerySelect, entity::prelude::*,
};
use shared::ids::{AdjustmentId, EntryId, MemberId, StaffId};
use shared::page::Page;
use shared::points::api::{AdjustPoints, Adjustment, AdjustmentState};
use shared::points::rules::{self, Credit, Step};
use shared::points::{Asset, EntryKind, SourceKind};
use shared::problem::{ErrorCode, FieldError};
use shared::quantity::MAX_AMOUNT;
use shared::time::Timestamp;

/// An adjustment that somebody asks for.
#[derive(Debug, Clone)]
pub struct Adjust {
    /// Whose balance.
    pub member: MemberId,
    /// How much of what, and why.
    pub request: AdjustPoints,
    /// Who asks.
    pub actor: Actor,
}

/// A decision on a waiting adjustment.
#[derive(Debug, Clone)]
pub struct Decide {
    /// Which adjustment.
    pub adjustment: AdjustmentId,
    /// Whether it takes effect.
    pub approve: bool,
    /// Who decides.
    pub staff: StaffId,
}

/// Changes a balance by hand, or keeps the request for a second person when it is above the limit.
///
/// # Errors
/// `request.invalid` for wrong input, `points.insufficient` when more is taken than is there.
pub async fn adjust(tx: &Tx, app: &App, command: &Adjust) -> Result<Adjustment> {
    let request = &command.request;
    check(request, tx.now())?;
    let rulebook = app.rulebook();
    let (_, policy) = policy_at(&rulebook, tx.now());
    let waits = request.amount.unsigned_abs() > policy.approval_above.unsigned_abs();
    let mut row = Adjustment {
        id: AdjustmentId::generate(&mut tx.ids()),
        member_id: command.member,
        member_name: None,
        asset: request.asset,
        amount: request.amount,
        reason: request.reason.trim().to_owned(),
        state: if waits {
            AdjustmentState::Waiting
        } else {
            AdjustmentState::Applied
        },
        requested_by: command.actor.to_string(),
        requested_by_name: None,
        decided_by: None,
        decided_by_name: None,
        entry_id: None,
        created_at: tx.now(),
    };
    if waits {
        members::service::lock_existing(tx, command.member).await?;
    } else {
        row.entry_id = Some(apply(tx, app, &row, request.expires_at, &row.requested_by).await?);
    }
    tx.add(vec![to_row(&row, request.expires_at)]);
    let action = if waits {
        "points.adjustment_requested"
    } else {
        "points.adjusted"
    };
    let detail = serde_json::json!({ "adjustment": row.id, "asset": row.asset, "amount": row.amount, "reason": row.reason });
    audit::service::record(
        tx,
        &row.requested_by,
        action,
        &row.member_id.to_string(),
        &detail,
    )
    .await?;
    Ok(row)
}

fn check(request: &AdjustPoints, now: Timestamp) -> Result<()> {
    let mut errors = Vec::new();
    if request.amount == 0 || !(-MAX_AMOUNT..=MAX_AMOUNT).contains(&request.amount) {
        errors.push(FieldError::new(
            "/amount",
            "out_of_range",
            "expected up to 1000000000000 either way, not 0",
        ));
    }
    let reason = request.reason.trim();
    if !(3..=200).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
        errors.push(FieldError::new(
            "/reason",
            "out_of_range",
            "say why, in 3 to 200 characters",
        ));
    }
    if request.expires_at.is_some_and(|it| it <= now) {
        errors.push(FieldError::new(
            "/expires_at",
            "out_of_range",
            "expected a time ahead",
        ));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(AppError::invalid(errors))
    }
}

/// Puts an adjustment into the ledger.
async fn apply(
    tx: &Tx,
    app: &App,
    row: &Adjustment,
    expires_at: Option<Timestamp>,
    actor: &str,
) -> Result<EntryId> {
    let member = members::service::lock_existing(tx, row.member_id).await?;
    let rulebook = app.rulebook();
    let (version, policy) = policy_at(&rulebook, tx.now());
    let mut books = if row.amount > 0 {
        Books::load_for_credit(tx, row.member_id).await?
    } else {
        Books::load(tx, &[row.member_id], &[]).await?
    };
    books.advance(row.member_id, tx.now());
    let posting = if row.amount > 0 {
        let (_, default_end) = lot_dates(policy, &member.zone, tx.now());
        let credit = Credit {
            kind: EntryKind::Adjust,
            amount: row.amount,
            at: tx.now(),
            active_from: tx.now(),
            expires_at: expires_at.or(default_end),
        };
        rules::credit(credit, books.ids())
    } else {
        let wallet = books.wallet(row.member_id, row.asset).clone();
        rules::debit(
            &wallet,
            EntryKind::Adjust,
            -row.amount,
            tx.now(),
            books.ids(),
        )
        .map_err(|it| AppError::refused(it.code(), it.figure().to_string()))?
    };
    let entry = posting.entry;
    let origin = Origin {
        rule_version: Some(version),
        reason: Some(row.reason.clone()),
        ..Origin::new(SourceKind::Adjustment, row.id.to_string())
    };
    books.post(row.member_id, row.asset, Step::Post(posting), &origin);
    books.save(tx, actor).await?;
    Ok(entry)
}

/// Decides a waiting adjustment. Whoever asked for it cannot decide it.
///
/// # Errors
/// `points.adjustment_not_found`, `points.adjustment_decided`, `points.self_approval`.
pub async fn decide(tx: &Tx, app: &App, command: &Decide) -> Result<Adjustment> {
    let found = adjustment::Entity::find_by_id(command.adjustment.uuid())
        .lock_exclusive()
        .one(tx)
        .await?;
    let stored = found.ok_or(ErrorCode::AdjustmentNotFound)?;
    let mut row = from_row(&stored)?;
    if row.state != AdjustmentState::Waiting {
        return Err(ErrorCode::AdjustmentDecided.into());
    }
    if row.requested_by == command.staff.to_string() {
        return Err(ErrorCode::SelfApproval.into());
    }
    row.decided_by = Some(command.staff);
    row.state = AdjustmentState::Rejected;
    if command.approve {
        row.state = AdjustmentState::Applied;
        let expires_at = stored
            .expires_at
            .map(Timestamp::from_millis)
            .filter(|it| *it > tx.now());
        row.entry_id = Some(apply(tx, app, &row, expires_at, &command.staff.to_string()).await?);
    }
    let mut change: adjustment::ActiveModel = stored.into();
    change.state = Set(row.state.to_db().to_owned());
    change.decided_by = Set(row.decided_by.map(StaffId::uuid));
    change.entry_id = Set(row.entry_id.map(EntryId::uuid));
    change.decided_at = Set(Some(tx.now().as_millis()));
    change.update(tx).await?;
    let action = if command.approve {
        "points.adjustment_approved"
    } else {
        "points.adjustment_rejected"
    };
    let detail =
        serde_json::json!({ "adjustment": row.id, "asset": row.asset, "amount": row.amount });
    audit::service::record(
        tx,
        &command.staff.to_string(),
        action,
        &row.member_id.to_string(),
        &detail,
    )
    .await?;
    Ok(row)
}

/// Adjustments in a state, newest first.
///
/// # Errors
/// When the database fails.
pub async fn waiting(
    app: &App,
    state: AdjustmentState,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<Adjustment>> {
    use adjustment::Column;
    let query = adjustment::Entity::find().filter(Column::State.eq(state.to_db()));
    let list = Listing::newest_first(Column::CreatedAt, Column::Id, limit, cursor);
    let place = |it: &adjustment::Model| Cursor {
        key: it.created_at,
        id: it.id,
    };
    let page = list.read(app.db.read(), query, place).await?;
    try_map(page, |it| from_row(&it))
}

fn to_row(row: &Adjustment, expires_at: Option<Timestamp>) -> adjustment::ActiveModel {
    adjustment::ActiveModel {
        id: Set(row.id.uuid()),
        member_id: Set(row.member_id.uuid()),
        asset: Set(row.asset.to_db().to_owned()),
        amount: Set(row.amount),
        reason: Set(row.reason.clone()),
        expires_at: Set(expires_at.map(Timestamp::as_millis)),
        state: Set(row.state.to_db().to_owned()),
        requested_by: Set(row.requested_by.clone()),
        decided_by: Set(None),
        entry_id: Set(row.entry_id.map(EntryId::uuid)),
        created_at: Set(row.created_at.as_millis()),
        decided_at: Set(None),
    }
}

fn from_row(row: &adjustment::Model) -> Result<Adjustment> {
    Ok(Adjustment {
        id: row.id.into(),
        member_id: row.member_id.into(),
        member_name: None,
        asset: Asset::from_db(&row.asset)?,
        amount: row.amount,
        reason: row.reason.clone(),
        state: AdjustmentState::from_db(&row.state)?,
        requested_by: row.requested_by.clone(),
        requested_by_name: None,
        decided_by: row.decided_by.map(StaffId::from),
        decided_by_name: None,
        entry_id: row.entry_id.map(EntryId::from),
        created_at: Timestamp::from_millis(row.created_at),
    })
}
