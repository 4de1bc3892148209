//! Messages to members, in the member centre: what ends soon, what became of the tier.
//!
//! A message is kept as facts, not as prose: [`rules::words`] writes it in both languages when it
//! is read.

pub mod api;
pub mod rules;

use crate::ids::{CommunityId, FlashClaimId, FlashSaleId};
use crate::points::Asset;
use crate::rewards::Reward;
use crate::text::Text;
use crate::tiers::ChangeCause;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Days for which a message is kept.
pub const KEPT_DAYS: i64 = 180;

/// What a message is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Content {
    /// Part of a balance ends soon.
    Expiring {
        /// Which balance.
        asset: Asset,
        /// How much of it.
        amount: i64,
        /// The last instant at which it can be spent.
        at: Timestamp,
    },
    /// A review of the tier lies ahead, and growth value is short.
    TierWarned {
        /// The tier.
        tier: TierName,
        /// Growth value that counts so far.
        growth_value: i64,
        /// Growth value that keeps the tier.
        threshold: i64,
    },
    /// The period of the tier has ended with too little; the grace period runs.
    TierGrace {
        /// The tier.
        tier: TierName,
        /// Growth value that counts so far.
        growth_value: i64,
        /// Growth value that keeps the tier.
        threshold: i64,
    },
    /// A higher tier.
    TierRaised {
        /// The tier before.
        from: TierName,
        /// The tier now.
        tier: TierName,
    },
    /// The tier was kept, after a warning or in the grace period.
    TierKept {
        /// The tier.
        tier: TierName,
    },
    /// A lower tier.
    TierLowered {
        /// The tier before.
        from: TierName,
        /// The tier now.
        tier: TierName,
        /// Why.
        cause: ChangeCause,
    },
    /// A first order that came by an invitation has stood, and was rewarded.
    ReferralRewarded {
        /// Which of the two is told.
        part: ReferralPart,
        /// What it brought.
        rewards: Vec<Reward>,
    },
    /// A community's list has appeared.
    ScenarioPosted {
        /// The community.
        community: CommunityId,
        /// What it is called.
        name: String,
        /// The list.
        title: String,
    },
    /// A flash sale that the member wants to hear of opens soon.
    SaleOpens {
        /// The sale.
        sale: FlashSaleId,
        /// What it is called.
        title: Text,
        /// When it opens for the member.
        at: Timestamp,
    },
    /// A flash sale was cancelled; what the member held of it is held no longer.
    SaleCancelled {
        /// The sale.
        sale: FlashSaleId,
        /// What it is called.
        title: Text,
    },
    /// What the member held of a flash sale went back, because it was not paid in time.
    ClaimReleased {
        /// The sale.
        sale: FlashSaleId,
        /// What it is called.
        title: Text,
        /// What was held.
        claim: FlashClaimId,
    },
    /// The payment came too late and nothing is left: the money goes back.
    ClaimTooLate {
        /// The sale.
        sale: FlashSaleId,
        /// What it is called.
        title: Text,
        /// What was paid.
        claim: FlashClaimId,
        /// Whether a coupon was given as an apology.
        coupon: bool,
    },
}

/// The two who take part in an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReferralPart {
    /// Who invited.
    Inviter,
    /// Who was invited.
    Friend,
}

/// A tier as it was called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TierName {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Text,
}

impl Content {
    /// What the database calls this kind of message; the same word as on the wire.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Expiring { .. } => "expiring",
            Self::TierWarned { .. } => "tier_warned",
            Self::TierGrace { .. } => "tier_grace",
            Self::TierRaised { .. } => "tier_raised",
            Self::TierKept { .. } => "tier_kept",
            Self::TierLowered { .. } => "tier_lowered",
            Self::ReferralRewarded { .. } => "referral_rewarded",
            Self::ScenarioPosted { .. } => "scenario_posted",
            Self::SaleOpens { .. } => "sale_opens",
            Self::SaleCancelled { .. } => "sale_cancelled",
            Self::ClaimReleased { .. } => "claim_released",
            Self::ClaimTooLate { .. } => "claim_too_late",
        }
    }
}
