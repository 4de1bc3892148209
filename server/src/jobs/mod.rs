//! Scheduled work: one list, each entry leased in the database so that any number of nodes do each
//! thing once. Work is by due dates, so what was missed while nothing ran is caught up, each thing
//! dated when it was due.

mod lease;

pub(crate) use lease::tables;

use crate::App;
use crate::error::Result;
use crate::{
    coupons, db, messages, outbox, points, programme, referrals, requests, sales, scenarios,
    sessions, staff, tasks, tiers, transfers, webhooks,
};
use futures::future::BoxFuture;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Members of one step; each step is one write.
const STEP: u64 = 500;
/// How often a node looks whether something is due.
const TICK: Duration = Duration::from_secs(1);

/// Scheduled work.
pub struct Job {
    /// Its name, also in the database.
    pub name: &'static str,
    /// How long after one run begins the next one is due, in seconds.
    pub every_s: i64,
    /// What it does.
    pub run: for<'a> fn(&'a App) -> BoxFuture<'a, Result<()>>,
}

/// All scheduled work, in the order in which what is due at one moment is done: lots become
/// spendable or end, then tiers are reviewed and members warned, then members hear of what
/// ends soon, then events are handed to who wants them.
pub const JOBS: &[Job] = &[
    Job {
        name: "points.advance",
        every_s: 60,
        run: |app| Box::pin(points::service::advance_all_due(app)),
    },
    Job {
        name: "tiers.review",
        every_s: 60,
        run: |app| Box::pin(review_tiers(app)),
    },
    Job {
        name: "messages.ends",
        every_s: 6 * 3600,
        run: |app| Box::pin(messages::service::tell_of_ends(app)),
    },
    Job {
        name: "referrals.settle",
        every_s: 5,
        run: |app| Box::pin(settle_referrals(app)),
    },
    Job {
        name: "sales.release",
        every_s: 1,
        run: |app| Box::pin(sales::service::release_due(app)),
    },
    Job {
        name: "sales.follow",
        every_s: 30,
        run: |app| Box::pin(sales::service::follow_due(app)),
    },
    Job {
        name: "sales.remind",
        every_s: 10,
        run: |app| Box::pin(sales::service::remind_due(app)),
    },
    Job {
        name: "coupons.expire",
        every_s: 10,
        run: |app| Box::pin(expire_reservations(app)),
    },
    Job {
        name: "coupons.make_codes",
        every_s: 1,
        run: |app| Box::pin(make_codes(app)),
    },
    Job {
        name: "scenarios.appear",
        every_s: 5,
        run: |app| Box::pin(scenarios::service::appear_due(app)),
    },
    Job {
        name: "outbox.run",
        every_s: 1,
        run: |app| Box::pin(webhooks::service::spread_due(app)),
    },
    Job {
        name: "purge",
        every_s: 3600,
        run: |app| Box::pin(purge(app)),
    },
];

/// Scheduled work that waits for other servers or takes long; it goes on beside the rest, so that a
/// slow receiver or a large file holds up nothing else.
pub const OUTSIDE: &[Job] = &[
    Job {
        name: "scenarios.deliver",
        every_s: 2,
        run: |app| Box::pin(scenarios::service::deliver_due(app)),
    },
    Job {
        name: "webhooks.deliver",
        every_s: 1,
        run: |app| Box::pin(webhooks::service::deliver_due(app)),
    },
    Job {
        name: "transfers.work",
        every_s: 1,
        run: |app| Box::pin(transfer(app)),
    },
];

async fn review_tiers(app: &App) -> Result<()> {
    let step = || {
        app.db.write(app.clone(), |tx, app| {
            Box::pin(tiers::service::review_due(tx, app, STEP))
        })
    };
    while step().await? > 0 {}
    Ok(())
}

async fn settle_referrals(app: &App) -> Result<()> {
    while referrals::service::settle_due(app, STEP).await? > 0 {}
    Ok(())
}

async fn expire_reservations(app: &App) -> Result<()> {
    let step = || {
        app.db.write((), |tx, ()| {
            Box::pin(coupons::service::expire_due(tx, STEP))
        })
    };
    while step().await? > 0 {}
    Ok(())
}

/// Writes of codes in one run; then other work gets its turn.
const CODE_WRITES: usize = 25;

async fn make_codes(app: &App) -> Result<()> {
    for _ in 0..CODE_WRITES {
        if !coupons::service::work(app).await? {
            break;
        }
    }
    Ok(())
}

/// Pieces of files in one run: the lease of a run is renewed by the next one.
const TRANSFER_PIECES: usize = 200;

async fn transfer(app: &App) -> Result<()> {
    for _ in 0..TRANSFER_PIECES {
        if !transfers::service::work(app).await? {
            break;
        }
    }
    Ok(())
}

async fn purge(app: &App) -> Result<()> {
    app.db
        .write((), |tx, ()| {
            Box::pin(async move {
                db::idempotency::purge(tx, tx.now()).await?;
                sessions::service::purge(tx).await?;
                tasks::service::purge_visits(tx).await?;
                messages::service::purge(tx).await?;
                staff::service::purge_resets(tx).await?;
                referrals::service::purge(tx).await?;
                webhooks::service::purge(tx).await?;
                requests::service::purge(tx).await?;
                transfers::service::purge(tx).await?;
                outbox::service::purge(tx).await
            })
        })
        .await
}

/// Runs everything that is due now, in order, each if no other node is at it.
///
/// # Errors
/// When the database fails.
pub async fn run_due(app: &App) -> Result<()> {
    run_inside(app).await?;
    take_turns(app, OUTSIDE).await
}

async fn run_inside(app: &App) -> Result<()> {
    programme::service::refresh(app).await?;
    if app.db.was_written_by_others().await? {
        app.db.forget_all();
    }
    take_turns(app, JOBS).await
}

/// Does those of some jobs that are due, in order, each if no other node is at it. One that fails
/// is due again like the others, and holds up none of them.
async fn take_turns(app: &App, jobs: &'static [Job]) -> Result<()> {
    let mut done = Ok(());
    for job in jobs {
        if let Some(lease) = lease::take(app, job).await? {
            let ran = (job.run)(app).await;
            if let Err(error) = &ran {
                tracing::error!(job = job.name, %error, "scheduled work failed");
            }
            done = done.and(ran);
            lease.finish(app).await?;
        }
    }
    done
}

/// Runs everything, whether it is due or not: for command lines and tests that moved the clock.
///
/// # Errors
/// When the database fails.
pub async fn run_all(app: &App) -> Result<()> {
    for job in JOBS.iter().chain(OUTSIDE) {
        (job.run)(app).await?;
    }
    Ok(())
}

/// How long work that waits for other servers may take to end when the server stops; what it did not
/// finish is done again by whoever comes next.
const GRACE: Duration = Duration::from_secs(2);

/// Scheduled work of a running server.
pub struct Running {
    stop: watch::Sender<bool>,
    inside: JoinHandle<()>,
    outside: Vec<JoinHandle<()>>,
}

impl Running {
    /// Stops after the step that is being done.
    pub async fn stop(self) {
        // The tasks may have ended already.
        let _ = self.stop.send(true);
        if let Err(error) = self.inside.await {
            tracing::error!(%error, "scheduled work ended badly");
        }
        let end = tokio::time::Instant::now() + GRACE;
        for mut task in self.outside {
            if tokio::time::timeout_at(end, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}

/// Starts scheduled work in the background: what is inside one after the other, and beside it each
/// thing that waits for other servers by itself.
#[must_use]
pub fn start(app: App) -> Running {
    let (stop, stopped) = watch::channel(false);
    let outside = OUTSIDE.iter().map(|job| {
        let work = repeat(app.clone(), stopped.clone(), move |app| {
            Box::pin(take_turns(app, std::slice::from_ref(job)))
        });
        tokio::spawn(work)
    });
    let outside = outside.collect();
    let inside = repeat(app, stopped, |app| Box::pin(run_inside(app)));
    Running {
        stop,
        inside: tokio::spawn(inside),
        outside,
    }
}

async fn repeat(
    app: App,
    mut stopped: watch::Receiver<bool>,
    work: impl for<'a> Fn(&'a App) -> BoxFuture<'a, Result<()>>,
) {
    loop {
        if let Err(error) = work(&app).await {
            tracing::error!(%error, "scheduled work failed; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            _ = stopped.changed() => return,
        }
    }
}
