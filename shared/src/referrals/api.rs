//! Requests and answers about referrals.

use super::terms::{Milestone, ReferralTerms};
use super::{ReferralReason, ReferralState};
use crate::ids::{HouseholdId, MemberId, ReferralId};
use crate::quantity::Currency;
use crate::rewards::Reward;
use crate::text::Text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What an invitation offers. Limits and budgets are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Offer {
    /// Whether invitations count at the moment.
    pub open: bool,
    /// What the friend gets.
    pub friend_rewards: Vec<Reward>,
    /// What the inviter gets.
    pub inviter_rewards: Vec<Reward>,
    /// What the first order must come to, in minor units.
    pub minimum_order: i64,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Days from the visit within which the friend joins.
    pub attribution_days: u16,
    /// Days from joining within which the first order is paid.
    pub order_days: u16,
    /// Days after payment until the rewards are paid.
    pub hold_days: u16,
}

/// How many friends got how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Funnel {
    /// Visits through links.
    pub visited: u64,
    /// Friends who joined.
    pub joined: u64,
    /// Of those, friends whose order counts or counted.
    pub ordered: u64,
    /// Of those, friends with a reward that stands.
    pub rewarded: u64,
}

/// A member's own invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyReferral {
    /// The code to tell friends.
    pub code: String,
    /// The link to send them.
    pub link: String,
    /// What both get.
    pub offer: Offer,
    /// Additional rewards at numbers of rewarded friends.
    pub milestones: Vec<MilestoneView>,
    /// How far friends got.
    pub funnel: Funnel,
    /// What was earned with invitations so far and not taken back.
    pub earned: Vec<Reward>,
}

/// A milestone as a member sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MilestoneView {
    /// Rewarded friends.
    pub friends: u32,
    /// What it brings.
    pub rewards: Vec<Reward>,
    /// Whether it was reached and given.
    pub reached: bool,
}

impl MilestoneView {
    /// A milestone that was reached or not.
    #[must_use]
    pub fn new(milestone: &Milestone, reached: bool) -> Self {
        Self {
            friends: milestone.friends,
            rewards: milestone.rewards.clone(),
            reached,
        }
    }
}

/// A friend as the inviter sees one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitedFriend {
    /// The referral.
    pub id: ReferralId,
    /// The friend's name with its middle hidden; absent when there is none.
    pub name: Option<String>,
    /// Where it stands.
    pub state: ReferralState,
    /// When the friend joined through the invitation.
    pub bound_at: Timestamp,
    /// Last instant for the first order, while it is awaited.
    pub order_until: Option<Timestamp>,
    /// When rewards are due, while the order must stand.
    pub pending_until: Option<Timestamp>,
    /// When it last moved.
    pub since: Timestamp,
    /// Why it stands where it does.
    pub reason: ReferralReason,
    /// The reason in words.
    pub why: Text,
}

/// What a friend sees who opens a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// The code of the link.
    pub code: String,
    /// The inviter's name with its middle hidden; absent when there is none.
    pub inviter: Option<String>,
    /// What both get.
    pub offer: Offer,
}

/// Says that a link was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordVisit {
    /// The code of the link.
    pub code: String,
    /// The visit that this browser made before, if it made one: the first one counts.
    #[serde(default)]
    pub visit: Option<String>,
    /// A random id that this browser keeps, 16 to 64 letters and digits.
    #[serde(default)]
    pub device: Option<String>,
}

/// A visit that a sign-up can be bound by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Visit {
    /// What to hand over at sign-up.
    pub visit: String,
    /// Until when it counts.
    pub expires_at: Timestamp,
    /// What the friend is offered: that of the first visit.
    pub invitation: Invitation,
}

/// Binds a friend to the inviter, by the visit or, when it is lost, by the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BindReferral {
    /// The visit.
    #[serde(default)]
    pub visit: Option<String>,
    /// The inviter's code.
    #[serde(default)]
    pub code: Option<String>,
    /// The random id that the friend's browser keeps.
    #[serde(default)]
    pub device: Option<String>,
}

/// A binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Binding {
    /// The referral.
    pub id: ReferralId,
    /// Last instant for the first order.
    pub order_until: Timestamp,
    /// What both get.
    pub offer: Offer,
}

/// Hashes by which the shop knows a member's address or means of payment; never the thing itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordSignals {
    /// A keyed hash of the delivery address.
    #[serde(default)]
    pub address: Option<String>,
    /// A keyed hash of the means of payment.
    #[serde(default)]
    pub payment: Option<String>,
    /// The random id of the member's device.
    #[serde(default)]
    pub device: Option<String>,
}

/// The terms that hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TermsVersion {
    /// The version; an edit names it in `If-Match`.
    pub version: i32,
    /// From when it holds.
    pub effective_from: Timestamp,
    /// The terms.
    pub terms: ReferralTerms,
}

/// What referrals of some time brought and cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReferralReport {
    /// How far friends got.
    pub funnel: Funnel,
    /// Referrals that a person has to look at.
    pub held: u64,
    /// Referrals that were refused.
    pub refused: u64,
    /// What rewards cost that stand, in minor units.
    pub cost: i64,
    /// Cost for each rewarded friend, in minor units, rounded up; absent without one.
    pub cost_per_customer: Option<i64>,
    /// What a new customer ordinarily costs, in minor units.
    pub acquisition_cost: i64,
    /// What a referred customer may cost, in minor units.
    pub target_per_customer: i64,
    /// This month's budget.
    pub budget: BudgetView,
}

/// A month's budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BudgetView {
    /// The month, as `2026-11`.
    pub month: String,
    /// What may be spent, in minor units.
    pub limit: i64,
    /// What is set aside for friends who have not been rewarded yet.
    pub committed: i64,
    /// What rewards cost.
    pub spent: i64,
}

/// A referral as the console shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReferralRow {
    /// The referral.
    pub id: ReferralId,
    /// Who invited.
    pub referrer: MemberId,
    /// The inviter's name.
    pub referrer_name: Option<String>,
    /// Who was invited.
    pub friend: MemberId,
    /// The friend's name.
    pub friend_name: Option<String>,
    /// Where it stands.
    pub state: ReferralState,
    /// Why it stands there.
    pub reason: ReferralReason,
    /// When the friend was bound.
    pub bound_at: Timestamp,
    /// The order that counts.
    pub order: Option<String>,
    /// When rewards are due.
    pub due_at: Option<Timestamp>,
    /// What it costs when it is rewarded, in minor units.
    pub cost: i64,
    /// What was found when it was judged.
    pub evidence: Vec<Evidence>,
}

/// One thing that speaks against paying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evidence {
    /// A short word for it, such as `same_payment`.
    pub signal: String,
    /// What was found.
    pub text: Text,
}

/// A referral with its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReferralDetail {
    /// The referral.
    pub referral: ReferralRow,
    /// Its moves, oldest first.
    pub history: Vec<ReferralMove>,
}

/// One move of a referral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReferralMove {
    /// Where it stood then.
    pub state: ReferralState,
    /// Why.
    pub reason: ReferralReason,
    /// The reason in words.
    pub why: Text,
    /// The order that counted then.
    pub order: Option<String>,
    /// Who moved it.
    pub actor: String,
    /// What that one is called, where it is known.
    pub actor_name: Option<String>,
    /// What the person noted.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What a person decides about a referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReferralDecision {
    /// Pay a held one.
    Release,
    /// Pay nothing for a held one.
    Reject,
    /// Look again at one that was decided.
    Reopen,
}

/// Decides about a referral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecideReferral {
    /// What is decided.
    pub decision: ReferralDecision,
    /// Why, in 3 to 200 characters.
    pub note: String,
}

/// Addresses or devices that a household shares: they do not speak against its referrals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Household {
    /// The household.
    pub id: HouseholdId,
    /// Members of it: what they share counts for nothing among them.
    pub members: Vec<Resident>,
    /// Why it is one.
    pub note: String,
    /// When it was noted.
    pub created_at: Timestamp,
}

/// A member of a household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resident {
    /// The member.
    pub id: MemberId,
    /// The member's name, where there is one.
    pub name: Option<String>,
}

/// Notes a household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateHousehold {
    /// 2 to 10 members, as `mem_…` or `ext:` and the shop's customer id.
    pub members: Vec<String>,
    /// Why it is one, in 3 to 200 characters.
    pub note: String,
}
