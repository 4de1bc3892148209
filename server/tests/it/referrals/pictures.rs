//! What a messenger shows of an invitation: the preview of its link, and the poster.

use super::support::Inviting;
use crate::support::{Shop, TestApp, on_both};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::response::Html;
use serde_json::json;
use server::referrals::routes::preview::with_previews;
use tower::ServiceExt;

/// The page of a path, as a server with previews sends it.
async fn page(app: &TestApp, path: &str, language: &str) -> String {
    let pages = axum::Router::new()
        .fallback(async || Html("<html><head><title>Coterie</title></head><body></body></html>"));
    let pages = with_previews(pages, &app.app);
    let request = Request::get(path)
        .header("accept-language", language)
        .header("accept-encoding", "br")
        .body(Body::empty())
        .expect("a request");
    let answer = pages.oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let body = to_bytes(answer.into_body(), 1 << 20).await.expect("a page");
    String::from_utf8(body.to_vec()).expect("text")
}

#[tokio::test]
async fn the_preview_of_a_link_says_who_invites_and_what_for() {
    on_both(async |app: &TestApp| {
        let it = Inviting::open(Shop::open(app).await, json!({})).await;
        it.shop.member("ann").await;
        let link = it.invitation("ann").await.link;
        let path = &link[link.find("/r/").expect("a path")..];
        let en = page(app, path, "en").await;
        let zh = page(app, path, "zh-CN").await;
        assert!(en.contains("property=\"og:title\""), "{en}");
        assert!(
            en.contains(&format!("property=\"og:url\" content=\"{link}\"")),
            "{en}"
        );
        assert!(
            en.contains("¥20.00 of store credit, for a first order from ¥50.00."),
            "{en}"
        );
        assert!(zh.contains("首单满 ¥50.00 可得 ¥20.00 购物金。"), "{zh}");
        assert!(en.find("og:title") < en.find("</head>"));
        // A page without an invitation stays as it is.
        for path in ["/r/NOSUCHCD", "/", "/points"] {
            assert!(!page(app, path, "en").await.contains("og:title"), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_member_gets_a_poster_in_either_language() {
    on_both(async |app: &TestApp| {
        let _it = Inviting::open(Shop::open(app).await, json!({})).await;
        let ann = app.sign_up("ann@example.com").await;
        let path = "/api/v1/me/referral/poster";
        let mut pictures = Vec::new();
        for language in ["zh-CN", "en"] {
            let path = format!("{path}?language={language}");
            let answer = app.get(&path).bearer(&ann.token).await;
            answer.assert_status(200);
            assert_eq!(answer.header("content-type"), "image/png");
            assert!(answer.body.starts_with(b"\x89PNG\r\n\x1a\n"));
            pictures.push(answer.body.clone());
        }
        assert_ne!(pictures[0], pictures[1]);
        let unknown = format!("{path}?language=fr");
        let unknown = app.get(&unknown).bearer(&ann.token).await;
        unknown.assert_problem(422, "request.invalid");
        app.get(path).await.assert_status(401);
    })
    .await;
}
