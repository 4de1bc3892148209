//! Taking order events: one path for one event, a batch of the API, and an import.
//!
//! All orders, members and balances that a batch touches are loaded at once, events are applied in
//! memory one after another, and what changed is written with a few statements.

use super::super::effects::{Effects, conclude};
use super::super::store::{self, event};
use crate::App;
use crate::coupons::{self, service::Returned};
use crate::db::Tx;
use crate::db::text::{DbText, from_json, to_json};
use crate::error::{AppError, Result};
use crate::ids::{Ids, hash_secret};
use crate::members::{self, service::MemberFacts};
use crate::points::service::{Books, receipt_lots};
use crate::programme::Rulebook;
use crate::tiers::service::Standings;
use shared::ids::{LotId, MemberId, OrderId};
use shared::members::MemberStatus;
use shared::orders::Order;
use shared::orders::api::{EventResult, EventState, OrderEvent};
use shared::orders::rules::{Consequence, Outcome, Refusal, accept, announced, check_event};
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// How far ahead of our clock an event may be dated, in milliseconds: clocks differ.
const AHEAD_MS: i64 = 10 * 60_000;

/// Whether an event is dated further ahead than clocks differ.
#[must_use]
pub const fn is_ahead(occurred_at: Timestamp, now: Timestamp) -> bool {
    occurred_at.as_millis() > now.plus_millis(AHEAD_MS).as_millis()
}

/// Takes one event.
///
/// # Errors
/// Why it is refused; nothing is kept then.
pub async fn take(tx: &Tx, app: &App, event: &OrderEvent, actor: &str) -> Result<EventResult> {
    let mut results = take_all(tx, app, std::slice::from_ref(event), actor).await?;
    results
        .pop()
        .unwrap_or_else(|| Err(AppError::internal("an event had no result")))
}

/// Takes events in the order given, each for itself: a refused one does not hold up the others.
///
/// # Errors
/// When the database fails; then none of them stands.
pub async fn take_all(
    tx: &Tx,
    app: &App,
    events: &[OrderEvent],
    actor: &str,
) -> Result<Vec<Result<EventResult>>> {
    let rulebook = app.rulebook();
    let mut intake = Intake::load(tx, rulebook, events).await?;
    let mut results = Vec::with_capacity(events.len());
    for event in events {
        results.push(intake.take(event));
    }
    intake.save(tx, app, actor).await?;
    Ok(results)
}

/// Gives a guest's order to a member.
///
/// # Errors
/// `orders.not_found`, `orders.already_claimed`, `members.not_found`.
pub async fn claim(
    tx: &Tx,
    app: &App,
    external_id: &str,
    member: MemberId,
    actor: &str,
) -> Result<()> {
    members::service::lock_existing(tx, member).await?;
    let mut intake = Intake::load_orders(tx, app.rulebook(), &[external_id], &[member]).await?;
    let order = intake
        .orders
        .get(external_id)
        .ok_or(ErrorCode::OrderNotFound)?;
    match order.member {
        Some(owner) if owner == member => return Ok(()),
        Some(_) => return Err(ErrorCode::OrderAlreadyClaimed.into()),
        None => {}
    }
    let mut order = order.clone();
    order.member = Some(member);
    let consequence = if order.times.paid_at.is_some() {
        Consequence::Earns
    } else {
        Consequence::None
    };
    let event_id = claim_event(order.id);
    intake.follow(order, consequence, &event_id, intake.now);
    intake.save(tx, app, actor).await
}

/// What the ledger calls a claim, where it names the event of a refund.
#[must_use]
pub fn claim_event(order: OrderId) -> String {
    format!("claim-{order}")
}

/// Everything that a batch of events works on.
struct Intake {
    rulebook: Arc<Rulebook>,
    now: Timestamp,
    is_history: bool,
    ids: Ids,
    known: HashMap<String, event::Model>,
    waiting: BTreeMap<OrderId, Vec<OrderEvent>>,
    orders: HashMap<String, Order>,
    changed: BTreeSet<String>,
    references: HashMap<String, MemberId>,
    members: HashMap<MemberId, MemberFacts>,
    books: Books,
    standings: Standings,
    coupons: Vec<Returned>,
    event_rows: Vec<event::Model>,
}

impl Intake {
    async fn load(tx: &Tx, rulebook: Arc<Rulebook>, events: &[OrderEvent]) -> Result<Self> {
        let references: BTreeSet<String> = events
            .iter()
            .filter_map(|it| it.order.as_ref()?.member.clone())
            .collect();
        let references: Vec<String> = references.into_iter().collect();
        let references = members::service::resolve_all(tx, &references).await?;
        let named: Vec<MemberId> = references.iter().map(|it| it.1).collect();
        let order_ids: BTreeSet<&str> = events.iter().map(|it| it.order_id.as_str()).collect();
        let order_ids: Vec<&str> = order_ids.into_iter().collect();
        let mut intake = Self::load_orders(tx, rulebook, &order_ids, &named).await?;
        let merged = |it: &MemberId| {
            let facts = intake.members.get(it);
            facts.is_some_and(|it| it.status == MemberStatus::Merged)
        };
        if named.iter().any(merged) {
            // Merged between the two queries; the next attempt finds who goes on.
            return Err(AppError::retry_later(ErrorCode::Overloaded, 1));
        }
        // Read under the locks: whoever sent the same event at the same moment has committed by now.
        let event_ids: Vec<&str> = events.iter().map(|it| it.event_id.as_str()).collect();
        let known = store::events(tx, &event_ids).await?;
        intake.known = known
            .into_iter()
            .map(|it| (it.event_id.clone(), it))
            .collect();
        intake.references = references.into_iter().collect();
        Ok(intake)
    }

    /// Takes members before orders, like every other write, so that no two wait for each other.
    async fn load_orders(
        tx: &Tx,
        rulebook: Arc<Rulebook>,
        ids: &[&str],
        named: &[MemberId],
    ) -> Result<Self> {
        let owners = store::owners(tx, ids).await?;
        let members: BTreeSet<MemberId> = named.iter().copied().chain(owners).collect();
        let members: Vec<MemberId> = members.into_iter().collect();
        let facts = if members.is_empty() {
            Vec::new()
        } else {
            members::service::lock(tx, &members).await?
        };
        let rows = store::lock_by_external(tx, ids).await?;
        let orders = rows
            .iter()
            .map(store::to_order)
            .collect::<Result<Vec<_>>>()?;
        if orders
            .iter()
            .filter_map(|it| it.member)
            .any(|it| !members.contains(&it))
        {
            // The order found its owner between the two queries; the next attempt takes them too.
            return Err(AppError::retry_later(ErrorCode::Overloaded, 1));
        }
        let lots: Vec<LotId> = orders.iter().flat_map(receipt_lots).collect();
        let unfinished: Vec<_> = orders
            .iter()
            .filter(|it| it.times.paid_at.is_none())
            .map(|it| it.id.uuid())
            .collect();
        let mut waiting: BTreeMap<OrderId, Vec<OrderEvent>> = BTreeMap::new();
        for row in store::waiting_events(tx, &unfinished).await? {
            waiting
                .entry(row.order_id.into())
                .or_default()
                .push(from_json(&row.body)?);
        }
        Ok(Self {
            now: tx.now(),
            is_history: tx.is_history(),
            ids: tx.ids(),
            known: HashMap::new(),
            waiting,
            orders: orders
                .into_iter()
                .map(|it| (it.external_id.clone(), it))
                .collect(),
            changed: BTreeSet::new(),
            references: HashMap::new(),
            books: Books::load(tx, &members, &lots).await?,
            standings: Standings::load(tx, rulebook.clone(), &facts).await?,
            coupons: Vec::new(),
            members: facts.into_iter().map(|it| (it.id, it)).collect(),
            rulebook,
            event_rows: Vec::new(),
        })
    }

    fn take(&mut self, event: &OrderEvent) -> Result<EventResult> {
        let mut errors = check_event(event, self.rulebook.programme.currency);
        if is_ahead(event.occurred_at, self.now) {
            errors.push(shared::problem::FieldError::new(
                "/occurred_at",
                "out_of_range",
                "expected a time in the past",
            ));
        }
        if !errors.is_empty() {
            return Err(AppError::invalid(errors));
        }
        let body = to_json(event)?;
        let content_hash = hash_secret(&body);
        if let Some(known) = self.known.get(&event.event_id) {
            return if known.content_hash == content_hash {
                let (event_id, id) = (event.event_id.clone(), known.order_id.into());
                Ok(EventResult {
                    event_id,
                    id,
                    state: EventState::Duplicate,
                })
            } else {
                Err(ErrorCode::EventConflict.into())
            };
        }
        let order = self.order_for(event)?;
        let id = order.id;
        let state = self.apply(order, event)?;
        let row = event::Model {
            event_id: event.event_id.clone(),
            order_id: id.uuid(),
            kind: event.kind.to_db().to_owned(),
            occurred_at: event.occurred_at.as_millis(),
            received_at: self.now.as_millis(),
            state: if state == EventState::Waiting {
                "waiting"
            } else {
                "applied"
            }
            .to_owned(),
            content_hash,
            body,
            refused_code: None,
        };
        self.known.insert(event.event_id.clone(), row.clone());
        self.event_rows.push(row);
        if state == EventState::Applied {
            self.apply_waiting(&event.order_id);
        }
        Ok(EventResult {
            event_id: event.event_id.clone(),
            id,
            state,
        })
    }

    /// The order that an event is about, with the member that the event names.
    fn order_for(&mut self, event: &OrderEvent) -> Result<Order> {
        let mut order = match self.orders.get(&event.order_id) {
            Some(order) => order.clone(),
            None => {
                let id = OrderId::generate(&mut self.ids);
                announced(id, event.order_id.clone(), self.rulebook.programme.currency)
            }
        };
        if let Some(reference) = event.order.as_ref().and_then(|it| it.member.as_ref()) {
            let member = self.member(reference)?;
            match order.member {
                Some(owner) if owner != member => return Err(refusal(&Refusal::OtherMember)),
                _ => order.member = Some(member),
            }
        }
        Ok(order)
    }

    fn member(&self, reference: &str) -> Result<MemberId> {
        let id = self.references.get(reference).copied();
        let facts = id.and_then(|it| self.members.get(&it));
        let facts = facts.filter(|it| !it.status.is_gone());
        facts
            .map(|it| it.id)
            .ok_or_else(|| AppError::refused(ErrorCode::MemberNotFound, reference))
    }

    fn apply(&mut self, order: Order, event: &OrderEvent) -> Result<EventState> {
        match accept(&order, event).map_err(|it| refusal(&it))? {
            Outcome::Waits => {
                self.waiting
                    .entry(order.id)
                    .or_default()
                    .push(event.clone());
                self.keep(order);
                Ok(EventState::Waiting)
            }
            Outcome::Applies { order, consequence } => {
                self.follow(*order, consequence, &event.event_id, event.occurred_at);
                Ok(EventState::Applied)
            }
        }
    }

    fn follow(
        &mut self,
        mut order: Order,
        consequence: Consequence,
        event_id: &str,
        at: Timestamp,
    ) {
        let mut effects = Effects {
            rulebook: &self.rulebook,
            books: &mut self.books,
            standings: &mut self.standings,
            coupons: &mut self.coupons,
            ids: &mut self.ids,
            now: self.now,
            is_history: self.is_history,
        };
        effects.follow(&mut order, consequence, event_id, at);
        self.keep(order);
    }

    fn keep(&mut self, order: Order) {
        self.changed.insert(order.external_id.clone());
        self.orders.insert(order.external_id.clone(), order);
    }

    /// Events that waited for the one that was just applied, oldest first, until none moves.
    fn apply_waiting(&mut self, external_id: &str) {
        let Some(id) = self.orders.get(external_id).map(|it| it.id) else {
            return;
        };
        let mut waiting = self.waiting.remove(&id).unwrap_or_default();
        waiting.sort_by(|a, b| (a.occurred_at, &a.event_id).cmp(&(b.occurred_at, &b.event_id)));
        let mut moved = true;
        while moved && !waiting.is_empty() {
            moved = false;
            for event in std::mem::take(&mut waiting) {
                let Some(order) = self.orders.get(external_id).cloned() else {
                    return;
                };
                match accept(&order, &event) {
                    Ok(Outcome::Waits) => waiting.push(event),
                    Ok(Outcome::Applies { order, consequence }) => {
                        self.follow(*order, consequence, &event.event_id, event.occurred_at);
                        self.note_waiting(&event, "applied", None);
                        moved = true;
                    }
                    Err(refused) => {
                        self.note_waiting(&event, "refused", Some(refused.code().as_str()));
                        moved = true;
                    }
                }
            }
        }
        if !waiting.is_empty() {
            self.waiting.insert(id, waiting);
        }
    }

    fn note_waiting(&mut self, event: &OrderEvent, state: &str, code: Option<&str>) {
        let row = self
            .event_rows
            .iter_mut()
            .find(|it| it.event_id == event.event_id);
        if let Some(row) = row {
            state.clone_into(&mut row.state);
            row.refused_code = code.map(str::to_owned);
            return;
        }
        let body = to_json(event).unwrap_or_default();
        let order_id = self
            .orders
            .get(&event.order_id)
            .map(|it| it.id.uuid())
            .unwrap_or_default();
        self.event_rows.push(event::Model {
            event_id: event.event_id.clone(),
            order_id,
            kind: event.kind.to_db().to_owned(),
            occurred_at: event.occurred_at.as_millis(),
            received_at: self.now.as_millis(),
            state: state.to_owned(),
            content_hash: hash_secret(&body),
            body,
            refused_code: code.map(str::to_owned),
        });
    }

    async fn save(mut self, tx: &Tx, app: &App, actor: &str) -> Result<()> {
        let orders: Vec<&Order> = self
            .changed
            .iter()
            .filter_map(|it| self.orders.get(it))
            .collect();
        let touched: HashSet<MemberId> = orders.iter().filter_map(|it| it.member).collect();
        for member in touched {
            self.books.advance(member, self.now);
        }
        let effects = Effects {
            rulebook: &self.rulebook,
            books: &mut self.books,
            standings: &mut self.standings,
            coupons: &mut self.coupons,
            ids: &mut self.ids,
            now: self.now,
            is_history: self.is_history,
        };
        conclude(tx, app, &orders, effects).await?;
        store::save_orders(tx, &orders, self.now).await?;
        store::save_events(tx, self.event_rows).await?;
        self.books.save(tx, actor).await?;
        self.standings.save(tx).await?;
        coupons::service::give_back(tx, &self.coupons).await
    }
}

fn refusal(refusal: &Refusal) -> AppError {
    let detail = match refusal {
        Refusal::UnknownLine { line_id } => line_id.clone(),
        Refusal::ExceedsOrder { line_id, left } => format!("{line_id}: {left} left"),
        Refusal::NotApplicable | Refusal::OtherMember => return refusal.code().into(),
    };
    AppError::refused(refusal.code(), detail)
}
