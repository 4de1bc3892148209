//! Two nodes on one PostgreSQL: in turn one of them is killed, or the database is, while it asks
//! now and then for a write to be tried again.

use std::path::Path;
use std::rc::Rc;
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::load::Load;
use super::log::Log;
use super::{LIVES_MS, Toll};
use crate::bench::{Folder, Server, Start, Template, check_postgres, on_this_thread};
use crate::postgres::Cluster;
use crate::process::{self, Step};

/// How long writing goes on after something was killed.
const AFTER: Duration = Duration::from_millis(700);
/// One of twenty changes of a sale's row is refused as a serialisation failure.
const STUMBLE: [&str; 2] = [
    "CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     IF random() < 0.05 THEN RAISE EXCEPTION 'stumbled' USING ERRCODE = '40001'; END IF; \
     RETURN NULL; END $$",
    "CREATE TRIGGER stumble AFTER UPDATE ON flash_sales \
     FOR EACH STATEMENT EXECUTE FUNCTION stumble()",
];

/// Kills so often, and fails when an acknowledged write is gone or the books are wrong.
pub(super) fn rounds(program: &Path, rounds: u32, seed: Option<u64>) -> Result<()> {
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    let step = Step::start(format!(
        "killing nodes and their database {rounds} times (seed {seed})"
    ));
    let mut cluster = Cluster::start_safe()?;
    cluster.run("postgres", &["CREATE DATABASE shop"])?;
    let url = cluster.url_of("shop");
    let template = Template::make(program, Some(&url))?;
    cluster.run("shop", &STUMBLE)?;
    let folders = [Folder::new()?, Folder::new()?];
    let mut toll = Toll::default();
    let mut random = fastrand::Rng::with_seed(seed);
    let start = Start {
        database: Some(url.clone()),
        ..Start::default()
    };
    for round in 0..rounds {
        if process::stopping() {
            bail!("stopped on request");
        }
        let life = Duration::from_millis(random.u64(LIVES_MS));
        let [one, other] = &folders;
        let one = Server::start(program, one.path(), &start)?;
        let other = Server::start(program, other.path(), &start)?;
        let load = Load::prepare_patient(&template, round, other.address)?;
        let log = Rc::new(Log::new(folders[0].path(), round)?);
        let addresses = [one.address, other.address];
        let until = Instant::now() + life + AFTER;
        let kills_node = round % 2 == 0;
        let (doomed, kept) = if kills_node {
            (Some(one), None)
        } else {
            (None, Some(one))
        };
        scope(|scope| {
            let killed = scope.spawn(|| {
                sleep(life);
                match doomed {
                    Some(node) => node.kill(),
                    None => cluster.crash(),
                }
            });
            on_this_thread(load.press(&addresses, until, &log))?;
            killed.join().expect("killing does not panic")
        })?;
        log.sync()?;
        kept.map_or(Ok(()), Server::stop)?;
        let started = Instant::now();
        let again = Server::start(program, folders[0].path(), &start)?;
        let back = started.elapsed();
        let lost = on_this_thread(load.audit(again.address, &log))?;
        again.stop()?;
        other.stop()?;
        check_postgres(program, &url)?;
        let what = if kills_node { "a node" } else { "the database" };
        toll.add(
            round,
            &format!("{what} killed after {life:?}"),
            &log,
            lost,
            back,
        )?;
    }
    step.done();
    toll.tell()
}
