//! Tiers: a ladder of thresholds of growth value, with benefits.

pub mod api;
pub mod explain;
pub mod rules;

use crate::text::Text;
use serde::{Deserialize, Serialize};

/// Most tiers of a ladder.
pub const MAX_TIERS: usize = 10;

/// Over which time growth value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Window {
    /// The last 12 months.
    Rolling12Months,
    /// From 1 January in the member's time zone.
    CalendarYear,
    /// Since joining; tiers never end.
    Lifetime,
}

/// The ladder of tiers and how it is climbed and kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ladder {
    /// Over which time growth value counts.
    pub window: Window,
    /// Days after a failed review in which the tier can still be kept.
    pub grace_days: u16,
    /// Days before the review at which the member is warned.
    pub warn_days: u16,
    /// The tiers, lowest first; the first has threshold 0.
    pub tiers: Vec<Tier>,
}

/// One tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tier {
    /// Short name that never changes: `a-z`, `0-9`, `_`.
    pub code: String,
    /// What members call it.
    pub name: Text,
    /// Growth value that it asks for.
    pub threshold: i64,
    /// What it gives.
    pub benefits: Vec<Benefit>,
}

/// Something that a tier gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "BenefitFields")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Benefit {
    /// Points of orders are multiplied; 10,000 basis points is once.
    EarnMultiplier {
        /// The multiplier.
        bps: i64,
    },
    /// Delivery is free from this order amount on, in minor units.
    FreeShipping {
        /// Smallest order amount; 0 is always.
        from_amount: i64,
    },
    /// Points on the birthday.
    BirthdayGift {
        /// How many.
        points: i64,
    },
    /// Orders are sent first.
    PriorityShipping,
    /// A service agent of one's own.
    DedicatedService,
    /// Flash sales open earlier.
    FlashSaleEarlyAccess {
        /// How many minutes earlier.
        minutes: u32,
    },
    /// Anything else, in words.
    Other {
        /// Short name that is the same in all tiers that have it.
        code: String,
        /// What members read.
        name: Text,
    },
}

/// A benefit as it is read: the fields of all kinds side by side. What `serde` makes of the tag by
/// itself keeps everything until the kind is known, which a shopper would have to download.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BenefitFields {
    kind: String,
    bps: Option<i64>,
    from_amount: Option<i64>,
    points: Option<i64>,
    minutes: Option<u32>,
    code: Option<String>,
    name: Option<Text>,
}

impl TryFrom<BenefitFields> for Benefit {
    type Error = &'static str;

    fn try_from(it: BenefitFields) -> Result<Self, Self::Error> {
        let fields = (
            it.bps,
            it.from_amount,
            it.points,
            it.minutes,
            it.code,
            it.name,
        );
        Ok(match (it.kind.as_str(), fields) {
            ("earn_multiplier", (Some(bps), None, None, None, None, None)) => {
                Self::EarnMultiplier { bps }
            }
            ("free_shipping", (None, Some(from_amount), None, None, None, None)) => {
                Self::FreeShipping { from_amount }
            }
            ("birthday_gift", (None, None, Some(points), None, None, None)) => {
                Self::BirthdayGift { points }
            }
            ("priority_shipping", (None, None, None, None, None, None)) => Self::PriorityShipping,
            ("dedicated_service", (None, None, None, None, None, None)) => Self::DedicatedService,
            ("flash_sale_early_access", (None, None, None, Some(minutes), None, None)) => {
                Self::FlashSaleEarlyAccess { minutes }
            }
            ("other", (None, None, None, None, Some(code), Some(name))) => {
                Self::Other { code, name }
            }
            _ => return Err("no benefit of this kind with these fields"),
        })
    }
}

/// Why a tier changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ChangeCause {
    /// The member joined.
    Joined,
    /// Growth value reached a higher tier.
    Reached,
    /// Growth value was enough to keep the tier, after a warning or in the grace period.
    Kept,
    /// The tier's period ended with too little; the grace period began.
    GraceBegan,
    /// The grace period ended with too little; one step down.
    Lowered,
    /// Orders behind the tier were refunded.
    Refunded,
    /// A review lies ahead and growth value is short.
    Warned,
    /// The ladder was edited.
    LadderEdited,
    /// Two members were made one, or taken apart again.
    Merged,
}
