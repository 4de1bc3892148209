//! Requests and answers about tiers.

use super::{Benefit, ChangeCause, Ladder, Tier};
use crate::ids::{MemberId, TierChangeId};
use crate::text::Text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a member stands on the ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Standing {
    /// Code of the current tier.
    pub code: String,
    /// Name of the current tier.
    pub name: Text,
    /// Place on the ladder; 0 is the lowest.
    pub rank: u32,
    /// Since when the member has this tier.
    pub since: Timestamp,
    /// Last instant of the tier before it is reviewed; absent when it does not end.
    pub valid_until: Option<Timestamp>,
    /// Growth value in the current window.
    pub growth_value: i64,
    /// Growth value that the current tier asks for.
    pub threshold: i64,
    /// What is missing to the next tier; absent at the top.
    pub next: Option<NextTier>,
    /// What keeps the current tier at its review; absent when it does not end.
    pub keep: Option<KeepTier>,
    /// Benefits of the current tier.
    pub benefits: Vec<Benefit>,
}

/// The next tier up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NextTier {
    /// Code of the tier.
    pub code: String,
    /// Name of the tier.
    pub name: Text,
    /// Growth value that it asks for.
    pub threshold: i64,
    /// Growth value still missing.
    pub gap: i64,
    /// How far the member is from the current threshold to the next, in basis points.
    pub progress_bps: i64,
    /// Until when this gap holds: then the oldest growth leaves the window.
    pub by: Option<Timestamp>,
}

/// What it takes to keep the tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeepTier {
    /// Growth value that the tier asks for.
    pub threshold: i64,
    /// Growth value still missing on the day of the review, if nothing more is earned.
    pub gap: i64,
    /// Last instant to earn it: the review, or the end of the grace period.
    pub by: Timestamp,
    /// Whether the review has passed and the grace period runs.
    pub in_grace: bool,
    /// Whether the warning before the review is due or given.
    pub at_risk: bool,
}

/// A change of tier, with why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TierChange {
    /// The record.
    pub id: TierChangeId,
    /// Tier before; absent on joining.
    pub from_code: Option<String>,
    /// Tier after.
    pub to_code: String,
    /// Why.
    pub cause: ChangeCause,
    /// Growth value at that moment.
    pub growth_value: i64,
    /// What it asked for.
    pub threshold: i64,
    /// Version of the ladder that decided.
    pub ladder_version: i32,
    /// Why, in words.
    pub explanation: Text,
    /// When it took effect.
    pub at: Timestamp,
}

/// A member's tier page: ladder, matrix, standing and history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TierOverview {
    /// Where the member stands.
    pub standing: Standing,
    /// All tiers, lowest first.
    pub tiers: Vec<Tier>,
    /// Benefits by tier, with what differs from the tier below.
    pub matrix: Vec<BenefitRow>,
    /// Changes, newest first.
    pub history: Vec<TierChange>,
}

/// One benefit over all tiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BenefitRow {
    /// Which benefit: its `kind`.
    pub kind: String,
    /// One cell a tier, lowest first.
    pub cells: Vec<BenefitCell>,
}

/// One benefit of one tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BenefitCell {
    /// The benefit, when the tier has it.
    pub benefit: Option<Benefit>,
    /// Whether it differs from the tier below.
    pub differs: bool,
}

/// The ladder as staff edit it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LadderVersion {
    /// The version; send it as `If-Match` with the next edit.
    pub version: i32,
    /// From when it holds.
    pub effective_from: Timestamp,
    /// The ladder.
    pub ladder: Ladder,
}

/// How many members a ladder would move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LadderImpact {
    /// Members looked at.
    pub members: u64,
    /// Members who would move up at once.
    pub up: u64,
    /// Members who would move down at once, because their tier is gone.
    #[serde(default)]
    pub down: u64,
    /// Members who would lose their tier at its review if nothing more is earned.
    pub at_risk: u64,
    /// Members by tier: code, now, after.
    pub tiers: Vec<TierCount>,
    /// Who would move, by tier before and after; the largest group first.
    #[serde(default)]
    pub moves: Vec<TierMove>,
}

/// Members who would move from one tier to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TierMove {
    /// Code of the tier now.
    pub from: String,
    /// Code of the tier after.
    pub to: String,
    /// How many.
    pub members: u64,
    /// Some of them; at most 5.
    pub samples: Vec<MemberSample>,
}

/// A member among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberSample {
    /// The member.
    pub member_id: MemberId,
    /// What the member is called.
    pub name: Option<String>,
    /// Growth value that counts now.
    pub growth_value: i64,
}

/// Members of one tier, now and after an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TierCount {
    /// Code of the tier.
    pub code: String,
    /// Members now.
    pub now: u64,
    /// Members after.
    pub after: u64,
}
