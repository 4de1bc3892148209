//! HTTP of communities.

use super::service;
use crate::App;
use crate::auth::{ActiveMember, CurrentMember, CurrentStaff, OPERATORS, READERS};
use crate::error::Result;
use crate::http::extract::{IfMatch, Json, Paging, Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::communities::api::{
    AddCommunityMember, Community, CommunityMember, JoinCommunity, Managers, MyCommunities,
    MyCommunity, SetManagers,
};
use shared::communities::{CommunityDefinition, MembershipState, Reach};
use shared::ids::CommunityId;
use shared::page::Page;
use shared::problem::Problem;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_communities, create_community))
        .routes(routes!(get_community, update_community))
        .routes(routes!(list_managers))
        .routes(routes!(set_managers))
        .routes(routes!(renew_code))
        .routes(routes!(get_qr))
        .routes(routes!(list_members, add_member))
        .routes(routes!(remove_member))
        .routes(routes!(get_invitation))
        .routes(routes!(list_mine, join_community))
        .routes(routes!(leave_community))
}

fn tagged(status: StatusCode, it: Community) -> Response {
    let tag = format!("\"{}\"", it.version);
    (status, [(ETAG, tag)], Json(it)).into_response()
}

/// The reach of one of the staff, when it has this community.
async fn reach_of(app: &App, staff: &CurrentStaff, community: CommunityId) -> Result<Reach> {
    let reach = service::within(app, staff).await?;
    service::require(&reach, community)?;
    Ok(reach)
}

/// Communities, newest first; for community managers their own.
#[utoipa::path(get, path = "/api/v1/communities", operation_id = "list_communities", tag = "communities",
    params(Paging), responses((status = 200, body = Page<Community>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn list_communities(
    State(app): State<App>,
    staff: CurrentStaff,
    page: Paging,
) -> Result<Json<Page<Community>>> {
    let reach = service::within(&app, &staff).await?;
    let found = service::list(&app, &reach, page.limit, page.cursor).await?;
    Ok(Json(found))
}

/// Makes a community.
#[utoipa::path(post, path = "/api/v1/communities", operation_id = "create_community", tag = "communities",
    request_body = CommunityDefinition, responses((status = 201, body = Community), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, body = Problem)), security(("staff" = ["admin", "operator"])))]
async fn create_community(
    State(app): State<App>,
    staff: CurrentStaff,
    Json(definition): Json<CommunityDefinition>,
) -> Result<Response> {
    staff.require_role(OPERATORS)?;
    let args = (definition, staff.actor().to_string());
    let run = app.db.write(args, |tx, (definition, actor)| {
        Box::pin(service::create(tx, definition, actor))
    });
    let id = run.await?;
    Ok(tagged(StatusCode::CREATED, service::get(&app, id).await?))
}

/// A community. Its `ETag` is what `If-Match` of an edit names.
#[utoipa::path(get, path = "/api/v1/communities/{community}", operation_id = "get_community", tag = "communities",
    params(("community" = CommunityId, Path)), responses((status = 200, body = Community), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn get_community(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(community): Path<CommunityId>,
) -> Result<Response> {
    reach_of(&app, &staff, community).await?;
    Ok(tagged(StatusCode::OK, service::get(&app, community).await?))
}

/// Changes what a community is. Who belongs stays.
#[utoipa::path(put, path = "/api/v1/communities/{community}", operation_id = "update_community", tag = "communities",
    params(("community" = CommunityId, Path), ("If-Match" = String, Header)), request_body = CommunityDefinition,
    responses((status = 200, body = Community), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem),
        (status = 428, body = Problem)), security(("staff" = ["admin", "operator", "community_manager"])))]
async fn update_community(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(community): Path<CommunityId>,
    seen: IfMatch,
    Json(definition): Json<CommunityDefinition>,
) -> Result<Response> {
    reach_of(&app, &staff, community).await?;
    let current = service::get(&app, community).await?;
    seen.require_of(&current.version.to_string(), &current)?;
    let args = (
        community,
        definition,
        current.version,
        staff.actor().to_string(),
    );
    let run = app.db.write(args, |tx, (id, definition, version, actor)| {
        Box::pin(service::update(tx, *id, definition, *version, actor))
    });
    run.await?;
    // Its tags are its members'.
    app.db.forget_all();
    Ok(tagged(StatusCode::OK, service::get(&app, community).await?))
}

/// Staff who can lead communities, by their names.
#[utoipa::path(get, path = "/api/v1/community_managers", operation_id = "list_community_managers", tag = "communities",
    responses((status = 200, body = Managers), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn list_managers(State(app): State<App>, staff: CurrentStaff) -> Result<Json<Managers>> {
    staff.require_role(READERS)?;
    Ok(Json(service::managers(&app).await?))
}

/// Says who leads a community.
#[utoipa::path(put, path = "/api/v1/communities/{community}/managers", operation_id = "set_community_managers",
    tag = "communities", params(("community" = CommunityId, Path)), request_body = SetManagers,
    responses((status = 200, body = Community), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)), security(("staff" = ["admin", "operator"])))]
async fn set_managers(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(community): Path<CommunityId>,
    Json(request): Json<SetManagers>,
) -> Result<Response> {
    staff.require_role(OPERATORS)?;
    let args = (
        app.clone(),
        community,
        request.managers,
        staff.actor().to_string(),
    );
    let run = app.db.write(args, |tx, (app, id, managers, actor)| {
        Box::pin(service::set_managers(tx, app, *id, managers, actor))
    });
    run.await?;
    Ok(tagged(StatusCode::OK, service::get(&app, community).await?))
}

/// Gives a community another link; the old one leads nowhere from now on.
#[utoipa::path(post, path = "/api/v1/communities/{community}/codes", operation_id = "renew_community_code",
    tag = "communities", params(("community" = CommunityId, Path)), responses((status = 200, body = Community),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager"])))]
async fn renew_code(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(community): Path<CommunityId>,
) -> Result<Response> {
    reach_of(&app, &staff, community).await?;
    let args = (community, staff.actor().to_string());
    let run = app.db.write(args, |tx, (id, actor)| {
        Box::pin(service::new_code(tx, *id, actor))
    });
    run.await?;
    Ok(tagged(StatusCode::OK, service::get(&app, community).await?))
}

/// The link of a community as a picture to scan.
#[utoipa::path(get, path = "/api/v1/communities/{community}/qr.svg", operation_id = "get_community_qr",
    tag = "communities", params(("community" = CommunityId, Path)),
    responses((status = 200, body = String, content_type = "image/svg+xml"), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn get_qr(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(community): Path<CommunityId>,
) -> Result<Response> {
    reach_of(&app, &staff, community).await?;
    let link = service::get(&app, community).await?.link;
    let svg = crate::qr::svg(&crate::qr::picture(&link)?);
    Ok(([(CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MembersQuery {
    /// Only those who stand here.
    state: Option<MembershipState>,
}

/// Who belongs to a community, or did; who joined last first.
#[utoipa::path(get, path = "/api/v1/communities/{community}/members", operation_id = "list_community_members",
    tag = "communities", params(("community" = CommunityId, Path), MembersQuery, Paging),
    responses((status = 200, body = Page<CommunityMember>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn list_members(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(community): Path<CommunityId>,
    Query(query): Query<MembersQuery>,
    page: Paging,
) -> Result<Json<Page<CommunityMember>>> {
    reach_of(&app, &staff, community).await?;
    let found = service::members(&app, community, query.state, page.limit, page.cursor).await?;
    Ok(Json(found))
}

/// Adds a member by hand, also one who was removed.
#[utoipa::path(post, path = "/api/v1/communities/{community}/members", operation_id = "add_community_member",
    tag = "communities", params(("community" = CommunityId, Path)), request_body = AddCommunityMember,
    responses((status = 200, body = Community), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager"])))]
async fn add_member(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(community): Path<CommunityId>,
    Json(request): Json<AddCommunityMember>,
) -> Result<Response> {
    reach_of(&app, &staff, community).await?;
    let member = crate::members::service::resolve(app.db.read(), &request.member).await?;
    let args = (community, member, staff.actor().to_string());
    let run = app.db.write(args, |tx, (id, member, actor)| {
        Box::pin(service::add(tx, *id, *member, actor))
    });
    run.await?;
    Ok(tagged(StatusCode::OK, service::get(&app, community).await?))
}

/// Removes a member, who cannot come back by the link.
#[utoipa::path(delete, path = "/api/v1/communities/{community}/members/{member}",
    operation_id = "remove_community_member", tag = "communities", params(("community" = CommunityId, Path),
        ("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)), security(("staff" = ["admin", "operator", "community_manager"])))]
async fn remove_member(
    State(app): State<App>,
    staff: CurrentStaff,
    Path((community, member)): Path<(CommunityId, String)>,
) -> Result<StatusCode> {
    reach_of(&app, &staff, community).await?;
    let member = crate::members::service::resolve(app.db.read(), &member).await?;
    let args = (community, member, staff.actor().to_string());
    let run = app.db.write(args, |tx, (id, member, actor)| {
        Box::pin(service::remove(tx, *id, *member, actor))
    });
    run.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The community that a link leads to.
#[utoipa::path(get, path = "/api/v1/me/community_codes/{code}", operation_id = "get_community_invitation", tag = "me",
    params(("code" = String, Path, description = "The code of the link")),
    responses((status = 200, body = MyCommunity), (status = 401, body = Problem), (status = 404, body = Problem)),
    security(("member" = [])))]
async fn get_invitation(
    State(app): State<App>,
    member: CurrentMember,
    Path(code): Path<String>,
) -> Result<Json<MyCommunity>> {
    Ok(Json(service::invitation(&app, member.id, &code).await?))
}

/// One's own communities.
#[utoipa::path(get, path = "/api/v1/me/communities", operation_id = "list_my_communities", tag = "me",
    responses((status = 200, body = MyCommunities), (status = 401, body = Problem)), security(("member" = [])))]
async fn list_mine(State(app): State<App>, member: CurrentMember) -> Result<Json<MyCommunities>> {
    Ok(Json(service::mine(&app, member.id).await?))
}

/// Joins the community that a link leads to. Joining again changes nothing.
#[utoipa::path(post, path = "/api/v1/me/communities", operation_id = "join_community", tag = "me",
    request_body = JoinCommunity, responses((status = 201, body = MyCommunities), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)), security(("member" = ["active"])))]
async fn join_community(
    State(app): State<App>,
    member: ActiveMember,
    Json(request): Json<JoinCommunity>,
) -> Result<(StatusCode, Json<MyCommunities>)> {
    let run = app
        .db
        .write((member.id, request.code), |tx, (member, code)| {
            Box::pin(service::join(tx, *member, code))
        });
    run.await?;
    let mine = service::mine(&app, member.id).await?;
    Ok((StatusCode::CREATED, Json(mine)))
}

/// Leaves a community. Leaving again changes nothing.
#[utoipa::path(delete, path = "/api/v1/me/communities/{community}", operation_id = "leave_community", tag = "me",
    params(("community" = CommunityId, Path)), responses((status = 204), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)), security(("member" = ["active"])))]
async fn leave_community(
    State(app): State<App>,
    member: ActiveMember,
    Path(community): Path<CommunityId>,
) -> Result<StatusCode> {
    let run = app
        .db
        .write((community, member.id), |tx, (community, member)| {
            Box::pin(service::leave(tx, *community, *member))
        });
    run.await?;
    Ok(StatusCode::NO_CONTENT)
}
