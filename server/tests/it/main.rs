//! The server as its callers see it: the real router on a real database, once on SQLite and once
//! on PostgreSQL.

mod accounts;
mod audit;
mod authorisation;
mod check;
mod communities;
mod coupons;
mod http;
mod identity;
mod import;
mod invariants;
mod jobs;
mod ledger;
mod members;
mod merges;
mod messages;
mod migrations;
mod openapi;
mod orders;
mod points;
mod privacy;
mod programme;
mod referrals;
mod sales;
mod sandbox;
mod scenarios;
mod second_factor;
mod shop_script;
mod simulation;
mod staff;
mod support;
mod tasks;
mod tiers;
mod webhooks;
mod write_path;
