//! Endpoints as staff make, change and end them.

use super::super::store::{self, attempt, delivery, endpoint};
use crate::App;
use crate::audit;
use crate::db::Tx;
use crate::db::text::{DbText, to_json};
use crate::error::{AppError, Result};
use crate::outgoing::{Outgoing, signature};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use shared::ids::WebhookEndpointId;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use shared::webhooks::api::{WebhookEndpoint, WebhookEndpoints};
use shared::webhooks::{
    DisabledReason, EndpointDefinition, EndpointState, MAX_ENDPOINTS, MAX_NAME, MAX_OVERLAP_HOURS,
};

/// Deliveries that wait are counted so far.
const COUNTED: u64 = 10_000;

async fn view(app: &App, row: &endpoint::Model) -> Result<WebhookEndpoint> {
    let disabled = row.disabled.as_deref().map(DisabledReason::from_db);
    let until = row
        .old_secret_until
        .filter(|it| *it > app.db.now().as_millis());
    Ok(WebhookEndpoint {
        id: row.id.into(),
        version: row.version,
        definition: store::definition(row)?,
        state: EndpointState::from_db(&row.state)?,
        disabled: disabled.transpose()?,
        secret: None,
        old_secret_until: until.map(Timestamp::from_millis),
        failures: u32::try_from(row.failures).unwrap_or(0),
        resting_until: row.resting_until.map(Timestamp::from_millis),
        waiting: store::waiting(app.db.read(), row.id, COUNTED).await?,
        created_at: Timestamp::from_millis(row.created_at),
    })
}

/// Every endpoint.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App) -> Result<WebhookEndpoints> {
    let mut endpoints = Vec::new();
    for row in store::endpoints(app.db.read()).await? {
        endpoints.push(view(app, &row).await?);
    }
    Ok(WebhookEndpoints { endpoints })
}

/// An endpoint, with its secret if it was just made.
///
/// # Errors
/// `webhooks.not_found`.
pub async fn get(
    app: &App,
    id: WebhookEndpointId,
    secret: Option<String>,
) -> Result<WebhookEndpoint> {
    let row = store::find(app.db.read(), id).await?;
    let shown = view(app, &row).await?;
    Ok(WebhookEndpoint { secret, ..shown })
}

fn check(outgoing: &Outgoing, it: &EndpointDefinition) -> Result<()> {
    let visible = it.name.trim().chars().count();
    if !(1..=MAX_NAME).contains(&visible) || it.name.chars().any(char::is_control) {
        let message = "expected 1 to 60 visible characters";
        return Err(AppError::invalid_field("/name", "out_of_range", message));
    }
    match outgoing.check(&it.url) {
        Ok(_) => Ok(()),
        Err(message) => Err(AppError::invalid_field("/url", "invalid", message)),
    }
}

/// Makes an endpoint, and the secret that signs what it is sent.
///
/// # Errors
/// `request.invalid` for an address that may not be asked, and for more than there can be.
pub async fn create(
    tx: &Tx,
    app: &App,
    definition: &EndpointDefinition,
    actor: &str,
) -> Result<(WebhookEndpointId, String)> {
    check(&app.outgoing, definition)?;
    if store::endpoints(tx).await?.len() >= MAX_ENDPOINTS {
        let message = "there are at most 20 endpoints; remove one first";
        return Err(AppError::invalid_field("/url", "out_of_range", message));
    }
    let id = WebhookEndpointId::generate(&mut tx.ids());
    let secret = signature::new_secret();
    let row = endpoint::ActiveModel {
        id: Set(id.uuid()),
        version: Set(1),
        body: Set(to_json(definition)?),
        state: Set(EndpointState::Active.to_db().to_owned()),
        disabled: Set(None),
        secret: Set(secret.clone()),
        old_secret: Set(None),
        old_secret_until: Set(None),
        failures: Set(0),
        failing_since: Set(None),
        resting_until: Set(None),
        created_by: Set(actor.to_owned()),
        created_at: Set(tx.now().as_millis()),
    };
    endpoint::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    note(tx, actor, "webhook.created", id).await?;
    Ok((id, secret))
}

async fn note(tx: &Tx, actor: &str, action: &str, id: WebhookEndpointId) -> Result<()> {
    let detail = serde_json::json!({});
    audit::service::record(tx, actor, action, &id.to_string(), &detail).await
}

fn touched(row: &endpoint::Model) -> endpoint::ActiveModel {
    endpoint::ActiveModel {
        id: Set(row.id),
        version: Set(row.version + 1),
        ..Default::default()
    }
}

/// Writes an endpoint anew. What waits for it goes to the new address.
///
/// # Errors
/// `webhooks.not_found`, `request.invalid`, `request.precondition_failed` when `seen` is not the
/// current version.
pub async fn update(
    tx: &Tx,
    app: &App,
    id: WebhookEndpointId,
    definition: &EndpointDefinition,
    seen: i32,
    actor: &str,
) -> Result<()> {
    check(&app.outgoing, definition)?;
    let row = store::lock(tx, id).await?;
    if row.version != seen {
        return Err(ErrorCode::PreconditionFailed.into());
    }
    let changed = endpoint::ActiveModel {
        body: Set(to_json(definition)?),
        ..touched(&row)
    };
    endpoint::Entity::update(changed).exec(tx).await?;
    note(tx, actor, "webhook.changed", id).await
}

/// Lets an endpoint wait, or sends to it again, also to one that was given up. What it is already
/// changes nothing.
///
/// # Errors
/// `webhooks.not_found`.
pub async fn turn(tx: &Tx, id: WebhookEndpointId, active: bool, actor: &str) -> Result<()> {
    let (state, action) = match active {
        true => (EndpointState::Active, "webhook.resumed"),
        false => (EndpointState::Paused, "webhook.paused"),
    };
    let row = store::lock(tx, id).await?;
    if row.state == state.to_db() {
        return Ok(());
    }
    let changed = endpoint::ActiveModel {
        state: Set(state.to_db().to_owned()),
        disabled: Set(None),
        failures: Set(0),
        failing_since: Set(None),
        resting_until: Set(None),
        ..touched(&row)
    };
    endpoint::Entity::update(changed).exec(tx).await?;
    note(tx, actor, action, id).await
}

/// Makes a new secret; the one before goes on signing for some hours.
///
/// # Errors
/// `webhooks.not_found`, `request.invalid` for hours out of range.
pub async fn rotate(
    tx: &Tx,
    id: WebhookEndpointId,
    overlap_hours: i64,
    actor: &str,
) -> Result<String> {
    if !(0..=MAX_OVERLAP_HOURS).contains(&overlap_hours) {
        let message = "expected 0 to 168 hours";
        return Err(AppError::invalid_field(
            "/overlap_hours",
            "out_of_range",
            message,
        ));
    }
    let row = store::lock(tx, id).await?;
    let secret = signature::new_secret();
    let until = tx.now().as_millis() + overlap_hours * 3_600_000;
    let changed = endpoint::ActiveModel {
        secret: Set(secret.clone()),
        old_secret: Set(Some(row.secret.clone())),
        old_secret_until: Set(Some(until)),
        ..touched(&row)
    };
    endpoint::Entity::update(changed).exec(tx).await?;
    note(tx, actor, "webhook.secret_rotated", id).await?;
    Ok(secret)
}

/// Removes an endpoint, with what waits for it and what was sent.
///
/// # Errors
/// `webhooks.not_found`.
pub async fn remove(tx: &Tx, id: WebhookEndpointId, actor: &str) -> Result<()> {
    let row = store::lock(tx, id).await?;
    endpoint::Entity::delete_by_id(row.id).exec(tx).await?;
    delivery::Entity::delete_many()
        .filter(delivery::Column::EndpointId.eq(row.id))
        .exec(tx)
        .await?;
    attempt::Entity::delete_many()
        .filter(attempt::Column::EndpointId.eq(row.id))
        .exec(tx)
        .await?;
    note(tx, actor, "webhook.removed", id).await
}
