//! Tables of the ledger and the queries on them.

use crate::db::rows::parts;
use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, EntityTrait, Iterable, QueryFilter, entity::prelude::*,
};
use shared::ids::{EntryId, LotId, MemberId};
use shared::members::rules::redact;
use shared::points::{Asset, Lot};
use shared::time::Timestamp;
use std::collections::HashSet;

/// Most rows of one INSERT: SQLite binds at most 32,766 values.
const CHUNK: usize = 1000;

/// Balances, one row a member and asset.
pub mod account {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "points_accounts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub asset: String,
        pub available: i64,
        pub pending: i64,
        pub entries: i64,
        pub next_due_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Lots.
pub mod lot {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "lots")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub member_id: Uuid,
        pub asset: String,
        pub entry_id: Uuid,
        pub source_kind: String,
        pub source_ref: String,
        pub amount: i64,
        pub remaining: i64,
        pub clawed: i64,
        pub expired: i64,
        pub absorbed: i64,
        pub active_from: i64,
        pub expires_at: Option<i64>,
        pub active: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The ledger. Rows are only ever added.
pub mod entry {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_entries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub member_id: Uuid,
        pub asset: String,
        pub seq: i64,
        pub kind: String,
        pub amount: i64,
        pub balance_after: i64,
        pub counter_account: String,
        pub source_kind: String,
        pub source_ref: String,
        pub order_ref: Option<String>,
        pub rule_version: Option<i32>,
        pub actor: String,
        pub reason: Option<String>,
        pub reverses: Option<Uuid>,
        pub occurred_at: i64,
        pub recorded_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What entries took from and gave to lots that existed before.
pub mod movement {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "lot_movements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub lot_id: Uuid,
        pub amount: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Manual adjustments.
pub mod adjustment {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "adjustments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub member_id: Uuid,
        pub asset: String,
        pub amount: i64,
        pub reason: String,
        pub expires_at: Option<i64>,
        pub state: String,
        pub requested_by: String,
        pub decided_by: Option<Uuid>,
        pub entry_id: Option<Uuid>,
        pub created_at: i64,
        pub decided_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A lot as the rules see it.
pub fn to_lot(row: &lot::Model) -> Lot {
    Lot {
        id: LotId::from(row.id),
        entry_id: EntryId::from(row.entry_id),
        amount: row.amount,
        remaining: row.remaining,
        clawed: row.clawed,
        expired: row.expired,
        absorbed: row.absorbed,
        active_from: Timestamp::from_millis(row.active_from),
        expires_at: row.expires_at.map(Timestamp::from_millis),
        active: row.active,
    }
}

/// Accounts of members, both assets.
pub async fn accounts(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<account::Model>> {
    let ids = members.iter().map(|it| it.uuid());
    Ok(account::Entity::find()
        .filter(account::Column::MemberId.is_in(ids))
        .all(db)
        .await?)
}

/// Lots of members that are not empty or settled a deficit, and those that are named.
pub async fn open_lots(
    db: &impl ConnectionTrait,
    members: &[MemberId],
    named: &[LotId],
) -> Result<Vec<lot::Model>> {
    let ids = members.iter().map(|it| it.uuid());
    let mut rows = lot::Entity::find()
        .filter(lot::Column::MemberId.is_in(ids))
        .filter(
            sea_orm::Condition::any()
                .add(lot::Column::Remaining.ne(0))
                .add(lot::Column::Absorbed.ne(0)),
        )
        .all(db)
        .await?;
    let missing: Vec<Uuid> = named
        .iter()
        .map(|it| it.uuid())
        .filter(|id| rows.iter().all(|row| row.id != *id))
        .collect();
    for chunk in missing.chunks(CHUNK) {
        rows.extend(
            lot::Entity::find()
                .filter(lot::Column::Id.is_in(chunk.iter().copied()))
                .all(db)
                .await?,
        );
    }
    Ok(rows)
}

/// Lots by their ids.
pub async fn lots_by_id(db: &impl ConnectionTrait, ids: &[LotId]) -> Result<Vec<lot::Model>> {
    let mut rows = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let ids = chunk.iter().map(|it| it.uuid());
        let query = lot::Entity::find().filter(lot::Column::Id.is_in(ids));
        rows.extend(query.all(db).await?);
    }
    Ok(rows)
}

/// Updates what of lots can change.
pub async fn save_lots(db: &impl ConnectionTrait, rows: Vec<lot::ActiveModel>) -> Result<()> {
    use lot::Column;
    let changes = [
        Column::Remaining,
        Column::Clawed,
        Column::Expired,
        Column::Absorbed,
        Column::ExpiresAt,
        Column::Active,
    ];
    for part in parts(rows) {
        let conflict = OnConflict::column(Column::Id)
            .update_columns(changes)
            .to_owned();
        lot::Entity::insert_many(part)
            .on_conflict(conflict)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Inserts accounts, or updates them.
pub async fn save_accounts(
    db: &impl ConnectionTrait,
    rows: Vec<account::ActiveModel>,
) -> Result<()> {
    use account::Column;
    let keys = [Column::MemberId, Column::Asset];
    for part in parts(rows) {
        let changes = Column::iter().filter(|it| !matches!(it, Column::MemberId | Column::Asset));
        let conflict = OnConflict::columns(keys).update_columns(changes).to_owned();
        account::Entity::insert_many(part)
            .on_conflict(conflict)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// What a member spent of an asset since `from`.
pub async fn spent_since(
    db: &impl ConnectionTrait,
    member: MemberId,
    asset: Asset,
    from: Timestamp,
) -> Result<i64> {
    use entry::Column;
    let rows = entry::Entity::find()
        .filter(Column::MemberId.eq(member.uuid()))
        .filter(Column::Asset.eq(asset.to_db()))
        .filter(Column::Kind.is_in(["spend", "restore"]))
        .filter(Column::OccurredAt.gte(from.as_millis()))
        .all(db)
        .await?;
    let spent: HashSet<Uuid> = rows
        .iter()
        .filter(|it| it.amount < 0)
        .map(|it| it.id)
        .collect();
    // What comes back today of an older spend leaves today's limit alone.
    let own =
        |it: &&entry::Model| it.amount < 0 || it.reverses.is_some_and(|it| spent.contains(&it));
    Ok(-rows.iter().filter(own).map(|it| it.amount).sum::<i64>())
}

/// Members whose balances time has changed by `now`, at most `limit`.
pub async fn members_due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<MemberId>> {
    use sea_orm::{QueryOrder, QuerySelect};
    let rows: Vec<Uuid> = account::Entity::find()
        .select_only()
        .column(account::Column::MemberId)
        .filter(account::Column::NextDueAt.lte(now.as_millis()))
        .order_by_asc(account::Column::NextDueAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(MemberId::from).collect())
}

/// Whether a member's ledger has used some lots, other than by their end or by handing them over.
pub async fn used_lots(
    db: &impl ConnectionTrait,
    member: MemberId,
    lots: &HashSet<LotId>,
) -> Result<bool> {
    use sea_orm::{QuerySelect, QueryTrait};
    let lots: Vec<Uuid> = lots.iter().map(|it| it.uuid()).collect();
    for chunk in lots.chunks(CHUNK) {
        let using = entry::Entity::find()
            .select_only()
            .column(entry::Column::Id)
            .filter(entry::Column::MemberId.eq(member.uuid()))
            .filter(entry::Column::Kind.ne("expire"))
            .filter(entry::Column::SourceKind.ne("merge"));
        let found = movement::Entity::find()
            .filter(movement::Column::LotId.is_in(chunk.iter().copied()))
            .filter(movement::Column::EntryId.in_subquery(using.into_query()))
            .one(db)
            .await?;
        if found.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A member's adjustments that wait for a second person.
pub async fn waiting_adjustments(db: &impl ConnectionTrait, member: MemberId) -> Result<Vec<Uuid>> {
    use sea_orm::QuerySelect;
    let rows = adjustment::Entity::find()
        .select_only()
        .column(adjustment::Column::Id)
        .filter(adjustment::Column::MemberId.eq(member.uuid()))
        .filter(adjustment::Column::State.eq("waiting"));
    Ok(rows.into_tuple().all(db).await?)
}

/// Those of some adjustments that still wait for a second person.
pub async fn still_waiting(db: &impl ConnectionTrait, adjustments: &[Uuid]) -> Result<Vec<Uuid>> {
    use sea_orm::QuerySelect;
    let rows = adjustment::Entity::find()
        .select_only()
        .column(adjustment::Column::Id)
        .filter(adjustment::Column::Id.is_in(adjustments.iter().copied()))
        .filter(adjustment::Column::State.eq("waiting"));
    Ok(rows.into_tuple().all(db).await?)
}

/// Rejects a member's adjustments that wait, and takes `traces` out of the reasons of all.
pub async fn end_adjustments(
    db: &impl ConnectionTrait,
    member: MemberId,
    traces: &[String],
) -> Result<()> {
    use adjustment::Column;
    let own = adjustment::Entity::find().filter(Column::MemberId.eq(member.uuid()));
    for row in own.all(db).await? {
        if let Some(reason) = redact(&row.reason, traces) {
            adjustment::Entity::update_many()
                .col_expr(Column::Reason, Expr::value(reason))
                .filter(Column::Id.eq(row.id))
                .exec(db)
                .await?;
        }
    }
    adjustment::Entity::update_many()
        .col_expr(Column::State, Expr::value("rejected"))
        .filter(Column::MemberId.eq(member.uuid()))
        .filter(Column::State.eq("waiting"))
        .exec(db)
        .await?;
    Ok(())
}

/// A lot as it is stored.
pub fn lot_row(
    member: MemberId,
    asset: Asset,
    lot: &Lot,
    source: (&str, &str),
) -> lot::ActiveModel {
    lot::ActiveModel {
        id: Set(lot.id.uuid()),
        member_id: Set(member.uuid()),
        asset: Set(asset.to_db().to_owned()),
        entry_id: Set(lot.entry_id.uuid()),
        source_kind: Set(source.0.to_owned()),
        source_ref: Set(source.1.to_owned()),
        amount: Set(lot.amount),
        remaining: Set(lot.remaining),
        clawed: Set(lot.clawed),
        expired: Set(lot.expired),
        absorbed: Set(lot.absorbed),
        active_from: Set(lot.active_from.as_millis()),
        expires_at: Set(lot.expires_at.map(Timestamp::as_millis)),
        active: Set(lot.active),
    }
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(account::Entity),
        schema.create_table_from_entity(lot::Entity),
        schema.create_table_from_entity(entry::Entity),
        schema.create_table_from_entity(movement::Entity),
        schema.create_table_from_entity(adjustment::Entity),
    ]
}
