//! Claims of a flash sale over HTTP: each by another member who is signed in, with a key of its
//! own, and durable. Against a request that does nothing, pgbench on one row, and Redis.
//!
//! On SQLite every member has looked at the sale once before the clock starts, as people do who
//! wait for it to open, and the same before requests that do nothing: the server remembers who
//! they are. On PostgreSQL it would have forgotten after five seconds, so nobody looks, and every
//! member is looked up in the turn.
//!
//! After each turn the books are checked, and what the sale has sold is compared with the claims
//! that were answered; a turn in which they differ is void.

use std::path::Path;

use anyhow::{Result, bail};
use hyper::Method;

use super::crowd::{CROWD, Crowd, MANY, one_each, start, until};
use super::figures::{Figures, median};
use super::load::{Sent, Until, on_this_thread, pace, press_all};
use super::shop::{ADJUSTMENT, Folder, Server};
use super::{Turns, check, check_postgres, rivals};
use crate::postgres::Cluster;
use crate::process::Step;

/// Clients that pgbench tries to be fastest with.
const CLIENTS: [usize; 4] = [1, 8, 32, MANY];

/// Rates of all sides, a place for each pair.
#[derive(Default)]
struct Rates {
    claims: Vec<f64>,
    nothing: Vec<f64>,
    nothing_of_a_key: Vec<f64>,
    pgbench_best: Vec<f64>,
    pgbench_many: Vec<f64>,
    redis: Vec<f64>,
    postgres: Vec<f64>,
    two_nodes: Vec<f64>,
}

/// Compares.
pub(super) fn compare(program: &Path, turns: Turns, figures: &mut Figures) -> Result<()> {
    let crowd = Crowd::gather(program, CROWD, None)?;
    let cluster = Cluster::start_safe()?;
    cluster.run("postgres", &["CREATE DATABASE crowd"])?;
    let there = cluster.url_of("crowd");
    let elsewhere = Crowd::gather(program, CROWD, Some(&there))?;
    rivals::prepare(&cluster)?;
    let step = Step::start("claims of a flash sale");
    let mut rates = Rates::default();
    for pair in 0..turns.pairs {
        rates.claims.push(on_sqlite(program, &crowd, turns)?);
        let (key, members) = doing_nothing(program, &crowd, turns)?;
        rates.nothing.push(members);
        rates.nothing_of_a_key.push(key);
        rates.redis.push(rivals::redis(MANY, turns.seconds)?);
        let rival = pgbench(&cluster, turns)?;
        rates.pgbench_best.push(rival.0);
        rates.pgbench_many.push(rival.1);
        for (nodes, list) in [(1, &mut rates.postgres), (2, &mut rates.two_nodes)] {
            list.push(on_postgres(program, &elsewhere, &cluster, nodes, turns)?);
        }
        tell_pair(pair, &rates);
    }
    step.done();
    tell(&rates, figures);
    wait_in_line(program, &crowd, median(&rates.claims) / 2.0, figures)
}

fn tell_pair(pair: u32, rates: &Rates) {
    let last = |list: &[f64]| list.last().copied().unwrap_or_default();
    eprintln!(
        "    {pair}: claims {:.0}/s, nothing {:.0}/s ({:.0}/s of a key), Redis {:.0}/s, pgbench \
         {:.0}/s and {:.0}/s, on PostgreSQL {:.0}/s, two nodes {:.0}/s",
        last(&rates.claims),
        last(&rates.nothing),
        last(&rates.nothing_of_a_key),
        last(&rates.redis),
        last(&rates.pgbench_best),
        last(&rates.pgbench_many),
        last(&rates.postgres),
        last(&rates.two_nodes),
    );
}

fn tell(rates: &Rates, figures: &mut Figures) {
    for (name, list) in [
        ("claims_256_per_s", &rates.claims),
        ("no_claim_256_per_s", &rates.nothing),
        ("no_write_256_per_s", &rates.nothing_of_a_key),
        ("pgbench_best_per_s", &rates.pgbench_best),
        ("pgbench_256_per_s", &rates.pgbench_many),
        ("redis_lua_fsync_per_s", &rates.redis),
        ("claims_postgres_per_s", &rates.postgres),
        ("claims_postgres_two_nodes_per_s", &rates.two_nodes),
    ] {
        figures.tell(name, median(list), "1/s");
    }
    let mut ratio = |name: &str, ours: &[f64], other: &[f64], aim| {
        let ratios: Vec<f64> = ours.iter().zip(other).map(|(a, b)| a / b).collect();
        figures.ratio(name, &ratios, aim);
    };
    let (claims, best, rush) = (&rates.claims, &rates.pgbench_best, &rates.pgbench_many);
    let of_a_key = &rates.nothing_of_a_key;
    ratio("claims_vs_noop", claims, &rates.nothing, Some(0.4));
    ratio("claims_vs_noop_of_a_key", claims, of_a_key, None);
    ratio("claims_vs_pgbench_best", claims, best, Some(6.0));
    ratio("claims_vs_pgbench_256", claims, rush, Some(30.0));
    ratio("claims_vs_redis_lua_fsync", claims, &rates.redis, Some(0.4));
    let postgres = &rates.postgres;
    ratio("claims_postgres_vs_pgbench_best", postgres, best, Some(4.0));
    ratio("claims_postgres_vs_pgbench_256", postgres, rush, Some(15.0));
    let two = &rates.two_nodes;
    ratio("claims_postgres_two_nodes_vs_one", two, postgres, Some(1.0));
}

/// Claims in a second on a fresh copy of the crowd's database.
pub(super) fn on_sqlite(program: &Path, crowd: &Crowd, turns: Turns) -> Result<f64> {
    let (folder, server) = crowd.serve(program)?;
    crowd.look(&server)?;
    let rate = crowd.rush(&[&server], turns)?;
    server.stop()?;
    check(program, folder.path())?;
    Ok(rate)
}

/// The same on so many nodes on a fresh copy of the crowd's database.
fn on_postgres(
    program: &Path,
    crowd: &Crowd,
    cluster: &Cluster,
    nodes: usize,
    turns: Turns,
) -> Result<f64> {
    cluster.run(
        "postgres",
        &["CREATE DATABASE turn TEMPLATE crowd", "CHECKPOINT"],
    )?;
    let url = cluster.url_of("turn");
    let folders = (0..nodes).map(|_| Folder::new());
    let folders: Vec<Folder> = folders.collect::<Result<_>>()?;
    let servers = folders.iter().map(|it| start(program, it, Some(&url)));
    let servers: Vec<Server> = servers.collect::<Result<_>>()?;
    let all: Vec<&Server> = servers.iter().collect();
    let rate = crowd.rush(&all, turns)?;
    for server in servers {
        server.stop()?;
    }
    check_postgres(program, &url)?;
    cluster.run("postgres", &["DROP DATABASE turn"])?;
    Ok(rate)
}

/// Requests in a second behind which there is no work: of a key that is known, and of members who
/// each come once.
fn doing_nothing(program: &Path, crowd: &Crowd, turns: Turns) -> Result<(f64, f64)> {
    let (_folder, server) = crowd.serve(program)?;
    let key = crowd.key.clone();
    let make = move |_| Sent {
        method: Method::POST,
        path: "/api/v1/bench/no_write".to_owned(),
        bearer: key.clone(),
        headers: Vec::new(),
        body: ADJUSTMENT.to_owned(),
    };
    let endless = Until {
        answers: u64::MAX,
        ..until(turns.seconds)
    };
    let of_key = on_this_thread(press_all(&[server.address], MANY, endless, 201, make))?;
    crowd.look(&server)?;
    let make = one_each(&crowd.tokens(&server)?, "/api/v1/bench/no_claim".to_owned());
    let time = until(turns.seconds);
    let of_members = on_this_thread(press_all(&[server.address], MANY, time, 201, make))?;
    server.stop()?;
    let of_key = of_key.clean("no write")?.rate();
    Ok((of_key, of_members.clean("no claim")?.rate()))
}

/// The most that pgbench comes to, and what it comes to in the rush.
fn pgbench(cluster: &Cluster, turns: Turns) -> Result<(f64, f64)> {
    let (mut best, mut rush) = (0.0_f64, 0.0);
    for clients in CLIENTS {
        rush = rivals::pgbench(cluster, clients, turns.seconds)?;
        best = best.max(rush);
    }
    Ok((best, rush))
}

/// How long winners and losers wait at half of what there is room for.
fn wait_in_line(program: &Path, crowd: &Crowd, rate: f64, figures: &mut Figures) -> Result<()> {
    let scarce = Crowd::gather(program, 1, None)?;
    for (crowd, expected, name) in [(crowd, 201, "winners"), (&scarce, 409, "losers")] {
        let (folder, server) = crowd.serve(program)?;
        crowd.look(&server)?;
        let make = crowd.claim(&crowd.tokens(&server)?);
        let time = until(4);
        let (outcome, waited) = on_this_thread(pace(server.address, rate, time, expected, make))?;
        server.stop()?;
        check(program, folder.path())?;
        // The one who got the only piece is no loser.
        let others: u64 = outcome.others.values().sum();
        if others > 1 {
            bail!("void: {name} were answered {:?}", outcome.others);
        }
        figures.tell(&format!("{name}_per_s"), outcome.rate(), "1/s");
        for (part, percent) in [("p50", 50), ("p99", 99)] {
            let place = waited.len() * percent / 100;
            let ms = waited.get(place).copied().unwrap_or_default();
            figures.tell(&format!("{name}_{part}"), ms, "ms");
        }
    }
    Ok(())
}
