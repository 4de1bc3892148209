//! HTTP of tiers.

use super::service;
use crate::App;
use crate::auth::{CurrentMember, CurrentStaff, OPERATORS, READERS};
use crate::error::Result;
use crate::http::extract::{IfMatch, Json, Paging, Path};
use crate::members::routes::ReadableMember;
use crate::names;
use crate::programme::service as programme;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use shared::page::Page;
use shared::problem::Problem;
use shared::programme::api::{LadderHistoryRow, ScheduleLadder};
use shared::tiers::Ladder;
use shared::tiers::api::{LadderImpact, LadderVersion, TierOverview};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_my_tier))
        .routes(routes!(get_member_tier))
        .routes(routes!(get_ladder, set_ladder))
        .routes(routes!(preview_ladder))
        .routes(routes!(list_ladder_versions, schedule_ladder))
        .routes(routes!(cancel_ladder))
}

/// One's own tier: standing, ladder, benefits and history.
#[utoipa::path(get, path = "/api/v1/me/tier", operation_id = "get_my_tier", tag = "me",
    responses((status = 200, body = TierOverview), (status = 401, body = Problem)),
    security(("member" = [])))]
async fn get_my_tier(State(app): State<App>, member: CurrentMember) -> Result<Json<TierOverview>> {
    Ok(Json(service::overview(&app, member.id).await?))
}

/// A member's tier: standing, ladder, benefits and history.
#[utoipa::path(get, path = "/api/v1/members/{member}/tier", operation_id = "get_member_tier", tag = "tiers",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    responses((status = 200, body = TierOverview), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn get_member_tier(
    State(app): State<App>,
    member: ReadableMember,
) -> Result<Json<TierOverview>> {
    Ok(Json(service::overview(&app, member.id).await?))
}

fn tagged(ladder: LadderVersion) -> Response {
    let tag = format!("\"{}\"", ladder.version);
    ([(ETAG, tag)], Json(ladder)).into_response()
}

/// The ladder that holds now. Its `ETag` is what `If-Match` of an edit names.
#[utoipa::path(get, path = "/api/v1/tier_ladder", operation_id = "get_tier_ladder", tag = "tiers",
    responses((status = 200, body = LadderVersion), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn get_ladder(State(app): State<App>, _staff: CurrentStaff) -> Result<Response> {
    Ok(tagged(programme::current_ladder(
        &app.rulebook(),
        app.db.now(),
    )))
}

/// Changes the ladder from now on. Who reaches more goes up at once; nobody goes down before the
/// end of their tier. A 412 carries the ladder that holds now in `current`.
#[utoipa::path(put, path = "/api/v1/tier_ladder", operation_id = "set_tier_ladder", tag = "tiers",
    params(("If-Match" = String, Header)), request_body = Ladder,
    responses((status = 200, body = LadderVersion), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem),
        (status = 428, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn set_ladder(
    State(app): State<App>,
    staff: CurrentStaff,
    seen: IfMatch,
    Json(ladder): Json<Ladder>,
) -> Result<Response> {
    staff.require_role(OPERATORS)?;
    let current = programme::current_ladder(&app.rulebook(), app.db.now());
    let version = current.version;
    seen.require_of(&version.to_string(), &current)?;
    Ok(tagged(
        programme::set_ladder(&app, ladder, version, staff.actor().to_string()).await?,
    ))
}

/// How many members a ladder would move, without anything being kept.
#[utoipa::path(post, path = "/api/v1/tier_ladder/previews", operation_id = "preview_tier_ladder", tag = "tiers",
    request_body = Ladder, responses((status = 200, body = LadderImpact), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn preview_ladder(
    State(app): State<App>,
    staff: CurrentStaff,
    Json(ladder): Json<Ladder>,
) -> Result<Json<LadderImpact>> {
    staff.require_role(READERS)?;
    Ok(Json(service::impact(&app, ladder).await?))
}

/// All versions of the ladder, newest first: past, current, scheduled and cancelled ones.
#[utoipa::path(get, path = "/api/v1/tier_ladder/versions", operation_id = "list_tier_ladder_versions", tag = "tiers",
    params(Paging), responses((status = 200, body = Page<LadderHistoryRow>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn list_ladder_versions(
    State(app): State<App>,
    staff: CurrentStaff,
    paging: Paging,
) -> Result<Json<Page<LadderHistoryRow>>> {
    staff.require_role(READERS)?;
    let mut page = programme::ladder_versions(&app, paging.limit, paging.cursor).await?;
    names::of_versions(&app, page.data.iter_mut().map(|it| &mut it.info)).await?;
    Ok(Json(page))
}

/// Makes a ladder hold from a time ahead.
#[utoipa::path(post, path = "/api/v1/tier_ladder/versions", operation_id = "schedule_tier_ladder", tag = "tiers",
    request_body = ScheduleLadder, responses((status = 201, body = LadderHistoryRow), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn schedule_ladder(
    State(app): State<App>,
    staff: CurrentStaff,
    Json(request): Json<ScheduleLadder>,
) -> Result<(StatusCode, Json<LadderHistoryRow>)> {
    staff.require_role(OPERATORS)?;
    let made = programme::schedule_ladder(&app, request, staff.actor().to_string()).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Cancels a version of the ladder that has not begun.
#[utoipa::path(delete, path = "/api/v1/tier_ladder/versions/{version}", operation_id = "cancel_tier_ladder",
    tag = "tiers", params(("version" = i32, Path)), responses((status = 204, description = "It is cancelled"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn cancel_ladder(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(version): Path<i32>,
) -> Result<StatusCode> {
    staff.require_role(OPERATORS)?;
    programme::cancel_ladder(&app, version, staff.actor().to_string()).await?;
    Ok(StatusCode::NO_CONTENT)
}
