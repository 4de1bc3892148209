//! Who watches which sale: one look at each watched sale for all who watch it, on every node. It
//! comes when word of a change does, see [`news`](super::news), and once a second without; never
//! more often, so that what happens in the rush comes together.

use super::service;
use crate::App;
use crate::auth::Actor;
use crate::error::{AppError, Result};
use shared::ids::FlashSaleId;
use shared::problem::ErrorCode;
use shared::sales::api::SaleLive;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(1);
/// Most seats of one caller on one node: a phone, a desk and some windows.
const OF_ONE: usize = 8;
/// In how many seconds a seat may be free again.
const FREE_AGAIN_S: u64 = 30;

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
    /// How many seats each caller has.
    callers: Arc<Mutex<HashMap<String, usize>>>,
    /// How often word of a change has come.
    words: watch::Sender<u64>,
    /// Whether this node stops.
    ended: watch::Sender<bool>,
}

/// One who watches a sale.
pub struct Seat {
    moments: watch::Receiver<Arc<Moment>>,
    ended: watch::Receiver<bool>,
    _place: Place,
}

/// One of the seats that a caller may have; free again when this goes.
struct Place {
    callers: Arc<Mutex<HashMap<String, usize>>>,
    caller: String,
}

impl Place {
    /// Takes a seat, if the caller has one left.
    fn take(watched: &Watched, caller: String) -> Result<Self> {
        let callers = watched.callers.clone();
        let mut seats = callers.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = seats.entry(caller.clone()).or_default();
        if *taken >= OF_ONE {
            return Err(AppError::retry_later(ErrorCode::RateLimited, FREE_AGAIN_S));
        }
        *taken += 1;
        drop(seats);
        Ok(Self { callers, caller })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut seats = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = seats.get_mut(&self.caller) {
            *taken -= 1;
            if *taken == 0 {
                seats.remove(&self.caller);
            }
        }
    }
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

    fn seat(&self, room: &Room, place: Place) -> Seat {
        Seat {
            moments: room.moments.subscribe(),
            ended: self.ended.subscribe(),
            _place: place,
        }
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

/// Lets a caller watch a sale.
///
/// # Errors
/// `flash_sales.not_found`; `request.rate_limited` for who watches very often already.
pub async fn watch(app: &App, sale: FlashSaleId, caller: Actor) -> Result<Seat> {
    let place = Place::take(&app.watched, caller.to_string())?;
    let known = app.watched.rooms().get(&sale).cloned();
    if let Some(known) = known {
        return Ok(app.watched.seat(&known, place));
    }
    let first = Arc::new(service::moment(app, sale).await?);
    let mut rooms = app.watched.rooms();
    if let Some(known) = rooms.get(&sale) {
        return Ok(app.watched.seat(known, place));
    }
    let room = Room {
        moments: watch::Sender::new(first),
        changed: Arc::default(),
    };
    let seat = app.watched.seat(&room, place);
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
