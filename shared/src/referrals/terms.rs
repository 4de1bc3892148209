//! The terms of a referral programme and what they may say.
//!
//! What a new customer may cost is bounded from the start: both rewards together, with the
//! milestones spread over the friends who reach them, stay within a share of the ordinary cost of
//! acquiring a customer, and a month's budget pauses the programme when it is used up.

use super::MAX_MILESTONES;
use crate::problem::FieldError;
use crate::quantity::{MAX_AMOUNT, WHOLE_BPS, scale_floor};
use crate::rewards::{Reward, check_rewards};
use serde::{Deserialize, Serialize};

/// The terms of a referral programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReferralTerms {
    /// Whether new invitations count.
    pub enabled: bool,
    /// Days from the visit within which the friend joins.
    pub attribution_days: u16,
    /// Days from joining within which the first order is paid.
    pub order_days: u16,
    /// What the first order must keep after refunds, in minor units.
    pub minimum_order: i64,
    /// Days after payment for which the order must stand.
    pub hold_days: u16,
    /// What the friend gets.
    pub friend_rewards: Vec<Reward>,
    /// What the inviter gets.
    pub inviter_rewards: Vec<Reward>,
    /// What both rewards cost the shop for one friend, in minor units.
    pub cost_per_friend: i64,
    /// What the inviter gets besides, at a number of rewarded friends; rising.
    pub milestones: Vec<Milestone>,
    /// Most friends of one inviter who are bound in a calendar month; none is no limit.
    pub friends_per_month: Option<u32>,
    /// What a new customer ordinarily costs, in minor units.
    pub acquisition_cost: i64,
    /// Most of that cost that a referred customer may cost, in basis points.
    pub target_bps: i64,
    /// Most that referrals of one calendar month may cost, in minor units.
    pub monthly_budget: i64,
    /// Whether what is unusual is looked at before it is paid; off where the shop's own check
    /// against fraud decides.
    #[serde(default = "yes")]
    pub signals: bool,
}

const fn yes() -> bool {
    true
}

/// An additional reward at a number of rewarded friends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Milestone {
    /// Rewarded friends.
    pub friends: u32,
    /// What the inviter gets.
    pub rewards: Vec<Reward>,
    /// What that costs the shop, in minor units.
    pub cost: i64,
}

impl ReferralTerms {
    /// What one friend may cost at most, in minor units, rounded down.
    #[must_use]
    pub fn most_per_friend(&self) -> i64 {
        scale_floor(self.acquisition_cost, self.target_bps, WHOLE_BPS).unwrap_or(0)
    }

    /// What one friend costs when every inviter reaches every milestone, in minor units, rounded
    /// up. This is set aside for each friend, so that milestones never exceed a budget: those
    /// reached so far are shared by all friends so far.
    #[must_use]
    pub fn worst_per_friend(&self) -> i64 {
        let (mut worst, mut cost) = (0, 0i64);
        for milestone in &self.milestones {
            cost = cost.saturating_add(milestone.cost);
            worst = worst.max(div_ceil(cost, i64::from(milestone.friends)));
        }
        self.cost_per_friend.saturating_add(worst)
    }
}

const fn div_ceil(cost: i64, friends: i64) -> i64 {
    if friends <= 0 {
        return cost;
    }
    cost / friends + (cost % friends != 0) as i64
}

/// Checks terms before they are kept. An empty answer means they are fine.
#[must_use]
pub fn check_terms(terms: &ReferralTerms) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut within = |pointer: &str, value: i64, least: i64, most: i64| {
        if !(least..=most).contains(&value) {
            let message = format!("expected {least} to {most}");
            errors.push(FieldError::new(pointer, "out_of_range", message));
        }
    };
    within(
        "/attribution_days",
        i64::from(terms.attribution_days),
        1,
        90,
    );
    within("/order_days", i64::from(terms.order_days), 1, 365);
    within("/minimum_order", terms.minimum_order, 1, MAX_AMOUNT);
    within("/hold_days", i64::from(terms.hold_days), 0, 90);
    within("/cost_per_friend", terms.cost_per_friend, 0, MAX_AMOUNT);
    within("/acquisition_cost", terms.acquisition_cost, 1, MAX_AMOUNT);
    within("/target_bps", terms.target_bps, 1, WHOLE_BPS);
    within("/monthly_budget", terms.monthly_budget, 0, MAX_AMOUNT);
    if let Some(most) = terms.friends_per_month {
        within("/friends_per_month", i64::from(most), 1, 10_000);
    }
    check_milestones(&terms.milestones, &mut errors);
    errors.extend(check_rewards(&terms.friend_rewards, "/friend_rewards"));
    errors.extend(check_rewards(&terms.inviter_rewards, "/inviter_rewards"));
    let credit = credit_of(&terms.friend_rewards) + credit_of(&terms.inviter_rewards);
    if terms.cost_per_friend < credit {
        let message = format!("store credit alone costs {credit}");
        errors.push(FieldError::new("/cost_per_friend", "too_small", message));
    }
    if errors.is_empty() && terms.worst_per_friend() > terms.most_per_friend() {
        let message = format!(
            "a friend may cost up to {} but would cost {}",
            terms.most_per_friend(),
            terms.worst_per_friend()
        );
        errors.push(FieldError::new("/target_bps", "over_target", message));
    }
    errors
}

fn check_milestones(milestones: &[Milestone], errors: &mut Vec<FieldError>) {
    if milestones.len() > MAX_MILESTONES {
        let message = format!("expected at most {MAX_MILESTONES} milestones");
        errors.push(FieldError::new("/milestones", "out_of_range", message));
    }
    let mut before = 0;
    for (place, milestone) in milestones.iter().enumerate() {
        let pointer = format!("/milestones/{place}");
        if milestone.friends <= before || milestone.friends > 10_000 {
            let message = format!("expected more than {before} friends, up to 10000");
            errors.push(FieldError::new(
                format!("{pointer}/friends"),
                "out_of_range",
                message,
            ));
        }
        before = milestone.friends;
        errors.extend(check_rewards(
            &milestone.rewards,
            &format!("{pointer}/rewards"),
        ));
        let least = credit_of(&milestone.rewards);
        if !(least..=MAX_AMOUNT).contains(&milestone.cost) {
            let message = format!("expected {least} to {MAX_AMOUNT}");
            errors.push(FieldError::new(
                format!("{pointer}/cost"),
                "out_of_range",
                message,
            ));
        }
    }
}

/// Store credit among rewards, in minor units.
fn credit_of(rewards: &[Reward]) -> i64 {
    let credit = rewards.iter().map(|it| match it {
        Reward::Credit { amount } => (*amount).clamp(0, MAX_AMOUNT),
        _ => 0,
    });
    credit.sum()
}
