//! Reading and writing the cells of a line, and when an import can be stopped or undone.

use super::columns::Column;
use super::faults::Fault;
use super::{
    CouponLine, ImportState, Line, MAX_CELL, MemberLine, PointsLine, TransferKind, UNDO_DAYS,
};
use crate::members::audience::MAX_TAGS;
use crate::members::rules::{normalise_email, normalise_name, normalise_phone, set_birthday};
use crate::orders::rules::is_reference;
use crate::problem::ErrorCode;
use crate::quantity::MAX_AMOUNT;
use crate::text::Locale;
use crate::time::{Timestamp, end_of_day, start_of_day};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// What a line is read with.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The country code of phone numbers that have none.
    pub country: &'a str,
    /// The zone of days.
    pub zone: &'a TimeZone,
    /// Now.
    pub now: Timestamp,
}

/// A fault and the column that is to blame.
pub type LineFault = (Option<&'static str>, Fault);

/// Reads a line: a cell for each column of its kind, nothing where a cell is empty. Orders have a
/// reader of their own, because an order has several lines.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_line(
    kind: TransferKind,
    cells: &[Option<String>],
    facts: Facts<'_>,
) -> Result<Line, Vec<LineFault>> {
    let mut reader = Reader {
        columns: kind.columns(),
        cells,
        facts,
        faults: Vec::new(),
    };
    reader.lengths();
    let line = match kind {
        TransferKind::Members | TransferKind::Orders => Line::Member(reader.member()),
        TransferKind::Points => Line::Points(reader.points()),
        TransferKind::Coupons => Line::Coupon(reader.coupon()),
    };
    if reader.faults.is_empty() {
        Ok(line)
    } else {
        Err(reader.faults)
    }
}

struct Reader<'a> {
    columns: &'static [Column],
    cells: &'a [Option<String>],
    facts: Facts<'a>,
    faults: Vec<LineFault>,
}

impl Reader<'_> {
    fn lengths(&mut self) {
        for (column, cell) in self.columns.iter().zip(self.cells) {
            match cell {
                Some(cell) if cell.chars().take(MAX_CELL + 1).count() > MAX_CELL => {
                    self.faults.push((Some(column.name), Fault::TooLong));
                }
                None if column.required => self.faults.push((Some(column.name), Fault::Required)),
                _ => {}
            }
        }
    }

    fn cell<T>(
        &mut self,
        name: &'static str,
        fault: Fault,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let place = self.columns.iter().position(|it| it.name == name)?;
        let text = self.cells.get(place)?.as_deref()?;
        let value = read(text);
        if value.is_none() {
            self.faults.push((Some(name), fault));
        }
        value
    }

    fn reference(&mut self, name: &'static str) -> Option<String> {
        let read = |it: &str| is_reference(it).then(|| it.to_owned());
        self.cell(name, Fault::NotAnId, read)
    }

    fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.cell(name, Fault::NotYesOrNo, read_flag)
    }

    fn member(&mut self) -> MemberLine {
        let Facts { country, zone, now } = self.facts;
        let today = now.date_in(zone);
        let birthday = |it: &str| {
            let day: Date = it.parse().ok().filter(|_| it.len() == 10)?;
            Some(set_birthday(None, day, today).ok()?.into())
        };
        let known_zone = |it: &str| crate::time::zone(it).is_ok().then(|| it.to_owned());
        MemberLine {
            external_id: self.reference("external_id").unwrap_or_default(),
            name: self.cell("name", Fault::NotAName, normalise_name),
            email: self.cell("email", Fault::NotAnEmail, normalise_email),
            phone: self.cell("phone", Fault::NotAPhone, |it| normalise_phone(it, country)),
            birthday: self.cell("birthday", Fault::NotABirthday, birthday),
            locale: self.cell("locale", Fault::NotALanguage, Locale::from_tag),
            time_zone: self.cell("time_zone", Fault::NotAZone, known_zone),
            joined_at: self.cell("joined_at", Fault::NotATime, |it| read_first(it, zone)),
            tags: self.cell("tags", Fault::NotTags, read_tags),
            consent_email: self.flag("consent_email"),
            consent_sms: self.flag("consent_sms"),
            consent_push: self.flag("consent_push"),
        }
    }

    fn points(&mut self) -> PointsLine {
        let zone = self.facts.zone;
        let amount = |it: &str| {
            let points: i64 = it.parse().ok()?;
            (1..=MAX_AMOUNT).contains(&points).then_some(points)
        };
        let line = PointsLine {
            member: self.reference("member").unwrap_or_default(),
            points: self.cell("points", Fault::NotPoints, amount).unwrap_or(0),
            active_from: self.cell("active_from", Fault::NotATime, |it| read_first(it, zone)),
            expires_at: self.ahead("expires_at"),
            reference: self.reference("reference"),
        };
        if let (Some(from), Some(until)) = (line.active_from, line.expires_at)
            && until < from
        {
            self.faults.push((Some("expires_at"), Fault::EndsTooSoon));
        }
        line
    }

    fn coupon(&mut self) -> CouponLine {
        CouponLine {
            template: self
                .cell("template", Fault::NotAnId, |it| Some(it.to_owned()))
                .unwrap_or_default(),
            member: self.reference("member").unwrap_or_default(),
            expires_at: self.ahead("expires_at"),
            reference: self.reference("reference"),
        }
    }

    /// The end of a day, or an instant, that has not come.
    fn ahead(&mut self, name: &'static str) -> Option<Timestamp> {
        let (zone, now) = (self.facts.zone, self.facts.now);
        let at = self.cell(name, Fault::NotATime, |it| read_last(it, zone))?;
        if at <= now {
            self.faults.push((Some(name), Fault::InThePast));
        }
        Some(at)
    }
}

fn read_day(text: &str) -> Option<Date> {
    text.parse().ok().filter(|_| text.len() == 10)
}

/// The first instant that a day or a time names.
fn read_first(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    match read_day(text) {
        Some(day) => Some(start_of_day(day, zone)),
        None => text.parse().ok(),
    }
}

/// The last instant that a day or a time names.
fn read_last(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    match read_day(text) {
        Some(day) => Some(end_of_day(day, zone)),
        None => text.parse().ok(),
    }
}

fn read_flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" | "是" => Some(true),
        "no" | "false" | "0" | "否" => Some(false),
        _ => None,
    }
}

fn read_tags(text: &str) -> Option<Vec<String>> {
    let mut tags = split_list(text);
    tags.sort_unstable();
    tags.dedup();
    (tags.len() <= MAX_TAGS && tags.iter().all(|it| is_reference(it))).then_some(tags)
}

/// Several texts in one cell: `;` parts them, and stands behind `\` where it belongs to a text.
#[must_use]
pub fn join_list(texts: &[String]) -> String {
    let escaped = texts
        .iter()
        .map(|it| it.replace('\\', "\\\\").replace(';', "\\;"));
    escaped.collect::<Vec<_>>().join(";")
}

/// The texts of a cell, each without blanks around it; empty ones are left out.
#[must_use]
pub fn split_list(cell: &str) -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut rest = cell.chars();
    while let Some(it) = rest.next() {
        let Some(text) = texts.last_mut() else { break };
        match it {
            '\\' => text.extend(rest.next()),
            ';' => texts.push(String::new()),
            _ => text.push(it),
        }
    }
    let texts = texts.iter().map(|it| it.trim().to_owned());
    texts.filter(|it| !it.is_empty()).collect()
}

impl Line {
    /// The cells of the line, one for each column of its kind.
    #[must_use]
    pub fn cells(&self) -> Vec<Option<String>> {
        let flag = |it: Option<bool>| it.map(|it| if it { "yes" } else { "no" }.to_owned());
        let time = |it: Option<Timestamp>| it.map(|it| it.to_string());
        match self {
            Self::Member(it) => vec![
                Some(it.external_id.clone()),
                it.name.clone(),
                it.email.clone(),
                it.phone.clone(),
                it.birthday.map(|it| it.to_string()),
                it.locale.map(|it| it.tag().to_owned()),
                it.time_zone.clone(),
                time(it.joined_at),
                it.tags
                    .as_deref()
                    .filter(|it| !it.is_empty())
                    .map(join_list),
                flag(it.consent_email),
                flag(it.consent_sms),
                flag(it.consent_push),
            ],
            Self::Points(it) => vec![
                Some(it.member.clone()),
                Some(it.points.to_string()),
                time(it.active_from),
                time(it.expires_at),
                it.reference.clone(),
            ],
            Self::Coupon(it) => vec![
                Some(it.template.clone()),
                Some(it.member.clone()),
                time(it.expires_at),
                it.reference.clone(),
            ],
        }
    }

    /// Whether one of the person's names stands in the line: the shop's id, a member id, an address
    /// or a number. What people are called is not one of them: others may be called alike.
    #[must_use]
    pub fn names(&self, person: &[String]) -> bool {
        let named = |it: &String| person.iter().any(|name| name == it);
        match self {
            Self::Member(it) => {
                named(&it.external_id)
                    || it.email.as_ref().is_some_and(named)
                    || it.phone.as_ref().is_some_and(named)
            }
            Self::Points(it) => named(&it.member),
            Self::Coupon(it) => named(&it.member),
        }
    }
}

/// Whether a spreadsheet would take a text for a formula.
fn is_formula(text: &str) -> bool {
    let begins = text.trim_start_matches([' ', '\u{feff}']);
    begins.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A text that no spreadsheet takes for a formula: what begins like one begins with an apostrophe,
/// and so does what would lose its own apostrophe when it is read again.
#[must_use]
pub fn guard(text: &str) -> String {
    if is_formula(text.trim_start_matches('\'')) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// The text that [`guard`] was given.
#[must_use]
pub fn unguard(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

/// Until when an import can be undone, if there is anything to undo: `kept` is whether it added or
/// changed anything that stands.
#[must_use]
pub fn undo_until(
    state: ImportState,
    kept: bool,
    finished_at: Option<Timestamp>,
) -> Option<Timestamp> {
    let ended = matches!(
        state,
        ImportState::Done | ImportState::Cancelled | ImportState::Failed
    );
    finished_at
        .filter(|_| ended && kept)
        .map(|it| it.plus_days(UNDO_DAYS))
}

/// Decides whether an import can be undone now.
///
/// # Errors
/// `imports.not_undoable` when there is nothing to undo, `imports.too_late` after the time for it.
pub fn can_undo(
    state: ImportState,
    kept: bool,
    finished_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), ErrorCode> {
    match undo_until(state, kept, finished_at) {
        None => Err(ErrorCode::ImportNotUndoable),
        Some(until) if now > until => Err(ErrorCode::ImportTooLate),
        Some(_) => Ok(()),
    }
}

/// Decides whether an import can be stopped.
///
/// # Errors
/// `imports.ended`, also while it is being undone.
pub const fn can_cancel(state: ImportState) -> Result<(), ErrorCode> {
    match state {
        ImportState::Checking | ImportState::Running => Ok(()),
        _ => Err(ErrorCode::ImportEnded),
    }
}

#[cfg(test)]
mod tests;
