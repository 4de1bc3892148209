//! HTTP of flash sales for members, and of claims for the shop's systems.

use crate::App;
use crate::auth::{ActiveMember, Caller, CurrentMember, READERS};
use crate::db::idempotency::Reply;
use crate::error::{AppError, Result};
use crate::http::client_address::Network;
use crate::http::extract::{Json, Once, Paging, Path};
use crate::http::rate_limit::Bucket;
use crate::sales::service::{self, Arrival};
use axum::extract::State;
use shared::ids::{FlashClaimId, FlashSaleId};
use shared::page::Page;
use shared::problem::Problem;
use shared::sales::api::{ClaimProduct, FlashClaim, MemberSale, MemberSales, Remind};
use shared::staff::Scope;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_my_sales))
        .routes(routes!(get_my_sale))
        .routes(routes!(set_reminder))
        .routes(routes!(claim_product))
        .routes(routes!(list_my_claims))
        .routes(routes!(get_my_claim))
        .routes(routes!(get_claim))
}

/// The sales that one can take part in, the one that opens first first.
#[utoipa::path(get, path = "/api/v1/me/flash_sales", operation_id = "list_my_flash_sales", tag = "me",
    responses((status = 200, body = MemberSales), (status = 401, body = Problem)), security(("member" = [])))]
async fn list_my_sales(State(app): State<App>, member: CurrentMember) -> Result<Json<MemberSales>> {
    Ok(Json(service::member_sales(&app, member.id).await?))
}

/// A sale, with all that keeps one from claiming now.
#[utoipa::path(get, path = "/api/v1/me/flash_sales/{sale}", operation_id = "get_my_flash_sale", tag = "me",
    params(("sale" = FlashSaleId, Path)), responses((status = 200, body = MemberSale), (status = 401, body = Problem),
        (status = 404, body = Problem)), security(("member" = [])))]
async fn get_my_sale(
    State(app): State<App>,
    member: CurrentMember,
    Path(sale): Path<FlashSaleId>,
) -> Result<Json<MemberSale>> {
    let found = service::for_member(&app, sale, member.id).await?;
    service::saw(&app, sale, member.id);
    Ok(Json(found))
}

/// Says whether one wants to hear before a sale opens.
#[utoipa::path(put, path = "/api/v1/me/flash_sales/{sale}/reminder", operation_id = "set_flash_sale_reminder", tag = "me",
    params(("sale" = FlashSaleId, Path)), request_body = Remind, responses((status = 200, body = MemberSale),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)), security(("member" = ["active"])))]
async fn set_reminder(
    State(app): State<App>,
    member: ActiveMember,
    Path(sale): Path<FlashSaleId>,
    Json(request): Json<Remind>,
) -> Result<Json<MemberSale>> {
    let args = (sale, member.id, request.remind);
    let run = app.db.write(args, |tx, (sale, member, wanted)| {
        Box::pin(service::remind(tx, *sale, *member, *wanted))
    });
    run.await?;
    Ok(Json(service::for_member(&app, sale, member.id).await?))
}

/// Claims pieces of a product, which are held until the payment deadline. The first to arrive is
/// the first to be served.
#[utoipa::path(post, path = "/api/v1/flash_sales/{sale}/claims", operation_id = "claim_flash_sale", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path), ("Idempotency-Key" = String, Header)), request_body = ClaimProduct,
    responses((status = 201, body = FlashClaim), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem)), security(("member" = ["active"])))]
async fn claim_product(
    State(app): State<App>,
    member: ActiveMember,
    Path(sale): Path<FlashSaleId>,
    Network(network): Network,
    Once(intent, request): Once<ClaimProduct>,
) -> Result<Reply> {
    app.limits.check(Bucket::SaleClaim, member.id)?;
    app.limits.check(Bucket::SaleClaimAddress, network)?;
    if request.quantity < 1 {
        let message = "expected 1 piece or more";
        return Err(AppError::invalid_field(
            "/quantity",
            "out_of_range",
            message,
        ));
    }
    let arrival = Arrival {
        sale,
        member: member.id,
        sku: request.sku,
        quantity: request.quantity,
        key: intent.key,
        at: app.db.now(),
    };
    let answer = service::claim(&app, arrival).await;
    let answer = answer.inspect_err(|it| service::was_refused(&app, sale, member.id, it))?;
    Ok(Reply {
        status: 201,
        body: serde_json::to_string(&answer.claim)?,
        replayed: answer.replayed,
    })
}

/// One's own claims, newest first.
#[utoipa::path(get, path = "/api/v1/me/flash_claims", operation_id = "list_my_flash_claims", tag = "me", params(Paging),
    responses((status = 200, body = Page<FlashClaim>), (status = 400, body = Problem), (status = 401, body = Problem)),
    security(("member" = [])))]
async fn list_my_claims(
    State(app): State<App>,
    member: CurrentMember,
    page: Paging,
) -> Result<Json<Page<FlashClaim>>> {
    let found = service::claims(&app, member.id, page.limit, page.cursor).await?;
    Ok(Json(found))
}

/// One of one's own claims.
#[utoipa::path(get, path = "/api/v1/me/flash_claims/{flash_claim}", operation_id = "get_my_flash_claim", tag = "me",
    params(("flash_claim" = FlashClaimId, Path)), responses((status = 200, body = FlashClaim),
        (status = 401, body = Problem), (status = 404, body = Problem)), security(("member" = [])))]
async fn get_my_claim(
    State(app): State<App>,
    member: CurrentMember,
    Path(claim): Path<FlashClaimId>,
) -> Result<Json<FlashClaim>> {
    let found = service::claim_of(&app, claim, Some(member.id)).await?;
    Ok(Json(found))
}

/// A claim, for a shop that is asked to sell at its price.
#[utoipa::path(get, path = "/api/v1/flash_claims/{flash_claim}", operation_id = "get_flash_claim", tag = "flash_sales",
    params(("flash_claim" = FlashClaimId, Path)), responses((status = 200, body = FlashClaim),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["orders:write"])))]
async fn get_claim(
    State(app): State<App>,
    caller: Caller,
    Path(claim): Path<FlashClaimId>,
) -> Result<Json<FlashClaim>> {
    caller.require(READERS, Scope::OrdersWrite)?;
    Ok(Json(service::claim_of(&app, claim, None).await?))
}
