//! Points and store credit: the ledger, lots, adjustments and the books.

pub mod routes;
pub mod service;
mod store;
pub mod views;
