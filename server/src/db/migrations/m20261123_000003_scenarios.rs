//! Scenario lists, their appearances, and how communities are called to them.

use super::build::{create, index, key, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, integer_null, string, string_null, text, uuid,
    uuid_null,
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
    vec![
        table(
            "scenarios",
            vec![
                key(uuid("id")),
                uuid("community_id"),
                integer("version"),
                string("state"),
                text("body"),
                big_integer_null("next_at"),
                string("created_by"),
                big_integer("created_at"),
                big_integer("updated_at"),
            ],
        ),
        table(
            "scenario_postings",
            vec![
                key(uuid("id")),
                uuid("scenario_id"),
                uuid("community_id"),
                big_integer("at"),
                text("body"),
                string("call"),
            ],
        ),
        table(
            "push_channels",
            vec![
                key(uuid("id")),
                uuid("community_id"),
                string("kind"),
                text("url"),
                string_null("secret"),
                string("created_by"),
                big_integer("created_at"),
            ],
        ),
        table(
            "push_deliveries",
            vec![
                key(uuid("id")),
                uuid("posting_id"),
                uuid_null("channel_id"),
                string("kind"),
                string("state"),
                integer("attempts"),
                big_integer("next_at"),
                // The last member who was written to, and how many were.
                uuid_null("after"),
                integer_null("reached"),
                string_null("trouble"),
            ],
        ),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index(
            "scenarios_of_community",
            "scenarios",
            &["community_id", "created_at"],
        ),
        index("scenarios_due", "scenarios", &["next_at"]),
        index(
            "scenario_postings_once",
            "scenario_postings",
            &["scenario_id", "at"],
        )
        .unique()
        .to_owned(),
        index(
            "scenario_postings_of_community",
            "scenario_postings",
            &["community_id", "at"],
        ),
        index(
            "push_channels_of_community",
            "push_channels",
            &["community_id", "created_at"],
        ),
        index(
            "push_deliveries_of_posting",
            "push_deliveries",
            &["posting_id"],
        ),
        index(
            "push_deliveries_due",
            "push_deliveries",
            &["state", "next_at"],
        ),
    ]
}
