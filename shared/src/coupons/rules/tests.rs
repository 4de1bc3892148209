use super::super::testing::{candidate, cart, groups, shopper, terms};
use super::super::{CouponState, Discount};
use super::*;
use crate::testing::at;
use uuid::Uuid;

fn off(amount: i64) -> Candidate {
    candidate(1, terms(Discount::AmountOff { amount }))
}

type Edit = fn(&mut Candidate);

#[test]
fn every_reason_has_its_case() {
    let cases: [(Edit, &[Reason]); 17] = [
        (|_| {}, &[]),
        (
            |it| it.coupon.member = MemberId::from(Uuid::max()),
            &[Reason::NotFound],
        ),
        (
            |it| it.coupon.revoked_at = Some(at("2026-06-02T00:00:00Z")),
            &[Reason::Revoked],
        ),
        (|it| it.state = TemplateState::Paused, &[Reason::Paused]),
        (|it| it.state = TemplateState::Ended, &[]),
        (
            |it| it.coupon.valid_from = at("2026-06-16T00:00:00Z"),
            &[Reason::NotYetValid {
                from: Timestamp::from_millis(1_781_568_000_000),
            }],
        ),
        (
            |it| it.coupon.expires_at = at("2026-06-15T03:59:59.999Z"),
            &[Reason::Expired {
                at: Timestamp::from_millis(1_781_495_999_999),
            }],
        ),
        (|it| it.coupon.expires_at = at("2026-06-15T04:00:00Z"), &[]),
        (|it| it.coupon.used = 1, &[Reason::Used]),
        (|it| it.coupon.reserved = 1, &[Reason::Reserved]),
        (
            |it| it.terms.audience.tiers = vec!["silver".into()],
            &[Reason::WrongTier],
        ),
        (
            |it| it.terms.audience.tags = vec!["office".into()],
            &[Reason::WrongTag],
        ),
        (
            |it| it.terms.audience.tags = vec!["office".into(), "parents".into()],
            &[],
        ),
        (
            |it| {
                it.terms.limits.use_max_per_member = Some(2);
                it.member_uses = 2;
            },
            &[Reason::MemberLimit { limit: 2 }],
        ),
        (|it| it.uses_left = Some(0), &[Reason::BudgetUsedUp]),
        (
            |it| it.terms.scope.skus = vec!["other".into()],
            &[Reason::OutOfScope],
        ),
        (
            |it| it.terms.threshold_amount = 10_001,
            &[Reason::BelowThreshold { missing: 1 }],
        ),
    ];
    for (i, (edit, reasons)) in cases.into_iter().enumerate() {
        let mut it = off(500);
        edit(&mut it);
        assert_eq!(
            reasons_for(&it, shopper(), &cart(&[6_000, 4_000], 0)),
            reasons,
            "{i}"
        );
    }
}

#[test]
fn all_reasons_are_given_and_not_the_first() {
    let mut it = off(500);
    it.coupon.used = 1;
    it.coupon.expires_at = at("2026-06-01T00:00:00Z");
    it.state = TemplateState::Paused;
    it.uses_left = Some(0);
    it.terms.audience.tiers = vec!["silver".into()];
    it.terms.threshold_amount = 99_999;
    let codes: Vec<_> = reasons_for(&it, shopper(), &cart(&[1], 0))
        .into_iter()
        .map(|it| it.code().as_str())
        .collect();
    assert_eq!(
        codes,
        [
            "coupons.paused",
            "coupons.expired",
            "coupons.used",
            "coupons.wrong_tier",
            "coupons.budget_used_up",
            "coupons.below_threshold"
        ]
    );
}

#[test]
fn a_coupon_lives_from_upcoming_to_its_end() {
    let now = shopper().now;
    let cases: [(Edit, CouponState); 6] = [
        (|_| {}, CouponState::Available),
        (
            |it| it.coupon.valid_from = at("2026-06-16T00:00:00Z"),
            CouponState::Upcoming,
        ),
        (|it| it.coupon.reserved = 1, CouponState::Reserved),
        (|it| it.coupon.used = 1, CouponState::Used),
        (
            |it| it.coupon.expires_at = at("2026-06-15T03:59:59Z"),
            CouponState::Expired,
        ),
        (
            |it| it.coupon.revoked_at = Some(at("2026-06-15T03:59:59Z")),
            CouponState::Revoked,
        ),
    ];
    for (edit, expected) in cases {
        let mut it = off(1);
        edit(&mut it);
        assert_eq!(state(&it.coupon, now), expected);
    }
}

fn of_tier(tier: &str) -> Groups {
    Groups {
        tier: tier.to_owned(),
        tags: Vec::new(),
    }
}

#[test]
fn what_is_for_a_tag_is_for_those_who_have_it() {
    let mut terms = terms(Discount::AmountOff { amount: 1 });
    terms.audience.tags = vec!["parents".into()];
    let facts = IssueFacts {
        terms: &terms,
        state: TemplateState::Active,
        issued: 0,
        issued_to_member: 0,
        expires_at: at("2026-06-30T00:00:00Z"),
        now: at("2026-06-15T00:00:00Z"),
    };
    assert_eq!(can_take(facts, groups()), Ok(()));
    assert_eq!(
        can_take(facts, &of_tier("gold")),
        Err(IssueRefusal::WrongTag)
    );
}

#[test]
fn taking_and_giving_have_their_limits() {
    let mut terms = terms(Discount::AmountOff { amount: 1 });
    terms.limits.issue_max = Some(10);
    terms.limits.issue_max_per_member = Some(1);
    terms.audience.tiers = vec!["gold".into()];
    let facts = IssueFacts {
        terms: &terms,
        state: TemplateState::Active,
        issued: 9,
        issued_to_member: 0,
        expires_at: at("2026-06-30T00:00:00Z"),
        now: at("2026-06-15T00:00:00Z"),
    };
    let over = IssueFacts {
        expires_at: at("2026-06-14T00:00:00Z"),
        ..facts
    };
    let full = IssueFacts {
        issued: 10,
        ..facts
    };
    let paused = IssueFacts {
        state: TemplateState::Paused,
        ..facts
    };
    let again = IssueFacts {
        issued_to_member: 1,
        ..facts
    };
    for (facts, tier, taken, given) in [
        (facts, "gold", Ok(()), Ok(())),
        (facts, "silver", Err(IssueRefusal::WrongTier), Ok(())),
        (again, "gold", Err(IssueRefusal::MemberLimit), Ok(())),
        (
            over,
            "gold",
            Err(IssueRefusal::Over),
            Err(IssueRefusal::Over),
        ),
        (
            full,
            "gold",
            Err(IssueRefusal::AllIssued),
            Err(IssueRefusal::AllIssued),
        ),
        (
            paused,
            "gold",
            Err(IssueRefusal::NotActive),
            Err(IssueRefusal::NotActive),
        ),
    ] {
        assert_eq!(can_take(facts, &of_tier(tier)), taken);
        assert_eq!(can_give(facts), given);
    }
}
