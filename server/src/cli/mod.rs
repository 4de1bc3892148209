//! What can be asked for on the command line.

mod admin;
mod logs;
mod serve;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use server::clock::SystemClock;
use server::config::{Config, Flags, ServeFlags};
use server::db::Db;
use server::{App, AppState};
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
        Command::Admin { command } => {
            logs::start("warn");
            let app = open(Config::load(&cli.flags, &ServeFlags::default())?).await?;
            let done = admin::run(&app, command).await;
            app.db.close().await;
            done
        }
    }
}

/// Connects to the database and migrates it.
async fn connect(config: &Config) -> Result<Db> {
    let place = server::config::without_password(&config.database_url);
    let db = Db::connect(&config.database_url, Arc::new(SystemClock)).await;
    let db = db.with_context(|| format!("cannot open the database {place}"))?;
    db.migrate()
        .await
        .with_context(|| format!("cannot bring {place} up to date"))?;
    Ok(db)
}

/// A server that is ready to work, without listening.
async fn open(config: Config) -> Result<App> {
    let db = connect(&config).await?;
    AppState::new(db, config).await.context("cannot start")
}
