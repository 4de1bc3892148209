//! Tables of scenario lists and the queries on them.

use crate::db::text::{DbText, from_json};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use shared::ids::{CommunityId, PostingId, PushChannelId, ScenarioId};
use shared::problem::ErrorCode;
use shared::scenarios::{Call, ScenarioDefinition};
use shared::time::Timestamp;

/// Lists.
pub mod scenario {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "scenarios")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub community_id: Uuid,
        pub version: i32,
        pub state: String,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub next_at: Option<i64>,
        pub created_by: String,
        pub created_at: i64,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Appearances of lists.
pub mod posting {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "scenario_postings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub scenario_id: Uuid,
        pub community_id: Uuid,
        pub at: i64,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub call: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Ways by which communities are called.
pub mod channel {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "push_channels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub community_id: Uuid,
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub url: String,
        pub secret: Option<String>,
        pub created_by: String,
        pub created_at: i64,
    }

    /// Everything but the address and the secret.
    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("channel::Model")
                .field("id", &self.id)
                .field("kind", &self.kind)
                .finish_non_exhaustive()
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Calls on their way.
pub mod delivery {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "push_deliveries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub posting_id: Uuid,
        pub channel_id: Option<Uuid>,
        pub kind: String,
        pub state: String,
        pub attempts: i32,
        pub next_at: i64,
        pub after: Option<Uuid>,
        pub reached: Option<i32>,
        pub trouble: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What staff wrote about a list, then and now.
pub fn definition(body: &str) -> Result<ScenarioDefinition> {
    from_json(body)
}

/// A list.
pub async fn find(db: &impl ConnectionTrait, id: ScenarioId) -> Result<scenario::Model> {
    let row = scenario::Entity::find_by_id(id.uuid()).one(db).await?;
    Ok(row.ok_or(ErrorCode::ScenarioNotFound)?)
}

/// A list, taken for the rest of the write.
pub async fn lock(db: &impl ConnectionTrait, id: ScenarioId) -> Result<scenario::Model> {
    let query = scenario::Entity::find_by_id(id.uuid()).lock_exclusive();
    Ok(query.one(db).await?.ok_or(ErrorCode::ScenarioNotFound)?)
}

/// The lists that are to appear by `now`, the one that waits longest first.
pub async fn due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<scenario::Model>> {
    let query = scenario::Entity::find()
        .filter(scenario::Column::NextAt.lte(now.as_millis()))
        .order_by_asc(scenario::Column::NextAt)
        .order_by_asc(scenario::Column::Id)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// The lists of a community that still appear.
pub async fn to_come(
    db: &impl ConnectionTrait,
    community: CommunityId,
) -> Result<Vec<scenario::Model>> {
    let query = scenario::Entity::find()
        .filter(scenario::Column::CommunityId.eq(community.uuid()))
        .filter(scenario::Column::NextAt.is_not_null());
    Ok(query.all(db).await?)
}

/// What a community was shown in a span of time, its end left out, the earliest first.
pub async fn postings(
    db: &impl ConnectionTrait,
    community: CommunityId,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<posting::Model>> {
    let query = posting::Entity::find()
        .filter(posting::Column::CommunityId.eq(community.uuid()))
        .filter(posting::Column::At.gte(from.as_millis()))
        .filter(posting::Column::At.lt(until.as_millis()))
        .order_by_asc(posting::Column::At)
        .order_by_asc(posting::Column::Id);
    Ok(query.all(db).await?)
}

/// When a community was called since `from`.
pub async fn called_since(
    db: &impl ConnectionTrait,
    community: CommunityId,
    from: Timestamp,
) -> Result<Vec<Timestamp>> {
    let rows: Vec<i64> = posting::Entity::find()
        .select_only()
        .column(posting::Column::At)
        .filter(posting::Column::CommunityId.eq(community.uuid()))
        .filter(posting::Column::At.gte(from.as_millis()))
        .filter(posting::Column::Call.eq(Call::Made.to_db()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Timestamp::from_millis).collect())
}

/// An appearance.
pub async fn find_posting(
    db: &impl ConnectionTrait,
    id: PostingId,
) -> Result<Option<posting::Model>> {
    Ok(posting::Entity::find_by_id(id.uuid()).one(db).await?)
}

/// The ways by which a community is called, the one made first first.
pub async fn channels(
    db: &impl ConnectionTrait,
    community: CommunityId,
) -> Result<Vec<channel::Model>> {
    let query = channel::Entity::find()
        .filter(channel::Column::CommunityId.eq(community.uuid()))
        .order_by_asc(channel::Column::CreatedAt)
        .order_by_asc(channel::Column::Id);
    Ok(query.all(db).await?)
}

/// A way.
pub async fn find_channel(
    db: &impl ConnectionTrait,
    id: PushChannelId,
) -> Result<Option<channel::Model>> {
    Ok(channel::Entity::find_by_id(id.uuid()).one(db).await?)
}

/// How the calls to some appearances got on.
pub async fn deliveries(
    db: &impl ConnectionTrait,
    postings: &[Uuid],
) -> Result<Vec<delivery::Model>> {
    let mut found = Vec::new();
    for chunk in postings.chunks(500) {
        let query = delivery::Entity::find()
            .filter(delivery::Column::PostingId.is_in(chunk.iter().copied()))
            .order_by_asc(delivery::Column::Id);
        found.extend(query.all(db).await?);
    }
    Ok(found)
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(scenario::Entity),
        schema.create_table_from_entity(posting::Entity),
        schema.create_table_from_entity(channel::Entity),
        schema.create_table_from_entity(delivery::Entity),
    ]
}
