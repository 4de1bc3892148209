//! The log of requests by API keys.

use super::build::{create, index, key, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, string, string_null, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, tables(), indexes()).await
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![table(
        "api_requests",
        vec![
            key(uuid("id")),
            uuid("key_id"),
            string("method"),
            string("path"),
            integer("status"),
            string_null("code"),
            string("request_id"),
            big_integer("took_ms"),
            big_integer("at"),
        ],
    )]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("api_requests_by_time", "api_requests", &["at"]),
        index("api_requests_of_key", "api_requests", &["key_id", "at"]),
    ]
}
