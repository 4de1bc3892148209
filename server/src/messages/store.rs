//! The table of messages and the queries on it.

use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{QueryOrder, QuerySelect};
use shared::ids::{MemberId, MessageId};
use shared::time::Timestamp;

/// A message to a member.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub member_id: Uuid,
    pub kind: String,
    pub source: String,
    #[sea_orm(column_type = "Text")]
    pub content: String,
    pub created_at: i64,
    pub read_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Keeps messages; those of a cause that a member has heard of are left out.
pub async fn add(db: &impl ConnectionTrait, rows: Vec<ActiveModel>) -> Result<()> {
    for part in crate::db::rows::parts(rows) {
        let known = OnConflict::columns([Column::MemberId, Column::Source])
            .do_nothing()
            .to_owned();
        Entity::insert_many(part)
            .on_conflict(known)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// The causes that members have heard of among messages of one kind.
pub async fn sources(
    db: &impl ConnectionTrait,
    members: &[MemberId],
    kind: &str,
) -> Result<Vec<(Uuid, String)>> {
    let ids = members.iter().map(|it| it.uuid());
    Ok(Entity::find()
        .select_only()
        .columns([Column::MemberId, Column::Source])
        .filter(Column::MemberId.is_in(ids))
        .filter(Column::Kind.eq(kind))
        .into_tuple()
        .all(db)
        .await?)
}

/// Messages of one member about what another has not heard of.
pub async fn new_to(db: &impl ConnectionTrait, of: MemberId, to: MemberId) -> Result<Vec<Uuid>> {
    use sea_orm::sea_query::Query;
    let heard = Query::select()
        .column(Column::Source)
        .from(Entity)
        .and_where(Column::MemberId.eq(to.uuid()))
        .to_owned();
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::MemberId.eq(of.uuid()))
        .filter(Column::Source.not_in_subquery(heard))
        .into_tuple()
        .all(db)
        .await?)
}

/// How many messages a member has not read.
pub async fn count_unread(db: &impl ConnectionTrait, member: MemberId) -> Result<u64> {
    use sea_orm::PaginatorTrait;
    Ok(Entity::find()
        .filter(Column::MemberId.eq(member.uuid()))
        .filter(Column::ReadAt.is_null())
        .count(db)
        .await?)
}

/// The latest message of one kind that a member has not read.
pub async fn latest_unread(
    db: &impl ConnectionTrait,
    member: MemberId,
    kind: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::MemberId.eq(member.uuid()))
        .filter(Column::Kind.eq(kind))
        .filter(Column::ReadAt.is_null())
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .one(db)
        .await?)
}

/// A member's message.
pub async fn find(
    db: &impl ConnectionTrait,
    member: MemberId,
    id: MessageId,
) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.uuid())
        .filter(Column::MemberId.eq(member.uuid()))
        .one(db)
        .await?)
}

/// Marks a member's messages as read: one, or all. Answers how many were not.
pub async fn mark_read(
    db: &impl ConnectionTrait,
    member: MemberId,
    one: Option<MessageId>,
    at: Timestamp,
) -> Result<u64> {
    let mut query = Entity::update_many()
        .col_expr(Column::ReadAt, Expr::value(at.as_millis()))
        .filter(Column::MemberId.eq(member.uuid()))
        .filter(Column::ReadAt.is_null());
    if let Some(id) = one {
        query = query.filter(Column::Id.eq(id.uuid()));
    }
    Ok(query.exec(db).await?.rows_affected)
}

/// Drops messages that were written before `before`.
pub async fn purge(db: &impl ConnectionTrait, before: Timestamp) -> Result<()> {
    Entity::delete_many()
        .filter(Column::CreatedAt.lt(before.as_millis()))
        .exec(db)
        .await?;
    Ok(())
}

/// Drops a member's messages.
pub async fn drop_all(db: &impl ConnectionTrait, member: MemberId) -> Result<()> {
    Entity::delete_many()
        .filter(Column::MemberId.eq(member.uuid()))
        .exec(db)
        .await?;
    Ok(())
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![schema.create_table_from_entity(Entity)]
}
