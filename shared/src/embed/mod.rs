//! The member centre inside a shop's own pages and apps: which sites may hold it, what is said
//! between the two, and how the host wants it to look.

pub mod api;
pub mod look;
pub mod origins;
pub mod wire;
