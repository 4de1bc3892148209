//! Keeping what was asked, and looking through it. Nobody waits for the log: it is kept in memory
//! and written once a second, many rows to a statement. A crash may lose the last second.

use super::store::{self, Column, Entity, Model};
use crate::App;
use crate::db::{Cursor, Listing, Tx, try_map};
use crate::error::Result;
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use shared::ids::{ApiKeyId, LoggedRequestId};
use shared::page::Page;
use shared::requests::api::LoggedRequest;
use shared::time::Timestamp;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Time between two writes.
const EVERY: Duration = Duration::from_secs(1);
/// Most requests that are remembered between two writes; more are not logged.
const MOST: usize = 10_000;
/// Days for which a request is kept.
const DAYS: i64 = 7;
/// Most requests that are kept.
const KEPT: u64 = 500_000;

/// What one node has not written yet.
#[derive(Default)]
pub struct Recent {
    kept: Mutex<Kept>,
    /// Taken while rows are on their way to the database, so that whoever looks sees them.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    rows: Vec<LoggedRequest>,
    /// Whether somebody will write.
    running: bool,
}

impl Recent {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes a request that was answered.
pub fn note(app: &App, request: LoggedRequest) {
    let mut kept = app.requests.kept();
    if kept.rows.len() < MOST {
        kept.rows.push(request);
    }
    if std::mem::replace(&mut kept.running, true) {
        return;
    }
    drop(kept);
    let app = app.clone();
    tokio::spawn(async move {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = write(&app).await {
            tracing::warn!(%error, "the log of requests could not be written");
        }
    });
}

/// Writes what this node remembers.
///
/// # Errors
/// When the database fails; then it is lost.
pub async fn write(app: &App) -> Result<()> {
    let _one_at_a_time = app.requests.writing.lock().await;
    let Kept { rows, .. } = std::mem::take(&mut *app.requests.kept());
    if rows.is_empty() {
        return Ok(());
    }
    let rows: Vec<Model> = rows.into_iter().map(row).collect();
    let run = app.db.write(rows, |tx, rows| Box::pin(add(tx, rows)));
    run.await
}

#[expect(
    clippy::unused_async,
    reason = "rows are added at the end of the write, and a use case is a future"
)]
async fn add(tx: &Tx, rows: &[Model]) -> Result<()> {
    let rows = rows.iter().cloned();
    tx.add(rows.map(|it| it.into_active_model().reset_all()).collect());
    Ok(())
}

fn row(it: LoggedRequest) -> Model {
    Model {
        id: it.id.uuid(),
        key_id: it.key_id.uuid(),
        method: it.method,
        path: it.path,
        status: i32::from(it.status),
        code: it.code,
        request_id: it.request_id,
        took_ms: it.took_ms,
        at: it.at.as_millis(),
    }
}

/// What to look for among requests.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    /// Only of this key.
    pub key: Option<ApiKeyId>,
    /// Only those that were refused or failed.
    pub failed: bool,
    /// Only the one that is called so.
    pub request_id: Option<String>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Up to and with this instant.
    pub to: Option<Timestamp>,
}

/// Requests, newest first, without the names of their keys.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    filter: &RequestFilter,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<LoggedRequest>> {
    write(app).await?;
    let mut query = Entity::find();
    if let Some(key) = filter.key {
        query = query.filter(Column::KeyId.eq(key.uuid()));
    }
    if filter.failed {
        query = query.filter(Column::Status.gte(400));
    }
    if let Some(id) = &filter.request_id {
        query = query.filter(Column::RequestId.eq(id.as_str()));
    }
    if let Some(from) = filter.from {
        query = query.filter(Column::At.gte(from.as_millis()));
    }
    if let Some(to) = filter.to {
        query = query.filter(Column::At.lte(to.as_millis()));
    }
    let list = Listing::newest_first(Column::At, Column::Id, limit, cursor);
    let place = |it: &Model| Cursor {
        key: it.at,
        id: it.id,
    };
    let page = list.read(app.db.read(), query, place).await?;
    try_map(page, |it| Ok(view(it)))
}

fn view(row: Model) -> LoggedRequest {
    LoggedRequest {
        id: LoggedRequestId::from(row.id),
        at: Timestamp::from_millis(row.at),
        key_id: ApiKeyId::from(row.key_id),
        key_name: None,
        method: row.method,
        path: row.path,
        status: u16::try_from(row.status).unwrap_or_default(),
        code: row.code,
        request_id: row.request_id,
        took_ms: row.took_ms,
    }
}

/// Removes requests that are older than a week, and the oldest ones of very many.
///
/// # Errors
/// When the database fails.
pub async fn purge(tx: &Tx) -> Result<()> {
    store::purge(tx, tx.now().plus_days(-DAYS), KEPT).await
}
