//! HTTP of merging members.

use super::super::service;
use crate::App;
use crate::auth::CurrentStaff;
use crate::db::idempotency::Reply;
use crate::error::Result;
use crate::http::extract::{Json, Once, Paging, Path, Query};
use axum::extract::State;
use serde::Deserialize;
use shared::ids::{MemberId, MergeId};
use shared::members::api::{CreateMerge, Merge, MergePreview, UndoMerge, UndoPreview};
use shared::page::Page;
use shared::problem::Problem;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this module.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(preview_merge))
        .routes(routes!(create_merge, list_merges))
        .routes(routes!(get_merge))
        .routes(routes!(preview_undo_merge))
        .routes(routes!(undo_merge))
}

async fn pair(app: &App, from: &str, into: &str) -> Result<(MemberId, MemberId)> {
    let db = app.db.read();
    Ok((
        service::resolve(db, from).await?,
        service::resolve(db, into).await?,
    ))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PairQuery {
    /// The member who would end: `mem_…`, or `ext:` and the shop's customer id.
    from: String,
    /// The member who would go on for both.
    into: String,
}

/// What making two members one would do; nothing happens.
#[utoipa::path(get, path = "/api/v1/member_merges/preview", operation_id = "preview_merge", tag = "members",
    params(PairQuery), responses((status = 200, body = MergePreview), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)), security(("staff" = ["admin", "operator"])))]
async fn preview_merge(
    State(app): State<App>,
    _staff: CurrentStaff,
    Query(query): Query<PairQuery>,
) -> Result<Json<MergePreview>> {
    let (from, into) = pair(&app, &query.from, &query.into).await?;
    Ok(Json(service::preview_merge(&app, from, into).await?))
}

/// Makes two members one: the first ends, and everything of it goes to the second.
#[utoipa::path(post, path = "/api/v1/member_merges", operation_id = "create_merge", tag = "members",
    params(("Idempotency-Key" = String, Header)), request_body = CreateMerge,
    responses((status = 201, body = Merge), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)), security(("staff" = ["admin", "operator"])))]
async fn create_merge(
    State(app): State<App>,
    staff: CurrentStaff,
    Once(intent, request): Once<CreateMerge>,
) -> Result<Reply> {
    // Asked again, the member who ended is no longer found; the first answer still is.
    if let Some(known) = app.db.answered(&intent).await? {
        return Ok(known);
    }
    let (from, into) = pair(&app, &request.from, &request.into).await?;
    let args = (app.clone(), from, into, request.reason, staff.actor());
    let run = app
        .db
        .write_once(intent, args, |tx, (app, from, into, reason, actor)| {
            Box::pin(async move {
                let actor = actor.to_string();
                let done = service::merge(tx, app, *from, *into, reason, &actor).await?;
                Ok((201, done))
            })
        });
    run.await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MergesQuery {
    /// Only merges of this member, on either side: `mem_…`.
    member: Option<MemberId>,
}

/// Merges, newest first.
#[utoipa::path(get, path = "/api/v1/member_merges", operation_id = "list_merges", tag = "members",
    params(MergesQuery, Paging), responses((status = 200, body = Page<Merge>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn list_merges(
    State(app): State<App>,
    _staff: CurrentStaff,
    Query(query): Query<MergesQuery>,
    paging: Paging,
) -> Result<Json<Page<Merge>>> {
    Ok(Json(
        service::merges(&app, query.member, paging.limit, paging.cursor).await?,
    ))
}

/// A merge.
#[utoipa::path(get, path = "/api/v1/member_merges/{id}", operation_id = "get_merge", tag = "members",
    params(("id" = MergeId, Path, description = "The merge")),
    responses((status = 200, body = Merge), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)), security(("staff" = ["admin", "operator", "auditor"])))]
async fn get_merge(
    State(app): State<App>,
    _staff: CurrentStaff,
    Path(id): Path<MergeId>,
) -> Result<Json<Merge>> {
    Ok(Json(service::get_merge(app.db.read(), id).await?))
}

/// What taking two merged members apart again would do, and what keeps it from being done; nothing
/// happens.
#[utoipa::path(get, path = "/api/v1/member_merges/{id}/undo", operation_id = "preview_undo_merge", tag = "members",
    params(("id" = MergeId, Path, description = "The merge")),
    responses((status = 200, body = UndoPreview), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn preview_undo_merge(
    State(app): State<App>,
    _staff: CurrentStaff,
    Path(id): Path<MergeId>,
) -> Result<Json<UndoPreview>> {
    Ok(Json(service::preview_undo(&app, id).await?))
}

/// Takes two merged members apart again, within thirty days and if nothing that moved was used.
#[utoipa::path(post, path = "/api/v1/member_merges/{id}/undo", operation_id = "undo_merge", tag = "members",
    params(("id" = MergeId, Path, description = "The merge"), ("Idempotency-Key" = String, Header)),
    request_body = UndoMerge,
    responses((status = 200, body = Merge), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)), security(("staff" = ["admin", "operator"])))]
async fn undo_merge(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(id): Path<MergeId>,
    Once(intent, request): Once<UndoMerge>,
) -> Result<Reply> {
    let args = (app.clone(), id, request.reason, staff.actor());
    let run = app
        .db
        .write_once(intent, args, |tx, (app, id, reason, actor)| {
            Box::pin(async move {
                let actor = actor.to_string();
                Ok((
                    200,
                    service::undo_merge(tx, app, *id, reason, &actor).await?,
                ))
            })
        });
    run.await
}
