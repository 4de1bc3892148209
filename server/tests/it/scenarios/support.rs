//! What the tests of scenario lists share.

use crate::communities::support::join;
use crate::support::{Answer, Shop, TestApp, beginning};
use serde_json::{Value, json};
use shared::communities::api::Community;
use shared::messages::Content;
use shared::messages::api::Message;
use shared::page::Page;
use shared::scenarios::api::{Calendar, CalendarEvent, Delivery, PushChannel, Scenario};
use shared::scenarios::{Call, ChannelKind};
use shared::staff::Role;
use shared::time::Timestamp;

/// Minute of the first day at which the lists of these tests appear: half an hour after the
/// beginning.
pub const HALF_PAST_TWELVE: i64 = 12 * 60 + 30;

/// A shop with a community that is shown lists.
pub struct Lists<'a> {
    /// The shop.
    pub shop: Shop<'a>,
    /// The community.
    pub community: Community,
}

/// A minute of a day of the shop; the first day is the Monday on which tests begin.
pub fn on(day: i64, minute: i64) -> Timestamp {
    beginning().plus_millis((day * 24 * 60 + minute - 12 * 60) * 60_000)
}

/// A list with two products that appears once, on the first day at [`HALF_PAST_TWELVE`].
pub fn list(edit: Value) -> Value {
    let mut list = json!({
        "title": "Office breakfast",
        "text": "Warm and fresh",
        "products": [
            { "sku": "oat-milk", "name": "Oat milk", "price": 990, "link": "https://shop.example/oat" },
            { "sku": "bread", "name": "Bread" },
        ],
        "schedule": once(0, HALF_PAST_TWELVE),
    });
    if let (Some(list), Value::Object(edit)) = (list.as_object_mut(), edit) {
        list.extend(edit);
    }
    list
}

/// Once, on a day of June 2026 from the 15th on.
pub fn once(day: i64, minute: i64) -> Value {
    json!({ "first": format!("2026-06-{}", 15 + day), "minute": minute })
}

/// Every day of the week from the first day on.
pub fn daily(minute: i64) -> Value {
    json!({ "first": "2026-06-15", "minute": minute, "weekdays": [1, 2, 3, 4, 5, 6, 7] })
}

/// When each list of a calendar appears, what it is called, what becomes of the call, and whether it
/// has appeared.
pub fn calls(calendar: &Calendar) -> Vec<(Timestamp, &str, Call, bool)> {
    let entries = calendar.entries.iter();
    let calls = entries.filter_map(|entry| match &entry.event {
        CalendarEvent::Scenario {
            posting_id,
            title,
            call,
            ..
        } => Some((entry.at, title.as_str(), *call, posting_id.is_some())),
        CalendarEvent::Sale { .. } => None,
    });
    calls.collect()
}

impl<'a> Lists<'a> {
    /// Opens a shop with a community that may be called as often as there is something.
    pub async fn open(app: &'a TestApp) -> Self {
        Self::with_pace(app, json!({})).await
    }

    /// Opens a shop with a community that is called at this pace.
    pub async fn with_pace(app: &'a TestApp, pace: Value) -> Self {
        let shop = Shop::open(app).await;
        let staff = app.staff(Role::Operator).await;
        let body = json!({ "name": "office", "capacity": 5000, "open": true, "pace": pace });
        let call = app.post("/api/v1/communities").bearer(&staff.token);
        let made = call.json(&body).await;
        made.assert_status(201);
        let community = made.parse();
        Self { shop, community }
    }

    /// Moves the clock to a minute of a day, and does what is due.
    pub async fn at(&self, day: i64, minute: i64) {
        self.shop.app.clock.set(on(day, minute));
        self.shop.run_jobs().await;
    }

    /// Lets new members join; answers their access tokens.
    pub async fn joined(&self, members: &[&str]) -> Vec<String> {
        let mut tokens = Vec::new();
        for member in members {
            self.shop.member(member).await;
            let token = self.shop.hand_over(member).await;
            let joined = join(&self.shop, &token, &self.community.code).await;
            joined.assert_status(201);
            tokens.push(token);
        }
        tokens
    }

    /// The path of something of the community.
    pub fn path(&self, of: &str) -> String {
        format!("/api/v1/communities/{}/{of}", self.community.id)
    }

    /// Asks as an operator.
    pub async fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let staff = self.shop.app.staff(Role::Operator).await;
        let call = self.shop.app.call(method, path).bearer(&staff.token);
        call.json(body).await
    }

    /// Reads as an operator.
    pub async fn read<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let staff = self.shop.app.staff(Role::Operator).await;
        let answer = self.shop.app.get(path).bearer(&staff.token).await;
        answer.assert_status(200);
        answer.parse()
    }

    /// Makes a list.
    pub async fn make(&self, edit: Value) -> Scenario {
        let made = self.ask("POST", &self.path("scenarios"), &list(edit)).await;
        made.assert_status(201);
        made.parse()
    }

    /// A list as it is now.
    pub async fn get(&self, it: &Scenario) -> Scenario {
        self.read(&format!("/api/v1/scenarios/{}", it.id)).await
    }

    /// Makes a way.
    pub async fn channel(&self, kind: &str, url: &str) -> PushChannel {
        let body = json!({ "kind": kind, "url": url });
        let made = self.ask("POST", &self.path("channels"), &body).await;
        made.assert_status(201);
        made.parse()
    }

    /// The calendar of some days from the first one on.
    pub async fn calendar(&self, days: u16) -> Calendar {
        let path = format!("calendar?from=2026-06-15&days={days}");
        self.read(&self.path(&path)).await
    }

    /// How each way got on with the only list that has appeared.
    pub async fn deliveries(&self) -> Vec<Delivery> {
        let calendar = self.calendar(2).await;
        let mut found = calendar
            .entries
            .into_iter()
            .filter_map(|it| match it.event {
                CalendarEvent::Scenario { deliveries, .. } => Some(deliveries),
                CalendarEvent::Sale { .. } => None,
            });
        let first = found.next().expect("a list appeared");
        assert!(found.next().is_none(), "only one list appeared");
        first
    }

    /// How the only way of a kind got on with the only list that has appeared.
    pub async fn delivery(&self, kind: ChannelKind) -> Delivery {
        let mut found = self.deliveries().await;
        found.retain(|it| it.kind == kind);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    /// Titles of the lists that a member was called to, the earliest first.
    pub async fn heard(&self, member: &str) -> Vec<String> {
        let token = self.shop.hand_over(member).await;
        let call = self.shop.app.get("/api/v1/me/messages?limit=100");
        let page: Page<Message> = call.bearer(&token).await.parse();
        let titles = page
            .data
            .into_iter()
            .rev()
            .filter_map(|it| match it.content {
                Content::ScenarioPosted { title, .. } => Some(title),
                _ => None,
            });
        titles.collect()
    }
}
