//! Decisions about messages: when there is something to say, and in which words.

use super::{Content, ReferralPart, TierName};
use crate::points::Asset;
use crate::points::api::DatedAmount;
use crate::points::explain::amount_in_words;
use crate::quantity::{Currency, grouped};
use crate::rewards::Reward;
use crate::rewards::words::in_words;
use crate::text::Text;
use crate::tiers::ChangeCause;
use crate::tiers::rules::Transition;
use crate::time::Timestamp;
use jiff::tz::TimeZone;

/// Days ahead at which a member hears of an end: first and last time.
pub const EXPIRY_DAYS: [i64; 2] = [30, 7];

/// A message that there is reason for, and what makes it the same message another time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What caused it; a member gets one message for it.
    pub source: String,
    /// What it is about.
    pub content: Content,
}

/// What to say about the ends of a balance. All that ends in one month of the member is one
/// message, once thirty days and once seven days before the month's first end. Whoever is first
/// looked at within the seven days hears of it once.
#[must_use]
pub fn expiry_notices(
    asset: Asset,
    ends: &[DatedAmount],
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<Notice> {
    let mut months: Vec<(String, DatedAmount)> = Vec::new();
    for end in ends.iter().filter(|it| it.at > now && it.amount > 0) {
        let date = end.at.date_in(zone);
        let month = format!("{:04}-{:02}", date.year(), date.month());
        match months.iter_mut().find(|it| it.0 == month) {
            Some((_, sum)) => {
                sum.amount = sum.amount.saturating_add(end.amount);
                sum.at = sum.at.min(end.at);
            }
            None => months.push((month, *end)),
        }
    }
    let asset_word = match asset {
        Asset::Points => "points",
        Asset::Credit => "credit",
    };
    let notice = |(month, end): (String, DatedAmount)| {
        let days = EXPIRY_DAYS
            .into_iter()
            .rev()
            .find(|days| end.at <= now.plus_days(*days))?;
        Some(Notice {
            source: format!("expiring:{asset_word}:{month}:{days}"),
            content: Content::Expiring {
                asset,
                amount: end.amount,
                at: end.at,
            },
        })
    };
    months.into_iter().filter_map(notice).collect()
}

/// What to tell a member about a change of tier; nothing about joining. `rank` is the place of a
/// tier on the ladder, `name` what it is called.
#[must_use]
pub fn tier_content(
    change: &Transition,
    rank: impl Fn(&str) -> usize,
    name: impl Fn(&str) -> Text,
) -> Option<Content> {
    let named = |code: &str| TierName {
        code: code.to_owned(),
        name: name(code),
    };
    let tier = named(&change.to);
    let (growth_value, threshold) = (change.growth, change.threshold);
    match (&change.from, change.cause) {
        // That two members became one is nobody's merit and nobody's loss.
        (None, _) | (_, ChangeCause::Joined | ChangeCause::Merged) => None,
        (Some(from), _) if rank(from) < rank(&change.to) => Some(Content::TierRaised {
            from: named(from),
            tier,
        }),
        (Some(from), cause) if rank(from) > rank(&change.to) => Some(Content::TierLowered {
            from: named(from),
            tier,
            cause,
        }),
        (_, ChangeCause::Warned) => Some(Content::TierWarned {
            tier,
            growth_value,
            threshold,
        }),
        (_, ChangeCause::GraceBegan) => Some(Content::TierGrace {
            tier,
            growth_value,
            threshold,
        }),
        (_, ChangeCause::Kept) => Some(Content::TierKept { tier }),
        (
            _,
            ChangeCause::Reached
            | ChangeCause::Lowered
            | ChangeCause::Refunded
            | ChangeCause::LadderEdited,
        ) => None,
    }
}

/// What happened in a flash sale, and what follows from it, each in both languages.
type OfSale = [(&'static str, &'static str); 2];

const OPENS: OfSale = [
    ("即将开抢", "opening soon"),
    (
        "您预约的秒杀即将开始。",
        "A sale that you wanted to hear of opens soon.",
    ),
];
const CANCELLED: OfSale = [
    ("秒杀已取消", "sale cancelled"),
    (
        "您抢到的商品已释放，无需付款。",
        "What you held is no longer held; there is nothing to pay.",
    ),
];
const RELEASED: OfSale = [
    ("未付款，名额已释放", "not paid in time"),
    (
        "超过付款时间，商品已回到秒杀。",
        "The time to pay is over, and what you held is on sale again.",
    ),
];
const TOO_LATE: OfSale = [
    ("付款超时，将为您退款", "paid too late"),
    (
        "商品已售完，款项将退回。",
        "Nothing was left, and your money goes back.",
    ),
];
const APOLOGY: OfSale = [
    TOO_LATE[0],
    (
        "商品已售完，款项将退回，并送上一张优惠券致歉。",
        "Nothing was left. Your money goes back, and a coupon is our apology.",
    ),
];

fn of_sale(sale: &Text, [head, rest]: &OfSale) -> (Text, Text) {
    (
        Text::new(
            format!("{}：{}", sale.zh_cn, head.0),
            format!("{}: {}", sale.en, head.1),
        ),
        Text::new(rest.0, rest.1),
    )
}

fn posted(community: &str, title: &str) -> (Text, Text) {
    (
        Text::new(title, title),
        Text::new(
            format!("「{community}」今天的清单来了。"),
            format!("Today's list of {community} is there."),
        ),
    )
}

/// Title and text of a message. Dates stand beside it, so that each reader gets them in the own
/// time zone.
#[must_use]
pub fn words(content: &Content, currency: Currency) -> (Text, Text) {
    match content {
        Content::Expiring { asset, amount, .. } => expiring(*asset, *amount, currency),
        Content::TierWarned {
            tier,
            growth_value,
            threshold,
        } => {
            let missing = grouped((threshold - growth_value).max(0));
            let (zh, en) = (&tier.name.zh_cn, &tier.name.en);
            (
                Text::new(
                    format!("{zh}即将复核"),
                    format!("{en} will be reviewed soon"),
                ),
                Text::new(
                    format!("再获得 {missing} 成长值即可保级。"),
                    format!("Earn {missing} more growth value to keep it."),
                ),
            )
        }
        Content::TierGrace {
            tier,
            growth_value,
            threshold,
        } => {
            let missing = grouped((threshold - growth_value).max(0));
            let (zh, en) = (&tier.name.zh_cn, &tier.name.en);
            (
                Text::new(
                    format!("{zh}进入保级宽限期"),
                    format!("The grace period of {en} has begun"),
                ),
                Text::new(
                    format!("宽限期内再获得 {missing} 成长值，等级不变。"),
                    format!("Earn {missing} more growth value before it ends to keep your tier."),
                ),
            )
        }
        Content::TierRaised { tier, .. } => {
            let (zh, en) = (&tier.name.zh_cn, &tier.name.en);
            (
                Text::new(format!("恭喜升级为{zh}"), format!("Welcome to {en}")),
                Text::new(
                    "新的权益现已生效。".to_owned(),
                    "Your new benefits hold from now on.".to_owned(),
                ),
            )
        }
        Content::TierKept { tier } => {
            let (zh, en) = (&tier.name.zh_cn, &tier.name.en);
            (
                Text::new(format!("{zh}保级成功"), format!("You have kept {en}")),
                Text::new(
                    "等级和权益继续有效。".to_owned(),
                    "Your tier and its benefits go on.".to_owned(),
                ),
            )
        }
        Content::TierLowered { tier, cause, .. } => lowered(tier, *cause),
        Content::ReferralRewarded { part, rewards } => referred(*part, rewards, currency),
        Content::ScenarioPosted { name, title, .. } => posted(name, title),
        Content::SaleOpens { title, .. } => of_sale(title, &OPENS),
        Content::SaleCancelled { title, .. } => of_sale(title, &CANCELLED),
        Content::ClaimReleased { title, .. } => of_sale(title, &RELEASED),
        Content::ClaimTooLate { title, coupon, .. } if *coupon => of_sale(title, &APOLOGY),
        Content::ClaimTooLate { title, .. } => of_sale(title, &TOO_LATE),
    }
}

fn referred(part: ReferralPart, rewards: &[Reward], currency: Currency) -> (Text, Text) {
    let given = in_words(rewards, currency);
    let title = match part {
        ReferralPart::Inviter => Text::new("邀请奖励已到账", "Your invitation is rewarded"),
        ReferralPart::Friend => Text::new("首单奖励已到账", "Your first order is rewarded"),
    };
    let text = Text::new(
        format!("首单已过退货期：{}。", given.zh_cn),
        format!("The first order has stood: {}.", given.en),
    );
    (title, text)
}

fn expiring(asset: Asset, amount: i64, currency: Currency) -> (Text, Text) {
    let amount = amount_in_words(asset, currency, amount);
    let (zh, en) = (&amount.zh_cn, &amount.en);
    let title = match asset {
        Asset::Points => Text::new("积分即将到期", "Points end soon"),
        Asset::Credit => Text::new("购物金即将到期", "Store credit ends soon"),
    };
    let text = Text::new(
        format!("{zh}即将到期，记得使用。"),
        format!("You have {en} to use before then."),
    );
    (title, text)
}

fn lowered(tier: &TierName, cause: ChangeCause) -> (Text, Text) {
    let (zh, en) = (&tier.name.zh_cn, &tier.name.en);
    let title = Text::new(format!("等级调整为{zh}"), format!("Your tier is now {en}"));
    let text = match cause {
        ChangeCause::Refunded => Text::new(
            "因订单退款，等级已重新计算。",
            "Orders were refunded, so your tier was worked out again.",
        ),
        ChangeCause::LadderEdited => Text::new(
            "等级规则调整，等级已重新计算。",
            "The tier rules were edited, so your tier was worked out again.",
        ),
        _ => Text::new(
            "本次复核未达到保级所需的成长值。",
            "Growth value did not reach what the tier before asks for.",
        ),
    };
    (title, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;
    use proptest::prelude::*;

    fn end(amount: i64, text: &str) -> DatedAmount {
        DatedAmount {
            amount,
            at: at(text),
        }
    }

    fn notices(ends: &[DatedAmount], now: &str) -> Vec<(String, i64)> {
        expiry_notices(Asset::Points, ends, &TimeZone::UTC, at(now))
            .into_iter()
            .map(|it| match it.content {
                Content::Expiring { amount, .. } => (it.source, amount),
                other => panic!("not about an end: {other:?}"),
            })
            .collect()
    }

    #[test]
    fn an_end_is_told_thirty_and_seven_days_ahead() {
        let ends = [
            end(100, "2026-06-30T23:59:59Z"),
            end(50, "2026-07-31T23:59:59Z"),
        ];
        let june = |days: i64| (format!("expiring:points:2026-06:{days}"), 100);
        for (now, expected) in [
            ("2026-05-31T23:59:58Z", vec![]),
            ("2026-05-31T23:59:59Z", vec![june(30)]),
            ("2026-06-23T23:59:58Z", vec![june(30)]),
            ("2026-06-23T23:59:59Z", vec![june(7)]),
            ("2026-06-30T23:59:58Z", vec![june(7)]),
            ("2026-07-01T00:00:00Z", vec![]),
            (
                "2026-07-02T00:00:00Z",
                vec![("expiring:points:2026-07:30".to_owned(), 50)],
            ),
        ] {
            assert_eq!(notices(&ends, now), expected, "{now}");
        }
    }

    #[test]
    fn what_ends_in_one_month_is_one_message() {
        let ends = [
            end(10, "2026-06-12T10:00:00Z"),
            end(100, "2026-06-30T23:59:59Z"),
            end(0, "2026-06-30T23:59:59Z"),
        ];
        assert_eq!(
            notices(&ends, "2026-06-01T00:00:00Z"),
            [("expiring:points:2026-06:30".to_owned(), 110)]
        );
        assert_eq!(
            notices(&ends, "2026-06-06T00:00:00Z"),
            [("expiring:points:2026-06:7".to_owned(), 110)]
        );
    }

    #[test]
    fn the_month_is_the_members_own() {
        let shanghai = crate::time::zone("Asia/Shanghai").expect("a zone");
        let ends = [end(5, "2026-06-30T16:30:00Z")];
        let found = expiry_notices(Asset::Credit, &ends, &shanghai, at("2026-06-20T00:00:00Z"));
        assert_eq!(found[0].source, "expiring:credit:2026-07:30");
    }

    fn change(cause: ChangeCause, from: &str, to: &str) -> Transition {
        Transition {
            at: at("2026-06-01T00:00:00Z"),
            cause,
            from: Some(from.to_owned()),
            to: to.to_owned(),
            growth: 1_200,
            threshold: 2_000,
            ladder_version: 1,
        }
    }

    fn content(cause: ChangeCause, from: &str, to: &str) -> Option<Content> {
        let name = |code: &str| Text::new(format!("{code}卡"), code.to_uppercase());
        tier_content(
            &change(cause, from, to),
            |code| usize::from(code == "gold"),
            name,
        )
    }

    #[test]
    fn inviter_and_friend_hear_what_they_got() {
        let currency: Currency = "CNY".parse().expect("a currency");
        let told = |part, reward| {
            let rewards = vec![reward];
            let (title, text) = words(&Content::ReferralRewarded { part, rewards }, currency);
            (title.zh_cn, text.en)
        };
        assert_eq!(
            told(ReferralPart::Friend, Reward::Credit { amount: 2_000 }),
            (
                "首单奖励已到账".to_owned(),
                "The first order has stood: ¥20.00 of store credit.".to_owned()
            )
        );
        assert_eq!(
            told(ReferralPart::Inviter, Reward::Points { amount: 1 }),
            (
                "邀请奖励已到账".to_owned(),
                "The first order has stood: 1 point.".to_owned()
            )
        );
    }

    #[test]
    fn every_change_of_tier_is_told_in_both_languages() {
        use ChangeCause::{GraceBegan, Kept, LadderEdited, Lowered, Reached, Refunded, Warned};
        let currency: Currency = "CNY".parse().expect("a currency");
        let raised = ("tier_raised", "恭喜升级为gold卡", "Welcome to GOLD");
        let lowered = (
            "tier_lowered",
            "等级调整为silver卡",
            "Your tier is now SILVER",
        );
        let kept = ("tier_kept", "gold卡保级成功", "You have kept GOLD");
        let warned = (
            "tier_warned",
            "gold卡即将复核",
            "GOLD will be reviewed soon",
        );
        let grace = (
            "tier_grace",
            "gold卡进入保级宽限期",
            "The grace period of GOLD has begun",
        );
        for (cause, from, to, (kind, zh, en)) in [
            (Reached, "silver", "gold", raised),
            (LadderEdited, "silver", "gold", raised),
            (Kept, "gold", "gold", kept),
            (Warned, "gold", "gold", warned),
            (GraceBegan, "gold", "gold", grace),
            (Lowered, "gold", "silver", lowered),
            (Refunded, "gold", "silver", lowered),
            (LadderEdited, "gold", "silver", lowered),
        ] {
            let content = content(cause, from, to).expect("something to say");
            let (title, text) = words(&content, currency);
            let json = serde_json::to_value(&content).expect("JSON");
            assert_eq!(
                (content.kind(), &json["kind"]),
                (kind, &serde_json::json!(kind))
            );
            assert_eq!((title.zh_cn.as_str(), title.en.as_str()), (zh, en));
            assert!(!text.zh_cn.is_empty() && !text.en.is_empty());
            if matches!(cause, Warned | GraceBegan) {
                assert!(
                    text.en.contains("800") && text.zh_cn.contains("800"),
                    "{text:?}"
                );
            }
        }
        assert_eq!(content(ChangeCause::Joined, "gold", "gold"), None);
    }

    #[test]
    fn an_end_is_told_with_its_amount() {
        let currency: Currency = "CNY".parse().expect("a currency");
        let expiring = Content::Expiring {
            asset: Asset::Credit,
            amount: 1_250,
            at: at("2026-06-01T00:00:00Z"),
        };
        let (_, text) = words(&expiring, currency);
        assert_eq!(text.zh_cn, "¥12.50 购物金即将到期，记得使用。");
        assert_eq!(
            serde_json::to_value(&expiring).expect("JSON")["kind"],
            expiring.kind()
        );
    }

    proptest! {
        #[test]
        fn nothing_that_ends_within_thirty_days_is_left_out(
            ends in proptest::collection::vec((1i64..1_000, 0i64..100 * 86_400), 0..12)
        ) {
            let now = at("2026-01-01T00:00:00Z");
            let ends: Vec<DatedAmount> = ends
                .into_iter()
                .map(|(amount, s)| DatedAmount { amount, at: now.plus_millis(s * 1_000 + 1) })
                .collect();
            let told: i64 = expiry_notices(Asset::Points, &ends, &TimeZone::UTC, now)
                .iter()
                .map(|it| match it.content { Content::Expiring { amount, .. } => amount, _ => 0 })
                .sum();
            let soon: i64 = ends
                .iter()
                .filter(|it| it.at <= now.plus_days(30))
                .map(|it| it.amount)
                .sum();
            let all: i64 = ends.iter().map(|it| it.amount).sum();
            prop_assert!((soon..=all).contains(&told), "{} {} {}", soon, told, all);
        }
    }
}
