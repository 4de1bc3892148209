//! Tables of communities and the queries on them.

use crate::db::rows::among;
use crate::db::text::{DbText, from_json};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use shared::communities::{CommunityDefinition, MembershipState};
use shared::ids::{CommunityId, MemberId, StaffId};
use std::collections::HashMap;

/// Communities.
pub mod community {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "communities")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub version: i32,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        #[sea_orm(unique)]
        pub code: String,
        pub members: i32,
        pub capacity: i32,
        pub created_by: String,
        pub created_at: i64,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who leads which community.
pub mod manager {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "community_managers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub community_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub staff_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who belongs to which community, or did.
pub mod membership {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "community_members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub community_id: Uuid,
        pub member_id: Uuid,
        pub state: String,
        pub joined_at: i64,
        pub changed_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What staff wrote.
pub fn definition(row: &community::Model) -> Result<CommunityDefinition> {
    from_json(&row.body)
}

/// A community.
pub async fn find(db: &impl ConnectionTrait, id: CommunityId) -> Result<Option<community::Model>> {
    Ok(community::Entity::find_by_id(id.uuid()).one(db).await?)
}

/// A community, taken for the rest of the write.
pub async fn lock(db: &impl ConnectionTrait, id: CommunityId) -> Result<Option<community::Model>> {
    let query = community::Entity::find_by_id(id.uuid()).lock_exclusive();
    Ok(query.one(db).await?)
}

/// The community with this code.
pub async fn by_code(db: &impl ConnectionTrait, code: &str) -> Result<Option<community::Model>> {
    let query = community::Entity::find().filter(community::Column::Code.eq(code));
    Ok(query.one(db).await?)
}

/// These communities.
pub async fn all(
    db: &impl ConnectionTrait,
    ids: &[CommunityId],
) -> Result<HashMap<CommunityId, community::Model>> {
    let ids = ids.iter().map(|it| it.uuid());
    let rows = community::Entity::find().filter(community::Column::Id.is_in(ids));
    let rows = rows.all(db).await?;
    Ok(rows.into_iter().map(|it| (it.id.into(), it)).collect())
}

/// Where a member stands in a community.
pub async fn standing(
    db: &impl ConnectionTrait,
    community: CommunityId,
    member: MemberId,
) -> Result<Option<membership::Model>> {
    let query = membership::Entity::find()
        .filter(membership::Column::MemberId.eq(member.uuid()))
        .filter(membership::Column::CommunityId.eq(community.uuid()));
    Ok(query.one(db).await?)
}

/// The communities that members belong to, the one joined first first.
pub async fn active(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<membership::Model>> {
    let mut found = Vec::new();
    for chunk in members.chunks(512) {
        let ids = chunk.iter().map(|it| it.uuid());
        let rows = membership::Entity::find()
            .filter(among(db, membership::Column::MemberId, ids))
            .filter(membership::Column::State.eq(MembershipState::Active.to_db()))
            .order_by_asc(membership::Column::JoinedAt)
            .order_by_asc(membership::Column::Id);
        found.extend(rows.all(db).await?);
    }
    Ok(found)
}

/// Those who belong to a community, by id, after one of them.
pub async fn members_after(
    db: &impl ConnectionTrait,
    community: CommunityId,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<MemberId>> {
    use membership::Column;
    let mut query = membership::Entity::find()
        .select_only()
        .column(Column::MemberId)
        .filter(Column::CommunityId.eq(community.uuid()))
        .filter(Column::State.eq(MembershipState::Active.to_db()));
    if let Some(after) = after {
        query = query.filter(Column::MemberId.gt(after.uuid()));
    }
    let query = query.order_by_asc(Column::MemberId).limit(limit);
    let rows: Vec<Uuid> = query.into_tuple().all(db).await?;
    Ok(rows.into_iter().map(MemberId::from).collect())
}

/// Who leads a community.
pub async fn managers(db: &impl ConnectionTrait, community: CommunityId) -> Result<Vec<StaffId>> {
    let rows: Vec<Uuid> = manager::Entity::find()
        .select_only()
        .column(manager::Column::StaffId)
        .filter(manager::Column::CommunityId.eq(community.uuid()))
        .order_by_asc(manager::Column::StaffId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(StaffId::from).collect())
}

/// What one of the staff leads.
pub async fn led_by(db: &impl ConnectionTrait, staff: StaffId) -> Result<Vec<CommunityId>> {
    let rows: Vec<Uuid> = manager::Entity::find()
        .select_only()
        .column(manager::Column::CommunityId)
        .filter(manager::Column::StaffId.eq(staff.uuid()))
        .order_by_asc(manager::Column::CommunityId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(CommunityId::from).collect())
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(community::Entity),
        schema.create_table_from_entity(manager::Entity),
        schema.create_table_from_entity(membership::Entity),
    ]
}
