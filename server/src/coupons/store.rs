//! Tables of coupons and the queries on them.

use crate::db::text::{from_json, to_json};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};
use shared::coupons::CouponTerms;
use std::collections::{BTreeSet, HashMap};

/// Templates: state and counters. Their terms stand by version beside them.
pub mod template {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "coupon_templates")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub version: i32,
        pub state: String,
        #[sea_orm(unique)]
        pub public_code: Option<String>,
        pub claimable: bool,
        #[sea_orm(column_type = "Text")]
        pub search_text: String,
        pub issued: i64,
        pub committed_uses: i64,
        pub committed_amount: i64,
        pub redeemed_uses: i64,
        pub redeemed_amount: i64,
        pub created_at: i64,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Terms by version. Rows are only ever added.
pub mod terms {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "coupon_terms")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub template_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub created_by: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What members hold.
pub mod coupon {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "coupons")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub template_id: Uuid,
        pub version: i32,
        pub member_id: Uuid,
        #[sea_orm(unique)]
        pub code: String,
        pub source_kind: String,
        pub source_ref: String,
        pub issue_slot: i64,
        pub member_slot: Option<i64>,
        pub valid_from: i64,
        pub expires_at: i64,
        pub uses_max: i64,
        pub used: i64,
        pub reserved: i64,
        pub revoked_at: Option<i64>,
        pub revoked_by: Option<String>,
        pub issued_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Checkouts that hold or used coupons, points and credit.
pub mod reservation {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "coupon_reservations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub session_key: String,
        #[sea_orm(unique)]
        pub open_session: Option<String>,
        pub member_id: Uuid,
        pub state: String,
        pub order_ref: Option<String>,
        pub expires_at: i64,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub actor: String,
        pub created_at: i64,
        pub ended_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Uses of coupons, each in numbered slots while it counts.
pub mod usage {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "coupon_uses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub reservation_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub coupon_id: Uuid,
        pub template_id: Uuid,
        pub member_id: Uuid,
        pub coupon_slot: Option<i64>,
        pub template_slot: Option<i64>,
        pub member_slot: Option<i64>,
        pub state: String,
        pub amount: i64,
        pub order_ref: Option<String>,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Batches of codes.
pub mod batch {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "coupon_code_batches")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub template_id: Uuid,
        pub imported: bool,
        pub wanted: i64,
        pub made: i64,
        pub state: String,
        #[sea_orm(column_type = "Text")]
        pub bad_lines: String,
        pub bad_count: i64,
        pub created_by: String,
        pub created_at: i64,
        pub finished_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Codes that one member can type in once.
pub mod code {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "coupon_codes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub batch_id: Uuid,
        pub coupon_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Templates, taken for the rest of the write on PostgreSQL, always in the same order.
pub async fn lock_templates(
    db: &impl ConnectionTrait,
    ids: &BTreeSet<Uuid>,
) -> Result<Vec<template::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(template::Entity::find()
        .filter(template::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(template::Column::Id)
        .lock_exclusive()
        .all(db)
        .await?)
}

/// Templates, to look at.
pub async fn templates(
    db: &impl ConnectionTrait,
    ids: &BTreeSet<Uuid>,
) -> Result<Vec<template::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = template::Entity::find().filter(template::Column::Id.is_in(ids.iter().copied()));
    Ok(query.all(db).await?)
}

/// Versions of terms, by template and version.
pub async fn terms_of(
    db: &impl ConnectionTrait,
    wanted: &BTreeSet<(Uuid, i32)>,
) -> Result<HashMap<(Uuid, i32), CouponTerms>> {
    let mut found = HashMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    let mut query = terms::Entity::find();
    if let Some((template, version)) = wanted.first().filter(|_| wanted.len() == 1) {
        query = query
            .filter(terms::Column::TemplateId.eq(*template))
            .filter(terms::Column::Version.eq(*version));
    } else {
        let ids: BTreeSet<Uuid> = wanted.iter().map(|it| it.0).collect();
        let versions: BTreeSet<i32> = wanted.iter().map(|it| it.1).collect();
        query = query
            .filter(terms::Column::TemplateId.is_in(ids))
            .filter(terms::Column::Version.is_in(versions));
    }
    for row in query.all(db).await? {
        let key = (row.template_id, row.version);
        if wanted.contains(&key) {
            found.insert(key, from_json(&row.body)?);
        }
    }
    Ok(found)
}

/// Adds codes to a batch in one statement, whatever their number; those that exist are left alone.
/// Answers how many were added. The codes are letters and digits.
pub async fn add_codes(db: &impl ConnectionTrait, batch: Uuid, codes: &[String]) -> Result<u64> {
    let list = to_json(&codes)?;
    let backend = db.get_database_backend();
    let sql = match backend {
        sea_orm::DatabaseBackend::Postgres => {
            "INSERT INTO coupon_codes (code, batch_id) \
             SELECT value, $1 FROM json_array_elements_text($2::json) ON CONFLICT (code) DO NOTHING"
        }
        _ => {
            "INSERT INTO coupon_codes (code, batch_id) \
             SELECT value, ? FROM json_each(?) WHERE true ON CONFLICT (code) DO NOTHING"
        }
    };
    let statement =
        sea_orm::Statement::from_sql_and_values(backend, sql, [batch.into(), list.into()]);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

/// Codes of a batch after one of them.
pub async fn codes_after(
    db: &impl ConnectionTrait,
    batch: Uuid,
    after: &str,
    limit: u64,
) -> Result<Vec<code::Model>> {
    Ok(code::Entity::find()
        .filter(code::Column::BatchId.eq(batch))
        .filter(code::Column::Code.gt(after))
        .order_by_asc(code::Column::Code)
        .limit(limit)
        .all(db)
        .await?)
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(template::Entity),
        schema.create_table_from_entity(terms::Entity),
        schema.create_table_from_entity(coupon::Entity),
        schema.create_table_from_entity(reservation::Entity),
        schema.create_table_from_entity(usage::Entity),
        schema.create_table_from_entity(batch::Entity),
        schema.create_table_from_entity(code::Entity),
    ]
}
