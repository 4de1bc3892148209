use super::super::testing::{candidate, cart, shopper, terms};
use super::super::{CouponReceipt, CouponShare};
use super::*;
use crate::ids::{CouponTemplateId, ReservationId};
use proptest::prelude::*;
use uuid::Uuid;

fn off(amount: i64) -> Discount {
    Discount::AmountOff { amount }
}

fn percent(bps: i64, discount_cap: Option<i64>) -> Discount {
    Discount::PercentageOff { bps, discount_cap }
}

/// Prices a cart with coupons 1, 2, … that give these.
fn discounts(amounts: &[i64], shipping: i64, given: Vec<Discount>) -> (Vec<i64>, i64) {
    let candidates: Vec<_> = (1..)
        .zip(given)
        .map(|(i, it)| candidate(i, terms(it)))
        .collect();
    let priced = price(&cart(amounts, shipping), &candidates, shopper());
    (priced.discounts, priced.shipping_discount)
}

#[test]
fn prices_are_what_the_terms_say() {
    for (amounts, shipping, given, expected) in [
        (
            vec![6_000, 4_000],
            0,
            vec![off(3_000)],
            (vec![1_800, 1_200], 0),
        ),
        (
            vec![100, 100, 100],
            0,
            vec![off(100)],
            (vec![34, 33, 33], 0),
        ),
        (vec![300, 200], 0, vec![off(9_999)], (vec![300, 200], 0)),
        (
            vec![999, 1],
            0,
            vec![percent(1_000, None)],
            (vec![100, 0], 0),
        ),
        (
            vec![10_000],
            0,
            vec![percent(5_000, Some(700))],
            (vec![700], 0),
        ),
        // The percentage comes first, whatever the order in which they are named.
        (
            vec![10_000],
            0,
            vec![off(1_000), percent(1_000, None)],
            (vec![2_000], 0),
        ),
        (
            vec![10_000],
            0,
            vec![percent(1_000, None), off(1_000)],
            (vec![2_000], 0),
        ),
        (
            vec![10_000],
            0,
            vec![percent(1_000, None), percent(5_000, None)],
            (vec![5_500], 0),
        ),
        (
            vec![500],
            800,
            vec![Discount::FreeShipping {
                discount_cap: Some(600),
            }],
            (vec![0], 600),
        ),
        (
            vec![500],
            800,
            vec![Discount::Gift { sku: "mug".into() }],
            (vec![0], 0),
        ),
        (vec![0], 0, vec![off(1)], (vec![0], 0)),
    ] {
        assert_eq!(
            discounts(&amounts, shipping, given),
            expected,
            "{amounts:?}"
        );
    }
}

#[test]
fn scope_names_what_counts() {
    let mut categories = terms(percent(5_000, None));
    categories.scope.categories = vec!["c0".into()];
    categories.scope.skus = vec!["s1".into()];
    categories.scope.excluded_skus = vec!["s3".into()];
    categories.threshold_amount = 1_000;
    let cart = cart(&[600, 400, 900, 5_000], 0);
    let priced = price(&cart, &[candidate(1, categories.clone())], shopper());
    assert_eq!(priced.discounts, [300, 200, 0, 0]);
    categories.threshold_amount = 1_001;
    let priced = price(&cart, &[candidate(1, categories)], shopper());
    assert_eq!(
        priced.coupons[0].reasons,
        [Reason::BelowThreshold { missing: 1 }]
    );
}

#[test]
fn coupons_that_do_not_go_together_say_so() {
    let mut one = candidate(1, terms(off(500)));
    let mut two = candidate(2, terms(off(300)));
    let cart = cart(&[1_000], 0);
    let reasons = |given: &[Candidate]| -> Vec<Vec<Reason>> {
        let rows = price(&cart, given, shopper()).coupons;
        rows.into_iter().map(|it| it.reasons).collect()
    };
    assert_eq!(
        reasons(&[one.clone(), one.clone()]),
        [vec![], vec![Reason::NamedTwice, Reason::SameGroup]]
    );
    two.terms.stacking.group = "1".into();
    assert_eq!(
        reasons(&[two.clone(), one.clone()]),
        [vec![Reason::SameGroup], vec![]]
    );
    one.terms.stacking.exclusive = true;
    two.terms.stacking.group = "2".into();
    // One that is used alone gives way to those that are not.
    assert_eq!(
        reasons(&[one.clone(), two.clone()]),
        [vec![Reason::Exclusive], vec![]]
    );
    one.terms.stacking.exclusive = false;
    one.terms.discount = off(1_000);
    assert_eq!(
        reasons(&[two.clone(), one.clone()]),
        [vec![Reason::NothingLeft], vec![]]
    );
    two.amount_left = Some(299);
    assert_eq!(reasons(&[two]), [[Reason::BudgetUsedUp]]);
}

/// Returning what made the cart reach the threshold keeps nobody's share: the kept line costs what
/// it cost, less its own share of the discount.
#[test]
fn a_partial_refund_leaves_the_kept_lines_their_own_share() {
    let mut given = terms(off(3_000));
    given.threshold_amount = 10_000;
    let cart = cart(&[6_000, 4_000], 0);
    let priced = price(&cart, &[candidate(1, given)], shopper());
    let nets: Vec<i64> = priced.left.clone();
    assert_eq!(nets, [4_200, 2_800]);
    let mut receipt = CouponReceipt {
        coupon: CouponId::from(Uuid::nil()),
        template: CouponTemplateId::from(Uuid::nil()),
        version: 1,
        reservation: ReservationId::from(Uuid::nil()),
        discount: 3_000,
        shipping_discount: 0,
        lines: ["0", "1"]
            .iter()
            .zip(&priced.discounts)
            .map(|(id, it)| CouponShare {
                line_id: (*id).into(),
                discount: *it,
                returned: 0,
            })
            .collect(),
        returned_at: None,
    };
    let mut lines: Vec<LineState> = cart
        .lines
        .iter()
        .zip(&nets)
        .map(|(line, net)| LineState {
            line: crate::orders::OrderLine {
                claim: None,
                amount: *net,
                ..line.clone()
            },
            refunded_quantity: 0,
            refunded_amount: 0,
        })
        .collect();
    lines[1].refunded_quantity = 1;
    lines[1].refunded_amount = 2_800;
    settle_shares(&mut receipt, &lines);
    let returned: Vec<i64> = receipt.lines.iter().map(|it| it.returned).collect();
    assert_eq!(returned, [0, 1_200]);
    lines[0].refunded_amount = 2_100;
    lines[0].line.quantity = 2;
    lines[0].refunded_quantity = 1;
    settle_shares(&mut receipt, &lines);
    assert_eq!(receipt.lines[0].returned, 900);
}

fn any_discount() -> impl Strategy<Value = Discount> {
    prop_oneof![
        (1i64..30_000).prop_map(off),
        (1i64..=10_000, proptest::option::of(1i64..5_000)).prop_map(|(bps, cap)| percent(bps, cap)),
        proptest::option::of(1i64..2_000)
            .prop_map(|discount_cap| Discount::FreeShipping { discount_cap }),
        Just(Discount::Gift { sku: "mug".into() }),
    ]
}

fn any_candidate() -> impl Strategy<Value = (Discount, i64, bool, u8, u8)> {
    (
        any_discount(),
        0i64..20_000,
        proptest::bool::weighted(0.1),
        0u8..4,
        0u8..4,
    )
}

fn made(number: u128, row: (Discount, i64, bool, u8, u8)) -> Candidate {
    let (discount, threshold, exclusive, group, category) = row;
    let mut terms = terms(discount);
    terms.threshold_amount = threshold;
    terms.stacking.exclusive = exclusive;
    terms.stacking.group = format!("g{group}");
    if category < 3 {
        terms.scope.categories = vec![format!("c{category}")];
    }
    candidate(number, terms)
}

proptest! {
    #[test]
    fn shares_add_up_and_no_line_goes_below_zero(
        amounts in proptest::collection::vec(0i64..20_000, 1..12),
        shipping in 0i64..3_000,
        rows in proptest::collection::vec(any_candidate(), 0..8),
        pays in 0i64..50_000,
    ) {
        let cart = cart(&amounts, shipping);
        let candidates: Vec<_> = (1..).zip(rows).map(|(i, it)| made(i, it)).collect();
        let priced = price(&cart, &candidates, shopper());
        let mut sums = vec![0; amounts.len()];
        for row in &priced.coupons {
            prop_assert!(row.applies() || (row.shares.is_empty() && row.shipping_discount == 0));
            for (sum, share) in sums.iter_mut().zip(&row.shares) {
                prop_assert!(*share >= 0);
                *sum += share;
            }
        }
        prop_assert_eq!(&sums, &priced.discounts);
        for ((amount, discount), left) in amounts.iter().zip(&priced.discounts).zip(&priced.left) {
            prop_assert!(*left >= 0);
            prop_assert_eq!(discount + left, *amount);
        }
        prop_assert!((0..=shipping).contains(&priced.shipping_discount));
        let pays = pays.min(priced.payable());
        let shares = share_payment(pays, &priced.left);
        prop_assert_eq!(shares.iter().sum::<i64>(), pays);
        for (share, left) in shares.iter().zip(&priced.left) {
            prop_assert!(share <= left);
        }
    }

    #[test]
    fn the_order_of_naming_changes_nothing(
        amounts in proptest::collection::vec(0i64..20_000, 1..6),
        rows in proptest::collection::vec(any_candidate(), 1..6),
        turn in 0usize..6,
    ) {
        let cart = cart(&amounts, 900);
        let candidates: Vec<_> = (1..).zip(rows).map(|(i, it)| made(i, it)).collect();
        let mut turned = candidates.clone();
        turned.rotate_left(turn % candidates.len());
        turned.reverse();
        let (a, b) = (price(&cart, &candidates, shopper()), price(&cart, &turned, shopper()));
        prop_assert_eq!((&a.discounts, a.shipping_discount), (&b.discounts, b.shipping_discount));
        for (candidate, row) in candidates.iter().zip(&a.coupons) {
            let place = turned.iter().position(|it| it.coupon.id == candidate.coupon.id).expect("it is there");
            prop_assert_eq!(row, &b.coupons[place]);
        }
        // Coupons with the same terms are equal: whichever of them a member picks.
        let mut renamed = candidates.clone();
        for it in &mut renamed {
            let number = 1_000 - it.coupon.id.uuid().as_u128();
            it.coupon.id = CouponId::from(Uuid::from_u128(number));
        }
        let c = price(&cart, &renamed, shopper());
        prop_assert_eq!((&a.discounts, a.shipping_discount), (&c.discounts, c.shipping_discount));
    }
}
