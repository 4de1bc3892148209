//! The ways by which a community is called besides messages to its members.

use super::super::push::{self, Shout};
use super::super::store::{self, channel};
use crate::App;
use crate::audit;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use crate::outgoing::signature;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use shared::ids::{CommunityId, PushChannelId, PushDeliveryId};
use shared::problem::ErrorCode;
use shared::scenarios::api::{ChannelTrial, NewPushChannel, PushChannel, PushChannels};
use shared::scenarios::{ChannelKind, MAX_CHANNELS};
use shared::time::Timestamp;
use std::time::Instant;

fn view(row: &channel::Model, secret: Option<String>) -> Result<PushChannel> {
    // What comes after the host may hold a key, as with group robots.
    let host = push::host_of(&row.url);
    Ok(PushChannel {
        id: row.id.into(),
        kind: ChannelKind::from_db(&row.kind)?,
        address: format!("{host}/…"),
        secret,
        created_at: Timestamp::from_millis(row.created_at),
    })
}

/// A community's ways.
///
/// # Errors
/// When the database fails.
pub async fn channel_list(app: &App, community: CommunityId) -> Result<PushChannels> {
    let rows = store::channels(app.db.read(), community).await?;
    let channels = rows
        .iter()
        .map(|it| view(it, None))
        .collect::<Result<_>>()?;
    Ok(PushChannels { channels })
}

/// A way as it was made, with the secret that is told once.
///
/// # Errors
/// `scenarios.channel_not_found`.
pub async fn channel(app: &App, id: PushChannelId) -> Result<PushChannel> {
    let row = found(app, id).await?;
    view(&row, row.secret.clone())
}

async fn found(app: &App, id: PushChannelId) -> Result<channel::Model> {
    let row = store::find_channel(app.db.read(), id).await?;
    Ok(row.ok_or(ErrorCode::PushChannelNotFound)?)
}

/// The community that a way belongs to.
///
/// # Errors
/// `scenarios.channel_not_found`.
pub async fn community_of(app: &App, id: PushChannelId) -> Result<CommunityId> {
    Ok(found(app, id).await?.community_id.into())
}

/// Makes a way.
///
/// # Errors
/// `request.invalid` for an address that may not be asked, and for more ways than there can be.
pub async fn add_channel(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    request: &NewPushChannel,
    actor: &str,
) -> Result<PushChannelId> {
    if request.kind == ChannelKind::InApp {
        let message = "messages to members are always sent; expected webhook or wecom";
        return Err(AppError::invalid_field("/kind", "invalid", message));
    }
    if let Err(message) = app.outgoing.check(&request.url) {
        return Err(AppError::invalid_field("/url", "invalid", message));
    }
    if store::channels(tx, community).await?.len() >= MAX_CHANNELS {
        let message = "a community has at most 10 ways; remove one first";
        return Err(AppError::invalid_field("/kind", "out_of_range", message));
    }
    let secret = (request.kind == ChannelKind::Webhook).then(signature::new_secret);
    let id = PushChannelId::generate(&mut tx.ids());
    let row = channel::ActiveModel {
        id: Set(id.uuid()),
        community_id: Set(community.uuid()),
        kind: Set(request.kind.to_db().to_owned()),
        url: Set(request.url.clone()),
        secret: Set(secret),
        created_by: Set(actor.to_owned()),
        created_at: Set(tx.now().as_millis()),
    };
    channel::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    note(tx, actor, "push_channel.added", community, id).await?;
    Ok(id)
}

async fn note(
    tx: &Tx,
    actor: &str,
    action: &str,
    community: CommunityId,
    id: PushChannelId,
) -> Result<()> {
    let detail = serde_json::json!({ "channel": id });
    audit::service::record(tx, actor, action, &community.to_string(), &detail).await
}

/// Removes a way. What was to go there is given up.
///
/// # Errors
/// `scenarios.channel_not_found`.
pub async fn drop_channel(tx: &Tx, id: PushChannelId, actor: &str) -> Result<()> {
    let row = store::find_channel(tx, id).await?;
    let row = row.ok_or(ErrorCode::PushChannelNotFound)?;
    channel::Entity::delete_by_id(row.id).exec(tx).await?;
    note(
        tx,
        actor,
        "push_channel.removed",
        row.community_id.into(),
        id,
    )
    .await
}

/// Sends a trial message now, and tells what it met.
///
/// # Errors
/// `scenarios.channel_not_found`.
pub async fn try_channel(app: &App, id: PushChannelId) -> Result<ChannelTrial> {
    let row = found(app, id).await?;
    let delivery = PushDeliveryId::generate(&mut app.db.ids());
    let shout = Shout::trial(app, delivery, row.community_id.into()).await?;
    let began = Instant::now();
    let met = push::adapter(ChannelKind::from_db(&row.kind)?)
        .push(app, Some(&row), &shout)
        .await;
    Ok(ChannelTrial {
        arrived: met.is_ok(),
        trouble: met.err().map(|it| it.what),
        took_ms: i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX),
    })
}
