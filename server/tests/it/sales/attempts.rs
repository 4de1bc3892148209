//! Very many attempts by many members on few pieces: double taps, limits, payments, and deadlines
//! that pass while the clock moves.
//!
//! Two thousand attempts in every run; `COTERIE_CLAIM_ATTEMPTS=1000000` makes it 50,000 members
//! and 10,000 pieces.

use super::support::{Sales, opening, product};
use crate::support::{TestApp, on_both};
use fastrand::Rng;
use futures::future::join_all;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use server::members::service::{NewMember, create_all};
use server::sales::service::{Arrival, claim, release_due};
use shared::ids::{FlashClaimId, FlashSaleId, MemberId};
use shared::problem::ErrorCode;
use shared::sales::api::FlashClaim;
use std::collections::HashMap;

/// Attempts at the same moment.
const WAVE: usize = 200;
/// Looks at the books.
const LOOKS: usize = 100;
/// Days for which the sale is open.
const DAYS: i64 = 6;
/// Claims that are paid after a wave.
const PAID: usize = 4;
/// Pieces that a member can have.
const LIMIT: i64 = 2;
/// Members who have more than they can.
const GREEDY: &str = "SELECT COUNT(*) AS members FROM (SELECT member_id FROM flash_claims \
     WHERE state IN ('held', 'paid') GROUP BY member_id HAVING SUM(quantity) > 2) AS greedy";

/// What somebody tries; with the same number it is the same tap once more.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Tap {
    number: usize,
    member: usize,
    quantity: i64,
}

struct Rush<'a> {
    it: Sales<'a>,
    sale: FlashSaleId,
    stock: i64,
    members: Vec<MemberId>,
    rng: Rng,
    taps: Vec<Tap>,
    won: HashMap<Tap, FlashClaimId>,
    unpaid: Vec<(usize, FlashClaim)>,
    orders: usize,
    /// Pieces that are paid.
    paid: i64,
    /// Claims whose deadline passed.
    late: usize,
}

impl<'a> Rush<'a> {
    async fn open(app: &'a TestApp, attempts: usize) -> Self {
        let it = Sales::open(app).await;
        let stock = i64::try_from(attempts / 100).expect("a stock");
        let milk = product("milk", stock, json!({ "per_member": LIMIT }));
        let ends_at = opening().plus_days(DAYS);
        let sale = it.sale(json!({ "products": [milk], "ends_at": ends_at }));
        let sale = sale.await.parse().expect("an id");
        let names = (0..attempts / 20).map(|number| NewMember {
            external_id: Some(format!("m-{number}")),
            ..NewMember::default()
        });
        let args = (app.app.clone(), names.collect::<Vec<_>>());
        let made = app.app.db.write(args, |tx, (app, names)| {
            Box::pin(create_all(tx, app, names.clone()))
        });
        let members = made.await.expect("members");
        it.at(0);
        Self {
            it,
            sale,
            stock,
            members,
            rng: Rng::with_seed(7),
            taps: Vec::new(),
            won: HashMap::new(),
            unpaid: Vec::new(),
            orders: 0,
            paid: 0,
            late: 0,
        }
    }

    /// One of five taps was made before.
    fn tap(&mut self) -> Tap {
        if self.rng.u8(..5) == 0
            && let Some(tap) = self.rng.choice(&self.taps)
        {
            return *tap;
        }
        let tap = Tap {
            number: self.taps.len(),
            member: self.rng.usize(..self.members.len()),
            quantity: self.rng.i64(1..=LIMIT),
        };
        self.taps.push(tap);
        tap
    }

    async fn wave(&mut self) {
        let taps: Vec<Tap> = (0..WAVE).map(|_| self.tap()).collect();
        let at = self.it.shop.now();
        let claims = taps.iter().map(|tap| {
            let arrival = Arrival {
                sale: self.sale,
                member: self.members[tap.member],
                sku: "milk".to_owned(),
                quantity: tap.quantity,
                key: tap.number.to_string(),
                at,
            };
            claim(&self.it.shop.app.app, arrival)
        });
        let answers = join_all(claims).await;
        for (tap, answer) in taps.into_iter().zip(answers) {
            match answer {
                Ok(answer) => {
                    let known = self.won.insert(tap, answer.claim.id);
                    assert_eq!(known.is_some(), answer.replayed);
                    assert!(known.is_none_or(|it| it == answer.claim.id));
                    if known.is_none() {
                        self.unpaid.push((tap.member, answer.claim));
                    }
                }
                Err(error) => {
                    let code = error.code().expect("a refusal");
                    let honest = [ErrorCode::SaleSoldOut, ErrorCode::SaleMemberLimit];
                    assert!(honest.contains(&code), "{error}");
                }
            }
        }
    }

    /// Some pay in time.
    async fn pay(&mut self) {
        let now = self.it.shop.now();
        let before = self.unpaid.len();
        self.unpaid.retain(|it| it.1.pay_by > now);
        self.late += before - self.unpaid.len();
        let mut events: Vec<Value> = Vec::new();
        // Some pieces are never paid, so that there is something to be won to the end.
        while events.len() < PAID && !self.unpaid.is_empty() && self.paid < self.stock / 5 * 4 {
            let place = self.rng.usize(..self.unpaid.len());
            let (member, claim) = self.unpaid.swap_remove(place);
            let order = format!("o-{}", self.orders);
            self.orders += 1;
            self.paid += claim.quantity;
            events.push(self.it.paid(&format!("m-{member}"), &order, &claim));
        }
        if !events.is_empty() {
            let call = self.it.shop.app.post("/api/v1/order_events/batches");
            let call = call.bearer(&self.it.shop.key);
            let answer = call.json(&json!({ "events": events })).await;
            answer.assert_status(200);
        }
    }

    async fn release(&self) {
        let released = release_due(&self.it.shop.app.app).await;
        released.expect("what is due goes back");
    }

    /// Every piece is somewhere, and nobody has too many.
    async fn look(&self) -> i64 {
        let (free, held, sold) = self.it.stock(&self.sale.to_string()).await;
        assert_eq!(free + held + sold, self.stock);
        assert!(free >= 0 && held >= 0 && sold >= 0);
        let db = &self.it.shop.app.app.db;
        let greedy = Statement::from_string(db.backend(), GREEDY);
        let row = db.read().query_one_raw(greedy).await.expect("it answers");
        let greedy: i64 = row.expect("a count").try_get("", "members").expect("it");
        assert_eq!(greedy, 0);
        free
    }
}

#[tokio::test]
async fn whatever_happens_every_piece_is_somewhere_and_none_is_left_over() {
    let attempts = std::env::var("COTERIE_CLAIM_ATTEMPTS");
    let attempts = attempts.map_or(2_000, |it| it.parse().expect("a number"));
    on_both(async |app: &TestApp| {
        let mut rush = Rush::open(app, attempts).await;
        let waves = attempts / WAVE;
        // So that the sale is not over before the last wave.
        let stride = (DAYS * 86_400 / i64::try_from(waves).expect("a number")).min(300);
        for number in 0..waves {
            rush.wave().await;
            rush.pay().await;
            let seconds = rush.rng.i64(0..stride);
            app.advance_seconds(seconds);
            if rush.rng.bool() {
                rush.release().await;
            }
            if number % waves.div_ceil(LOOKS) == 0 {
                rush.look().await;
            }
        }
        // Whatever was not paid comes back and is sold once more.
        app.advance_seconds(900);
        rush.release().await;
        for _ in 0..50 {
            rush.wave().await;
        }
        assert_eq!(rush.look().await, 0);
        let (taps, won, orders) = (rush.taps.len(), rush.won.len(), rush.orders);
        let late = rush.late;
        println!(
            "{attempts} attempts, {taps} intents, {won} won, {orders} paid, {late} not in time"
        );
        assert!(orders > 0 && late > 0);
        rush.it.shop.assert_books().await;
    })
    .await;
}
