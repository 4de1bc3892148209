//! HTTP of flash sales for staff. Community managers see the sales that name a community of
//! theirs, and touch those that name no others.

use crate::App;
use crate::auth::CurrentStaff;
use crate::communities::service as communities;
use crate::db::idempotency::Reply;
use crate::error::Result;
use crate::http::extract::{IfMatch, Json, Once, Paging, Path, Query};
use crate::sales::service::{self, Change};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::ids::FlashSaleId;
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::problem::Problem;
use shared::sales::api::{AddStock, CancelSale, FlashSale, SaleClaim, SalePulse, SaleReport};
use shared::sales::{ClaimState, Phase, SaleDefinition, SaleState};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_sales, create_sale))
        .routes(routes!(get_sale, update_sale))
        .routes(routes!(publish_sale))
        .routes(routes!(pause_sale))
        .routes(routes!(resume_sale))
        .routes(routes!(add_stock))
        .routes(routes!(cancel_sale))
        .routes(routes!(clone_sale))
        .routes(routes!(get_report))
        .routes(routes!(get_pulse))
        .routes(routes!(list_claims))
}

fn tagged(status: StatusCode, it: FlashSale) -> Response {
    let tag = format!("\"{}\"", it.version);
    (status, [(ETAG, tag)], Json(it)).into_response()
}

/// A sale that one of the staff may see.
async fn seen(app: &App, staff: &CurrentStaff, sale: FlashSaleId) -> Result<FlashSale> {
    let reach = communities::within(app, staff).await?;
    let found = service::get(app, sale).await?;
    service::visible(&reach, &found)?;
    Ok(found)
}

/// A sale that one of the staff may change.
async fn touched(app: &App, staff: &CurrentStaff, sale: FlashSaleId) -> Result<FlashSale> {
    let reach = communities::within(app, staff).await?;
    let found = service::get(app, sale).await?;
    service::visible(&reach, &found)?;
    service::require(&reach, &found.definition.audience.communities)?;
    Ok(found)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SalesQuery {
    /// Only sales in this state.
    state: Option<SaleState>,
    /// Only sales that are doing this now; `live` are those that are open for anybody.
    phase: Option<Phase>,
}

/// Sales, the one that starts last first.
#[utoipa::path(get, path = "/api/v1/flash_sales", operation_id = "list_flash_sales", tag = "flash_sales",
    params(SalesQuery, Paging), responses((status = 200, body = Page<FlashSale>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn list_sales(
    State(app): State<App>,
    staff: CurrentStaff,
    Query(query): Query<SalesQuery>,
    page: Paging,
) -> Result<Json<Page<FlashSale>>> {
    let reach = communities::within(&app, &staff).await?;
    let found = service::list(
        &app,
        &reach,
        (query.state, query.phase),
        page.limit,
        page.cursor,
    )
    .await?;
    Ok(Json(found))
}

/// Makes a sale, as a draft that nobody else sees.
#[utoipa::path(post, path = "/api/v1/flash_sales", operation_id = "create_flash_sale", tag = "flash_sales",
    request_body = SaleDefinition, responses((status = 201, body = FlashSale), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager"])))]
async fn create_sale(
    State(app): State<App>,
    staff: CurrentStaff,
    Json(definition): Json<SaleDefinition>,
) -> Result<Response> {
    let reach = communities::within(&app, &staff).await?;
    service::require(&reach, &definition.audience.communities)?;
    let args = (app.clone(), definition, staff.actor().to_string());
    let run = app.db.write(args, |tx, (app, definition, actor)| {
        Box::pin(service::create(tx, app, definition, actor))
    });
    let id = run.await?;
    Ok(tagged(StatusCode::CREATED, service::get(&app, id).await?))
}

/// A sale. Its `ETag` is what `If-Match` of an edit names.
#[utoipa::path(get, path = "/api/v1/flash_sales/{sale}", operation_id = "get_flash_sale", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path)), responses((status = 200, body = FlashSale), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn get_sale(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(sale): Path<FlashSaleId>,
) -> Result<Response> {
    Ok(tagged(StatusCode::OK, seen(&app, &staff, sale).await?))
}

/// Writes a sale anew, as long as it has opened for nobody.
#[utoipa::path(put, path = "/api/v1/flash_sales/{sale}", operation_id = "update_flash_sale", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path), ("If-Match" = String, Header)), request_body = SaleDefinition,
    responses((status = 200, body = FlashSale), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem),
        (status = 422, body = Problem), (status = 428, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager"])))]
async fn update_sale(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(sale): Path<FlashSaleId>,
    tag: IfMatch,
    Json(definition): Json<SaleDefinition>,
) -> Result<Response> {
    let found = touched(&app, &staff, sale).await?;
    let reach = communities::within(&app, &staff).await?;
    service::require(&reach, &definition.audience.communities)?;
    tag.require_of(&found.version.to_string(), &found)?;
    let args = (
        app.clone(),
        sale,
        definition,
        found.version,
        staff.actor().to_string(),
    );
    let run = app
        .db
        .write(args, |tx, (app, sale, definition, version, actor)| {
            Box::pin(service::rewrite(
                tx, app, *sale, definition, *version, actor,
            ))
        });
    run.await?;
    Ok(tagged(StatusCode::OK, service::get(&app, sale).await?))
}

async fn change(
    app: &App,
    staff: &CurrentStaff,
    sale: FlashSaleId,
    change: Change,
) -> Result<Response> {
    touched(app, staff, sale).await?;
    let args = (sale, change, staff.actor().to_string());
    let run = app.db.write(args, |tx, (sale, change, actor)| {
        Box::pin(service::change(tx, *sale, *change, actor))
    });
    run.await?;
    Ok(tagged(StatusCode::OK, service::get(app, sale).await?))
}

/// Publishes a draft: members see it coming.
#[utoipa::path(post, path = "/api/v1/flash_sales/{sale}/publish", operation_id = "publish_flash_sale", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path)), responses((status = 200, body = FlashSale), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)), security(("staff" = ["admin", "operator", "community_manager"])))]
async fn publish_sale(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(sale): Path<FlashSaleId>,
) -> Result<Response> {
    change(&app, &staff, sale, Change::Publish).await
}

/// Lets nobody claim for the moment.
#[utoipa::path(post, path = "/api/v1/flash_sales/{sale}/pause", operation_id = "pause_flash_sale", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path)), responses((status = 200, body = FlashSale), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)), security(("staff" = ["admin", "operator", "community_manager"])))]
async fn pause_sale(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(sale): Path<FlashSaleId>,
) -> Result<Response> {
    change(&app, &staff, sale, Change::Pause).await
}

/// Lets members claim again.
#[utoipa::path(post, path = "/api/v1/flash_sales/{sale}/resume", operation_id = "resume_flash_sale", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path)), responses((status = 200, body = FlashSale), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)), security(("staff" = ["admin", "operator", "community_manager"])))]
async fn resume_sale(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(sale): Path<FlashSaleId>,
) -> Result<Response> {
    change(&app, &staff, sale, Change::Resume).await
}

/// Adds pieces of a product, also while the sale runs.
#[utoipa::path(post, path = "/api/v1/flash_sales/{sale}/stock", operation_id = "add_flash_sale_stock", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path), ("Idempotency-Key" = String, Header)), request_body = AddStock,
    responses((status = 200, body = FlashSale), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)), security(("staff" = ["admin", "operator", "community_manager"])))]
async fn add_stock(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(sale): Path<FlashSaleId>,
    Once(intent, request): Once<AddStock>,
) -> Result<Reply> {
    touched(&app, &staff, sale).await?;
    let args = (sale, request, staff.actor().to_string());
    let run = app
        .db
        .write_once(intent, args, |tx, (sale, request, actor)| {
            Box::pin(async move {
                service::add_stock(tx, *sale, request, actor).await?;
                Ok((200, service::get_in(tx, *sale).await?))
            })
        });
    run.await
}

/// Calls a sale off: what members hold goes back, and they are told.
#[utoipa::path(post, path = "/api/v1/flash_sales/{sale}/cancel", operation_id = "cancel_flash_sale", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path)), request_body = CancelSale, responses((status = 200, body = FlashSale),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager"])))]
async fn cancel_sale(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(sale): Path<FlashSaleId>,
    Json(request): Json<CancelSale>,
) -> Result<Response> {
    touched(&app, &staff, sale).await?;
    let args = (sale, request.stop_series, staff.actor().to_string());
    let run = app.db.write(args, |tx, (sale, stop, actor)| {
        Box::pin(service::cancel(tx, *sale, *stop, actor))
    });
    run.await?;
    Ok(tagged(StatusCode::OK, service::get(&app, sale).await?))
}

/// Makes a draft that says the same; of a sale that is over, a week later.
#[utoipa::path(post, path = "/api/v1/flash_sales/{sale}/clone", operation_id = "clone_flash_sale", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path)), responses((status = 201, body = FlashSale), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager"])))]
async fn clone_sale(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(sale): Path<FlashSaleId>,
) -> Result<Response> {
    touched(&app, &staff, sale).await?;
    let args = (app.clone(), sale, staff.actor().to_string());
    let run = app.db.write(args, |tx, (app, sale, actor)| {
        Box::pin(service::clone_sale(tx, app, *sale, actor))
    });
    let id = run.await?;
    Ok(tagged(StatusCode::CREATED, service::get(&app, id).await?))
}

/// What a sale brought, by product, community and tier.
#[utoipa::path(get, path = "/api/v1/flash_sales/{sale}/report", operation_id = "get_flash_sale_report", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path)), responses((status = 200, body = SaleReport), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn get_report(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(sale): Path<FlashSaleId>,
) -> Result<Json<SaleReport>> {
    seen(&app, &staff, sale).await?;
    Ok(Json(service::report(&app, sale).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PulseQuery {
    /// Only the last so many seconds of it: 1 to 86400.
    window_s: Option<i64>,
}

/// How a sale runs: what was claimed step by step, and what was refused.
#[utoipa::path(get, path = "/api/v1/flash_sales/{sale}/pulse", operation_id = "get_flash_sale_pulse", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path), PulseQuery), responses((status = 200, body = SalePulse),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn get_pulse(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(sale): Path<FlashSaleId>,
    Query(query): Query<PulseQuery>,
) -> Result<Json<SalePulse>> {
    let sale = seen(&app, &staff, sale).await?;
    Ok(Json(service::pulse(&app, sale, query.window_s).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ClaimsQuery {
    /// Only claims in this state; `refund_due` are those whose money has to go back.
    state: Option<ClaimState>,
}

/// A sale's claims, the one made last first. Community managers see them when they lead all of the
/// sale's communities.
#[utoipa::path(get, path = "/api/v1/flash_sales/{sale}/claims", operation_id = "list_flash_sale_claims", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path), ClaimsQuery, Paging), responses((status = 200, body = Page<SaleClaim>),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn list_claims(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(sale): Path<FlashSaleId>,
    Query(query): Query<ClaimsQuery>,
    page: Paging,
) -> Result<Json<Page<SaleClaim>>> {
    let found = seen(&app, &staff, sale).await?;
    let reach = communities::within(&app, &staff).await?;
    // The claims name members, and some of them may be of other communities.
    if !reach.covers(&found.definition.audience.communities) {
        return Err(ErrorCode::Forbidden.into());
    }
    let found = service::claims_of_sale(&app, sale, query.state, page.limit, page.cursor).await?;
    Ok(Json(found))
}
