//! When members agreed to be written to, and how sessions were opened.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("consent_changes")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("member_id").uuid().not_null())
            .col(ColumnDef::new("channel").string().not_null())
            .col(ColumnDef::new("granted").boolean().not_null())
            .col(ColumnDef::new("actor").string().not_null())
            .col(ColumnDef::new("at").big_integer().not_null())
            .to_owned();
        manager.create_table(table).await?;
        let by_member = Index::create()
            .table("consent_changes")
            .name("consent_changes_by_member")
            .col("member_id")
            .to_owned();
        manager.create_index(by_member).await?;
        let opened_by = Table::alter()
            .table("sessions")
            .add_column(ColumnDef::new("opened_by").string())
            .to_owned();
        manager.alter_table(opened_by).await
    }
}
