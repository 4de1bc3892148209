//! Knowing that nothing has changed since the last build.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sha2::{Digest, Sha256};

use super::Options;
use super::wasm::Optimizer;
use crate::workspace::Workspace;

/// The file in the site's folder that tells what it was made from.
const FILE: &str = ".made-from";

/// A digest of everything the site is made from, and of the program that makes it.
pub(crate) fn of(
    workspace: &Workspace,
    options: Options,
    modules: &[PathBuf],
    optimizer: Option<&Optimizer>,
) -> Result<String> {
    let mut digest = Sha256::new();
    let Options {
        quick, reload, kit, ..
    } = options;
    digest.update(format!("{quick} {reload} {kit} {}\n", optimizer.is_some()));
    digest.update(fs::read(std::env::current_exe()?)?);
    for module in modules {
        digest.update(fs::read(module)?);
    }
    for folder in ["style", "public"] {
        for file in files(&workspace.root.join(folder))? {
            digest.update(format!("\n{}\n", file.display()));
            digest.update(fs::read(file)?);
        }
    }
    let digest = digest.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Whether the folder was made from the same.
pub(crate) fn is_fresh(folder: &Path, inputs: &str) -> bool {
    fs::read_to_string(folder.join(FILE)).is_ok_and(|made_from| made_from == inputs)
}

/// Notes what the folder was made from.
pub(crate) fn write(folder: &Path, inputs: &str) -> Result<()> {
    Ok(fs::write(folder.join(FILE), inputs)?)
}

/// All files under a folder, always in the same order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
