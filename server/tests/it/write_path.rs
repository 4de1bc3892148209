//! The one write path: batches, failures that stay alone, retries, dry runs, and one effect for
//! one intent.

use crate::support::{Shop, TestApp, on_both};
use futures::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use serde_json::{Value, json};
use server::db::{Db, Tx};
use server::error::{AppError, Result};
use shared::problem::ErrorCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{Barrier, Notify};

/// Writes so far: asked for, commits.
fn stats(db: &Db) -> (u64, u64) {
    let stats = db.write_stats();
    (
        stats.writes.load(Ordering::Relaxed),
        stats.commits.load(Ordering::Relaxed),
    )
}

async fn note(tx: &Tx, name: &str) -> Result<()> {
    let sql = format!("INSERT INTO settings (name, value) VALUES ('{name}', '')");
    tx.execute_unprepared(&sql).await?;
    Ok(())
}

/// Names that were noted.
async fn noted(db: &Db) -> Vec<String> {
    let query = "SELECT name FROM settings WHERE name LIKE 'note-%' ORDER BY name";
    let rows = db
        .read()
        .query_all_raw(Statement::from_string(db.backend(), query))
        .await
        .expect("the notes are read");
    rows.iter()
        .map(|it| it.try_get_by_index(0).expect("a name"))
        .collect()
}

#[tokio::test]
async fn many_writes_share_few_commits() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.members(&["ann", "bo", "cai"]).await;
        let before = stats(&app.app.db);
        let members = ["ann", "bo", "cai"];
        let all = join_all((0..300).map(|i| shop.adjust(members[i % 3], 1))).await;
        for answer in all {
            answer.assert_status(201);
        }
        let after = stats(&app.app.db);
        let (writes, commits) = (after.0 - before.0, after.1 - before.1);
        // That the key is in use is written in the background, once, and may fall in between.
        assert!((300..=301).contains(&writes), "{writes} writes");
        match app.app.db.backend() {
            DatabaseBackend::Sqlite => assert!(commits < 100, "{commits} commits"),
            _ => assert!((300..=301).contains(&commits), "{commits} commits"),
        }
        for member in members {
            assert_eq!(shop.points(member).await, (100, 0, 0));
        }
        shop.assert_books().await;
    })
    .await;
}

/// Asks for writes while another one is being carried out, so that on SQLite they wait together.
async fn while_writing<T>(db: &Db, writes: impl Future<Output = T>) -> T {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let before = db.write((begun.clone(), go_on.clone()), |_, (begun, go_on)| {
        Box::pin(async move {
            begun.notify_one();
            go_on.notified().await;
            Ok(())
        })
    });
    let waiting = async {
        begun.notified().await;
        // Polled in this order: all of them wait before the other one goes on.
        tokio::join!(biased; writes, async { go_on.notify_one() }).0
    };
    let (before, writes) = tokio::join!(before, waiting);
    before.expect("the write before");
    writes
}

#[tokio::test]
async fn a_write_that_fails_or_panics_goes_alone() {
    on_both(async |app: &TestApp| {
        let db = &app.app.db;
        let before = stats(db);
        let writes = join_all((0..9).map(|i| {
            db.write(i, |tx, i| {
                Box::pin(async move {
                    note(tx, &format!("note-{i}")).await?;
                    match i % 3 {
                        0 => Ok(*i),
                        1 => Err(ErrorCode::NotFound.into()),
                        _ => panic!("a mistake in a use case"),
                    }
                })
            })
        }));
        let writes = while_writing(db, writes).await;
        for (i, outcome) in writes.into_iter().enumerate() {
            match (i % 3, outcome) {
                (0, Ok(value)) => assert_eq!(value, i),
                (1, Err(error)) => assert_eq!(error.code(), Some(ErrorCode::NotFound)),
                (2, Err(error)) => assert_eq!(error.code(), None),
                (_, outcome) => panic!("{i}: {outcome:?}"),
            }
        }
        assert_eq!(noted(db).await, ["note-0", "note-3", "note-6"]);
        if db.backend() == DatabaseBackend::Sqlite {
            let commits = stats(db).1 - before.1;
            assert_eq!(commits, 2, "one for the write before, one for all nine");
        }
        // The path goes on working.
        let later = db.write((), |tx, ()| Box::pin(note(tx, "note-later")));
        later.await.expect("the next write");
        assert_eq!(noted(db).await.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_keeps_nothing() {
    on_both(async |app: &TestApp| {
        let db = &app.app.db;
        let answer = db.dry_run((), |tx, ()| {
            Box::pin(async move {
                note(tx, "note-1").await?;
                let count = Statement::from_string(
                    tx.get_database_backend(),
                    "SELECT count(*) FROM settings WHERE name = 'note-1'",
                );
                let row = tx.query_one_raw(count).await?;
                let row = row.ok_or_else(|| AppError::internal("a count"))?;
                Ok(row.try_get_by_index::<i64>(0)?)
            })
        });
        assert_eq!(answer.await.expect("a dry run"), 1);
        assert_eq!(noted(db).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn too_many_writes_are_told_to_come_again() {
    on_both(async |app: &TestApp| {
        let db = &app.app.db;
        let writes = join_all((0..4_000).map(|i| {
            db.write(i, |tx, i| {
                Box::pin(async move { note(tx, &format!("note-{i}")).await })
            })
        }))
        .await;
        let accepted = writes.iter().filter(|it| it.is_ok()).count();
        for refused in writes.iter().filter_map(|it| it.as_ref().err()) {
            match refused {
                AppError::Refused(it) => {
                    assert_eq!(
                        (it.code, it.retry_after_s),
                        (ErrorCode::Overloaded, Some(1))
                    );
                }
                other => panic!("{other}"),
            }
        }
        match db.backend() {
            DatabaseBackend::Sqlite => assert!((2_048..4_000).contains(&accepted), "{accepted}"),
            _ => assert_eq!(accepted, 4_000),
        }
        assert_eq!(noted(db).await.len(), accepted);
    })
    .await;
}

#[tokio::test]
async fn what_was_accepted_is_answered_before_the_end() {
    on_both(async |app: &TestApp| {
        let db = &app.app.db;
        let writes = join_all((0..500).map(|i| {
            db.write(i, |tx, i| {
                Box::pin(async move { note(tx, &format!("note-{i}")).await })
            })
        }));
        let (writes, ()) = futures::join!(writes, async {
            if db.backend() == DatabaseBackend::Sqlite {
                db.close().await;
            }
        });
        assert_eq!(writes.iter().filter(|it| it.is_err()).count(), 0);
    })
    .await;
}

#[tokio::test]
async fn postgres_runs_a_write_again_that_collided_and_sqlite_never_collides() {
    on_both(async |app: &TestApp| {
        let db = &app.app.db;
        let tries = Arc::new(AtomicU32::new(0));
        let taken = db.write(tries.clone(), |tx, tries| {
            Box::pin(async move {
                tries.fetch_add(1, Ordering::SeqCst);
                note(tx, "note-1").await?;
                note(tx, "note-1").await
            })
        });
        assert!(taken.await.is_err_and(|it| it.is_taken()));
        let postgres = db.backend() == DatabaseBackend::Postgres;
        assert_eq!(tries.load(Ordering::SeqCst), if postgres { 3 } else { 1 });
        assert_eq!(noted(db).await, [""; 0]);
        if postgres {
            serialisation_failure(db).await;
            deadlock(db).await;
        }
    })
    .await;
}

/// The database asks twice for another attempt, as it does under stricter isolation.
async fn serialisation_failure(db: &Db) {
    let tries = Arc::new(AtomicU32::new(0));
    let write = db.write(tries.clone(), |tx, tries| {
        Box::pin(async move {
            note(tx, "note-serial").await?;
            if tries.fetch_add(1, Ordering::SeqCst) < 2 {
                tx.execute_unprepared(
                    "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$",
                )
                .await?;
            }
            Ok(())
        })
    });
    write.await.expect("the third attempt stands");
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    assert_eq!(noted(db).await, ["note-serial"]);
}

/// Two writes take the same two rows the other way round; both stand in the end.
async fn deadlock(db: &Db) {
    for name in ["a", "b"] {
        let row = db.write(name, |tx, name| Box::pin(note(tx, name)));
        row.await.expect("a row");
    }
    let met = Arc::new(Barrier::new(2));
    let tries = Arc::new(AtomicU32::new(0));
    let both = ["a", "b"].map(|first| {
        let second = if first == "a" { "b" } else { "a" };
        let args = (first, second, met.clone(), tries.clone());
        db.write(args, |tx, (first, second, met, tries)| {
            Box::pin(async move {
                let attempt = tries.fetch_add(1, Ordering::SeqCst);
                append(tx, first, first).await?;
                if attempt < 2 {
                    met.wait().await;
                }
                append(tx, second, first).await
            })
        })
    });
    for outcome in join_all(both).await {
        outcome.expect("both stand");
    }
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    let query = "SELECT value FROM settings WHERE name IN ('a', 'b')";
    let rows = db
        .read()
        .query_all_raw(Statement::from_string(db.backend(), query))
        .await
        .expect("the rows");
    for row in rows {
        let value: String = row.try_get_by_index(0).expect("a value");
        assert_eq!(value.len(), 2, "{value}");
    }
}

async fn append(tx: &Tx, name: &str, what: &str) -> Result<()> {
    let sql = format!("UPDATE settings SET value = value || '{what}' WHERE name = '{name}'");
    tx.execute_unprepared(&sql).await?;
    Ok(())
}

/// A spend of 100 points of ann on an order, with this key.
fn spend(shop: &Shop<'_>, order: &str, key: &str) -> impl Future<Output = crate::support::Answer> {
    let body =
        json!({ "asset": "points", "amount": 100, "order_id": order, "order_amount": 10_000 });
    let call = shop.app.post("/api/v1/members/ext:ann/points/spends");
    call.bearer(&shop.key)
        .idempotency_key(key)
        .json(&body)
        .into_future()
}

#[tokio::test]
async fn an_intent_that_comes_again_gets_the_first_answer() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.adjust("ann", 250).await.assert_status(201);
        let first = spend(&shop, "a1", "k").await;
        first.assert_status(201);
        assert_eq!(first.header("idempotent-replayed"), "");
        let again = spend(&shop, "a1", "k").await;
        again.assert_status(201);
        assert_eq!(
            (again.text(), again.header("idempotent-replayed")),
            (first.text(), "true")
        );
        assert_eq!(shop.points("ann").await, (150, 0, 0));
        spend(&shop, "a2", "k")
            .await
            .assert_problem(422, "idempotency.key_reused");

        // Later the balance is another one and the spend would be refused; the answer stands.
        shop.adjust("ann", -150).await.assert_status(201);
        let again = spend(&shop, "a1", "k").await;
        assert_eq!((again.status, again.text()), (201, first.text()));
        // Another caller's key is another intent.
        let other = Shop::open(app).await;
        spend(&other, "a1", "k")
            .await
            .assert_problem(409, "points.already_spent_on_order");
        let bare = app
            .post("/api/v1/members/ext:ann/points/spends")
            .bearer(&shop.key)
            .json(&json!({}));
        bare.await.assert_problem(400, "idempotency.key_required");
        spend(&shop, "a1", &"k".repeat(256))
            .await
            .assert_problem(400, "idempotency.key_invalid");
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_refused_intent_is_judged_afresh() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        spend(&shop, "a1", "k")
            .await
            .assert_problem(422, "points.insufficient");
        shop.adjust("ann", 100).await.assert_status(201);
        let done = spend(&shop, "a1", "k").await;
        done.assert_status(201);
        assert_eq!(done.header("idempotent-replayed"), "");
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn one_intent_has_one_effect_however_many_ask_at_once() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        for round in 0..5 {
            let body = json!({ "asset": "points", "amount": 7, "reason": "a test" });
            let key = format!("round-{round}");
            let answers = join_all((0..10).map(|_| {
                let call = app.post("/api/v1/members/ext:ann/points/adjustments");
                call.bearer(&shop.key)
                    .idempotency_key(&key)
                    .json(&body)
                    .into_future()
            }))
            .await;
            let mut bodies: Vec<Value> = Vec::new();
            for answer in answers {
                match answer.status {
                    201 => bodies.push(answer.json()),
                    _ => {
                        answer.assert_problem(409, "idempotency.in_progress");
                        assert_eq!(answer.header("retry-after"), "1");
                    }
                }
            }
            assert!(!bodies.is_empty());
            assert!(bodies.iter().all(|it| *it == bodies[0]), "{bodies:?}");
            assert_eq!(shop.points("ann").await.0, 7 * (round + 1));
        }
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_kept_for_seven_days() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let adjust = || {
            let body = json!({ "asset": "points", "amount": 5, "reason": "a test" });
            let call = app.post("/api/v1/members/ext:ann/points/adjustments");
            call.bearer(&shop.key)
                .idempotency_key("k")
                .json(&body)
                .into_future()
        };
        adjust().await.assert_status(201);
        shop.pass_days(7).await;
        assert_eq!(adjust().await.header("idempotent-replayed"), "true");
        app.advance_seconds(1);
        shop.run_jobs().await;
        assert_eq!(adjust().await.header("idempotent-replayed"), "");
        assert_eq!(shop.points("ann").await, (10, 0, 0));
    })
    .await;
}
