//! HTTP of the log of requests.

use super::service::{self, RequestFilter};
use crate::App;
use crate::auth::{AUDITORS, CurrentStaff};
use crate::error::Result;
use crate::http::envelope::RequestId;
use crate::http::extract::{Json, Paging, Query};
use crate::http::problem::code_of;
use crate::names;
use axum::extract::{MatchedPath, Request, State};
use axum::response::Response;
use serde::Deserialize;
use shared::ids::{ApiKeyId, LoggedRequestId};
use shared::page::Page;
use shared::problem::Problem;
use shared::requests::api::LoggedRequest;
use shared::time::Timestamp;
use std::time::Instant;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_api_requests))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RequestsQuery {
    /// Only of this key.
    key: Option<ApiKeyId>,
    /// Only those that were refused or failed.
    #[serde(default)]
    failed: bool,
    /// Only the one that is called so.
    request_id: Option<String>,
    /// From this instant on.
    from: Option<Timestamp>,
    /// Up to and with this instant.
    to: Option<Timestamp>,
}

/// What API keys asked in the last seven days, newest first: the operation, the answer's status and
/// code, and how long it took. Bodies are not kept.
#[utoipa::path(get, path = "/api/v1/api_requests", operation_id = "list_api_requests", tag = "staff",
    params(RequestsQuery, Paging), responses((status = 200, body = Page<LoggedRequest>),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "auditor"])))]
async fn list_api_requests(
    State(app): State<App>,
    staff: CurrentStaff,
    Query(query): Query<RequestsQuery>,
    paging: Paging,
) -> Result<Json<Page<LoggedRequest>>> {
    staff.require_role(AUDITORS)?;
    let filter = RequestFilter {
        key: query.key,
        failed: query.failed,
        request_id: query.request_id,
        from: query.from,
        to: query.to,
    };
    let mut page = service::list(&app, &filter, paging.limit, paging.cursor).await?;
    let keys: Vec<String> = page.data.iter().map(|it| it.key_id.to_string()).collect();
    let names = names::of(&app, keys.iter().map(String::as_str)).await?;
    for (it, key) in page.data.iter_mut().zip(&keys) {
        it.key_name = names.get(key).cloned();
    }
    Ok(Json(page))
}

/// A request of a key that is being answered.
pub(crate) struct Asked {
    key: ApiKeyId,
    method: String,
    path: String,
    request_id: String,
    at: Timestamp,
    started: Instant,
}

impl Asked {
    /// Remembers what is logged of a request.
    pub(crate) fn of(app: &App, key: ApiKeyId, request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>();
        let id = request.extensions().get::<RequestId>();
        Self {
            key,
            method: request.method().to_string(),
            path: route
                .map_or("(no such address)", MatchedPath::as_str)
                .to_owned(),
            request_id: id.map(RequestId::as_str).unwrap_or_default().to_owned(),
            at: app.db.now(),
            started: Instant::now(),
        }
    }

    /// Logs it with its answer.
    pub(crate) fn answered(self, app: &App, response: &Response) {
        let took = self.started.elapsed().as_millis();
        let request = LoggedRequest {
            id: LoggedRequestId::generate(&mut app.db.ids()),
            at: self.at,
            key_id: self.key,
            key_name: None,
            method: self.method,
            path: self.path,
            status: response.status().as_u16(),
            code: code_of(response).map(|it| it.as_str().to_owned()),
            request_id: self.request_id,
            took_ms: i64::try_from(took).unwrap_or(i64::MAX),
        };
        service::note(app, request);
    }
}
