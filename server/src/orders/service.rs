//! Use cases of orders.

mod intake;

pub use intake::{claim_event, is_ahead, take, take_all};

use super::store;
use crate::App;
use crate::coupons;
use crate::db::text::{DbText, from_json, to_json};
use crate::db::{Cursor, Direction, Listing, Tx, try_map};
use crate::error::{AppError, Result};
use crate::members;
use crate::members::service::{Erasure, ExportWriter, Move};
use crate::points::service::{self as points, lot_dates};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{ConnectionTrait, ExprTrait, QueryOrder, QuerySelect};
use shared::ids::{MemberId, OrderId};
use shared::members::api::{MemberOrderEvent, MergeBlock, MovedKind};
use shared::orders::Order;
use shared::orders::api::{
    Contents, EarnForecast, EventKind, EventResult, EventState, OrderEvent, OrderView,
};
use shared::orders::rules::{announced, check_contents};
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use std::collections::HashMap;

/// Takes one event and, when it names a reservation, uses what that holds for the order: both or
/// neither. An event that was sent before uses nothing again.
///
/// # Errors
/// As [`take`], and why the reservation cannot be used.
pub async fn take_with_reservation(
    tx: &Tx,
    app: &App,
    event: &OrderEvent,
    actor: &str,
) -> Result<EventResult> {
    let result = take(tx, app, event, actor).await?;
    if let Some(reservation) = event.reservation
        && result.state != EventState::Duplicate
    {
        coupons::service::redeem(tx, app, reservation, &event.order_id).await?;
    }
    Ok(result)
}

/// An order as the API shows it.
fn view(order: Order, waiting_events: Vec<String>) -> OrderView {
    OrderView {
        id: order.id,
        member_id: order.member,
        status: order.status(),
        currency: order.currency,
        amount: order.amount(),
        refunded_amount: order.refunded_amount(),
        external_id: order.external_id,
        lines: order.lines,
        times: order.times,
        receipt: order.receipt,
        waiting_events,
    }
}

/// The order with this id of ours (`ord_…`) or of the shop, with its receipt.
///
/// # Errors
/// `orders.not_found`.
pub async fn get(db: &impl ConnectionTrait, reference: &str) -> Result<OrderView> {
    let row = store::find(db, reference)
        .await?
        .ok_or(ErrorCode::OrderNotFound)?;
    let waiting = store::waiting_events(db, &[row.id]).await?;
    Ok(view(
        store::to_order(&row)?,
        waiting.into_iter().map(|it| it.event_id).collect(),
    ))
}

/// A member's orders, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_member(
    app: &App,
    member: MemberId,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<OrderView>> {
    use store::order::{Column, Entity};
    let query = Entity::find().filter(Column::MemberId.eq(member.uuid()));
    let list = Listing::newest_first(Column::CreatedAt, Column::Id, limit, cursor);
    let place = |it: &store::order::Model| Cursor {
        key: it.created_at,
        id: it.id,
    };
    let page = list.read(app.db.read(), query, place).await?;
    let ids: Vec<Uuid> = page.data.iter().map(|it| it.id).collect();
    let waiting = store::waiting_events(app.db.read(), &ids).await?;
    try_map(page, |it| {
        let own = waiting.iter().filter(|event| event.order_id == it.id);
        let own = own.map(|event| event.event_id.clone()).collect();
        Ok(view(store::to_order(&it)?, own))
    })
}

/// When a member last paid an order: a figure for queries on members.
pub(crate) fn last_paid_expr(member: Expr) -> Expr {
    use store::order::{Column, Entity};
    let query = Query::select()
        .expr(Expr::col((Entity, Column::PaidAt)).max())
        .from(Entity)
        .and_where(Expr::col((Entity, Column::MemberId)).eq(member))
        .to_owned();
    Expr::SubQuery(None, Box::new(query.into()))
}

/// When members last paid an order; those who never did are left out.
///
/// # Errors
/// When the database fails.
pub async fn last_paid_of(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<HashMap<MemberId, Timestamp>> {
    use store::order::{Column, Entity};
    let rows: Vec<(Uuid, Option<i64>)> = Entity::find()
        .select_only()
        .column(Column::MemberId)
        .column_as(Column::PaidAt.max(), "last_paid")
        .filter(Column::MemberId.is_in(members.iter().map(|it| it.uuid())))
        .group_by(Column::MemberId)
        .into_tuple()
        .all(db)
        .await?;
    let paid = |(id, at): (Uuid, Option<i64>)| Some((id.into(), Timestamp::from_millis(at?)));
    Ok(rows.into_iter().filter_map(paid).collect())
}

/// What happened to a member's orders up to and with an instant, newest first.
///
/// # Errors
/// When the database fails.
pub async fn events_until(
    db: &impl ConnectionTrait,
    member: MemberId,
    to: Option<Timestamp>,
    limit: u64,
) -> Result<Vec<(Timestamp, MemberOrderEvent)>> {
    let rows = store::events_of_member(db, member, to, limit).await?;
    let mut events = Vec::with_capacity(rows.len());
    for (event, order, amount) in rows {
        let item = MemberOrderEvent {
            kind: EventKind::from_db(&event.kind)?,
            order_id: event.order_id.into(),
            order,
            amount,
            applied: event.state == "applied",
            refused_code: event.refused_code,
            event_id: event.event_id,
        };
        events.push((Timestamp::from_millis(event.occurred_at), item));
    }
    Ok(events)
}

/// Orders that were paid from the first instant to the second, in the order in which they were paid,
/// after a place in that order; each with its place.
///
/// # Errors
/// When the database fails.
pub async fn paid_between(
    db: &impl ConnectionTrait,
    (from, to): (Timestamp, Timestamp),
    after: Option<Cursor>,
    limit: u64,
) -> Result<Vec<(Cursor, Order)>> {
    use store::order::{Column, Entity};
    let query = Entity::find()
        .filter(Column::PaidAt.gte(from.as_millis()))
        .filter(Column::PaidAt.lte(to.as_millis()));
    let keys = (Column::PaidAt.into_expr(), Column::Id.into_expr());
    let list = Listing::new(keys, Direction::Up, limit, after);
    let rows = list.apply(query).all(db).await?;
    let placed = |row: &store::order::Model| {
        let place = Cursor {
            key: row.paid_at.unwrap_or_default(),
            id: row.id,
        };
        Ok((place, store::to_order(row)?))
    };
    rows.iter().map(placed).collect()
}

/// A member's orders, for an export.
///
/// # Errors
/// When the database fails, or nobody reads any more.
pub async fn export(app: &App, member: MemberId, to: &mut ExportWriter) -> Result<()> {
    to.pages("orders", |limit, cursor| {
        Box::pin(of_member(app, member, limit, cursor))
    })
    .await
}

/// How many orders a member has.
///
/// # Errors
/// When the database fails.
pub async fn count_of(db: &impl ConnectionTrait, member: MemberId) -> Result<u64> {
    store::count_of(db, member).await
}

/// Hands orders over with a merge of members, or back.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(tx: &Tx, it: &mut Move) -> Result<()> {
    use store::order::{Column, Entity};
    let columns = (Column::Id, Column::MemberId);
    let orders = it
        .hand_over_all::<Entity>(tx, MovedKind::Orders, columns)
        .await?;
    if it.is_undo() {
        let changed = store::changed_since(tx, &orders, it.merged_at()).await?;
        it.block_if(MergeBlock::Orders, changed);
    }
    Ok(())
}

/// Takes the name of an erased member's customer out of the events behind the orders. The orders
/// stay, with the pseudonym.
///
/// # Errors
/// When the database fails.
pub async fn forget_member(tx: &Tx, erasure: &Erasure) -> Result<()> {
    for (event_id, body) in store::bodies_of(tx, erasure.member).await? {
        let mut event: OrderEvent = from_json(&body)?;
        let named = event.order.as_mut().and_then(|it| it.member.take());
        if named.is_some() {
            store::set_body(tx, &event_id, to_json(&event)?).await?;
        }
    }
    Ok(())
}

/// Whether there is any order.
///
/// # Errors
/// When the database fails.
pub async fn any(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(store::order::Entity::find()
        .limit(1)
        .one(db)
        .await?
        .is_some())
}

/// Takes the order that the shop calls `external_id`, or begins one of which only the id is known.
///
/// # Errors
/// `orders.already_claimed` when it belongs to another member.
pub async fn load_or_announce(
    tx: &Tx,
    app: &App,
    external_id: &str,
    member: MemberId,
) -> Result<Order> {
    let row = store::lock_by_external(tx, &[external_id])
        .await?
        .into_iter()
        .next();
    let mut order = match row {
        Some(row) => store::to_order(&row)?,
        None => {
            let currency = app.rulebook().programme.currency;
            announced(
                OrderId::generate(&mut tx.ids()),
                external_id.to_owned(),
                currency,
            )
        }
    };
    match order.member {
        Some(owner) if owner != member => return Err(ErrorCode::OrderAlreadyClaimed.into()),
        _ => order.member = Some(member),
    }
    Ok(order)
}

/// Keeps an order.
///
/// # Errors
/// When the database refuses it.
pub async fn save(tx: &Tx, order: &Order) -> Result<()> {
    store::save_orders(tx, &[order], tx.now()).await
}

/// Gives a guest's order to a member, who then earns as of when it was paid.
///
/// # Errors
/// `orders.not_found`, `orders.already_claimed`, `members.not_found`.
pub async fn claim(
    tx: &Tx,
    app: &App,
    reference: &str,
    member: MemberId,
    actor: &str,
) -> Result<OrderView> {
    let row = store::find(tx, reference)
        .await?
        .ok_or(ErrorCode::OrderNotFound)?;
    intake::claim(tx, app, &row.external_id, member, actor).await?;
    let detail = serde_json::json!({ "order": row.external_id });
    crate::audit::service::record(tx, actor, "order.claimed", &member.to_string(), &detail).await?;
    get(tx, &row.external_id).await
}

/// What an order would earn for a member who pays it now, on the real path, without anything
/// being kept.
///
/// # Errors
/// `request.invalid`, `members.not_found`.
pub async fn simulate_earn(app: &App, contents: Contents) -> Result<EarnForecast> {
    let errors = check_contents(&contents, app.rulebook().programme.currency, "/order");
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    if contents.member.is_none() {
        return Err(AppError::invalid_field(
            "/order/member",
            "required",
            "say whose order it would be",
        ));
    }
    app.db
        .dry_run((app.clone(), contents), |tx, (app, contents)| {
            Box::pin(forecast(tx, app, contents))
        })
        .await
}

async fn forecast(tx: &Tx, app: &App, contents: &Contents) -> Result<EarnForecast> {
    let id = OrderId::generate(&mut tx.ids()).to_string();
    let event = OrderEvent {
        reservation: None,
        event_id: format!("simulation-{id}"),
        order_id: format!("simulation-{id}"),
        occurred_at: tx.now(),
        kind: EventKind::Paid,
        order: Some(contents.clone()),
        refunds: Vec::new(),
    };
    let member = contents.member.as_deref().unwrap_or_default();
    let member = members::service::resolve(tx, member).await?;
    let tier_code_before = crate::tiers::service::stored_code(tx, member).await?;
    take(tx, app, &event, "system").await?;
    let order = get(tx, &event.order_id).await?;
    let receipt = order.receipt.earned.ok_or(ErrorCode::MemberNotFound)?;
    let member =
        members::service::get(tx, order.member_id.ok_or(ErrorCode::MemberNotFound)?).await?;
    let rulebook = app.rulebook();
    let zone = rulebook.zone_of(&member.time_zone);
    let (active_from, expires_at) =
        lot_dates(points::policy_at(&rulebook, tx.now()).1, &zone, tx.now());
    Ok(EarnForecast {
        points: receipt.lines.iter().map(|it| it.points).sum(),
        growth: receipt.lines.iter().map(|it| it.growth).sum(),
        active_from,
        expires_at,
        tier_code_before,
        tier_code_after: crate::tiers::service::stored_code(tx, member.id).await?,
        receipt,
    })
}

/// Orders by the shop's ids; unknown ones are left out.
///
/// # Errors
/// When the database fails.
pub async fn by_external(db: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<Order>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(500) {
        for row in store::by_external(db, chunk).await? {
            found.push(store::to_order(&row)?);
        }
    }
    Ok(found)
}

/// The place of an order among those that members have paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OrderPlace {
    /// Whose it is.
    pub member: MemberId,
    /// When it was paid.
    pub paid_at: Timestamp,
    /// Which one it is.
    pub order: OrderId,
}

/// An order that a member has paid.
#[derive(Debug, Clone)]
pub struct PaidOrder {
    /// Its place.
    pub place: OrderPlace,
    /// The order.
    pub order: Order,
    /// When what came back of it came back last.
    pub returned_at: Option<Timestamp>,
}

/// Up to `limit` orders that members have paid, by member and in the order of time, after a place.
///
/// # Errors
/// When the database fails.
pub async fn paid_by(
    db: &impl ConnectionTrait,
    members: &[MemberId],
    after: Option<OrderPlace>,
    limit: u64,
) -> Result<Vec<PaidOrder>> {
    use store::order::{Column, Entity};
    let mut query = Entity::find()
        .filter(Column::MemberId.is_in(members.iter().map(|it| it.uuid())))
        .filter(Column::PaidAt.is_not_null());
    if let Some(it) = after {
        let (member, paid_at) = (it.member.uuid(), it.paid_at.as_millis());
        let same_time = Column::PaidAt
            .eq(paid_at)
            .and(Column::Id.gt(it.order.uuid()));
        let later = Column::PaidAt.gt(paid_at).or(same_time);
        let same_member = Column::MemberId.eq(member).and(later);
        query = query.filter(Column::MemberId.gt(member).or(same_member));
    }
    let rows = query
        .order_by_asc(Column::MemberId)
        .order_by_asc(Column::PaidAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    let returned: Vec<Uuid> = rows
        .iter()
        .filter(|it| it.refunded_amount > 0)
        .map(|it| it.id)
        .collect();
    let times = store::returned_at(db, &returned).await?;
    let found = |it: &store::order::Model| {
        let at = times.get(&it.id).copied().or(it.cancelled_at);
        let place = OrderPlace {
            member: it.member_id.unwrap_or_default().into(),
            paid_at: Timestamp::from_millis(it.paid_at.unwrap_or_default()),
            order: it.id.into(),
        };
        Ok(PaidOrder {
            place,
            order: store::to_order(it)?,
            returned_at: at.map(Timestamp::from_millis),
        })
    };
    rows.iter().map(found).collect()
}

/// Whether a member has paid an order.
///
/// # Errors
/// When the database fails.
pub async fn has_paid(db: &impl ConnectionTrait, member: MemberId) -> Result<bool> {
    let found = store::order::Entity::find()
        .filter(store::order::Column::MemberId.eq(member.uuid()))
        .filter(store::order::Column::PaidAt.is_not_null());
    Ok(found.one(db).await?.is_some())
}

/// Orders that a member paid from one instant to another, and the first one ever.
///
/// # Errors
/// When the database fails.
pub async fn paid_in(
    db: &impl ConnectionTrait,
    member: MemberId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<Order>> {
    use store::order::{Column, Entity};
    let paid = Entity::find()
        .filter(Column::MemberId.eq(member.uuid()))
        .filter(Column::PaidAt.is_not_null());
    let first = paid.clone().order_by_asc(Column::PaidAt).one(db).await?;
    let within = paid
        .filter(Column::PaidAt.between(from.as_millis(), to.as_millis()))
        .all(db)
        .await?;
    let first = first.filter(|it| within.iter().all(|other| other.id != it.id));
    within.iter().chain(&first).map(store::to_order).collect()
}

/// Orders that members paid since an instant, after `after` in the order of their ids.
///
/// # Errors
/// When the database fails.
pub async fn paid_since(
    db: &impl ConnectionTrait,
    since: shared::time::Timestamp,
    after: Option<OrderId>,
    limit: u64,
) -> Result<Vec<Order>> {
    use store::order::{Column, Entity};
    let mut query = Entity::find()
        .filter(Column::PaidAt.gte(since.as_millis()))
        .filter(Column::MemberId.is_not_null())
        .order_by_asc(Column::Id)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after.uuid()));
    }
    query.all(db).await?.iter().map(store::to_order).collect()
}

/// Orders after `after` in the order of their ids, for checking.
///
/// # Errors
/// When the database fails.
pub async fn after(
    db: &impl ConnectionTrait,
    after: Option<OrderId>,
    limit: u64,
) -> Result<Vec<Order>> {
    use store::order::{Column, Entity};
    let mut query = Entity::find().order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after.uuid()));
    }
    query.all(db).await?.iter().map(store::to_order).collect()
}
