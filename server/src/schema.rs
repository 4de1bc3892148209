//! All tables as the entities see them. Tests compare them with what the migrations make.

use crate::{
    audit, auth, communities, coupons, db, jobs, members, messages, orders, outbox, points,
    programme, referrals, requests, rewards, sales, scenarios, sessions, staff, tasks, tiers,
    webhooks, wechat,
};
use sea_orm::sea_query::TableCreateStatement;
use sea_orm::{DatabaseBackend, Schema};

/// One statement a table.
#[must_use]
pub fn tables(backend: DatabaseBackend) -> Vec<TableCreateStatement> {
    let schema = Schema::new(backend);
    [
        audit::tables,
        auth::tables,
        communities::tables,
        coupons::tables,
        db::idempotency::tables,
        jobs::tables,
        members::tables,
        messages::tables,
        orders::tables,
        outbox::tables,
        points::tables,
        programme::tables,
        referrals::tables,
        requests::tables,
        rewards::tables,
        sales::tables,
        scenarios::tables,
        sessions::tables,
        staff::tables,
        tasks::tables,
        tiers::tables,
        webhooks::tables,
        wechat::tables,
    ]
    .iter()
    .flat_map(|it| it(&schema))
    .collect()
}
