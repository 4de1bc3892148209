//! The only write path.
//!
//! SQLite: one task takes the queued writes, runs each in its own savepoint inside one
//! `BEGIN IMMEDIATE … COMMIT`, and answers all of them after the commit. A sync is paid once a
//! batch, and nothing ever waits for a lock. A write that fails rolls back its savepoint alone.
//!
//! PostgreSQL: a transaction a write, with row locks taken by the write itself; serialisation
//! failures and deadlocks run the whole write again, at most three times.

use super::Db;
use crate::error::{AppError, Result};
use crate::ids::Ids;
use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, ExecResult,
    QueryResult, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use shared::ids::MemberId;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// Most writes of one commit.
pub const MAX_WRITE_BATCH: usize = 256;
/// Most writes that wait; more are told to try again.
const QUEUE: usize = 2048;
/// How often PostgreSQL may ask for a write to be run again.
const ATTEMPTS: u32 = 3;

/// What the write path has done since the start.
#[derive(Debug, Default)]
pub struct WriteStats {
    /// Writes that were asked for.
    pub writes: AtomicU64,
    /// Commits; on SQLite each costs one sync.
    pub commits: AtomicU64,
    /// Statements inside writes, without transaction control.
    pub statements: AtomicU64,
}

/// One write in progress: the connection inside its transaction, and what must be the same for
/// everything in it. Queries run on it directly.
pub struct Tx {
    conn: DatabaseTransaction,
    now: Timestamp,
    ids: Ids,
    touched: Mutex<Vec<MemberId>>,
    history: AtomicBool,
    stats: Arc<WriteStats>,
}

impl Tx {
    /// The instant of this write.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The source of ids.
    #[must_use]
    pub fn ids(&self) -> Ids {
        self.ids.clone()
    }

    /// Says that a member's data changes, so that remembered answers about the member end with
    /// the commit.
    pub fn touch(&self, member: MemberId) {
        self.touched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(member);
    }

    /// Says that this write brings in what happened long ago: nobody outside is told of it.
    pub fn write_history(&self) {
        self.history.store(true, Ordering::Relaxed);
    }

    /// Whether this write brings in what happened long ago.
    #[must_use]
    pub fn is_history(&self) -> bool {
        self.history.load(Ordering::Relaxed)
    }

    fn count(&self) {
        self.stats.statements.fetch_add(1, Ordering::Relaxed);
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.conn.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.count();
        self.conn.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.count();
        self.conn.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.count();
        self.conn.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.count();
        self.conn.query_all_raw(statement).await
    }
}

/// A use case: facts and command in `A`, everything it does on the transaction.
pub trait UseCase<A, T>:
    for<'t> Fn(&'t Tx, &'t A) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static
{
}

impl<A, T, F> UseCase<A, T> for F where
    F: for<'t> Fn(&'t Tx, &'t A) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static
{
}

impl Db {
    /// Runs a use case and answers after its commit. An error rolls back all of it.
    ///
    /// The use case may be run again from the start, so it must have no effect outside `Tx`.
    ///
    /// # Errors
    /// What the use case refuses; `server.overloaded` when too many writes wait.
    pub async fn write<A, T, F>(&self, args: A, f: F) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: UseCase<A, T>,
    {
        self.run(args, f, true).await
    }

    /// Runs a use case on the real path and rolls it back: a preview that cannot drift from the
    /// real thing.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn dry_run<A, T, F>(&self, args: A, f: F) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: UseCase<A, T>,
    {
        self.run(args, f, false).await
    }

    async fn run<A, T, F>(&self, args: A, f: F, keep: bool) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: UseCase<A, T>,
    {
        self.writer.stats.writes.fetch_add(1, Ordering::Relaxed);
        match &self.writer.kind {
            Kind::Sqlite { queue } => {
                let (reply, answer) = oneshot::channel();
                let job = TypedJob {
                    args,
                    f,
                    keep,
                    outcome: Mutex::new(None),
                    reply,
                };
                let queued = Queued {
                    db: self.clone(),
                    job: Box::new(job),
                };
                queue
                    .try_send(Message::Write(queued))
                    .map_err(|_| overloaded())?;
                answer
                    .await
                    .map_err(|_| AppError::internal("the writer ended"))?
            }
            Kind::Postgres { pool } => self.run_on_postgres(pool, &args, &f, keep).await,
        }
    }

    async fn run_on_postgres<A, T, F>(
        &self,
        pool: &DatabaseConnection,
        args: &A,
        f: &F,
        keep: bool,
    ) -> Result<T>
    where
        F: UseCase<A, T>,
    {
        let mut attempt = 1;
        loop {
            let outcome = self.attempt(pool, args, f, keep).await;
            match outcome {
                Err(AppError::Database(error)) if attempt < ATTEMPTS && wants_retry(&error) => {
                    attempt += 1
                }
                other => return other,
            }
        }
    }

    async fn attempt<A, T, F>(
        &self,
        pool: &DatabaseConnection,
        args: &A,
        f: &F,
        keep: bool,
    ) -> Result<T>
    where
        F: UseCase<A, T>,
    {
        let tx = self.tx(begin(pool).await?);
        let outcome = AssertUnwindSafe(f(&tx, args))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(panicked()));
        let touched = tx
            .touched
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        if outcome.is_ok() && keep {
            tx.conn.commit().await?;
            self.writer.stats.commits.fetch_add(1, Ordering::Relaxed);
            self.forget(&touched);
        } else {
            tx.conn.rollback().await?;
        }
        outcome
    }

    fn tx(&self, conn: DatabaseTransaction) -> Tx {
        Tx {
            conn,
            now: self.clock.now(),
            ids: self.ids.clone(),
            touched: Mutex::default(),
            history: AtomicBool::new(false),
            stats: self.writer.stats.clone(),
        }
    }

    fn forget(&self, members: &[MemberId]) {
        for member in members {
            self.generation_cell(*member).fetch_add(1, Ordering::AcqRel);
        }
    }
}

fn overloaded() -> AppError {
    AppError::retry_later(ErrorCode::Overloaded, 1)
}

fn panicked() -> AppError {
    AppError::internal("a use case panicked")
}

/// Whether a transaction on PostgreSQL is worth running again: serialisation failure (40001),
/// deadlock (40P01), or a row that another transaction inserted at the same moment (23505), which
/// the next attempt will see.
fn wants_retry(error: &DbErr) -> bool {
    let (DbErr::Exec(runtime) | DbErr::Query(runtime) | DbErr::Conn(runtime)) = error else {
        return false;
    };
    let sea_orm::RuntimeErr::SqlxError(error) = runtime else {
        return false;
    };
    let code = error.as_database_error().and_then(|it| it.code());
    matches!(code.as_deref(), Some("40001" | "40P01" | "23505"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the write path that every other write goes through"
)]
async fn begin(conn: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    conn.begin_with_options(immediate).await
}

#[expect(clippy::disallowed_methods, reason = "a savepoint of the write path")]
async fn savepoint(outer: &DatabaseTransaction) -> Result<DatabaseTransaction, DbErr> {
    outer.begin().await
}

/// Where writes go.
#[derive(Clone)]
pub(super) struct Writer {
    kind: Kind,
    stats: Arc<WriteStats>,
}

#[derive(Clone)]
enum Kind {
    Sqlite { queue: mpsc::Sender<Message> },
    Postgres { pool: DatabaseConnection },
}

enum Message {
    Write(Queued),
    Close(oneshot::Sender<()>),
}

/// A write that waits for its batch.
struct Queued {
    db: Db,
    job: Box<dyn Job>,
}

impl Writer {
    pub(super) fn sqlite(conn: DatabaseConnection) -> Self {
        let (queue, messages) = mpsc::channel(QUEUE);
        let stats = Arc::new(WriteStats::default());
        tokio::spawn(write_batches(conn, messages, stats.clone()));
        Self {
            kind: Kind::Sqlite { queue },
            stats,
        }
    }

    pub(super) fn postgres(pool: DatabaseConnection) -> Self {
        Self {
            kind: Kind::Postgres { pool },
            stats: Arc::default(),
        }
    }

    pub(super) fn stats(&self) -> &WriteStats {
        &self.stats
    }

    /// Waits until everything queued before is answered.
    pub(super) async fn close(&self) {
        if let Kind::Sqlite { queue } = &self.kind {
            let (done, ended) = oneshot::channel();
            if queue.send(Message::Close(done)).await.is_ok() {
                // An error only says that the writer has ended already.
                let _ = ended.await;
            }
        }
    }
}

/// The writer of SQLite: takes what waits, commits it as one batch, and so on.
async fn write_batches(
    conn: DatabaseConnection,
    mut messages: mpsc::Receiver<Message>,
    stats: Arc<WriteStats>,
) {
    let mut waiting = Vec::with_capacity(MAX_WRITE_BATCH);
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
            write_batch(&conn, batch, &stats).await;
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

async fn write_batch(conn: &DatabaseConnection, batch: Vec<Queued>, stats: &WriteStats) {
    let result = run_batch(conn, &batch, stats).await;
    if let Err(error) = &result {
        tracing::error!(%error, writes = batch.len(), "a batch of writes failed");
    }
    for Queued { job, .. } in batch {
        job.answer(result.as_ref().err());
    }
}

async fn run_batch(conn: &DatabaseConnection, batch: &[Queued], stats: &WriteStats) -> Result<()> {
    let outer = begin(conn).await?;
    let mut touched = Vec::new();
    for queued in batch {
        let tx = queued.db.tx(savepoint(&outer).await?);
        let keep = queued.job.run(&tx).await;
        if keep {
            touched.extend(
                tx.touched
                    .into_inner()
                    .unwrap_or_else(PoisonError::into_inner),
            );
            tx.conn.commit().await?;
        } else {
            tx.conn.rollback().await?;
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
trait Job: Send + Sync {
    /// Runs it and says whether its savepoint is kept.
    fn run<'t>(&'t self, tx: &'t Tx) -> BoxFuture<'t, bool>;
    /// Answers whoever waits, after the commit or its failure.
    fn answer(self: Box<Self>, failed: Option<&AppError>);
}

struct TypedJob<A, T, F> {
    args: A,
    f: F,
    keep: bool,
    outcome: Mutex<Option<Result<T>>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<A, T, F> Job for TypedJob<A, T, F>
where
    A: Send + Sync,
    T: Send,
    F: UseCase<A, T>,
{
    fn run<'t>(&'t self, tx: &'t Tx) -> BoxFuture<'t, bool> {
        Box::pin(async move {
            let work = AssertUnwindSafe(async { (self.f)(tx, &self.args).await });
            let outcome = work
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(panicked()));
            let keep = outcome.is_ok() && self.keep;
            *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            keep
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
