//! The tables of tasks, check-ins and shared links, and the queries on them.

use crate::db::rows::{among, parts};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ExprTrait, QueryOrder, QuerySelect};
use shared::ids::{MemberId, TaskId};
use std::collections::HashMap;

/// Tasks as they are now.
pub mod task {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tasks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub state: String,
        pub version: i32,
        pub granted: i32,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub ended_at: Option<i64>,
        pub created_at: i64,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Tasks as they were; rows are only added.
pub mod version {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_versions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(unique)]
        pub seq: i64,
        pub task_id: Uuid,
        pub version: i32,
        pub state: String,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub actor: String,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who joined what.
pub mod join {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_joins")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        pub joined_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What counts for whom, one row a thing that happened.
pub mod contribution {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_contributions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub member_id: Uuid,
        pub task_id: Uuid,
        pub period: String,
        pub source_kind: String,
        pub source_ref: String,
        pub amount: i64,
        pub version: i32,
        pub counted_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Times that members were rewarded.
pub mod claim {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_claims")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub member_id: Uuid,
        pub task_id: Uuid,
        pub period: String,
        pub nth: i32,
        pub round: i32,
        pub goal: i64,
        pub version: i32,
        pub claimed_at: i64,
        pub taken_back_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What the shop reported.
pub mod event {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: String,
        pub member_id: Uuid,
        pub kind: String,
        pub name: Option<String>,
        pub quantity: i64,
        pub occurred_at: i64,
        pub received_at: i64,
        pub content_hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Days that were checked in.
pub mod check_in {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "check_ins")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: String,
        pub mark: String,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Days on which check-in did not work.
pub mod outage {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "check_in_outages")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub first_day: String,
        pub last_day: String,
        pub reason: String,
        pub actor: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Zones of members whose zone changed, and from when each counts.
pub mod zone {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "member_zones")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub from_at: i64,
        pub zone: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Members' own links.
pub mod link {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "share_links")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(unique)]
        pub token: String,
        pub task_id: Uuid,
        pub member_id: Uuid,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who came by a link, by a hash that is dropped after a while.
pub mod visit {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "share_visits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub link_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub visitor: String,
        pub channel: String,
        pub own: bool,
        pub signed_up: Option<Uuid>,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Tags of members.
pub mod tag {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "member_tags")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tag: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A task, a member and a period.
pub type PartKey = (TaskId, MemberId, String);

/// What identifies the newest version of any task.
pub async fn newest_version(db: &impl ConnectionTrait) -> Result<Option<(Uuid, i64)>> {
    let query = version::Entity::find()
        .select_only()
        .columns([version::Column::Id, version::Column::Seq])
        .order_by_desc(version::Column::Seq)
        .limit(1);
    Ok(query.into_tuple().one(db).await?)
}

/// Inserts contributions, or updates how much they count.
pub async fn save_contributions(
    db: &impl ConnectionTrait,
    rows: Vec<contribution::ActiveModel>,
) -> Result<()> {
    use contribution::Column;
    let key = [
        Column::MemberId,
        Column::SourceRef,
        Column::SourceKind,
        Column::TaskId,
    ];
    for part in parts(rows) {
        let conflict = OnConflict::columns(key)
            .update_columns([Column::Amount])
            .to_owned();
        contribution::Entity::insert_many(part)
            .on_conflict(conflict)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Contributions of some sources.
pub async fn contributions_of_sources(
    db: &impl ConnectionTrait,
    kind: &str,
    references: &[&str],
    members: &[MemberId],
) -> Result<Vec<contribution::Model>> {
    use contribution::Column;
    let mut found = Vec::new();
    for chunk in references.chunks(500) {
        let query = contribution::Entity::find()
            .filter(Column::MemberId.is_in(members.iter().map(|it| it.uuid())))
            .filter(Column::SourceKind.eq(kind))
            .filter(Column::SourceRef.is_in(chunk.iter().copied()));
        found.extend(query.all(db).await?);
    }
    Ok(found)
}

/// Progress of members in tasks, in some periods.
pub async fn progress(
    db: &impl ConnectionTrait,
    members: &[MemberId],
    tasks: &[TaskId],
    periods: &[String],
) -> Result<HashMap<PartKey, i64>> {
    use contribution::Column;
    let query = contribution::Entity::find()
        .select_only()
        .columns([Column::TaskId, Column::MemberId, Column::Period])
        .column_as(Expr::cust("CAST(SUM(amount) AS BIGINT)"), "progress")
        .filter(Column::MemberId.is_in(members.iter().map(|it| it.uuid())))
        .filter(Column::TaskId.is_in(tasks.iter().map(|it| it.uuid())))
        .filter(Column::Period.is_in(periods.iter().map(String::as_str)))
        .group_by(Column::TaskId)
        .group_by(Column::MemberId)
        .group_by(Column::Period);
    let rows: Vec<(Uuid, Uuid, String, i64)> = query.into_tuple().all(db).await?;
    let row = |(task, member, period, sum): (Uuid, Uuid, String, i64)| {
        ((TaskId::from(task), MemberId::from(member), period), sum)
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Times that members were rewarded for tasks in some periods, those taken back included.
pub async fn claims(
    db: &impl ConnectionTrait,
    members: &[MemberId],
    tasks: &[TaskId],
    periods: &[String],
) -> Result<Vec<claim::Model>> {
    use claim::Column;
    Ok(claim::Entity::find()
        .filter(Column::MemberId.is_in(members.iter().map(|it| it.uuid())))
        .filter(Column::TaskId.is_in(tasks.iter().map(|it| it.uuid())))
        .filter(Column::Period.is_in(periods.iter().map(String::as_str)))
        .order_by_asc(Column::Nth)
        .order_by_asc(Column::Round)
        .all(db)
        .await?)
}

/// When members joined tasks.
pub async fn joins(
    db: &impl ConnectionTrait,
    members: &[MemberId],
    tasks: &[TaskId],
) -> Result<HashMap<(TaskId, MemberId), i64>> {
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = join::Entity::find()
        .filter(join::Column::MemberId.is_in(members.iter().map(|it| it.uuid())))
        .filter(join::Column::TaskId.is_in(tasks.iter().map(|it| it.uuid())));
    let rows = rows.all(db).await?;
    Ok(rows
        .into_iter()
        .map(|it| ((it.task_id.into(), it.member_id.into()), it.joined_at))
        .collect())
}

/// How often tasks were rewarded.
pub async fn granted(db: &impl ConnectionTrait, tasks: &[TaskId]) -> Result<HashMap<TaskId, u32>> {
    let query = task::Entity::find()
        .select_only()
        .columns([task::Column::Id, task::Column::Granted])
        .filter(task::Column::Id.is_in(tasks.iter().map(|it| it.uuid())));
    let rows: Vec<(Uuid, i32)> = query.into_tuple().all(db).await?;
    Ok(rows
        .into_iter()
        .map(|(id, it)| (id.into(), u32::try_from(it).unwrap_or(0)))
        .collect())
}

/// Takes one of a task's rewards, if the task runs and has one left. Answers whether it did.
pub async fn take_slot(
    db: &impl ConnectionTrait,
    task: TaskId,
    total: Option<u32>,
) -> Result<bool> {
    use task::Column;
    let mut query = task::Entity::update_many()
        .col_expr(Column::Granted, Expr::col(Column::Granted).add(1))
        .filter(Column::Id.eq(task.uuid()))
        .filter(Column::State.ne("paused"));
    if let Some(total) = total {
        query = query.filter(Column::Granted.lt(i64::from(total)));
    }
    Ok(query.exec(db).await?.rows_affected == 1)
}

/// Gives a task's reward back.
pub async fn free_slot(db: &impl ConnectionTrait, task: TaskId) -> Result<()> {
    use task::Column;
    task::Entity::update_many()
        .col_expr(Column::Granted, Expr::col(Column::Granted).sub(1))
        .filter(Column::Id.eq(task.uuid()))
        .exec(db)
        .await?;
    Ok(())
}

/// Marks of some members, oldest first.
pub async fn marks(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<check_in::Model>> {
    Ok(check_in::Entity::find()
        .filter(check_in::Column::MemberId.is_in(members.iter().map(|it| it.uuid())))
        .order_by_asc(check_in::Column::MemberId)
        .order_by_asc(check_in::Column::Day)
        .all(db)
        .await?)
}

/// Ids of what the shop reported of a member.
pub async fn event_ids(db: &impl ConnectionTrait, member: MemberId) -> Result<Vec<String>> {
    let query = event::Entity::find()
        .select_only()
        .column(event::Column::EventId)
        .filter(event::Column::MemberId.eq(member.uuid()));
    Ok(query.into_tuple().all(db).await?)
}

/// Zones of members whose zone changed, in the order of time.
pub async fn zones(db: &impl ConnectionTrait, members: &[MemberId]) -> Result<Vec<zone::Model>> {
    let mut found = Vec::new();
    for chunk in members.chunks(1000) {
        let query = zone::Entity::find()
            .filter(zone::Column::MemberId.is_in(chunk.iter().map(|it| it.uuid())))
            .order_by_asc(zone::Column::FromAt);
        found.extend(query.all(db).await?);
    }
    Ok(found)
}

/// All outages, the newest first.
pub async fn outages(db: &impl ConnectionTrait) -> Result<Vec<outage::Model>> {
    let query = outage::Entity::find()
        .order_by_desc(outage::Column::FirstDay)
        .limit(200);
    Ok(query.all(db).await?)
}

/// Tags of members.
pub async fn tags(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<HashMap<MemberId, Vec<String>>> {
    let mut found: HashMap<MemberId, Vec<String>> = HashMap::new();
    for chunk in members.chunks(512) {
        let ids = chunk.iter().map(|it| it.uuid());
        let query = tag::Entity::find()
            .filter(among(db, tag::Column::MemberId, ids))
            .order_by_asc(tag::Column::Tag);
        for row in query.all(db).await? {
            found.entry(row.member_id.into()).or_default().push(row.tag);
        }
    }
    Ok(found)
}

/// Sets a member's tags.
pub async fn set_tags(db: &impl ConnectionTrait, member: MemberId, tags: &[String]) -> Result<()> {
    tag::Entity::delete_many()
        .filter(tag::Column::MemberId.eq(member.uuid()))
        .exec(db)
        .await?;
    let row = |it: &String| tag::ActiveModel {
        member_id: Set(member.uuid()),
        tag: Set(it.clone()),
    };
    if !tags.is_empty() {
        tag::Entity::insert_many(tags.iter().map(row))
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(task::Entity),
        schema.create_table_from_entity(version::Entity),
        schema.create_table_from_entity(join::Entity),
        schema.create_table_from_entity(contribution::Entity),
        schema.create_table_from_entity(claim::Entity),
        schema.create_table_from_entity(event::Entity),
        schema.create_table_from_entity(check_in::Entity),
        schema.create_table_from_entity(outage::Entity),
        schema.create_table_from_entity(zone::Entity),
        schema.create_table_from_entity(link::Entity),
        schema.create_table_from_entity(visit::Entity),
        schema.create_table_from_entity(tag::Entity),
    ]
}
