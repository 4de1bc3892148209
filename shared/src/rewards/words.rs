//! Rewards in words, for what is written in both languages: explanations, messages, posters.

use super::Reward;
use crate::points::Asset;
use crate::points::explain::amount_in_words;
use crate::quantity::{Currency, grouped};
use crate::text::Text;

/// What rewards are: `¥20.00 of store credit, 100 points`.
#[must_use]
pub fn in_words(rewards: &[Reward], currency: Currency) -> Text {
    let words: Vec<Text> = rewards
        .iter()
        .map(|it| one_in_words(*it, currency))
        .collect();
    let joined = |part: fn(&Text) -> &str, by: &str| {
        let parts: Vec<&str> = words.iter().map(part).collect();
        parts.join(by)
    };
    Text::new(joined(|it| &it.zh_cn, "、"), joined(|it| &it.en, ", "))
}

/// What one reward is: `100 points`.
#[must_use]
pub fn one_in_words(reward: Reward, currency: Currency) -> Text {
    let n = grouped(reward.amount());
    match reward {
        Reward::Points { amount } => amount_in_words(Asset::Points, currency, amount),
        Reward::Credit { amount } => amount_in_words(Asset::Credit, currency, amount),
        Reward::Growth { .. } => Text::new(format!("{n} 成长值"), format!("{n} growth value")),
        Reward::MakeupCard { count } => Text::new(
            format!("{n} 张补签卡"),
            plural(count, "a make-up card", "make-up cards"),
        ),
        Reward::Coupon { count, .. } => Text::new(
            format!("{n} 张优惠券"),
            plural(count, "a coupon", "coupons"),
        ),
    }
}

fn plural(count: i64, one: &str, many: &str) -> String {
    match count {
        1 => one.to_owned(),
        _ => format!("{} {many}", grouped(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CouponTemplateId;

    #[test]
    fn every_reward_has_its_words() {
        let currency: Currency = "CNY".parse().expect("a currency");
        let template = CouponTemplateId::from(uuid::Uuid::nil());
        let all = [
            Reward::Credit { amount: 2_000 },
            Reward::Points { amount: 1_500 },
            Reward::Growth { amount: 3 },
            Reward::MakeupCard { count: 1 },
            Reward::Coupon { template, count: 2 },
        ];
        let words = in_words(&all, currency);
        assert_eq!(
            words.zh_cn,
            "¥20.00 购物金、1,500 积分、3 成长值、1 张补签卡、2 张优惠券"
        );
        assert_eq!(
            words.en,
            "¥20.00 of store credit, 1,500 points, 3 growth value, a make-up card, 2 coupons"
        );
    }
}
