//! Requests and answers about points and store credit.

use super::{Asset, CounterAccount, EntryKind, PointsPolicy, SourceKind};
use crate::ids::{AdjustmentId, EntryId, LotId, MemberId, StaffId};
use crate::text::Text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The balance of one asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssetBalance {
    /// What can be spent now.
    pub available: i64,
    /// What becomes available when return windows have passed.
    pub pending: i64,
    /// What later credits settle first; then `available` is 0.
    pub deficit: i64,
    /// What becomes available when, the soonest twelve dates.
    pub upcoming: Vec<DatedAmount>,
    /// What ends when, the soonest twelve dates.
    pub expiring: Vec<DatedAmount>,
    /// All that ends, a row a month of the member's zone from its first end on. What ends after the
    /// first twelve such months is one row more.
    #[serde(default)]
    pub expiring_by_month: Vec<DatedAmount>,
}

/// An amount at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatedAmount {
    /// How much.
    pub amount: i64,
    /// When.
    pub at: Timestamp,
}

/// Where a lot is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LotState {
    /// Not yet spendable.
    Pending,
    /// Spendable.
    Active,
    /// Nothing is left.
    Used,
    /// Ended, at least in part unused.
    Expired,
    /// All of it was taken back.
    Reversed,
    /// More was taken back than was left.
    Deficit,
}

/// A batch of points or credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LotView {
    /// The lot.
    pub id: LotId,
    /// Which asset.
    pub asset: Asset,
    /// What it started with.
    pub amount: i64,
    /// What is left; below zero is a deficit.
    pub remaining: i64,
    /// Where it is in its life.
    pub state: LotState,
    /// From when it can be spent.
    pub active_from: Timestamp,
    /// Last instant at which it can be spent.
    pub expires_at: Option<Timestamp>,
    /// What it came from.
    pub source: Source,
}

/// What an entry or lot came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Source {
    /// The kind of thing.
    pub kind: SourceKind,
    /// Its id: the shop's order id, the event id, an adjustment or a lot.
    pub reference: String,
}

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entry {
    /// The row.
    pub id: EntryId,
    /// Which asset.
    pub asset: Asset,
    /// What it is.
    pub kind: EntryKind,
    /// Signed: positive is in the member's favour.
    pub amount: i64,
    /// Available and pending together, after this row.
    pub balance_after: i64,
    /// What it came from.
    pub source: Source,
    /// The shop's order id, when an order is behind it.
    pub order: Option<String>,
    /// Version of the points rules that decided.
    pub rule_version: Option<i32>,
    /// Who did it: `system`, a member, staff or API key id.
    pub actor: String,
    /// What whoever did it is called; only staff are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// Why, for an adjustment.
    pub reason: Option<String>,
    /// The row that this one corrects.
    pub reverses: Option<EntryId>,
    /// The lot that this row made, if it did.
    pub lot: Option<LotView>,
    /// When it took effect.
    pub occurred_at: Timestamp,
    /// When it was written.
    pub recorded_at: Timestamp,
}

/// Changes a balance by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdjustPoints {
    /// Which asset.
    pub asset: Asset,
    /// Signed and not zero.
    pub amount: i64,
    /// Why; members and auditors read it. 3 to 200 characters.
    pub reason: String,
    /// When an added amount ends; the rules' own expiry when absent.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// Whether an adjustment took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AdjustmentState {
    /// It is in the ledger.
    Applied,
    /// A second person must decide.
    Waiting,
    /// A second person said no.
    Rejected,
}

/// A manual adjustment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Adjustment {
    /// The adjustment.
    pub id: AdjustmentId,
    /// Whose balance.
    pub member_id: MemberId,
    /// What the member is called; in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_name: Option<String>,
    /// Which asset.
    pub asset: Asset,
    /// Signed.
    pub amount: i64,
    /// Why.
    pub reason: String,
    /// Whether it took effect.
    pub state: AdjustmentState,
    /// Who asked for it.
    pub requested_by: String,
    /// What whoever asked for it is called; in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by_name: Option<String>,
    /// Who decided, when it waited.
    pub decided_by: Option<StaffId>,
    /// What whoever decided is called; in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by_name: Option<String>,
    /// The ledger row, once applied.
    pub entry_id: Option<EntryId>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// Decides a waiting adjustment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecideAdjustment {
    /// Whether it takes effect.
    pub approve: bool,
}

/// Spends a balance on an order at checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpendPoints {
    /// Which asset.
    pub asset: Asset,
    /// How much; positive.
    pub amount: i64,
    /// The shop's order id; refunds of that order give the amount back.
    pub order_id: String,
    /// The order's amount before this payment, in minor units.
    pub order_amount: i64,
}

/// A spend that took place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpendReceipt {
    /// The ledger row.
    pub entry_id: EntryId,
    /// How much was spent.
    pub amount: i64,
    /// What it pays, in minor units of the programme's currency.
    pub pays: i64,
    /// What can still be spent.
    pub available: i64,
}

/// Why a number is what it is: statements with the rows behind them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// The answer in a sentence.
    pub summary: Text,
    /// How it came about, in order.
    pub steps: Vec<ExplanationStep>,
}

/// One statement of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExplanationStep {
    /// The statement.
    pub text: Text,
    /// The amount it is about, signed.
    pub amount: Option<i64>,
    /// The ledger row behind it.
    pub entry_id: Option<EntryId>,
    /// The lot behind it.
    pub lot_id: Option<LotId>,
    /// Version of the rules behind it.
    pub rule_version: Option<i32>,
    /// When it happened or will happen.
    pub at: Option<Timestamp>,
}

/// The points rules as staff edit them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyVersion {
    /// The version; send it as `If-Match` with the next edit.
    pub version: i32,
    /// From when it holds.
    pub effective_from: Timestamp,
    /// The rules.
    pub policy: PointsPolicy,
}

/// Tries points rules on what members bought lately, without anything being kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TryPolicy {
    /// The rules to try.
    pub policy: PointsPolicy,
    /// Over how many of the last days, 1 to 90.
    #[serde(default = "TryPolicy::days")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 90, default = 30))]
    pub days: u16,
}

impl TryPolicy {
    /// Days of a trial that does not say.
    #[must_use]
    pub const fn days() -> u16 {
        30
    }
}

/// What points rules would have paid, beside what was paid. Refunds are taken off on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyTrial {
    /// From when on orders were looked at.
    pub from: Timestamp,
    /// Up to when.
    pub to: Timestamp,
    /// Paid orders of members in that time.
    pub orders: u64,
    /// What was paid.
    pub paid: TrialTotals,
    /// What would have been paid.
    pub would: TrialTotals,
    /// Members who would have got more.
    pub gain: u64,
    /// Members who would have got less.
    pub lose: u64,
    /// The members for whom it would have made the largest difference, largest first; at most 10.
    pub samples: Vec<TrialSample>,
}

/// Sums over the orders of a trial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrialTotals {
    /// Points.
    pub points: i64,
    /// Growth value.
    pub growth: i64,
    /// Members with any points.
    pub members: u64,
}

/// One member of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrialSample {
    /// The member.
    pub member_id: MemberId,
    /// What the member is called.
    pub name: Option<String>,
    /// Points that were paid.
    pub paid: i64,
    /// Points that would have been paid.
    pub would: i64,
}

/// The books: what each account holds. Members' balances and the counter-accounts add up to zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Books {
    /// One row an asset.
    pub assets: Vec<AssetBooks>,
}

/// The books of one asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssetBooks {
    /// Which asset.
    pub asset: Asset,
    /// What members hold, pending included: the liability.
    pub members: i64,
    /// The counter-accounts, signed the other way.
    pub counter_accounts: Vec<CounterBalance>,
}

/// What a counter-account holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CounterBalance {
    /// The account.
    pub account: CounterAccount,
    /// Its balance.
    pub balance: i64,
}
