//! What is paid in time, what is not, and what is paid too late.

use super::support::{Sales, product};
use crate::coupons::support::template;
use crate::support::shop::{contents, event, paid, refunded};
use crate::support::{TestApp, on_both};
use serde_json::{Value, json};
use shared::page::Page;
use shared::sales::api::{FlashClaim, SaleClaim};
use shared::sales::{ClaimReason, ClaimState};

#[tokio::test]
async fn a_deadline_gives_back_exactly_once() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        let tokens = it.tokens(&["ann", "bob"]).await;
        it.at(0);
        let first = it.won(&tokens[0], &sale, "a", 2).await;
        it.at(1);
        let second = it.won(&tokens[1], &sale, "a", 2).await;
        it.pay("bob", "o-1", &second).await;
        it.at(899_999);
        it.shop.run_jobs().await;
        assert_eq!(it.stock(&sale).await, (1, 2, 2));
        it.at(900_000);
        it.shop.run_jobs().await;
        it.shop.run_jobs().await;
        assert_eq!(it.stock(&sale).await, (3, 0, 2));
        let found = it.found(&first).await;
        let stands = (found.state, found.reason);
        assert_eq!(stands, (ClaimState::Released, ClaimReason::Deadline));
        let paid = it.found(&second).await;
        assert_eq!(paid.state, ClaimState::Paid);
        assert_eq!(paid.order_id.as_deref(), Some("o-1"));
        // Ann hears of it, once.
        let token = it.shop.hand_over("ann").await;
        let heard = app.get("/api/v1/me/messages").bearer(&token).await.json();
        let kinds: Vec<&Value> = heard["data"].as_array().into_iter().flatten().collect();
        assert_eq!(kinds.len(), 1, "{heard}");
        assert_eq!(kinds[0]["content"]["kind"], "claim_released");
        // And can have it again.
        it.won(&token, &sale, "b", 2).await;
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn who_pays_late_is_seated_again_while_there_is_a_seat() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        let tokens = it.tokens(&["ann"]).await;
        it.at(0);
        let claim = it.won(&tokens[0], &sale, "a", 2).await;
        it.at(900_000);
        it.shop.run_jobs().await;
        assert_eq!(it.stock(&sale).await, (5, 0, 0));
        it.pay("ann", "o-1", &claim).await;
        let found = it.found(&claim).await;
        let stands = (found.state, found.reason);
        assert_eq!(stands, (ClaimState::Paid, ClaimReason::Reseated));
        assert_eq!(it.stock(&sale).await, (3, 0, 2));
        // The order's other events change nothing.
        let shipped = event("shipped", "o-1", it.shop.now());
        it.shop.apply(&shipped).await;
        assert_eq!(it.stock(&sale).await, (3, 0, 2));
        // The seat counts for the limit.
        let token = it.shop.hand_over("ann").await;
        let more = it.claim(&token, &sale, "b", 1).await;
        more.assert_problem(409, "flash_sales.member_limit");
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn who_pays_when_nothing_is_left_gets_an_apology() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let coupon = template(&it.shop, json!({})).await;
        let milk = product("milk", 2, json!({}));
        let edit = json!({ "products": [milk], "apology": coupon.id });
        let sale = it.sale(edit).await;
        let tokens = it.tokens(&["ann", "bob"]).await;
        it.at(0);
        let claim = it.won(&tokens[0], &sale, "a", 2).await;
        it.at(900_000);
        it.shop.run_jobs().await;
        let token = it.shop.hand_over("bob").await;
        it.won(&token, &sale, "a", 1).await;
        let event = it.paid("ann", "o-1", &claim);
        it.shop.apply(&event).await;
        let found = it.found(&claim).await;
        let stands = (found.state, found.reason);
        assert_eq!(stands, (ClaimState::RefundDue, ClaimReason::TooLate));
        assert_eq!(it.stock(&sale).await, (1, 1, 0));
        let token = it.shop.hand_over("ann").await;
        let coupons = app.get("/api/v1/me/coupons").bearer(&token).await.json();
        assert_eq!(
            coupons["data"].as_array().map(Vec::len),
            Some(1),
            "{coupons}"
        );
        let heard = app.get("/api/v1/me/messages").bearer(&token).await.json();
        let rows = heard["data"].as_array().into_iter().flatten();
        let told: Vec<&Value> = rows
            .map(|it| &it["content"])
            .filter(|it| it["kind"] == "claim_too_late")
            .collect();
        assert_eq!(told.len(), 1, "{heard}");
        assert_eq!(told[0]["coupon"], true);
        // The shop refunds; the claim stays where it is.
        let back = refunded("o-1:back", "o-1", it.shop.now(), &[("1", None, None)]);
        it.shop.apply(&back).await;
        assert_eq!(it.found(&claim).await.state, ClaimState::RefundDue);
        assert_eq!(it.stock(&sale).await, (1, 1, 0));
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn staff_see_who_claimed_and_whose_money_has_to_go_back() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let milk = product("milk", 3, json!({}));
        let sale = it.sale(json!({ "products": [milk] })).await;
        // Claims of another sale are not among them.
        let other = it.sale(json!({})).await;
        let tokens = it.tokens(&["ann", "bob"]).await;
        it.at(0);
        it.won(&tokens[1], &other, "a", 1).await;
        let late = it.won(&tokens[0], &sale, "a", 2).await;
        it.at(900_000);
        it.shop.run_jobs().await;
        let token = it.shop.hand_over("bob").await;
        let first = it.won(&token, &sale, "a", 1).await;
        let second = it.won(&token, &sale, "b", 1).await;
        it.shop.apply(&it.paid("ann", "o-1", &late)).await;
        it.pay("bob", "o-2", &first).await;
        let path = format!("/api/v1/flash_sales/{sale}/claims");
        let list = async |query: &str| it.read::<Page<SaleClaim>>(&format!("{path}{query}")).await;
        let all = list("").await.data;
        let found: Vec<_> = all.iter().map(|it| (it.claim.id, it.claim.state)).collect();
        let expected = [
            (second.id, ClaimState::Held),
            (first.id, ClaimState::Paid),
            (late.id, ClaimState::RefundDue),
        ];
        assert_eq!(found, expected);
        assert!(all[0].settled_at.is_none() && all[1].settled_at.is_some());
        let due = list("?state=refund_due").await.data;
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].claim.order_id.as_deref(), Some("o-1"));
        // Page by page it is the same list.
        let mut paged = Vec::new();
        let mut next = list("?limit=1").await;
        while let Some(cursor) = next.next_cursor.take() {
            paged.append(&mut next.data);
            next = list(&format!("?limit=1&cursor={cursor}")).await;
        }
        paged.append(&mut next.data);
        assert_eq!(paged, all);
    })
    .await;
}

#[tokio::test]
async fn a_claim_is_bought_by_its_member_once() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        let tokens = it.tokens(&["ann", "bob"]).await;
        it.at(0);
        let claim = it.won(&tokens[0], &sale, "a", 2).await;
        // Bob cannot pay Ann's claim, and nobody more than was claimed.
        it.pay("bob", "o-1", &claim).await;
        let mut more = it.paid("ann", "o-2", &claim);
        more["order"]["lines"][0]["quantity"] = json!(3);
        it.shop.apply(&more).await;
        assert_eq!(it.stock(&sale).await, (3, 2, 0));
        it.pay("ann", "o-3", &claim).await;
        it.pay("ann", "o-4", &claim).await;
        assert_eq!(it.stock(&sale).await, (3, 0, 2));
        assert_eq!(it.found(&claim).await.order_id.as_deref(), Some("o-3"));
        // The order that did not buy it gives nothing back; the one that did, does, once.
        let cancel = async |order: &str| {
            let event = event("cancelled", order, it.shop.now());
            it.shop.apply(&event).await;
        };
        cancel("o-4").await;
        assert_eq!(it.stock(&sale).await, (3, 0, 2));
        cancel("o-3").await;
        assert_eq!(it.stock(&sale).await, (5, 0, 0));
        assert_eq!(it.found(&claim).await.reason, ClaimReason::OrderCancelled);
        it.shop.assert_books().await;
    })
    .await;
}

/// A paid order of one piece of a claim.
fn one_piece(it: &Sales<'_>, order: &str, claim: &FlashClaim) -> Value {
    let line =
        json!({ "line_id": "1", "sku": "milk", "quantity": 1, "amount": 990, "claim": claim.id });
    paid(order, it.shop.now(), &contents(Some("ann"), &[line]))
}

#[tokio::test]
async fn what_an_order_does_not_buy_of_a_claim_is_free_again() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let milk = product("milk", 5, json!({ "per_community": 3 }));
        let sale = it.sale(json!({ "products": [milk] })).await;
        let tokens = it.tokens(&["ann", "bob"]).await;
        it.at(0);
        let claim = it.won(&tokens[0], &sale, "a", 2).await;
        it.shop.apply(&one_piece(&it, "o-1", &claim)).await;
        assert_eq!(it.stock(&sale).await, (4, 0, 1));
        let found = it.found(&claim).await;
        assert_eq!((found.state, found.quantity), (ClaimState::Paid, 1));
        // A piece that is paid for late takes one seat, too.
        let late = it.won(&tokens[1], &sale, "b", 2).await;
        it.at(900_000);
        it.shop.run_jobs().await;
        assert_eq!(it.stock(&sale).await, (4, 0, 1));
        let mut event = one_piece(&it, "o-2", &late);
        event["order"]["member"] = json!("ext:bob");
        it.shop.apply(&event).await;
        assert_eq!(it.stock(&sale).await, (3, 0, 2));
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_order_buys_no_more_than_was_claimed_however_many_lines_it_has() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        let tokens = it.tokens(&["ann", "bob"]).await;
        it.at(0);
        let first = it.won(&tokens[0], &sale, "a", 2).await;
        let second = it.won(&tokens[1], &sale, "a", 2).await;
        let order = |member: &str, order: &str, claim: &FlashClaim, quantities: [i64; 2]| {
            let line = |(number, quantity): (usize, i64)| {
                json!({
                    "line_id": number.to_string(), "sku": "milk", "quantity": quantity,
                    "amount": 990 * quantity, "claim": claim.id,
                })
            };
            let lines: Vec<Value> = quantities.into_iter().enumerate().map(line).collect();
            paid(order, it.shop.now(), &contents(Some(member), &lines))
        };
        it.shop.apply(&order("ann", "o-1", &first, [2, 2])).await;
        assert_eq!(it.stock(&sale).await, (1, 4, 0));
        assert_eq!(it.found(&first).await.state, ClaimState::Held);
        it.shop.apply(&order("bob", "o-2", &second, [1, 1])).await;
        assert_eq!(it.stock(&sale).await, (1, 2, 2));
        assert_eq!(it.found(&second).await.state, ClaimState::Paid);
        it.shop.assert_books().await;
    })
    .await;
}
