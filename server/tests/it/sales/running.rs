//! What staff do with sales, and what follows week by week.

use super::support::{Sales, definition, opening, product};
use crate::support::{TestApp, on_both};
use serde_json::{Value, json};
use shared::page::Page;
use shared::sales::api::{FlashSale, SaleReport};
use shared::sales::{ClaimReason, Phase, SaleState};
use shared::staff::Role;

#[tokio::test]
async fn a_sale_is_paused_resumed_and_filled_up() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it
            .sale(json!({ "products": [product("milk", 1, json!({}))] }))
            .await;
        let tokens = it.tokens(&["ann", "bob"]).await;
        it.at(0);
        it.won(&tokens[0], &sale, "a", 1).await;
        it.act(&sale, "pause", json!({})).await.assert_status(200);
        it.act(&sale, "pause", json!({})).await.assert_status(200);
        let paused = it.claim(&tokens[1], &sale, "a", 1).await;
        paused.assert_problem(409, "flash_sales.paused");
        it.act(&sale, "resume", json!({})).await.assert_status(200);
        let out = it.claim(&tokens[1], &sale, "a", 1).await;
        out.assert_problem(409, "flash_sales.sold_out");
        let more = json!({ "sku": "milk", "quantity": 2 });
        it.act(&sale, "stock", more).await.assert_status(200);
        it.won(&tokens[1], &sale, "a", 2).await;
        assert_eq!(it.stock(&sale).await, (0, 3, 0));
        for (body, status, code) in [
            (
                json!({ "sku": "milk", "quantity": 0 }),
                422,
                "request.invalid",
            ),
            (
                json!({ "sku": "eggs", "quantity": 1 }),
                404,
                "flash_sales.product_not_found",
            ),
        ] {
            it.act(&sale, "stock", body)
                .await
                .assert_problem(status, code);
        }
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_sale_that_has_opened_is_not_rewritten() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        let rewrite = async |version: &str, edit: Value| {
            let staff = app.staff(Role::Operator).await;
            let call = app.put(&format!("/api/v1/flash_sales/{sale}"));
            let call = call.bearer(&staff.token).header("if-match", version);
            call.json(&definition(&edit)).await
        };
        let eggs =
            json!({ "products": [product("milk", 7, json!({})), product("eggs", 2, json!({}))] });
        rewrite("\"1\"", eggs).await.assert_status(200);
        rewrite("\"1\"", json!({})).await.assert_status(412);
        assert_eq!(it.get(&sale).await.stock.len(), 2);
        let wrong = json!({ "payment_minutes": 0 });
        rewrite("\"2\"", wrong)
            .await
            .assert_problem(422, "request.invalid");
        it.act(&sale, "publish", json!({}))
            .await
            .assert_problem(409, "flash_sales.state_not_allowed");
        it.at(0);
        rewrite("\"2\"", json!({}))
            .await
            .assert_problem(409, "flash_sales.state_not_allowed");
        it.at(3_600_000);
        for action in ["pause", "resume", "cancel"] {
            it.act(&sale, action, json!({}))
                .await
                .assert_problem(409, "flash_sales.state_not_allowed");
        }
        let copy = it.act(&sale, "clone", json!({})).await;
        copy.assert_status(201);
        let copy: FlashSale = copy.parse();
        assert_eq!(copy.state, SaleState::Draft);
        assert_eq!(copy.definition.starts_at, opening().plus_days(7));
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_sale_gives_back_and_tells() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it.sale(json!({})).await;
        let tokens = it.tokens(&["ann", "bob"]).await;
        it.at(0);
        let held = it.won(&tokens[0], &sale, "a", 2).await;
        let paid = it.won(&tokens[1], &sale, "a", 2).await;
        it.pay("bob", "o-1", &paid).await;
        it.act(&sale, "cancel", json!({})).await.assert_status(200);
        assert_eq!(it.stock(&sale).await, (3, 0, 2));
        assert_eq!(it.found(&held).await.reason, ClaimReason::SaleCancelled);
        assert_eq!(it.get(&sale).await.phase, Phase::Cancelled);
        let heard = app.get("/api/v1/me/messages").bearer(&tokens[0]).await;
        assert_eq!(heard.json()["data"][0]["content"]["kind"], "sale_cancelled");
        // Nothing is seated again in a sale that was called off.
        it.pay("ann", "o-2", &held).await;
        assert_eq!(it.found(&held).await.reason, ClaimReason::TooLate);
        it.at(900_000);
        it.shop.run_jobs().await;
        assert_eq!(it.stock(&sale).await, (3, 0, 2));
        let report: SaleReport = it.read(&format!("/api/v1/flash_sales/{sale}/report")).await;
        let total = report.total;
        assert_eq!((total.claims, total.claimed, total.paid), (2, 4, 2));
        assert_eq!((total.refund_due, total.amount), (2, 2 * 990));
        assert_eq!(report.tiers.len(), 1);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn the_next_week_follows_once() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let last = opening().plus_days(14);
        let first = it.sale(json!({ "weekly": { "until": last } })).await;
        let all = async || {
            let page: Page<FlashSale> = it.read("/api/v1/flash_sales").await;
            page.data
        };
        it.shop.run_jobs().await;
        assert_eq!(all().await.len(), 1);
        it.at(0);
        it.shop.run_jobs().await;
        it.shop.run_jobs().await;
        let found = all().await;
        let starts: Vec<_> = found.iter().map(|it| it.definition.starts_at).collect();
        assert_eq!(starts, [opening().plus_days(7), opening()]);
        assert_eq!(found[0].series, found[1].series);
        assert_eq!(found[0].phase, Phase::Scheduled);
        assert_eq!(found[0].stock[0].free, 5);
        // One week is called off, and the last one follows all the same.
        let second = found[0].id.to_string();
        it.act(&second, "cancel", json!({}))
            .await
            .assert_status(200);
        app.clock.set(opening().plus_days(7));
        it.shop.run_jobs().await;
        let found = all().await;
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].definition.starts_at, last);
        app.clock.set(last);
        it.shop.run_jobs().await;
        assert_eq!(all().await.len(), 3);
        assert_ne!(first, second);
    })
    .await;
}

#[tokio::test]
async fn a_series_that_is_stopped_goes_on_no_more() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let first = it.sale(json!({ "weekly": {} })).await;
        it.at(0);
        it.shop.run_jobs().await;
        let stop = json!({ "stop_series": true });
        it.act(&first, "cancel", stop).await.assert_status(200);
        let phases = async || {
            let page: Page<FlashSale> = it.read("/api/v1/flash_sales").await;
            let phases = page.data.into_iter().map(|it| it.phase);
            phases.collect::<Vec<_>>()
        };
        assert_eq!(phases().await, [Phase::Cancelled; 2]);
        app.clock.set(opening().plus_days(15));
        it.shop.run_jobs().await;
        assert_eq!(phases().await, [Phase::Cancelled; 2]);
    })
    .await;
}

#[tokio::test]
async fn who_wants_to_hear_does_before_the_own_opening() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let sale = it
            .sale(json!({ "early": [{ "tier": "gold", "minutes": 4 }] }))
            .await;
        let tokens = it.tokens(&["ann", "bob"]).await;
        it.shop.pay("ann", "big", 100_000_000).await;
        let path = format!("/api/v1/me/flash_sales/{sale}/reminder");
        for token in &tokens {
            for wanted in [true, false, true] {
                let call = app.put(&path).bearer(token);
                let set = call.json(&json!({ "remind": wanted })).await;
                set.assert_status(200);
                assert_eq!(set.json()["remind"], wanted);
            }
        }
        let heard = async |token: &str| {
            it.shop.run_jobs().await;
            let messages = app.get("/api/v1/me/messages").bearer(token).await.json();
            let rows = messages["data"].as_array().cloned().unwrap_or_default();
            let of_sale = rows
                .iter()
                .filter(|it| it["content"]["kind"] == "sale_opens");
            of_sale.count()
        };
        it.at(-9 * 60_000 - 1);
        assert_eq!(heard(&tokens[0]).await, 0);
        it.at(-9 * 60_000);
        assert_eq!(heard(&tokens[0]).await, 1);
        assert_eq!(heard(&tokens[1]).await, 0);
        it.at(-5 * 60_000);
        assert_eq!(heard(&tokens[1]).await, 1);
        assert_eq!(heard(&tokens[0]).await, 1);
    })
    .await;
}

#[tokio::test]
async fn sales_are_listed_by_what_they_are_doing() {
    on_both(async |app: &TestApp| {
        let it = Sales::open(app).await;
        let early = json!({ "early": [{ "tier": "gold", "minutes": 5 }] });
        let sale = it.sale(early).await;
        let off = it.sale(json!({})).await;
        it.act(&off, "cancel", json!({})).await.assert_status(200);
        let draft = it
            .post("/api/v1/flash_sales", &definition(&json!({})))
            .await;
        let draft = draft.parse::<FlashSale>().id.to_string();
        let listed = async |phase: &str| {
            let path = format!("/api/v1/flash_sales?phase={phase}");
            let found: Page<FlashSale> = it.read(&path).await;
            let ids = found.data.iter().map(|it| it.id.to_string());
            ids.collect::<Vec<_>>()
        };
        assert_eq!(listed("draft").await, [draft]);
        assert_eq!(listed("cancelled").await, [off]);
        let minute = 60_000;
        for (at, phase, early) in [
            (-6 * minute, "scheduled", false),
            (-5 * minute, "live", true),
            (0, "live", false),
            (60 * minute, "ended", false),
        ] {
            it.at(at);
            for other in ["scheduled", "live", "ended"] {
                let expected: &[&str] = if other == phase { &[&sale] } else { &[] };
                assert_eq!(listed(other).await, expected, "{other} at {at}");
            }
            assert_eq!(listed("early").await.len(), usize::from(early), "{at}");
        }
    })
    .await;
}
