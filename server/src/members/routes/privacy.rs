//! HTTP of what members decide about their own data.

use super::super::service;
use super::ManagedMember;
use crate::App;
use crate::auth::{ActiveMember, Audience, Cookies, CurrentMember};
use crate::error::Result;
use crate::http::extract::{Json, Path};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum_extra::extract::cookie::CookieJar;
use shared::ids::MemberId;
use shared::members::Channel;
use shared::members::api::{ConsentList, EraseMe, EraseMember, Erased, ErasurePreview, SetConsent};
use shared::problem::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this module.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_my_consents))
        .routes(routes!(set_my_consent))
        .routes(routes!(export_me))
        .routes(routes!(export_member))
        .routes(routes!(get_my_erasure))
        .routes(routes!(erase_me))
        .routes(routes!(get_member_erasure))
        .routes(routes!(erase_member))
}

/// An export as a file to keep.
async fn download(app: &App, member: MemberId, actor: String) -> Result<Response> {
    let chunks = service::export_all(app, member, actor).await?;
    let mut response = Response::new(Body::from_stream(chunks));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let name = format!("attachment; filename=\"{member}.json\"");
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// Everything that is kept about oneself, as a JSON file.
#[utoipa::path(get, path = "/api/v1/me/export", operation_id = "export_me", tag = "me",
    responses((status = 200, description = "The file, written while it is read", content_type = "application/json"),
        (status = 401, body = Problem)),
    security(("member" = [])))]
async fn export_me(State(app): State<App>, member: CurrentMember) -> Result<Response> {
    download(&app, member.id, member.id.to_string()).await
}

/// Everything that is kept about a member, as a JSON file.
#[utoipa::path(get, path = "/api/v1/members/{member}/export", operation_id = "export_member", tag = "members",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    responses((status = 200, description = "The file, written while it is read", content_type = "application/json"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["members:write"])))]
async fn export_member(State(app): State<App>, member: ManagedMember) -> Result<Response> {
    download(&app, member.id, member.actor.to_string()).await
}

/// What erasing oneself would do.
#[utoipa::path(get, path = "/api/v1/me/erasure", operation_id = "get_my_erasure", tag = "me",
    responses((status = 200, body = ErasurePreview), (status = 401, body = Problem)),
    security(("member" = [])))]
async fn get_my_erasure(
    State(app): State<App>,
    member: CurrentMember,
) -> Result<Json<ErasurePreview>> {
    Ok(Json(
        service::preview_erasure(&app, member.id, Some(member)).await?,
    ))
}

/// Ends one's own membership for good: the person goes, the books stay.
#[utoipa::path(post, path = "/api/v1/me/erase", operation_id = "erase_me", tag = "me", request_body = EraseMe,
    responses((status = 200, description = "Erased, and signed out everywhere", body = Erased),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("member" = ["active"])))]
async fn erase_me(
    State(app): State<App>,
    member: ActiveMember,
    headers: HeaderMap,
    Json(request): Json<EraseMe>,
) -> Result<(CookieJar, Json<Erased>)> {
    let erased = service::erase_me(&app, member.id, member.session, request).await?;
    let cookies = Cookies::of(&app.config, &headers);
    Ok((
        cookies.without_refresh_token(Audience::Member),
        Json(erased),
    ))
}

/// What erasing a member would do.
#[utoipa::path(get, path = "/api/v1/members/{member}/erasure", operation_id = "get_member_erasure", tag = "members",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    responses((status = 200, body = ErasurePreview), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["members:write"])))]
async fn get_member_erasure(
    State(app): State<App>,
    member: ManagedMember,
) -> Result<Json<ErasurePreview>> {
    Ok(Json(service::preview_erasure(&app, member.id, None).await?))
}

/// Erases a member who asked for it: the person goes, the books stay. Doing it again changes nothing.
#[utoipa::path(post, path = "/api/v1/members/{member}/erase", operation_id = "erase_member", tag = "members",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    request_body = EraseMember, responses((status = 200, body = Erased), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["members:write"])))]
async fn erase_member(
    State(app): State<App>,
    member: ManagedMember,
    Json(request): Json<EraseMember>,
) -> Result<Json<Erased>> {
    let args = (member.id, member.actor.to_string(), request.reason);
    let erase = app.db.write(args, |tx, (id, actor, reason)| {
        Box::pin(service::erase(tx, *id, actor, reason))
    });
    Ok(Json(erase.await?))
}

/// Which channels one agreed to be written on, and when.
#[utoipa::path(get, path = "/api/v1/me/consents", operation_id = "list_my_consents", tag = "me",
    responses((status = 200, body = ConsentList), (status = 401, body = Problem)),
    security(("member" = [])))]
async fn list_my_consents(
    State(app): State<App>,
    member: CurrentMember,
) -> Result<Json<ConsentList>> {
    Ok(Json(service::consents(app.db.read(), member.id).await?))
}

/// Agrees to be written on a channel, or no longer does.
#[utoipa::path(put, path = "/api/v1/me/consents/{channel}", operation_id = "set_my_consent", tag = "me",
    params(("channel" = Channel, Path, description = "The channel")), request_body = SetConsent,
    responses((status = 200, body = ConsentList), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("member" = ["active"])))]
async fn set_my_consent(
    State(app): State<App>,
    member: ActiveMember,
    Path(channel): Path<Channel>,
    Json(request): Json<SetConsent>,
) -> Result<Json<ConsentList>> {
    let args = (member.id, channel, request.granted);
    let set = app.db.write(args, |tx, (id, channel, granted)| {
        Box::pin(service::set_consent(tx, *id, *channel, *granted))
    });
    Ok(Json(set.await?))
}
