//! HTTP: what all features share.

pub mod site;
