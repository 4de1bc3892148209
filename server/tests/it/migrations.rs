//! The schema: made once, left alone afterwards, and what the entities believe it to be.

use crate::support::{TestApp, on_both};
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use server::clock::SystemClock;
use server::db::Db;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The first column of a query, as texts.
async fn texts(app: &TestApp, query: &str) -> Vec<String> {
    let rows = app
        .app
        .db
        .read()
        .query_all_raw(Statement::from_string(app.app.db.backend(), query))
        .await
        .expect("the query runs");
    rows.iter()
        .map(|it| it.try_get_by_index(0).expect("a text"))
        .collect()
}

async fn table_names(app: &TestApp) -> BTreeSet<String> {
    let query = match app.app.db.backend() {
        DatabaseBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        _ => "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'",
    };
    texts(app, query).await.into_iter().collect()
}

/// Name, type, whether it may be empty, and place in the primary key, for each column.
async fn columns(app: &TestApp, table: &str) -> Vec<String> {
    let query = match app.app.db.backend() {
        DatabaseBackend::Sqlite => format!(
            "SELECT name || ' ' || type || ' ' || \"notnull\" || ' ' || pk FROM pragma_table_info('{table}') ORDER BY 1"
        ),
        _ => format!(
            "SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' ' ||
                COALESCE(array_position(i.indkey::int2[], a.attnum)::text, '-')
             FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
             WHERE a.attrelid = '{table}'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1"
        ),
    };
    texts(app, &query).await
}

#[tokio::test]
async fn the_entities_see_the_schema_as_it_is() {
    on_both(async |app: &TestApp| {
        let backend = app.app.db.backend();
        let mut seen = BTreeSet::from(["seaql_migrations".to_owned()]);
        for statement in server::schema::tables(backend) {
            let table = statement.get_table_name().expect("a table has a name");
            let table = match table {
                sea_orm::sea_query::TableRef::Table(name, _) => name.1.to_string(),
                other => panic!("a plain name: {other:?}"),
            };
            let mut twin = statement.clone();
            let twin = twin.table(format!("twin_{table}")).to_owned();
            let sql = match backend {
                DatabaseBackend::Sqlite => twin.to_string(sea_orm::sea_query::SqliteQueryBuilder),
                _ => twin.to_string(sea_orm::sea_query::PostgresQueryBuilder),
            };
            let made = app.app.db.write(sql, |tx, sql| {
                Box::pin(async move { Ok(tx.execute_unprepared(sql).await?.rows_affected()) })
            });
            made.await.expect("the entity's table can be made");
            let (migrated, believed) = (
                columns(app, &table).await,
                columns(app, &format!("twin_{table}")).await,
            );
            assert!(migrated.len() > 1, "{table}: {migrated:?}");
            assert_eq!(migrated, believed, "{table}");
            assert!(seen.insert(table.clone()), "{table} has two entities");
        }
        let made: BTreeSet<String> = table_names(app)
            .await
            .into_iter()
            .filter(|it| !it.starts_with("twin_") && !it.starts_with("sqlite_"))
            .collect();
        assert_eq!(made, seen, "every table has an entity");
    })
    .await;
}

/// Everything that was made, and which versions were applied when.
async fn everything(app: &TestApp) -> Vec<String> {
    let mut found = Vec::new();
    for table in table_names(app).await {
        found.extend(
            columns(app, &table)
                .await
                .into_iter()
                .map(|it| format!("{table} {it}")),
        );
    }
    found.extend(
        texts(
            app,
            "SELECT version || ' ' || applied_at FROM seaql_migrations ORDER BY 1",
        )
        .await,
    );
    found
}

#[tokio::test]
async fn migrating_again_does_nothing() {
    on_both(async |app: &TestApp| {
        let db = &app.app.db;
        assert!(db.is_migrated().await.expect("an answer"));
        let before = everything(app).await;
        assert!(before.len() > 150, "{}", before.len());
        db.migrate().await.expect("nothing to do");
        assert_eq!(everything(app).await, before);
        let forget = db.write((), |tx, ()| {
            Box::pin(async move {
                tx.execute_unprepared("DELETE FROM seaql_migrations")
                    .await?;
                Ok(())
            })
        });
        forget.await.expect("the versions are forgotten");
        assert!(!db.is_migrated().await.expect("an answer"));
        assert!(
            db.migrate().await.is_err(),
            "tables that exist are not made over"
        );
    })
    .await;
}

#[tokio::test]
async fn of_several_that_start_at_once_one_migrates() {
    on_both(async |app: &TestApp| {
        let url = app.app.config.database_url.clone();
        let url = if app.app.db.backend() == DatabaseBackend::Sqlite {
            format!("{url}.fresh")
        } else {
            let empty = app.app.db.write((), |tx, ()| {
                Box::pin(async move {
                    tx.execute_unprepared("DROP SCHEMA public CASCADE").await?;
                    tx.execute_unprepared("CREATE SCHEMA public").await?;
                    Ok(())
                })
            });
            empty.await.expect("the database is empty");
            url
        };
        let nodes = (0..4).map(|_| Db::connect(&url, Arc::new(SystemClock::default())));
        let nodes = futures::future::try_join_all(nodes).await;
        let nodes = nodes.expect("all connect");
        let migrated = futures::future::try_join_all(nodes.iter().map(Db::migrate)).await;
        migrated.expect("all go on");
        for node in nodes {
            assert!(node.is_migrated().await.expect("an answer"));
            node.close().await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_schema_refuses_what_must_never_be() {
    on_both(async |app: &TestApp| {
        let shop = crate::support::Shop::open(app).await;
        shop.member("ann").await;
        shop.pay("ann", "a1", 10_000).await;
        for sql in [
            "UPDATE points_accounts SET pending = -1",
            "UPDATE orders SET refunded_amount = amount + 1",
            "UPDATE lots SET clawed = amount + 1",
            "UPDATE lots SET clawed = -1",
            "UPDATE lots SET amount = 0",
            "UPDATE orders SET external_id = NULL",
            "INSERT INTO orders SELECT * FROM orders",
            "INSERT INTO growth_entries SELECT member_id, member_id, amount, source_kind, source_ref, counted_at, recorded_at FROM growth_entries",
            "INSERT INTO ledger_entries SELECT member_id, member_id, asset, seq, kind, amount, balance_after, counter_account, source_kind, 'other', order_ref, rule_version, actor, reason, reverses, occurred_at, recorded_at FROM ledger_entries",
            "INSERT INTO ledger_entries SELECT member_id, member_id, asset, seq + 1, kind, amount, balance_after, counter_account, source_kind, source_ref, order_ref, rule_version, actor, reason, reverses, occurred_at, recorded_at FROM ledger_entries",
        ] {
            let tried = app.app.db.write(sql, |tx, sql| {
                Box::pin(async move { Ok(tx.execute_unprepared(sql).await?.rows_affected()) })
            });
            assert!(tried.await.is_err(), "{sql}");
        }
        shop.assert_books().await;
    })
    .await;
}
