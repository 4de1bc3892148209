//! Tables of flash sales and the queries on them.
//!
//! Whoever changes anything about the stock or the claims of a sale takes the sale's row first and
//! raises its revision, so that there is one order for everything that happens in it, and whoever
//! has read it knows whether that still holds. The number of a claim is the number
//! of its sale and its place among the sale's claims: claims of a sale lie beside each other.

use crate::db::Tx;
use crate::db::rows::{among, parts};
use crate::db::text::{DbText, from_json};
use crate::error::{AppError, Result};
use sea_orm::ExprTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, PaginatorTrait, QueryOrder, QuerySelect};
use shared::ids::{CommunityId, FlashClaimId, FlashSaleId, MemberId};
use shared::problem::ErrorCode;
use shared::sales::rules::SaleNow;
use shared::sales::{ClaimReason, ClaimState, SaleDefinition, SaleState};
use shared::time::Timestamp;
use std::collections::BTreeMap;

/// Bits of a claim's number that say which of its sale's claims it is.
const SEQ_BITS: u32 = 32;

/// Sales.
pub mod sale {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "flash_sales")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(unique)]
        pub number: i64,
        pub series_id: Uuid,
        pub version: i32,
        pub state: String,
        pub paused: bool,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        /// When it opens for the first.
        pub opens_at: i64,
        pub starts_at: i64,
        pub ends_at: i64,
        /// How many claims it has had.
        pub claims: i64,
        /// Up to which claim deadlines have passed.
        pub swept: i64,
        /// Grows with every change of the sale, its stock and its claims.
        pub revision: i64,
        /// Whether the sale of the next week was made, or there is none.
        pub followed: bool,
        pub created_by: String,
        pub created_at: i64,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Communities that sales name.
pub mod audience {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "flash_sale_communities")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub sale_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub community_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Stock.
pub mod product {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "flash_sale_products")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub sale_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: i32,
        pub stock: i64,
        pub held: i64,
        pub sold: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl product::Model {
    /// Pieces that can be had.
    pub fn free(&self) -> i64 {
        self.stock - self.held - self.sold
    }
}

/// What the members of communities have of a product.
pub mod share {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "flash_sale_shares")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub sale_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub community_id: Uuid,
        pub taken: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Claims.
pub mod claim {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "flash_claims")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub member_id: Uuid,
        pub sale_number: i64,
        /// The key of the intent that made it.
        pub intent: String,
        pub place: i32,
        pub quantity: i64,
        pub tier: String,
        pub community_id: Option<Uuid>,
        pub state: String,
        pub reason: String,
        pub claimed_at: i64,
        pub pay_by: i64,
        pub order_ref: Option<String>,
        pub settled_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl claim::Model {
    /// Whether its pieces are taken from the stock.
    pub fn is_seated(&self) -> bool {
        [ClaimState::Held, ClaimState::Paid]
            .map(DbText::to_db)
            .contains(&self.state.as_str())
    }
}

/// Members who want to hear before a sale opens.
pub mod reminder {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "flash_sale_reminders")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub sale_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        pub due_at: i64,
        pub told: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who looked at a sale, and who wanted something when nothing was left.
pub mod interest {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "flash_sale_interests")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub sale_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        pub tier: String,
        pub community_id: Option<Uuid>,
        pub missed: bool,
        pub seen_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How many claims were refused, by the code of the answer.
pub mod refusal {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "flash_sale_refusals")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub sale_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub count: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The id of a claim as callers see it.
pub fn claim_id(id: i64) -> FlashClaimId {
    Uuid::from_u128(u128::from(id.unsigned_abs())).into()
}

/// The number of a claim whose id a caller sent.
pub fn claim_number(id: FlashClaimId) -> Option<i64> {
    i64::try_from(id.uuid().as_u128()).ok()
}

/// The number of one of a sale's claims.
pub const fn claim_at(sale: i64, seq: i64) -> i64 {
    (sale << SEQ_BITS) | seq
}

/// The sale of a claim.
pub const fn sale_of(claim: i64) -> i64 {
    claim >> SEQ_BITS
}

/// A sale as it is read.
#[derive(Debug, Clone)]
pub struct Sale {
    /// Its row.
    pub row: sale::Model,
    /// What staff did with it.
    pub state: SaleState,
    /// What staff wrote.
    pub definition: SaleDefinition,
}

impl Sale {
    /// Reads a row.
    pub fn of(row: sale::Model) -> Result<Self> {
        Ok(Self {
            state: SaleState::from_db(&row.state)?,
            definition: from_json(&row.body)?,
            row,
        })
    }

    /// Its id.
    pub fn id(&self) -> FlashSaleId {
        self.row.id.into()
    }

    /// The sale as rules see it.
    pub fn now(&self) -> SaleNow<'_> {
        SaleNow {
            definition: &self.definition,
            state: self.state,
            paused: self.row.paused,
        }
    }

    /// Place of a product.
    pub fn place(&self, sku: &str) -> Option<usize> {
        self.definition.products.iter().position(|it| it.sku == sku)
    }
}

/// A sale.
pub async fn find(db: &impl ConnectionTrait, id: FlashSaleId) -> Result<Sale> {
    let row = sale::Entity::find_by_id(id.uuid()).one(db).await?;
    Sale::of(row.ok_or(ErrorCode::SaleNotFound)?)
}

/// A sale, taken for the rest of the write.
pub async fn lock(db: &impl ConnectionTrait, id: FlashSaleId) -> Result<Sale> {
    let query = sale::Entity::find_by_id(id.uuid()).lock_exclusive();
    Sale::of(query.one(db).await?.ok_or(ErrorCode::SaleNotFound)?)
}

/// Sales by number, taken for the rest of the write in the order of their numbers.
pub async fn lock_numbers(db: &impl ConnectionTrait, numbers: &[i64]) -> Result<Vec<Sale>> {
    let query = sale::Entity::find()
        .filter(sale::Column::Number.is_in(numbers.iter().copied()))
        .order_by_asc(sale::Column::Number)
        .lock_exclusive();
    let rows = query.all(db).await?;
    rows.into_iter().map(Sale::of).collect()
}

/// The sales that follow one in its series and begin after it, taken for the rest of the write.
pub async fn lock_later(db: &impl ConnectionTrait, after: &sale::Model) -> Result<Vec<Sale>> {
    let query = sale::Entity::find()
        .filter(sale::Column::SeriesId.eq(after.series_id))
        .filter(sale::Column::Number.gt(after.number))
        .filter(sale::Column::StartsAt.gt(after.starts_at))
        .filter(sale::Column::State.eq(SaleState::Scheduled.to_db()))
        .order_by_asc(sale::Column::Number)
        .lock_exclusive();
    let rows = query.all(db).await?;
    rows.into_iter().map(Sale::of).collect()
}

/// Sales by number.
pub async fn by_numbers(db: &impl ConnectionTrait, numbers: &[i64]) -> Result<Vec<Sale>> {
    let query = sale::Entity::find().filter(sale::Column::Number.is_in(numbers.iter().copied()));
    let rows = query.all(db).await?;
    rows.into_iter().map(Sale::of).collect()
}

/// The stock of a sale, in the order of its products.
pub async fn products(db: &impl ConnectionTrait, sale: Uuid) -> Result<Vec<product::Model>> {
    let query = product::Entity::find()
        .filter(product::Column::SaleId.eq(sale))
        .order_by_asc(product::Column::Place);
    Ok(query.all(db).await?)
}

/// Whether anything of a sale can still be had.
pub async fn has_any(db: &impl ConnectionTrait, sale: Uuid) -> Result<bool> {
    Ok(products(db, sale).await?.iter().any(|it| it.free() > 0))
}

/// What communities have of a sale.
pub async fn shares(db: &impl ConnectionTrait, sale: Uuid) -> Result<Vec<share::Model>> {
    let query = share::Entity::find().filter(share::Column::SaleId.eq(sale));
    Ok(query.all(db).await?)
}

/// All that members have ever claimed in a sale.
pub async fn claims_of(
    db: &impl ConnectionTrait,
    sale_number: i64,
    members: &[MemberId],
) -> Result<Vec<claim::Model>> {
    let ids = members.iter().map(|it| it.uuid());
    let query = claim::Entity::find()
        .filter(among(db, claim::Column::MemberId, ids))
        .filter(claim::Column::SaleNumber.eq(sale_number));
    Ok(query.all(db).await?)
}

/// Claims by number.
pub async fn claims_by_id(db: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<claim::Model>> {
    let query = claim::Entity::find()
        .filter(claim::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(claim::Column::Id);
    Ok(query.all(db).await?)
}

/// Claims of a sale after one of them, in their order.
pub async fn claims_after(
    db: &impl ConnectionTrait,
    row: &sale::Model,
    seq: i64,
    limit: u64,
) -> Result<Vec<claim::Model>> {
    let query = claim::Entity::find()
        .filter(claim::Column::Id.gt(claim_at(row.number, seq)))
        .filter(claim::Column::Id.lte(claim_at(row.number, row.claims)))
        .order_by_asc(claim::Column::Id)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// How many claims of a sale are held although their deadline was seen to pass.
pub async fn overdue(db: &impl ConnectionTrait, row: &sale::Model) -> Result<u64> {
    let query = claim::Entity::find()
        .filter(claim::Column::Id.gt(claim_at(row.number, 0)))
        .filter(claim::Column::Id.lte(claim_at(row.number, row.swept)))
        .filter(claim::Column::State.eq(ClaimState::Held.to_db()));
    Ok(query.count(db).await?)
}

/// Moves pieces of a product between free, held and sold. The database refuses more than there
/// are, whoever counted wrong.
pub async fn shift(
    db: &impl ConnectionTrait,
    (sale, place): (Uuid, i32),
    held: i64,
    sold: i64,
) -> Result<()> {
    use product::Column;
    let moved = product::Entity::update_many()
        .col_expr(Column::Held, Expr::col(Column::Held).add(held))
        .col_expr(Column::Sold, Expr::col(Column::Sold).add(sold))
        .filter(Column::SaleId.eq(sale))
        .filter(Column::Place.eq(place))
        .filter(
            Expr::col(Column::Stock)
                .sub(Expr::col(Column::Held))
                .sub(Expr::col(Column::Sold))
                .gte(held + sold),
        )
        .exec(db)
        .await?;
    if moved.rows_affected == 1 {
        Ok(())
    } else {
        Err(AppError::internal(
            "a flash sale was asked for more than it has",
        ))
    }
}

/// Counts what the members of communities have more, by product and community.
pub async fn add_shares(
    db: &impl ConnectionTrait,
    sale: Uuid,
    shares: BTreeMap<(i32, CommunityId), i64>,
) -> Result<()> {
    use share::Column;
    let row = |((place, community), more): ((i32, CommunityId), i64)| share::ActiveModel {
        sale_id: Set(sale),
        place: Set(place),
        community_id: Set(community.uuid()),
        taken: Set(more),
    };
    let sum = Expr::col((share::Entity, Column::Taken)).add(Expr::cust("excluded.taken"));
    let columns = [Column::SaleId, Column::Place, Column::CommunityId];
    for part in parts(shares.into_iter().map(row).collect()) {
        let known = OnConflict::columns(columns)
            .value(Column::Taken, sum.clone())
            .to_owned();
        share::Entity::insert_many(part)
            .on_conflict(known)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Counts what the members of a community have less of a product.
pub async fn take_share(
    db: &impl ConnectionTrait,
    (sale, place): (Uuid, i32),
    community: CommunityId,
    less: i64,
) -> Result<()> {
    use share::Column;
    share::Entity::update_many()
        .col_expr(Column::Taken, Expr::col(Column::Taken).sub(less))
        .filter(Column::SaleId.eq(sale))
        .filter(Column::Place.eq(place))
        .filter(Column::CommunityId.eq(community.uuid()))
        .exec(db)
        .await?;
    Ok(())
}

/// Counts new claims and takes the sale for the rest of the write, if nothing has happened in it
/// since it was read; says whether.
pub async fn count_if_unchanged(tx: &Tx, seen: &sale::Model, claims: i64) -> Result<bool> {
    use sale::Column;
    tx.touch_sale(seen.id.into());
    let counted = sale::Entity::update_many()
        .col_expr(Column::Claims, Expr::col(Column::Claims).add(claims))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .filter(Column::Id.eq(seen.id))
        .filter(Column::Revision.eq(seen.revision))
        .exec(tx)
        .await?;
    Ok(counted.rows_affected == 1)
}

/// Counts new claims, and says that the stock changed.
pub async fn advance(tx: &Tx, sale: Uuid, claims: i64) -> Result<()> {
    use sale::Column;
    tx.touch_sale(sale.into());
    sale::Entity::update_many()
        .col_expr(Column::Claims, Expr::col(Column::Claims).add(claims))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .filter(Column::Id.eq(sale))
        .exec(tx)
        .await?;
    Ok(())
}

/// Says where claims stand from now on.
pub async fn settle(
    db: &impl ConnectionTrait,
    ids: &[i64],
    reason: ClaimReason,
    order: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    use claim::Column;
    for chunk in ids.chunks(500) {
        let mut update = claim::Entity::update_many()
            .col_expr(Column::State, Expr::value(reason.state().to_db()))
            .col_expr(Column::Reason, Expr::value(reason.to_db()))
            .col_expr(Column::SettledAt, Expr::value(now.as_millis()));
        if let Some(order) = order {
            update = update.col_expr(Column::OrderRef, Expr::value(order));
        }
        update
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Members who looked at a sale, by tier and community: how many, and how many of them wanted
/// something when nothing was left and have nothing of the sale.
pub async fn interests(
    db: &impl ConnectionTrait,
    sale: &sale::Model,
) -> Result<Vec<(String, Option<Uuid>, i64, i64)>> {
    use interest::Column;
    let missed = format!(
        "CAST(SUM(CASE WHEN missed AND NOT EXISTS (SELECT 1 FROM flash_claims \
         WHERE flash_claims.member_id = flash_sale_interests.member_id \
         AND flash_claims.sale_number = {} AND flash_claims.state IN ('held', 'paid')) \
         THEN 1 ELSE 0 END) AS BIGINT)",
        sale.number
    );
    let query = interest::Entity::find()
        .select_only()
        .columns([Column::Tier, Column::CommunityId])
        .expr_as(Expr::cust("COUNT(*)"), "visitors")
        .expr_as(Expr::cust(missed), "missed")
        .filter(Column::SaleId.eq(sale.id))
        .group_by(Column::Tier)
        .group_by(Column::CommunityId)
        .order_by_asc(Column::Tier);
    Ok(query.into_tuple().all(db).await?)
}

/// The number of the next sale.
pub async fn next_number(db: &impl ConnectionTrait) -> Result<i64> {
    let newest: Option<i64> = sale::Entity::find()
        .select_only()
        .column(sale::Column::Number)
        .order_by_desc(sale::Column::Number)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(newest.unwrap_or(0) + 1)
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(sale::Entity),
        schema.create_table_from_entity(audience::Entity),
        schema.create_table_from_entity(product::Entity),
        schema.create_table_from_entity(share::Entity),
        schema.create_table_from_entity(claim::Entity),
        schema.create_table_from_entity(reminder::Entity),
        schema.create_table_from_entity(interest::Entity),
        schema.create_table_from_entity(refusal::Entity),
    ]
}
