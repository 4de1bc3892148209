//! Points and store credit: two assets in one ledger.
//!
//! An earning makes a **lot** with an activation and an expiry. A spend takes from lots, a refund
//! puts back into the same lots. A lot's `remaining` may fall below zero when what it gave was
//! spent before it was clawed back: that is the member's deficit, and it belongs to the lot that
//! caused it, so that a later refund of the spending undoes it exactly.

pub mod api;
pub mod explain;
pub mod policy;
pub mod rules;
pub mod trial;

use crate::ids::{EntryId, LotId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a balance is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Asset {
    /// Loyalty points.
    Points,
    /// Store credit in minor units of the programme's currency.
    Credit,
}

impl Asset {
    /// Both assets.
    pub const ALL: [Self; 2] = [Self::Points, Self::Credit];
}

/// What an entry of the ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EntryKind {
    /// Given for an order, a task or a check-in.
    Earn,
    /// Used by the member.
    Spend,
    /// Ended unused.
    Expire,
    /// Changed by staff, with a reason.
    Adjust,
    /// Taken back because its order was refunded.
    Clawback,
    /// Given back because the order that used it was refunded.
    Restore,
    /// Moved: between lots, when an expiring lot settles a deficit (the amount is zero); or with
    /// their lots between two members who were merged.
    Transfer,
}

/// The other side of an entry: every entry moves value between a member and one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CounterAccount {
    /// Where earnings come from and clawbacks return to.
    Issuance,
    /// Where spending goes and restored spending comes from.
    Redemption,
    /// Where expired value goes.
    Breakage,
    /// Where staff adjustments come from and go to.
    Adjustment,
}

impl EntryKind {
    /// The account on the other side.
    #[must_use]
    pub const fn counter_account(self) -> CounterAccount {
        match self {
            Self::Earn | Self::Clawback => CounterAccount::Issuance,
            Self::Spend | Self::Restore => CounterAccount::Redemption,
            Self::Expire => CounterAccount::Breakage,
            Self::Adjust | Self::Transfer => CounterAccount::Adjustment,
        }
    }
}

/// What an entry came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SourceKind {
    /// An order; the reference is the shop's order id.
    Order,
    /// A refund or cancellation; the reference is the event id.
    Refund,
    /// A manual adjustment; the reference is its id.
    Adjustment,
    /// The end of a lot; the reference is the lot's id.
    Lot,
    /// A checkout that holds a balance; the reference is the reservation's id.
    Reservation,
    /// A task; the reference is the id of the time that it was rewarded.
    Task,
    /// A check-in; the reference is the day, with the number of days in a row for a milestone.
    CheckIn,
    /// A friend who was invited; the reference is the referral or the milestone, and which time.
    Referral,
    /// The end of a membership; the reference is the member's id.
    Erasure,
    /// Two members made one, or taken apart again; the reference is the merge's id.
    Merge,
    /// A file that was brought in; the reference is the import's id and the line.
    Import,
}

/// A batch of one asset with one activation and one expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// The lot.
    pub id: LotId,
    /// The entry that made it.
    pub entry_id: EntryId,
    /// What it started with.
    pub amount: i64,
    /// What is left; below zero is a deficit.
    pub remaining: i64,
    /// What of `amount` was taken back by refunds.
    pub clawed: i64,
    /// What of `amount` ended unused.
    pub expired: i64,
    /// What expiring lots put in to settle this lot's deficit.
    pub absorbed: i64,
    /// From when it can be spent.
    pub active_from: Timestamp,
    /// The last instant at which it can be spent; `None` never ends.
    pub expires_at: Option<Timestamp>,
    /// Whether `active_from` has been reached and counted.
    pub active: bool,
}

/// Part of an entry that one lot gave or took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// The lot.
    pub lot: LotId,
    /// What it took (positive) or gave (negative).
    pub amount: i64,
}

/// What a refund may take back when the points are no longer there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ClawbackPolicy {
    /// Only points that are still pending.
    OnlyPending,
    /// At most the available balance.
    WithinBalance,
    /// Everything; what is missing becomes a deficit that later credits settle first.
    AllowDeficit,
}

/// How points are earned, kept and spent. Every version is kept; receipts name theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PointsPolicy {
    /// Points for each 100 minor units of a line's net amount (100: one point a fen).
    pub points_per_100_minor: i64,
    /// Growth value for each 100 minor units of a line's net amount.
    pub growth_per_100_minor: i64,
    /// Multipliers by category, in basis points; a category not named counts once.
    #[serde(default)]
    pub category_multipliers: Vec<CategoryMultiplier>,
    /// Categories that earn nothing.
    #[serde(default)]
    pub excluded_categories: Vec<String>,
    /// SKUs that earn nothing.
    #[serde(default)]
    pub excluded_skus: Vec<String>,
    /// Most points that one order earns.
    #[serde(default)]
    pub order_earn_max: Option<i64>,
    /// Days after payment in which orders can be returned; points are pending until then.
    pub return_window_days: u16,
    /// Points end at the end of the month this many months after earning.
    pub expiry_months: u16,
    /// What a refund may take back when the points are no longer there.
    pub clawback: ClawbackPolicy,
    /// Limits of spending.
    pub spend: SpendLimits,
    /// An adjustment above this amount, up or down, waits for a second person.
    pub approval_above: i64,
}

/// Points of a category are multiplied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CategoryMultiplier {
    /// The shop's category.
    pub category: String,
    /// The multiplier; 10,000 basis points is once.
    pub bps: i64,
}

/// Limits of spending points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpendLimits {
    /// What 100 points pay, in minor units.
    pub minor_per_100_points: i64,
    /// Smallest amount of points at once.
    pub minimum: i64,
    /// Points are spent in multiples of this.
    pub step: i64,
    /// Most points for one order.
    #[serde(default)]
    pub order_max: Option<i64>,
    /// Most points a day, in the member's own day.
    #[serde(default)]
    pub day_max: Option<i64>,
    /// Largest share of an order's amount that points may pay, in basis points.
    pub order_share_max_bps: i64,
}
