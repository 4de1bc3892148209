//! Many at once, on one node and on two.

use super::support::{Sales, opening, product};
use crate::support::{TestApp, on_both, on_both_with};
use futures::future::join_all;
use serde_json::json;
use server::sales::service::{Arrival, claim};
use shared::ids::{FlashSaleId, MemberId};
use shared::problem::ErrorCode;
use std::collections::HashSet;

async fn members(it: &Sales<'_>, count: usize) -> Vec<MemberId> {
    let mut members = Vec::with_capacity(count);
    for number in 0..count {
        members.push(it.shop.member(&format!("m-{number}")).await);
    }
    members
}

fn arrival(sale: &str, member: MemberId, key: &str, quantity: i64) -> Arrival {
    Arrival {
        sale: sale.parse::<FlashSaleId>().expect("an id"),
        member,
        sku: "milk".to_owned(),
        quantity,
        key: key.to_owned(),
        at: opening(),
    }
}

#[tokio::test]
async fn fifty_of_two_hundred_get_the_fifty_that_there_are() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it
            .sale(json!({ "products": [product("milk", 50, json!({}))] }))
            .await;
        let members = members(&it, 200).await;
        it.at(0);
        let claims = members.iter().map(|it| {
            let arrival = arrival(&sale, *it, "a", 1);
            async move { claim(&app.app, arrival).await }
        });
        let answers = join_all(claims).await;
        // Who came first was served first.
        for (number, answer) in answers.iter().enumerate() {
            match answer {
                Ok(answer) => assert!(number < 50 && !answer.replayed, "{number}"),
                Err(error) => {
                    assert!(number >= 50, "{number}: {error}");
                    assert_eq!(error.code(), Some(ErrorCode::SaleSoldOut));
                }
            }
        }
        let ids: HashSet<_> = answers.iter().flatten().map(|it| it.claim.id).collect();
        assert_eq!(ids.len(), 50);
        assert_eq!(it.stock(&sale).await, (0, 50, 0));
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn losers_do_not_reach_the_writer() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it
            .sale(json!({ "products": [product("milk", 1, json!({}))] }))
            .await;
        let members = members(&it, 10).await;
        it.at(0);
        let won = claim(&app.app, arrival(&sale, members[0], "a", 1)).await;
        assert!(won.is_ok_and(|it| !it.replayed));
        let writes = || {
            let stats = app.app.db.write_stats();
            stats.writes.load(std::sync::atomic::Ordering::Relaxed)
        };
        let before = writes();
        for member in &members[1..] {
            let lost = claim(&app.app, arrival(&sale, *member, "a", 1)).await;
            let code = lost.err().and_then(|it| it.code());
            assert_eq!(code, Some(ErrorCode::SaleSoldOut));
        }
        let again = claim(&app.app, arrival(&sale, members[0], "a", 1)).await;
        assert!(again.is_ok_and(|it| it.replayed));
        assert_eq!(writes(), before);
    })
    .await;
}

#[tokio::test]
async fn double_taps_and_limits_hold_when_all_come_at_once() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it
            .sale(json!({ "products": [product("milk", 40, json!({}))] }))
            .await;
        let members = members(&it, 15).await;
        it.at(0);
        // Each taps twice with one key, and tries three keys of two pieces where two can be had.
        let mut claims = Vec::new();
        for member in &members {
            for key in ["a", "a", "b", "c"] {
                let arrival = arrival(&sale, *member, key, 1);
                claims.push(async move { claim(&app.app, arrival).await });
            }
        }
        let answers = join_all(claims).await;
        for (member, answers) in members.iter().zip(answers.chunks(4)) {
            let ids: HashSet<_> = answers.iter().flatten().map(|it| it.claim.id).collect();
            let wrong = answers.iter().filter(|it| it.is_err()).count();
            assert_eq!((ids.len(), wrong), (2, 1), "{member}");
            assert!(answers[1].as_ref().is_ok_and(|it| it.replayed));
        }
        assert_eq!(it.stock(&sale).await, (10, 30, 0));
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn two_nodes_sell_what_there_is_once() {
    on_both(async |app: &TestApp| {
        // Two processes cannot write one SQLite file at the same time; two nodes are PostgreSQL's.
        if app.app.db.backend() == sea_orm::DatabaseBackend::Sqlite {
            return;
        }
        let it = Sales::open(app).await;
        let sale = it
            .sale(json!({ "products": [product("milk", 50, json!({}))] }))
            .await;
        let members = members(&it, 120).await;
        let other = app.another_node().await;
        it.at(0);
        let mut claims = Vec::new();
        for (number, member) in members.iter().enumerate() {
            let node = if number % 2 == 0 { &app.app } else { &other };
            for node in [node, &app.app] {
                let arrival = arrival(&sale, *member, "a", 1);
                claims.push(async move { claim(node, arrival).await });
            }
        }
        let answers = join_all(claims).await;
        let mut won = 0;
        for (member, answers) in members.iter().zip(answers.chunks(2)) {
            let ids: HashSet<_> = answers.iter().flatten().map(|it| it.claim.id).collect();
            assert!(ids.len() <= 1, "{member}");
            won += ids.len();
        }
        assert_eq!(won, 50);
        assert_eq!(it.stock(&sale).await, (0, 50, 0));
        // What one node gives back, the other one sells.
        it.at(900_000);
        it.shop.run_jobs().await;
        let late = members.last().expect("members");
        let mut again = arrival(&sale, *late, "b", 1);
        again.at = opening().plus_millis(900_000);
        assert!(claim(&other, again).await.is_ok());
        it.shop.assert_books().await;
        other.db.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_asks_too_often_waits() {
    on_both_with(
        |config| config.limits.sale_claims_per_minute = 2,
        async |app: &TestApp| {
            let it = Sales::open(app).await;
            let sale = it.sale(json!({})).await;
            let tokens = it.tokens(&["ann", "bob"]).await;
            it.at(0);
            it.won(&tokens[0], &sale, "a", 1).await;
            it.won(&tokens[0], &sale, "b", 1).await;
            let often = it.claim(&tokens[0], &sale, "c", 1).await;
            often.assert_problem(429, "request.rate_limited");
            assert_ne!(often.header("retry-after"), "");
            it.won(&tokens[1], &sale, "a", 1).await;
        },
    )
    .await;
}
