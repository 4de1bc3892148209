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
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

pub use super::policy::check_policy;

/// Most dates that a balance names, of each kind.
pub const MAX_DATES: usize = 12;

/// Months that are told apart in what ends when; the rest is one row.
pub const MAX_MONTHS: usize = 12;

/// What a restored amount has left at least, in days, when its own lot ends sooner.
pub const RESTORE_DAYS_MIN: i64 = 7;

/// One member's balance of one asset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wallet {
    /// Sum of `remaining` over active lots; below zero is a deficit.
    pub available: i64,
    /// Sum of `remaining` over lots that are not yet active.
    pub pending: i64,
    /// At least every lot that is not empty or that settled a deficit (`absorbed` is not 0), and
    /// those that a command names.
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
    /// Lots among the moved ones that end later than they did, and when.
    pub prolonged: Vec<(LotId, Timestamp)>,
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
        for (id, until) in &posting.prolonged {
            if let Some(lot) = self.lots.iter_mut().find(|it| it.id == *id) {
                lot.expires_at = Some(*until);
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

/// The balance as people read it, with what becomes spendable and what ends, soonest first, by
/// months of `zone`.
#[must_use]
pub fn balance(wallet: &Wallet, zone: &TimeZone) -> AssetBalance {
    let mut upcoming = BTreeMap::new();
    for lot in &wallet.lots {
        if !lot.active && lot.remaining > 0 {
            *upcoming.entry(lot.active_from).or_insert(0) += lot.remaining;
        }
    }
    let upcoming = upcoming.into_iter().take(MAX_DATES);
    let ending = ends(wallet);
    AssetBalance {
        available: wallet.spendable(),
        pending: wallet.pending,
        deficit: (-wallet.available).max(0),
        upcoming: upcoming
            .map(|(at, amount)| DatedAmount { amount, at })
            .collect(),
        expiring_by_month: by_month(&ending, zone),
        expiring: ending.into_iter().take(MAX_DATES).collect(),
    }
}

/// Everything that ends, soonest first, a row an instant.
///
/// Where lots are in deficit, the lots that end first count as used for it, as they will be: what
/// is said to end never adds up to more than what is available.
#[must_use]
pub fn ends(wallet: &Wallet) -> Vec<DatedAmount> {
    let mut ending = BTreeMap::new();
    let mut deficit = 0;
    for lot in &wallet.lots {
        if !lot.active && lot.remaining > 0 {
            continue;
        }
        if lot.remaining > 0 {
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
    let rows = ending.into_iter().filter(|(_, amount)| *amount > 0);
    rows.map(|(at, amount)| DatedAmount { amount, at })
        .collect()
}

/// Amounts, soonest first, as sums of the months of `zone`, each from its first instant on.
fn by_month(dated: &[DatedAmount], zone: &TimeZone) -> Vec<DatedAmount> {
    let mut months: Vec<(Date, DatedAmount)> = Vec::new();
    for it in dated {
        let month = it.at.date_in(zone).first_of_month();
        let full = months.len() > MAX_MONTHS;
        match months.last_mut() {
            Some((last, sum)) if full || *last == month => sum.amount += it.amount,
            _ => months.push((month, *it)),
        }
    }
    months.into_iter().map(|it| it.1).collect()
}

/// Lots with something left, as they would be if what is owed were settled by those that end first,
/// as it will be: active lots before pending ones. Their sum is the wallet's total, or nothing when
/// more is owed than is there.
#[must_use]
pub fn net_of_deficits(lots: &[Lot]) -> Vec<Lot> {
    let mut owed: i64 = lots.iter().map(|it| (-it.remaining).max(0)).sum();
    let mut left: Vec<Lot> = lots.iter().filter(|it| it.remaining > 0).cloned().collect();
    left.sort_by_key(|it| (!it.active, it.expires_at.unwrap_or(Timestamp::MAX), it.id));
    for lot in &mut left {
        let settled = owed.min(lot.remaining);
        lot.remaining -= settled;
        owed -= settled;
    }
    left.retain(|it| it.remaining > 0);
    left
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
    let mut owing: Vec<&Lot> = wallet.lots.iter().filter(|it| it.remaining < 0).collect();
    owing.sort_by_key(|it| (it.active_from, it.id));
    for lot in owing {
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
            prolonged: Vec::new(),
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
            prolonged: Vec::new(),
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
        prolonged: Vec::new(),
    }
}

/// Takes an amount from active lots, the one that ends first first.
///
/// # Errors
/// [`Refusal::BelowMinimum`] when the amount is not positive, [`Refusal::Insufficient`] when less
/// is available.
pub fn debit(
    wallet: &Wallet,
    kind: EntryKind,
    amount: i64,
    at: Timestamp,
    ids: &mut dyn IdSource,
) -> Result<Posting, Refusal> {
    if amount < 1 {
        return Err(Refusal::BelowMinimum { minimum: 1 });
    }
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
        prolonged: Vec::new(),
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
    let minimum = limits.minimum.max(1);
    if amount < minimum {
        return Err(Refusal::BelowMinimum { minimum });
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
        let most = most_within_floor(share, limits);
        return Err(Refusal::OverOrderShare {
            limit: most - most % limits.step.max(1),
        });
    }
    Ok(())
}

/// The most points that pay no more than `share`, as [`pays_floor`] counts.
fn most_within_floor(share: i64, limits: &SpendLimits) -> i64 {
    let below_next = i128::from(share.max(-1) + 1) * 100 - 1;
    let rate = i128::from(limits.minor_per_100_points.max(1));
    i64::try_from(below_next.div_euclid(rate).max(0)).unwrap_or(i64::MAX)
}

/// The most of an asset that can pay for an order now, and no more than pays the same.
///
/// # Errors
/// Why none of it can.
pub fn most_spendable(spendable: i64, facts: SpendFacts<'_>) -> Result<i64, Refusal> {
    let insufficient = Refusal::Insufficient {
        available: spendable,
    };
    if facts.asset == Asset::Credit {
        return match spendable.min(facts.order_amount) {
            1.. => Ok(spendable.min(facts.order_amount)),
            _ if spendable < 1 => Err(insufficient),
            _ => Err(Refusal::OverOrderShare { limit: 0 }),
        };
    }
    let limits = facts.limits;
    let step = limits.step.max(1);
    let up = |amount: i64| amount.saturating_add(step - 1) / step * step;
    let least = up(limits.minimum.max(1));
    check_spend_limits(facts, least)?;
    let share = scale_floor(facts.order_amount, limits.order_share_max_bps, WHOLE_BPS).unwrap_or(0);
    let of_day = limits.day_max.map(|it| it - facts.spent_today);
    let caps = [
        limits.order_max,
        of_day,
        Some(most_within_floor(share, limits)),
    ];
    let most = caps.into_iter().flatten().fold(spendable, i64::min);
    let most = most - most % step;
    if most < least {
        return Err(insufficient);
    }
    let pays = pays_floor(facts.asset, most, limits);
    if pays < 1 {
        return Err(Refusal::OverOrderShare { limit: 0 });
    }
    let rate = i128::from(limits.minor_per_100_points.max(1));
    let enough = (i128::from(pays) * 100 + rate - 1).div_euclid(rate);
    let enough = i64::try_from(enough).unwrap_or(i64::MAX);
    Ok(up(enough).max(least).min(most))
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
        prolonged: Vec::new(),
    })
}

/// Gives `amount` of a spend back to the lots it came from, the last taken first. A lot that would
/// end within [`RESTORE_DAYS_MIN`] days, or has ended, lasts that long again; all others keep their
/// end. Where other lots had settled the deficit that this undoes, they get back what they gave.
///
/// Everything stays in its own lot, so that a later refund of the order that earned it finds it
/// there, and what has ended unused is never owed.
///
/// Updates the receipt; no more is given back than is left of it.
pub fn restore(
    wallet: &Wallet,
    receipt: &mut SpentReceipt,
    amount: i64,
    at: Timestamp,
    ids: &mut dyn IdSource,
) -> Vec<Step> {
    let mut plan = Restoration::new(wallet, at.plus_days(RESTORE_DAYS_MIN));
    let mut left = amount;
    for taken in receipt.taken.iter_mut().rev() {
        let back = left.min(taken.amount - taken.restored);
        if back > 0 {
            taken.restored += back;
            receipt.restored += back;
            left -= back;
            plan.put_back(taken.lot, back);
        }
    }
    plan.steps(amount - left, at, ids)
}

/// Where restored amounts go.
struct Restoration<'a> {
    wallet: &'a Wallet,
    /// Restored lots last at least until then.
    soonest: Timestamp,
    /// Back into their own lots.
    movements: Vec<Movement>,
    prolonged: Vec<(LotId, Timestamp)>,
    /// Into a new lot, because their own was not loaded.
    homeless: i64,
    /// Back to the lots that had settled a deficit.
    settled: Vec<Movement>,
    settled_prolonged: Vec<(LotId, Timestamp)>,
}

impl<'a> Restoration<'a> {
    const fn new(wallet: &'a Wallet, soonest: Timestamp) -> Self {
        Self {
            wallet,
            soonest,
            movements: Vec::new(),
            prolonged: Vec::new(),
            homeless: 0,
            settled: Vec::new(),
            settled_prolonged: Vec::new(),
        }
    }

    fn put_back(&mut self, id: LotId, back: i64) {
        let Some(lot) = self.wallet.lot(id) else {
            self.homeless += back;
            return;
        };
        let to_deficit = back.min((-lot.remaining).max(0));
        let to_payers = self.repay(id, (back - to_deficit).min(lot.absorbed.max(0)));
        self.movements.push(Movement {
            lot: id,
            amount: back,
        });
        if back > to_deficit + to_payers && self.ends_too_soon(lot) {
            self.prolonged.push((id, self.soonest));
        }
    }

    /// Gives up to `amount` from lot `from` to lots that had settled deficits, those that ended
    /// last first; answers how much they took.
    fn repay(&mut self, from: LotId, amount: i64) -> i64 {
        let wallet = self.wallet;
        let mut payers: Vec<&Lot> = wallet.lots.iter().filter(|it| it.absorbed < 0).collect();
        payers.sort_by_key(|it| core::cmp::Reverse((it.expires_at, it.id)));
        let mut left = amount;
        for payer in payers {
            let known = self.settled.iter().position(|it| it.lot == payer.id);
            let repaid = known.map_or(0, |it| self.settled[it].amount);
            let part = left.min(-payer.absorbed - repaid);
            if part <= 0 {
                continue;
            }
            left -= part;
            match known {
                Some(place) => self.settled[place].amount += part,
                None => self.settled.push(Movement {
                    lot: payer.id,
                    amount: part,
                }),
            }
            let prolonged = self.settled_prolonged.iter().any(|it| it.0 == payer.id);
            if payer.remaining + repaid + part > 0 && self.ends_too_soon(payer) && !prolonged {
                self.settled_prolonged.push((payer.id, self.soonest));
            }
        }
        if left < amount {
            self.settled.push(Movement {
                lot: from,
                amount: left - amount,
            });
        }
        amount - left
    }

    fn ends_too_soon(&self, lot: &Lot) -> bool {
        lot.expires_at.is_some_and(|it| it < self.soonest)
    }

    fn steps(self, amount: i64, at: Timestamp, ids: &mut dyn IdSource) -> Vec<Step> {
        let mut steps = Vec::new();
        if amount > 0 {
            let new = Credit {
                kind: EntryKind::Restore,
                amount: self.homeless,
                at,
                active_from: at,
                expires_at: Some(self.soonest),
            };
            let new = credit(new, ids);
            let new_lots = if self.homeless > 0 {
                new.new_lots
            } else {
                Vec::new()
            };
            steps.push(Step::Post(Posting {
                amount,
                movements: self.movements,
                new_lots,
                prolonged: self.prolonged,
                ..new
            }));
        }
        if !self.settled.is_empty() {
            steps.push(Step::Post(Posting {
                entry: EntryId::generate(ids),
                kind: EntryKind::Transfer,
                amount: 0,
                at,
                movements: self.settled,
                new_lots: Vec::new(),
                prolonged: self.settled_prolonged,
            }));
        }
        steps
    }
}

#[cfg(test)]
mod limit_tests;
#[cfg(test)]
mod tests;
