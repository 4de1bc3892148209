//! Lists as staff make, change and stop them.

use super::super::store::{self, scenario};
use crate::App;
use crate::audit;
use crate::db::text::{DbText, to_json};
use crate::db::{Cursor, Listing, Tx, try_map};
use crate::error::{AppError, Result};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use shared::ids::{CommunityId, ScenarioId};
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::scenarios::api::Scenario;
use shared::scenarios::rules::check_definition;
use shared::scenarios::{ScenarioDefinition, ScenarioState};
use shared::time::Timestamp;

fn view(row: &scenario::Model) -> Result<Scenario> {
    Ok(Scenario {
        id: row.id.into(),
        community_id: row.community_id.into(),
        version: row.version,
        state: ScenarioState::from_db(&row.state)?,
        definition: store::definition(&row.body)?,
        next_at: row.next_at.map(Timestamp::from_millis),
        created_at: Timestamp::from_millis(row.created_at),
        updated_at: Timestamp::from_millis(row.updated_at),
    })
}

/// A list.
///
/// # Errors
/// `scenarios.not_found`.
pub async fn get(app: &App, id: ScenarioId) -> Result<Scenario> {
    view(&store::find(app.db.read(), id).await?)
}

/// A community's lists, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    community: CommunityId,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<Scenario>> {
    use scenario::Column;
    let query = scenario::Entity::find().filter(Column::CommunityId.eq(community.uuid()));
    let list = Listing::newest_first(Column::CreatedAt, Column::Id, limit, cursor);
    let place = |it: &scenario::Model| Cursor {
        key: it.created_at,
        id: it.id,
    };
    let page = list.read(app.db.read(), query, place).await?;
    try_map(page, |it| view(&it))
}

fn check(definition: &ScenarioDefinition) -> Result<()> {
    let errors = check_definition(definition);
    if errors.is_empty() {
        Ok(())
    } else {
        Err(AppError::invalid(errors))
    }
}

/// When a list appears for the first time from now on.
fn next(tx: &Tx, app: &App, definition: &ScenarioDefinition) -> Option<i64> {
    let rulebook = app.rulebook();
    let zone = rulebook.programme_zone();
    let next = definition.schedule.next_after(tx.now(), zone);
    next.map(Timestamp::as_millis)
}

/// Makes a list.
///
/// # Errors
/// `request.invalid`.
pub async fn create(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    definition: &ScenarioDefinition,
    actor: &str,
) -> Result<ScenarioId> {
    check(definition)?;
    let next_at = next(tx, app, definition);
    if next_at.is_none() {
        let message = "expected a time that is still to come";
        return Err(AppError::invalid_field("/schedule", "in_the_past", message));
    }
    let id = ScenarioId::generate(&mut tx.ids());
    let row = scenario::ActiveModel {
        id: Set(id.uuid()),
        community_id: Set(community.uuid()),
        version: Set(1),
        state: Set(ScenarioState::Active.to_db().to_owned()),
        body: Set(to_json(definition)?),
        next_at: Set(next_at),
        created_by: Set(actor.to_owned()),
        created_at: Set(tx.now().as_millis()),
        updated_at: Set(tx.now().as_millis()),
    };
    scenario::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    let detail = serde_json::json!({ "community": community, "title": definition.title });
    audit::service::record(tx, actor, "scenario.created", &id.to_string(), &detail).await?;
    Ok(id)
}

/// Writes a list anew. What has appeared stays as it was; one that is stopped stays stopped.
///
/// # Errors
/// `scenarios.not_found`, `request.invalid`, `request.precondition_failed` when `seen` is not the
/// current version.
pub async fn rewrite(
    tx: &Tx,
    app: &App,
    id: ScenarioId,
    definition: &ScenarioDefinition,
    seen: i32,
    actor: &str,
) -> Result<()> {
    check(definition)?;
    let row = store::lock(tx, id).await?;
    if row.version != seen {
        return Err(ErrorCode::PreconditionFailed.into());
    }
    let active = ScenarioState::from_db(&row.state)? == ScenarioState::Active;
    let changed = scenario::ActiveModel {
        body: Set(to_json(definition)?),
        next_at: Set(active.then(|| next(tx, app, definition)).flatten()),
        ..touched(&row, tx)
    };
    scenario::Entity::update(changed).exec(tx).await?;
    let detail = serde_json::json!({ "title": definition.title });
    audit::service::record(tx, actor, "scenario.changed", &id.to_string(), &detail).await
}

fn touched(row: &scenario::Model, tx: &Tx) -> scenario::ActiveModel {
    scenario::ActiveModel {
        id: Set(row.id),
        version: Set(row.version + 1),
        updated_at: Set(tx.now().as_millis()),
        ..Default::default()
    }
}

/// Lets a list appear no more, or again as scheduled, from now on. What it is already changes
/// nothing.
///
/// # Errors
/// `scenarios.not_found`.
pub async fn turn(
    tx: &Tx,
    app: &App,
    id: ScenarioId,
    state: ScenarioState,
    actor: &str,
) -> Result<()> {
    let row = store::lock(tx, id).await?;
    if ScenarioState::from_db(&row.state)? == state {
        return Ok(());
    }
    let (next_at, action) = match state {
        ScenarioState::Active => {
            let next_at = next(tx, app, &store::definition(&row.body)?);
            (next_at, "scenario.resumed")
        }
        ScenarioState::Stopped => (None, "scenario.stopped"),
    };
    let changed = scenario::ActiveModel {
        state: Set(state.to_db().to_owned()),
        next_at: Set(next_at),
        ..touched(&row, tx)
    };
    scenario::Entity::update(changed).exec(tx).await?;
    let detail = serde_json::json!({});
    audit::service::record(tx, actor, action, &id.to_string(), &detail).await
}
