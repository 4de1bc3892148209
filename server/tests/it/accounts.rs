//! Staff accounts as admins look after them: roles, new passwords, saved views.

use crate::support::{PASSWORD, SignedInStaff, TestApp, on_both};
use serde_json::{Value, json};
use shared::staff::Role;

async fn patch(
    app: &TestApp,
    by: &SignedInStaff,
    whom: &SignedInStaff,
    change: Value,
) -> crate::support::Answer {
    let path = format!("/api/v1/staff/{}", whom.id);
    app.patch(&path).bearer(&by.token).json(&change).await
}

#[tokio::test]
async fn another_role_holds_at_once() {
    on_both(async |app: &TestApp| {
        let admin = app.staff(Role::Admin).await;
        let person = app.staff(Role::Operator).await;
        let me = async || app.get("/api/v1/staff/me").bearer(&person.token).await;
        let renamed = patch(app, &admin, &person, json!({ "name": "Li" })).await;
        renamed.assert_status(200);
        assert_eq!(me().await.json()["name"], "Li");
        let changed = patch(app, &admin, &person, json!({ "role": "auditor" })).await;
        assert_eq!(changed.json()["role"], "auditor");
        me().await.assert_problem(401, "auth.session_ended");
        let stopped = patch(app, &admin, &person, json!({ "active": false })).await;
        assert_eq!(stopped.json()["active"], false);
        let back = patch(app, &admin, &person, json!({ "active": true })).await;
        assert_eq!(back.json()["active"], true);
        for change in [json!({ "role": "auditor" }), json!({ "active": false })] {
            let own = patch(app, &admin, &admin, change).await;
            own.assert_problem(403, "auth.forbidden");
        }
        patch(app, &admin, &admin, json!({ "name": "Root" }))
            .await
            .assert_status(200);
        let parts = patch(app, &admin, &person, json!({ "name": " " }))
            .await
            .wrong_parts();
        assert_eq!(parts[0].0, "/name");
        let none = app.patch("/api/v1/staff/stf_01k0000000e008000000000001");
        let none = none
            .bearer(&admin.token)
            .json(&json!({ "name": "x" }))
            .await;
        none.assert_problem(404, "staff.not_found");
        let trail = app
            .get("/api/v1/audit_entries?action=staff.changed")
            .bearer(&admin.token);
        assert_eq!(trail.await.json()["data"].as_array().map(Vec::len), Some(5));
    })
    .await;
}

#[tokio::test]
async fn a_reset_sets_a_password_once() {
    on_both(async |app: &TestApp| {
        let admin = app.staff(Role::Admin).await;
        let person = app.staff(Role::Operator).await;
        let path = format!("/api/v1/staff/{}/password_resets", person.id);
        let make = async || {
            let made = app.post(&path).bearer(&admin.token).await;
            made.assert_status(201);
            made.json()
        };
        let reset = async |code: &str, password: &str| {
            let request = json!({ "code": code, "password": password });
            app.post("/api/v1/password_resets").json(&request).await
        };
        let (first, second) = (make().await, make().await);
        let code = second["code"].as_str().expect("a code").to_owned();
        let url = second["url"].as_str().expect("an address");
        assert!(url.ends_with(&format!("/console/reset#{code}")), "{url}");
        // Only the latest works, once, with a password that can be, for a day.
        let old = reset(first["code"].as_str().expect("a code"), "another password").await;
        old.assert_problem(410, "staff.reset_invalid");
        assert_eq!(reset(&code, "short").await.wrong_parts()[0].0, "/password");
        reset(&code, "another password").await.assert_status(204);
        reset(&code, "another password")
            .await
            .assert_problem(410, "staff.reset_invalid");
        let me = app.get("/api/v1/staff/me").bearer(&person.token).await;
        me.assert_problem(401, "auth.session_ended");
        let staff = app.get("/api/v1/staff").bearer(&admin.token).await.json();
        let rows = staff["data"].as_array().expect("accounts").clone();
        let own = rows
            .iter()
            .find(|it| it["id"] == person.id.to_string())
            .expect("the account");
        for (password, status) in [(PASSWORD, 401), ("another password", 201)] {
            let credentials = json!({ "email": own["email"], "password": password });
            let answer = app
                .post("/api/v1/staff_sessions")
                .page("console")
                .json(&credentials)
                .await;
            answer.assert_status(status);
        }
        let late = make().await["code"].as_str().expect("a code").to_owned();
        app.clock.advance_days(1);
        reset(&late, "another password")
            .await
            .assert_problem(410, "staff.reset_invalid");
        let refused = app
            .post(&path)
            .bearer(&app.staff(Role::Operator).await.token)
            .await;
        refused.assert_problem(403, "auth.forbidden");
    })
    .await;
}

#[tokio::test]
async fn views_are_saved_for_oneself() {
    on_both(async |app: &TestApp| {
        let ann = app.staff(Role::Operator).await;
        let bo = app.staff(Role::Operator).await;
        let view = json!({ "list": "members", "name": "Gold, dormant", "query": "?tier=gold&last_order_to=2026-01-01T00:00:00Z" });
        let made = app.post("/api/v1/saved_views").bearer(&ann.token).json(&view).await;
        made.assert_status(201);
        assert_eq!(made.json()["query"], "tier=gold&last_order_to=2026-01-01T00:00:00Z");
        let path = format!("/api/v1/saved_views/{}", made.json()["id"].as_str().expect("an id"));
        let names = async |staff: &SignedInStaff, query: &str| {
            let path = format!("/api/v1/saved_views{query}");
            let page = app.get(&path).bearer(&staff.token).await.json();
            let rows = page["data"].as_array().cloned().unwrap_or_default();
            rows.iter().map(|it| it["name"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&ann, "").await, ["Gold, dormant"]);
        assert_eq!(names(&ann, "?list=audit").await.len(), 0);
        assert_eq!(names(&bo, "").await.len(), 0);
        let renamed = json!({ "list": "members", "name": "Gold", "query": "tier=gold" });
        let foreign = app.put(&path).bearer(&bo.token).json(&renamed).await;
        foreign.assert_problem(404, "staff.view_not_found");
        app.delete(&path).bearer(&bo.token).await.assert_problem(404, "staff.view_not_found");
        let changed = app.put(&path).bearer(&ann.token).json(&renamed).await;
        changed.assert_status(200);
        assert_eq!(names(&ann, "?list=members").await, ["Gold"]);
        let wrong = json!({ "list": "members", "name": "", "query": "x".repeat(2_001) });
        let parts = app.post("/api/v1/saved_views").bearer(&ann.token).json(&wrong).await.wrong_parts();
        let pointers: Vec<&str> = parts.iter().map(|it| it.0.as_str()).collect();
        assert_eq!(pointers, ["/name", "/query"]);
        for _ in 1..50 {
            let more = app.post("/api/v1/saved_views").bearer(&ann.token).json(&view).await;
            more.assert_status(201);
        }
        let full = app.post("/api/v1/saved_views").bearer(&ann.token).json(&view).await;
        full.assert_problem(409, "staff.views_full");
        app.delete(&path).bearer(&ann.token).await.assert_status(204);
        assert_eq!(names(&ann, "").await.len(), 49);
    })
    .await;
}
