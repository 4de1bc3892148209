//! Pages inside WeChat: whose are signed, and how the ticket for it is fetched, shared and renewed.

use crate::support::{Answer, Receiver, Say, TestApp, on_both};
use futures::future::join_all;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use server::config::{Limits, Wechat};
use sha1::{Digest, Sha1};

const SECRET: &str = "a-secret-that-nobody-hears-of";
const PAGE: &str = "https://club.example/tasks?month=2026-06";

/// An official account whose API is this receiver.
pub fn account(api: &Receiver) -> Wechat {
    Wechat {
        app_id: "wx0123456789abcdef".to_owned(),
        app_secret: SECRET.to_owned(),
        api_url: api.url(""),
        hosts: vec!["club.example".to_owned()],
    }
}

/// WeChat lends a token for two hours.
pub const fn token(n: usize) -> Say {
    Say::Words(
        [
            "",
            r#"{"access_token":"token-1","expires_in":7200}"#,
            r#"{"access_token":"token-2","expires_in":7200}"#,
        ][n],
    )
}

/// WeChat lends a ticket for two hours.
pub const fn ticket(n: usize) -> Say {
    Say::Words(
        [
            "",
            r#"{"errcode":0,"errmsg":"ok","ticket":"ticket-1","expires_in":7200}"#,
            r#"{"errcode":0,"errmsg":"ok","ticket":"ticket-2","expires_in":7200}"#,
        ][n],
    )
}

/// WeChat refuses, and quotes what it was sent.
const NO_ACCOUNT: Say = Say::Words(
    r#"{"errcode":40013,"errmsg":"invalid appid, secret a-secret-that-nobody-hears-of"}"#,
);
const BAD_TOKEN: Say = Say::Words(r#"{"errcode":40001,"errmsg":"invalid credential token-1"}"#);
const QUOTA: Say = Say::Words(r#"{"errcode":45009,"errmsg":"reach max api daily quota limit"}"#);

/// Runs a test on both databases with an account, and a WeChat of its own.
async fn with_wechat(test: impl AsyncFn(&TestApp, &Receiver)) {
    on_both(async |app: &TestApp| {
        let api = Receiver::open().await;
        let node = app.beside(|it| it.wechat = Some(account(&api))).await;
        test(&node, &api).await;
        node.app.db.close().await;
    })
    .await;
}

async fn sign(app: &TestApp, url: &str) -> Answer {
    let call = app.post("/api/v1/wechat/signatures");
    call.json(&json!({ "url": url })).await
}

/// Whether an answer is the signature of a page with this ticket, as WeChat would work it out.
fn is_signed(answer: &Answer, ticket: &str, page: &str) -> bool {
    answer.assert_status(200);
    let it = answer.json();
    let part = |name: &str| it[name].as_str().expect("a text").to_owned();
    assert_eq!(part("app_id"), "wx0123456789abcdef");
    let text = format!(
        "jsapi_ticket={ticket}&noncestr={}&timestamp={}&url={page}",
        part("nonce"),
        it["timestamp"]
    );
    part("signature") == server::ids::hex(&Sha1::digest(text))
}

#[track_caller]
fn assert_signed(answer: &Answer, ticket: &str, page: &str) {
    assert!(is_signed(answer, ticket, page), "{}", answer.text());
}

#[tokio::test]
async fn without_an_account_nothing_is_signed() {
    on_both(async |app: &TestApp| {
        sign(app, PAGE).await.assert_problem(404, "wechat.absent");
    })
    .await;
}

#[tokio::test]
async fn a_page_is_signed_with_the_ticket_that_wechat_lends() {
    with_wechat(async |app, api| {
        api.say([token(1), ticket(1)]);
        let first = sign(app, PAGE).await;
        assert_signed(&first, "ticket-1", PAGE);
        let timestamp = app.app.db.now().as_millis() / 1000;
        assert_eq!(first.json()["timestamp"], json!(timestamp));
        for secret in [SECRET, "token-1", "ticket-1"] {
            assert!(!first.text().contains(secret), "{}", first.text());
        }
        let heard = api.heard();
        let paths: Vec<&str> = heard.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(paths, ["/cgi-bin/stable_token", "/cgi-bin/ticket/getticket"]);
        assert_eq!(heard[0].query, "");
        let asked: Value = heard[0].json();
        assert_eq!(
            asked,
            json!({ "grant_type": "client_credential", "appid": "wx0123456789abcdef", "secret": SECRET })
        );
        assert_eq!(heard[1].query, "access_token=token-1&type=jsapi");

        // The same ticket serves everyone, signed in or not, and each page has a nonce of its own.
        let other = "https://club.example/sales/sale_1";
        let second = sign(app, &format!("{other}#top")).await;
        assert_signed(&second, "ticket-1", other);
        assert_ne!(first.json()["nonce"], second.json()["nonce"]);
        let member = app.sign_up("a@example.com").await;
        let call = app.post("/api/v1/wechat/signatures").bearer(&member.token);
        let third = call.json(&json!({ "url": PAGE })).await;
        assert_signed(&third, "ticket-1", PAGE);
        assert_eq!(api.count(), 2);
    })
    .await;
}

#[tokio::test]
async fn only_own_pages_are_signed_and_wechat_is_not_asked_for_others() {
    with_wechat(async |app, api| {
        for url in [
            "https://evil.example/",
            "https://www.club.example/",
            "https://club.example:8443/",
            "https://club.example.evil.example/",
            "https://club.example@evil.example/",
        ] {
            let answer = sign(app, url).await;
            answer.assert_problem(422, "wechat.other_host");
        }
        let page = |length: usize| format!("https://club.example/{}", "a".repeat(length - 21));
        for (url, code) in [
            ("http://club.example/".to_owned(), "invalid"),
            ("/tasks".to_owned(), "invalid"),
            ("https://club.example/a b".to_owned(), "invalid"),
            (page(2001), "too_long"),
        ] {
            let answer = sign(app, &url).await;
            answer.assert_problem(422, "request.invalid");
            let problem = answer.json();
            assert_eq!(problem["errors"][0]["pointer"], "/url");
            assert_eq!(problem["errors"][0]["code"], code, "{url}");
        }
        let call = app.post("/api/v1/wechat/signatures");
        let odd = call.json(&json!({ "url": PAGE, "ticket": "x" })).await;
        odd.assert_problem(422, "request.invalid");
        assert_eq!(api.count(), 0);
        api.say([token(1), ticket(1)]);
        // What stands behind the # is not part of the length.
        let longest = sign(app, &format!("{}#{}", page(2000), "x".repeat(500))).await;
        assert_signed(&longest, "ticket-1", &page(2000));
    })
    .await;
}

/// Signs until it is with this ticket, which is on its way.
async fn until_signed_with(app: &TestApp, ticket: &str) {
    while !is_signed(&sign(app, PAGE).await, ticket, PAGE) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_ticket_is_renewed_before_it_ends_while_the_old_one_is_used() {
    with_wechat(async |app, api| {
        api.say([token(1), ticket(1), ticket(2)]);
        assert_signed(&sign(app, PAGE).await, "ticket-1", PAGE);
        app.advance_seconds(6899);
        assert_signed(&sign(app, PAGE).await, "ticket-1", PAGE);
        assert_eq!(api.count(), 2);
        app.advance_seconds(1);
        assert_signed(&sign(app, PAGE).await, "ticket-1", PAGE);
        until_signed_with(app, "ticket-2").await;
        // The token was still good.
        assert_eq!(api.heard()[2].query, "access_token=token-1&type=jsapi");
        assert_eq!(api.count(), 3);

        // Nobody came for a day: all has ended.
        app.advance_seconds(86_400);
        api.say([token(2), ticket(1)]);
        assert_signed(&sign(app, PAGE).await, "ticket-1", PAGE);
        assert_eq!(api.heard()[4].query, "access_token=token-2&type=jsapi");
        assert_eq!(api.count(), 5);
    })
    .await;
}

#[tokio::test]
async fn many_visitors_of_several_nodes_fetch_one_ticket() {
    with_wechat(async |app, api| {
        api.say([token(1), ticket(1)]);
        let other = app.beside(|_| {}).await;
        let all = (0..40).map(|n| sign(if n % 2 == 0 { app } else { &other }, PAGE));
        for answer in join_all(all).await {
            assert_signed(&answer, "ticket-1", PAGE);
        }
        assert_eq!(api.count(), 2);
        other.app.db.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_wechat_refuses_is_remembered_for_a_while() {
    with_wechat(async |app, api| {
        for (says, seconds) in [
            (vec![NO_ACCOUNT], 120),
            (vec![token(1), QUOTA], 1800),
            // The token is kept, so only the ticket is asked for.
            (vec![Say::Status(500)], 30),
            (vec![Say::Words("not JSON")], 30),
            (vec![Say::Elsewhere], 30),
            (vec![Say::Endless], 30),
            (
                vec![Say::Words(r#"{"errcode":0,"ticket":"","expires_in":7200}"#)],
                30,
            ),
            (
                vec![Say::Words(r#"{"errcode":0,"ticket":"t","expires_in":0}"#)],
                30,
            ),
            (
                vec![Say::Words(r#"{"errcode":-1,"errmsg":"system error"}"#)],
                60,
            ),
        ] {
            let count = api.count() + says.len();
            api.say(says);
            let answer = sign(app, PAGE).await;
            answer.assert_problem(503, "wechat.unavailable");
            assert_eq!(answer.header("retry-after"), seconds.to_string());
            for secret in [SECRET, "token-1"] {
                assert!(!answer.text().contains(secret), "{}", answer.text());
            }
            app.advance_seconds(seconds - 1);
            let again = sign(app, PAGE).await;
            again.assert_problem(503, "wechat.unavailable");
            assert_eq!((again.header("retry-after"), api.count()), ("1", count));
            app.advance_seconds(1);
        }
        api.say([ticket(1)]);
        assert_signed(&sign(app, PAGE).await, "ticket-1", PAGE);
    })
    .await;
}

#[tokio::test]
async fn a_silent_wechat_is_given_up_and_keeps_nobody() {
    with_wechat(async |app, api| {
        api.say([Say::Nothing]);
        let answer = sign(app, PAGE).await;
        answer.assert_problem(503, "wechat.unavailable");
        assert_eq!((answer.header("retry-after"), api.count()), ("30", 1));
        sign(app, PAGE)
            .await
            .assert_problem(503, "wechat.unavailable");
        assert_eq!(api.count(), 1);
    })
    .await;
}

/// Until when WeChat is left alone.
async fn quiet_until(app: &TestApp) -> i64 {
    let db = &app.app.db;
    let query = Statement::from_string(db.backend(), "SELECT quiet_until FROM wechat_tickets");
    let row = db.read().query_one_raw(query).await.expect("a query");
    let row = row.expect("the account's row");
    row.try_get_by_index(0).expect("an instant")
}

#[tokio::test]
async fn while_wechat_refuses_the_old_ticket_serves_to_its_end() {
    with_wechat(async |app, api| {
        api.say([token(1), ticket(1), QUOTA]);
        assert_signed(&sign(app, PAGE).await, "ticket-1", PAGE);
        app.advance_seconds(7000);
        assert_signed(&sign(app, PAGE).await, "ticket-1", PAGE);
        // It is written down when its answer has come.
        while quiet_until(app).await == 0 {
            tokio::task::yield_now().await;
        }
        for _ in 0..3 {
            assert_signed(&sign(app, PAGE).await, "ticket-1", PAGE);
        }
        app.advance_seconds(171);
        sign(app, PAGE)
            .await
            .assert_problem(503, "wechat.unavailable");
        assert_eq!(api.count(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_replaced_once() {
    with_wechat(async |app, api| {
        let short = |n: usize| {
            Say::Words(
                [
                    r#"{"errcode":0,"ticket":"ticket-1","expires_in":100}"#,
                    r#"{"errcode":0,"ticket":"ticket-2","expires_in":100}"#,
                ][n - 1],
            )
        };
        api.say([token(1), short(1)]);
        assert_signed(&sign(app, PAGE).await, "ticket-1", PAGE);
        app.advance_seconds(80);
        api.say([BAD_TOKEN, token(2), short(2)]);
        assert_signed(&sign(app, PAGE).await, "ticket-2", PAGE);
        assert_eq!(api.heard()[4].query, "access_token=token-2&type=jsapi");

        // A new token that is not accepted either is not asked for again and again.
        app.advance_seconds(80);
        api.say([BAD_TOKEN, token(1), BAD_TOKEN]);
        for _ in 0..2 {
            let answer = sign(app, PAGE).await;
            answer.assert_problem(503, "wechat.unavailable");
        }
        let count = api.count();
        app.advance_seconds(120);
        api.say([token(2), ticket(1)]);
        assert_signed(&sign(app, PAGE).await, "ticket-1", PAGE);
        assert_eq!(api.count(), count + 2);
    })
    .await;
}

#[tokio::test]
async fn signatures_are_limited_like_everything_that_is_open() {
    with_wechat(async |app, api| {
        api.say([token(1), ticket(1)]);
        let limits = Limits {
            address_per_minute: 2,
            ..Limits::OFF
        };
        let node = app.beside(|it| it.limits = limits).await;
        for _ in 0..2 {
            assert_signed(&sign(&node, PAGE).await, "ticket-1", PAGE);
        }
        sign(&node, PAGE)
            .await
            .assert_problem(429, "request.rate_limited");
        node.app.db.close().await;
    })
    .await;
}
