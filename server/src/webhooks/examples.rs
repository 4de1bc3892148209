//! An example of every event: what trials send, and what the description of the API shows.

use sea_orm::prelude::Uuid;
use shared::communities::MembershipState;
use shared::members::MemberStatus;
use shared::points::Asset;
use shared::referrals::{ReferralReason, ReferralState};
use shared::sales::ClaimReason;
use shared::tiers::ChangeCause;
use shared::time::{Day, Timestamp};
use shared::webhooks::events::{
    BalanceChanged, ClaimBought, ClaimMoved, CouponMoved, DayChecked, Event, EventType, MemberGone,
    MemberNamed, MemberStanding, MembersMerged, Membership, ReferralStanding, SaleNamed, TaskDone,
    TierMoved,
};

/// 20 November 2026, 08:00 UTC.
pub(crate) const WHEN: Timestamp = Timestamp::from_millis(1_795_161_600_000);

/// The nth id of an example: a moment of that morning, and a number.
fn id<T: From<Uuid>>(nth: u8) -> T {
    let millis: [u8; 8] = 1_795_161_600_000_u64.to_be_bytes();
    let mut bytes = [0x11; 16];
    bytes[..6].copy_from_slice(&millis[2..]);
    bytes[6] = 0x70;
    bytes[8] = 0x80;
    bytes[15] = nth;
    Uuid::from_bytes(bytes).into()
}

/// An example of an event.
pub(crate) fn example(kind: EventType) -> Event {
    use EventType as Type;
    match kind {
        Type::MemberCreated => Event::MemberCreated(named()),
        Type::MemberChanged => Event::MemberChanged(named()),
        Type::MemberStatusChanged => Event::MemberStatusChanged(MemberStanding {
            member_id: id(1),
            status: MemberStatus::Frozen,
        }),
        Type::MemberErased => Event::MemberErased(MemberGone { member_id: id(1) }),
        Type::MemberMerged => Event::MemberMerged(merged()),
        Type::MemberMergeUndone => Event::MemberMergeUndone(merged()),
        Type::PointsChanged => Event::PointsChanged(BalanceChanged {
            member_id: id(1),
            asset: Asset::Points,
            available: 1200,
            pending: 300,
            entries: vec![id(3)],
        }),
        Type::TierChanged => Event::TierChanged(tier(ChangeCause::Reached)),
        Type::TierWarned => Event::TierWarned(TierMoved {
            from: Some("gold".to_owned()),
            to: "silver".to_owned(),
            ..tier(ChangeCause::Warned)
        }),
        Type::TaskRewarded => Event::TaskRewarded(TaskDone {
            member_id: id(1),
            task_id: id(4),
            claim_id: id(5),
        }),
        Type::CheckedIn => Event::CheckedIn(DayChecked {
            member_id: id(1),
            day: Day::from(jiff::civil::date(2026, 11, 20)),
        }),
        Type::CouponIssued => Event::CouponIssued(coupon()),
        Type::CouponRedeemed => Event::CouponRedeemed(coupon()),
        Type::CouponReturned => Event::CouponReturned(coupon()),
        Type::CouponRevoked => Event::CouponRevoked(coupon()),
        Type::ReferralMoved => Event::ReferralMoved(ReferralStanding {
            referral_id: id(8),
            referrer_id: id(1),
            friend_id: id(2),
            state: ReferralState::Rewarded,
            reason: ReferralReason::OrderStood,
        }),
        Type::CommunityJoined => Event::CommunityJoined(membership(MembershipState::Active)),
        Type::CommunityLeft => Event::CommunityLeft(membership(MembershipState::Left)),
        Type::SalePublished => Event::SalePublished(sale()),
        Type::SalePaused => Event::SalePaused(sale()),
        Type::SaleResumed => Event::SaleResumed(sale()),
        Type::SaleCancelled => Event::SaleCancelled(sale()),
        Type::ClaimPaid => Event::ClaimPaid(ClaimMoved {
            order_id: Some("o-1".to_owned()),
            ..claim(ClaimReason::PaidInTime)
        }),
        Type::ClaimReleased => Event::ClaimReleased(claim(ClaimReason::Deadline)),
        Type::ClaimRefused => Event::ClaimRefused(bought()),
        Type::ClaimRefundDue => Event::ClaimRefundDue(bought()),
    }
}

fn named() -> MemberNamed {
    MemberNamed {
        member_id: id(1),
        external_id: Some("c-1".to_owned()),
    }
}

fn merged() -> MembersMerged {
    MembersMerged {
        merge_id: id(9),
        from: id(2),
        into: id(1),
    }
}

fn tier(cause: ChangeCause) -> TierMoved {
    TierMoved {
        member_id: id(1),
        from: Some("silver".to_owned()),
        to: "gold".to_owned(),
        cause,
        at: WHEN,
    }
}

fn coupon() -> CouponMoved {
    CouponMoved {
        coupon_id: id(6),
        template_id: id(7),
        member_id: id(1),
    }
}

fn membership(state: MembershipState) -> Membership {
    Membership {
        community_id: id(10),
        member_id: id(1),
        state,
    }
}

fn sale() -> SaleNamed {
    SaleNamed { sale_id: id(11) }
}

fn claim(reason: ClaimReason) -> ClaimMoved {
    ClaimMoved {
        claim_id: id(12),
        sale_id: id(11),
        member_id: id(1),
        sku: "tea".to_owned(),
        quantity: 1,
        reason,
        order_id: None,
    }
}

fn bought() -> ClaimBought {
    ClaimBought {
        claim_id: id(12),
        order_id: "o-1".to_owned(),
        line_id: "1".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_what_it_is_an_example_of() {
        for kind in EventType::ALL {
            let event = example(*kind);
            assert_eq!(event.kind(), *kind);
            let written = serde_json::to_string(&event).expect("JSON");
            let read: Event = serde_json::from_str(&written).expect("what was written is read");
            assert_eq!(read, event);
        }
    }
}
