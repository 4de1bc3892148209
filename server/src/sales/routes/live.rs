//! Watching a sale: a stream of events, and a plain answer for whoever asks again and again.

use crate::App;
use crate::auth::Principal;
use crate::error::{AppError, Result};
use crate::http::extract::{Json, Path};
use crate::sales::Seat;
use crate::sales::service;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::try_unfold;
use futures::{Stream, StreamExt as _};
use shared::ids::FlashSaleId;
use shared::problem::Problem;
use shared::sales::api::SaleLive;
use std::time::Duration;
use tokio::time::sleep;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How long a stream goes on: whoever comes back after that has to be signed in still.
const LASTS: Duration = Duration::from_secs(300);

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_live))
        .routes(routes!(watch_sale))
}

/// What is left of a sale now, and what the server's clock shows.
#[utoipa::path(get, path = "/api/v1/flash_sales/{sale}/live", operation_id = "get_flash_sale_live", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path)), responses((status = 200, body = SaleLive), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("member" = []), ("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn get_live(State(app): State<App>, Path(sale): Path<FlashSaleId>) -> Result<Json<SaleLive>> {
    Ok(Json(service::moment(&app, sale).await?.live))
}

/// The same as a stream of `live` events, at most one a second and only when something changes.
/// `Last-Event-ID` names the last one that arrived. A stream ends after five minutes; ask again.
#[utoipa::path(get, path = "/api/v1/flash_sales/{sale}/events", operation_id = "watch_flash_sale", tag = "flash_sales",
    params(("sale" = FlashSaleId, Path), ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, body = SaleLive, content_type = "text/event-stream"), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 429, body = Problem)),
    security(("member" = []), ("staff" = ["admin", "operator", "community_manager", "auditor"])))]
async fn watch_sale(
    State(app): State<App>,
    Path(sale): Path<FlashSaleId>,
    extensions: Extensions,
    headers: HeaderMap,
) -> Result<Response> {
    let caller = Principal::of(&extensions)?.actor();
    let mut seat = service::watch(&app, sale, caller).await?;
    let seen = headers.get("last-event-id").and_then(|it| it.to_str().ok());
    seat.resume(seen);
    let events = events(app, seat).take_until(Box::pin(sleep(LASTS)));
    let stream = Sse::new(events).keep_alive(KeepAlive::default());
    Ok(stream.into_response())
}

fn events(app: App, seat: Seat) -> impl Stream<Item = Result<Event, AppError>> {
    try_unfold((app, seat), |(app, mut seat)| async move {
        let Some(moment) = seat.next().await else {
            return Ok(None);
        };
        let live = SaleLive {
            server_time: app.db.now(),
            ..moment.live.clone()
        };
        let event = Event::default().event("live").id(moment.id.clone());
        let event = event.json_data(live).map_err(AppError::internal)?;
        Ok(Some((event, (app, seat))))
    })
}
