//! Requests that are authenticated like any other and then do nothing.

use crate::App;
use crate::auth::{Caller, CurrentMember, OPERATORS};
use crate::error::Result;
use crate::http::extract::Json;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::Serialize;
use shared::ids::MemberId;
use shared::points::api::AdjustPoints;
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

/// Routes of this module.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/bench/no_write", post(no_write))
        .route("/api/v1/bench/no_read", get(no_read))
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
