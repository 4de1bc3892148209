//! Damage to communities, flash sales and scenario lists.

use super::{Damage, assert_named, damage};
use crate::communities::support::join;
use crate::sales::support::{Sales, product};
use crate::scenarios::support::{Lists, on, once};
use crate::support::{TestApp, on_both};
use serde_json::json;

/// Each statement changes at least one row, on both databases.
const DAMAGES: &[Damage] = &[
    damage(
        "communities",
        "UPDATE communities SET members = members + 1",
        "members of the community",
    ),
    damage(
        "communities",
        "DELETE FROM communities",
        "members of no community",
    ),
    damage(
        "community_members",
        "UPDATE community_members SET state = 'removed' WHERE state = 'active'",
        "members of the community",
    ),
    damage(
        "community_members",
        "DELETE FROM community_members",
        "members of the community",
    ),
    damage(
        "community_members",
        "UPDATE community_members SET community_id = id",
        "members of no community",
    ),
    damage(
        "flash_sales",
        "UPDATE flash_sales SET claims = claims + 1",
        "claims of the flash sale",
    ),
    damage(
        "flash_sales",
        "UPDATE flash_sales SET swept = claims",
        "claims held after their deadline",
    ),
    damage(
        "flash_sales",
        "DELETE FROM flash_sales",
        "claims of no flash sale",
    ),
    damage(
        "flash_sale_products",
        "UPDATE flash_sale_products SET held = held + 1",
        "pieces held in the flash sale",
    ),
    damage(
        "flash_sale_products",
        "UPDATE flash_sale_products SET sold = sold - 1 WHERE sold > 0",
        "pieces sold in the flash sale",
    ),
    damage(
        "flash_sale_products",
        "UPDATE flash_sale_products SET held = 0, sold = 0, stock = 1",
        "flash sale oversold",
    ),
    damage(
        "flash_sale_products",
        "DELETE FROM flash_sale_products",
        "products of the flash sale",
    ),
    damage(
        "flash_sale_shares",
        "UPDATE flash_sale_shares SET taken = taken + 1",
        "pieces of a community in the flash sale",
    ),
    damage(
        "flash_sale_shares",
        "DELETE FROM flash_sale_shares",
        "pieces of a community in the flash sale",
    ),
    damage(
        "flash_claims",
        "UPDATE flash_claims SET quantity = quantity + 1 WHERE state = 'held'",
        "pieces held in the flash sale",
    ),
    damage(
        "flash_claims",
        "UPDATE flash_claims SET state = 'released' WHERE state = 'paid'",
        "pieces sold in the flash sale",
    ),
    damage(
        "flash_claims",
        "UPDATE flash_claims SET place = place + 1",
        "pieces held in the flash sale",
    ),
    damage(
        "flash_claims",
        "UPDATE flash_claims SET community_id = NULL",
        "pieces of a community in the flash sale",
    ),
    damage(
        "flash_claims",
        "UPDATE flash_claims SET sale_number = sale_number + 1",
        "claims of no flash sale",
    ),
    damage(
        "flash_claims",
        "UPDATE flash_claims SET order_ref = NULL WHERE state = 'paid'",
        "claims paid by no order",
    ),
    damage(
        "flash_claims",
        "DELETE FROM flash_claims WHERE state = 'released'",
        "claims of the flash sale",
    ),
    damage(
        "scenarios",
        "UPDATE scenarios SET next_at = 1 WHERE state = 'stopped'",
        "next time of a list that was stopped",
    ),
    damage(
        "scenarios",
        "DELETE FROM scenarios",
        "community of the list that appeared",
    ),
    damage(
        "scenario_postings",
        "UPDATE scenario_postings SET community_id = id",
        "community of the list that appeared",
    ),
    damage(
        "scenario_postings",
        "UPDATE scenario_postings SET call = 'made' WHERE call = 'day_full'",
        "calls to members of the appearance",
    ),
    damage(
        "scenario_postings",
        "UPDATE scenario_postings SET call = 'late' WHERE call = 'made'",
        "calls to members of the appearance",
    ),
    damage(
        "scenario_postings",
        "DELETE FROM scenario_postings",
        "calls to no appearance",
    ),
    damage(
        "push_deliveries",
        "DELETE FROM push_deliveries",
        "calls to members of the appearance",
    ),
    damage(
        "push_deliveries",
        "UPDATE push_deliveries SET kind = 'webhook'",
        "calls to members of the appearance",
    ),
];

#[tokio::test]
async fn every_kind_of_damage_to_what_communities_share_is_named() {
    on_both(async |app: &TestApp| {
        let it = Lists::with_pace(app, json!({ "per_day": 1 })).await;
        let sales = Sales::open(app).await;
        it.make(json!({ "schedule": once(0, 721) })).await;
        it.make(json!({ "title": "Tea", "schedule": once(0, 722) }))
            .await;
        let stopped = it.make(json!({ "title": "Lunch" })).await;
        let path = format!("/api/v1/scenarios/{}/stop", stopped.id);
        it.ask("POST", &path, &json!({})).await.assert_status(200);
        it.at(0, 721).await;
        it.at(0, 722).await;
        it.joined(&["ann", "bob", "cat"]).await;
        let milk = product("milk", 9, json!({ "per_community": 9 }));
        let audience = json!({ "communities": [it.community.id] });
        let sale = sales
            .sale(json!({ "products": [milk], "audience": audience }))
            .await;
        // One claim is paid, one is not in time, and one waits.
        sales.at(0);
        let token = it.shop.hand_over("ann").await;
        let paid = sales.won(&token, &sale, "a", 2).await;
        sales.pay("ann", "o-1", &paid).await;
        let token = it.shop.hand_over("bob").await;
        sales.won(&token, &sale, "a", 1).await;
        app.clock.set(on(0, 750));
        it.shop.run_jobs().await;
        let token = it.shop.hand_over("cat").await;
        sales.won(&token, &sale, "a", 2).await;
        it.shop.member("dan").await;
        let token = it.shop.hand_over("dan").await;
        join(&it.shop, &token, &it.community.code)
            .await
            .assert_status(201);
        it.shop.assert_books().await;
        assert_eq!(sales.stock(&sale).await, (5, 2, 2));
        assert_named(&it.shop, DAMAGES).await;
        it.shop.assert_books().await;
    })
    .await;
}
