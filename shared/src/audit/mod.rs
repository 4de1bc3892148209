//! The audit trail: who changed what, and why.

pub mod api;
