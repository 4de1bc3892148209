//! Signing in: of members by hand-off or password, of staff by password.

pub mod handoff;
mod handoff_store;
mod live;
pub mod passwords;
pub mod routes;
pub mod service;
mod staff_routes;
mod store;

pub(crate) use store::tables;
