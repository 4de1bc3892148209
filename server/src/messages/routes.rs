//! HTTP of messages.

use super::service;
use crate::App;
use crate::auth::CurrentMember;
use crate::error::Result;
use crate::http::extract::{Json, Paging, Path, Query};
use axum::extract::State;
use serde::Deserialize;
use shared::ids::MessageId;
use shared::messages::api::{Message, Unread};
use shared::page::Page;
use shared::problem::Problem;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_my_messages))
        .routes(routes!(read_my_messages))
        .routes(routes!(read_my_message))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MessagesQuery {
    /// Only messages that were not read.
    #[serde(default)]
    unread: bool,
}

/// One's own messages, newest first.
#[utoipa::path(get, path = "/api/v1/me/messages", operation_id = "list_my_messages", tag = "me",
    params(MessagesQuery, Paging), responses((status = 200, body = Page<Message>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 422, body = Problem)), security(("member" = [])))]
async fn list_my_messages(
    State(app): State<App>,
    member: CurrentMember,
    Query(query): Query<MessagesQuery>,
    paging: Paging,
) -> Result<Json<Page<Message>>> {
    Ok(Json(
        service::list(&app, member.id, query.unread, paging.limit, paging.cursor).await?,
    ))
}

/// Marks a message as read; this ends the celebration of an upgrade.
#[utoipa::path(post, path = "/api/v1/me/messages/{message}/read", operation_id = "read_my_message", tag = "me",
    params(("message" = MessageId, Path)), responses((status = 200, body = Message), (status = 401, body = Problem),
        (status = 404, body = Problem)), security(("member" = [])))]
async fn read_my_message(
    State(app): State<App>,
    member: CurrentMember,
    Path(message): Path<MessageId>,
) -> Result<Json<Message>> {
    let args = (app.clone(), member.id, message);
    let mark = app.db.write(args, |tx, (app, member, message)| {
        Box::pin(service::mark_read(tx, app, *member, *message))
    });
    Ok(Json(mark.await?))
}

/// Marks all of one's messages as read.
#[utoipa::path(post, path = "/api/v1/me/messages/read", operation_id = "read_my_messages", tag = "me",
    responses((status = 200, body = Unread), (status = 401, body = Problem)), security(("member" = [])))]
async fn read_my_messages(State(app): State<App>, member: CurrentMember) -> Result<Json<Unread>> {
    let mark = app.db.write(member.id, |tx, member| {
        Box::pin(service::mark_all_read(tx, *member))
    });
    Ok(Json(mark.await?))
}
