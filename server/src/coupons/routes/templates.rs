//! HTTP of templates and of giving coupons.

use crate::App;
use crate::auth::{ActiveMember, Caller, CurrentStaff, OPERATORS, READERS};
use crate::coupons::service;
use crate::db::idempotency::Reply;
use crate::error::Result;
use crate::http::extract::{IfMatch, Json, Once, Paging, Path, Query};
use axum::extract::State;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use shared::coupons::api::{
    ClaimCoupon, GrantCoupons, Granted, PublishCoupon, SetTemplateState, Template,
};
use shared::coupons::{CouponTerms, TemplateState};
use shared::ids::{CouponId, CouponTemplateId};
use shared::page::Page;
use shared::problem::Problem;
use shared::staff::Scope;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_templates, create_template))
        .routes(routes!(get_template, edit_template))
        .routes(routes!(set_template_state))
        .routes(routes!(grant_coupons))
        .routes(routes!(publish_coupon))
        .routes(routes!(claim_coupon))
        .routes(routes!(revoke_coupon))
}

/// A coupon that was issued.
#[derive(Serialize, Deserialize, ToSchema)]
struct Issued {
    /// The coupon.
    coupon_id: CouponId,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TemplatesQuery {
    /// Only templates in this state.
    state: Option<TemplateState>,
    /// Part of the name or the code.
    q: Option<String>,
}

/// Templates, newest first.
#[utoipa::path(get, path = "/api/v1/coupon_templates", operation_id = "list_coupon_templates", tag = "coupons",
    params(TemplatesQuery, Paging), responses((status = 200, body = Page<Template>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["coupons:write"])))]
async fn list_templates(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<TemplatesQuery>,
    paging: Paging,
) -> Result<Json<Page<Template>>> {
    caller.require(READERS, Scope::CouponsWrite)?;
    let q = query.q.as_deref();
    Ok(Json(
        service::list(&app, query.state, q, paging.limit, paging.cursor).await?,
    ))
}

/// Makes a template, a draft at first.
#[utoipa::path(post, path = "/api/v1/coupon_templates", operation_id = "create_coupon_template", tag = "coupons",
    params(("Idempotency-Key" = String, Header)), request_body = CouponTerms,
    responses((status = 201, body = Template), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn create_template(
    State(app): State<App>,
    caller: Caller,
    Once(intent, terms): Once<CouponTerms>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let args = (app.clone(), terms, caller.actor().to_string());
    let run = app.db.write_once(intent, args, |tx, (app, terms, actor)| {
        Box::pin(async move { Ok((201, service::create(tx, app, terms, actor).await?)) })
    });
    run.await
}

fn tagged(template: Template) -> Response {
    let tag = format!("\"{}\"", template.version);
    ([(ETAG, tag)], Json(template)).into_response()
}

/// A template. Its `ETag` is what `If-Match` of an edit names.
#[utoipa::path(get, path = "/api/v1/coupon_templates/{template}", operation_id = "get_coupon_template", tag = "coupons",
    params(("template" = CouponTemplateId, Path)), responses((status = 200, body = Template),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["coupons:write"])))]
async fn get_template(
    State(app): State<App>,
    caller: Caller,
    Path(template): Path<CouponTemplateId>,
) -> Result<Response> {
    caller.require(READERS, Scope::CouponsWrite)?;
    Ok(tagged(service::get(app.db.read(), template).await?))
}

/// Changes the terms of what is issued from now on. Issued coupons keep theirs; limits and budgets
/// of the new version count for all.
#[utoipa::path(put, path = "/api/v1/coupon_templates/{template}", operation_id = "edit_coupon_template", tag = "coupons",
    params(("template" = CouponTemplateId, Path), ("If-Match" = String, Header)), request_body = CouponTerms,
    responses((status = 200, body = Template), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem),
        (status = 422, body = Problem), (status = 428, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn edit_template(
    State(app): State<App>,
    caller: Caller,
    Path(template): Path<CouponTemplateId>,
    seen: IfMatch,
    Json(terms): Json<CouponTerms>,
) -> Result<Response> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let version = service::get(app.db.read(), template).await?.version;
    seen.require(&version.to_string())?;
    let args = (
        app.clone(),
        template,
        terms,
        version,
        caller.actor().to_string(),
    );
    let run = app.db.write(args, |tx, (app, id, terms, seen, actor)| {
        Box::pin(service::edit(tx, app, *id, terms, *seen, actor))
    });
    Ok(tagged(run.await?))
}

/// Begins, holds or ends a template.
#[utoipa::path(post, path = "/api/v1/coupon_templates/{template}/states", operation_id = "set_coupon_template_state",
    tag = "coupons", params(("template" = CouponTemplateId, Path), ("Idempotency-Key" = String, Header)),
    request_body = SetTemplateState, responses((status = 200, body = Template), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn set_template_state(
    State(app): State<App>,
    caller: Caller,
    Path(template): Path<CouponTemplateId>,
    Once(intent, request): Once<SetTemplateState>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let args = (template, request.state, caller.actor().to_string());
    let run = app.db.write_once(intent, args, |tx, (id, state, actor)| {
        Box::pin(async move { Ok((200, service::set_state(tx, *id, *state, actor).await?)) })
    });
    run.await
}

/// Gives coupons to up to 500 members by hand.
#[utoipa::path(post, path = "/api/v1/coupon_templates/{template}/grants", operation_id = "grant_coupons",
    tag = "coupons", params(("template" = CouponTemplateId, Path), ("Idempotency-Key" = String, Header)),
    request_body = GrantCoupons, responses((status = 201, body = Granted), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn grant_coupons(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(template): Path<CouponTemplateId>,
    Once(intent, request): Once<GrantCoupons>,
) -> Result<Reply> {
    staff.require_role(OPERATORS)?;
    let source = crate::ids::hash_secret(&format!("{} {}", intent.actor, intent.key));
    let args = (
        template,
        request,
        staff.actor().to_string(),
        source[..24].to_owned(),
    );
    let run = app
        .db
        .write_once(intent, args, |tx, (id, request, actor, source)| {
            Box::pin(async move {
                Ok((
                    201,
                    service::grant(tx, *id, request, (actor, source)).await?,
                ))
            })
        });
    run.await
}

/// Gives a coupon by a reference of the shop's own: the same reference again gives the same coupon.
#[utoipa::path(post, path = "/api/v1/coupon_templates/{template}/publications", operation_id = "publish_coupon",
    tag = "coupons", params(("template" = CouponTemplateId, Path), ("Idempotency-Key" = String, Header)),
    request_body = PublishCoupon, responses((status = 201, body = Issued), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn publish_coupon(
    State(app): State<App>,
    caller: Caller,
    Path(template): Path<CouponTemplateId>,
    Once(intent, request): Once<PublishCoupon>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let run = app
        .db
        .write_once(intent, (template, request), |tx, (id, request)| {
            Box::pin(async move {
                let coupon_id = service::publish_for_shop(tx, *id, request).await?;
                Ok((201, Issued { coupon_id }))
            })
        });
    run.await
}

/// Takes a coupon in the claim centre.
#[utoipa::path(post, path = "/api/v1/me/coupons", operation_id = "claim_coupon", tag = "me",
    params(("Idempotency-Key" = String, Header)), request_body = ClaimCoupon,
    responses((status = 201, body = Issued), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)),
    security(("member" = ["active"])))]
async fn claim_coupon(
    State(app): State<App>,
    member: ActiveMember,
    Once(intent, request): Once<ClaimCoupon>,
) -> Result<Reply> {
    let args = (app.clone(), member.id, request.template_id);
    let run = app
        .db
        .write_once(intent, args, |tx, (app, member, template)| {
            Box::pin(async move {
                let coupon_id = service::claim(tx, app, *member, *template).await?;
                Ok((201, Issued { coupon_id }))
            })
        });
    run.await
}

/// Nothing to say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Takes a coupon back by hand, unless it was used.
#[utoipa::path(post, path = "/api/v1/coupons/{coupon}/revocations", operation_id = "revoke_coupon",
    tag = "coupons", params(("coupon" = CouponId, Path), ("Idempotency-Key" = String, Header)),
    request_body = Nothing, responses((status = 200, body = Issued), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn revoke_coupon(
    State(app): State<App>,
    caller: Caller,
    Path(coupon): Path<CouponId>,
    Once(intent, Nothing {}): Once<Nothing>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let args = (coupon, caller.actor().to_string());
    let run = app.db.write_once(intent, args, |tx, (coupon, actor)| {
        Box::pin(async move {
            service::revoke(tx, *coupon, actor).await?;
            Ok((200, Issued { coupon_id: *coupon }))
        })
    });
    run.await
}
