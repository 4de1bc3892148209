//! Requests and answers about tasks and check-ins.

use super::check_in::{CheckInPlan, DayState, Mark};
use super::share::SharePolicy;
use super::{ClaimMode, Period, TaskDefinition, TaskEventKind, TaskState};
use crate::ids::{MemberId, OutageId, TaskClaimId, TaskId};
use crate::members::audience::Outside;
use crate::rewards::{GrantedReward, Reward};
use crate::text::Text;
use crate::time::{Day, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a member is with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TaskStatus {
    /// The goal is reached and the reward waits to be asked for.
    Claimable,
    /// Something counts, not yet enough.
    InProgress,
    /// Nothing counts yet.
    Todo,
    /// The member has not joined.
    ToJoin,
    /// Not for this member.
    Locked,
    /// It begins later.
    Upcoming,
    /// Nothing is given at the moment.
    Paused,
    /// All rewards have been given.
    QuotaUsedUp,
    /// The member has had all there is.
    Claimed,
    /// It is over.
    Expired,
}

/// A task as one member sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberTask {
    /// The task.
    pub id: TaskId,
    /// What it is called.
    pub name: Text,
    /// What there is to do.
    pub description: Text,
    /// What counts.
    pub event: TaskEventKind,
    /// How much of it is enough.
    pub goal: i64,
    /// How much counts so far, towards the next reward: at most the goal.
    pub progress: i64,
    /// How often the member was rewarded in this period.
    pub times_claimed: u16,
    /// How often the member can be rewarded in one period.
    pub times: u16,
    /// What is given each time.
    pub rewards: Vec<Reward>,
    /// Where the member is.
    pub status: TaskStatus,
    /// Why it is locked.
    #[serde(default)]
    pub outside: Option<Outside>,
    /// Whether it begins again every month.
    pub period: Period,
    /// Which period this is: `once`, or a month such as `2026-06`.
    pub period_key: String,
    /// How the reward comes.
    pub claim: ClaimMode,
    /// When it begins.
    pub starts_at: Timestamp,
    /// The last instant that counts in this period; absent without an end.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
    /// The last instant at which the reward can be asked for.
    #[serde(default)]
    pub claim_until: Option<Timestamp>,
    /// How often it can still be rewarded to anyone, when that is limited.
    #[serde(default)]
    pub left: Option<u32>,
}

/// The tasks of a member, and what day it is for the member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskBoard {
    /// The member's day.
    pub today: Day,
    /// When the next day begins.
    pub next_day_at: Timestamp,
    /// The tasks: what can be claimed first, what is over last.
    pub tasks: Vec<MemberTask>,
}

/// What the rest of the pages show of tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskDigest {
    /// The member's day.
    pub today: Day,
    /// Tasks whose reward waits to be asked for.
    pub claimable: u32,
    /// Whether today has been checked in; absent when check-in is closed.
    #[serde(default)]
    pub checked_in: Option<bool>,
    /// Days in a row.
    pub streak: u32,
}

/// One time that a member was rewarded for a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskClaim {
    /// This time.
    pub id: TaskClaimId,
    /// The task.
    pub task_id: TaskId,
    /// What it was called.
    pub name: Text,
    /// The period: `once`, or a month such as `2026-06`.
    pub period: String,
    /// Which time it was in the period.
    pub nth: u16,
    /// What was given.
    pub rewards: Vec<GrantedReward>,
    /// When.
    pub claimed_at: Timestamp,
    /// When it was taken back, because what was done for it was undone.
    #[serde(default)]
    pub taken_back_at: Option<Timestamp>,
}

/// Asks for the reward of a task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimTask {
    /// For which period: `once`, or a month such as `2026-06`; the oldest in which a reward is due
    /// when absent.
    #[serde(default)]
    pub period_key: Option<String>,
}

/// What claiming gave, and the task after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimReceipt {
    /// What was given.
    pub claim: TaskClaim,
    /// The task now.
    pub task: MemberTask,
    /// The member's day.
    pub today: Day,
}

/// A member's own link of a share task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShareLink {
    /// The path of the link on this server, such as `/s/6kq…`.
    pub path: String,
    /// Distinct people who came by it.
    pub visits: i64,
    /// People who became members by it.
    pub sign_ups: i64,
}

/// One day of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalendarDay {
    /// The day.
    pub day: Day,
    /// What it is.
    pub state: DayState,
    /// Its number in the streak, for a day that is marked.
    #[serde(default)]
    pub number: Option<u16>,
    /// What it gave, or would give if the streak goes on.
    pub rewards: Vec<Reward>,
}

/// A month of check-ins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckInCalendar {
    /// The member's day. The page asks nobody else for it.
    pub today: Day,
    /// When the next day begins.
    pub next_day_at: Timestamp,
    /// The zone of the member's days.
    pub time_zone: String,
    /// The month, by its first day.
    pub month: Day,
    /// Its days.
    pub days: Vec<CalendarDay>,
    /// Whether members can check in at all.
    pub open: bool,
    /// Whether today has been checked in.
    pub checked_in: bool,
    /// Days in a row.
    pub streak: u32,
    /// Make-up cards.
    pub cards: i64,
    /// The next row of the table: how many check-ins until then, and what it gives.
    #[serde(default)]
    pub next_milestone: Option<NextMilestone>,
    /// The rules.
    pub plan: CheckInPlan,
}

/// The next row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NextMilestone {
    /// Check-ins until then, the one that reaches it included.
    pub in_days: u16,
    /// What it gives.
    pub rewards: Vec<Reward>,
}

/// What a check-in or a make-up did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckInReceipt {
    /// The day that was checked in or made up for.
    pub day: Day,
    /// How.
    pub mark: Mark,
    /// The member's day.
    pub today: Day,
    /// Days in a row now.
    pub streak: u32,
    /// What was given.
    pub rewards: Vec<Reward>,
    /// Make-up cards now.
    pub cards: i64,
    /// Tasks whose reward can be claimed now.
    pub claimable: u32,
}

/// Makes up for a missed day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MakeUp {
    /// The day.
    pub day: Day,
}

/// An intent without anything to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Nothing {}

/// A task as staff see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    /// The task.
    pub id: TaskId,
    /// The version of what it says.
    pub version: i32,
    /// What staff did with it.
    pub state: TaskState,
    /// What it says.
    pub definition: TaskDefinition,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When staff ended it.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// How often it was rewarded.
    pub granted: u32,
}

/// What a task has brought and cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskReport {
    /// The task.
    pub task_id: TaskId,
    /// Members who joined; absent when nobody needs to.
    #[serde(default)]
    pub joined: Option<u64>,
    /// Members for whom something counts.
    pub taking_part: u64,
    /// Members who were rewarded at least once.
    pub rewarded_members: u64,
    /// Times that it was rewarded and stands.
    pub rewarded_times: u64,
    /// Times that it was taken back.
    pub taken_back_times: u64,
    /// What it cost, with what was taken back taken off: one row a kind of reward.
    pub cost: Vec<Reward>,
    /// Members by how far they are in the present period: tenths of the goal, 0 to 10.
    pub spread: Vec<u64>,
}

/// What a task would have cost had it run in the last days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskForecast {
    /// How many days were looked at.
    pub days: u16,
    /// Members for whom something would have counted.
    pub taking_part: u64,
    /// Members who would have been rewarded.
    pub rewarded_members: u64,
    /// How often.
    pub rewarded_times: u64,
    /// What it would have cost: one row a kind of reward.
    pub cost: Vec<Reward>,
}

/// Something that the shop reports for tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskEvent {
    /// The shop's id of this event. The same id again changes nothing.
    pub event_id: String,
    /// Who did it: `mem_…`, or `ext:` and the shop's customer id.
    pub member: String,
    /// What was done.
    #[serde(rename = "type")]
    pub kind: Reported,
    /// The name of an event of the shop's own, as tasks name it.
    #[serde(default)]
    pub name: Option<String>,
    /// How much; 1 when absent.
    #[serde(default)]
    pub quantity: Option<i64>,
    /// When.
    pub occurred_at: Timestamp,
}

/// What the shop reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Reported {
    /// A review that the shop has accepted.
    Review,
    /// An event of the shop's own.
    Custom,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskEventResult {
    /// The shop's id of the event.
    pub event_id: String,
    /// Who did it.
    pub member_id: MemberId,
    /// Whether it was known before.
    pub duplicate: bool,
    /// Tasks that it counted for.
    pub tasks: Vec<TaskId>,
}

/// The plan of check-ins with its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckInPlanVersion {
    /// The version.
    pub version: i32,
    /// The plan.
    pub plan: CheckInPlan,
}

/// What may be paid for on each channel, with its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SharePolicyVersion {
    /// The version.
    pub version: i32,
    /// The policy.
    pub policy: SharePolicy,
}

/// Declares days on which check-in did not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeclareOutage {
    /// The first day.
    pub first_day: Day,
    /// The last day.
    pub last_day: Day,
    /// Why; members do not see it.
    pub reason: String,
}

/// Days on which check-in did not work: they end nobody's streak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Outage {
    /// The outage.
    pub id: OutageId,
    /// The first day.
    pub first_day: Day,
    /// The last day.
    pub last_day: Day,
    /// Why.
    pub reason: String,
    /// Who declared it.
    pub declared_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// Sets a member's tags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberTags {
    /// All tags of the member; those not named are taken off.
    pub tags: Vec<String>,
}
