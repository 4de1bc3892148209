//! Who gets what, from which millisecond on, and who is refused why.

use super::support::{Sales, definition, opening, product};
use crate::communities::support::{community, join};
use crate::support::{TestApp, on_both};
use serde_json::json;
use shared::sales::api::{FlashSale, MemberSale, MemberSales};
use shared::sales::{ClaimState, Phase};

#[tokio::test]
async fn a_sale_opens_on_the_millisecond_and_higher_tiers_come_first() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let early = json!([{ "tier": "gold", "minutes": 5 }]);
        let sale = it.sale(json!({ "early": early })).await;
        let tokens = it.tokens(&["ann", "bob"]).await;
        // Ann buys her way to the highest tiers.
        it.shop.pay("ann", "big", 100_000_000).await;
        let refused = async |token: &str, opens: i64| {
            let answer = it.claim(token, &sale, "early", 1).await;
            let problem = answer.assert_problem(409, "flash_sales.not_open");
            assert_eq!(problem["detail"], opening().plus_millis(opens).to_string());
        };
        it.at(-300_001);
        refused(&tokens[0], -300_000).await;
        refused(&tokens[1], 0).await;
        it.at(-300_000);
        let won = it.won(&tokens[0], &sale, "a", 1).await;
        assert_eq!(won.state, ClaimState::Held);
        assert_eq!(won.claimed_at, opening().plus_millis(-300_000));
        assert_eq!(won.pay_by, opening().plus_millis(600_000));
        refused(&tokens[1], 0).await;
        it.at(-1);
        refused(&tokens[1], 0).await;
        it.at(0);
        it.won(&tokens[1], &sale, "b", 1).await;
        it.at(3_599_999);
        let tokens = [
            it.shop.hand_over("ann").await,
            it.shop.hand_over("bob").await,
        ];
        it.won(&tokens[1], &sale, "c", 1).await;
        it.at(3_600_000);
        let late = it.claim(&tokens[0], &sale, "d", 1).await;
        late.assert_problem(409, "flash_sales.ended");
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn each_refusal_says_why() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let group = community(&it.shop, "parents", 10).await;
        let open = it
            .sale(json!({ "products": [product("milk", 3, json!({}))] }))
            .await;
        let of_tag = it.sale(json!({ "audience": { "tags": ["office"] } })).await;
        let of_group = it
            .sale(json!({ "audience": { "communities": [group.id] } }))
            .await;
        let of_tier = it
            .sale(json!({ "audience": { "minimum_tier": "gold" } }))
            .await;
        let draft = it
            .post("/api/v1/flash_sales", &definition(&json!({})))
            .await;
        let draft = draft.parse::<FlashSale>().id.to_string();
        let tokens = it.tokens(&["ann", "bob"]).await;
        it.at(0);
        let refused = async |sale: &str, key: &str, body, status, code| {
            let answer = it.claim_of(&tokens[0], sale, key, &body).await;
            answer.assert_problem(status, code);
        };
        let one = json!({ "sku": "milk" });
        refused(&of_tag, "a", one.clone(), 409, "flash_sales.other_tag").await;
        let code = "flash_sales.other_community";
        refused(&of_group, "a", one.clone(), 409, code).await;
        refused(&of_tier, "a", one.clone(), 409, "flash_sales.tier_too_low").await;
        refused(&draft, "a", one.clone(), 404, "flash_sales.not_found").await;
        let eggs = json!({ "sku": "eggs" });
        refused(&open, "a", eggs, 404, "flash_sales.product_not_found").await;
        for (quantity, status, code) in [
            (0, 422, "request.invalid"),
            (-1, 422, "request.invalid"),
            (3, 409, "flash_sales.member_limit"),
        ] {
            let body = json!({ "sku": "milk", "quantity": quantity });
            refused(&open, "a", body, status, code).await;
        }
        // What was refused may be tried again with the same key.
        it.won(&tokens[0], &open, "a", 2).await;
        refused(&open, "b", one.clone(), 409, "flash_sales.member_limit").await;
        let two = it.claim(&tokens[1], &open, "a", 2).await;
        let problem = two.assert_problem(409, "flash_sales.sold_out");
        assert_eq!(problem["detail"], "1 left");
        it.won(&tokens[1], &open, "a", 1).await;
        let none = it.claim(&tokens[1], &open, "b", 1).await;
        none.assert_problem(409, "flash_sales.sold_out");
        // Whoever joins the community is let in.
        join(&it.shop, &tokens[0], &group.code)
            .await
            .assert_status(201);
        it.won(&tokens[0], &of_group, "a", 1).await;
        it.act(&open, "cancel", json!({})).await.assert_status(200);
        refused(&open, "c", one, 409, "flash_sales.cancelled").await;
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn the_same_key_is_the_same_claim_for_ever() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        let tokens = it.tokens(&["ann", "bob"]).await;
        it.at(0);
        let first = it.claim(&tokens[0], &sale, "a", 2).await;
        first.assert_status(201);
        assert_eq!(first.header("idempotent-replayed"), "");
        let again = it.claim(&tokens[0], &sale, "a", 2).await;
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.body, first.body);
        let other = it.claim(&tokens[0], &sale, "a", 1).await;
        other.assert_problem(422, "idempotency.key_reused");
        // Another member's key is another key.
        it.won(&tokens[1], &sale, "a", 2).await;
        // Also when all is sold, paid and over.
        it.pay("ann", "o-1", &first.parse()).await;
        it.at(3_700_000);
        let token = it.shop.hand_over("ann").await;
        let last = it.claim(&token, &sale, "a", 2).await;
        last.assert_status(201);
        assert_eq!(last.body, first.body);
        assert_eq!(it.stock(&sale).await, (1, 2, 2));
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_community_has_its_share() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let parents = community(&it.shop, "parents", 10).await;
        let office = community(&it.shop, "office", 10).await;
        let milk = product("milk", 5, json!({ "per_community": 2 }));
        let audience = json!({ "communities": [parents.id, office.id] });
        let sale = it
            .sale(json!({ "products": [milk], "audience": audience }))
            .await;
        let tokens = it.tokens(&["ann", "bob", "cat"]).await;
        for token in &tokens {
            join(&it.shop, token, &parents.code)
                .await
                .assert_status(201);
        }
        join(&it.shop, &tokens[2], &office.code)
            .await
            .assert_status(201);
        it.at(0);
        it.won(&tokens[0], &sale, "a", 1).await;
        it.won(&tokens[1], &sale, "a", 1).await;
        let used = it.claim(&tokens[1], &sale, "b", 1).await;
        used.assert_problem(409, "flash_sales.quota_used");
        // Cat has another community, whose share is untouched.
        it.won(&tokens[2], &sale, "a", 2).await;
        // What goes back is the community's again.
        it.at(900_000);
        it.shop.run_jobs().await;
        it.won(&it.shop.hand_over("bob").await, &sale, "c", 2).await;
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn members_see_what_is_coming_and_what_is_missing() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let group = community(&it.shop, "parents", 10).await;
        it.sale(json!({ "audience": { "communities": [group.id] } }))
            .await;
        let gold = it
            .sale(json!({ "audience": { "minimum_tier": "gold" } }))
            .await;
        let open = it.sale(json!({})).await;
        let tokens = it.tokens(&["ann"]).await;
        let read = async |path: &str| app.get(path).bearer(&tokens[0]).await;
        let sales: MemberSales = read("/api/v1/me/flash_sales").await.parse();
        let mut ids: Vec<String> = sales.sales.iter().map(|it| it.id.to_string()).collect();
        ids.sort_unstable();
        let mut expected = [gold.clone(), open.clone()];
        expected.sort_unstable();
        assert_eq!(ids, expected);
        let locked: MemberSale = read(&format!("/api/v1/me/flash_sales/{gold}"))
            .await
            .parse();
        let reasons = serde_json::to_value(&locked.blocked).expect("JSON");
        assert_eq!(
            reasons[0],
            json!({ "reason": "tier_too_low", "tier": "gold" })
        );
        assert_eq!(reasons[1]["reason"], "not_open");
        it.at(0);
        it.won(&tokens[0], &open, "a", 2).await;
        let live: MemberSale = read(&format!("/api/v1/me/flash_sales/{open}"))
            .await
            .parse();
        assert_eq!((live.phase, live.blocked), (Phase::Live, vec![]));
        assert_eq!((live.products[0].mine, live.products[0].free), (2, 3));
        assert_eq!(live.server_time, opening());
        let claims = read("/api/v1/me/flash_claims").await.json();
        assert_eq!(claims["data"][0]["sku"], "milk");
        let id = claims["data"][0]["id"].as_str().unwrap_or_default();
        let own = read(&format!("/api/v1/me/flash_claims/{id}")).await;
        own.assert_status(200);
        let bob = it.tokens(&["bob"]).await;
        let path = format!("/api/v1/me/flash_claims/{id}");
        let foreign = app.get(&path).bearer(&bob[0]).await;
        foreign.assert_problem(404, "flash_sales.claim_not_found");
    })
    .await;
}
