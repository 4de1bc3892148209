//! Members: records, status and what Home shows.

pub mod login;
pub mod routes;
pub mod service;
mod store;
pub mod summary;

pub(crate) use store::tables;
pub use summary::SummaryCache;
