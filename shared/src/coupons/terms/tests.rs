use super::super::testing::{dated, terms};
use super::*;
use crate::testing::at;
use crate::time::{Day, zone};

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

type Edit = fn(&mut CouponTerms);

#[test]
fn what_is_out_of_range_is_named() {
    assert_eq!(check_terms(&terms(Discount::AmountOff { amount: 1 })), []);
    let edits: [(&str, Edit); 19] = [
        ("/name/en", |it| it.name.en = " ".into()),
        ("/name/zh-CN", |it| it.name.zh_cn = "名".repeat(61)),
        ("/description/en", |it| it.description.en = "x".repeat(501)),
        ("/discount/amount", |it| {
            it.discount = Discount::AmountOff { amount: 0 }
        }),
        ("/discount/bps", |it| {
            it.discount = Discount::PercentageOff {
                bps: 10_001,
                discount_cap: None,
            };
        }),
        ("/discount/discount_cap", |it| {
            it.discount = Discount::FreeShipping {
                discount_cap: Some(0),
            };
        }),
        ("/discount/sku", |it| {
            it.discount = Discount::Gift { sku: String::new() }
        }),
        ("/threshold_amount", |it| it.threshold_amount = -1),
        ("/scope/skus/1", |it| {
            it.scope.skus = vec!["a".into(), "a".into()]
        }),
        ("/scope/categories", |it| {
            it.scope.categories = (0..201).map(|i| i.to_string()).collect();
        }),
        ("/validity/until", |it| {
            it.validity = dated("2026-06-02", "2026-06-01")
        }),
        ("/validity/days", |it| {
            it.validity = Validity::Days { days: 0 }
        }),
        ("/limits/uses_per_coupon", |it| {
            it.limits.uses_per_coupon = 0
        }),
        ("/limits/issue_max", |it| it.limits.issue_max = Some(0)),
        ("/limits/issue_max_per_member", |it| {
            it.limits.issue_max_per_member = Some(1_001)
        }),
        ("/limits/budget_amount", |it| {
            it.limits.budget_amount = Some(0)
        }),
        ("/stacking/group", |it| it.stacking.group = String::new()),
        ("/public_code", |it| it.public_code = Some("save-10".into())),
        ("/grace_days", |it| it.grace_days = 91),
    ];
    for (pointer, edit) in edits {
        let mut wrong = terms(Discount::AmountOff { amount: 1 });
        edit(&mut wrong);
        let found: Vec<_> = check_terms(&wrong)
            .into_iter()
            .map(|it| it.pointer)
            .collect();
        assert_eq!(found, [pointer]);
    }
}

/// The complaint in many shops: a coupon that ends at 00:00 of its last day, or in UTC.
#[test]
fn a_coupon_works_to_the_end_of_its_last_local_day() {
    let june = dated("2026-06-01", "2026-06-30");
    for (name, from, until) in [
        (
            "Asia/Shanghai",
            "2026-05-31T16:00:00Z",
            "2026-06-30T15:59:59.999Z",
        ),
        (
            "America/New_York",
            "2026-06-01T04:00:00Z",
            "2026-07-01T03:59:59.999Z",
        ),
        ("UTC", "2026-06-01T00:00:00Z", "2026-06-30T23:59:59.999Z"),
    ] {
        let zone = zone(name).expect("zone");
        assert_eq!(
            window(june, at("2026-06-10T00:00:00Z"), &zone),
            (at(from), at(until))
        );
    }
    let shanghai = zone("Asia/Shanghai").expect("zone");
    // 23:30 in Shanghai: the day of issue is still the 15th.
    let issued = at("2026-06-15T15:30:00Z");
    let seven = window(Validity::Days { days: 7 }, issued, &shanghai);
    assert_eq!(seven, (issued, at("2026-06-22T15:59:59.999Z")));
    // The night in which clocks change is a whole day.
    let new_york = zone("America/New_York").expect("zone");
    let spring = window(
        Validity::Days { days: 1 },
        at("2026-03-07T12:00:00Z"),
        &new_york,
    );
    assert_eq!(spring.1, at("2026-03-09T03:59:59.999Z"));
    assert_eq!(day("2026-06-30").to_string(), "2026-06-30");
}

#[test]
fn a_coupon_that_comes_back_after_its_end_gets_days_of_grace() {
    let shanghai = zone("Asia/Shanghai").expect("zone");
    let end = at("2026-06-30T15:59:59.999Z");
    for (back, grace, until) in [
        ("2026-06-29T00:00:00Z", 7, "2026-06-30T15:59:59.999Z"),
        ("2026-06-30T15:59:59.999Z", 7, "2026-06-30T15:59:59.999Z"),
        ("2026-07-05T00:00:00Z", 7, "2026-07-12T15:59:59.999Z"),
        ("2026-07-05T00:00:00Z", 0, "2026-06-30T15:59:59.999Z"),
    ] {
        assert_eq!(
            end_after_return(end, at(back), grace, &shanghai),
            at(until),
            "{back}"
        );
    }
}
