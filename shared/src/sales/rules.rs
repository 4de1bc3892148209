//! What a sale is doing at an instant, and who may claim then.

use super::{ClaimReason, ClaimState, Phase, SaleDefinition, SaleState};
use crate::communities::Belonging;
use crate::ids::CommunityId;
use crate::problem::ErrorCode;
use crate::tiers::Ladder;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A sale as somebody finds it.
#[derive(Debug, Clone, Copy)]
pub struct SaleNow<'a> {
    /// What staff wrote.
    pub definition: &'a SaleDefinition,
    /// What staff did with it.
    pub state: SaleState,
    /// Whether staff stopped it for the moment.
    pub paused: bool,
}

/// Who wants to claim.
#[derive(Debug, Clone, Copy)]
pub struct Visitor<'a> {
    /// Code of the member's tier.
    pub tier: &'a str,
    /// The member's own tags.
    pub tags: &'a [String],
    /// The member's communities, the one joined first first.
    pub communities: &'a [Belonging],
}

/// Why somebody cannot claim now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NotNow {
    /// Nobody knows of the sale yet.
    Draft,
    /// The sale was called off.
    Cancelled,
    /// The sale is over.
    Ended,
    /// The member belongs to none of its communities.
    OtherCommunity,
    /// The member has none of its tags.
    OtherTag,
    /// The member's tier is too low.
    TierTooLow {
        /// Code of the lowest tier that may take part.
        tier: String,
    },
    /// Staff stopped it for the moment.
    Paused,
    /// It is not open for the member yet.
    NotOpen {
        /// When it opens for the member.
        opens_at: Timestamp,
    },
}

impl NotNow {
    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Draft => ErrorCode::SaleNotFound,
            Self::Cancelled => ErrorCode::SaleCancelled,
            Self::Ended => ErrorCode::SaleEnded,
            Self::OtherCommunity => ErrorCode::SaleOtherCommunity,
            Self::OtherTag => ErrorCode::SaleOtherTag,
            Self::TierTooLow { .. } => ErrorCode::SaleTierTooLow,
            Self::Paused => ErrorCode::SalePaused,
            Self::NotOpen { .. } => ErrorCode::SaleNotOpen,
        }
    }

    /// The fact of this one case that a caller can use.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::TierTooLow { tier } => Some(tier.clone()),
            Self::NotOpen { opens_at } => Some(opens_at.to_string()),
            _ => None,
        }
    }
}

impl SaleDefinition {
    /// When it opens for the first.
    #[must_use]
    pub fn first_opening(&self) -> Timestamp {
        let most = self.early.iter().map(|it| it.minutes).max().unwrap_or(0);
        earlier(self.starts_at, most)
    }

    /// When it opens for members of a tier.
    #[must_use]
    pub fn opening_for(&self, tier: &str, ladder: &Ladder) -> Timestamp {
        let rank = ladder.rank(tier);
        let reached = self
            .early
            .iter()
            // A step of a tier that is gone lets nobody in.
            .filter(|it| ladder.place(&it.tier).is_some_and(|it| it <= rank))
            .map(|it| it.minutes);
        earlier(self.starts_at, reached.max().unwrap_or(0))
    }

    /// The communities of a member that share in the sale, the one joined first first.
    #[must_use]
    pub fn sharing(&self, communities: &[Belonging]) -> Vec<CommunityId> {
        let audience = &self.audience;
        let shares = |it: &&Belonging| {
            let named = audience.communities.contains(&it.community);
            let tagged = it.tags.iter().any(|tag| audience.tags.contains(tag));
            let anyone = audience.communities.is_empty() && audience.tags.is_empty();
            named || (audience.communities.is_empty() && tagged) || anyone
        };
        let found = communities.iter().filter(shares);
        found.map(|it| it.community).collect()
    }
}

fn earlier(at: Timestamp, minutes: u32) -> Timestamp {
    at.plus_millis(-i64::from(minutes) * 60_000)
}

impl SaleNow<'_> {
    /// What it is doing.
    #[must_use]
    pub fn phase(&self, now: Timestamp) -> Phase {
        match self.state {
            SaleState::Draft => Phase::Draft,
            SaleState::Cancelled => Phase::Cancelled,
            SaleState::Scheduled if now >= self.definition.ends_at => Phase::Ended,
            SaleState::Scheduled if now >= self.definition.starts_at => Phase::Live,
            SaleState::Scheduled if now >= self.definition.first_opening() => Phase::Early,
            SaleState::Scheduled => Phase::Scheduled,
        }
    }

    /// Everything that keeps a member from claiming now, the one that weighs most first.
    #[must_use]
    pub fn against(&self, who: Visitor<'_>, ladder: &Ladder, now: Timestamp) -> Vec<NotNow> {
        let mut found = Vec::new();
        match self.phase(now) {
            Phase::Draft => return vec![NotNow::Draft],
            Phase::Cancelled => found.push(NotNow::Cancelled),
            Phase::Ended => found.push(NotNow::Ended),
            Phase::Scheduled | Phase::Early | Phase::Live => {}
        }
        let audience = &self.definition.audience;
        let belongs = |it: &Belonging| audience.communities.contains(&it.community);
        if !audience.communities.is_empty() && !who.communities.iter().any(belongs) {
            found.push(NotNow::OtherCommunity);
        }
        let mut tags = who
            .tags
            .iter()
            .chain(who.communities.iter().flat_map(|it| &it.tags));
        if !audience.tags.is_empty() && !tags.any(|it| audience.tags.contains(it)) {
            found.push(NotNow::OtherTag);
        }
        if let Some(tier) = &audience.minimum_tier
            // A tier that is gone is nobody's.
            && ladder.place(tier).is_none_or(|it| ladder.rank(who.tier) < it)
        {
            found.push(NotNow::TierTooLow { tier: tier.clone() });
        }
        if self.paused {
            found.push(NotNow::Paused);
        }
        let opens_at = self.definition.opening_for(who.tier, ladder);
        if now < opens_at {
            found.push(NotNow::NotOpen { opens_at });
        }
        found
    }
}

/// What a payment makes of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payment {
    /// It is paid while it is held.
    Confirms,
    /// It came after the claim went back: it takes another seat, or the money goes back.
    Late,
    /// It is known already.
    Known,
    /// Another order has paid the claim.
    OtherOrder,
}

/// What the payment of an order makes of a claim; `same` says whether the claim knows this order.
#[must_use]
pub const fn payment(state: ClaimState, same: bool) -> Payment {
    match (state, same) {
        (ClaimState::Held, _) => Payment::Confirms,
        (ClaimState::Released, false) => Payment::Late,
        // A claim that its own order gave back was paid and cancelled.
        (ClaimState::Paid | ClaimState::RefundDue | ClaimState::Released, true) => Payment::Known,
        (ClaimState::Paid | ClaimState::RefundDue, false) => Payment::OtherOrder,
    }
}

impl ClaimReason {
    /// Where a claim stands for this reason.
    #[must_use]
    pub const fn state(self) -> ClaimState {
        match self {
            Self::Claimed => ClaimState::Held,
            Self::PaidInTime | Self::Reseated => ClaimState::Paid,
            Self::Deadline | Self::SaleCancelled | Self::OrderCancelled | Self::MemberGone => {
                ClaimState::Released
            }
            Self::TooLate => ClaimState::RefundDue,
        }
    }
}

#[cfg(test)]
#[path = "rules/tests.rs"]
mod tests;
