//! What a version of the points rules may say.

use super::{CategoryMultiplier, PointsPolicy, SpendLimits};
use crate::orders::rules::is_reference;
use crate::problem::FieldError;
use crate::quantity::{MAX_AMOUNT, WHOLE_BPS};
use crate::tiers::rules::MAX_MULTIPLIER_BPS;
use std::collections::HashSet;
use std::ops::RangeInclusive;

/// Most points or growth value for each 100 minor units.
pub const MAX_RATE: i64 = 1_000_000;
/// Most months that points last.
pub const MAX_EXPIRY_MONTHS: u16 = 120;
/// Most days of a return window.
pub const MAX_RETURN_WINDOW_DAYS: u16 = 365;
/// Most categories or SKUs that one list names.
pub const MAX_NAMED: usize = 200;

/// Checks points rules before they are kept. An empty answer means they are fine.
#[must_use]
pub fn check_policy(policy: &PointsPolicy) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let amounts = 0..=MAX_AMOUNT;
    for (pointer, value, range) in [
        (
            "/points_per_100_minor",
            policy.points_per_100_minor,
            &(0..=MAX_RATE),
        ),
        (
            "/growth_per_100_minor",
            policy.growth_per_100_minor,
            &(0..=MAX_RATE),
        ),
        (
            "/order_earn_max",
            policy.order_earn_max.unwrap_or(0),
            &amounts,
        ),
        (
            "/return_window_days",
            i64::from(policy.return_window_days),
            &(0..=i64::from(MAX_RETURN_WINDOW_DAYS)),
        ),
        (
            "/expiry_months",
            i64::from(policy.expiry_months),
            &(1..=i64::from(MAX_EXPIRY_MONTHS)),
        ),
        ("/approval_above", policy.approval_above, &amounts),
    ] {
        check_range(pointer, value, range, &mut errors);
    }
    check_spend_limits(&policy.spend, &mut errors);
    check_multipliers(&policy.category_multipliers, &mut errors);
    check_names(
        "/excluded_categories",
        &policy.excluded_categories,
        &mut errors,
    );
    check_names("/excluded_skus", &policy.excluded_skus, &mut errors);
    errors
}

fn check_range(
    pointer: &str,
    value: i64,
    range: &RangeInclusive<i64>,
    errors: &mut Vec<FieldError>,
) {
    if !range.contains(&value) {
        let message = format!("expected {} to {}", range.start(), range.end());
        errors.push(FieldError::new(pointer, "out_of_range", message));
    }
}

fn check_spend_limits(limits: &SpendLimits, errors: &mut Vec<FieldError>) {
    let amounts = 0..=MAX_AMOUNT;
    for (pointer, value, range) in [
        (
            "/spend/minor_per_100_points",
            limits.minor_per_100_points,
            &amounts,
        ),
        ("/spend/minimum", limits.minimum, &amounts),
        ("/spend/step", limits.step, &(1..=MAX_AMOUNT)),
        ("/spend/order_max", limits.order_max.unwrap_or(0), &amounts),
        ("/spend/day_max", limits.day_max.unwrap_or(0), &amounts),
        (
            "/spend/order_share_max_bps",
            limits.order_share_max_bps,
            &(0..=WHOLE_BPS),
        ),
    ] {
        check_range(pointer, value, range, errors);
    }
}

fn check_multipliers(multipliers: &[CategoryMultiplier], errors: &mut Vec<FieldError>) {
    let names = multipliers.iter().map(|it| &it.category);
    check_references("/category_multipliers", "/category", names, errors);
    for (i, multiplier) in multipliers.iter().enumerate().take(MAX_NAMED) {
        let pointer = format!("/category_multipliers/{i}/bps");
        check_range(&pointer, multiplier.bps, &(0..=MAX_MULTIPLIER_BPS), errors);
    }
}

fn check_names(pointer: &str, names: &[String], errors: &mut Vec<FieldError>) {
    check_references(pointer, "", names.iter(), errors);
}

/// Checks a list of the shop's names: not too many, each valid, none twice.
fn check_references<'a>(
    pointer: &str,
    field: &str,
    names: impl ExactSizeIterator<Item = &'a String>,
    errors: &mut Vec<FieldError>,
) {
    if names.len() > MAX_NAMED {
        errors.push(FieldError::new(
            pointer,
            "out_of_range",
            "expected at most 200",
        ));
    }
    let mut seen = HashSet::new();
    for (i, name) in names.enumerate().take(MAX_NAMED) {
        let pointer = format!("{pointer}/{i}{field}");
        if !is_reference(name) {
            let message = "expected 1 to 100 visible characters";
            errors.push(FieldError::new(pointer, "invalid", message));
        } else if !seen.insert(name) {
            errors.push(FieldError::new(pointer, "duplicate", "named twice"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ClawbackPolicy;
    use super::*;

    fn policy() -> PointsPolicy {
        PointsPolicy {
            points_per_100_minor: 100,
            growth_per_100_minor: 1,
            category_multipliers: Vec::new(),
            excluded_categories: Vec::new(),
            excluded_skus: Vec::new(),
            order_earn_max: None,
            return_window_days: 7,
            expiry_months: 12,
            clawback: ClawbackPolicy::AllowDeficit,
            spend: SpendLimits {
                minor_per_100_points: 100,
                minimum: 1,
                step: 1,
                order_max: None,
                day_max: None,
                order_share_max_bps: 10_000,
            },
            approval_above: 10_000,
        }
    }

    fn multiplier(category: &str, bps: i64) -> CategoryMultiplier {
        CategoryMultiplier {
            category: category.to_owned(),
            bps,
        }
    }

    /// Edits a policy.
    type Edit = fn(&mut PointsPolicy);

    #[test]
    fn what_is_out_of_range_is_named() {
        assert_eq!(check_policy(&policy()), []);
        let edits: [(&str, Edit); 21] = [
            ("/points_per_100_minor", |it| it.points_per_100_minor = -1),
            ("/points_per_100_minor", |it| {
                it.points_per_100_minor = 1_000_001
            }),
            ("/growth_per_100_minor", |it| it.growth_per_100_minor = -1),
            ("/order_earn_max", |it| it.order_earn_max = Some(-1)),
            ("/return_window_days", |it| it.return_window_days = 366),
            ("/expiry_months", |it| it.expiry_months = 0),
            ("/expiry_months", |it| it.expiry_months = 121),
            ("/approval_above", |it| it.approval_above = -1),
            ("/spend/minor_per_100_points", |it| {
                it.spend.minor_per_100_points = -1
            }),
            ("/spend/minimum", |it| it.spend.minimum = -1),
            ("/spend/step", |it| it.spend.step = 0),
            ("/spend/order_max", |it| it.spend.order_max = Some(-1)),
            ("/spend/day_max", |it| {
                it.spend.day_max = Some(MAX_AMOUNT + 1)
            }),
            ("/spend/order_share_max_bps", |it| {
                it.spend.order_share_max_bps = 10_001
            }),
            ("/category_multipliers/0/bps", |it| {
                it.category_multipliers = vec![multiplier("a", 1_000_001)]
            }),
            ("/category_multipliers/0/category", |it| {
                it.category_multipliers = vec![multiplier("", 1)]
            }),
            ("/category_multipliers/1/category", |it| {
                it.category_multipliers = vec![multiplier("a", 1), multiplier("a", 2)];
            }),
            ("/category_multipliers", |it| {
                it.category_multipliers = (0..201).map(|i| multiplier(&i.to_string(), 1)).collect();
            }),
            ("/excluded_skus/1", |it| {
                it.excluded_skus = vec!["a".into(), "a".into()]
            }),
            ("/excluded_skus/0", |it| {
                it.excluded_skus = vec![" a".into()]
            }),
            ("/excluded_categories", |it| {
                it.excluded_categories = (0..201).map(|i| i.to_string()).collect();
            }),
        ];
        for (pointer, edit) in edits {
            let mut wrong = policy();
            edit(&mut wrong);
            let pointers: Vec<_> = check_policy(&wrong)
                .into_iter()
                .map(|it| it.pointer)
                .collect();
            assert_eq!(pointers, [pointer]);
        }
    }
}
