//! A shop that talks to the server: members, orders, points, and the books at the end.

use super::{Answer, TestApp};
use serde_json::{Value, json};
use server::check::{Report, check};
use shared::ids::MemberId;
use shared::members::api::{Member, Summary};
use shared::orders::api::OrderView;
use shared::page::Page;
use shared::points::api::{Entry, LotView};
use shared::staff::Scope;
use shared::tiers::api::TierOverview;
use shared::time::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};

/// A shop with an API key that may do everything a key can.
pub(crate) struct Shop<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) key: String,
    intents: AtomicU64,
}

impl<'a> Shop<'a> {
    /// A shop of this server.
    pub(crate) async fn open(app: &'a TestApp) -> Self {
        Self {
            app,
            key: app.api_key(&Scope::ALL).await,
            intents: AtomicU64::new(0),
        }
    }

    /// A key that no other request has.
    pub(crate) fn intent(&self) -> String {
        format!("intent-{}", self.intents.fetch_add(1, Ordering::Relaxed))
    }

    /// The instant now.
    pub(crate) fn now(&self) -> Timestamp {
        self.app.app.db.now()
    }

    /// Creates a member with this external id, who joins now.
    pub(crate) async fn member(&self, external_id: &str) -> MemberId {
        let request = json!({ "external_id": external_id });
        let answer = self
            .app
            .post("/api/v1/members")
            .bearer(&self.key)
            .json(&request)
            .await;
        answer.assert_status(201);
        answer.parse::<Member>().id
    }

    /// Creates several members.
    pub(crate) async fn members(&self, external_ids: &[&str]) {
        for id in external_ids {
            self.member(id).await;
        }
    }

    /// Hands a member over to the member centre; answers the access token there.
    pub(crate) async fn hand_over(&self, member: &str) -> String {
        let handed = self.app.post("/api/v1/embed_sessions").bearer(&self.key);
        let body = json!({ "member": format!("ext:{member}") });
        let url = handed.json(&body).await.json();
        let code = url["url"].as_str().and_then(|it| it.rsplit('/').next());
        let call = self.app.post("/api/v1/sessions/exchange").page("member");
        let session = call.json(&json!({ "code": code })).await.json();
        let token = session["access_token"].as_str();
        token.unwrap_or_default().to_owned()
    }

    /// Sends an order event.
    pub(crate) async fn send(&self, event: &Value) -> Answer {
        let call = self.app.post("/api/v1/order_events").bearer(&self.key);
        call.json(event).await
    }

    /// Sends an order event that must take effect.
    #[track_caller]
    pub(crate) fn apply(&self, event: &Value) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        let sent = self.send(event);
        async move {
            let answer = sent.await;
            assert_eq!(answer.status, 201, "{place}: {}", answer.text());
        }
    }

    /// A member pays an order of one line now.
    pub(crate) async fn pay(&self, member: &str, order: &str, amount: i64) {
        let lines = [line("1", 1, amount)];
        let paid = paid(order, self.now(), &contents(Some(member), &lines));
        self.apply(&paid).await;
    }

    /// All that is left of an order is refunded now.
    pub(crate) async fn refund_all(&self, order: &str) {
        let event = event("refunded", order, self.now());
        self.apply(&event).await;
    }

    /// Changes points by hand.
    pub(crate) async fn adjust(&self, member: &str, amount: i64) -> Answer {
        let request = json!({ "asset": "points", "amount": amount, "reason": "a test" });
        let path = format!("/api/v1/members/ext:{member}/points/adjustments");
        let call = self.app.post(&path).bearer(&self.key);
        call.idempotency_key(&self.intent()).json(&request).await
    }

    /// Spends points on an order.
    pub(crate) async fn spend(
        &self,
        member: &str,
        order: &str,
        amount: i64,
        order_amount: i64,
    ) -> Answer {
        let request = json!({ "asset": "points", "amount": amount, "order_id": order, "order_amount": order_amount });
        let path = format!("/api/v1/members/ext:{member}/points/spends");
        let call = self.app.post(&path).bearer(&self.key);
        call.idempotency_key(&self.intent()).json(&request).await
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let answer = self.app.get(path).bearer(&self.key).await;
        answer.assert_status(200);
        answer.parse()
    }

    /// What the member's Home shows.
    pub(crate) async fn summary(&self, member: &str) -> Summary {
        self.get(&format!("/api/v1/members/ext:{member}/summary"))
            .await
    }

    /// Points: available, pending, deficit.
    pub(crate) async fn points(&self, member: &str) -> (i64, i64, i64) {
        let points = self.summary(member).await.points;
        (points.available, points.pending, points.deficit)
    }

    /// The member's ledger, newest first: the latest hundred rows.
    pub(crate) async fn entries(&self, member: &str) -> Vec<Entry> {
        let path = format!("/api/v1/members/ext:{member}/points/entries?limit=100");
        self.get::<Page<Entry>>(&path).await.data
    }

    /// The member's lots, the one that ends first first.
    pub(crate) async fn lots(&self, member: &str) -> Vec<LotView> {
        let path = format!("/api/v1/members/ext:{member}/points/lots?limit=100");
        self.get::<Page<LotView>>(&path).await.data
    }

    /// The member's tier page.
    pub(crate) async fn tier(&self, member: &str) -> TierOverview {
        self.get(&format!("/api/v1/members/ext:{member}/tier"))
            .await
    }

    /// An order with its receipt.
    pub(crate) async fn order(&self, order: &str) -> OrderView {
        self.get(&format!("/api/v1/orders/{order}")).await
    }

    /// Moves the clock ahead and does what is due.
    pub(crate) async fn pass_days(&self, days: i64) {
        self.app.clock.advance_days(days);
        self.run_jobs().await;
    }

    /// Does all scheduled work.
    pub(crate) async fn run_jobs(&self) {
        let done = server::jobs::run_all(&self.app.app).await;
        done.expect("scheduled work succeeds");
    }

    /// Works everything out again from the rows.
    pub(crate) async fn check(&self) -> Report {
        let report = check(&self.app.app, |_| {}).await;
        report.expect("the check runs")
    }

    /// Fails unless everything is what the rows make it.
    pub(crate) async fn assert_books(&self) {
        let report = self.check().await;
        let found: Vec<String> = report.differences.iter().map(|it| it.to_string()).collect();
        assert!(report.is_clean(), "the check found:\n{}", found.join("\n"));
    }
}

/// An event that is named after its kind and order.
pub(crate) fn event(kind: &str, order: &str, at: Timestamp) -> Value {
    json!({ "event_id": format!("{order}:{kind}"), "order_id": order, "occurred_at": at, "type": kind })
}

/// A `paid` event that says what is in the order.
pub(crate) fn paid(order: &str, at: Timestamp, contents: &Value) -> Value {
    let mut event = event("paid", order, at);
    event["order"] = contents.clone();
    event
}

/// A `refunded` event with an id of its own: line, pieces, amount.
pub(crate) fn refunded(
    id: &str,
    order: &str,
    at: Timestamp,
    lines: &[(&str, Option<i64>, Option<i64>)],
) -> Value {
    let rows: Vec<Value> = lines
        .iter()
        .map(|(line, quantity, amount)| json!({ "line_id": line, "quantity": quantity, "amount": amount }))
        .collect();
    json!({ "event_id": id, "order_id": order, "occurred_at": at, "type": "refunded", "refunds": rows })
}

/// What is in an order of a member, or of a guest.
pub(crate) fn contents(member: Option<&str>, lines: &[Value]) -> Value {
    let mut contents = json!({ "currency": "CNY", "lines": lines });
    if let Some(member) = member {
        contents["member"] = json!(format!("ext:{member}"));
    }
    contents
}

/// A line of an order: how many, and what all of them cost.
pub(crate) fn line(id: &str, quantity: i64, amount: i64) -> Value {
    json!({ "line_id": id, "sku": format!("sku-{id}"), "quantity": quantity, "amount": amount })
}
