//! Webhooks: the shop's systems are told of what happens, by signed requests that are sent until
//! they are taken.

mod examples;
pub mod routes;
pub mod service;
mod store;

pub(crate) use examples::{WHEN, example};
pub(crate) use store::tables;
