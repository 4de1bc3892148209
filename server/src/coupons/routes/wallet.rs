//! HTTP of what members hold and what was used.

use crate::App;
use crate::auth::{ActiveMember, Caller, CurrentMember, CurrentStaff, READERS};
use crate::coupons::{service, views};
use crate::db::idempotency::Reply;
use crate::error::Result;
use crate::http::extract::{Json, Once, Paging, Path, Query};
use crate::http::rate_limit::Bucket;
use crate::members::routes::ReadableMember;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::coupons::api::{
    Burn, CouponDetail, CouponView, EnterCode, Offer, Redemption, UseState, WalletCounts, WalletTab,
};
use shared::ids::{CouponId, CouponTemplateId};
use shared::page::Page;
use shared::points::api::Explanation;
use shared::problem::Problem;
use shared::staff::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_my_coupons))
        .routes(routes!(count_my_coupons))
        .routes(routes!(get_my_coupon))
        .routes(routes!(explain_my_coupon))
        .routes(routes!(list_my_offers))
        .routes(routes!(enter_code))
        .routes(routes!(list_member_coupons))
        .routes(routes!(get_coupon))
        .routes(routes!(explain_coupon))
        .routes(routes!(list_redemptions))
        .routes(routes!(get_burn))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WalletQuery {
    /// Which tab; `usable` when absent.
    #[serde(default)]
    tab: WalletTab,
}

/// One's own coupons: what can be used by its end, the others newest first.
#[utoipa::path(get, path = "/api/v1/me/coupons", operation_id = "list_my_coupons", tag = "me",
    params(WalletQuery, Paging), responses((status = 200, body = Page<CouponView>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 422, body = Problem)), security(("member" = [])))]
async fn list_my_coupons(
    State(app): State<App>,
    member: CurrentMember,
    Query(query): Query<WalletQuery>,
    paging: Paging,
) -> Result<Json<Page<CouponView>>> {
    Ok(Json(
        views::wallet(&app, member.id, query.tab, paging.limit, paging.cursor).await?,
    ))
}

/// How many coupons one has, by the wallet's tabs.
#[utoipa::path(get, path = "/api/v1/me/coupon_counts", operation_id = "count_my_coupons", tag = "me",
    responses((status = 200, body = WalletCounts), (status = 401, body = Problem)), security(("member" = [])))]
async fn count_my_coupons(
    State(app): State<App>,
    member: CurrentMember,
) -> Result<Json<WalletCounts>> {
    Ok(Json(views::counts(&app, member.id).await?))
}

/// One of one's own coupons, with its code to scan and what keeps it from being used now.
#[utoipa::path(get, path = "/api/v1/me/coupons/{coupon}", operation_id = "get_my_coupon", tag = "me",
    params(("coupon" = CouponId, Path)), responses((status = 200, body = CouponDetail),
        (status = 401, body = Problem), (status = 404, body = Problem)), security(("member" = [])))]
async fn get_my_coupon(
    State(app): State<App>,
    member: CurrentMember,
    Path(coupon): Path<CouponId>,
) -> Result<Json<CouponDetail>> {
    Ok(Json(views::detail(&app, coupon, Some(member.id)).await?))
}

/// Why one of one's own coupons is what it is.
#[utoipa::path(get, path = "/api/v1/me/coupons/{coupon}/explanations", operation_id = "explain_my_coupon", tag = "me",
    params(("coupon" = CouponId, Path)), responses((status = 200, body = Explanation),
        (status = 401, body = Problem), (status = 404, body = Problem)), security(("member" = [])))]
async fn explain_my_coupon(
    State(app): State<App>,
    member: CurrentMember,
    Path(coupon): Path<CouponId>,
) -> Result<Json<Explanation>> {
    Ok(Json(
        views::explanation(&app, coupon, Some(member.id)).await?,
    ))
}

/// What one finds in the claim centre.
#[utoipa::path(get, path = "/api/v1/me/coupon_offers", operation_id = "list_my_coupon_offers", tag = "me",
    responses((status = 200, body = Vec<Offer>), (status = 401, body = Problem)), security(("member" = [])))]
async fn list_my_offers(State(app): State<App>, member: CurrentMember) -> Result<Json<Vec<Offer>>> {
    Ok(Json(views::offers(&app, member.id).await?))
}

/// A coupon that a code gave.
#[derive(Serialize, ToSchema)]
struct Entered {
    /// The coupon.
    coupon_id: CouponId,
}

/// Types in a code. Attempts are limited, slips of the finger are not counted.
#[utoipa::path(post, path = "/api/v1/me/coupon_codes", operation_id = "enter_coupon_code", tag = "me",
    params(("Idempotency-Key" = String, Header)), request_body = EnterCode,
    responses((status = 201, body = Entered), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem)), security(("member" = ["active"])))]
async fn enter_code(
    State(app): State<App>,
    member: ActiveMember,
    Once(intent, request): Once<EnterCode>,
) -> Result<Reply> {
    service::refuse_slip(&request.code)?;
    app.limits.check(Bucket::CouponCode, member.id)?;
    let args = (app.clone(), member.id, request.code);
    let run = app.db.write_once(intent, args, |tx, (app, member, code)| {
        Box::pin(async move {
            let coupon_id = service::enter(tx, app, *member, code).await?;
            Ok((201, Entered { coupon_id }))
        })
    });
    run.await
}

/// A member's coupons.
#[utoipa::path(get, path = "/api/v1/members/{member}/coupons", operation_id = "list_member_coupons", tag = "coupons",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id"), WalletQuery, Paging),
    responses((status = 200, body = Page<CouponView>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn list_member_coupons(
    State(app): State<App>,
    member: ReadableMember,
    Query(query): Query<WalletQuery>,
    paging: Paging,
) -> Result<Json<Page<CouponView>>> {
    Ok(Json(
        views::wallet(&app, member.id, query.tab, paging.limit, paging.cursor).await?,
    ))
}

/// A coupon in full.
#[utoipa::path(get, path = "/api/v1/coupons/{coupon}", operation_id = "get_coupon", tag = "coupons",
    params(("coupon" = CouponId, Path)), responses((status = 200, body = CouponDetail), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["coupons:write"])))]
async fn get_coupon(
    State(app): State<App>,
    caller: Caller,
    Path(coupon): Path<CouponId>,
) -> Result<Json<CouponDetail>> {
    caller.require(READERS, Scope::CouponsWrite)?;
    Ok(Json(views::detail(&app, coupon, None).await?))
}

/// Why a coupon is what it is.
#[utoipa::path(get, path = "/api/v1/coupons/{coupon}/explanations", operation_id = "explain_coupon", tag = "coupons",
    params(("coupon" = CouponId, Path)), responses((status = 200, body = Explanation), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["coupons:write"])))]
async fn explain_coupon(
    State(app): State<App>,
    caller: Caller,
    Path(coupon): Path<CouponId>,
) -> Result<Json<Explanation>> {
    caller.require(READERS, Scope::CouponsWrite)?;
    Ok(Json(views::explanation(&app, coupon, None).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LogQuery {
    /// Only uses of this template.
    template: Option<CouponTemplateId>,
    /// Only uses in this state.
    state: Option<UseState>,
}

/// Uses of coupons, the last changed first.
#[utoipa::path(get, path = "/api/v1/coupon_redemptions", operation_id = "list_coupon_redemptions", tag = "coupons",
    params(LogQuery, Paging), responses((status = 200, body = Page<Redemption>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn list_redemptions(
    State(app): State<App>,
    staff: CurrentStaff,
    Query(query): Query<LogQuery>,
    paging: Paging,
) -> Result<Json<Page<Redemption>>> {
    staff.require_role(READERS)?;
    let filter = views::LogFilter {
        template: query.template,
        state: query.state,
    };
    Ok(Json(
        views::log(&app, filter, paging.limit, paging.cursor).await?,
    ))
}

/// How the budget of a template was used up in the last thirty days.
#[utoipa::path(get, path = "/api/v1/coupon_templates/{template}/burn", operation_id = "get_coupon_burn", tag = "coupons",
    params(("template" = CouponTemplateId, Path)), responses((status = 200, body = Burn), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn get_burn(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(template): Path<CouponTemplateId>,
) -> Result<Json<Burn>> {
    staff.require_role(READERS)?;
    Ok(Json(views::burn(&app, template).await?))
}
