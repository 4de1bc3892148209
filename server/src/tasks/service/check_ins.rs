//! The daily check-in.

use super::catalogue::catalogue;
use super::claims::Hands;
use super::days::days_of_one;
use super::events::{Happened, count};
use crate::App;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use crate::members;
use crate::members::service::MemberFacts;
use crate::outbox;
use crate::programme::Rulebook;
use crate::rewards::service::{self as rewards, Source};
use crate::tasks::store::{self, check_in, outage};
use jiff::civil::Date;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use shared::ids::{MemberId, OutageId};
use shared::points::SourceKind;
use shared::rewards::{Reward, sum_up};
use shared::tasks::Target;
use shared::tasks::api::{
    CalendarDay, CheckInCalendar, CheckInReceipt, DeclareOutage, NextMilestone, Outage,
};
use shared::tasks::check_in::{Calendar, CheckInPlan, Mark, Refusal, check_outage};
use shared::tasks::days::LocalDays;
use shared::time::{Day, Timestamp};
use shared::webhooks::events::{DayChecked, Event};
use std::collections::BTreeMap;

/// One member's calendar with everything that decides about it.
pub(super) struct Desk {
    /// The member's days.
    pub(super) days: LocalDays,
    /// The member's day.
    pub(super) today: Date,
    /// The day on which the member joined.
    joined: Date,
    /// What was checked in.
    pub(super) calendar: Calendar,
}

impl Desk {
    /// Loads the calendar of a member.
    pub(super) async fn load(
        db: &impl ConnectionTrait,
        member: &MemberFacts,
        now: Timestamp,
    ) -> Result<Self> {
        let days = days_of_one(db, member).await?;
        Self::on(db, member, days, now).await
    }

    /// Loads the calendar of a member whose days are known.
    pub(super) async fn on(
        db: &impl ConnectionTrait,
        member: &MemberFacts,
        days: LocalDays,
        now: Timestamp,
    ) -> Result<Self> {
        let mut calendar = Calendar::default();
        for row in store::marks(db, &[member.id]).await? {
            calendar
                .marks
                .insert(read_day(&row.day)?, Mark::from_db(&row.mark)?);
        }
        calendar.frozen.extend(days.skipped());
        for row in store::outages(db).await? {
            let (first, last) = (read_day(&row.first_day)?, read_day(&row.last_day)?);
            calendar.frozen.extend(
                first
                    .series(jiff::Span::new().days(1))
                    .take_while(|it| *it <= last),
            );
        }
        Ok(Self {
            today: days.day_at(now),
            joined: days.day_at(member.joined_at),
            days,
            calendar,
        })
    }
}

fn read_day(text: &str) -> Result<Date> {
    text.parse().map_err(AppError::internal)
}

/// Checks a member in for the member's own day.
///
/// # Errors
/// `tasks.check_in_closed`, `tasks.already_checked_in`, `members.frozen`.
pub async fn check_in(tx: &Tx, app: &App, member: MemberId) -> Result<CheckInReceipt> {
    let member = members::service::lock_active(tx, member).await?;
    let mut desk = Desk::load(tx, &member, tx.now()).await?;
    let rulebook = app.rulebook();
    desk.calendar
        .check_in(desk.today, &rulebook.check_in.plan)
        .map_err(|it| AppError::from(it.code()))?;
    let today = desk.today;
    mark(tx, app, &member, &desk, today, Mark::Checked).await
}

/// Brings in check-ins that were made elsewhere, before members checked in here: they count for
/// streaks and tasks, and give nothing by themselves.
///
/// # Errors
/// `members.not_found`.
pub async fn bring_in(tx: &Tx, app: &App, member: MemberId, times: &[Timestamp]) -> Result<()> {
    let member = members::service::lock_existing(tx, member).await?;
    let mut desk = Desk::load(tx, &member, tx.now()).await?;
    let tasks = catalogue(tx, app).await?;
    let mut hands = Hands::load(tx, app, &member).await?;
    for at in times {
        let day = desk.days.day_at(*at);
        if day >= desk.today || day < desk.joined || desk.calendar.marks.contains_key(&day) {
            continue;
        }
        desk.calendar.marks.insert(day, Mark::Checked);
        keep(tx, member.id, day, Mark::Checked, *at).await?;
        let reference = day.to_string();
        let happened = Happened {
            member: &member,
            days: &desk.days,
            source: (CHECK_IN, &reference),
            day,
            at: *at,
        };
        count(tx, app, &tasks, happened, counts, &mut hands).await?;
    }
    tx.touch(member.id);
    hands.save(tx, "system").await
}

/// The kind of source that a check-in is.
const CHECK_IN: &str = "check_in";

/// What a check-in adds to a task.
fn counts(target: &Target) -> i64 {
    i64::from(matches!(target, Target::CheckIns { .. }))
}

async fn keep(tx: &Tx, member: MemberId, day: Date, mark: Mark, at: Timestamp) -> Result<()> {
    let row = check_in::ActiveModel {
        member_id: Set(member.uuid()),
        day: Set(day.to_string()),
        mark: Set(mark.to_db().to_owned()),
        at: Set(at.as_millis()),
    };
    check_in::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Makes up for a day that a member missed, with a card.
///
/// # Errors
/// `tasks.day_not_missed`, `tasks.makeup_too_late`, `tasks.makeup_limit`, `tasks.no_makeup_card`.
pub async fn make_up(tx: &Tx, app: &App, member: MemberId, day: Day) -> Result<CheckInReceipt> {
    let member = members::service::lock_active(tx, member).await?;
    let mut desk = Desk::load(tx, &member, tx.now()).await?;
    let rulebook = app.rulebook();
    let cards = rewards::cards(tx, member.id).await?;
    let (day, plan) = (day.date(), &rulebook.check_in.plan);
    desk.calendar
        .make_up(day, desk.today, desk.joined, cards, plan)
        .map_err(|it: Refusal| AppError::from(it.code()))?;
    rewards::use_card(tx, member.id, &day.to_string()).await?;
    mark(tx, app, &member, &desk, day, Mark::MadeUp).await
}

/// Keeps a mark, and gives what it brings: the day's reward, the rows of the table that the streak
/// reaches, and progress in tasks.
async fn mark(
    tx: &Tx,
    app: &App,
    member: &MemberFacts,
    desk: &Desk,
    day: Date,
    mark: Mark,
) -> Result<CheckInReceipt> {
    keep(tx, member.id, day, mark, tx.now()).await?;
    let rulebook = app.rulebook();
    let mut hands = Hands::load(tx, app, member).await?;
    let mut given = Vec::new();
    for (reference, due) in due(tx, member.id, desk, day, mark, &rulebook).await? {
        let source = Source {
            kind: SourceKind::CheckIn,
            reference: &reference,
            all_or_nothing: false,
        };
        rewards::give(tx, &mut hands.purse(&rulebook), member.id, &due, source).await?;
        given.extend(due);
    }
    let tasks = catalogue(tx, app).await?;
    let reference = day.to_string();
    let happened = Happened {
        member,
        days: &desk.days,
        source: (CHECK_IN, &reference),
        day,
        at: tx.now(),
    };
    count(tx, app, &tasks, happened, counts, &mut hands).await?;
    hands.save(tx, &member.id.to_string()).await?;
    tx.touch(member.id);
    let checked = DayChecked {
        member_id: member.id,
        day: day.into(),
    };
    outbox::service::tell(tx, Some(member.id), Event::CheckedIn(checked)).await?;
    Ok(CheckInReceipt {
        day: day.into(),
        mark,
        today: desk.today.into(),
        streak: desk.calendar.streak(desk.today),
        rewards: sum_up(given.into_iter().map(|it| (it, it.amount()))),
        cards: rewards::cards(tx, member.id).await?,
        claimable: super::board::claimable(tx, app, member.id).await?,
    })
}

/// What a mark brings, by source: a made-up day brings rows of the table, but no daily reward.
async fn due(
    tx: &Tx,
    member: MemberId,
    desk: &Desk,
    day: Date,
    mark: Mark,
    rulebook: &Rulebook,
) -> Result<Vec<(String, Vec<Reward>)>> {
    let plan = &rulebook.check_in.plan;
    let mut due = Vec::new();
    if mark == Mark::Checked && !plan.daily.is_empty() {
        due.push((day.to_string(), plan.daily.clone()));
    }
    let reached = desk.calendar.reached(day, plan);
    due.extend(
        reached
            .into_iter()
            .map(|(day, row)| (format!("{day}/{}", row.day), row.rewards.clone())),
    );
    let references: Vec<String> = due.iter().map(|it| it.0.clone()).collect();
    let had = rewards::given(tx, member, SourceKind::CheckIn, &references).await?;
    due.retain(|it| !had.contains(&it.0));
    Ok(due)
}

/// A month of a member's check-ins; the present one when none is named.
///
/// # Errors
/// `members.not_found`.
pub async fn calendar(app: &App, member: MemberId, month: Option<Day>) -> Result<CheckInCalendar> {
    let db = app.db.read();
    let facts = members::service::facts_of(db, member).await?;
    let now = app.db.now();
    let desk = Desk::load(db, &facts, now).await?;
    let rulebook = app.rulebook();
    let plan = &rulebook.check_in.plan;
    let month = month.map_or(desk.today, Day::date).first_of_month();
    let days: Vec<Date> = month
        .series(jiff::Span::new().days(1))
        .take_while(|it| *it <= month.last_of_month())
        .collect();
    let gave = gave(app, member, &days, &desk, plan).await?;
    let numbers = desk.calendar.numbers(plan);
    let row = |day: &Date| CalendarDay {
        day: (*day).into(),
        state: desk.calendar.state(*day, desk.today, desk.joined, plan),
        number: numbers.get(day).copied(),
        rewards: gave.get(day).cloned().unwrap_or_default(),
    };
    Ok(CheckInCalendar {
        today: desk.today.into(),
        next_day_at: desk.days.next_day_at(now),
        time_zone: desk
            .days
            .zone_at(now)
            .iana_name()
            .unwrap_or_default()
            .to_owned(),
        month: month.into(),
        days: days.iter().map(row).collect(),
        open: plan.open,
        checked_in: desk.calendar.marks.contains_key(&desk.today),
        streak: desk.calendar.streak(desk.today),
        cards: rewards::cards(db, member).await?,
        next_milestone: next_milestone(&desk, plan),
        plan: plan.clone(),
    })
}

/// What each day of a month gave, and what today and the days ahead give if the streak goes on.
async fn gave(
    app: &App,
    member: MemberId,
    days: &[Date],
    desk: &Desk,
    plan: &CheckInPlan,
) -> Result<BTreeMap<Date, Vec<Reward>>> {
    let mut references: Vec<String> = Vec::new();
    for day in days.iter().filter(|it| **it <= desk.today) {
        references.push(day.to_string());
        references.extend(plan.milestones.iter().map(|it| format!("{day}/{}", it.day)));
    }
    let mut gave: BTreeMap<Date, Vec<(Reward, i64)>> = BTreeMap::new();
    let rows = rewards::of_member(app.db.read(), member, SourceKind::CheckIn, &references).await?;
    for (reference, reward) in rows {
        let day = read_day(reference.split('/').next().unwrap_or_default())?;
        gave.entry(day).or_default().push((reward, reward.amount()));
    }
    let mut ahead = desk.calendar.clone();
    let open: Vec<Date> = days
        .iter()
        .copied()
        .filter(|it| *it >= desk.today && !desk.calendar.marks.contains_key(it))
        .collect();
    let mut day = desk.today;
    while day <= days.last().copied().unwrap_or(day) {
        ahead.marks.entry(day).or_insert(Mark::Checked);
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    let numbers = ahead.numbers(plan);
    for day in open {
        let row = gave.entry(day).or_default();
        row.extend(plan.daily.iter().map(|it| (*it, it.amount())));
        let number = numbers.get(&day).copied();
        let reached = plan.milestones.iter().filter(|it| Some(it.day) == number);
        row.extend(
            reached
                .flat_map(|it| &it.rewards)
                .map(|it| (*it, it.amount())),
        );
    }
    Ok(gave
        .into_iter()
        .map(|(day, row)| (day, sum_up(row)))
        .collect())
}

fn next_milestone(desk: &Desk, plan: &CheckInPlan) -> Option<NextMilestone> {
    let next = desk.calendar.next_number(plan, desk.today);
    let row = plan
        .milestones
        .iter()
        .filter(|it| it.day >= next)
        .min_by_key(|it| it.day)?;
    Some(NextMilestone {
        in_days: row.day - next + 1,
        rewards: row.rewards.clone(),
    })
}

/// Declares days on which check-in did not work: they end nobody's streak.
///
/// # Errors
/// `request.invalid`.
pub async fn declare_outage(tx: &Tx, request: &DeclareOutage, actor: &str) -> Result<Outage> {
    let mut errors = check_outage(request.first_day.date(), request.last_day.date());
    let reason = request.reason.trim();
    if !(3..=200).contains(&reason.chars().count()) {
        let expected = "say why, in 3 to 200 characters";
        errors.push(shared::problem::FieldError::new(
            "/reason",
            "out_of_range",
            expected,
        ));
    }
    if !errors.is_empty() {
        return Err(AppError::invalid(errors));
    }
    let id = OutageId::generate(&mut tx.ids());
    let row = outage::ActiveModel {
        id: Set(id.uuid()),
        first_day: Set(request.first_day.to_string()),
        last_day: Set(request.last_day.to_string()),
        reason: Set(reason.to_owned()),
        actor: Set(actor.to_owned()),
        created_at: Set(tx.now().as_millis()),
    };
    outage::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    let detail = serde_json::json!({ "first_day": request.first_day, "last_day": request.last_day, "reason": reason });
    crate::audit::service::record(
        tx,
        actor,
        "check_in.outage_declared",
        &id.to_string(),
        &detail,
    )
    .await?;
    Ok(Outage {
        id,
        first_day: request.first_day,
        last_day: request.last_day,
        reason: reason.to_owned(),
        declared_by: actor.to_owned(),
        created_at: tx.now(),
    })
}

/// Outages, the newest first: the latest two hundred.
///
/// # Errors
/// When the database fails.
pub async fn outages(app: &App) -> Result<Vec<Outage>> {
    let rows = store::outages(app.db.read()).await?;
    let outage = |row: outage::Model| {
        Ok(Outage {
            id: row.id.into(),
            first_day: read_day(&row.first_day)?.into(),
            last_day: read_day(&row.last_day)?.into(),
            reason: row.reason,
            declared_by: row.actor,
            created_at: Timestamp::from_millis(row.created_at),
        })
    };
    rows.into_iter().map(outage).collect()
}
