//! Orders: what the shop says happened, and the receipt of what it brought.

pub mod api;
pub mod rules;

use crate::coupons::CouponReceipt;
use crate::ids::{EntryId, FlashClaimId, LotId, MemberId, OrderId};
use crate::points::Asset;
use crate::quantity::Currency;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most lines of an order.
pub const MAX_LINES: usize = 500;
/// Most events of one batch.
pub const MAX_BATCH: usize = 500;

/// One product of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderLine {
    /// The shop's id of the line, unique in the order.
    pub line_id: String,
    /// The product.
    pub sku: String,
    /// The product's category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// How many.
    pub quantity: i64,
    /// What all of them cost after discounts, without delivery, in minor units.
    pub amount: i64,
    /// The claim of a flash sale that this line buys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<FlashClaimId>,
}

/// What an order is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OrderStatus {
    /// Coterie has heard of it (a spend, or an event that waits), but not what is in it.
    Announced,
    /// Placed, not paid.
    Placed,
    /// Paid.
    Paid,
    /// On its way.
    Shipped,
    /// Arrived.
    Delivered,
    /// Cancelled as a whole.
    Cancelled,
    /// Refunded as a whole.
    Refunded,
}

/// An order as Coterie knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Our id.
    pub id: OrderId,
    /// The shop's id.
    pub external_id: String,
    /// Whose order; `None` for a guest's.
    pub member: Option<MemberId>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// What was bought; empty while announced.
    pub lines: Vec<LineState>,
    /// When each step happened.
    pub times: OrderTimes,
    /// What the order brought and used.
    pub receipt: Receipt,
}

/// When each step of an order happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderTimes {
    /// Placed.
    pub placed_at: Option<Timestamp>,
    /// Paid.
    pub paid_at: Option<Timestamp>,
    /// Shipped.
    pub shipped_at: Option<Timestamp>,
    /// Delivered.
    pub delivered_at: Option<Timestamp>,
    /// Cancelled.
    pub cancelled_at: Option<Timestamp>,
}

/// A line and how much of it was given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineState {
    /// The line.
    pub line: OrderLine,
    /// Refunded pieces.
    #[serde(default)]
    pub refunded_quantity: i64,
    /// Refunded money, in minor units; never more than the line's amount.
    #[serde(default)]
    pub refunded_amount: i64,
}

/// What an order brought and used, kept so that a refund replays it instead of today's rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// What was earned, once the order is paid by a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earned: Option<EarnedReceipt>,
    /// What was spent on the order, at most one an asset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spends: Vec<SpentReceipt>,
    /// Coupons that were used on the order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coupons: Vec<CouponReceipt>,
}

/// What an order earned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EarnedReceipt {
    /// Version of the points rules that decided.
    pub rule_version: i32,
    /// Tier at the time.
    pub tier_code: String,
    /// The tier's multiplier in basis points.
    pub tier_bps: i64,
    /// The lot that holds the points; none when nothing was earned.
    pub lot: Option<LotId>,
    /// The ledger row.
    pub entry: Option<EntryId>,
    /// One row a line, in the order's own order.
    pub lines: Vec<EarnedLine>,
}

/// What one line earned and how much of it was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EarnedLine {
    /// Points of the line.
    pub points: i64,
    /// Points due back so far, by refunds.
    pub points_returned: i64,
    /// Growth value of the line.
    pub growth: i64,
    /// Growth value taken back so far.
    pub growth_returned: i64,
}

/// What was spent on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpentReceipt {
    /// Which asset.
    pub asset: Asset,
    /// The ledger row.
    pub entry: EntryId,
    /// How much.
    pub amount: i64,
    /// How much was given back so far.
    pub restored: i64,
    /// Which lots gave it, in the order they were taken.
    pub taken: Vec<TakenFromLot>,
}

/// What one lot gave to a spend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TakenFromLot {
    /// The lot.
    pub lot: LotId,
    /// How much it gave.
    pub amount: i64,
    /// How much of that was given back.
    pub restored: i64,
}
