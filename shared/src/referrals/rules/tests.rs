use super::*;
use crate::ids::ReferralId;
use crate::referrals::terms::{Milestone, check_terms};
use crate::rewards::Reward;
use crate::testing::day;
use proptest::prelude::*;
use uuid::Uuid;

fn terms() -> ReferralTerms {
    ReferralTerms {
        enabled: true,
        attribution_days: 30,
        order_days: 90,
        minimum_order: 5_000,
        hold_days: 15,
        friend_rewards: vec![Reward::Credit { amount: 1_000 }],
        inviter_rewards: vec![Reward::Points { amount: 500 }],
        cost_per_friend: 1_500,
        milestones: vec![Milestone {
            friends: 5,
            rewards: vec![Reward::Points { amount: 1_000 }],
            cost: 1_000,
        }],
        friends_per_month: Some(20),
        acquisition_cost: 5_000,
        target_bps: 5_000,
        monthly_budget: 100_000,
        signals: true,
    }
}

fn member(number: u128) -> MemberId {
    MemberId::from(Uuid::from_u128(number))
}

fn facts() -> BindFacts {
    BindFacts {
        referrer: member(1),
        friend: member(2),
        both_active: true,
        visited_at: day(10),
        friend_joined_at: day(12),
        friend_has_paid: false,
        friend_is_bound: false,
        leads_back: false,
        bound_this_month: 0,
        budget_left: 100_000,
        cost: 1_500,
    }
}

#[test]
fn who_is_bound_and_who_is_not() {
    let fine = facts();
    assert_eq!(bind(&fine, &terms(), day(12)), Ok(day(102)));
    let off = ReferralTerms {
        enabled: false,
        ..terms()
    };
    assert_eq!(bind(&fine, &off, day(12)), Err(Refusal::Off));
    let cases = [
        (
            BindFacts {
                friend: member(1),
                ..fine
            },
            Refusal::SelfReferral,
        ),
        (
            BindFacts {
                friend_is_bound: true,
                ..fine
            },
            Refusal::AlreadyBound,
        ),
        (
            BindFacts {
                leads_back: true,
                ..fine
            },
            Refusal::Loop,
        ),
        (
            BindFacts {
                both_active: false,
                ..fine
            },
            Refusal::Unavailable,
        ),
        (
            BindFacts {
                friend_joined_at: day(9),
                ..fine
            },
            Refusal::ExistingMember,
        ),
        (
            BindFacts {
                friend_has_paid: true,
                ..fine
            },
            Refusal::ExistingMember,
        ),
        (
            BindFacts {
                bound_this_month: 20,
                ..fine
            },
            Refusal::Capped,
        ),
        (
            BindFacts {
                budget_left: 1_499,
                ..fine
            },
            Refusal::Paused,
        ),
    ];
    for (facts, refusal) in cases {
        assert_eq!(bind(&facts, &terms(), day(12)), Err(refusal));
    }
}

#[test]
fn the_window_is_open_to_its_last_instant() {
    let fine = facts();
    assert!(bind(&fine, &terms(), day(40)).is_ok());
    assert_eq!(
        bind(&fine, &terms(), day(40).next()),
        Err(Refusal::OutsideWindow)
    );
    let late = BindFacts {
        friend_joined_at: day(41),
        ..fine
    };
    assert_eq!(bind(&late, &terms(), day(41)), Err(Refusal::OutsideWindow));
}

fn joined() -> Referral {
    Referral {
        id: ReferralId::from(Uuid::from_u128(9)),
        referrer: member(1),
        friend: member(2),
        state: ReferralState::Joined,
        bound_at: day(12),
        order_until: day(102),
        order: None,
        terms_version: 1,
    }
}

fn order(id: &str, paid_day: i64, kept: i64) -> FriendOrder {
    FriendOrder {
        external_id: id.to_owned(),
        paid_at: day(paid_day),
        kept,
    }
}

/// Moves a referral and answers why it moved.
fn apply(transition: Option<Transition>, referral: &mut Referral) -> Option<ReferralReason> {
    let transition = transition?;
    referral.state = transition.state;
    referral.order = transition.order;
    Some(transition.reason)
}

#[test]
fn a_first_order_waits_and_is_rewarded_when_it_has_stood() {
    let mut it = joined();
    let terms = terms();
    assert_eq!(
        observe(&it, &terms, &[order("a", 13, 4_999)], day(13)),
        None
    );
    let paid = [order("a", 13, 4_999), order("b", 14, 5_000)];
    let reason = apply(observe(&it, &terms, &paid, day(14)), &mut it);
    assert_eq!(reason, Some(ReferralReason::OrderPaid));
    assert_eq!(due_at(&it), Some(day(29)));
    assert_eq!(observe(&it, &terms, &paid, day(15)), None);
    let early = fall_due(&it, true, Verdict::Allow, day(29).plus_millis(-1));
    assert_eq!(early, None);
    let reason = apply(fall_due(&it, true, Verdict::Allow, day(29)), &mut it);
    assert_eq!(reason, Some(ReferralReason::OrderStood));
    assert_eq!(it.state, ReferralState::Rewarded);
    assert_eq!(fall_due(&it, true, Verdict::Allow, day(60)), None);
    // A partial refund that leaves the minimum changes nothing; less than that takes it back.
    assert_eq!(
        observe(&it, &terms, &[order("b", 14, 5_000)], day(61)),
        None
    );
    let after = observe(&it, &terms, &[order("b", 14, 4_000)], day(61));
    assert!(
        after
            .as_ref()
            .is_some_and(|to| takes_back(it.state, to.state))
    );
    apply(after, &mut it);
    assert_eq!(it.state, ReferralState::ClawedBack);
    assert_eq!(observe(&it, &terms, &paid, day(62)), None);
}

#[test]
fn what_keeps_a_reward_from_being_paid() {
    let terms = terms();
    let mut ordered = joined();
    apply(
        observe(&ordered, &terms, &[order("a", 13, 5_000)], day(13)),
        &mut ordered,
    );
    for (active, verdict, state, reason) in [
        (
            true,
            Verdict::Hold,
            ReferralState::Held,
            ReferralReason::UnderReview,
        ),
        (
            true,
            Verdict::Block,
            ReferralState::Refused,
            ReferralReason::NotGenuine,
        ),
        (
            false,
            Verdict::Allow,
            ReferralState::Refused,
            ReferralReason::MemberUnavailable,
        ),
    ] {
        let moved = fall_due(&ordered, active, verdict, day(40)).expect("it is due");
        assert_eq!((moved.state, moved.reason), (state, reason));
        assert!(!moved.pays());
    }
    let over = fall_due(&joined(), true, Verdict::Allow, day(102).next()).expect("it is due");
    assert_eq!(over.state, ReferralState::Expired);
    assert_eq!(fall_due(&joined(), true, Verdict::Allow, day(102)), None);
    // News of an order from before the invitation ends it.
    let old = observe(
        &ordered,
        &terms,
        &[order("z", 3, 1), order("a", 13, 5_000)],
        day(14),
    );
    assert_eq!(
        old.map(|it| it.reason),
        Some(ReferralReason::ExistingCustomer)
    );
}

#[test]
fn people_decide_about_held_ones_and_may_think_again() {
    let terms = terms();
    let mut it = joined();
    apply(
        observe(&it, &terms, &[order("a", 13, 5_000)], day(13)),
        &mut it,
    );
    for decision in [Decision::Release, Decision::Reject, Decision::Reopen] {
        assert_eq!(
            decide(&it, decision, day(14)),
            Err(ErrorCode::ReferralNotDecidable)
        );
    }
    apply(fall_due(&it, true, Verdict::Hold, day(30)), &mut it);
    let steps = [
        (Decision::Reject, ReferralState::Refused),
        (Decision::Reopen, ReferralState::Held),
        (Decision::Release, ReferralState::Rewarded),
        (Decision::Reopen, ReferralState::Held),
    ];
    for (decision, state) in steps {
        let moved = decide(&it, decision, day(31)).expect("it is decided");
        assert_eq!(moved.state, state);
        apply(Some(moved), &mut it);
    }
    // Refunded while a person looks at it.
    apply(observe(&it, &terms, &[order("a", 13, 0)], day(32)), &mut it);
    assert_eq!(it.state, ReferralState::Joined);
}

#[test]
fn terms_that_cost_too_much_or_cannot_be_are_refused() {
    assert_eq!(check_terms(&terms()), []);
    assert_eq!(terms().worst_per_friend(), 1_700);
    let dear = ReferralTerms {
        acquisition_cost: 3_000,
        ..terms()
    };
    let wrong = ReferralTerms {
        attribution_days: 0,
        order_days: 400,
        cost_per_friend: 999,
        friends_per_month: Some(0),
        milestones: vec![
            Milestone {
                friends: 5,
                rewards: vec![Reward::Credit { amount: 50 }],
                cost: 49,
            },
            Milestone {
                friends: 5,
                rewards: Vec::new(),
                cost: 0,
            },
        ],
        ..terms()
    };
    let pointers = |terms: &ReferralTerms| -> Vec<String> {
        check_terms(terms)
            .into_iter()
            .map(|it| it.pointer)
            .collect()
    };
    assert_eq!(pointers(&dear), ["/target_bps"]);
    assert_eq!(
        pointers(&wrong),
        [
            "/attribution_days",
            "/order_days",
            "/friends_per_month",
            "/milestones/0/cost",
            "/milestones/1/friends",
            "/cost_per_friend",
        ]
    );
}

prop_compose! {
    fn some_orders()(orders in prop::collection::vec((12i64..110, 0i64..12_000), 0..6)) -> Vec<FriendOrder> {
        orders.iter().enumerate().map(|(n, (paid, kept))| order(&n.to_string(), *paid, *kept)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// However news arrives, and whatever was refunded meanwhile, an open referral ends where the
    /// orders as they are now put it.
    #[test]
    fn the_order_of_news_does_not_matter(
        last in some_orders(),
        news in prop::collection::vec((0usize..6, 0i64..12_000), 0..20),
        shown in prop::collection::vec(0usize..6, 0..12),
    ) {
        let terms = terms();
        let mut it = joined();
        let mut seen: Vec<FriendOrder> = Vec::new();
        for (step, which) in shown.into_iter().chain(0..last.len()).enumerate() {
            let Some(order) = last.get(which) else { continue };
            seen.retain(|it| it.external_id != order.external_id);
            let kept = news.get(step).map_or(order.kept, |it| it.1);
            seen.push(FriendOrder { kept, ..order.clone() });
            let moved = observe(&it, &terms, &seen, day(111));
            apply(moved, &mut it);
        }
        let moved = observe(&it, &terms, &last, day(111));
        apply(moved, &mut it);
        let mut afresh = joined();
        let moved = observe(&afresh, &terms, &last, day(111));
        apply(moved, &mut afresh);
        prop_assert_eq!(it, afresh);
    }

    /// Whatever happens, at most one reward is out at a time, and none once the order is gone.
    #[test]
    fn never_more_than_one_reward(
        steps in prop::collection::vec((0u8..6, 0usize..3, 0i64..12_000, 0u8..3), 0..60),
    ) {
        let terms = terms();
        let mut it = joined();
        let mut orders: Vec<FriendOrder> = Vec::new();
        let (mut now, mut out) = (day(12), 0);
        for (what, which, kept, choice) in steps {
            now = now.plus_days(2);
            let id = which.to_string();
            let moved = match what {
                0 | 1 => {
                    let paid_at = orders.iter().find(|it| it.external_id == id).map_or(now, |it| it.paid_at);
                    orders.retain(|it| it.external_id != id);
                    orders.push(FriendOrder { external_id: id, paid_at, kept });
                    observe(&it, &terms, &orders, now)
                }
                2 | 3 => {
                    let verdict = [Verdict::Allow, Verdict::Hold, Verdict::Block][usize::from(choice)];
                    fall_due(&it, true, verdict, now)
                }
                _ => {
                    let decision = [Decision::Release, Decision::Reject, Decision::Reopen][usize::from(choice)];
                    decide(&it, decision, now).ok()
                }
            };
            let from = it.state;
            if let Some(moved) = moved {
                out += i32::from(moved.pays());
                out -= i32::from(takes_back(from, moved.state));
                apply(Some(moved), &mut it);
            }
            // What was reopened is looked at with the orders as they are.
            let from = it.state;
            if let Some(moved) = observe(&it, &terms, &orders, now) {
                out -= i32::from(takes_back(from, moved.state));
                apply(Some(moved), &mut it);
            }
            prop_assert!((0..=1).contains(&out));
            prop_assert_eq!(out == 1, it.state == ReferralState::Rewarded);
            if out == 1 {
                let counted = it.order.as_ref().expect("a rewarded order");
                let kept = orders.iter().find(|it| it.external_id == counted.external_id).map(|it| it.kept);
                prop_assert!(kept.is_some_and(|it| it >= terms.minimum_order));
            }
        }
    }
}
