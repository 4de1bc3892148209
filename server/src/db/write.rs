//! The only write path.
//!
//! SQLite: one task takes the queued writes, runs them inside one `BEGIN IMMEDIATE … COMMIT`, and
//! answers all of them after the commit; see [`batch`](super::batch). A sync is paid once a batch,
//! and nothing ever waits for a lock.
//!
//! PostgreSQL: a transaction a write, with row locks taken by the write itself; serialisation
//! failures and deadlocks run the whole write again, at most three times.

use super::Db;
use super::batch::{self, Message, Queued, TypedJob};
use super::rows::Unwritten;
use crate::error::{AppError, Result};
use crate::ids::Ids;
use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction,
    DbErr, ExecResult, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use shared::ids::{FlashSaleId, MemberId};
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Builder;
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
    conn: Arc<DatabaseTransaction>,
    now: Timestamp,
    ids: Ids,
    touched: Mutex<Touched>,
    history: AtomicBool,
    /// Whether anything was changed or added.
    changed: AtomicBool,
    added: Added,
    stats: Arc<WriteStats>,
}

/// What writes have changed that somebody remembers or watches.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Members about whom answers are remembered.
    pub members: Vec<MemberId>,
    /// Flash sales that people watch.
    pub sales: Vec<FlashSaleId>,
}

impl Touched {
    /// Both together.
    pub(super) fn extend(&mut self, other: Self) {
        self.members.extend(other.members);
        self.sales.extend(other.sales);
    }
}

/// Where rows wait that a write has added.
#[derive(Clone)]
pub(super) enum Added {
    /// With the write, at whose end they are written.
    Own(Arc<Unwritten>),
    /// With those of other writes, at the end of all of which they are written.
    Shared(Arc<Unwritten>),
}

impl Added {
    fn rows(&self) -> &Unwritten {
        match self {
            Self::Own(rows) | Self::Shared(rows) => rows,
        }
    }
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
        self.touched().members.push(member);
    }

    /// Says that a flash sale changes, so that whoever watches it hears of it after the commit.
    pub fn touch_sale(&self, sale: FlashSaleId) {
        self.touched().sales.push(sale);
    }

    fn touched(&self) -> MutexGuard<'_, Touched> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Adds rows that this write adds and never changes. They reach the database together with
    /// those of other writes, at the latest before a statement names their table.
    pub fn add<A: ActiveModelTrait + Send + 'static>(&self, rows: Vec<A>) {
        if !rows.is_empty() {
            self.changed.store(true, Ordering::Relaxed);
            self.added.rows().add(rows);
        }
    }

    /// Writes what was added, if it is for this write to do.
    ///
    /// # Errors
    /// When the database refuses a row.
    pub(super) async fn end(&self) -> Result<()> {
        if let Added::Own(rows) = &self.added {
            rows.write(self).await?;
        }
        Ok(())
    }

    /// Whether anything was changed or added.
    pub(super) fn has_changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed)
    }

    /// What was changed.
    pub(super) fn into_touched(self) -> Touched {
        let touched = self.touched.into_inner();
        touched.unwrap_or_else(PoisonError::into_inner)
    }

    /// The transaction, which is this write's alone, and what was changed.
    pub(super) fn into_parts(self) -> (Result<DatabaseTransaction>, Touched) {
        let touched = self.touched.into_inner();
        let conn = Arc::into_inner(self.conn)
            .ok_or_else(|| AppError::internal("a write has left its transaction to others"));
        (conn, touched.unwrap_or_else(PoisonError::into_inner))
    }

    /// What comes before every statement.
    async fn before(&self, sql: &str) -> Result<(), DbErr> {
        if !reads(sql) {
            self.changed.store(true, Ordering::Relaxed);
        }
        let rows = self.added.rows();
        if rows.concerns(sql)
            && let Err(error) = rows.write(self).await
        {
            // Rows of others may be among those that are lost now.
            self.changed.store(true, Ordering::Relaxed);
            return Err(error);
        }
        self.stats.statements.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Whether a statement changes nothing; when in doubt, it does.
fn reads(sql: &str) -> bool {
    sql.starts_with("SELECT ") || sql.starts_with("PRAGMA ")
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.conn.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.before(&statement.sql).await?;
        self.conn.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.before(sql).await?;
        self.conn.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.before(&statement.sql).await?;
        self.conn.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.before(&statement.sql).await?;
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
                let queued = Queued {
                    db: self.clone(),
                    keep,
                    job: Box::new(TypedJob::new(args, f, reply)),
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
        let tx = self.tx(Arc::new(begin(pool).await?), Added::Own(Arc::default()));
        let outcome = carry_out(&tx, f, args).await;
        let (conn, touched) = tx.into_parts();
        let conn = conn?;
        if outcome.is_ok() && keep {
            conn.commit().await?;
            self.writer.stats.commits.fetch_add(1, Ordering::Relaxed);
            self.forget(&touched);
        } else {
            conn.rollback().await?;
        }
        outcome
    }

    pub(super) fn tx(&self, conn: Arc<DatabaseTransaction>, added: Added) -> Tx {
        Tx {
            conn,
            now: self.clock.now(),
            ids: self.ids.clone(),
            touched: Mutex::default(),
            history: AtomicBool::new(false),
            changed: AtomicBool::new(false),
            added,
            stats: self.writer.stats.clone(),
        }
    }

    /// Ends what was remembered, and tells of what is watched. Call it after the commit.
    pub(super) fn forget(&self, touched: &Touched) {
        for member in &touched.members {
            self.generation_cell(*member).fetch_add(1, Ordering::AcqRel);
        }
        for sale in &touched.sales {
            // Nobody may be listening.
            let _ = self.changed_sales.send(*sale);
        }
    }
}

/// Runs a use case and writes what it has added.
pub(super) async fn carry_out<A, T, F>(tx: &Tx, f: &F, args: &A) -> Result<T>
where
    F: UseCase<A, T>,
{
    let work = AssertUnwindSafe(async {
        let value = f(tx, args).await?;
        tx.end().await?;
        Ok(value)
    });
    work.catch_unwind()
        .await
        .unwrap_or_else(|_| Err(AppError::internal("a use case panicked")))
}

fn overloaded() -> AppError {
    AppError::retry_later(ErrorCode::Overloaded, 1)
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
pub(super) async fn begin(conn: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    conn.begin_with_options(immediate).await
}

#[expect(clippy::disallowed_methods, reason = "a savepoint of the write path")]
pub(super) async fn savepoint(outer: &DatabaseTransaction) -> Result<DatabaseTransaction, DbErr> {
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

impl Writer {
    /// The writer has a thread of its own: SQLite's answers reach it at once, and not only when
    /// a thread that serves requests has time for them.
    pub(super) fn sqlite(conn: DatabaseConnection) -> std::io::Result<Self> {
        let (queue, messages) = mpsc::channel(QUEUE);
        let stats = Arc::new(WriteStats::default());
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let counted = stats.clone();
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || runtime.block_on(batch::run(conn, messages, counted)))?;
        Ok(Self {
            kind: Kind::Sqlite { queue },
            stats,
        })
    }

    /// A writer that answers before it commits.
    #[cfg(feature = "bench")]
    pub(super) fn sqlite_ahead(conn: DatabaseConnection) -> std::io::Result<Self> {
        let (queue, messages) = mpsc::channel(QUEUE);
        let runtime = Builder::new_current_thread().enable_time().build()?;
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || runtime.block_on(batch::run_ahead(conn, messages)))?;
        Ok(Self {
            kind: Kind::Sqlite { queue },
            stats: Arc::default(),
        })
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
