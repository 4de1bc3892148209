//! Households: members who live together and may share an address or a device.

use super::super::store::{household, resident};
use super::views::names_of;
use crate::App;
use crate::audit;
use crate::db::{Cursor, Tx, before, paged};
use crate::error::{AppError, Result};
use crate::members;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect};
use shared::ids::{HouseholdId, MemberId};
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::referrals::api::{CreateHousehold, Household, Resident};
use shared::time::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// Notes a household.
///
/// # Errors
/// `request.invalid`, `members.not_found`.
pub async fn add_household(
    app: &App,
    request: CreateHousehold,
    actor: String,
) -> Result<Household> {
    let note = request.note.trim().to_owned();
    if !(3..=200).contains(&note.chars().count()) || note.chars().any(char::is_control) {
        let message = "say why, in 3 to 200 characters";
        return Err(AppError::invalid_field("/note", "out_of_range", message));
    }
    let mut found = BTreeSet::new();
    if (2..=10).contains(&request.members.len()) {
        for reference in &request.members {
            found.insert(members::service::resolve(app.db.read(), reference).await?);
        }
    }
    if !(2..=10).contains(&found.len()) {
        let message = "expected 2 to 10 different members";
        return Err(AppError::invalid_field("/members", "out_of_range", message));
    }
    let names = names_of(app, found.iter().map(|it| it.uuid())).await?;
    let (id, created_at) = app
        .db
        .write(
            (found.clone(), note.clone(), actor),
            |tx, (found, note, actor)| Box::pin(add(tx, found, note, actor)),
        )
        .await?;
    Ok(Household {
        id,
        members: found.into_iter().map(|it| named(it, &names)).collect(),
        note,
        created_at,
    })
}

fn named(id: MemberId, names: &HashMap<Uuid, String>) -> Resident {
    Resident {
        id,
        name: names.get(&id.uuid()).cloned(),
    }
}

async fn add(
    tx: &Tx,
    found: &BTreeSet<MemberId>,
    note: &str,
    actor: &str,
) -> Result<(HouseholdId, Timestamp)> {
    let id = HouseholdId::generate(&mut tx.ids());
    let row = household::ActiveModel {
        id: Set(id.uuid()),
        note: Set(note.to_owned()),
        created_by: Set(actor.to_owned()),
        created_at: Set(tx.now().as_millis()),
    };
    household::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    let residents = found.iter().map(|it| resident::ActiveModel {
        household_id: Set(id.uuid()),
        member_id: Set(it.uuid()),
    });
    tx.add(residents.collect());
    let detail = serde_json::json!({ "members": found, "note": note });
    audit::service::record(tx, actor, "household.added", &id.to_string(), &detail).await?;
    Ok((id, tx.now()))
}

/// Households, newest first.
///
/// # Errors
/// When the database fails.
pub async fn households(app: &App, limit: u64, cursor: Option<Cursor>) -> Result<Page<Household>> {
    use household::Column;
    let mut query = household::Entity::find();
    if let Some(cursor) = cursor {
        query = query.filter(before(Column::CreatedAt, Column::Id, cursor));
    }
    let rows = query
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    let residents = resident::Entity::find()
        .filter(resident::Column::HouseholdId.is_in(rows.iter().map(|it| it.id)))
        .all(app.db.read())
        .await?;
    let names = names_of(app, residents.iter().map(|it| it.member_id)).await?;
    let members_of = |id: Uuid| {
        let own = residents.iter().filter(|it| it.household_id == id);
        own.map(|it| named(it.member_id.into(), &names)).collect()
    };
    Ok(paged(
        rows,
        limit,
        |it| Cursor {
            key: it.created_at,
            id: it.id,
        },
        |it| Household {
            id: it.id.into(),
            members: members_of(it.id),
            note: it.note,
            created_at: Timestamp::from_millis(it.created_at),
        },
    ))
}

/// Drops a household: what its members share counts again.
///
/// # Errors
/// `referrals.household_not_found`.
pub async fn remove_household(app: &App, id: HouseholdId, actor: String) -> Result<()> {
    app.db
        .write((id, actor), |tx, (id, actor)| {
            Box::pin(remove(tx, *id, actor))
        })
        .await
}

async fn remove(tx: &Tx, id: HouseholdId, actor: &str) -> Result<()> {
    resident::Entity::delete_many()
        .filter(resident::Column::HouseholdId.eq(id.uuid()))
        .exec(tx)
        .await?;
    let gone = household::Entity::delete_by_id(id.uuid()).exec(tx).await?;
    if gone.rows_affected == 0 {
        return Err(ErrorCode::HouseholdNotFound.into());
    }
    let target = id.to_string();
    audit::service::record(
        tx,
        actor,
        "household.removed",
        &target,
        &serde_json::json!({}),
    )
    .await
}
