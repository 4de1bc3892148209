//! The table of codes with which staff set a new password.

use crate::db::Tx;
use crate::error::Result;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use shared::ids::StaffId;
use shared::time::Timestamp;

/// A code that sets a password once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_resets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code_hash: String,
    pub staff_id: Uuid,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Keeps a new code; the person's earlier ones stop working.
pub(super) async fn replace(
    tx: &Tx,
    staff: StaffId,
    code_hash: &str,
    expires_at: Timestamp,
) -> Result<()> {
    Entity::delete_many()
        .filter(Column::StaffId.eq(staff.uuid()))
        .exec(tx)
        .await?;
    let row = ActiveModel {
        code_hash: Set(code_hash.to_owned()),
        staff_id: Set(staff.uuid()),
        expires_at: Set(expires_at.as_millis()),
        used_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Uses a code up, if it still works. Of many who try at once the database lets one through.
pub(super) async fn take(tx: &Tx, code_hash: &str) -> Result<Option<StaffId>> {
    let now = tx.now().as_millis();
    let taken = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now))
        .filter(Column::CodeHash.eq(code_hash))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec(tx)
        .await?;
    if taken.rows_affected == 0 {
        return Ok(None);
    }
    let row = Entity::find_by_id(code_hash).one(tx).await?;
    Ok(row.map(|it| it.staff_id.into()))
}

/// Drops codes that expired before `before`.
pub(super) async fn purge(tx: &Tx, before: Timestamp) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lt(before.as_millis()))
        .exec(tx)
        .await?;
    Ok(())
}
