//! A programme that works from the first minute: four tiers, a point a yuan.

use shared::points::{ClawbackPolicy, PointsPolicy, SpendLimits};
use shared::programme::Programme;
use shared::programme::brand::Brand;
use shared::quantity::Currency;
use shared::referrals::ReferralTerms;
use shared::referrals::terms::Milestone as FriendMilestone;
use shared::rewards::Reward;
use shared::tasks::check_in::{CheckInPlan, MakeupRules, Milestone};
use shared::text::Text;
use shared::tiers::{Benefit, Ladder, Tier, Window};

/// The shop before anyone named it.
#[must_use]
pub fn programme() -> Programme {
    let currency: Result<Currency, _> = "CNY".parse();
    Programme {
        name: Text::new("会员中心", "Member Centre"),
        currency: currency.unwrap_or_else(|_| unreachable!("CNY is three capital letters")),
        time_zone: "Asia/Shanghai".to_owned(),
        sign_up_open: true,
        brand: Brand::default(),
    }
}

/// Off until somebody turns them on: ¥20 of store credit for the friend, 2,000 points for the
/// inviter and more at 5, 20 and 50 friends, within half of an ordinary acquisition cost of ¥120.
#[must_use]
pub fn referrals() -> ReferralTerms {
    let milestone = |friends, amount, cost| FriendMilestone {
        friends,
        rewards: vec![Reward::Points { amount }],
        cost,
    };
    ReferralTerms {
        enabled: false,
        attribution_days: 14,
        order_days: 30,
        minimum_order: 5_000,
        hold_days: 7,
        friend_rewards: vec![Reward::Credit { amount: 2_000 }],
        inviter_rewards: vec![Reward::Points { amount: 2_000 }],
        cost_per_friend: 4_000,
        milestones: vec![
            milestone(5, 2_000, 2_000),
            milestone(20, 8_000, 8_000),
            milestone(50, 25_000, 25_000),
        ],
        friends_per_month: Some(30),
        acquisition_cost: 12_000,
        target_bps: 5_000,
        monthly_budget: 500_000,
        signals: true,
    }
}

/// Two points a day, more on the third and the seventh day of a week in a row, a make-up card with
/// the seventh.
#[must_use]
pub fn check_in() -> CheckInPlan {
    let points = |amount| Reward::Points { amount };
    CheckInPlan {
        open: true,
        daily: vec![points(2)],
        milestones: vec![
            Milestone {
                day: 3,
                rewards: vec![points(5)],
            },
            Milestone {
                day: 7,
                rewards: vec![points(20), Reward::MakeupCard { count: 1 }],
            },
        ],
        cycle_days: Some(7),
        monthly: false,
        makeup: MakeupRules {
            days_back: 7,
            per_month: 3,
        },
    }
}

/// One point and one growth value a yuan, returns for 15 days, 12 months to the month's end;
/// 100 points pay a yuan, up to half of an order.
#[must_use]
pub fn policy() -> PointsPolicy {
    PointsPolicy {
        points_per_100_minor: 1,
        growth_per_100_minor: 1,
        category_multipliers: Vec::new(),
        excluded_categories: Vec::new(),
        excluded_skus: Vec::new(),
        order_earn_max: None,
        return_window_days: 15,
        expiry_months: 12,
        clawback: ClawbackPolicy::AllowDeficit,
        spend: SpendLimits {
            minor_per_100_points: 100,
            minimum: 100,
            step: 10,
            order_max: None,
            day_max: None,
            order_share_max_bps: 5_000,
        },
        approval_above: 5_000,
    }
}

/// Four tiers over the last 12 months, 30 days of grace, a warning 30 days ahead.
#[must_use]
pub fn ladder() -> Ladder {
    let tier = |code: &str, zh: &str, en: &str, threshold, benefits| Tier {
        code: code.to_owned(),
        name: Text::new(zh, en),
        threshold,
        benefits,
    };
    let earn = |bps| Benefit::EarnMultiplier { bps };
    let gift = |points| Benefit::BirthdayGift { points };
    let early = |minutes| Benefit::FlashSaleEarlyAccess { minutes };
    let free = |from_amount| Benefit::FreeShipping { from_amount };
    Ladder {
        window: Window::Rolling12Months,
        grace_days: 30,
        warn_days: 30,
        tiers: vec![
            tier(
                "member",
                "普通会员",
                "Member",
                0,
                vec![earn(10_000), free(9_900)],
            ),
            tier(
                "silver",
                "银卡会员",
                "Silver",
                500,
                vec![earn(12_000), free(5_900), gift(50), early(5)],
            ),
            tier(
                "gold",
                "金卡会员",
                "Gold",
                2_000,
                vec![
                    earn(15_000),
                    free(0),
                    gift(200),
                    early(15),
                    Benefit::PriorityShipping,
                ],
            ),
            tier(
                "diamond",
                "钻石会员",
                "Diamond",
                8_000,
                vec![
                    earn(20_000),
                    free(0),
                    gift(500),
                    early(30),
                    Benefit::PriorityShipping,
                    Benefit::DedicatedService,
                ],
            ),
        ],
    }
}
