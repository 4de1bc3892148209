//! Communities with their members, and flash sales with what members hold of them.

use super::build::{create, index, key, table, unique};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, string, string_null, text, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            communities(),
            managers(),
            memberships(),
            sales(),
            audiences(),
            products(),
            shares(),
            claims(),
            reminders(),
            interests(),
            refusals(),
        ];
        create(manager, tables, indexes()).await
    }
}

fn communities() -> TableCreateStatement {
    table(
        "communities",
        vec![
            key(uuid("id")),
            integer("version"),
            text("body"),
            unique(string("code")),
            integer("members"),
            integer("capacity"),
            string("created_by"),
            big_integer("created_at"),
            big_integer("updated_at"),
        ],
    )
    .check(Expr::col("members").gte(0))
    .to_owned()
}

fn managers() -> TableCreateStatement {
    table(
        "community_managers",
        vec![uuid("community_id"), uuid("staff_id")],
    )
    .primary_key(Index::create().col("community_id").col("staff_id"))
    .to_owned()
}

fn memberships() -> TableCreateStatement {
    table(
        "community_members",
        vec![
            key(uuid("id")),
            uuid("community_id"),
            uuid("member_id"),
            string("state"),
            big_integer("joined_at"),
            big_integer("changed_at"),
        ],
    )
}

fn sales() -> TableCreateStatement {
    table(
        "flash_sales",
        vec![
            key(uuid("id")),
            unique(big_integer("number")),
            uuid("series_id"),
            integer("version"),
            string("state"),
            boolean("paused"),
            text("body"),
            big_integer("opens_at"),
            big_integer("starts_at"),
            big_integer("ends_at"),
            // The number of its last claim.
            big_integer("claims"),
            // Up to this claim, deadlines have been looked at.
            big_integer("swept"),
            // Grows with every change of the sale, its stock and its claims.
            big_integer("revision"),
            boolean("followed"),
            string("created_by"),
            big_integer("created_at"),
            big_integer("updated_at"),
        ],
    )
}

/// The communities that sales name, so that their managers find them.
fn audiences() -> TableCreateStatement {
    table(
        "flash_sale_communities",
        vec![uuid("sale_id"), uuid("community_id")],
    )
    .primary_key(Index::create().col("sale_id").col("community_id"))
    .to_owned()
}

fn products() -> TableCreateStatement {
    table(
        "flash_sale_products",
        vec![
            uuid("sale_id"),
            integer("place"),
            big_integer("stock"),
            big_integer("held"),
            big_integer("sold"),
        ],
    )
    .primary_key(Index::create().col("sale_id").col("place"))
    .check(Expr::col("held").gte(0))
    .check(Expr::col("sold").gte(0))
    .check(
        Expr::col("held")
            .add(Expr::col("sold"))
            .lte(Expr::col("stock")),
    )
    .to_owned()
}

fn shares() -> TableCreateStatement {
    table(
        "flash_sale_shares",
        vec![
            uuid("sale_id"),
            integer("place"),
            uuid("community_id"),
            big_integer("taken"),
        ],
    )
    .primary_key(
        Index::create()
            .col("sale_id")
            .col("place")
            .col("community_id"),
    )
    .check(Expr::col("taken").gte(0))
    .to_owned()
}

/// A claim is its own record of the intent: its one index besides the key finds what a member has
/// in a sale, and the claim that an intent made.
fn claims() -> TableCreateStatement {
    table(
        "flash_claims",
        vec![
            key(big_integer("id")),
            uuid("member_id"),
            big_integer("sale_number"),
            string("intent"),
            integer("place"),
            big_integer("quantity"),
            string("tier"),
            uuid_null("community_id"),
            string("state"),
            string("reason"),
            big_integer("claimed_at"),
            big_integer("pay_by"),
            string_null("order_ref"),
            big_integer_null("settled_at"),
        ],
    )
    .check(Expr::col("quantity").gt(0))
    .to_owned()
}

fn reminders() -> TableCreateStatement {
    table(
        "flash_sale_reminders",
        vec![
            uuid("sale_id"),
            uuid("member_id"),
            big_integer("due_at"),
            boolean("told"),
        ],
    )
    .primary_key(Index::create().col("sale_id").col("member_id"))
    .to_owned()
}

/// Who looked at a sale, and who wanted something when nothing was left.
fn interests() -> TableCreateStatement {
    table(
        "flash_sale_interests",
        vec![
            uuid("sale_id"),
            uuid("member_id"),
            string("tier"),
            uuid_null("community_id"),
            boolean("missed"),
            big_integer("seen_at"),
        ],
    )
    .primary_key(Index::create().col("sale_id").col("member_id"))
    .to_owned()
}

/// How many claims were refused, by the code of the answer.
fn refusals() -> TableCreateStatement {
    table(
        "flash_sale_refusals",
        vec![uuid("sale_id"), string("code"), big_integer("count")],
    )
    .primary_key(Index::create().col("sale_id").col("code"))
    .check(Expr::col("count").gt(0))
    .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index(
            "community_managers_by_staff",
            "community_managers",
            &["staff_id"],
        ),
        index(
            "community_members_once",
            "community_members",
            &["member_id", "community_id"],
        )
        .unique()
        .to_owned(),
        index(
            "community_members_by_community",
            "community_members",
            &["community_id", "joined_at"],
        ),
        index(
            "flash_sale_communities_by_community",
            "flash_sale_communities",
            &["community_id"],
        ),
        index("flash_sales_by_end", "flash_sales", &["ends_at"]),
        index(
            "flash_sales_in_series",
            "flash_sales",
            &["series_id", "starts_at"],
        ),
        index(
            "flash_claims_of_member",
            "flash_claims",
            &["member_id", "sale_number", "intent"],
        )
        .unique()
        .to_owned(),
        index(
            "flash_sale_reminders_due",
            "flash_sale_reminders",
            &["told", "due_at"],
        ),
    ]
}
