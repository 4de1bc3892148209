//! HTTP of the programme and its points rules.

use super::service;
use crate::App;
use crate::auth::{CurrentStaff, OPERATORS, READERS};
use crate::error::Result;
use crate::http::etag::Tagged;
use crate::http::extract::{IfMatch, Json};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use shared::points::PointsPolicy;
use shared::points::api::PolicyVersion;
use shared::problem::{ErrorCode, Problem};
use shared::programme::Programme;
use shared::staff::Role;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_programme, set_programme))
        .routes(routes!(get_policy, set_policy))
}

/// The shop's name, currency and time zone; open to everyone.
#[utoipa::path(get, path = "/api/v1/programme", operation_id = "get_programme", tag = "programme",
    responses((status = 200, body = Programme), (status = 304, description = "Nothing has changed")))]
async fn get_programme(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    Ok(Tagged::json(&app.rulebook().programme)?.answer(&headers))
}

/// Changes the shop's name, currency, time zone or whether sign-up is open.
#[utoipa::path(put, path = "/api/v1/programme", operation_id = "set_programme", tag = "programme",
    request_body = Programme, responses((status = 200, body = Programme), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, body = Problem)), security(("staff" = [])))]
async fn set_programme(
    State(app): State<App>,
    staff: CurrentStaff,
    Json(programme): Json<Programme>,
) -> Result<Json<Programme>> {
    staff.require_role(&[Role::Admin])?;
    Ok(Json(
        service::set_programme(&app, programme, staff.actor().to_string()).await?,
    ))
}

fn tagged(policy: PolicyVersion) -> Response {
    let tag = format!("\"{}\"", policy.version);
    ([(ETAG, tag)], Json(policy)).into_response()
}

/// The points rules that hold now. Their `ETag` is what `If-Match` of an edit names.
#[utoipa::path(get, path = "/api/v1/points_policy", operation_id = "get_points_policy", tag = "points",
    responses((status = 200, body = PolicyVersion), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("staff" = [])))]
async fn get_policy(State(app): State<App>, staff: CurrentStaff) -> Result<Response> {
    staff.require_role(READERS)?;
    Ok(tagged(service::current_policy(
        &app.rulebook(),
        app.db.now(),
    )))
}

/// Changes the points rules from now on; what was earned before stays as it was.
#[utoipa::path(put, path = "/api/v1/points_policy", operation_id = "set_points_policy", tag = "points",
    params(("If-Match" = String, Header)), request_body = PointsPolicy,
    responses((status = 200, body = PolicyVersion), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)),
    security(("staff" = [])))]
async fn set_policy(
    State(app): State<App>,
    staff: CurrentStaff,
    seen: IfMatch,
    Json(policy): Json<PointsPolicy>,
) -> Result<Response> {
    staff.require_role(OPERATORS)?;
    let version = app
        .rulebook()
        .policies
        .last()
        .map(|it| it.version)
        .ok_or(ErrorCode::Internal)?;
    seen.require(&version.to_string())?;
    Ok(tagged(
        service::set_policy(&app, policy, version, staff.actor().to_string()).await?,
    ))
}
