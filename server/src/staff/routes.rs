//! Routes of staff and API keys.

mod second_factor;

use super::service;
use crate::App;
use crate::auth::{AUDITORS, CurrentStaff, READERS, SignInBudget};
use crate::error::Result;
use crate::http::extract::{Json, Paging, Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use shared::ids::{ApiKeyId, SavedViewId, StaffId};
use shared::page::Page;
use shared::problem::Problem;
use shared::staff::Role;
use shared::staff::api::{
    ApiKey, CreateApiKey, CreateStaff, CreatedApiKey, PasswordReset, ResetPassword, SaveView,
    SavedList, SavedView, Staff, UpdateStaff,
};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_staff, list_staff))
        .routes(routes!(get_own_staff))
        .routes(routes!(update_staff))
        .routes(routes!(create_password_reset))
        .routes(routes!(reset_password))
        .routes(routes!(list_saved_views, create_saved_view))
        .routes(routes!(update_saved_view, delete_saved_view))
        .routes(routes!(deactivate_staff))
        .routes(routes!(create_api_key, list_api_keys))
        .routes(routes!(revoke_api_key))
        .merge(second_factor::router())
}

const ADMINS: &[Role] = &[Role::Admin];

/// Makes a staff account
#[utoipa::path(post, path = "/api/v1/staff", operation_id = "create_staff", tag = "staff",
    request_body = CreateStaff,
    security(("staff" = ["admin"])),
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
    params(Paging),
    security(("staff" = ["admin", "auditor"])),
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
    security(("staff" = ["admin", "operator", "community_manager", "auditor", "enrolling"])),
    responses((status = 200, description = "The account", body = Staff),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn get_own_staff(State(app): State<App>, caller: CurrentStaff) -> Result<Json<Staff>> {
    Ok(Json(service::get(&app, caller.id).await?))
}

/// Stops a staff account from signing in, and signs it out
#[utoipa::path(post, path = "/api/v1/staff/{id}/deactivate", operation_id = "deactivate_staff", tag = "staff",
    params(("id" = StaffId, Path, description = "The account")),
    security(("staff" = ["admin"])),
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

/// Changes a staff account: name, role, whether it may sign in
#[utoipa::path(patch, path = "/api/v1/staff/{id}", operation_id = "update_staff", tag = "staff",
    params(("id" = StaffId, Path, description = "The account")), request_body = UpdateStaff,
    security(("staff" = ["admin"])),
    responses((status = 200, description = "Changed", body = Staff),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn update_staff(
    State(app): State<App>,
    caller: CurrentStaff,
    Path(id): Path<StaffId>,
    Json(request): Json<UpdateStaff>,
) -> Result<Json<Staff>> {
    caller.require_role(ADMINS)?;
    Ok(Json(
        service::change(&app, id, request, caller.actor()).await?,
    ))
}

/// Makes a code with which one of the staff sets a new password; it is shown this once
#[utoipa::path(post, path = "/api/v1/staff/{id}/password_resets", operation_id = "create_password_reset",
    tag = "staff", params(("id" = StaffId, Path, description = "The account")),
    security(("staff" = ["admin"])),
    responses((status = 201, description = "Made; earlier codes of the account stop working", body = PasswordReset),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn create_password_reset(
    State(app): State<App>,
    caller: CurrentStaff,
    Path(id): Path<StaffId>,
) -> Result<(StatusCode, Json<PasswordReset>)> {
    caller.require_role(ADMINS)?;
    Ok((
        StatusCode::CREATED,
        Json(service::create_reset(&app, id, caller.actor()).await?),
    ))
}

/// Sets a new password with a code, and signs the person out everywhere
#[utoipa::path(post, path = "/api/v1/password_resets", operation_id = "reset_password", tag = "staff",
    request_body = ResetPassword, responses((status = 204, description = "The password is set"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")),
    security(()))]
async fn reset_password(
    State(app): State<App>,
    _budget: SignInBudget,
    Json(request): Json<ResetPassword>,
) -> Result<StatusCode> {
    service::reset_password(&app, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ViewsQuery {
    /// Only views of this list.
    list: Option<SavedList>,
}

/// Lists one's own saved views, oldest first
#[utoipa::path(get, path = "/api/v1/saved_views", operation_id = "list_saved_views", tag = "staff",
    params(ViewsQuery),
    security(("staff" = ["admin", "operator", "auditor"])),
    responses((status = 200, description = "All of them; there are at most 50", body = Page<SavedView>),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn list_saved_views(
    State(app): State<App>,
    caller: CurrentStaff,
    Query(query): Query<ViewsQuery>,
) -> Result<Json<Page<SavedView>>> {
    caller.require_role(READERS)?;
    Ok(Json(Page {
        data: service::list_views(&app, caller.id, query.list).await?,
        next_cursor: None,
    }))
}

/// Saves a view of a list for oneself
#[utoipa::path(post, path = "/api/v1/saved_views", operation_id = "create_saved_view", tag = "staff",
    request_body = SaveView,
    security(("staff" = ["admin", "operator", "auditor"])),
    responses((status = 201, description = "Saved", body = SavedView),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn create_saved_view(
    State(app): State<App>,
    caller: CurrentStaff,
    Json(request): Json<SaveView>,
) -> Result<(StatusCode, Json<SavedView>)> {
    caller.require_role(READERS)?;
    Ok((
        StatusCode::CREATED,
        Json(service::create_view(&app, caller.id, request).await?),
    ))
}

/// Changes a saved view of one's own
#[utoipa::path(put, path = "/api/v1/saved_views/{id}", operation_id = "update_saved_view", tag = "staff",
    params(("id" = SavedViewId, Path, description = "The view")), request_body = SaveView,
    security(("staff" = ["admin", "operator", "auditor"])),
    responses((status = 200, description = "Changed", body = SavedView),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn update_saved_view(
    State(app): State<App>,
    caller: CurrentStaff,
    Path(id): Path<SavedViewId>,
    Json(request): Json<SaveView>,
) -> Result<Json<SavedView>> {
    caller.require_role(READERS)?;
    Ok(Json(
        service::change_view(&app, caller.id, id, request).await?,
    ))
}

/// Drops a saved view of one's own
#[utoipa::path(delete, path = "/api/v1/saved_views/{id}", operation_id = "delete_saved_view", tag = "staff",
    params(("id" = SavedViewId, Path, description = "The view")),
    security(("staff" = ["admin", "operator", "auditor"])),
    responses((status = 204, description = "Dropped"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn delete_saved_view(
    State(app): State<App>,
    caller: CurrentStaff,
    Path(id): Path<SavedViewId>,
) -> Result<StatusCode> {
    caller.require_role(READERS)?;
    service::delete_view(&app, caller.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes an API key; its secret is shown this once
#[utoipa::path(post, path = "/api/v1/api_keys", operation_id = "create_api_key", tag = "staff",
    request_body = CreateApiKey,
    security(("staff" = ["admin"])),
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
    params(Paging),
    security(("staff" = ["admin", "auditor"])),
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
    params(("id" = ApiKeyId, Path, description = "The key")),
    security(("staff" = ["admin"])),
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
