//! Members, sessions, staff, orders, the ledger, tiers and the platform's own tables.
//!
//! Times are milliseconds since 1970, structures are JSON text, ids are UUIDs.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        members(),
        staff(),
        api_keys(),
        sessions(),
        handoff_codes(),
        rule_versions(),
        orders(),
        order_events(),
        points_accounts(),
        lots(),
        ledger_entries(),
        lot_movements(),
        adjustments(),
        growth_entries(),
        tier_states(),
        tier_changes(),
        idempotency_keys(),
        outbox(),
        job_leases(),
        audit_entries(),
        settings(),
    ]
}

fn table(name: &'static str, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for mut column in columns {
        table.col(&mut column);
    }
    table.to_owned()
}

fn column(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
}

fn uuid(name: &'static str) -> ColumnDef {
    column(name).uuid().not_null().to_owned()
}

fn uuid_opt(name: &'static str) -> ColumnDef {
    column(name).uuid().to_owned()
}

fn id() -> ColumnDef {
    uuid("id").primary_key().to_owned()
}

fn big(name: &'static str) -> ColumnDef {
    column(name).big_integer().not_null().to_owned()
}

fn big_opt(name: &'static str) -> ColumnDef {
    column(name).big_integer().to_owned()
}

fn int(name: &'static str) -> ColumnDef {
    column(name).integer().not_null().to_owned()
}

fn int_opt(name: &'static str) -> ColumnDef {
    column(name).integer().to_owned()
}

fn word(name: &'static str) -> ColumnDef {
    column(name).string().not_null().to_owned()
}

fn word_opt(name: &'static str) -> ColumnDef {
    column(name).string().to_owned()
}

fn text(name: &'static str) -> ColumnDef {
    column(name).text().not_null().to_owned()
}

fn flag(name: &'static str) -> ColumnDef {
    column(name).boolean().not_null().to_owned()
}

fn members() -> TableCreateStatement {
    table(
        "members",
        vec![
            id(),
            word_opt("external_id").unique_key().to_owned(),
            word_opt("name"),
            word_opt("email").unique_key().to_owned(),
            word_opt("phone").unique_key().to_owned(),
            word_opt("birthday"),
            word("time_zone"),
            word("locale"),
            text("consents"),
            word("status"),
            word_opt("password_hash"),
            int("auth_epoch"),
            text("search_text"),
            big("joined_at"),
            big("created_at"),
            big("updated_at"),
        ],
    )
}

fn staff() -> TableCreateStatement {
    table(
        "staff",
        vec![
            id(),
            word("email").unique_key().to_owned(),
            word("name"),
            word("role"),
            word("password_hash"),
            flag("active"),
            int("auth_epoch"),
            big("created_at"),
        ],
    )
}

fn api_keys() -> TableCreateStatement {
    table(
        "api_keys",
        vec![
            id(),
            word("name"),
            word("secret_hash"),
            text("scopes"),
            big("created_at"),
            big_opt("last_used_at"),
            big_opt("revoked_at"),
        ],
    )
}

fn sessions() -> TableCreateStatement {
    table(
        "sessions",
        vec![
            id(),
            word("audience"),
            uuid("subject_id"),
            word("token_hash"),
            word_opt("previous_hash"),
            big("rotated_at"),
            word_opt("user_agent"),
            big("created_at"),
            big("expires_at"),
            big_opt("ended_at"),
        ],
    )
}

fn handoff_codes() -> TableCreateStatement {
    table(
        "handoff_codes",
        vec![
            word("code_hash").primary_key().to_owned(),
            uuid("member_id"),
            word_opt("page"),
            big("expires_at"),
            big_opt("used_at"),
        ],
    )
}

fn rule_versions() -> TableCreateStatement {
    table(
        "rule_versions",
        vec![
            word("kind"),
            int("version"),
            big("effective_from"),
            text("body"),
            word("created_by"),
            big("created_at"),
        ],
    )
    .primary_key(Index::create().col("kind").col("version"))
    .to_owned()
}

fn orders() -> TableCreateStatement {
    table(
        "orders",
        vec![
            id(),
            word("external_id").unique_key().to_owned(),
            uuid_opt("member_id"),
            word("status"),
            word("currency"),
            big("amount"),
            big("refunded_amount"),
            text("lines"),
            text("receipt"),
            big_opt("placed_at"),
            big_opt("paid_at"),
            big_opt("shipped_at"),
            big_opt("delivered_at"),
            big_opt("cancelled_at"),
            big("created_at"),
            big("updated_at"),
        ],
    )
    .check(Expr::col("refunded_amount").lte(Expr::col("amount")))
    .to_owned()
}

fn order_events() -> TableCreateStatement {
    table(
        "order_events",
        vec![
            word("event_id").primary_key().to_owned(),
            uuid("order_id"),
            word("kind"),
            big("occurred_at"),
            big("received_at"),
            word("state"),
            word("content_hash"),
            text("body"),
            word_opt("refused_code"),
        ],
    )
}

fn points_accounts() -> TableCreateStatement {
    table(
        "points_accounts",
        vec![
            uuid("member_id"),
            word("asset"),
            big("available"),
            big("pending"),
            big("entries"),
            big_opt("next_due_at"),
        ],
    )
    .primary_key(Index::create().col("member_id").col("asset"))
    .check(Expr::col("pending").gte(0))
    .to_owned()
}

fn lots() -> TableCreateStatement {
    table(
        "lots",
        vec![
            id(),
            uuid("member_id"),
            word("asset"),
            uuid("entry_id"),
            word("source_kind"),
            word("source_ref"),
            big("amount"),
            big("remaining"),
            big("clawed"),
            big("expired"),
            big("absorbed"),
            big("active_from"),
            big_opt("expires_at"),
            flag("active"),
        ],
    )
    .check(Expr::col("amount").gt(0))
    .check(Expr::col("clawed").gte(0))
    .check(Expr::col("expired").gte(0))
    .check(
        Expr::col("clawed")
            .add(Expr::col("expired"))
            .lte(Expr::col("amount")),
    )
    .to_owned()
}

fn ledger_entries() -> TableCreateStatement {
    table(
        "ledger_entries",
        vec![
            id(),
            uuid("member_id"),
            word("asset"),
            big("seq"),
            word("kind"),
            big("amount"),
            big("balance_after"),
            word("counter_account"),
            word("source_kind"),
            word("source_ref"),
            word_opt("order_ref"),
            int_opt("rule_version"),
            word("actor"),
            word_opt("reason"),
            uuid_opt("reverses"),
            big("occurred_at"),
            big("recorded_at"),
        ],
    )
    .to_owned()
}

fn lot_movements() -> TableCreateStatement {
    table(
        "lot_movements",
        vec![uuid("entry_id"), uuid("lot_id"), big("amount")],
    )
    .primary_key(Index::create().col("entry_id").col("lot_id"))
    .to_owned()
}

fn adjustments() -> TableCreateStatement {
    table(
        "adjustments",
        vec![
            id(),
            uuid("member_id"),
            word("asset"),
            big("amount"),
            word("reason"),
            big_opt("expires_at"),
            word("state"),
            word("requested_by"),
            uuid_opt("decided_by"),
            uuid_opt("entry_id"),
            big("created_at"),
            big_opt("decided_at"),
        ],
    )
}

fn growth_entries() -> TableCreateStatement {
    table(
        "growth_entries",
        vec![
            id(),
            uuid("member_id"),
            big("amount"),
            word("source_kind"),
            word("source_ref"),
            big("counted_at"),
            big("recorded_at"),
        ],
    )
}

fn tier_states() -> TableCreateStatement {
    table(
        "tier_states",
        vec![
            uuid("member_id").primary_key().to_owned(),
            word("code"),
            big("since"),
            big_opt("valid_until"),
            big_opt("grace_until"),
            flag("warned"),
            big("evaluated_at"),
            big_opt("next_due_at"),
        ],
    )
}

fn tier_changes() -> TableCreateStatement {
    table(
        "tier_changes",
        vec![
            id(),
            uuid("member_id"),
            word_opt("from_code"),
            word("to_code"),
            word("cause"),
            big("growth_value"),
            big("threshold"),
            int("ladder_version"),
            big("at"),
            big("recorded_at"),
        ],
    )
}

fn idempotency_keys() -> TableCreateStatement {
    table(
        "idempotency_keys",
        vec![
            word("actor"),
            word("route"),
            word("key"),
            word("request_hash"),
            int("status"),
            text("body"),
            big("created_at"),
        ],
    )
    .primary_key(Index::create().col("actor").col("route").col("key"))
    .to_owned()
}

fn outbox() -> TableCreateStatement {
    table(
        "outbox",
        vec![
            id(),
            word("topic"),
            uuid_opt("member_id"),
            text("payload"),
            int("attempts"),
            big("next_attempt_at"),
            big("created_at"),
            big_opt("done_at"),
        ],
    )
}

fn job_leases() -> TableCreateStatement {
    table(
        "job_leases",
        vec![
            word("name").primary_key().to_owned(),
            word_opt("owner"),
            big("lease_until"),
            big("next_run_at"),
            big_opt("last_started_at"),
            big_opt("last_finished_at"),
        ],
    )
}

fn audit_entries() -> TableCreateStatement {
    table(
        "audit_entries",
        vec![
            id(),
            word("actor"),
            word("action"),
            word("target"),
            text("detail"),
            big("at"),
        ],
    )
}

fn settings() -> TableCreateStatement {
    table(
        "settings",
        vec![word("name").primary_key().to_owned(), text("value")],
    )
}

fn index(
    table: &'static str,
    name: &'static str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    let mut index = Index::create();
    index.table(table).name(name);
    for column in columns {
        index.col(*column);
    }
    index.to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let unique = |mut it: IndexCreateStatement| it.unique().to_owned();
    vec![
        index("members", "members_by_joined", &["joined_at", "id"]),
        index("sessions", "sessions_by_subject", &["subject_id"]),
        index("orders", "orders_by_member", &["member_id", "created_at"]),
        index("order_events", "order_events_by_order", &["order_id"]),
        index(
            "points_accounts",
            "points_accounts_by_due",
            &["next_due_at"],
        ),
        index("lots", "lots_by_member", &["member_id", "asset"]),
        unique(index(
            "ledger_entries",
            "ledger_entries_chain",
            &["member_id", "asset", "seq"],
        )),
        unique(index(
            "ledger_entries",
            "ledger_entries_source",
            &["member_id", "source_ref", "kind", "asset", "source_kind"],
        )),
        index("lot_movements", "lot_movements_by_lot", &["lot_id"]),
        index(
            "adjustments",
            "adjustments_by_state",
            &["state", "created_at"],
        ),
        unique(index(
            "growth_entries",
            "growth_entries_source",
            &["member_id", "source_kind", "source_ref"],
        )),
        index("tier_states", "tier_states_by_due", &["next_due_at"]),
        index(
            "tier_changes",
            "tier_changes_by_member",
            &["member_id", "at"],
        ),
        index(
            "idempotency_keys",
            "idempotency_keys_by_age",
            &["created_at"],
        ),
        index(
            "outbox",
            "outbox_by_attempt",
            &["done_at", "next_attempt_at"],
        ),
        index(
            "audit_entries",
            "audit_entries_by_target",
            &["target", "at"],
        ),
    ]
}
