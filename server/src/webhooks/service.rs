//! What staff and the shop's systems do with webhooks, and how events leave.

mod deliver;
mod endpoints;
mod log;
mod privacy;
mod replay;
mod request;
mod spread;

pub use deliver::deliver_due;
pub use endpoints::{create, get, list, remove, rotate, turn, update};
pub use log::{Wanted, catalogue, deliveries, delivery, purge};
pub use privacy::forget_member;
pub use replay::{replay, replay_one};
pub use request::try_endpoint;
pub use spread::spread_due;
