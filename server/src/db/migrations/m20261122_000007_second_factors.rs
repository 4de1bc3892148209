//! The second step of staff signing in.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("staff_second_factors")
            .col(ColumnDef::new("staff_id").uuid().not_null().primary_key())
            .col(ColumnDef::new("secret").string().not_null())
            .col(ColumnDef::new("created_at").big_integer().not_null())
            .col(ColumnDef::new("confirmed_at").big_integer())
            .col(ColumnDef::new("last_step").big_integer())
            .col(ColumnDef::new("recovery_hashes").text().not_null())
            .to_owned();
        manager.create_table(table).await
    }
}
