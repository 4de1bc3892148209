//! HTTP of imports: files that come in, what became of them, and taking them back.

mod exports;

use super::service::{self, Incoming};
use crate::App;
use crate::auth::{Caller, OPERATORS, READERS};
use crate::db::idempotency::Reply;
use crate::error::Result;
use crate::http::csv::{Cell, download};
use crate::http::extract::{Json, Once, OnceStream, Paging, Path, Query};
use crate::http::problem::locale;
use crate::names;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, TryStreamExt};
use serde::Deserialize;
use shared::ids::ImportId;
use shared::page::Page;
use shared::problem::Problem;
use shared::staff::Scope;
use shared::transfers::api::{Import, ImportError};
use shared::transfers::{FileFormat, Stage, TransferKind};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_imports, create_import))
        .routes(routes!(get_import))
        .routes(routes!(list_errors))
        .routes(routes!(export_errors))
        .routes(routes!(cancel_import))
        .routes(routes!(undo_import))
        .routes(routes!(get_template))
        .merge(exports::router())
}

/// The type of a file's content.
const fn content_type(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Csv => "text/csv; charset=utf-8",
        FileFormat::Ndjson => "application/x-ndjson; charset=utf-8",
    }
}

/// Headers of a file that a browser keeps.
fn file_headers(name: &str, format: FileFormat) -> [(axum::http::HeaderName, String); 2] {
    let disposition = format!("attachment; filename=\"{name}.{}\"", format.as_str());
    [
        (CONTENT_TYPE, content_type(format).to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ]
}

/// Nothing to say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn named(app: &App, mut imports: Vec<Import>) -> Result<Vec<Import>> {
    let names = names::of(app, imports.iter().map(|it| it.created_by.as_str())).await?;
    for it in &mut imports {
        it.created_by_name = names.get(&it.created_by).cloned();
    }
    Ok(imports)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// What the file is about.
    kind: TransferKind,
    /// How it is written; CSV when absent.
    #[serde(default)]
    format: FileFormat,
    /// Whether the file is only tried: the answer says what would happen.
    #[serde(default)]
    dry_run: bool,
    /// Whether one wrong line refuses the whole file.
    #[serde(default)]
    all_or_nothing: bool,
    /// What to call the file in lists.
    file_name: Option<String>,
}

/// Brings a file in. It is read while it arrives, and carried out in the background, a few lines at
/// a time; wrong lines are listed and do not hold up the others. The same line of points or coupons
/// is given once, also by another import. For points a key needs `points:write` as well, and for
/// coupons `coupons:write`; points above the limit of the points rules, for which a second person is
/// needed, are refused.
#[utoipa::path(post, path = "/api/v1/imports", operation_id = "create_import", tag = "imports",
    params(ImportQuery, ("Idempotency-Key" = String, Header)),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 202, body = Import), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 413, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["imports:write"])))]
async fn create_import(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ImportQuery>,
    OnceStream(intent, body): OnceStream,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::ImportsWrite)?;
    match query.kind {
        TransferKind::Points => caller.require(OPERATORS, Scope::PointsWrite)?,
        TransferKind::Coupons => caller.require(OPERATORS, Scope::CouponsWrite)?,
        TransferKind::Members | TransferKind::Orders => {}
    }
    let incoming = Incoming {
        kind: query.kind,
        format: query.format,
        file_name: query.file_name.filter(|it| !it.is_empty()),
        dry_run: query.dry_run,
        all_or_nothing: query.all_or_nothing,
        actor: caller.actor().to_string(),
    };
    service::receive(&app, incoming, intent, body).await
}

/// Imports, newest first.
#[utoipa::path(get, path = "/api/v1/imports", operation_id = "list_imports", tag = "imports",
    params(Paging), responses((status = 200, body = Page<Import>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["imports:write"])))]
async fn list_imports(
    State(app): State<App>,
    caller: Caller,
    paging: Paging,
) -> Result<Json<Page<Import>>> {
    caller.require(READERS, Scope::ImportsWrite)?;
    let page = service::list(&app, paging.limit, paging.cursor).await?;
    Ok(Json(Page {
        data: named(&app, page.data).await?,
        next_cursor: page.next_cursor,
    }))
}

/// An import: where it stands, how far it got, and what it did.
#[utoipa::path(get, path = "/api/v1/imports/{import}", operation_id = "get_import", tag = "imports",
    params(("import" = ImportId, Path)), responses((status = 200, body = Import), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["imports:write"])))]
async fn get_import(
    State(app): State<App>,
    caller: Caller,
    Path(import): Path<ImportId>,
) -> Result<Json<Import>> {
    caller.require(READERS, Scope::ImportsWrite)?;
    let found = service::get(&app, import).await?;
    let mut found = named(&app, vec![found]).await?;
    let found = found
        .pop()
        .ok_or(shared::problem::ErrorCode::ImportNotFound)?;
    Ok(Json(found))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ErrorsQuery {
    /// Whether of its lines as they came in, or as they were taken back.
    #[serde(default)]
    stage: Stage,
}

/// What is wrong with the lines of an import, in their order, in the language of `Accept-Language`.
/// The first ten thousand are listed, for seven days. What stood in the line is not kept.
#[utoipa::path(get, path = "/api/v1/imports/{import}/errors", operation_id = "list_import_errors", tag = "imports",
    params(("import" = ImportId, Path), ErrorsQuery, Paging), responses((status = 200, body = Page<ImportError>),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["imports:write"])))]
async fn list_errors(
    State(app): State<App>,
    caller: Caller,
    Path(import): Path<ImportId>,
    Query(query): Query<ErrorsQuery>,
    paging: Paging,
    headers: HeaderMap,
) -> Result<Json<Page<ImportError>>> {
    caller.require(READERS, Scope::ImportsWrite)?;
    let of = (query.stage, locale(headers.get(ACCEPT_LANGUAGE)));
    let page = service::errors(&app, import, of, (paging.limit, paging.cursor)).await?;
    Ok(Json(page))
}

/// What is wrong with the lines of an import, as a CSV file.
#[utoipa::path(get, path = "/api/v1/imports/{import}/error_file", operation_id = "export_import_errors", tag = "imports",
    params(("import" = ImportId, Path), ErrorsQuery),
    responses((status = 200, description = "The file", body = String, content_type = "text/csv"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["imports:write"])))]
async fn export_errors(
    State(app): State<App>,
    caller: Caller,
    Path(import): Path<ImportId>,
    Query(query): Query<ErrorsQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    caller.require(READERS, Scope::ImportsWrite)?;
    service::get(&app, import).await?;
    let of = (query.stage, locale(headers.get(ACCEPT_LANGUAGE)));
    let cells = |it: ImportError| {
        vec![
            Cell::Number(it.line),
            Cell::words(it.column),
            Cell::Text(it.code),
            Cell::Text(it.message),
        ]
    };
    let rows = service::all_errors(app, import, of)
        .map_ok(move |page| page.into_iter().map(cells).collect::<Vec<_>>());
    let columns = ["line", "column", "code", "message"];
    download(&format!("{import}-errors"), &columns, rows.boxed())
}

/// Stops an import. What was taken stays, and can be undone.
#[utoipa::path(post, path = "/api/v1/imports/{import}/cancel", operation_id = "cancel_import", tag = "imports",
    params(("import" = ImportId, Path), ("Idempotency-Key" = String, Header)), request_body = Nothing,
    responses((status = 200, body = Import), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["imports:write"])))]
async fn cancel_import(
    State(app): State<App>,
    caller: Caller,
    Path(import): Path<ImportId>,
    Once(intent, Nothing {}): Once<Nothing>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::ImportsWrite)?;
    let args = (import, caller.actor().to_string());
    let run = app.db.write_once(intent, args, |tx, (id, actor)| {
        Box::pin(async move { Ok((200, service::cancel(tx, *id, actor).await?)) })
    });
    run.await
}

/// Takes back what an import did, in the background, within seven days of its end: members that it
/// made and who have done nothing since, what it changed of members and nobody changed since, points
/// as far as the points rules take them back, coupons that were not used, and orders by cancelling
/// them. What is left as it is stands among the errors of the stage `undo`.
#[utoipa::path(post, path = "/api/v1/imports/{import}/undo", operation_id = "undo_import", tag = "imports",
    params(("import" = ImportId, Path), ("Idempotency-Key" = String, Header)), request_body = Nothing,
    responses((status = 202, body = Import), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["imports:write"])))]
async fn undo_import(
    State(app): State<App>,
    caller: Caller,
    Path(import): Path<ImportId>,
    Once(intent, Nothing {}): Once<Nothing>,
) -> Result<Reply> {
    caller.require(OPERATORS, Scope::ImportsWrite)?;
    let args = (import, caller.actor().to_string());
    let run = app.db.write_once(intent, args, |tx, (id, actor)| {
        Box::pin(async move { Ok((202, service::begin_undo(tx, *id, actor).await?)) })
    });
    run.await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TemplateQuery {
    /// How it is written; CSV when absent.
    #[serde(default)]
    format: FileFormat,
}

/// A file of a kind with all its columns and one line as an example.
#[utoipa::path(get, path = "/api/v1/import_templates/{kind}", operation_id = "get_import_template", tag = "imports",
    params(("kind" = TransferKind, Path), TemplateQuery),
    responses((status = 200, description = "The file", body = String, content_type = "text/csv"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["imports:write"])))]
async fn get_template(
    caller: Caller,
    Path(kind): Path<TransferKind>,
    Query(query): Query<TemplateQuery>,
) -> Result<Response> {
    caller.require(READERS, Scope::ImportsWrite)?;
    let text = service::template_file(kind, query.format)?;
    Ok((file_headers(kind.as_str(), query.format), text).into_response())
}
