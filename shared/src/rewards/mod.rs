//! What a member is given for doing something. Tasks, check-ins and later features name rewards;
//! one place on the server gives them, each once for its source.

pub mod words;

use crate::ids::CouponTemplateId;
use crate::problem::FieldError;
use crate::quantity::MAX_AMOUNT;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most rewards given at once.
pub const MAX_REWARDS: usize = 5;
/// Most make-up cards, or coupons of one template, given at once.
pub const MAX_CARDS: i64 = 10;

/// One thing that is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Reward {
    /// Points, spendable at once.
    Points {
        /// How many.
        amount: i64,
    },
    /// Growth value.
    Growth {
        /// How much.
        amount: i64,
    },
    /// Store credit in minor units of the programme's currency.
    Credit {
        /// How much.
        amount: i64,
    },
    /// Cards that make up for a missed check-in.
    MakeupCard {
        /// How many.
        count: i64,
    },
    /// Coupons of a template.
    Coupon {
        /// The template.
        template: CouponTemplateId,
        /// How many.
        #[serde(default = "one")]
        count: i64,
    },
}

const fn one() -> i64 {
    1
}

impl Reward {
    /// How many or how much, for adding up.
    #[must_use]
    pub const fn amount(self) -> i64 {
        match self {
            Self::Points { amount }
            | Self::Growth { amount }
            | Self::Credit { amount }
            | Self::MakeupCard { count: amount }
            | Self::Coupon { count: amount, .. } => amount,
        }
    }

    /// Whether the other is the same kind of thing, whatever the amount.
    #[must_use]
    pub fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (
                Self::Coupon { template, .. },
                Self::Coupon {
                    template: other, ..
                },
            ) => template == other,
            _ => std::mem::discriminant(&self) == std::mem::discriminant(&other),
        }
    }
}

/// A reward that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrantedReward {
    /// What was given.
    pub reward: Reward,
    /// How much of it was taken back, because what it was given for was undone.
    pub taken_back: i64,
}

/// Adds rewards up, one row a kind.
#[must_use]
pub fn sum_up(rewards: impl IntoIterator<Item = (Reward, i64)>) -> Vec<Reward> {
    let (mut points, mut growth, mut credit, mut cards) = (0, 0, 0, 0i64);
    let mut by_template: BTreeMap<CouponTemplateId, i64> = BTreeMap::new();
    for (reward, amount) in rewards {
        *match reward {
            Reward::Coupon { template, .. } => by_template.entry(template).or_default(),
            Reward::Points { .. } => &mut points,
            Reward::Growth { .. } => &mut growth,
            Reward::Credit { .. } => &mut credit,
            Reward::MakeupCard { .. } => &mut cards,
        } += amount;
    }
    let mut sums = Vec::new();
    if points > 0 {
        sums.push(Reward::Points { amount: points });
    }
    if growth > 0 {
        sums.push(Reward::Growth { amount: growth });
    }
    if credit > 0 {
        sums.push(Reward::Credit { amount: credit });
    }
    if cards > 0 {
        sums.push(Reward::MakeupCard { count: cards });
    }
    let coupons = by_template.into_iter().filter(|it| it.1 > 0);
    sums.extend(coupons.map(|(template, count)| Reward::Coupon { template, count }));
    sums
}

/// Checks rewards before they are kept.
#[must_use]
pub fn check_rewards(rewards: &[Reward], pointer: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if rewards.len() > MAX_REWARDS {
        errors.push(FieldError::new(
            pointer,
            "out_of_range",
            "expected at most 5 rewards",
        ));
    }
    for (place, reward) in rewards.iter().enumerate() {
        if rewards[..place].iter().any(|it| it.is_like(*reward)) {
            let pointer = format!("{pointer}/{place}");
            errors.push(FieldError::new(
                pointer,
                "duplicate",
                "name each kind of reward once",
            ));
        }
        let (most, message) = match reward {
            Reward::MakeupCard { .. } | Reward::Coupon { .. } => (MAX_CARDS, "expected 1 to 10"),
            _ => (MAX_AMOUNT, "expected 1 to 1000000000000"),
        };
        if !(1..=most).contains(&reward.amount()) {
            let pointer = format!("{pointer}/{place}");
            errors.push(FieldError::new(pointer, "out_of_range", message));
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reward_is_something_and_not_too_much() {
        let fine = [
            Reward::Points { amount: 1 },
            Reward::MakeupCard { count: 10 },
        ];
        assert!(check_rewards(&fine, "/rewards").is_empty());
        let wrong = [
            Reward::Points { amount: 0 },
            Reward::Credit {
                amount: MAX_AMOUNT + 1,
            },
            Reward::MakeupCard { count: 11 },
            Reward::Growth { amount: 5 },
        ];
        let errors = check_rewards(&wrong, "/rewards");
        let pointers: Vec<_> = errors.iter().map(|it| it.pointer.as_str()).collect();
        assert_eq!(pointers, ["/rewards/0", "/rewards/1", "/rewards/2"]);
        assert_eq!(check_rewards(&[fine[0]; 6], "/r").len(), 6);
    }

    #[test]
    fn sums_have_one_row_a_kind_and_none_for_nothing() {
        let template: CouponTemplateId = format!("ctp_{:026}", 0).parse().expect("an id");
        let coupon = |count| Reward::Coupon { template, count };
        let rows = [
            (Reward::Points { amount: 5 }, 5),
            (coupon(1), 1),
            (Reward::Points { amount: 7 }, 7),
            (Reward::Credit { amount: 3 }, 0),
            (coupon(2), 2),
        ];
        assert_eq!(sum_up(rows), [Reward::Points { amount: 12 }, coupon(3)]);
        assert_eq!(sum_up([]), []);
    }
}
