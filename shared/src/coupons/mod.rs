//! Coupons: what a template promises, what a member holds, and how both become a price.

pub mod api;
pub mod best;
pub mod codes;
pub mod explain;
pub mod pricing;
pub mod rules;
pub mod terms;
#[cfg(test)]
mod testing;

use crate::ids::{CouponId, CouponTemplateId, MemberId, ReservationId};
use crate::members::audience::Audience;
use crate::orders::OrderLine;
use crate::quantity::Currency;
use crate::text::Text;
use crate::time::{Day, Timestamp};
use serde::{Deserialize, Serialize};

/// Most coupons of one checkout.
pub const MAX_COUPONS: usize = 30;

/// What a coupon promises. Every version is kept: an issued coupon keeps the one it was issued by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CouponTerms {
    /// What members call it.
    pub name: Text,
    /// The small print; may be empty.
    #[serde(default = "no_text")]
    pub description: Text,
    /// What it gives.
    pub discount: Discount,
    /// The lines in scope must cost at least this before any coupon, in minor units; 0 for none.
    #[serde(default)]
    pub threshold_amount: i64,
    /// Which lines it is for.
    #[serde(default)]
    pub scope: CouponScope,
    /// Who can have and use it.
    #[serde(default)]
    pub audience: Audience,
    /// When it can be used.
    pub validity: Validity,
    /// How many there are and how often they can be used.
    #[serde(default)]
    pub limits: CouponLimits,
    /// What it can be used together with.
    #[serde(default)]
    pub stacking: Stacking,
    /// Whether members find it in the claim centre.
    #[serde(default)]
    pub claimable: bool,
    /// A code that any member can type in to get one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_code: Option<String>,
    /// Days for which a coupon can be used that came back after its end.
    #[serde(default = "a_week")]
    pub grace_days: u16,
}

const fn a_week() -> u16 {
    7
}

fn no_text() -> Text {
    Text::new("", "")
}

/// What a coupon gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Discount {
    /// A fixed amount less.
    AmountOff {
        /// How much, in minor units.
        amount: i64,
    },
    /// A part of the price less.
    PercentageOff {
        /// The part, in basis points: 1,000 is a tenth less.
        bps: i64,
        /// Most that it takes off, in minor units.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        discount_cap: Option<i64>,
    },
    /// Delivery costs less or nothing.
    FreeShipping {
        /// Most that it takes off, in minor units.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        discount_cap: Option<i64>,
    },
    /// The shop adds a product.
    Gift {
        /// The product.
        sku: String,
    },
}

/// Which lines a coupon is for: all, or those of named categories and products; never the excluded.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CouponScope {
    /// Only these categories.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Only these products.
    #[serde(default)]
    pub skus: Vec<String>,
    /// Never these categories.
    #[serde(default)]
    pub excluded_categories: Vec<String>,
    /// Never these products.
    #[serde(default)]
    pub excluded_skus: Vec<String>,
}

/// When a coupon can be used. Ends are inclusive to the last moment of the member's own day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Validity {
    /// From one day to another, both included.
    Dated {
        /// First day.
        from: Day,
        /// Last day.
        until: Day,
    },
    /// From when it is issued, for some days.
    Days {
        /// To the end of the day this many days after the day of issue.
        days: u16,
    },
}

/// How many coupons there are and how often they can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CouponLimits {
    /// Most coupons that are ever issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_max: Option<i64>,
    /// Most coupons that one member gets by claiming or by code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_max_per_member: Option<i64>,
    /// How often one coupon can be used.
    #[serde(default = "once")]
    pub uses_per_coupon: i64,
    /// How often one member can use coupons of this template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_max_per_member: Option<i64>,
    /// Budget: how often coupons of this template can be used in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_uses: Option<i64>,
    /// Budget: how much they can take off in all, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_amount: Option<i64>,
}

const fn once() -> i64 {
    1
}

impl Default for CouponLimits {
    fn default() -> Self {
        Self {
            issue_max: None,
            issue_max_per_member: None,
            uses_per_coupon: once(),
            use_max_per_member: None,
            budget_uses: None,
            budget_amount: None,
        }
    }
}

/// What a coupon can be used together with: one of each group, and an exclusive one alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stacking {
    /// Of all coupons in one group, an order takes one.
    #[serde(default = "the_group")]
    pub group: String,
    /// Whether it is used alone.
    #[serde(default)]
    pub exclusive: bool,
}

fn the_group() -> String {
    "default".to_owned()
}

impl Default for Stacking {
    fn default() -> Self {
        Self {
            group: the_group(),
            exclusive: false,
        }
    }
}

/// Whether coupons of a template are issued and used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TemplateState {
    /// Being written: nothing is issued.
    Draft,
    /// Issued and used.
    Active,
    /// Held for now: nothing is issued or used.
    Paused,
    /// Nothing more is issued; what members hold can be used to its end.
    Ended,
}

/// How a coupon came to its member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CouponSourceKind {
    /// Taken in the claim centre.
    Claim,
    /// Given by staff.
    Grant,
    /// Given by the shop's systems, with a reference of theirs.
    Publication,
    /// Typed in as a code.
    Code,
    /// Reward of a task or a check-in.
    Task,
    /// Reward of an invitation.
    Referral,
    /// Apology for a flash sale.
    FlashSale,
    /// Brought in with a file.
    Import,
}

/// What a coupon came from. The same source never gives a second coupon of one template.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CouponSource {
    /// The kind of thing.
    pub kind: CouponSourceKind,
    /// Its id.
    pub reference: String,
}

impl CouponSource {
    /// Whether a check-in gave it: the reference of a reward begins with what rewarded it.
    #[must_use]
    pub fn is_check_in(&self) -> bool {
        self.kind == CouponSourceKind::Task && self.reference.starts_with("check_in/")
    }
}

/// What a member holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    /// The coupon.
    pub id: CouponId,
    /// Its template.
    pub template: CouponTemplateId,
    /// The version of the terms that it was issued by.
    pub version: i32,
    /// Whose it is.
    pub member: MemberId,
    /// What a till scans.
    pub code: String,
    /// First instant at which it can be used.
    pub valid_from: Timestamp,
    /// Last instant at which it can be used.
    pub expires_at: Timestamp,
    /// How often it can be used.
    pub uses_max: i64,
    /// How often it was used.
    pub used: i64,
    /// How many uses reservations hold.
    pub reserved: i64,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// Where a coupon is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CouponState {
    /// Its first day has not come.
    Upcoming,
    /// It can be used.
    Available,
    /// An order holds it.
    Reserved,
    /// It was used.
    Used,
    /// It ended unused.
    Expired,
    /// It was taken back.
    Revoked,
}

/// What a member wants to buy, before any discount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cart {
    /// The currency of all amounts.
    pub currency: Currency,
    /// The lines: `amount` is what all pieces cost before any discount.
    pub lines: Vec<OrderLine>,
    /// What delivery costs, in minor units.
    #[serde(default)]
    pub shipping: i64,
}

/// What one coupon did for an order, kept in its receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CouponReceipt {
    /// The coupon.
    pub coupon: CouponId,
    /// Its template.
    pub template: CouponTemplateId,
    /// The version of its terms.
    pub version: i32,
    /// The reservation by which it was used.
    pub reservation: ReservationId,
    /// What it took off the lines, in minor units.
    pub discount: i64,
    /// What it took off delivery, in minor units.
    pub shipping_discount: i64,
    /// What it took off each line.
    pub lines: Vec<CouponShare>,
    /// When it came back to the member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_at: Option<Timestamp>,
}

/// What a coupon took off one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CouponShare {
    /// The line.
    pub line_id: String,
    /// How much, in minor units.
    pub discount: i64,
    /// What of it belongs to pieces that were refunded: the rest is the kept pieces' own.
    #[serde(default)]
    pub returned: i64,
}
