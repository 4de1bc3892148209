//! A sale at random: claims, double taps, payments in and out of time, cancelled orders, more
//! stock, and jumps of the clock. A naive model says what must come of each.

use super::support::{Sales, product};
use crate::support::shop::event;
use crate::support::{TestApp, on_both};
use fastrand::Rng;
use serde_json::json;
use shared::sales::ClaimState;
use shared::sales::api::FlashClaim;
use shared::time::Timestamp;

const MEMBERS: [&str; 4] = ["ann", "bob", "cat", "dan"];
const STEPS: usize = 120;
const LIMIT: i64 = 3;

/// A claim as the model knows it.
struct Known {
    member: usize,
    key: String,
    claim: FlashClaim,
    state: ClaimState,
    pay_by: Timestamp,
    order: Option<String>,
}

impl Known {
    fn seated(&self) -> bool {
        matches!(self.state, ClaimState::Held | ClaimState::Paid)
    }
}

struct Simulation<'a> {
    it: Sales<'a>,
    sale: String,
    rng: Rng,
    stock: i64,
    known: Vec<Known>,
    keys: u32,
    orders: u32,
}

impl Simulation<'_> {
    fn free(&self) -> i64 {
        let taken = self.known.iter().filter(|it| it.seated());
        self.stock - taken.map(|it| it.claim.quantity).sum::<i64>()
    }

    fn has(&self, member: usize) -> i64 {
        let own = self
            .known
            .iter()
            .filter(|it| it.member == member && it.seated());
        own.map(|it| it.claim.quantity).sum()
    }

    async fn step(&mut self) {
        match self.rng.u32(..100) {
            0..40 => self.claim().await,
            40..50 => self.tap_again().await,
            50..72 => self.pay().await,
            72..80 => self.cancel_order().await,
            80..90 => self.jump().await,
            90..94 => self.add_stock().await,
            _ => self.sweep().await,
        }
    }

    async fn claim(&mut self) {
        let member = self.rng.usize(..MEMBERS.len());
        let quantity = self.rng.i64(1..=LIMIT);
        let key = format!("k-{}", self.keys);
        self.keys += 1;
        let token = self.it.shop.hand_over(MEMBERS[member]).await;
        let answer = self.it.claim(&token, &self.sale, &key, quantity).await;
        if self.has(member) + quantity > LIMIT {
            answer.assert_problem(409, "flash_sales.member_limit");
        } else if quantity > self.free() {
            answer.assert_problem(409, "flash_sales.sold_out");
        } else {
            answer.assert_status(201);
            let claim: FlashClaim = answer.parse();
            self.known.push(Known {
                member,
                key,
                state: ClaimState::Held,
                pay_by: claim.pay_by,
                claim,
                order: None,
            });
        }
    }

    async fn tap_again(&mut self) {
        let Some(it) = self.rng.choice(&self.known) else {
            return;
        };
        let token = self.it.shop.hand_over(MEMBERS[it.member]).await;
        let answer = self
            .it
            .claim(&token, &self.sale, &it.key, it.claim.quantity)
            .await;
        answer.assert_status(201);
        assert_eq!(answer.header("idempotent-replayed"), "true");
        assert_eq!(answer.parse::<FlashClaim>(), it.claim);
    }

    async fn pay(&mut self) {
        let open = |it: &Known| it.order.is_none();
        let waiting: Vec<usize> = (0..self.known.len())
            .filter(|it| open(&self.known[*it]))
            .collect();
        let Some(place) = self.rng.choice(waiting) else {
            return;
        };
        let order = format!("o-{}", self.orders);
        self.orders += 1;
        let known = &self.known[place];
        let (member, quantity) = (known.member, known.claim.quantity);
        let event = self.it.paid(MEMBERS[member], &order, &known.claim);
        self.it.shop.apply(&event).await;
        if self.rng.bool() {
            // The shop is not sure that it arrived.
            let again = self.it.shop.send(&event).await;
            assert!([200, 201].contains(&again.status), "{}", again.text());
        }
        let fits = self.has(member) + quantity <= LIMIT && quantity <= self.free();
        let known = &mut self.known[place];
        known.state = match known.state {
            ClaimState::Released if !fits => ClaimState::RefundDue,
            _ => ClaimState::Paid,
        };
        known.order = Some(order);
    }

    async fn cancel_order(&mut self) {
        let paid: Vec<usize> = (0..self.known.len())
            .filter(|it| self.known[*it].state == ClaimState::Paid)
            .collect();
        let Some(place) = self.rng.choice(paid) else {
            return;
        };
        let order = self.known[place].order.clone().expect("it was paid");
        let now = self.it.shop.now();
        self.it.shop.apply(&event("cancelled", &order, now)).await;
        self.known[place].state = ClaimState::Released;
    }

    async fn jump(&mut self) {
        let minutes = self.rng.i64(1..20);
        self.it.shop.app.advance_seconds(minutes * 60);
        if self.rng.bool() {
            self.sweep().await;
        }
    }

    async fn sweep(&mut self) {
        self.it.shop.run_jobs().await;
        let now = self.it.shop.now();
        for it in &mut self.known {
            if it.state == ClaimState::Held && it.pay_by <= now {
                it.state = ClaimState::Released;
            }
        }
    }

    async fn add_stock(&mut self) {
        let more = json!({ "sku": "milk", "quantity": 1 });
        self.it
            .act(&self.sale, "stock", more)
            .await
            .assert_status(200);
        self.stock += 1;
    }

    async fn compare(&self) {
        let sum = |state: ClaimState| -> i64 {
            let rows = self.known.iter().filter(|it| it.state == state);
            rows.map(|it| it.claim.quantity).sum()
        };
        let expected = (self.free(), sum(ClaimState::Held), sum(ClaimState::Paid));
        assert_eq!(self.it.stock(&self.sale).await, expected);
    }
}

async fn run(app: &TestApp, seed: u64) {
    println!("seed {seed}");
    let it = Sales::open(app).await;
    let milk = product("milk", 6, json!({ "per_member": LIMIT }));
    let ends_at = super::support::opening().plus_days(6);
    let sale = it
        .sale(json!({ "products": [milk], "ends_at": ends_at }))
        .await;
    it.shop.members(&MEMBERS).await;
    it.at(0);
    let mut simulation = Simulation {
        it,
        sale,
        rng: Rng::with_seed(seed),
        stock: 6,
        known: Vec::new(),
        keys: 0,
        orders: 0,
    };
    for number in 0..STEPS {
        simulation.step().await;
        if number % 20 == 19 {
            simulation.compare().await;
        }
    }
    simulation.sweep().await;
    simulation.compare().await;
    for known in &simulation.known {
        let found = simulation.it.found(&known.claim).await;
        assert_eq!(found.state, known.state, "{}", known.key);
    }
    assert!(simulation.known.len() > 10 && simulation.orders > 5);
    simulation.it.shop.assert_books().await;
}

#[tokio::test]
async fn a_sale_at_random_is_what_the_model_says() {
    on_both(async |app: &TestApp| run(app, 6).await).await;
}

#[tokio::test]
async fn and_another_one() {
    on_both(async |app: &TestApp| run(app, 41).await).await;
}
