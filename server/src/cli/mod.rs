//! What can be asked for on the command line.

mod admin;
mod check;
mod import;
mod logs;
mod serve;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use server::clock::SystemClock;
use server::config::{Config, Flags, ServeFlags};
use server::db::Db;
use server::{App, AppState, demo};
use std::sync::Arc;

/// Coterie, the member centre for online shops.
#[derive(Parser)]
#[command(name = "coterie", version)]
pub(crate) struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the pages
    Serve(serve::Serve),
    /// Bring the database's schema up to date; serve does it too
    Migrate,
    /// Bring in a shop's history
    Import {
        #[command(subcommand)]
        command: import::Import,
    },
    /// Work every balance, lot, tier and receipt out again and say what differs
    Check,
    /// Fill an empty database with a shop to look at
    Demo,
    /// Make staff accounts and API keys
    Admin {
        #[command(subcommand)]
        command: admin::Admin,
    },
}

/// Runs what was asked for.
pub(crate) async fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Serve(options) => {
            logs::start("info");
            serve::run(&cli.flags, options).await
        }
        Command::Migrate => {
            logs::start("warn");
            let config = Config::load(&cli.flags, &ServeFlags::default())?;
            let db = connect(&config).await?;
            db.close().await;
            println!("the schema is up to date");
            Ok(())
        }
        Command::Import { command } => {
            let app = open_for_work(&cli.flags).await?;
            closing(&app, import::run(&app, command)).await
        }
        Command::Check => {
            let app = open_for_work(&cli.flags).await?;
            closing(&app, check::run(&app)).await
        }
        Command::Demo => {
            let app = open_for_work(&cli.flags).await?;
            closing(&app, fill_demo(&app)).await
        }
        Command::Admin { command } => {
            let app = open_for_work(&cli.flags).await?;
            closing(&app, admin::run(&app, command)).await
        }
    }
}

/// A server that is ready for a command, with logs of warnings only.
async fn open_for_work(flags: &Flags) -> Result<App> {
    logs::start("warn");
    open(Config::load(flags, &ServeFlags::default())?).await
}

/// Closes the database whatever became of the work.
async fn closing(app: &App, work: impl Future<Output = Result<()>>) -> Result<()> {
    let done = work.await;
    app.db.close().await;
    done
}

/// Fills an empty database and prints who can sign in.
async fn fill_demo(app: &App) -> Result<()> {
    let filled = demo::fill(app, |what| eprintln!("demo: {what}"))
        .await
        .context("the demo shop")?;
    if !filled {
        eprintln!("demo: the database has members already; nothing was changed");
    }
    print_demo_sign_ins();
    Ok(())
}

/// Who can sign in to the demo shop, a line each.
fn print_demo_sign_ins() {
    println!("shopper: {} {}", demo::SHOPPER, demo::PASSWORD);
    println!("operator: {} {}", demo::OPERATOR, demo::PASSWORD);
    println!("manager: {} {}", demo::MANAGER, demo::PASSWORD);
}

/// Connects to the database and migrates it.
async fn connect(config: &Config) -> Result<Db> {
    let place = server::config::without_password(&config.database_url);
    let db = Db::connect(&config.database_url, Arc::new(SystemClock::default())).await;
    let db = db.with_context(|| format!("cannot open the database {place}"))?;
    db.migrate()
        .await
        .with_context(|| format!("cannot bring {place} up to date"))?;
    server::sandbox::service::restore(&db).await?;
    Ok(db)
}

/// A server that is ready to work, without listening.
async fn open(config: Config) -> Result<App> {
    let db = connect(&config).await?;
    AppState::new(db, config).await.context("cannot start")
}

/// A server on a migrated SQLite file that commits each write by itself.
#[cfg(feature = "bench")]
async fn open_plain(config: Config) -> Result<App> {
    let path = server::db::sqlite_path(&config.database_url);
    let path = path.context("--plain-writes is for SQLite")?;
    let db = Db::connect_plain(path, Arc::new(SystemClock::default())).await?;
    AppState::new(db, config).await.context("cannot start")
}

/// A server on a migrated SQLite file that answers before it commits.
#[cfg(feature = "bench")]
async fn open_ahead(config: Config) -> Result<App> {
    let path = server::db::sqlite_path(&config.database_url);
    let path = path.context("--answer-before-commit is for SQLite")?;
    let db = Db::connect_ahead(path, Arc::new(SystemClock::default())).await?;
    AppState::new(db, config).await.context("cannot start")
}
