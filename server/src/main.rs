//! The command line of the server.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use server::http::site::{Site, default_dir, router};

/// Coterie, the member centre for online shops.
#[derive(Parser)]
#[command(name = "coterie", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What can be asked for.
#[derive(Subcommand)]
enum Command {
    /// Serve the pages
    Serve(Serve),
}

/// How to serve.
#[derive(Args)]
struct Serve {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// The folder with the pages [default: site/ beside the program]
    #[arg(long)]
    site: Option<PathBuf>,
    /// The folder for the database
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where PostgreSQL is
    #[arg(long)]
    database_url: Option<String>,
    /// Fill an empty database with demo data
    #[arg(long)]
    demo: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Command::Serve(options) = Cli::parse().command;
    let site = Site {
        dir: options.site.unwrap_or_else(default_dir),
        frame_ancestors: Vec::new(),
    };
    let listener = tokio::net::TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    println!("http://{}", listener.local_addr()?);
    let app = router(&site)?;
    axum::serve(listener, app)
        .with_graceful_shutdown(async {
            // Without a signal to wait for there is only the hard way to stop.
            let _signal = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}
