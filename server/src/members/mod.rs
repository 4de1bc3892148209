//! Members: records, status and what Home shows.

pub mod routes;
pub mod service;
pub mod store;
mod summary;

pub use summary::SummaryCache;
