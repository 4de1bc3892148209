//! What else could hold a flash sale: a row of PostgreSQL that all want, and a script in Redis.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use super::shop::Folder;
use crate::needs;
use crate::postgres::{Cluster, free_port};
use crate::process::{self, Background};

/// The database of the row that all want.
const HOT: &str = "hot";
/// One claim in one statement: a piece less, and a row of a member who has none yet.
const CLAIM: &str = "\\set u random(1,100000000)\n\
    WITH d AS (UPDATE sku SET stock=stock-1 WHERE id=1 AND stock>0 RETURNING id) \
    INSERT INTO claim(sku_id,user_id) SELECT id,:u FROM d ON CONFLICT DO NOTHING;\n";
/// The same in Redis.
const SCRIPT: &str = "if redis.call('SISMEMBER',KEYS[2],ARGV[1])==1 then return -2 end \
    local s=tonumber(redis.call('GET',KEYS[1]) or '0') if s<=0 then return -1 end \
    redis.call('DECR',KEYS[1]) redis.call('SADD',KEYS[2],ARGV[1]) return s-1";
/// Requests that redis-benchmark sends for each second that it may take.
const REDIS_PER_SECOND: u32 = 50_000;

/// Makes the row.
pub(super) fn prepare(cluster: &Cluster) -> Result<()> {
    cluster.run("postgres", &["CREATE DATABASE hot"])?;
    cluster.run(
        HOT,
        &[
            "CREATE TABLE sku (id int PRIMARY KEY, stock int NOT NULL)",
            "CREATE TABLE claim (sku_id int, user_id int, PRIMARY KEY (sku_id, user_id))",
            "INSERT INTO sku VALUES (1, 0)",
        ],
    )
}

/// Claims in a second by so many clients of pgbench.
pub(super) fn pgbench(cluster: &Cluster, clients: usize, seconds: u32) -> Result<f64> {
    cluster.run(
        HOT,
        &[
            "TRUNCATE claim",
            "UPDATE sku SET stock = 100000000",
            "VACUUM FULL sku",
            "CHECKPOINT",
        ],
    )?;
    let folder = Folder::new()?;
    let script = folder.path().join("claim.sql");
    fs::write(&script, CLAIM)?;
    let mut pgbench = cluster.program("pgbench");
    pgbench.args(["-n", "-M", "prepared", "-T", &seconds.to_string()]);
    pgbench.args([
        "-j",
        &clients.min(2).to_string(),
        "-c",
        &clients.to_string(),
    ]);
    pgbench
        .arg("-f")
        .arg(&script)
        .arg(cluster.socket_url_of(HOT));
    let said = process::read(pgbench.stderr(Stdio::null()))?;
    let rate = said.lines().find_map(|it| it.strip_prefix("tps = "));
    let rate = rate.and_then(|it| it.split_whitespace().next()?.parse().ok());
    rate.with_context(|| format!("pgbench told no rate: {said}"))
}

/// Claims in a second by so many clients of redis-benchmark; every one is synced.
pub(super) fn redis(clients: usize, seconds: u32) -> Result<f64> {
    needs::redis()?;
    let folder = Folder::new()?;
    let port = free_port()?.to_string();
    let mut server = Command::new("redis-server");
    server.args(["--port", &port, "--bind", "127.0.0.1", "--save", ""]);
    server.args(["--appendonly", "yes", "--appendfsync", "always", "--dir"]);
    server.arg(folder.path()).stdout(Stdio::null());
    let _server = Background::start(&mut server, Signal::SIGTERM)?;
    let ask = |arguments: &[&str]| {
        let mut cli = Command::new("redis-cli");
        process::read(
            cli.args(["-p", &port])
                .args(arguments)
                .stderr(Stdio::null()),
        )
    };
    let ready = process::wait_until(Duration::from_secs(10), || {
        Ok(ask(&["ping"]).is_ok_and(|it| it.trim() == "PONG"))
    })?;
    if !ready {
        bail!("Redis does not answer");
    }
    ask(&["set", "stock", "100000000"])?;
    let script = ask(&["script", "load", SCRIPT])?;
    let mut bench = Command::new("redis-benchmark");
    bench.args(["-p", &port, "-q", "-c", &clients.to_string()]);
    bench.args([
        "-r",
        "100000000",
        "-n",
        &(REDIS_PER_SECOND * seconds).to_string(),
    ]);
    bench.args([
        "evalsha",
        script.trim(),
        "2",
        "stock",
        "won",
        "__rand_int__",
    ]);
    let said = process::read(&mut bench)?;
    rate(&said).with_context(|| format!("redis-benchmark told no rate: {said}"))
}

/// The last rate that redis-benchmark told.
fn rate(said: &str) -> Option<f64> {
    let (before, _) = said.rsplit_once(" requests per second")?;
    before.split_whitespace().last()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rate_of_redis_is_read() {
        let said = "evalsha x: rps=1.0 (overall: 2.0)\revalsha x: 58139.53 requests per second, p50=4.1 msec\n";
        assert_eq!(rate(said), Some(58139.53));
        assert_eq!(rate("nothing"), None);
    }
}
