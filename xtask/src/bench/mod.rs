//! `cargo xtask bench`: how fast it is, as ratios of two things measured in turn in one run.

mod claims;
mod coupons;
mod crowd;
mod figures;
mod imports;
mod listeners;
mod load;
mod reads;
mod rivals;
mod shop;
mod webhooks;
mod writes;

pub(crate) use load::{Client, Sent, on_this_thread};
pub(crate) use shop::{Folder, Server, Start, Template};

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::process::{self, Step};
use crate::workspace::Workspace;
use figures::Figures;

/// What to measure, and how to tell it.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Print a JSON list and nothing else
    #[arg(long)]
    json: bool,
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// How often the sides of a comparison take turns
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pairs: u32,
    /// Seconds of each turn
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Only this: so many adjustments in one go, counting those that met a locked database
    #[arg(long, value_name = "NUMBER", conflicts_with = "only")]
    writes: Option<u64>,
}

/// A part of the measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Durable writes against nothing and against a transaction each
    Writes,
    /// The same with a disk that takes 4 ms more for each sync; needs strace
    SlowDisk,
    /// Syncs of a write; needs strace
    Syncs,
    /// A member's summary against nothing
    Reads,
    /// The import of the CDNOW file
    Imports,
    /// Validating and redeeming coupons against nothing
    Coupons,
    /// A million codes: seconds, memory, and the first byte of their export
    Codes,
    /// Claims of a flash sale against nothing, pgbench and Redis; needs both
    Claims,
    /// The same claims while a thousand people watch the sale
    Listeners,
    /// The same claims while a hundred thousand webhooks are sent
    Webhooks,
}

/// The command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    if cfg!(debug_assertions) {
        return run_optimised(&workspace);
    }
    process::stop_in_order()?;
    let program = build(&workspace, &["--features", "bench"], "bench")?;
    let mut figures = Figures::default();
    if let Some(writes) = options.writes {
        writes::many(&program, writes, &mut figures)?;
        return figures.print(options.json);
    }
    let wanted = |part| options.only.is_empty() || options.only.contains(&part);
    if wanted(Part::Writes) {
        writes::compare(&program, options.turns(), &mut figures)?;
    }
    if wanted(Part::SlowDisk) {
        writes::compare_on_a_slow_disk(&program, options.turns(), &mut figures)?;
    }
    if wanted(Part::Syncs) {
        writes::count_syncs(&program, &mut figures)?;
    }
    if wanted(Part::Reads) {
        reads::compare(&program, options.turns(), &mut figures)?;
    }
    if wanted(Part::Imports) {
        imports::measure(&workspace, &program, &mut figures)?;
    }
    if wanted(Part::Coupons) {
        coupons::compare(&program, options.turns(), &mut figures)?;
    }
    if wanted(Part::Codes) {
        coupons::make_codes(&program, &mut figures)?;
    }
    if wanted(Part::Claims) {
        claims::compare(&program, options.turns(), &mut figures)?;
    }
    if wanted(Part::Listeners) {
        listeners::compare(&program, options.turns(), &mut figures)?;
    }
    if wanted(Part::Webhooks) {
        webhooks::compare(&program, options.turns(), &mut figures)?;
    }
    figures.print(options.json)
}

/// Runs the same in a release build: whoever asks shares the cores with whoever answers, and
/// must not be the slower one.
fn run_optimised(workspace: &Workspace) -> Result<()> {
    let mut cargo = workspace.cargo(&["run", "--release", "--quiet", "-p", "xtask", "--"]);
    process::run(cargo.args(std::env::args_os().skip(1)))
}

/// How a comparison is carried out.
#[derive(Clone, Copy)]
struct Turns {
    pairs: u32,
    seconds: u32,
}

impl Options {
    fn turns(&self) -> Turns {
        Turns {
            pairs: self.pairs,
            seconds: self.seconds,
        }
    }
}

/// Builds the release server and puts a copy aside, which no other build overwrites while it is
/// measured.
pub(crate) fn build(workspace: &Workspace, features: &[&str], name: &str) -> Result<PathBuf> {
    let step = Step::start("compiling the release server");
    let mut cargo = workspace.cargo(&["build", "--release", "-p", "server", "--bin", "coterie"]);
    process::run_aside(cargo.args(features))?;
    let folder = workspace.target.join("xtask");
    fs::create_dir_all(&folder)?;
    let copy = folder.join(format!("coterie-{name}"));
    let built = workspace.server(true);
    fs::copy(&built, &copy).with_context(|| format!("copying {}", built.display()))?;
    step.done();
    Ok(copy)
}

/// Works every balance out again; a measurement of a server that got one wrong is void.
pub(crate) fn check(program: &Path, data: &Path) -> Result<()> {
    let mut check = Command::new(program);
    check.arg("check").arg("--data").arg(data);
    process::read(&mut check).context("void: the books are wrong after the run")?;
    Ok(())
}

/// The same for a database on PostgreSQL.
pub(crate) fn check_postgres(program: &Path, url: &str) -> Result<()> {
    let mut check = Command::new(program);
    check.args(["check", "--database-url", url]);
    process::read(&mut check).context("void: the books are wrong after the run")?;
    Ok(())
}
