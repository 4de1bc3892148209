//! Tables of orders and their events, and the queries on them.

use crate::db::text::{DbText, from_json, to_json};
use crate::error::{AppError, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, ExprTrait, Iterable, QueryOrder,
    QuerySelect, QueryTrait,
};
use shared::ids::{MemberId, OrderId};
use shared::orders::{Order, OrderTimes};
use shared::time::Timestamp;
use std::collections::{BTreeSet, HashMap};

const CHUNK: usize = 1000;

/// Orders with their lines and receipts.
pub mod order {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "orders")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(unique)]
        pub external_id: String,
        pub member_id: Option<Uuid>,
        pub status: String,
        pub currency: String,
        pub amount: i64,
        pub refunded_amount: i64,
        #[sea_orm(column_type = "Text")]
        pub lines: String,
        #[sea_orm(column_type = "Text")]
        pub receipt: String,
        pub placed_at: Option<i64>,
        pub paid_at: Option<i64>,
        pub shipped_at: Option<i64>,
        pub delivered_at: Option<i64>,
        pub cancelled_at: Option<i64>,
        pub created_at: i64,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Events as they came.
pub mod event {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: String,
        pub order_id: Uuid,
        pub kind: String,
        pub occurred_at: i64,
        pub received_at: i64,
        pub state: String,
        pub content_hash: String,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub refused_code: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An order as the rules see it.
pub fn to_order(row: &order::Model) -> Result<Order> {
    let time = |it: Option<i64>| it.map(Timestamp::from_millis);
    Ok(Order {
        id: OrderId::from(row.id),
        external_id: row.external_id.clone(),
        member: row.member_id.map(MemberId::from),
        currency: row.currency.parse().map_err(AppError::internal)?,
        lines: from_json(&row.lines)?,
        times: OrderTimes {
            placed_at: time(row.placed_at),
            paid_at: time(row.paid_at),
            shipped_at: time(row.shipped_at),
            delivered_at: time(row.delivered_at),
            cancelled_at: time(row.cancelled_at),
        },
        receipt: from_json(&row.receipt)?,
    })
}

/// Orders by the shop's ids, locked until the end of the write on PostgreSQL.
pub async fn lock_by_external(
    db: &impl ConnectionTrait,
    ids: &[&str],
) -> Result<Vec<order::Model>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query =
            order::Entity::find().filter(order::Column::ExternalId.is_in(chunk.iter().copied()));
        found.extend(
            query
                .order_by_asc(order::Column::ExternalId)
                .lock_exclusive()
                .all(db)
                .await?,
        );
    }
    Ok(found)
}

/// Orders by the shop's ids.
pub async fn by_external(db: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<order::Model>> {
    let query = order::Entity::find().filter(order::Column::ExternalId.is_in(ids.iter().copied()));
    Ok(query.all(db).await?)
}

/// Owners of orders by the shop's ids.
pub async fn owners(db: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<MemberId>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = order::Entity::find()
            .select_only()
            .column(order::Column::MemberId)
            .filter(order::Column::ExternalId.is_in(chunk.iter().copied()))
            .filter(order::Column::MemberId.is_not_null());
        let rows: Vec<Uuid> = query.into_tuple().all(db).await?;
        found.extend(rows.into_iter().map(MemberId::from));
    }
    Ok(found)
}

/// The order with this id of ours or of the shop.
pub async fn find(db: &impl ConnectionTrait, reference: &str) -> Result<Option<order::Model>> {
    let query = match reference.parse::<OrderId>() {
        Ok(id) => order::Entity::find_by_id(id.uuid()),
        Err(_) => order::Entity::find().filter(order::Column::ExternalId.eq(reference)),
    };
    Ok(query.one(db).await?)
}

/// Inserts orders, or updates them.
pub async fn save_orders(
    db: &impl ConnectionTrait,
    orders: &[&Order],
    now: Timestamp,
) -> Result<()> {
    use order::Column;
    for chunk in orders.chunks(CHUNK) {
        let rows = chunk
            .iter()
            .map(|it| row(it, now))
            .collect::<Result<Vec<_>>>()?;
        let fixed = |it: &Column| matches!(it, Column::Id | Column::ExternalId | Column::CreatedAt);
        let changes = Column::iter().filter(|it| !fixed(it));
        let conflict = OnConflict::column(Column::Id)
            .update_columns(changes)
            .to_owned();
        order::Entity::insert_many(rows)
            .on_conflict(conflict)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

fn row(it: &Order, now: Timestamp) -> Result<order::ActiveModel> {
    let time = |it: Option<Timestamp>| Set(it.map(Timestamp::as_millis));
    Ok(order::ActiveModel {
        id: Set(it.id.uuid()),
        external_id: Set(it.external_id.clone()),
        member_id: Set(it.member.map(MemberId::uuid)),
        status: Set(it.status().to_db().to_owned()),
        currency: Set(it.currency.to_string()),
        amount: Set(it.amount()),
        refunded_amount: Set(it.refunded_amount()),
        lines: Set(to_json(&it.lines)?),
        receipt: Set(to_json(&it.receipt)?),
        placed_at: time(it.times.placed_at),
        paid_at: time(it.times.paid_at),
        shipped_at: time(it.times.shipped_at),
        delivered_at: time(it.times.delivered_at),
        cancelled_at: time(it.times.cancelled_at),
        created_at: Set(now.as_millis()),
        updated_at: Set(now.as_millis()),
    })
}

/// Events that came before, by their ids.
pub async fn events(db: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<event::Model>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query =
            event::Entity::find().filter(event::Column::EventId.is_in(chunk.iter().copied()));
        found.extend(query.all(db).await?);
    }
    Ok(found)
}

/// Events of orders that wait for others.
pub async fn waiting_events(
    db: &impl ConnectionTrait,
    orders: &[Uuid],
) -> Result<Vec<event::Model>> {
    let mut found = Vec::new();
    for chunk in orders.chunks(CHUNK) {
        let query = event::Entity::find()
            .filter(event::Column::OrderId.is_in(chunk.iter().copied()))
            .filter(event::Column::State.eq("waiting"));
        found.extend(query.all(db).await?);
    }
    Ok(found)
}

/// Events of a member's orders up to and with an instant, newest first, each with the shop's id and
/// the amount of its order.
pub async fn events_of_member(
    db: &impl ConnectionTrait,
    member: MemberId,
    to: Option<Timestamp>,
    limit: u64,
) -> Result<Vec<(event::Model, String, i64)>> {
    let own = sea_orm::sea_query::Query::select()
        .column(order::Column::Id)
        .from(order::Entity)
        .and_where(Expr::col(order::Column::MemberId).eq(member.uuid()))
        .to_owned();
    let mut query = event::Entity::find().filter(event::Column::OrderId.in_subquery(own));
    if let Some(to) = to {
        query = query.filter(event::Column::OccurredAt.lte(to.as_millis()));
    }
    let events = query
        .order_by_desc(event::Column::OccurredAt)
        .order_by_desc(event::Column::ReceivedAt)
        .order_by_desc(event::Column::EventId)
        .limit(limit)
        .all(db)
        .await?;
    let ids: BTreeSet<Uuid> = events.iter().map(|it| it.order_id).collect();
    let orders: Vec<(Uuid, String, i64)> = order::Entity::find()
        .select_only()
        .columns([
            order::Column::Id,
            order::Column::ExternalId,
            order::Column::Amount,
        ])
        .filter(order::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    let orders: HashMap<Uuid, (String, i64)> = orders
        .into_iter()
        .map(|(id, name, amount)| (id, (name, amount)))
        .collect();
    let with_order = |event: event::Model| {
        let (name, amount) = orders.get(&event.order_id)?.clone();
        Some((event, name, amount))
    };
    Ok(events.into_iter().filter_map(with_order).collect())
}

/// Ids of all events of orders, each with its order.
pub async fn event_ids(db: &impl ConnectionTrait, orders: &[Uuid]) -> Result<Vec<(String, Uuid)>> {
    let rows = event::Entity::find()
        .select_only()
        .columns([event::Column::EventId, event::Column::OrderId])
        .filter(event::Column::OrderId.is_in(orders.iter().copied()));
    Ok(rows.into_tuple().all(db).await?)
}

/// When something of orders came back last, by order.
pub async fn returned_at(db: &impl ConnectionTrait, orders: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    use event::Column;
    let mut found = HashMap::new();
    for chunk in orders.chunks(CHUNK) {
        let rows: Vec<(Uuid, Option<i64>)> = event::Entity::find()
            .select_only()
            .column(Column::OrderId)
            .column_as(Column::OccurredAt.max(), "returned_at")
            .filter(Column::OrderId.is_in(chunk.iter().copied()))
            .filter(Column::Kind.is_in(["refunded", "cancelled"]))
            .filter(Column::State.eq("applied"))
            .group_by(Column::OrderId)
            .into_tuple()
            .all(db)
            .await?;
        found.extend(rows.into_iter().filter_map(|(id, at)| Some((id, at?))));
    }
    Ok(found)
}

/// How many orders a member has.
pub async fn count_of(db: &impl ConnectionTrait, member: MemberId) -> Result<u64> {
    use sea_orm::PaginatorTrait;
    let own = order::Entity::find().filter(order::Column::MemberId.eq(member.uuid()));
    Ok(own.count(db).await?)
}

/// Whether one of some orders has changed after `at`.
pub async fn changed_since(
    db: &impl ConnectionTrait,
    orders: &[Uuid],
    at: Timestamp,
) -> Result<bool> {
    for chunk in orders.chunks(CHUNK) {
        let changed = order::Entity::find()
            .filter(order::Column::Id.is_in(chunk.iter().copied()))
            .filter(order::Column::UpdatedAt.gt(at.as_millis()));
        if changed.one(db).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Events of a member's orders, as they came.
pub async fn bodies_of(
    db: &impl ConnectionTrait,
    member: MemberId,
) -> Result<Vec<(String, String)>> {
    let orders = order::Entity::find()
        .select_only()
        .column(order::Column::Id)
        .filter(order::Column::MemberId.eq(member.uuid()));
    let rows = event::Entity::find()
        .select_only()
        .columns([event::Column::EventId, event::Column::Body])
        .filter(event::Column::OrderId.in_subquery(orders.into_query()));
    Ok(rows.into_tuple().all(db).await?)
}

/// Keeps an event without what named the customer.
pub async fn set_body(db: &impl ConnectionTrait, event_id: &str, body: String) -> Result<()> {
    event::Entity::update_many()
        .col_expr(event::Column::Body, Expr::value(body))
        .filter(event::Column::EventId.eq(event_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Inserts events, or updates what became of them.
pub async fn save_events(db: &impl ConnectionTrait, rows: Vec<event::Model>) -> Result<()> {
    use event::Column;
    for chunk in rows.chunks(CHUNK) {
        let rows = chunk
            .iter()
            .map(|it| event::ActiveModel::from(it.clone()).reset_all());
        let conflict = OnConflict::column(Column::EventId)
            .update_columns([Column::State, Column::RefusedCode])
            .to_owned();
        event::Entity::insert_many(rows)
            .on_conflict(conflict)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![
        schema.create_table_from_entity(order::Entity),
        schema.create_table_from_entity(event::Entity),
    ]
}
