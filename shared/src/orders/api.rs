//! Requests and answers about orders.

use super::{LineState, OrderLine, OrderStatus, OrderTimes, Receipt};
use crate::ids::{MemberId, OrderId, ReservationId};
use crate::problem::Problem;
use crate::quantity::Currency;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that happened to an order. Sending the same event again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderEvent {
    /// The shop's id of this event; unique for ever. 1 to 100 visible characters.
    pub event_id: String,
    /// The shop's id of the order. 1 to 100 visible characters.
    pub order_id: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// What is in the order: needed by `placed`; by `paid` unless a `placed` event carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Contents>,
    /// For `refunded`: which lines and how much of each; none means all that is left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<RefundLine>,
    /// With `placed` or `paid`: the reservation whose coupons, points and credit the order uses. One
    /// that has ended refuses the event. In a batch it is not allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation: Option<ReservationId>,
}

/// What can happen to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EventKind {
    /// The order was placed.
    Placed,
    /// The order was paid.
    Paid,
    /// The order left.
    Shipped,
    /// The order arrived.
    Delivered,
    /// The order was cancelled as a whole; what was paid is given back.
    Cancelled,
    /// Lines were refunded.
    Refunded,
}

/// What is in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contents {
    /// Whose order: `mem_…` or `ext:` and the shop's customer id; absent for a guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// What was bought: 1 to 500 lines.
    pub lines: Vec<OrderLine>,
}

/// A refund of one line: pieces, or an amount of money, or both absent for all that is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefundLine {
    /// The line.
    pub line_id: String,
    /// How many pieces come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
    /// How much money goes back, when it is not the pieces' own share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EventState {
    /// It took effect now.
    Applied,
    /// It is kept until the events before it arrive.
    Waiting,
    /// It was sent before; nothing changed.
    Duplicate,
}

/// What one event brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventResult {
    /// The event.
    pub event_id: String,
    /// Our id of the order.
    pub id: OrderId,
    /// What became of the event.
    pub state: EventState,
}

/// Several events, applied in the order given, each for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventBatch {
    /// 1 to 500 events.
    pub events: Vec<OrderEvent>,
}

/// What each event of a batch brought, in the order given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchResult {
    /// One row an event.
    pub results: Vec<BatchRow>,
}

/// An event of a batch: either its result or why it was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchRow {
    /// What it brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<EventResult>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// An order with its receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderView {
    /// Our id.
    pub id: OrderId,
    /// The shop's id.
    pub external_id: String,
    /// Whose order.
    pub member_id: Option<MemberId>,
    /// What the order is doing.
    pub status: OrderStatus,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Sum of the lines, in minor units.
    pub amount: i64,
    /// What of it was refunded.
    pub refunded_amount: i64,
    /// The lines.
    pub lines: Vec<LineState>,
    /// When each step happened.
    pub times: OrderTimes,
    /// What the order brought and used.
    pub receipt: Receipt,
    /// Events that wait for others.
    pub waiting_events: Vec<String>,
}

/// Gives a guest's order to a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimOrder {
    /// `mem_…` or `ext:` and the shop's customer id.
    pub member: String,
}

/// Asks what an order would earn, without anything being kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimulateEarn {
    /// What would be in the order.
    pub order: Contents,
}

/// What an order would earn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EarnForecast {
    /// Points.
    pub points: i64,
    /// Growth value.
    pub growth: i64,
    /// When the points could be spent.
    pub active_from: Timestamp,
    /// When the points would end.
    pub expires_at: Option<Timestamp>,
    /// Code of the member's tier before the order.
    #[serde(default)]
    pub tier_code_before: Option<String>,
    /// Code of the member's tier after the order.
    pub tier_code_after: Option<String>,
    /// What each line would earn.
    pub receipt: super::EarnedReceipt,
}
