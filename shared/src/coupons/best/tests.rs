use super::super::testing::{candidate, cart, shopper, terms};
use super::*;
use crate::testing::at;
use proptest::prelude::*;

fn off(amount: i64) -> Discount {
    Discount::AmountOff { amount }
}

fn percent(bps: i64) -> Discount {
    Discount::PercentageOff {
        bps,
        discount_cap: None,
    }
}

/// A coupon of a group: `+` alone stands for one that is used alone.
fn of(number: u128, group: &str, discount: Discount) -> Candidate {
    let mut made = candidate(number, terms(discount));
    group.clone_into(&mut made.terms.stacking.group);
    made.terms.stacking.exclusive = group == "+";
    made
}

fn saved(priced: &Priced) -> i64 {
    priced.discounts.iter().sum::<i64>() + priced.shipping_discount
}

#[test]
fn what_takes_most_off_is_used() {
    let shipping = Discount::FreeShipping { discount_cap: None };
    let gift = Discount::Gift { sku: "mug".into() };
    for (given, chosen, total) in [
        (vec![], vec![], 0),
        (
            vec![of(1, "a", off(300)), of(2, "a", off(500))],
            vec![1],
            500,
        ),
        (
            vec![of(1, "a", off(300)), of(2, "b", off(500))],
            vec![0, 1],
            800,
        ),
        // One that is used alone wins only by itself.
        (
            vec![
                of(1, "a", off(300)),
                of(2, "b", off(500)),
                of(3, "+", off(900)),
            ],
            vec![2],
            900,
        ),
        (
            vec![
                of(1, "a", off(300)),
                of(2, "b", off(500)),
                of(3, "+", off(800)),
            ],
            vec![2],
            800,
        ),
        (
            vec![
                of(1, "a", off(300)),
                of(2, "b", off(500)),
                of(3, "+", off(799)),
            ],
            vec![0, 1],
            800,
        ),
        (
            vec![
                of(1, "a", percent(1_000)),
                of(2, "b", shipping),
                of(3, "c", gift),
            ],
            vec![0, 1, 2],
            1_600,
        ),
        // What is not needed stays in the wallet.
        (
            vec![of(1, "a", off(10_000)), of(2, "b", off(500))],
            vec![0],
            10_000,
        ),
        // Of two that are equal, the first one.
        (
            vec![of(2, "a", off(300)), of(1, "a", off(300))],
            vec![0],
            300,
        ),
    ] {
        let found = best(&cart(&[6_000, 4_000], 600), &given, shopper());
        assert_eq!((found.chosen, saved(&found.priced)), (chosen, total));
        assert!(found.exhaustive);
    }
}

#[test]
fn every_coupon_that_is_left_says_why() {
    let mut far = of(3, "c", off(100));
    far.terms.threshold_amount = 20_000;
    let mut over = of(4, "d", off(100));
    over.coupon.expires_at = at("2026-06-01T00:00:00Z");
    let given = [
        of(1, "a", off(300)),
        of(2, "a", off(9_000)),
        far,
        over,
        of(5, "+", off(100)),
        of(6, "b", off(1_000)),
        of(7, "e", off(50)),
    ];
    let found = best(&cart(&[6_000, 4_000], 0), &given, shopper());
    let reasons: Vec<_> = found
        .priced
        .coupons
        .into_iter()
        .map(|it| it.reasons)
        .collect();
    assert_eq!(
        reasons,
        [
            vec![Reason::SameGroup],
            vec![],
            vec![Reason::BelowThreshold { missing: 10_000 }],
            vec![Reason::Expired {
                at: at("2026-06-01T00:00:00Z")
            }],
            vec![Reason::Exclusive],
            vec![],
            vec![Reason::NothingLeft],
        ]
    );
}

#[test]
fn very_many_coupons_are_chosen_group_by_group() {
    let given: Vec<Candidate> = (1..=80)
        .map(|it| {
            of(
                it,
                &format!("g{}", it / 2),
                off(1 + i64::try_from(it).unwrap_or(0)),
            )
        })
        .collect();
    let found = best(&cart(&[1_000_000], 0), &given, shopper());
    assert!(!found.exhaustive);
    assert_eq!(found.chosen.len(), MAX_COUPONS);
    let mut chosen = found.chosen.clone();
    chosen.sort_unstable();
    chosen.dedup();
    assert_eq!(chosen.len(), MAX_COUPONS);
}

fn any_discount() -> impl Strategy<Value = Discount> {
    prop_oneof![
        (1i64..3_000).prop_map(off),
        (1i64..10_000).prop_map(percent),
        (1i64..10_000, 1i64..900).prop_map(|(bps, cap)| Discount::PercentageOff {
            bps,
            discount_cap: Some(cap),
        }),
        Just(Discount::FreeShipping { discount_cap: None }),
        Just(Discount::Gift { sku: "mug".into() }),
    ]
}

fn any_candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let one = (
        any_discount(),
        "[abc+]",
        0i64..4_000,
        0usize..4,
        proptest::option::of(0i64..2_000),
    );
    proptest::collection::vec(one, 0..7).prop_map(|given| {
        let rows = (1..).zip(given);
        rows.map(|(number, (discount, group, threshold, category, left))| {
            let mut made = of(number, &group, discount);
            made.terms.threshold_amount = threshold;
            made.amount_left = left;
            if category < 3 {
                made.terms.scope.categories = vec![format!("c{category}")];
            }
            made
        })
        .collect()
    })
}

proptest! {
    /// No other combination takes more off, the chosen ones are used together exactly as told, and
    /// every other coupon says why it is not.
    #[test]
    fn nothing_takes_more_off(
        amounts in proptest::collection::vec(0i64..3_000, 1..5),
        shipping in 0i64..900,
        given in any_candidates(),
    ) {
        let cart = cart(&amounts, shipping);
        let found = best(&cart, &given, shopper());
        prop_assert!(found.exhaustive);
        for mask in 0u32..1 << given.len() {
            let some = given.iter().enumerate().filter(|it| mask & (1 << it.0) != 0);
            let some: Vec<Candidate> = some.map(|it| it.1.clone()).collect();
            prop_assert!(saved(&price(&cart, &some, shopper())) <= saved(&found.priced));
        }
        let chosen: Vec<Candidate> = found.chosen.iter().map(|it| given[*it].clone()).collect();
        let again = price(&cart, &chosen, shopper());
        prop_assert!(again.coupons.iter().all(PricedCoupon::applies));
        prop_assert_eq!(&again.left, &found.priced.left);
        for (place, row) in found.priced.coupons.iter().enumerate() {
            prop_assert_eq!(row.applies(), found.chosen.contains(&place));
            prop_assert!(row.applies() || row.discount() + row.shipping_discount == 0);
        }
        let mut turned = given.clone();
        turned.reverse();
        prop_assert_eq!(saved(&best(&cart, &turned, shopper()).priced), saved(&found.priced));
    }
}
