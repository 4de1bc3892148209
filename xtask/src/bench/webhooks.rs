//! Claims of a flash sale while a receiver of webhooks that was away catches up with its backlog.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::time::timeout;

use super::claims::on_sqlite;
use super::crowd::{CROWD, Crowd, MANY};
use super::figures::{Figures, median};
use super::load::{Sent, Until, on_this_thread, press_all};
use super::shop::Server;
use super::{Turns, check};
use crate::process::{self, Step};

/// Events that wait: as many as one replay may have.
const BACKLOG: u64 = 100_000;
/// How often the receiver looks whether it is time to go.
const LOOK: Duration = Duration::from_millis(50);

/// Somebody who takes whatever is sent.
struct Receiver {
    address: SocketAddr,
    heard: Arc<AtomicU64>,
    gone: Arc<AtomicBool>,
    thread: JoinHandle<Result<()>>,
}

impl Receiver {
    /// Listens on a thread of its own.
    fn open() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (heard, gone) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (count, ended) = (heard.clone(), gone.clone());
        let thread = thread::spawn(move || on_this_thread(listen(listener, count, ended)));
        Ok(Self {
            address,
            heard,
            gone,
            thread,
        })
    }

    /// Requests so far.
    fn heard(&self) -> u64 {
        self.heard.load(Ordering::Relaxed)
    }

    fn close(self) -> Result<()> {
        self.gone.store(true, Ordering::Relaxed);
        let ended = self.thread.join();
        ended.map_err(|_| anyhow!("the receiver panicked"))?
    }
}

async fn listen(listener: TcpListener, heard: Arc<AtomicU64>, gone: Arc<AtomicBool>) -> Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    while !gone.load(Ordering::Relaxed) {
        let Ok(arrived) = timeout(LOOK, listener.accept()).await else {
            continue;
        };
        let (stream, heard) = (arrived?.0, heard.clone());
        let answer = service_fn(move |request: Request<Incoming>| {
            let heard = heard.clone();
            async move {
                request.into_body().collect().await?;
                heard.fetch_add(1, Ordering::Relaxed);
                Ok::<_, hyper::Error>(Response::new(Empty::<Bytes>::new()))
            }
        });
        // A connection that breaks off is the sender's matter.
        tokio::task::spawn_local(async move {
            drop(
                http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), answer)
                    .await,
            );
        });
    }
    Ok(())
}

/// Lets as much happen as a backlog has.
fn happen(server: &Server, crowd: &Crowd) -> Result<()> {
    let key = crowd.key.clone();
    let make = move |n: u64| Sent {
        method: Method::POST,
        path: "/api/v1/members".to_owned(),
        bearer: key.clone(),
        headers: Vec::new(),
        body: format!(r#"{{"external_id":"backlog-{n}"}}"#),
    };
    let all = Until {
        answers: BACKLOG,
        time: Duration::from_secs(300),
    };
    let outcome = on_this_thread(press_all(&[server.address], MANY, all, 201, make))?;
    let outcome = outcome.clean("events")?;
    if outcome.answers < BACKLOG {
        bail!(
            "void: only {} of {BACKLOG} events happened",
            outcome.answers
        );
    }
    Ok(())
}

/// Makes an endpoint for the receiver and queues the backlog for it.
fn queue(server: &Server, crowd: &Crowd, to: SocketAddr) -> Result<()> {
    let definition = json!({
        "name": "backlog", "url": format!("http://{to}/"), "events": ["member.created"],
    });
    let path = "/api/v1/webhook_endpoints";
    let made = crowd.post(server, path, &definition)?;
    let id = made["id"].as_str().unwrap_or_default();
    let time = json!({ "from": "2020-01-01T00:00:00Z", "until": "2999-01-01T00:00:00Z" });
    let queued = crowd.post(server, &format!("{path}/{id}/replays"), &time)?;
    if queued["events"] != BACKLOG {
        bail!("void: {} events were queued", queued["events"]);
    }
    Ok(())
}

/// Compares a rush beside a backlog that is sent with one that has the server to itself.
pub(super) fn compare(program: &Path, turns: Turns, figures: &mut Figures) -> Result<()> {
    let crowd = Crowd::gather(program, CROWD, None)?;
    crowd.live_through(program, |server| happen(server, &crowd))?;
    let step = Step::start(format!("claims while {BACKLOG} webhooks are sent"));
    let (mut alone, mut beside, mut sent) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..turns.pairs {
        alone.push(on_sqlite(program, &crowd, turns)?);
        let receiver = Receiver::open()?;
        let (folder, server) = crowd.serve(program)?;
        crowd.look(&server)?;
        queue(&server, &crowd, receiver.address)?;
        let before = receiver.heard();
        beside.push(crowd.rush(&[&server], turns)?);
        let during = receiver.heard() - before;
        server.stop()?;
        receiver.close()?;
        check(program, folder.path())?;
        eprintln!("    {pair}: {before} webhooks were sent before the rush, {during} in it");
        if during == 0 {
            bail!("void: no webhook was sent in the rush");
        }
        sent.push(during as f64);
        if process::stopping() {
            bail!("stopped on request");
        }
    }
    step.done();
    let ratios: Vec<f64> = beside.iter().zip(&alone).map(|(a, b)| a / b).collect();
    figures.tell("claims_beside_webhooks_per_s", median(&beside), "1/s");
    figures.tell("webhooks_in_the_rush", median(&sent), "");
    figures.ratio("claims_beside_webhooks_vs_not", &ratios, Some(0.9));
    Ok(())
}
