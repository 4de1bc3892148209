//! One intent, one effect: a request with an idempotency key that is sent again gets the stored
//! answer and changes nothing.

use super::Db;
use super::write::{Tx, UseCase};
use crate::error::{AppError, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition, EntityTrait, QueryFilter};
use serde::Serialize;
use shared::ids::MemberId;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Days for which an answer is kept.
pub const KEPT_DAYS: i64 = 7;

/// Answers of requests with an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Who asked.
    #[sea_orm(primary_key, auto_increment = false)]
    pub actor: String,
    /// What was asked: method and path.
    #[sea_orm(primary_key, auto_increment = false)]
    pub route: String,
    /// The caller's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// Hash of the request's body.
    pub request_hash: String,
    /// HTTP status of the answer.
    pub status: i32,
    /// Body of the answer.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// When it was stored.
    pub created_at: i64,
}

/// Nothing is related to an answer.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What makes two requests the same intent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Intent {
    /// Who asks.
    pub actor: String,
    /// What is asked: method and path.
    pub route: String,
    /// The caller's key.
    pub key: String,
    /// Hash of the request's body.
    pub request_hash: String,
}

/// An answer, new or stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: String,
    /// Whether it was stored by an earlier request.
    pub replayed: bool,
}

/// Intents that this process is working on.
static RUNNING: LazyLock<Mutex<HashSet<Intent>>> = LazyLock::new(Mutex::default);

/// Holds an intent's place among the running ones.
struct Running(Intent);

impl Running {
    fn begin(intent: &Intent) -> Result<Self> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if running.insert(intent.clone()) {
            Ok(Self(intent.clone()))
        } else {
            Err(AppError::retry_later(ErrorCode::IdempotencyInProgress, 1))
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.0);
    }
}

impl Db {
    /// Runs a use case once for an intent. The use case answers with an HTTP status and a body.
    ///
    /// The answer is stored in the same transaction, at its end: a request that comes again fails
    /// on the key's uniqueness (or on what the first one changed) and is then given the stored
    /// answer. The common case costs a part of one statement. Refusals store nothing, so that a retry is
    /// judged afresh.
    ///
    /// # Errors
    /// What the use case refuses; `idempotency.in_progress` while the same request runs,
    /// `idempotency.key_reused` when the key was used for another request.
    pub async fn write_once<A, T, F>(&self, intent: Intent, args: A, f: F) -> Result<Reply>
    where
        A: Send + Sync + 'static,
        T: Serialize + Send + Sync + 'static,
        F: UseCase<A, (u16, T)>,
    {
        let _running = Running::begin(&intent)?;
        let run = (intent.clone(), args, f);
        let outcome = self
            .write(run, |tx, (intent, args, f)| {
                Box::pin(async move {
                    let (status, value) = f(tx, args).await?;
                    let body = serde_json::to_string(&value)?;
                    store(tx, intent, status, &body);
                    Ok(Reply {
                        status,
                        body,
                        replayed: false,
                    })
                })
            })
            .await;
        match outcome {
            Ok(reply) => Ok(reply),
            Err(error) => match self.stored(&intent).await? {
                Some(reply) => Ok(reply),
                None => Err(error),
            },
        }
    }

    /// The answer that an intent was given before, if it was.
    ///
    /// # Errors
    /// `idempotency.key_reused` when the key was used for another request.
    pub async fn answered(&self, intent: &Intent) -> Result<Option<Reply>> {
        self.stored(intent).await
    }

    async fn stored(&self, intent: &Intent) -> Result<Option<Reply>> {
        let key = (
            intent.actor.clone(),
            intent.route.clone(),
            intent.key.clone(),
        );
        let Some(row) = Entity::find_by_id(key).one(self.read()).await? else {
            return Ok(None);
        };
        if row.request_hash != intent.request_hash {
            return Err(ErrorCode::IdempotencyKeyReused.into());
        }
        let status = u16::try_from(row.status).unwrap_or(200);
        Ok(Some(Reply {
            status,
            body: row.body,
            replayed: true,
        }))
    }
}

fn store(tx: &Tx, intent: &Intent, status: u16, body: &str) {
    let row = ActiveModel {
        actor: Set(intent.actor.clone()),
        route: Set(intent.route.clone()),
        key: Set(intent.key.clone()),
        request_hash: Set(intent.request_hash.clone()),
        status: Set(i32::from(status)),
        body: Set(body.to_owned()),
        created_at: Set(tx.now().as_millis()),
    };
    tx.add(vec![row]);
}

/// Drops answers that were kept long enough.
///
/// # Errors
/// When the database fails.
pub async fn purge(tx: &Tx, now: Timestamp) -> Result<()> {
    let before = now.plus_days(-KEPT_DAYS).as_millis();
    Entity::delete_many()
        .filter(Column::CreatedAt.lt(before))
        .exec(tx)
        .await?;
    Ok(())
}

/// Drops answers to an erased member, about one, and with anything that names the person: none of
/// them can be asked for again.
///
/// # Errors
/// When the database fails.
pub async fn forget_member(tx: &Tx, member: MemberId, traces: &[String]) -> Result<()> {
    let id = member.to_string();
    let mut about = Condition::any()
        .add(Column::Actor.eq(id.as_str()))
        .add(Column::Route.contains(id.as_str()))
        .add(Column::Body.contains(id.as_str()));
    for trace in traces {
        about = about
            .add(Column::Route.contains(trace.as_str()))
            .add(Column::Body.contains(trace.as_str()));
    }
    Entity::delete_many().filter(about).exec(tx).await?;
    Ok(())
}

/// The tables as the entities see them, for comparing them with the schema.
pub(crate) fn tables(schema: &sea_orm::Schema) -> Vec<sea_orm::sea_query::TableCreateStatement> {
    vec![schema.create_table_from_entity(Entity)]
}
