//! The writer of SQLite: group commit.
//!
//! It takes what waits, runs all of it in one transaction, and answers after the commit. What the
//! writes of a batch add to tables that only grow is inserted together at the end, a few statements
//! for all of them.
//!
//! Nearly all writes succeed, so a batch is first run without savepoints. A write that is refused
//! before it has changed anything leaves nothing to undo, and the others go on. Only when a write
//! fails with changes behind it, or rows cannot be added, everything is rolled back and the batch
//! runs again with a savepoint around each write, which then fails alone.

use super::rows::Unwritten;
use super::write::{Added, Touched, Tx, UseCase, WriteStats, begin, carry_out, savepoint};
use super::{Db, MAX_WRITE_BATCH};
use crate::error::{AppError, Result};
use futures::future::BoxFuture;
use sea_orm::DatabaseConnection;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// After a batch had to run again, so many run with savepoints at once: whatever failed may be
/// sent again and again.
const CAREFUL: u32 = 8;

/// What the writer is sent.
pub(super) enum Message {
    Write(Queued),
    Close(oneshot::Sender<()>),
}

/// A write that waits for its batch.
pub(super) struct Queued {
    pub(super) db: Db,
    /// Whether what it does stays when it succeeds.
    pub(super) keep: bool,
    pub(super) job: Box<dyn Job>,
}

/// Runs batch after batch until nobody can send any more.
pub(super) async fn run(
    conn: DatabaseConnection,
    mut messages: mpsc::Receiver<Message>,
    stats: Arc<WriteStats>,
) {
    let mut waiting = Vec::with_capacity(MAX_WRITE_BATCH);
    let mut careful = 0;
    while messages.recv_many(&mut waiting, MAX_WRITE_BATCH).await > 0 {
        let mut batch = Vec::with_capacity(waiting.len());
        let mut closing = Vec::new();
        for message in waiting.drain(..) {
            match message {
                Message::Write(queued) => batch.push(queued),
                Message::Close(done) => closing.push(done),
            }
        }
        if !batch.is_empty() {
            write(&conn, batch, &mut careful, &stats).await;
        }
        for done in closing {
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
        }
    }
    if let Err(error) = conn.close().await {
        tracing::warn!(%error, "closing the writer failed");
    }
}

/// How long an answer is ahead of its commit, when it is.
#[cfg(feature = "bench")]
const AHEAD: std::time::Duration = std::time::Duration::from_millis(50);

/// Answers before the commit, so that whoever looks for forgotten answers has some to find.
#[cfg(feature = "bench")]
pub(super) async fn run_ahead(conn: DatabaseConnection, mut messages: mpsc::Receiver<Message>) {
    let mut waiting = Vec::with_capacity(MAX_WRITE_BATCH);
    while messages.recv_many(&mut waiting, MAX_WRITE_BATCH).await > 0 {
        let mut batch = Vec::new();
        let mut closing = Vec::new();
        for message in waiting.drain(..) {
            match message {
                Message::Write(queued) => batch.push(queued),
                Message::Close(done) => closing.push(done),
            }
        }
        if let Err(error) = answer_ahead(&conn, batch).await {
            tracing::error!(%error, "a batch of writes failed after it was answered");
        }
        for done in closing {
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
        }
    }
}

#[cfg(feature = "bench")]
async fn answer_ahead(conn: &DatabaseConnection, batch: Vec<Queued>) -> Result<()> {
    let outer = begin(conn).await?;
    for Queued { db, keep, job } in batch {
        let inner = Arc::new(savepoint(&outer).await?);
        let tx = db.tx(inner, Added::Own(Arc::default()));
        let succeeded = job.run(&tx).await;
        let (inner, changed) = tx.into_parts();
        if succeeded && keep {
            inner?.commit().await?;
            db.forget(&changed);
        } else {
            inner?.rollback().await?;
        }
        job.answer(None);
    }
    tokio::time::sleep(AHEAD).await;
    Ok(outer.commit().await?)
}

async fn write(
    conn: &DatabaseConnection,
    batch: Vec<Queued>,
    careful: &mut u32,
    stats: &WriteStats,
) {
    let result = commit(conn, &batch, careful, stats).await;
    if let Err(error) = &result {
        tracing::error!(%error, writes = batch.len(), "a batch of writes failed");
    }
    for Queued { job, .. } in batch {
        job.answer(result.as_ref().err());
    }
}

/// Writes a batch: boldly if it can be, else with a savepoint around each write.
async fn commit(
    conn: &DatabaseConnection,
    batch: &[Queued],
    careful: &mut u32,
    stats: &WriteStats,
) -> Result<()> {
    // A dry run is always rolled back, so among others it needs a savepoint.
    if *careful == 0 && batch.iter().all(|it| it.keep) || batch.len() == 1 {
        let done = match batch {
            [only] => commit_one(conn, only, stats).await.map(|()| true),
            all => commit_bold(conn, all, stats).await,
        };
        if done? {
            return Ok(());
        }
        *careful = CAREFUL;
    }
    *careful = careful.saturating_sub(1);
    commit_careful(conn, batch, stats).await
}

/// One write is a transaction of its own and needs no savepoint.
async fn commit_one(conn: &DatabaseConnection, only: &Queued, stats: &WriteStats) -> Result<()> {
    let conn = Arc::new(begin(conn).await?);
    let tx = only.db.tx(conn, Added::Own(Arc::default()));
    let succeeded = only.job.run(&tx).await;
    let (conn, touched) = tx.into_parts();
    if succeeded && only.keep {
        conn?.commit().await?;
        stats.commits.fetch_add(1, Ordering::Relaxed);
        only.db.forget(&touched);
    } else {
        conn?.rollback().await?;
    }
    Ok(())
}

/// Without savepoints; answers whether it stands.
async fn commit_bold(
    conn: &DatabaseConnection,
    batch: &[Queued],
    stats: &WriteStats,
) -> Result<bool> {
    let Some(db) = batch.first().map(|it| &it.db) else {
        return Ok(true);
    };
    let outer = Arc::new(begin(conn).await?);
    let added = Arc::new(Unwritten::default());
    let mut touched = Touched::default();
    let mut whole = true;
    for queued in batch {
        let tx = queued.db.tx(outer.clone(), Added::Shared(added.clone()));
        whole = queued.job.run(&tx).await || !tx.has_changed();
        touched.extend(tx.into_touched());
        if !whole {
            break;
        }
    }
    if whole {
        let last = db.tx(outer.clone(), Added::Own(added));
        whole = last.end().await.is_ok();
    }
    let outer = Arc::into_inner(outer);
    let outer = outer.ok_or_else(|| AppError::internal("a batch is still being written"))?;
    if !whole {
        outer.rollback().await?;
        return Ok(false);
    }
    outer.commit().await?;
    stats.commits.fetch_add(1, Ordering::Relaxed);
    db.forget(&touched);
    Ok(true)
}

/// With a savepoint around each write.
async fn commit_careful(
    conn: &DatabaseConnection,
    batch: &[Queued],
    stats: &WriteStats,
) -> Result<()> {
    let outer = begin(conn).await?;
    let mut touched = Touched::default();
    for queued in batch {
        let inner = Arc::new(savepoint(&outer).await?);
        let tx = queued.db.tx(inner, Added::Own(Arc::default()));
        let succeeded = queued.job.run(&tx).await;
        let (inner, changed) = tx.into_parts();
        if succeeded && queued.keep {
            touched.extend(changed);
            inner?.commit().await?;
        } else {
            inner?.rollback().await?;
        }
    }
    outer.commit().await?;
    stats.commits.fetch_add(1, Ordering::Relaxed);
    if let Some(queued) = batch.first() {
        queued.db.forget(&touched);
    }
    Ok(())
}

/// A write whose types are forgotten, so that different ones can wait in one queue.
pub(super) trait Job: Send + Sync {
    /// Runs it, perhaps again, and says whether it succeeded.
    fn run<'t>(&'t self, tx: &'t Tx) -> BoxFuture<'t, bool>;
    /// Answers whoever waits, after the commit or its failure.
    fn answer(self: Box<Self>, failed: Option<&AppError>);
}

/// A write, what it came to, and who waits for it.
pub(super) struct TypedJob<A, T, F> {
    args: A,
    f: F,
    outcome: Mutex<Option<Result<T>>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<A, T, F> TypedJob<A, T, F> {
    pub(super) fn new(args: A, f: F, reply: oneshot::Sender<Result<T>>) -> Self {
        Self {
            args,
            f,
            outcome: Mutex::new(None),
            reply,
        }
    }
}

impl<A, T, F> Job for TypedJob<A, T, F>
where
    A: Send + Sync,
    T: Send,
    F: UseCase<A, T>,
{
    fn run<'t>(&'t self, tx: &'t Tx) -> BoxFuture<'t, bool> {
        Box::pin(async move {
            let outcome = carry_out(tx, &self.f, &self.args).await;
            let succeeded = outcome.is_ok();
            *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            succeeded
        })
    }

    fn answer(self: Box<Self>, failed: Option<&AppError>) {
        let outcome = self
            .outcome
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let answer = match (failed, outcome) {
            (None, Some(outcome)) => outcome,
            // A refusal stands even when the batch of others failed.
            (Some(_), Some(Err(refused @ AppError::Refused(_)))) => Err(refused),
            (Some(error), _) => Err(error.clone()),
            (None, None) => Err(AppError::internal("a write was not run")),
        };
        // Whoever asked may have gone; the write stands all the same.
        let _ = self.reply.send(answer);
    }
}

#[cfg(test)]
mod tests {
    use crate::clock::SystemClock;
    use crate::db::idempotency::{ActiveModel, Entity};
    use crate::db::{Db, Tx};
    use crate::error::Result;
    use futures::future::join_all;
    use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait};
    use shared::problem::ErrorCode;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    async fn db() -> (tempfile::TempDir, Db) {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let db = Db::connect(&url, Arc::new(SystemClock::default())).await;
        let db = db.expect("a database");
        db.migrate().await.expect("a schema");
        (folder, db)
    }

    fn add(tx: &Tx, key: &str) {
        tx.add(vec![ActiveModel {
            actor: Set("test".to_owned()),
            route: Set("POST /".to_owned()),
            key: Set(key.to_owned()),
            request_hash: Set(String::new()),
            status: Set(201),
            body: Set(String::new()),
            created_at: Set(0),
        }]);
    }

    /// Adds a row, and perhaps fails afterwards.
    async fn write(db: &Db, key: &str, fails: bool) -> Result<()> {
        db.write((key.to_owned(), fails), |tx, (key, fails)| {
            Box::pin(async move {
                add(tx, key);
                if *fails {
                    Err(ErrorCode::MemberNotFound.into())
                } else {
                    Ok(())
                }
            })
        })
        .await
    }

    async fn keys(db: &Db) -> BTreeSet<String> {
        let rows = Entity::find().all(db.read()).await.expect("rows");
        rows.into_iter().map(|it| it.key).collect()
    }

    #[tokio::test]
    async fn writes_that_fail_fail_alone() {
        let (_folder, db) = db().await;
        // The eighth adds the key of the seventh again; every fifth fails after adding its own.
        let name = |n: u32| format!("key-{}", if n == 8 { 7 } else { n });
        for _ in 0..3 {
            let names: Vec<String> = (1..=40).map(name).collect();
            let writes = (1..=40)
                .zip(&names)
                .map(|(n, key)| write(&db, key, n % 5 == 0));
            let done = join_all(writes).await;
            let stood = done.iter().filter(|it| it.is_ok()).count();
            let there = keys(&db).await;
            // In the second and third round all keys are there already.
            assert!(stood == 31 || stood == 0, "{stood} stood");
            assert_eq!(there.len(), 31);
            assert!(!there.contains("key-5") && there.contains("key-7"));
        }
        db.close().await;
    }

    #[tokio::test]
    async fn what_was_added_is_seen_by_whoever_looks() {
        let (_folder, db) = db().await;
        let look = |key: &'static str| {
            db.write(key, |tx, key| {
                Box::pin(async move {
                    add(tx, key);
                    Ok(Entity::find().count(tx).await?)
                })
            })
        };
        let seen = join_all([look("a"), look("b"), look("c")]).await;
        let seen: Vec<u64> = seen
            .into_iter()
            .map(|it| it.expect("it succeeds"))
            .collect();
        assert_eq!(seen, [1, 2, 3]);
        db.close().await;
    }

    #[tokio::test]
    async fn a_dry_run_leaves_nothing_behind() {
        let (_folder, db) = db().await;
        let dry = |key: &'static str| {
            db.dry_run(key, |tx, key| {
                Box::pin(async move {
                    add(tx, key);
                    Ok(Entity::find().count(tx).await?)
                })
            })
        };
        assert_eq!(dry("alone").await.expect("it succeeds"), 1);
        let (kept, tried, kept_too) =
            tokio::join!(write(&db, "a", false), dry("b"), write(&db, "c", false));
        assert!(kept.is_ok() && kept_too.is_ok());
        assert_eq!(tried.expect("it succeeds"), 2);
        let there: Vec<String> = keys(&db).await.into_iter().collect();
        assert_eq!(there, ["a", "c"]);
        db.close().await;
    }
}
