//! A shop with one member, in memory: it carries out what the rules decide and stores nothing.

use shared::ids::{IdSource, LotId, OrderId};
use shared::orders::api::OrderEvent;
use shared::orders::rules::{self as orders, Consequence, Outcome, Refusal, announced};
use shared::orders::{EarnedReceipt, Order, OrderLine, OrderStatus};
use shared::points::rules::{self as points, Credit, Posting, SpendFacts, Step, Wallet};
use shared::points::{Asset, ClawbackPolicy, EntryKind, PointsPolicy, SpendLimits};
use shared::tiers::rules::Growth;
use shared::time::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Ids by counting.
#[derive(Debug, Default, Clone)]
pub(crate) struct Counter(u128);

impl IdSource for Counter {
    fn next_uuid(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128(self.0)
    }
}

/// The start of day number `day`, counted from 2026-01-01.
pub(crate) fn day(day: i64) -> Timestamp {
    let first: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    first.plus_days(day)
}

/// One point for each minor unit, a week of waiting, and no limit of spending.
pub(crate) fn policy() -> PointsPolicy {
    PointsPolicy {
        points_per_100_minor: 100,
        growth_per_100_minor: 70,
        category_multipliers: Vec::new(),
        excluded_categories: Vec::new(),
        excluded_skus: Vec::new(),
        order_earn_max: None,
        return_window_days: 7,
        expiry_months: 12,
        clawback: ClawbackPolicy::AllowDeficit,
        spend: SpendLimits {
            minor_per_100_points: 100,
            minimum: 1,
            step: 1,
            order_max: None,
            day_max: None,
            order_share_max_bps: 10_000,
        },
        approval_above: 0,
    }
}

/// An order and the events that wait for others.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) order: Order,
    pub(crate) waiting: Vec<OrderEvent>,
}

/// The member's balances and orders.
#[derive(Debug, Clone)]
pub(crate) struct Shop {
    pub(crate) wallets: BTreeMap<Asset, Wallet>,
    pub(crate) ledger: BTreeMap<Asset, Vec<Posting>>,
    pub(crate) orders: BTreeMap<String, Known>,
    pub(crate) growth: Vec<Growth>,
    /// Which order or gift made a lot.
    pub(crate) makers: BTreeMap<LotId, String>,
    pub(crate) now: Timestamp,
    /// Days that a lot lasts after it becomes spendable.
    lot_days: i64,
    ids: Counter,
}

impl Shop {
    pub(crate) fn new(lot_days: i64) -> Self {
        Self {
            wallets: Asset::ALL.map(|it| (it, Wallet::default())).into(),
            ledger: BTreeMap::new(),
            orders: BTreeMap::new(),
            growth: Vec::new(),
            makers: BTreeMap::new(),
            now: day(0),
            lot_days,
            ids: Counter::default(),
        }
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, until: Timestamp) {
        assert!(until >= self.now, "time goes forward");
        self.now = until;
        for asset in Asset::ALL {
            let steps = points::advance(&self.wallets[&asset], until, &mut self.ids);
            self.carry_out(asset, steps, "time");
        }
    }

    fn carry_out(&mut self, asset: Asset, steps: Vec<Step>, maker: &str) {
        for step in steps {
            self.wallets.entry(asset).or_default().apply(&step);
            if let Step::Post(posting) = step {
                let made = posting.new_lots.iter().map(|it| (it.id, maker.to_owned()));
                self.makers.extend(made);
                self.ledger.entry(asset).or_default().push(posting);
            }
        }
    }

    /// Gives the member an amount that is spendable now.
    pub(crate) fn gift(&mut self, asset: Asset, amount: i64) {
        let command = Credit {
            kind: EntryKind::Adjust,
            amount,
            at: self.now,
            active_from: self.now,
            expires_at: Some(self.now.plus_days(self.lot_days)),
        };
        let posting = points::credit(command, &mut self.ids);
        self.carry_out(asset, vec![Step::Post(posting)], "gift");
    }

    fn known(&mut self, id: &str) -> &mut Known {
        let ids = &mut self.ids;
        self.orders.entry(id.to_owned()).or_insert_with(|| Known {
            order: announced(
                OrderId::generate(ids),
                id.to_owned(),
                "CNY".parse().expect("a currency"),
            ),
            waiting: Vec::new(),
        })
    }

    /// Spends on an order; answers whether that was possible.
    pub(crate) fn spend(&mut self, id: &str, asset: Asset, amount: i64) -> bool {
        let known = self.known(id).order.clone();
        let used = known.receipt.spends.iter().any(|it| it.asset == asset);
        if used || known.is_fully_returned() || known.status() == OrderStatus::Cancelled {
            return false;
        }
        let limits = policy().spend;
        let facts = SpendFacts {
            asset,
            limits: &limits,
            spent_today: 0,
            order_amount: i64::from(u32::MAX),
        };
        let wallet = &self.wallets[&asset];
        let before = wallet.available;
        let Ok(posting) = points::spend(wallet, facts, amount, self.now, &mut self.ids) else {
            assert!(amount > before, "{amount} of {before} is refused");
            return false;
        };
        assert!(amount <= before, "{amount} of {before} is spent");
        let receipt = points::spent_receipt(asset, &posting);
        self.carry_out(asset, vec![Step::Post(posting)], id);
        self.known(id).order.receipt.spends.push(receipt);
        true
    }

    /// Takes an event, and then the events of the order that waited for it.
    pub(crate) fn take(&mut self, event: OrderEvent) -> Result<(), Refusal> {
        let id = event.order_id.clone();
        if !self.apply(&event)? {
            self.known(&id).waiting.push(event);
            return Ok(());
        }
        loop {
            let mut waiting = core::mem::take(&mut self.known(&id).waiting);
            waiting.sort_by_key(|it| it.occurred_at);
            let count = waiting.len();
            for event in waiting {
                // What can never apply is dropped, as a refused event is.
                if self.apply(&event) == Ok(false) {
                    self.known(&id).waiting.push(event);
                }
            }
            if self.known(&id).waiting.len() == count {
                return Ok(());
            }
        }
    }

    /// Answers whether the event applied; otherwise it waits.
    fn apply(&mut self, event: &OrderEvent) -> Result<bool, Refusal> {
        let id = event.order_id.as_str();
        let order = self.known(id).order.clone();
        let Outcome::Applies {
            mut order,
            consequence,
        } = orders::accept(&order, event)?
        else {
            return Ok(false);
        };
        match consequence {
            Consequence::None => {}
            Consequence::Earns => self.earn(&mut order),
            Consequence::Returns => self.give_back(&mut order),
        }
        self.known(id).order = *order;
        Ok(true)
    }

    fn earn(&mut self, order: &mut Order) {
        let paid_at = order.times.paid_at.expect("a paid order");
        let lines: Vec<&OrderLine> = order.lines.iter().map(|it| &it.line).collect();
        let lines = points::earn_for_lines(&policy(), 10_000, &lines);
        let amount = lines.iter().map(|it| it.points).sum();
        let growth = lines.iter().map(|it| it.growth).sum();
        let mut receipt = EarnedReceipt {
            rule_version: 1,
            tier_code: "basic".to_owned(),
            tier_bps: 10_000,
            lot: None,
            entry: None,
            lines,
        };
        if amount > 0 {
            let active_from = orders::active_from(paid_at, policy().return_window_days);
            let command = Credit {
                kind: EntryKind::Earn,
                amount,
                at: paid_at,
                active_from,
                expires_at: Some(active_from.plus_days(self.lot_days)),
            };
            let posting = points::credit(command, &mut self.ids);
            receipt.entry = Some(posting.entry);
            receipt.lot = posting.new_lots.first().map(|it| it.id);
            let maker = order.external_id.clone();
            self.carry_out(Asset::Points, vec![Step::Post(posting)], &maker);
        }
        order.receipt.earned = Some(receipt);
        self.grow(paid_at, growth);
    }

    fn grow(&mut self, at: Timestamp, amount: i64) {
        if amount != 0 {
            self.growth.push(Growth { at, amount });
            self.growth.sort_by_key(|it| it.at);
        }
    }

    fn give_back(&mut self, order: &mut Order) {
        let returns = orders::settle_returns(order);
        let maker = order.external_id.clone();
        let lot = order.receipt.earned.as_ref().and_then(|it| it.lot);
        if let Some(lot) = lot.filter(|_| returns.points > 0) {
            let wallet = &self.wallets[&Asset::Points];
            let lot = wallet.lot(lot).expect("its lot").clone();
            let posting = points::claw_back(
                wallet,
                &lot,
                returns.points,
                policy().clawback,
                self.now,
                &mut self.ids,
            );
            let steps = posting.map(Step::Post).into_iter().collect();
            self.carry_out(Asset::Points, steps, &maker);
        }
        for (asset, amount) in &returns.restores {
            let spends = &mut order.receipt.spends;
            let spend = spends.iter_mut().find(|it| it.asset == *asset);
            let spend = spend.expect("its spend");
            let wallet = &self.wallets[asset];
            let steps = points::restore(wallet, spend, *amount, self.now, &mut self.ids);
            self.carry_out(*asset, steps, &maker);
        }
        if let Some(paid_at) = order.times.paid_at {
            self.grow(paid_at, -returns.growth);
        }
        assert_eq!(
            orders::settle_returns(order),
            orders::Returns::default(),
            "settling twice owes nothing"
        );
    }

    /// What is left in the lots that each order or gift made, where anything is.
    pub(crate) fn left(&self, asset: Asset) -> BTreeMap<&str, i64> {
        let mut left = BTreeMap::new();
        for lot in &self.wallets[&asset].lots {
            *left.entry(self.makers[&lot.id].as_str()).or_insert(0) += lot.remaining;
        }
        left.retain(|_, amount| *amount != 0);
        left
    }

    /// What always holds.
    pub(crate) fn assert_balanced(&self) {
        for asset in Asset::ALL {
            let wallet = &self.wallets[&asset];
            let sum = |active| {
                let lots = wallet.lots.iter().filter(|it| it.active == active);
                lots.map(|it| it.remaining).sum::<i64>()
            };
            assert_eq!((wallet.available, wallet.pending), (sum(true), sum(false)));
            let ledger = self.ledger.get(&asset).into_iter().flatten();
            assert_eq!(wallet.total(), ledger.map(|it| it.amount).sum::<i64>());
            assert!(wallet.pending >= 0, "pending points are never overdrawn");
        }
    }
}
