//! Limits under concurrency: whoever comes at the same moment, no limit is passed.

use super::support::{cart, checkout, cline, post, publish, template};
use crate::support::{Shop, TestApp, on_both};
use futures::future::join_all;
use serde_json::{Value, json};

async fn redeem(shop: &Shop<'_>, order: &str, checkout: &Value) -> crate::support::Answer {
    let body = json!({ "order_id": order, "checkout": checkout });
    post(shop, "/api/v1/coupon_redemptions", &body).await
}

/// The complaint of many shops for ten years: a coupon used past its limit in parallel checkouts.
#[tokio::test]
async fn two_hundred_parallel_redemptions_use_a_coupon_once() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let made = template(&shop, json!({})).await;
        let coupon = publish(&shop, &made, "ann", "1").await;
        let asked = checkout("ann", cart(&[cline("a", 1, 9_000)], 0), &[&coupon]);
        let orders: Vec<String> = (0..200).map(|it| format!("o{it}")).collect();
        let answers = join_all(orders.iter().map(|it| redeem(&shop, it, &asked))).await;
        assert_eq!(answers.iter().filter(|it| it.status == 201).count(), 1);
        for refused in answers.iter().filter(|it| it.status != 201) {
            refused.assert_problem(409, "coupons.used");
        }
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn two_hundred_parallel_redemptions_use_a_budget_of_fifty_up_exactly() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let made = template(&shop, json!({ "limits": { "budget_uses": 50 } })).await;
        let mut asked = Vec::new();
        for i in 0..200 {
            let name = format!("m{i}");
            shop.member(&name).await;
            let coupon = publish(&shop, &made, &name, &name).await;
            asked.push((
                format!("o{i}"),
                checkout(&name, cart(&[cline("a", 1, 9_000)], 0), &[&coupon]),
            ));
        }
        let answers = join_all(asked.iter().map(|it| redeem(&shop, &it.0, &it.1))).await;
        assert_eq!(answers.iter().filter(|it| it.status == 201).count(), 50);
        for refused in answers.iter().filter(|it| it.status != 201) {
            refused.assert_problem(409, "coupons.budget_used_up");
        }
        let path = format!("/api/v1/coupon_templates/{}", made.id);
        let now = app.get(&path).bearer(&shop.key).await.json();
        assert_eq!(
            (&now["redeemed_uses"], &now["redeemed_amount"]),
            (&json!(50), &json!(50_000))
        );
        // Of those whose orders are cancelled, the slots go to others.
        let used: Vec<&String> = asked
            .iter()
            .zip(&answers)
            .filter(|it| it.1.status == 201)
            .map(|it| &it.0.0)
            .collect();
        for order in &used[..3] {
            let event = crate::support::shop::event("cancelled", order, shop.now());
            shop.apply(&event).await;
        }
        let rest = asked
            .iter()
            .zip(&answers)
            .filter(|it| it.1.status != 201)
            .take(5);
        let again = join_all(rest.map(|it| redeem(&shop, &it.0.0, &it.0.1))).await;
        assert_eq!(again.iter().filter(|it| it.status == 201).count(), 3);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_budget_of_money_is_never_passed() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let made = template(&shop, json!({ "limits": { "budget_amount": 2_500 } })).await;
        let mut answers = Vec::new();
        for i in 0..4 {
            let coupon = publish(&shop, &made, "ann", &i.to_string()).await;
            let amount = if i == 3 { 500 } else { 9_000 };
            let asked = checkout("ann", cart(&[cline("a", 1, amount)], 0), &[&coupon]);
            answers.push(redeem(&shop, &format!("o{i}"), &asked).await);
        }
        answers[0].assert_status(201);
        answers[1].assert_status(201);
        answers[2].assert_problem(409, "coupons.budget_used_up");
        answers[3].assert_status(201);
        shop.assert_books().await;
    })
    .await;
}
