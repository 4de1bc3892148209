//! HTTP of checkouts: validate, reserve, redeem, release and undo.

use crate::App;
use crate::auth::{Caller, OPERATORS, READERS};
use crate::coupons::service;
use crate::db::idempotency::Reply;
use crate::error::Result;
use crate::http::extract::{Json, Once, Path};
use axum::extract::State;
use serde::Deserialize;
use shared::coupons::api::{
    AskCheckout, Checkout, CheckoutQuote, ExtendReservation, Quote, RedeemCoupons,
    RedeemReservation, Reservation, ReserveCoupons, SimulateCoupons,
};
use shared::ids::ReservationId;
use shared::problem::Problem;
use shared::staff::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(quote_checkout))
        .routes(routes!(validate_coupons))
        .routes(routes!(reserve_coupons))
        .routes(routes!(get_reservation))
        .routes(routes!(extend_reservation))
        .routes(routes!(redeem_reservation))
        .routes(routes!(release_reservation))
        .routes(routes!(roll_back_reservation))
        .routes(routes!(redeem_coupons))
        .routes(routes!(simulate_coupons))
}

/// Nothing to say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The best of a cart for a member: the coupons of the wallet that take the most off together, every
/// reason against the others, what points and credit could pay, and what the order would bring.
/// Nothing is kept.
#[utoipa::path(post, path = "/api/v1/checkout_quotes", operation_id = "quote_checkout", tag = "coupons",
    request_body = AskCheckout, responses((status = 200, body = CheckoutQuote), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["coupons:write"])))]
async fn quote_checkout(
    State(app): State<App>,
    caller: Caller,
    Json(asked): Json<AskCheckout>,
) -> Result<Json<CheckoutQuote>> {
    caller.require(READERS, Scope::CouponsWrite)?;
    Ok(Json(service::best_checkout(&app, asked).await?))
}

/// What a checkout would come to, with every reason against each coupon. Nothing is kept.
#[utoipa::path(post, path = "/api/v1/coupon_validations", operation_id = "validate_coupons", tag = "coupons",
    request_body = Checkout, responses((status = 200, body = Quote), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["coupons:write"])))]
async fn validate_coupons(
    State(app): State<App>,
    caller: Caller,
    Json(checkout): Json<Checkout>,
) -> Result<Json<Quote>> {
    caller.require(READERS, Scope::CouponsWrite)?;
    Ok(Json(service::validate(&app, &checkout).await?))
}

/// Holds coupons, points and credit for a checkout, until it is used, let go or runs out. The same
/// session key again replaces what it held.
#[utoipa::path(post, path = "/api/v1/coupon_reservations", operation_id = "reserve_coupons", tag = "coupons",
    params(("Idempotency-Key" = String, Header)), request_body = ReserveCoupons,
    responses((status = 201, body = Reservation), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn reserve_coupons(
    State(app): State<App>,
    caller: Caller,
    Once(intent, request): Once<ReserveCoupons>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let args = (app.clone(), request, caller.actor().to_string());
    let run = app
        .db
        .write_once(intent, args, |tx, (app, request, actor)| {
            Box::pin(async move { Ok((201, service::reserve(tx, app, request, actor).await?)) })
        });
    run.await
}

/// A reservation and what became of it.
#[utoipa::path(get, path = "/api/v1/coupon_reservations/{reservation}", operation_id = "get_coupon_reservation",
    tag = "coupons", params(("reservation" = ReservationId, Path)), responses((status = 200, body = Reservation),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["coupons:write"])))]
async fn get_reservation(
    State(app): State<App>,
    caller: Caller,
    Path(reservation): Path<ReservationId>,
) -> Result<Json<Reservation>> {
    caller.require(READERS, Scope::CouponsWrite)?;
    Ok(Json(
        service::reservation(app.db.read(), reservation).await?,
    ))
}

/// Holds a reservation for longer.
#[utoipa::path(post, path = "/api/v1/coupon_reservations/{reservation}/extensions",
    operation_id = "extend_coupon_reservation", tag = "coupons",
    params(("reservation" = ReservationId, Path), ("Idempotency-Key" = String, Header)),
    request_body = ExtendReservation, responses((status = 200, body = Reservation), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn extend_reservation(
    State(app): State<App>,
    caller: Caller,
    Path(reservation): Path<ReservationId>,
    Once(intent, request): Once<ExtendReservation>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let run = app
        .db
        .write_once(intent, (reservation, request.ttl_s), |tx, (id, ttl_s)| {
            Box::pin(async move { Ok((200, service::extend(tx, *id, *ttl_s).await?)) })
        });
    run.await
}

/// Uses what a reservation holds for an order. Sent again for the same order, it changes nothing.
#[utoipa::path(post, path = "/api/v1/coupon_reservations/{reservation}/redemptions",
    operation_id = "redeem_coupon_reservation", tag = "coupons",
    params(("reservation" = ReservationId, Path), ("Idempotency-Key" = String, Header)),
    request_body = RedeemReservation, responses((status = 201, body = Reservation), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn redeem_reservation(
    State(app): State<App>,
    caller: Caller,
    Path(reservation): Path<ReservationId>,
    Once(intent, request): Once<RedeemReservation>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let args = (app.clone(), reservation, request.order_id);
    let run = app.db.write_once(intent, args, |tx, (app, id, order)| {
        Box::pin(async move { Ok((201, service::redeem(tx, app, *id, order).await?)) })
    });
    run.await
}

/// Lets a reservation go.
#[utoipa::path(post, path = "/api/v1/coupon_reservations/{reservation}/releases",
    operation_id = "release_coupon_reservation", tag = "coupons",
    params(("reservation" = ReservationId, Path), ("Idempotency-Key" = String, Header)), request_body = Nothing,
    responses((status = 200, body = Reservation), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn release_reservation(
    State(app): State<App>,
    caller: Caller,
    Path(reservation): Path<ReservationId>,
    Once(intent, Nothing {}): Once<Nothing>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let run = app.db.write_once(intent, reservation, |tx, id| {
        Box::pin(async move { Ok((200, service::release(tx, *id).await?)) })
    });
    run.await
}

/// Undoes a use: coupons, points and credit come back. An order that is cancelled or refunded as a
/// whole does this by itself.
#[utoipa::path(post, path = "/api/v1/coupon_reservations/{reservation}/rollbacks",
    operation_id = "roll_back_coupon_reservation", tag = "coupons",
    params(("reservation" = ReservationId, Path), ("Idempotency-Key" = String, Header)), request_body = Nothing,
    responses((status = 200, body = Reservation), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn roll_back_reservation(
    State(app): State<App>,
    caller: Caller,
    Path(reservation): Path<ReservationId>,
    Once(intent, Nothing {}): Once<Nothing>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let run = app
        .db
        .write_once(intent, (app.clone(), reservation), |tx, (app, id)| {
            Box::pin(async move { Ok((200, service::roll_back(tx, app, *id).await?)) })
        });
    run.await
}

/// Uses up to 30 coupons, points and credit for an order at once: all of them, or with the policy
/// `partial` those that can be used.
#[utoipa::path(post, path = "/api/v1/coupon_redemptions", operation_id = "redeem_coupons", tag = "coupons",
    params(("Idempotency-Key" = String, Header)), request_body = RedeemCoupons,
    responses((status = 201, body = Reservation), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn redeem_coupons(
    State(app): State<App>,
    caller: Caller,
    Once(intent, request): Once<RedeemCoupons>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let args = (app.clone(), request, caller.actor().to_string());
    let run = app
        .db
        .write_once(intent, args, |tx, (app, request, actor)| {
            Box::pin(async move { Ok((201, service::redeem_now(tx, app, request, actor).await?)) })
        });
    run.await
}

/// What terms would do to a cart, by the same rules, without anything being kept.
#[utoipa::path(post, path = "/api/v1/simulations/coupons", operation_id = "simulate_coupons", tag = "simulations",
    request_body = SimulateCoupons, responses((status = 200, body = Quote), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["coupons:write"])))]
async fn simulate_coupons(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<SimulateCoupons>,
) -> Result<Json<Quote>> {
    caller.require(READERS, Scope::CouponsWrite)?;
    Ok(Json(service::simulate(&app, &request)?))
}
