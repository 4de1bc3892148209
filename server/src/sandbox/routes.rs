//! HTTP of the demo's clock.

use super::service;
use crate::App;
use crate::auth::CurrentStaff;
use crate::error::Result;
use crate::http::extract::Json;
use axum::extract::State;
use shared::problem::Problem;
use shared::sandbox::{AdvanceClock, SandboxClock};
use shared::staff::Role;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_sandbox_clock, advance_sandbox_clock))
}

/// The clock of a demo. Any other server answers 404.
#[utoipa::path(get, path = "/api/v1/sandbox/clock", operation_id = "get_sandbox_clock", tag = "sandbox",
    responses((status = 200, body = SandboxClock), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)), security(("staff" = ["admin"])))]
async fn get_sandbox_clock(
    State(app): State<App>,
    staff: CurrentStaff,
) -> Result<Json<SandboxClock>> {
    staff.require_role(&[Role::Admin])?;
    Ok(Json(service::clock(&app).await?))
}

/// Moves the clock of a demo ahead, and answers when everything is done that has become due: points
/// that end, tiers, rewards of invitations, messages. It never goes back.
#[utoipa::path(post, path = "/api/v1/sandbox/clock", operation_id = "advance_sandbox_clock", tag = "sandbox",
    request_body = AdvanceClock, responses((status = 200, body = SandboxClock), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin"])))]
async fn advance_sandbox_clock(
    State(app): State<App>,
    staff: CurrentStaff,
    Json(request): Json<AdvanceClock>,
) -> Result<Json<SandboxClock>> {
    staff.require_role(&[Role::Admin])?;
    let actor = staff.actor().to_string();
    Ok(Json(service::advance(&app, request.seconds, actor).await?))
}
