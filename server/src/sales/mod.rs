//! Flash sales: making and running them, claims in the rush, what becomes of claims, and who
//! watches.

pub(crate) mod check;
mod engine;
mod interests;
mod live;
mod news;
mod people;
pub mod routes;
pub mod service;
mod store;

pub use engine::{Answer, Engine, Made};
pub use interests::Interests;
pub use live::{Moment, Seat, Watched};
pub use people::People;
pub(crate) use store::tables;
