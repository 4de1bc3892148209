//! HTTP of bulk codes: made in the background, exported as a stream, imported from a file.

use crate::App;
use crate::auth::{Caller, OPERATORS, READERS};
use crate::coupons::service;
use crate::db::idempotency::Reply;
use crate::error::Result;
use crate::http::extract::{Json, Once, Path};
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Deserialize;
use shared::coupons::api::{CodeBatch, MakeCodes};
use shared::ids::{CodeBatchId, CouponTemplateId};
use shared::problem::{ErrorCode, Problem};
use shared::staff::Scope;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest file of codes.
const FILE_MAX: usize = 32 * 1024 * 1024;

pub(super) fn router() -> OpenApiRouter<App> {
    let import = OpenApiRouter::new()
        .routes(routes!(import_codes))
        .layer(DefaultBodyLimit::max(FILE_MAX));
    OpenApiRouter::new()
        .routes(routes!(list_batches, make_codes))
        .routes(routes!(get_batch))
        .routes(routes!(cancel_batch))
        .routes(routes!(export_codes))
        .merge(import)
}

/// Nothing to say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The batches of codes of a template, newest first.
#[utoipa::path(get, path = "/api/v1/coupon_templates/{template}/code_batches", operation_id = "list_code_batches",
    tag = "coupons", params(("template" = CouponTemplateId, Path)), responses((status = 200, body = Vec<CodeBatch>),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["coupons:write"])))]
async fn list_batches(
    State(app): State<App>,
    caller: Caller,
    Path(template): Path<CouponTemplateId>,
) -> Result<Json<Vec<CodeBatch>>> {
    caller.require(READERS, Scope::CouponsWrite)?;
    Ok(Json(service::batches(app.db.read(), template).await?))
}

/// Asks for many codes. They are made in the background; the batch tells how far it got.
#[utoipa::path(post, path = "/api/v1/coupon_templates/{template}/code_batches", operation_id = "make_codes",
    tag = "coupons", params(("template" = CouponTemplateId, Path), ("Idempotency-Key" = String, Header)),
    request_body = MakeCodes, responses((status = 202, body = CodeBatch), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn make_codes(
    State(app): State<App>,
    caller: Caller,
    Path(template): Path<CouponTemplateId>,
    Once(intent, request): Once<MakeCodes>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let args = (template, request.count, caller.actor().to_string());
    let run = app.db.write_once(intent, args, |tx, (id, count, actor)| {
        Box::pin(async move { Ok((202, service::make(tx, *id, *count, actor).await?)) })
    });
    run.await
}

/// A batch of codes and how far it got.
#[utoipa::path(get, path = "/api/v1/code_batches/{batch}", operation_id = "get_code_batch", tag = "coupons",
    params(("batch" = CodeBatchId, Path)), responses((status = 200, body = CodeBatch), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["coupons:write"])))]
async fn get_batch(
    State(app): State<App>,
    caller: Caller,
    Path(batch): Path<CodeBatchId>,
) -> Result<Json<CodeBatch>> {
    caller.require(READERS, Scope::CouponsWrite)?;
    Ok(Json(service::batch(app.db.read(), batch).await?))
}

/// Stops a batch; what was made stays.
#[utoipa::path(post, path = "/api/v1/code_batches/{batch}/cancellations", operation_id = "cancel_code_batch",
    tag = "coupons", params(("batch" = CodeBatchId, Path), ("Idempotency-Key" = String, Header)),
    request_body = Nothing, responses((status = 200, body = CodeBatch), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn cancel_batch(
    State(app): State<App>,
    caller: Caller,
    Path(batch): Path<CodeBatchId>,
    Once(intent, Nothing {}): Once<Nothing>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let args = (batch, caller.actor().to_string());
    let run = app.db.write_once(intent, args, |tx, (id, actor)| {
        Box::pin(async move { Ok((200, service::cancel(tx, *id, actor).await?)) })
    });
    run.await
}

/// The codes of a batch as CSV, streamed: the first ones leave at once, however many there are.
#[utoipa::path(get, path = "/api/v1/code_batches/{batch}/codes", operation_id = "export_codes", tag = "coupons",
    params(("batch" = CodeBatchId, Path)), responses((status = 200, body = String, content_type = "text/csv"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn export_codes(
    State(app): State<App>,
    caller: Caller,
    Path(batch): Path<CodeBatchId>,
) -> Result<Response> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    service::batch(app.db.read(), batch).await?;
    let parts = stream::try_unfold(Some(None), move |at: Option<Option<String>>| {
        let app = app.clone();
        async move {
            let Some(after) = at else { return Ok(None) };
            let (text, next) = service::export_part(app.db.read(), batch, after).await?;
            Ok::<_, crate::error::AppError>(Some((text, next.map(Some))))
        }
    });
    let name = format!("attachment; filename=\"{batch}.csv\"");
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, name),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// Takes codes that the shop brings: a code a line, a heading allowed. Bad lines are reported, the
/// others taken; sent again, those that are there already are reported as taken.
#[utoipa::path(post, path = "/api/v1/coupon_templates/{template}/code_imports", operation_id = "import_codes",
    tag = "coupons", params(("template" = CouponTemplateId, Path)),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 201, body = CodeBatch), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 413, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["coupons:write"])))]
async fn import_codes(
    State(app): State<App>,
    caller: Caller,
    Path(template): Path<CouponTemplateId>,
    body: Result<bytes::Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Response> {
    caller.require(OPERATORS, Scope::CouponsWrite)?;
    let body = body.map_err(|it| match it.status() {
        axum::http::StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::BodyTooLarge,
        _ => ErrorCode::MalformedBody,
    })?;
    let text = std::str::from_utf8(&body).map_err(|_| ErrorCode::MalformedBody)?;
    let batch = service::import(&app, template, text, caller.actor().to_string()).await?;
    Ok((axum::http::StatusCode::CREATED, Json(batch)).into_response())
}
