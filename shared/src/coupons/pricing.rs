//! What coupons, points and credit make of a cart, to the last minor unit.
//!
//! The order in which coupons are named never matters: they apply in an order of their own. First
//! percentages, the largest first, each of what the ones before have left; then fixed amounts, the
//! largest first; then delivery; then gifts; those that are used alone come last of all. Coupons
//! with the same terms are equal, so which of them comes first changes no amount.

use super::rules::{Candidate, Reason, Shopper, reasons_for};
use super::{Cart, CouponTerms, Discount};
use crate::ids::CouponId;
use crate::orders::LineState;
use crate::quantity::{WHOLE_BPS, scale_floor, split_largest_remainder};
use core::cmp::Reverse;

/// A priced cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// One row a coupon, in the order in which they were given.
    pub coupons: Vec<PricedCoupon>,
    /// What all coupons took off each line.
    pub discounts: Vec<i64>,
    /// What each line still costs.
    pub left: Vec<i64>,
    /// What coupons took off delivery.
    pub shipping_discount: i64,
}

/// What one coupon does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PricedCoupon {
    /// Why it does nothing; empty when it applies.
    pub reasons: Vec<Reason>,
    /// What it takes off each line; empty when it takes nothing off lines.
    pub shares: Vec<i64>,
    /// What it takes off delivery.
    pub shipping_discount: i64,
}

impl PricedCoupon {
    /// Whether it is used.
    #[must_use]
    pub const fn applies(&self) -> bool {
        self.reasons.is_empty()
    }

    /// What it takes off lines.
    #[must_use]
    pub fn discount(&self) -> i64 {
        self.shares.iter().sum()
    }
}

impl Priced {
    /// What the lines still cost.
    #[must_use]
    pub fn payable(&self) -> i64 {
        self.left.iter().sum()
    }
}

/// The sum of the lines that the terms are for; `None` when there is none.
#[must_use]
pub fn eligible_amount(terms: &CouponTerms, cart: &Cart) -> Option<i64> {
    let mut eligible = cart
        .lines
        .iter()
        .filter(|it| terms.scope.includes(it))
        .peekable();
    eligible.peek()?;
    Some(eligible.map(|it| it.amount).sum())
}

impl super::CouponScope {
    /// Whether a line is in scope.
    #[must_use]
    pub fn includes(&self, line: &crate::orders::OrderLine) -> bool {
        let in_category =
            |names: &[String]| line.category.as_ref().is_some_and(|it| names.contains(it));
        let named = self.categories.is_empty() && self.skus.is_empty()
            || in_category(&self.categories)
            || self.skus.contains(&line.sku);
        named && !in_category(&self.excluded_categories) && !self.excluded_skus.contains(&line.sku)
    }
}

/// Prices a cart with coupons. Those that cannot be used say why and change nothing.
#[must_use]
pub fn price(cart: &Cart, candidates: &[Candidate], shopper: Shopper<'_>) -> Priced {
    let mut priced = Priced {
        coupons: vec![PricedCoupon::default(); candidates.len()],
        discounts: vec![0; cart.lines.len()],
        left: cart.lines.iter().map(|it| it.amount).collect(),
        shipping_discount: 0,
    };
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|a, b| rank(&candidates[*a]).cmp(&rank(&candidates[*b])));
    let mut used: Vec<&Candidate> = Vec::new();
    let mut seen: Vec<CouponId> = Vec::new();
    for place in order {
        let candidate = &candidates[place];
        let mut reasons = reasons_for(candidate, shopper, cart);
        if seen.contains(&candidate.coupon.id) {
            reasons = vec![Reason::NamedTwice];
        }
        seen.push(candidate.coupon.id);
        reasons.extend(conflicts(candidate, &used));
        let mut row = PricedCoupon {
            reasons,
            ..PricedCoupon::default()
        };
        if row.applies() {
            apply(candidate, cart, &priced, &mut row);
        }
        if row.applies() {
            used.push(candidate);
            priced.take(&row);
        }
        priced.coupons[place] = row;
    }
    priced
}

impl Priced {
    fn take(&mut self, row: &PricedCoupon) {
        for (i, share) in row.shares.iter().enumerate() {
            self.discounts[i] += share;
            self.left[i] -= share;
        }
        self.shipping_discount += row.shipping_discount;
    }
}

/// Where a coupon stands in the order of applying. All that changes an amount comes before the id,
/// so that equal terms stand together.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank<'a> {
    alone: bool,
    phase: u8,
    size: Reverse<i64>,
    threshold: i64,
    cap: Reverse<i64>,
    scope: &'a super::CouponScope,
    group: &'a str,
    id: CouponId,
}

fn rank(it: &Candidate) -> Rank<'_> {
    let (phase, size, cap) = match &it.terms.discount {
        Discount::PercentageOff { bps, discount_cap } => (0, *bps, *discount_cap),
        Discount::AmountOff { amount } => (1, *amount, None),
        Discount::FreeShipping { discount_cap } => (2, 0, *discount_cap),
        Discount::Gift { .. } => (3, 0, None),
    };
    Rank {
        alone: it.terms.stacking.exclusive,
        phase,
        size: Reverse(size),
        threshold: it.terms.threshold_amount,
        cap: Reverse(cap.unwrap_or(i64::MAX)),
        scope: &it.terms.scope,
        group: &it.terms.stacking.group,
        id: it.coupon.id,
    }
}

/// Why a coupon cannot be used together with those that are.
pub(super) fn conflicts(it: &Candidate, used: &[&Candidate]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let alone = |it: &Candidate| it.terms.stacking.exclusive;
    if used.iter().any(|other| alone(it) || alone(other)) {
        reasons.push(Reason::Exclusive);
    }
    let group = &it.terms.stacking.group;
    let alike = |other: &&Candidate| {
        other.terms.stacking.group == *group || other.coupon.template == it.coupon.template
    };
    if used.iter().any(alike) {
        reasons.push(Reason::SameGroup);
    }
    reasons
}

/// Works out what a coupon takes off what is left.
pub(super) fn apply(it: &Candidate, cart: &Cart, priced: &Priced, row: &mut PricedCoupon) {
    let weights: Vec<i128> = cart
        .lines
        .iter()
        .zip(&priced.left)
        .map(|(line, left)| {
            if it.terms.scope.includes(line) {
                i128::from(*left)
            } else {
                0
            }
        })
        .collect();
    let base = i64::try_from(weights.iter().sum::<i128>()).unwrap_or(i64::MAX);
    let shipping = cart.shipping - priced.shipping_discount;
    let (discount, shipping_discount) = match &it.terms.discount {
        Discount::AmountOff { amount } => ((*amount).min(base), 0),
        Discount::PercentageOff { bps, discount_cap } => {
            let part = scale_floor(base, *bps, WHOLE_BPS).unwrap_or(0);
            (part.min(discount_cap.unwrap_or(i64::MAX)), 0)
        }
        Discount::FreeShipping { discount_cap } => {
            (0, shipping.min(discount_cap.unwrap_or(i64::MAX)))
        }
        Discount::Gift { .. } => (0, 0),
    };
    let is_gift = matches!(it.terms.discount, Discount::Gift { .. });
    if discount + shipping_discount == 0 && !is_gift {
        row.reasons.push(Reason::NothingLeft);
    } else if it
        .amount_left
        .is_some_and(|left| discount + shipping_discount > left)
    {
        row.reasons.push(Reason::BudgetUsedUp);
    } else {
        row.shipping_discount = shipping_discount;
        if discount > 0 {
            row.shares = split_largest_remainder(discount, &weights);
        }
    }
}

/// Shares a payment by points or credit over what lines still cost, exactly. No line is paid more
/// than it costs as long as `pays` is no more than all of them.
#[must_use]
pub fn share_payment(pays: i64, left: &[i64]) -> Vec<i64> {
    let weights: Vec<i128> = left.iter().map(|it| i128::from(*it)).collect();
    split_largest_remainder(pays, &weights)
}

/// Notes in the receipt of a coupon which part of its discount belongs to refunded pieces. The
/// rest stays with the pieces that are kept: their price does not change by what others return.
pub fn settle_shares(receipt: &mut super::CouponReceipt, lines: &[LineState]) {
    for share in &mut receipt.lines {
        let line = lines.iter().find(|it| it.line.line_id == share.line_id);
        if let Some(line) = line {
            share.returned = line.returned_share_floor(share.discount);
        }
    }
}

#[cfg(test)]
mod tests;
