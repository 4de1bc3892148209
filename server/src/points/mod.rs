//! Points and store credit: the ledger, lots, adjustments and the books.

pub(crate) mod check;
pub mod routes;
pub mod service;
mod store;
pub mod views;

pub(crate) use store::tables;
