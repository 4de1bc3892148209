//! People and systems of the shop: staff with roles, API keys with scopes.

mod key_store;
mod keys;
mod reset_store;
mod resets;
pub mod routes;
mod second_factor;
mod second_factor_store;
pub mod service;
mod store;
mod view_store;
mod views;

pub(crate) use store::tables;
