//! The database: connecting, reading, and the one way to write.

mod batch;
pub mod idempotency;
pub mod migrations;
mod page;
pub mod rows;
pub mod text;
mod write;

pub use page::{Cursor, Direction, Listing, before, paged, pages, try_map};
pub use write::{MAX_WRITE_BATCH, Tx, WriteStats};

use crate::clock::Clock;
use crate::error::{AppError, Result};
use crate::ids::Ids;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, Statement,
};
use shared::ids::{FlashSaleId, MemberId};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::broadcast;
use write::Writer;

/// Readers of SQLite; more than the cores of a small machine wait for each other.
const SQLITE_READERS: u32 = 4;
/// Connections of one node to PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 24;
/// Connections that write when nothing brings writes together.
#[cfg(feature = "bench")]
const PLAIN_WRITERS: u32 = 8;
/// How long a request waits for a connection before it is told that the server is busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(8);
/// Changes of flash sales that wait to be heard of; more are left to whoever looks by himself.
const CHANGED_SALES: usize = 1024;
/// How long what was read of a member is believed on a database that nobody else writes.
const BELIEVED_ALONE: Duration = Duration::from_secs(600);
/// Members share this many change counters; a shared counter only costs a cache miss. There are
/// enough that a rush of winners does not make all who still wait be looked up again.
const GENERATIONS: usize = 1 << 18;

/// The database of one node.
#[derive(Clone)]
pub struct Db {
    read: DatabaseConnection,
    writer: Writer,
    clock: Arc<dyn Clock>,
    ids: Ids,
    generations: Arc<[AtomicU32]>,
    changed_sales: broadcast::Sender<FlashSaleId>,
    data_version: Arc<AtomicI64>,
}

impl Db {
    /// Opens `url` (`sqlite:PATH` or `postgres://…`), making a SQLite file and its folder when they
    /// are missing. Does not migrate.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn connect(url: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        let (read, writer) = if let Some(path) = sqlite_path(url) {
            if let Some(folder) = Path::new(path)
                .parent()
                .filter(|it| !it.as_os_str().is_empty())
            {
                std::fs::create_dir_all(folder).map_err(|it| {
                    anyhow::anyhow!("cannot make the folder {}: {it}", folder.display())
                })?;
            }
            let write = Database::connect(sqlite_options(path, 1)).await?;
            let read = Database::connect(sqlite_options(path, SQLITE_READERS)).await?;
            (read, Writer::sqlite(write).map_err(anyhow::Error::from)?)
        } else {
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(POSTGRES_CONNECTIONS)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .sqlx_logging(false);
            let pool = Database::connect(options).await?;
            (pool.clone(), Writer::postgres(pool))
        };
        Ok(Self::new(read, writer, clock))
    }

    /// Opens a SQLite file whose writes each take a connection of a pool and commit by themselves,
    /// as a server without a write path of its own would do it.
    ///
    /// # Errors
    /// When the database cannot be reached.
    #[cfg(feature = "bench")]
    pub async fn connect_plain(path: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        let write = Database::connect(sqlite_options(path, PLAIN_WRITERS)).await?;
        let read = Database::connect(sqlite_options(path, SQLITE_READERS)).await?;
        Ok(Self::new(read, Writer::postgres(write), clock))
    }

    /// Opens a SQLite file whose writes are answered before they are committed, which no server
    /// may do: for showing that whoever looks for forgotten answers finds them.
    ///
    /// # Errors
    /// When the database cannot be reached.
    #[cfg(feature = "bench")]
    pub async fn connect_ahead(path: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        let write = Database::connect(sqlite_options(path, 1)).await?;
        let read = Database::connect(sqlite_options(path, SQLITE_READERS)).await?;
        let writer = Writer::sqlite_ahead(write).map_err(anyhow::Error::from)?;
        Ok(Self::new(read, writer, clock))
    }

    fn new(read: DatabaseConnection, writer: Writer, clock: Arc<dyn Clock>) -> Self {
        Self {
            read,
            writer,
            ids: Ids::new(clock.clone()),
            clock,
            changed_sales: broadcast::Sender::new(CHANGED_SALES),
            generations: (0..GENERATIONS).map(|_| AtomicU32::new(0)).collect(),
            data_version: Arc::default(),
        }
    }

    /// For queries that only read. They never wait for a writer.
    #[must_use]
    pub const fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Which database this is.
    #[must_use]
    pub fn backend(&self) -> DatabaseBackend {
        self.read.get_database_backend()
    }

    /// The instant now.
    #[must_use]
    pub fn now(&self) -> shared::time::Timestamp {
        self.clock.now()
    }

    /// Moves this node's clock ahead, as only a demo does.
    pub fn move_clock(&self, millis: i64) {
        self.clock.advance(millis);
    }

    /// The source of ids.
    #[must_use]
    pub fn ids(&self) -> Ids {
        self.ids.clone()
    }

    /// What the write path has done so far.
    #[must_use]
    pub fn write_stats(&self) -> &WriteStats {
        self.writer.stats()
    }

    /// How often a member's data may have changed on this node. Read it before a query and compare
    /// it later: while it stands, the query's answer stands.
    #[must_use]
    pub fn generation(&self, member: MemberId) -> u32 {
        self.generation_cell(member).load(Ordering::Acquire)
    }

    fn generation_cell(&self, member: MemberId) -> &AtomicU32 {
        let low = member.uuid().as_u128() as usize;
        &self.generations[low % GENERATIONS]
    }

    /// Flash sales that writes of this node change from now on, each after its commit.
    #[must_use]
    pub fn changed_sales(&self) -> broadcast::Receiver<FlashSaleId> {
        self.changed_sales.subscribe()
    }

    /// How long what was read of a member may be believed while its generation stands, when others
    /// may believe it for `shared`. Whoever has SQLite for itself hears of every change: its own
    /// writes tell their members, and what command lines write is looked for every second.
    #[must_use]
    pub fn believed_for(&self, shared: Duration) -> Duration {
        match self.backend() {
            DatabaseBackend::Sqlite => BELIEVED_ALONE,
            _ => shared,
        }
    }

    /// Makes every answer that was remembered stale: something outside this node wrote.
    pub fn forget_all(&self) {
        for cell in self.generations.iter() {
            cell.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Whether another process has written to this SQLite file since the last call. Only the one
    /// writer of this process writes, so what its connection sees of others is theirs. PostgreSQL
    /// answers `false`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn was_written_by_others(&self) -> Result<bool> {
        if self.backend() != DatabaseBackend::Sqlite {
            return Ok(false);
        }
        let version = self.write((), |tx, ()| {
            Box::pin(async move {
                let row = tx
                    .query_one_raw(Statement::from_string(
                        DatabaseBackend::Sqlite,
                        "PRAGMA data_version",
                    ))
                    .await?;
                let row = row.ok_or_else(|| AppError::internal("SQLite has no data_version"))?;
                Ok(row.try_get_by_index::<i64>(0)?)
            })
        });
        let version = version.await?;
        let before = self.data_version.swap(version, Ordering::AcqRel);
        Ok(before != 0 && before != version)
    }

    /// Ends the connections after what was accepted is written.
    pub async fn close(&self) {
        self.writer.close().await;
        if let Err(error) = self.read.clone().close().await {
            tracing::warn!(%error, "closing the database failed");
        }
    }
}

/// The path of a `sqlite:` address.
#[must_use]
pub fn sqlite_path(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("sqlite:")?;
    Some(rest.strip_prefix("//").unwrap_or(rest))
}

/// WAL with a sync for every commit: an answered write survives a power cut.
fn sqlite_options(path: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite:{path}?mode=rwc"));
    options
        .max_connections(connections)
        .min_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .sqlx_logging(false)
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(|it| {
            it.journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10))
                .statement_cache_capacity(256)
                .pragma("cache_size", "-12000")
                .pragma("temp_store", "memory")
                .pragma("wal_autocheckpoint", "4000")
        });
    options
}
