//! What the terms of a template may say, and when a coupon issued by them can be used.

use super::codes::normalise;
use super::{CouponLimits, CouponScope, CouponTerms, Discount, Validity};
use crate::orders::rules::is_reference;
use crate::problem::FieldError;
use crate::quantity::{MAX_AMOUNT, WHOLE_BPS};
use crate::text::Text;
use crate::time::{Timestamp, end_of_day, start_of_day};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use std::ops::RangeInclusive;

/// Most categories, products or tiers that one list names.
pub const MAX_NAMED: usize = 200;
/// Longest name of a template, in characters.
pub const NAME_MAX: usize = 60;
/// Longest small print, in characters.
pub const DESCRIPTION_MAX: usize = 500;
/// Most days for which a coupon can be used after it was issued.
pub const MAX_DAYS: u16 = 3_650;
/// Most uses of one coupon, and of one member.
pub const MAX_USES: i64 = 1_000;
/// Most days of grace.
pub const MAX_GRACE_DAYS: u16 = 90;

/// Checks terms before they are kept. An empty answer means they are fine.
#[must_use]
pub fn check_terms(terms: &CouponTerms) -> Vec<FieldError> {
    let mut check = Check(Vec::new());
    check.text("/name", &terms.name, 1, NAME_MAX);
    check.text("/description", &terms.description, 0, DESCRIPTION_MAX);
    check.discount(&terms.discount);
    check.range("/threshold_amount", terms.threshold_amount, 0..=MAX_AMOUNT);
    check.scope(&terms.scope);
    check.validity(terms.validity);
    check.limits(&terms.limits);
    if !is_reference(&terms.stacking.group) {
        check.wrong(
            "/stacking/group",
            "invalid",
            "expected 1 to 100 visible characters",
        );
    }
    let code = terms.public_code.as_deref();
    if code.is_some_and(|it| normalise(it).as_deref() != Some(it)) {
        check.wrong(
            "/public_code",
            "invalid",
            "expected 4 to 40 capital letters and digits",
        );
    }
    let grace = i64::from(terms.grace_days);
    check.range("/grace_days", grace, 0..=i64::from(MAX_GRACE_DAYS));
    check.0
}

/// Collects what is wrong.
struct Check(Vec<FieldError>);

impl Check {
    fn wrong(&mut self, pointer: &str, code: &str, message: &str) {
        self.0.push(FieldError::new(pointer, code, message));
    }

    fn range(&mut self, pointer: &str, value: i64, range: RangeInclusive<i64>) {
        if !range.contains(&value) {
            let message = format!("expected {} to {}", range.start(), range.end());
            self.wrong(pointer, "out_of_range", &message);
        }
    }

    fn text(&mut self, pointer: &str, text: &Text, least: usize, most: usize) {
        for (language, text) in [("zh-CN", &text.zh_cn), ("en", &text.en)] {
            let length = text.trim().chars().count();
            if length < least || length > most {
                let message = format!("expected {least} to {most} characters");
                self.wrong(&format!("{pointer}/{language}"), "out_of_range", &message);
            }
        }
    }

    fn discount(&mut self, discount: &Discount) {
        match discount {
            Discount::AmountOff { amount } => {
                self.range("/discount/amount", *amount, 1..=MAX_AMOUNT);
            }
            Discount::PercentageOff { bps, discount_cap } => {
                self.range("/discount/bps", *bps, 1..=WHOLE_BPS);
                self.range(
                    "/discount/discount_cap",
                    discount_cap.unwrap_or(1),
                    1..=MAX_AMOUNT,
                );
            }
            Discount::FreeShipping { discount_cap } => {
                self.range(
                    "/discount/discount_cap",
                    discount_cap.unwrap_or(1),
                    1..=MAX_AMOUNT,
                );
            }
            Discount::Gift { sku } => {
                if !is_reference(sku) {
                    self.wrong(
                        "/discount/sku",
                        "invalid",
                        "expected 1 to 100 visible characters",
                    );
                }
            }
        }
    }

    fn scope(&mut self, scope: &CouponScope) {
        self.names("/scope/categories", &scope.categories);
        self.names("/scope/skus", &scope.skus);
        self.names("/scope/excluded_categories", &scope.excluded_categories);
        self.names("/scope/excluded_skus", &scope.excluded_skus);
    }

    fn names(&mut self, pointer: &str, names: &[String]) {
        if names.len() > MAX_NAMED {
            self.wrong(pointer, "out_of_range", "expected at most 200");
        }
        for (i, name) in names.iter().enumerate().take(MAX_NAMED) {
            let at = format!("{pointer}/{i}");
            if !is_reference(name) {
                self.wrong(&at, "invalid", "expected 1 to 100 visible characters");
            } else if names[..i].contains(name) {
                self.wrong(&at, "duplicate", "named twice");
            }
        }
    }

    fn validity(&mut self, validity: Validity) {
        match validity {
            Validity::Dated { from, until } if from > until => {
                self.wrong(
                    "/validity/until",
                    "out_of_range",
                    "expected a day not before the first",
                );
            }
            Validity::Dated { .. } => {}
            Validity::Days { days } => {
                self.range("/validity/days", i64::from(days), 1..=i64::from(MAX_DAYS));
            }
        }
    }

    fn limits(&mut self, limits: &CouponLimits) {
        let uses = 1..=MAX_USES;
        let amounts = 1..=MAX_AMOUNT;
        self.range(
            "/limits/uses_per_coupon",
            limits.uses_per_coupon,
            uses.clone(),
        );
        for (field, value, range) in [
            ("issue_max", limits.issue_max, &amounts),
            ("issue_max_per_member", limits.issue_max_per_member, &uses),
            ("use_max_per_member", limits.use_max_per_member, &uses),
            ("budget_uses", limits.budget_uses, &amounts),
            ("budget_amount", limits.budget_amount, &amounts),
        ] {
            let pointer = format!("/limits/{field}");
            self.range(&pointer, value.unwrap_or(1), range.clone());
        }
    }
}

/// The first and the last instant at which a coupon can be used that is issued at `at` to a member
/// whose days are those of `zone`.
#[must_use]
pub fn window(validity: Validity, at: Timestamp, zone: &TimeZone) -> (Timestamp, Timestamp) {
    match validity {
        Validity::Dated { from, until } => (
            start_of_day(from.date(), zone),
            end_of_day(until.date(), zone),
        ),
        Validity::Days { days } => (at, end_after(at, days, zone)),
    }
}

/// The last instant at which a coupon can be used that came back at `at`: its own end, or when
/// that has passed, the end of the last day of grace.
#[must_use]
pub fn end_after_return(
    expires_at: Timestamp,
    at: Timestamp,
    grace_days: u16,
    zone: &TimeZone,
) -> Timestamp {
    if expires_at >= at || grace_days == 0 {
        expires_at
    } else {
        end_after(at, grace_days, zone)
    }
}

/// The end of the day that comes `days` after the day of `at`.
fn end_after(at: Timestamp, days: u16, zone: &TimeZone) -> Timestamp {
    let span: Span = i64::from(days).days();
    end_of_day(at.date_in(zone).saturating_add(span), zone)
}

#[cfg(test)]
mod tests;
