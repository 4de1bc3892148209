//! `cargo xtask serve`: from a clean clone to a shop to look at.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::needs;
use crate::process::{self, Step};
use crate::site;
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
}

/// The command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    port_is_free(options.port)?;
    needs::wasm_target()?;
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
    hand_over(command(&workspace, options, release, &site))
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
    let data = options.data.clone();
    let data = data.unwrap_or_else(|| workspace.root.join("data"));
    let mut server = Command::new(workspace.server(release));
    server.arg("serve");
    server.args(["--listen", &format!("127.0.0.1:{}", options.port)]);
    server.arg("--site").arg(site);
    server.arg("--data").arg(data);
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
