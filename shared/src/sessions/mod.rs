//! Signing in: of members by hand-off or password, of staff by password.

pub mod api;
pub mod rules;
