//! Bringing in a shop's order history, through the same rules as the API.
//!
//! A file is read whole before anything is written, so that a mistake in it changes nothing.
//! Orders go in by member, each member's in the order of time, so that points are earned, expire
//! and tiers change when they would have. Events have ids that follow from the file's content:
//! an import that was interrupted goes on where it stopped, and a second run changes nothing.

mod cdnow;
pub(crate) mod csv;
mod money;

use crate::App;
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::members::service::NewMember;
use crate::{members, orders, programme};
use serde::{Deserialize, Serialize};
use shared::ids::MemberId;
use shared::orders::OrderLine;
use shared::orders::api::{Contents, EventKind, EventResult, EventState, OrderEvent, RefundLine};
use shared::quantity::Currency;
use shared::text::{Locale, Text};
use shared::time::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// Orders by customer, each customer's in the order of time.
type Batch = Vec<(Arc<str>, Vec<FileOrder>)>;

/// Orders of one write: enough that statements are few, few enough that memory is small.
const BATCH: usize = 500;

/// What a file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Customer, date, number of items and dollars, separated by blanks.
    Cdnow,
    /// Comma-separated, with a header; see the README.
    Csv,
}

/// An order of the file, small because a file has many: its events are made when it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOrder {
    /// Line of the file, counted from 1.
    pub line: usize,
    /// The shop's order id.
    pub order_id: Box<str>,
    /// The shop's customer id.
    #[serde(with = "text")]
    pub customer: Arc<str>,
    /// When it was paid.
    pub paid_at: Timestamp,
    /// What was bought; a line's id is its place, from 1.
    pub lines: Vec<FileLine>,
    /// What was given back and when.
    pub refunds: Vec<(Timestamp, RefundLine)>,
}

/// A line of an order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLine {
    /// The product.
    #[serde(with = "text")]
    pub sku: Arc<str>,
    /// The product's category.
    #[serde(with = "text_or_none")]
    pub category: Option<Arc<str>>,
    /// How many.
    pub quantity: i64,
    /// What all of them cost, in minor units.
    pub amount: i64,
}

/// A shared text as JSON.
mod text {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::sync::Arc;

    pub(super) fn serialize<S: Serializer>(it: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(it)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(from).map(Arc::from)
    }
}

/// A shared text, or none, as JSON.
mod text_or_none {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::Arc;

    pub(super) fn serialize<S: Serializer>(
        it: &Option<Arc<str>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        it.as_deref().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Arc<str>>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        Ok(text.map(Arc::from))
    }
}

/// Texts that a file repeats, each kept once.
#[derive(Default)]
struct Texts(HashSet<Arc<str>>);

impl Texts {
    fn keep(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let new: Arc<str> = text.into();
        self.0.insert(new.clone());
        new
    }
}

impl FileOrder {
    /// Sum of the lines in minor units.
    #[must_use]
    pub fn amount(&self) -> i64 {
        self.lines.iter().map(|it| it.amount).sum()
    }

    /// What is in the order.
    #[must_use]
    pub fn contents(&self, currency: Currency) -> Contents {
        let lines = self
            .lines
            .iter()
            .zip(1..)
            .map(|(it, place): (_, usize)| OrderLine {
                claim: None,
                line_id: place.to_string(),
                sku: it.sku.to_string(),
                category: it.category.as_deref().map(str::to_owned),
                quantity: it.quantity,
                amount: it.amount,
            });
        Contents {
            member: Some(format!("ext:{}", self.customer)),
            currency,
            lines: lines.collect(),
        }
    }

    /// What happened to it: paid, then perhaps refunded, oldest first.
    #[must_use]
    pub fn events(&self, currency: Currency) -> Vec<OrderEvent> {
        let event = |name: String, occurred_at, kind| OrderEvent {
            reservation: None,
            event_id: format!("{}:{name}", self.order_id),
            order_id: self.order_id.to_string(),
            occurred_at,
            kind,
            order: None,
            refunds: Vec::new(),
        };
        let paid = OrderEvent {
            order: Some(self.contents(currency)),
            ..event("paid".to_owned(), self.paid_at, EventKind::Paid)
        };
        let refund = |(at, refund): &(Timestamp, RefundLine)| OrderEvent {
            refunds: vec![refund.clone()],
            ..event(
                format!("refund:{}", refund.line_id),
                *at,
                EventKind::Refunded,
            )
        };
        std::iter::once(paid)
            .chain(self.refunds.iter().map(refund))
            .collect()
    }
}

/// A line that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Line of the file, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: Text,
    /// What stands there instead of what belongs there.
    pub found: Option<String>,
}

impl BadLine {
    /// What is wrong with it and what stands there.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.found {
            Some(found) => format!("{}: {found}", self.reason.en),
            None => self.reason.en.clone(),
        }
    }
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct FileContent {
    /// Orders in the file's own order.
    pub orders: Vec<FileOrder>,
    /// Lines that cannot be read.
    pub bad: Vec<BadLine>,
    /// How many more there are than are kept.
    pub unlisted: usize,
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
        Format::Csv => csv::read(reader, &rulebook.zone, app.db.now()).map_err(AppError::internal),
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
    let currency = content
        .currency
        .unwrap_or(app.rulebook().programme.currency);
    take_currency(app, currency).await?;
    let mut by_customer: BTreeMap<Arc<str>, Vec<FileOrder>> = BTreeMap::new();
    for order in content.orders {
        by_customer
            .entry(order.customer.clone())
            .or_default()
            .push(order);
    }
    let mut done = Imported::default();
    let mut batch: Batch = Vec::new();
    let mut waiting = 0;
    // A customer with many orders stands in several batches, one after the other.
    let mut last: Option<Arc<str>> = None;
    let mut orders = by_customer.into_values().flat_map(|mut own| {
        own.sort_by_key(|it| it.paid_at);
        own
    });
    loop {
        let next = orders.next();
        let is_over = next.is_none();
        if let Some(order) = next {
            waiting += 1;
            match batch.last_mut() {
                Some((customer, own)) if *customer == order.customer => own.push(order),
                _ => batch.push((order.customer.clone(), vec![order])),
            }
        }
        if !batch.is_empty() && (waiting >= BATCH || is_over) {
            let args = (app.clone(), std::mem::take(&mut batch), currency);
            let write = app.db.write(args, |tx, (app, batch, currency)| {
                Box::pin(write(tx, app, batch, *currency))
            });
            let (written, members) = write.await?;
            done.add(written);
            done.members += members.len();
            if last.is_some() && members.first() == last.as_ref() {
                done.members -= 1;
            }
            last = members.last().cloned().or(last);
            progress(std::mem::take(&mut waiting));
        }
        if is_over {
            return Ok(done);
        }
    }
}

impl Imported {
    fn add(&mut self, other: Self) {
        self.orders += other.orders;
        self.new_orders += other.new_orders;
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
    let seen = current.clone();
    current.currency = currency;
    programme::service::set_programme(app, current, seen, "system".to_owned()).await?;
    Ok(())
}

/// Writes a batch; answers with what it did, but for the number of members, who are named instead.
async fn write(
    tx: &Tx,
    app: &App,
    batch: &Batch,
    currency: Currency,
) -> Result<(Imported, Vec<Arc<str>>)> {
    let taken = take(tx, app, batch, currency, "system").await?;
    let mut done = Imported {
        new_members: taken.new_members,
        ..Imported::default()
    };
    for order in taken.orders {
        match order.fate {
            Ok(fate) => {
                done.orders += 1;
                done.new_orders += usize::from(fate == Fate::New);
                done.amount += order.amount;
            }
            Err(error) => done.refused.push(BadLine {
                line: order.line,
                reason: reason(&error),
                found: None,
            }),
        }
    }
    let customers = batch.iter().map(|it| it.0.clone());
    let members = customers.filter(|it| !taken.nobody.contains(it));
    Ok((done, members.collect()))
}

/// Why an order was refused, in both languages.
fn reason(error: &AppError) -> Text {
    match error {
        AppError::Refused(it) => {
            let detail = it.detail.clone();
            let wrong = it.errors.first();
            let wrong = wrong.map(|it| format!("{}: {}", it.pointer, it.message));
            let detail = detail
                .or(wrong)
                .map_or_else(String::new, |it| format!(" {it}"));
            let (zh, en) = (it.code.title(Locale::ZhCn), it.code.title(Locale::En));
            Text::new(format!("{zh}{detail}"), format!("{en}{detail}"))
        }
        AppError::Database(_) | AppError::Internal(_) => {
            Text::new(error.to_string(), error.to_string())
        }
    }
}

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its payment was not known.
    New,
    /// It was known, and a refund was not.
    Changed,
    /// All of it was known.
    Known,
}

/// An order of a batch, and what became of it.
pub(crate) struct TakenOrder {
    /// Line of the file.
    pub line: usize,
    /// The shop's order id.
    pub order_id: Box<str>,
    /// Sum of its lines.
    pub amount: i64,
    /// Whether its payment was applied now, also when a refund was refused after it.
    pub paid: bool,
    /// What became of it; or why all or a part of it was refused.
    pub fate: Result<Fate>,
}

/// What became of a batch.
pub(crate) struct Taken {
    /// Each order, in its order.
    pub orders: Vec<TakenOrder>,
    /// Members who were made.
    pub new_members: usize,
    /// Customers who did not become members, because all their orders were refused.
    pub nobody: HashSet<Arc<str>>,
}

/// Takes the orders of some customers, by the same rules as the API.
pub(crate) async fn take(
    tx: &Tx,
    app: &App,
    batch: &[(Arc<str>, Vec<FileOrder>)],
    currency: Currency,
    actor: &str,
) -> Result<Taken> {
    tx.write_history();
    let mut made = make_members(tx, app, batch).await?;
    let all = made.len();
    let orders: Vec<(&Arc<str>, &FileOrder)> = batch
        .iter()
        .flat_map(|(customer, orders)| orders.iter().map(move |it| (customer, it)))
        .collect();
    let events: Vec<OrderEvent> = orders.iter().flat_map(|it| it.1.events(currency)).collect();
    let results = orders::service::take_all(tx, app, &events, actor).await?;
    let mut results = results.into_iter();
    let mut taken = Vec::with_capacity(orders.len());
    for (customer, order) in orders {
        // One result for the payment and one a refund.
        let own: Vec<_> = results.by_ref().take(1 + order.refunds.len()).collect();
        if own.iter().any(Result::is_ok) {
            made.remove(customer);
        }
        let is_new = |it: &Result<EventResult>| {
            it.as_ref()
                .is_ok_and(|it| it.state != EventState::Duplicate)
        };
        let paid = own.first().is_some_and(is_new);
        let changed = own.iter().any(is_new);
        let own = own.into_iter().collect::<Result<Vec<_>>>();
        taken.push(TakenOrder {
            line: order.line,
            order_id: order.order_id.clone(),
            amount: order.amount(),
            paid,
            fate: own.map(|_| match (paid, changed) {
                (true, _) => Fate::New,
                (false, true) => Fate::Changed,
                (false, false) => Fate::Known,
            }),
        });
    }
    // Nobody becomes a member by orders that were all refused.
    let gone: Vec<MemberId> = made.values().copied().collect();
    members::service::unmake(tx, &gone).await?;
    Ok(Taken {
        orders: taken,
        new_members: all - gone.len(),
        nobody: made.into_keys().collect(),
    })
}

/// Makes the members that do not exist yet, joined with their first order; answers who they are.
async fn make_members(
    tx: &Tx,
    app: &App,
    batch: &[(Arc<str>, Vec<FileOrder>)],
) -> Result<HashMap<Arc<str>, MemberId>> {
    let references: Vec<String> = batch.iter().map(|it| format!("ext:{}", it.0)).collect();
    let known: HashMap<String, MemberId> = members::service::resolve_all(tx, &references)
        .await?
        .into_iter()
        .collect();
    let new: Vec<&(Arc<str>, Vec<FileOrder>)> = batch
        .iter()
        .filter(|it| !known.contains_key(&format!("ext:{}", it.0)))
        .collect();
    let members = new.iter().map(|(customer, orders)| NewMember {
        external_id: Some(customer.to_string()),
        joined_at: orders.first().map(|it| it.paid_at),
        ..NewMember::default()
    });
    let ids = members::service::create_all(tx, app, members.collect()).await?;
    let customers = new.iter().map(|it| it.0.clone());
    Ok(customers.zip(ids).collect())
}
