//! Who watches which sale: one look at each watched sale for all who watch it, on every node. It
//! comes when word of a change does, see [`news`](super::news), and once a second without; never
//! more often, so that what happens in the rush comes together.

use super::service;
use crate::App;
use crate::error::Result;
use shared::ids::FlashSaleId;
use shared::sales::api::SaleLive;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// A sale at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Changes when anything does that is seen.
    pub id: String,
    /// What is seen.
    pub live: SaleLive,
}

/// Those who watch one sale.
#[derive(Clone)]
struct Room {
    moments: watch::Sender<Arc<Moment>>,
    changed: Arc<Notify>,
}

/// The sales that are watched on one node.
#[derive(Default)]
pub struct Watched {
    rooms: Mutex<HashMap<FlashSaleId, Room>>,
    /// How often word of a change has come.
    words: watch::Sender<u64>,
    /// Whether this node stops.
    ended: watch::Sender<bool>,
}

/// One who watches a sale.
pub struct Seat {
    moments: watch::Receiver<Arc<Moment>>,
    ended: watch::Receiver<bool>,
}

impl Seat {
    /// Takes the present moment for seen if it is this one; else it comes next.
    pub fn resume(&mut self, seen: Option<&str>) {
        let known = seen == Some(self.moments.borrow_and_update().id.as_str());
        if !known {
            self.moments.mark_changed();
        }
    }

    /// The next moment that differs from the last one; `None` when this node stops.
    pub async fn next(&mut self) -> Option<Arc<Moment>> {
        let stopped = self.ended.wait_for(|it| *it);
        let changed = tokio::select! {
            changed = self.moments.changed() => changed.is_ok(),
            _ = stopped => false,
        };
        changed.then(|| self.moments.borrow_and_update().clone())
    }
}

impl Watched {
    fn rooms(&self) -> MutexGuard<'_, HashMap<FlashSaleId, Room>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seat(&self, room: &Room) -> Seat {
        Seat {
            moments: room.moments.subscribe(),
            ended: self.ended.subscribe(),
        }
    }

    fn join(&self, sale: FlashSaleId) -> Option<Seat> {
        self.rooms().get(&sale).map(|it| self.seat(it))
    }

    /// Lets those who watch a sale know that it has changed.
    pub fn wake(&self, sale: FlashSaleId) {
        self.words.send_modify(|it| *it += 1);
        if let Some(room) = self.rooms().get(&sale) {
            room.changed.notify_one();
        }
    }

    /// How often word of a change has come.
    pub fn words(&self) -> watch::Receiver<u64> {
        self.words.subscribe()
    }

    /// Waits until this node stops.
    pub(super) fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut ended = self.ended.subscribe();
        async move {
            // Without a sender there is no node any more.
            let _ = ended.wait_for(|it| *it).await;
        }
    }

    /// Lets nobody watch any longer, because this node stops.
    pub fn end(&self) {
        self.ended.send_replace(true);
    }

    /// Closes a room that is empty.
    fn close(&self, sale: FlashSaleId, room: &Room) -> bool {
        let mut rooms = self.rooms();
        let empty = room.moments.receiver_count() == 0;
        if empty {
            rooms.remove(&sale);
        }
        empty
    }
}

/// Watches a sale.
///
/// # Errors
/// `flash_sales.not_found`.
pub async fn watch(app: &App, sale: FlashSaleId) -> Result<Seat> {
    if let Some(known) = app.watched.join(sale) {
        return Ok(known);
    }
    let first = Arc::new(service::moment(app, sale).await?);
    let mut rooms = app.watched.rooms();
    if let Some(known) = rooms.get(&sale) {
        return Ok(app.watched.seat(known));
    }
    let room = Room {
        moments: watch::Sender::new(first),
        changed: Arc::default(),
    };
    let seat = app.watched.seat(&room);
    rooms.insert(sale, room.clone());
    tokio::spawn(look(app.clone(), sale, room));
    Ok(seat)
}

async fn look(app: App, sale: FlashSaleId, room: Room) {
    loop {
        // Word that came while it slept is still there.
        let _ = timeout(EVERY, room.changed.notified()).await;
        if app.watched.close(sale, &room) || *app.watched.ended.borrow() {
            return;
        }
        match service::moment(&app, sale).await {
            Ok(moment) => {
                let told = room.moments.send_if_modified(|known| {
                    let changed = known.id != moment.id;
                    if changed {
                        *known = Arc::new(moment);
                    }
                    changed
                });
                if told {
                    sleep(EVERY).await;
                }
            }
            Err(error) => tracing::warn!(%error, %sale, "a watched sale could not be read"),
        }
    }
}
