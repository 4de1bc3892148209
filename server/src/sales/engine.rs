//! The rush: claims wait in bounded memory, are decided a batch at a time in order of arrival, and
//! are answered after the commit.
//!
//! There is one batch at a time on a node. What arrives while it is written makes up the next one,
//! so that the more there is to do, the less each claim costs. Other nodes do the same on the same
//! database; whoever has taken the sale's row goes first.

use super::service::{self, Arrival};
use super::store::{Sale, claim};
use crate::App;
use crate::error::{AppError, Result};
use futures::FutureExt;
use futures::future::join_all;
use shared::ids::FlashSaleId;
use shared::problem::ErrorCode;
use shared::sales::api::FlashClaim;
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Most claims that wait on a node; more are told to come again.
const QUEUE: usize = 8192;
/// Most claims of a batch.
const BATCH: usize = 512;
/// After what was decided before the write did not hold, so many batches are decided in it.
const CROWDED: u32 = 16;
/// Seconds after which to come again.
const COME_AGAIN_S: u64 = 1;

/// What a claim is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The claim as it was made.
    pub claim: FlashClaim,
    /// Whether an earlier request with the same key made it.
    pub replayed: bool,
}

/// A claim that was made; whoever asked for it makes the answer of it.
#[derive(Debug, Clone)]
pub struct Made {
    pub(super) sale: Arc<Sale>,
    pub(super) row: Arc<claim::Model>,
    pub(super) replayed: bool,
}

/// A claim that waits, and who waits for its answer.
struct Waiting {
    arrival: Arrival,
    reply: oneshot::Sender<Result<Made>>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// Whether somebody works on batches.
    running: bool,
}

/// The claims of one node that wait.
pub struct Engine {
    queue: Mutex<Queue>,
    most: usize,
    /// For how many batches it is not worth while to decide before the write.
    crowded: AtomicU32,
}

impl Default for Engine {
    fn default() -> Self {
        Self::with_room_for(QUEUE)
    }
}

impl Engine {
    fn with_room_for(most: usize) -> Self {
        Self {
            queue: Mutex::default(),
            most,
            crowded: AtomicU32::new(0),
        }
    }

    /// Whether others change what is sold here, so that what is decided before the write seldom
    /// holds.
    pub(super) fn is_crowded(&self) -> bool {
        self.crowded.load(Ordering::Relaxed) > 0
    }

    /// Notes whether a batch was decided before the write, and whether it was in the write.
    pub(super) fn note(&self, early: bool, late: bool) {
        if early && late {
            self.crowded.store(CROWDED, Ordering::Relaxed);
        } else if !early {
            // Batches of several sales come here; one that counts for another is no harm.
            let less = |it: u32| Some(it.saturating_sub(1));
            let _ = self
                .crowded
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a claim wait; says whether somebody has to begin working on batches.
    fn admit(&self, waiting: Waiting) -> Result<bool> {
        let mut queue = self.queue();
        if queue.waiting.len() >= self.most {
            return Err(AppError::retry_later(ErrorCode::SaleCrowded, COME_AGAIN_S));
        }
        queue.waiting.push_back(waiting);
        Ok(!std::mem::replace(&mut queue.running, true))
    }

    /// The next batch; when there is none, nobody works any more.
    fn next(&self) -> Option<Vec<Waiting>> {
        let mut queue = self.queue();
        let count = queue.waiting.len().min(BATCH);
        queue.running = count > 0;
        (count > 0).then(|| queue.waiting.drain(..count).collect())
    }
}

/// Claims, in order of arrival, and answers after the commit.
///
/// # Errors
/// Why not; `flash_sales.crowded` when too many wait.
pub async fn claim(app: &App, arrival: Arrival) -> Result<Answer> {
    let (reply, answer) = oneshot::channel();
    if app.claims.admit(Waiting { arrival, reply })? {
        // Not in the request's own task: it may be given up, and others wait for their answers.
        tokio::spawn(work(app.clone()));
    }
    let made = answer
        .await
        .map_err(|_| AppError::internal("a batch of claims was not answered"))??;
    Ok(Answer {
        claim: service::first_view(&made.sale, &made.row)?,
        replayed: made.replayed,
    })
}

async fn work(app: App) {
    while let Some(batch) = app.claims.next() {
        let mut sales: Vec<(FlashSaleId, Vec<Waiting>)> = Vec::new();
        for waiting in batch {
            let sale = waiting.arrival.sale;
            match sales.iter_mut().find(|it| it.0 == sale) {
                Some(known) => known.1.push(waiting),
                None => sales.push((sale, vec![waiting])),
            }
        }
        join_all(sales.into_iter().map(|it| serve(&app, it.0, it.1))).await;
    }
}

/// Decides what waits for one sale, and answers.
async fn serve(app: &App, sale: FlashSaleId, waiting: Vec<Waiting>) {
    let (arrivals, replies): (Vec<Arrival>, Vec<_>) =
        waiting.into_iter().map(|it| (it.arrival, it.reply)).unzip();
    let decided = AssertUnwindSafe(service::decide(app, sale, arrivals))
        .catch_unwind()
        .await;
    let decided =
        decided.unwrap_or_else(|_| Err(AppError::internal("deciding about claims panicked")));
    match decided {
        Ok(answers) => {
            for (reply, answer) in replies.into_iter().zip(answers) {
                // Whoever asked may have gone; the claim stands all the same.
                let _ = reply.send(answer);
            }
        }
        Err(error) => {
            for reply in replies {
                let _ = reply.send(Err(error.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ids::MemberId;
    use shared::time::Timestamp;
    use uuid::Uuid;

    fn waiting(key: &str) -> Waiting {
        let (reply, _) = oneshot::channel();
        let arrival = Arrival {
            sale: FlashSaleId::from(Uuid::nil()),
            member: MemberId::from(Uuid::nil()),
            sku: "milk".to_owned(),
            quantity: 1,
            key: key.to_owned(),
            at: Timestamp::from_millis(0),
        };
        Waiting { arrival, reply }
    }

    #[test]
    fn a_full_queue_sends_away_and_the_first_comes_first() {
        let engine = Engine::with_room_for(2);
        assert_eq!(engine.admit(waiting("a")).ok(), Some(true));
        assert_eq!(engine.admit(waiting("b")).ok(), Some(false));
        let full = engine.admit(waiting("c")).expect_err("it is full");
        assert_eq!(full.code(), Some(ErrorCode::SaleCrowded));
        let AppError::Refused(refused) = full else {
            panic!("a refusal")
        };
        assert_eq!(refused.retry_after_s, Some(1));
        let batch = engine.next().expect("a batch");
        let keys: Vec<&str> = batch.iter().map(|it| it.arrival.key.as_str()).collect();
        assert_eq!(keys, ["a", "b"]);
        assert!(engine.next().is_none());
        // Now somebody has to begin again.
        assert_eq!(engine.admit(waiting("d")).ok(), Some(true));
    }

    #[test]
    fn a_batch_has_an_end() {
        let engine = Engine::default();
        for number in 0..=BATCH {
            assert!(engine.admit(waiting(&number.to_string())).is_ok());
        }
        assert_eq!(engine.next().map(|it| it.len()), Some(BATCH));
        assert_eq!(engine.next().map(|it| it.len()), Some(1));
    }
}
