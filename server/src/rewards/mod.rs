//! Giving rewards and taking them back, each once for its source, in one place.

pub(crate) mod check;
pub mod service;
mod store;

pub(crate) use store::tables;
