//! HTTP of webhooks: for administrators, and for systems of the shop with the scope.

use super::service::{self, Wanted};
use crate::App;
use crate::auth::Caller;
use crate::error::Result;
use crate::http::extract::{IfMatch, Json, Paging, Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::ids::{EventId, MemberId, WebhookEndpointId};
use shared::page::Page;
use shared::problem::Problem;
use shared::webhooks::api::{
    EndpointTrial, EventCatalogue, ReplayEvents, Replayed, RotateSecret, TryEndpoint, TurnEndpoint,
    WebhookDelivery, WebhookDeliveryDetail, WebhookEndpoint, WebhookEndpoints,
};
use shared::webhooks::events::EventType;
use shared::webhooks::{EndpointDefinition, WebhookDeliveryState};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_types))
        .routes(routes!(list_endpoints, create_endpoint))
        .routes(routes!(get_endpoint, update_endpoint, drop_endpoint))
        .routes(routes!(turn_endpoint))
        .routes(routes!(rotate_secret))
        .routes(routes!(try_endpoint))
        .routes(routes!(list_deliveries))
        .routes(routes!(get_delivery))
        .routes(routes!(replay_delivery))
        .routes(routes!(replay_events))
}

fn tagged(status: StatusCode, it: WebhookEndpoint) -> Response {
    let tag = format!("\"{}\"", it.version);
    (status, [(ETAG, tag)], Json(it)).into_response()
}

/// What can be subscribed to, with an example of each.
#[utoipa::path(get, path = "/api/v1/webhook_event_types", operation_id = "list_webhook_event_types", tag = "webhooks",
    responses((status = 200, body = EventCatalogue), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["webhooks:write"])))]
async fn list_types(State(app): State<App>, _caller: Caller) -> Result<Json<EventCatalogue>> {
    Ok(Json(service::catalogue(app.db.now())?))
}

/// Every endpoint.
#[utoipa::path(get, path = "/api/v1/webhook_endpoints", operation_id = "list_webhook_endpoints", tag = "webhooks",
    responses((status = 200, body = WebhookEndpoints), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("staff" = ["admin", "auditor"]), ("api_key" = ["webhooks:write"])))]
async fn list_endpoints(State(app): State<App>, _caller: Caller) -> Result<Json<WebhookEndpoints>> {
    Ok(Json(service::list(&app).await?))
}

/// Makes an endpoint, which is told of what happens from now on. The answer holds the secret that
/// signs what it is sent, this once.
#[utoipa::path(post, path = "/api/v1/webhook_endpoints", operation_id = "create_webhook_endpoint", tag = "webhooks",
    request_body = EndpointDefinition,
    responses((status = 201, body = WebhookEndpoint), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin"]), ("api_key" = ["webhooks:write"])))]
async fn create_endpoint(
    State(app): State<App>,
    caller: Caller,
    Json(definition): Json<EndpointDefinition>,
) -> Result<Response> {
    let args = (app.clone(), definition, caller.actor().to_string());
    let run = app.db.write(args, |tx, (app, definition, actor)| {
        Box::pin(service::create(tx, app, definition, actor))
    });
    let (id, secret) = run.await?;
    let made = service::get(&app, id, Some(secret)).await?;
    Ok(tagged(StatusCode::CREATED, made))
}

/// An endpoint. Its `ETag` is what `If-Match` of an edit names.
#[utoipa::path(get, path = "/api/v1/webhook_endpoints/{endpoint}", operation_id = "get_webhook_endpoint", tag = "webhooks",
    params(("endpoint" = WebhookEndpointId, Path)), responses((status = 200, body = WebhookEndpoint),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "auditor"]), ("api_key" = ["webhooks:write"])))]
async fn get_endpoint(
    State(app): State<App>,
    _caller: Caller,
    Path(endpoint): Path<WebhookEndpointId>,
) -> Result<Response> {
    let found = service::get(&app, endpoint, None).await?;
    Ok(tagged(StatusCode::OK, found))
}

/// Writes an endpoint anew. What waits for it goes to the new address.
#[utoipa::path(put, path = "/api/v1/webhook_endpoints/{endpoint}", operation_id = "update_webhook_endpoint", tag = "webhooks",
    params(("endpoint" = WebhookEndpointId, Path), ("If-Match" = String, Header)), request_body = EndpointDefinition,
    responses((status = 200, body = WebhookEndpoint), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem),
        (status = 428, body = Problem)), security(("staff" = ["admin"]), ("api_key" = ["webhooks:write"])))]
async fn update_endpoint(
    State(app): State<App>,
    caller: Caller,
    Path(endpoint): Path<WebhookEndpointId>,
    seen: IfMatch,
    Json(definition): Json<EndpointDefinition>,
) -> Result<Response> {
    let current = service::get(&app, endpoint, None).await?;
    seen.require_of(&current.version.to_string(), &current)?;
    let actor = caller.actor().to_string();
    let args = (app.clone(), endpoint, definition, current.version, actor);
    let run = app
        .db
        .write(args, |tx, (app, id, definition, version, actor)| {
            Box::pin(service::update(tx, app, *id, definition, *version, actor))
        });
    run.await?;
    let changed = service::get(&app, endpoint, None).await?;
    Ok(tagged(StatusCode::OK, changed))
}

/// Removes an endpoint, with what waits for it and what was sent.
#[utoipa::path(delete, path = "/api/v1/webhook_endpoints/{endpoint}", operation_id = "drop_webhook_endpoint", tag = "webhooks",
    params(("endpoint" = WebhookEndpointId, Path)), responses((status = 204), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin"]), ("api_key" = ["webhooks:write"])))]
async fn drop_endpoint(
    State(app): State<App>,
    caller: Caller,
    Path(endpoint): Path<WebhookEndpointId>,
) -> Result<StatusCode> {
    let args = (endpoint, caller.actor().to_string());
    let run = app.db.write(args, |tx, (id, actor)| {
        Box::pin(service::remove(tx, *id, actor))
    });
    run.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets an endpoint wait, or sends to it again; also to one that was given up.
#[utoipa::path(post, path = "/api/v1/webhook_endpoints/{endpoint}/state", operation_id = "turn_webhook_endpoint", tag = "webhooks",
    params(("endpoint" = WebhookEndpointId, Path)), request_body = TurnEndpoint,
    responses((status = 200, body = WebhookEndpoint), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)), security(("staff" = ["admin"]), ("api_key" = ["webhooks:write"])))]
async fn turn_endpoint(
    State(app): State<App>,
    caller: Caller,
    Path(endpoint): Path<WebhookEndpointId>,
    Json(request): Json<TurnEndpoint>,
) -> Result<Response> {
    let args = (endpoint, request.active, caller.actor().to_string());
    let run = app.db.write(args, |tx, (id, active, actor)| {
        Box::pin(service::turn(tx, *id, *active, actor))
    });
    run.await?;
    let changed = service::get(&app, endpoint, None).await?;
    Ok(tagged(StatusCode::OK, changed))
}

/// Makes a new secret, which the answer holds this once. The one before signs as well for some
/// hours: each request carries both signatures.
#[utoipa::path(post, path = "/api/v1/webhook_endpoints/{endpoint}/secrets", operation_id = "rotate_webhook_secret", tag = "webhooks",
    params(("endpoint" = WebhookEndpointId, Path)), request_body = RotateSecret,
    responses((status = 201, body = WebhookEndpoint), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin"]), ("api_key" = ["webhooks:write"])))]
async fn rotate_secret(
    State(app): State<App>,
    caller: Caller,
    Path(endpoint): Path<WebhookEndpointId>,
    Json(request): Json<RotateSecret>,
) -> Result<Response> {
    let args = (endpoint, request.overlap_hours, caller.actor().to_string());
    let run = app.db.write(args, |tx, (id, hours, actor)| {
        Box::pin(service::rotate(tx, *id, *hours, actor))
    });
    let secret = run.await?;
    let changed = service::get(&app, endpoint, Some(secret)).await?;
    Ok(tagged(StatusCode::CREATED, changed))
}

/// Sends an example of an event now and tells what it met, or with `dry_run` only what would be
/// sent.
#[utoipa::path(post, path = "/api/v1/webhook_endpoints/{endpoint}/test", operation_id = "test_webhook_endpoint", tag = "webhooks",
    params(("endpoint" = WebhookEndpointId, Path)), request_body = TryEndpoint,
    responses((status = 200, body = EndpointTrial), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)), security(("staff" = ["admin"]), ("api_key" = ["webhooks:write"])))]
async fn try_endpoint(
    State(app): State<App>,
    _caller: Caller,
    Path(endpoint): Path<WebhookEndpointId>,
    Json(request): Json<TryEndpoint>,
) -> Result<Json<EndpointTrial>> {
    let met = service::try_endpoint(&app, endpoint, request.kind, request.dry_run).await?;
    Ok(Json(met))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeliveryQuery {
    /// Only those that stand so.
    state: Option<WebhookDeliveryState>,
    /// Only those of such events.
    r#type: Option<EventType>,
    /// Only those about this member.
    member: Option<MemberId>,
}

/// What an endpoint was and will be sent, what happened last first.
#[utoipa::path(get, path = "/api/v1/webhook_endpoints/{endpoint}/deliveries", operation_id = "list_webhook_deliveries",
    tag = "webhooks", params(("endpoint" = WebhookEndpointId, Path), DeliveryQuery, Paging),
    responses((status = 200, body = Page<WebhookDelivery>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "auditor"]), ("api_key" = ["webhooks:write"])))]
async fn list_deliveries(
    State(app): State<App>,
    _caller: Caller,
    Path(endpoint): Path<WebhookEndpointId>,
    Query(query): Query<DeliveryQuery>,
    page: Paging,
) -> Result<Json<Page<WebhookDelivery>>> {
    let wanted = Wanted {
        state: query.state,
        kind: query.r#type,
        member: query.member,
    };
    let found = service::deliveries(&app, endpoint, wanted, (page.limit, page.cursor)).await?;
    Ok(Json(found))
}

/// A delivery with what was sent, and what each attempt met.
#[utoipa::path(get, path = "/api/v1/webhook_endpoints/{endpoint}/deliveries/{event}", operation_id = "get_webhook_delivery",
    tag = "webhooks", params(("endpoint" = WebhookEndpointId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = WebhookDeliveryDetail), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("staff" = ["admin", "auditor"]), ("api_key" = ["webhooks:write"])))]
async fn get_delivery(
    State(app): State<App>,
    _caller: Caller,
    Path((endpoint, event)): Path<(WebhookEndpointId, EventId)>,
) -> Result<Json<WebhookDeliveryDetail>> {
    Ok(Json(service::delivery(&app, endpoint, event).await?))
}

/// Sends an event again, with the same id.
#[utoipa::path(post, path = "/api/v1/webhook_endpoints/{endpoint}/deliveries/{event}/replay",
    operation_id = "replay_webhook_delivery", tag = "webhooks",
    params(("endpoint" = WebhookEndpointId, Path), ("event" = EventId, Path)),
    responses((status = 202, body = WebhookDeliveryDetail), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)), security(("staff" = ["admin"]), ("api_key" = ["webhooks:write"])))]
async fn replay_delivery(
    State(app): State<App>,
    caller: Caller,
    Path((endpoint, event)): Path<(WebhookEndpointId, EventId)>,
) -> Result<(StatusCode, Json<WebhookDeliveryDetail>)> {
    let args = (endpoint, event, caller.actor().to_string());
    let run = app.db.write(args, |tx, (id, event, actor)| {
        Box::pin(service::replay_one(tx, *id, *event, actor))
    });
    run.await?;
    let found = service::delivery(&app, endpoint, event).await?;
    Ok((StatusCode::ACCEPTED, Json(found)))
}

/// Sends what happened in a time again, of what the endpoint wants now; also what happened before
/// there was the endpoint. Events are kept for 30 days.
#[utoipa::path(post, path = "/api/v1/webhook_endpoints/{endpoint}/replays", operation_id = "replay_webhook_events",
    tag = "webhooks", params(("endpoint" = WebhookEndpointId, Path)), request_body = ReplayEvents,
    responses((status = 202, body = Replayed), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin"]), ("api_key" = ["webhooks:write"])))]
async fn replay_events(
    State(app): State<App>,
    caller: Caller,
    Path(endpoint): Path<WebhookEndpointId>,
    Json(request): Json<ReplayEvents>,
) -> Result<(StatusCode, Json<Replayed>)> {
    let args = (endpoint, request, caller.actor().to_string());
    let run = app.db.write(args, |tx, (id, request, actor)| {
        Box::pin(service::replay(tx, *id, request, actor))
    });
    let events = run.await?;
    Ok((StatusCode::ACCEPTED, Json(Replayed { events })))
}
