//! Members: records, status and what Home shows.

pub mod login;
pub mod routes;
pub mod service;
pub(crate) mod store;
pub mod summary;

pub use summary::SummaryCache;
