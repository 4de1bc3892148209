//! Making two members one, and taking them apart again.

use super::Member;
use crate::ids::{MemberId, MergeId};
use crate::text::Text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Makes two members one, who are the same person: `mem_…`, or `ext:` and the shop's customer id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateMerge {
    /// The member who ends.
    pub from: String,
    /// The member who goes on for both.
    pub into: String,
    /// Kept in the audit trail.
    pub reason: String,
}

/// What moves with a merge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergeMoves {
    /// Points that can be spent now; below zero is a deficit that moves along.
    pub points: i64,
    /// Points that are not available yet.
    pub points_pending: i64,
    /// Store credit, in minor units.
    pub credit: i64,
    /// Store credit that is not available yet.
    pub credit_pending: i64,
    /// Growth value.
    pub growth: i64,
    /// Everything that is counted, by kind; kinds of which nothing moves are left out.
    pub parts: Vec<MovedPart>,
}

/// How many things of a kind move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MovedPart {
    /// What they are.
    pub kind: MovedKind,
    /// How many.
    pub count: u64,
}

/// What moves with a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MovedKind {
    /// Orders.
    Orders,
    /// Batches of points or credit.
    Lots,
    /// Adjustments that wait for a second person.
    Adjustments,
    /// Signed-in devices.
    Devices,
    /// Messages in the member centre.
    Messages,
    /// Coupons, used ones included.
    Coupons,
    /// Uses of coupons.
    CouponUses,
    /// Checkouts that hold or used something.
    Checkouts,
    /// Days that were checked in. A day that both have stays with each.
    CheckIns,
    /// What counts for tasks. What both have stays with each, so that it counts once.
    Progress,
    /// Times that a task was rewarded, as far as the common progress has earned them.
    TaskRewards,
    /// What tasks and check-ins gave.
    Rewards,
    /// Make-up cards.
    Cards,
    /// Tasks that were joined.
    Joins,
    /// What the shop reported for tasks.
    Events,
    /// Links to share.
    Links,
    /// Tags.
    Tags,
    /// Friends who were invited.
    Friends,
    /// The invitation that was accepted.
    Invitation,
    /// Milestones of inviting.
    Milestones,
    /// Communities.
    Communities,
    /// What was held or bought in flash sales.
    FlashClaims,
}

/// What keeps a merge from being undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MergeBlock {
    /// Points or credit that came over were spent or taken back.
    Points,
    /// An order that came over has changed.
    Orders,
    /// A coupon that came over was used, held or given back.
    Coupons,
    /// Make-up cards that came over were used.
    Cards,
    /// Name, address, phone, birthday or password were changed.
    Profile,
}

impl MergeBlock {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Points => "points",
            Self::Orders => "orders",
            Self::Coupons => "coupons",
            Self::Cards => "cards",
            Self::Profile => "profile",
        }
    }
}

/// A field of a member's record that both may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MergeField {
    /// What to call the member.
    Name,
    /// E-mail address.
    Email,
    /// Phone number.
    Phone,
    /// Birthday.
    Birthday,
    /// The shop's customer id. Both go on naming the member.
    ExternalId,
}

/// Both members have a field, and not the same: the value of the one who goes on stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergeConflict {
    /// The field.
    pub field: MergeField,
    /// What the member who ends has.
    pub from: String,
    /// What the member who goes on has and keeps.
    pub into: String,
}

/// What a merge would do; nothing has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergePreview {
    /// The member who would end, as now.
    pub from: Member,
    /// The member who would go on, as now.
    pub into: Member,
    /// What would move.
    pub moves: MergeMoves,
    /// Where both have something and only one can stay.
    pub conflicts: Vec<MergeConflict>,
    /// Name of the tier of the member who would go on, now.
    pub tier_before: Text,
    /// Name of that member's tier afterwards.
    pub tier_after: Text,
}

/// A merge that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Merge {
    /// The merge.
    pub id: MergeId,
    /// The member who ended.
    pub from: MemberId,
    /// What that member was called: the name, or else the shop's customer id.
    pub from_name: Option<String>,
    /// The member who went on for both.
    pub into: MemberId,
    /// What that member was called.
    pub into_name: Option<String>,
    /// What moved.
    pub moves: MergeMoves,
    /// Why.
    pub reason: String,
    /// Who did it.
    pub merged_by: String,
    /// When.
    pub merged_at: Timestamp,
    /// Until when it can be undone.
    pub undo_until: Timestamp,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
    /// Who undid it.
    pub undone_by: Option<String>,
}

/// Takes two merged members apart again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UndoMerge {
    /// Kept in the audit trail.
    pub reason: String,
}

/// What taking two merged members apart would do; nothing has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UndoPreview {
    /// The member who ended and would be back.
    pub from: Member,
    /// The member who went on.
    pub into: Member,
    /// What would go back.
    pub moves: MergeMoves,
    /// What keeps it from being undone; empty when nothing does.
    pub blocked_by: Vec<MergeBlock>,
    /// Name of the tier of the member who would be back.
    pub tier_back: Text,
    /// Name of the tier of the member who went on, now.
    pub tier_before: Text,
    /// Name of that member's tier afterwards.
    pub tier_after: Text,
}
