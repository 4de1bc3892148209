//! Orders: events in, effects in one list, receipts.

mod effects;
pub mod routes;
pub mod service;
mod store;
