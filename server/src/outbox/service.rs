//! Publishing events, and handing them to what tells the outside.

use super::store::{ActiveModel, Column, Entity, Model};
use crate::db::Tx;
use crate::db::text::redact_json;
use crate::error::Result;
use crate::members::service::Erasure;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ActiveValue::Set, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use shared::ids::{EventId, MemberId};
use shared::time::Timestamp;
use shared::webhooks::KEPT_DAYS;
use shared::webhooks::events::{Event, EventType};

/// Most events that are handed over at once.
const STEP: u64 = 500;

/// Something to tell the outside.
#[derive(Debug, Clone)]
pub struct Message {
    /// What happened.
    pub event: Event,
    /// The member it is about.
    pub member: Option<MemberId>,
}

/// An event as it was published.
#[derive(Debug, Clone)]
pub struct Published {
    /// The same for ever.
    pub id: EventId,
    /// What happened.
    pub kind: EventType,
    /// The member it is about.
    pub member: Option<MemberId>,
    /// What there is to say, as JSON.
    pub data: String,
    /// When it happened.
    pub at: Timestamp,
}

/// What there is to say of an event, as JSON.
///
/// # Errors
/// When it cannot be written down.
fn data(event: &Event) -> Result<String> {
    let mut written = serde_json::to_value(event)?;
    Ok(written["data"].take().to_string())
}

impl Published {
    /// An event as it would be published.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn sample(id: EventId, event: &Event, at: Timestamp) -> Result<Self> {
        Ok(Self {
            id,
            kind: event.kind(),
            member: None,
            data: data(event)?,
            at,
        })
    }

    /// `None` for an event that this version does not know any more.
    fn of(row: Model) -> Option<Self> {
        Some(Self {
            id: row.id.into(),
            kind: EventType::of(&row.topic)?,
            member: row.member_id.map(MemberId::from),
            data: row.payload,
            at: Timestamp::from_millis(row.created_at),
        })
    }
}

/// Keeps events with the write that they tell about. History is not news: a write that brings in
/// what happened long ago tells nobody.
///
/// # Errors
/// When an event cannot be written down.
pub async fn publish(tx: &Tx, messages: Vec<Message>) -> Result<()> {
    if tx.is_history() {
        return Ok(());
    }
    let now = tx.now().as_millis();
    let mut rows = Vec::with_capacity(messages.len());
    for it in messages {
        rows.push(ActiveModel {
            id: Set(EventId::generate(&mut tx.ids()).uuid()),
            topic: Set(it.event.kind().as_str().to_owned()),
            member_id: Set(it.member.map(MemberId::uuid)),
            payload: Set(data(&it.event)?),
            attempts: Set(0),
            next_attempt_at: Set(now),
            created_at: Set(now),
            done_at: Set(None),
        });
    }
    tx.add(rows);
    Ok(())
}

/// Keeps one event with the write that it tells about.
///
/// # Errors
/// As [`publish`].
pub async fn tell(tx: &Tx, member: Option<MemberId>, event: Event) -> Result<()> {
    publish(tx, vec![Message { event, member }]).await
}

/// Takes events that were handed to nobody yet, the oldest first, and holds them as handed over.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &Tx) -> Result<Vec<Published>> {
    let rows = Entity::find()
        .filter(Column::DoneAt.is_null())
        .order_by_asc(Column::NextAttemptAt)
        .order_by_asc(Column::Id)
        .limit(STEP)
        .lock_with_behavior(
            sea_orm::sea_query::LockType::Update,
            sea_orm::sea_query::LockBehavior::SkipLocked,
        )
        .all(tx)
        .await?;
    if !rows.is_empty() {
        Entity::update_many()
            .col_expr(Column::DoneAt, Expr::value(tx.now().as_millis()))
            .filter(Column::Id.is_in(rows.iter().map(|it| it.id)))
            .exec(tx)
            .await?;
    }
    Ok(rows.into_iter().filter_map(Published::of).collect())
}

/// Events by their ids, as far as they are kept.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &impl ConnectionTrait, ids: &[EventId]) -> Result<Vec<Published>> {
    let ids = ids.iter().map(|it| it.uuid());
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().filter_map(Published::of).collect())
}

/// How many events of some kinds (none for all) were handed over that happened in a time.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &impl ConnectionTrait, time: Span, kinds: &[EventType]) -> Result<u64> {
    Ok(of_time(time, kinds).count(db).await?)
}

/// The same events as a query, for writes that take the whole set: id, topic, member and time.
#[must_use]
pub fn query(time: Span, kinds: &[EventType]) -> SelectStatement {
    of_time(time, kinds)
        .select_only()
        .columns([
            Column::Id,
            Column::Topic,
            Column::MemberId,
            Column::CreatedAt,
        ])
        .into_query()
}

/// From an instant until another, exclusive.
pub type Span = (Timestamp, Timestamp);

fn of_time((from, until): Span, kinds: &[EventType]) -> sea_orm::Select<Entity> {
    let query = Entity::find()
        .filter(Column::DoneAt.is_not_null())
        .filter(Column::CreatedAt.gte(from.as_millis()))
        .filter(Column::CreatedAt.lt(until.as_millis()));
    if kinds.is_empty() {
        return query;
    }
    query.filter(Column::Topic.is_in(kinds.iter().map(|it| it.as_str())))
}

/// Drops events that were handed over long ago.
///
/// # Errors
/// When the database fails.
pub async fn purge(tx: &Tx) -> Result<()> {
    let before = tx.now().plus_days(-KEPT_DAYS).as_millis();
    Entity::delete_many()
        .filter(Column::DoneAt.lt(before))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes what names an erased member out of messages, sent or not.
///
/// # Errors
/// When the database fails.
pub async fn forget_member(tx: &Tx, erasure: &Erasure) -> Result<()> {
    let own = Entity::find().filter(Column::MemberId.eq(erasure.member.uuid()));
    for row in own.all(tx).await? {
        if let Some(payload) = redact_json(&row.payload, &erasure.traces)? {
            Entity::update_many()
                .col_expr(Column::Payload, Expr::value(payload))
                .filter(Column::Id.eq(row.id))
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}
