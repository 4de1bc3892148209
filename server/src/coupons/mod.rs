//! Coupons: templates, what members hold, checkouts that use it, and codes.

pub mod routes;
pub mod service;
mod store;

pub(crate) use store::tables;
