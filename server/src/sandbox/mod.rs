//! The demo's clock: whoever tries Coterie out moves it ahead, to see what days and months do.

pub mod routes;
pub mod service;
