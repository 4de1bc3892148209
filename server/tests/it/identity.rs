//! Members: signing up, in and out, hand-off, refresh.

use crate::support::{PASSWORD, Shop, TestApp, on_both, on_both_with};
use futures::future::join_all;
use serde_json::{Value, json};
use server::config::{Config, Limits};
use shared::staff::{Role, Scope};

async fn sign_in(app: &TestApp, identifier: &str, password: &str) -> crate::support::Answer {
    let body = json!({ "identifier": identifier, "password": password });
    app.post("/api/v1/sessions")
        .page("member")
        .json(&body)
        .await
}

async fn refresh(app: &TestApp, cookie: &str) -> crate::support::Answer {
    app.post("/api/v1/sessions/refresh")
        .page("member")
        .cookie(cookie)
        .await
}

async fn me(app: &TestApp, token: &str) -> crate::support::Answer {
    app.get("/api/v1/me").bearer(token).await
}

fn token(answer: &crate::support::Answer) -> String {
    answer.json()["access_token"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// How often the audit trail holds this action.
async fn audited(app: &TestApp, action: &str) -> i64 {
    use sea_orm::{ConnectionTrait, Statement};
    let db = app.app.db.read();
    let sql = format!("SELECT count(*) AS n FROM audit_entries WHERE action = '{action}'");
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await;
    let row = row.expect("the trail can be read").expect("a row");
    row.try_get("", "n").expect("a number")
}

#[tokio::test]
async fn a_member_signs_up_and_is_signed_in() {
    on_both(async |app: &TestApp| {
        let request = json!({ "name": " Li Lei ", "email": "Li@Example.com", "phone": "138 0013 8000",
            "password": PASSWORD, "locale": "en", "time_zone": "Europe/Paris" });
        let answer = app.post("/api/v1/sign_ups").page("member").json(&request).await;
        answer.assert_status(201);
        assert_eq!(answer.header("cache-control"), "no-store");
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with("coterie_member=ses_"), "{cookie}");
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Secure"), "{cookie}");
        let me = me(app, &token(&answer)).await;
        me.assert_status(200);
        let me = me.json();
        assert_eq!(me["name"], "Li Lei");
        assert_eq!(me["email"], "li@example.com");
        assert_eq!(me["phone"], "+8613800138000");
        assert_eq!(me["time_zone"], "Europe/Paris");
        assert_eq!(me["id"], answer.json()["member_id"]);
        let again = app.post("/api/v1/sign_ups").page("member").json(&request).await;
        again.assert_problem(409, "members.contact_taken");
    })
    .await;
}

#[tokio::test]
async fn a_sign_up_names_what_is_wrong_with_it() {
    on_both(async |app: &TestApp| {
        for (request, pointer) in [
            (
                json!({ "email": "a@example.com", "password": "short" }),
                "/password",
            ),
            (
                json!({ "email": "a@example.com", "password": "x".repeat(129) }),
                "/password",
            ),
            (json!({ "password": PASSWORD }), "/email"),
            (json!({ "email": "nobody", "password": PASSWORD }), "/email"),
            (json!({ "phone": "12", "password": PASSWORD }), "/phone"),
            (
                json!({ "email": "a@example.com", "password": PASSWORD, "name": "" }),
                "/name",
            ),
            (
                json!({ "email": "a@example.com", "password": PASSWORD, "time_zone": "Mars" }),
                "/time_zone",
            ),
            (
                json!({ "email": "a@example.com", "password": PASSWORD, "locale": "fr" }),
                "/locale",
            ),
            (json!({ "email": "a@example.com" }), "/password"),
            (
                json!({ "email": "a@example.com", "password": PASSWORD, "status": "active" }),
                "/status",
            ),
        ] {
            let answer = app
                .post("/api/v1/sign_ups")
                .page("member")
                .json(&request)
                .await;
            let parts = answer.wrong_parts();
            assert_eq!(
                parts.first().map(|it| it.0.as_str()),
                Some(pointer),
                "{request}: {parts:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn two_who_sign_up_at_once_with_one_address_are_one_member() {
    on_both(async |app: &TestApp| {
        let request = json!({ "email": "one@example.com", "password": PASSWORD });
        let calls = (0..4).map(|_| {
            app.post("/api/v1/sign_ups")
                .page("member")
                .json(&request)
                .into_future()
        });
        let mut statuses: Vec<u16> = join_all(calls).await.iter().map(|it| it.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409]);
    })
    .await;
}

#[tokio::test]
async fn a_closed_programme_takes_no_sign_ups() {
    on_both(async |app: &TestApp| {
        let admin = app.staff(Role::Admin).await;
        let seen = app.get("/api/v1/programme").await;
        let mut programme = seen.json();
        programme["sign_up_open"] = Value::Bool(false);
        let set = app
            .put("/api/v1/programme")
            .bearer(&admin.token)
            .header("if-match", seen.header("etag"))
            .json(&programme)
            .await;
        set.assert_status(200);
        let request = json!({ "email": "a@example.com", "password": PASSWORD });
        let answer = app
            .post("/api/v1/sign_ups")
            .page("member")
            .json(&request)
            .await;
        answer.assert_problem(403, "auth.forbidden");
    })
    .await;
}

#[tokio::test]
async fn signing_in_takes_the_address_or_the_number_and_never_says_which_was_wrong() {
    on_both(async |app: &TestApp| {
        let request = json!({ "email": "li@example.com", "phone": "+86 138 0013 8000", "password": PASSWORD });
        app.post("/api/v1/sign_ups").page("member").json(&request).await.assert_status(201);
        for identifier in ["li@example.com", " LI@example.com ", "+8613800138000", "138-0013-8000", "008613800138000"] {
            let answer = sign_in(app, identifier, PASSWORD).await;
            answer.assert_status(201);
            me(app, &token(&answer)).await.assert_status(200);
        }
        let mut bodies = Vec::new();
        for (identifier, password) in [
            ("li@example.com", "correct horse"),
            ("li@example.com", ""),
            ("nobody@example.com", PASSWORD),
            ("", PASSWORD),
            ("'; DROP TABLE members; --", PASSWORD),
        ] {
            let answer = sign_in(app, identifier, password).await;
            let mut problem = answer.assert_problem(401, "auth.bad_credentials");
            problem["request_id"] = Value::Null;
            assert_eq!(answer.header("set-cookie"), "");
            bodies.push(problem);
        }
        bodies.dedup();
        assert_eq!(bodies.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_access_token_ends_after_a_quarter_of_an_hour_and_is_refreshed() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        app.advance_seconds(15 * 60 - 1);
        me(app, &member.token).await.assert_status(200);
        app.advance_seconds(1);
        let late = me(app, &member.token).await;
        late.assert_problem(401, "auth.token_expired");
        assert_eq!(late.header("www-authenticate"), "Bearer");
        let refreshed = refresh(app, &member.cookie).await;
        refreshed.assert_status(200);
        assert_ne!(refreshed.cookie(), member.cookie);
        me(app, &token(&refreshed)).await.assert_status(200);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_after_thirty_days() {
    on_both(async |app: &TestApp| {
        let mut cookie = app.sign_up("a@example.com").await.cookie;
        for _ in 0..29 {
            app.advance_seconds(86_400);
            let refreshed = refresh(app, &cookie).await;
            refreshed.assert_status(200);
            cookie = refreshed.cookie();
        }
        app.advance_seconds(86_400);
        refresh(app, &cookie)
            .await
            .assert_problem(401, "auth.session_ended");
    })
    .await;
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_can_be_repeated() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let lost = refresh(app, &member.cookie).await;
        lost.assert_status(200);
        app.advance_seconds(10);
        refresh(app, &member.cookie)
            .await
            .assert_problem(409, "auth.refresh_raced");
        for _ in 0..3 {
            app.advance_seconds(11);
            refresh(app, &member.cookie).await.assert_status(200);
        }
        app.advance_seconds(20 * 60);
        let repeated = refresh(app, &member.cookie).await;
        repeated.assert_status(200);
        me(app, &token(&repeated)).await.assert_status(200);
        let next = refresh(app, &repeated.cookie()).await;
        next.assert_status(200);
        assert_eq!(audited(app, "session.token_reused").await, 0);

        // Now the token after it was used: who comes with the old one has stolen it.
        app.advance_seconds(11);
        let reused = refresh(app, &member.cookie).await;
        reused.assert_problem(401, "auth.session_ended");
        assert!(reused.header("set-cookie").contains("Max-Age=0"));
        refresh(app, &next.cookie())
            .await
            .assert_problem(401, "auth.session_ended");
        me(app, &token(&next))
            .await
            .assert_problem(401, "auth.session_ended");
        assert_eq!(audited(app, "session.token_reused").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_thief_who_repeats_a_refresh_is_found_out_by_the_browser() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let browser = refresh(app, &member.cookie).await;
        app.advance_seconds(11);
        let thief = refresh(app, &member.cookie).await;
        thief.assert_status(200);
        refresh(app, &browser.cookie())
            .await
            .assert_problem(401, "auth.session_ended");
        me(app, &token(&thief))
            .await
            .assert_problem(401, "auth.session_ended");
        assert_eq!(audited(app, "session.token_reused").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_token_of_long_ago_ends_the_session_too() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let second = refresh(app, &member.cookie).await;
        let third = refresh(app, &second.cookie()).await;
        third.assert_status(200);
        refresh(app, &member.cookie)
            .await
            .assert_problem(401, "auth.session_ended");
        refresh(app, &third.cookie())
            .await
            .assert_problem(401, "auth.session_ended");
    })
    .await;
}

#[tokio::test]
async fn of_many_who_refresh_at_once_one_gets_the_new_token() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let calls = (0..8).map(|_| refresh(app, &member.cookie));
        let mut statuses: Vec<u16> = join_all(calls).await.iter().map(|it| it.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_refresh_token_refreshes_nothing() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let none = app.post("/api/v1/sessions/refresh").page("member").await;
        none.assert_problem(401, "auth.unauthenticated");
        for cookie in [
            "coterie_member=",
            "coterie_member=x",
            "coterie_member=ses_x.y",
            "coterie_member=..",
        ] {
            refresh(app, cookie)
                .await
                .assert_problem(401, "auth.session_ended");
        }
        let console = member.cookie.replace("coterie_member", "coterie_console");
        let as_staff = app
            .post("/api/v1/staff_sessions/refresh")
            .page("console")
            .cookie(&console)
            .await;
        as_staff.assert_problem(401, "auth.session_ended");
        refresh(app, &member.cookie).await.assert_status(200);
    })
    .await;
}

#[tokio::test]
async fn signing_out_ends_one_device_or_all() {
    on_both(async |app: &TestApp| {
        let phone = app.sign_up("a@example.com").await;
        let desk = sign_in(app, "a@example.com", PASSWORD).await;
        let out = app
            .delete("/api/v1/sessions/current")
            .page("member")
            .bearer(&phone.token);
        let out = out.cookie(&phone.cookie).await;
        out.assert_status(204);
        assert!(out.header("set-cookie").contains("Max-Age=0"));
        me(app, &phone.token)
            .await
            .assert_problem(401, "auth.session_ended");
        refresh(app, &phone.cookie)
            .await
            .assert_problem(401, "auth.session_ended");
        me(app, &token(&desk)).await.assert_status(200);

        // The cookie alone is enough when the access token has expired.
        let only_cookie = app
            .delete("/api/v1/sessions/current")
            .page("member")
            .cookie(&desk.cookie())
            .await;
        only_cookie.assert_status(204);
        me(app, &token(&desk))
            .await
            .assert_problem(401, "auth.session_ended");

        let (one, other) = (
            sign_in(app, "a@example.com", PASSWORD).await,
            sign_in(app, "a@example.com", PASSWORD).await,
        );
        let stranger = app.sign_up("b@example.com").await;
        app.delete("/api/v1/sessions")
            .bearer(&token(&one))
            .await
            .assert_status(204);
        for device in [&one, &other] {
            me(app, &token(device))
                .await
                .assert_problem(401, "auth.session_ended");
            refresh(app, &device.cookie())
                .await
                .assert_problem(401, "auth.session_ended");
        }
        me(app, &stranger.token).await.assert_status(200);
        sign_in(app, "a@example.com", PASSWORD)
            .await
            .assert_status(201);
    })
    .await;
}

#[tokio::test]
async fn a_member_sees_and_ends_their_own_devices_only() {
    on_both(async |app: &TestApp| {
        let phone = app.sign_up("a@example.com").await;
        app.advance_seconds(1);
        let body = json!({ "identifier": "a@example.com", "password": PASSWORD });
        let agent = "x".repeat(300);
        let desk = app
            .post("/api/v1/sessions")
            .page("member")
            .header("user-agent", &agent)
            .json(&body)
            .await;
        let stranger = app.sign_up("b@example.com").await;

        let devices = app
            .get("/api/v1/sessions")
            .bearer(&phone.token)
            .await
            .json();
        let rows = devices["data"].as_array().expect("rows");
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0]["user_agent"], "x".repeat(200));
        assert_eq!(
            (&rows[0]["current"], &rows[1]["current"]),
            (&json!(false), &json!(true))
        );

        let first = app
            .get("/api/v1/sessions?limit=1")
            .bearer(&phone.token)
            .await
            .json();
        let cursor = first["next_cursor"].as_str().expect("there is more");
        let second = app
            .get(&format!("/api/v1/sessions?limit=1&cursor={cursor}"))
            .bearer(&phone.token)
            .await
            .json();
        assert_eq!(
            (&first["data"][0], &second["data"][0]),
            (&rows[0], &rows[1])
        );
        assert_eq!(second["next_cursor"], Value::Null);

        let desk_path = format!(
            "/api/v1/sessions/{}",
            rows[0]["id"].as_str().expect("an id")
        );
        let foreign = app.delete(&desk_path).bearer(&stranger.token).await;
        foreign.assert_problem(404, "sessions.not_found");
        me(app, &token(&desk)).await.assert_status(200);
        app.delete(&desk_path)
            .bearer(&phone.token)
            .await
            .assert_status(204);
        me(app, &token(&desk))
            .await
            .assert_problem(401, "auth.session_ended");
        app.delete(&desk_path)
            .bearer(&phone.token)
            .await
            .assert_problem(404, "sessions.not_found");
        app.delete("/api/v1/sessions/mem_x")
            .bearer(&phone.token)
            .await
            .assert_problem(404, "request.not_found");
    })
    .await;
}

/// Asks for a hand-off address and gives its code.
async fn hand_off(app: &TestApp, key: &str, member: &str, page: Option<&str>) -> String {
    let body = json!({ "member": member, "page": page });
    let answer = app
        .post("/api/v1/embed_sessions")
        .bearer(key)
        .json(&body)
        .await;
    answer.assert_status(201);
    let url = answer.json()["url"].as_str().unwrap_or_default().to_owned();
    let code = url
        .strip_prefix("http://127.0.0.1:3000/e/")
        .expect("an address of ours");
    assert!(code.len() >= 32, "{code}");
    code.to_owned()
}

async fn exchange(app: &TestApp, code: &str) -> crate::support::Answer {
    app.post("/api/v1/sessions/exchange")
        .page("member")
        .json(&json!({ "code": code }))
        .await
}

#[tokio::test]
async fn the_shop_opens_pages_for_a_member_once() {
    on_both(async |app: &TestApp| {
        let key = app
            .api_key(&[Scope::EmbedCreate, Scope::MembersWrite])
            .await;
        let member = json!({ "external_id": "c-1" });
        app.post("/api/v1/members")
            .bearer(&key)
            .json(&member)
            .await
            .assert_status(201);
        let code = hand_off(app, &key, "ext:c-1", Some("/points?asset=credit")).await;
        let answer = exchange(app, &code).await;
        answer.assert_status(201);
        assert_eq!(answer.json()["page"], "/points?asset=credit");
        assert_eq!(me(app, &token(&answer)).await.json()["external_id"], "c-1");
        refresh(app, &answer.cookie()).await.assert_status(200);
        exchange(app, &code)
            .await
            .assert_problem(410, "auth.handoff_invalid");
        for code in ["", "x", &"0".repeat(64)] {
            exchange(app, code)
                .await
                .assert_problem(410, "auth.handoff_invalid");
        }
    })
    .await;
}

#[tokio::test]
async fn a_hand_off_code_works_for_two_minutes_and_for_one_of_many() {
    on_both(async |app: &TestApp| {
        let key = app.api_key(&[Scope::EmbedCreate]).await;
        let member = app.sign_up("a@example.com").await.id.to_string();
        let (late, in_time) = (
            hand_off(app, &key, &member, None).await,
            hand_off(app, &key, &member, None).await,
        );
        app.advance_seconds(119);
        let calls = (0..10).map(|_| exchange(app, &in_time));
        let mut statuses: Vec<u16> = join_all(calls).await.iter().map(|it| it.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 410, 410, 410, 410, 410, 410, 410, 410, 410]);
        app.advance_seconds(1);
        exchange(app, &late)
            .await
            .assert_problem(410, "auth.handoff_invalid");
    })
    .await;
}

#[tokio::test]
async fn only_a_key_with_the_scope_opens_pages_and_only_pages_of_ours() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let (right, wrong) = (
            app.api_key(&[Scope::EmbedCreate]).await,
            app.api_key(&[Scope::MembersWrite]).await,
        );
        let admin = app.staff(Role::Admin).await;
        let ask = |bearer: &str, body: Value| {
            app.post("/api/v1/embed_sessions")
                .bearer(bearer)
                .json(&body)
                .into_future()
        };
        let body = json!({ "member": member.id });
        let refused = ask(&wrong, body.clone())
            .await
            .assert_problem(403, "auth.scope_missing");
        assert_eq!(refused["detail"], "embed:create");
        ask(&member.token, body.clone())
            .await
            .assert_problem(403, "auth.forbidden");
        ask(&admin.token, body.clone())
            .await
            .assert_problem(403, "auth.forbidden");
        for page in [
            "//evil.example",
            "https://evil.example",
            "points",
            "/\\evil.example",
            "",
        ] {
            let parts = ask(&right, json!({ "member": member.id, "page": page }))
                .await
                .wrong_parts();
            assert_eq!(
                parts,
                [("/page".to_owned(), "invalid".to_owned())],
                "{page}"
            );
        }
        for nobody in [
            "ext:nobody",
            "mem_x",
            "",
            "mem_01k0000000e008000000000001",
            member.cookie.as_str(),
        ] {
            let answer = ask(&right, json!({ "member": nobody })).await;
            answer.assert_problem(404, "members.not_found");
        }
    })
    .await;
}

#[tokio::test]
async fn a_frozen_member_may_look_and_not_touch() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let operator = app.staff(Role::Operator).await;
        let rename = || {
            app.patch("/api/v1/me")
                .bearer(&member.token)
                .json(&json!({ "name": "Li" }))
                .into_future()
        };
        rename().await.assert_status(200);
        let path = format!("/api/v1/members/{}", member.id);
        let reason = json!({ "reason": "charge-back" });
        app.post(&format!("{path}/freeze"))
            .bearer(&operator.token)
            .json(&reason)
            .await
            .assert_status(200);
        rename().await.assert_problem(403, "members.frozen");
        me(app, &member.token).await.assert_status(200);
        app.get("/api/v1/me/summary")
            .bearer(&member.token)
            .await
            .assert_status(200);
        sign_in(app, "a@example.com", PASSWORD)
            .await
            .assert_status(201);
        app.post(&format!("{path}/unfreeze"))
            .bearer(&operator.token)
            .json(&reason)
            .await
            .assert_status(200);
        rename().await.assert_status(200);
    })
    .await;
}

#[tokio::test]
async fn cookies_serve_our_own_pages_only() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let ask = || app.post("/api/v1/sessions/refresh").cookie(&member.cookie);
        ask().await.assert_problem(403, "auth.foreign_origin");
        ask()
            .page("console")
            .await
            .assert_problem(403, "auth.foreign_origin");
        let page = || ask().page("member");
        page()
            .header("origin", "https://evil.example")
            .await
            .assert_problem(403, "auth.foreign_origin");
        page()
            .header("origin", "null")
            .await
            .assert_problem(403, "auth.foreign_origin");
        page()
            .header("sec-fetch-site", "cross-site")
            .await
            .assert_problem(403, "auth.foreign_origin");
        let body = json!({ "identifier": "a@example.com", "password": PASSWORD });
        let no_page = app.post("/api/v1/sessions").json(&body).await;
        no_page.assert_problem(403, "auth.foreign_origin");
        page()
            .header("origin", "http://127.0.0.1:3000")
            .await
            .assert_status(200);
    })
    .await;
}

#[tokio::test]
async fn with_https_the_cookie_is_bound_to_the_host() {
    let https =
        |config: &mut server::config::Config| config.public_url = "https://club.example".to_owned();
    on_both_with(https, async |app: &TestApp| {
        let request = json!({ "email": "a@example.com", "password": PASSWORD });
        let answer = app
            .post("/api/v1/sign_ups")
            .page("member")
            .json(&request)
            .await;
        let cookie = answer.header("set-cookie");
        assert!(
            cookie.starts_with("__Host-coterie_member=ses_") && cookie.contains("; Secure"),
            "{cookie}"
        );
        refresh(app, &answer.cookie()).await.assert_status(200);
    })
    .await;
}

#[tokio::test]
async fn guessing_is_slowed_down_for_one_account_and_for_one_address() {
    let limits = |config: &mut server::config::Config| {
        config.limits = Limits {
            sign_in_account_per_minute: 3,
            sign_in_address_per_minute: 6,
            ..Limits::OFF
        };
    };
    on_both_with(limits, async |app: &TestApp| {
        for _ in 0..3 {
            sign_in(app, "a@example.com", "wrong wrong")
                .await
                .assert_problem(401, "auth.bad_credentials");
        }
        let limited = sign_in(app, " A@example.com", "wrong wrong").await;
        limited.assert_problem(429, "request.rate_limited");
        let wait: u64 = limited.header("retry-after").parse().expect("seconds");
        assert!((1..=20).contains(&wait), "{wait}");
        sign_in(app, "b@example.com", "wrong wrong")
            .await
            .assert_problem(401, "auth.bad_credentials");
        sign_in(app, "c@example.com", "wrong wrong")
            .await
            .assert_problem(401, "auth.bad_credentials");
        let limited = sign_in(app, "d@example.com", "wrong wrong").await;
        limited.assert_problem(429, "request.rate_limited");
        assert_eq!(
            limited.header("ratelimit-policy"),
            "\"sign-in-address\";q=6;w=60"
        );
        let body = json!({ "identifier": "d@example.com", "password": "wrong wrong" });
        let elsewhere = app
            .post("/api/v1/sessions")
            .page("member")
            .address([192, 0, 2, 7])
            .json(&body);
        elsewhere.await.assert_problem(401, "auth.bad_credentials");
    })
    .await;
}

#[tokio::test]
async fn a_member_changes_the_password_and_the_other_devices_go() {
    on_both(async |app: &TestApp| {
        let here = app.sign_up("a@example.com").await;
        let sign_in = async |password: &str| {
            let body = json!({ "identifier": "a@example.com", "password": password });
            app.post("/api/v1/sessions")
                .page("member")
                .json(&body)
                .await
        };
        let there = sign_in(PASSWORD).await.json();
        let there = there["access_token"].as_str().expect("a token").to_owned();
        let change = async |token: &str, current: &str, password: &str| {
            let body = json!({ "current": current, "password": password });
            app.post("/api/v1/me/password")
                .bearer(token)
                .json(&body)
                .await
        };
        let is_set = app.get("/api/v1/me/password").bearer(&here.token).await;
        assert_eq!(is_set.json(), json!({ "is_set": true }));
        let wrong = change(&here.token, "not my password", "a longer one").await;
        assert_eq!(
            wrong.wrong_parts(),
            [("/current".to_owned(), "invalid".to_owned())]
        );
        let short = change(&here.token, PASSWORD, "short").await;
        assert_eq!(
            short.wrong_parts(),
            [("/password".to_owned(), "out_of_range".to_owned())]
        );
        change(&here.token, PASSWORD, "a longer one")
            .await
            .assert_status(204);
        app.get("/api/v1/me")
            .bearer(&here.token)
            .await
            .assert_status(200);
        app.get("/api/v1/me")
            .bearer(&there)
            .await
            .assert_problem(401, "auth.session_ended");
        sign_in(PASSWORD)
            .await
            .assert_problem(401, "auth.bad_credentials");
        sign_in("a longer one").await.assert_status(201);
    })
    .await;
}

#[tokio::test]
async fn who_comes_in_through_the_shop_has_no_password_to_change() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("c-1").await;
        let token = shop.hand_over("c-1").await;
        let is_set = app.get("/api/v1/me/password").bearer(&token).await;
        assert_eq!(is_set.json(), json!({ "is_set": false }));
        let body = json!({ "current": PASSWORD, "password": "a longer one" });
        let refused = app
            .post("/api/v1/me/password")
            .bearer(&token)
            .json(&body)
            .await;
        refused.assert_problem(409, "auth.no_password");
    })
    .await;
}

#[tokio::test]
async fn staff_change_their_own_password_and_it_is_on_record() {
    on_both(async |app: &TestApp| {
        let admin = app.staff(Role::Admin).await;
        let change = async |current: &str| {
            let body = json!({ "current": current, "password": "a longer one" });
            let call = app.post("/api/v1/staff/me/password").bearer(&admin.token);
            call.json(&body).await
        };
        let wrong = change("not my password").await;
        assert_eq!(
            wrong.wrong_parts(),
            [("/current".to_owned(), "invalid".to_owned())]
        );
        change(PASSWORD).await.assert_status(204);
        let trail = app
            .get("/api/v1/audit_entries")
            .bearer(&admin.token)
            .await
            .json();
        assert_eq!(trail["data"][0]["action"], "staff.password_changed");
        assert_eq!(trail["data"][0]["actor"], json!(admin.id));
        assert_eq!(change(PASSWORD).await.status, 422);
    })
    .await;
}

#[tokio::test]
async fn tries_to_guess_the_present_password_are_few() {
    let few = |config: &mut Config| {
        config.limits = Limits {
            sign_in_account_per_minute: 3,
            ..Limits::OFF
        };
    };
    on_both_with(few, async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let body = json!({ "current": "a guess", "password": "a longer one" });
        let guess = async || {
            let call = app.post("/api/v1/me/password").bearer(&member.token);
            call.json(&body).await
        };
        for _ in 0..3 {
            assert_eq!(guess().await.status, 422);
        }
        guess().await.assert_problem(429, "request.rate_limited");
    })
    .await;
}
