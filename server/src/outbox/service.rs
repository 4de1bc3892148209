//! Publishing messages and running them out.
//!
//! Receivers are [`Sink`]s. A message is done when every sink took it; a sink that fails is asked
//! again later with the same message id, so receivers can drop what they have seen.

use super::store::{ActiveModel, Column, Entity, Model};
use crate::App;
use crate::db::Tx;
use crate::db::text::redact_json;
use crate::error::Result;
use crate::members::service::Erasure;
use futures::future::BoxFuture;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use shared::ids::{MemberId, OutboxId};
use shared::time::Timestamp;

/// Most messages of one run.
const RUN: u64 = 200;
/// While a node works on a message, others leave it alone for this long, in milliseconds.
const LEASE_MS: i64 = 60_000;
/// Days for which messages that are done are kept.
const KEPT_DAYS: i64 = 30;

/// Something to tell the outside.
#[derive(Debug, Clone)]
pub struct Message {
    /// What it is about, such as `points.changed`.
    pub topic: &'static str,
    /// The member it is about.
    pub member: Option<MemberId>,
    /// What there is to say.
    pub payload: serde_json::Value,
}

/// A message on its way out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The same at every attempt.
    pub id: OutboxId,
    /// What it is about.
    pub topic: String,
    /// What there is to say, as JSON.
    pub payload: String,
    /// When it was published.
    pub created_at: Timestamp,
}

/// Takes messages out of the process.
pub trait Sink: Send + Sync {
    /// Takes one message.
    ///
    /// # Errors
    /// When it could not be taken; it is offered again later.
    fn take<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, anyhow::Result<()>>;
}

/// Keeps messages with the write that they tell about. History is not news: a write that brings
/// in what happened long ago tells nobody.
///
/// # Errors
/// When the database fails.
pub async fn publish(tx: &Tx, messages: Vec<Message>) -> Result<()> {
    if tx.is_history() {
        return Ok(());
    }
    let rows: Vec<ActiveModel> = messages
        .into_iter()
        .map(|it| ActiveModel {
            id: Set(OutboxId::generate(&mut tx.ids()).uuid()),
            topic: Set(it.topic.to_owned()),
            member_id: Set(it.member.map(MemberId::uuid)),
            payload: Set(it.payload.to_string()),
            attempts: Set(0),
            next_attempt_at: Set(tx.now().as_millis()),
            created_at: Set(tx.now().as_millis()),
            done_at: Set(None),
        })
        .collect();
    tx.add(rows);
    Ok(())
}

/// Takes the messages that are due, gives them to `sinks`, and notes what became of them. Answers
/// how many were due.
///
/// # Errors
/// When the database fails; a failing sink is not an error.
pub async fn run(app: &App, sinks: &[Box<dyn Sink>]) -> Result<usize> {
    let due = app.db.write((), |tx, ()| Box::pin(lease(tx))).await?;
    let count = due.len();
    let mut done = Vec::with_capacity(count);
    let mut failed = Vec::new();
    for row in due {
        let outgoing = Outgoing {
            id: OutboxId::from(row.id),
            topic: row.topic.clone(),
            payload: row.payload.clone(),
            created_at: Timestamp::from_millis(row.created_at),
        };
        match offer(sinks, &outgoing).await {
            Ok(()) => done.push(row.id),
            Err(error) => {
                tracing::warn!(message.id = %outgoing.id, %error, "a message could not leave; trying again later");
                failed.push((row.id, row.attempts));
            }
        }
    }
    if count > 0 {
        app.db
            .write((done, failed), |tx, (done, failed)| {
                Box::pin(settle(tx, done, failed))
            })
            .await?;
    }
    Ok(count)
}

async fn offer(sinks: &[Box<dyn Sink>], message: &Outgoing) -> anyhow::Result<()> {
    for sink in sinks {
        sink.take(message).await?;
    }
    Ok(())
}

async fn lease(tx: &Tx) -> Result<Vec<Model>> {
    let now = tx.now().as_millis();
    let rows = Entity::find()
        .filter(Column::DoneAt.is_null())
        .filter(Column::NextAttemptAt.lte(now))
        .order_by_asc(Column::NextAttemptAt)
        .limit(RUN)
        .lock_with_behavior(
            sea_orm::sea_query::LockType::Update,
            sea_orm::sea_query::LockBehavior::SkipLocked,
        )
        .all(tx)
        .await?;
    if rows.is_empty() {
        return Ok(rows);
    }
    let ids = rows.iter().map(|it| it.id);
    Entity::update_many()
        .col_expr(Column::NextAttemptAt, Expr::value(now + LEASE_MS))
        .filter(Column::Id.is_in(ids))
        .exec(tx)
        .await?;
    Ok(rows)
}

async fn settle(tx: &Tx, done: &[Uuid], failed: &[(Uuid, i32)]) -> Result<()> {
    let now = tx.now().as_millis();
    Entity::update_many()
        .col_expr(Column::DoneAt, Expr::value(now))
        .filter(Column::Id.is_in(done.iter().copied()))
        .exec(tx)
        .await?;
    for (id, attempts) in failed {
        // 5 s, 10 s, 20 s … at most about a day between attempts.
        let wait = 5_000i64 << (*attempts).clamp(0, 14);
        Entity::update_many()
            .col_expr(Column::Attempts, Expr::value(attempts.saturating_add(1)))
            .col_expr(Column::NextAttemptAt, Expr::value(now + wait))
            .filter(Column::Id.eq(*id))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Drops messages that left long ago.
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
