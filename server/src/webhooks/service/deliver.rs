//! Deliveries leave when they are due: endpoints side by side, so that a slow one holds up no other,
//! and of each endpoint some at once.

use super::super::store::{self, attempt, delivery, endpoint};
use super::request::{Request, Sent};
use crate::App;
use crate::audit;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use crate::outbox::service as outbox;
use futures::FutureExt as _;
use futures::future::join_all;
use futures::stream::{FuturesUnordered, StreamExt as _};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ExprTrait};
use shared::ids::{EventId, WebhookEndpointId};
use shared::webhooks::rules::{Health, Next, after};
use shared::webhooks::{EndpointState, WebhookDeliveryState};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Deliveries to one endpoint at once.
const AT_ONCE: u64 = 32;
/// While a node works on a delivery, others leave it alone for this long, in milliseconds; longer
/// than an attempt can take. A node that dies meanwhile leaves it to be sent again.
const LEASE_MS: i64 = 60_000;
/// How often other endpoints are looked at while some are busy.
const LOOK: Duration = Duration::from_millis(500);

/// Lets every delivery leave that is due, until none is.
///
/// # Errors
/// When the database fails, after the other endpoints were served; an endpoint that answers badly
/// is not an error.
pub async fn deliver_due(app: &App) -> Result<()> {
    let mut busy = BTreeSet::new();
    // Endpoints for which there was nothing: what is due there waits for what comes before it.
    let mut idle = BTreeSet::new();
    let mut running = FuturesUnordered::new();
    let mut failed = Ok(());
    loop {
        for id in store::ready(app.db.read(), app.db.now().as_millis()).await? {
            if !idle.contains(&id) && busy.insert(id) {
                running.push(serve(app, id).map(move |done| (id, done)));
            }
        }
        if running.is_empty() {
            return failed;
        }
        match tokio::time::timeout(LOOK, running.next()).await {
            Ok(Some((id, Ok(sent)))) => {
                busy.remove(&id);
                if !sent {
                    idle.insert(id);
                }
            }
            // What fails for one endpoint is told at the end, and holds up no other; it stays
            // busy, so that this run leaves it alone.
            Ok(Some((id, Err(error)))) => {
                tracing::error!(endpoint = %id, %error, "deliveries to an endpoint failed");
                failed = failed.and(Err(error));
            }
            // Something may have come meanwhile.
            Ok(None) | Err(_) => idle.clear(),
        }
    }
}

/// Sends what is due to one endpoint; answers whether there was anything.
async fn serve(app: &App, id: WebhookEndpointId) -> Result<bool> {
    let mut sent = false;
    loop {
        let leased = app.db.write(id, |tx, id| Box::pin(lease(tx, *id))).await?;
        let Some((to, due)) = leased else {
            return Ok(sent);
        };
        send(app, &to, due).await?;
        sent = true;
    }
}

/// What is due for an endpoint that is sent to; `None` when nothing is.
async fn lease(
    tx: &Tx,
    id: WebhookEndpointId,
) -> Result<Option<(endpoint::Model, Vec<delivery::Model>)>> {
    use delivery::Column;
    let now = tx.now().as_millis();
    let Some(row) = endpoint::Entity::find_by_id(id.uuid()).one(tx).await? else {
        return Ok(None);
    };
    let resting = row.resting_until.is_some_and(|it| it > now);
    if row.state != EndpointState::Active.to_db() || resting {
        return Ok(None);
    }
    let ordered = store::definition(&row)?.ordered;
    let most = health(&row).at_once(AT_ONCE);
    let due = store::due(tx, row.id, (ordered, now, most)).await?;
    if due.is_empty() {
        return Ok(None);
    }
    delivery::Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(now + LEASE_MS))
        .filter(Column::EndpointId.eq(row.id))
        .filter(Column::EventId.is_in(due.iter().map(|it| it.event_id)))
        .exec(tx)
        .await?;
    Ok(Some((row, due)))
}

fn health(row: &endpoint::Model) -> Health {
    Health {
        failures: u32::try_from(row.failures).unwrap_or(0),
        failing_since: row.failing_since,
        resting_until: row.resting_until,
    }
}

/// A delivery after an attempt; without one when the event is not kept any more.
type Tried = (delivery::Model, Option<Sent>);

async fn send(app: &App, to: &endpoint::Model, due: Vec<delivery::Model>) -> Result<()> {
    let url = store::definition(to)?.url;
    let ids: Vec<EventId> = due.iter().map(|it| it.event_id.into()).collect();
    let events = outbox::by_ids(app.db.read(), &ids).await?;
    let events: BTreeMap<EventId, outbox::Published> =
        events.into_iter().map(|it| (it.id, it)).collect();
    let one = async |row: delivery::Model| -> Result<Tried> {
        let Some(event) = events.get(&EventId::from(row.event_id)) else {
            return Ok((row, None));
        };
        let request = Request::of(to, event, app.db.now())?;
        Ok((row, Some(request.send(app, &url).await)))
    };
    let tried = join_all(due.into_iter().map(one)).await;
    let tried: Vec<Tried> = tried.into_iter().collect::<Result<_>>()?;
    let write = app
        .db
        .write((to.id, results(app, to.id, tried)), |tx, (id, results)| {
            Box::pin(settle(tx, *id, results))
        });
    write.await
}

/// What became of a delivery, and the row that tells of the attempt.
#[derive(Clone)]
struct Outcome {
    event: Uuid,
    next: Next,
    attempts: i32,
    row: Option<attempt::ActiveModel>,
}

fn results(app: &App, endpoint: Uuid, tried: Vec<Tried>) -> Vec<Outcome> {
    let mut ids = app.db.ids();
    let outcomes = tried.into_iter().map(|(row, sent)| {
        let attempts = row.attempts.saturating_add(1);
        let count = u32::try_from(attempts).unwrap_or(u32::MAX);
        let next = match &sent {
            Some(sent) => after(count, sent.met, fastrand::u16(..)),
            None => Next::GiveUp,
        };
        Outcome {
            event: row.event_id,
            next,
            attempts,
            row: sent.map(|it| it.row(endpoint, row.event_id.into(), &mut ids)),
        }
    });
    outcomes.collect()
}

async fn settle(tx: &Tx, id: Uuid, results: &[Outcome]) -> Result<()> {
    use delivery::Column;
    let of = |state: WebhookDeliveryState| Expr::value(state.to_db());
    let delivered = results.iter().filter(|it| it.next == Next::Delivered);
    let delivered: Vec<Uuid> = delivered.map(|it| it.event).collect();
    if !delivered.is_empty() {
        delivery::Entity::update_many()
            .col_expr(Column::State, of(WebhookDeliveryState::Delivered))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .filter(Column::EndpointId.eq(id))
            .filter(Column::EventId.is_in(delivered))
            .exec(tx)
            .await?;
    }
    for it in results {
        let (state, wait) = match it.next {
            Next::Delivered => continue,
            Next::Again { in_ms } => (WebhookDeliveryState::Waiting, in_ms),
            Next::GiveUp | Next::Disable => (WebhookDeliveryState::Failed, 0),
        };
        delivery::Entity::update_many()
            .col_expr(Column::State, of(state))
            .col_expr(Column::Attempts, Expr::value(it.attempts))
            .col_expr(Column::NextAt, Expr::value(tx.now().as_millis() + wait))
            .filter(Column::EndpointId.eq(id))
            .filter(Column::EventId.eq(it.event))
            .exec(tx)
            .await?;
    }
    let rows: Vec<_> = results.iter().filter_map(|it| it.row.clone()).collect();
    if !rows.is_empty() {
        attempt::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    judge(tx, id, results).await
}

/// Notes how the endpoint is doing, and gives it up when it is time.
async fn judge(tx: &Tx, id: Uuid, results: &[Outcome]) -> Result<()> {
    let Ok(row) = store::lock(tx, id.into()).await else {
        // It was removed meanwhile.
        return Ok(());
    };
    let now = tx.now().as_millis();
    let before = health(&row);
    let mut health = before;
    let mut disabled = None;
    for it in results.iter().filter(|it| it.row.is_some()) {
        health = health.after(it.next, now);
        disabled = health.verdict(it.next, now).or(disabled);
    }
    let active = row.state == EndpointState::Active.to_db();
    let disabled = disabled.filter(|_| active);
    if health == before && disabled.is_none() {
        return Ok(());
    }
    let mut changed = endpoint::ActiveModel {
        id: Set(id),
        failures: Set(i32::try_from(health.failures).unwrap_or(i32::MAX)),
        failing_since: Set(health.failing_since),
        resting_until: Set(health.resting_until),
        ..Default::default()
    };
    if let Some(reason) = disabled {
        changed.state = Set(EndpointState::Disabled.to_db().to_owned());
        changed.disabled = Set(Some(reason.to_db().to_owned()));
        changed.version = Set(row.version + 1);
        let id = WebhookEndpointId::from(id).to_string();
        let detail = serde_json::json!({ "reason": reason });
        audit::service::record(tx, "system", "webhook.disabled", &id, &detail).await?;
    }
    endpoint::Entity::update(changed).exec(tx).await?;
    Ok(())
}
