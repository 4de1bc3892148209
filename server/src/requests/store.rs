//! The table of requests. Rows leave it by themselves after some days.

use crate::db::Tx;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use shared::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub key_id: Uuid,
    pub method: String,
    pub path: String,
    pub status: i32,
    pub code: Option<String>,
    pub request_id: String,
    pub took_ms: i64,
    pub at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Removes what is older than an instant, and all but the newest `most` rows.
pub(super) async fn purge(tx: &Tx, before: Timestamp, most: u64) -> Result<()> {
    let too_many: Option<i64> = Entity::find()
        .select_only()
        .column(Column::At)
        .order_by_desc(Column::At)
        .offset(most)
        .limit(1)
        .into_tuple()
        .one(tx)
        .await?;
    let until = too_many.map_or(before.as_millis(), |it| before.as_millis().max(it + 1));
    Entity::delete_many()
        .filter(Column::At.lt(until))
        .exec(tx)
        .await?;
    Ok(())
}

pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![schema.create_table_from_entity(Entity)]
}
