//! What managers may touch, and what happens to claims when members merge or go.

use super::support::{Sales, definition};
use crate::communities::support::community;
use crate::support::{TestApp, on_both};
use serde_json::json;
use shared::sales::api::FlashSale;
use shared::sales::{ClaimReason, ClaimState};
use shared::staff::Role;

#[tokio::test]
async fn managers_touch_only_sales_for_their_own_communities() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let own = community(&it.shop, "own", 10).await;
        let other = community(&it.shop, "other", 10).await;
        let manager = app.staff(Role::CommunityManager).await;
        let admin = app.staff(Role::Admin).await;
        let path = format!("/api/v1/communities/{}/managers", own.id);
        let led = app.put(&path).bearer(&admin.token);
        let led = led.json(&json!({ "managers": [manager.id] })).await;
        led.assert_status(200);
        let make = async |communities: serde_json::Value| {
            let body = definition(&json!({ "audience": { "communities": communities } }));
            let call = app.post("/api/v1/flash_sales").bearer(&manager.token);
            call.json(&body).await
        };
        make(json!([])).await.assert_problem(422, "request.invalid");
        let both = make(json!([own.id, other.id])).await;
        both.assert_problem(422, "request.invalid");
        let made = make(json!([own.id])).await;
        made.assert_status(201);
        let made = made.parse::<FlashSale>().id.to_string();
        let foreign = it
            .sale(json!({ "audience": { "communities": [other.id] } }))
            .await;
        let shared = it
            .sale(json!({ "audience": { "communities": [own.id, other.id] } }))
            .await;
        let act = async |sale: &str, action: &str| {
            let call = app.post(&format!("/api/v1/flash_sales/{sale}/{action}"));
            call.bearer(&manager.token).json(&json!({})).await
        };
        act(&made, "publish").await.assert_status(200);
        act(&foreign, "pause")
            .await
            .assert_problem(404, "flash_sales.not_found");
        act(&shared, "pause")
            .await
            .assert_problem(422, "request.invalid");
        let list = app.get("/api/v1/flash_sales").bearer(&manager.token).await;
        let list = list.json();
        let rows = list["data"].as_array().cloned().unwrap_or_default();
        let mut ids: Vec<_> = rows.iter().filter_map(|it| it["id"].as_str()).collect();
        ids.sort_unstable();
        let mut expected = [made.as_str(), shared.as_str()];
        expected.sort_unstable();
        assert_eq!(ids, expected);
        let report = app.get(&format!("/api/v1/flash_sales/{foreign}/report"));
        let report = report.bearer(&manager.token).await;
        report.assert_problem(404, "flash_sales.not_found");
        // Claims name members: whoever does not lead them all does not see who they are.
        let claims = async |sale: &str| {
            let call = app.get(&format!("/api/v1/flash_sales/{sale}/claims"));
            call.bearer(&manager.token).await
        };
        claims(&made).await.assert_status(200);
        claims(&shared).await.assert_problem(403, "auth.forbidden");
        claims(&foreign)
            .await
            .assert_problem(404, "flash_sales.not_found");
    })
    .await;
}

#[tokio::test]
async fn a_merge_takes_claims_along_and_back() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        let tokens = it.tokens(&["old", "new"]).await;
        it.at(0);
        let claim = it.won(&tokens[0], &sale, "a", 1).await;
        let same = it.won(&tokens[1], &sale, "a", 1).await;
        let second = it.won(&tokens[0], &sale, "b", 1).await;
        let operator = app.staff(Role::Operator).await;
        let merge = json!({ "from": "ext:old", "into": "ext:new", "reason": "one person" });
        let call = app.post("/api/v1/member_merges").bearer(&operator.token);
        let merged = call.idempotency_key("m").json(&merge).await;
        assert!([200, 201].contains(&merged.status), "{}", merged.text());
        assert_eq!(it.found(&second).await.member_id, same.member_id);
        // Two with one key stay where they are.
        assert_eq!(it.found(&claim).await.member_id, claim.member_id);
        it.pay("new", "o-1", &second).await;
        assert_eq!(it.found(&second).await.state, ClaimState::Paid);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_erased_member_holds_nothing() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        let tokens = it.tokens(&["ann"]).await;
        it.at(0);
        let paid = it.won(&tokens[0], &sale, "a", 1).await;
        it.pay("ann", "o-1", &paid).await;
        let held = it.won(&tokens[0], &sale, "b", 1).await;
        let admin = app.staff(Role::Admin).await;
        let path = format!("/api/v1/members/{}/export", held.member_id);
        let export = app.get(&path).bearer(&admin.token).await;
        export.assert_status(200);
        let claims = export.json()["flash_claims"].as_array().map(Vec::len);
        assert_eq!(claims, Some(2));
        let path = format!("/api/v1/members/{}/erase", held.member_id);
        let erase = app.post(&path).bearer(&admin.token).idempotency_key("e");
        let erased = erase.json(&json!({ "reason": "asked" })).await;
        erased.assert_status(200);
        assert_eq!(it.stock(&sale).await, (4, 0, 1));
        assert_eq!(it.found(&held).await.reason, ClaimReason::MemberGone);
        it.shop.assert_books().await;
    })
    .await;
}
