//! Coupons: templates, what members hold, checkouts that use it, and codes.

pub(crate) mod check;
pub mod routes;
pub mod service;
mod store;
mod use_store;
pub mod views;

pub(crate) use store::tables;
