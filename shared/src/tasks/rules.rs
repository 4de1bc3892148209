//! Decisions about tasks: what counts, how far a member is, and whether a reward is due.

use super::api::{Reported, TaskEvent, TaskStatus};
use super::days::LocalDays;
use super::{ClaimMode, JoinMode, ONCE, Period, Scope, Target, TaskDefinition, TaskState};
use crate::members::audience::Outside;
use crate::orders::rules::is_reference;
use crate::orders::{LineState, Order};
use crate::problem::{ErrorCode, FieldError};
use crate::quantity::MAX_AMOUNT;
use crate::rewards::check_rewards;
use crate::text::{is_plain, is_web_address};
use crate::time::Timestamp;
use jiff::civil::Date;

/// Most times that one member is rewarded in one period.
pub const MAX_TIMES: u16 = 100;
/// Most days after the period in which a reward can be asked for.
pub const MAX_CLAIM_DAYS: u16 = 90;
/// Longest name, in characters.
pub const MAX_NAME: usize = 40;
/// Longest description, in characters.
pub const MAX_DESCRIPTION: usize = 200;
/// Longest address that a shared link leads to.
pub const MAX_URL: usize = 500;

/// Why nothing is given for a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It has not begun.
    NotStarted,
    /// It is paused.
    Paused,
    /// It has ended, or the period and the days after it have.
    Ended,
    /// It is not for this member.
    NotForYou,
    /// The member has not joined.
    NotJoined,
    /// The goal is not reached; what is missing.
    NotCompleted {
        /// How much.
        missing: i64,
    },
    /// The member has had all there is in this period.
    AlreadyClaimed,
    /// All rewards of the task have been given.
    QuotaUsedUp,
}

impl Refusal {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::NotStarted => ErrorCode::TaskNotStarted,
            Self::Paused => ErrorCode::TaskPaused,
            Self::Ended => ErrorCode::TaskEnded,
            Self::NotForYou => ErrorCode::TaskNotForYou,
            Self::NotJoined => ErrorCode::TaskNotJoined,
            Self::NotCompleted { .. } => ErrorCode::TaskNotCompleted,
            Self::AlreadyClaimed => ErrorCode::TaskAlreadyClaimed,
            Self::QuotaUsedUp => ErrorCode::TaskQuotaUsedUp,
        }
    }
}

/// A task as staff left it.
#[derive(Debug, Clone, Copy)]
pub struct TaskNow<'a> {
    /// What it says.
    pub definition: &'a TaskDefinition,
    /// What staff did with it.
    pub state: TaskState,
    /// When staff ended it, if they did.
    pub ended_at: Option<Timestamp>,
    /// How often it was rewarded, to everyone together.
    pub granted: u32,
}

impl TaskNow<'_> {
    /// The last instant that counts.
    #[must_use]
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.definition
            .ends_at
            .into_iter()
            .chain(self.ended_at)
            .min()
    }

    /// Whether what happens at `at` counts. Pausing stops rewards, not counting.
    #[must_use]
    pub fn counts_at(&self, at: Timestamp) -> bool {
        at >= self.definition.starts_at && self.ends_at().is_none_or(|it| at <= it)
    }

    /// Whether all rewards have been given.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.definition
            .quota
            .total
            .is_some_and(|it| self.granted >= it)
    }
}

/// What is known of a member's part in a task, in one period.
#[derive(Debug, Clone, Copy)]
pub struct MemberPart<'a> {
    /// Sum of what counts.
    pub progress: i64,
    /// How often the member was rewarded.
    pub claimed: u16,
    /// Whether the member joined.
    pub joined: bool,
    /// Why the task is not for the member, if it is not.
    pub outside: Option<Outside>,
    /// The last instant of the period; `None` when it has no end.
    pub period_ends_at: Option<Timestamp>,
    /// The member's days.
    pub days: &'a LocalDays,
}

impl MemberPart<'_> {
    /// The last instant at which what counted can be rewarded.
    #[must_use]
    pub fn claim_until(&self, task: TaskNow<'_>) -> Option<Timestamp> {
        let end = self
            .period_ends_at
            .into_iter()
            .chain(task.ends_at())
            .min()?;
        let last = self
            .days
            .day_at(end)
            .saturating_add(jiff::Span::new().days(i64::from(task.definition.claim_days)));
        Some(self.days.end_of(last))
    }
}

/// How often a progress reaches a goal, within what one member may have.
#[must_use]
pub fn times_reached(progress: i64, definition: &TaskDefinition) -> u16 {
    let times = progress.max(0) / definition.target.goal().max(1);
    u16::try_from(times)
        .unwrap_or(u16::MAX)
        .min(definition.quota.per_member)
}

/// Whether the next reward is due now, and which one it is (counted from 1).
///
/// # Errors
/// The first reason why not, in the order of [`Refusal`].
pub fn claim(task: TaskNow<'_>, part: MemberPart<'_>, now: Timestamp) -> Result<u16, Refusal> {
    if now < task.definition.starts_at {
        return Err(Refusal::NotStarted);
    }
    if task.state == TaskState::Paused {
        return Err(Refusal::Paused);
    }
    if part.claim_until(task).is_some_and(|it| now > it) {
        return Err(Refusal::Ended);
    }
    if part.outside.is_some() {
        return Err(Refusal::NotForYou);
    }
    if task.definition.join == JoinMode::OptIn && !part.joined {
        return Err(Refusal::NotJoined);
    }
    if part.claimed >= task.definition.quota.per_member {
        return Err(Refusal::AlreadyClaimed);
    }
    if times_reached(part.progress, task.definition) <= part.claimed {
        let wanted = task
            .definition
            .target
            .goal()
            .saturating_mul(i64::from(part.claimed) + 1);
        return Err(Refusal::NotCompleted {
            missing: wanted - part.progress,
        });
    }
    if task.is_used_up() {
        return Err(Refusal::QuotaUsedUp);
    }
    Ok(part.claimed + 1)
}

/// Rewards that stand although what was done for them is undone: each with its number in the period
/// and the goal that held when it was given. The last one first.
#[must_use]
pub fn no_longer_earned(progress: i64, standing: &[(u16, i64)]) -> Vec<u16> {
    let lost = standing
        .iter()
        .filter(|(nth, goal)| goal.saturating_mul(i64::from(*nth)) > progress);
    let mut lost: Vec<u16> = lost.map(|it| it.0).collect();
    lost.sort_unstable_by(|a, b| b.cmp(a));
    lost
}

/// Rewards that go over when two members become one: for each of `theirs`, given by its goal and
/// in the order in which they were given, the number in the period that it gets among `taken`; or
/// `None` when what both have done together does not earn it, because it counts only once.
#[must_use]
pub fn numbers_after_merge(progress: i64, taken: &[u16], theirs: &[i64]) -> Vec<Option<u16>> {
    let mut taken = taken.to_vec();
    let number = |goal: &i64| {
        let nth = (1..u16::MAX).find(|it| !taken.contains(it))?;
        let earned = goal.saturating_mul(i64::from(nth)) <= progress;
        earned.then(|| {
            taken.push(nth);
            nth
        })
    };
    theirs.iter().map(number).collect()
}

/// What the page shows.
#[must_use]
pub fn status(task: TaskNow<'_>, part: MemberPart<'_>, now: Timestamp) -> TaskStatus {
    let closed =
        task.ends_at().is_some_and(|it| now > it) || part.period_ends_at.is_some_and(|it| now > it);
    match claim(task, part, now) {
        Ok(_) if task.definition.claim == ClaimMode::ByMember => TaskStatus::Claimable,
        Err(Refusal::AlreadyClaimed) => TaskStatus::Claimed,
        Err(Refusal::NotForYou) => TaskStatus::Locked,
        Err(Refusal::Paused) => TaskStatus::Paused,
        Err(Refusal::QuotaUsedUp) => TaskStatus::QuotaUsedUp,
        Err(Refusal::Ended) => TaskStatus::Expired,
        Err(Refusal::NotStarted) => TaskStatus::Upcoming,
        Err(Refusal::NotCompleted { .. } | Refusal::NotJoined) if closed => TaskStatus::Expired,
        Err(Refusal::NotCompleted { .. } | Refusal::NotJoined) if task.is_used_up() => {
            TaskStatus::QuotaUsedUp
        }
        Err(Refusal::NotJoined) => TaskStatus::ToJoin,
        Err(Refusal::NotCompleted { .. }) if part.progress <= 0 => TaskStatus::Todo,
        Ok(_) | Err(Refusal::NotCompleted { .. }) => TaskStatus::InProgress,
    }
}

/// What an order adds to a task now: nothing while it is unpaid, cancelled or given back.
#[must_use]
pub fn order_contribution(target: &Target, order: &Order) -> i64 {
    let (scope, counts_amount) = match target {
        Target::Orders { scope, .. } => (scope, false),
        Target::OrderAmount { scope, .. } => (scope, true),
        _ => return 0,
    };
    if order.times.paid_at.is_none() || order.times.cancelled_at.is_some() {
        return 0;
    }
    let kept = order
        .lines
        .iter()
        .filter(|it| is_in_scope(it, scope) && !it.is_fully_returned());
    let (lines, amount) = kept.fold((0, 0), |sum, it| {
        (sum.0 + 1, sum.1 + (it.line.amount - it.refunded_amount))
    });
    if lines == 0 || amount < scope.minimum_amount {
        0
    } else if counts_amount {
        amount
    } else {
        1
    }
}

fn is_in_scope(line: &LineState, scope: &Scope) -> bool {
    let category = |it: &String| line.line.category.as_ref() == Some(it);
    (scope.categories.is_empty() || scope.categories.iter().any(category))
        && (scope.skus.is_empty() || scope.skus.contains(&line.line.sku))
}

/// The period of a task that `day` belongs to: a month, or the only one.
#[must_use]
pub fn period_of(period: Period, day: Date) -> String {
    match period {
        Period::Once => ONCE.to_owned(),
        Period::Monthly => format!("{:04}-{:02}", day.year(), day.month()),
    }
}

/// The last instant of a period in a member's days; `None` for the only one.
#[must_use]
pub fn period_end(period: &str, days: &LocalDays) -> Option<Timestamp> {
    let first: Date = format!("{period}-01").parse().ok()?;
    Some(days.end_of(first.last_of_month()))
}

/// Checks an event that the shop reports. An empty answer means it is fine.
#[must_use]
pub fn check_event(event: &TaskEvent) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: &str, code: &str, message: &str| {
        errors.push(FieldError::new(pointer, code, message));
    };
    if !is_reference(&event.event_id) {
        wrong(
            "/event_id",
            "invalid",
            "expected 1 to 100 visible characters",
        );
    }
    match (event.kind, &event.name) {
        (Reported::Review, Some(_)) => wrong("/name", "invalid", "a review has no name"),
        (Reported::Custom, None) => wrong("/name", "required", "say which event it is"),
        (Reported::Custom, Some(name)) if !is_reference(name) => {
            wrong("/name", "invalid", "expected 1 to 100 visible characters");
        }
        _ => {}
    }
    if event
        .quantity
        .is_some_and(|it| !(1..=1_000_000).contains(&it))
    {
        wrong("/quantity", "out_of_range", "expected 1 to 1000000");
    }
    errors
}

/// What a reported event adds to a task.
#[must_use]
pub fn event_contribution(target: &Target, event: &TaskEvent) -> i64 {
    match (target, event.kind) {
        (Target::Reviews { .. }, Reported::Review) => event.quantity.unwrap_or(1),
        (Target::Custom { name, .. }, Reported::Custom) if Some(name) == event.name.as_ref() => {
            event.quantity.unwrap_or(1)
        }
        _ => 0,
    }
}

/// Checks a definition before it is kept; `tiers` are the codes of the ladder.
#[must_use]
pub fn check_definition(it: &TaskDefinition, tiers: &[&str]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: &str, code: &str, message: &str| {
        errors.push(FieldError::new(pointer, code, message));
    };
    for (pointer, text) in [("/name/zh-CN", &it.name.zh_cn), ("/name/en", &it.name.en)] {
        if !(1..=MAX_NAME).contains(&text.trim().chars().count()) {
            wrong(pointer, "out_of_range", "expected 1 to 40 characters");
        }
    }
    for (pointer, text) in [
        ("/description/zh-CN", &it.description.zh_cn),
        ("/description/en", &it.description.en),
    ] {
        if text.chars().count() > MAX_DESCRIPTION {
            wrong(pointer, "too_long", "expected at most 200 characters");
        }
    }
    if it.rewards.is_empty() {
        wrong("/rewards", "required", "say what is given");
    }
    if !(1..=MAX_TIMES).contains(&it.quota.per_member) {
        wrong("/quota/per_member", "out_of_range", "expected 1 to 100");
    }
    if it.quota.total == Some(0) {
        wrong(
            "/quota/total",
            "out_of_range",
            "expected at least 1, or nothing for no limit",
        );
    }
    if it.claim_days > MAX_CLAIM_DAYS {
        wrong("/claim_days", "out_of_range", "expected up to 90");
    }
    if it.ends_at.is_some_and(|end| end <= it.starts_at) {
        wrong(
            "/ends_at",
            "out_of_range",
            "expected a time after the start",
        );
    }
    if it.target == Target::ProfileCompleted && it.claim == ClaimMode::Automatic {
        wrong(
            "/claim",
            "invalid",
            "a complete profile is claimed by the member, who may have completed it long ago",
        );
    }
    errors.extend(check_target(&it.target));
    errors.extend(check_rewards(&it.rewards, "/rewards"));
    errors.extend(it.audience.check("/audience", tiers));
    errors
}

fn check_target(target: &Target) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: String, code: &str, message: &str| {
        errors.push(FieldError::new(pointer, code, message));
    };
    let most = match target {
        Target::OrderAmount { .. } => MAX_AMOUNT,
        _ => 1_000_000,
    };
    if !(1..=most).contains(&target.goal()) {
        wrong(
            "/target/goal".to_owned(),
            "out_of_range",
            "expected at least 1",
        );
    }
    match target {
        Target::Orders { scope, .. } | Target::OrderAmount { scope, .. } => {
            for (part, names) in [("categories", &scope.categories), ("skus", &scope.skus)] {
                if names.len() > crate::points::policy::MAX_NAMED {
                    wrong(
                        format!("/target/scope/{part}"),
                        "out_of_range",
                        "expected at most 200",
                    );
                }
                for place in names
                    .iter()
                    .enumerate()
                    .filter(|it| !is_reference(it.1))
                    .map(|it| it.0)
                {
                    let pointer = format!("/target/scope/{part}/{place}");
                    wrong(pointer, "invalid", "expected 1 to 100 visible characters");
                }
            }
            if !(0..=MAX_AMOUNT).contains(&scope.minimum_amount) {
                wrong(
                    "/target/scope/minimum_amount".to_owned(),
                    "out_of_range",
                    "expected 0 or more",
                );
            }
        }
        Target::Custom { name, .. } if !is_reference(name) => {
            wrong(
                "/target/name".to_owned(),
                "invalid",
                "expected 1 to 100 visible characters",
            );
        }
        Target::ShareVisits { url, .. } | Target::ShareSignUps { url, .. } if !is_link(url) => {
            wrong(
                "/target/url".to_owned(),
                "invalid",
                "expected an address that begins with https:// or /",
            );
        }
        _ => {}
    }
    errors
}

/// Whether a shared link may lead there: a page of ours, or one of the shop's over HTTPS.
fn is_link(url: &str) -> bool {
    let own = url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\");
    url.len() <= MAX_URL && (is_web_address(url) || own && is_plain(url))
}

#[cfg(test)]
mod tests;
