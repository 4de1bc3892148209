//! What is written while the server dies: adjustments of points, orders, and claims of a flash
//! sale.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use hyper::Method;

use super::log::Log;
use super::rush::Rush;
use crate::bench::{Client, Sent, Template, on_this_thread};

/// Connections that write while the server is killed.
const WRITERS: usize = 32;
/// How long somebody waits who was not answered.
const PAUSE: Duration = Duration::from_millis(20);

/// The requests of one round: each number names one of them, always the same.
pub(super) struct Load {
    work: Rc<Work>,
}

struct Work {
    adjustment: Box<dyn Fn(u64) -> Sent>,
    rush: Rush,
    key: Rc<str>,
    members: Rc<[String]>,
    round: u32,
    /// Whether a server that fails is what is tried: then its failures are no answers.
    patient: bool,
}

/// Whether a request is a claim.
pub(super) const fn is_claim(number: u64) -> bool {
    number % 3 == 2
}

impl Work {
    fn sent(&self, number: u64) -> Sent {
        match number % 3 {
            0 => self.order(number),
            1 => (self.adjustment)(number),
            _ => self.rush.claim(number / 3),
        }
    }

    /// A paid order of 12.34.
    fn order(&self, number: u64) -> Sent {
        let id = format!("round-{}-{number}", self.round);
        let member = &self.members[number as usize % self.members.len()];
        let event = serde_json::json!({
            "event_id": format!("{id}:paid"),
            "order_id": id,
            "occurred_at": "2026-01-15T04:00:00Z",
            "type": "paid",
            "order": {
                "member": member,
                "currency": "CNY",
                "lines": [{ "line_id": "1", "sku": "tea", "quantity": 1, "amount": 1234 }],
            },
        });
        Sent {
            method: Method::POST,
            path: "/api/v1/order_events".to_owned(),
            bearer: self.key.clone(),
            headers: Vec::new(),
            body: event.to_string(),
        }
    }

    /// Whether an answer that is no success is one that may be given.
    const fn may_refuse(&self, number: u64, status: u16) -> bool {
        // Somebody has all that one can have, or nothing is left.
        is_claim(number) && status == 409 || self.patient && status >= 429
    }
}

impl Load {
    /// Opens a sale on a server, for requests that end when it dies.
    pub(super) fn prepare(template: &Template, round: u32, address: SocketAddr) -> Result<Self> {
        Self::new(template, round, address, false)
    }

    /// The same for requests that go on while a node or the database is gone.
    pub(super) fn prepare_patient(
        template: &Template,
        round: u32,
        address: SocketAddr,
    ) -> Result<Self> {
        Self::new(template, round, address, true)
    }

    fn new(template: &Template, round: u32, address: SocketAddr, patient: bool) -> Result<Self> {
        let rush = on_this_thread(Rush::open(template, address))?;
        let work = Work {
            adjustment: Box::new(template.adjustment(&format!("round-{round}"))),
            rush,
            key: template.key.clone(),
            members: template.members.clone(),
            round,
            patient,
        };
        Ok(Self {
            work: Rc::new(work),
        })
    }

    /// Writes over many connections until they break, or until it is time to stop when failures
    /// are no answers; notes what was acknowledged.
    pub(super) async fn press(
        &self,
        addresses: &[SocketAddr],
        until: Instant,
        log: &Rc<Log>,
    ) -> Result<()> {
        let next = Rc::new(Cell::new(0_u64));
        let mut writers = Vec::new();
        for address in addresses.iter().cycle().take(WRITERS) {
            let writer = Writer {
                work: self.work.clone(),
                address: *address,
                next: next.clone(),
                log: log.clone(),
            };
            writers.push(tokio::task::spawn_local(writer.run(until)));
        }
        for writer in writers {
            writer.await.context("a writer failed")??;
        }
        Ok(())
    }

    /// How many acknowledged writes the server does not know any more. Each is sent again: a
    /// claim and an adjustment have to be answered word for word as before, an order event as a
    /// duplicate.
    pub(super) async fn audit(&self, address: SocketAddr, log: &Log) -> Result<usize> {
        let mut client = Client::connect(address).await?;
        let mut lost = 0;
        let mut claims = Vec::new();
        let entries = log.read()?;
        for it in &entries {
            let answer = client.ask(self.work.sent(it.number)).await?;
            let known = match it.number % 3 {
                0 => answer.status == 200,
                _ => answer.status == 201 && answer.body == it.body.as_bytes(),
            };
            lost += usize::from(!known);
            if is_claim(it.number) {
                claims.push(it.number / 3);
            }
        }
        self.work.rush.audit(&mut client, &claims).await?;
        Ok(lost)
    }
}

/// One connection that writes.
struct Writer {
    work: Rc<Work>,
    address: SocketAddr,
    next: Rc<Cell<u64>>,
    log: Rc<Log>,
}

impl Writer {
    async fn run(self, until: Instant) -> Result<()> {
        let mut client = None;
        while !self.work.patient || Instant::now() < until {
            let connected = match client.take() {
                Some(connected) => Ok(connected),
                None => Client::connect(self.address).await,
            };
            let Ok(mut connected) = connected else {
                if !self.work.patient {
                    return Ok(());
                }
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let number = self.next.replace(self.next.get() + 1);
            let Ok(answer) = connected.ask(self.work.sent(number)).await else {
                // The server has died. Whether it has done this, nobody was told.
                if !self.work.patient {
                    return Ok(());
                }
                continue;
            };
            if answer.status == 201 {
                self.log.note(number, &answer.body)?;
            } else if !self.work.may_refuse(number, answer.status) {
                let said = String::from_utf8_lossy(&answer.body);
                bail!("a write was refused with {}: {said}", answer.status);
            } else if answer.status != 409 {
                tokio::time::sleep(PAUSE).await;
            }
            client = Some(connected);
        }
        Ok(())
    }
}
