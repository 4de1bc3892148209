//! `cargo xtask torture`: kill the server under load again and again, and look for answers that it
//! has forgotten.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use hyper::Method;

use crate::bench::{self, Client, Sent, Server, Start, Template, on_this_thread};
use crate::process::{self, Step};
use crate::workspace::Workspace;

/// Connections that write while the server is killed.
const WRITERS: usize = 32;
/// The server lives so many milliseconds under load before it is killed.
const LIVES_MS: std::ops::RangeInclusive<u64> = 50..=1500;

/// How hard.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// How often the server is killed
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Where the moments of death begin; a run prints its own
    #[arg(long)]
    seed: Option<u64>,
}

/// What all rounds came to.
#[derive(Default)]
struct Toll {
    acknowledged: usize,
    lost: usize,
    slowest_start: Duration,
}

/// The command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    process::stop_in_order()?;
    let program = bench::build(&workspace, &[], "torture")?;
    rounds(&program, options.rounds, options.seed)
}

/// Kills so often, and fails when an acknowledged write is gone or a balance is wrong.
pub(crate) fn rounds(program: &Path, rounds: u32, seed: Option<u64>) -> Result<()> {
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    let step = Step::start(format!("killing the server {rounds} times (seed {seed})"));
    let template = Template::make(program)?;
    let folder = template.copy()?;
    let mut toll = Toll::default();
    let mut random = fastrand::Rng::with_seed(seed);
    for round in 0..rounds {
        if process::stopping() {
            bail!("stopped on request");
        }
        let life = Duration::from_millis(random.u64(LIVES_MS));
        let server = Server::start(program, folder.path(), &Start::default())?;
        let acknowledged = on_this_thread(write_until_killed(server, &template, round, life))?;
        let started = Instant::now();
        let server = Server::start(program, folder.path(), &Start::default())?;
        let start = started.elapsed();
        let lost = on_this_thread(lost(server.address, &acknowledged))?;
        server.stop()?;
        bench::check(program, folder.path())?;
        let written = acknowledged.len();
        let (life, back) = (life.as_millis(), start.as_millis());
        eprintln!(
            "    {round}: killed after {life} ms, {written} acknowledged, {lost} lost, back in {back} ms"
        );
        toll.acknowledged += written;
        toll.lost += lost;
        toll.slowest_start = toll.slowest_start.max(start);
    }
    step.done();
    let Toll {
        acknowledged,
        lost,
        slowest_start,
    } = toll;
    println!(
        "{rounds} kills, {acknowledged} acknowledged writes, {lost} lost, slowest start {} ms",
        slowest_start.as_millis()
    );
    if lost > 0 || acknowledged == 0 {
        bail!("{lost} of {acknowledged} acknowledged writes were lost");
    }
    Ok(())
}

/// A write that was acknowledged: what was asked, and what was answered.
struct Acknowledged {
    write: Write,
    body: Vec<u8>,
}

/// Something to write.
#[derive(Clone)]
enum Write {
    /// A point for a member, with a key of its own.
    Adjustment(Rc<dyn Fn(u64) -> Sent>, u64),
    /// A paid order of a member.
    Order {
        key: Rc<str>,
        id: String,
        member: String,
    },
}

impl Write {
    fn sent(&self) -> Sent {
        match self {
            Self::Adjustment(make, n) => make(*n),
            Self::Order { key, id, member } => Sent {
                method: Method::POST,
                path: "/api/v1/order_events".to_owned(),
                bearer: key.clone(),
                headers: Vec::new(),
                body: paid(id, member),
            },
        }
    }
}

/// The event that an order of 12.34 was paid.
fn paid(id: &str, member: &str) -> String {
    serde_json::json!({
        "event_id": format!("{id}:paid"),
        "order_id": id,
        "occurred_at": "2026-01-15T04:00:00Z",
        "type": "paid",
        "order": {
            "member": member,
            "currency": "CNY",
            "lines": [{ "line_id": "1", "sku": "tea", "quantity": 1, "amount": 1234 }],
        },
    })
    .to_string()
}

/// Writes over many connections and kills the server in the midst of it. Answers with what was
/// acknowledged before.
async fn write_until_killed(
    server: Server,
    template: &Template,
    round: u32,
    life: Duration,
) -> Result<Vec<Acknowledged>> {
    let make: Rc<dyn Fn(u64) -> Sent> = Rc::new(template.adjustment(&format!("round-{round}")));
    let acknowledged = Rc::new(RefCell::new(Vec::new()));
    let refused = Rc::new(Cell::new(None));
    let next = Rc::new(Cell::new(0_u64));
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        let mut client = Client::connect(server.address).await?;
        let (acknowledged, refused, next) = (acknowledged.clone(), refused.clone(), next.clone());
        let (make, key, members) = (make.clone(), template.key.clone(), template.members.clone());
        writers.push(tokio::task::spawn_local(async move {
            loop {
                let n = next.replace(next.get() + 1);
                let write = if n % 3 == 0 {
                    Write::Order {
                        key: key.clone(),
                        id: format!("round-{round}-{n}"),
                        member: members[n as usize % members.len()].clone(),
                    }
                } else {
                    Write::Adjustment(make.clone(), n)
                };
                // The connection breaks when the server dies; that is the end of the round.
                let Ok(answer) = client.ask(write.sent()).await else {
                    return;
                };
                if answer.status != 201 {
                    refused.set(Some(answer.status));
                    return;
                }
                let body = answer.body.to_vec();
                acknowledged.borrow_mut().push(Acknowledged { write, body });
            }
        }));
    }
    tokio::time::sleep(life).await;
    server.kill()?;
    for writer in writers {
        writer.await.context("a writer failed")?;
    }
    if let Some(status) = refused.get() {
        bail!("a write was refused with {status}");
    }
    Ok(acknowledged.take())
}

/// How many acknowledged writes the server does not know any more. Each is sent again: an
/// adjustment has to be answered word for word as before, an order event as a duplicate.
async fn lost(address: std::net::SocketAddr, acknowledged: &[Acknowledged]) -> Result<usize> {
    let mut client = Client::connect(address).await?;
    let mut lost = 0;
    for it in acknowledged {
        let answer = client.ask(it.write.sent()).await?;
        let known = match it.write {
            Write::Adjustment(..) => answer.status == 201 && answer.body == it.body,
            Write::Order { .. } => answer.status == 200,
        };
        lost += usize::from(!known);
    }
    Ok(lost)
}
