//! Why a tier is what it is, in both languages.

use super::ChangeCause;
use super::api::{KeepTier, NextTier, Standing};
use crate::points::api::{Explanation, ExplanationStep};
use crate::quantity::grouped;
use crate::text::Text;
use crate::time::Timestamp;

/// Why a tier changed or was looked at, in a sentence. `threshold` is what the tier in question
/// asked for: the new one on the way up, the old one at a review.
#[must_use]
pub fn explain_transition(
    cause: ChangeCause,
    from: Option<&Text>,
    to: &Text,
    growth: i64,
    threshold: i64,
) -> Text {
    let from = from.unwrap_or(to);
    let missing = grouped((threshold - growth).max(0));
    let (growth, threshold) = (grouped(growth), grouped(threshold));
    let (zh, en) = (&to.zh_cn, &to.en);
    let (from_zh, from_en) = (&from.zh_cn, &from.en);
    match cause {
        ChangeCause::Joined => Text::new(
            format!("加入会员，等级为{zh}。"),
            format!("Joined as {en}."),
        ),
        ChangeCause::Reached => Text::new(
            format!("成长值 {growth}，达到{zh}所需的 {threshold}，即时升级。"),
            format!("Growth value {growth} reached the {threshold} that {en} asks for."),
        ),
        ChangeCause::Kept => Text::new(
            format!("成长值 {growth}，达到{zh}所需的 {threshold}，保级成功。"),
            format!("Growth value {growth} reached the {threshold} that keeps {en}."),
        ),
        ChangeCause::GraceBegan => Text::new(
            format!(
                "复核时成长值 {growth}，距{zh}所需的 {threshold} 还差 {missing}，进入保级宽限期。"
            ),
            format!(
                "At its review growth value was {growth}, {missing} short of the {threshold} that \
                 keeps {en}; the grace period began."
            ),
        ),
        ChangeCause::Lowered => Text::new(
            format!("成长值 {growth}，未达到{from_zh}所需的 {threshold}，保级未成功，调整为{zh}。"),
            format!(
                "Growth value {growth} did not reach the {threshold} that keeps {from_en}; one \
                 step down to {en}."
            ),
        ),
        ChangeCause::Refunded => Text::new(
            format!("订单退款后成长值为 {growth}，等级由{from_zh}调整为{zh}。"),
            format!(
                "After a refund growth value is {growth}; the tier went from {from_en} to {en}."
            ),
        ),
        ChangeCause::Warned => Text::new(
            format!(
                "距{zh}保级还差 {missing} 成长值（需要 {threshold}，现计入 {growth}），已发出提醒。"
            ),
            format!(
                "{missing} growth value short of keeping {en} ({growth} of {threshold}); a warning \
                 was given."
            ),
        ),
        ChangeCause::Merged => merged(from, to, &growth),
        ChangeCause::LadderEdited => Text::new(
            format!("等级规则调整后，成长值 {growth} 已达到{zh}所需的 {threshold}。"),
            format!(
                "The tier rules were edited: growth value {growth} reaches the {threshold} that \
                 {en} now asks for."
            ),
        ),
    }
}

/// After a merge of two members, or its undoing.
fn merged(from: &Text, to: &Text, growth: &str) -> Text {
    Text::new(
        format!(
            "会员合并或拆分后成长值为 {growth}，等级由{}调整为{}。",
            from.zh_cn, to.zh_cn
        ),
        format!(
            "After members were merged or separated growth value is {growth}; the tier went from {} \
             to {}.",
            from.en, to.en
        ),
    )
}

/// Why a member has this tier, what is missing to the next one and what keeps this one.
#[must_use]
pub fn explain_standing(standing: &Standing, ladder_version: i32) -> Explanation {
    let (zh, en) = (&standing.name.zh_cn, &standing.name.en);
    let growth = grouped(standing.growth_value);
    let threshold = grouped(standing.threshold);
    let mut steps = vec![
        step(
            Text::new(
                format!("本周期累计成长值 {growth}。"),
                format!("Growth value that counts now: {growth}."),
            ),
            Some(standing.growth_value),
            None,
        ),
        ExplanationStep {
            rule_version: Some(ladder_version),
            ..step(
                Text::new(
                    format!("按等级规则第 {ladder_version} 版，{zh}需要成长值 {threshold}。"),
                    format!(
                        "By version {ladder_version} of the tier rules {en} asks for {threshold}."
                    ),
                ),
                Some(standing.threshold),
                None,
            )
        },
        step(
            Text::new(
                format!("成为{zh}的时间。"),
                format!("Since when the tier is {en}."),
            ),
            None,
            Some(standing.since),
        ),
    ];
    steps.extend(standing.next.as_ref().and_then(explain_next));
    steps.push(match &standing.keep {
        Some(keep) => explain_keep(keep, &standing.name),
        None => step(
            Text::new(format!("{zh}长期有效。"), format!("{en} does not end.")),
            None,
            None,
        ),
    });
    Explanation {
        summary: Text::new(
            format!("当前等级：{zh}，成长值 {growth}。"),
            format!("The tier is {en}, with a growth value of {growth}."),
        ),
        steps,
    }
}

fn explain_next(next: &NextTier) -> Option<ExplanationStep> {
    let gap = grouped(next.gap);
    let (zh, en) = (&next.name.zh_cn, &next.name.en);
    let (zh, en) = match (next.gap, next.by) {
        (..=0, _) => return None,
        (_, Some(_)) => (
            format!("在此之前再获得 {gap} 成长值，即可升级为{zh}。"),
            format!("{gap} more by then reaches {en}."),
        ),
        (_, None) => (
            format!("再获得 {gap} 成长值，即可升级为{zh}。"),
            format!("{gap} more reaches {en}."),
        ),
    };
    Some(step(Text::new(zh, en), Some(next.gap), next.by))
}

fn explain_keep(keep: &KeepTier, name: &Text) -> ExplanationStep {
    let gap = grouped(keep.gap);
    let (zh, en) = (&name.zh_cn, &name.en);
    let text = match (keep.gap, keep.in_grace) {
        (..=0, false) => Text::new(
            format!("已满足{zh}的保级要求，届时自动续期。"),
            format!("Enough to keep {en} at its review."),
        ),
        (_, false) => Text::new(
            format!("在此之前再获得 {gap} 成长值，即可保住{zh}。"),
            format!("{gap} more by then keeps {en}."),
        ),
        (_, true) => Text::new(
            format!("正处于保级宽限期，在此之前再获得 {gap} 成长值，即可保住{zh}。"),
            format!("The grace period runs: {gap} more by then keeps {en}."),
        ),
    };
    step(text, Some(keep.gap), Some(keep.by))
}

const fn step(text: Text, amount: Option<i64>, at: Option<Timestamp>) -> ExplanationStep {
    ExplanationStep {
        text,
        amount,
        entry_id: None,
        lot_id: None,
        rule_version: None,
        at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(zh: &str, en: &str) -> Text {
        Text::new(zh, en)
    }

    #[test]
    fn the_way_up_is_told_in_both_languages() {
        let (silver, gold) = (name("银卡会员", "Silver"), name("金卡会员", "Gold"));
        for (cause, from, to, growth, zh, en) in [
            (
                ChangeCause::Joined,
                None,
                &silver,
                0,
                "加入会员，等级为银卡会员。",
                "Joined as Silver.",
            ),
            (
                ChangeCause::Reached,
                Some(&silver),
                &gold,
                5_200,
                "成长值 5,200，达到金卡会员所需的 5,000，即时升级。",
                "Growth value 5,200 reached the 5,000 that Gold asks for.",
            ),
            (
                ChangeCause::Kept,
                Some(&gold),
                &gold,
                5_000,
                "成长值 5,000，达到金卡会员所需的 5,000，保级成功。",
                "Growth value 5,000 reached the 5,000 that keeps Gold.",
            ),
            (
                ChangeCause::LadderEdited,
                Some(&silver),
                &gold,
                5_100,
                "等级规则调整后，成长值 5,100 已达到金卡会员所需的 5,000。",
                "The tier rules were edited: growth value 5,100 reaches the 5,000 that Gold now \
                 asks for.",
            ),
        ] {
            assert_eq!(
                explain_transition(cause, from, to, growth, 5_000),
                Text::new(zh, en)
            );
        }
    }

    #[test]
    fn the_way_down_is_told_in_both_languages() {
        let (silver, gold) = (name("银卡会员", "Silver"), name("金卡会员", "Gold"));
        for (cause, from, to, growth, zh, en) in [
            (
                ChangeCause::GraceBegan,
                Some(&gold),
                &gold,
                3_800,
                "复核时成长值 3,800，距金卡会员所需的 5,000 还差 1,200，进入保级宽限期。",
                "At its review growth value was 3,800, 1,200 short of the 5,000 that keeps Gold; \
                 the grace period began.",
            ),
            (
                ChangeCause::Lowered,
                Some(&gold),
                &silver,
                3_800,
                "成长值 3,800，未达到金卡会员所需的 5,000，保级未成功，调整为银卡会员。",
                "Growth value 3,800 did not reach the 5,000 that keeps Gold; one step down to \
                 Silver.",
            ),
            (
                ChangeCause::Refunded,
                Some(&gold),
                &silver,
                900,
                "订单退款后成长值为 900，等级由金卡会员调整为银卡会员。",
                "After a refund growth value is 900; the tier went from Gold to Silver.",
            ),
            (
                ChangeCause::Warned,
                Some(&gold),
                &gold,
                4_999,
                "距金卡会员保级还差 1 成长值（需要 5,000，现计入 4,999），已发出提醒。",
                "1 growth value short of keeping Gold (4,999 of 5,000); a warning was given.",
            ),
        ] {
            assert_eq!(
                explain_transition(cause, from, to, growth, 5_000),
                Text::new(zh, en)
            );
        }
    }

    fn standing(next: Option<NextTier>, keep: Option<KeepTier>) -> Standing {
        Standing {
            code: "silver".into(),
            name: name("银卡会员", "Silver"),
            rank: 1,
            since: Timestamp::from_millis(1),
            valid_until: keep.as_ref().map(|it| it.by),
            growth_value: 1_600,
            threshold: 1_000,
            next,
            keep,
            benefits: Vec::new(),
        }
    }

    fn next(gap: i64, by: Option<Timestamp>) -> NextTier {
        NextTier {
            code: "gold".into(),
            name: name("金卡会员", "Gold"),
            threshold: 5_000,
            gap,
            progress_bps: 1_500,
            by,
        }
    }

    fn keep(gap: i64, in_grace: bool) -> KeepTier {
        KeepTier {
            threshold: 1_000,
            gap,
            by: Timestamp::from_millis(9),
            in_grace,
            at_risk: gap > 0,
        }
    }

    #[test]
    fn a_standing_is_told_in_both_languages() {
        let told = explain_standing(
            &standing(
                Some(next(3_400, Some(Timestamp::from_millis(5)))),
                Some(keep(0, false)),
            ),
            4,
        );
        assert_eq!(
            told.summary,
            Text::new(
                "当前等级：银卡会员，成长值 1,600。",
                "The tier is Silver, with a growth value of 1,600."
            )
        );
        let texts: Vec<_> = told.steps.iter().map(|it| it.text.zh_cn.as_str()).collect();
        assert_eq!(
            texts,
            [
                "本周期累计成长值 1,600。",
                "按等级规则第 4 版，银卡会员需要成长值 1,000。",
                "成为银卡会员的时间。",
                "在此之前再获得 3,400 成长值，即可升级为金卡会员。",
                "已满足银卡会员的保级要求，届时自动续期。",
            ]
        );
        let dates: Vec<_> = told
            .steps
            .iter()
            .map(|it| it.at.map(Timestamp::as_millis))
            .collect();
        assert_eq!(dates, [None, None, Some(1), Some(5), Some(9)]);
        assert_eq!(told.steps[1].rule_version, Some(4));
    }

    #[test]
    fn what_is_missing_depends_on_where_the_member_stands() {
        let last = |next, keep| {
            let told = explain_standing(&standing(next, keep), 1);
            let steps = told.steps.into_iter().skip(3);
            steps.map(|it| (it.text.en, it.amount)).collect::<Vec<_>>()
        };
        for (next, keep, steps) in [
            (None, None, vec![("Silver does not end.", None)]),
            (
                Some(next(3_400, None)),
                None,
                vec![
                    ("3,400 more reaches Gold.", Some(3_400)),
                    ("Silver does not end.", None),
                ],
            ),
            (
                Some(next(0, None)),
                Some(keep(20, false)),
                vec![("20 more by then keeps Silver.", Some(20))],
            ),
            (
                None,
                Some(keep(20, true)),
                vec![(
                    "The grace period runs: 20 more by then keeps Silver.",
                    Some(20),
                )],
            ),
        ] {
            let steps: Vec<_> = steps
                .into_iter()
                .map(|(text, it)| (text.to_owned(), it))
                .collect();
            assert_eq!(last(next, keep), steps);
        }
    }
}
