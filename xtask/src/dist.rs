//! `cargo xtask dist`: one folder with everything a machine needs to run Coterie.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use crate::needs;
use crate::serve::build_server;
use crate::site;
use crate::workspace::Workspace;

/// Where it goes.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The folder [default: dist/coterie in the repository]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// The command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    needs::wasm_target()?;
    needs::npm_packages(&workspace)?;
    let site = site::build(&workspace, site::Options::release())?;
    build_server(&workspace, true)?;

    let out = options.out.clone();
    let out = out.unwrap_or_else(|| workspace.root.join("dist/coterie"));
    fs::create_dir_all(&out)?;
    let program = workspace.server(true);
    if let Some(name) = program.file_name() {
        fs::copy(&program, out.join(name))?;
    }
    // Only what belongs to this version may be in the folder.
    let pages = out.join("site");
    if pages.exists() {
        fs::remove_dir_all(&pages)?;
    }
    copy(&site, &pages)?;
    println!("{}", out.display());
    Ok(())
}

/// Copies a folder.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else if !entry.file_name().to_string_lossy().starts_with('.') {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
