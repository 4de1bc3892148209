//! Files that come in and go out: members, orders, points and coupons, as background work that
//! goes on after a crash, on whichever node is there, and that can be undone for some days.
//!
//! A file that comes in is read once: its right lines are kept in pieces, its wrong ones are
//! listed. A piece is one write: what it does, what is needed to undo it and how far the import got
//! are committed together, so that no line is ever taken twice.

mod file;
pub mod routes;
pub mod service;
mod store;

pub(crate) use store::tables;
