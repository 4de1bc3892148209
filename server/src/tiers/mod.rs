//! Tiers: where members stand, reviews, the ladder.

pub mod routes;
pub mod service;
mod store;
