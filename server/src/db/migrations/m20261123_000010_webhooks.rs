//! Webhooks: endpoints, events on their way to them, and what attempts met.

use super::build::{create, index, key, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, integer_null, string, string_null, text, text_null,
    uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, tables(), indexes()).await
    }
}

fn tables() -> Vec<TableCreateStatement> {
    let endpoints = table(
        "webhook_endpoints",
        vec![
            key(uuid("id")),
            integer("version"),
            text("body"),
            string("state"),
            string_null("disabled"),
            string("secret"),
            string_null("old_secret"),
            big_integer_null("old_secret_until"),
            integer("failures"),
            big_integer_null("failing_since"),
            big_integer_null("resting_until"),
            string("created_by"),
            big_integer("created_at"),
        ],
    );
    let deliveries = table(
        "webhook_deliveries",
        vec![
            uuid("endpoint_id"),
            uuid("event_id"),
            string("topic"),
            uuid_null("member_id"),
            big_integer("happened_at"),
            string("state"),
            integer("attempts"),
            big_integer("next_at"),
        ],
    )
    .primary_key(Index::create().col("endpoint_id").col("event_id"))
    .to_owned();
    let attempts = table(
        "webhook_attempts",
        vec![
            key(uuid("id")),
            uuid("endpoint_id"),
            uuid("event_id"),
            big_integer("at"),
            big_integer("took_ms"),
            integer_null("status"),
            string_null("trouble"),
            text_null("answer"),
        ],
    );
    vec![endpoints, deliveries, attempts]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index(
            "webhook_deliveries_due",
            "webhook_deliveries",
            &["endpoint_id", "state", "next_at", "event_id"],
        ),
        // What of a member comes first, where the order is kept.
        index(
            "webhook_deliveries_of_member",
            "webhook_deliveries",
            &["member_id", "endpoint_id", "state", "event_id"],
        ),
        index(
            "webhook_deliveries_by_time",
            "webhook_deliveries",
            &["endpoint_id", "happened_at"],
        ),
        index(
            "webhook_deliveries_by_age",
            "webhook_deliveries",
            &["happened_at"],
        ),
        index(
            "webhook_attempts_of_event",
            "webhook_attempts",
            &["event_id", "endpoint_id"],
        ),
        index("webhook_attempts_by_age", "webhook_attempts", &["at"]),
        index("outbox_by_time", "outbox", &["created_at"]),
    ]
}
