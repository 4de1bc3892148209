//! Decisions about tiers: up at once, down only at a review, one step, after a grace period.
//!
//! A tier is a pure function of when the member joined, the growth record, the ladder's versions
//! and now. [`replay`] computes it from the beginning every time, so an order that was refunded
//! leaves the same tier, dates included, as one that never was.
//!
//! A tier is valid for a whole period from the last moment at which growth was added and the tier
//! was (still) reached. Were it valid from the first such moment only, reaching it earlier would
//! lose it earlier: then spending more could lower a tier. With this rule it cannot.

use super::api::{BenefitCell, BenefitRow, KeepTier, NextTier, Standing};
use super::{Benefit, ChangeCause, Ladder, MAX_TIERS, Tier, Window};
use crate::problem::FieldError;
use crate::quantity::{MAX_AMOUNT, WHOLE_BPS, scale_floor};
use crate::time::{Timestamp, end_of_day, plus_months, start_of_day};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::HashSet;

/// Largest multiplier of a tier or category: a hundred times.
pub const MAX_MULTIPLIER_BPS: i64 = 1_000_000;

/// Longest grace period: half a year, so that it ends well before the next review.
pub const MAX_GRACE_DAYS: u16 = 180;
/// Earliest warning before a review.
pub const MAX_WARN_DAYS: u16 = 366;

/// A row of the growth record. A refund adds a negative row at the time of its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// When it counts.
    pub at: Timestamp,
    /// How much; negative takes back.
    pub amount: i64,
}

/// A ladder and from when it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LadderAt {
    /// Its version.
    pub version: i32,
    /// From when it holds.
    pub from: Timestamp,
    /// The ladder.
    pub ladder: Ladder,
}

/// What decides a member's tier.
#[derive(Debug, Clone, Copy)]
pub struct TierFacts<'a> {
    /// When the member joined.
    pub joined_at: Timestamp,
    /// The growth record, oldest first.
    pub growth: &'a [Growth],
    /// The ladder's versions, oldest first; at least one.
    pub ladders: &'a [LadderAt],
    /// The zone of the member's days.
    pub zone: &'a TimeZone,
}

/// A member's tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierState {
    /// Code of the tier.
    pub code: String,
    /// Since when.
    pub since: Timestamp,
    /// Last instant before the review; `None` when it does not end.
    pub valid_until: Option<Timestamp>,
    /// Last instant of the grace period, while it runs.
    pub grace_until: Option<Timestamp>,
    /// Whether the warning before this review was given.
    pub warned: bool,
}

/// Something that happened to a member's tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub cause: ChangeCause,
    /// Tier before; `None` on joining.
    pub from: Option<String>,
    /// Tier after.
    pub to: String,
    /// Growth value in the window then.
    pub growth: i64,
    /// What the tier in question asked for.
    pub threshold: i64,
    /// The ladder that decided.
    pub ladder_version: i32,
}

impl Ladder {
    /// Place of the tier with this code; 0 when the ladder has no such tier.
    #[must_use]
    pub fn rank(&self, code: &str) -> usize {
        self.place(code).unwrap_or(0)
    }

    /// Place of a tier from below, from 0; `None` when there is none with this code.
    #[must_use]
    pub fn place(&self, code: &str) -> Option<usize> {
        self.tiers.iter().position(|it| it.code == code)
    }

    /// Place of the highest tier that `growth` reaches.
    #[must_use]
    pub fn reached(&self, growth: i64) -> usize {
        self.tiers
            .iter()
            .rposition(|it| growth >= it.threshold)
            .unwrap_or(0)
    }
}

impl Tier {
    /// How often points of orders count, in basis points.
    #[must_use]
    pub fn earn_bps(&self) -> i64 {
        let multiplier = |it: &Benefit| match it {
            Benefit::EarnMultiplier { bps } => Some(*bps),
            _ => None,
        };
        self.benefits
            .iter()
            .find_map(multiplier)
            .unwrap_or(WHOLE_BPS)
    }
}

/// Checks a ladder before it is kept. An empty answer means it is fine.
#[must_use]
pub fn check_ladder(ladder: &Ladder) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if ladder.tiers.is_empty() || ladder.tiers.len() > MAX_TIERS {
        errors.push(FieldError::new(
            "/tiers",
            "out_of_range",
            "expected 1 to 10 tiers",
        ));
    }
    for (pointer, days, most) in [
        ("/grace_days", ladder.grace_days, MAX_GRACE_DAYS),
        ("/warn_days", ladder.warn_days, MAX_WARN_DAYS),
    ] {
        if days > most {
            errors.push(FieldError::new(
                pointer,
                "out_of_range",
                format!("expected at most {most} days"),
            ));
        }
    }
    let mut codes = HashSet::new();
    let mut below = -1;
    for (i, tier) in ladder.tiers.iter().enumerate().take(MAX_TIERS) {
        let mut wrong = |at: &str, code: &str, message: &str| {
            errors.push(FieldError::new(format!("/tiers/{i}/{at}"), code, message));
        };
        let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
        if !(1..=40).contains(&tier.code.len()) || !tier.code.bytes().all(plain) {
            wrong("code", "invalid", "expected 1 to 40 of a-z, 0-9 and _");
        } else if !codes.insert(&tier.code) {
            wrong("code", "duplicate", "every tier needs a code of its own");
        }
        for (language, name) in [("zh-CN", &tier.name.zh_cn), ("en", &tier.name.en)] {
            if !(1..=40).contains(&name.trim().chars().count()) {
                wrong(
                    &format!("name/{language}"),
                    "out_of_range",
                    "expected 1 to 40 characters",
                );
            }
        }
        if i == 0 && tier.threshold != 0 {
            wrong("threshold", "invalid", "the lowest tier asks for 0");
        }
        if tier.threshold <= below || tier.threshold > MAX_AMOUNT {
            wrong(
                "threshold",
                "out_of_range",
                "each tier asks for more than the one below",
            );
        }
        below = tier.threshold;
        check_benefits(tier, i, &mut errors);
    }
    errors
}

fn check_benefits(tier: &Tier, place: usize, errors: &mut Vec<FieldError>) {
    let mut kinds = HashSet::new();
    for (i, benefit) in tier.benefits.iter().enumerate() {
        let fine = match benefit {
            Benefit::EarnMultiplier { bps } => (0..=MAX_MULTIPLIER_BPS).contains(bps),
            Benefit::FreeShipping { from_amount: it } | Benefit::BirthdayGift { points: it } => {
                (0..=MAX_AMOUNT).contains(it)
            }
            Benefit::FlashSaleEarlyAccess { minutes } => *minutes <= 10_080,
            Benefit::Other { code, name } => {
                !code.is_empty()
                    && code.len() <= 40
                    && !name.zh_cn.is_empty()
                    && !name.en.is_empty()
            }
            Benefit::PriorityShipping | Benefit::DedicatedService => true,
        };
        let pointer = format!("/tiers/{place}/benefits/{i}");
        if !fine {
            errors.push(FieldError::new(
                pointer,
                "out_of_range",
                "the benefit's figure is out of range",
            ));
        } else if !kinds.insert(benefit_key(benefit)) {
            errors.push(FieldError::new(
                pointer,
                "duplicate",
                "a tier has each benefit once",
            ));
        }
    }
}

/// What makes two benefits of different tiers the same row of the matrix.
fn benefit_key(benefit: &Benefit) -> String {
    match benefit {
        Benefit::EarnMultiplier { .. } => "earn_multiplier".into(),
        Benefit::FreeShipping { .. } => "free_shipping".into(),
        Benefit::BirthdayGift { .. } => "birthday_gift".into(),
        Benefit::PriorityShipping => "priority_shipping".into(),
        Benefit::DedicatedService => "dedicated_service".into(),
        Benefit::FlashSaleEarlyAccess { .. } => "flash_sale_early_access".into(),
        Benefit::Other { code, .. } => format!("other:{code}"),
    }
}

/// Benefits by tier, in the order in which the ladder first names them, with what differs from the
/// tier below.
#[must_use]
pub fn benefit_matrix(ladder: &Ladder) -> Vec<BenefitRow> {
    let mut kinds: Vec<String> = Vec::new();
    for key in ladder
        .tiers
        .iter()
        .flat_map(|it| it.benefits.iter().map(benefit_key))
    {
        if !kinds.contains(&key) {
            kinds.push(key);
        }
    }
    let row = |kind: String| {
        let find = |tier: &Tier| {
            tier.benefits
                .iter()
                .find(|it| benefit_key(it) == kind)
                .cloned()
        };
        let mut below = None;
        let cells = ladder.tiers.iter().enumerate().map(|(i, tier)| {
            let benefit = find(tier);
            let differs = i > 0 && benefit != below;
            below.clone_from(&benefit);
            BenefitCell { benefit, differs }
        });
        BenefitRow {
            cells: cells.collect(),
            kind: kind.clone(),
        }
    };
    kinds.into_iter().map(row).collect()
}

/// Growth value that counts at `at`: the sum over the window that ends then.
#[must_use]
pub fn growth_in_window(growth: &[Growth], window: Window, zone: &TimeZone, at: Timestamp) -> i64 {
    growth_between(growth, window_start(window, zone, at), at)
}

fn growth_between(growth: &[Growth], from: Timestamp, until: Timestamp) -> i64 {
    let first = growth.partition_point(|it| it.at < from);
    let rows = growth[first..].iter().take_while(|it| it.at <= until);
    rows.fold(0i64, |sum, it| sum.saturating_add(it.amount))
}

/// The first instant that counts in the window that ends at `at`. Twelve months are whole days:
/// on 1 January they begin on 2 January of the year before.
fn window_start(window: Window, zone: &TimeZone, at: Timestamp) -> Timestamp {
    let date = at.date_in(zone);
    match window {
        Window::Rolling12Months => {
            let first = plus_months(date, -12);
            start_of_day(first.tomorrow().unwrap_or(first), zone)
        }
        Window::CalendarYear => start_of_day(date.first_of_year(), zone),
        Window::Lifetime => Timestamp::MIN,
    }
}

/// Until when a tier that begins or is kept at `at` is valid.
fn period_end(window: Window, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
    let date = at.date_in(zone);
    match window {
        Window::Rolling12Months => Some(end_of_day(leaves_window_on(date), zone)),
        Window::CalendarYear => Some(end_of_day(plus_months(date, 12).last_of_year(), zone)),
        Window::Lifetime => None,
    }
}

/// The first day whose rolling window no longer holds `date`: the same day a year on, and for
/// 29 February the 1 March.
fn leaves_window_on(date: Date) -> Date {
    let day = plus_months(date, 12);
    if plus_months(day, -12) < date {
        day.tomorrow().unwrap_or(day)
    } else {
        day
    }
}

/// The growth record with what cancels out at one instant left out, oldest first.
fn netted(growth: &[Growth]) -> Vec<Growth> {
    let mut rows = growth.to_vec();
    // In order already, but for what is added for a try.
    rows.sort_by_key(|it| it.at);
    rows.dedup_by(|next, kept| {
        let same = next.at == kept.at;
        if same {
            kept.amount = kept.amount.saturating_add(next.amount);
        }
        same
    });
    rows.retain(|it| it.amount != 0);
    rows
}

/// The member's tier at `until` and everything that happened to it on the way.
#[must_use]
pub fn replay(facts: TierFacts<'_>, until: Timestamp) -> (TierState, Vec<Transition>) {
    let growth = netted(facts.growth);
    let facts = TierFacts {
        growth: &growth,
        ..facts
    };
    let start = facts
        .growth
        .first()
        .map_or(facts.joined_at, |it| it.at.min(facts.joined_at));
    let mut replay = Replay::begin(facts, start);
    let mut growth = facts.growth.iter().map(|it| it.at).peekable();
    let mut edits = facts.ladders.iter().filter(|it| it.from > start).peekable();
    loop {
        while growth.peek().is_some_and(|it| *it < replay.now) {
            growth.next();
        }
        let moments = [
            growth.peek().copied(),
            edits.peek().map(|it| it.from),
            replay.state_due(),
        ];
        let Some(at) = moments
            .into_iter()
            .flatten()
            .min()
            .filter(|it| *it <= until)
        else {
            break;
        };
        replay.now = at;
        if edits.peek().is_some_and(|it| it.from == at) {
            replay.edit(edits.next());
        }
        replay.review();
        if growth.peek() == Some(&at) {
            while growth.peek() == Some(&at) {
                growth.next();
            }
            replay.evaluate(ChangeCause::Reached);
        }
    }
    (replay.state, replay.transitions)
}

/// When time next changes this tier, if nothing else happens.
#[must_use]
pub fn next_due(state: &TierState, warn_days: u16) -> Option<Timestamp> {
    match (state.grace_until, state.valid_until) {
        (Some(grace), _) => Some(grace.next()),
        (None, Some(valid)) if state.warned => Some(valid.next()),
        (None, Some(valid)) => Some(warning_at(state, valid, warn_days)),
        (None, None) => None,
    }
}

/// When the member is warned: so many days ahead, but not before the tier began.
fn warning_at(state: &TierState, valid: Timestamp, warn_days: u16) -> Timestamp {
    valid
        .plus_days(-i64::from(warn_days))
        .max(state.since.next())
        .min(valid)
}

/// The state of a replay.
struct Replay<'a> {
    facts: TierFacts<'a>,
    /// Sum of the growth record before each row, and of all of it: every row asks for the sum of
    /// a window, which would be a quadratic replay otherwise.
    totals: Vec<i128>,
    ladder: &'a LadderAt,
    state: TierState,
    now: Timestamp,
    transitions: Vec<Transition>,
}

impl<'a> Replay<'a> {
    fn begin(facts: TierFacts<'a>, start: Timestamp) -> Self {
        let mut total = 0;
        let running = facts.growth.iter().map(|it| {
            total += i128::from(it.amount);
            total
        });
        let totals = std::iter::once(0).chain(running).collect();
        let ladder = ladder_at(facts.ladders, start);
        let code = ladder
            .ladder
            .tiers
            .first()
            .map_or_else(String::new, |it| it.code.clone());
        let state = TierState {
            code: code.clone(),
            since: start,
            valid_until: None,
            grace_until: None,
            warned: false,
        };
        let joined = Transition {
            at: start,
            cause: ChangeCause::Joined,
            from: None,
            to: code,
            growth: 0,
            threshold: 0,
            ladder_version: ladder.version,
        };
        Self {
            facts,
            totals,
            ladder,
            state,
            now: start,
            transitions: vec![joined],
        }
    }

    fn growth(&self) -> i64 {
        let first = window_start(self.ladder.ladder.window, self.facts.zone, self.now);
        self.growth_between(first, self.now)
    }

    fn growth_between(&self, from: Timestamp, until: Timestamp) -> i64 {
        let rows = self.facts.growth;
        let first = rows.partition_point(|it| it.at < from);
        let after = rows.partition_point(|it| it.at <= until).max(first);
        let sum = self.totals[after] - self.totals[first];
        sum.try_into()
            .unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
    }

    fn threshold(&self) -> i64 {
        let ladder = &self.ladder.ladder;
        ladder
            .tiers
            .get(ladder.rank(&self.state.code))
            .map_or(0, |it| it.threshold)
    }

    fn state_due(&self) -> Option<Timestamp> {
        next_due(&self.state, self.ladder.ladder.warn_days).map(|it| it.max(self.now))
    }

    fn note(&mut self, cause: ChangeCause, from: String, growth: i64, threshold: i64) {
        self.transitions.push(Transition {
            at: self.now,
            cause,
            from: Some(from),
            to: self.state.code.clone(),
            growth,
            threshold,
            ladder_version: self.ladder.version,
        });
    }

    /// Time has come for a warning, a review or the end of the grace period.
    fn review(&mut self) {
        while self.state_due() == Some(self.now) {
            match (self.state.grace_until, self.state.valid_until) {
                (Some(_), valid) => self.lower(valid.unwrap_or(self.now)),
                (None, Some(valid)) if self.state.warned => self.end_period(valid),
                (None, Some(valid)) => self.warn(valid),
                (None, None) => return,
            }
        }
    }

    /// What counts by `until` towards the review at `valid`. While a grace period runs after a
    /// calendar year, that year and the grace period count together.
    fn counted_for(&self, valid: Timestamp, until: Timestamp) -> i64 {
        let window = self.ladder.ladder.window;
        let end = match (window, self.state.grace_until) {
            (Window::Rolling12Months, Some(_)) => until,
            _ => valid,
        };
        let first = window_start(window, self.facts.zone, end);
        self.growth_between(first, until)
    }

    fn warn(&mut self, valid: Timestamp) {
        self.state.warned = true;
        let (code, threshold) = (self.state.code.clone(), self.threshold());
        let counted = self.counted_for(valid, self.now.plus_millis(-1));
        self.note(ChangeCause::Warned, code, counted, threshold);
    }

    /// The review. Whatever keeps a tier prolongs it when it happens, so that a tier whose period
    /// ends is one that was not kept.
    fn end_period(&mut self, valid: Timestamp) {
        let grace_days = self.ladder.ladder.grace_days;
        if grace_days == 0 {
            return self.lower(valid);
        }
        let (code, threshold) = (self.state.code.clone(), self.threshold());
        let counted = self.counted_for(valid, valid);
        let end = valid
            .plus_days(i64::from(grace_days))
            .date_in(self.facts.zone);
        self.state.grace_until = Some(end_of_day(end, self.facts.zone));
        self.note(ChangeCause::GraceBegan, code, counted, threshold);
    }

    /// One step down. By calendar years the lower tier ends with the year after the one reviewed,
    /// so that reviews stay a year apart.
    fn lower(&mut self, valid: Timestamp) {
        let counted = self.counted_for(valid, self.now.plus_millis(-1));
        let ladder = &self.ladder.ladder;
        let rank = ladder.rank(&self.state.code);
        let (from, asked) = (self.state.code.clone(), self.threshold());
        if let Some(below) = rank.checked_sub(1).and_then(|it| ladder.tiers.get(it)) {
            self.state.code.clone_from(&below.code);
            self.state.since = self.now;
        }
        self.renew(match ladder.window {
            Window::CalendarYear => valid,
            Window::Rolling12Months | Window::Lifetime => self.now,
        });
        self.note(ChangeCause::Lowered, from, counted, asked);
        if self.growth() >= self.threshold() {
            self.prolong_from(self.now);
        }
    }

    fn renew(&mut self, at: Timestamp) {
        let ladder = &self.ladder.ladder;
        let lowest = ladder.rank(&self.state.code) == 0;
        // At the end of representable time a period no longer ends after it began.
        let end = period_end(ladder.window, self.facts.zone, at).filter(|it| *it > at);
        self.state.valid_until = end.filter(|_| !lowest);
        self.state.grace_until = None;
        self.state.warned = false;
    }

    /// Growth was added or the ladder edited: up at once, and a tier that is still reached is valid
    /// for a whole period from now. In its grace period it is kept at once.
    fn evaluate(&mut self, cause: ChangeCause) {
        let counted = self.growth();
        let ladder = &self.ladder.ladder;
        let reached = ladder.reached(counted);
        if reached > ladder.rank(&self.state.code) {
            self.raise(reached, counted, cause);
        } else if counted >= self.threshold() {
            self.keep_from(self.now, counted);
        } else if let (Some(_), Some(valid)) = (self.state.grace_until, self.state.valid_until) {
            let counted = self.counted_for(valid, self.now);
            if counted >= self.threshold() {
                self.keep_from(valid, counted);
            }
        }
    }

    /// Keeps the tier, with a note when that answers a warning.
    fn keep_from(&mut self, at: Timestamp, counted: i64) {
        let was_warned = self.state.warned;
        if self.prolong_from(at) && was_warned {
            let (code, threshold) = (self.state.code.clone(), self.threshold());
            self.note(ChangeCause::Kept, code, counted, threshold);
        }
    }

    /// Makes the tier valid for a period from `at`, unless it is valid for longer; answers whether.
    fn prolong_from(&mut self, at: Timestamp) -> bool {
        let end = period_end(self.ladder.ladder.window, self.facts.zone, at);
        let longer = self.state.valid_until.is_some() && end > self.state.valid_until;
        if longer {
            self.state.valid_until = end;
            self.state.grace_until = None;
            self.state.warned = false;
        }
        longer
    }

    fn raise(&mut self, rank: usize, counted: i64, cause: ChangeCause) {
        let Some(tier) = self.ladder.ladder.tiers.get(rank) else {
            return;
        };
        let from = core::mem::replace(&mut self.state.code, tier.code.clone());
        self.state.since = self.now;
        self.renew(self.now);
        self.note(cause, from, counted, tier.threshold);
    }

    /// The ladder changed: members who reach more go up, nobody goes down before their review.
    fn edit(&mut self, edited: Option<&'a LadderAt>) {
        let Some(edited) = edited else { return };
        let held = self.threshold();
        self.ladder = edited;
        let ladder = &edited.ladder;
        if !ladder.tiers.iter().any(|it| it.code == self.state.code)
            && let Some(tier) = ladder.tiers.get(ladder.reached(held))
        {
            let from = core::mem::replace(&mut self.state.code, tier.code.clone());
            self.state.since = self.now;
            let (counted, threshold) = (self.growth(), tier.threshold);
            self.note(ChangeCause::LadderEdited, from, counted, threshold);
        }
        let ends = ladder.window != Window::Lifetime && ladder.rank(&self.state.code) > 0;
        if ends != self.state.valid_until.is_some() {
            self.renew(self.now);
        }
        self.evaluate(ChangeCause::LadderEdited);
    }
}

/// The ladder that holds at `at`; the first one before its time.
///
/// # Panics
/// When there is no ladder at all; the server always has one.
#[must_use]
pub fn ladder_at(ladders: &[LadderAt], at: Timestamp) -> &LadderAt {
    let later = ladders.partition_point(|it| it.from <= at);
    &ladders[later.saturating_sub(1)]
}

/// Where the member stands: gap to the next tier and until when it holds, what keeps this one.
#[must_use]
pub fn standing(facts: TierFacts<'_>, state: &TierState, now: Timestamp) -> Standing {
    let growth = netted(facts.growth);
    let facts = TierFacts {
        growth: &growth,
        ..facts
    };
    let ladder = &ladder_at(facts.ladders, now).ladder;
    let rank = ladder.rank(&state.code);
    let growth = growth_in_window(facts.growth, ladder.window, facts.zone, now);
    let Some(tier) = ladder.tiers.get(rank) else {
        unreachable!("a ladder has a lowest tier")
    };
    let next = ladder.tiers.get(rank + 1).map(|next| {
        let gap = (next.threshold - growth).max(0);
        let climbed = (growth - tier.threshold).clamp(0, next.threshold - tier.threshold);
        NextTier {
            code: next.code.clone(),
            name: next.name.clone(),
            threshold: next.threshold,
            gap,
            progress_bps: scale_floor(climbed, WHOLE_BPS, next.threshold - tier.threshold)
                .unwrap_or(0),
            by: gap_holds_until(facts, ladder.window, now),
        }
    });
    Standing {
        code: tier.code.clone(),
        name: tier.name.clone(),
        rank: u32::try_from(rank).unwrap_or(0),
        since: state.since,
        valid_until: state.valid_until,
        growth_value: growth,
        threshold: tier.threshold,
        next,
        keep: keep_tier(facts, ladder, tier, state, now),
        benefits: tier.benefits.clone(),
    }
}

/// Until when the growth of now still counts in full.
fn gap_holds_until(facts: TierFacts<'_>, window: Window, now: Timestamp) -> Option<Timestamp> {
    match window {
        Window::Lifetime => None,
        Window::CalendarYear => Some(end_of_day(
            now.date_in(facts.zone).last_of_year(),
            facts.zone,
        )),
        Window::Rolling12Months => {
            let start = window_start(window, facts.zone, now);
            let oldest = facts
                .growth
                .iter()
                .find(|it| it.at >= start && it.amount > 0)?;
            let gone = leaves_window_on(oldest.at.date_in(facts.zone));
            Some(start_of_day(gone, facts.zone).plus_millis(-1))
        }
    }
}

fn keep_tier(
    facts: TierFacts<'_>,
    ladder: &Ladder,
    tier: &Tier,
    state: &TierState,
    now: Timestamp,
) -> Option<KeepTier> {
    let valid = state.valid_until?;
    let by = state.grace_until.unwrap_or(valid);
    let reviewed = match ladder.window {
        Window::CalendarYear => valid,
        Window::Rolling12Months | Window::Lifetime => by,
    };
    let first = window_start(ladder.window, facts.zone, reviewed);
    let counted = growth_between(facts.growth, first, now);
    let gap = (tier.threshold - counted).max(0);
    let warned = now >= warning_at(state, valid, ladder.warn_days);
    Some(KeepTier {
        threshold: tier.threshold,
        gap,
        by,
        in_grace: state.grace_until.is_some(),
        at_risk: gap > 0 && warned,
    })
}

#[cfg(test)]
mod tests;
