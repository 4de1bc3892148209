//! What an order earns and how much may be spent.

use super::super::CategoryMultiplier;
use super::*;
use crate::testing::{Counter, day};
use proptest::prelude::*;

fn limits() -> SpendLimits {
    SpendLimits {
        minor_per_100_points: 100,
        minimum: 100,
        step: 50,
        order_max: Some(2_000),
        day_max: Some(3_000),
        order_share_max_bps: 5_000,
    }
}

fn policy() -> PointsPolicy {
    PointsPolicy {
        points_per_100_minor: 100,
        growth_per_100_minor: 1,
        category_multipliers: vec![CategoryMultiplier {
            category: "books".into(),
            bps: 20_000,
        }],
        excluded_categories: vec!["gifts".into()],
        excluded_skus: vec!["card".into()],
        order_earn_max: None,
        return_window_days: 7,
        expiry_months: 12,
        clawback: ClawbackPolicy::AllowDeficit,
        spend: limits(),
        approval_above: 0,
    }
}

fn rich() -> Wallet {
    let mut wallet = Wallet::default();
    let command = Credit {
        kind: EntryKind::Earn,
        amount: 2_500,
        at: day(0),
        active_from: day(0),
        expires_at: None,
    };
    wallet.apply(&Step::Post(credit(command, &mut Counter::default())));
    wallet
}

/// What a spend of `amount` on an order of `order_amount` is refused for.
fn refusal(asset: Asset, amount: i64, spent_today: i64, order_amount: i64) -> Option<Refusal> {
    let limits = limits();
    let facts = SpendFacts {
        asset,
        limits: &limits,
        spent_today,
        order_amount,
    };
    spend(&rich(), facts, amount, day(1), &mut Counter::default()).err()
}

#[test]
fn each_limit_refuses_in_its_turn() {
    let below = Some(Refusal::BelowMinimum { minimum: 100 });
    let step = Some(Refusal::WrongStep { step: 50 });
    let order = Some(Refusal::OverOrderLimit { limit: 2_000 });
    let daily = |left| Some(Refusal::OverDailyLimit { left });
    let share = |limit| Some(Refusal::OverOrderShare { limit });
    for (amount, spent_today, order_amount, expected) in [
        (1_000, 0, 10_000, None),
        (99, 0, 10_000, below),
        (-100, 0, 10_000, below),
        (120, 0, 10_000, step),
        (2_050, 0, 10_000, order),
        (1_050, 2_000, 10_000, daily(1_000)),
        (1_050, 9_000, 10_000, daily(0)),
        (1_050, 0, 2_090, share(1_000)),
        (100, 0, 0, share(0)),
        (100, 0, -500, share(0)),
    ] {
        let refused = refusal(Asset::Points, amount, spent_today, order_amount);
        assert_eq!(refused, expected, "{amount} of {order_amount}");
    }
}

#[test]
fn credit_pays_up_to_the_order() {
    let below = Some(Refusal::BelowMinimum { minimum: 1 });
    let share = Some(Refusal::OverOrderShare { limit: 2_400 });
    let short = Some(Refusal::Insufficient { available: 2_500 });
    for (amount, order_amount, expected) in [
        (2_400, 2_400, None),
        (2_401, 2_400, share),
        (2_501, 9_000, short),
        (0, 9_000, below),
        (-1, 9_000, below),
    ] {
        let refused = refusal(Asset::Credit, amount, 9_000, order_amount);
        assert_eq!(refused, expected, "{amount} of {order_amount}");
    }
}

#[test]
fn every_refusal_has_its_code_and_figure() {
    for (refusal, code, figure) in [
        (
            Refusal::Insufficient { available: 1 },
            "points.insufficient",
            1,
        ),
        (
            Refusal::BelowMinimum { minimum: 2 },
            "points.below_minimum",
            2,
        ),
        (Refusal::WrongStep { step: 3 }, "points.wrong_step", 3),
        (
            Refusal::OverOrderLimit { limit: 4 },
            "points.over_order_limit",
            4,
        ),
        (
            Refusal::OverDailyLimit { left: 5 },
            "points.over_daily_limit",
            5,
        ),
        (
            Refusal::OverOrderShare { limit: 6 },
            "points.over_order_share",
            6,
        ),
    ] {
        assert_eq!((refusal.code().as_str(), refusal.figure()), (code, figure));
    }
}

fn line(sku: &str, category: Option<&str>, amount: i64) -> OrderLine {
    OrderLine {
        claim: None,
        line_id: sku.to_owned(),
        sku: sku.to_owned(),
        category: category.map(str::to_owned),
        quantity: 1,
        amount,
    }
}

fn earned(policy: &PointsPolicy, tier_bps: i64, lines: &[OrderLine]) -> Vec<(i64, i64)> {
    let lines: Vec<&OrderLine> = lines.iter().collect();
    let earned = earn_for_lines(policy, tier_bps, &lines).into_iter();
    earned
        .inspect(|it| assert_eq!((it.points_returned, it.growth_returned), (0, 0)))
        .map(|it| (it.points, it.growth))
        .collect()
}

#[test]
fn an_order_earns_by_amount_category_and_tier() {
    let lines = [
        line("tea", None, 1_050),
        line("novel", Some("books"), 1_000),
        line("toy", Some("gifts"), 9_999),
        line("card", None, 9_999),
        line("free", None, 0),
    ];
    let once = policy();
    assert_eq!(
        earned(&once, WHOLE_BPS, &lines),
        [(1_050, 10), (2_000, 10), (0, 0), (0, 0), (0, 0)]
    );
    assert_eq!(
        earned(&once, 15_000, &lines),
        [(1_575, 10), (3_000, 10), (0, 0), (0, 0), (0, 0)]
    );
    assert_eq!(earned(&once, 0, &lines)[0], (0, 10));
    let capped = PointsPolicy {
        order_earn_max: Some(100),
        ..policy()
    };
    assert_eq!(
        earned(&capped, WHOLE_BPS, &lines),
        [(34, 10), (66, 10), (0, 0), (0, 0), (0, 0)]
    );
    // Rounded once for the order: two halves make a whole.
    let slow = PointsPolicy {
        points_per_100_minor: 1,
        ..policy()
    };
    let halves = [line("a", None, 50), line("b", None, 50)];
    assert_eq!(earned(&slow, WHOLE_BPS, &halves), [(1, 1), (0, 0)]);
    assert_eq!(earned(&once, WHOLE_BPS, &[]), []);
}

#[test]
fn the_largest_order_under_the_largest_rates_does_not_overflow() {
    let most = PointsPolicy {
        points_per_100_minor: 1_000_000,
        growth_per_100_minor: 1_000_000,
        category_multipliers: vec![CategoryMultiplier {
            category: "x".into(),
            bps: 1_000_000,
        }],
        ..policy()
    };
    let lines = [line("a", Some("x"), MAX_AMOUNT), line("b", Some("x"), 0)];
    assert_eq!(
        earned(&most, 1_000_000, &lines),
        [(MAX_AMOUNT, MAX_AMOUNT), (0, 0)]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_share_named_in_a_refusal_is_the_most_that_passes(
        amount in 1..100_000i64,
        order_amount in 0..100_000i64,
        minor_per_100_points in 1..500i64,
        order_share_max_bps in 0..=10_000i64,
        step in 1..60i64,
    ) {
        let limits = SpendLimits {
            minor_per_100_points,
            minimum: 0,
            step,
            order_max: None,
            day_max: None,
            order_share_max_bps,
        };
        let facts = SpendFacts { asset: Asset::Points, limits: &limits, spent_today: 0, order_amount };
        let amount = amount * step;
        let share = order_amount * order_share_max_bps / WHOLE_BPS;
        match check_spend_limits(facts, amount) {
            Ok(()) => prop_assert!(pays_floor(Asset::Points, amount, &limits) <= share),
            Err(Refusal::OverOrderShare { limit }) => {
                prop_assert!(limit < amount && limit % step == 0);
                prop_assert!(limit == 0 || check_spend_limits(facts, limit).is_ok());
                prop_assert!(check_spend_limits(facts, limit + step).is_err());
            }
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn lines_share_what_the_order_earns(
        amounts in proptest::collection::vec((0..1_000_000i64, 0..3usize), 1..12),
        rate in 0..300i64,
        tier_bps in 0..50_000i64,
        max in proptest::option::of(0..100_000i64),
    ) {
        let categories = [None, Some("books"), Some("gifts")];
        let lines: Vec<_> = amounts.iter().map(|(amount, it)| line("sku", categories[*it], *amount)).collect();
        let policy = PointsPolicy { points_per_100_minor: rate, order_earn_max: max, ..policy() };
        let got = earned(&policy, tier_bps, &lines);
        let weight = |it: usize| [10_000, 20_000, 0][it];
        let exact: i128 = amounts
            .iter()
            .map(|(amount, it)| i128::from(*amount) * i128::from(rate * tier_bps) * weight(*it))
            .sum();
        let whole = i64::try_from(exact / 10_000_000_000).expect("small").min(max.unwrap_or(i64::MAX));
        prop_assert_eq!(got.iter().map(|it| it.0).sum::<i64>(), whole);
        let growing: i64 = amounts.iter().filter(|it| it.1 != 2).map(|it| it.0).sum();
        prop_assert_eq!(got.iter().map(|it| it.1).sum::<i64>(), growing / 100);
        for ((points, growth), (_, category)) in got.iter().zip(&amounts) {
            prop_assert!(*points >= 0 && *growth >= 0);
            prop_assert!(*category != 2 || (*points, *growth) == (0, 0));
        }
    }
}

/// The most of `asset` that can pay for an order, of 2,500 in all.
fn most(
    asset: Asset,
    limits: &SpendLimits,
    spent_today: i64,
    order_amount: i64,
) -> Result<i64, Refusal> {
    let facts = SpendFacts {
        asset,
        limits,
        spent_today,
        order_amount,
    };
    most_spendable(2_500, facts)
}

#[test]
fn the_most_that_can_be_spent_is_told_with_the_limit_that_forbids_all() {
    let limits = limits();
    for (asset, spent_today, order_amount, expected) in [
        (Asset::Points, 0, 10_000, Ok(2_000)),
        (Asset::Points, 1_970, 10_000, Ok(1_000)),
        (Asset::Points, 0, 2_130, Ok(1_050)),
        (
            Asset::Points,
            2_950,
            10_000,
            Err(Refusal::OverDailyLimit { left: 50 }),
        ),
        (
            Asset::Points,
            0,
            190,
            Err(Refusal::OverOrderShare { limit: 50 }),
        ),
        (Asset::Credit, 0, 10_000, Ok(2_500)),
        (Asset::Credit, 0, 700, Ok(700)),
        (
            Asset::Credit,
            0,
            0,
            Err(Refusal::OverOrderShare { limit: 0 }),
        ),
    ] {
        assert_eq!(most(asset, &limits, spent_today, order_amount), expected);
    }
    // Points by the thousand, each worth a hundredth: no more than what pays whole cents.
    let coarse = SpendLimits {
        minor_per_100_points: 1,
        minimum: 1,
        step: 1,
        ..limits.clone()
    };
    assert_eq!(most(Asset::Points, &coarse, 1_050, 10_000), Ok(1_900));
    let worthless = SpendLimits {
        minor_per_100_points: 0,
        ..limits.clone()
    };
    let none = Err(Refusal::OverOrderShare { limit: 0 });
    assert_eq!(most(Asset::Points, &worthless, 0, 10_000), none);
    let facts = SpendFacts {
        asset: Asset::Points,
        limits: &limits,
        spent_today: 0,
        order_amount: 10_000,
    };
    let short = Refusal::Insufficient { available: 99 };
    assert_eq!(most_spendable(99, facts), Err(short));
}

proptest! {
    /// What is offered is accepted; nothing that is accepted pays more, and nothing less pays as much.
    #[test]
    fn nobody_can_pay_more_than_the_most(
        rate in 0i64..300, minimum in 0i64..40, step in 1i64..15, share in 0i64..=10_000,
        order_max in proptest::option::of(0i64..150), day_max in proptest::option::of(0i64..150),
        spent_today in 0i64..60, order_amount in 0i64..200, spendable in 0i64..160,
    ) {
        let limits = SpendLimits {
            minor_per_100_points: rate, minimum, step, order_max, day_max, order_share_max_bps: share,
        };
        for asset in [Asset::Points, Asset::Credit] {
            let facts = SpendFacts { asset, limits: &limits, spent_today, order_amount };
            let accepted = |it: &i64| check_spend_limits(facts, *it).is_ok();
            let best = (1..=spendable).filter(accepted).max_by_key(|it| {
                (pays_floor(asset, *it, &limits), std::cmp::Reverse(*it))
            });
            let best = best.filter(|it| pays_floor(asset, *it, &limits) > 0);
            prop_assert_eq!(most_spendable(spendable, facts).ok(), best);
        }
    }
}
