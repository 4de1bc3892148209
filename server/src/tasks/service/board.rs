//! What members see: their tasks, what they were given, and why.

use super::catalogue::{Catalogue, Listed, catalogue};
use super::check_ins::Desk;
use super::days::days_of_one;
use super::tags::tags_of;
use crate::App;
use crate::db::{Cursor, before, paged};
use crate::error::Result;
use crate::members;
use crate::members::service::MemberFacts;
use crate::rewards::service as rewards;
use crate::tasks::store::{self, claim, contribution};
use crate::tiers;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};
use shared::ids::{MemberId, TaskClaimId, TaskId};
use shared::members::api::Member;
use shared::page::Page;
use shared::points::SourceKind;
use shared::points::api::Explanation;
use shared::problem::ErrorCode;
use shared::tasks::api::{MemberTask, TaskBoard, TaskClaim, TaskDigest, TaskStatus};
use shared::tasks::days::LocalDays;
use shared::tasks::explain::{Counted, Given, explain_task};
use shared::tasks::rules::{self, MemberPart};
use shared::tasks::{Period, Target};
use shared::text::Text;
use shared::time::Timestamp;
use std::collections::HashMap;

/// Days for which a task that is over is still shown.
const SHOWN_DAYS: i64 = 30;
/// Rows that an explanation names at most.
const COUNTED: u64 = 100;

/// What is known of one member's tasks.
struct Seen {
    member: MemberFacts,
    days: LocalDays,
    tasks: std::sync::Arc<Catalogue>,
    tier: String,
    tags: Vec<String>,
    joins: HashMap<(TaskId, MemberId), i64>,
    progress: HashMap<store::PartKey, i64>,
    claims: Vec<claim::Model>,
    granted: HashMap<TaskId, u32>,
    complete: bool,
    now: Timestamp,
}

impl Seen {
    async fn load(
        db: &impl ConnectionTrait,
        app: &App,
        record: &Member,
        now: Timestamp,
    ) -> Result<Self> {
        let tasks = catalogue(db, app).await?;
        let facts = members::service::facts_from(app, record);
        let days = days_of_one(db, &facts).await?;
        let mut seen = Self {
            complete: members::service::is_complete(record),
            member: facts,
            days,
            tasks,
            tier: String::new(),
            tags: Vec::new(),
            joins: HashMap::new(),
            progress: HashMap::new(),
            claims: Vec::new(),
            granted: HashMap::new(),
            now,
        };
        if !seen.tasks.tasks.is_empty() {
            seen.load_parts(db, app).await?;
        }
        Ok(seen)
    }

    /// Reads what concerns the tasks that there are.
    async fn load_parts(&mut self, db: &impl ConnectionTrait, app: &App) -> Result<()> {
        let all = &self.tasks.tasks;
        let ids: Vec<TaskId> = all.iter().map(|it| it.id).collect();
        let one = [self.member.id];
        let by_tag = all.iter().any(|it| !it.definition.audience.tags.is_empty());
        let periods = Self::periods(&self.days, self.now);
        let lowest = || {
            let rulebook = app.rulebook();
            let tiers = &rulebook.ladder_at(self.now).ladder.tiers;
            tiers.first().map(|it| it.code.clone()).unwrap_or_default()
        };
        let stored = tiers::service::stored_code(db, self.member.id).await?;
        self.tier = stored.unwrap_or_else(lowest);
        if by_tag {
            self.tags = tags_of(db, self.member.id).await?;
        }
        self.joins = store::joins(db, &one, &ids).await?;
        self.progress = store::progress(db, &one, &ids, &periods).await?;
        self.claims = store::claims(db, &one, &ids, &periods).await?;
        self.granted = store::granted(db, &ids).await?;
        Ok(())
    }

    /// The only period, this month and the last one.
    fn periods(days: &LocalDays, now: Timestamp) -> Vec<String> {
        let today = days.day_at(now);
        let last = today.first_of_month().yesterday().unwrap_or(today);
        vec![
            shared::tasks::ONCE.to_owned(),
            rules::period_of(Period::Monthly, last),
            rules::period_of(Period::Monthly, today),
        ]
    }

    /// A task in one period.
    fn task(&self, listed: &Listed, period: &str) -> MemberTask {
        let key = (listed.id, self.member.id, period.to_owned());
        let definition = &listed.definition;
        let mine = self.claims.iter().filter(|it| {
            it.task_id == listed.id.uuid() && it.period == period && it.taken_back_at.is_none()
        });
        let claimed = u16::try_from(mine.count()).unwrap_or(u16::MAX);
        let progress = match definition.target {
            Target::ProfileCompleted => i64::from(self.complete),
            _ => self.progress.get(&key).copied().unwrap_or(0),
        };
        let part = MemberPart {
            progress,
            claimed,
            joined: self.joins.contains_key(&(listed.id, self.member.id)),
            outside: super::claims::outside(listed, &self.tier, &self.tags),
            period_ends_at: rules::period_end(period, &self.days),
            days: &self.days,
        };
        let granted = self.granted.get(&listed.id).copied().unwrap_or(0);
        let task = listed.now(granted);
        let goal = definition.target.goal();
        let done = goal.saturating_mul(i64::from(
            claimed.min(definition.quota.per_member.saturating_sub(1)),
        ));
        MemberTask {
            id: listed.id,
            name: definition.name.clone(),
            description: definition.description.clone(),
            event: definition.target.kind(),
            goal,
            progress: (progress - done).clamp(0, goal),
            times_claimed: claimed,
            times: definition.quota.per_member,
            rewards: definition.rewards.clone(),
            status: rules::status(task, part, self.now),
            outside: part.outside,
            period: definition.period,
            period_key: period.to_owned(),
            claim: definition.claim,
            starts_at: definition.starts_at,
            ends_at: part.period_ends_at.into_iter().chain(task.ends_at()).min(),
            claim_until: part.claim_until(task),
            left: definition.quota.total.map(|it| it.saturating_sub(granted)),
        }
    }

    /// Every task of the present periods, and those of the last month that can still be claimed.
    fn all(&self) -> Vec<MemberTask> {
        let periods = Self::periods(&self.days, self.now);
        let [once, last, present] = periods.as_slice() else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for listed in &self.tasks.tasks {
            let task = match listed.definition.period {
                Period::Once => self.task(listed, once),
                Period::Monthly => {
                    let before = self.task(listed, last);
                    if before.status == TaskStatus::Claimable {
                        all.push(before);
                    }
                    self.task(listed, present)
                }
            };
            let over = listed
                .now(0)
                .ends_at()
                .is_some_and(|it| it.plus_days(SHOWN_DAYS) < self.now);
            let old = matches!(task.status, TaskStatus::Expired | TaskStatus::Claimed) && over;
            if !old {
                all.push(task);
            }
        }
        all.sort_by_key(|it| {
            (
                order_of(it.status),
                it.ends_at.unwrap_or(Timestamp::MAX),
                it.id,
            )
        });
        all
    }
}

const fn order_of(status: TaskStatus) -> u8 {
    match status {
        TaskStatus::Claimable => 0,
        TaskStatus::InProgress => 1,
        TaskStatus::Todo => 2,
        TaskStatus::ToJoin => 3,
        TaskStatus::Upcoming => 4,
        TaskStatus::Paused => 5,
        TaskStatus::Locked => 6,
        TaskStatus::QuotaUsedUp => 7,
        TaskStatus::Claimed => 8,
        TaskStatus::Expired => 9,
    }
}

/// A member's tasks.
///
/// # Errors
/// `members.not_found`.
pub async fn board(app: &App, member: MemberId) -> Result<TaskBoard> {
    let now = app.db.now();
    let record = members::service::get(app.db.read(), member).await?;
    let seen = Seen::load(app.db.read(), app, &record, now).await?;
    Ok(TaskBoard {
        today: seen.days.day_at(now).into(),
        next_day_at: seen.days.next_day_at(now),
        tasks: seen.all(),
    })
}

/// One task as a member sees it, in a period or in the present one.
///
/// # Errors
/// `tasks.not_found`, `members.not_found`.
pub async fn member_task(
    db: &impl ConnectionTrait,
    app: &App,
    member: MemberId,
    task: TaskId,
    period: Option<&str>,
    now: Timestamp,
) -> Result<MemberTask> {
    let record = members::service::get(db, member).await?;
    let seen = Seen::load(db, app, &record, now).await?;
    let listed = seen.tasks.get(task).ok_or(ErrorCode::TaskNotFound)?;
    let present = rules::period_of(listed.definition.period, seen.days.day_at(now));
    Ok(seen.task(listed, period.unwrap_or(&present)))
}

/// How many rewards a member can ask for.
///
/// # Errors
/// When the database fails.
pub(super) async fn claimable(tx: &crate::db::Tx, app: &App, member: MemberId) -> Result<u32> {
    let record = members::service::get(tx, member).await?;
    let seen = Seen::load(tx, app, &record, tx.now()).await?;
    Ok(count_claimable(&seen.all()))
}

fn count_claimable(tasks: &[MemberTask]) -> u32 {
    let due = tasks.iter().filter(|it| it.status == TaskStatus::Claimable);
    u32::try_from(due.count()).unwrap_or(u32::MAX)
}

/// What Home shows of a member's tasks, and when time next changes it.
///
/// # Errors
/// When the database fails.
pub async fn digest(app: &App, record: &Member) -> Result<(TaskDigest, Timestamp)> {
    let (db, now) = (app.db.read(), app.db.now());
    let seen = Seen::load(db, app, record, now).await?;
    let desk = Desk::on(db, &seen.member, seen.days.clone(), now).await?;
    let open = app.rulebook().check_in.plan.open;
    let digest = TaskDigest {
        today: desk.today.into(),
        claimable: count_claimable(&seen.all()),
        checked_in: open.then(|| desk.calendar.marks.contains_key(&desk.today)),
        streak: desk.calendar.streak(desk.today),
    };
    Ok((digest, desk.days.next_day_at(now)))
}

/// What a member was given for tasks, newest first.
///
/// # Errors
/// When the database fails.
pub async fn history(
    app: &App,
    member: MemberId,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<TaskClaim>> {
    let db = app.db.read();
    let mut query = claim::Entity::find().filter(claim::Column::MemberId.eq(member.uuid()));
    if let Some(cursor) = cursor {
        query = query.filter(before(claim::Column::ClaimedAt, claim::Column::Id, cursor));
    }
    let rows = query
        .order_by_desc(claim::Column::ClaimedAt)
        .order_by_desc(claim::Column::Id)
        .limit(limit + 1)
        .all(db)
        .await?;
    let key = |it: &claim::Model| Cursor {
        key: it.claimed_at,
        id: it.id,
    };
    let page = paged(rows, limit, key, |it| it);
    Ok(Page {
        data: to_claims(db, app, page.data).await?,
        next_cursor: page.next_cursor,
    })
}

/// One time that a member was rewarded.
///
/// # Errors
/// When there is no such time.
pub(in crate::tasks) async fn claim_view(
    db: &impl ConnectionTrait,
    app: &App,
    id: TaskClaimId,
) -> Result<TaskClaim> {
    let row = claim::Entity::find_by_id(id.uuid()).one(db).await?;
    let rows = row.into_iter().collect();
    to_claims(db, app, rows)
        .await?
        .pop()
        .ok_or_else(|| ErrorCode::TaskNotFound.into())
}

async fn to_claims(
    db: &impl ConnectionTrait,
    app: &App,
    rows: Vec<claim::Model>,
) -> Result<Vec<TaskClaim>> {
    let tasks = catalogue(db, app).await?;
    let references: Vec<String> = rows
        .iter()
        .map(|it| TaskClaimId::from(it.id).to_string())
        .collect();
    let mut gave = rewards::by_source(db, SourceKind::Task, &references).await?;
    let view = |(row, reference): (claim::Model, String)| {
        let task_id = TaskId::from(row.task_id);
        let named = tasks
            .get(task_id)
            .map(|it| it.said(row.version).name.clone());
        TaskClaim {
            id: row.id.into(),
            task_id,
            name: named.unwrap_or_else(|| Text::new("", "")),
            period: row.period,
            nth: u16::try_from(row.nth).unwrap_or(u16::MAX),
            rewards: gave.remove(&reference).unwrap_or_default(),
            claimed_at: Timestamp::from_millis(row.claimed_at),
            taken_back_at: row.taken_back_at.map(Timestamp::from_millis),
        }
    };
    Ok(rows.into_iter().zip(references).map(view).collect())
}

/// Why a task is where it is for a member.
///
/// # Errors
/// `tasks.not_found`, `members.not_found`.
pub async fn explain(app: &App, member: MemberId, task: TaskId) -> Result<Explanation> {
    let (db, now) = (app.db.read(), app.db.now());
    let view = member_task(db, app, member, task, None, now).await?;
    let counted = counted(db, member, task, &view.period_key).await?;
    Ok(explain_task(
        &view,
        &counted,
        app.rulebook().programme.currency,
    ))
}

/// Why a member was rewarded for a task, and what a refund would undo.
///
/// # Errors
/// `tasks.not_found` when there is no such time for this member.
pub async fn explain_claim(app: &App, member: MemberId, id: TaskClaimId) -> Result<Explanation> {
    let db = app.db.read();
    let row = claim::Entity::find_by_id(id.uuid())
        .filter(claim::Column::MemberId.eq(member.uuid()))
        .one(db)
        .await?
        .ok_or(ErrorCode::TaskNotFound)?;
    let tasks = catalogue(db, app).await?;
    let task = TaskId::from(row.task_id);
    let listed = tasks.get(task).ok_or(ErrorCode::TaskNotFound)?;
    let counted = counted(db, member, task, &row.period).await?;
    let progress =
        store::progress(db, &[member], &[task], std::slice::from_ref(&row.period)).await?;
    let given = Given {
        claim: &claim_view(db, app, id).await?,
        event: listed.definition.target.kind(),
        version: row.version,
        goal: row.goal,
        counted: &counted,
        progress: progress.values().sum(),
    };
    let currency = app.rulebook().programme.currency;
    Ok(shared::tasks::explain::explain_claim(given, currency))
}

/// What counted for a task of a member in a period, newest first.
async fn counted(
    db: &impl ConnectionTrait,
    member: MemberId,
    task: TaskId,
    period: &str,
) -> Result<Vec<Counted>> {
    let rows = contribution::Entity::find()
        .filter(contribution::Column::MemberId.eq(member.uuid()))
        .filter(contribution::Column::TaskId.eq(task.uuid()))
        .filter(contribution::Column::Period.eq(period))
        .order_by_desc(contribution::Column::CountedAt)
        .limit(COUNTED)
        .all(db)
        .await?;
    let counted = |it: contribution::Model| Counted {
        reference: it.source_ref,
        amount: it.amount,
        at: Timestamp::from_millis(it.counted_at),
    };
    Ok(rows.into_iter().map(counted).collect())
}
