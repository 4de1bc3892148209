//! What was sent, and what it met.

use super::super::examples::example;
use super::super::store::{self, attempt, delivery};
use super::request::body;
use crate::App;
use crate::db::text::DbText;
use crate::db::{Cursor, Listing, Tx, try_map};
use crate::error::{AppError, Result};
use crate::outbox::service::{self as outbox, Published};
use sea_orm::entity::prelude::*;
use shared::ids::{EventId, MemberId, WebhookEndpointId};
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use shared::webhooks::api::{
    EventCatalogue, EventDescription, WebhookAttempt, WebhookDelivery, WebhookDeliveryDetail,
};
use shared::webhooks::events::EventType;
use shared::webhooks::{KEPT_DAYS, WebhookDeliveryState};

/// Most attempts that are shown.
const SHOWN_ATTEMPTS: u64 = 100;

/// Which deliveries are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// Only those that stand so.
    pub state: Option<WebhookDeliveryState>,
    /// Only those of such events.
    pub kind: Option<EventType>,
    /// Only those about this member.
    pub member: Option<MemberId>,
}

fn view(row: &delivery::Model) -> Result<WebhookDelivery> {
    let state = WebhookDeliveryState::from_db(&row.state)?;
    let kind = EventType::of(&row.topic);
    let kind = kind.ok_or_else(|| AppError::internal(format!("no event is {}", row.topic)))?;
    let waits = state == WebhookDeliveryState::Waiting;
    Ok(WebhookDelivery {
        event_id: row.event_id.into(),
        kind,
        member_id: row.member_id.map(MemberId::from),
        happened_at: Timestamp::from_millis(row.happened_at),
        state,
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        next_at: waits.then(|| Timestamp::from_millis(row.next_at)),
    })
}

/// What an endpoint was and will be sent, what happened last first.
///
/// # Errors
/// `webhooks.not_found`.
pub async fn deliveries(
    app: &App,
    id: WebhookEndpointId,
    wanted: Wanted,
    (limit, cursor): (u64, Option<Cursor>),
) -> Result<Page<WebhookDelivery>> {
    use delivery::Column;
    let endpoint = store::find(app.db.read(), id).await?;
    let mut query = delivery::Entity::find().filter(Column::EndpointId.eq(endpoint.id));
    if let Some(state) = wanted.state {
        query = query.filter(Column::State.eq(state.to_db()));
    }
    if let Some(kind) = wanted.kind {
        query = query.filter(Column::Topic.eq(kind.as_str()));
    }
    if let Some(member) = wanted.member {
        query = query.filter(Column::MemberId.eq(member.uuid()));
    }
    let list = Listing::newest_first(Column::HappenedAt, Column::EventId, limit, cursor);
    let place = |it: &delivery::Model| Cursor {
        key: it.happened_at,
        id: it.event_id,
    };
    let page = list.read(app.db.read(), query, place).await?;
    try_map(page, |it| view(&it))
}

/// A delivery with what was sent and answered.
///
/// # Errors
/// `webhooks.delivery_not_found`, also when the event is not kept any more.
pub async fn delivery(
    app: &App,
    id: WebhookEndpointId,
    event: EventId,
) -> Result<WebhookDeliveryDetail> {
    let row = store::find_delivery(app.db.read(), id, event).await?;
    let told = outbox::by_ids(app.db.read(), &[event]).await?;
    let told = told.first().ok_or(ErrorCode::WebhookDeliveryNotFound)?;
    let attempts = store::attempts(app.db.read(), &row, SHOWN_ATTEMPTS).await?;
    Ok(WebhookDeliveryDetail {
        delivery: view(&row)?,
        body: body(told),
        attempts: attempts.into_iter().map(met).collect(),
    })
}

fn met(row: attempt::Model) -> WebhookAttempt {
    WebhookAttempt {
        at: Timestamp::from_millis(row.at),
        took_ms: row.took_ms,
        status: row.status.and_then(|it| u16::try_from(it).ok()),
        trouble: row.trouble,
        answer: row.answer,
    }
}

/// What can be subscribed to, with an example of each.
///
/// # Errors
/// When an example cannot be written down.
pub fn catalogue(now: Timestamp) -> Result<EventCatalogue> {
    let one = |kind: &EventType| -> Result<EventDescription> {
        let event = Published::sample(uuid::Uuid::nil().into(), &example(*kind), now)?;
        Ok(EventDescription {
            kind: *kind,
            description: kind.description(),
            example: body(&event),
        })
    };
    let events = EventType::ALL.iter().map(one).collect::<Result<_>>()?;
    Ok(EventCatalogue { events })
}

/// Drops what was sent long ago.
///
/// # Errors
/// When the database fails.
pub async fn purge(tx: &Tx) -> Result<()> {
    let before = tx.now().plus_days(-KEPT_DAYS).as_millis();
    attempt::Entity::delete_many()
        .filter(attempt::Column::At.lt(before))
        .exec(tx)
        .await?;
    delivery::Entity::delete_many()
        .filter(delivery::Column::HappenedAt.lt(before))
        .exec(tx)
        .await?;
    Ok(())
}
