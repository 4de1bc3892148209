//! What the tests of coupons share.

use crate::support::{Answer, Shop};
use serde_json::{Value, json};
use shared::coupons::api::Template;

/// Terms that take ¥10 off for 30 days; `edit` says the rest.
pub fn terms(edit: Value) -> Value {
    let mut terms = json!({
        "name": { "zh-CN": "十元券", "en": "Ten off" },
        "discount": { "kind": "amount_off", "amount": 1_000 },
        "validity": { "kind": "days", "days": 30 },
        "claimable": true,
    });
    if let (Some(terms), Value::Object(edit)) = (terms.as_object_mut(), edit) {
        terms.extend(edit);
    }
    terms
}

/// Makes a template and begins it.
pub async fn template(shop: &Shop<'_>, edit: Value) -> Template {
    let made: Template = {
        let answer = post(shop, "/api/v1/coupon_templates", &terms(edit)).await;
        answer.assert_status(201);
        answer.parse()
    };
    let answer = set_state(shop, &made, "active").await;
    answer.assert_status(200);
    answer.parse()
}

pub async fn set_state(shop: &Shop<'_>, template: &Template, state: &str) -> Answer {
    let path = format!("/api/v1/coupon_templates/{}/states", template.id);
    post(shop, &path, &json!({ "state": state })).await
}

/// Asks as the shop, with a key of its own.
pub async fn post(shop: &Shop<'_>, path: &str, body: &Value) -> Answer {
    let call = shop.app.post(path).bearer(&shop.key);
    call.idempotency_key(&shop.intent()).json(body).await
}

/// Gives a member a coupon; answers its id.
pub async fn publish(shop: &Shop<'_>, template: &Template, member: &str, source: &str) -> String {
    let path = format!("/api/v1/coupon_templates/{}/publications", template.id);
    let body = json!({ "member": format!("ext:{member}"), "source_id": source });
    let answer = post(shop, &path, &body).await;
    answer.assert_status(201);
    answer.json()["coupon_id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// A line of a cart: how many, and what all of them cost before any discount.
pub fn cline(id: &str, quantity: i64, amount: i64) -> Value {
    json!({ "line_id": id, "sku": format!("sku-{id}"), "quantity": quantity, "amount": amount })
}

/// What somebody wants to buy.
pub fn cart(lines: &[Value], shipping: i64) -> Value {
    json!({ "currency": "CNY", "lines": lines, "shipping": shipping })
}

/// A checkout of a member with coupons.
pub fn checkout(member: &str, cart: Value, coupons: &[&str]) -> Value {
    json!({ "member": format!("ext:{member}"), "cart": cart, "coupons": coupons })
}
