//! Communities: who belongs, who leads, and the link by which people join.

pub(crate) mod check;
pub mod routes;
pub mod service;
mod store;

pub(crate) use store::tables;
