//! Tables of growth value and tiers, and the queries on them.

use crate::db::rows::among;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{Iterable, QueryOrder, QuerySelect};
use shared::ids::MemberId;
use shared::time::Timestamp;

const CHUNK: usize = 1000;

/// The growth record. Rows are only ever added.
pub mod growth {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "growth_entries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub member_id: Uuid,
        pub amount: i64,
        pub source_kind: String,
        pub source_ref: String,
        pub counted_at: i64,
        pub recorded_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Tiers of members; a member without a row has the lowest.
pub mod state {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tier_states")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        pub code: String,
        pub since: i64,
        pub valid_until: Option<i64>,
        pub grace_until: Option<i64>,
        pub warned: bool,
        pub evaluated_at: i64,
        pub next_due_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What happened to members' tiers. Rows are only ever added.
pub mod change {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tier_changes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub member_id: Uuid,
        pub from_code: Option<String>,
        pub to_code: String,
        pub cause: String,
        pub growth_value: i64,
        pub threshold: i64,
        pub ladder_version: i32,
        pub at: i64,
        pub recorded_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The growth record of members, oldest first.
pub async fn growth_of(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<growth::Model>> {
    let ids = members.iter().map(|it| it.uuid());
    let rows = growth::Entity::find().filter(growth::Column::MemberId.is_in(ids));
    Ok(rows
        .order_by_asc(growth::Column::CountedAt)
        .order_by_asc(growth::Column::Id)
        .all(db)
        .await?)
}

/// Stored tiers of members.
pub async fn states_of(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<state::Model>> {
    let mut found = Vec::new();
    for chunk in members.chunks(512) {
        let ids = among(
            db,
            state::Column::MemberId,
            chunk.iter().map(|it| it.uuid()),
        );
        let query = state::Entity::find().filter(ids);
        found.extend(query.all(db).await?);
    }
    Ok(found)
}

/// What happened to a member's tier up to and with an instant, newest first.
pub async fn changes_until(
    db: &impl ConnectionTrait,
    member: MemberId,
    to: Option<Timestamp>,
    limit: u64,
) -> Result<Vec<change::Model>> {
    let mut rows = change::Entity::find().filter(change::Column::MemberId.eq(member.uuid()));
    if let Some(to) = to {
        rows = rows.filter(change::Column::At.lte(to.as_millis()));
    }
    let rows = rows
        .order_by_desc(change::Column::At)
        .order_by_desc(change::Column::Id);
    Ok(rows.limit(limit).all(db).await?)
}

/// Inserts tiers, or updates them.
pub async fn save_states(db: &impl ConnectionTrait, rows: Vec<state::ActiveModel>) -> Result<()> {
    for chunk in rows.chunks(CHUNK) {
        let changes = state::Column::iter().filter(|it| !matches!(it, state::Column::MemberId));
        let conflict = OnConflict::column(state::Column::MemberId)
            .update_columns(changes)
            .to_owned();
        state::Entity::insert_many(chunk.to_vec())
            .on_conflict(conflict)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Adds rows of the growth record.
pub async fn add_growth(db: &impl ConnectionTrait, rows: Vec<growth::ActiveModel>) -> Result<()> {
    for chunk in rows.chunks(CHUNK) {
        growth::Entity::insert_many(chunk.to_vec())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Adds what happened to tiers.
pub async fn add_changes(db: &impl ConnectionTrait, rows: Vec<change::ActiveModel>) -> Result<()> {
    for chunk in rows.chunks(CHUNK) {
        change::Entity::insert_many(chunk.to_vec())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Members whose tier time has changed by `now`, at most `limit`.
pub async fn members_due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<MemberId>> {
    let rows: Vec<Uuid> = state::Entity::find()
        .select_only()
        .column(state::Column::MemberId)
        .filter(state::Column::NextDueAt.lte(now.as_millis()))
        .order_by_asc(state::Column::NextDueAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(MemberId::from).collect())
}

/// Makes every stored tier due at `at`, unless it is due sooner.
pub async fn all_due_at(db: &impl ConnectionTrait, at: Timestamp) -> Result<()> {
    let later = sea_orm::Condition::any()
        .add(state::Column::NextDueAt.is_null())
        .add(state::Column::NextDueAt.gt(at.as_millis()));
    state::Entity::update_many()
        .col_expr(state::Column::NextDueAt, Expr::value(at.as_millis()))
        .filter(later)
        .exec(db)
        .await?;
    Ok(())
}

/// Codes of the tiers that members hold.
pub async fn codes_held(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let rows = state::Entity::find()
        .select_only()
        .column(state::Column::Code)
        .distinct();
    Ok(rows.into_tuple().all(db).await?)
}

/// The latest record of a member's tier.
pub async fn last_recorded(
    db: &impl ConnectionTrait,
    member: MemberId,
) -> Result<Option<change::Model>> {
    let rows = change::Entity::find().filter(change::Column::MemberId.eq(member.uuid()));
    Ok(rows.order_by_desc(change::Column::Id).one(db).await?)
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(growth::Entity),
        schema.create_table_from_entity(state::Entity),
        schema.create_table_from_entity(change::Entity),
    ]
}
