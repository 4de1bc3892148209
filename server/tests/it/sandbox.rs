//! The demo's clock: administrators move it, what is due happens, and a restart keeps it.

use crate::support::shop::{contents, line, paid};
use crate::support::{Shop, TestApp, on_both, on_both_with};
use serde_json::json;
use server::clock::SystemClock;
use server::db::Db;
use shared::staff::Role;
use std::sync::Arc;

const CLOCK: &str = "/api/v1/sandbox/clock";

#[tokio::test]
async fn moving_the_clock_does_what_becomes_due() {
    on_both_with(
        |config| config.sandbox = true,
        async |app: &TestApp| {
            let shop = Shop::open(app).await;
            shop.member("ann").await;
            let order = contents(Some("ann"), &[line("1", 1, 60_000)]);
            shop.apply(&paid("o1", shop.now(), &order)).await;
            let (available, pending, _) = shop.points("ann").await;
            assert!(pending > 0 && available == 0);
            let before = app.app.db.now();
            let admin = app.staff(Role::Admin).await;
            let ask = app.post(CLOCK).bearer(&admin.token);
            let moved = ask.json(&json!({ "seconds": 16 * 86_400 })).await;
            moved.assert_status(200);
            assert_eq!(moved.json()["ahead_s"], 16 * 86_400);
            assert_eq!(app.app.db.now(), before.plus_days(16));
            assert_eq!(shop.points("ann").await, (pending, 0, 0));
            shop.assert_books().await;
            // Another server on this database goes on from there.
            let other = Db::connect(
                &app.app.config.database_url,
                Arc::new(SystemClock::default()),
            )
            .await;
            let other = other.expect("a database");
            let machine = other.now();
            server::sandbox::service::restore(&other)
                .await
                .expect("kept");
            let ahead = other.now().as_millis() - machine.as_millis();
            assert!((16 * 86_400_000..16 * 86_400_000 + 60_000).contains(&ahead));
            other.close().await;
        },
    )
    .await;
}

#[tokio::test]
async fn steps_have_their_limits() {
    on_both_with(
        |config| config.sandbox = true,
        async |app: &TestApp| {
            let before = app.app.db.now();
            let admin = app.staff(Role::Admin).await;
            for seconds in [0, -1, 400 * 86_400 + 1, i64::MAX] {
                let ask = app.post(CLOCK).bearer(&admin.token);
                let refused = ask.json(&json!({ "seconds": seconds })).await;
                refused.assert_problem(422, "request.invalid");
                assert_eq!(refused.json()["errors"][0]["pointer"], "/seconds");
            }
            assert_eq!(app.app.db.now(), before);
        },
    )
    .await;
}

#[tokio::test]
async fn time_is_moved_in_a_demo_only() {
    on_both(async |app: &TestApp| {
        let before = app.app.db.now();
        let admin = app.staff(Role::Admin).await;
        let ask = app.post(CLOCK).bearer(&admin.token);
        let refused = ask.json(&json!({ "seconds": 60 })).await;
        refused.assert_problem(404, "sandbox.absent");
        let looked = app.get(CLOCK).bearer(&admin.token).await;
        looked.assert_problem(404, "sandbox.absent");
        assert_eq!(app.app.db.now(), before);
    })
    .await;
}
