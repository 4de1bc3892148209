//! The audit trail: who changed what, and why.

pub mod routes;
pub mod service;
mod store;

pub(crate) use store::tables;
