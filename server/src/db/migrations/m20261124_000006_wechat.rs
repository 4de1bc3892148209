//! What WeChat has lent us, and who renews it.

use super::build::{create, key, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, text_null};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, tables(), Vec::new()).await
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![table(
        "wechat_tickets",
        vec![
            key(string("app_id")),
            text_null("token"),
            big_integer("token_until"),
            text_null("ticket"),
            big_integer("ticket_until"),
            big_integer("renew_at"),
            big_integer("lease_until"),
            big_integer("quiet_until"),
        ],
    )]
}
