//! Why a task is where it is, in both languages.

use super::TaskEventKind;
use super::api::{MemberTask, TaskStatus};
use crate::members::audience::Outside;
use crate::points::api::{Explanation, ExplanationStep};
use crate::quantity::{Currency, grouped};
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
    for it in counted {
        let amount = write(it.amount);
        let text = if it.amount == 0 {
            Text::new(
                format!("{}：已撤销，不再计入。", it.reference),
                format!("{}: undone, no longer counts.", it.reference),
            )
        } else {
            Text::new(
                format!("{}：计入 {amount}。", it.reference),
                format!("{}: counts {amount}.", it.reference),
            )
        };
        steps.push(ExplanationStep {
            amount: Some(it.amount),
            at: Some(it.at),
            ..step(text)
        });
    }
    Explanation {
        summary: summary(task, &write),
        steps,
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
