//! Lists appear when they are due, each appearance once, and their community is called to them as
//! far as its pace allows.

use super::super::store::{self, delivery, posting, scenario};
use crate::App;
use crate::communities;
use crate::db::Tx;
use crate::db::rows;
use crate::db::text::{DbText, to_json};
use crate::error::Result;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use shared::ids::{CommunityId, PostingId, PushDeliveryId, ScenarioId};
use shared::scenarios::rules::{call, start_of_week};
use shared::scenarios::{Call, ChannelKind, DeliveryState, ScenarioDefinition, ScenarioState};
use shared::time::Timestamp;

/// Lists of one look.
const LOOK: u64 = 100;

/// Lets every list appear that is due, those that were missed while nothing ran too, each dated
/// when it was due.
///
/// # Errors
/// When the database fails.
pub async fn appear_due(app: &App) -> Result<()> {
    loop {
        let due = store::due(app.db.read(), app.db.now(), LOOK).await?;
        if due.is_empty() {
            return Ok(());
        }
        for row in due {
            let args = (app.clone(), ScenarioId::from(row.id));
            let write = app.db.write(args, |tx, (app, scenario)| {
                Box::pin(appear(tx, app, *scenario))
            });
            write.await?;
        }
    }
}

/// Lets one list appear for the time that is due, and notes the next one.
async fn appear(tx: &Tx, app: &App, id: ScenarioId) -> Result<()> {
    let found = store::find(tx, id).await?;
    let community = CommunityId::from(found.community_id);
    // The community is taken before the list, so that two lists count each other's calls.
    let pace = communities::service::lock_pace(tx, community).await?;
    let row = store::lock(tx, id).await?;
    let Some(at) = row.next_at.map(Timestamp::from_millis) else {
        return Ok(());
    };
    if at > tx.now() {
        return Ok(());
    }
    let definition = store::definition(&row.body)?;
    let rulebook = app.rulebook();
    let zone = rulebook.programme_zone();
    let called = store::called_since(tx, community, start_of_week(at, zone)).await?;
    let call = call(pace, at, tx.now(), &called, zone);
    let posting = post(tx, &row, &definition, (at, call)).await?;
    if call == Call::Made {
        send(tx, community, posting).await?;
    }
    let next = definition.schedule.next_after(at, zone);
    let state = ScenarioState::from_db(&row.state)?;
    let next = next.filter(|_| state == ScenarioState::Active);
    let changed = scenario::ActiveModel {
        id: Set(row.id),
        next_at: Set(next.map(Timestamp::as_millis)),
        ..Default::default()
    };
    scenario::Entity::update(changed).exec(tx).await?;
    Ok(())
}

async fn post(
    tx: &Tx,
    row: &scenario::Model,
    definition: &ScenarioDefinition,
    (at, call): (Timestamp, Call),
) -> Result<PostingId> {
    let id = PostingId::generate(&mut tx.ids());
    let posting = posting::ActiveModel {
        id: Set(id.uuid()),
        scenario_id: Set(row.id),
        community_id: Set(row.community_id),
        at: Set(at.as_millis()),
        body: Set(to_json(definition)?),
        call: Set(call.to_db().to_owned()),
    };
    posting::Entity::insert(posting)
        .exec_without_returning(tx)
        .await?;
    Ok(id)
}

/// Sets out a call: messages to its members, and every other way that the community has.
async fn send(tx: &Tx, community: CommunityId, posting: PostingId) -> Result<()> {
    let ways = store::channels(tx, community).await?;
    let ways = ways.into_iter().map(|it| (Some(it.id), it.kind));
    let in_app = (None, ChannelKind::InApp.to_db().to_owned());
    let deliveries = std::iter::once(in_app).chain(ways);
    let deliveries = deliveries.map(|(channel, kind)| delivery::ActiveModel {
        id: Set(PushDeliveryId::generate(&mut tx.ids()).uuid()),
        posting_id: Set(posting.uuid()),
        reached: Set(channel.is_none().then_some(0)),
        channel_id: Set(channel),
        kind: Set(kind),
        state: Set(DeliveryState::Waiting.to_db().to_owned()),
        attempts: Set(0),
        next_at: Set(tx.now().as_millis()),
        after: Set(None),
        trouble: Set(None),
    });
    rows::insert(tx, deliveries.collect()).await?;
    Ok(())
}
