//! What all routes share: bad input and its answers, problems, tags, limits, what operators ask.

use crate::support::{Answer, PASSWORD, TestApp, on_both, on_both_with};
use serde_json::{Value, json};
use server::config::{Config, Limits};
use shared::staff::Role;

async fn sign_in_with(app: &TestApp, body: impl Into<Vec<u8>>) -> Answer {
    app.post("/api/v1/sessions").page("member").raw(body).await
}

#[tokio::test]
async fn what_is_not_json_is_malformed() {
    on_both(async |app: &TestApp| {
        for body in [
            "",
            "{",
            "{'identifier': 1}",
            "\u{feff}{}",
            "{\"identifier\":\"\\ud800\"}",
        ] {
            sign_in_with(app, body)
                .await
                .assert_problem(400, "request.malformed");
        }
        sign_in_with(app, vec![0xff, 0xfe, b'{', b'}'])
            .await
            .assert_problem(400, "request.malformed");
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let answer = sign_in_with(app, deep).await;
        assert!([400, 422].contains(&answer.status), "{}", answer.text());
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_in_json_is_pointed_at() {
    on_both(async |app: &TestApp| {
        for (body, pointer, code) in [
            (
                json!({ "identifier": 5, "password": "x" }),
                "/identifier",
                "invalid",
            ),
            (json!({ "identifier": "a" }), "/password", "required"),
            (
                json!({ "identifier": "a", "password": "b", "admin": true }),
                "/admin",
                "unknown",
            ),
            (
                json!({ "identifier": "a", "password": null }),
                "/password",
                "invalid",
            ),
            (json!([]), "", "invalid"),
            (json!("x"), "", "invalid"),
        ] {
            let parts = sign_in_with(app, body.to_string()).await.wrong_parts();
            assert_eq!(parts, [(pointer.to_owned(), code.to_owned())], "{body}");
        }
        let twice = r#"{"identifier":"a","identifier":"b","password":"c"}"#;
        assert_eq!(sign_in_with(app, twice).await.wrong_parts().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_body_has_a_type_and_a_size() {
    on_both(async |app: &TestApp| {
        let body = json!({ "identifier": "a", "password": "b" }).to_string();
        for kind in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
        ] {
            let call = app
                .post("/api/v1/sessions")
                .page("member")
                .raw(body.as_str());
            call.header("content-type", kind)
                .await
                .assert_problem(415, "request.unsupported_media_type");
        }
        for kind in [
            "application/json",
            "application/json; charset=utf-8",
            "Application/JSON",
        ] {
            let call = app
                .post("/api/v1/sessions")
                .page("member")
                .raw(body.as_str());
            call.header("content-type", kind)
                .await
                .assert_problem(401, "auth.bad_credentials");
        }
        let large = json!({ "identifier": "a", "password": "b".repeat(1024 * 1024) }).to_string();
        sign_in_with(app, large)
            .await
            .assert_problem(413, "request.too_large");
        let fits =
            json!({ "identifier": "a", "password": "b".repeat(1024 * 1024 - 100) }).to_string();
        sign_in_with(app, fits)
            .await
            .assert_problem(401, "auth.bad_credentials");
    })
    .await;
}

#[tokio::test]
async fn a_batch_of_orders_may_be_larger() {
    on_both(async |app: &TestApp| {
        let key = app.api_key(&shared::staff::Scope::ALL).await;
        let send = |bytes: usize| {
            let body = json!({ "events": [], "x": "y".repeat(bytes) }).to_string();
            app.post("/api/v1/order_events/batches")
                .bearer(&key)
                .raw(body)
                .into_future()
        };
        send(3 * 1024 * 1024)
            .await
            .assert_problem(422, "request.invalid");
        send(4 * 1024 * 1024)
            .await
            .assert_problem(413, "request.too_large");
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_not_there_is_a_problem_and_not_a_page() {
    on_both(async |app: &TestApp| {
        for path in [
            "/api",
            "/api/",
            "/api/v1",
            "/api/v1/nothing",
            "/api/v2/me",
            "/api/v1/me/",
            "/api/v1/sessions/x/y",
            "/x",
        ] {
            app.get(path).await.assert_problem(404, "request.not_found");
        }
        app.post("/api/v1/nothing")
            .raw("{")
            .await
            .assert_problem(404, "request.not_found");
        let encoded = app.get("/api/v1/..%2f..%2fetc/passwd").await;
        encoded.assert_problem(404, "request.not_found");
    })
    .await;
}

#[tokio::test]
async fn a_method_that_is_not_taken_is_a_problem() {
    on_both(async |app: &TestApp| {
        let answer = app.delete("/api/v1/programme").await;
        answer.assert_problem(405, "request.method_not_allowed");
        assert!(
            answer.header("allow").contains("GET"),
            "{:?}",
            answer.headers
        );
        for method in ["TRACE", "CONNECT", "BREW"] {
            app.call(method, "/api/v1/me")
                .await
                .assert_problem(405, "request.method_not_allowed");
        }
        app.post("/healthz")
            .await
            .assert_problem(405, "request.method_not_allowed");
    })
    .await;
}

#[tokio::test]
async fn a_long_address_is_refused() {
    on_both(async |app: &TestApp| {
        let long = format!("/api/v1/members?q={}", "x".repeat(9000));
        app.get(&long)
            .await
            .assert_problem(414, "request.uri_too_long");
        let fits = format!("/api/v1/members?q={}", "x".repeat(8000));
        app.get(&fits)
            .await
            .assert_problem(401, "auth.unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn pages_are_asked_for_properly() {
    on_both(async |app: &TestApp| {
        let token = app.staff(Role::Admin).await.token;
        let list = |query: &str| {
            app.get(&format!("/api/v1/staff?{query}"))
                .bearer(&token)
                .into_future()
        };
        let long = "0".repeat(500);
        for cursor in [
            "x",
            "%00",
            "0123",
            "zz0000000000000000000000000000000000000000000000",
            &long,
            "%F0%9F%92%A9",
        ] {
            list(&format!("cursor={cursor}"))
                .await
                .assert_problem(400, "request.invalid_cursor");
        }
        for limit in ["0", "101", "-1", "1.5", "x", "", "4294967296"] {
            let parts = list(&format!("limit={limit}")).await.wrong_parts();
            assert_eq!(
                parts.first().map(|it| it.0.as_str()),
                Some("limit"),
                "{limit}"
            );
        }
        list("limit=100").await.assert_status(200);
        // A cursor of ours that leads nowhere is the end.
        let ahead = list(&format!("cursor={}", "0".repeat(48))).await;
        assert_eq!(ahead.json(), json!({ "data": [], "next_cursor": null }));
    })
    .await;
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let parts: Vec<&str> = member.token.split('.').collect();
        let unsigned = format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.{}.", parts[1]);
        let cut = format!("{}.{}", parts[0], parts[1]);
        let flipped = format!(
            "{}.{}.{}",
            parts[0],
            parts[1],
            parts[2].chars().rev().collect::<String>()
        );
        for token in [
            "x",
            "",
            "a.b.c",
            &unsigned,
            &cut,
            &flipped,
            &"x".repeat(5000),
            &member.cookie,
        ] {
            let answer = app.get("/api/v1/me").bearer(token).await;
            answer.assert_problem(401, "auth.token_invalid");
        }
        for header in [
            "Basic YTpi",
            "Bearer",
            member.token.as_str(),
            "Bearer\u{e9}",
        ] {
            let answer = app.get("/api/v1/me").header("authorization", header).await;
            answer.assert_problem(401, "auth.token_invalid");
        }
        let lower = app
            .get("/api/v1/me")
            .header("authorization", &format!("bearer {}", member.token))
            .await;
        lower.assert_status(200);
        app.get("/api/v1/me")
            .await
            .assert_problem(401, "auth.unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn what_moves_value_needs_a_key_and_happens_once() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let staff = app.staff(Role::Operator).await;
        let path = format!("/api/v1/members/{}/points/adjustments", member.id);
        let body = json!({ "asset": "points", "amount": 10, "reason": "a gift" });
        let ask = || app.post(&path).bearer(&staff.token).json(&body);
        ask().await.assert_problem(400, "idempotency.key_required");
        for key in ["", "a b", &"k".repeat(256), "é"] {
            ask()
                .idempotency_key(key)
                .await
                .assert_problem(400, "idempotency.key_invalid");
        }
        let first = ask().idempotency_key("k-1").await;
        first.assert_status(201);
        assert_eq!(first.header("idempotent-replayed"), "");
        let again = ask().idempotency_key("k-1").await;
        again.assert_status(201);
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(first.body, again.body);
        let other = json!({ "asset": "points", "amount": 11, "reason": "a gift" });
        let reused = app
            .post(&path)
            .bearer(&staff.token)
            .idempotency_key("k-1")
            .json(&other)
            .await;
        reused.assert_problem(422, "idempotency.key_reused");
        let colleague = app.staff(Role::Operator).await;
        let theirs = app
            .post(&path)
            .bearer(&colleague.token)
            .idempotency_key("k-1")
            .json(&body)
            .await;
        theirs.assert_status(201);
        assert_eq!(theirs.header("idempotent-replayed"), "");
    })
    .await;
}

#[tokio::test]
async fn answers_say_what_they_are_and_who_may_keep_them() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        for answer in [
            app.get("/api/v1/me").bearer(&member.token).await,
            app.get("/api/v1/me").await,
            app.get("/api/v1/nothing").await,
        ] {
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert_eq!(answer.header("x-request-id").len(), 32);
        }
        let given = app
            .get("/api/v1/me")
            .header("x-request-id", "trace-1.a_B")
            .await;
        assert_eq!(
            given.assert_problem(401, "auth.unauthenticated")["request_id"],
            "trace-1.a_B"
        );
        let odd = app
            .get("/api/v1/me")
            .header("x-request-id", "<script>")
            .await;
        assert_ne!(odd.header("x-request-id"), "<script>");
    })
    .await;
}

#[tokio::test]
async fn problems_speak_the_callers_language() {
    on_both(async |app: &TestApp| {
        for (languages, title) in [
            ("en", "Sign in first."),
            ("zh-CN,zh;q=0.9", "请先登录。"),
            ("fr, en;q=0.3", "Sign in first."),
            ("fr", "请先登录。"),
        ] {
            let answer = app
                .get("/api/v1/me")
                .header("accept-language", languages)
                .await;
            assert_eq!(
                answer.assert_problem(401, "auth.unauthenticated")["title"],
                title,
                "{languages}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    on_both(async |app: &TestApp| {
        let first = app.get("/api/v1/programme").await;
        first.assert_status(200);
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 10, "{tag}");
        let second = app
            .get("/api/v1/programme")
            .header("if-none-match", &tag)
            .await;
        second.assert_status(304);
        assert!(second.body.is_empty());
        assert_eq!(second.header("etag"), tag);
        app.get("/api/v1/programme")
            .header("if-none-match", "\"other\"")
            .await
            .assert_status(200);
    })
    .await;
}

#[tokio::test]
async fn a_caller_who_asks_too_much_is_told_to_wait() {
    let limits = |config: &mut Config| {
        config.limits = Limits {
            address_per_minute: 5,
            caller_per_minute: 3,
            key_per_minute: 2,
            ..Limits::OFF
        };
    };
    on_both_with(limits, async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let key = app.api_key(&shared::staff::Scope::ALL).await;
        let me = || app.get("/api/v1/me").bearer(&member.token).into_future();
        for left in ["2", "1", "0"] {
            let answer = me().await;
            answer.assert_status(200);
            assert_eq!(answer.header("ratelimit-policy"), "\"caller\";q=3;w=60");
            assert!(
                answer
                    .header("ratelimit")
                    .starts_with(&format!("\"caller\";r={left};t="))
            );
        }
        let refused = me().await;
        refused.assert_problem(429, "request.rate_limited");
        let wait: u64 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=20).contains(&wait), "{wait}");
        for _ in 0..2 {
            app.get("/api/v1/members")
                .bearer(&key)
                .await
                .assert_status(200);
        }
        let refused = app.get("/api/v1/members").bearer(&key).await;
        refused.assert_problem(429, "request.rate_limited");
        assert_eq!(refused.header("ratelimit-policy"), "\"key\";q=2;w=60");
        // The sign-up was the first of this address; wrong tokens count too.
        for _ in 0..4 {
            app.get("/api/v1/me")
                .bearer("wrong")
                .await
                .assert_problem(401, "auth.token_invalid");
        }
        app.get("/api/v1/programme")
            .await
            .assert_problem(429, "request.rate_limited");
        app.get("/api/v1/programme")
            .address([192, 0, 2, 1])
            .await
            .assert_status(200);
        app.get("/healthz").await.assert_status(200);
    })
    .await;
}

#[tokio::test]
async fn operators_see_whether_it_lives_and_what_it_does() {
    on_both(async |app: &TestApp| {
        assert_eq!(app.get("/healthz").await.text(), "ok\n");
        assert_eq!(app.get("/readyz").await.text(), "ready\n");
        app.get("/api/v1/programme").await.assert_status(200);
        app.get("/api/v1/members/mem_1").await.assert_status(401);
        let figures = app.get("/metrics").await;
        figures.assert_status(200);
        assert!(figures.header("content-type").starts_with("text/plain"));
        app.get("/api/v1/programme").await.assert_status(200);
        let figures = app.get("/metrics").await.text();
        for line in [
            "coterie_http_requests_total{method=\"GET\",route=\"/api/v1/programme\",status=\"200\"}",
            "coterie_http_request_seconds_bucket{method=\"GET\",route=\"/api/v1/programme\",le=\"0.001\"}",
            "coterie_writes_total",
            "coterie_write_commits_total",
        ] {
            assert!(figures.contains(line), "{line} is not in\n{figures}");
        }
        assert!(!figures.contains("mem_1"), "an id made a line of its own");
        app.get("/metrics").address([192, 0, 2, 1]).await.assert_problem(403, "auth.forbidden");
    })
    .await;
}

#[tokio::test]
async fn a_server_without_its_database_is_not_ready() {
    on_both(async |app: &TestApp| {
        app.app.db.close().await;
        app.get("/healthz").await.assert_status(200);
        let ready = app.get("/readyz").await;
        ready.assert_problem(503, "server.overloaded");
        assert_eq!(ready.header("retry-after"), "1");
        let failed = app
            .get("/api/v1/sessions")
            .bearer(&format!("ck_01k0000000e008000000000001_{}", "0".repeat(64)))
            .await;
        assert!([500, 503].contains(&failed.status));
        let text = failed.text().to_lowercase();
        for word in ["sql", "pool", "closed", "connection", "database"] {
            assert!(!text.contains(word), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_description_and_its_page_are_served_from_here() {
    on_both(async |app: &TestApp| {
        let document = app.get("/api/openapi.json").await;
        document.assert_status(200);
        assert_eq!(document.json()["openapi"], "3.1.0");
        assert_eq!(
            document.json(),
            serde_json::from_str::<Value>(&server::http::document()).expect("JSON")
        );
        let page = app.get("/api/docs/").await;
        page.assert_status(200);
        assert!(
            page.header("content-security-policy")
                .contains("default-src 'none'")
        );
        assert!(!page.text().contains("https://"), "{}", page.text());
        for part in page
            .text()
            .split('"')
            .filter(|it| it.ends_with(".js") || it.ends_with(".css"))
        {
            let path = format!("/api/docs/{}", part.trim_start_matches("./"));
            app.get(&path).await.assert_status(200);
        }
        app.get("/api/docs/nothing.js").await.assert_status(404);
    })
    .await;
}

#[tokio::test]
async fn passwords_and_tokens_are_stored_as_hashes_only() {
    on_both(async |app: &TestApp| {
        use sea_orm::{ConnectionTrait, Statement};
        let member = app.sign_up("a@example.com").await;
        let db = app.app.db.read();
        let read = async |sql: &str, column: &str| -> String {
            let row = db
                .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
                .await;
            row.expect("it can be read")
                .expect("a row")
                .try_get("", column)
                .expect("text")
        };
        let password = read("SELECT password_hash FROM members", "password_hash").await;
        assert!(password.starts_with("$argon2id$") && !password.contains(PASSWORD));
        let token = read("SELECT token_hash FROM sessions", "token_hash").await;
        let (_, secret) = member.cookie.split_once('.').expect("a secret");
        assert_eq!(token, server::ids::hash_secret(secret));
        assert_ne!(token, secret);
    })
    .await;
}
