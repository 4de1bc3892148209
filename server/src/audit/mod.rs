//! The audit trail: who changed what, and why.

pub mod service;
mod store;

pub(crate) use store::tables;
