//! Tiers: where members stand, reviews, the ladder.

pub(crate) mod check;
pub mod routes;
pub mod service;
mod store;

pub(crate) use store::tables;
