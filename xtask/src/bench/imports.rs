//! The import of a real shop's history: time and memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::figures::Figures;
use super::shop::Folder;
use crate::postgres::Cluster;
use crate::process::{self, Step};
use crate::workspace::Workspace;

/// Bytes of what people call a megabyte of memory.
const MB: f64 = 1_048_576.0;

/// Measures it on both databases. Both keep what they say they have kept.
pub(crate) fn measure(workspace: &Workspace, program: &Path, figures: &mut Figures) -> Result<()> {
    let file = fixture(workspace)?;
    let folder = Folder::new()?;
    let data = folder.path().display().to_string();
    let step = Step::start("importing into SQLite");
    let took = import(program, &file, &["--data", &data])?;
    step.done();
    figures.at_most("import_sqlite_s", took.seconds, "s", 10.0);
    figures.at_most("import_sqlite_mb", took.peak_bytes / MB, "MB", 150.0);

    let cluster = Cluster::start_safe()?;
    let step = Step::start("importing into PostgreSQL");
    let took = import(program, &file, &["--database-url", &cluster.url])?;
    step.done();
    figures.at_most("import_postgres_s", took.seconds, "s", 30.0);
    Ok(())
}

/// The CDNOW file.
fn fixture(workspace: &Workspace) -> Result<PathBuf> {
    let file = workspace.end2end().join("fixtures/cdnow/CDNOW_master.txt");
    if !file.is_file() {
        bail!("{} is missing", file.display());
    }
    Ok(file)
}

/// What an import took.
struct Took {
    seconds: f64,
    peak_bytes: f64,
}

/// Imports, then works everything out again.
fn import(program: &Path, file: &Path, place: &[&str]) -> Result<Took> {
    let mut command = Command::new(program);
    command.args(["import", "orders"]).arg(file);
    command.args(["--format", "cdnow"]).args(place);
    let started = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut peak_bytes = 0.0;
    let status = loop {
        // The system keeps the peak itself; the last look before the end is close to it.
        peak_bytes = peak(child.id()).unwrap_or(peak_bytes);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        sleep(Duration::from_millis(5));
    };
    let seconds = started.elapsed().as_secs_f64();
    if !status.success() {
        bail!("the import failed ({status})");
    }
    let mut check = Command::new(program);
    process::read(check.arg("check").args(place)).context("void: the books are wrong")?;
    Ok(Took {
        seconds,
        peak_bytes,
    })
}

/// Most memory that a process had so far.
fn peak(pid: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024.0)
}
