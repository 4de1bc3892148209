//! HTTP of orders.

use super::service;
use crate::App;
use crate::auth::{Caller, OPERATORS, READERS};
use crate::db::idempotency::Reply;
use crate::error::Result;
use crate::http::BATCH_BODY_MAX;
use crate::http::extract::{Json, Once, Paging, Path};
use crate::http::problem::describe;
use crate::members::routes::ReadableMember;
use crate::members::service::resolve;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use shared::orders::MAX_BATCH;
use shared::orders::api::{
    BatchResult, BatchRow, ClaimOrder, EarnForecast, EventBatch, EventResult, EventState,
    OrderEvent, OrderView, SimulateEarn,
};
use shared::page::Page;
use shared::problem::Problem;
use shared::staff::Scope;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    let batches = OpenApiRouter::new().routes(routes!(send_events));
    OpenApiRouter::new()
        .routes(routes!(send_event))
        .merge(batches.layer(DefaultBodyLimit::max(BATCH_BODY_MAX)))
        .routes(routes!(get_order))
        .routes(routes!(claim_order))
        .routes(routes!(list_member_orders))
        .routes(routes!(simulate_earn))
}

/// Tells what happened to an order. The event's own id makes it safe to send again: a repeated
/// event changes nothing and is answered with `duplicate`. A placed or paid event may name the
/// `reservation` that the order uses; the key then needs `coupons:write` too.
#[utoipa::path(post, path = "/api/v1/order_events", operation_id = "send_order_event", tag = "orders",
    request_body = OrderEvent, responses((status = 200, body = EventResult, description = "Seen before"),
        (status = 201, body = EventResult, description = "It took effect"),
        (status = 202, body = EventResult, description = "It waits for others"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["orders:write"])))]
async fn send_event(
    State(app): State<App>,
    caller: Caller,
    Json(event): Json<OrderEvent>,
) -> Result<(StatusCode, Json<EventResult>)> {
    caller.require(OPERATORS, Scope::OrdersWrite)?;
    if event.reservation.is_some() {
        caller.require(OPERATORS, Scope::CouponsWrite)?;
    }
    let args = (app.clone(), event, caller.actor().to_string());
    let run = app.db.write(args, |tx, (app, event, actor)| {
        Box::pin(service::take_with_reservation(tx, app, event, actor))
    });
    let result = run.await?;
    let status = match result.state {
        EventState::Applied => StatusCode::CREATED,
        EventState::Waiting => StatusCode::ACCEPTED,
        EventState::Duplicate => StatusCode::OK,
    };
    Ok((status, Json(result)))
}

/// Tells what happened to orders: up to 500 events, applied in the order given, each for itself.
#[utoipa::path(post, path = "/api/v1/order_events/batches", operation_id = "send_order_events", tag = "orders",
    request_body = EventBatch, responses((status = 200, body = BatchResult), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["orders:write"])))]
async fn send_events(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(batch): Json<EventBatch>,
) -> Result<Json<BatchResult>> {
    caller.require(OPERATORS, Scope::OrdersWrite)?;
    if !(1..=MAX_BATCH).contains(&batch.events.len()) {
        return Err(crate::error::AppError::invalid_field(
            "/events",
            "out_of_range",
            "expected 1 to 500 events",
        ));
    }
    if let Some(i) = batch.events.iter().position(|it| it.reservation.is_some()) {
        return Err(crate::error::AppError::invalid_field(
            &format!("/events/{i}/reservation"),
            "unexpected",
            "send an event with a reservation by itself",
        ));
    }
    let args = (app.clone(), batch.events, caller.actor().to_string());
    let run = app.db.write(args, |tx, (app, events, actor)| {
        Box::pin(service::take_all(tx, app, events, actor))
    });
    let row = |result: Result<EventResult>| match result {
        Ok(result) => BatchRow {
            result: Some(result),
            problem: None,
        },
        Err(error) => BatchRow {
            result: None,
            problem: Some(describe(&error, &headers)),
        },
    };
    Ok(Json(BatchResult {
        results: run.await?.into_iter().map(row).collect(),
    }))
}

/// An order with its receipt.
#[utoipa::path(get, path = "/api/v1/orders/{order}", operation_id = "get_order", tag = "orders",
    params(("order" = String, Path, description = "`ord_…` or the shop's order id")),
    responses((status = 200, body = OrderView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn get_order(
    State(app): State<App>,
    caller: Caller,
    Path(order): Path<String>,
) -> Result<Json<OrderView>> {
    caller.require(READERS, Scope::MembersRead)?;
    Ok(Json(service::get(app.db.read(), &order).await?))
}

/// Gives a guest's order to a member, who then earns as of when it was paid.
#[utoipa::path(post, path = "/api/v1/orders/{order}/claims", operation_id = "claim_order", tag = "orders",
    params(("order" = String, Path, description = "`ord_…` or the shop's order id"), ("Idempotency-Key" = String, Header)),
    request_body = ClaimOrder, responses((status = 200, body = OrderView), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["orders:write"])))]
async fn claim_order(
    State(app): State<App>,
    caller: Caller,
    Path(order): Path<String>,
    Once(intent, request): Once<ClaimOrder>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::OrdersWrite)?;
    let member = resolve(app.db.read(), &request.member).await?;
    let args = (app.clone(), order, member, caller.actor().to_string());
    let run = app
        .db
        .write_once(intent, args, |tx, (app, order, member, actor)| {
            Box::pin(
                async move { Ok((200, service::claim(tx, app, order, *member, actor).await?)) },
            )
        });
    run.await
}

/// A member's orders, newest first.
#[utoipa::path(get, path = "/api/v1/members/{member}/orders", operation_id = "list_member_orders", tag = "orders",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id"), Paging),
    responses((status = 200, body = Page<OrderView>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn list_member_orders(
    State(app): State<App>,
    member: ReadableMember,
    paging: Paging,
) -> Result<Json<Page<OrderView>>> {
    Ok(Json(
        service::of_member(&app, member.id, paging.limit, paging.cursor).await?,
    ))
}

/// What an order would earn if it were paid now, by the same rules, without anything being kept.
#[utoipa::path(post, path = "/api/v1/simulations/earn", operation_id = "simulate_earn", tag = "simulations",
    request_body = SimulateEarn, responses((status = 200, body = EarnForecast), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn simulate_earn(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<SimulateEarn>,
) -> Result<Json<EarnForecast>> {
    caller.require(READERS, Scope::MembersRead)?;
    Ok(Json(service::simulate_earn(&app, request.order).await?))
}
