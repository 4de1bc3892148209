//! HTTP of scenario lists. Community managers see and touch those of their own communities.

use super::service;
use crate::App;
use crate::auth::{CurrentMember, CurrentStaff};
use crate::communities::service as communities;
use crate::error::Result;
use crate::http::extract::{IfMatch, Json, Paging, Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::ids::{CommunityId, PushChannelId, ScenarioId};
use shared::page::Page;
use shared::problem::{ErrorCode, Problem};
use shared::scenarios::api::{
    Calendar, ChannelTrial, CommunityPage, NewPushChannel, PushChannel, PushChannels, Scenario,
};
use shared::scenarios::{ScenarioDefinition, ScenarioState};
use shared::time::Day;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_scenarios, create_scenario))
        .routes(routes!(get_scenario, update_scenario))
        .routes(routes!(stop_scenario))
        .routes(routes!(resume_scenario))
        .routes(routes!(get_calendar))
        .routes(routes!(list_channels, add_channel))
        .routes(routes!(drop_channel))
        .routes(routes!(try_channel))
        .routes(routes!(get_page))
}

fn tagged(status: StatusCode, it: Scenario) -> Response {
    let tag = format!("\"{}\"", it.version);
    (status, [(ETAG, tag)], Json(it)).into_response()
}

/// Refuses a community that is out of reach.
async fn within(app: &App, staff: &CurrentStaff, community: CommunityId) -> Result<()> {
    let reach = communities::within(app, staff).await?;
    communities::require(&reach, community)
}

/// A list within reach; any other is answered as if it were not there.
async fn found(app: &App, staff: &CurrentStaff, id: ScenarioId) -> Result<Scenario> {
    let scenario = service::get(app, id).await?;
    let reach = communities::within(app, staff).await?;
    if reach.has(scenario.community_id) {
        Ok(scenario)
    } else {
        Err(ErrorCode::ScenarioNotFound.into())
    }
}

/// Refuses a way that is out of reach as if it were not there.
async fn known(app: &App, staff: &CurrentStaff, id: PushChannelId) -> Result<()> {
    let community = service::community_of(app, id).await?;
    let reach = communities::within(app, staff).await?;
    if reach.has(community) {
        Ok(())
    } else {
        Err(ErrorCode::PushChannelNotFound.into())
    }
}

/// A community's lists, newest first.
#[utoipa::path(get, path = "/api/v1/communities/{community}/scenarios", operation_id = "list_scenarios", tag = "scenarios",
    params(("community" = CommunityId, Path), Paging), responses((status = 200, body = Page<Scenario>),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)), security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn list_scenarios(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(community): Path<CommunityId>,
    page: Paging,
) -> Result<Json<Page<Scenario>>> {
    within(&app, &staff, community).await?;
    communities::get(&app, community).await?;
    let found = service::list(&app, community, page.limit, page.cursor).await?;
    Ok(Json(found))
}

/// Makes a list, which appears as scheduled.
#[utoipa::path(post, path = "/api/v1/communities/{community}/scenarios", operation_id = "create_scenario", tag = "scenarios",
    params(("community" = CommunityId, Path)), request_body = ScenarioDefinition,
    responses((status = 201, body = Scenario), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager"])))]
async fn create_scenario(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(community): Path<CommunityId>,
    Json(definition): Json<ScenarioDefinition>,
) -> Result<Response> {
    within(&app, &staff, community).await?;
    communities::get(&app, community).await?;
    let args = (
        app.clone(),
        community,
        definition,
        staff.actor().to_string(),
    );
    let run = app
        .db
        .write(args, |tx, (app, community, definition, actor)| {
            Box::pin(service::create(tx, app, *community, definition, actor))
        });
    let id = run.await?;
    Ok(tagged(StatusCode::CREATED, service::get(&app, id).await?))
}

/// A list. Its `ETag` is what `If-Match` of an edit names.
#[utoipa::path(get, path = "/api/v1/scenarios/{scenario}", operation_id = "get_scenario", tag = "scenarios",
    params(("scenario" = ScenarioId, Path)), responses((status = 200, body = Scenario), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn get_scenario(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(scenario): Path<ScenarioId>,
) -> Result<Response> {
    let found = found(&app, &staff, scenario).await?;
    Ok(tagged(StatusCode::OK, found))
}

/// Writes a list anew. What has appeared stays as it was.
#[utoipa::path(put, path = "/api/v1/scenarios/{scenario}", operation_id = "update_scenario", tag = "scenarios",
    params(("scenario" = ScenarioId, Path), ("If-Match" = String, Header)), request_body = ScenarioDefinition,
    responses((status = 200, body = Scenario), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem),
        (status = 428, body = Problem)), security(("staff" = ["admin", "operator", "community_manager"])))]
async fn update_scenario(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(scenario): Path<ScenarioId>,
    seen: IfMatch,
    Json(definition): Json<ScenarioDefinition>,
) -> Result<Response> {
    let current = found(&app, &staff, scenario).await?;
    seen.require_of(&current.version.to_string(), &current)?;
    let actor = staff.actor().to_string();
    let args = (app.clone(), scenario, definition, current.version, actor);
    let run = app
        .db
        .write(args, |tx, (app, id, definition, version, actor)| {
            Box::pin(service::rewrite(tx, app, *id, definition, *version, actor))
        });
    run.await?;
    Ok(tagged(StatusCode::OK, service::get(&app, scenario).await?))
}

async fn turn(
    app: &App,
    staff: &CurrentStaff,
    scenario: ScenarioId,
    state: ScenarioState,
) -> Result<Response> {
    found(app, staff, scenario).await?;
    let args = (app.clone(), scenario, state, staff.actor().to_string());
    let run = app.db.write(args, |tx, (app, id, state, actor)| {
        Box::pin(service::turn(tx, app, *id, *state, actor))
    });
    run.await?;
    Ok(tagged(StatusCode::OK, service::get(app, scenario).await?))
}

/// Lets a list appear no more. Stopping it again changes nothing.
#[utoipa::path(post, path = "/api/v1/scenarios/{scenario}/stop", operation_id = "stop_scenario", tag = "scenarios",
    params(("scenario" = ScenarioId, Path)), responses((status = 200, body = Scenario), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager"])))]
async fn stop_scenario(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(scenario): Path<ScenarioId>,
) -> Result<Response> {
    turn(&app, &staff, scenario, ScenarioState::Stopped).await
}

/// Lets a list appear again as scheduled, from now on.
#[utoipa::path(post, path = "/api/v1/scenarios/{scenario}/resume", operation_id = "resume_scenario", tag = "scenarios",
    params(("scenario" = ScenarioId, Path)), responses((status = 200, body = Scenario), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager"])))]
async fn resume_scenario(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(scenario): Path<ScenarioId>,
) -> Result<Response> {
    turn(&app, &staff, scenario, ScenarioState::Active).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CalendarQuery {
    /// The first day, by the shop's clocks.
    from: Day,
    /// How many days: 1 to 62.
    days: u16,
}

/// What a community was and will be shown: lists, what becomes of calling it to them, and sales.
#[utoipa::path(get, path = "/api/v1/communities/{community}/calendar", operation_id = "get_community_calendar",
    tag = "scenarios", params(("community" = CommunityId, Path), CalendarQuery),
    responses((status = 200, body = Calendar), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn get_calendar(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(community): Path<CommunityId>,
    Query(query): Query<CalendarQuery>,
) -> Result<Json<Calendar>> {
    within(&app, &staff, community).await?;
    let found = service::calendar(&app, community, query.from, query.days).await?;
    Ok(Json(found))
}

/// The ways by which a community is called besides messages to its members.
#[utoipa::path(get, path = "/api/v1/communities/{community}/channels", operation_id = "list_push_channels", tag = "scenarios",
    params(("community" = CommunityId, Path)), responses((status = 200, body = PushChannels), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn list_channels(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(community): Path<CommunityId>,
) -> Result<Json<PushChannels>> {
    within(&app, &staff, community).await?;
    communities::get(&app, community).await?;
    Ok(Json(service::channel_list(&app, community).await?))
}

/// Makes a way. The answer holds the secret that signs a webhook's requests, this once.
#[utoipa::path(post, path = "/api/v1/communities/{community}/channels", operation_id = "add_push_channel", tag = "scenarios",
    params(("community" = CommunityId, Path)), request_body = NewPushChannel,
    responses((status = 201, body = PushChannel), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager"])))]
async fn add_channel(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(community): Path<CommunityId>,
    Json(request): Json<NewPushChannel>,
) -> Result<(StatusCode, Json<PushChannel>)> {
    within(&app, &staff, community).await?;
    communities::get(&app, community).await?;
    let args = (app.clone(), community, request, staff.actor().to_string());
    let run = app.db.write(args, |tx, (app, community, request, actor)| {
        Box::pin(service::add_channel(tx, app, *community, request, actor))
    });
    let id = run.await?;
    Ok((StatusCode::CREATED, Json(service::channel(&app, id).await?)))
}

/// Removes a way. What was to go there is given up.
#[utoipa::path(delete, path = "/api/v1/push_channels/{channel}", operation_id = "drop_push_channel", tag = "scenarios",
    params(("channel" = PushChannelId, Path)), responses((status = 204), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager"])))]
async fn drop_channel(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(channel): Path<PushChannelId>,
) -> Result<StatusCode> {
    known(&app, &staff, channel).await?;
    let args = (channel, staff.actor().to_string());
    let run = app.db.write(args, |tx, (channel, actor)| {
        Box::pin(service::drop_channel(tx, *channel, actor))
    });
    run.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a trial message by a way now, and tells what it met.
#[utoipa::path(post, path = "/api/v1/push_channels/{channel}/test", operation_id = "test_push_channel", tag = "scenarios",
    params(("channel" = PushChannelId, Path)), responses((status = 200, body = ChannelTrial), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager"])))]
async fn try_channel(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(channel): Path<PushChannelId>,
) -> Result<Json<ChannelTrial>> {
    known(&app, &staff, channel).await?;
    Ok(Json(service::try_channel(&app, channel).await?))
}

/// One of one's own communities: its lists of today and of the days before, and its sales.
#[utoipa::path(get, path = "/api/v1/me/communities/{community}", operation_id = "get_my_community", tag = "me",
    params(("community" = CommunityId, Path)), responses((status = 200, body = CommunityPage),
        (status = 401, body = Problem), (status = 404, body = Problem)), security(("member" = [])))]
async fn get_page(
    State(app): State<App>,
    member: CurrentMember,
    Path(community): Path<CommunityId>,
) -> Result<Json<CommunityPage>> {
    Ok(Json(service::page(&app, community, member.id).await?))
}
