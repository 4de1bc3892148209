//! Referrals: a member invites a friend, and both are rewarded when the friend's first paid order
//! has stood.
//!
//! A visit through a member's link is bound to the friend who joins within the attribution
//! window. The first paid order that reaches the minimum starts the hold; when the return window
//! has passed and nothing speaks against it, inviter and friend are rewarded, once. One level
//! only: nobody is paid for the friends of friends.

pub mod api;
pub mod rules;
pub mod terms;

pub use terms::ReferralTerms;

use crate::ids::{MemberId, ReferralId};
use crate::text::Text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most friends whose arrival is rewarded additionally, as steps.
pub const MAX_MILESTONES: usize = 10;

/// Where a referral stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReferralState {
    /// The friend has joined and not yet ordered.
    Joined,
    /// The friend's order waits for the end of its return window.
    Ordered,
    /// A person looks at it before anything is paid.
    Held,
    /// Inviter and friend have their rewards.
    Rewarded,
    /// The rewards were taken back.
    ClawedBack,
    /// Nothing is paid.
    Refused,
    /// The friend did not order in time.
    Expired,
}

impl ReferralState {
    /// Whether an order can still change it before a reward.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Joined | Self::Ordered | Self::Held)
    }
}

/// Why a referral moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReferralReason {
    /// The friend joined through the invitation.
    Bound,
    /// The friend's first order was paid.
    OrderPaid,
    /// An earlier order of the friend became known.
    EarlierOrder,
    /// The order was refunded or cancelled.
    OrderRefunded,
    /// The order has stood until the end of the return window.
    OrderStood,
    /// The friend had ordered before the invitation.
    ExistingCustomer,
    /// The time for a first order has passed.
    TimeOver,
    /// Something about it is unusual; a person looks at it.
    UnderReview,
    /// It does not meet the rules against misuse.
    NotGenuine,
    /// A person released it.
    Released,
    /// A person rejected it.
    Rejected,
    /// A person took a decision back.
    Reopened,
    /// Inviter or friend have left the programme or may not take part.
    MemberUnavailable,
}

/// A referral: one friend, one inviter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// The referral.
    pub id: ReferralId,
    /// Who invited.
    pub referrer: MemberId,
    /// Who was invited.
    pub friend: MemberId,
    /// Where it stands.
    pub state: ReferralState,
    /// When the friend was bound to the inviter.
    pub bound_at: Timestamp,
    /// Last instant at which the first order may be paid.
    pub order_until: Timestamp,
    /// The order that counts, while there is one.
    pub order: Option<CountedOrder>,
    /// Version of the terms that hold for it.
    pub terms_version: i32,
}

/// The order that a referral counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedOrder {
    /// The shop's order id.
    pub external_id: String,
    /// When it was paid.
    pub paid_at: Timestamp,
    /// When the return window ends and the rewards are due.
    pub due_at: Timestamp,
}

impl ReferralReason {
    /// Said to people.
    #[must_use]
    pub fn text(self) -> Text {
        let (zh_cn, en) = match self {
            Self::Bound => (
                "好友通过邀请加入",
                "Your friend joined through the invitation",
            ),
            Self::OrderPaid => (
                "好友首单已支付，退货期后发放奖励",
                "The first order is paid; rewards follow after the return window",
            ),
            Self::EarlierOrder => (
                "以更早支付的一单为首单",
                "An order paid earlier counts as the first one",
            ),
            Self::OrderRefunded => (
                "首单已退款或取消",
                "The first order was refunded or cancelled",
            ),
            Self::OrderStood => (
                "退货期已过，奖励已发放",
                "The return window has passed; the rewards are paid",
            ),
            Self::ExistingCustomer => (
                "好友在受邀前已是顾客",
                "Your friend was a customer before the invitation",
            ),
            Self::TimeOver => (
                "好友未在规定时间内下单",
                "Your friend did not order in time",
            ),
            Self::UnderReview => ("正在人工核实", "A person is looking at it"),
            Self::NotGenuine => (
                "不符合邀请规则",
                "It does not meet the rules of the programme",
            ),
            Self::Released => (
                "核实通过，奖励已发放",
                "It was looked at and the rewards are paid",
            ),
            Self::Rejected => ("核实未通过", "It was looked at and turned down"),
            Self::Reopened => ("重新核实", "It is being looked at again"),
            Self::MemberUnavailable => ("一方已无法参与活动", "One of you can no longer take part"),
        };
        Text::new(zh_cn, en)
    }
}
