//! Coupons: templates with their terms, what members hold, how it is used, and codes.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            templates(),
            terms(),
            coupons(),
            reservations(),
            uses(),
            batches(),
            codes(),
        ] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn table(name: &'static str, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for mut column in columns {
        table.col(&mut column);
    }
    table.to_owned()
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().to_owned()
}

fn uuid_opt(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().to_owned()
}

fn id() -> ColumnDef {
    uuid("id").primary_key().to_owned()
}

fn big(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}

fn big_opt(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().to_owned()
}

fn int(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().to_owned()
}

fn word(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string().not_null().to_owned()
}

fn word_opt(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string().to_owned()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().to_owned()
}

fn templates() -> TableCreateStatement {
    table(
        "coupon_templates",
        vec![
            id(),
            int("version"),
            word("state"),
            word_opt("public_code").unique_key().to_owned(),
            flag("claimable"),
            text("search_text"),
            big("issued"),
            big("committed_uses"),
            big("committed_amount"),
            big("redeemed_uses"),
            big("redeemed_amount"),
            big("created_at"),
            big("updated_at"),
        ],
    )
    .check(Expr::col("issued").gte(0))
    .check(Expr::col("committed_uses").gte(0))
    .check(Expr::col("committed_amount").gte(0))
    .to_owned()
}

fn terms() -> TableCreateStatement {
    table(
        "coupon_terms",
        vec![
            uuid("template_id"),
            int("version"),
            text("body"),
            word("created_by"),
            big("created_at"),
        ],
    )
    .primary_key(Index::create().col("template_id").col("version"))
    .to_owned()
}

fn coupons() -> TableCreateStatement {
    table(
        "coupons",
        vec![
            id(),
            uuid("template_id"),
            int("version"),
            uuid("member_id"),
            word("code").unique_key().to_owned(),
            word("source_kind"),
            word("source_ref"),
            big("issue_slot"),
            big_opt("member_slot"),
            big("valid_from"),
            big("expires_at"),
            big("uses_max"),
            big("used"),
            big("reserved"),
            big_opt("revoked_at"),
            word_opt("revoked_by"),
            big("issued_at"),
        ],
    )
    .check(Expr::col("used").gte(0))
    .check(Expr::col("reserved").gte(0))
    .check(
        Expr::col("used")
            .add(Expr::col("reserved"))
            .lte(Expr::col("uses_max")),
    )
    .to_owned()
}

fn reservations() -> TableCreateStatement {
    table(
        "coupon_reservations",
        vec![
            id(),
            word("session_key"),
            word_opt("open_session").unique_key().to_owned(),
            uuid("member_id"),
            word("state"),
            word_opt("order_ref"),
            big("expires_at"),
            text("body"),
            word("actor"),
            big("created_at"),
            big_opt("ended_at"),
        ],
    )
}

fn uses() -> TableCreateStatement {
    table(
        "coupon_uses",
        vec![
            uuid("reservation_id"),
            uuid("coupon_id"),
            uuid("template_id"),
            uuid("member_id"),
            big_opt("coupon_slot"),
            big_opt("template_slot"),
            big_opt("member_slot"),
            word("state"),
            big("amount"),
            word_opt("order_ref"),
            big("at"),
        ],
    )
    .primary_key(Index::create().col("reservation_id").col("coupon_id"))
    .to_owned()
}

fn batches() -> TableCreateStatement {
    table(
        "coupon_code_batches",
        vec![
            id(),
            uuid("template_id"),
            flag("imported"),
            big("wanted"),
            big("made"),
            word("state"),
            text("bad_lines"),
            big("bad_count"),
            word("created_by"),
            big("created_at"),
            big_opt("finished_at"),
        ],
    )
}

fn codes() -> TableCreateStatement {
    table(
        "coupon_codes",
        vec![
            word("code").primary_key().to_owned(),
            uuid("batch_id"),
            uuid_opt("coupon_id"),
        ],
    )
}

fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let name = format!("idx_{table}_{}", columns.join("_"));
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    index.to_owned()
}

fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    index(table, columns).unique().to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("coupon_templates", &["created_at", "id"]),
        unique("coupons", &["template_id", "source_kind", "source_ref"]),
        unique("coupons", &["template_id", "issue_slot"]),
        unique("coupons", &["template_id", "member_id", "member_slot"]),
        index("coupons", &["source_kind", "source_ref"]),
        index("coupons", &["member_id", "issued_at", "id"]),
        unique("coupon_uses", &["coupon_id", "coupon_slot"]),
        unique("coupon_uses", &["template_id", "template_slot"]),
        unique("coupon_uses", &["template_id", "member_id", "member_slot"]),
        index("coupon_uses", &["template_id", "state", "at"]),
        index("coupon_uses", &["at", "reservation_id"]),
        index("coupon_reservations", &["state", "expires_at"]),
        index("coupon_reservations", &["member_id", "created_at"]),
        index("coupon_code_batches", &["template_id", "created_at"]),
        index("coupon_code_batches", &["state"]),
        index("coupon_codes", &["batch_id", "code"]),
    ]
}
