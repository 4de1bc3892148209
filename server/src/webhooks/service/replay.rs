//! Sending again what was sent, or was to be sent, before.

use super::super::store::{self, delivery, endpoint};
use crate::audit;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use crate::outbox::service as outbox;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{OnConflict, Query, SelectStatement};
use shared::ids::{EventId, WebhookEndpointId};
use shared::problem::ErrorCode;
use shared::webhooks::api::ReplayEvents;
use shared::webhooks::{MAX_REPLAY, WebhookDeliveryState};

/// Sends one event again, with the same id.
///
/// # Errors
/// `webhooks.delivery_not_found`.
pub async fn replay_one(tx: &Tx, id: WebhookEndpointId, event: EventId, actor: &str) -> Result<()> {
    let row = store::find_delivery(tx, id, event).await?;
    let one = delivery::Entity::update_many()
        .filter(delivery::Column::EndpointId.eq(row.endpoint_id))
        .filter(delivery::Column::EventId.eq(row.event_id));
    again(tx, one).await?;
    wake(tx, id).await?;
    let detail = serde_json::json!({ "event": event });
    audit::service::record(tx, actor, "webhook.replayed", &id.to_string(), &detail).await
}

/// Asks an endpoint at once that was left alone because it failed.
async fn wake(tx: &Tx, id: WebhookEndpointId) -> Result<()> {
    use endpoint::Column;
    endpoint::Entity::update_many()
        .col_expr(Column::RestingUntil, Expr::value(Option::<i64>::None))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

async fn again(tx: &Tx, which: sea_orm::UpdateMany<delivery::Entity>) -> Result<u64> {
    use delivery::Column;
    let waiting = WebhookDeliveryState::Waiting.to_db();
    let done = which
        .col_expr(Column::State, Expr::value(waiting))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::NextAt, Expr::value(tx.now().as_millis()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Sends what happened in a time again, of what the endpoint wants now: also what happened before
/// there was the endpoint. Answers how many events there are.
///
/// # Errors
/// `webhooks.not_found`, `webhooks.replay_too_large`, `request.invalid` for a time that ends
/// before it begins.
pub async fn replay(
    tx: &Tx,
    id: WebhookEndpointId,
    request: &ReplayEvents,
    actor: &str,
) -> Result<u64> {
    if request.from >= request.until {
        let message = "expected a time after `from`";
        return Err(AppError::invalid_field("/until", "out_of_range", message));
    }
    let row = store::lock(tx, id).await?;
    let events = if request.failed_only {
        failed(tx, &row, request).await?
    } else {
        everything(tx, &row, request).await?
    };
    wake(tx, id).await?;
    let detail = serde_json::json!({
        "from": request.from, "until": request.until, "failed_only": request.failed_only, "events": events,
    });
    audit::service::record(tx, actor, "webhook.replayed", &id.to_string(), &detail).await?;
    Ok(events)
}

async fn failed(tx: &Tx, to: &endpoint::Model, request: &ReplayEvents) -> Result<u64> {
    use delivery::Column;
    let failed = WebhookDeliveryState::Failed.to_db();
    let which = delivery::Entity::update_many()
        .filter(Column::EndpointId.eq(to.id))
        .filter(Column::State.eq(failed))
        .filter(Column::HappenedAt.gte(request.from.as_millis()))
        .filter(Column::HappenedAt.lt(request.until.as_millis()));
    again(tx, which).await
}

async fn everything(tx: &Tx, to: &endpoint::Model, request: &ReplayEvents) -> Result<u64> {
    use delivery::Column;
    let wanted = store::definition(to)?.events;
    let time = (request.from, request.until);
    let count = outbox::count(tx, time, &wanted).await?;
    if count > MAX_REPLAY {
        return Err(ErrorCode::WebhookReplayTooLarge.into());
    }
    let again = OnConflict::columns([Column::EndpointId, Column::EventId])
        .update_columns([Column::State, Column::Attempts, Column::NextAt])
        .to_owned();
    let insert = Query::insert()
        .into_table(delivery::Entity)
        .columns([
            Column::EventId,
            Column::Topic,
            Column::MemberId,
            Column::HappenedAt,
            Column::EndpointId,
            Column::State,
            Column::Attempts,
            Column::NextAt,
        ])
        .select_from(rows(tx, to, outbox::query(time, &wanted)))
        .map_err(AppError::internal)?
        .on_conflict(again)
        .to_owned();
    tx.execute(&insert).await?;
    Ok(count)
}

/// The rows of deliveries that wait, for a query of events.
fn rows(tx: &Tx, to: &endpoint::Model, mut events: SelectStatement) -> SelectStatement {
    events
        .expr(Expr::value(to.id))
        .expr(Expr::value(WebhookDeliveryState::Waiting.to_db()))
        .expr(Expr::value(0))
        .expr(Expr::value(tx.now().as_millis()))
        .to_owned()
}
