//! Orders: events in, effects in one list, receipts.

pub(crate) mod check;
mod effects;
pub mod routes;
pub mod service;
mod store;

pub(crate) use store::tables;
