//! `cargo xtask serve`: from a clean clone to a shop to look at.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use nix::sys::signal::Signal;

use crate::needs;
use crate::process::{self, Background, Step};
use crate::shop::Shop;
use crate::site;
use crate::test::answers;
use crate::workspace::Workspace;

/// How to serve.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// The folder for the database and the keys [default: data/ in the repository]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The port on this machine
    #[arg(long, default_value_t = 3000)]
    pub(crate) port: u16,
    /// Start without the demo data
    #[arg(long)]
    empty: bool,
    /// Use PostgreSQL instead of the embedded SQLite
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Build quickly, run slowly
    #[arg(long)]
    dev: bool,
    /// Start the reference shop of end2end/shop beside it; needs Node.js
    #[arg(long)]
    with_shop: bool,
}

impl Options {
    /// The folder for the database.
    fn data(&self, workspace: &Workspace) -> PathBuf {
        let own = || workspace.root.join("data");
        self.data.clone().unwrap_or_else(own)
    }
}

/// The command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    port_is_free(options.port)?;
    needs::wasm_target()?;
    if options.with_shop {
        port_is_free(options.port.saturating_add(1))?;
        needs::node()?;
    }
    let release = !options.dev;
    let site = site::build(
        &workspace,
        site::Options {
            quick: options.dev,
            need_wasm_opt: false,
            reload: false,
            kit: false,
        },
    )?;
    build_server(&workspace, release)?;
    let server = command(&workspace, options, release, &site);
    if options.with_shop {
        with_shop(&workspace, options, release, server)
    } else {
        hand_over(server)
    }
}

/// Serves with the reference shop beside, until one of them ends or somebody asks to stop.
fn with_shop(
    workspace: &Workspace,
    options: &Options,
    release: bool,
    mut server: Command,
) -> Result<()> {
    process::stop_in_order()?;
    let data = options.data(workspace);
    let mut database = vec!["--data".to_owned(), data.display().to_string()];
    if let Some(url) = &options.database_url {
        database.extend(["--database-url".to_owned(), url.clone()]);
    }
    let port = options.port.saturating_add(1);
    let shop = Shop::prepare(&workspace.server(release), &database, &data, port)?;
    shop.allow(&mut server);
    let mut server = Background::start(&mut server, Signal::SIGTERM)?;
    let ready = process::wait_until(Duration::from_secs(300), || {
        Ok(server.ended() || answers(options.port))
    })?;
    if !ready || server.ended() {
        bail!("the server does not answer");
    }
    let running = shop.start(workspace, &format!("http://127.0.0.1:{}", options.port))?;
    println!("the shop: {}", running.url);
    process::wait_until(Duration::MAX, || Ok(server.ended()))?;
    Ok(())
}

/// Tells before the long work what would stop the server after it.
pub(crate) fn port_is_free(port: u16) -> Result<()> {
    let probe = TcpListener::bind(("127.0.0.1", port));
    probe
        .map(drop)
        .with_context(|| format!("port {port} cannot be used; choose another, as in --port 8080"))
}

/// Builds the server program.
pub(crate) fn build_server(workspace: &Workspace, release: bool) -> Result<()> {
    let step = Step::start("compiling the server");
    let mut cargo = workspace.cargo(&["build", "-p", "server", "--bin", "coterie"]);
    if release {
        cargo.arg("--release");
    }
    process::run(&mut cargo)?;
    step.done();
    Ok(())
}

/// The command that serves with these options.
pub(crate) fn command(
    workspace: &Workspace,
    options: &Options,
    release: bool,
    site: &Path,
) -> Command {
    let mut server = Command::new(workspace.server(release));
    server.arg("serve");
    server.args(["--listen", &format!("127.0.0.1:{}", options.port)]);
    server.arg("--site").arg(site);
    server.arg("--data").arg(options.data(workspace));
    if let Some(url) = &options.database_url {
        server.args(["--database-url", url]);
    }
    if !options.empty {
        server.arg("--demo");
    }
    server
}

/// Becomes the server, so that Ctrl-C and TERM reach it and nobody else.
#[cfg(unix)]
fn hand_over(mut server: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(server.exec()).context("the server cannot be started")
}

/// Runs the server; Ctrl-C at the console reaches it too.
#[cfg(not(unix))]
fn hand_over(mut server: Command) -> Result<()> {
    process::run(&mut server)
}
