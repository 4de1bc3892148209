//! The table of rule versions. Rows are only ever added.

use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder};

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
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Every version of everything, oldest first.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::Version)
        .all(db)
        .await?)
}

/// The newest version of one kind of rules.
pub async fn newest(db: &impl ConnectionTrait, kind: &str) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Kind.eq(kind))
        .order_by_desc(Column::Version)
        .one(db)
        .await?)
}

/// How many versions there are.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64> {
    use sea_orm::PaginatorTrait;
    Ok(Entity::find().count(db).await?)
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
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![schema.create_table_from_entity(Entity)]
}
