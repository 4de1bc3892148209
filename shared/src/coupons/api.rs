//! Requests and answers about coupons.

use super::{Cart, CouponSource, CouponState, CouponTerms, Discount, TemplateState};
use crate::ids::{CodeBatchId, CouponId, CouponTemplateId, MemberId, ReservationId};
use crate::orders::api::EarnForecast;
use crate::points::Asset;
use crate::text::Text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A template as staff see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Template {
    /// The template.
    pub id: CouponTemplateId,
    /// The version of its terms; send it as `If-Match` with the next edit.
    pub version: i32,
    /// Whether coupons are issued and used.
    pub state: TemplateState,
    /// The terms.
    pub terms: CouponTerms,
    /// How many coupons were issued.
    pub issued: i64,
    /// How often they were used or are reserved.
    pub committed_uses: i64,
    /// What was or will be taken off by that, in minor units.
    pub committed_amount: i64,
    /// How often they were used.
    pub redeemed_uses: i64,
    /// What was taken off, in minor units.
    pub redeemed_amount: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Puts a template into another state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetTemplateState {
    /// The state: `active`, `paused` or `ended`.
    pub state: TemplateState,
}

/// What was used of a template on one day, for the picture of its budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BurnDay {
    /// The day, in the programme's time zone.
    pub day: crate::time::Day,
    /// Uses.
    pub uses: i64,
    /// What they took off, in minor units.
    pub amount: i64,
}

/// How the budget of a template is used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Burn {
    /// The last thirty days, oldest first.
    pub days: Vec<BurnDay>,
}

/// Gives coupons of a template to members, by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrantCoupons {
    /// 1 to 500 members: `mem_…`, or `ext:` and the shop's customer id.
    pub members: Vec<String>,
    /// Why; auditors read it. 3 to 200 characters.
    pub reason: String,
}

/// What became of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Granted {
    /// How many coupons were issued.
    pub issued: i64,
    /// Members that were not found.
    pub unknown: Vec<String>,
}

/// Gives a coupon to a member by a reference of the shop's own. The same reference again gives the
/// same coupon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishCoupon {
    /// `mem_…`, or `ext:` and the shop's customer id.
    pub member: String,
    /// The shop's reference: 1 to 100 visible characters.
    pub source_id: String,
}

/// Takes a coupon in the claim centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimCoupon {
    /// Of which template.
    pub template_id: CouponTemplateId,
}

/// Types in a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnterCode {
    /// The code, as typed.
    pub code: String,
}

/// A coupon as its member and staff see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CouponView {
    /// The coupon.
    pub id: CouponId,
    /// Its template.
    pub template_id: CouponTemplateId,
    /// What a till scans, as people read it.
    pub code: String,
    /// Where it is in its life.
    pub state: CouponState,
    /// What it is called.
    pub name: Text,
    /// The small print.
    pub description: Text,
    /// What it gives.
    pub discount: Discount,
    /// Least that the lines in scope must cost, in minor units.
    pub threshold_amount: i64,
    /// Which lines it is for.
    pub scope: super::CouponScope,
    /// What it can be used together with.
    pub stacking: super::Stacking,
    /// First instant at which it can be used.
    pub valid_from: Timestamp,
    /// Last instant at which it can be used.
    pub expires_at: Timestamp,
    /// How many uses are left.
    pub uses_left: i64,
    /// How it came to the member.
    pub source: CouponSource,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The shop's id of the last order that used or holds it.
    pub order_id: Option<String>,
}

/// A coupon in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CouponDetail {
    /// The coupon.
    pub coupon: CouponView,
    /// Whose it is.
    pub member_id: MemberId,
    /// What keeps it from being used now; empty when it can be used.
    pub reasons: Vec<ReasonView>,
    /// Its code as a picture to scan.
    pub qr: QrPicture,
}

/// A QR code as one SVG path on a square of `size` units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QrPicture {
    /// Length of a side, with the quiet zone.
    pub size: u32,
    /// The dark squares, for the `d` of a path.
    pub path: String,
}

/// Why a coupon cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReasonView {
    /// The stable code, such as `coupons.expired`.
    pub code: String,
    /// What to tell people.
    pub text: Text,
    /// The amount or number that it is about, such as what is missing to the threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<i64>,
    /// The instant that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// How many coupons a member has, by the wallet's tabs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WalletCounts {
    /// Can be used, now or from a later day, or held by an order.
    pub usable: i64,
    /// Used.
    pub used: i64,
    /// Ended unused or taken back.
    pub expired: i64,
    /// Of the usable ones, those that end within three days.
    pub ending_soon: i64,
}

/// A tab of the wallet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WalletTab {
    /// Can be used, now or from a later day, or held by an order.
    #[default]
    Usable,
    /// Used.
    Used,
    /// Ended unused or taken back.
    Expired,
}

/// What a member can do about an offer of the claim centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OfferState {
    /// It can be taken.
    Claimable,
    /// The member has as many as one member can have.
    Claimed,
    /// It is for other tiers.
    TierLocked,
    /// All of them are issued.
    AllIssued,
}

/// A template in the claim centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Offer {
    /// The template.
    pub template_id: CouponTemplateId,
    /// What it is called.
    pub name: Text,
    /// The small print.
    pub description: Text,
    /// What it gives.
    pub discount: Discount,
    /// Least that the lines in scope must cost, in minor units.
    pub threshold_amount: i64,
    /// When it can be used.
    pub validity: super::Validity,
    /// What the tiers are called that it is for; everyone when empty.
    pub tiers: Vec<Text>,
    /// How many are left; `None` without a limit.
    pub left: Option<i64>,
    /// How many the member has taken.
    pub claimed: i64,
    /// What the member can do.
    pub state: OfferState,
}

/// What happens when one of several coupons cannot be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CouponPolicy {
    /// None is used.
    #[default]
    All,
    /// The others are used.
    Partial,
}

/// A cart with what shall pay for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Checkout {
    /// Whose cart: `mem_…`, or `ext:` and the shop's customer id.
    pub member: String,
    /// What is in it, before any discount.
    pub cart: Cart,
    /// Up to 30 coupons: `cpn_…`, or codes.
    #[serde(default)]
    pub coupons: Vec<String>,
    /// What happens when one of them cannot be used.
    #[serde(default)]
    pub policy: CouponPolicy,
    /// Points that shall pay, after coupons.
    #[serde(default)]
    pub points: i64,
    /// Store credit that shall pay, in minor units, after coupons and points.
    #[serde(default)]
    pub credit: i64,
}

/// What a checkout comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quote {
    /// Whether everything that was asked for can be used.
    pub valid: bool,
    /// The lines, in the order given.
    pub lines: Vec<QuoteLine>,
    /// The coupons, in the order given.
    pub coupons: Vec<QuoteCoupon>,
    /// What points and credit pay.
    pub payments: Vec<QuotePayment>,
    /// Sum of the lines before any discount, in minor units.
    pub amount: i64,
    /// What coupons take off the lines.
    pub discount: i64,
    /// Delivery before any discount.
    pub shipping: i64,
    /// What coupons take off delivery.
    pub shipping_discount: i64,
    /// What is left to pay with money, delivery included.
    pub due: i64,
}

/// A line of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteLine {
    /// The line.
    pub line_id: String,
    /// What it costs before any discount.
    pub amount: i64,
    /// What coupons take off it.
    pub discount: i64,
    /// What it costs after coupons: send this as the line's amount with the order's events.
    pub net: i64,
}

/// A coupon of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteCoupon {
    /// As it was named in the request.
    pub reference: String,
    /// The coupon; absent when there is none.
    pub coupon_id: Option<CouponId>,
    /// Its template.
    pub template_id: Option<CouponTemplateId>,
    /// What it is called.
    pub name: Option<Text>,
    /// The version of its terms.
    pub version: Option<i32>,
    /// Every reason against it; empty when it is used.
    pub reasons: Vec<ReasonView>,
    /// What it takes off the lines.
    pub discount: i64,
    /// What it takes off delivery.
    pub shipping_discount: i64,
    /// The product that the shop adds.
    pub gift_sku: Option<String>,
    /// What it takes off each line.
    pub shares: Vec<super::CouponShare>,
}

/// Asks what the best of a cart is for a member: which coupons to use, what points and credit could
/// pay, and what the order would bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskCheckout {
    /// Whose cart: `mem_…`, or `ext:` and the shop's customer id.
    pub member: String,
    /// What is in it, before any discount.
    pub cart: Cart,
    /// Up to 30 codes that the member has typed in; they are judged with the wallet.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Points that shall pay, after coupons.
    #[serde(default)]
    pub points: i64,
    /// Store credit that shall pay, in minor units, after coupons and points.
    #[serde(default)]
    pub credit: i64,
}

/// The best of a cart for a member. Nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckoutQuote {
    /// The checkout with the coupons that take the most off: send it on to
    /// `POST /api/v1/coupon_reservations` as it is.
    pub checkout: Checkout,
    /// What that comes to.
    pub quote: Quote,
    /// Every coupon of the wallet, what ends first first, then the codes: whether it is used, and
    /// every reason against those that are not. At most 200.
    pub wallet: Vec<WalletQuote>,
    /// Whether every combination was tried; with very many coupons, the best of some is used.
    pub exhaustive: bool,
    /// What points and credit could pay at most, in the order in which they pay.
    pub spendable: Vec<Spendable>,
    /// What the order would bring if it were paid now.
    pub earn: EarnForecast,
}

/// A coupon of the wallet at a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WalletQuote {
    /// Whether the checkout uses it.
    pub used: bool,
    /// When it ends; absent when there is none.
    pub expires_at: Option<Timestamp>,
    /// What it does, or every reason against it.
    pub coupon: QuoteCoupon,
}

/// What an asset could pay at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Spendable {
    /// Which asset.
    pub asset: Asset,
    /// What the member has of it.
    pub available: i64,
    /// How much of it this order can take.
    pub most: i64,
    /// What that pays, in minor units.
    pub pays: i64,
    /// Why none of it can; absent when some can.
    pub reason: Option<ReasonView>,
}

/// A payment by points or credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuotePayment {
    /// Which asset.
    pub asset: Asset,
    /// How much of it.
    pub amount: i64,
    /// What it pays, in minor units.
    pub pays: i64,
    /// What it pays of each line, in the lines' order.
    pub shares: Vec<i64>,
    /// Why it cannot be used; none when it can.
    pub reason: Option<ReasonView>,
}

/// Holds coupons, points and credit for a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReserveCoupons {
    /// The shop's id of the checkout: 1 to 100 visible characters. Reserving again with it replaces
    /// what it held.
    pub session_key: String,
    /// For how many seconds: 30 to 86,400; 900 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<i64>,
    /// The checkout.
    pub checkout: Checkout,
}

/// Holds a reservation for longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExtendReservation {
    /// For how many seconds from now: 30 to 86,400.
    pub ttl_s: i64,
}

/// Uses what a reservation holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RedeemReservation {
    /// The shop's order id.
    pub order_id: String,
}

/// Uses coupons, points and credit at once, without a reservation before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RedeemCoupons {
    /// The shop's order id.
    pub order_id: String,
    /// The checkout.
    pub checkout: Checkout,
}

/// Where a reservation is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReservationState {
    /// It holds what it names.
    Held,
    /// An order used it.
    Redeemed,
    /// The shop let it go.
    Released,
    /// Its time ran out.
    Expired,
    /// The use was undone.
    RolledBack,
}

/// A reservation and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reservation {
    /// The reservation.
    pub id: ReservationId,
    /// The shop's id of the checkout.
    pub session_key: String,
    /// Whose checkout.
    pub member_id: MemberId,
    /// Where it is in its life.
    pub state: ReservationState,
    /// The shop's order id, once it was used.
    pub order_id: Option<String>,
    /// When it lets go by itself.
    pub expires_at: Timestamp,
    /// What the checkout came to.
    pub quote: Quote,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A use of a coupon, for the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Redemption {
    /// The coupon.
    pub coupon_id: CouponId,
    /// Its template.
    pub template_id: CouponTemplateId,
    /// Whose it is.
    pub member_id: MemberId,
    /// The reservation by which it was used.
    pub reservation_id: ReservationId,
    /// What became of the use.
    pub state: UseState,
    /// What it took off, in minor units.
    pub amount: i64,
    /// The shop's order id.
    pub order_id: Option<String>,
    /// When it was last changed.
    pub at: Timestamp,
}

/// What became of a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum UseState {
    /// A reservation holds it.
    Held,
    /// An order used it.
    Redeemed,
    /// The reservation let it go.
    Released,
    /// It came back, because its order was cancelled or refunded or the use was undone.
    Returned,
}

/// Tries terms on a cart, without anything being kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimulateCoupons {
    /// Terms that need not be those of a template; up to 30 that are used together.
    pub terms: Vec<CouponTerms>,
    /// The cart, before any discount.
    pub cart: Cart,
}

/// Makes many codes, each of which one member can type in once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MakeCodes {
    /// How many: 1 to 5,000,000.
    pub count: i64,
}

/// What a batch of codes is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BatchState {
    /// Codes are being made.
    Running,
    /// All are there.
    Done,
    /// It was stopped; what was made stays.
    Cancelled,
}

/// A batch of codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CodeBatch {
    /// The batch.
    pub id: CodeBatchId,
    /// The template.
    pub template_id: CouponTemplateId,
    /// Whether the shop brought the codes.
    pub imported: bool,
    /// How many there shall be.
    pub wanted: i64,
    /// How many there are.
    pub made: i64,
    /// What it is doing.
    pub state: BatchState,
    /// Lines of an import that could not be taken, up to 1,000.
    pub bad_lines: Vec<BadLine>,
    /// How many lines could not be taken.
    pub bad_count: i64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was done or stopped.
    pub finished_at: Option<Timestamp>,
}

/// A line of an import that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BadLine {
    /// Its number, from 1.
    pub line: i64,
    /// `invalid`, `mistyped`, `duplicate` or `taken`.
    pub code: String,
}
