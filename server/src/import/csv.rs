//! The general file: comma-separated with a header, a row an order line.

use super::money::minor_units;
use super::{BadLine, FileContent, FileLine, FileOrder, Texts};
use crate::orders::service::is_ahead;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use shared::ids::OrderId;
use shared::orders::api::RefundLine;
use shared::orders::rules::{Outcome, Refusal, accept, announced, check_event, is_reference};
use shared::problem::FieldError;
use shared::quantity::Currency;
use shared::text::Text;
use shared::time::{Timestamp, start_of_day};
use std::collections::{HashMap, HashSet};
use std::io::Read;

/// Noon, in milliseconds after the day's start: for files that know days only.
const NOON_MS: i64 = 12 * 3_600_000;

/// A row as it is written.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    order_id: String,
    member: String,
    paid_at: String,
    currency: String,
    sku: String,
    #[serde(default)]
    category: Option<String>,
    quantity: String,
    amount: String,
    #[serde(default)]
    refunded_quantity: Option<String>,
    #[serde(default)]
    refunded_amount: Option<String>,
    #[serde(default)]
    refunded_at: Option<String>,
}

impl Row {
    /// A row from the cells of its columns, in their order.
    pub(crate) fn of(cells: Vec<Option<String>>) -> Self {
        let mut cells = cells.into_iter().map(Option::unwrap_or_default);
        let mut next = || cells.next().unwrap_or_default();
        Self {
            order_id: next(),
            member: next(),
            paid_at: next(),
            currency: next(),
            sku: next(),
            category: Some(next()),
            quantity: next(),
            amount: next(),
            refunded_quantity: Some(next()),
            refunded_amount: Some(next()),
            refunded_at: Some(next()),
        }
    }
}

/// Longest id of an order, a member or a product in a file, in characters: the ids of events are
/// made of them.
const MAX_ID: usize = 90;

/// Puts rows together to orders.
pub(crate) struct Collector<'a> {
    zone: &'a TimeZone,
    now: Timestamp,
    most: usize,
    content: FileContent,
    places: HashMap<String, usize>,
    spoiled: HashSet<String>,
    beside: HashSet<String>,
    /// First lines of orders that are noted already.
    noted: HashSet<usize>,
    /// The order of the row before.
    last: Option<String>,
    /// That rows could not be read: the order before them, and the one that they seem to name.
    doubt: Option<(Option<String>, Option<String>)>,
    texts: Texts,
}

impl<'a> Collector<'a> {
    /// Nothing yet; days are those of `zone`, and of wrong lines at most `most` are kept.
    pub(crate) fn new(zone: &'a TimeZone, now: Timestamp, most: usize) -> Self {
        Self {
            zone,
            now,
            most,
            content: FileContent::default(),
            places: HashMap::new(),
            spoiled: HashSet::new(),
            beside: HashSet::new(),
            noted: HashSet::new(),
            last: None,
            doubt: None,
            texts: Texts::default(),
        }
    }

    /// Takes a row, which is a line of the order that it names.
    pub(crate) fn take(&mut self, line: usize, row: &Row) {
        let id = &row.order_id;
        if !is_id(id) {
            return self.lost(line, not_an_id("order_id"), None);
        }
        if let Some((before, named)) = self.doubt.take()
            && named.as_ref() != Some(id)
        {
            self.beside.extend(before);
            self.beside.insert(id.clone());
        }
        self.last = Some(id.clone());
        if let Err(wrong) = self.add(row, line) {
            self.spoil(line, wrong, id.clone());
        }
    }

    /// Notes a row that is wrong, and with it the order that it belongs to.
    pub(crate) fn spoil(&mut self, line: usize, wrong: Wrong, order: String) {
        let place = self.places.get(&order);
        if place.is_some_and(|it| self.content.orders[*it].line == line) {
            self.noted.insert(line);
        }
        self.spoiled.insert(order);
        self.note(line, wrong);
    }

    /// Notes a row that cannot be read, and what seems to be its order. The orders before and after
    /// it are left out as well, unless one of them is the order that it seems to name: an order that
    /// came in without one of its rows could not be mended by sending the file again.
    pub(crate) fn lost(&mut self, line: usize, wrong: Wrong, order: Option<String>) {
        self.spoiled.extend(order.clone());
        self.note(line, wrong);
        if order.is_some() && order == self.last && self.doubt.is_none() {
            return;
        }
        self.doubt = Some(match self.doubt.take() {
            Some((before, named)) => (before, named.filter(|it| order.as_ref() == Some(it))),
            None => (self.last.clone(), order),
        });
    }

    fn note(&mut self, line: usize, Wrong { reason, found }: Wrong) {
        if self.content.bad.len() < self.most {
            let found = found.map(|it| it.chars().take(100).collect());
            self.content.bad.push(BadLine {
                line,
                reason,
                found,
            });
        } else {
            self.content.unlisted += 1;
        }
    }

    /// The orders that are whole and right, and the lines that are not. Orders that have a wrong row
    /// are left out whole, and so are those that the rules of the API would refuse in any part; each
    /// is reported by its first line.
    pub(crate) fn end(mut self) -> FileContent {
        if let Some((before, _)) = self.doubt.take() {
            self.beside.extend(before);
        }
        let Some(currency) = self.content.currency else {
            return self.content;
        };
        let mut orders = std::mem::take(&mut self.content.orders);
        orders.retain_mut(|order| {
            order.refunds.sort_by_key(|it| it.0);
            let wrong = if self.spoiled.contains(&*order.order_id) {
                Wrong::of("该订单的另一行有误", "another row of this order is wrong")
            } else if self.beside.contains(&*order.order_id) {
                Wrong::of(
                    "该订单旁有一行无法读取，可能属于该订单",
                    "a row beside this order cannot be read and may belong to it",
                )
            } else {
                match refused(order, currency, self.now) {
                    None => return true,
                    Some(wrong) => wrong,
                }
            };
            if !self.noted.contains(&order.line) {
                self.note(order.line, wrong);
            }
            false
        });
        self.content.orders = orders;
        self.content.bad.sort_by_key(|it| it.line);
        self.content
    }

    fn add(&mut self, row: &Row, line: usize) -> Result<(), Wrong> {
        let currency: Currency = row.currency.parse().map_err(|_| {
            Wrong::found(
                "应为货币代码，例如 CNY",
                "not a currency such as CNY",
                &row.currency,
            )
        })?;
        if *self.content.currency.get_or_insert(currency) != currency {
            return Err(Wrong::of(
                "一个文件只能有一种货币",
                "a file has one currency",
            ));
        }
        for (name, text) in [("member", &row.member), ("sku", &row.sku)] {
            if !is_id(text) {
                return Err(not_an_id(name));
            }
        }
        let at = time(&row.paid_at, self.zone)?;
        let quantity = number(&row.quantity)?;
        let amount = money(&row.amount, currency)?;
        let place = match self.places.get(&row.order_id) {
            Some(place) => *place,
            None => self.new_order(row, line, at),
        };
        let order = &mut self.content.orders[place];
        if *order.customer != *row.member || order.paid_at != at {
            return Err(Wrong::of(
                "该订单的首行写有其他会员或时间",
                "the order's first row names another member or time",
            ));
        }
        let line_id = (order.lines.len() + 1).to_string();
        order
            .refunds
            .extend(refund(row, &line_id, at, currency, self.zone)?);
        let category = row.category.as_deref().filter(|it| !it.is_empty());
        order.lines.push(FileLine {
            sku: self.texts.keep(&row.sku),
            category: category.map(|it| self.texts.keep(it)),
            quantity,
            amount,
        });
        Ok(())
    }

    fn new_order(&mut self, row: &Row, line: usize, at: Timestamp) -> usize {
        let place = self.content.orders.len();
        self.places.insert(row.order_id.clone(), place);
        self.content.orders.push(FileOrder {
            line,
            order_id: row.order_id.as_str().into(),
            customer: self.texts.keep(&row.member),
            paid_at: at,
            lines: Vec::new(),
            refunds: Vec::new(),
        });
        place
    }
}

/// Reads the file. Rows with the same order id are the lines of one order.
pub(super) fn read(
    reader: impl Read,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<FileContent, ::csv::Error> {
    let mut orders = Collector::new(zone, now, usize::MAX);
    let mut rows = ::csv::ReaderBuilder::new()
        .trim(::csv::Trim::All)
        .from_reader(reader);
    let headers = rows.headers()?.clone();
    let place = headers.iter().position(|it| it == "order_id");
    let named = |record: &::csv::StringRecord| {
        let id = record.get(place?)?.trim();
        (!id.is_empty()).then(|| id.to_owned())
    };
    let mut record = ::csv::StringRecord::new();
    loop {
        match rows.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                let line = error
                    .position()
                    .map_or(0, |it| usize::try_from(it.line()).unwrap_or(0));
                orders.lost(
                    line,
                    Wrong::of(&error.to_string(), &error.to_string()),
                    named(&record),
                );
                continue;
            }
        }
        let line = record
            .position()
            .map_or(0, |it| usize::try_from(it.line()).unwrap_or(0));
        match record.deserialize::<Row>(Some(&headers)) {
            Ok(row) => orders.take(line, &row),
            Err(error) => {
                let wrong = Wrong::of(&error.to_string(), &error.to_string());
                orders.lost(line, wrong, named(&record));
            }
        }
    }
    Ok(orders.end())
}

/// What is wrong with a row, and what stands there instead of what belongs there.
#[derive(Debug)]
pub(crate) struct Wrong {
    reason: Text,
    found: Option<String>,
}

impl Wrong {
    fn of(zh: &str, en: &str) -> Self {
        Text::new(zh, en).into()
    }

    fn found(zh: &str, en: &str, found: &str) -> Self {
        Self {
            found: Some(found.to_owned()),
            ..Self::of(zh, en)
        }
    }
}

impl From<Text> for Wrong {
    fn from(reason: Text) -> Self {
        Self {
            reason,
            found: None,
        }
    }
}

fn is_id(text: &str) -> bool {
    is_reference(text) && text.chars().count() <= MAX_ID
}

fn not_an_id(column: &str) -> Wrong {
    Wrong::of(
        &format!("{column} 应为 1 至 {MAX_ID} 个字符，且不含控制字符"),
        &format!("{column} needs 1 to {MAX_ID} characters, none of them a control character"),
    )
}

fn refund(
    row: &Row,
    line_id: &str,
    paid_at: Timestamp,
    currency: Currency,
    zone: &TimeZone,
) -> Result<Option<(Timestamp, RefundLine)>, Wrong> {
    let filled = |it: &Option<String>| it.clone().filter(|it| !it.is_empty());
    let quantity = filled(&row.refunded_quantity)
        .map(|it| number(&it))
        .transpose()?
        .filter(|it| *it != 0);
    let amount = filled(&row.refunded_amount)
        .map(|it| money(&it, currency))
        .transpose()?;
    if quantity.is_none() && amount.is_none() {
        return Ok(None);
    }
    let at = match filled(&row.refunded_at) {
        Some(text) => time(&text, zone)?,
        None => {
            return Err(Wrong::of(
                "退款需要 refunded_at",
                "a refund needs refunded_at",
            ));
        }
    };
    if at < paid_at {
        return Err(Wrong::of(
            "refunded_at 早于 paid_at",
            "refunded_at lies before paid_at",
        ));
    }
    Ok(Some((
        at,
        RefundLine {
            line_id: line_id.to_owned(),
            quantity,
            amount,
        },
    )))
}

fn number(text: &str) -> Result<i64, Wrong> {
    text.parse()
        .map_err(|_| Wrong::found("应为数量", "not a quantity", text))
}

fn money(text: &str, currency: Currency) -> Result<i64, Wrong> {
    let amount = minor_units(text, currency);
    amount.ok_or_else(|| Wrong::found("应为金额，例如 12.30", "not an amount such as 12.30", text))
}

fn time(text: &str, zone: &TimeZone) -> Result<Timestamp, Wrong> {
    if let Ok(date) = text.parse::<Date>()
        && text.len() == 10
    {
        return Ok(start_of_day(date, zone).plus_millis(NOON_MS));
    }
    text.parse().map_err(|_| {
        Wrong::found(
            "应为时间，例如 2026-01-31T08:00:00Z 或 2026-01-31",
            "not a time such as 2026-01-31T08:00:00Z or 2026-01-31",
            text,
        )
    })
}

/// Why the rules would refuse an order or a part of it, whatever else arrives. An order of which only
/// a part came in could not be mended by sending the file again.
fn refused(order: &FileOrder, currency: Currency, now: Timestamp) -> Option<Wrong> {
    let mut events = order.events(currency);
    // A payment that lies ahead is refused when it is taken, and its refunds with it.
    if events[1..].iter().any(|it| is_ahead(it.occurred_at, now)) {
        return Some(Wrong::of("refunded_at 在将来", "refunded_at lies ahead"));
    }
    // Its refunds as one: what they come to is the same, and it is checked once.
    let refunds = events.drain(1..).reduce(|mut all, it| {
        all.refunds.extend(it.refunds);
        if it.event_id.len() > all.event_id.len() {
            all.event_id = it.event_id;
        }
        all
    });
    events.extend(refunds);
    let id = OrderId::from(uuid::Uuid::nil());
    let mut known = announced(id, order.order_id.to_string(), currency);
    for event in events {
        if let Some(error) = check_event(&event, currency).first() {
            return Some(told(error));
        }
        match accept(&known, &event) {
            Ok(Outcome::Applies { order, .. }) => known = *order,
            Ok(Outcome::Waits) => {}
            Err(Refusal::ExceedsOrder { line_id, .. }) => {
                return Some(Wrong::of(
                    &format!("该订单第 {line_id} 行的退款多于购买"),
                    &format!("more is refunded of row {line_id} of this order than was bought"),
                ));
            }
            Err(_) => return Some(Wrong::of("订单内容有误", "the order is wrong")),
        }
    }
    None
}

/// What the rules of the API say of an order, with the column that it is about.
fn told(error: &FieldError) -> Wrong {
    let field = error.pointer.rsplit('/').next().unwrap_or_default();
    let refunded = if error.pointer.starts_with("/refunds/") {
        "refunded_"
    } else {
        ""
    };
    let message = &error.message;
    Wrong::of(
        &format!("{refunded}{field} 有误：{message}"),
        &format!("{refunded}{field}: {message}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const HEADER: &str = "order_id,member,paid_at,currency,sku,category,quantity,amount,refunded_quantity,refunded_amount,refunded_at\n";

    #[test]
    fn rows_of_one_order_are_its_lines() {
        let text = format!(
            "{HEADER}a-1,c1,2026-01-31,CNY,tea,drinks,2,30.00,1,,2026-02-02\na-1,c1,2026-01-31,CNY,cup,,1,9.90,,,\na-2,c2,2026-02-01T08:00:00+08:00,CNY,tea,,1,15,,,\n"
        );
        let content = read(text.as_bytes(), &TimeZone::UTC, NOW).expect("it can be read");
        assert_eq!(content.bad, []);
        assert_eq!(content.orders.len(), 2);
        let first = &content.orders[0];
        assert_eq!(
            (first.amount(), first.lines.len(), first.refunds.len()),
            (3990, 2, 1)
        );
        assert_eq!(first.refunds[0].1.quantity, Some(1));
        assert_eq!(
            content.orders[1].paid_at.to_string(),
            "2026-02-01T00:00:00Z"
        );
    }

    #[test]
    fn an_order_with_a_wrong_row_is_left_out_whole() {
        let text = format!(
            "{HEADER}a,c,2026-01-31,CNY,tea,,1,1.00,,,\na,c,2026-01-31,CNY,cup,,x,1.00,,,\n"
        );
        let content = read(text.as_bytes(), &TimeZone::UTC, NOW).expect("it can be read");
        assert_eq!(content.orders, []);
        assert_eq!(
            content.bad.iter().map(|it| it.line).collect::<Vec<_>>(),
            [2, 3]
        );
    }

    #[test]
    fn wrong_rows_are_named_by_line() {
        for (row, what) in [
            ("a,c,yesterday,CNY,tea,,1,1.00,,,", "not a time"),
            ("a,c,2026-01-31,yuan,tea,,1,1.00,,,", "not a currency"),
            ("a,c,2026-01-31,CNY,tea,,one,1.00,,,", "not a quantity"),
            ("a,c,2026-01-31,CNY,tea,,0,1.00,,,", "expected 1 to 1000000"),
            ("a,c,2026-01-31,CNY,tea,,1,1.001,,,", "not an amount"),
            ("a,c,2026-01-31,CNY,tea,,1,-1.00,,,", "not an amount"),
            (",c,2026-01-31,CNY,tea,,1,1.00,,,", "order_id"),
            (
                "a,c,2026-01-31,CNY,tea,,1,1.00,1,,",
                "a refund needs refunded_at",
            ),
            (
                "a,c,2026-01-31,CNY,tea,,1,1.00,1,,2026-01-30",
                "before paid_at",
            ),
            ("a,c,2026-01-31", "found record with 3 fields"),
        ] {
            let content = read(format!("{HEADER}{row}\n").as_bytes(), &TimeZone::UTC, NOW)
                .expect("it can be read");
            assert_eq!(content.bad.len(), 1, "{row}");
            assert_eq!(content.bad[0].line, 2, "{row}");
            assert!(
                content.bad[0].reason.en.contains(what),
                "{row}: {}",
                content.bad[0].reason.en
            );
        }
    }

    #[test]
    fn an_order_that_the_rules_would_refuse_in_part_is_left_out_whole() {
        for (cells, what) in [
            (",10.01,2026-02-01", "more is refunded of row 2"),
            ("3,,2026-02-01", "more is refunded of row 2"),
            ("-1,,2026-02-01", "refunded_quantity: expected 1 to 1000000"),
            ("1,,2030-02-01", "lies ahead"),
        ] {
            let text = format!(
                "{HEADER}a,c,2026-01-31,CNY,cup,,1,1.00,,,\na,c,2026-01-31,CNY,tea,,2,10.00,{cells}\n"
            );
            let content = read(text.as_bytes(), &TimeZone::UTC, NOW).expect("it can be read");
            assert_eq!((content.orders.len(), content.bad.len()), (0, 1), "{cells}");
            let bad = &content.bad[0];
            assert!(
                bad.line == 2 && bad.reason.en.contains(what),
                "{cells}: {bad:?}"
            );
        }
    }

    /// The ids of the orders that come in.
    fn orders(rows: &str) -> Vec<String> {
        let text = format!("{HEADER}{}\n", rows.replace('|', "\n"));
        let content = read(text.as_bytes(), &TimeZone::UTC, NOW).expect("it can be read");
        let ids = content.orders.iter().map(|it| it.order_id.to_string());
        ids.collect()
    }

    #[test]
    fn a_row_that_cannot_be_read_leaves_out_the_orders_that_it_may_belong_to() {
        let row = |order: &str| format!("{order},c,2026-01-31,CNY,tea,,1,1.00,,,");
        let (a, b, c, d) = (row("a"), row("b"), row("c"), row("d"));
        for (rows, expected) in [
            // It stands among the rows of the order that it names.
            (format!("{a}|{b}|b,c,2026|{c}"), vec!["a", "c"]),
            (format!("{a}|b,c,2026|{b}|{c}"), vec!["a", "c"]),
            // It names another order, or none: it may be of the order before or after it.
            (format!("{a}|{b}|bc,2026|{c}|{d}"), vec!["a", "d"]),
            (format!("{a}|{b}|bc,2026|,c|{c}|{d}"), vec!["a", "d"]),
            (format!("{a}|{b}|{}|{c}|{d}", row("")), vec!["a", "d"]),
            (format!("{a}|{b}|x,y"), vec!["a"]),
            (format!("x,y|{a}|{b}"), vec!["b"]),
        ] {
            assert_eq!(orders(&rows), expected, "{rows}");
        }
    }

    #[test]
    fn of_many_wrong_lines_only_some_are_kept() {
        let zone = TimeZone::UTC;
        let mut collector = Collector::new(&zone, NOW, 2);
        for line in 2..7 {
            collector.lost(line, not_an_id("order_id"), None);
        }
        let content = collector.end();
        assert_eq!((content.bad.len(), content.unlisted), (2, 3));
    }
}
