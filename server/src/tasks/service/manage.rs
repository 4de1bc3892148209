//! Tasks as staff make and change them. Every change is a version; progress stays.

use crate::App;
use crate::audit;
use crate::coupons;
use crate::db::text::{DbText, from_json, to_json};
use crate::db::{Cursor, Tx, before, paged};
use crate::error::{AppError, Result};
use crate::tasks::store::{self, task, version};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder, QuerySelect};
use shared::ids::TaskId;
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::rewards::Reward;
use shared::tasks::api::Task;
use shared::tasks::rules::check_definition;
use shared::tasks::{TaskDefinition, TaskState};
use shared::time::Timestamp;

/// What staff do with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Give nothing for the moment.
    Pause,
    /// Give again.
    Resume,
    /// Count nothing any more.
    End,
}

fn view(row: &task::Model) -> Result<Task> {
    Ok(Task {
        id: row.id.into(),
        version: row.version,
        state: TaskState::from_db(&row.state)?,
        definition: from_json(&row.body)?,
        created_at: Timestamp::from_millis(row.created_at),
        updated_at: Timestamp::from_millis(row.updated_at),
        ended_at: row.ended_at.map(Timestamp::from_millis),
        granted: u32::try_from(row.granted).unwrap_or(0),
    })
}

/// Refuses a definition that cannot be.
pub(super) fn check(app: &App, now: Timestamp, definition: &TaskDefinition) -> Result<()> {
    let rulebook = app.rulebook();
    let ladder = &rulebook.ladder_at(now).ladder;
    let tiers: Vec<&str> = ladder.tiers.iter().map(|it| it.code.as_str()).collect();
    let errors = check_definition(definition, &tiers);
    if errors.is_empty() {
        Ok(())
    } else {
        Err(AppError::invalid(errors))
    }
}

/// Refuses coupons of templates that do not exist.
async fn check_coupons(tx: &Tx, definition: &TaskDefinition) -> Result<()> {
    for (place, reward) in definition.rewards.iter().enumerate() {
        if let Reward::Coupon { template, .. } = reward
            && coupons::service::get(tx, *template).await.is_err()
        {
            let pointer = format!("/rewards/{place}/template");
            return Err(AppError::invalid_field(
                &pointer,
                "invalid",
                "there is no such template",
            ));
        }
    }
    Ok(())
}

/// Makes a task.
///
/// # Errors
/// `request.invalid`.
pub async fn create(tx: &Tx, app: &App, definition: &TaskDefinition, actor: &str) -> Result<Task> {
    check(app, tx.now(), definition)?;
    check_coupons(tx, definition).await?;
    let row = task::Model {
        id: TaskId::generate(&mut tx.ids()).uuid(),
        state: TaskState::Active.to_db().to_owned(),
        version: 0,
        granted: 0,
        body: to_json(definition)?,
        ended_at: None,
        created_at: tx.now().as_millis(),
        updated_at: tx.now().as_millis(),
    };
    let active = task::ActiveModel::from(row.clone()).reset_all();
    task::Entity::insert(active)
        .exec_without_returning(tx)
        .await?;
    keep(tx, row, actor, "task.created").await
}

/// Writes the next version of a task that is taken by this write.
async fn keep(tx: &Tx, mut row: task::Model, actor: &str, action: &str) -> Result<Task> {
    row.version += 1;
    row.updated_at = tx.now().as_millis();
    let newest = store::newest_version(tx).await?;
    let kept = version::ActiveModel {
        id: Set(Uuid::from_bytes(crate::ids::random_bytes())),
        seq: Set(newest.map_or(0, |it| it.1) + 1),
        task_id: Set(row.id),
        version: Set(row.version),
        state: Set(row.state.clone()),
        body: Set(row.body.clone()),
        actor: Set(actor.to_owned()),
        at: Set(tx.now().as_millis()),
    };
    let kept = version::Entity::insert(kept)
        .exec_without_returning(tx)
        .await;
    kept.map_err(|it| {
        // Someone else changed a task at the same moment.
        let error = AppError::from(it);
        if error.is_taken() {
            AppError::retry_later(ErrorCode::Overloaded, 1)
        } else {
            error
        }
    })?;
    let changed = task::ActiveModel {
        id: Set(row.id),
        state: Set(row.state.clone()),
        version: Set(row.version),
        body: Set(row.body.clone()),
        ended_at: Set(row.ended_at),
        updated_at: Set(row.updated_at),
        ..Default::default()
    };
    task::Entity::update(changed).exec(tx).await?;
    let id = TaskId::from(row.id);
    let detail = serde_json::json!({ "version": row.version, "state": row.state });
    audit::service::record(tx, actor, action, &id.to_string(), &detail).await?;
    view(&row)
}

async fn taken(tx: &Tx, id: TaskId) -> Result<task::Model> {
    let row = task::Entity::find_by_id(id.uuid())
        .lock_exclusive()
        .one(tx)
        .await?;
    row.ok_or_else(|| ErrorCode::TaskNotFound.into())
}

/// Changes what a task says. What members have done stays; what counts cannot become another kind
/// of thing.
///
/// # Errors
/// `tasks.not_found`, `tasks.ended_for_good`, `request.invalid`, `request.precondition_failed`
/// when `seen` is not the current version.
pub async fn update(
    tx: &Tx,
    app: &App,
    id: TaskId,
    definition: &TaskDefinition,
    seen: i32,
    actor: &str,
) -> Result<Task> {
    check(app, tx.now(), definition)?;
    check_coupons(tx, definition).await?;
    let mut row = taken(tx, id).await?;
    if row.version != seen {
        return Err(ErrorCode::PreconditionFailed.into());
    }
    if row.ended_at.is_some() {
        return Err(ErrorCode::TaskCloneOnly.into());
    }
    let before: TaskDefinition = from_json(&row.body)?;
    if before.target.kind() != definition.target.kind() || before.period != definition.period {
        let expected = "what counts and the period stay as they are; clone the task instead";
        return Err(AppError::invalid_field("/target/event", "fixed", expected));
    }
    row.body = to_json(definition)?;
    keep(tx, row, actor, "task.changed").await
}

/// Pauses, resumes or ends a task. Doing it again changes nothing.
///
/// # Errors
/// `tasks.not_found`, `tasks.ended_for_good`.
pub async fn change(tx: &Tx, id: TaskId, change: Change, actor: &str) -> Result<Task> {
    let mut row = taken(tx, id).await?;
    if row.ended_at.is_some() {
        return match change {
            Change::End => view(&row),
            Change::Pause | Change::Resume => Err(ErrorCode::TaskCloneOnly.into()),
        };
    }
    let (state, action) = match change {
        Change::Pause => (TaskState::Paused, "task.paused"),
        Change::Resume => (TaskState::Active, "task.resumed"),
        Change::End => (TaskState::Ended, "task.ended"),
    };
    if row.state == state.to_db() {
        return view(&row);
    }
    state.to_db().clone_into(&mut row.state);
    if change == Change::End {
        row.ended_at = Some(tx.now().as_millis());
    }
    keep(tx, row, actor, action).await
}

/// Makes a task that says the same from now on.
///
/// # Errors
/// `tasks.not_found`.
pub async fn clone_task(tx: &Tx, app: &App, id: TaskId, actor: &str) -> Result<Task> {
    let row = taken(tx, id).await?;
    let mut definition: TaskDefinition = from_json(&row.body)?;
    definition.starts_at = definition.starts_at.max(tx.now());
    if definition
        .ends_at
        .is_some_and(|it| it <= definition.starts_at)
    {
        definition.ends_at = None;
    }
    create(tx, app, &definition, actor).await
}

/// A task.
///
/// # Errors
/// `tasks.not_found`.
pub async fn get(db: &impl ConnectionTrait, id: TaskId) -> Result<Task> {
    let row = task::Entity::find_by_id(id.uuid()).one(db).await?;
    view(&row.ok_or(ErrorCode::TaskNotFound)?)
}

/// Tasks, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    state: Option<TaskState>,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<Task>> {
    let mut query = task::Entity::find();
    if let Some(state) = state {
        query = query.filter(task::Column::State.eq(state.to_db()));
    }
    if let Some(cursor) = cursor {
        query = query.filter(before(task::Column::CreatedAt, task::Column::Id, cursor));
    }
    let rows = query
        .order_by_desc(task::Column::CreatedAt)
        .order_by_desc(task::Column::Id)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    let key = |it: &task::Model| Cursor {
        key: it.created_at,
        id: it.id,
    };
    let page = paged(rows, limit, key, |it| view(&it));
    let data = page.data.into_iter().collect::<Result<_>>()?;
    Ok(Page {
        data,
        next_cursor: page.next_cursor,
    })
}
