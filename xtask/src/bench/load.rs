//! Asking a server as fast as it answers, over connections that stay open.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

/// Connections that ask at the same time.
pub(crate) const CONNECTIONS: usize = 64;

/// One connection to a server.
pub(crate) struct Client(SendRequest<Full<Bytes>>);

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

/// What is to be asked.
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) bearer: Rc<str>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Client {
    /// Connects.
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Its end is seen by whoever asks.
        tokio::task::spawn_local(async move { drop(connection.await) });
        Ok(Self(sender))
    }

    /// Asks once and waits for all of the answer.
    pub(crate) async fn ask(&mut self, sent: Sent) -> Result<Answer> {
        let mut request = Request::builder()
            .method(sent.method)
            .uri(sent.path)
            .header(HOST, "localhost");
        if !sent.bearer.is_empty() {
            request = request.header(AUTHORIZATION, format!("Bearer {}", sent.bearer));
        }
        if !sent.body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        for (name, value) in sent.headers {
            request = request.header(name, value);
        }
        self.0.ready().await?;
        let request = request.body(Full::new(Bytes::from(sent.body)))?;
        let answer = self.0.send_request(request).await?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await?.to_bytes();
        Ok(Answer { status, body })
    }
}

impl Client {
    /// Asks and reads the answer as it comes: seconds to the first byte of it, and its lines.
    pub(crate) async fn stream_lines(&mut self, sent: Sent) -> Result<(f64, u64)> {
        let request = Request::builder()
            .method(sent.method)
            .uri(sent.path)
            .header(HOST, "localhost")
            .header(AUTHORIZATION, format!("Bearer {}", sent.bearer))
            .body(Full::new(Bytes::new()))?;
        self.0.ready().await?;
        let began = Instant::now();
        let mut body = self.0.send_request(request).await?.into_body();
        let (mut first, mut lines) = (None, 0);
        while let Some(frame) = body.frame().await {
            first.get_or_insert_with(|| began.elapsed().as_secs_f64());
            if let Some(data) = frame?.data_ref() {
                lines += data.iter().filter(|it| **it == b'\n').count() as u64;
            }
        }
        Ok((first.context("nothing came")?, lines))
    }
}

/// When to stop asking: after so many answers or so much time, whatever comes first.
#[derive(Clone, Copy)]
pub(crate) struct Until {
    pub(crate) answers: u64,
    pub(crate) time: Duration,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Answers as expected.
    pub(crate) answers: u64,
    /// How long it took.
    pub(crate) seconds: f64,
    /// Other answers, by status.
    pub(crate) others: BTreeMap<u16, u64>,
}

impl Outcome {
    /// Answers in a second.
    pub(crate) fn rate(&self) -> f64 {
        self.answers as f64 / self.seconds
    }

    fn count(&mut self, status: u16, expected: u16) {
        if status == expected {
            self.answers += 1;
        } else {
            *self.others.entry(status).or_default() += 1;
        }
    }

    /// A run in which something else was answered measures something else.
    pub(crate) fn clean(self, what: &str) -> Result<Self> {
        if !self.others.is_empty() || self.answers == 0 {
            bail!(
                "{what}: {} answers as expected, others by status: {:?}",
                self.answers,
                self.others
            );
        }
        Ok(self)
    }
}

/// Lets all connections ask, each as soon as it is answered; `make` gives the n-th request.
pub(crate) async fn press(
    address: SocketAddr,
    until: Until,
    expected: u16,
    make: impl Fn(u64) -> Sent + 'static,
) -> Result<Outcome> {
    press_all(&[address], CONNECTIONS, until, expected, make).await
}

/// The same over so many connections, which several servers share.
pub(crate) async fn press_all(
    addresses: &[SocketAddr],
    connections: usize,
    until: Until,
    expected: u16,
    make: impl Fn(u64) -> Sent + 'static,
) -> Result<Outcome> {
    let make = Rc::new(make);
    let next = Rc::new(Cell::new(0_u64));
    let outcome = Rc::new(RefCell::new(Outcome::default()));
    let mut clients = Vec::with_capacity(connections);
    for address in addresses.iter().cycle().take(connections) {
        clients.push(Client::connect(*address).await?);
    }
    let started = Instant::now();
    let mut workers = Vec::with_capacity(connections);
    for mut client in clients {
        let (make, next, outcome) = (make.clone(), next.clone(), outcome.clone());
        workers.push(tokio::task::spawn_local(async move {
            while next.get() < until.answers && started.elapsed() < until.time {
                let n = next.replace(next.get() + 1);
                let status = client.ask(make(n)).await?.status;
                outcome.borrow_mut().count(status, expected);
            }
            anyhow::Ok(())
        }));
    }
    for worker in workers {
        worker.await?.context("the server broke off")?;
    }
    let mut outcome = outcome.take();
    outcome.seconds = started.elapsed().as_secs_f64();
    Ok(outcome)
}

/// Asks at a steady rate whether or not earlier requests were answered, as people do. Answers with
/// the milliseconds that each had to wait since it was due, in their order.
///
/// A request whose connection was idle when it was due counts from when it was sent: the timer of
/// whoever asks is coarser than the server.
pub(crate) async fn pace(
    address: SocketAddr,
    per_second: f64,
    until: Until,
    expected: u16,
    make: impl Fn(u64) -> Sent + 'static,
) -> Result<(Outcome, Vec<f64>)> {
    let make = Rc::new(make);
    let next = Rc::new(Cell::new(0_u64));
    let outcome = Rc::new(RefCell::new((Outcome::default(), Vec::new())));
    let mut clients = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(address).await?);
    }
    let started = Instant::now();
    let mut workers = Vec::with_capacity(CONNECTIONS);
    for mut client in clients {
        let (make, next, outcome) = (make.clone(), next.clone(), outcome.clone());
        workers.push(tokio::task::spawn_local(async move {
            while next.get() < until.answers && started.elapsed() < until.time {
                let n = next.replace(next.get() + 1);
                let mut due = started + Duration::from_secs_f64(n as f64 / per_second);
                if Instant::now() < due {
                    tokio::time::sleep_until(due.into()).await;
                    due = Instant::now();
                }
                let status = client.ask(make(n)).await?.status;
                let mut outcome = outcome.borrow_mut();
                outcome.0.count(status, expected);
                outcome.1.push(due.elapsed().as_secs_f64() * 1000.0);
            }
            anyhow::Ok(())
        }));
    }
    for worker in workers {
        worker.await?.context("the server broke off")?;
    }
    let (mut outcome, mut waited) = outcome.take();
    outcome.seconds = started.elapsed().as_secs_f64();
    waited.sort_by(f64::total_cmp);
    Ok((outcome, waited))
}

/// Runs something that asks, on this thread alone.
pub(crate) fn on_this_thread<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime: Runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, work)
}
