//! Word of changed sales, so that whoever watches hears of them at once: within a node after each
//! commit, and between nodes on PostgreSQL by its notifications. Nobody depends on it: who hears
//! nothing looks once a second all the same.

use crate::App;
use futures::future::join;
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use shared::ids::FlashSaleId;
use sqlx::postgres::PgListener;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;

/// The channel on PostgreSQL.
const CHANNEL: &str = "coterie_flash_sales";
/// Changes of so long are told to other nodes at once: in a rush there are very many.
const TOGETHER: Duration = Duration::from_millis(200);
/// How long a node waits before it listens again after it was cut off.
const AGAIN: Duration = Duration::from_secs(1);

/// Passes word on until this node stops.
#[must_use]
pub fn start(app: &App) -> JoinHandle<()> {
    let app = app.clone();
    tokio::spawn(async move {
        let stopped = app.watched.stopped();
        let shared = app.db.backend() == DatabaseBackend::Postgres;
        let work = async {
            if shared {
                join(tell(&app), listen(&app)).await;
            } else {
                pass(&app).await;
            }
        };
        tokio::select! { () = work => {}, () = stopped => {} }
    })
}

/// Wakes those who watch on this node.
async fn pass(app: &App) {
    let mut changed = app.db.changed_sales();
    loop {
        match changed.recv().await {
            Ok(sale) => app.watched.wake(sale),
            // What was missed is seen at the next look.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Wakes those who watch on this node, and tells the others.
async fn tell(app: &App) {
    let mut changed = app.db.changed_sales();
    loop {
        let mut sales = BTreeSet::new();
        match changed.recv().await {
            Ok(sale) => {
                app.watched.wake(sale);
                sales.insert(sale);
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
        tokio::time::sleep(TOGETHER).await;
        while let Ok(sale) = changed.try_recv() {
            app.watched.wake(sale);
            sales.insert(sale);
        }
        for sale in sales {
            let notify = Statement::from_sql_and_values(
                DatabaseBackend::Postgres,
                "SELECT pg_notify($1, $2)",
                [CHANNEL.into(), sale.to_string().into()],
            );
            if let Err(error) = app.db.read().query_one_raw(notify).await {
                tracing::warn!(%error, "other nodes were not told of a changed sale");
            }
        }
    }
}

/// Wakes those who watch on this node when another one tells of a change.
async fn listen(app: &App) {
    loop {
        if let Err(error) = hear(app).await {
            tracing::warn!(%error, "cut off from word of other nodes; listening again");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn hear(app: &App) -> Result<(), sqlx::Error> {
    let pool = app.db.read().get_postgres_connection_pool();
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let word = listener.recv().await?;
        if let Ok(sale) = word.payload().parse::<FlashSaleId>() {
            app.watched.wake(sale);
        }
    }
}
