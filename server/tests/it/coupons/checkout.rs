//! Checkouts: validate, reserve, redeem, let go, undo; and what refunds bring back.

use super::support::{cart, checkout, cline, post, publish, set_state, template};
use crate::support::shop::{contents, event, line, paid, refunded};
use crate::support::{Answer, Shop, TestApp, on_both};
use serde_json::{Value, json};
use shared::coupons::CouponState;
use shared::coupons::api::{CouponDetail, Quote, Reservation, ReservationState};

async fn validate(shop: &Shop<'_>, checkout: &Value) -> Quote {
    let answer = shop
        .app
        .post("/api/v1/coupon_validations")
        .bearer(&shop.key)
        .json(checkout)
        .await;
    answer.assert_status(200);
    answer.parse()
}

async fn reserve(shop: &Shop<'_>, session: &str, checkout: &Value) -> Answer {
    let body = json!({ "session_key": session, "checkout": checkout });
    post(shop, "/api/v1/coupon_reservations", &body).await
}

async fn reserved(shop: &Shop<'_>, session: &str, checkout: &Value) -> Reservation {
    let answer = reserve(shop, session, checkout).await;
    answer.assert_status(201);
    answer.parse()
}

async fn act(shop: &Shop<'_>, it: &Reservation, verb: &str, body: Value) -> Answer {
    post(
        shop,
        &format!("/api/v1/coupon_reservations/{}/{verb}", it.id),
        &body,
    )
    .await
}

async fn redeem(shop: &Shop<'_>, it: &Reservation, order: &str) -> Answer {
    act(shop, it, "redemptions", json!({ "order_id": order })).await
}

async fn detail(shop: &Shop<'_>, coupon: &str) -> CouponDetail {
    let answer = shop
        .app
        .get(&format!("/api/v1/coupons/{coupon}"))
        .bearer(&shop.key)
        .await;
    answer.assert_status(200);
    answer.parse()
}

async fn state(shop: &Shop<'_>, coupon: &str) -> CouponState {
    detail(shop, coupon).await.coupon.state
}

fn codes(quote: &Quote, place: usize) -> Vec<&str> {
    quote.coupons[place]
        .reasons
        .iter()
        .map(|it| it.code.as_str())
        .collect()
}

/// A checkout of two lines with a coupon, points and credit, from the question to the last refund:
/// everything ends as if nothing had been bought.
#[tokio::test]
async fn a_coupon_with_points_and_credit_is_held_used_and_given_back() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.adjust("ann", 5_000).await.assert_status(201);
        let credit = json!({ "asset": "credit", "amount": 700, "reason": "a test" });
        post(&shop, "/api/v1/members/ext:ann/points/adjustments", &credit).await.assert_status(201);
        let made = template(&shop, json!({ "discount": { "kind": "amount_off", "amount": 3_000 }, "threshold_amount": 10_000 })).await;
        let coupon = publish(&shop, &made, "ann", "gift").await;

        let mut asked = checkout("ann", cart(&[cline("a", 2, 6_000), cline("b", 1, 4_000)], 800), &[&coupon]);
        asked["points"] = json!(2_000);
        asked["credit"] = json!(500);
        let quote = validate(&shop, &asked).await;
        assert!(quote.valid);
        let nets: Vec<i64> = quote.lines.iter().map(|it| it.net).collect();
        assert_eq!((nets, quote.discount, quote.due), (vec![4_200, 2_800], 3_000, 7_000 - 2_000 - 500 + 800));
        assert_eq!(quote.payments[0].shares, [1_200, 800]);

        let held = reserved(&shop, "cart-1", &asked).await;
        assert_eq!((held.state, &held.quote), (ReservationState::Held, &quote));
        assert_eq!(state(&shop, &coupon).await, CouponState::Reserved);
        assert_eq!(shop.points("ann").await.0, 3_000);
        assert_eq!(shop.summary("ann").await.credit.available, 200);
        // Another till sees that it is held, and what else is wrong.
        let mut other = asked.clone();
        other["points"] = json!(3_200);
        let seen = validate(&shop, &other).await;
        assert_eq!(codes(&seen, 0), ["coupons.reserved"]);
        assert_eq!(seen.payments[0].reason.as_ref().map(|it| it.code.as_str()), Some("points.insufficient"));
        reserve(&shop, "cart-2", &asked).await.assert_problem(409, "coupons.reserved");
        // The same session may change its mind: what it held is replaced.
        let held = reserved(&shop, "cart-1", &asked).await;
        assert_eq!(shop.points("ann").await.0, 3_000);
        shop.assert_books().await;

        let used = redeem(&shop, &held, "o1").await;
        used.assert_status(201);
        assert_eq!(used.parse::<Reservation>().state, ReservationState::Redeemed);
        redeem(&shop, &held, "o1").await.assert_status(201);
        redeem(&shop, &held, "o2").await.assert_problem(409, "coupons.reservation_ended");
        let lines = [line("a", 2, 4_200), line("b", 1, 2_800)];
        shop.apply(&paid("o1", shop.now(), &contents(Some("ann"), &lines))).await;
        assert_eq!(state(&shop, &coupon).await, CouponState::Used);
        let receipt = shop.order("o1").await.receipt;
        assert_eq!((receipt.coupons.len(), receipt.spends.len()), (1, 2));
        shop.assert_books().await;

        // One of two pieces of the first line: its own share of the discount goes with it.
        shop.apply(&refunded("r1", "o1", shop.now(), &[("a", Some(1), None)])).await;
        let order = shop.order("o1").await;
        assert_eq!(order.refunded_amount, 2_100);
        let returned: Vec<i64> = order.receipt.coupons[0].lines.iter().map(|it| it.returned).collect();
        assert_eq!(returned, [900, 0]);
        assert_eq!(state(&shop, &coupon).await, CouponState::Used);
        shop.assert_books().await;

        shop.refund_all("o1").await;
        assert_eq!(state(&shop, &coupon).await, CouponState::Available);
        assert_eq!(shop.points("ann").await, (5_000, 0, 0));
        assert_eq!(shop.summary("ann").await.credit.available, 700);
        let found = app.get("/api/v1/coupon_templates").bearer(&shop.key).await.json();
        let found = &found["data"][0];
        assert_eq!((&found["committed_uses"], &found["redeemed_amount"]), (&json!(0), &json!(0)));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn every_reason_is_named_and_foreign_coupons_tell_nothing() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.members(&["ann", "bo"]).await;
        let strict = template(&shop, json!({
            "threshold_amount": 9_000, "audience": { "tiers": ["gold"] },
            "validity": { "kind": "dated", "from": "2026-06-20", "until": "2026-06-30" },
            "limits": { "budget_uses": 1 },
        })).await;
        let picky = template(&shop, json!({ "scope": { "skus": ["nothing"] } })).await;
        let one = publish(&shop, &strict, "ann", "1").await;
        let two = publish(&shop, &picky, "ann", "2").await;
        let foreign = publish(&shop, &picky, "bo", "3").await;
        set_state(&shop, &strict, "paused").await.assert_status(200);
        let asked = checkout("ann", cart(&[cline("a", 1, 1_000)], 0), &[&one, &two, &foreign, "cpn_x", "2222-2222-2223", "NOCODE9"]);
        let quote = validate(&shop, &asked).await;
        assert!(!quote.valid);
        assert_eq!(codes(&quote, 0), ["coupons.paused", "coupons.not_yet_valid", "coupons.wrong_tier", "coupons.below_threshold"]);
        assert_eq!(quote.coupons[0].reasons[3].figure, Some(8_000));
        assert_eq!(codes(&quote, 1), ["coupons.out_of_scope"]);
        assert_eq!((codes(&quote, 2), quote.coupons[2].coupon_id), (vec!["coupons.not_found"], None));
        assert_eq!(codes(&quote, 3), ["coupons.code_unknown"]);
        assert_eq!(codes(&quote, 4), ["coupons.code_mistyped"]);
        assert_eq!(codes(&quote, 5), ["coupons.code_unknown"]);
        let problem = reserve(&shop, "s", &asked).await.assert_problem(422, "coupons.not_usable");
        assert_eq!(problem["errors"].as_array().map(Vec::len), Some(9));
        assert_eq!(problem["errors"][0]["pointer"], "/checkout/coupons/0");

        app.advance_seconds(16 * 86_400);
        set_state(&shop, &strict, "active").await.assert_status(200);
        let late = validate(&shop, &checkout("ann", cart(&[cline("a", 1, 9_000)], 0), &[&one])).await;
        assert_eq!(codes(&late, 0), ["coupons.expired", "coupons.wrong_tier"]);
        post(&shop, &format!("/api/v1/coupons/{one}/revocations"), &json!({})).await.assert_status(200);
        let late = validate(&shop, &checkout("ann", cart(&[cline("a", 1, 9_000)], 0), &[&one])).await;
        assert_eq!(codes(&late, 0), ["coupons.revoked", "coupons.expired", "coupons.wrong_tier"]);

        let wrong = json!({ "member": "ext:ann", "cart": { "currency": "USD", "lines": [], "shipping": -1 },
            "coupons": vec!["x"; 31], "points": -1 });
        let answer = app.post("/api/v1/coupon_validations").bearer(&shop.key).json(&wrong).await;
        let parts: Vec<String> = answer.wrong_parts().into_iter().map(|it| it.0).collect();
        assert_eq!(parts, ["/cart/currency", "/cart/lines", "/cart/shipping", "/coupons", "/points"]);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn coupons_stack_by_their_groups_all_or_in_part() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let tenth = template(&shop, json!({ "discount": { "kind": "percentage_off", "bps": 1_000 }, "stacking": { "group": "a" } })).await;
        let off = template(&shop, json!({ "stacking": { "group": "b" } })).await;
        let alone = template(&shop, json!({ "stacking": { "group": "c", "exclusive": true } })).await;
        let ship = template(&shop, json!({ "discount": { "kind": "free_shipping" }, "stacking": { "group": "d" } })).await;
        let gift = template(&shop, json!({ "discount": { "kind": "gift", "sku": "mug" }, "stacking": { "group": "e" } })).await;
        let mut ids = Vec::new();
        for (i, it) in [&tenth, &off, &off, &alone, &ship, &gift].into_iter().enumerate() {
            ids.push(publish(&shop, it, "ann", &i.to_string()).await);
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut asked = checkout("ann", cart(&[cline("a", 1, 10_000)], 600), &ids);
        let quote = validate(&shop, &asked).await;
        assert_eq!((quote.discount, quote.shipping_discount, quote.due), (2_000, 600, 8_000));
        assert_eq!(quote.coupons[5].gift_sku.as_deref(), Some("mug"));
        assert_eq!(codes(&quote, 3), ["coupons.exclusive"]);
        let same = codes(&quote, 1).len() + codes(&quote, 2).len();
        assert_eq!(same, 1);
        let redeem = async |order: &str, asked: &Value| {
            post(&shop, "/api/v1/coupon_redemptions", &json!({ "order_id": order, "checkout": asked })).await
        };
        redeem("o1", &asked).await.assert_problem(422, "coupons.not_usable");
        asked["policy"] = json!("partial");
        let used = redeem("o1", &asked).await;
        used.assert_status(201);
        assert_eq!(used.parse::<Reservation>().quote.discount, 2_000);
        assert_eq!(shop.order("o1").await.receipt.coupons.len(), 4);
        // A second payment of the same order is fine; the same coupons are not.
        let again = checkout("ann", cart(&[cline("a", 1, 10_000)], 0), &[ids[0]]);
        redeem("o1", &again).await.assert_problem(409, "coupons.used");
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn reservations_are_extended_let_go_and_run_out() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.adjust("ann", 1_000).await.assert_status(201);
        let made = template(&shop, json!({ "limits": { "budget_uses": 1 } })).await;
        let coupon = publish(&shop, &made, "ann", "1").await;
        let mut asked = checkout("ann", cart(&[cline("a", 1, 9_000)], 0), &[&coupon]);
        asked["points"] = json!(500);
        let first = reserved(&shop, "s1", &asked).await;
        app.advance_seconds(899);
        let longer = act(&shop, &first, "extensions", json!({ "ttl_s": 600 })).await;
        longer.assert_status(200);
        assert_eq!(
            longer.parse::<Reservation>().expires_at,
            shop.now().plus_millis(600_000)
        );
        assert_eq!(
            act(&shop, &first, "extensions", json!({ "ttl_s": 5 }))
                .await
                .wrong_parts()[0]
                .0,
            "/ttl_s"
        );
        app.advance_seconds(601);
        redeem(&shop, &first, "o1")
            .await
            .assert_problem(409, "coupons.reservation_ended");
        act(&shop, &first, "extensions", json!({ "ttl_s": 600 }))
            .await
            .assert_problem(409, "coupons.reservation_ended");
        // Nobody has to wait for the schedule: whoever wants the coupon next lets the old hold go.
        let second = reserved(&shop, "s2", &asked).await;
        assert_eq!(shop.points("ann").await.0, 500);
        app.advance_seconds(901);
        server::jobs::run_all(&app.app).await.expect("the jobs run");
        assert_eq!(
            (state(&shop, &coupon).await, shop.points("ann").await.0),
            (CouponState::Available, 1_000)
        );
        let path = format!("/api/v1/coupon_reservations/{}", second.id);
        let gone: Reservation = app.get(&path).bearer(&shop.key).await.parse();
        assert_eq!(gone.state, ReservationState::Expired);
        let third = reserved(&shop, "s3", &asked).await;
        act(&shop, &third, "releases", json!({}))
            .await
            .assert_status(200);
        act(&shop, &third, "releases", json!({}))
            .await
            .assert_problem(409, "coupons.reservation_ended");
        let unknown = path.replace(&second.id.to_string()[4..8], "0000");
        app.get(&unknown)
            .bearer(&shop.key)
            .await
            .assert_problem(404, "coupons.reservation_not_found");
        // The budget's only slot is free again for the next one.
        let last = reserved(&shop, "s4", &asked).await;
        redeem(&shop, &last, "o1").await.assert_status(201);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_coupon_comes_back_with_its_order_and_gets_grace_when_it_ended_meanwhile() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let short = json!({ "validity": { "kind": "days", "days": 1 }, "grace_days": 3, "limits": { "use_max_per_member": 1 } });
        let made = template(&shop, short).await;
        let (one, two) = (publish(&shop, &made, "ann", "1").await, publish(&shop, &made, "ann", "2").await);
        let with = |coupon: &str| checkout("ann", cart(&[cline("a", 1, 9_000)], 0), &[coupon]);
        let held = reserved(&shop, "s1", &with(&one)).await;
        redeem(&shop, &held, "o1").await.assert_status(201);
        reserve(&shop, "s2", &with(&two)).await.assert_problem(422, "coupons.member_limit");
        app.advance_seconds(5 * 86_400);
        // Cancelled before it was ever paid, by whichever way the shop tells it: once.
        shop.apply(&event("cancelled", "o1", shop.now())).await;
        let back = detail(&shop, &one).await;
        assert_eq!(back.coupon.state, CouponState::Available);
        assert_eq!(back.coupon.expires_at.to_string(), "2026-06-23T15:59:59.999Z");
        assert_eq!(back.reasons, []);
        assert_eq!(state(&shop, &two).await, CouponState::Expired);
        // The member's own limit is free again, and the coupon works once more.
        let held = reserved(&shop, "s3", &with(&one)).await;
        redeem(&shop, &held, "o1").await.assert_problem(409, "orders.event_not_applicable");
        redeem(&shop, &held, "o2").await.assert_status(201);
        let undone = act(&shop, &held, "rollbacks", json!({})).await;
        undone.assert_status(200);
        assert_eq!(undone.parse::<Reservation>().state, ReservationState::RolledBack);
        act(&shop, &held, "rollbacks", json!({})).await.assert_problem(409, "coupons.reservation_ended");
        assert_eq!(state(&shop, &one).await, CouponState::Available);
        shop.assert_books().await;
        let why = app.get(&format!("/api/v1/coupons/{one}/explanations")).bearer(&shop.key).await;
        let steps = why.json()["steps"].as_array().map(Vec::len);
        assert_eq!(steps, Some(5));
    })
    .await;
}

#[tokio::test]
async fn a_revoked_coupon_is_not_used_although_it_was_held() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let made = template(&shop, json!({})).await;
        let coupon = publish(&shop, &made, "ann", "1").await;
        let asked = checkout("ann", cart(&[cline("a", 1, 9_000)], 0), &[&coupon]);
        let held = reserved(&shop, "s1", &asked).await;
        let revoke = format!("/api/v1/coupons/{coupon}/revocations");
        post(&shop, &revoke, &json!({})).await.assert_status(200);
        redeem(&shop, &held, "o1")
            .await
            .assert_problem(409, "coupons.revoked");
        act(&shop, &held, "releases", json!({}))
            .await
            .assert_status(200);
        let other = publish(&shop, &made, "ann", "2").await;
        let used = checkout("ann", cart(&[cline("a", 1, 9_000)], 0), &[&other]);
        let held = reserved(&shop, "s1", &used).await;
        redeem(&shop, &held, "o1").await.assert_status(201);
        let revoke = format!("/api/v1/coupons/{other}/revocations");
        post(&shop, &revoke, &json!({}))
            .await
            .assert_problem(409, "coupons.used");
        shop.assert_books().await;
    })
    .await;
}
