//! The best of a cart, and the order event that uses what was reserved for it.

use super::support::{cart, checkout, cline, post, publish, template};
use crate::support::shop::{contents, event, line, paid};
use crate::support::{Shop, TestApp, on_both};
use serde_json::{Value, json};
use shared::coupons::CouponState;
use shared::coupons::api::{CheckoutQuote, CouponDetail, Reservation, ReservationState};
use shared::points::Asset;
use shared::staff::Role;

async fn quote(shop: &Shop<'_>, member: &str, more: Value) -> CheckoutQuote {
    let lines = [cline("a", 2, 6_000), cline("b", 1, 4_000)];
    let mut asked = json!({ "member": format!("ext:{member}"), "cart": cart(&lines, 800) });
    if let (Some(asked), Value::Object(more)) = (asked.as_object_mut(), more) {
        asked.extend(more);
    }
    let call = shop.app.post("/api/v1/checkout_quotes").bearer(&shop.key);
    let answer = call.json(&asked).await;
    answer.assert_status(200);
    answer.parse()
}

/// Of each coupon: what it is called by, whether it is used, and the codes against it.
fn wallet(quote: &CheckoutQuote) -> Vec<(&str, bool, Vec<&str>)> {
    let rows = quote.wallet.iter();
    rows.map(|it| {
        let reasons = it.coupon.reasons.iter().map(|it| it.code.as_str());
        (it.coupon.reference.as_str(), it.used, reasons.collect())
    })
    .collect()
}

async fn state(shop: &Shop<'_>, coupon: &str) -> CouponState {
    let path = format!("/api/v1/coupons/{coupon}");
    let answer = shop.app.get(&path).bearer(&shop.key).await;
    answer.assert_status(200);
    answer.parse::<CouponDetail>().coupon.state
}

#[tokio::test]
async fn a_quote_finds_the_best_coupons_and_tells_why_not_the_others() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.adjust("ann", 2_500).await.assert_status(201);
        let small = template(&shop, json!({})).await;
        let large = template(&shop, json!({ "discount": { "kind": "amount_off", "amount": 3_000 } })).await;
        let far = template(&shop, json!({ "threshold_amount": 90_000, "stacking": { "group": "far" } })).await;
        let code = json!({ "discount": { "kind": "percentage_off", "bps": 1_000 }, "public_code": "TEN10",
            "claimable": false, "stacking": { "group": "code" } });
        template(&shop, code).await;
        let small = publish(&shop, &small, "ann", "1").await;
        let large = publish(&shop, &large, "ann", "2").await;
        let far = publish(&shop, &far, "ann", "3").await;

        let found = quote(&shop, "ann", json!({ "codes": ["ten10", "NONE"], "points": 500 })).await;
        assert_eq!(wallet(&found), [
            (small.as_str(), false, vec!["coupons.same_group"]),
            (large.as_str(), true, vec![]),
            (far.as_str(), false, vec!["coupons.below_threshold"]),
            ("ten10", true, vec![]),
            ("NONE", false, vec!["coupons.code_unknown"]),
        ]);
        assert!(found.exhaustive && found.quote.valid);
        assert_eq!((found.quote.discount, found.quote.due), (4_000, 6_000 - 500 + 800));
        let most: Vec<_> = found.spendable.iter().map(|it| (it.asset, it.most, it.pays)).collect();
        assert_eq!(most, [(Asset::Points, 2_500, 2_500), (Asset::Credit, 0, 0)]);
        let none = found.spendable[1].reason.as_ref().map(|it| it.code.as_str());
        assert_eq!(none, Some("points.insufficient"));
        assert_eq!(found.earn.points, 60);

        // What was found can be reserved as it stands, and comes to the same.
        let body = json!({ "session_key": "s", "checkout": found.checkout });
        let answer = post(&shop, "/api/v1/coupon_reservations", &body).await;
        answer.assert_status(201);
        let held: Reservation = answer.parse();
        assert_eq!((held.quote.due, held.quote.lines), (found.quote.due, found.quote.lines));
        let after = quote(&shop, "ann", json!({})).await;
        assert_eq!(wallet(&after)[0].2, Vec::<&str>::new());
        assert_eq!(wallet(&after)[1].2, ["coupons.reserved"]);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn quotes_are_refused_as_reserving_would_be() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let id = shop.member("ann").await;
        let asked =
            json!({ "member": "ext:ann", "cart": cart(&[cline("a", 1, 1_000)], -1), "points": -5 });
        let ask = async |asked: &Value| {
            app.post("/api/v1/checkout_quotes")
                .bearer(&shop.key)
                .json(asked)
                .await
        };
        let wrong = ask(&asked).await;
        wrong.assert_problem(422, "request.invalid");
        let many = json!({ "member": "ext:ann", "cart": cart(&[cline("a", 1, 1_000)], 0), "codes": vec!["X"; 31] });
        let refused = ask(&many).await;
        assert_eq!(refused.wrong_parts()[0].0, "/codes");
        let nobody = json!({ "member": "ext:bo", "cart": cart(&[cline("a", 1, 1_000)], 0) });
        ask(&nobody).await.assert_problem(404, "members.not_found");
        let admin = app.staff(Role::Admin).await;
        let freeze = app
            .post(&format!("/api/v1/members/{id}/freeze"))
            .bearer(&admin.token);
        freeze
            .json(&json!({ "reason": "a test" }))
            .await
            .assert_status(200);
        let frozen = json!({ "member": "ext:ann", "cart": cart(&[cline("a", 1, 1_000)], 0) });
        ask(&frozen).await.assert_problem(403, "members.frozen");
    })
    .await;
}

#[tokio::test]
async fn an_order_event_uses_what_was_reserved_for_it() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let made = template(&shop, json!({})).await;
        let coupon = publish(&shop, &made, "ann", "1").await;
        let asked = checkout("ann", cart(&[cline("a", 1, 5_000)], 0), &[&coupon]);
        let reserve = async |session: &str| {
            let body = json!({ "session_key": session, "checkout": asked });
            let answer = post(&shop, "/api/v1/coupon_reservations", &body).await;
            answer.assert_status(201);
            answer.parse::<Reservation>()
        };
        let held = reserve("one").await;
        let mut placed = paid(
            "o1",
            shop.now(),
            &contents(Some("ann"), &[line("a", 1, 4_000)]),
        );
        placed["reservation"] = json!(held.id);
        // Neither the order nor the use stands when one of them is refused.
        let mut other = placed.clone();
        other["order"]["member"] = json!("ext:nobody");
        shop.send(&other)
            .await
            .assert_problem(404, "members.not_found");
        assert_eq!(state(&shop, &coupon).await, CouponState::Reserved);
        shop.apply(&placed).await;
        assert_eq!(state(&shop, &coupon).await, CouponState::Used);
        assert_eq!(shop.order("o1").await.receipt.coupons.len(), 1);
        shop.send(&placed).await.assert_status(200);
        let path = format!("/api/v1/coupon_reservations/{}", held.id);
        let seen: Reservation = app.get(&path).bearer(&shop.key).await.parse();
        assert_eq!(
            (seen.state, seen.order_id.as_deref()),
            (ReservationState::Redeemed, Some("o1"))
        );

        // Everything comes back, and an order whose reservation has run out is told so.
        shop.refund_all("o1").await;
        assert_eq!(state(&shop, &coupon).await, CouponState::Available);
        let late = reserve("two").await;
        app.advance_seconds(3_600);
        let mut second = paid(
            "o2",
            shop.now(),
            &contents(Some("ann"), &[line("a", 1, 4_000)]),
        );
        second["reservation"] = json!(late.id);
        shop.send(&second)
            .await
            .assert_problem(409, "coupons.reservation_ended");
        let batch = json!({ "events": [second] });
        let many = app
            .post("/api/v1/order_events/batches")
            .bearer(&shop.key)
            .json(&batch)
            .await;
        many.assert_problem(422, "request.invalid");
        let mut shipped = event("shipped", "o1", shop.now());
        shipped["reservation"] = json!(late.id);
        shop.send(&shipped)
            .await
            .assert_problem(422, "request.invalid");
        shop.assert_books().await;
    })
    .await;
}
