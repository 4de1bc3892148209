//! Watching a sale.

use super::support::Sales;
use crate::support::{TestApp, on_both};
use futures::StreamExt;
use serde_json::{Value, json};
use server::sales::service::pass_news;

/// The next event of a stream: its id and data.
async fn next(stream: &mut axum::body::BodyDataStream) -> (String, Value) {
    let mut text = String::new();
    while !text.contains("data:") || !text.ends_with("\n\n") {
        let part = stream.next().await.expect("the stream goes on");
        text.push_str(&String::from_utf8_lossy(&part.expect("a part")));
    }
    let field = |name: &str| {
        let line = text.lines().find_map(|it| it.strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    let data = serde_json::from_str(&field("data:")).expect("JSON");
    (field("id:"), data)
}

#[tokio::test]
async fn watchers_hear_what_changes_and_go_on_where_they_were() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        let tokens = it.tokens(&["ann"]).await;
        let path = format!("/api/v1/flash_sales/{sale}/events");
        let open = || app.get(&path).bearer(&tokens[0]);
        let mut stream = open().stream().await;
        let (first, live) = next(&mut stream).await;
        assert_eq!(live["phase"], "scheduled");
        assert_eq!(
            live["products"][0],
            json!({ "sku": "milk", "stock": 5, "free": 5 })
        );
        it.at(0);
        it.won(&tokens[0], &sale, "a", 2).await;
        let (second, live) = next(&mut stream).await;
        assert_ne!(first, second);
        assert_eq!(
            (&live["phase"], &live["sold_out"]),
            (&json!("live"), &json!(false))
        );
        assert_eq!(live["products"][0]["free"], 3);
        // Who has seen this hears of the next change only; who has not, of this one.
        let mut known = open().header("last-event-id", &second).stream().await;
        let mut fresh = open().header("last-event-id", &first).stream().await;
        assert_eq!(next(&mut fresh).await.0, second);
        it.act(&sale, "pause", json!({})).await.assert_status(200);
        let (third, live) = next(&mut known).await;
        assert_eq!(live["paused"], true);
        assert_eq!(next(&mut stream).await.0, third);
        let plain = app.get(&format!("/api/v1/flash_sales/{sale}/live"));
        let plain = plain.bearer(&tokens[0]).await.json();
        assert_eq!(plain["paused"], true);
        assert_eq!(plain["server_time"], json!(it.shop.now()));
        // A node that stops keeps nobody waiting.
        app.app.watched.end();
        assert!(stream.next().await.is_none());
    })
    .await;
}

#[tokio::test]
async fn nobody_takes_all_the_seats() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        let tokens = it.tokens(&["ann", "bob"]).await;
        let path = format!("/api/v1/flash_sales/{sale}/events");
        let open = |token: usize| app.get(&path).bearer(&tokens[token]);
        let mut streams = Vec::new();
        for _ in 0..8 {
            streams.push(open(0).stream().await);
        }
        let more = open(0).await;
        more.assert_problem(429, "request.rate_limited");
        // Others have seats of their own, and a seat that is given up is free.
        next(&mut open(1).stream().await).await;
        streams.pop();
        next(&mut open(0).stream().await).await;
        app.app.watched.end();
    })
    .await;
}

#[tokio::test]
async fn nobody_watches_a_draft() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let body = super::support::definition(&json!({}));
        let draft = it.post("/api/v1/flash_sales", &body).await.json();
        let tokens = it.tokens(&["ann"]).await;
        let id = draft["id"].as_str().unwrap_or_default();
        for end in ["live", "events"] {
            let path = format!("/api/v1/flash_sales/{id}/{end}");
            let answer = app.get(&path).bearer(&tokens[0]).await;
            answer.assert_problem(404, "flash_sales.not_found");
        }
    })
    .await;
}

#[tokio::test]
async fn word_of_a_change_reaches_every_node() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        // Two nodes are PostgreSQL's.
        let shared = app.app.db.backend() == sea_orm::DatabaseBackend::Postgres;
        let node = if shared {
            app.another_node().await
        } else {
            app.app.clone()
        };
        let mut nodes = vec![app.app.clone()];
        if shared {
            nodes.push(node.clone());
        }
        let news: Vec<_> = nodes.iter().map(pass_news).collect();
        let mut words = node.watched.words();
        // Who does not listen yet hears the next word.
        let change = async {
            loop {
                for action in ["pause", "resume"] {
                    it.act(&sale, action, json!({})).await.assert_status(200);
                }
            }
        };
        tokio::select! {
            heard = words.changed() => assert!(heard.is_ok()),
            () = change => {}
        }
        for node in &nodes {
            node.watched.end();
        }
        for news in news {
            news.await.expect("it ends");
        }
        if shared {
            node.db.close().await;
        }
    })
    .await;
}
