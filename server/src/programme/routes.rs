//! HTTP of the programme and its points rules.

use super::service;
use crate::App;
use crate::auth::{CurrentStaff, OPERATORS, READERS};
use crate::error::Result;
use crate::http::etag::Tagged;
use crate::http::extract::{IfMatch, Json, Paging, Path};
use crate::names;
use axum::extract::State;
use axum::http::header::ETAG;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use shared::page::Page;
use shared::points::PointsPolicy;
use shared::points::api::PolicyVersion;
use shared::problem::Problem;
use shared::programme::Programme;
use shared::programme::api::{PolicyHistoryRow, SchedulePolicy};
use shared::staff::Role;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_programme, set_programme))
        .routes(routes!(get_policy, set_policy))
        .routes(routes!(list_policy_versions, schedule_policy))
        .routes(routes!(cancel_policy))
}

/// The shop's name, currency and time zone; open to everyone.
#[utoipa::path(get, path = "/api/v1/programme", operation_id = "get_programme", tag = "programme",
    responses((status = 200, body = Programme), (status = 304, description = "Nothing has changed")),
    security(()))]
async fn get_programme(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    Ok(Tagged::json(&app.rulebook().programme)?.answer(&headers))
}

/// Changes the shop's name, currency, time zone, colours or whether sign-up is open. `If-Match` names
/// the `ETag` that was read; a 412 carries the programme as it is now in `current`.
#[utoipa::path(put, path = "/api/v1/programme", operation_id = "set_programme", tag = "programme",
    params(("If-Match" = String, Header)),
    request_body = Programme, responses((status = 200, body = Programme), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem),
        (status = 428, body = Problem)), security(("staff" = ["admin"])))]
async fn set_programme(
    State(app): State<App>,
    staff: CurrentStaff,
    seen: IfMatch,
    Json(programme): Json<Programme>,
) -> Result<Response> {
    staff.require_role(&[Role::Admin])?;
    let current = app.rulebook().programme.clone();
    seen.require_of(Tagged::json(&current)?.tag(), &current)?;
    let actor = staff.actor().to_string();
    let changed = service::set_programme(&app, programme, current, actor).await?;
    Ok(Tagged::json(&changed)?.answer(&HeaderMap::new()))
}

fn tagged(policy: PolicyVersion) -> Response {
    let tag = format!("\"{}\"", policy.version);
    ([(ETAG, tag)], Json(policy)).into_response()
}

/// The points rules that hold now. Their `ETag` is what `If-Match` of an edit names.
#[utoipa::path(get, path = "/api/v1/points_policy", operation_id = "get_points_policy", tag = "points",
    responses((status = 200, body = PolicyVersion), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn get_policy(State(app): State<App>, staff: CurrentStaff) -> Result<Response> {
    staff.require_role(READERS)?;
    Ok(tagged(service::current_policy(
        &app.rulebook(),
        app.db.now(),
    )))
}

/// Changes the points rules from now on; what was earned before stays as it was. A 412 carries the
/// rules that hold now in `current`.
#[utoipa::path(put, path = "/api/v1/points_policy", operation_id = "set_points_policy", tag = "points",
    params(("If-Match" = String, Header)), request_body = PointsPolicy,
    responses((status = 200, body = PolicyVersion), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn set_policy(
    State(app): State<App>,
    staff: CurrentStaff,
    seen: IfMatch,
    Json(policy): Json<PointsPolicy>,
) -> Result<Response> {
    staff.require_role(OPERATORS)?;
    let current = service::current_policy(&app.rulebook(), app.db.now());
    let version = current.version;
    seen.require_of(&version.to_string(), &current)?;
    Ok(tagged(
        service::set_policy(&app, policy, version, staff.actor().to_string()).await?,
    ))
}

/// All versions of the points rules, newest first: past, current, scheduled and cancelled ones.
#[utoipa::path(get, path = "/api/v1/points_policy/versions", operation_id = "list_points_policy_versions",
    tag = "points", params(Paging), responses((status = 200, body = Page<PolicyHistoryRow>),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn list_policy_versions(
    State(app): State<App>,
    staff: CurrentStaff,
    paging: Paging,
) -> Result<Json<Page<PolicyHistoryRow>>> {
    staff.require_role(READERS)?;
    let mut page = service::policy_versions(&app, paging.limit, paging.cursor).await?;
    names::of_versions(&app, page.data.iter_mut().map(|it| &mut it.info)).await?;
    Ok(Json(page))
}

/// Makes points rules hold from a time ahead.
#[utoipa::path(post, path = "/api/v1/points_policy/versions", operation_id = "schedule_points_policy", tag = "points",
    request_body = SchedulePolicy, responses((status = 201, body = PolicyHistoryRow), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn schedule_policy(
    State(app): State<App>,
    staff: CurrentStaff,
    Json(request): Json<SchedulePolicy>,
) -> Result<(StatusCode, Json<PolicyHistoryRow>)> {
    staff.require_role(OPERATORS)?;
    let made = service::schedule_policy(&app, request, staff.actor().to_string()).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Cancels a version of the points rules that has not begun.
#[utoipa::path(delete, path = "/api/v1/points_policy/versions/{version}", operation_id = "cancel_points_policy",
    tag = "points", params(("version" = i32, Path)), responses((status = 204, description = "It is cancelled"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn cancel_policy(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(version): Path<i32>,
) -> Result<StatusCode> {
    staff.require_role(OPERATORS)?;
    service::cancel_policy(&app, version, staff.actor().to_string()).await?;
    Ok(StatusCode::NO_CONTENT)
}
