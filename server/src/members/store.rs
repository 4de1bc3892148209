//! The table of members and the queries on it.

use crate::db::Tx;
use crate::db::text::{DbText, from_json};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use shared::ids::MemberId;
use shared::members::MemberStatus;
use shared::members::api::Member;
use shared::members::rules::pseudonym;
use shared::text::Locale;
use shared::time::Timestamp;
use std::collections::HashMap;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "members")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub external_id: Option<String>,
    pub name: Option<String>,
    #[sea_orm(unique)]
    pub email: Option<String>,
    #[sea_orm(unique)]
    pub phone: Option<String>,
    pub birthday: Option<String>,
    pub time_zone: String,
    pub locale: String,
    #[sea_orm(column_type = "Text")]
    pub consents: String,
    pub status: String,
    pub password_hash: Option<String>,
    pub auth_epoch: i32,
    #[sea_orm(column_type = "Text")]
    pub search_text: String,
    pub joined_at: i64,
    pub created_at: i64,
    pub updated_at: i64,
    /// Who goes on for a merged member.
    pub merged_into: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A member's record as the API shows it.
pub fn to_member(row: &Model) -> Result<Member> {
    let status = MemberStatus::from_db(&row.status)?;
    Ok(Member {
        id: MemberId::from(row.id),
        external_id: row.external_id.clone(),
        name: row.name.clone(),
        email: row.email.clone(),
        phone: row.phone.clone(),
        birthday: row.birthday.as_deref().and_then(|it| it.parse().ok()),
        time_zone: row.time_zone.clone(),
        locale: Locale::from_db(&row.locale)?,
        consents: from_json(&row.consents)?,
        pseudonym: (status == MemberStatus::Erased).then(|| pseudonym(row.id.into())),
        merged_into: row.merged_into.map(MemberId::from),
        status,
        joined_at: Timestamp::from_millis(row.joined_at),
    })
}

/// What a search looks in: everything a member can be known by, in lower case.
pub fn search_text(row: &Model) -> String {
    let parts = [&row.external_id, &row.name, &row.email, &row.phone];
    parts
        .into_iter()
        .flatten()
        .map(|it| it.to_lowercase())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Members in the order of their ids, locked until the end of the write on PostgreSQL.
pub async fn lock(db: &impl ConnectionTrait, members: &[MemberId]) -> Result<Vec<Model>> {
    let ids = members.iter().map(|it| it.uuid());
    Ok(Entity::find()
        .filter(Column::Id.is_in(ids))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(db)
        .await?)
}

/// The member with this id.
pub async fn find(db: &impl ConnectionTrait, id: MemberId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.uuid()).one(db).await?)
}

/// Ids of members by the shop's own ids; of merged ones, whoever goes on for them.
pub async fn ids_by_external(
    db: &impl ConnectionTrait,
    external: &[String],
) -> Result<Vec<(String, MemberId)>> {
    let found = records_by_external(db, external).await?;
    Ok(found.into_iter().map(|it| (it.0, it.2)).collect())
}

/// Records by the shop's ids, each with who goes on for it.
pub async fn records_by_external(
    db: &impl ConnectionTrait,
    external: &[String],
) -> Result<Vec<(String, MemberId, MemberId)>> {
    let mut found = Vec::new();
    for chunk in external.chunks(1000) {
        let rows: Vec<(Option<String>, Uuid, Option<Uuid>)> = Entity::find()
            .select_only()
            .columns([Column::ExternalId, Column::Id, Column::MergedInto])
            .filter(Column::ExternalId.is_in(chunk.iter().map(String::as_str)))
            .into_tuple()
            .all(db)
            .await?;
        found.extend(rows.into_iter().filter_map(|(external, id, into)| {
            Some((external?, id.into(), into.unwrap_or(id).into()))
        }));
    }
    Ok(found)
}

/// Who goes on for those of these members who ended.
pub async fn led(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<HashMap<MemberId, MemberId>> {
    let mut found = HashMap::new();
    for chunk in members.chunks(1000) {
        let rows: Vec<(Uuid, Uuid)> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::MergedInto])
            .filter(Column::Id.is_in(chunk.iter().map(|it| it.uuid())))
            .filter(Column::MergedInto.is_not_null())
            .into_tuple()
            .all(db)
            .await?;
        let pair = |it: (Uuid, Uuid)| (MemberId::from(it.0), MemberId::from(it.1));
        found.extend(rows.into_iter().map(pair));
    }
    Ok(found)
}

/// Leads members who ended to the one who goes on for them.
pub async fn lead(tx: &Tx, ended: &[Uuid], into: MemberId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::MergedInto, Expr::value(into.uuid()))
        .filter(Column::Id.is_in(ended.iter().copied()))
        .exec(tx)
        .await?;
    for member in ended {
        tx.touch(MemberId::from(*member));
    }
    Ok(())
}

/// Members who ended in this one.
pub async fn ended_in(db: &impl ConnectionTrait, member: MemberId) -> Result<Vec<Model>> {
    let ended = Entity::find().filter(Column::MergedInto.eq(member.uuid()));
    Ok(ended.all(db).await?)
}

/// A member's id, for conditions of other features on members.
pub(crate) fn id_column() -> Expr {
    Expr::col((Entity, Column::Id))
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(Entity),
        schema.create_table_from_entity(super::consent_store::Entity),
        schema.create_table_from_entity(super::merge_store::Entity),
        schema.create_table_from_entity(super::merge_store::moved::Entity),
    ]
}
