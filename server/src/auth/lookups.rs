//! Sessions that are not remembered are looked up together: whoever asks while the database is
//! being asked waits for the next question, which is about all who wait. When very many come at
//! once, as they do when a sale opens, each costs a part of two statements.

use crate::db::Db;
use crate::error::{AppError, Result};
use crate::sessions::service::{Standing, standings};
use futures::FutureExt;
use shared::ids::SessionId;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Most sessions of one question.
const MOST: usize = 256;

/// A session that is asked for, and who waits for it.
struct Waiting {
    session: SessionId,
    reply: oneshot::Sender<Result<Option<Standing>>>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// Whether somebody asks the database.
    running: bool,
}

/// Sessions that wait to be looked up on one node.
#[derive(Clone, Default)]
pub(super) struct Lookups(Arc<Mutex<Queue>>);

impl Lookups {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known about a session, asked after this call began.
    pub(super) async fn standing(&self, db: &Db, session: SessionId) -> Result<Option<Standing>> {
        let (reply, answer) = oneshot::channel();
        let begin = {
            let mut queue = self.queue();
            queue.waiting.push(Waiting { session, reply });
            !std::mem::replace(&mut queue.running, true)
        };
        if begin {
            // Not in the request's own task: it may be given up, and others wait for their answers.
            tokio::spawn(self.clone().work(db.clone()));
        }
        answer
            .await
            .map_err(|_| AppError::internal("a session was not looked up"))?
    }

    /// The next who are asked for together; when there are none, nobody asks any more.
    fn next(&self) -> Vec<Waiting> {
        let mut queue = self.queue();
        let count = queue.waiting.len().min(MOST);
        queue.running = count > 0;
        queue.waiting.drain(..count).collect()
    }

    async fn work(self, db: Db) {
        loop {
            let batch = self.next();
            if batch.is_empty() {
                return;
            }
            let ids: Vec<SessionId> = batch.iter().map(|it| it.session).collect();
            let found = AssertUnwindSafe(standings(db.read(), &ids))
                .catch_unwind()
                .await;
            let found =
                found.unwrap_or_else(|_| Err(AppError::internal("looking sessions up panicked")));
            for Waiting { session, reply } in batch {
                let answer = match &found {
                    Ok(found) => Ok(found.get(&session).copied()),
                    Err(error) => Err(error.clone()),
                };
                // Whoever asked may have gone.
                let _ = reply.send(answer);
            }
        }
    }
}
