//! The member centre in the frames of other sites: where sessions are kept there, and for whom a
//! code is.

use crate::support::{Answer, TestApp, on_both_with};
use serde_json::{Value, json};
use server::config::Config;
use shared::sessions::api::Device;
use shared::staff::Scope;

const SHOP: &str = "https://shop.example";

fn held(config: &mut Config) {
    "https://club.example".clone_into(&mut config.public_url);
    config.frame_ancestors = vec![SHOP.to_owned(), "https://*.m.example".to_owned()];
}

/// A code for the member, and for this host.
async fn code(app: &TestApp, key: &str, member: &str, host: Option<&str>) -> String {
    let body = json!({ "member": member, "host": host, "page": "/w/tier" });
    let call = app.post("/api/v1/embed_sessions").bearer(key).json(&body);
    let answer = call.await;
    answer.assert_status(201);
    let url = answer.json()["url"].as_str().unwrap_or_default().to_owned();
    let code = url.strip_prefix("https://club.example/e/");
    code.expect("an address of ours").to_owned()
}

async fn exchange(app: &TestApp, body: Value, frame: Option<&str>) -> Answer {
    let call = app.post("/api/v1/sessions/exchange").page("member");
    let call = match frame {
        Some(frame) => call.header("x-coterie-frame", frame),
        None => call,
    };
    call.json(&body).await
}

async fn refresh(app: &TestApp, cookie: &str, frame: Option<&str>) -> Answer {
    let call = app.post("/api/v1/sessions/refresh").page("member");
    let call = call.cookie(cookie);
    match frame {
        Some(frame) => call.header("x-coterie-frame", frame).await,
        None => call.await,
    }
}

#[tokio::test]
async fn the_list_is_told_to_anyone() {
    on_both_with(held, async |app: &TestApp| {
        let answer = app.get("/api/v1/embedding").await;
        answer.assert_status(200);
        let expected = json!({ "origins": [SHOP, "https://*.m.example"] });
        assert_eq!(answer.json(), expected);
    })
    .await;
}

#[tokio::test]
async fn a_session_is_kept_where_its_page_may_keep_it() {
    on_both_with(held, async |app: &TestApp| {
        let key = app.api_key(&[Scope::EmbedCreate]).await;
        let member = app.sign_up("a@example.com").await.id.to_string();
        for (frame, name, site) in [
            (None, "__Host-coterie_member=", "SameSite=Lax"),
            (
                Some("partitioned"),
                "__Host-coterie_frame=",
                "SameSite=None",
            ),
        ] {
            let code = code(app, &key, &member, None).await;
            let answer = exchange(app, json!({ "code": code }), frame).await;
            answer.assert_status(201);
            let cookie = answer.header("set-cookie").to_owned();
            assert!(
                cookie.starts_with(name) && cookie.contains(site),
                "{cookie}"
            );
            assert!(
                cookie.contains("; Secure") && cookie.contains("; HttpOnly"),
                "{cookie}"
            );
            assert_eq!(cookie.contains("Partitioned"), frame.is_some(), "{cookie}");
            // The other kind of page does not take it for its own.
            let other = match frame {
                None => Some("partitioned"),
                Some(_) => None,
            };
            let refused = refresh(app, &answer.cookie(), other).await;
            refused.assert_problem(401, "auth.unauthenticated");
            let renewed = refresh(app, &answer.cookie(), frame).await;
            renewed.assert_status(200);
            assert!(renewed.header("set-cookie").contains(site));
            let out = app.delete("/api/v1/sessions/current").page("member");
            let out = out.cookie(&renewed.cookie());
            let out = match frame {
                Some(frame) => out.header("x-coterie-frame", frame).await,
                None => out.await,
            };
            out.assert_status(204);
            assert!(out.header("set-cookie").contains("Max-Age=0"));
            let gone = refresh(app, &renewed.cookie(), frame).await;
            gone.assert_problem(401, "auth.session_ended");
        }
    })
    .await;
}

#[tokio::test]
async fn where_nothing_is_kept_a_session_ends_with_its_access_token() {
    on_both_with(held, async |app: &TestApp| {
        let key = app.api_key(&[Scope::EmbedCreate]).await;
        let member = app.sign_up("a@example.com").await;
        let code = code(app, &key, &member.id.to_string(), None).await;
        let answer = exchange(app, json!({ "code": code }), Some("memory")).await;
        answer.assert_status(201);
        assert_eq!(answer.header("set-cookie"), "");
        let token = answer.json()["access_token"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        app.get("/api/v1/me")
            .bearer(&token)
            .await
            .assert_status(200);
        let devices = async |token: &str| {
            let list = app.get("/api/v1/sessions").bearer(token).await;
            let list: shared::page::Page<Device> = list.parse();
            list.data.len()
        };
        assert_eq!(devices(&member.token).await, 2);
        app.advance_seconds(899);
        app.get("/api/v1/me")
            .bearer(&token)
            .await
            .assert_status(200);
        app.advance_seconds(1);
        let late = app.get("/api/v1/me").bearer(&token).await;
        late.assert_problem(401, "auth.token_expired");
        // Such a page has no cookie, whatever its browser sends.
        let refused = refresh(app, &member.cookie, Some("memory")).await;
        refused.assert_problem(401, "auth.unauthenticated");
        let renewed = refresh(app, &member.cookie, None).await;
        renewed.assert_status(200);
        let token = renewed.json()["access_token"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert_eq!(devices(&token).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_code_for_one_host_is_of_no_use_in_anothers_frame() {
    on_both_with(held, async |app: &TestApp| {
        let key = app.api_key(&[Scope::EmbedCreate]).await;
        let member = app.sign_up("a@example.com").await.id.to_string();
        let bound = code(app, &key, &member, Some(SHOP)).await;
        for host in [
            Some("https://a.m.example"),
            Some("https://evil.example"),
            None,
        ] {
            let answer = exchange(app, json!({ "code": bound, "host": host }), None).await;
            answer.assert_problem(410, "auth.handoff_invalid");
        }
        // Who tried in vain has not used it up.
        let right = json!({ "code": bound, "host": SHOP });
        let answer = exchange(app, right.clone(), Some("partitioned")).await;
        answer.assert_status(201);
        assert_eq!(answer.json()["page"], "/w/tier");
        let again = exchange(app, right, Some("partitioned")).await;
        again.assert_problem(410, "auth.handoff_invalid");
        let free = code(app, &key, &member, None).await;
        let anywhere = json!({ "code": free, "host": "https://a.m.example" });
        exchange(app, anywhere, None).await.assert_status(201);
        for host in ["https://evil.example", "http://shop.example", "null", ""] {
            let body = json!({ "member": member, "host": host });
            let refused = app.post("/api/v1/embed_sessions").bearer(&key).json(&body);
            let expected = [("/host".to_owned(), "invalid".to_owned())];
            assert_eq!(refused.await.wrong_parts(), expected, "{host}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_frame_is_asked_the_same_as_a_page() {
    on_both_with(held, async |app: &TestApp| {
        let key = app.api_key(&[Scope::EmbedCreate]).await;
        let member = app.sign_up("a@example.com").await.id.to_string();
        let code = code(app, &key, &member, None).await;
        let answer = exchange(app, json!({ "code": code }), Some("partitioned")).await;
        let ask = || {
            let call = app.post("/api/v1/sessions/refresh");
            let call = call.header("x-coterie-frame", "partitioned");
            call.cookie(&answer.cookie())
        };
        // Another site that makes the browser send the cookie gets nothing by it.
        ask().await.assert_problem(403, "auth.foreign_origin");
        for (name, value) in [
            ("origin", SHOP),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let forged = ask().page("member").header(name, value).await;
            forged.assert_problem(403, "auth.foreign_origin");
        }
        let own = ask()
            .page("member")
            .header("origin", "https://club.example");
        own.header("sec-fetch-site", "same-origin")
            .await
            .assert_status(200);
    })
    .await;
}
