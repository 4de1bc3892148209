//! What signing in needs to know of a member.

use super::store::{self, Column, Entity, Model};
use crate::db::Tx;
use crate::db::rows::among;
use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use shared::ids::MemberId;
use shared::members::MemberStatus;
use shared::members::rules::{normalise_email, normalise_phone};
use std::collections::HashMap;

/// What signing in needs to know of a member.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The member.
    pub id: MemberId,
    /// Whether the member may use the programme.
    pub status: MemberStatus,
    /// Hash of the password, for members who have one.
    pub password_hash: Option<String>,
    /// Counts what ends all of the member's tokens.
    pub epoch: i32,
}

fn to_login(row: Model) -> Result<Login> {
    Ok(Login {
        id: row.id.into(),
        status: MemberStatus::from_db(&row.status)?,
        password_hash: row.password_hash,
        epoch: row.auth_epoch,
    })
}

/// The member with this id.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, id: MemberId) -> Result<Option<Login>> {
    store::find(db, id).await?.map(to_login).transpose()
}

/// The members with these ids; unknown ones are left out.
///
/// # Errors
/// When the database fails.
pub async fn find_all(
    db: &impl ConnectionTrait,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, Login>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = among(db, Column::Id, ids.iter().map(|it| it.uuid()));
    let rows = Entity::find().filter(ids).all(db).await?;
    let logins = rows.into_iter().map(to_login);
    logins.map(|it| it.map(|it| (it.id, it))).collect()
}

/// The member with this e-mail address or phone number, as typed.
///
/// # Errors
/// When the database fails.
pub async fn find_by_identifier(
    db: &impl ConnectionTrait,
    identifier: &str,
    country_code: &str,
) -> Result<Option<Login>> {
    let wanted = match (
        normalise_email(identifier),
        normalise_phone(identifier, country_code),
    ) {
        (Some(email), _) => Column::Email.eq(email),
        (None, Some(phone)) => Column::Phone.eq(phone),
        (None, None) => return Ok(None),
    };
    let Some(row) = Entity::find().filter(wanted).one(db).await? else {
        return Ok(None);
    };
    let Some(into) = row.merged_into else {
        return to_login(row).map(Some);
    };
    // Of two who were made one, either's address and password open the one account.
    let survivor = find(db, into.into()).await?;
    Ok(survivor.map(|it| Login {
        password_hash: row.password_hash,
        ..it
    }))
}

/// Sets a member's password, also for whoever was merged into the member: the old passwords of
/// none of them work any more.
///
/// # Errors
/// When the database fails.
pub async fn set_password(tx: &Tx, id: MemberId, hash: &str) -> Result<()> {
    let ended = Condition::all()
        .add(Column::MergedInto.eq(id.uuid()))
        .add(Column::PasswordHash.is_not_null());
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash))
        .filter(Condition::any().add(Column::Id.eq(id.uuid())).add(ended))
        .exec(tx)
        .await?;
    tx.touch(id);
    Ok(())
}
