//! Events reach the endpoints that want them: a row for each of both, in the write that takes the
//! events.

use super::super::store::{self, delivery, endpoint};
use crate::App;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use crate::outbox::service::{self as outbox, Published};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use shared::ids::MemberId;
use shared::webhooks::{EndpointState, WebhookDeliveryState};

/// Gives every event that was published to the endpoints that want it.
///
/// # Errors
/// When the database fails.
pub async fn spread_due(app: &App) -> Result<()> {
    while app.db.write((), |tx, ()| Box::pin(spread(tx))).await? > 0 {}
    Ok(())
}

async fn spread(tx: &Tx) -> Result<usize> {
    let events = outbox::take(tx).await?;
    let endpoints = store::endpoints(tx).await?;
    let mut rows = Vec::new();
    for it in &endpoints {
        if it.state != EndpointState::Disabled.to_db() {
            // One that this version cannot read keeps nothing from the others; what it missed can
            // be replayed.
            let definition = match store::definition(it) {
                Ok(definition) => definition,
                Err(error) => {
                    tracing::error!(endpoint = %it.id, %error, "an endpoint cannot be read");
                    continue;
                }
            };
            let wanted = events.iter().filter(|event| definition.wants(event.kind));
            rows.extend(wanted.map(|event| waiting(it, event, tx)));
        }
    }
    for chunk in rows.chunks(500) {
        delivery::Entity::insert_many(chunk.to_vec())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(events.len())
}

fn waiting(to: &endpoint::Model, event: &Published, tx: &Tx) -> delivery::ActiveModel {
    delivery::ActiveModel {
        endpoint_id: Set(to.id),
        event_id: Set(event.id.uuid()),
        topic: Set(event.kind.as_str().to_owned()),
        member_id: Set(event.member.map(MemberId::uuid)),
        happened_at: Set(event.at.as_millis()),
        state: Set(WebhookDeliveryState::Waiting.to_db().to_owned()),
        attempts: Set(0),
        next_at: Set(tx.now().as_millis()),
    }
}
