//! The tables of rewards and of make-up cards.

use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use shared::ids::MemberId;

/// Rewards that were given.
pub mod grant {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reward_grants")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub member_id: Uuid,
        pub source_kind: String,
        pub source_ref: String,
        pub place: i32,
        pub kind: String,
        pub amount: i64,
        #[sea_orm(column_type = "Text")]
        pub reward: String,
        pub lot_id: Option<Uuid>,
        pub granted_at: i64,
        pub taken_back: i64,
        pub taken_back_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What happened to members' make-up cards; rows are only added.
pub mod card {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "makeup_cards")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub member_id: Uuid,
        pub seq: i32,
        pub amount: i32,
        pub balance_after: i32,
        pub source_kind: String,
        pub source_ref: String,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Rewards of some sources, whoever got them.
pub async fn of_sources(
    db: &impl ConnectionTrait,
    kind: &str,
    references: &[String],
) -> Result<Vec<grant::Model>> {
    let mut found = Vec::new();
    for chunk in references.chunks(1000) {
        let query = grant::Entity::find()
            .filter(grant::Column::SourceKind.eq(kind))
            .filter(grant::Column::SourceRef.is_in(chunk.iter().map(String::as_str)))
            .order_by_asc(grant::Column::SourceRef)
            .order_by_asc(grant::Column::Place);
        found.extend(query.all(db).await?);
    }
    Ok(found)
}

/// Rewards of some sources that one member got.
pub async fn of_member(
    db: &impl ConnectionTrait,
    member: MemberId,
    kind: &str,
    references: &[String],
) -> Result<Vec<grant::Model>> {
    let query = grant::Entity::find()
        .filter(grant::Column::MemberId.eq(member.uuid()))
        .filter(grant::Column::SourceKind.eq(kind))
        .filter(grant::Column::SourceRef.is_in(references.iter().map(String::as_str)))
        .order_by_asc(grant::Column::Place);
    Ok(query.all(db).await?)
}

/// Rewards that are in some lots.
pub async fn of_lots(db: &impl ConnectionTrait, lots: &[Uuid]) -> Result<Vec<grant::Model>> {
    let mut found = Vec::new();
    for chunk in lots.chunks(1000) {
        let query = grant::Entity::find().filter(grant::Column::LotId.is_in(chunk.iter().copied()));
        found.extend(query.all(db).await?);
    }
    Ok(found)
}

/// All rewards of some members.
pub async fn of_members(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<grant::Model>> {
    let ids = members.iter().map(|it| it.uuid());
    let query = grant::Entity::find().filter(grant::Column::MemberId.is_in(ids));
    Ok(query.all(db).await?)
}

/// The newest row of a member's cards.
pub async fn last_card(db: &impl ConnectionTrait, member: MemberId) -> Result<Option<card::Model>> {
    Ok(card::Entity::find()
        .filter(card::Column::MemberId.eq(member.uuid()))
        .order_by_desc(card::Column::Seq)
        .limit(1)
        .one(db)
        .await?)
}

/// All rows of some members' cards, oldest first.
pub async fn cards_of(db: &impl ConnectionTrait, members: &[MemberId]) -> Result<Vec<card::Model>> {
    Ok(card::Entity::find()
        .filter(card::Column::MemberId.is_in(members.iter().map(|it| it.uuid())))
        .order_by_asc(card::Column::MemberId)
        .order_by_asc(card::Column::Seq)
        .all(db)
        .await?)
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(grant::Entity),
        schema.create_table_from_entity(card::Entity),
    ]
}
