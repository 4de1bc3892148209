//! The table of API keys.

use crate::db::text::from_json;
use crate::db::{Cursor, Tx, before};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use shared::ids::ApiKeyId;
use shared::staff::api::ApiKey;
use shared::time::Timestamp;

/// An API key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub secret_hash: String,
    #[sea_orm(column_type = "Text")]
    pub scopes: String,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The key as the API shows it.
pub(super) fn to_key(row: &Model) -> Result<ApiKey> {
    Ok(ApiKey {
        id: ApiKeyId::from(row.id),
        name: row.name.clone(),
        scopes: from_json(&row.scopes)?,
        created_at: Timestamp::from_millis(row.created_at),
        last_used_at: row.last_used_at.map(Timestamp::from_millis),
        revoked_at: row.revoked_at.map(Timestamp::from_millis),
    })
}

/// Keeps a new key.
pub(super) async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let row: ActiveModel = row.into();
    Entity::insert(row.reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The key with this id.
pub(super) async fn find(db: &impl ConnectionTrait, id: ApiKeyId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.uuid()).one(db).await?)
}

/// What keys are called.
pub(super) async fn names(
    db: &impl ConnectionTrait,
    keys: &[ApiKeyId],
) -> Result<Vec<(ApiKeyId, String)>> {
    let rows: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(Column::Id.is_in(keys.iter().map(|it| it.uuid())))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|it| (it.0.into(), it.1)).collect())
}

/// Keys, newest first; one more than `limit` when there are more.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Vec<Model>> {
    let mut query = Entity::find();
    if let Some(cursor) = cursor {
        query = query.filter(before(Column::CreatedAt, Column::Id, cursor));
    }
    let query = query
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit + 1);
    Ok(query.all(db).await?)
}

/// Revokes a key that is not yet; tells whether there was one.
pub(super) async fn revoke(tx: &Tx, id: ApiKeyId) -> Result<bool> {
    let done = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(tx.now().as_millis()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Writes that a key is used now.
pub(super) async fn note_use(tx: &Tx, id: ApiKeyId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(tx.now().as_millis()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}
