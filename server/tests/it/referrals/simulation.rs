//! Invitations at random: sign-ups, orders, refunds, retries, duplicates, events out of order and
//! jumps of the clock. A naive model says afterwards what everybody must have.

use super::support::Inviting;
use crate::support::shop::{contents, event, line, paid};
use crate::support::{Shop, TestApp, on_both};
use fastrand::Rng;
use serde_json::{Value, json};
use shared::referrals::{ReferralReason, ReferralState};
use shared::time::Timestamp;
use std::collections::BTreeMap;

const INVITERS: [&str; 3] = ["ann", "abe", "amy"];
const STEPS: usize = 160;
/// What a month may cost: 12 friends.
const BUDGET: i64 = 30_000;

/// What the model knows of a friend.
#[derive(Debug, Clone)]
struct Friend {
    inviter: &'static str,
    bound_at: Timestamp,
    /// Orders by when they were paid: id and amount; 0 once refunded.
    orders: BTreeMap<(Timestamp, String), i64>,
    /// Whether news of an order came when the referral may have been over already: a refund after
    /// the reward, or a payment after the time for it. What is over stays over.
    late: bool,
}

impl Friend {
    /// Takes note of an event that is sent now.
    fn hear(&mut self, event: &Value, now: Timestamp) {
        let own = self
            .orders
            .keys()
            .find(|it| event["order_id"] == it.1.as_str());
        let Some((paid_at, _)) = own else { return };
        self.late |= match event["type"].as_str() {
            Some("refunded") => now >= paid_at.plus_days(7),
            _ => now > self.bound_at.plus_days(30),
        };
    }
}

struct Simulation<'a> {
    it: Inviting<'a>,
    codes: Vec<String>,
    rng: Rng,
    friends: BTreeMap<String, Friend>,
    members: u32,
    orders: u32,
    /// Events that were not sent yet, those for one order in the order in which they happened.
    unsent: Vec<Value>,
    sent: Vec<Value>,
    days: i64,
}

impl<'a> Simulation<'a> {
    async fn begin(app: &'a TestApp, seed: u64) -> Self {
        let edit = json!({ "monthly_budget": BUDGET, "friends_per_month": 6 });
        let it = Inviting::open(Shop::open(app).await, edit).await;
        it.shop.members(&INVITERS).await;
        let mut codes = Vec::new();
        for inviter in INVITERS {
            codes.push(it.code(inviter).await);
        }
        Self {
            it,
            codes,
            rng: Rng::with_seed(seed),
            friends: BTreeMap::new(),
            members: 0,
            orders: 0,
            unsent: Vec::new(),
            sent: Vec::new(),
            days: 0,
        }
    }

    async fn step(&mut self) {
        match self.rng.u32(..100) {
            0..18 => self.invite().await,
            18..26 => self.invite_again().await,
            26..46 => self.order(),
            46..78 => self.send().await,
            78..84 => self.send_again().await,
            84..92 => self.jump().await,
            _ => self.it.shop.run_jobs().await,
        }
    }

    /// Somebody joins by a link.
    async fn invite(&mut self) {
        let friend = format!("f-{}", self.members);
        self.members += 1;
        self.it.shop.member(&friend).await;
        let which = self.rng.usize(..INVITERS.len());
        let answer = self.it.try_bind(&friend, &self.codes[which]).await;
        if answer.status == 201 {
            let bound_at = self.it.shop.now();
            let inviter = INVITERS[which];
            let orders = BTreeMap::new();
            self.friends.insert(
                friend,
                Friend {
                    inviter,
                    bound_at,
                    orders,
                    late: false,
                },
            );
        } else {
            let code = answer.json()["code"].as_str().map(str::to_owned);
            let code = code.expect("a code");
            assert!(
                ["referrals.paused", "referrals.capped"].contains(&code.as_str()),
                "{code}"
            );
        }
    }

    /// Somebody who is bound follows a link again: the same one changes nothing, another is refused.
    async fn invite_again(&mut self) {
        let Some(friend) = self
            .rng
            .choice(self.friends.keys().cloned().collect::<Vec<_>>())
        else {
            return;
        };
        let which = self.rng.usize(..INVITERS.len());
        let same = self.friends[&friend].inviter == INVITERS[which];
        let answer = self.it.try_bind(&friend, &self.codes[which]).await;
        assert_eq!(answer.status, if same { 201 } else { 409 });
    }

    /// A friend orders now; the shop tells of it later, perhaps after the refund was decided.
    fn order(&mut self) {
        let Some(friend) = self
            .rng
            .choice(self.friends.keys().cloned().collect::<Vec<_>>())
        else {
            return;
        };
        let order = format!("o-{}", self.orders);
        self.orders += 1;
        let amount = self.rng.i64(3_000..12_000);
        let now = self.it.shop.now().plus_millis(i64::from(self.orders));
        let is_refunded = self.rng.u32(..3) == 0;
        let event_of_payment = paid(
            &order,
            now,
            &contents(Some(&friend), &[line("1", 1, amount)]),
        );
        self.unsent.push(event_of_payment);
        if is_refunded {
            self.unsent
                .push(event("refunded", &order, now.plus_millis(1)));
        }
        let kept = if is_refunded { 0 } else { amount };
        let known = self.friends.get_mut(&friend).expect("a friend");
        known.orders.insert((now, order), kept);
    }

    async fn send(&mut self) {
        if self.unsent.is_empty() {
            return;
        }
        let which = self.rng.usize(..self.unsent.len());
        let event = self.unsent.remove(which);
        let now = self.it.shop.now();
        for friend in self.friends.values_mut() {
            friend.hear(&event, now);
        }
        // A refund may arrive before its payment; it waits for it.
        let answer = self.it.shop.send(&event).await;
        assert!(
            [200, 201, 202].contains(&answer.status),
            "{}",
            answer.text()
        );
        self.sent.push(event);
    }

    async fn send_again(&mut self) {
        if let Some(event) = self.rng.choice(self.sent.clone()) {
            let answer = self.it.shop.send(&event).await;
            assert!(
                [200, 201, 202].contains(&answer.status),
                "{}",
                answer.text()
            );
        }
    }

    async fn jump(&mut self) {
        let days = self.rng.i64(1..4);
        self.days += days;
        self.it.shop.pass_days(days).await;
    }

    /// People find nothing wrong with what was held or blocked for being unusual.
    async fn release_all(&mut self) {
        for row in self.it.all().await {
            let id = row.id.to_string();
            if row.reason == ReferralReason::NotGenuine {
                self.it.decide(&id, "reopen").await.assert_status(200);
            }
            if [ReferralReason::NotGenuine, ReferralReason::UnderReview].contains(&row.reason) {
                self.it.decide(&id, "release").await.assert_status(200);
            }
        }
    }

    /// Sends what is left, waits until everything is due, and compares with the model.
    async fn finish(mut self) {
        while !self.unsent.is_empty() {
            self.send().await;
        }
        self.it.shop.pass_days(40).await;
        self.release_all().await;
        let mut earned: BTreeMap<&str, i64> = BTreeMap::new();
        let mut rewarded = 0;
        for (name, friend) in &self.friends {
            let until = friend.bound_at.plus_days(30);
            let counts = |at: Timestamp, kept: i64| at <= until && kept >= 5_000;
            let should = friend.orders.iter().any(|(key, kept)| counts(key.0, *kept));
            let credit = self.it.credit(name).await;
            assert!([0, 2_000].contains(&credit), "{name} {credit}");
            let pays = credit > 0;
            assert!(
                pays == should || (friend.late && !pays),
                "{name} {friend:?}"
            );
            if pays {
                rewarded += 1;
                *earned.entry(friend.inviter).or_default() += 500;
            }
        }
        for inviter in INVITERS {
            let expected = earned.get(inviter).copied().unwrap_or(0);
            assert_eq!(self.it.shop.points(inviter).await.0, expected, "{inviter}");
        }
        let mut by_month: BTreeMap<i64, i64> = BTreeMap::new();
        let all = self.it.all().await;
        assert_eq!(all.len(), self.friends.len());
        let paid = all.iter().filter(|it| it.state == ReferralState::Rewarded);
        assert_eq!(paid.clone().count(), rewarded);
        for row in paid {
            *by_month
                .entry(row.bound_at.as_millis() / (31 * 86_400_000))
                .or_default() += row.cost;
        }
        assert!(
            by_month.values().all(|it| *it <= 2 * BUDGET),
            "{by_month:?}"
        );
        self.it.shop.assert_books().await;
    }
}

#[tokio::test]
async fn whatever_happens_each_friend_pays_at_most_once_and_the_model_agrees() {
    for seed in 0..3 {
        on_both(async |app: &TestApp| {
            let mut run = Simulation::begin(app, seed).await;
            for _ in 0..STEPS {
                run.step().await;
            }
            run.finish().await;
        })
        .await;
    }
}
