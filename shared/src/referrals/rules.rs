//! Decisions of referrals: who is bound to whom, which order counts, when it is rewarded.
//!
//! Where an open referral stands is worked out from the friend's orders as they are, not from the
//! order in which news of them arrived: a refund before the reward leaves it as if the order had
//! never been.

use super::terms::ReferralTerms;
use super::{CountedOrder, Referral, ReferralReason, ReferralState};
use crate::ids::MemberId;
use crate::problem::ErrorCode;
use crate::time::Timestamp;

/// Why a friend is not bound to an inviter. Each is said to the friend as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// There is no programme at the moment.
    Off,
    /// This month's budget is used up.
    Paused,
    /// Nobody invites themselves.
    SelfReferral,
    /// The inviter was invited by the friend, directly or through others.
    Loop,
    /// The friend has an inviter.
    AlreadyBound,
    /// The friend was a member or a customer before the visit.
    ExistingMember,
    /// The visit was too long ago.
    OutsideWindow,
    /// The inviter has invited as many friends as a month allows.
    Capped,
    /// The inviter or the friend may not take part.
    Unavailable,
}

impl Refusal {
    /// The code of the answer.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Off => ErrorCode::ReferralsOff,
            Self::Paused => ErrorCode::ReferralsPaused,
            Self::SelfReferral => ErrorCode::ReferralSelf,
            Self::Loop => ErrorCode::ReferralLoop,
            Self::AlreadyBound => ErrorCode::ReferralAlreadyBound,
            Self::ExistingMember => ErrorCode::ReferralExistingMember,
            Self::OutsideWindow => ErrorCode::ReferralOutsideWindow,
            Self::Capped => ErrorCode::ReferralCapped,
            Self::Unavailable => ErrorCode::ReferralUnavailable,
        }
    }
}

/// What a binding is decided from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BindFacts {
    /// Who invited.
    pub referrer: MemberId,
    /// Who was invited.
    pub friend: MemberId,
    /// Whether both may take part.
    pub both_active: bool,
    /// When the friend first opened the link; when the code was only typed in, when the friend
    /// joined.
    pub visited_at: Timestamp,
    /// When the friend joined.
    pub friend_joined_at: Timestamp,
    /// Whether the friend has an order that was paid before now.
    pub friend_has_paid: bool,
    /// Whether the friend has an inviter.
    pub friend_is_bound: bool,
    /// Whether following the inviters upwards from the inviter leads to the friend.
    pub leads_back: bool,
    /// Friends of the inviter bound in this calendar month.
    pub bound_this_month: u32,
    /// What is left of this month's budget, in minor units.
    pub budget_left: i64,
    /// What this friend would cost, in minor units.
    pub cost: i64,
}

/// Binds a friend to an inviter, or says why not. Answers until when the first order counts.
///
/// # Errors
/// The first reason that applies, the friend's own situation before the programme's.
pub fn bind(
    facts: &BindFacts,
    terms: &ReferralTerms,
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    let joined_by = facts
        .visited_at
        .plus_days(i64::from(terms.attribution_days));
    let cap = terms.friends_per_month.unwrap_or(u32::MAX);
    let refused = [
        (!terms.enabled, Refusal::Off),
        (facts.referrer == facts.friend, Refusal::SelfReferral),
        (facts.friend_is_bound, Refusal::AlreadyBound),
        (facts.leads_back, Refusal::Loop),
        (!facts.both_active, Refusal::Unavailable),
        (
            facts.friend_joined_at < facts.visited_at || facts.friend_has_paid,
            Refusal::ExistingMember,
        ),
        (
            facts.friend_joined_at > joined_by || now > joined_by,
            Refusal::OutsideWindow,
        ),
        (facts.bound_this_month >= cap, Refusal::Capped),
        (facts.cost > facts.budget_left, Refusal::Paused),
    ];
    match refused.into_iter().find(|(applies, _)| *applies) {
        Some((_, refusal)) => Err(refusal),
        None => Ok(now.plus_days(i64::from(terms.order_days))),
    }
}

/// An order of the friend, as far as a referral is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FriendOrder {
    /// The shop's order id.
    pub external_id: String,
    /// When it was paid.
    pub paid_at: Timestamp,
    /// What is left of its lines after refunds, in minor units; 0 when cancelled.
    pub kept: i64,
}

/// What speaks against paying, as the server judges it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Allow,
    /// Enough for a person to look at it.
    Hold,
    /// Too much.
    Block,
}

/// A decision of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Pay a held referral.
    Release,
    /// Pay nothing for a held referral.
    Reject,
    /// Take a decision back and look at it again.
    Reopen,
}

/// A move of a referral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Where it stands then.
    pub state: ReferralState,
    /// Why.
    pub reason: ReferralReason,
    /// The order that counts then.
    pub order: Option<CountedOrder>,
    /// When it happened.
    pub at: Timestamp,
}

impl Transition {
    /// Whether both are rewarded with it.
    #[must_use]
    pub const fn pays(&self) -> bool {
        matches!(self.state, ReferralState::Rewarded)
    }

    fn new(
        state: ReferralState,
        reason: ReferralReason,
        order: Option<CountedOrder>,
        at: Timestamp,
    ) -> Self {
        Self {
            state,
            reason,
            order,
            at,
        }
    }
}

/// Whether a move takes rewards back that were given.
#[must_use]
pub fn takes_back(from: ReferralState, to: ReferralState) -> bool {
    from == ReferralState::Rewarded && to != ReferralState::Rewarded
}

/// The order that counts among a friend's orders: of those paid in time and still worth the
/// minimum, the one paid first.
#[must_use]
pub fn counted<'a>(
    referral: &Referral,
    terms: &ReferralTerms,
    orders: &'a [FriendOrder],
) -> Option<&'a FriendOrder> {
    let in_time = |it: &&FriendOrder| {
        (referral.bound_at..=referral.order_until).contains(&it.paid_at)
            && it.kept >= terms.minimum_order
    };
    orders
        .iter()
        .filter(in_time)
        .min_by(|a, b| (a.paid_at, &a.external_id).cmp(&(b.paid_at, &b.external_id)))
}

/// What news of the friend's orders means for a referral; `None` when it means nothing. `orders`
/// are all orders of the friend that were ever paid.
#[must_use]
pub fn observe(
    referral: &Referral,
    terms: &ReferralTerms,
    orders: &[FriendOrder],
    now: Timestamp,
) -> Option<Transition> {
    use ReferralState as State;
    match referral.state {
        State::Rewarded => {
            let order = referral.order.as_ref()?;
            let kept = orders
                .iter()
                .find(|it| it.external_id == order.external_id)
                .map_or(0, |it| it.kept);
            (kept < terms.minimum_order).then(|| {
                let reason = ReferralReason::OrderRefunded;
                Transition::new(State::ClawedBack, reason, Some(order.clone()), now)
            })
        }
        State::ClawedBack | State::Refused | State::Expired => None,
        State::Joined | State::Ordered | State::Held => observe_open(referral, terms, orders, now),
    }
}

fn observe_open(
    referral: &Referral,
    terms: &ReferralTerms,
    orders: &[FriendOrder],
    now: Timestamp,
) -> Option<Transition> {
    use ReferralState as State;
    if orders.iter().any(|it| it.paid_at < referral.bound_at) {
        let reason = ReferralReason::ExistingCustomer;
        return Some(Transition::new(State::Refused, reason, None, now));
    }
    let best = counted(referral, terms, orders);
    match (&referral.order, best) {
        (None, None) => None,
        (Some(_), None) => {
            let reason = ReferralReason::OrderRefunded;
            Some(Transition::new(State::Joined, reason, None, now))
        }
        (Some(order), Some(best)) if order.external_id == best.external_id => None,
        (before, Some(best)) => {
            let order = CountedOrder {
                external_id: best.external_id.clone(),
                paid_at: best.paid_at,
                due_at: best.paid_at.plus_days(i64::from(terms.hold_days)),
            };
            let earlier = before.as_ref().is_some_and(|it| best.paid_at <= it.paid_at);
            let reason = if earlier {
                ReferralReason::EarlierOrder
            } else {
                ReferralReason::OrderPaid
            };
            Some(Transition::new(State::Ordered, reason, Some(order), now))
        }
    }
}

/// When something has to be decided about a referral without any news.
#[must_use]
pub fn due_at(referral: &Referral) -> Option<Timestamp> {
    match referral.state {
        ReferralState::Joined => Some(referral.order_until.next()),
        ReferralState::Ordered => referral.order.as_ref().map(|it| it.due_at),
        _ => None,
    }
}

/// What is due at `now`; `None` when nothing is.
#[must_use]
pub fn fall_due(
    referral: &Referral,
    both_active: bool,
    verdict: Verdict,
    now: Timestamp,
) -> Option<Transition> {
    use ReferralState as State;
    if due_at(referral).is_none_or(|it| it > now) {
        return None;
    }
    let (state, reason) = match (referral.state, both_active, verdict) {
        (State::Joined, ..) => (State::Expired, ReferralReason::TimeOver),
        (_, false, _) => (State::Refused, ReferralReason::MemberUnavailable),
        (_, _, Verdict::Allow) => (State::Rewarded, ReferralReason::OrderStood),
        (_, _, Verdict::Hold) => (State::Held, ReferralReason::UnderReview),
        (_, _, Verdict::Block) => (State::Refused, ReferralReason::NotGenuine),
    };
    Some(Transition::new(state, reason, referral.order.clone(), now))
}

/// A person's decision about a referral whose order still counts. Releasing and rejecting are
/// for held ones; what was decided, by a person or for being unusual, can be reopened.
///
/// # Errors
/// `referrals.not_decidable` when the referral does not stand where the decision applies.
pub fn decide(
    referral: &Referral,
    decision: Decision,
    now: Timestamp,
) -> Result<Transition, ErrorCode> {
    use ReferralState as State;
    let order = referral
        .order
        .clone()
        .ok_or(ErrorCode::ReferralNotDecidable)?;
    let (state, reason) = match (decision, referral.state) {
        (Decision::Release, State::Held) => (State::Rewarded, ReferralReason::Released),
        (Decision::Reject, State::Held) => (State::Refused, ReferralReason::Rejected),
        (Decision::Reopen, State::Refused | State::Rewarded) => {
            (State::Held, ReferralReason::Reopened)
        }
        _ => return Err(ErrorCode::ReferralNotDecidable),
    };
    Ok(Transition::new(state, reason, Some(order), now))
}

#[cfg(test)]
mod tests;
