//! The language of Coterie: ids, quantities, times, rules and wire types.
//!
//! Everything here is pure. No function reads a clock, a random number, the environment or a
//! global: the caller passes `now`, the facts it loaded and a source of ids. The server calls the
//! rules to enforce, the pages call the same rules to preview.
//!
//! A feature is a folder with the same name here, in `server` and in `app`:
//! `mod.rs` holds its types, `rules.rs` its decisions, `api.rs` what goes over the wire.

pub mod audit;
pub mod communities;
pub mod coupons;
pub mod embed;
pub mod ids;
pub mod members;
pub mod messages;
pub mod orders;
pub mod page;
pub mod points;
pub mod problem;
pub mod programme;
pub mod quantity;
pub mod referrals;
pub mod requests;
pub mod rewards;
pub mod sales;
pub mod sandbox;
pub mod scenarios;
pub mod sessions;
pub mod staff;
pub mod tasks;
#[cfg(test)]
mod testing;
pub mod text;
pub mod tiers;
pub mod time;
pub mod transfers;
pub mod webhooks;
pub mod wechat;
