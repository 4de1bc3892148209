//! Requests that are authenticated like any other and then do nothing, and those that make a crowd.

use super::crowd;
use crate::App;
use crate::auth::{ActiveMember, Caller, CurrentMember, OPERATORS};
use crate::error::Result;
use crate::http::extract::{Json, Once};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use shared::ids::{FlashSaleId, MemberId};
use shared::points::api::AdjustPoints;
use shared::sales::api::ClaimProduct;
use shared::staff::Scope;

/// An answer without work behind it.
#[derive(Serialize)]
struct Nothing {
    amount: i64,
}

/// An answer to a member without work behind it.
#[derive(Serialize)]
struct Nobody {
    member_id: MemberId,
}

/// How many there are to be.
#[derive(Deserialize)]
struct Crowd {
    members: usize,
}

/// How much there is to be.
#[derive(Deserialize)]
struct Stock {
    stock: i64,
}

/// A sale that was made.
#[derive(Serialize)]
struct Made {
    id: FlashSaleId,
}

/// Routes of this module.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/bench/no_write", post(no_write))
        .route("/api/v1/bench/no_read", get(no_read))
        .route("/api/v1/bench/no_claim", post(no_claim))
        .route("/api/v1/bench/crowds", post(gather))
        .route("/api/v1/bench/tokens", get(tokens))
        .route("/api/v1/bench/sales", post(open_sale))
}

/// Reads what an adjustment reads, for a caller who may make one, and makes none.
async fn no_write(
    caller: Caller,
    Json(request): Json<AdjustPoints>,
) -> Result<(StatusCode, Json<Nothing>)> {
    caller.require(OPERATORS, Scope::PointsWrite)?;
    let amount = request.amount;
    Ok((StatusCode::CREATED, Json(Nothing { amount })))
}

/// Knows the member, and looks nothing up.
async fn no_read(member: CurrentMember) -> Json<Nobody> {
    let member_id = member.id;
    Json(Nobody { member_id })
}

/// Reads what a claim reads, of a member who may claim, and claims nothing.
async fn no_claim(
    _member: ActiveMember,
    Once(_, request): Once<ClaimProduct>,
) -> (StatusCode, Json<Nothing>) {
    let amount = request.quantity;
    (StatusCode::CREATED, Json(Nothing { amount }))
}

/// Makes members who are signed in.
async fn gather(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<Crowd>,
) -> Result<StatusCode> {
    caller.require(OPERATORS, Scope::MembersWrite)?;
    crowd::gather(&app, request.members).await?;
    Ok(StatusCode::CREATED)
}

/// Access tokens of the crowd, a line each.
async fn tokens(State(app): State<App>, caller: Caller) -> Result<String> {
    caller.require(OPERATORS, Scope::MembersWrite)?;
    crowd::tokens(&app).await
}

/// Makes a sale that is open.
async fn open_sale(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<Stock>,
) -> Result<(StatusCode, Json<Made>)> {
    caller.require(OPERATORS, Scope::MembersWrite)?;
    let id = crowd::open_sale(&app, request.stock).await?;
    Ok((StatusCode::CREATED, Json(Made { id })))
}
