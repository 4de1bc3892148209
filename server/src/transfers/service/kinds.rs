//! What each kind of line does, through the services of its feature, and how it is taken back.

use super::super::file::{Body, Note, Numbered};
use super::super::store::{self, mark};
use super::apply::Outcome;
use crate::App;
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::ids::hash_secret;
use crate::import::{self, Fate};
use crate::members::service::{self as members, Brought, MemberFacts, TakenBack};
use crate::points::service::{self as points, Opening};
use crate::{coupons, orders};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use shared::coupons::{CouponSource, CouponSourceKind};
use shared::ids::{CouponId, CouponTemplateId, ImportId, LotId, MemberId};
use shared::orders::api::{EventKind, OrderEvent};
use shared::problem::ErrorCode;
use shared::text::{Locale, Text};
use shared::transfers::faults::Fault;
use shared::transfers::{CouponLine, Line, MemberLine, PointsLine};
use std::collections::{HashMap, HashSet};

/// What a line did, as undoing it needs it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Did {
    /// The line of the file.
    pub line: i64,
    /// What it did.
    pub effect: Effect,
}

/// What a line did.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Effect {
    /// It made or changed a member.
    Member(Brought),
    /// It brought an order in, by the shop's id.
    Order(String),
    /// It gave points, in this lot.
    Points(LotId),
    /// It gave a coupon.
    Coupon(CouponId),
}

/// Takes the lines of a piece, each for itself.
pub(super) async fn take(
    tx: &Tx,
    app: &App,
    body: Body,
    (import, actor): (ImportId, &str),
) -> Result<Outcome> {
    let lines = match body {
        Body::Lines(lines) => lines,
        Body::Orders {
            currency,
            customers,
        } => {
            let named = customers.into_iter();
            let named = named.filter_map(|it| Some((it.first()?.customer.clone(), it)));
            let batch: Vec<_> = named.collect();
            let taken = import::take(tx, app, &batch, currency, actor).await?;
            return orders_taken(taken);
        }
    };
    let mut outcome = Outcome::default();
    let (mut people, mut openings, mut gifts) = (Vec::new(), Vec::new(), Vec::new());
    for Numbered { line, mark, row } in lines {
        match row {
            Line::Member(it) => people.push((line, it)),
            Line::Points(it) => openings.push((line, mark, it)),
            Line::Coupon(it) => gifts.push((line, mark, it)),
        }
    }
    take_members(tx, app, people, actor, &mut outcome).await?;
    take_points(tx, app, openings, (import, actor), &mut outcome).await?;
    take_coupons(tx, gifts, import, &mut outcome).await?;
    Ok(outcome)
}

/// What is said of a line that a feature refused.
fn refusal(line: i64, column: Option<&'static str>, error: &AppError) -> Result<Note> {
    let AppError::Refused(refused) = error else {
        return Err(error.clone());
    };
    let code = refused.code;
    Ok(Note {
        line,
        column,
        code: code.as_str(),
        message: Text::new(code.title(Locale::ZhCn), code.title(Locale::En)),
    })
}

fn orders_taken(taken: import::Taken) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for order in taken.orders {
        let line = i64::try_from(order.line).unwrap_or(0);
        if order.paid {
            // It stands, also when a refund of it was refused, and can be taken back.
            outcome.added += 1;
            let effect = Effect::Order(order.order_id.into_string());
            outcome.effects.push(Did { line, effect });
        }
        match order.fate {
            Ok(Fate::New) => {}
            Ok(Fate::Changed) => outcome.changed += 1,
            Ok(Fate::Known) => outcome.unchanged += 1,
            Err(error) => outcome.refuse(refusal(line, None, &error)?),
        }
    }
    Ok(outcome)
}

async fn take_members(
    tx: &Tx,
    app: &App,
    lines: Vec<(i64, MemberLine)>,
    actor: &str,
    outcome: &mut Outcome,
) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let (numbers, rows): (Vec<i64>, Vec<MemberLine>) = lines.into_iter().unzip();
    let results = members::bring_in(tx, app, &rows, actor).await?;
    for (line, result) in numbers.into_iter().zip(results) {
        match result {
            Ok(Brought::Unchanged) => outcome.unchanged += 1,
            Ok(did) => {
                match did {
                    Brought::Made { .. } => outcome.added += 1,
                    _ => outcome.changed += 1,
                }
                let effect = Effect::Member(did);
                outcome.effects.push(Did { line, effect });
            }
            Err(error) => {
                let column = match error.code() {
                    Some(ErrorCode::BirthdayAlreadySet) => Some("birthday"),
                    Some(ErrorCode::MemberMerged) => Some("external_id"),
                    _ => None,
                };
                outcome.refuse(refusal(line, column, &error)?);
            }
        }
    }
    Ok(())
}

/// Whom a line names.
#[derive(Clone)]
struct Named {
    /// The record that it names, also when that was merged into another one.
    record: MemberId,
    /// Who goes on for it, locked.
    member: MemberFacts,
}

/// Members whom lines name, locked, by what the lines call them. Who is gone is not among them.
async fn named(tx: &Tx, names: &[&str]) -> Result<HashMap<String, Named>> {
    let called = members::called(tx, names).await?;
    let mut ids: Vec<MemberId> = called.values().map(|it| it.member).collect();
    ids.sort_unstable();
    ids.dedup();
    let facts = members::lock(tx, &ids).await?;
    let facts: HashMap<MemberId, MemberFacts> = facts
        .into_iter()
        .filter(|it| !it.status.is_gone())
        .map(|it| (it.id, it))
        .collect();
    let known = called.into_iter();
    Ok(known
        .filter_map(|(name, it)| {
            let member = facts.get(&it.member)?.clone();
            let record = it.record;
            Some((name, Named { record, member }))
        })
        .collect())
}

fn unknown_member(line: i64) -> Result<Note> {
    refusal(line, Some("member"), &ErrorCode::MemberNotFound.into())
}

/// Takes a mark for a line; whoever comes second finds it taken.
struct Marks {
    taken: HashSet<String>,
    new: Vec<(String, i64)>,
}

impl Marks {
    async fn load(tx: &Tx, marks: &[String]) -> Result<Self> {
        let rows = store::marks(tx, marks).await?;
        Ok(Self {
            taken: rows.into_iter().map(|it| it.mark).collect(),
            new: Vec::new(),
        })
    }

    fn take(&mut self, mark: String, line: i64) {
        self.taken.insert(mark.clone());
        self.new.push((mark, line));
    }

    fn save(self, tx: &Tx, import: ImportId) {
        let rows = self.new.into_iter().map(|(mark, line)| mark::ActiveModel {
            mark: Set(mark),
            import_id: Set(import.uuid()),
            line: Set(line),
        });
        tx.add(rows.collect());
    }
}

/// The mark of a line about one record: whoever comes back under the same name is somebody else, and
/// a record that was merged into another is still the one that the line was about.
fn mark_of(mark: &str, record: MemberId) -> String {
    hash_secret(&format!("{mark}\n{record}"))
}

/// A reference that a file of ours has written: what it names is here, if it came from here.
fn parsed<T: std::str::FromStr>(reference: Option<&String>) -> Option<T> {
    reference?.parse().ok()
}

async fn take_points(
    tx: &Tx,
    app: &App,
    lines: Vec<(i64, String, PointsLine)>,
    (import, actor): (ImportId, &str),
    outcome: &mut Outcome,
) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = lines.iter().map(|it| it.2.member.as_str()).collect();
    let people = named(tx, &names).await?;
    let own = lines
        .iter()
        .filter_map(|it| parsed(it.2.reference.as_ref()));
    let own: Vec<LotId> = own.collect();
    let own = points::known_lots(tx, &own).await?;
    let mut ready = Vec::new();
    for (line, mark, row) in lines {
        if parsed(row.reference.as_ref()).is_some_and(|it| own.contains(&it)) {
            outcome.unchanged += 1;
            continue;
        }
        match people.get(&row.member) {
            Some(it) => ready.push((line, mark_of(&mark, it.record), row, it.member.clone())),
            None => outcome.refuse(unknown_member(line)?),
        }
    }
    let wanted: Vec<String> = ready.iter().map(|it| it.1.clone()).collect();
    let mut marks = Marks::load(tx, &wanted).await?;
    let (mut openings, mut numbers) = (Vec::new(), Vec::new());
    // Above this a second person approves, which nobody does for a file.
    let most = points::policy_at(&app.rulebook(), tx.now())
        .1
        .approval_above;
    for (line, mark, row, member) in ready {
        if marks.taken.contains(&mark) {
            outcome.unchanged += 1;
            continue;
        }
        if row.points > most {
            outcome.refuse(Note::of(line, Some("points"), Fault::NeedsApproval));
            continue;
        }
        marks.take(mark, line);
        numbers.push(line);
        openings.push(Opening {
            member,
            amount: row.points,
            active_from: row.active_from,
            expires_at: row.expires_at,
            reference: format!("{import}/{line}"),
        });
    }
    let lots = points::open(tx, app, &openings, actor).await?;
    for (line, lot) in numbers.into_iter().zip(lots) {
        outcome.added += 1;
        let effect = Effect::Points(lot);
        outcome.effects.push(Did { line, effect });
    }
    marks.save(tx, import);
    Ok(())
}

async fn take_coupons(
    tx: &Tx,
    lines: Vec<(i64, String, CouponLine)>,
    import: ImportId,
    outcome: &mut Outcome,
) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = lines.iter().map(|it| it.2.member.as_str()).collect();
    let people = named(tx, &names).await?;
    let templates = coupons::service::template_names(tx).await?;
    let own = lines
        .iter()
        .filter_map(|it| parsed(it.2.reference.as_ref()));
    let own: Vec<CouponId> = own.collect();
    let own = coupons::service::known(tx, &own).await?;
    let mut ready = Vec::new();
    for (line, mark, row) in lines {
        if parsed(row.reference.as_ref()).is_some_and(|it| own.contains(&it)) {
            outcome.unchanged += 1;
            continue;
        }
        let template = match templates.meant(&row.template)[..] {
            [template] => template,
            [] => {
                let error = ErrorCode::CouponTemplateNotFound.into();
                outcome.refuse(refusal(line, Some("template"), &error)?);
                continue;
            }
            _ => {
                outcome.refuse(Note::of(line, Some("template"), Fault::Ambiguous));
                continue;
            }
        };
        match people.get(&row.member) {
            Some(it) => ready.push((line, mark_of(&mark, it.record), row, template, it.member.id)),
            None => outcome.refuse(unknown_member(line)?),
        }
    }
    let wanted: Vec<String> = ready.iter().map(|it| it.1.clone()).collect();
    let mut marks = Marks::load(tx, &wanted).await?;
    for (line, mark, row, template, member) in ready {
        if marks.taken.contains(&mark) {
            outcome.unchanged += 1;
            continue;
        }
        match give(tx, (import, line), (template, member), &row).await {
            Ok(coupon) => {
                marks.take(mark, line);
                outcome.added += 1;
                let effect = Effect::Coupon(coupon);
                outcome.effects.push(Did { line, effect });
            }
            Err(error) => outcome.refuse(refusal(line, Some("template"), &error)?),
        }
    }
    marks.save(tx, import);
    Ok(())
}

async fn give(
    tx: &Tx,
    (import, line): (ImportId, i64),
    (template, member): (CouponTemplateId, MemberId),
    row: &CouponLine,
) -> Result<CouponId> {
    let source = CouponSource {
        kind: CouponSourceKind::Import,
        reference: format!("{import}/{line}"),
    };
    let dates = (tx.now(), row.expires_at);
    coupons::service::publish_until(tx, template, member, &source, dates).await
}

/// What taking back a piece did.
#[derive(Default)]
pub(super) struct Undone {
    pub undone: i64,
    pub kept: i64,
    pub notes: Vec<Note>,
    /// Lines whose marks go, so that they can come again.
    pub free: Vec<i64>,
}

impl Undone {
    fn keep(&mut self, line: i64, fault: Fault) {
        self.kept += 1;
        self.notes.push(Note::of(line, None, fault));
    }
}

/// Takes back what the lines of a piece did, the last one first.
pub(super) async fn take_back(
    tx: &Tx,
    app: &App,
    done: Vec<Did>,
    (import, actor): (ImportId, &str),
) -> Result<Undone> {
    let mut undone = Undone::default();
    let (mut people, mut lots) = (Vec::new(), Vec::new());
    let (mut gifts, mut brought) = (Vec::new(), Vec::new());
    for Did { line, effect } in done.into_iter().rev() {
        match effect {
            Effect::Member(it) => people.push((line, it)),
            Effect::Points(lot) => lots.push((line, (lot, format!("{import}/{line}")))),
            Effect::Coupon(coupon) => gifts.push((line, coupon)),
            Effect::Order(order) => brought.push((line, order)),
        }
    }
    give_back_members(tx, people, actor, &mut undone).await?;
    give_back_points(tx, app, lots, actor, &mut undone).await?;
    give_back_coupons(tx, gifts, actor, &mut undone).await?;
    give_back_orders(tx, app, brought, (import, actor), &mut undone).await?;
    undone.notes.sort_by_key(|it| it.line);
    Ok(undone)
}

async fn give_back_members(
    tx: &Tx,
    people: Vec<(i64, Brought)>,
    actor: &str,
    undone: &mut Undone,
) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let (lines, done): (Vec<i64>, Vec<Brought>) = people.into_iter().unzip();
    let results = members::take_back(tx, &done, actor).await?;
    for (line, result) in lines.into_iter().zip(results) {
        match result {
            TakenBack::All => undone.undone += 1,
            TakenBack::Active => undone.keep(line, Fault::KeptActive),
            TakenBack::ChangedSince => undone.keep(line, Fault::KeptChanged),
            TakenBack::Gone => undone.keep(line, Fault::KeptGone),
            TakenBack::Taken => undone.keep(line, Fault::KeptTaken),
        }
    }
    Ok(())
}

async fn give_back_points(
    tx: &Tx,
    app: &App,
    lots: Vec<(i64, (LotId, String))>,
    actor: &str,
    undone: &mut Undone,
) -> Result<()> {
    if lots.is_empty() {
        return Ok(());
    }
    let (lines, openings): (Vec<i64>, Vec<(LotId, String)>) = lots.into_iter().unzip();
    let reversals = points::take_back(tx, app, &openings, actor).await?;
    for (line, it) in lines.into_iter().zip(reversals) {
        if it.taken < it.given {
            undone.keep(line, Fault::PartlyTaken);
            continue;
        }
        undone.undone += 1;
        undone.free.push(line);
        if it.owed > 0 {
            undone.notes.push(Note::of(line, None, Fault::Owed));
        }
    }
    Ok(())
}

async fn give_back_coupons(
    tx: &Tx,
    gifts: Vec<(i64, CouponId)>,
    actor: &str,
    undone: &mut Undone,
) -> Result<()> {
    for (line, coupon) in gifts {
        match coupons::service::revoke_unused(tx, coupon, actor).await {
            Ok(()) => {
                undone.undone += 1;
                undone.free.push(line);
            }
            Err(error) => match error.code() {
                Some(ErrorCode::CouponRevoked) => undone.undone += 1,
                Some(ErrorCode::CouponNotFound) => undone.keep(line, Fault::KeptMissing),
                Some(_) => undone.keep(line, Fault::KeptUsed),
                None => return Err(error),
            },
        }
    }
    Ok(())
}

/// Orders are cancelled as the shop would cancel them, so that all that followed from them follows.
async fn give_back_orders(
    tx: &Tx,
    app: &App,
    brought: Vec<(i64, String)>,
    (import, actor): (ImportId, &str),
    undone: &mut Undone,
) -> Result<()> {
    if brought.is_empty() {
        return Ok(());
    }
    let cancel = |(line, order): &(i64, String)| OrderEvent {
        reservation: None,
        event_id: format!("undo:{import}:{line}"),
        order_id: order.clone(),
        occurred_at: tx.now(),
        kind: EventKind::Cancelled,
        order: None,
        refunds: Vec::new(),
    };
    let events: Vec<OrderEvent> = brought.iter().map(cancel).collect();
    let results = orders::service::take_all(tx, app, &events, actor).await?;
    for ((line, _), result) in brought.into_iter().zip(results) {
        match result {
            Ok(_) => undone.undone += 1,
            Err(error) => match error.code() {
                Some(ErrorCode::EventNotApplicable) => undone.keep(line, Fault::KeptSettled),
                Some(_) => undone.keep(line, Fault::KeptRefused),
                None => return Err(error),
            },
        }
    }
    Ok(())
}
