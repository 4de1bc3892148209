//! Points rules tried on orders that were paid: what they would have given, beside what was given.
//!
//! The rules are those that decide when an order is paid and when parts of it return.

use super::PointsPolicy;
use super::api::{PolicyTrial, TrialSample, TrialTotals};
use super::rules::earn_for_lines;
use crate::ids::MemberId;
use crate::orders::rules::settle_returns;
use crate::orders::{EarnedLine, EarnedReceipt, Order, OrderLine, Receipt};
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// Most members that a trial names.
pub const MAX_SAMPLES: usize = 10;

/// What one member was given and would have been given.
#[derive(Debug, Clone, Copy, Default)]
struct Given {
    paid: i64,
    would: i64,
}

/// A trial in progress. It holds a row a member, whatever the number of orders.
#[derive(Debug, Default)]
pub struct Trial {
    orders: u64,
    paid: TrialTotals,
    would: TrialTotals,
    members: BTreeMap<MemberId, Given>,
}

/// Points and growth value that lines keep after refunds.
fn kept(lines: &[EarnedLine]) -> (i64, i64) {
    lines.iter().fold((0, 0), |(points, growth), it| {
        (
            points + it.points - it.points_returned,
            growth + it.growth - it.growth_returned,
        )
    })
}

/// What an order would have brought by other rules, by the tier that it was paid with.
fn would_bring(policy: &PointsPolicy, order: &Order, earned: &EarnedReceipt) -> (i64, i64) {
    let lines: Vec<&OrderLine> = order.lines.iter().map(|it| &it.line).collect();
    let mut tried = Order {
        receipt: Receipt {
            earned: Some(EarnedReceipt {
                lines: earn_for_lines(policy, earned.tier_bps, &lines),
                ..earned.clone()
            }),
            ..Receipt::default()
        },
        ..order.clone()
    };
    settle_returns(&mut tried);
    tried
        .receipt
        .earned
        .map_or((0, 0), |earned| kept(&earned.lines))
}

impl Trial {
    /// Tries the rules on an order; one without a member, or one that earned nothing yet because it
    /// is not paid, is left out.
    pub fn add(&mut self, policy: &PointsPolicy, order: &Order) {
        let (Some(member), Some(earned)) = (order.member, &order.receipt.earned) else {
            return;
        };
        let paid = kept(&earned.lines);
        let would = would_bring(policy, order, earned);
        self.orders += 1;
        self.paid.points += paid.0;
        self.paid.growth += paid.1;
        self.would.points += would.0;
        self.would.growth += would.1;
        let given = self.members.entry(member).or_default();
        given.paid += paid.0;
        given.would += would.0;
    }

    /// The members for whom the rules would have made the largest difference.
    #[must_use]
    pub fn samples(&self) -> Vec<TrialSample> {
        let mut samples: Vec<TrialSample> = self
            .members
            .iter()
            .filter(|(_, given)| given.paid != given.would)
            .map(|(member, given)| TrialSample {
                member_id: *member,
                name: None,
                paid: given.paid,
                would: given.would,
            })
            .collect();
        samples.sort_by_key(|it| (std::cmp::Reverse((it.would - it.paid).abs()), it.member_id));
        samples.truncate(MAX_SAMPLES);
        samples
    }

    /// What came of it.
    #[must_use]
    pub fn result(self, from: Timestamp, to: Timestamp) -> PolicyTrial {
        let samples = self.samples();
        let count =
            |which: fn(&Given) -> bool| self.members.values().filter(|it| which(it)).count() as u64;
        PolicyTrial {
            from,
            to,
            orders: self.orders,
            paid: TrialTotals {
                members: count(|it| it.paid > 0),
                ..self.paid
            },
            would: TrialTotals {
                members: count(|it| it.would > 0),
                ..self.would
            },
            gain: count(|it| it.would > it.paid),
            lose: count(|it| it.would < it.paid),
            samples,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::OrderId;
    use crate::orders::{LineState, OrderTimes};
    use crate::points::{ClawbackPolicy, SpendLimits};
    use crate::testing::at;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn policy(rate: i64) -> PointsPolicy {
        PointsPolicy {
            points_per_100_minor: rate,
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

    /// An order of some lines (amount, refunded) that was paid by `policy`.
    fn order(member: u128, policy: &PointsPolicy, lines: &[(i64, i64)]) -> Order {
        let line = |(place, (amount, refunded)): (usize, &(i64, i64))| LineState {
            line: OrderLine {
                claim: None,
                line_id: place.to_string(),
                sku: "sku".to_owned(),
                category: None,
                quantity: 1,
                amount: *amount,
            },
            refunded_quantity: i64::from(refunded == amount),
            refunded_amount: *refunded,
        };
        let lines: Vec<LineState> = lines.iter().enumerate().map(line).collect();
        let plain: Vec<&OrderLine> = lines.iter().map(|it| &it.line).collect();
        let earned = EarnedReceipt {
            rule_version: 1,
            tier_code: "member".to_owned(),
            tier_bps: 15_000,
            lot: None,
            entry: None,
            lines: earn_for_lines(policy, 15_000, &plain),
        };
        let mut order = Order {
            id: OrderId::from(Uuid::from_u128(1)),
            external_id: "o".to_owned(),
            member: Some(MemberId::from(Uuid::from_u128(member))),
            currency: "CNY".parse().expect("a currency"),
            lines,
            times: OrderTimes::default(),
            receipt: Receipt {
                earned: Some(earned),
                ..Receipt::default()
            },
        };
        settle_returns(&mut order);
        order
    }

    fn trial(orders: &[Order], rules: &PointsPolicy) -> PolicyTrial {
        let mut trial = Trial::default();
        for order in orders {
            trial.add(rules, order);
        }
        trial.result(at("2026-01-01T00:00:00Z"), at("2026-01-31T00:00:00Z"))
    }

    #[test]
    fn other_rules_are_compared_member_by_member() {
        let now = policy(1);
        let mut guest = order(9, &now, &[(10_000, 0)]);
        guest.member = None;
        let orders = [
            order(1, &now, &[(10_000, 0)]),
            order(1, &now, &[(4_000, 4_000)]),
            order(2, &now, &[(20_000, 10_000)]),
            guest,
        ];
        let found = trial(&orders, &policy(2));
        assert_eq!((found.orders, found.gain, found.lose), (3, 2, 0));
        assert_eq!((found.paid.points, found.paid.members), (300, 2));
        assert_eq!((found.would.points, found.would.members), (600, 2));
        assert_eq!(found.samples.len(), 2);
        let none = trial(&orders, &policy(0));
        assert_eq!(
            (none.would.points, none.would.members, none.lose),
            (0, 0, 2)
        );
    }

    proptest! {
        #[test]
        fn the_rules_that_paid_would_have_paid_the_same(
            rate in 0i64..20,
            orders in proptest::collection::vec(
                (0u128..4, proptest::collection::vec((0i64..100_000, 0i64..100), 1..5)), 0..8
            )
        ) {
            let rules = policy(rate);
            let orders: Vec<Order> = orders
                .iter()
                .map(|(member, lines)| {
                    let lines: Vec<(i64, i64)> =
                        lines.iter().map(|(amount, part)| (*amount, amount * part / 100)).collect();
                    order(*member, &rules, &lines)
                })
                .collect();
            let found = trial(&orders, &rules);
            prop_assert_eq!(found.paid, found.would);
            prop_assert_eq!((found.gain, found.lose, found.samples.len()), (0, 0, 0));
        }
    }
}
