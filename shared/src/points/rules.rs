//! Decisions about balances: earn, spend, claw back, restore, expire.
//!
//! A decision reads a [`Wallet`] and answers with a [`Posting`]: one row of the ledger and what it
//! does to lots. [`Wallet::apply`] carries it out in memory; the server stores the same posting.
//!
//! What always holds: `available` is the sum of `remaining` over active lots, `pending` the sum
//! over lots that are not yet active, and an entry's amount is the sum of what it moves.

use super::api::{AssetBalance, DatedAmount, LotState};
use super::{Asset, ClawbackPolicy, EntryKind, Lot, Movement, PointsPolicy, SpendLimits};
use crate::ids::{EntryId, IdSource, LotId};
use crate::orders::{EarnedLine, OrderLine, SpentReceipt, TakenFromLot};
use crate::problem::ErrorCode;
use crate::quantity::{MAX_AMOUNT, WHOLE_BPS, scale_floor, split_largest_remainder};
use crate::time::Timestamp;
use std::collections::BTreeMap;

pub use super::policy::check_policy;

/// Most dates that a balance names, of each kind.
pub const MAX_DATES: usize = 12;

/// What a restored amount has left at least, in days, when its own lot ends sooner.
pub const RESTORE_DAYS_MIN: i64 = 7;

/// One member's balance of one asset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wallet {
    /// Sum of `remaining` over active lots; below zero is a deficit.
    pub available: i64,
    /// Sum of `remaining` over lots that are not yet active.
    pub pending: i64,
    /// At least every lot that is not empty, and those that a command names.
    pub lots: Vec<Lot>,
}

/// One row of the ledger and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The row.
    pub entry: EntryId,
    /// What it is.
    pub kind: EntryKind,
    /// Signed: positive is in the member's favour.
    pub amount: i64,
    /// When it takes effect.
    pub at: Timestamp,
    /// What it takes from and gives to lots that exist.
    pub movements: Vec<Movement>,
    /// Lots that it makes.
    pub new_lots: Vec<Lot>,
}

/// One thing that time or a command does to a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A lot becomes spendable; no value moves.
    Activate(LotId),
    /// A row of the ledger.
    Post(Posting),
}

/// Why a balance cannot be spent or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Less than asked for is available.
    Insufficient {
        /// What is available.
        available: i64,
    },
    /// Less than the smallest amount.
    BelowMinimum {
        /// The smallest amount.
        minimum: i64,
    },
    /// Not a multiple of the step.
    WrongStep {
        /// The step.
        step: i64,
    },
    /// More than one order may use.
    OverOrderLimit {
        /// The most for one order.
        limit: i64,
    },
    /// More than a day may use.
    OverDailyLimit {
        /// What is left of today's limit.
        left: i64,
    },
    /// More than the share of the order that may be paid so.
    OverOrderShare {
        /// The most this order may use.
        limit: i64,
    },
}

impl Refusal {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Insufficient { .. } => ErrorCode::PointsInsufficient,
            Self::BelowMinimum { .. } => ErrorCode::PointsBelowMinimum,
            Self::WrongStep { .. } => ErrorCode::PointsWrongStep,
            Self::OverOrderLimit { .. } => ErrorCode::PointsOverOrderLimit,
            Self::OverDailyLimit { .. } => ErrorCode::PointsOverDailyLimit,
            Self::OverOrderShare { .. } => ErrorCode::PointsOverOrderShare,
        }
    }

    /// The number that the refusal is about: what is available, or the limit.
    #[must_use]
    pub const fn figure(self) -> i64 {
        match self {
            Self::Insufficient { available: it }
            | Self::BelowMinimum { minimum: it }
            | Self::WrongStep { step: it }
            | Self::OverOrderLimit { limit: it }
            | Self::OverDailyLimit { left: it }
            | Self::OverOrderShare { limit: it } => it,
        }
    }
}

impl Wallet {
    /// Available and pending together: the sum of all entries.
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.available + self.pending
    }

    /// What can be spent: never below zero.
    #[must_use]
    pub const fn spendable(&self) -> i64 {
        if self.available > 0 {
            self.available
        } else {
            0
        }
    }

    /// The lot with this id, if it is loaded.
    #[must_use]
    pub fn lot(&self, id: LotId) -> Option<&Lot> {
        self.lots.iter().find(|it| it.id == id)
    }

    /// Carries out a step.
    pub fn apply(&mut self, step: &Step) {
        match step {
            Step::Activate(id) => self.activate(*id),
            Step::Post(posting) => self.post(posting),
        }
    }

    fn activate(&mut self, id: LotId) {
        if let Some(lot) = self.lots.iter_mut().find(|it| it.id == id && !it.active) {
            lot.active = true;
            self.pending -= lot.remaining;
            self.available += lot.remaining;
        }
    }

    fn post(&mut self, posting: &Posting) {
        for movement in &posting.movements {
            if let Some(lot) = self.lots.iter_mut().find(|it| it.id == movement.lot) {
                lot.remaining += movement.amount;
                match posting.kind {
                    EntryKind::Clawback => lot.clawed -= movement.amount,
                    EntryKind::Expire => lot.expired -= movement.amount,
                    EntryKind::Transfer => lot.absorbed += movement.amount,
                    EntryKind::Earn | EntryKind::Spend | EntryKind::Adjust | EntryKind::Restore => {
                    }
                }
                *if lot.active {
                    &mut self.available
                } else {
                    &mut self.pending
                } += movement.amount;
            }
        }
        for lot in &posting.new_lots {
            *if lot.active {
                &mut self.available
            } else {
                &mut self.pending
            } += lot.remaining;
            self.lots.push(lot.clone());
        }
    }

    /// When time next changes this wallet: a lot becomes spendable or ends.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.lots.iter().filter_map(due).min()
    }
}

/// When time next changes this lot.
fn due(lot: &Lot) -> Option<Timestamp> {
    match (lot.remaining > 0, lot.active) {
        (false, _) => None,
        (true, false) => Some(lot.active_from),
        (true, true) => lot.expires_at.map(Timestamp::next),
    }
}

/// The balance as people read it, with what becomes spendable and what ends, soonest first.
///
/// Where lots are in deficit, the lots that end first count as used for it, as they will be: what
/// is said to end never adds up to more than what is available.
#[must_use]
pub fn balance(wallet: &Wallet) -> AssetBalance {
    let mut upcoming = BTreeMap::new();
    let mut ending = BTreeMap::new();
    let mut deficit = 0;
    for lot in &wallet.lots {
        if !lot.active && lot.remaining > 0 {
            *upcoming.entry(lot.active_from).or_insert(0) += lot.remaining;
        } else if lot.remaining > 0 {
            if let Some(at) = lot.expires_at {
                *ending.entry(at).or_insert(0) += lot.remaining;
            }
        } else {
            deficit -= lot.remaining;
        }
    }
    for amount in ending.values_mut() {
        let absorbed = deficit.min(*amount);
        *amount -= absorbed;
        deficit -= absorbed;
    }
    let dated = |rows: BTreeMap<Timestamp, i64>| {
        let rows = rows.into_iter().filter(|(_, amount)| *amount > 0);
        rows.map(|(at, amount)| DatedAmount { amount, at })
            .take(MAX_DATES)
            .collect()
    };
    AssetBalance {
        available: wallet.spendable(),
        pending: wallet.pending,
        deficit: (-wallet.available).max(0),
        upcoming: dated(upcoming),
        expiring: dated(ending),
    }
}

/// Where a lot is in its life at `now`, also when time has not been carried out on it yet.
#[must_use]
pub fn lot_state(lot: &Lot, now: Timestamp) -> LotState {
    if lot.remaining < 0 {
        LotState::Deficit
    } else if lot.remaining == 0 && lot.clawed >= lot.amount {
        LotState::Reversed
    } else if lot.remaining == 0 && lot.expired == 0 {
        LotState::Used
    } else if lot.remaining == 0 || lot.expires_at.is_some_and(|it| it < now) {
        LotState::Expired
    } else if lot.active || lot.active_from <= now {
        LotState::Active
    } else {
        LotState::Pending
    }
}

/// What time has done to the wallet by `until`, in the order in which it happened: at one instant
/// activations come before ends. An ending lot first settles deficits, then the rest expires.
pub fn advance(wallet: &Wallet, until: Timestamp, ids: &mut dyn IdSource) -> Vec<Step> {
    let mut wallet = wallet.clone();
    let mut steps = Vec::new();
    loop {
        let next = wallet
            .lots
            .iter()
            .filter_map(|lot| due(lot).map(|at| (at, lot.active, lot.id)))
            .filter(|(at, ..)| *at <= until)
            .min();
        let Some((at, active, id)) = next else {
            return steps;
        };
        let now = if active {
            end_lot(&wallet, id, at, ids)
        } else {
            vec![Step::Activate(id)]
        };
        for step in &now {
            wallet.apply(step);
        }
        steps.extend(now);
    }
}

/// Ends a lot: what is left of it settles deficits of other lots, and the rest expires.
fn end_lot(wallet: &Wallet, id: LotId, at: Timestamp, ids: &mut dyn IdSource) -> Vec<Step> {
    let left = wallet.lot(id).map_or(0, |it| it.remaining);
    let mut movements = Vec::new();
    let mut free = left;
    for lot in wallet.lots.iter().filter(|it| it.remaining < 0) {
        let settled = free.min(-lot.remaining);
        if settled > 0 {
            movements.push(Movement {
                lot: lot.id,
                amount: settled,
            });
            free -= settled;
        }
    }
    let mut steps = Vec::new();
    if free < left {
        movements.push(Movement {
            lot: id,
            amount: free - left,
        });
        steps.push(Step::Post(Posting {
            entry: EntryId::generate(ids),
            kind: EntryKind::Transfer,
            amount: 0,
            at,
            movements,
            new_lots: Vec::new(),
        }));
    }
    if free > 0 {
        steps.push(Step::Post(Posting {
            entry: EntryId::generate(ids),
            kind: EntryKind::Expire,
            amount: -free,
            at,
            movements: vec![Movement {
                lot: id,
                amount: -free,
            }],
            new_lots: Vec::new(),
        }));
    }
    steps
}

/// A credit in the member's favour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credit {
    /// [`EntryKind::Earn`] or [`EntryKind::Adjust`].
    pub kind: EntryKind,
    /// How much; positive.
    pub amount: i64,
    /// When it takes effect.
    pub at: Timestamp,
    /// From when it can be spent.
    pub active_from: Timestamp,
    /// Last instant at which it can be spent.
    pub expires_at: Option<Timestamp>,
}

/// Gives an amount, in a lot of its own. A lot that would end before it starts ends with its first
/// instant instead.
pub fn credit(command: Credit, ids: &mut dyn IdSource) -> Posting {
    let entry = EntryId::generate(ids);
    let lot = Lot {
        id: LotId::generate(ids),
        entry_id: entry,
        amount: command.amount,
        remaining: command.amount,
        clawed: 0,
        expired: 0,
        absorbed: 0,
        active_from: command.active_from,
        expires_at: command.expires_at.map(|it| it.max(command.active_from)),
        active: command.active_from <= command.at,
    };
    Posting {
        entry,
        kind: command.kind,
        amount: command.amount,
        at: command.at,
        movements: Vec::new(),
        new_lots: vec![lot],
    }
}

/// Takes an amount from active lots, the one that ends first first.
///
/// # Errors
/// [`Refusal::Insufficient`] when less is available.
pub fn debit(
    wallet: &Wallet,
    kind: EntryKind,
    amount: i64,
    at: Timestamp,
    ids: &mut dyn IdSource,
) -> Result<Posting, Refusal> {
    if amount > wallet.spendable() {
        return Err(Refusal::Insufficient {
            available: wallet.spendable(),
        });
    }
    // From here it must succeed.
    let mut open: Vec<&Lot> = wallet
        .lots
        .iter()
        .filter(|it| it.active && it.remaining > 0)
        .collect();
    open.sort_by_key(|it| {
        (
            it.expires_at.unwrap_or(Timestamp::MAX),
            it.active_from,
            it.id,
        )
    });
    let mut missing = amount;
    let mut movements = Vec::new();
    for lot in open {
        let taken = missing.min(lot.remaining);
        if taken > 0 {
            movements.push(Movement {
                lot: lot.id,
                amount: -taken,
            });
            missing -= taken;
        }
    }
    Ok(Posting {
        entry: EntryId::generate(ids),
        kind,
        amount: -amount,
        at,
        movements,
        new_lots: Vec::new(),
    })
}

/// What a spend is judged by, besides the wallet.
#[derive(Debug, Clone, Copy)]
pub struct SpendFacts<'a> {
    /// Which asset.
    pub asset: Asset,
    /// The limits in force; they bind points, credit only the order's amount.
    pub limits: &'a SpendLimits,
    /// Points spent today, in the member's own day.
    pub spent_today: i64,
    /// The order's amount in minor units.
    pub order_amount: i64,
}

/// What `amount` of `asset` pays, in minor units, rounded down.
#[must_use]
pub fn pays_floor(asset: Asset, amount: i64, limits: &SpendLimits) -> i64 {
    match asset {
        Asset::Points => scale_floor(amount, limits.minor_per_100_points, 100).unwrap_or(i64::MAX),
        Asset::Credit => amount,
    }
}

/// Checks the limits of a spend, then takes the amount.
///
/// # Errors
/// The first limit that it breaks, in the order of [`Refusal`].
pub fn spend(
    wallet: &Wallet,
    facts: SpendFacts<'_>,
    amount: i64,
    at: Timestamp,
    ids: &mut dyn IdSource,
) -> Result<Posting, Refusal> {
    check_spend_limits(facts, amount)?;
    debit(wallet, EntryKind::Spend, amount, at, ids)
}

fn check_spend_limits(facts: SpendFacts<'_>, amount: i64) -> Result<(), Refusal> {
    let limits = facts.limits;
    if facts.asset == Asset::Credit {
        return if amount > facts.order_amount {
            Err(Refusal::OverOrderShare {
                limit: facts.order_amount,
            })
        } else {
            Ok(())
        };
    }
    if amount < limits.minimum {
        return Err(Refusal::BelowMinimum {
            minimum: limits.minimum,
        });
    }
    if limits.step > 1 && amount % limits.step != 0 {
        return Err(Refusal::WrongStep { step: limits.step });
    }
    if let Some(limit) = limits.order_max.filter(|it| amount > *it) {
        return Err(Refusal::OverOrderLimit { limit });
    }
    if let Some(limit) = limits.day_max {
        let left = (limit - facts.spent_today).max(0);
        if amount > left {
            return Err(Refusal::OverDailyLimit { left });
        }
    }
    let share = scale_floor(facts.order_amount, limits.order_share_max_bps, WHOLE_BPS).unwrap_or(0);
    if pays_floor(facts.asset, amount, limits) > share {
        let most = scale_floor(share, 100, limits.minor_per_100_points).unwrap_or(0);
        return Err(Refusal::OverOrderShare {
            limit: most - most % limits.step.max(1),
        });
    }
    Ok(())
}

/// What a spend took, for the order's receipt.
#[must_use]
pub fn spent_receipt(asset: Asset, posting: &Posting) -> SpentReceipt {
    let taken = posting.movements.iter();
    SpentReceipt {
        asset,
        entry: posting.entry,
        amount: -posting.amount,
        restored: 0,
        taken: taken
            .map(|it| TakenFromLot {
                lot: it.lot,
                amount: -it.amount,
                restored: 0,
            })
            .collect(),
    }
}

/// What one order earns, line by line: points by amount, category and tier, rounded down once for
/// the whole order and shared over its lines exactly; growth value likewise, without multipliers.
#[must_use]
pub fn earn_for_lines(
    policy: &PointsPolicy,
    tier_bps: i64,
    lines: &[&OrderLine],
) -> Vec<EarnedLine> {
    let excluded = |line: &OrderLine| {
        policy.excluded_skus.contains(&line.sku)
            || line
                .category
                .as_ref()
                .is_some_and(|it| policy.excluded_categories.contains(it))
    };
    let category_bps = |line: &OrderLine| {
        let named = |it: &&super::CategoryMultiplier| Some(&it.category) == line.category.as_ref();
        policy
            .category_multipliers
            .iter()
            .find(named)
            .map_or(WHOLE_BPS, |it| it.bps)
    };
    // What all lines have in common stays out of the weights, so that the products fit 128 bits.
    let weigh = |line: &OrderLine, bps: i64| {
        if excluded(line) {
            0
        } else {
            i128::from(line.amount) * i128::from(bps)
        }
    };
    let share = |weights: Vec<i128>, rate: i128, denominator: i128, max: i64| {
        let exact = weights.iter().sum::<i128>() * rate / denominator;
        let total = i64::try_from(exact).unwrap_or(MAX_AMOUNT);
        split_largest_remainder(total.min(max).min(MAX_AMOUNT), &weights)
    };
    let whole = i128::from(WHOLE_BPS);
    let points = share(
        lines.iter().map(|it| weigh(it, category_bps(it))).collect(),
        i128::from(policy.points_per_100_minor) * i128::from(tier_bps),
        100 * whole * whole,
        policy.order_earn_max.unwrap_or(MAX_AMOUNT),
    );
    let growth = share(
        lines.iter().map(|it| weigh(it, 1)).collect(),
        i128::from(policy.growth_per_100_minor),
        100,
        MAX_AMOUNT,
    );
    let pairs = points.into_iter().zip(growth);
    pairs
        .map(|(points, growth)| EarnedLine {
            points,
            points_returned: 0,
            growth,
            growth_returned: 0,
        })
        .collect()
}

/// Takes back `due` of what `lot` gave, as far as `policy` allows; the part that had already ended
/// unused is not taken a second time. `None` when nothing is taken.
pub fn claw_back(
    wallet: &Wallet,
    lot: &Lot,
    due: i64,
    policy: ClawbackPolicy,
    at: Timestamp,
    ids: &mut dyn IdSource,
) -> Option<Posting> {
    let due = due.min(lot.amount - lot.clawed - lot.expired);
    let taken = match (lot.active, policy) {
        (false, _) => due.min(lot.remaining),
        (true, ClawbackPolicy::OnlyPending) => 0,
        (true, ClawbackPolicy::WithinBalance) => due.min(wallet.spendable()),
        (true, ClawbackPolicy::AllowDeficit) => due,
    };
    (taken > 0).then(|| Posting {
        entry: EntryId::generate(ids),
        kind: EntryKind::Clawback,
        amount: -taken,
        at,
        movements: vec![Movement {
            lot: lot.id,
            amount: -taken,
        }],
        new_lots: Vec::new(),
    })
}

/// Gives `amount` of a spend back to the lots it came from, the last taken first, with their own
/// expiry. What would end within [`RESTORE_DAYS_MIN`] days gets a lot of its own that lasts that
/// long. What other lots paid for a deficit that this settles goes back to the member likewise.
///
/// Updates the receipt; `amount` must not be more than what is left of it.
pub fn restore(
    wallet: &Wallet,
    receipt: &mut SpentReceipt,
    amount: i64,
    at: Timestamp,
    ids: &mut dyn IdSource,
) -> Vec<Step> {
    let soonest = at.plus_days(RESTORE_DAYS_MIN);
    let mut plan = Restoration::default();
    let mut left = amount;
    for taken in receipt.taken.iter_mut().rev() {
        let back = left.min(taken.amount - taken.restored);
        if back > 0 {
            taken.restored += back;
            receipt.restored += back;
            left -= back;
            plan.put_back(wallet.lot(taken.lot), taken.lot, back, soonest);
        }
    }
    plan.steps(amount - left, at, soonest, ids)
}

/// Where restored amounts go.
#[derive(Default)]
struct Restoration {
    /// Back into their own lots.
    movements: Vec<Movement>,
    /// Into a new lot, because their own ends too soon.
    ending: i64,
    /// Out of lots whose deficit others had settled, into a new lot.
    settled: Vec<Movement>,
}

impl Restoration {
    fn put_back(&mut self, lot: Option<&Lot>, id: LotId, back: i64, soonest: Timestamp) {
        let Some(lot) = lot else {
            self.ending += back;
            return;
        };
        let to_deficit = back.min((-lot.remaining).max(0));
        let paid_by_others = (back - to_deficit).min(lot.absorbed.max(0));
        let free = back - to_deficit - paid_by_others;
        let lives = lot.expires_at.is_none_or(|it| it >= soonest);
        let into_lot = to_deficit + paid_by_others + if lives { free } else { 0 };
        if into_lot > 0 {
            self.movements.push(Movement {
                lot: id,
                amount: into_lot,
            });
        }
        if paid_by_others > 0 {
            self.settled.push(Movement {
                lot: id,
                amount: -paid_by_others,
            });
        }
        self.ending += if lives { 0 } else { free };
    }

    fn steps(
        self,
        amount: i64,
        at: Timestamp,
        soonest: Timestamp,
        ids: &mut dyn IdSource,
    ) -> Vec<Step> {
        let mut post = |kind, amount, movements: Vec<Movement>, new: i64| {
            let entry = EntryId::generate(ids);
            let lot = Credit {
                kind,
                amount: new,
                at,
                active_from: at,
                expires_at: Some(soonest),
            };
            let mut new_lots = if new > 0 {
                credit(lot, ids).new_lots
            } else {
                Vec::new()
            };
            for lot in &mut new_lots {
                lot.entry_id = entry;
            }
            Step::Post(Posting {
                entry,
                kind,
                amount,
                at,
                movements,
                new_lots,
            })
        };
        let mut steps = Vec::new();
        if amount > 0 {
            steps.push(post(
                EntryKind::Restore,
                amount,
                self.movements,
                self.ending,
            ));
        }
        if !self.settled.is_empty() {
            let back = -self.settled.iter().map(|it| it.amount).sum::<i64>();
            steps.push(post(EntryKind::Transfer, 0, self.settled, back));
        }
        steps
    }
}
