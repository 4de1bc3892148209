//! What happens in Coterie that the shop's systems are told of: one list, with what each says.

use crate::communities::MembershipState;
use crate::ids::{
    CommunityId, CouponId, CouponTemplateId, EntryId, FlashClaimId, FlashSaleId, MemberId, MergeId,
    ReferralId, TaskClaimId, TaskId,
};
use crate::members::MemberStatus;
use crate::points::Asset;
use crate::referrals::{ReferralReason, ReferralState};
use crate::sales::ClaimReason;
use crate::text::Text;
use crate::tiers::ChangeCause;
use crate::time::{Day, Timestamp};
use serde::{Deserialize, Serialize};

macro_rules! events {
    ($($variant:ident($data:ty) = $name:literal, $zh:literal, $en:literal;)*) => {
        /// What can happen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum EventType {
            $(
                #[doc = $en]
                #[serde(rename = $name)]
                $variant,
            )*
        }

        impl EventType {
            /// Everything that can happen.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The event with this name.
            #[must_use]
            pub fn of(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.as_str() == name)
            }

            /// What it means, for people.
            #[must_use]
            pub fn description(self) -> Text {
                match self { $(Self::$variant => Text::new($zh, $en),)* }
            }

            /// The name of the schema of what it says.
            #[cfg(feature = "openapi")]
            #[must_use]
            pub fn schema(self) -> std::borrow::Cow<'static, str> {
                match self { $(Self::$variant => <$data as utoipa::ToSchema>::name(),)* }
            }
        }

        /// Something that happened, and what there is to say about it.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "type", content = "data")]
        pub enum Event {
            $(
                #[doc = $en]
                #[serde(rename = $name)]
                $variant($data),
            )*
        }

        impl Event {
            /// What it is.
            #[must_use]
            pub const fn kind(&self) -> EventType {
                match self { $(Self::$variant(_) => EventType::$variant,)* }
            }
        }
    };
}

events! {
    MemberCreated(MemberNamed) = "member.created", "新会员加入", "A member exists";
    MemberChanged(MemberNamed) = "member.changed", "会员资料变更", "A member's record was changed";
    MemberStatusChanged(MemberStanding) = "member.status_changed", "会员被冻结或解冻", "A member was frozen, or released";
    MemberErased(MemberGone) = "member.erased", "会员资料已删除", "A member was erased";
    MemberMerged(MembersMerged) = "member.merged", "两个会员合并", "Two members were made one";
    MemberMergeUndone(MembersMerged) = "member.merge_undone", "会员合并撤销", "A merge of members was undone";
    PointsChanged(BalanceChanged) = "points.changed", "积分或余额变动", "A balance of points or credit changed";
    TierChanged(TierMoved) = "tier.changed", "会员等级变更", "A member's tier changed";
    TierWarned(TierMoved) = "tier.warned", "会员等级即将下降", "A member was warned that the tier will end";
    TaskRewarded(TaskDone) = "task.rewarded", "任务奖励已发放", "A task was rewarded";
    CheckedIn(DayChecked) = "check_in.made", "会员签到", "A member checked in";
    CouponIssued(CouponMoved) = "coupon.issued", "优惠券已发放", "A member was given a coupon";
    CouponRedeemed(CouponMoved) = "coupon.redeemed", "优惠券已使用", "A coupon was used";
    CouponReturned(CouponMoved) = "coupon.returned", "优惠券已退回", "A used coupon came back";
    CouponRevoked(CouponMoved) = "coupon.revoked", "优惠券已撤回", "A coupon was taken away";
    ReferralMoved(ReferralStanding) = "referral.moved", "邀请状态变更", "A referral moved to another state";
    CommunityJoined(Membership) = "community.joined", "会员加入社群", "A member joined a community";
    CommunityLeft(Membership) = "community.left", "会员离开社群", "A member left a community, or was removed";
    SalePublished(SaleNamed) = "flash_sale.published", "秒杀已发布", "A flash sale was published";
    SalePaused(SaleNamed) = "flash_sale.paused", "秒杀已暂停", "A flash sale was paused";
    SaleResumed(SaleNamed) = "flash_sale.resumed", "秒杀已恢复", "A flash sale was resumed";
    SaleCancelled(SaleNamed) = "flash_sale.cancelled", "秒杀已取消", "A flash sale was cancelled";
    ClaimPaid(ClaimMoved) = "claim.paid", "秒杀名额已付款", "A claim was paid for";
    ClaimReleased(ClaimMoved) = "claim.released", "秒杀名额已释放", "The pieces of a claim went back on sale";
    ClaimRefused(ClaimBought) = "claim.refused", "订单不能使用该名额", "A paid order names a claim that it cannot buy";
    ClaimRefundDue(ClaimBought) = "claim.refund_due", "付款过期，需要退款", "A claim was paid for too late, and the money has to go back";
}

macro_rules! data {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $ty,)*
        }
    )*};
}

data! {
    /// A member, by both ids.
    MemberNamed {
        /// The member.
        member_id: MemberId,
        /// The shop's id of the member; absent for one who signed up here.
        external_id: Option<String>,
    }
    /// Whether a member may use the programme.
    MemberStanding {
        /// The member.
        member_id: MemberId,
        /// What holds now.
        status: MemberStatus,
    }
    /// A member who was erased.
    MemberGone {
        /// The member.
        member_id: MemberId,
    }
    /// A merge of two members.
    MembersMerged {
        /// The merge.
        merge_id: MergeId,
        /// Who ended with it.
        from: MemberId,
        /// Who goes on for both.
        into: MemberId,
    }
    /// A balance after it changed.
    BalanceChanged {
        /// The member.
        member_id: MemberId,
        /// Points, or credit in minor units.
        asset: Asset,
        /// What can be spent now.
        available: i64,
        /// What waits for the return window to pass.
        pending: i64,
        /// The rows of the ledger that did it.
        entries: Vec<EntryId>,
    }
    /// A change of tier.
    TierMoved {
        /// The member.
        member_id: MemberId,
        /// The tier before; absent on joining.
        from: Option<String>,
        /// The tier after.
        to: String,
        /// Why.
        cause: ChangeCause,
        /// When.
        at: Timestamp,
    }
    /// A task whose reward was given.
    TaskDone {
        /// The member.
        member_id: MemberId,
        /// The task.
        task_id: TaskId,
        /// The reward that was given.
        claim_id: TaskClaimId,
    }
    /// A day that a member checked in for.
    DayChecked {
        /// The member.
        member_id: MemberId,
        /// The day, by the member's own time zone.
        day: Day,
    }
    /// A coupon.
    CouponMoved {
        /// The coupon.
        coupon_id: CouponId,
        /// What it is one of.
        template_id: CouponTemplateId,
        /// Whose it is.
        member_id: MemberId,
    }
    /// Where a referral stands.
    ReferralStanding {
        /// The referral.
        referral_id: ReferralId,
        /// Who invited.
        referrer_id: MemberId,
        /// Who was invited.
        friend_id: MemberId,
        /// Where it stands.
        state: ReferralState,
        /// Why.
        reason: ReferralReason,
    }
    /// A member of a community.
    Membership {
        /// The community.
        community_id: CommunityId,
        /// The member.
        member_id: MemberId,
        /// What the member is to the community now.
        state: MembershipState,
    }
    /// A flash sale.
    SaleNamed {
        /// The sale.
        sale_id: FlashSaleId,
    }
    /// A claim whose pieces were paid for, or went back.
    ClaimMoved {
        /// The claim.
        claim_id: FlashClaimId,
        /// Of which sale.
        sale_id: FlashSaleId,
        /// Whose it is.
        member_id: MemberId,
        /// The product.
        sku: String,
        /// How many pieces.
        quantity: i64,
        /// Why.
        reason: ClaimReason,
        /// The shop's order that did it; absent when none did.
        order_id: Option<String>,
    }
    /// A line of an order that names a claim.
    ClaimBought {
        /// The claim.
        claim_id: FlashClaimId,
        /// The shop's order.
        order_id: String,
        /// Its line.
        line_id: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_event_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = EventType::ALL.iter().map(|it| it.as_str()).collect();
        assert_eq!(names.len(), EventType::ALL.len());
        for kind in EventType::ALL {
            let (about, what) = kind.as_str().split_once('.').expect("two words");
            let plain = |it: &str| it.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            assert!(plain(about) && plain(what), "{}", kind.as_str());
            assert_eq!(EventType::of(kind.as_str()), Some(*kind));
            let written = serde_json::to_value(kind).expect("a word");
            assert_eq!(written, kind.as_str());
        }
        assert_eq!(EventType::of("member"), None);
    }
}
