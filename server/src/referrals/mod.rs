//! Referrals: codes and visits, binding friends to inviters, rewards when a first order has stood,
//! and what speaks against paying.

pub(crate) mod check;
mod poster;
mod risk;
pub mod routes;
pub mod service;
mod store;
mod wording;

pub(crate) use store::tables;
