//! Flash sales: few products at a low price for a short time, for some members first, and what
//! members hold of them until they pay.

pub mod api;
pub mod rules;
pub mod schedule;
pub mod seats;
pub mod terms;

use crate::ids::{CommunityId, CouponTemplateId};
use crate::text::Text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most products of a sale.
pub const MAX_PRODUCTS: usize = 50;
/// Most pieces of a product.
pub const MAX_STOCK: i64 = 10_000_000;
/// Most pieces that one member can have of a product.
pub const MAX_PER_MEMBER: i64 = 100;
/// Most steps of a staged opening.
pub const MAX_EARLY: usize = 10;
/// Most minutes by which somebody comes in early: a week.
pub const MAX_EARLY_MINUTES: u32 = 7 * 24 * 60;
/// Most minutes to pay: a day.
pub const MAX_PAYMENT_MINUTES: u32 = 24 * 60;
/// Days for which a sale can last.
pub const MAX_DAYS: i64 = 31;

/// What a sale is, as staff write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaleDefinition {
    /// What it is called.
    pub title: Text,
    /// What is sold: 1 to 50 products.
    pub products: Vec<SaleProduct>,
    /// When it opens for everybody it is for.
    pub starts_at: Timestamp,
    /// When it is over.
    pub ends_at: Timestamp,
    /// Who it is for.
    #[serde(default)]
    pub audience: SaleAudience,
    /// Who comes in before it opens for everybody.
    #[serde(default)]
    pub early: Vec<EarlyAccess>,
    /// Minutes for which a claim is held for its payment.
    pub payment_minutes: u32,
    /// Whether there is another one a week later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekly: Option<Weekly>,
    /// The coupon for whoever paid too late for anything to be left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apology: Option<CouponTemplateId>,
}

/// A product of a sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaleProduct {
    /// The shop's id of the product, unique in the sale.
    pub sku: String,
    /// What it is called.
    pub name: Text,
    /// What it costs in the sale, in minor units.
    pub price: i64,
    /// What it costs otherwise.
    pub list_price: i64,
    /// How many there are in the sale.
    pub stock: i64,
    /// How many one member can have.
    pub per_member: i64,
    /// How many the members of one community can have together; absent for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_community: Option<i64>,
}

/// Who a sale is for. What is empty does not narrow; every part that is not must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaleAudience {
    /// A member must belong to one of these communities.
    pub communities: Vec<CommunityId>,
    /// A member, or a community of the member, must have one of these tags.
    pub tags: Vec<String>,
    /// The lowest tier that may take part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_tier: Option<String>,
}

/// Members from a tier upwards come in earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EarlyAccess {
    /// Code of the lowest tier that comes in then.
    pub tier: String,
    /// How many minutes before the others.
    pub minutes: u32,
}

/// The same sale every week, at the same time of the shop's clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Weekly {
    /// No sale starts after this instant; absent to go on until it is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// What staff did with a sale. What time made of it is its [`Phase`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SaleState {
    /// Being written; nobody else sees it.
    Draft,
    /// Published.
    Scheduled,
    /// Called off.
    Cancelled,
}

/// What a sale is doing at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Phase {
    /// Being written.
    Draft,
    /// Not open for anybody yet.
    Scheduled,
    /// Open for higher tiers.
    Early,
    /// Open for everybody it is for.
    Live,
    /// Over.
    Ended,
    /// Called off.
    Cancelled,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ClaimState {
    /// Held until the payment deadline.
    Held,
    /// Paid.
    Paid,
    /// Back on sale.
    Released,
    /// Paid when nothing was left: the money has to go back.
    RefundDue,
}

/// Why a claim stands where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ClaimReason {
    /// It was claimed.
    Claimed,
    /// It was paid while it was held.
    PaidInTime,
    /// It was paid too late, and there was some left.
    Reseated,
    /// It was not paid in time.
    Deadline,
    /// The sale was cancelled.
    SaleCancelled,
    /// Its order was cancelled.
    OrderCancelled,
    /// The member is gone.
    MemberGone,
    /// It was paid too late, and there was none left.
    TooLate,
}
