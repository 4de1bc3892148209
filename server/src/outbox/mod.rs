//! Messages to the outside: written in the transaction of what they tell, sent afterwards, at
//! least once, with a stable id.

pub mod service;
mod store;

pub(crate) use store::tables;
