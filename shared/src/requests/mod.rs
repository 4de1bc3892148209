//! The log of what API keys asked, for the shop's engineers.

pub mod api;
