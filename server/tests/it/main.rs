//! The server as its callers see it: the real router on a real database, once on SQLite and once
//! on PostgreSQL.

mod http;
mod identity;
mod openapi;
mod staff;
mod support;
