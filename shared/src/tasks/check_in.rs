//! Decisions about the daily check-in: streaks, what a day gives, and making up for a missed day.

use crate::problem::{ErrorCode, FieldError};
use crate::rewards::{Reward, check_rewards, sum_up};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most rows of the table of days.
pub const MAX_MILESTONES: usize = 31;
/// Most days that one outage covers.
pub const MAX_OUTAGE_DAYS: i64 = 31;

/// What checking in gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckInPlan {
    /// Whether members can check in.
    pub open: bool,
    /// What every check-in gives.
    pub daily: Vec<Reward>,
    /// What some days of a streak give besides, by their number.
    pub milestones: Vec<Milestone>,
    /// After so many days of a streak the table begins again; absent when it does not.
    #[serde(default)]
    pub cycle_days: Option<u16>,
    /// Whether the table begins again on the first of each month.
    #[serde(default)]
    pub monthly: bool,
    /// Making up for missed days.
    pub makeup: MakeupRules,
}

/// What a day of a streak gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Milestone {
    /// The number of the day.
    pub day: u16,
    /// What it gives.
    pub rewards: Vec<Reward>,
}

/// Making up for missed days with cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MakeupRules {
    /// How many days back.
    pub days_back: u16,
    /// How many days of one month.
    pub per_month: u16,
}

/// How a day was checked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Mark {
    /// On the day.
    Checked,
    /// Later, with a card.
    MadeUp,
}

/// What a day of the calendar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DayState {
    /// Checked in on the day.
    Checked,
    /// Made up for with a card.
    MadeUp,
    /// Today, and not yet checked in.
    Open,
    /// Missed, and can be made up for.
    MakeupAvailable,
    /// Missed.
    Missed,
    /// Check-in did not work; the streak goes on.
    Frozen,
    /// Not yet.
    Future,
    /// Before the member joined.
    Before,
}

/// Why a check-in or a make-up is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Check-in is closed.
    Closed,
    /// Today has been checked in.
    AlreadyCheckedIn,
    /// The day is not one that was missed: it is today or ahead, is marked, froze, or lies before
    /// joining.
    NotMissed,
    /// The day lies too far back.
    TooLongAgo,
    /// As many days of this month as there may be have been made up for.
    MonthlyLimit,
    /// There is no card.
    NoCard,
}

impl Refusal {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Closed => ErrorCode::CheckInClosed,
            Self::AlreadyCheckedIn => ErrorCode::AlreadyCheckedIn,
            Self::NotMissed => ErrorCode::DayNotMissed,
            Self::TooLongAgo => ErrorCode::MakeupTooLate,
            Self::MonthlyLimit => ErrorCode::MakeupLimit,
            Self::NoCard => ErrorCode::NoMakeupCard,
        }
    }
}

/// One member's check-ins, as far back as they matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Days that were checked in or made up for.
    pub marks: BTreeMap<Date, Mark>,
    /// Days on which check-in did not work.
    pub frozen: BTreeSet<Date>,
}

impl Calendar {
    /// Whether the streak goes on from `earlier` to `later`: every day between them froze.
    fn connects(&self, earlier: Date, later: Date) -> bool {
        let mut day = earlier;
        while let Ok(next) = day.tomorrow() {
            if next >= later {
                return true;
            }
            if !self.frozen.contains(&next) {
                return false;
            }
            day = next;
        }
        false
    }

    /// The streak as of `today`: days in a row up to today, or up to yesterday while today is
    /// still open. Days that froze neither count nor end it.
    #[must_use]
    pub fn streak(&self, today: Date) -> u32 {
        let mut later = match self.marks.range(..=today).next_back() {
            Some((day, _)) if *day == today || self.connects(*day, today) => *day,
            _ => return 0,
        };
        let mut streak = 1;
        for (day, _) in self.marks.range(..later).rev() {
            if !self.connects(*day, later) {
                break;
            }
            streak += 1;
            later = *day;
        }
        streak
    }

    /// The number of each marked day in its streak, as the table of `plan` counts.
    #[must_use]
    pub fn numbers(&self, plan: &CheckInPlan) -> BTreeMap<Date, u16> {
        let mut numbers = BTreeMap::new();
        let mut last: Option<(Date, u16)> = None;
        for day in self.marks.keys() {
            let follows = |earlier: Date| {
                let same_month = (earlier.year(), earlier.month()) == (day.year(), day.month());
                self.connects(earlier, *day) && (same_month || !plan.monthly)
            };
            let number = match last {
                Some((earlier, number)) if follows(earlier) => next_number(number, plan),
                _ => 1,
            };
            numbers.insert(*day, number);
            last = Some((*day, number));
        }
        numbers
    }

    /// The number that the next check-in after `today` (or today's, while it is open) has.
    #[must_use]
    pub fn next_number(&self, plan: &CheckInPlan, today: Date) -> u16 {
        let mut with_next = self.clone();
        let day = if self.marks.contains_key(&today) {
            today.tomorrow().unwrap_or(today)
        } else {
            today
        };
        with_next.marks.insert(day, Mark::Checked);
        with_next.numbers(plan).get(&day).copied().unwrap_or(1)
    }

    /// What a day is.
    #[must_use]
    pub fn state(&self, day: Date, today: Date, joined: Date, plan: &CheckInPlan) -> DayState {
        match self.marks.get(&day) {
            Some(Mark::Checked) => return DayState::Checked,
            Some(Mark::MadeUp) => return DayState::MadeUp,
            None => {}
        }
        if day > today {
            DayState::Future
        } else if self.frozen.contains(&day) {
            DayState::Frozen
        } else if day == today {
            DayState::Open
        } else if day < joined {
            DayState::Before
        } else if self.check_makeup(day, today, joined, plan).is_ok() {
            DayState::MakeupAvailable
        } else {
            DayState::Missed
        }
    }

    /// Whether a day can be made up for, cards aside.
    ///
    /// # Errors
    /// Why not.
    pub fn check_makeup(
        &self,
        day: Date,
        today: Date,
        joined: Date,
        plan: &CheckInPlan,
    ) -> Result<(), Refusal> {
        let missed = day < today
            && day >= joined
            && !self.marks.contains_key(&day)
            && !self.frozen.contains(&day);
        if !plan.open {
            return Err(Refusal::Closed);
        }
        if !missed {
            return Err(Refusal::NotMissed);
        }
        if days_between(day, today) > i64::from(plan.makeup.days_back) {
            return Err(Refusal::TooLongAgo);
        }
        let month = day.first_of_month()..=day.last_of_month();
        let made_up = self.marks.range(month).filter(|it| *it.1 == Mark::MadeUp);
        if made_up.count() >= usize::from(plan.makeup.per_month) {
            return Err(Refusal::MonthlyLimit);
        }
        Ok(())
    }

    /// Checks in today.
    ///
    /// # Errors
    /// Why not.
    pub fn check_in(&mut self, today: Date, plan: &CheckInPlan) -> Result<(), Refusal> {
        if !plan.open {
            return Err(Refusal::Closed);
        }
        if self.marks.contains_key(&today) {
            return Err(Refusal::AlreadyCheckedIn);
        }
        self.marks.insert(today, Mark::Checked);
        Ok(())
    }

    /// Makes up for `day` with one of `cards` cards.
    ///
    /// # Errors
    /// Why not.
    pub fn make_up(
        &mut self,
        day: Date,
        today: Date,
        joined: Date,
        cards: i64,
        plan: &CheckInPlan,
    ) -> Result<(), Refusal> {
        self.check_makeup(day, today, joined, plan)?;
        if cards < 1 {
            return Err(Refusal::NoCard);
        }
        self.marks.insert(day, Mark::MadeUp);
        Ok(())
    }

    /// Rows of the table that the streak through `changed` has reached, each with the day that
    /// reached it. Which of them were given before, the caller knows.
    #[must_use]
    pub fn reached<'p>(&self, changed: Date, plan: &'p CheckInPlan) -> Vec<(Date, &'p Milestone)> {
        let numbers = self.numbers(plan);
        let mut reached = Vec::new();
        let mut last = changed;
        for (day, number) in numbers.range(changed..) {
            if *day != changed && !self.connects(last, *day) {
                break;
            }
            last = *day;
            reached.extend(
                plan.milestones
                    .iter()
                    .filter(|it| it.day == *number)
                    .map(|it| (*day, it)),
            );
        }
        reached
    }
}

impl CheckInPlan {
    /// What the days of an unbroken streak give that begins on the first of a month, each kind of
    /// reward once a day.
    #[must_use]
    pub fn unbroken(&self, days: u16) -> Vec<(u16, Vec<Reward>)> {
        let mut number = 0;
        let day = |_| {
            number = next_number(number, self);
            (number, self.gives(number))
        };
        (0..days).map(day).collect()
    }

    /// What a check-in gives that has this number in its streak.
    fn gives(&self, number: u16) -> Vec<Reward> {
        let rows = self.milestones.iter().filter(|it| it.day == number);
        let all = self.daily.iter().chain(rows.flat_map(|it| &it.rewards));
        sum_up(all.map(|it| (*it, it.amount())))
    }
}

/// The number after `number`, as the table counts.
fn next_number(number: u16, plan: &CheckInPlan) -> u16 {
    match plan.cycle_days {
        Some(cycle) if number >= cycle => 1,
        _ => number.saturating_add(1),
    }
}

/// How many days `later` is after `earlier`.
fn days_between(earlier: Date, later: Date) -> i64 {
    later
        .since((jiff::Unit::Day, earlier))
        .map_or(i64::MAX, |it| i64::from(it.get_days()))
}

/// Checks a plan before it is kept.
#[must_use]
pub fn check_plan(plan: &CheckInPlan) -> Vec<FieldError> {
    let mut errors = check_rewards(&plan.daily, "/daily");
    let out_of_range =
        |pointer: String, message: &str| FieldError::new(pointer, "out_of_range", message);
    if plan.milestones.len() > MAX_MILESTONES {
        errors.push(out_of_range(
            "/milestones".to_owned(),
            "expected at most 31 rows",
        ));
    }
    let mut seen = BTreeSet::new();
    for (place, row) in plan.milestones.iter().enumerate() {
        let pointer = format!("/milestones/{place}");
        let most = plan.cycle_days.unwrap_or(366).min(366);
        if !(1..=most).contains(&row.day) {
            errors.push(out_of_range(
                format!("{pointer}/day"),
                "expected a day from 1 to the length of the table",
            ));
        }
        if !seen.insert(row.day) {
            errors.push(FieldError::new(
                format!("{pointer}/day"),
                "duplicate",
                "each day has one row",
            ));
        }
        if row.rewards.is_empty() {
            errors.push(FieldError::new(
                format!("{pointer}/rewards"),
                "required",
                "say what the day gives",
            ));
        }
        errors.extend(check_rewards(&row.rewards, &format!("{pointer}/rewards")));
    }
    if plan.cycle_days.is_some_and(|it| !(2..=366).contains(&it)) {
        errors.push(out_of_range("/cycle_days".to_owned(), "expected 2 to 366"));
    }
    if plan.makeup.days_back > 31 {
        errors.push(out_of_range(
            "/makeup/days_back".to_owned(),
            "expected up to 31",
        ));
    }
    if plan.makeup.per_month > 31 {
        errors.push(out_of_range(
            "/makeup/per_month".to_owned(),
            "expected up to 31",
        ));
    }
    errors
}

/// Checks the days of an outage before they are kept.
#[must_use]
pub fn check_outage(first: Date, last: Date) -> Vec<FieldError> {
    let length = days_between(first, last);
    if (0..MAX_OUTAGE_DAYS).contains(&length) {
        Vec::new()
    } else {
        vec![FieldError::new(
            "/last_day",
            "out_of_range",
            "expected 1 to 31 days, the first one first",
        )]
    }
}

#[cfg(test)]
mod tests;
