//! Routes of staff sessions.

use super::routes::after_refusal;
use super::{passwords, service};
use crate::App;
use crate::auth::{Audience, ConsolePage, Cookies, CurrentStaff, Principal, SignInBudget, Subject};
use crate::error::{AppError, Result};
use crate::http::extract::{Json, UserAgent};
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum_extra::extract::cookie::CookieJar;
use shared::problem::{ErrorCode, Problem};
use shared::sessions::api::{ChangePassword, StaffSession, StaffSignIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this module.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_staff_session))
        .routes(routes!(change_own_password))
        .routes(routes!(refresh_staff_session))
        .routes(routes!(delete_current_staff_session))
}

fn signed_in(
    app: &App,
    headers: &HeaderMap,
    status: StatusCode,
    done: service::SignedIn<StaffSession>,
) -> (StatusCode, CookieJar, Json<StaffSession>) {
    let cookies = Cookies::of(&app.config, headers);
    let jar = cookies.with_refresh_token(Audience::Staff, done.refresh_token, done.seconds);
    (status, jar, Json(done.body))
}

/// Changes one's own password in the console, and signs the other devices out
#[utoipa::path(post, path = "/api/v1/staff/me/password", operation_id = "change_own_password", tag = "staff",
    request_body = ChangePassword,
    security(("staff" = ["admin", "operator", "community_manager", "auditor", "enrolling"])),
    responses((status = 204, description = "Changed; this device stays signed in"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn change_own_password(
    State(app): State<App>,
    caller: CurrentStaff,
    Json(request): Json<ChangePassword>,
) -> Result<StatusCode> {
    let subject = Subject::Staff(caller.id);
    passwords::change(&app, subject, caller.session, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs staff in by e-mail and password
#[utoipa::path(post, path = "/api/v1/staff_sessions", operation_id = "create_staff_session", tag = "sessions",
    params(("x-coterie-client" = String, Header, description = "console")),
    request_body = StaffSignIn,
    responses((status = 201, description = "Signed in; the refresh token is in the cookie", body = StaffSession),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")),
    security(()))]
async fn create_staff_session(
    State(app): State<App>,
    _page: ConsolePage,
    _budget: SignInBudget,
    UserAgent(user_agent): UserAgent,
    headers: HeaderMap,
    Json(request): Json<StaffSignIn>,
) -> Result<(StatusCode, CookieJar, Json<StaffSession>)> {
    let done = service::sign_in_staff(&app, request, user_agent).await?;
    Ok(signed_in(&app, &headers, StatusCode::CREATED, done))
}

/// Gives a new access token for the refresh token of the cookie, which is replaced
#[utoipa::path(post, path = "/api/v1/staff_sessions/refresh", operation_id = "refresh_staff_session", tag = "sessions",
    params(("x-coterie-client" = String, Header, description = "console")),
    responses((status = 200, description = "Still signed in", body = StaffSession),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")),
    security(()))]
async fn refresh_staff_session(
    State(app): State<App>,
    _page: ConsolePage,
    _budget: SignInBudget,
    headers: HeaderMap,
) -> Result<(StatusCode, CookieJar, Json<StaffSession>), (CookieJar, AppError)> {
    let cookies = Cookies::of(&app.config, &headers);
    let refreshed = match cookies.refresh_token(Audience::Staff) {
        Some(token) => service::refresh_staff(&app, token).await,
        None => Err(ErrorCode::Unauthenticated.into()),
    };
    match refreshed {
        Ok(done) => Ok(signed_in(&app, &headers, StatusCode::OK, done)),
        Err(error) => Err((after_refusal(cookies, Audience::Staff, &error), error)),
    }
}

/// Signs this browser out of the console
#[utoipa::path(delete, path = "/api/v1/staff_sessions/current", operation_id = "delete_current_staff_session",
    tag = "sessions",
    params(("x-coterie-client" = String, Header, description = "console")),
    responses((status = 204, description = "Signed out, or was not signed in"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")),
    security(()))]
async fn delete_current_staff_session(
    State(app): State<App>,
    _page: ConsolePage,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<(StatusCode, CookieJar)> {
    if let Ok(Principal::Staff(staff)) = Principal::of(&extensions) {
        service::sign_out(&app, staff.session, Subject::Staff(staff.id)).await?;
    }
    let cookies = Cookies::of(&app.config, &headers);
    if let Some(token) = cookies.refresh_token(Audience::Staff) {
        service::sign_out_token(&app, Audience::Staff, token).await?;
    }
    Ok((
        StatusCode::NO_CONTENT,
        cookies.without_refresh_token(Audience::Staff),
    ))
}
