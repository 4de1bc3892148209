//! Use cases of orders.

mod intake;

pub use intake::{claim_event, take, take_all};

use super::store;
use crate::App;
use crate::db::{Cursor, Tx, before, paged};
use crate::error::{AppError, Result};
use crate::members;
use crate::points::service::{self as points, lot_dates};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};
use shared::ids::{MemberId, OrderId};
use shared::orders::Order;
use shared::orders::api::{Contents, EarnForecast, EventKind, OrderEvent, OrderView};
use shared::orders::rules::{announced, check_contents};
use shared::page::Page;
use shared::problem::ErrorCode;

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
    let mut query = Entity::find().filter(Column::MemberId.eq(member.uuid()));
    if let Some(cursor) = cursor {
        query = query.filter(before(Column::CreatedAt, Column::Id, cursor));
    }
    let query = query
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit + 1);
    let rows = query.all(app.db.read()).await?;
    let page = paged(
        rows,
        limit,
        |it| Cursor {
            key: it.created_at,
            id: it.id,
        },
        |it| it,
    );
    let data = page
        .data
        .iter()
        .map(|it| Ok(view(store::to_order(it)?, Vec::new())))
        .collect::<Result<_>>()?;
    Ok(Page {
        data,
        next_cursor: page.next_cursor,
    })
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
        event_id: format!("simulation-{id}"),
        order_id: format!("simulation-{id}"),
        occurred_at: tx.now(),
        kind: EventKind::Paid,
        order: Some(contents.clone()),
        refunds: Vec::new(),
    };
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
