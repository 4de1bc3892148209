//! The member centre inside WeChat: signatures with which a page may use WeChat's own script, made
//! with a ticket that WeChat lends and that all nodes share.

mod asking;
pub mod routes;
pub mod service;
mod store;

pub use asking::Account;

pub(crate) use store::tables;
