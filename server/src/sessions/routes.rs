//! Routes of members' sessions.

use super::{handoff, passwords, service, staff_routes};
use crate::App;
use crate::auth::{
    ApiKeyAuth, Audience, Cookies, CurrentMember, Keeping, MemberPage, Principal, SignInBudget,
    Subject,
};
use crate::error::{AppError, Result};
use crate::http::extract::{Json, Paging, Path, UserAgent};
use crate::tasks::routes::mark_of;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum_extra::extract::cookie::CookieJar;
use shared::embed::api::Embedding;
use shared::ids::SessionId;
use shared::page::Page;
use shared::problem::{ErrorCode, Problem};
use shared::sessions::api::{
    ChangePassword, CreateEmbedSession, Device, EmbedSession, ExchangeCode, MemberSession,
    PasswordState, SignIn, SignUp,
};
use shared::staff::Scope;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_sign_up))
        .routes(routes!(create_session, list_sessions, delete_sessions))
        .routes(routes!(exchange_session))
        .routes(routes!(refresh_session))
        .routes(routes!(delete_current_session))
        .routes(routes!(delete_other_sessions))
        .routes(routes!(delete_session))
        .routes(routes!(create_embed_session))
        .routes(routes!(get_embedding))
        .routes(routes!(get_my_password, change_my_password))
        .merge(staff_routes::router())
}

/// An answer that sets the refresh cookie.
type WithCookie<T> = (StatusCode, CookieJar, Json<T>);

fn signed_in(
    app: &App,
    headers: &HeaderMap,
    status: StatusCode,
    done: service::SignedIn<MemberSession>,
) -> WithCookie<MemberSession> {
    let cookies = Cookies::of(&app.config, headers);
    let jar = cookies.with_refresh_token(Audience::Member, done.refresh_token, done.seconds);
    (status, jar, Json(done.body))
}

/// Makes a member who signs in with a password, and signs in
#[utoipa::path(post, path = "/api/v1/sign_ups", operation_id = "create_sign_up", tag = "sessions",
    params(("x-coterie-client" = String, Header, description = "member")),
    request_body = SignUp,
    responses((status = 201, description = "Signed in; the refresh token is in the cookie", body = MemberSession),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")),
    security(()))]
async fn create_sign_up(
    State(app): State<App>,
    _page: MemberPage,
    _budget: SignInBudget,
    UserAgent(user_agent): UserAgent,
    headers: HeaderMap,
    Json(request): Json<SignUp>,
) -> Result<WithCookie<MemberSession>> {
    let visitor = mark_of(&headers);
    let done = service::sign_up(&app, request, user_agent, visitor).await?;
    Ok(signed_in(&app, &headers, StatusCode::CREATED, done))
}

/// Signs a member in by e-mail or phone and password
#[utoipa::path(post, path = "/api/v1/sessions", operation_id = "create_session", tag = "sessions",
    params(("x-coterie-client" = String, Header, description = "member")),
    request_body = SignIn,
    responses((status = 201, description = "Signed in; the refresh token is in the cookie", body = MemberSession),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")),
    security(()))]
async fn create_session(
    State(app): State<App>,
    _page: MemberPage,
    _budget: SignInBudget,
    UserAgent(user_agent): UserAgent,
    headers: HeaderMap,
    Json(request): Json<SignIn>,
) -> Result<WithCookie<MemberSession>> {
    let done = service::sign_in(&app, request, user_agent).await?;
    Ok(signed_in(&app, &headers, StatusCode::CREATED, done))
}

/// Exchanges the code of a hand-off address for a session
#[utoipa::path(post, path = "/api/v1/sessions/exchange", operation_id = "exchange_session", tag = "sessions",
    params(("x-coterie-client" = String, Header, description = "member"),
        ("x-coterie-frame" = Option<String>, Header, description = "In the frame of another site: `partitioned`, or \
            `memory` where the browser keeps no cookies there; the session then lasts as long as the access token")),
    request_body = ExchangeCode,
    responses((status = 201, description = "Signed in; the refresh token is in the cookie", body = MemberSession),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")),
    security(()))]
async fn exchange_session(
    State(app): State<App>,
    _page: MemberPage,
    _budget: SignInBudget,
    UserAgent(user_agent): UserAgent,
    headers: HeaderMap,
    Json(request): Json<ExchangeCode>,
) -> Result<WithCookie<MemberSession>> {
    let keeping = Keeping::of(&headers);
    let done = handoff::exchange(&app, request, user_agent, keeping).await?;
    Ok(signed_in(&app, &headers, StatusCode::CREATED, done))
}

/// Gives a new access token for the refresh token of the cookie, which is replaced
#[utoipa::path(post, path = "/api/v1/sessions/refresh", operation_id = "refresh_session", tag = "sessions",
    params(("x-coterie-client" = String, Header, description = "member"),
        ("x-coterie-frame" = Option<String>, Header, description = "`partitioned` in the frame of another site")),
    responses((status = 200, description = "Still signed in", body = MemberSession),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")),
    security(()))]
async fn refresh_session(
    State(app): State<App>,
    _page: MemberPage,
    _budget: SignInBudget,
    headers: HeaderMap,
) -> Result<WithCookie<MemberSession>, (CookieJar, AppError)> {
    let cookies = Cookies::of(&app.config, &headers);
    let refreshed = match cookies.refresh_token(Audience::Member) {
        Some(token) => service::refresh(&app, token).await,
        None => Err(ErrorCode::Unauthenticated.into()),
    };
    match refreshed {
        Ok(done) => Ok(signed_in(&app, &headers, StatusCode::OK, done)),
        Err(error) => Err((after_refusal(cookies, Audience::Member, &error), error)),
    }
}

/// A session that has ended takes its cookie along; anything else may pass.
pub(super) fn after_refusal(cookies: Cookies, audience: Audience, error: &AppError) -> CookieJar {
    if error.code() == Some(ErrorCode::SessionEnded) {
        cookies.without_refresh_token(audience)
    } else {
        CookieJar::new()
    }
}

/// Signs this browser out
#[utoipa::path(delete, path = "/api/v1/sessions/current", operation_id = "delete_current_session", tag = "sessions",
    params(("x-coterie-client" = String, Header, description = "member"),
        ("x-coterie-frame" = Option<String>, Header, description = "`partitioned` in the frame of another site")),
    responses((status = 204, description = "Signed out, or was not signed in"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")),
    security(()))]
async fn delete_current_session(
    State(app): State<App>,
    _page: MemberPage,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<(StatusCode, CookieJar)> {
    if let Ok(Principal::Member(member)) = Principal::of(&extensions) {
        service::sign_out(&app, member.session, Subject::Member(member.id)).await?;
    }
    let cookies = Cookies::of(&app.config, &headers);
    if let Some(token) = cookies.refresh_token(Audience::Member) {
        service::sign_out_token(&app, Audience::Member, token).await?;
    }
    Ok((
        StatusCode::NO_CONTENT,
        cookies.without_refresh_token(Audience::Member),
    ))
}

/// Lists the member's signed-in devices, newest first
#[utoipa::path(get, path = "/api/v1/sessions", operation_id = "list_sessions", tag = "sessions",
    params(Paging),
    security(("member" = [])),
    responses((status = 200, description = "A page of devices", body = Page<Device>),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn list_sessions(
    State(app): State<App>,
    member: CurrentMember,
    page: Paging,
) -> Result<Json<Page<Device>>> {
    let devices =
        service::devices(&app, member.id, member.session, page.limit, page.cursor).await?;
    Ok(Json(devices))
}

/// Signs the member out everywhere
#[utoipa::path(delete, path = "/api/v1/sessions", operation_id = "delete_sessions", tag = "sessions",
    security(("member" = [])),
    responses((status = 204, description = "Signed out on all devices"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn delete_sessions(
    State(app): State<App>,
    member: CurrentMember,
    headers: HeaderMap,
) -> Result<(StatusCode, CookieJar)> {
    service::sign_out_everywhere(&app, member.id).await?;
    let cookies = Cookies::of(&app.config, &headers);
    Ok((
        StatusCode::NO_CONTENT,
        cookies.without_refresh_token(Audience::Member),
    ))
}

/// Signs the member out on all devices but this one
#[utoipa::path(delete, path = "/api/v1/sessions/others", operation_id = "delete_other_sessions", tag = "sessions",
    security(("member" = [])),
    responses((status = 204, description = "Signed out on the other devices"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn delete_other_sessions(
    State(app): State<App>,
    member: CurrentMember,
) -> Result<StatusCode> {
    service::sign_out_others(&app, member.id, member.session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs the member out on one device
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", operation_id = "delete_session", tag = "sessions",
    params(("id" = SessionId, Path, description = "The session")),
    security(("member" = [])),
    responses((status = 204, description = "Signed out there"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn delete_session(
    State(app): State<App>,
    member: CurrentMember,
    Path(id): Path<SessionId>,
) -> Result<StatusCode> {
    service::sign_out_device(&app, member.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells whether one signs in with a password
#[utoipa::path(get, path = "/api/v1/me/password", operation_id = "get_my_password", tag = "sessions",
    security(("member" = [])),
    responses((status = 200, description = "Whether one is set", body = PasswordState),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn get_my_password(
    State(app): State<App>,
    member: CurrentMember,
) -> Result<Json<PasswordState>> {
    let subject = Subject::Member(member.id);
    Ok(Json(passwords::state(&app, subject).await?))
}

/// Changes one's own password, and signs the other devices out
#[utoipa::path(post, path = "/api/v1/me/password", operation_id = "change_my_password", tag = "sessions",
    request_body = ChangePassword, security(("member" = [])),
    responses((status = 204, description = "Changed; this device stays signed in"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn change_my_password(
    State(app): State<App>,
    member: CurrentMember,
    Json(request): Json<ChangePassword>,
) -> Result<StatusCode> {
    let subject = Subject::Member(member.id);
    passwords::change(&app, subject, member.session, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes an address that signs a member in once, for a webview or a link
#[utoipa::path(post, path = "/api/v1/embed_sessions", operation_id = "create_embed_session", tag = "sessions",
    request_body = CreateEmbedSession,
    security(("api_key" = ["embed:create"])),
    responses((status = 201, description = "Open the address within two minutes", body = EmbedSession),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn create_embed_session(
    State(app): State<App>,
    key: ApiKeyAuth,
    Json(request): Json<CreateEmbedSession>,
) -> Result<(StatusCode, Json<EmbedSession>)> {
    key.require_scope(Scope::EmbedCreate)?;
    Ok((
        StatusCode::CREATED,
        Json(handoff::create(&app, request).await?),
    ))
}

/// Tells which sites may show the member centre in a frame
#[utoipa::path(get, path = "/api/v1/embedding", operation_id = "get_embedding", tag = "sessions",
    security(()),
    responses((status = 200, description = "Their origins", body = Embedding),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn get_embedding(State(app): State<App>) -> Json<Embedding> {
    Json(handoff::embedding(&app))
}
