//! What a task needs from the machine: found, installed where that is ours to do,
//! or told with the command that installs it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use sha2::{Digest, Sha256};

use crate::process::{Step, read, run_aside};
use crate::workspace::Workspace;

/// The target the pages are built for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Makes sure that rustc can build for browsers.
pub(crate) fn wasm_target() -> Result<()> {
    let sysroot = read(Command::new("rustc").args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(WASM);
    if library.is_dir() {
        return Ok(());
    }
    if find_program("rustup", &[]).is_none() {
        bail!("the target {WASM} is missing; install it, with rustup: rustup target add {WASM}");
    }
    let step = Step::start(format!("installing the target {WASM}"));
    run_aside(Command::new("rustup").args(["target", "add", WASM]))?;
    step.done();
    Ok(())
}

/// Makes sure that Node.js is there, for a program without packages.
pub(crate) fn node() -> Result<()> {
    if find_program("node", &[]).is_none() {
        bail!("node is missing; install Node.js 20 or later, on Debian: apt-get install nodejs");
    }
    Ok(())
}

/// Makes sure that the npm packages are those of the lock file.
pub(crate) fn npm_packages(workspace: &Workspace) -> Result<()> {
    let folder = workspace.end2end();
    let lock = Sha256::digest(fs::read(folder.join("package-lock.json"))?);
    let lock: String = lock.iter().map(|byte| format!("{byte:02x}")).collect();
    let stamp = folder.join("node_modules/.installed-lock");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    if find_program("npm", &[]).is_none() {
        bail!("npm is missing; install Node.js 20 or later, on Debian: apt-get install nodejs npm");
    }
    let step = Step::start("installing the npm packages");
    // No package of ours needs its install script, so none runs.
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    run_aside(npm.current_dir(&folder))?;
    fs::write(stamp, lock)?;
    step.done();
    Ok(())
}

/// A Chromium that can show Chinese.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("COTERIE_CHROMIUM") {
        return Ok(PathBuf::from(chosen));
    }
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let find = || names.iter().find_map(|name| find_program(name, &[]));
    if let Some(found) = find()
        && has_chinese_font()
    {
        return Ok(found);
    }
    install(&["chromium", "fonts-noto-cjk", "fontconfig"])?;
    match find() {
        Some(found) => Ok(found),
        None => bail!("Chromium is still missing; set COTERIE_CHROMIUM to its program file"),
    }
}

/// Screens without a Chinese font show boxes, and the pictures would be worthless.
fn has_chinese_font() -> bool {
    read(Command::new("fc-list").arg(":lang=zh-cn")).is_ok_and(|fonts| !fonts.trim().is_empty())
}

/// The folder with PostgreSQL's server programs.
pub(crate) fn postgres_programs() -> Result<PathBuf> {
    let find = || find_program("initdb", &postgres_folders());
    let found = match find() {
        Some(found) => found,
        None => {
            install(&["postgresql"])?;
            match find() {
                Some(found) => found,
                None => bail!("PostgreSQL's initdb is still missing; put it on the PATH"),
            }
        }
    };
    // Beside initdb, wherever that really is, are the others.
    let real = fs::canonicalize(&found)?;
    Ok(real.parent().unwrap_or(&real).to_path_buf())
}

/// Redis, which measurements are compared with.
pub(crate) fn redis() -> Result<()> {
    let there = |name| find_program(name, &[]).is_some();
    if !there("redis-server") || !there("redis-benchmark") {
        install(&["redis-server", "redis-tools"])?;
    }
    Ok(())
}

/// Where Debian keeps the server programs, the latest version first.
fn postgres_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, path)| path).collect()
}

/// Installs with apt when that is ours to do, and otherwise stops with the command.
fn install(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    let debian = Path::new("/etc/debian_version").exists();
    if !debian || !is_root() {
        bail!("needed and not found: {list}; on Debian: sudo apt-get install -y {list}");
    }
    let step = Step::start(format!("installing {list}"));
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.arg("-qq").args(arguments);
        run_aside(command.env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())?;
    step.done();
    Ok(())
}

/// Whether we are the administrator.
pub(crate) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Looks for a program in the given folders and on the path.
pub(crate) fn find_program(name: &str, first: &[PathBuf]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = first.iter().cloned().chain(env::split_paths(&path));
    folders
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}
