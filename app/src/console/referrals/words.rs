//! States and reasons of referrals, as staff read them.

use crate::console::kit::table::badge;
use crate::tr;
use leptos::prelude::*;
use shared::referrals::{ReferralReason, ReferralState};
use shared::text::Locale;

/// A state in words, and its tone.
fn state_name(locale: Locale, state: ReferralState) -> (&'static str, &'static str) {
    match state {
        ReferralState::Joined => (tr!(locale, referral_desk.joined), "plain"),
        ReferralState::Ordered => (tr!(locale, referral_desk.ordered), "wait"),
        ReferralState::Held => (tr!(locale, referral_desk.held), "wait"),
        ReferralState::Rewarded => (tr!(locale, referral_desk.rewarded), "good"),
        ReferralState::ClawedBack => (tr!(locale, referral_desk.clawed_back), "plain"),
        ReferralState::Refused => (tr!(locale, referral_desk.refused), "bad"),
        ReferralState::Expired => (tr!(locale, referral_desk.expired), "plain"),
    }
}

/// A state as a badge.
pub(super) fn state_badge(locale: Locale, state: ReferralState) -> AnyView {
    let (name, tone) = state_name(locale, state);
    badge(name, tone)
}

/// Why a referral moved. What members read is said to the inviter; staff need it shorter.
pub(super) fn reason_name(locale: Locale, reason: ReferralReason) -> &'static str {
    match reason {
        ReferralReason::Bound => tr!(locale, referral_desk.r_bound),
        ReferralReason::OrderPaid => tr!(locale, referral_desk.r_order_paid),
        ReferralReason::EarlierOrder => tr!(locale, referral_desk.r_earlier_order),
        ReferralReason::OrderRefunded => tr!(locale, referral_desk.r_order_refunded),
        ReferralReason::OrderStood => tr!(locale, referral_desk.r_order_stood),
        ReferralReason::ExistingCustomer => tr!(locale, referral_desk.r_existing_customer),
        ReferralReason::TimeOver => tr!(locale, referral_desk.r_time_over),
        ReferralReason::UnderReview => tr!(locale, referral_desk.r_under_review),
        ReferralReason::NotGenuine => tr!(locale, referral_desk.r_not_genuine),
        ReferralReason::Released => tr!(locale, referral_desk.r_released),
        ReferralReason::Rejected => tr!(locale, referral_desk.r_rejected),
        ReferralReason::Reopened => tr!(locale, referral_desk.r_reopened),
        ReferralReason::MemberUnavailable => tr!(locale, referral_desk.r_member_unavailable),
    }
}
