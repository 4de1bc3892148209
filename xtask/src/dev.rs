//! `cargo xtask dev`: save a file, and see it in the browser.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use notify::{Event, RecursiveMode, Watcher};

use crate::process::{self, Background};
use crate::serve::{self, Options};
use crate::site;
use crate::workspace::Workspace;
use crate::{needs, site::Options as SiteOptions};

/// What is watched; everything that ends up in the server or in the site.
const WATCHED: [&str; 6] = ["app", "server", "shared", "style", "public", "Cargo.toml"];

/// The command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    serve::port_is_free(options.port)?;
    needs::wasm_target()?;
    process::stop_in_order()?;

    let (sender, changes) = channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| is_edit(&event)) {
            // The other end goes only when we end.
            let _ended = sender.send(());
        }
    })
    .context("files cannot be watched")?;
    for part in WATCHED {
        watcher.watch(&workspace.root.join(part), RecursiveMode::Recursive)?;
    }

    let mut server = None;
    loop {
        match build(&workspace) {
            Ok(site) => {
                // The old one gives up the port before the new one asks for it.
                drop(server.take());
                server = Some(start(&workspace, options, &site)?);
            }
            Err(error) if process::stopping() => return Err(error),
            Err(error) => eprintln!("==> {error:#}; the last good build goes on"),
        }
        eprintln!("==> waiting for changes");
        if !next_change(&changes) {
            return Ok(());
        }
    }
}

/// Builds both halves, quickly.
fn build(workspace: &Workspace) -> Result<std::path::PathBuf> {
    let site = site::build(
        workspace,
        SiteOptions {
            quick: true,
            need_wasm_opt: false,
            reload: true,
            kit: true,
        },
    )?;
    serve::build_server(workspace, false)?;
    Ok(site)
}

/// Starts the server in the background.
fn start(workspace: &Workspace, options: &Options, site: &Path) -> Result<Background> {
    let mut command = serve::command(workspace, options, false, site);
    Background::start(&mut command, Signal::SIGTERM)
}

/// Waits for an edit and for the pause after it: editors write several files at once.
/// False when somebody asked to stop.
fn next_change(changes: &Receiver<()>) -> bool {
    loop {
        match changes.recv_timeout(Duration::from_millis(200)) {
            Ok(()) => break,
            Err(RecvTimeoutError::Timeout) if !process::stopping() => {}
            Err(_) => return false,
        }
    }
    while changes.recv_timeout(Duration::from_millis(150)).is_ok() {}
    !process::stopping()
}

/// Reading a file is an event too, and builds read them all.
fn is_edit(event: &Event) -> bool {
    event.kind.is_create() || event.kind.is_modify() || event.kind.is_remove()
}
