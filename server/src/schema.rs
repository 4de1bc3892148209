//! All tables as the entities see them. Tests compare them with what the migrations make.

use crate::{
    audit, auth, communities, coupons, db, jobs, members, messages, orders, outbox, points,
    programme, referrals, requests, rewards, sales, scenarios, sessions, staff, tasks, tiers,
    transfers, webhooks, wechat,
};
use sea_orm::sea_query::{TableCreateStatement, TableRef};
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
        transfers::tables,
        webhooks::tables,
        wechat::tables,
    ]
    .iter()
    .flat_map(|it| it(&schema))
    .collect()
}

/// Columns of every table that name a member, each with its table.
#[must_use]
pub fn member_columns(backend: DatabaseBackend) -> Vec<(String, String)> {
    const NAMES: [&str; 6] = [
        "member_id",
        "friend_id",
        "referrer_id",
        "subject_id",
        "from_id",
        "into_id",
    ];
    let mut found = Vec::new();
    for statement in tables(backend) {
        let Some(TableRef::Table(name, _)) = statement.get_table_name() else {
            continue;
        };
        for column in statement.get_columns() {
            let column = column.get_column_name();
            if NAMES.contains(&column.as_str()) {
                found.push((name.1.to_string(), column.clone()));
            }
        }
    }
    found
}
