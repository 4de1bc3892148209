//! Scenario lists: what communities are shown day by day, and how their members are called to it.

pub(crate) mod check;
mod push;
pub mod routes;
pub mod service;
mod store;

pub(crate) use store::tables;
