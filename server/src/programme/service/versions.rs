//! Versions of the ladder and of the points rules: all there were, and those that begin later.

use super::super::store::{self, Model};
use super::{LADDER, POINTS, add, load, next_version, reload};
use crate::App;
use crate::audit;
use crate::db::text::from_json;
use crate::db::{Cursor, Tx, paged, try_map};
use crate::error::{AppError, Result};
use crate::tiers;
use sea_orm::entity::prelude::Uuid;
use serde::Serialize;
use shared::page::Page;
use shared::points::policy::check_policy;
use shared::problem::{ErrorCode, FieldError};
use shared::programme::api::{
    LadderHistoryRow, PolicyHistoryRow, ScheduleLadder, SchedulePolicy, VersionInfo, VersionState,
};
use shared::tiers::rules::check_ladder;
use shared::time::Timestamp;

/// How far ahead a version may begin, in days.
const AHEAD_DAYS: i64 = 731;
/// Most versions of one kind that wait for their time.
const MOST_SCHEDULED: usize = 20;

/// Versions of one kind, newest first; `current` is the one that holds.
async fn versions(
    app: &App,
    kind: &str,
    current: i32,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<(VersionInfo, String)>> {
    let below = cursor.map(|it| i32::try_from(it.key).unwrap_or(i32::MAX));
    let rows = store::newest(app.db.read(), kind, below, limit + 1).await?;
    let now = app.db.now();
    let place = |it: &Model| Cursor {
        key: i64::from(it.version),
        id: Uuid::nil(),
    };
    let info = |row: Model| {
        let effective_from = Timestamp::from_millis(row.effective_from);
        let state = if row.cancelled_at.is_some() {
            VersionState::Cancelled
        } else if effective_from > now {
            VersionState::Scheduled
        } else if row.version == current {
            VersionState::Current
        } else {
            VersionState::Past
        };
        let info = VersionInfo {
            version: row.version,
            state,
            effective_from,
            created_by: row.created_by,
            created_by_name: None,
            created_at: Timestamp::from_millis(row.created_at),
        };
        (info, row.body)
    };
    Ok(paged(rows, limit, place, info))
}

/// Versions of the ladder, newest first, without names.
///
/// # Errors
/// When the database fails.
pub async fn ladder_versions(
    app: &App,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<LadderHistoryRow>> {
    let current = app.rulebook().ladder_at(app.db.now()).version;
    let page = versions(app, LADDER, current, limit, cursor).await?;
    try_map(page, |(info, body)| {
        Ok(LadderHistoryRow {
            info,
            ladder: from_json(&body)?,
        })
    })
}

/// Versions of the points rules, newest first, without names.
///
/// # Errors
/// When the database fails.
pub async fn policy_versions(
    app: &App,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<PolicyHistoryRow>> {
    let current = app.rulebook().policy_at(app.db.now()).version;
    let page = versions(app, POINTS, current, limit, cursor).await?;
    try_map(page, |(info, body)| {
        Ok(PolicyHistoryRow {
            info,
            policy: from_json(&body)?,
        })
    })
}

/// The errors of rules that stand inside a request, and of the time from which they are to hold.
fn check(now: Timestamp, from: Timestamp, rules: Vec<FieldError>, at: &str) -> Result<()> {
    let mut errors: Vec<FieldError> = rules
        .into_iter()
        .map(|it| FieldError {
            pointer: format!("{at}{}", it.pointer),
            ..it
        })
        .collect();
    if from <= now || from > now.plus_days(AHEAD_DAYS) {
        errors.push(FieldError::new(
            "/effective_from",
            "out_of_range",
            "expected a time ahead, within two years",
        ));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(AppError::invalid(errors))
    }
}

/// Adds a version that begins later; `others` are the beginnings of those that wait already.
async fn schedule(
    tx: &Tx,
    kind: &str,
    others: &[Timestamp],
    (from, body): (Timestamp, &impl Serialize),
    actor: &str,
) -> Result<i32> {
    if from <= tx.now() || others.len() >= MOST_SCHEDULED {
        return Err(AppError::invalid_field(
            "/effective_from",
            "out_of_range",
            "expected a time ahead, and at most 20 versions that wait",
        ));
    }
    if others.contains(&from) {
        return Err(ErrorCode::VersionTaken.into());
    }
    let version = next_version(tx, kind).await?;
    add(tx, kind, version, from, body, actor).await?;
    let detail = serde_json::json!({ "version": version, "effective_from": from, "rules": body });
    let action = format!("{kind}.scheduled");
    audit::service::record(tx, actor, &action, "programme", &detail).await?;
    Ok(version)
}

fn scheduled(version: i32, from: Timestamp, actor: &str, now: Timestamp) -> VersionInfo {
    VersionInfo {
        version,
        state: VersionState::Scheduled,
        effective_from: from,
        created_by: actor.to_owned(),
        created_by_name: None,
        created_at: now,
    }
}

/// Makes a ladder hold from a time ahead.
///
/// # Errors
/// `request.invalid`, `programme.version_taken`, `tiers.in_use`.
pub async fn schedule_ladder(
    app: &App,
    request: ScheduleLadder,
    actor: String,
) -> Result<LadderHistoryRow> {
    let errors = check_ladder(&request.ladder);
    check(app.db.now(), request.effective_from, errors, "/ladder")?;
    let made = app.db.write((request, actor), |tx, (request, actor)| {
        Box::pin(async move {
            let (from, ladder) = (request.effective_from, &request.ladder);
            let rulebook = load(tx).await?;
            let others: Vec<Timestamp> = rulebook.ladders.iter().map(|it| it.from).collect();
            let others: Vec<Timestamp> = others.into_iter().filter(|it| *it > tx.now()).collect();
            tiers::service::check_not_in_use(tx, ladder).await?;
            let version = schedule(tx, LADDER, &others, (from, ladder), actor).await?;
            tiers::service::review_all_from(tx, from).await?;
            Ok(LadderHistoryRow {
                info: scheduled(version, from, actor, tx.now()),
                ladder: ladder.clone(),
            })
        })
    });
    let made = made.await?;
    reload(app).await?;
    Ok(made)
}

/// Makes points rules hold from a time ahead.
///
/// # Errors
/// `request.invalid`, `programme.version_taken`.
pub async fn schedule_policy(
    app: &App,
    request: SchedulePolicy,
    actor: String,
) -> Result<PolicyHistoryRow> {
    let errors = check_policy(&request.policy);
    check(app.db.now(), request.effective_from, errors, "/policy")?;
    let made = app.db.write((request, actor), |tx, (request, actor)| {
        Box::pin(async move {
            let (from, policy) = (request.effective_from, &request.policy);
            let rulebook = load(tx).await?;
            let others: Vec<Timestamp> = rulebook.policies.iter().map(|it| it.from).collect();
            let others: Vec<Timestamp> = others.into_iter().filter(|it| *it > tx.now()).collect();
            let version = schedule(tx, POINTS, &others, (from, policy), actor).await?;
            Ok(PolicyHistoryRow {
                info: scheduled(version, from, actor, tx.now()),
                policy: policy.clone(),
            })
        })
    });
    let made = made.await?;
    reload(app).await?;
    Ok(made)
}

async fn cancel(app: &App, kind: &'static str, version: i32, actor: String) -> Result<()> {
    let cancelled = app
        .db
        .write((kind, version, actor), |tx, (kind, version, actor)| {
            Box::pin(async move {
                let found = store::find(tx, kind, *version).await?;
                found.ok_or(ErrorCode::VersionNotFound)?;
                if !store::cancel(tx, kind, *version, tx.now()).await? {
                    return Err(ErrorCode::VersionInForce.into());
                }
                let detail = serde_json::json!({ "version": version });
                let action = format!("{kind}.cancelled");
                audit::service::record(tx, actor, &action, "programme", &detail).await
            })
        });
    cancelled.await?;
    reload(app).await
}

/// Cancels a version of the ladder that has not begun.
///
/// # Errors
/// `programme.version_not_found`, `programme.version_in_force`.
pub async fn cancel_ladder(app: &App, version: i32, actor: String) -> Result<()> {
    cancel(app, LADDER, version, actor).await
}

/// Cancels a version of the points rules that has not begun.
///
/// # Errors
/// `programme.version_not_found`, `programme.version_in_force`.
pub async fn cancel_policy(app: &App, version: i32, actor: String) -> Result<()> {
    cancel(app, POINTS, version, actor).await
}
