//! Requests and answers about flash sales.

use super::rules::NotNow;
use super::{ClaimReason, ClaimState, EarlyAccess, Phase, SaleDefinition, SaleState};
use crate::ids::{CommunityId, FlashClaimId, FlashSaleId, MemberId, SaleSeriesId};
use crate::text::Text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A sale, for staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlashSale {
    /// The sale.
    pub id: FlashSaleId,
    /// The sales that follow each other week by week.
    pub series: SaleSeriesId,
    /// Grows with every change of what staff wrote.
    pub version: i32,
    /// What staff did with it.
    pub state: SaleState,
    /// What it is doing now.
    pub phase: Phase,
    /// Whether staff stopped it for the moment.
    pub paused: bool,
    /// What staff wrote.
    pub definition: SaleDefinition,
    /// What became of each product, in the order of the definition.
    pub stock: Vec<ProductStock>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// What became of the pieces of a product: held, sold and free make up the stock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductStock {
    /// The product.
    pub sku: String,
    /// How many there are in the sale.
    pub stock: i64,
    /// How many wait for their payment.
    pub held: i64,
    /// How many are paid.
    pub sold: i64,
    /// How many can be had.
    pub free: i64,
}

/// Adds pieces to a sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddStock {
    /// The product.
    pub sku: String,
    /// How many more.
    pub quantity: i64,
}

/// Calls a sale off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CancelSale {
    /// Whether no sale of the series follows in the next weeks.
    #[serde(default)]
    pub stop_series: bool,
}

/// A sale, for a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberSale {
    /// The sale.
    pub id: FlashSaleId,
    /// What it is called.
    pub title: Text,
    /// What it is doing now.
    pub phase: Phase,
    /// Whether it is stopped for the moment.
    pub paused: bool,
    /// When it opens for everybody it is for.
    pub starts_at: Timestamp,
    /// When it opens for the member.
    pub opens_at: Timestamp,
    /// When it is over.
    pub ends_at: Timestamp,
    /// Who comes in before it opens for everybody.
    pub early: Vec<EarlyAccess>,
    /// Minutes for which a claim is held for its payment.
    pub payment_minutes: u32,
    /// What is sold.
    pub products: Vec<MemberProduct>,
    /// Everything that keeps the member from claiming now, the one that weighs most first.
    pub blocked: Vec<NotNow>,
    /// Whether the member wants to hear before it opens.
    pub remind: bool,
    /// What the server's clock shows.
    pub server_time: Timestamp,
}

/// A product of a sale, for a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberProduct {
    /// The product.
    pub sku: String,
    /// What it is called.
    pub name: Text,
    /// What it costs in the sale, in minor units.
    pub price: i64,
    /// What it costs otherwise.
    pub list_price: i64,
    /// How many there are in the sale.
    pub stock: i64,
    /// How many can be had.
    pub free: i64,
    /// How many one member can have.
    pub per_member: i64,
    /// How many the member has.
    pub mine: i64,
}

/// The sales that a member can take part in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberSales {
    /// Those that are open or will open, and those that ended a short while ago; the one that
    /// opens first first.
    pub sales: Vec<MemberSale>,
    /// What the server's clock shows.
    pub server_time: Timestamp,
}

/// What changes while a sale runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaleLive {
    /// The sale.
    pub id: FlashSaleId,
    /// What it is doing now.
    pub phase: Phase,
    /// Whether it is stopped for the moment.
    pub paused: bool,
    /// Whether nothing can be had at this moment.
    pub sold_out: bool,
    /// What is left of each product.
    pub products: Vec<LiveProduct>,
    /// What the server's clock shows.
    pub server_time: Timestamp,
}

/// What is left of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveProduct {
    /// The product.
    pub sku: String,
    /// How many there are in the sale.
    pub stock: i64,
    /// How many can be had.
    pub free: i64,
}

/// Claims pieces of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimProduct {
    /// The product.
    pub sku: String,
    /// How many.
    #[serde(default = "one")]
    pub quantity: i64,
}

const fn one() -> i64 {
    1
}

/// What a member holds of a sale, or bought there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlashClaim {
    /// The claim; the line of the order that buys it names it.
    pub id: FlashClaimId,
    /// The sale.
    pub sale_id: FlashSaleId,
    /// What the sale is called.
    pub title: Text,
    /// Whose it is.
    pub member_id: MemberId,
    /// The product.
    pub sku: String,
    /// What it is called.
    pub name: Text,
    /// How many.
    pub quantity: i64,
    /// What one costs, in minor units.
    pub price: i64,
    /// What became of it.
    pub state: ClaimState,
    /// Why.
    pub reason: ClaimReason,
    /// When it was claimed.
    pub claimed_at: Timestamp,
    /// Until when it is held for its payment.
    pub pay_by: Timestamp,
    /// The shop's id of the order that paid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
}

/// A claim as the staff who look after its sale see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaleClaim {
    /// The claim.
    #[serde(flatten)]
    pub claim: FlashClaim,
    /// The member's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_name: Option<String>,
    /// The tier that the member had.
    pub tier: String,
    /// When it was paid, or went back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Timestamp>,
}

/// Whether a member wants to hear before a sale opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Remind {
    /// Whether.
    pub remind: bool,
}

/// What a sale brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaleReport {
    /// All of it.
    pub total: SaleFigures,
    /// What became of each product.
    pub products: Vec<ProductStock>,
    /// By the community whose share it was; without one for members of none.
    pub communities: Vec<CommunityFigures>,
    /// By the tier that members had when they claimed.
    pub tiers: Vec<TierFigures>,
}

/// Claims in figures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaleFigures {
    /// Members who looked at the sale.
    pub visitors: i64,
    /// Members who wanted something when nothing was left for them, and have nothing of the sale.
    pub missed: i64,
    /// Claims.
    pub claims: i64,
    /// Pieces that were claimed.
    pub claimed: i64,
    /// Pieces that wait for their payment.
    pub held: i64,
    /// Pieces that are paid.
    pub paid: i64,
    /// Pieces that went back.
    pub released: i64,
    /// Pieces that were paid when nothing was left.
    pub refund_due: i64,
    /// What the paid pieces cost, in minor units.
    pub amount: i64,
}

/// Claims of a community in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommunityFigures {
    /// The community.
    pub community_id: Option<CommunityId>,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its claims.
    pub figures: SaleFigures,
}

/// Claims of a tier in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TierFigures {
    /// Code of the tier.
    pub tier: String,
    /// Its claims.
    pub figures: SaleFigures,
}

/// How a sale runs, second by second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SalePulse {
    /// The sale as it is now.
    pub sale: FlashSale,
    /// Seconds between two beats.
    pub step_s: i64,
    /// What was claimed in each step, the earliest first; steps without a claim are left out.
    pub beats: Vec<PulseBeat>,
    /// Claims that were refused, by why, the most frequent first.
    pub refusals: Vec<Refusals>,
    /// What the server's clock shows.
    pub server_time: Timestamp,
}

/// What was claimed in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PulseBeat {
    /// When the step began.
    pub at: Timestamp,
    /// Claims that won.
    pub claims: i64,
    /// Their pieces.
    pub pieces: i64,
}

/// Claims that were refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refusals {
    /// The code of the answer, such as `flash_sales.sold_out`.
    pub code: String,
    /// How many.
    pub count: i64,
}
