//! Use cases of points and store credit.

mod adjust;
mod books;
mod hand_over;
mod hold;
mod lapse;
mod opening;
mod spend;
mod trial;

pub use adjust::{Adjust, Decide, adjust, decide, waiting};
pub use books::{Books, Origin};
pub use hand_over::hand_over;
pub use hold::{Wanted, give_back, hold, most, try_hold};
pub use lapse::lapse;
pub use opening::{Opening, Reversal, known_lots, open, take_back, to_bring_along};
pub use spend::{Spend, simulate_spend, spend};
pub use trial::try_policy;

use crate::App;
use crate::db::Tx;
use crate::error::Result;
use crate::members;
use crate::programme::Rulebook;
use shared::ids::{LotId, MemberId};
use shared::orders::rules::{Returns, active_from};
use shared::orders::{EarnedReceipt, Order, OrderLine};
use shared::points::rules::{self, Credit, Step};
use shared::points::{Asset, EntryKind, PointsPolicy, SourceKind};
use shared::tiers::Tier;
use shared::time::{Timestamp, end_of_month_after};

use super::store;

/// Members of one write.
const DUE_STEP: u64 = 500;

/// What an order earns is decided by.
#[derive(Debug, Clone, Copy)]
pub struct EarnTerms<'a> {
    /// Version of the points rules.
    pub version: i32,
    /// The points rules.
    pub policy: &'a PointsPolicy,
    /// The member's tier before the order.
    pub tier: &'a Tier,
    /// The zone of the member's months.
    pub zone: &'a jiff::tz::TimeZone,
}

/// Gives what an order earns, dated when it was paid, and answers with the receipt.
pub fn earn_for_order(
    books: &mut Books,
    member: MemberId,
    order: &Order,
    paid_at: Timestamp,
    terms: EarnTerms<'_>,
) -> EarnedReceipt {
    let lines: Vec<&OrderLine> = order.lines.iter().map(|it| &it.line).collect();
    let earned = rules::earn_for_lines(terms.policy, terms.tier.earn_bps(), &lines);
    let points: i64 = earned.iter().map(|it| it.points).sum();
    let mut receipt = EarnedReceipt {
        rule_version: terms.version,
        tier_code: terms.tier.code.clone(),
        tier_bps: terms.tier.earn_bps(),
        lot: None,
        entry: None,
        lines: earned,
    };
    if points > 0 {
        let (active_from, expires_at) = lot_dates(terms.policy, terms.zone, paid_at);
        let credit = Credit {
            kind: EntryKind::Earn,
            amount: points,
            at: paid_at,
            active_from,
            expires_at,
        };
        let posting = rules::credit(credit, books.ids());
        receipt.entry = Some(posting.entry);
        receipt.lot = posting.new_lots.first().map(|it| it.id);
        let origin = Origin {
            rule_version: Some(terms.version),
            ..Origin::of_order(SourceKind::Order, &order.external_id, &order.external_id)
        };
        books.post(member, Asset::Points, Step::Post(posting), &origin);
    }
    receipt
}

/// From when and until when points earned at `at` can be spent.
#[must_use]
pub fn lot_dates(
    policy: &PointsPolicy,
    zone: &jiff::tz::TimeZone,
    at: Timestamp,
) -> (Timestamp, Option<Timestamp>) {
    let from = active_from(at, policy.return_window_days);
    (
        from,
        Some(end_of_month_after(
            at,
            i32::from(policy.expiry_months),
            zone,
        )),
    )
}

/// The event that parts of an order return by.
#[derive(Debug, Clone, Copy)]
pub struct Settlement<'a> {
    /// The event.
    pub event_id: &'a str,
    /// When it happened: what was earned is taken back as of then.
    pub at: Timestamp,
    /// When the member hears of it: what was spent lasts at least a week from then.
    pub back_at: Timestamp,
}

/// Takes back and gives back what refunds of an order owe, by its receipt.
pub fn settle_order(
    books: &mut Books,
    member: MemberId,
    order: &mut Order,
    returns: &Returns,
    policy: &PointsPolicy,
    settlement: Settlement<'_>,
) {
    let Settlement {
        event_id,
        at,
        back_at,
    } = settlement;
    let origin = Origin::of_order(SourceKind::Refund, event_id, &order.external_id);
    let lot = order.receipt.earned.as_ref().and_then(|it| it.lot);
    let wallet = books.wallet(member, Asset::Points);
    if let Some(lot) = lot
        .and_then(|it| wallet.lot(it))
        .filter(|_| returns.points > 0)
    {
        let (wallet, lot) = (wallet.clone(), lot.clone());
        let earned = order.receipt.earned.as_ref();
        let origin = Origin {
            reverses: earned.and_then(|it| it.entry),
            rule_version: earned.map(|it| it.rule_version),
            ..origin.clone()
        };
        let posting = rules::claw_back(
            &wallet,
            &lot,
            returns.points,
            policy.clawback,
            at,
            books.ids(),
        );
        if let Some(posting) = posting {
            books.post(member, Asset::Points, Step::Post(posting), &origin);
        }
    }
    for (asset, amount) in &returns.restores {
        let spend = order
            .receipt
            .spends
            .iter_mut()
            .find(|it| it.asset == *asset);
        let Some(spend) = spend else { continue };
        let origin = Origin {
            reverses: Some(spend.entry),
            ..origin.clone()
        };
        let wallet = books.wallet(member, *asset).clone();
        for step in rules::restore(&wallet, spend, *amount, back_at, books.ids()) {
            books.post(member, *asset, step, &origin);
        }
    }
}

/// Lots that an order's receipt names.
pub fn receipt_lots(order: &Order) -> impl Iterator<Item = LotId> + '_ {
    let earned = order.receipt.earned.as_ref().and_then(|it| it.lot);
    let spent = order
        .receipt
        .spends
        .iter()
        .flat_map(|it| it.taken.iter().map(|it| it.lot));
    earned.into_iter().chain(spent)
}

/// Activates and ends lots of up to `limit` members, each dated when it was due. Answers how many
/// members were brought up to date; fewer than `limit` means that nothing is left to do.
///
/// # Errors
/// When the database fails.
pub async fn advance_due(tx: &Tx, limit: u64) -> Result<usize> {
    let mut due = store::members_due(tx, tx.now(), limit).await?;
    let rows = due.len();
    due.sort_unstable();
    due.dedup();
    if due.is_empty() {
        return Ok(0);
    }
    members::service::lock(tx, &due).await?;
    let mut books = Books::load(tx, &due, &[]).await?;
    for member in &due {
        books.advance(*member, tx.now());
    }
    books.save(tx, "system").await?;
    Ok(rows)
}

/// Makes everything due, some members a write.
///
/// # Errors
/// When the database fails.
pub async fn advance_all_due(app: &App) -> Result<()> {
    let step = || {
        app.db
            .write((), |tx, ()| Box::pin(advance_due(tx, DUE_STEP)))
    };
    while step().await? > 0 {}
    Ok(())
}

/// The policy for something that happened at `at`.
#[must_use]
pub fn policy_at(rulebook: &Rulebook, at: Timestamp) -> (i32, &PointsPolicy) {
    let found = rulebook.policy_at(at);
    (found.version, &found.policy)
}
