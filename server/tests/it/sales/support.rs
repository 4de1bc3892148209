//! What the tests of flash sales share.

use crate::support::shop::{contents, paid};
use crate::support::{Answer, Shop, TestApp, beginning};
use serde_json::{Value, json};
use shared::sales::api::{FlashClaim, FlashSale, ProductStock};
use shared::staff::Role;
use shared::time::Timestamp;

/// A shop that holds flash sales.
pub struct Sales<'a> {
    /// The shop.
    pub shop: Shop<'a>,
}

/// When the sales of these tests open for everybody: ten minutes after the beginning.
pub fn opening() -> Timestamp {
    beginning().plus_millis(600_000)
}

/// A sale of five bottles of milk for an hour, two for each member, 15 minutes to pay.
pub fn definition(edit: &Value) -> Value {
    let mut sale = json!({
        "title": { "zh-CN": "早餐", "en": "Breakfast" },
        "products": [product("milk", 5, json!({}))],
        "starts_at": opening(),
        "ends_at": opening().plus_millis(3_600_000),
        "payment_minutes": 15,
    });
    if let (Some(sale), Some(edit)) = (sale.as_object_mut(), edit.as_object()) {
        sale.extend(edit.clone());
    }
    sale
}

/// A product, two for each member.
pub fn product(sku: &str, stock: i64, edit: Value) -> Value {
    let mut product = json!({
        "sku": sku, "name": { "zh-CN": sku, "en": sku }, "price": 990, "list_price": 1990,
        "stock": stock, "per_member": 2,
    });
    if let (Some(product), Value::Object(edit)) = (product.as_object_mut(), edit) {
        product.extend(edit);
    }
    product
}

impl<'a> Sales<'a> {
    /// Opens a shop.
    pub async fn open(app: &'a TestApp) -> Self {
        Self {
            shop: Shop::open(app).await,
        }
    }

    /// Moves the clock to so many milliseconds after the opening.
    pub fn at(&self, millis: i64) {
        self.shop.app.clock.set(opening().plus_millis(millis));
    }

    /// Asks as an operator.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let staff = self.shop.app.staff(Role::Operator).await;
        let call = self.shop.app.post(path).bearer(&staff.token);
        call.idempotency_key(&self.shop.intent()).json(body).await
    }

    /// Reads as an operator.
    pub async fn read<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let staff = self.shop.app.staff(Role::Operator).await;
        let answer = self.shop.app.get(path).bearer(&staff.token).await;
        answer.assert_status(200);
        answer.parse()
    }

    /// Makes a sale and publishes it; answers its id.
    pub async fn sale(&self, edit: Value) -> String {
        let made = self.post("/api/v1/flash_sales", &definition(&edit)).await;
        made.assert_status(201);
        let id = made.parse::<FlashSale>().id.to_string();
        self.act(&id, "publish", json!({})).await.assert_status(200);
        id
    }

    /// Does something with a sale.
    pub async fn act(&self, sale: &str, action: &str, body: Value) -> Answer {
        self.post(&format!("/api/v1/flash_sales/{sale}/{action}"), &body)
            .await
    }

    /// A sale, for staff.
    pub async fn get(&self, sale: &str) -> FlashSale {
        self.read(&format!("/api/v1/flash_sales/{sale}")).await
    }

    /// The stock of the first product: free, held, sold.
    pub async fn stock(&self, sale: &str) -> (i64, i64, i64) {
        let stock = self.get(sale).await.stock;
        let ProductStock {
            free, held, sold, ..
        } = stock[0];
        (free, held, sold)
    }

    /// Creates members; answers their access tokens.
    pub async fn tokens(&self, members: &[&str]) -> Vec<String> {
        let mut tokens = Vec::new();
        for member in members {
            self.shop.member(member).await;
            tokens.push(self.shop.hand_over(member).await);
        }
        tokens
    }

    /// Claims some milk.
    pub async fn claim(&self, token: &str, sale: &str, key: &str, quantity: i64) -> Answer {
        let body = json!({ "sku": "milk", "quantity": quantity });
        self.claim_of(token, sale, key, &body).await
    }

    /// Claims something.
    pub async fn claim_of(&self, token: &str, sale: &str, key: &str, body: &Value) -> Answer {
        let path = format!("/api/v1/flash_sales/{sale}/claims");
        let call = self.shop.app.post(&path).bearer(token);
        call.idempotency_key(key).json(body).await
    }

    /// Claims some milk, and gets it.
    pub async fn won(&self, token: &str, sale: &str, key: &str, quantity: i64) -> FlashClaim {
        let answer = self.claim(token, sale, key, quantity).await;
        answer.assert_status(201);
        answer.parse()
    }

    /// A claim, as the shop sees it.
    pub async fn found(&self, claim: &FlashClaim) -> FlashClaim {
        let path = format!("/api/v1/flash_claims/{}", claim.id);
        let answer = self.shop.app.get(&path).bearer(&self.shop.key).await;
        answer.assert_status(200);
        answer.parse()
    }

    /// The event of an order that pays a claim now.
    pub fn paid(&self, member: &str, order: &str, claim: &FlashClaim) -> Value {
        let line = json!({
            "line_id": "1", "sku": claim.sku, "quantity": claim.quantity,
            "amount": claim.price * claim.quantity, "claim": claim.id,
        });
        paid(order, self.shop.now(), &contents(Some(member), &[line]))
    }

    /// Pays a claim now.
    pub async fn pay(&self, member: &str, order: &str, claim: &FlashClaim) {
        self.shop.apply(&self.paid(member, order, claim)).await;
    }
}
