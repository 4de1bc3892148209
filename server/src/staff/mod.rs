//! People and systems of the shop: staff with roles, API keys with scopes.

mod key_store;
mod keys;
pub mod routes;
pub mod service;
mod store;

pub(crate) use store::tables;
