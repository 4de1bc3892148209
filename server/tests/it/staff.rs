//! Staff with roles and API keys with scopes.

use crate::support::{Answer, PASSWORD, TestApp, on_both};
use serde_json::{Value, json};
use shared::staff::{Role, Scope};

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    app.post("/api/v1/staff_sessions")
        .page("console")
        .json(&body)
        .await
}

#[tokio::test]
async fn an_admin_makes_accounts_and_others_do_not() {
    on_both(async |app: &TestApp| {
        let admin = app.staff(Role::Admin).await;
        let request = json!({ "email": " Wang@Shop.example", "name": "Wang", "role": "operator", "password": PASSWORD });
        let make = |bearer: &str| app.post("/api/v1/staff").bearer(bearer).json(&request).into_future();
        for role in [Role::Operator, Role::CommunityManager, Role::Auditor] {
            let other = app.staff(role).await;
            make(&other.token).await.assert_problem(403, "auth.forbidden");
        }
        let member = app.sign_up("a@example.com").await;
        make(&member.token).await.assert_problem(403, "auth.forbidden");
        make(&app.api_key(&Scope::ALL).await).await.assert_problem(403, "auth.forbidden");
        let made = make(&admin.token).await;
        made.assert_status(201);
        assert_eq!(made.json()["email"], "wang@shop.example");
        assert!(!made.text().contains("argon2"), "{}", made.text());
        make(&admin.token).await.assert_problem(409, "staff.email_taken");

        let session = sign_in(app, "WANG@shop.example", PASSWORD).await;
        session.assert_status(201);
        assert_eq!((&session.json()["role"], &session.json()["name"]), (&json!("operator"), &json!("Wang")));
        assert!(session.header("set-cookie").contains("Max-Age=43200"));
        let me = app.get("/api/v1/staff/me").bearer(session.json()["access_token"].as_str().unwrap_or_default()).await;
        assert_eq!(me.json(), made.json());
        sign_in(app, "wang@shop.example", "wrong wrong").await.assert_problem(401, "auth.bad_credentials");
        sign_in(app, "nobody@shop.example", PASSWORD).await.assert_problem(401, "auth.bad_credentials");
    })
    .await;
}

#[tokio::test]
async fn every_wrong_field_of_an_account_is_named() {
    on_both(async |app: &TestApp| {
        let admin = app.staff(Role::Admin).await;
        let request = json!({ "email": "x", "name": "", "role": "admin", "password": "short" });
        let parts = app
            .post("/api/v1/staff")
            .bearer(&admin.token)
            .json(&request)
            .await
            .wrong_parts();
        let pointers: Vec<&str> = parts.iter().map(|it| it.0.as_str()).collect();
        assert_eq!(pointers, ["/email", "/name", "/password"]);
        let request =
            json!({ "email": "x@y.example", "name": "x", "role": "owner", "password": PASSWORD });
        let parts = app
            .post("/api/v1/staff")
            .bearer(&admin.token)
            .json(&request)
            .await
            .wrong_parts();
        assert_eq!(parts, [("/role".to_owned(), "invalid".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn a_deactivated_account_is_out_at_once() {
    on_both(async |app: &TestApp| {
        let (admin, operator) = (
            app.staff(Role::Admin).await,
            app.staff(Role::Operator).await,
        );
        let mine = || {
            app.get("/api/v1/staff/me")
                .bearer(&operator.token)
                .into_future()
        };
        mine().await.assert_status(200);
        let email = mine().await.json()["email"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let own = format!("/api/v1/staff/{}/deactivate", admin.id);
        app.post(&own)
            .bearer(&admin.token)
            .await
            .assert_problem(403, "auth.forbidden");
        let path = format!("/api/v1/staff/{}/deactivate", operator.id);
        app.post(&path)
            .bearer(&operator.token)
            .await
            .assert_problem(403, "auth.forbidden");
        let done = app.post(&path).bearer(&admin.token).await;
        done.assert_status(200);
        assert_eq!(done.json()["active"], false);
        mine().await.assert_problem(401, "auth.session_ended");
        let refresh = app
            .post("/api/v1/staff_sessions/refresh")
            .page("console")
            .cookie(&operator.cookie)
            .await;
        refresh.assert_problem(401, "auth.session_ended");
        sign_in(app, &email, PASSWORD)
            .await
            .assert_problem(401, "auth.bad_credentials");
        let nobody = "/api/v1/staff/stf_01k0000000e008000000000001/deactivate";
        app.post(nobody)
            .bearer(&admin.token)
            .await
            .assert_problem(404, "staff.not_found");
    })
    .await;
}

#[tokio::test]
async fn staff_stay_signed_in_for_a_working_day() {
    on_both(async |app: &TestApp| {
        let mut cookie = app.staff(Role::Operator).await.cookie;
        for _ in 0..11 {
            app.advance_seconds(3600);
            let refreshed = app
                .post("/api/v1/staff_sessions/refresh")
                .page("console")
                .cookie(&cookie)
                .await;
            refreshed.assert_status(200);
            cookie = refreshed.cookie();
        }
        app.advance_seconds(3600);
        let late = app
            .post("/api/v1/staff_sessions/refresh")
            .page("console")
            .cookie(&cookie)
            .await;
        late.assert_problem(401, "auth.session_ended");
    })
    .await;
}

#[tokio::test]
async fn staff_sign_out() {
    on_both(async |app: &TestApp| {
        let staff = app.staff(Role::Auditor).await;
        let out = app
            .delete("/api/v1/staff_sessions/current")
            .page("console")
            .cookie(&staff.cookie)
            .await;
        out.assert_status(204);
        assert!(out.header("set-cookie").contains("Max-Age=0"));
        let after = app.get("/api/v1/staff/me").bearer(&staff.token).await;
        after.assert_problem(401, "auth.session_ended");
    })
    .await;
}

#[tokio::test]
async fn accounts_are_listed_in_pages_for_those_who_may_see_them() {
    on_both(async |app: &TestApp| {
        let admin = app.staff(Role::Admin).await;
        for _ in 0..3 {
            app.advance_seconds(1);
            app.staff(Role::Auditor).await;
        }
        let auditor = app.staff(Role::Auditor).await;
        let operator = app.staff(Role::Operator).await;
        app.get("/api/v1/staff")
            .bearer(&operator.token)
            .await
            .assert_problem(403, "auth.forbidden");
        let all = app.get("/api/v1/staff").bearer(&auditor.token).await.json();
        let all: Vec<Value> = all["data"].as_array().cloned().unwrap_or_default();
        assert_eq!(all.len(), 6);
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = app
                .get(&format!("/api/v1/staff?limit=2{cursor}"))
                .bearer(&admin.token)
                .await
                .json();
            found.extend(page["data"].as_array().cloned().unwrap_or_default());
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(found, all);
    })
    .await;
}

#[tokio::test]
async fn a_key_works_until_it_is_revoked_and_tells_when_it_was_used() {
    on_both(async |app: &TestApp| {
        let admin = app.staff(Role::Admin).await;
        let request = json!({ "name": " Till ", "scopes": ["members:read", "members:read"] });
        let made = app
            .post("/api/v1/api_keys")
            .bearer(&admin.token)
            .json(&request)
            .await;
        made.assert_status(201);
        let key = made.json()["key"].clone();
        assert_eq!(
            (&key["name"], &key["scopes"]),
            (&json!("Till"), &json!(["members:read"]))
        );
        let secret = made.json()["secret"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let list = || app.get("/api/v1/members").bearer(&secret).into_future();
        list().await.assert_status(200);
        let write = app
            .post("/api/v1/members")
            .bearer(&secret)
            .json(&json!({ "external_id": "c-1" }))
            .await;
        write.assert_problem(403, "auth.scope_missing");
        app.get("/api/v1/me")
            .bearer(&secret)
            .await
            .assert_problem(403, "auth.forbidden");

        let keys = app.get("/api/v1/api_keys").bearer(&admin.token).await;
        assert!(
            !keys.text().contains(&secret) && !keys.text().contains("hash"),
            "{}",
            keys.text()
        );
        let used = wait_for_use(app, &admin.token).await;
        assert_eq!(used, "2026-06-15T04:00:00Z");

        let wrong = format!(
            "{}{}",
            &secret[..secret.len() - 1],
            if secret.ends_with('0') { '1' } else { '0' }
        );
        let unknown = format!("ck_01k0000000e008000000000001_{}", "0".repeat(64));
        for bad in [wrong, unknown, "ck_".to_owned()] {
            let answer = app.get("/api/v1/members").bearer(&bad).await;
            answer.assert_problem(401, "auth.token_invalid");
        }
        let id = key["id"].as_str().unwrap_or_default();
        let path = format!("/api/v1/api_keys/{id}");
        app.delete(&path)
            .bearer(&admin.token)
            .await
            .assert_status(204);
        list().await.assert_problem(401, "auth.token_invalid");
        app.delete(&path)
            .bearer(&admin.token)
            .await
            .assert_status(204);
        let nothing = app
            .delete("/api/v1/api_keys/key_01k0000000e008000000000001")
            .bearer(&admin.token)
            .await;
        nothing.assert_problem(404, "api_keys.not_found");
    })
    .await;
}

/// The use of a key is written after the answer; this looks until it is there.
async fn wait_for_use(app: &TestApp, admin: &str) -> String {
    for _ in 0..1000 {
        let keys = app.get("/api/v1/api_keys").bearer(admin).await.json();
        if let Some(used) = keys["data"][0]["last_used_at"].as_str() {
            return used.to_owned();
        }
        tokio::task::yield_now().await;
    }
    panic!("the use of the key was never written");
}

#[tokio::test]
async fn a_key_needs_a_name_and_a_scope_that_exists() {
    on_both(async |app: &TestApp| {
        let admin = app.staff(Role::Admin).await;
        for (request, pointer) in [
            (json!({ "name": "", "scopes": ["members:read"] }), "/name"),
            (json!({ "name": "x", "scopes": [] }), "/scopes"),
            (
                json!({ "name": "x", "scopes": ["members:read", "everything"] }),
                "/scopes/1",
            ),
            (json!({ "name": "x" }), "/scopes"),
        ] {
            let parts = app
                .post("/api/v1/api_keys")
                .bearer(&admin.token)
                .json(&request)
                .await
                .wrong_parts();
            assert_eq!(
                parts.first().map(|it| it.0.as_str()),
                Some(pointer),
                "{request}"
            );
        }
        let auditor = app.staff(Role::Auditor).await;
        let request = json!({ "name": "x", "scopes": ["members:read"] });
        let refused = app
            .post("/api/v1/api_keys")
            .bearer(&auditor.token)
            .json(&request)
            .await;
        refused.assert_problem(403, "auth.forbidden");
        app.get("/api/v1/api_keys")
            .bearer(&auditor.token)
            .await
            .assert_status(200);
    })
    .await;
}
