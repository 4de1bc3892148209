//! The table of second factors. Nothing of it is ever part of an answer.

use crate::db::Tx;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, QuerySelect};
use shared::ids::StaffId;
use std::collections::HashSet;

/// An account's second factor, or one that waits to be confirmed.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_second_factors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: Uuid,
    /// What the authenticator app has too, in base 32.
    pub secret: String,
    pub created_at: i64,
    pub confirmed_at: Option<i64>,
    /// The time step of the last code that counted.
    pub last_step: Option<i64>,
    /// Hashes of the recovery codes that are left, as JSON.
    #[sea_orm(column_type = "Text")]
    pub recovery_hashes: String,
}

impl std::fmt::Debug for Model {
    /// Without the secret: this may end up in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "second factor of {}", StaffId::from(self.staff_id))
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// An account's second factor.
pub(super) async fn find(db: &impl ConnectionTrait, id: StaffId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.uuid()).one(db).await?)
}

/// An account's second factor, kept from others until the end of the write.
pub(super) async fn lock(tx: &Tx, id: StaffId) -> Result<Option<Model>> {
    let row = Entity::find_by_id(id.uuid()).lock_exclusive();
    Ok(row.one(tx).await?)
}

/// Which of some accounts have a second factor.
pub(super) async fn enabled(
    db: &impl ConnectionTrait,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashSet<Uuid>> {
    let rows = Entity::find()
        .select_only()
        .column(Column::StaffId)
        .filter(Column::StaffId.is_in(ids))
        .filter(Column::ConfirmedAt.is_not_null());
    let rows: Vec<Uuid> = rows.into_tuple().all(db).await?;
    Ok(rows.into_iter().collect())
}

/// Keeps a secret that waits to be confirmed, in place of one before.
pub(super) async fn begin(tx: &Tx, id: StaffId, secret: String) -> Result<()> {
    let row = ActiveModel {
        staff_id: Set(id.uuid()),
        secret: Set(secret),
        created_at: Set(tx.now().as_millis()),
        confirmed_at: Set(None),
        last_step: Set(None),
        recovery_hashes: Set("[]".to_owned()),
    };
    let replace = OnConflict::column(Column::StaffId)
        .update_columns([Column::Secret, Column::CreatedAt])
        .to_owned();
    Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// From now on it counts.
pub(super) async fn confirm(tx: &Tx, id: StaffId, step: i64, hashes: String) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ConfirmedAt, Expr::value(tx.now().as_millis()))
        .col_expr(Column::LastStep, Expr::value(step))
        .col_expr(Column::RecoveryHashes, Expr::value(hashes))
        .filter(Column::StaffId.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Codes of this time step and before count no more.
pub(super) async fn use_step(tx: &Tx, id: StaffId, step: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastStep, Expr::value(step))
        .filter(Column::StaffId.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Keeps which recovery codes are left.
pub(super) async fn keep_codes(tx: &Tx, id: StaffId, hashes: String) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::RecoveryHashes, Expr::value(hashes))
        .filter(Column::StaffId.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes a second factor away; tells whether there was one.
pub(super) async fn remove(tx: &Tx, id: StaffId) -> Result<bool> {
    let gone = Entity::delete_many().filter(Column::StaffId.eq(id.uuid()));
    Ok(gone.exec(tx).await?.rows_affected > 0)
}
