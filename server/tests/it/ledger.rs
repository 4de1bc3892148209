//! A ledger of 100,000 rows: every page of it, and every filter, is found by an index.

use crate::support::{Shop, TestApp, on_both};
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use shared::page::Page;
use shared::points::api::{Entry, LotView};

const ROWS: i64 = 100_000;

/// Gives the one member 100,000 rows of which nothing else knows, a second apart.
async fn fill(app: &TestApp) {
    let sql = match app.app.db.backend() {
        DatabaseBackend::Sqlite => format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) \
             INSERT INTO ledger_entries SELECT randomblob(16), m.id, 'points', i, \
             CASE WHEN i % 1000 = 0 THEN 'adjust' ELSE 'earn' END, 1, i, 'issuance', 'order', 'o' || i, NULL, 1, \
             'system', NULL, NULL, i * 1000, i * 1000 FROM n, members m"
        ),
        _ => format!(
            "INSERT INTO ledger_entries SELECT gen_random_uuid(), m.id, 'points', i, \
             CASE WHEN i % 1000 = 0 THEN 'adjust' ELSE 'earn' END, 1, i, 'issuance', 'order', 'o' || i, NULL, 1, \
             'system', NULL, NULL, i * 1000, i * 1000 FROM generate_series(1, {ROWS}) i, members m"
        ),
    };
    let write = app.app.db.write(sql, |tx, sql| {
        Box::pin(async move {
            tx.execute_unprepared(sql).await?;
            tx.execute_unprepared("ANALYZE ledger_entries").await?;
            Ok(())
        })
    });
    write.await.expect("the rows are written");
}

/// How the database would find the page behind a cursor in the middle, with a filter.
async fn plan(app: &TestApp, filter: &str) -> String {
    let explain = match app.app.db.backend() {
        DatabaseBackend::Sqlite => "EXPLAIN QUERY PLAN",
        _ => "EXPLAIN",
    };
    let member = "(SELECT id FROM members)";
    let half = ROWS * 500;
    let query = format!(
        "{explain} SELECT * FROM ledger_entries WHERE member_id = {member} {filter} \
         AND (occurred_at <= {half} AND (occurred_at < {half} OR id < (SELECT id FROM members))) \
         ORDER BY occurred_at DESC, id DESC LIMIT 21"
    );
    let backend = app.app.db.backend();
    let rows = app.app.db.read();
    let rows = rows.query_all_raw(Statement::from_string(backend, query));
    let column = match backend {
        DatabaseBackend::Sqlite => "detail",
        _ => "QUERY PLAN",
    };
    let lines = rows.await.expect("a plan").into_iter();
    let lines = lines.map(|it| it.try_get::<String>("", column).expect("a line"));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_long_ledger_is_walked_by_its_index() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        fill(app).await;
        for filter in [
            "",
            "AND kind = 'adjust'",
            "AND asset = 'points'",
            "AND occurred_at >= 1000",
        ] {
            let plan = plan(app, filter).await;
            assert!(plan.contains("ledger_entries_by_time"), "{filter}: {plan}");
            assert!(
                !plan.contains("TEMP B-TREE") && !plan.contains("Sort"),
                "{filter}: {plan}"
            );
        }
        let path = "/api/v1/members/ext:ann/points/entries";
        let read = async |query: &str| {
            let answer = app.get(&format!("{path}?{query}")).bearer(&shop.key).await;
            answer.assert_status(200);
            answer.parse::<Page<Entry>>()
        };
        let first = read("limit=100&kind=adjust").await;
        assert_eq!(first.data.len(), 100);
        assert_eq!(first.next_cursor, None);
        let newest = read("limit=2").await;
        assert_eq!(newest.data[0].balance_after, ROWS);
        let next = newest.next_cursor.expect("more");
        let second = read(&format!("limit=2&cursor={next}")).await;
        assert_eq!(second.data[0].balance_after, ROWS - 2);
        let day = read("from=1970-01-01T00:00:01Z&to=1970-01-01T00:00:05Z").await;
        assert_eq!(day.data.len(), 5);
    })
    .await;
}

#[tokio::test]
async fn lots_are_found_by_the_month_in_which_they_end() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.pay("ann", "a1", 10_000).await;
        app.clock.advance_days(31);
        shop.pay("ann", "a2", 20_000).await;
        let find = async |query: &str| {
            let path = format!("/api/v1/members/ext:ann/points/lots?{query}");
            app.get(&path).bearer(&shop.key).await
        };
        for (month, amounts) in [
            ("2027-06", vec![100]),
            ("2027-07", vec![200]),
            ("2027-08", vec![]),
        ] {
            let page: Page<LotView> = find(&format!("ends_in={month}")).await.parse();
            let found: Vec<i64> = page.data.iter().map(|it| it.amount).collect();
            assert_eq!(found, amounts, "{month}");
        }
        for odd in ["2027", "2027-13", "x"] {
            let parts = find(&format!("ends_in={odd}")).await.wrong_parts();
            assert_eq!(parts, [("ends_in".to_owned(), "invalid".to_owned())]);
        }
    })
    .await;
}
