//! What the outside is told: written in the transaction of what happened, handed over afterwards,
//! at least once, with a stable id.

pub mod service;
mod store;

pub(crate) use store::tables;
