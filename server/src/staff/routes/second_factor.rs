//! Routes of the second step of signing in.

use super::super::service;
use crate::App;
use crate::auth::CurrentStaff;
use crate::error::Result;
use crate::http::extract::{Json, Path};
use axum::extract::State;
use axum::http::StatusCode;
use shared::ids::StaffId;
use shared::problem::Problem;
use shared::staff::api::{
    BeginTotp, DisableTotp, RecoveryCodes, ResetTotp, SecondFactor, Staff, StaffPolicy, TotpCode,
    TotpEnrolment,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this module.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_own_second_factor))
        .routes(routes!(begin_totp))
        .routes(routes!(confirm_totp))
        .routes(routes!(renew_recovery_codes))
        .routes(routes!(disable_totp))
        .routes(routes!(reset_totp))
        .routes(routes!(get_staff_policy, set_staff_policy))
}

/// Tells how one's own account is protected beyond the password
#[utoipa::path(get, path = "/api/v1/staff/me/totp", operation_id = "get_own_second_factor", tag = "staff",
    security(("staff" = ["admin", "operator", "community_manager", "auditor", "enrolling"])),
    responses((status = 200, description = "How it is", body = SecondFactor),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn get_own_second_factor(
    State(app): State<App>,
    caller: CurrentStaff,
) -> Result<Json<SecondFactor>> {
    Ok(Json(service::second_factor(&app, caller.id).await?))
}

/// Begins to set up an authenticator app; the secret is shown this once
#[utoipa::path(post, path = "/api/v1/staff/me/totp", operation_id = "begin_totp", tag = "staff",
    request_body = BeginTotp,
    security(("staff" = ["admin", "operator", "community_manager", "auditor", "enrolling"])),
    responses((status = 201, description = "Confirm it with a code of the app", body = TotpEnrolment),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn begin_totp(
    State(app): State<App>,
    caller: CurrentStaff,
    Json(request): Json<BeginTotp>,
) -> Result<(StatusCode, Json<TotpEnrolment>)> {
    let begun = service::begin(&app, caller.id, request).await?;
    Ok((StatusCode::CREATED, Json(begun)))
}

/// Confirms the authenticator app; from now on signing in takes two steps
#[utoipa::path(post, path = "/api/v1/staff/me/totp/confirm", operation_id = "confirm_totp", tag = "staff",
    request_body = TotpCode,
    security(("staff" = ["admin", "operator", "community_manager", "auditor", "enrolling"])),
    responses((status = 200, description = "Recovery codes, shown this once", body = RecoveryCodes),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn confirm_totp(
    State(app): State<App>,
    caller: CurrentStaff,
    Json(request): Json<TotpCode>,
) -> Result<Json<RecoveryCodes>> {
    Ok(Json(service::confirm(&app, caller.id, request).await?))
}

/// Gives new recovery codes in place of the old ones
#[utoipa::path(post, path = "/api/v1/staff/me/totp/recovery_codes", operation_id = "renew_recovery_codes",
    tag = "staff", request_body = TotpCode,
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])),
    responses((status = 200, description = "Recovery codes, shown this once", body = RecoveryCodes),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn renew_recovery_codes(
    State(app): State<App>,
    caller: CurrentStaff,
    Json(request): Json<TotpCode>,
) -> Result<Json<RecoveryCodes>> {
    Ok(Json(service::renew_codes(&app, caller.id, request).await?))
}

/// Gives one's own second factor up
#[utoipa::path(post, path = "/api/v1/staff/me/totp/disable", operation_id = "disable_totp", tag = "staff",
    request_body = DisableTotp,
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])),
    responses((status = 204, description = "Signing in takes the password only"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn disable_totp(
    State(app): State<App>,
    caller: CurrentStaff,
    Json(request): Json<DisableTotp>,
) -> Result<StatusCode> {
    service::disable(&app, caller.id, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes another account's second factor away, and signs it out
#[utoipa::path(post, path = "/api/v1/staff/{id}/reset_totp", operation_id = "reset_totp", tag = "staff",
    params(("id" = StaffId, Path, description = "The account")), request_body = ResetTotp,
    security(("staff" = ["admin"])),
    responses((status = 200, description = "Its owner can set up a new one", body = Staff),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn reset_totp(
    State(app): State<App>,
    caller: CurrentStaff,
    Path(id): Path<StaffId>,
    Json(request): Json<ResetTotp>,
) -> Result<Json<Staff>> {
    Ok(Json(service::reset(&app, id, request, caller).await?))
}

/// Tells what the shop asks of all staff
#[utoipa::path(get, path = "/api/v1/staff_policy", operation_id = "get_staff_policy", tag = "staff",
    security(("staff" = ["admin", "auditor"])),
    responses((status = 200, description = "What is asked", body = StaffPolicy),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn get_staff_policy(
    State(app): State<App>,
    _caller: CurrentStaff,
) -> Result<Json<StaffPolicy>> {
    Ok(Json(service::policy(app.db.read()).await?))
}

/// Changes what the shop asks of all staff
#[utoipa::path(put, path = "/api/v1/staff_policy", operation_id = "set_staff_policy", tag = "staff",
    request_body = StaffPolicy, security(("staff" = ["admin"])),
    responses((status = 200, description = "What is asked now", body = StaffPolicy),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn set_staff_policy(
    State(app): State<App>,
    caller: CurrentStaff,
    Json(request): Json<StaffPolicy>,
) -> Result<Json<StaffPolicy>> {
    Ok(Json(
        service::set_policy(&app, request, caller.actor()).await?,
    ))
}
