//! A shop that does everything at random: many members, retries, duplicates, events out of order,
//! several requests at once, jumps of the clock. A small model of its own says what must come out.

use crate::support::shop::{contents, event, line, paid, refunded};
use crate::support::{Answer, Shop, TestApp, on_both};
use fastrand::Rng;
use futures::future::join_all;
use serde_json::{Value, json};
use shared::orders::api::OrderView;
use shared::page::Page;
use std::collections::{BTreeMap, BTreeSet};

const MEMBERS: [&str; 5] = ["ann", "bo", "cai", "dee", "eve"];
/// Commands of one run.
const STEPS: usize = 220;
/// No points end in this time, in days: they last for twelve months at least.
const DAYS_MAX: i64 = 330;

/// What the shop remembers of what it asked for.
struct Simulation<'a> {
    shop: Shop<'a>,
    rng: Rng,
    days: i64,
    /// Adjustments that were answered with yes, by member.
    adjusted: BTreeMap<&'static str, i64>,
    /// Spends that were answered with yes: member and amount, by order.
    spent: BTreeMap<String, (&'static str, i64)>,
    orders: BTreeSet<String>,
    /// Events that were not sent yet, and those that were.
    unsent: Vec<Value>,
    sent: Vec<Value>,
    /// Requests with a key: path, body, key and the answer.
    asked: Vec<(String, Value, String, String)>,
}

/// What the model says a member has: all, and of it what is not spendable yet.
#[derive(Debug, PartialEq, Eq)]
struct Holding {
    total: i64,
    pending: i64,
}

impl<'a> Simulation<'a> {
    async fn begin(app: &'a TestApp, seed: u64) -> Self {
        let shop = Shop::open(app).await;
        shop.members(&MEMBERS).await;
        Self {
            shop,
            rng: Rng::with_seed(seed),
            days: 0,
            adjusted: BTreeMap::new(),
            spent: BTreeMap::new(),
            orders: BTreeSet::new(),
            unsent: Vec::new(),
            sent: Vec::new(),
            asked: Vec::new(),
        }
    }

    fn member(&mut self) -> &'static str {
        MEMBERS[self.rng.usize(..MEMBERS.len())]
    }

    async fn step(&mut self) {
        match self.rng.u32(..100) {
            0..16 => self.plan_order(),
            16..54 => self.send_one().await,
            54..58 => self.send_again().await,
            58..70 => self.spend().await,
            70..75 => self.spend_at_once().await,
            75..83 => self.adjust().await,
            83..88 => self.ask_again().await,
            88..94 => self.jump().await,
            _ => self.shop.run_jobs().await,
        }
    }

    /// An order with all that will happen to it; its events are sent in any order.
    fn plan_order(&mut self) {
        let order = format!("o{}", self.orders.len());
        let at = self
            .shop
            .now()
            .plus_millis(-self.rng.i64(0..10 * 86_400_000));
        let member = self.member();
        let count = self.rng.usize(1..4);
        let lines: Vec<Value> = (0..count)
            .map(|i| line(&i.to_string(), self.rng.i64(1..5), self.rng.i64(0..90_000)))
            .collect();
        let contents = contents(Some(member), &lines);
        let mut events = Vec::new();
        if self.rng.bool() {
            let mut placed = event("placed", &order, at);
            placed["order"] = contents;
            events.extend([placed, event("paid", &order, at.plus_millis(1))]);
        } else {
            events.push(paid(&order, at.plus_millis(1), &contents));
        }
        for n in 0..self.rng.usize(..4) {
            let which = self.rng.usize(..count).to_string();
            let part = match self.rng.u32(..3) {
                0 => (which.as_str(), Some(1), None),
                1 => (which.as_str(), None, Some(self.rng.i64(0..30_000))),
                _ => (which.as_str(), None, None),
            };
            events.push(refunded(
                &format!("{order}:r{n}"),
                &order,
                at.plus_millis(2 + n as i64),
                &[part],
            ));
        }
        if self.rng.u32(..6) == 0 {
            events.push(event("cancelled", &order, at.plus_millis(9)));
        }
        if self.rng.u32(..3) == 0 {
            self.rng.shuffle(&mut events);
        }
        // The next that is sent is taken from the end.
        events.reverse();
        self.orders.insert(order);
        self.unsent.splice(0..0, events);
    }

    async fn send_one(&mut self) {
        let Some(event) = self.unsent.pop() else {
            return;
        };
        let answer = self.shop.send(&event).await;
        assert!(
            matches!(answer.status, 201 | 202 | 409 | 422),
            "{event}: {}",
            answer.text()
        );
        if answer.status < 300 {
            self.sent.push(event);
        }
    }

    async fn send_again(&mut self) {
        if self.sent.is_empty() {
            return;
        }
        let event = self.sent[self.rng.usize(..self.sent.len())].clone();
        let answer = self.shop.send(&event).await;
        assert_eq!(answer.status, 200, "{event}: {}", answer.text());
    }

    /// Sends a request with a key; remembers it when the answer is yes.
    async fn ask(&mut self, path: String, body: Value) -> Answer {
        let key = self.shop.intent();
        let answer = ask(&self.shop, &path, &body, &key).await;
        if answer.status == 201 {
            self.asked.push((path, body, key, answer.text()));
        }
        answer
    }

    async fn spend(&mut self) {
        let (member, amount) = (self.member(), self.rng.i64(10..60) * 10);
        let order = format!("o{}", self.rng.usize(..self.orders.len() + 3));
        let held = self.holding(member).await;
        let path = format!("/api/v1/members/ext:{member}/points/spends");
        let answer = self.ask(path, spend_body(&order, amount)).await;
        let available = held.total - held.pending;
        match answer.status {
            201 => {
                assert!(
                    amount <= available,
                    "{member} spent {amount} of {available}"
                );
                self.orders.insert(order.clone());
                assert_eq!(self.spent.insert(order, (member, amount)), None);
            }
            422 => {
                answer.assert_problem(422, "points.insufficient");
                assert!(
                    amount > available,
                    "{member} could not spend {amount} of {available}"
                );
            }
            _ => {
                let code = answer.json()["code"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                let known = [
                    "points.already_spent_on_order",
                    "orders.already_claimed",
                    "orders.event_not_applicable",
                ];
                assert!(known.contains(&code.as_str()), "{}", answer.text());
            }
        }
    }

    /// Several checkouts of one member at the same moment: together no more than there is.
    async fn spend_at_once(&mut self) {
        let member = self.member();
        let held = self.holding(member).await;
        let available = held.total - held.pending;
        let amount = (available / 20 * 10).max(100);
        let path = format!("/api/v1/members/ext:{member}/points/spends");
        let first = self.spent.len() + self.asked.len();
        let orders: Vec<String> = (0..4).map(|i| format!("{member}-{first}-{i}")).collect();
        let answers = join_all(orders.iter().map(|order| {
            let key = self.shop.intent();
            let (shop, path, body) = (&self.shop, &path, spend_body(order, amount));
            async move { ask(shop, path, &body, &key).await }
        }))
        .await;
        let mut taken = 0;
        for (order, answer) in orders.into_iter().zip(answers) {
            if answer.status == 201 {
                taken += amount;
                self.orders.insert(order.clone());
                self.spent.insert(order, (member, amount));
            } else {
                answer.assert_problem(422, "points.insufficient");
            }
        }
        assert!(
            taken <= available.max(0),
            "{member} spent {taken} of {available}"
        );
        assert!(taken + amount > available || taken == 4 * amount);
    }

    async fn adjust(&mut self) {
        let (member, amount) = (self.member(), self.rng.i64(-300..900));
        let body = json!({ "asset": "points", "amount": amount, "reason": "at random" });
        let held = self.holding(member).await;
        let path = format!("/api/v1/members/ext:{member}/points/adjustments");
        let answer = self.ask(path, body).await;
        match answer.status {
            201 => *self.adjusted.entry(member).or_default() += amount,
            _ if amount == 0 => answer.assert_status(422),
            _ => {
                answer.assert_problem(422, "points.insufficient");
                assert!(-amount > held.total - held.pending, "{amount} of {held:?}");
            }
        }
    }

    /// A client that did not hear the answer asks again.
    async fn ask_again(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        let (path, body, key, text) = &self.asked[self.rng.usize(..self.asked.len())];
        let answer = ask(&self.shop, path, body, key).await;
        if answer.header("idempotent-replayed") == "true" {
            assert_eq!((answer.status, answer.text()), (201, text.clone()));
        } else {
            panic!("{path} {body} took effect twice: {}", answer.text());
        }
    }

    async fn jump(&mut self) {
        let days = self.rng.i64(0..9);
        // Answers are kept for seven days; who asks later than that means something new.
        self.asked.clear();
        if self.days + days < DAYS_MAX {
            self.days += days;
            let millis = days * 86_400_000 + self.rng.i64(1..3_600_000);
            self.shop.app.clock.set(self.shop.now().plus_millis(millis));
        }
    }

    /// The orders of a member, with their receipts.
    async fn orders_of(&self, member: &str) -> Vec<OrderView> {
        let path = format!("/api/v1/members/ext:{member}/orders?limit=100");
        let answer = self.shop.app.get(&path).bearer(&self.shop.key).await;
        let page: Page<OrderView> = answer.parse();
        assert_eq!(page.next_cursor, None);
        page.data
    }

    /// What a member has, from yes and no alone: adjustments, what orders earned and did not give
    /// back, less what was spent and not given back.
    async fn holding(&self, member: &str) -> Holding {
        let mut held = Holding {
            total: self.adjusted.get(member).copied().unwrap_or(0),
            pending: 0,
        };
        for order in self.orders_of(member).await {
            let earned = order.receipt.earned.iter().flat_map(|it| &it.lines);
            let earned: i64 = earned.map(|it| it.points - it.points_returned).sum();
            let waits = order
                .times
                .paid_at
                .is_some_and(|it| it.plus_days(15) > self.shop.now());
            held.total += earned;
            held.pending += if waits { earned } else { 0 };
            let restored: i64 = order.receipt.spends.iter().map(|it| it.restored).sum();
            let spent = self.spent.get(&order.external_id).map_or(0, |it| it.1);
            assert!((0..=spent).contains(&restored), "{restored} of {spent}");
            held.total -= spent - restored;
        }
        held
    }

    /// The server says what the model says.
    async fn compare(&self) {
        for member in MEMBERS {
            let held = self.holding(member).await;
            let (available, pending, deficit) = self.shop.points(member).await;
            assert!(available == 0 || deficit == 0);
            let said = Holding {
                total: available - deficit + pending,
                pending,
            };
            assert_eq!(said, held, "{member}");
        }
    }

    /// How many orders, spends and events there were: a run that did nothing proves nothing.
    fn done(&self) -> (usize, usize, usize) {
        (self.orders.len(), self.spent.len(), self.sent.len())
    }

    /// Everything that was bought comes back: what is left is what staff gave.
    async fn undo(&mut self) {
        while !self.unsent.is_empty() {
            self.send_one().await;
        }
        for member in MEMBERS {
            for order in self.orders_of(member).await {
                if order.times.cancelled_at.is_none() {
                    let mut event = event("cancelled", &order.external_id, self.shop.now());
                    event["event_id"] = json!(format!("undo {}", order.external_id));
                    self.shop.apply(&event).await;
                }
            }
        }
        self.compare().await;
        for member in MEMBERS {
            let (available, pending, deficit) = self.shop.points(member).await;
            let given = self.adjusted.get(member).copied().unwrap_or(0);
            assert_eq!((available - deficit, pending), (given, 0), "{member}");
            let standing = self.shop.tier(member).await.standing;
            assert_eq!(
                (standing.code.as_str(), standing.growth_value),
                ("member", 0)
            );
        }
    }
}

fn spend_body(order: &str, amount: i64) -> Value {
    json!({ "asset": "points", "amount": amount, "order_id": order, "order_amount": 10_000_000 })
}

async fn ask(shop: &Shop<'_>, path: &str, body: &Value, key: &str) -> Answer {
    let call = shop.app.post(path).bearer(&shop.key);
    call.idempotency_key(key).json(body).await
}

async fn simulate(seed: u64) {
    println!("seed {seed}");
    on_both(async |app: &TestApp| {
        let mut simulation = Simulation::begin(app, seed).await;
        for step in 0..STEPS {
            simulation.step().await;
            if step % 20 == 19 {
                simulation.compare().await;
                simulation.shop.assert_books().await;
            }
        }
        let (orders, spends, events) = simulation.done();
        assert!(
            orders > 20 && spends > 5 && events > 50,
            "{orders} {spends} {events}"
        );
        simulation.undo().await;
        simulation.shop.assert_books().await;
        simulation.shop.pass_days(800).await;
        simulation.shop.assert_books().await;
    })
    .await;
}

/// Seeds that are tried each time; `COTERIE_SIMULATION_SEED` tries another one as well.
#[tokio::test]
async fn random_shops_agree_with_the_model() {
    for seed in 1..=4 {
        simulate(seed).await;
    }
    if let Ok(text) = std::env::var("COTERIE_SIMULATION_SEED") {
        simulate(text.parse().expect("a seed is a number")).await;
    }
}
