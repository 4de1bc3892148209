//! HTTP of exports: files that go out.

use super::file_headers;
use crate::App;
use crate::auth::{Caller, READERS};
use crate::db::idempotency::Reply;
use crate::error::Result;
use crate::http::extract::{Json, Once, Paging, Path};
use crate::names;
use crate::transfers::service;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures::stream;
use shared::ids::ExportId;
use shared::page::Page;
use shared::problem::Problem;
use shared::staff::Scope;
use shared::transfers::api::{CreateExport, Export};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_exports, create_export))
        .routes(routes!(get_export))
        .routes(routes!(get_export_file))
}

async fn named(app: &App, mut exports: Vec<Export>) -> Result<Vec<Export>> {
    let names = names::of(app, exports.iter().map(|it| it.created_by.as_str())).await?;
    for it in &mut exports {
        it.created_by_name = names.get(&it.created_by).cloned();
    }
    Ok(exports)
}

/// Asks for a file, which is written in the background. It can be imported into another programme.
/// That it was asked for and fetched is in the audit trail.
#[utoipa::path(post, path = "/api/v1/exports", operation_id = "create_export", tag = "exports",
    params(("Idempotency-Key" = String, Header)), request_body = CreateExport,
    responses((status = 202, body = Export), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["exports:read"])))]
async fn create_export(
    State(app): State<App>,
    caller: Caller,
    Once(intent, wanted): Once<CreateExport>,
) -> Result<Reply> {
    caller.require(READERS, Scope::ExportsRead)?;
    let members = service::count(&app, &wanted).await?;
    let args = (wanted, members, caller.actor().to_string());
    let run = app
        .db
        .write_once(intent, args, |tx, (wanted, members, actor)| {
            Box::pin(async move { Ok((202, service::ask(tx, wanted, *members, actor).await?)) })
        });
    run.await
}

/// Exports, newest first.
#[utoipa::path(get, path = "/api/v1/exports", operation_id = "list_exports", tag = "exports",
    params(Paging), responses((status = 200, body = Page<Export>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["exports:read"])))]
async fn list_exports(
    State(app): State<App>,
    caller: Caller,
    paging: Paging,
) -> Result<Json<Page<Export>>> {
    caller.require(READERS, Scope::ExportsRead)?;
    let page = service::exports(&app, paging.limit, paging.cursor).await?;
    Ok(Json(Page {
        data: named(&app, page.data).await?,
        next_cursor: page.next_cursor,
    }))
}

/// An export: where it stands and how far it got.
#[utoipa::path(get, path = "/api/v1/exports/{export}", operation_id = "get_export", tag = "exports",
    params(("export" = ExportId, Path)), responses((status = 200, body = Export), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["exports:read"])))]
async fn get_export(
    State(app): State<App>,
    caller: Caller,
    Path(export): Path<ExportId>,
) -> Result<Json<Export>> {
    caller.require(READERS, Scope::ExportsRead)?;
    let found = service::export(app.db.read(), export).await?;
    let mut found = named(&app, vec![found]).await?;
    let found = found
        .pop()
        .ok_or(shared::problem::ErrorCode::ExportNotFound)?;
    Ok(Json(found))
}

/// The file of an export, streamed. It is deleted seven days after it was written, and at once when
/// a member in it is erased.
#[utoipa::path(get, path = "/api/v1/exports/{export}/file", operation_id = "get_export_file", tag = "exports",
    params(("export" = ExportId, Path)),
    responses((status = 200, description = "The file", body = String, content_type = "text/csv"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 410, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["exports:read"])))]
async fn get_export_file(
    State(app): State<App>,
    caller: Caller,
    Path(export): Path<ExportId>,
) -> Result<Response> {
    caller.require(READERS, Scope::ExportsRead)?;
    let args = (export, caller.actor().to_string());
    let fetched = app.db.write(args, |tx, (id, actor)| {
        Box::pin(service::fetched(tx, *id, actor))
    });
    let found = fetched.await?;
    let parts = stream::try_unfold(0, move |place: i32| {
        let app = app.clone();
        async move {
            let part = service::file_part(&app, export, place).await?;
            Ok::<_, crate::error::AppError>(part.map(|text| (text, place + 1)))
        }
    });
    let name = format!("{}-{}", found.kind.as_str(), &export.to_string()[4..]);
    let headers = file_headers(&name, found.format);
    Ok((headers, Body::from_stream(parts)).into_response())
}
