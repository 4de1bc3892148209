//! The server as its callers see it: the real router on a real database, once on SQLite and once
//! on PostgreSQL.

mod check;
mod coupons;
mod http;
mod identity;
mod import;
mod invariants;
mod jobs;
mod migrations;
mod openapi;
mod orders;
mod points;
mod simulation;
mod staff;
mod support;
mod tasks;
mod tiers;
mod write_path;
