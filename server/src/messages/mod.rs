//! Messages to members, in the member centre.

pub mod routes;
pub mod service;
mod store;

pub(crate) use store::tables;
