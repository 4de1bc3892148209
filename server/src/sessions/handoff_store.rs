//! The table of hand-off codes.

use crate::db::Tx;
use crate::error::Result;
use sea_orm::ActiveValue::Set;
use sea_orm::ExprTrait;
use sea_orm::entity::prelude::*;
use shared::ids::MemberId;
use shared::time::Timestamp;

/// A code that opens a member's pages once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handoff_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code_hash: String,
    pub member_id: Uuid,
    pub page: Option<String>,
    pub expires_at: i64,
    pub used_at: Option<i64>,
    pub host: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a new code is for.
#[derive(Debug, Clone)]
pub(super) struct Purpose {
    pub(super) member: MemberId,
    pub(super) page: Option<String>,
    pub(super) host: Option<String>,
    pub(super) expires_at: Timestamp,
}

/// Keeps a new code.
pub(super) async fn insert(tx: &Tx, code_hash: String, purpose: Purpose) -> Result<()> {
    let row = ActiveModel {
        code_hash: Set(code_hash),
        member_id: Set(purpose.member.uuid()),
        page: Set(purpose.page),
        expires_at: Set(purpose.expires_at.as_millis()),
        used_at: Set(None),
        host: Set(purpose.host),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Uses a code up, if it still works and is for `host`, or for any. Of many who try at once the
/// database lets one through.
pub(super) async fn take(tx: &Tx, code_hash: &str, host: Option<&str>) -> Result<Option<Model>> {
    let now = tx.now().as_millis();
    let for_any = Column::Host.is_null();
    let meant = match host {
        Some(host) => for_any.or(Column::Host.eq(host)),
        None => for_any,
    };
    let taken = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now))
        .filter(Column::CodeHash.eq(code_hash))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .filter(meant)
        .exec(tx)
        .await?;
    if taken.rows_affected == 0 {
        return Ok(None);
    }
    Ok(Entity::find_by_id(code_hash).one(tx).await?)
}

/// Drops a member's codes.
pub(super) async fn forget(tx: &Tx, member: MemberId) -> Result<()> {
    let gone = Entity::delete_many().filter(Column::MemberId.eq(member.uuid()));
    gone.exec(tx).await?;
    Ok(())
}

/// Drops codes that expired before `before`.
pub(super) async fn purge(tx: &Tx, before: Timestamp) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lt(before.as_millis()))
        .exec(tx)
        .await?;
    Ok(())
}
