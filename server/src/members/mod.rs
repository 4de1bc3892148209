//! Members: records, status and what Home shows.

mod consent_store;
mod known;
pub mod login;
mod merge_store;
mod parts;
pub mod routes;
pub mod service;
mod store;
pub mod summary;
pub mod timeline;

pub use known::KnownMembers;
pub(crate) use store::{id_column, tables};
pub use summary::SummaryCache;
