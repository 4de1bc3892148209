//! The table of rule versions. Rows are only ever added; one that has not begun may be cancelled.

use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect};
use shared::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rule_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    pub effective_from: i64,
    #[sea_orm(column_type = "Text")]
    pub body: String,
    pub created_by: String,
    pub created_at: i64,
    pub cancelled_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Every version of everything, also cancelled ones, oldest first.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::Version)
        .all(db)
        .await?)
}

/// How often anything about versions has changed: each is added once and cancelled at most once.
pub async fn revision(db: &impl ConnectionTrait) -> Result<u64> {
    use sea_orm::PaginatorTrait;
    let cancelled = Entity::find().filter(Column::CancelledAt.is_not_null());
    Ok(Entity::find().count(db).await? + cancelled.count(db).await?)
}

/// Versions of one kind before `below`, newest first.
pub async fn newest(
    db: &impl ConnectionTrait,
    kind: &str,
    below: Option<i32>,
    limit: u64,
) -> Result<Vec<Model>> {
    let mut query = Entity::find().filter(Column::Kind.eq(kind));
    if let Some(below) = below {
        query = query.filter(Column::Version.lt(below));
    }
    let query = query.order_by_desc(Column::Version).limit(limit);
    Ok(query.all(db).await?)
}

/// One version.
pub async fn find(db: &impl ConnectionTrait, kind: &str, version: i32) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((kind.to_owned(), version))
        .one(db)
        .await?)
}

/// Cancels a version that has not begun; tells whether it did.
pub async fn cancel(
    db: &impl ConnectionTrait,
    kind: &str,
    version: i32,
    now: Timestamp,
) -> Result<bool> {
    let done = Entity::update_many()
        .col_expr(Column::CancelledAt, Expr::value(now.as_millis()))
        .filter(Column::Kind.eq(kind))
        .filter(Column::Version.eq(version))
        .filter(Column::CancelledAt.is_null())
        .filter(Column::EffectiveFrom.gt(now.as_millis()))
        .exec(db)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Adds a version; a version that somebody else added meanwhile is an error.
pub async fn add(db: &impl ConnectionTrait, row: Model) -> Result<()> {
    let row = ActiveModel {
        kind: Set(row.kind),
        version: Set(row.version),
        effective_from: Set(row.effective_from),
        body: Set(row.body),
        created_by: Set(row.created_by),
        created_at: Set(row.created_at),
        cancelled_at: Set(row.cancelled_at),
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![schema.create_table_from_entity(Entity)]
}
