//! Communities as staff make and change them.

use super::super::store::{self, community, manager};
use crate::App;
use crate::db::Tx;
use crate::db::text::to_json;
use crate::error::{AppError, Result};
use crate::ids::random_bytes;
use crate::{audit, staff};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use shared::communities::rules::check_definition;
use shared::communities::{CommunityDefinition, MAX_MANAGERS};
use shared::ids::{CommunityId, StaffId};
use shared::problem::ErrorCode;
use shared::staff::Role;

/// Characters of a code, without look-alikes.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A code that nobody guesses: 50 random bits.
fn code() -> String {
    let pick = |byte: u8| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]);
    random_bytes::<10>().into_iter().map(pick).collect()
}

fn check(definition: &CommunityDefinition) -> Result<()> {
    let errors = check_definition(definition);
    if errors.is_empty() {
        Ok(())
    } else {
        Err(AppError::invalid(errors))
    }
}

fn capacity(definition: &CommunityDefinition) -> i32 {
    i32::try_from(definition.capacity).unwrap_or(i32::MAX)
}

/// Makes a community.
///
/// # Errors
/// `request.invalid`.
pub async fn create(tx: &Tx, definition: &CommunityDefinition, actor: &str) -> Result<CommunityId> {
    check(definition)?;
    let id = CommunityId::generate(&mut tx.ids());
    let row = community::ActiveModel {
        id: Set(id.uuid()),
        version: Set(1),
        body: Set(to_json(definition)?),
        code: Set(code()),
        members: Set(0),
        capacity: Set(capacity(definition)),
        created_by: Set(actor.to_owned()),
        created_at: Set(tx.now().as_millis()),
        updated_at: Set(tx.now().as_millis()),
    };
    community::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    note(tx, actor, "community.created", id, definition).await?;
    Ok(id)
}

async fn note(
    tx: &Tx,
    actor: &str,
    action: &str,
    id: CommunityId,
    detail: &impl serde::Serialize,
) -> Result<()> {
    let detail = serde_json::to_value(detail)?;
    audit::service::record(tx, actor, action, &id.to_string(), &detail).await
}

async fn taken(tx: &Tx, id: CommunityId) -> Result<community::Model> {
    let row = store::lock(tx, id).await?;
    row.ok_or_else(|| ErrorCode::CommunityNotFound.into())
}

/// Changes what a community is. Who belongs stays, also when the new capacity is smaller.
///
/// # Errors
/// `communities.not_found`, `request.invalid`, `request.precondition_failed` when `seen` is not the
/// current version.
pub async fn update(
    tx: &Tx,
    id: CommunityId,
    definition: &CommunityDefinition,
    seen: i32,
    actor: &str,
) -> Result<()> {
    check(definition)?;
    let row = taken(tx, id).await?;
    if row.version != seen {
        return Err(ErrorCode::PreconditionFailed.into());
    }
    let changed = community::ActiveModel {
        id: Set(row.id),
        version: Set(row.version + 1),
        body: Set(to_json(definition)?),
        capacity: Set(capacity(definition)),
        updated_at: Set(tx.now().as_millis()),
        ..Default::default()
    };
    community::Entity::update(changed).exec(tx).await?;
    note(tx, actor, "community.changed", id, definition).await
}

/// Gives a community another code: the old link leads nowhere from now on.
///
/// # Errors
/// `communities.not_found`.
pub async fn new_code(tx: &Tx, id: CommunityId, actor: &str) -> Result<()> {
    let row = taken(tx, id).await?;
    let changed = community::ActiveModel {
        id: Set(row.id),
        code: Set(code()),
        updated_at: Set(tx.now().as_millis()),
        ..Default::default()
    };
    community::Entity::update(changed).exec(tx).await?;
    let detail = serde_json::json!({});
    note(tx, actor, "community.code_changed", id, &detail).await
}

/// Says who leads a community.
///
/// # Errors
/// `communities.not_found`, `request.invalid` for accounts that are not community managers.
pub async fn set_managers(
    tx: &Tx,
    app: &App,
    id: CommunityId,
    managers: &[StaffId],
    actor: &str,
) -> Result<()> {
    taken(tx, id).await?;
    if managers.len() > MAX_MANAGERS {
        let message = "expected at most 20 managers";
        return Err(AppError::invalid_field(
            "/managers",
            "out_of_range",
            message,
        ));
    }
    for (place, one) in managers.iter().enumerate() {
        if staff::service::role_of(app.db.read(), *one).await? != Some(Role::CommunityManager) {
            let message = "expected an account of a community manager";
            let pointer = format!("/managers/{place}");
            return Err(AppError::invalid_field(&pointer, "invalid", message));
        }
    }
    manager::Entity::delete_many()
        .filter(manager::Column::CommunityId.eq(id.uuid()))
        .exec(tx)
        .await?;
    let mut unique = managers.to_vec();
    unique.sort_unstable();
    unique.dedup();
    let rows = unique.iter().map(|it| manager::ActiveModel {
        community_id: Set(id.uuid()),
        staff_id: Set(it.uuid()),
    });
    crate::db::rows::insert(tx, rows.collect()).await?;
    let detail = serde_json::json!({ "managers": unique });
    note(tx, actor, "community.managers_changed", id, &detail).await
}
