//! Messages to members, saved views, password resets, cancelled versions of rules, and the indexes
//! that lists of the console and of members walk.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [messages(), saved_views(), staff_resets()] {
            manager.create_table(table).await?;
        }
        let cancelled = ColumnDef::new("cancelled_at").big_integer().to_owned();
        let versions = Table::alter()
            .table("rule_versions")
            .add_column(cancelled)
            .to_owned();
        manager.alter_table(versions).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().to_owned()
}

fn word(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string().not_null().to_owned()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

fn big(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}

fn big_opt(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().to_owned()
}

fn table(name: &'static str, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for mut column in columns {
        table.col(&mut column);
    }
    table.to_owned()
}

fn messages() -> TableCreateStatement {
    table(
        "messages",
        vec![
            uuid("id").primary_key().to_owned(),
            uuid("member_id"),
            word("kind"),
            word("source"),
            text("content"),
            big("created_at"),
            big_opt("read_at"),
        ],
    )
}

fn saved_views() -> TableCreateStatement {
    table(
        "saved_views",
        vec![
            uuid("id").primary_key().to_owned(),
            uuid("staff_id"),
            word("list"),
            word("name"),
            text("query"),
            big("created_at"),
        ],
    )
}

fn staff_resets() -> TableCreateStatement {
    table(
        "staff_resets",
        vec![
            word("code_hash").primary_key().to_owned(),
            uuid("staff_id"),
            big("expires_at"),
            big_opt("used_at"),
        ],
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
    let source = index("messages", "messages_source", &["member_id", "source"])
        .unique()
        .to_owned();
    let by_member = ["member_id", "created_at", "id"];
    // The kind is in it so that a filter by kind is decided without reading the rows.
    let by_time = ["member_id", "occurred_at", "id", "kind"];
    vec![
        source,
        index("messages", "messages_by_member", &by_member),
        index("messages", "messages_by_age", &["created_at"]),
        index("saved_views", "saved_views_by_staff", &["staff_id"]),
        index("ledger_entries", "ledger_entries_by_time", &by_time),
        index("lots", "lots_by_end", &["expires_at"]),
        index("orders", "orders_by_paid", &["paid_at", "id"]),
        index("orders", "orders_by_member_paid", &["member_id", "paid_at"]),
        index("audit_entries", "audit_entries_by_time", &["at", "id"]),
        index("audit_entries", "audit_entries_by_actor", &["actor", "at"]),
    ]
}
