//! Durable writes: adjustments over HTTP, each with its own key, against requests that write
//! nothing and against a transaction for each write.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::Method;

use super::figures::{Figures, median};
use super::load::{Outcome, Sent, Until, on_this_thread, press};
use super::shop::{ADJUSTMENT, Disk, Folder, Server, Start, Template};
use super::{Turns, check};
use crate::process::Step;

/// What is added to each sync to stand for a slow disk, in microseconds.
const SLOWER_US: u32 = 4000;
/// Writes whose syncs are counted.
const COUNTED: u64 = 5000;

/// What one turn does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// The product.
    Ours,
    /// The product with a transaction for each write.
    Plain,
    /// The same request, authenticated, and nothing done.
    Nothing,
}

/// What one turn measured.
struct Turn {
    rate: f64,
    statements: f64,
    commits: f64,
}

/// Compares on the disk as it is.
pub(crate) fn compare(program: &Path, turns: Turns, figures: &mut Figures) -> Result<()> {
    let template = Template::make(program, None)?;
    let step = Step::start("durable writes");
    let (mut ours, mut plain, mut nothing) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..turns.pairs {
        for side in [Side::Ours, Side::Plain, Side::Nothing] {
            let turn = turn(program, &template, side, Disk::AsItIs, turns.seconds)?;
            let list = match side {
                Side::Ours => &mut ours,
                Side::Plain => &mut plain,
                Side::Nothing => &mut nothing,
            };
            eprintln!("    {pair}: {} {:.0}/s", name(side), turn.rate);
            list.push(turn);
        }
    }
    step.done();
    let rates = |it: &[Turn]| median(&it.iter().map(|it| it.rate).collect::<Vec<_>>());
    figures.tell("durable_writes_per_s", rates(&ours), "1/s");
    figures.tell("plain_writes_per_s", rates(&plain), "1/s");
    figures.tell("no_write_per_s", rates(&nothing), "1/s");
    figures.ratio("durable_vs_plain", &ratios(&ours, &plain), Some(2.0));
    figures.ratio("durable_vs_no_write", &ratios(&ours, &nothing), None);
    let all =
        |list: &[Turn], of: fn(&Turn) -> f64| median(&list.iter().map(of).collect::<Vec<_>>());
    figures.tell(
        "statements_per_write",
        all(&ours, |it| it.statements),
        "statements",
    );
    figures.tell("commits_per_write", all(&ours, |it| it.commits), "commits");
    figures.tell(
        "plain_statements_per_write",
        all(&plain, |it| it.statements),
        "statements",
    );
    Ok(())
}

/// Compares on a disk whose syncs take longer.
pub(crate) fn compare_on_a_slow_disk(
    program: &Path,
    turns: Turns,
    figures: &mut Figures,
) -> Result<()> {
    let template = Template::make(program, None)?;
    let step = Step::start("durable writes on a slower disk");
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for pair in 0..turns.pairs {
        for side in [Side::Ours, Side::Plain] {
            let disk = Disk::Slower(SLOWER_US);
            let turn = turn(program, &template, side, disk, turns.seconds)?;
            eprintln!("    {pair}: {} {:.0}/s", name(side), turn.rate);
            if side == Side::Ours {
                &mut ours
            } else {
                &mut plain
            }
            .push(turn);
        }
    }
    step.done();
    let rates = |it: &[Turn]| median(&it.iter().map(|it| it.rate).collect::<Vec<_>>());
    figures.tell("slow_disk_durable_writes_per_s", rates(&ours), "1/s");
    figures.tell("slow_disk_plain_writes_per_s", rates(&plain), "1/s");
    figures.ratio(
        "slow_disk_durable_vs_plain",
        &ratios(&ours, &plain),
        Some(12.0),
    );
    Ok(())
}

/// Counts what is synced for a write, on both sides.
pub(crate) fn count_syncs(program: &Path, figures: &mut Figures) -> Result<()> {
    let template = Template::make(program, None)?;
    for (side, figure) in [
        (Side::Ours, "syncs_per_write"),
        (Side::Plain, "plain_syncs_per_write"),
    ] {
        let folder = template.copy()?;
        let counts = folder.path().join("syncs");
        let disk = Disk::Counted(counts.clone());
        let server = start(program, &folder, side, disk)?;
        let until = Until {
            answers: COUNTED,
            time: Duration::from_secs(60),
        };
        let outcome = ask(&server, &template, side, "counted", until)?.clean(figure)?;
        server.stop()?;
        check(program, folder.path())?;
        let text = std::fs::read_to_string(&counts)?;
        let syncs = syncs(&text).context("strace counted nothing")?;
        figures.tell(figure, syncs / outcome.answers as f64, "syncs");
    }
    Ok(())
}

/// A long run that only tells whether a write ever met a locked database.
pub(crate) fn many(program: &Path, writes: u64, figures: &mut Figures) -> Result<()> {
    let template = Template::make(program, None)?;
    let step = Step::start(format!("{writes} durable writes"));
    let folder = template.copy()?;
    let server = start(program, &folder, Side::Ours, Disk::AsItIs)?;
    let until = Until {
        answers: writes,
        time: Duration::from_secs(24 * 3600),
    };
    let outcome = ask(&server, &template, Side::Ours, "many", until)?;
    let locked = server.log().matches("database is locked").count();
    server.stop()?;
    step.done();
    let step = Step::start("working all balances out again");
    check(program, folder.path())?;
    step.done();
    figures.tell("writes", outcome.answers as f64, "writes");
    figures.tell("durable_writes_per_s", outcome.rate(), "1/s");
    figures.at_most("locked_errors", locked as f64, "errors", 0.0);
    let others: u64 = outcome.others.values().sum();
    figures.at_most("other_answers", others as f64, "answers", 0.0);
    Ok(())
}

/// One turn on a fresh database, checked afterwards.
fn turn(program: &Path, template: &Template, side: Side, disk: Disk, seconds: u32) -> Result<Turn> {
    let folder = template.copy()?;
    let server = start(program, &folder, side, disk)?;
    let warm = Until {
        answers: 2000,
        time: Duration::from_secs(1),
    };
    ask(&server, template, side, "warm", warm)?.clean(name(side))?;
    let before = Counters::of(&server)?;
    let until = Until {
        answers: u64::MAX,
        time: Duration::from_secs(u64::from(seconds)),
    };
    let outcome = ask(&server, template, side, "turn", until)?.clean(name(side))?;
    let after = Counters::of(&server)?;
    server.stop()?;
    check(program, folder.path())?;
    let answers = outcome.answers as f64;
    Ok(Turn {
        rate: outcome.rate(),
        statements: (after.statements - before.statements) / answers,
        commits: (after.commits - before.commits) / answers,
    })
}

/// What the server counts.
struct Counters {
    statements: f64,
    commits: f64,
}

impl Counters {
    fn of(server: &Server) -> Result<Self> {
        Ok(Self {
            statements: server.metric("coterie_write_statements_total")?,
            commits: server.metric("coterie_write_commits_total")?,
        })
    }
}

fn start(program: &Path, folder: &Folder, side: Side, disk: Disk) -> Result<Server> {
    let start = Start {
        plain_writes: side == Side::Plain,
        disk,
        ..Start::default()
    };
    Server::start(program, folder.path(), &start)
}

fn ask(
    server: &Server,
    template: &Template,
    side: Side,
    run: &str,
    until: Until,
) -> Result<Outcome> {
    let address = server.address;
    if side == Side::Nothing {
        let key = template.key.clone();
        let make = move |_| Sent {
            method: Method::POST,
            path: "/api/v1/bench/no_write".to_owned(),
            bearer: key.clone(),
            headers: Vec::new(),
            body: ADJUSTMENT.to_owned(),
        };
        return on_this_thread(press(address, until, 201, make));
    }
    on_this_thread(press(address, until, 201, template.adjustment(run)))
}

const fn name(side: Side) -> &'static str {
    match side {
        Side::Ours => "durable",
        Side::Plain => "plain",
        Side::Nothing => "no write",
    }
}

fn ratios(ours: &[Turn], other: &[Turn]) -> Vec<f64> {
    let pairs = ours.iter().zip(other);
    pairs.map(|(a, b)| a.rate / b.rate).collect()
}

/// The syncs that strace counted.
fn syncs(table: &str) -> Option<f64> {
    let calls = table.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let calls: f64 = words.nth(3)?.parse().ok()?;
        ["fsync", "fdatasync"]
            .contains(&words.last()?)
            .then_some(calls)
    });
    calls.reduce(|a, b| a + b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_strace_is_read() {
        let table = "% time     seconds  usecs/call     calls    errors syscall\n\
                     ------ ----------- ----------- --------- --------- ----------------\n\
                     90.00    0.010000         100       120           fdatasync\n\
                     \x20 8.00    0.001000         100         3         1 fsync\n\
                     \x20 2.00    0.001000          10        40           rseq\n\
                     ------ ----------- ----------- --------- --------- ----------------\n\
                     100.00    0.012000         100       163         1 total\n";
        assert_eq!(syncs(table), Some(123.0));
        assert_eq!(syncs(""), None);
    }
}
