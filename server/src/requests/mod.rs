//! The log of requests by API keys: time, key, operation, answer and duration; nothing of what was
//! sent or answered.

pub mod routes;
pub mod service;
mod store;

pub use service::Recent;

pub(crate) use store::tables;
