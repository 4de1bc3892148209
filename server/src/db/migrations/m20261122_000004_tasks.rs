//! Tasks, check-ins, shared links, rewards, and tags of members.

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
    let mut all = vec![
        tasks(),
        task_versions(),
        task_joins(),
        task_contributions(),
        task_claims(),
    ];
    all.extend([
        task_events(),
        check_ins(),
        check_in_outages(),
        member_zones(),
        makeup_cards(),
    ]);
    all.extend([
        reward_grants(),
        share_links(),
        share_visits(),
        member_tags(),
    ]);
    all
}

fn table(name: &'static str, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for mut column in columns {
        table.col(&mut column);
    }
    table.to_owned()
}

fn keyed(mut table: TableCreateStatement, key: &[&'static str]) -> TableCreateStatement {
    let mut index = Index::create();
    for column in key {
        index.col(*column);
    }
    table.primary_key(&mut index).to_owned()
}

fn column(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
}

fn uuid(name: &'static str) -> ColumnDef {
    column(name).uuid().not_null().to_owned()
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

fn tasks() -> TableCreateStatement {
    let columns = vec![
        id(),
        word("state"),
        int("version"),
        int("granted"),
        text("body"),
        big_opt("ended_at"),
        big("created_at"),
        big("updated_at"),
    ];
    table("tasks", columns)
        .check(Expr::col("granted").gte(0))
        .to_owned()
}

fn task_versions() -> TableCreateStatement {
    let columns = vec![
        id(),
        big("seq").unique_key().to_owned(),
        uuid("task_id"),
        int("version"),
        word("state"),
        text("body"),
        word("actor"),
        big("at"),
    ];
    table("task_versions", columns)
}

fn task_joins() -> TableCreateStatement {
    let columns = vec![uuid("task_id"), uuid("member_id"), big("joined_at")];
    keyed(table("task_joins", columns), &["task_id", "member_id"])
}

fn task_contributions() -> TableCreateStatement {
    let columns = vec![
        id(),
        uuid("member_id"),
        uuid("task_id"),
        word("period"),
        word("source_kind"),
        word("source_ref"),
        big("amount"),
        int("version"),
        big("counted_at"),
    ];
    table("task_contributions", columns)
        .check(Expr::col("amount").gte(0))
        .to_owned()
}

fn task_claims() -> TableCreateStatement {
    let columns = vec![
        id(),
        uuid("member_id"),
        uuid("task_id"),
        word("period"),
        int("nth"),
        int("round"),
        big("goal"),
        int("version"),
        big("claimed_at"),
        big_opt("taken_back_at"),
    ];
    table("task_claims", columns)
        .check(Expr::col("nth").gte(1))
        .to_owned()
}

fn task_events() -> TableCreateStatement {
    let columns = vec![
        word("event_id").primary_key().to_owned(),
        uuid("member_id"),
        word("kind"),
        word_opt("name"),
        big("quantity"),
        big("occurred_at"),
        big("received_at"),
        word("content_hash"),
    ];
    table("task_events", columns)
}

fn check_ins() -> TableCreateStatement {
    let columns = vec![uuid("member_id"), word("day"), word("mark"), big("at")];
    keyed(table("check_ins", columns), &["member_id", "day"])
}

fn check_in_outages() -> TableCreateStatement {
    let columns = vec![
        id(),
        word("first_day"),
        word("last_day"),
        word("reason"),
        word("actor"),
        big("created_at"),
    ];
    table("check_in_outages", columns)
}

fn member_zones() -> TableCreateStatement {
    let columns = vec![uuid("member_id"), big("from_at"), word("zone")];
    keyed(table("member_zones", columns), &["member_id", "from_at"])
}

fn makeup_cards() -> TableCreateStatement {
    let columns = vec![
        id(),
        uuid("member_id"),
        int("seq"),
        int("amount"),
        int("balance_after"),
        word("source_kind"),
        word("source_ref"),
        big("at"),
    ];
    table("makeup_cards", columns)
        .check(Expr::col("balance_after").gte(0))
        .to_owned()
}

fn reward_grants() -> TableCreateStatement {
    let columns = vec![
        id(),
        uuid("member_id"),
        word("source_kind"),
        word("source_ref"),
        int("place"),
        word("kind"),
        big("amount"),
        text("reward"),
        column("lot_id").uuid().to_owned(),
        big("granted_at"),
        big("taken_back"),
        big_opt("taken_back_at"),
    ];
    table("reward_grants", columns)
        .check(Expr::col("taken_back").gte(0))
        .check(Expr::col("taken_back").lte(Expr::col("amount")))
        .to_owned()
}

fn share_links() -> TableCreateStatement {
    let columns = vec![
        id(),
        word("token").unique_key().to_owned(),
        uuid("task_id"),
        uuid("member_id"),
        big("created_at"),
    ];
    table("share_links", columns)
}

fn share_visits() -> TableCreateStatement {
    let columns = vec![
        uuid("link_id"),
        word("visitor"),
        word("channel"),
        flag("own"),
        column("signed_up").uuid().to_owned(),
        big("at"),
    ];
    keyed(table("share_visits", columns), &["link_id", "visitor"])
}

fn member_tags() -> TableCreateStatement {
    keyed(
        table("member_tags", vec![uuid("member_id"), word("tag")]),
        &["member_id", "tag"],
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
        unique(index(
            "task_versions",
            "task_versions_once",
            &["task_id", "version"],
        )),
        unique(index(
            "task_contributions",
            "task_contributions_source",
            &["member_id", "source_ref", "source_kind", "task_id"],
        )),
        index(
            "task_contributions",
            "task_contributions_by_task",
            &["task_id", "period", "member_id"],
        ),
        unique(index(
            "task_claims",
            "task_claims_once",
            &["member_id", "task_id", "period", "nth", "round"],
        )),
        index(
            "task_claims",
            "task_claims_by_task",
            &["task_id", "claimed_at"],
        ),
        index("task_events", "task_events_by_time", &["occurred_at"]),
        unique(index(
            "makeup_cards",
            "makeup_cards_chain",
            &["member_id", "seq"],
        )),
        unique(index(
            "makeup_cards",
            "makeup_cards_source",
            &["member_id", "source_ref", "source_kind"],
        )),
        unique(index(
            "reward_grants",
            "reward_grants_source",
            &["member_id", "source_ref", "source_kind", "place"],
        )),
        index(
            "reward_grants",
            "reward_grants_by_source",
            &["source_kind", "source_ref"],
        ),
        unique(index(
            "share_links",
            "share_links_once",
            &["member_id", "task_id"],
        )),
        index("share_visits", "share_visits_by_age", &["at"]),
        index("member_tags", "member_tags_by_tag", &["tag"]),
    ]
}
