//! Two members made one, and what moved with that.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let merges = Table::create()
            .table("member_merges")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("from_id").uuid().not_null())
            .col(ColumnDef::new("into_id").uuid().not_null())
            .col(ColumnDef::new("moves").text().not_null())
            .col(ColumnDef::new("identities").text().not_null())
            .col(ColumnDef::new("reason").string().not_null())
            .col(ColumnDef::new("actor").string().not_null())
            .col(ColumnDef::new("at").big_integer().not_null())
            .col(ColumnDef::new("undone_at").big_integer())
            .col(ColumnDef::new("undone_by").string())
            .to_owned();
        manager.create_table(merges).await?;
        let rows = Table::create()
            .table("member_merge_rows")
            .col(ColumnDef::new("merge_id").uuid().not_null())
            .col(ColumnDef::new("kind").string().not_null())
            .col(ColumnDef::new("row_key").string().not_null())
            .col(ColumnDef::new("before").string())
            .primary_key(Index::create().col("merge_id").col("kind").col("row_key"))
            .to_owned();
        manager.create_table(rows).await?;
        for (name, column) in [
            ("member_merges_from", "from_id"),
            ("member_merges_into", "into_id"),
        ] {
            let index = Index::create()
                .table("member_merges")
                .name(name)
                .col(column)
                .to_owned();
            manager.create_index(index).await?;
        }
        let made_by = Index::create()
            .table("lots")
            .name("lots_by_entry")
            .col("entry_id")
            .to_owned();
        manager.create_index(made_by).await?;
        let lead = Table::alter()
            .table("members")
            .add_column(ColumnDef::new("merged_into").uuid())
            .to_owned();
        manager.alter_table(lead).await
    }
}
