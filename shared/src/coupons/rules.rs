//! Whether a coupon can be had and used: every reason against it, not the first.

use super::pricing::eligible_amount;
use super::{Cart, Coupon, CouponState, CouponTerms, TemplateState};
use crate::ids::MemberId;
use crate::members::audience::{Groups, Outside};
use crate::problem::ErrorCode;
use crate::time::Timestamp;

/// Why a coupon cannot be used for a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// There is no such coupon, or it is another member's.
    NotFound,
    /// It was taken back.
    Revoked,
    /// Its template is held or not yet begun.
    Paused,
    /// Its first day has not come.
    NotYetValid {
        /// When it begins.
        from: Timestamp,
    },
    /// Its last day has passed.
    Expired {
        /// When it ended.
        at: Timestamp,
    },
    /// It was used as often as it can be.
    Used,
    /// Another order holds it.
    Reserved,
    /// It is for other tiers.
    WrongTier,
    /// It is for members with other tags.
    WrongTag,
    /// The member has used coupons of this template as often as one member can.
    MemberLimit {
        /// How often that is.
        limit: i64,
    },
    /// The budget of its template is used up.
    BudgetUsedUp,
    /// Nothing in the cart is what it is for.
    OutOfScope,
    /// What it is for costs too little.
    BelowThreshold {
        /// What is missing, in minor units.
        missing: i64,
    },
    /// It was named twice.
    NamedTwice,
    /// It is used alone, or another one is.
    Exclusive,
    /// Another coupon of its group is used.
    SameGroup,
    /// Other coupons have left nothing for it to take off.
    NothingLeft,
}

impl Reason {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::CouponNotFound,
            Self::Revoked => ErrorCode::CouponRevoked,
            Self::Paused => ErrorCode::CouponPaused,
            Self::NotYetValid { .. } => ErrorCode::CouponNotYetValid,
            Self::Expired { .. } => ErrorCode::CouponExpired,
            Self::Used => ErrorCode::CouponUsed,
            Self::Reserved => ErrorCode::CouponReserved,
            Self::WrongTier => ErrorCode::CouponWrongTier,
            Self::WrongTag => ErrorCode::CouponWrongTag,
            Self::MemberLimit { .. } => ErrorCode::CouponMemberLimit,
            Self::BudgetUsedUp => ErrorCode::CouponBudgetUsedUp,
            Self::OutOfScope => ErrorCode::CouponOutOfScope,
            Self::BelowThreshold { .. } => ErrorCode::CouponBelowThreshold,
            Self::NamedTwice => ErrorCode::CouponNamedTwice,
            Self::Exclusive => ErrorCode::CouponExclusive,
            Self::SameGroup => ErrorCode::CouponSameGroup,
            Self::NothingLeft => ErrorCode::CouponNothingLeft,
        }
    }

    /// The amount or number that the reason is about.
    #[must_use]
    pub const fn figure(self) -> Option<i64> {
        match self {
            Self::MemberLimit { limit: it } | Self::BelowThreshold { missing: it } => Some(it),
            _ => None,
        }
    }

    /// The instant that the reason is about.
    #[must_use]
    pub const fn at(self) -> Option<Timestamp> {
        match self {
            Self::NotYetValid { from: it } | Self::Expired { at: it } => Some(it),
            _ => None,
        }
    }
}

/// What a coupon is judged by, besides the cart.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The coupon.
    pub coupon: Coupon,
    /// The terms that it was issued by.
    pub terms: CouponTerms,
    /// Whether its template is in use.
    pub state: TemplateState,
    /// Uses that the template's budget leaves; `None` without a limit.
    pub uses_left: Option<i64>,
    /// Money that the template's budget leaves; `None` without a limit.
    pub amount_left: Option<i64>,
    /// How often the member has used or reserved coupons of the template.
    pub member_uses: i64,
}

/// Who wants to use coupons, and when.
#[derive(Debug, Clone, Copy)]
pub struct Shopper<'a> {
    /// The member.
    pub member: MemberId,
    /// What the member belongs to.
    pub groups: &'a Groups,
    /// The instant.
    pub now: Timestamp,
}

/// Where a coupon is in its life at `now`.
#[must_use]
pub fn state(coupon: &Coupon, now: Timestamp) -> CouponState {
    if coupon.revoked_at.is_some() {
        CouponState::Revoked
    } else if coupon.used >= coupon.uses_max {
        CouponState::Used
    } else if coupon.used + coupon.reserved >= coupon.uses_max {
        CouponState::Reserved
    } else if coupon.expires_at < now {
        CouponState::Expired
    } else if coupon.valid_from > now {
        CouponState::Upcoming
    } else {
        CouponState::Available
    }
}

/// Everything that keeps a coupon from being used by this member now, whatever is in the cart.
#[must_use]
pub fn reasons_now(it: &Candidate, shopper: Shopper<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let coupon = &it.coupon;
    if coupon.member != shopper.member {
        return vec![Reason::NotFound];
    }
    if coupon.revoked_at.is_some() {
        reasons.push(Reason::Revoked);
    }
    if matches!(it.state, TemplateState::Draft | TemplateState::Paused) {
        reasons.push(Reason::Paused);
    }
    if coupon.valid_from > shopper.now {
        reasons.push(Reason::NotYetValid {
            from: coupon.valid_from,
        });
    }
    if coupon.expires_at < shopper.now {
        reasons.push(Reason::Expired {
            at: coupon.expires_at,
        });
    }
    if coupon.used >= coupon.uses_max {
        reasons.push(Reason::Used);
    } else if coupon.used + coupon.reserved >= coupon.uses_max {
        reasons.push(Reason::Reserved);
    }
    reasons.extend(outside(&it.terms, shopper.groups));
    let limit = it.terms.limits.use_max_per_member;
    if let Some(limit) = limit.filter(|limit| it.member_uses >= *limit) {
        reasons.push(Reason::MemberLimit { limit });
    }
    if it.uses_left.is_some_and(|it| it < 1) || it.amount_left.is_some_and(|it| it < 1) {
        reasons.push(Reason::BudgetUsedUp);
    }
    reasons
}

/// Everything that keeps a coupon from being used for this cart, by itself.
#[must_use]
pub fn reasons_for(it: &Candidate, shopper: Shopper<'_>, cart: &Cart) -> Vec<Reason> {
    let mut reasons = reasons_now(it, shopper);
    if reasons == [Reason::NotFound] {
        return reasons;
    }
    match eligible_amount(&it.terms, cart) {
        None => reasons.push(Reason::OutOfScope),
        Some(amount) if amount < it.terms.threshold_amount => {
            reasons.push(Reason::BelowThreshold {
                missing: it.terms.threshold_amount - amount,
            });
        }
        Some(_) => {}
    }
    reasons
}

/// Why the terms are not for a member of these groups.
fn outside(terms: &CouponTerms, groups: &Groups) -> Option<Reason> {
    terms.audience.leaves_out(groups).map(|it| match it {
        Outside::Tier => Reason::WrongTier,
        Outside::Tag => Reason::WrongTag,
    })
}

/// Why a coupon cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueRefusal {
    /// The template is a draft, held or ended.
    NotActive,
    /// It is not for members to take.
    NotClaimable,
    /// It is for other tiers.
    WrongTier,
    /// It is for members with other tags.
    WrongTag,
    /// Its last day has passed.
    Over,
    /// The member has as many as one member can have.
    MemberLimit,
    /// All of them are issued.
    AllIssued,
}

impl IssueRefusal {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::NotActive => ErrorCode::CouponTemplateNotActive,
            Self::NotClaimable => ErrorCode::CouponNotClaimable,
            Self::WrongTier => ErrorCode::CouponWrongTier,
            Self::WrongTag => ErrorCode::CouponWrongTag,
            Self::Over => ErrorCode::CouponOver,
            Self::MemberLimit => ErrorCode::CouponClaimLimit,
            Self::AllIssued => ErrorCode::CouponAllIssued,
        }
    }
}

/// What issuing is judged by.
#[derive(Debug, Clone, Copy)]
pub struct IssueFacts<'a> {
    /// The terms in force.
    pub terms: &'a CouponTerms,
    /// Whether the template is in use.
    pub state: TemplateState,
    /// How many were issued.
    pub issued: i64,
    /// How many of them the member took.
    pub issued_to_member: i64,
    /// Last instant at which the new coupon could be used.
    pub expires_at: Timestamp,
    /// The instant.
    pub now: Timestamp,
}

/// Checks whether the shop can give a coupon: who gets it and how many is for the giver to decide.
///
/// # Errors
/// The first [`IssueRefusal`].
pub fn can_give(facts: IssueFacts<'_>) -> Result<(), IssueRefusal> {
    if facts.state != TemplateState::Active {
        return Err(IssueRefusal::NotActive);
    }
    if facts.expires_at < facts.now {
        return Err(IssueRefusal::Over);
    }
    if facts
        .terms
        .limits
        .issue_max
        .is_some_and(|it| facts.issued >= it)
    {
        return Err(IssueRefusal::AllIssued);
    }
    Ok(())
}

/// Checks whether a member of `groups` can take a coupon.
///
/// # Errors
/// The first [`IssueRefusal`].
pub fn can_take(facts: IssueFacts<'_>, groups: &Groups) -> Result<(), IssueRefusal> {
    let limits = &facts.terms.limits;
    if facts.state != TemplateState::Active {
        return Err(IssueRefusal::NotActive);
    }
    match facts.terms.audience.leaves_out(groups) {
        Some(Outside::Tier) => return Err(IssueRefusal::WrongTier),
        Some(Outside::Tag) => return Err(IssueRefusal::WrongTag),
        None => {}
    }
    let most = limits.issue_max_per_member;
    if most.is_some_and(|it| facts.issued_to_member >= it) {
        return Err(IssueRefusal::MemberLimit);
    }
    can_give(facts)
}

#[cfg(test)]
mod tests;
