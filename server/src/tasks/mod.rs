//! Tasks and the daily check-in.

pub(crate) mod check;
pub mod routes;
pub mod service;
mod store;

pub use service::catalogue::Remembered;
pub(crate) use store::tables;
