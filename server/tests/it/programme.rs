//! The programme's settings and the versions of its rules: scheduled, cancelled, tried.

use crate::support::{Answer, Shop, SignedInStaff, TestApp, on_both};
use serde_json::{Value, json};
use shared::points::api::PolicyTrial;
use shared::staff::Role;
use shared::tiers::api::LadderImpact;
use std::future::IntoFuture;

async fn read(app: &TestApp, staff: &SignedInStaff, path: &str) -> Answer {
    let answer = app.get(path).bearer(&staff.token).await;
    answer.assert_status(200);
    answer
}

#[tokio::test]
async fn settings_change_only_for_whoever_saw_the_latest() {
    on_both(async |app: &TestApp| {
        let admin = app.staff(Role::Admin).await;
        let seen = app.get("/api/v1/programme").await;
        let mut wanted = seen.json();
        wanted["brand"] = json!({ "accent_light": "#0b5cad", "accent_dark": "#9ecbff" });
        let put = |tag: String, body: Value| {
            let call = app.put("/api/v1/programme").bearer(&admin.token);
            call.header("if-match", &tag).json(&body).into_future()
        };
        let bare = app.put("/api/v1/programme").bearer(&admin.token);
        let bare = bare.json(&wanted).await;
        bare.assert_problem(428, "request.precondition_required");
        let saved = put(seen.header("etag").to_owned(), wanted.clone()).await;
        saved.assert_status(200);
        assert_eq!(saved.json(), wanted);
        let again = app.get("/api/v1/programme").await;
        assert_eq!(saved.header("etag"), again.header("etag"));
        // Whoever still has the first version is told what the programme is now.
        let late = put(seen.header("etag").to_owned(), seen.json()).await;
        let problem = late.assert_problem(412, "request.precondition_failed");
        assert_eq!(problem["current"], wanted);

        let tag = again.header("etag").to_owned();
        let mut wrong = wanted.clone();
        wrong["brand"] = json!({ "accent_light": "#9ecbff", "accent_dark": "blue" });
        wrong["name"]["en"] = json!("");
        wrong["time_zone"] = json!("Mars/Base");
        let parts = put(tag.clone(), wrong).await.wrong_parts();
        let pointers: Vec<&str> = parts.iter().map(|it| it.0.as_str()).collect();
        assert_eq!(
            pointers,
            [
                "/time_zone",
                "/name/en",
                "/brand/accent_light",
                "/brand/accent_dark"
            ]
        );
        // The currency stays as soon as there is credit, even without an order.
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let request = json!({ "asset": "credit", "amount": 5, "reason": "sorry" });
        let adjust = app
            .post("/api/v1/members/ext:ann/points/adjustments")
            .bearer(&shop.key);
        adjust
            .idempotency_key("k")
            .json(&request)
            .await
            .assert_status(201);
        let mut other = wanted.clone();
        other["currency"] = json!("USD");
        let parts = put(tag, other).await.wrong_parts();
        assert_eq!(parts, [("/currency".to_owned(), "in_use".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn a_ladder_that_is_scheduled_holds_from_its_time() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let operator = app.staff(Role::Operator).await;
        shop.member("ann").await;
        shop.pay("ann", "a1", 40_000).await;
        let path = "/api/v1/tier_ladder/versions";
        let mut ladder = read(app, &operator, "/api/v1/tier_ladder").await.json()["ladder"].clone();
        ladder["tiers"][1]["threshold"] = json!(300);
        let from = shop.now().plus_days(10);
        let schedule = |from| {
            let call = app.post(path).bearer(&operator.token);
            call.json(&json!({ "effective_from": from, "ladder": ladder }))
                .into_future()
        };
        let made = schedule(from).await;
        made.assert_status(201);
        assert_eq!(
            (
                &made.json()["info"]["version"],
                &made.json()["info"]["state"]
            ),
            (&json!(2), &json!("scheduled"))
        );
        schedule(from)
            .await
            .assert_problem(409, "programme.version_taken");
        for odd in [shop.now(), shop.now().plus_days(800)] {
            let parts = schedule(odd).await.wrong_parts();
            assert_eq!(parts[0].0, "/effective_from");
        }
        // What happens before does not make her miss it.
        app.clock.advance_days(5);
        shop.run_jobs().await;
        shop.pay("ann", "a2", 1_000).await;
        assert_eq!(shop.tier("ann").await.standing.code, "member");
        app.clock.set(from);
        shop.run_jobs().await;
        let tier = shop.tier("ann").await;
        assert_eq!(
            (tier.standing.code.as_str(), tier.standing.since),
            ("silver", from)
        );
        let operator = app.staff(Role::Operator).await;
        let tag = read(app, &operator, "/api/v1/tier_ladder").await;
        assert_eq!(tag.header("etag"), "\"2\"");
        let all = read(app, &operator, path).await.json();
        let states: Vec<&str> = all["data"]
            .as_array()
            .expect("rows")
            .iter()
            .filter_map(|it| it["info"]["state"].as_str())
            .collect();
        assert_eq!(states, ["current", "past"]);
        assert_eq!(all["data"][0]["info"]["created_by_name"], "Operator");
        let over = app
            .delete(&format!("{path}/2"))
            .bearer(&operator.token)
            .await;
        over.assert_problem(409, "programme.version_in_force");
        let none = app
            .delete(&format!("{path}/9"))
            .bearer(&operator.token)
            .await;
        none.assert_problem(404, "programme.version_not_found");
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn points_rules_that_are_cancelled_never_hold() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let operator = app.staff(Role::Operator).await;
        shop.member("ann").await;
        let path = "/api/v1/points_policy/versions";
        let now = read(app, &operator, "/api/v1/points_policy").await;
        let mut policy = now.json()["policy"].clone();
        let schedule = |days, rate, policy: &mut Value| {
            policy["points_per_100_minor"] = json!(rate);
            let from = shop.now().plus_days(days);
            let call = app.post(path).bearer(&operator.token);
            call.json(&json!({ "effective_from": from, "policy": policy }))
                .into_future()
        };
        schedule(1, 5, &mut policy).await.assert_status(201);
        schedule(3, 7, &mut policy).await.assert_status(201);
        let node = app.another_node().await;
        let cancel = app
            .delete(&format!("{path}/2"))
            .bearer(&operator.token)
            .await;
        cancel.assert_status(204);
        let again = app
            .delete(&format!("{path}/2"))
            .bearer(&operator.token)
            .await;
        again.assert_problem(409, "programme.version_in_force");
        // Another node hears of it too.
        assert_eq!(node.rulebook().policies.len(), 3);
        server::programme::service::refresh(&node)
            .await
            .expect("it is read again");
        assert_eq!(node.rulebook().policies.len(), 2);
        app.clock.advance_days(2);
        shop.pay("ann", "a1", 10_000).await;
        assert_eq!(shop.entries("ann").await[0].amount, 100);
        let named = |version, state: &str| (version, state.to_owned());
        assert_eq!(
            states(app, path).await,
            [
                named(3, "scheduled"),
                named(2, "cancelled"),
                named(1, "current")
            ]
        );
        shop.assert_books().await;
    })
    .await;
}

/// Versions and states, newest first.
async fn states(app: &TestApp, path: &str) -> Vec<(i64, String)> {
    let auditor = app.staff(Role::Auditor).await;
    let all = read(app, &auditor, path).await.json();
    let rows = all["data"].as_array().expect("rows").iter();
    rows.map(|it| {
        let state = it["info"]["state"].as_str().expect("a state");
        let version = it["info"]["version"].as_i64().expect("a version");
        (version, state.to_owned())
    })
    .collect()
}

#[tokio::test]
async fn a_scheduled_version_follows_an_edit_of_today() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let operator = app.staff(Role::Operator).await;
        shop.member("ann").await;
        let path = "/api/v1/points_policy/versions";
        let now = read(app, &operator, "/api/v1/points_policy").await;
        let policy = |rate: i64| {
            let mut policy = now.json()["policy"].clone();
            policy["points_per_100_minor"] = json!(rate);
            policy
        };
        let request = json!({ "effective_from": shop.now().plus_days(3), "policy": policy(7) });
        let made = app.post(path).bearer(&operator.token).json(&request).await;
        made.assert_status(201);
        let put = || {
            let put = app.put("/api/v1/points_policy").bearer(&operator.token);
            put.header("if-match", now.header("etag"))
                .json(&policy(2))
                .into_future()
        };
        let saved = put().await;
        saved.assert_status(200);
        assert_eq!(saved.json()["version"], 3);
        let problem = put().await;
        let problem = problem.assert_problem(412, "request.precondition_failed");
        assert_eq!(problem["current"]["version"], 3);
        for order in ["a1", "a2"] {
            app.clock.advance_days(2);
            shop.pay("ann", order, 10_000).await;
        }
        let entries = shop.entries("ann").await;
        let earned: Vec<i64> = entries.iter().map(|it| it.amount).collect();
        assert_eq!(earned, [700, 200]);
        let named = |version, state: &str| (version, state.to_owned());
        assert_eq!(
            states(app, path).await,
            [named(3, "past"), named(2, "current"), named(1, "past")]
        );
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_impact_names_who_would_move() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let operator = app.staff(Role::Operator).await;
        for place in 0..8 {
            let name = format!("m{place}");
            shop.member(&name).await;
            shop.pay(&name, &format!("o{place}"), 40_000).await;
        }
        let mut ladder = read(app, &operator, "/api/v1/tier_ladder").await.json()["ladder"].clone();
        ladder["tiers"][1]["threshold"] = json!(400);
        let preview = app
            .post("/api/v1/tier_ladder/previews")
            .bearer(&operator.token);
        let impact: LadderImpact = preview.json(&ladder).await.parse();
        assert_eq!((impact.members, impact.up, impact.down), (8, 8, 0));
        let moved = &impact.moves[0];
        assert_eq!(
            (moved.from.as_str(), moved.to.as_str(), moved.members),
            ("member", "silver", 8)
        );
        assert_eq!(moved.samples.len(), 5);
        assert_eq!(
            (
                moved.samples[0].name.as_deref(),
                moved.samples[0].growth_value
            ),
            (Some("m0"), 400)
        );
    })
    .await;
}

#[tokio::test]
async fn points_rules_are_tried_on_the_orders_of_the_last_days() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.members(&["ann", "bo", "cai"]).await;
        shop.pay("ann", "old", 90_000).await;
        app.clock.advance_days(40);
        let auditor = app.staff(Role::Auditor).await;
        shop.pay("ann", "a1", 10_000).await;
        shop.pay("bo", "b1", 20_000).await;
        shop.pay("cai", "c1", 30_000).await;
        app.advance_seconds(60);
        shop.refund_all("c1").await;
        let now = read(app, &auditor, "/api/v1/points_policy").await.json();
        let attempt = |rate: i64, days: i64| {
            let mut policy = now["policy"].clone();
            policy["points_per_100_minor"] = json!(rate);
            let call = app
                .post("/api/v1/points_policy/trials")
                .bearer(&auditor.token);
            call.json(&json!({ "policy": policy, "days": days }))
                .into_future()
        };
        let same: PolicyTrial = attempt(1, 30).await.parse();
        assert_eq!((same.orders, same.gain, same.lose), (3, 0, 0));
        assert_eq!(same.paid, same.would);
        // Silver since the old order: 1.2 points a yuan for ann, 1 for bo.
        assert_eq!((same.paid.points, same.paid.members), (320, 2));
        let twice: PolicyTrial = attempt(2, 30).await.parse();
        assert_eq!(
            (twice.would.points, twice.would.members, twice.gain),
            (640, 2, 2)
        );
        assert_eq!(twice.samples[0].name.as_deref(), Some("bo"));
        let longer: PolicyTrial = attempt(1, 90).await.parse();
        assert_eq!((longer.orders, longer.paid.points), (4, 1_220));
        let parts = attempt(-1, 91).await.wrong_parts();
        let pointers: Vec<&str> = parts.iter().map(|it| it.0.as_str()).collect();
        assert_eq!(pointers, ["/policy/points_per_100_minor", "/days"]);
        shop.assert_books().await;
    })
    .await;
}
