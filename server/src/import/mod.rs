//! Bringing in a shop's order history, through the same rules as the API.
//!
//! A file is read whole before anything is written, so that a mistake in it changes nothing.
//! Orders go in by member, each member's in the order of time, so that points are earned, expire
//! and tiers change when they would have. Events have ids that follow from the file's content:
//! an import that was interrupted goes on where it stopped, and a second run changes nothing.

mod cdnow;
mod csv;
mod money;

use crate::App;
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::members::service::NewMember;
use crate::{members, orders, programme};
use shared::ids::MemberId;
use shared::orders::api::{EventKind, EventState, OrderEvent};
use shared::quantity::Currency;
use shared::time::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Orders of one write: enough that statements are few, few enough that memory is small.
const BATCH: usize = 1000;

/// What a file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Customer, date, number of items and dollars, separated by blanks.
    Cdnow,
    /// Comma-separated, with a header; see the README.
    Csv,
}

/// An order of the file: what happened to it, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOrder {
    /// Line of the file, counted from 1.
    pub line: usize,
    /// The shop's customer id.
    pub customer: String,
    /// Amount in minor units.
    pub amount: i64,
    /// Paid, then perhaps refunded.
    pub events: Vec<OrderEvent>,
}

/// A line that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Line of the file, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct FileContent {
    /// Orders in the file's own order.
    pub orders: Vec<FileOrder>,
    /// Lines that cannot be read.
    pub bad: Vec<BadLine>,
    /// The currency of its amounts.
    pub currency: Option<Currency>,
}

/// What an import did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Orders of the file that are in the database now.
    pub orders: usize,
    /// Of these, orders that this run added.
    pub new_orders: usize,
    /// Members who placed them.
    pub members: usize,
    /// Of these, members whom this run added.
    pub new_members: usize,
    /// Sum of the orders in minor units.
    pub amount: i64,
    /// Orders that the rules refused, by line.
    pub refused: Vec<BadLine>,
}

/// Reads a file whole.
///
/// # Errors
/// When it cannot be read at all; wrong lines are part of the answer.
pub fn read(path: &Path, format: Format, app: &App) -> Result<FileContent> {
    let rulebook = app.rulebook();
    let failed = |error: std::io::Error| {
        AppError::internal(format!("cannot read {}: {error}", path.display()))
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    let reader = std::io::BufReader::new(file);
    match format {
        Format::Cdnow => cdnow::read(reader, &rulebook.zone).map_err(failed),
        Format::Csv => csv::read(reader, &rulebook.zone).map_err(AppError::internal),
    }
}

/// Imports what a file holds; `progress` hears how many orders are done.
///
/// # Errors
/// When the file's currency is not the programme's (an empty programme takes the file's), or the
/// database fails.
pub async fn import(
    app: &App,
    content: FileContent,
    mut progress: impl FnMut(usize),
) -> Result<Imported> {
    if let Some(currency) = content.currency {
        take_currency(app, currency).await?;
    }
    let mut by_customer: BTreeMap<String, Vec<FileOrder>> = BTreeMap::new();
    for order in content.orders {
        by_customer
            .entry(order.customer.clone())
            .or_default()
            .push(order);
    }
    let mut done = Imported::default();
    let mut batch: Vec<(String, Vec<FileOrder>)> = Vec::new();
    let mut waiting = 0;
    let mut customers = by_customer.into_iter().peekable();
    while let Some((customer, mut orders)) = customers.next() {
        orders.sort_by_key(|it| it.events.first().map(|it| it.occurred_at));
        waiting += orders.len();
        batch.push((customer, orders));
        if waiting >= BATCH || customers.peek().is_none() {
            let args = (app.clone(), std::mem::take(&mut batch));
            let written = app
                .db
                .write(args, |tx, (app, batch)| Box::pin(write(tx, app, batch)))
                .await?;
            done.add(written);
            progress(waiting);
            waiting = 0;
        }
    }
    Ok(done)
}

impl Imported {
    fn add(&mut self, other: Self) {
        self.orders += other.orders;
        self.new_orders += other.new_orders;
        self.members += other.members;
        self.new_members += other.new_members;
        self.amount += other.amount;
        self.refused.extend(other.refused);
    }
}

/// A programme without orders takes the file's currency; otherwise they must be the same.
async fn take_currency(app: &App, currency: Currency) -> Result<()> {
    let mut current = app.rulebook().programme.clone();
    if current.currency == currency {
        return Ok(());
    }
    if orders::service::any(app.db.read()).await? {
        return Err(AppError::internal(format!(
            "the file is in {currency}, but the programme has orders in {}",
            current.currency
        )));
    }
    current.currency = currency;
    programme::service::set_programme(app, current, "system".to_owned()).await?;
    Ok(())
}

async fn write(tx: &Tx, app: &App, batch: &[(String, Vec<FileOrder>)]) -> Result<Imported> {
    tx.write_history();
    let new_members = make_members(tx, app, batch).await?;
    let events: Vec<OrderEvent> = batch
        .iter()
        .flat_map(|it| &it.1)
        .flat_map(|it| it.events.clone())
        .collect();
    let results = orders::service::take_all(tx, app, &events, "system").await?;
    let mut results = results.into_iter();
    let mut done = Imported {
        members: batch.len(),
        new_members,
        ..Imported::default()
    };
    for order in batch.iter().flat_map(|it| &it.1) {
        let mut refused = None;
        let mut new = false;
        for event in &order.events {
            match results.next() {
                Some(Ok(result)) => {
                    new |= event.kind == EventKind::Paid && result.state != EventState::Duplicate
                }
                Some(Err(error)) => refused = Some(error),
                None => refused = Some(AppError::internal("an event had no result")),
            }
        }
        match refused {
            Some(error) => done.refused.push(BadLine {
                line: order.line,
                reason: error.to_string(),
            }),
            None => {
                done.orders += 1;
                done.new_orders += usize::from(new);
                done.amount += order.amount;
            }
        }
    }
    Ok(done)
}

/// Makes the members that do not exist yet, joined with their first order.
async fn make_members(tx: &Tx, app: &App, batch: &[(String, Vec<FileOrder>)]) -> Result<usize> {
    let references: Vec<String> = batch.iter().map(|it| format!("ext:{}", it.0)).collect();
    let known: HashMap<String, MemberId> = members::service::resolve_all(tx, &references)
        .await?
        .into_iter()
        .collect();
    let new = batch
        .iter()
        .filter(|it| !known.contains_key(&format!("ext:{}", it.0)));
    let new: Vec<NewMember> = new
        .map(|(customer, orders)| NewMember {
            external_id: Some(customer.clone()),
            joined_at: orders
                .first()
                .and_then(|it| it.events.first())
                .map(|it| it.occurred_at),
            ..NewMember::default()
        })
        .collect();
    Ok(members::service::create_all(tx, app, new).await?.len())
}

/// The event that an order was paid.
fn paid(order_id: &str, at: Timestamp, contents: shared::orders::api::Contents) -> OrderEvent {
    OrderEvent {
        event_id: format!("{order_id}:paid"),
        order_id: order_id.to_owned(),
        occurred_at: at,
        kind: EventKind::Paid,
        order: Some(contents),
        refunds: Vec::new(),
    }
}
