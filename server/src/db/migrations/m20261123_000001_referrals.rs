//! Referrals: codes, visits, bindings with their moves, budgets, and what speaks against paying.

use super::build::{create, index, key, table, unique};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, string, string_null, text, uuid,
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
            "referral_codes",
            vec![
                key(uuid("member_id")),
                unique(string("code")),
                big_integer("created_at"),
            ],
        ),
        table(
            "referral_visits",
            vec![
                key(uuid("id")),
                unique(string("token_hash")),
                uuid("referrer_id"),
                string_null("device_hash"),
                string_null("network_hash"),
                big_integer("visited_at"),
                big_integer("expires_at"),
            ],
        ),
        referrals(),
        moves(),
        table(
            "referral_budgets",
            vec![
                key(string("month")),
                big_integer("committed"),
                big_integer("spent"),
            ],
        ),
        milestones(),
        signals(),
        table(
            "households",
            vec![
                key(uuid("id")),
                text("note"),
                string("created_by"),
                big_integer("created_at"),
            ],
        ),
        residents(),
    ]
}

fn moves() -> TableCreateStatement {
    table(
        "referral_moves",
        vec![
            key(uuid("id")),
            uuid("referral_id"),
            string("state"),
            string("reason"),
            string_null("order_ref"),
            string("actor"),
            string_null("note"),
            big_integer("at"),
        ],
    )
}

fn milestones() -> TableCreateStatement {
    table(
        "referral_milestones",
        vec![
            key(uuid("id")),
            uuid("referrer_id"),
            integer("friends"),
            integer("given"),
            boolean("stands"),
        ],
    )
}

fn signals() -> TableCreateStatement {
    let mut signals = table(
        "member_signals",
        vec![
            uuid("member_id"),
            string("kind"),
            string("hash"),
            big_integer("seen_at"),
        ],
    );
    signals.primary_key(Index::create().col("member_id").col("kind").col("hash"));
    signals
}

fn residents() -> TableCreateStatement {
    let mut residents = table(
        "household_members",
        vec![uuid("household_id"), uuid("member_id")],
    );
    residents.primary_key(Index::create().col("household_id").col("member_id"));
    residents
}

fn referrals() -> TableCreateStatement {
    table(
        "referrals",
        vec![
            key(uuid("id")),
            unique(uuid("friend_id")),
            uuid("referrer_id"),
            string("state"),
            string("reason"),
            big_integer("visited_at"),
            big_integer("bound_at"),
            big_integer("order_until"),
            string_null("order_ref"),
            big_integer_null("order_paid_at"),
            big_integer_null("order_due_at"),
            big_integer_null("due_at"),
            integer("terms_version"),
            string("month"),
            big_integer("cost"),
            integer("payments"),
            text("evidence"),
            string_null("network_hash"),
            big_integer("updated_at"),
        ],
    )
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index(
            "referral_milestones_by_referrer",
            "referral_milestones",
            &["referrer_id", "friends"],
        )
        .unique()
        .to_owned(),
        index(
            "referral_visits_by_referrer",
            "referral_visits",
            &["referrer_id", "visited_at"],
        ),
        index("referral_visits_by_end", "referral_visits", &["expires_at"]),
        index(
            "referrals_by_referrer",
            "referrals",
            &["referrer_id", "bound_at"],
        ),
        index("referrals_by_due", "referrals", &["due_at"]),
        index("referrals_by_state", "referrals", &["state", "bound_at"]),
        index(
            "referral_moves_by_referral",
            "referral_moves",
            &["referral_id", "at"],
        ),
        index(
            "member_signals_by_hash",
            "member_signals",
            &["kind", "hash"],
        ),
        index(
            "household_members_by_member",
            "household_members",
            &["member_id"],
        ),
    ]
}
