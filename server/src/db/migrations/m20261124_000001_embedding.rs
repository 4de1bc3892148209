//! Which site's frame a hand-off code is for.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let host = Table::alter()
            .table("handoff_codes")
            .add_column(ColumnDef::new("host").string())
            .to_owned();
        manager.alter_table(host).await
    }
}
