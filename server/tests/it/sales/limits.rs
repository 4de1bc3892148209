//! How often one may ask in a sale.

use super::support::{Sales, product};
use crate::support::{TestApp, on_both_with};
use serde_json::json;
use server::config::Config;

const HOME: [u8; 4] = [192, 0, 2, 1];
const OFFICE: [u8; 4] = [192, 0, 2, 2];

fn two_from_an_address(config: &mut Config) {
    config.limits.sale_claims_address_per_minute = 2;
}

fn two_of_a_member(config: &mut Config) {
    config.limits.sale_claims_per_minute = 2;
}

#[tokio::test]
async fn an_address_that_asks_too_often_is_told_when_to_come_again_and_loses_nothing() {
    on_both_with(two_from_an_address, async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        let tokens = it.tokens(&["ann", "bob", "cat"]).await;
        it.at(0);
        let claim = async |token: &str, from: [u8; 4], key: &str| {
            let path = format!("/api/v1/flash_sales/{sale}/claims");
            let call = app
                .post(&path)
                .bearer(token)
                .address(from)
                .idempotency_key(key);
            call.json(&json!({ "sku": "milk", "quantity": 1 })).await
        };
        let first = claim(&tokens[0], HOME, "a").await;
        first.assert_status(201);
        claim(&tokens[1], HOME, "a").await.assert_status(201);
        // Who shares the address waits, whoever it is and whatever the key.
        for (token, key) in [(&tokens[2], "a"), (&tokens[0], "a"), (&tokens[0], "b")] {
            let refused = claim(token, HOME, key).await;
            refused.assert_problem(429, "request.rate_limited");
            let wait: u64 = refused.header("retry-after").parse().expect("seconds");
            assert!((1..=30).contains(&wait), "{wait}");
        }
        assert_eq!(it.stock(&sale).await, (3, 2, 0));
        // The same intents from elsewhere: the one that was refused wins, the other stands.
        claim(&tokens[2], OFFICE, "a").await.assert_status(201);
        let again = claim(&tokens[0], OFFICE, "a").await;
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.body, first.body);
        assert_eq!(it.stock(&sale).await, (2, 3, 0));
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_member_who_asks_too_often_holds_up_nobody_else() {
    on_both_with(two_of_a_member, async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it
            .sale(json!({ "products": [product("milk", 5, json!({ "per_member": 5 }))] }))
            .await;
        let tokens = it.tokens(&["ann", "bob"]).await;
        it.at(0);
        it.won(&tokens[0], &sale, "a", 1).await;
        it.won(&tokens[0], &sale, "b", 1).await;
        let refused = it.claim(&tokens[0], &sale, "c", 1).await;
        refused.assert_problem(429, "request.rate_limited");
        assert_ne!(refused.header("retry-after"), "");
        it.won(&tokens[1], &sale, "a", 1).await;
        assert_eq!(it.stock(&sale).await, (2, 3, 0));
        it.shop.assert_books().await;
    })
    .await;
}
