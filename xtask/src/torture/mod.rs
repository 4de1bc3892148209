//! `cargo xtask torture`: kill the server under load again and again, and look for answers that it
//! has forgotten.

mod load;
mod log;
mod nodes;
mod rush;

use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use crate::bench::{self, Folder, Server, Start, Template, on_this_thread};
use crate::process::{self, Step};
use crate::workspace::Workspace;
use load::Load;
use log::Log;

/// The server lives so many milliseconds under load before it is killed.
const LIVES_MS: std::ops::RangeInclusive<u64> = 50..=1500;

/// After so many rounds the shop is a new one: the books that each round looks through would only
/// grow, and the rounds with them.
const SHOP_LASTS: u32 = 25;

/// How hard.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// How often the server is killed
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Where the moments of death begin; a run prints its own
    #[arg(long)]
    seed: Option<u64>,
    /// Two nodes on PostgreSQL, of which one is killed, or the database is, while it asks now and
    /// then for a write to be tried again
    #[arg(long)]
    postgres: bool,
    /// Let the server answer before it commits; this has to fail
    #[arg(long, conflicts_with = "postgres")]
    answer_before_commit: bool,
}

/// What all rounds came to.
#[derive(Default)]
struct Toll {
    rounds: u32,
    acknowledged: usize,
    claims: usize,
    lost: usize,
    slowest_start: Duration,
}

/// The command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    process::stop_in_order()?;
    let features: &[&str] = if options.answer_before_commit {
        &["--features", "bench"]
    } else {
        &[]
    };
    let program = bench::build(&workspace, features, "torture")?;
    if options.postgres {
        return nodes::rounds(&program, options.rounds, options.seed);
    }
    let start = Start {
        answer_before_commit: options.answer_before_commit,
        ..Start::default()
    };
    carry_out(&program, options.rounds, options.seed, &start)
}

/// Kills so often, and fails when an acknowledged write is gone or the books are wrong.
pub(crate) fn rounds(program: &Path, rounds: u32, seed: Option<u64>) -> Result<()> {
    carry_out(program, rounds, seed, &Start::default())
}

fn carry_out(program: &Path, rounds: u32, seed: Option<u64>, start: &Start) -> Result<()> {
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    let step = Step::start(format!("killing the server {rounds} times (seed {seed})"));
    let template = Template::make(program, None)?;
    let mut folder = template.copy()?;
    let logs = Folder::new()?;
    let mut toll = Toll::default();
    let mut random = fastrand::Rng::with_seed(seed);
    for round in 0..rounds {
        if process::stopping() {
            bail!("stopped on request");
        }
        if round > 0 && round % SHOP_LASTS == 0 {
            folder = template.copy()?;
        }
        let life = Duration::from_millis(random.u64(LIVES_MS));
        // A server that answers too early does not know yet whom it has signed in.
        let server = Server::start(program, folder.path(), &Start::default())?;
        let load = Load::prepare(&template, round, server.address)?;
        server.stop()?;
        let server = Server::start(program, folder.path(), start)?;
        let log = Rc::new(Log::new(logs.path(), round)?);
        let addresses = [server.address];
        std::thread::scope(|scope| {
            let killed = scope.spawn(move || {
                std::thread::sleep(life);
                server.kill()
            });
            on_this_thread(load.press(&addresses, Instant::now() + life, &log))?;
            killed.join().expect("killing does not panic")
        })?;
        log.sync()?;
        let started = Instant::now();
        let server = Server::start(program, folder.path(), &Start::default())?;
        let back = started.elapsed();
        let lost = on_this_thread(load.audit(server.address, &log))?;
        server.stop()?;
        bench::check(program, folder.path())?;
        toll.add(round, &format!("killed after {life:?}"), &log, lost, back)?;
    }
    step.done();
    toll.tell()
}

impl Toll {
    /// Adds a round and tells it.
    fn add(
        &mut self,
        round: u32,
        what: &str,
        log: &Log,
        lost: usize,
        back: Duration,
    ) -> Result<()> {
        let entries = log.read()?;
        let claims = entries
            .iter()
            .filter(|it| load::is_claim(it.number))
            .count();
        let written = entries.len();
        eprintln!(
            "    {round}: {what}, {written} acknowledged ({claims} claims), {lost} lost, back in {} ms",
            back.as_millis()
        );
        self.rounds += 1;
        self.acknowledged += written;
        self.claims += claims;
        self.lost += lost;
        self.slowest_start = self.slowest_start.max(back);
        Ok(())
    }

    /// Tells all rounds; fails when anything was lost, or nothing was tried.
    fn tell(self) -> Result<()> {
        let Self {
            rounds,
            acknowledged,
            claims,
            lost,
            slowest_start,
        } = self;
        println!(
            "{rounds} rounds, {acknowledged} acknowledged writes, {claims} of them claims, {lost} \
             lost, slowest start {} ms",
            slowest_start.as_millis()
        );
        if lost > 0 || claims == 0 {
            bail!("{lost} of {acknowledged} acknowledged writes were lost");
        }
        Ok(())
    }
}
