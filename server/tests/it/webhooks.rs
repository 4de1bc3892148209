//! Webhooks: endpoints as staff keep them, and events on their way to them.

mod deliver;
mod faults;
mod manage;

use crate::support::{Answer, Receiver, Shop, TestApp};
use serde_json::{Value, json};
use server::config::Config;
use server::webhooks::service::{deliver_due, spread_due};
use shared::page::Page;
use shared::staff::Role;
use shared::webhooks::WebhookDeliveryState;
use shared::webhooks::api::{WebhookDelivery, WebhookDeliveryDetail, WebhookEndpoint};

/// The receivers of these tests are on this machine.
pub fn private(config: &mut Config) {
    config.send_to_private = true;
}

/// A shop with an endpoint.
pub struct Hooks<'a> {
    pub shop: Shop<'a>,
    pub receiver: Receiver,
    pub endpoint: WebhookEndpoint,
}

impl<'a> Hooks<'a> {
    /// Opens a shop with an endpoint that is told of these events.
    pub async fn open(app: &'a TestApp, events: &[&str], ordered: bool) -> Self {
        let shop = Shop::open(app).await;
        let receiver = Receiver::open().await;
        let body = json!({
            "name": "CRM", "url": receiver.url("/hook"), "events": events, "ordered": ordered,
        });
        let made = ask(app, "POST", "/api/v1/webhook_endpoints", &body).await;
        made.assert_status(201);
        let endpoint = made.parse();
        Self {
            shop,
            receiver,
            endpoint,
        }
    }

    /// The path of something of the endpoint.
    pub fn path(&self, of: &str) -> String {
        format!("/api/v1/webhook_endpoints/{}{of}", self.endpoint.id)
    }

    /// Asks as an administrator.
    pub async fn ask(&self, method: &str, of: &str, body: &Value) -> Answer {
        ask(self.shop.app, method, &self.path(of), body).await
    }

    /// The endpoint as it is now.
    pub async fn now(&self) -> WebhookEndpoint {
        read(self.shop.app, &self.path("")).await
    }

    /// Hands over what happened, and lets leave what is due.
    pub async fn run(&self) {
        let app = &self.shop.app.app;
        spread_due(app).await.expect("events are handed over");
        deliver_due(app).await.expect("what is due leaves");
    }

    /// What was and will be sent, what happened last first.
    pub async fn deliveries(&self) -> Vec<WebhookDelivery> {
        let path = self.path("/deliveries?limit=100");
        let page: Page<WebhookDelivery> = read(self.shop.app, &path).await;
        page.data
    }

    /// Where each delivery stands: type, state and attempts, what happened first first.
    pub async fn stand(&self) -> Vec<(String, WebhookDeliveryState, u32)> {
        let rows = self.deliveries().await.into_iter().rev();
        rows.map(|it| (it.kind.as_str().to_owned(), it.state, it.attempts))
            .collect()
    }

    /// The only delivery there is.
    pub async fn only(&self) -> WebhookDeliveryDetail {
        let mut rows = self.deliveries().await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        let event = rows.remove(0).event_id;
        read(self.shop.app, &self.path(&format!("/deliveries/{event}"))).await
    }

    /// The types of what arrived, in order.
    pub fn heard(&self) -> Vec<String> {
        let heard = self.receiver.heard();
        let kinds = heard.iter().map(|it| it.json()["type"].clone());
        kinds
            .map(|it| it.as_str().expect("a type").to_owned())
            .collect()
    }
}

/// Asks as an administrator.
pub async fn ask(app: &TestApp, method: &str, path: &str, body: &Value) -> Answer {
    let staff = app.staff(Role::Admin).await;
    app.call(method, path).bearer(&staff.token).json(body).await
}

/// Reads as an administrator.
pub async fn read<T: serde::de::DeserializeOwned>(app: &TestApp, path: &str) -> T {
    let staff = app.staff(Role::Admin).await;
    let answer = app.get(path).bearer(&staff.token).await;
    answer.assert_status(200);
    answer.parse()
}
