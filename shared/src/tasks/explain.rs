//! Why a task is where it is, in both languages.

use super::TaskEventKind;
use super::api::{MemberTask, TaskClaim, TaskStatus};
use crate::members::audience::Outside;
use crate::points::api::{Explanation, ExplanationStep};
use crate::quantity::{Currency, grouped};
use crate::rewards::words::one_in_words;
use crate::rewards::{GrantedReward, Reward};
use crate::text::Text;
use crate::time::Timestamp;

/// Something that counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// What it was: an order, a day, an event.
    pub reference: String,
    /// How much it counts now; 0 when it was undone.
    pub amount: i64,
    /// When it happened.
    pub at: Timestamp,
}

fn step(text: Text) -> ExplanationStep {
    ExplanationStep {
        text,
        amount: None,
        entry_id: None,
        lot_id: None,
        rule_version: None,
        at: None,
    }
}

/// Why a task is where it is for a member: the answer in a sentence, then everything that counted.
#[must_use]
pub fn explain_task(task: &MemberTask, counted: &[Counted], currency: Currency) -> Explanation {
    let write = |amount: i64| match task.event {
        TaskEventKind::OrderAmount => currency.format(amount),
        _ => grouped(amount),
    };
    let mut steps = vec![step(what_counts(task, &write))];
    steps.extend(counted.iter().map(|it| counts(it, &write)));
    Explanation {
        summary: summary(task, &write),
        steps,
    }
}

/// One time that a task was rewarded, with what it was given for.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// This time.
    pub claim: &'a TaskClaim,
    /// What counts for the task.
    pub event: TaskEventKind,
    /// The version of the task by which it was given.
    pub version: i32,
    /// How much was enough for each time, by that version.
    pub goal: i64,
    /// Everything that counted in the period.
    pub counted: &'a [Counted],
    /// How much of it counts now.
    pub progress: i64,
}

impl Given<'_> {
    /// How much must count for the reward to stand.
    const fn needed(&self) -> i64 {
        self.goal.saturating_mul(self.claim.nth as i64)
    }
}

/// Why a reward was given: by which task and version, what it was, what counted, and what a refund
/// would undo.
#[must_use]
pub fn explain_claim(given: Given<'_>, currency: Currency) -> Explanation {
    let claim = given.claim;
    let write = |amount: i64| match given.event {
        TaskEventKind::OrderAmount => currency.format(amount),
        _ => grouped(amount),
    };
    let needed = write(given.needed());
    let reached = Text::new(
        format!(
            "“{}”第 {} 次达成：累计 {needed}。",
            claim.name.zh_cn, claim.nth
        ),
        format!(
            "“{}” was reached for the {} time: {needed} in all.",
            claim.name.en,
            ordinal(claim.nth)
        ),
    );
    let mut steps = vec![ExplanationStep {
        rule_version: Some(given.version),
        at: Some(claim.claimed_at),
        ..step(reached)
    }];
    steps.extend(claim.rewards.iter().map(|it| gave(it, currency)));
    steps.extend(given.counted.iter().map(|it| counts(it, &write)));
    steps.push(step(undoing(&given, &write)));
    Explanation {
        summary: match claim.taken_back_at {
            None => Text::new("任务奖励已发放。", "The reward of a task was given."),
            Some(_) => Text::new(
                "任务奖励已收回，因为不再达成。",
                "The reward of a task was taken back, because its goal is no longer reached.",
            ),
        },
        steps,
    }
}

/// A place in a row in English: 1st, 2nd, 3rd, 4th.
fn ordinal(n: u16) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

/// A reward in words, and how much of it was taken back.
fn gave(it: &GrantedReward, currency: Currency) -> ExplanationStep {
    let Text { zh_cn: zh, en } = one_in_words(it.reward, currency);
    let back = match it.reward {
        Reward::Credit { .. } => currency.format(it.taken_back),
        _ => grouped(it.taken_back),
    };
    step(match it.taken_back {
        0 => Text::new(format!("发放 {zh}。"), format!("Gave {en}.")),
        _ => Text::new(
            format!("发放 {zh}，已收回 {back}。"),
            format!("Gave {en}, of which {back} was taken back."),
        ),
    })
}

/// Something that counted, and how much it counts now.
fn counts(it: &Counted, write: &dyn Fn(i64) -> String) -> ExplanationStep {
    let amount = write(it.amount);
    let text = match it.amount {
        0 => Text::new(
            format!("{}：已撤销，不再计入。", it.reference),
            format!("{}: undone, no longer counts.", it.reference),
        ),
        _ => Text::new(
            format!("{}：计入 {amount}。", it.reference),
            format!("{}: counts {amount}.", it.reference),
        ),
    };
    ExplanationStep {
        amount: Some(it.amount),
        at: Some(it.at),
        ..step(text)
    }
}

/// What would take the reward back, or that nothing does.
fn undoing(given: &Given<'_>, write: &dyn Fn(i64) -> String) -> Text {
    let by_orders = matches!(
        given.event,
        TaskEventKind::Orders | TaskEventKind::OrderAmount
    );
    let (needed, now) = (write(given.needed()), write(given.progress));
    match given.claim.taken_back_at {
        Some(_) => Text::new(
            "重新达成后可以再次获得。",
            "It can be had again when the goal is reached again.",
        ),
        None if !by_orders => {
            Text::new("退款不影响这次奖励。", "Refunds do not change this reward.")
        }
        None => Text::new(
            format!(
                "现在累计 {now}；若退款后少于 {needed}，这次奖励会收回：积分、成长值和购物金扣回，未使用的优惠券作废。"
            ),
            format!(
                "{now} counts now; if refunds leave less than {needed}, this reward is taken back: points, growth value and store credit, and coupons that were not used."
            ),
        ),
    }
}

fn what_counts(task: &MemberTask, write: &dyn Fn(i64) -> String) -> Text {
    let (zh, en) = match task.event {
        TaskEventKind::Orders => ("已支付且未退款的订单", "paid orders that are kept"),
        TaskEventKind::OrderAmount => ("未退款的订单金额", "what kept orders cost"),
        TaskEventKind::CheckIns => (
            "签到天数（含补签）",
            "days checked in, made-up days included",
        ),
        TaskEventKind::ProfileCompleted => (
            "资料完整：姓名、生日、手机或邮箱",
            "a name, a birthday, and a phone number or an e-mail address",
        ),
        TaskEventKind::Reviews => ("商城确认的评价", "reviews that the shop has accepted"),
        TaskEventKind::Custom => ("商城上报的事件", "what the shop reports"),
        TaskEventKind::ShareVisits => (
            "通过专属链接来访的不同好友",
            "different people who open the own link",
        ),
        TaskEventKind::ShareSignUps => (
            "通过专属链接注册的好友",
            "people who sign up by the own link",
        ),
    };
    let goal = write(task.goal);
    Text::new(
        format!(
            "计入：{zh}。每达到 {goal} 奖励一次，每期最多 {} 次。",
            task.times
        ),
        format!(
            "What counts: {en}. Each {goal} is rewarded, at most {} in a period.",
            times(task.times)
        ),
    )
}

fn times(count: u16) -> String {
    if count == 1 {
        "once".to_owned()
    } else {
        format!("{count} times")
    }
}

fn summary(task: &MemberTask, write: &dyn Fn(i64) -> String) -> Text {
    let (progress, goal) = (write(task.progress), write(task.goal));
    match task.status {
        TaskStatus::Claimable => Text::new(
            "已达成，可以领取奖励。",
            "The goal is reached; the reward can be claimed.",
        ),
        TaskStatus::InProgress | TaskStatus::Todo => Text::new(
            format!("已完成 {progress}，目标 {goal}。"),
            format!("{progress} of {goal} so far."),
        ),
        TaskStatus::ToJoin => {
            Text::new("参加后才开始计入。", "What is done counts from joining on.")
        }
        TaskStatus::Locked => match task.outside {
            Some(Outside::Tag) => {
                Text::new("仅对指定人群开放。", "It is for members with certain tags.")
            }
            _ => Text::new("仅对指定等级开放。", "It is for members of certain tiers."),
        },
        TaskStatus::Upcoming => Text::new("尚未开始。", "It has not begun."),
        TaskStatus::Paused => Text::new(
            "已暂停发放，进度仍会计入。",
            "Nothing is given at the moment; progress still counts.",
        ),
        TaskStatus::QuotaUsedUp => Text::new("奖励已被领完。", "All rewards have been given."),
        TaskStatus::Claimed => Text::new(
            "本期奖励已全部领取。",
            "All rewards of this period have been given.",
        ),
        TaskStatus::Expired => Text::new("已结束。", "It is over."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    fn claim(nth: u16, rewards: Vec<GrantedReward>) -> TaskClaim {
        TaskClaim {
            id: format!("tcl_{:026}", 0).parse().expect("an id"),
            task_id: format!("tsk_{:026}", 0).parse().expect("an id"),
            name: Text::new("下单", "Order"),
            period: "2026-06".to_owned(),
            nth,
            rewards,
            claimed_at: at("2026-06-15T00:00:00Z"),
            taken_back_at: None,
        }
    }

    fn told(claim: &TaskClaim, event: TaskEventKind, counted: &[Counted]) -> Vec<String> {
        let given = Given {
            claim,
            event,
            version: 3,
            goal: 10_000,
            counted,
            progress: counted.iter().map(|it| it.amount).sum(),
        };
        let told = explain_claim(given, "CNY".parse().expect("a currency"));
        let mut all = vec![told.summary.en];
        all.extend(told.steps.into_iter().map(|it| it.text.en));
        all
    }

    #[test]
    fn a_reward_says_what_gave_it_and_what_a_refund_would_undo() {
        let given = |reward| GrantedReward {
            reward,
            taken_back: 0,
        };
        let counted = |reference: &str, amount| Counted {
            reference: reference.to_owned(),
            amount,
            at: at("2026-06-14T00:00:00Z"),
        };
        let rewards = vec![
            given(Reward::Points { amount: 1_200 }),
            given(Reward::Credit { amount: 500 }),
        ];
        let orders = [counted("o-2", 25_000), counted("o-1", 0)];
        let second = claim(2, rewards);
        assert_eq!(
            told(&second, TaskEventKind::OrderAmount, &orders),
            [
                "The reward of a task was given.",
                "“Order” was reached for the 2nd time: ¥200.00 in all.",
                "Gave 1,200 points.",
                "Gave ¥5.00 of store credit.",
                "o-2: counts ¥250.00.",
                "o-1: undone, no longer counts.",
                "¥250.00 counts now; if refunds leave less than ¥200.00, this reward is taken back: points, growth value and store credit, and coupons that were not used.",
            ]
        );
        let checked = told(&claim(1, Vec::new()), TaskEventKind::CheckIns, &[]);
        assert_eq!(
            checked.last().map(String::as_str),
            Some("Refunds do not change this reward.")
        );
    }

    #[test]
    fn a_reward_that_was_taken_back_says_so() {
        let mut it = claim(
            1,
            vec![GrantedReward {
                reward: Reward::Coupon {
                    template: format!("ctp_{:026}", 0).parse().expect("an id"),
                    count: 2,
                },
                taken_back: 1,
            }],
        );
        it.taken_back_at = Some(at("2026-06-20T00:00:00Z"));
        let all = told(&it, TaskEventKind::Orders, &[]);
        assert_eq!(
            all,
            [
                "The reward of a task was taken back, because its goal is no longer reached.",
                "“Order” was reached for the 1st time: 10,000 in all.",
                "Gave 2 coupons, of which 1 was taken back.",
                "It can be had again when the goal is reached again.",
            ]
        );
    }

    #[test]
    fn places_in_a_row_are_written_as_english_does() {
        for (n, text) in [
            (1, "1st"),
            (2, "2nd"),
            (3, "3rd"),
            (4, "4th"),
            (11, "11th"),
            (22, "22nd"),
            (112, "112th"),
        ] {
            assert_eq!(ordinal(n), text);
        }
    }
}
