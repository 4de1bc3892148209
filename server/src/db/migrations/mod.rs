//! The schema, in versions that only add.

mod build;
mod m20261122_000001_foundation;
mod m20261122_000002_privacy;
mod m20261122_000003_backoffice;
mod m20261122_000004_tasks;
mod m20261122_000005_coupons;
mod m20261122_000007_second_factors;
mod m20261122_000008_merges;
mod m20261123_000001_referrals;
mod m20261123_000002_sales;
mod m20261123_000003_scenarios;
mod m20261123_000010_webhooks;
mod m20261124_000001_embedding;
mod m20261124_000004_requests;
mod m20261124_000006_wechat;
mod m20261124_000007_transfers;

use super::Db;
use crate::error::Result;
use sea_orm::{ConnectionTrait, DatabaseBackend};
use sea_orm_migration::prelude::*;

/// Waits until nobody else changes the schema. The number only has to be its own.
const TAKE_TURN: &str = "SELECT pg_advisory_xact_lock(6074211905)";

/// All versions, oldest first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_foundation::Migration),
            Box::new(m20261122_000003_backoffice::Migration),
            Box::new(m20261122_000004_tasks::Migration),
            Box::new(m20261122_000005_coupons::Migration),
            Box::new(m20261122_000002_privacy::Migration),
            Box::new(m20261122_000007_second_factors::Migration),
            Box::new(m20261122_000008_merges::Migration),
            Box::new(m20261123_000001_referrals::Migration),
            Box::new(m20261123_000002_sales::Migration),
            Box::new(m20261123_000003_scenarios::Migration),
            Box::new(m20261123_000010_webhooks::Migration),
            Box::new(m20261124_000004_requests::Migration),
            Box::new(m20261124_000001_embedding::Migration),
            Box::new(m20261124_000006_wechat::Migration),
            Box::new(m20261124_000007_transfers::Migration),
        ]
    }
}

impl Db {
    /// Brings the schema up to date, all of it or nothing; does nothing when it is. Of several that
    /// start at once one does it, and the others wait.
    ///
    /// # Errors
    /// When the database refuses a change.
    pub async fn migrate(&self) -> Result<()> {
        // On SQLite nobody else writes meanwhile.
        let tx = super::write::begin(self.read()).await?;
        if self.backend() == DatabaseBackend::Postgres {
            tx.execute_unprepared(TAKE_TURN).await?;
        }
        Migrator::up(&tx, None).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether the schema is up to date.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_migrated(&self) -> Result<bool> {
        Ok(Migrator::get_pending_migrations(self.read())
            .await?
            .is_empty())
    }
}
