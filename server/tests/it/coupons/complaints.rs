//! What shops have complained of elsewhere, tried here.

use super::support::{cart, checkout, cline, post, publish, template, terms};
use crate::support::shop::{contents, line, paid, refunded};
use crate::support::{Shop, TestApp, on_both};
use serde_json::{Value, json};

async fn coupon_of(shop: &Shop<'_>, id: &str) -> Value {
    let path = format!("/api/v1/coupons/{id}");
    shop.app.get(&path).bearer(&shop.key).await.json()["coupon"].clone()
}

/// Returning goods until the rest is worth less than the coupon's minimum neither pays the whole
/// price back nor takes the discount off what is kept a second time.
#[tokio::test]
async fn returning_until_under_the_minimum_gives_back_what_was_paid_and_no_more() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let ten = json!({ "threshold_amount": 10_000, "discount": { "kind": "amount_off", "amount": 1_000 } });
        let made = template(&shop, ten).await;
        let coupon = publish(&shop, &made, "ann", "1").await;
        let goods = cart(&[cline("a", 1, 6_000), cline("b", 1, 4_000)], 0);
        let body = json!({ "order_id": "o1", "checkout": checkout("ann", goods, &[&coupon]) });
        post(&shop, "/api/v1/coupon_redemptions", &body)
            .await
            .assert_status(201);
        let lines = [line("a", 1, 5_400), line("b", 1, 3_600)];
        shop.apply(&paid("o1", shop.now(), &contents(Some("ann"), &lines)))
            .await;

        shop.apply(&refunded("r1", "o1", shop.now(), &[("a", Some(1), None)]))
            .await;
        let order = shop.order("o1").await;
        assert_eq!(order.refunded_amount, 5_400);
        let shares: Vec<(i64, i64)> = order.receipt.coupons[0]
            .lines
            .iter()
            .map(|it| (it.discount, it.returned))
            .collect();
        assert_eq!(shares, [(600, 600), (400, 0)]);
        // What is kept is below the minimum; the coupon has been used all the same.
        assert_eq!(coupon_of(&shop, &coupon).await["state"], "used");

        shop.apply(&refunded("r2", "o1", shop.now(), &[("b", Some(1), None)]))
            .await;
        assert_eq!(shop.order("o1").await.refunded_amount, 9_000);
        assert_eq!(coupon_of(&shop, &coupon).await["state"], "available");
        shop.assert_books().await;
    })
    .await;
}

/// A coupon keeps the dates by which it was given, however often its template is saved.
#[tokio::test]
async fn saving_a_template_again_moves_no_coupons_dates() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let dated =
            json!({ "validity": { "kind": "dated", "from": "2026-06-01", "until": "2026-06-30" } });
        let made = template(&shop, dated.clone()).await;
        let coupon = publish(&shop, &made, "ann", "1").await;
        let before = coupon_of(&shop, &coupon).await;
        // To the last millisecond of the last day, where the member lives.
        assert_eq!(before["expires_at"], "2026-06-30T15:59:59.999Z");
        let path = format!("/api/v1/coupon_templates/{}", made.id);
        let shorter =
            json!({ "validity": { "kind": "dated", "from": "2026-06-01", "until": "2026-06-10" } });
        for (version, edit) in [(2, &dated), (3, &dated), (4, &shorter)] {
            let seen = app.get(&path).bearer(&shop.key).await;
            let saved = app
                .put(&path)
                .bearer(&shop.key)
                .header("if-match", seen.header("etag"))
                .json(&terms(edit.clone()))
                .await;
            saved.assert_status(200);
            assert_eq!(saved.json()["version"], version);
            let now = coupon_of(&shop, &coupon).await;
            for part in ["valid_from", "expires_at", "state"] {
                assert_eq!(now[part], before[part], "{part}");
            }
        }
        shop.assert_books().await;
    })
    .await;
}
