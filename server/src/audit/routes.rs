//! HTTP of the audit trail.

use super::service::{self, AuditFilter};
use crate::App;
use crate::auth::{AUDITORS, CurrentStaff};
use crate::error::Result;
use crate::http::csv::{Cell, download};
use crate::http::extract::{Json, Paging, Query};
use crate::names;
use axum::extract::State;
use axum::response::Response;
use futures::{StreamExt, TryStreamExt};
use serde::Deserialize;
use shared::audit::api::AuditEntry;
use shared::page::Page;
use shared::problem::Problem;
use shared::time::Timestamp;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_audit_entries))
        .routes(routes!(export_audit_entries))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// Only what this member, person or key did, by id; or `system`.
    actor: Option<String>,
    /// Only this action; with a dot at its end, all actions that begin so, such as `points.`.
    action: Option<String>,
    /// Only what was done to this: an id, or a word such as `programme`.
    target: Option<String>,
    /// From this instant on.
    from: Option<Timestamp>,
    /// Up to and with this instant.
    to: Option<Timestamp>,
}

impl From<AuditQuery> for AuditFilter {
    fn from(it: AuditQuery) -> Self {
        Self {
            actor: it.actor,
            action: it.action,
            target: it.target,
            from: it.from,
            to: it.to,
        }
    }
}

/// The audit trail, newest first.
#[utoipa::path(get, path = "/api/v1/audit_entries", operation_id = "list_audit_entries", tag = "staff",
    params(AuditQuery, Paging), responses((status = 200, body = Page<AuditEntry>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "auditor"])))]
async fn list_audit_entries(
    State(app): State<App>,
    staff: CurrentStaff,
    Query(query): Query<AuditQuery>,
    paging: Paging,
) -> Result<Json<Page<AuditEntry>>> {
    staff.require_role(AUDITORS)?;
    let filter = query.into();
    let mut page = service::list(app.db.read(), &filter, paging.limit, paging.cursor).await?;
    names::of_audit(&app, &mut page.data).await?;
    Ok(Json(page))
}

const COLUMNS: [&str; 7] = [
    "at",
    "actor",
    "actor_name",
    "action",
    "target",
    "target_name",
    "detail",
];

fn cells(it: AuditEntry) -> Vec<Cell> {
    let detail: Vec<String> = it
        .detail
        .iter()
        .map(|fact| format!("{}: {}", fact.name, fact.value))
        .collect();
    vec![
        Cell::Time(it.at),
        Cell::Text(it.actor),
        Cell::words(it.actor_name),
        Cell::Text(it.action),
        Cell::Text(it.target),
        Cell::words(it.target_name),
        Cell::Text(detail.join("; ")),
    ]
}

/// The audit trail as a CSV file, with the same filters as the list.
#[utoipa::path(get, path = "/api/v1/audit_exports", operation_id = "export_audit_entries", tag = "staff",
    params(AuditQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "auditor"])))]
async fn export_audit_entries(
    State(app): State<App>,
    staff: CurrentStaff,
    Query(query): Query<AuditQuery>,
) -> Result<Response> {
    staff.require_role(AUDITORS)?;
    let filter: AuditFilter = query.into();
    service::note_export(&app, staff.actor(), "audit.exported", &filter).await?;
    let rows = service::export(app.clone(), filter).and_then(move |mut entries| {
        let app = app.clone();
        async move {
            names::of_audit(&app, &mut entries).await?;
            Ok(entries.into_iter().map(cells).collect::<Vec<_>>())
        }
    });
    download("audit", &COLUMNS, rows.boxed())
}
