//! Routes of staff and API keys.

use super::service;
use crate::App;
use crate::auth::CurrentStaff;
use crate::error::Result;
use crate::http::extract::{Json, Paging, Path};
use axum::extract::State;
use axum::http::StatusCode;
use shared::ids::{ApiKeyId, StaffId};
use shared::page::Page;
use shared::problem::Problem;
use shared::staff::Role;
use shared::staff::api::{ApiKey, CreateApiKey, CreateStaff, CreatedApiKey, Staff};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_staff, list_staff))
        .routes(routes!(get_own_staff))
        .routes(routes!(deactivate_staff))
        .routes(routes!(create_api_key, list_api_keys))
        .routes(routes!(revoke_api_key))
}

const ADMINS: &[Role] = &[Role::Admin];
const AUDITORS: &[Role] = &[Role::Admin, Role::Auditor];

/// Makes a staff account
#[utoipa::path(post, path = "/api/v1/staff", operation_id = "create_staff", tag = "staff",
    request_body = CreateStaff, security(("staff" = [])),
    responses((status = 201, description = "Made", body = Staff),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn create_staff(
    State(app): State<App>,
    caller: CurrentStaff,
    Json(request): Json<CreateStaff>,
) -> Result<(StatusCode, Json<Staff>)> {
    caller.require_role(ADMINS)?;
    Ok((
        StatusCode::CREATED,
        Json(service::create(&app, request, caller.actor()).await?),
    ))
}

/// Lists staff accounts, newest first
#[utoipa::path(get, path = "/api/v1/staff", operation_id = "list_staff", tag = "staff",
    params(Paging), security(("staff" = [])),
    responses((status = 200, description = "A page of accounts", body = Page<Staff>),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn list_staff(
    State(app): State<App>,
    caller: CurrentStaff,
    page: Paging,
) -> Result<Json<Page<Staff>>> {
    caller.require_role(AUDITORS)?;
    Ok(Json(service::list(&app, page.limit, page.cursor).await?))
}

/// Shows the account that is signed in
#[utoipa::path(get, path = "/api/v1/staff/me", operation_id = "get_own_staff", tag = "staff",
    security(("staff" = [])),
    responses((status = 200, description = "The account", body = Staff),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn get_own_staff(State(app): State<App>, caller: CurrentStaff) -> Result<Json<Staff>> {
    Ok(Json(service::get(&app, caller.id).await?))
}

/// Stops a staff account from signing in, and signs it out
#[utoipa::path(post, path = "/api/v1/staff/{id}/deactivate", operation_id = "deactivate_staff", tag = "staff",
    params(("id" = StaffId, Path, description = "The account")), security(("staff" = [])),
    responses((status = 200, description = "It is inactive", body = Staff),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn deactivate_staff(
    State(app): State<App>,
    caller: CurrentStaff,
    Path(id): Path<StaffId>,
) -> Result<Json<Staff>> {
    caller.require_role(ADMINS)?;
    Ok(Json(service::deactivate(&app, id, caller.actor()).await?))
}

/// Makes an API key; its secret is shown this once
#[utoipa::path(post, path = "/api/v1/api_keys", operation_id = "create_api_key", tag = "staff",
    request_body = CreateApiKey, security(("staff" = [])),
    responses((status = 201, description = "Made", body = CreatedApiKey),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn create_api_key(
    State(app): State<App>,
    caller: CurrentStaff,
    Json(request): Json<CreateApiKey>,
) -> Result<(StatusCode, Json<CreatedApiKey>)> {
    caller.require_role(ADMINS)?;
    Ok((
        StatusCode::CREATED,
        Json(service::create_key(&app, request, caller.actor()).await?),
    ))
}

/// Lists API keys, newest first, without their secrets
#[utoipa::path(get, path = "/api/v1/api_keys", operation_id = "list_api_keys", tag = "staff",
    params(Paging), security(("staff" = [])),
    responses((status = 200, description = "A page of keys", body = Page<ApiKey>),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn list_api_keys(
    State(app): State<App>,
    caller: CurrentStaff,
    page: Paging,
) -> Result<Json<Page<ApiKey>>> {
    caller.require_role(AUDITORS)?;
    Ok(Json(
        service::list_keys(&app, page.limit, page.cursor).await?,
    ))
}

/// Revokes an API key; it stops working at once
#[utoipa::path(delete, path = "/api/v1/api_keys/{id}", operation_id = "revoke_api_key", tag = "staff",
    params(("id" = ApiKeyId, Path, description = "The key")), security(("staff" = [])),
    responses((status = 204, description = "It is revoked"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn revoke_api_key(
    State(app): State<App>,
    caller: CurrentStaff,
    Path(id): Path<ApiKeyId>,
) -> Result<StatusCode> {
    caller.require_role(ADMINS)?;
    service::revoke_key(&app, id, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
