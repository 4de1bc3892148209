//! `coterie serve`.

use anyhow::{Context, Result};
use clap::Args;
use server::config::{Config, Flags, ServeFlags};
use server::http::site::{self, Site};
use server::referrals::routes::preview::with_previews;
use server::{App, http, jobs};
use std::future::Future;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long the last step of scheduled work and the last writes may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(20);

/// How to serve.
#[derive(Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    flags: ServeFlags,
    /// Fill an empty database with demo data
    #[arg(long)]
    demo: bool,
    /// Commit each write by itself, to measure what bringing them together is worth
    #[cfg(feature = "bench")]
    #[arg(long)]
    plain_writes: bool,
    /// Answer before the commit, to show that forgotten answers are found
    #[cfg(feature = "bench")]
    #[arg(long, conflicts_with = "plain_writes")]
    answer_before_commit: bool,
}

/// Serves until a signal comes, answers what was accepted, and closes the database.
pub(crate) async fn run(flags: &Flags, options: Serve) -> Result<()> {
    let mut config = Config::load(flags, &options.flags)?;
    config.sandbox = options.demo;
    tracing::info!(?config, "starting");
    let listen = config.listen;
    #[cfg(feature = "bench")]
    let app = if options.plain_writes {
        super::open_plain(config).await?
    } else if options.answer_before_commit {
        super::open_ahead(config).await?
    } else {
        super::open(config).await?
    };
    #[cfg(not(feature = "bench"))]
    let app = super::open(config).await?;
    let router = router(&app)?;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}"))?;
    let stop = stop_signal()?;
    if options.demo {
        // Everyone knows the demo's passwords.
        anyhow::ensure!(
            listen.ip().is_loopback(),
            "--demo serves only this machine: listen on 127.0.0.1"
        );
        super::fill_demo(&app).await?;
    }
    println!("http://{}", listener.local_addr()?);
    http::ops::record_figures();
    let work = jobs::start(app.clone());
    let news = server::sales::service::pass_news(&app);
    // Whoever watches something would keep a connection open for ever.
    let node = app.clone();
    let stop = async move {
        stop.await;
        node.watched.end();
    };
    let served = http::serve(listener, router, stop).await;
    let closed = tokio::time::timeout(CLOSE_WITHIN, async {
        work.stop().await;
        if let Err(error) = news.await {
            tracing::error!(%error, "passing word of sales on ended badly");
        }
        write_remembered(&app).await;
        app.db.close().await;
    });
    if closed.await.is_err() {
        tracing::warn!("the database did not close in time; nothing that was answered is lost");
    }
    tracing::info!("stopped");
    served.context("serving failed")
}

/// Writes what was kept in memory to go with the next second's write.
async fn write_remembered(app: &App) {
    let visits = server::sales::service::note(app).await;
    let log = server::requests::service::write(app).await;
    for (what, written) in [
        ("visits of flash sales", visits),
        ("the log of requests", log),
    ] {
        if let Err(error) = written {
            tracing::warn!(%error, "{what} of the last second could not be written");
        }
    }
}

/// The API with the pages. A server without them is of use to those who only want the API, but a
/// folder that was named has to be one.
fn router(app: &App) -> Result<axum::Router> {
    let config = &app.config;
    let site = Site {
        dir: config.site.clone().unwrap_or_else(site::default_dir),
        frame_ancestors: config.frame_ancestors.clone(),
        wechat: config.wechat.is_some(),
    };
    if config.site.is_none() && !site.dir.join("manifest.json").is_file() {
        tracing::warn!(folder = %site.dir.display(), "no pages here; serving the API only");
        return Ok(http::router(app.clone()));
    }
    let pages = with_previews(site::router(&site)?, app);
    Ok(http::router_with_pages(app.clone(), pages))
}

/// Ends at the first INT or TERM; the second one ends the process at once.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for signals")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        tracing::info!("stopping; once more to stop at once");
        tokio::spawn(async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            std::process::exit(130);
        });
    })
}

/// Ends at Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "there is no signal to wait for");
            std::future::pending::<()>().await;
        }
    })
}
