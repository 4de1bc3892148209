//! What counts besides orders: check-ins, what the shop reports, and shared links.

use super::catalogue::{Catalogue, catalogue};
use super::claims::{Facts, Hands, settle};
use super::days::days_of_one;
use super::orders::new_row;
use crate::App;
use crate::db::Tx;
use crate::db::text::{DbText, to_json};
use crate::error::{AppError, Result};
use crate::ids::hash_secret;
use crate::members;
use crate::members::service::MemberFacts;
use crate::tasks::store::{self, PartKey, event};
use sea_orm::{ActiveValue::Set, EntityTrait};
use shared::ids::{MemberId, TaskId};
use shared::problem::{ErrorCode, FieldError};
use shared::tasks::api::{TaskEvent, TaskEventResult};
use shared::tasks::days::LocalDays;
use shared::tasks::rules::{self, check_event, event_contribution};
use shared::tasks::{JoinMode, Target};
use shared::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How far ahead of our clock an event may be dated, in milliseconds: clocks differ.
const AHEAD_MS: i64 = 10 * 60_000;

/// One thing that happened to one member.
pub(super) struct Happened<'a> {
    /// The member, who is taken by this write.
    pub(super) member: &'a MemberFacts,
    /// The member's days.
    pub(super) days: &'a LocalDays,
    /// What kind of thing it is, and its id.
    pub(super) source: (&'a str, &'a str),
    /// The day whose period it counts for.
    pub(super) day: jiff::civil::Date,
    /// When it happened.
    pub(super) at: Timestamp,
}

/// Counts something for every task that asks for it, and rewards what is due by itself. Answers
/// for which tasks it counted. The same thing counts once, whoever says it again.
pub(super) async fn count(
    tx: &Tx,
    app: &App,
    tasks: &Arc<Catalogue>,
    happened: Happened<'_>,
    amount: impl Fn(&Target) -> i64,
    hands: &mut Hands,
) -> Result<Vec<TaskId>> {
    let Happened {
        member,
        days,
        source,
        day,
        at,
    } = happened;
    let wanted: Vec<_> = tasks
        .tasks
        .iter()
        .filter(|it| amount(&it.definition.target) > 0 && it.now(0).counts_at(at))
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let opt_in: Vec<TaskId> = wanted
        .iter()
        .filter(|it| it.definition.join == JoinMode::OptIn)
        .map(|it| it.id)
        .collect();
    let joins = store::joins(tx, &[member.id], &opt_in).await?;
    let (mut rows, mut parts) = (Vec::new(), BTreeSet::new());
    for listed in wanted {
        let since = joins.get(&(listed.id, member.id));
        if listed.definition.join == JoinMode::OptIn && since.is_none_or(|it| at.as_millis() < *it)
        {
            continue;
        }
        let period = rules::period_of(listed.definition.period, day);
        let amount = amount(&listed.definition.target);
        rows.push(new_row(
            tx,
            (listed, member.id, &period),
            source,
            amount,
            at,
        ));
        parts.insert((listed.id, member.id, period));
    }
    store::save_contributions(tx, rows).await?;
    tx.touch(member.id);
    let zones = [(member.id, days.zone_at(at).clone())];
    let mut facts = Facts::load(tx, tasks.clone(), &zones, &parts).await?;
    let rulebook = app.rulebook();
    settle(tx, &mut facts, &mut hands.purse(&rulebook), &parts).await?;
    Ok(parts.into_iter().map(|it: PartKey| it.0).collect())
}

/// Takes something that the shop reports.
///
/// # Errors
/// `request.invalid`, `members.not_found`, `tasks.event_conflict`.
pub async fn take_event(
    tx: &Tx,
    app: &App,
    request: &TaskEvent,
    actor: &str,
) -> Result<TaskEventResult> {
    let mut errors = check_event(request);
    if request.occurred_at > tx.now().plus_millis(AHEAD_MS) {
        errors.push(FieldError::new(
            "/occurred_at",
            "out_of_range",
            "expected a time in the past",
        ));
    }
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    let member = members::service::resolve(tx, &request.member).await?;
    let member = members::service::lock_existing(tx, member).await?;
    let content_hash = hash_secret(&to_json(request)?);
    let known = event::Entity::find_by_id(request.event_id.clone())
        .one(tx)
        .await?;
    if let Some(known) = known {
        return if known.content_hash == content_hash {
            Ok(answer(request, member.id, true, Vec::new()))
        } else {
            Err(ErrorCode::TaskEventConflict.into())
        };
    }
    let row = event::ActiveModel {
        event_id: Set(request.event_id.clone()),
        member_id: Set(member.id.uuid()),
        kind: Set(request.kind.to_db().to_owned()),
        name: Set(request.name.clone()),
        quantity: Set(request.quantity.unwrap_or(1)),
        occurred_at: Set(request.occurred_at.as_millis()),
        received_at: Set(tx.now().as_millis()),
        content_hash: Set(content_hash),
    };
    event::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    let days = days_of_one(tx, &member).await?;
    let tasks = catalogue(tx, app).await?;
    let happened = Happened {
        member: &member,
        days: &days,
        source: ("event", &request.event_id),
        day: days.day_at(request.occurred_at),
        at: request.occurred_at,
    };
    let mut hands = Hands::load(tx, app, &member).await?;
    let amount = |it: &Target| event_contribution(it, request);
    let counted = count(tx, app, &tasks, happened, amount, &mut hands).await?;
    hands.save(tx, actor).await?;
    Ok(answer(request, member.id, false, counted))
}

fn answer(
    request: &TaskEvent,
    member_id: MemberId,
    duplicate: bool,
    tasks: Vec<TaskId>,
) -> TaskEventResult {
    TaskEventResult {
        event_id: request.event_id.clone(),
        member_id,
        duplicate,
        tasks,
    }
}
