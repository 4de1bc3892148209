//! The general file: comma-separated with a header, a row an order line.

use super::money::minor_units;
use super::{BadLine, FileContent, FileLine, FileOrder, Texts};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use shared::orders::api::RefundLine;
use shared::orders::rules::{check_contents, is_reference};
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

/// Puts rows together to orders.
pub(crate) struct Collector<'a> {
    zone: &'a TimeZone,
    content: FileContent,
    places: HashMap<String, usize>,
    spoiled: HashSet<String>,
    texts: Texts,
}

impl<'a> Collector<'a> {
    /// Nothing yet; days are those of `zone`.
    pub(crate) fn new(zone: &'a TimeZone) -> Self {
        Self {
            zone,
            content: FileContent::default(),
            places: HashMap::new(),
            spoiled: HashSet::new(),
            texts: Texts::default(),
        }
    }

    /// Takes a row, which is a line of the order that it names.
    pub(crate) fn take(&mut self, line: usize, row: &Row) {
        if let Err(reason) = self.add(row, line) {
            self.spoiled.insert(row.order_id.clone());
            self.wrong(line, reason);
        }
    }

    /// Notes a line that is no row.
    pub(crate) fn wrong(&mut self, line: usize, reason: Text) {
        self.content.bad.push(BadLine { line, reason });
    }

    /// The orders that are whole and right, and the lines that are not.
    pub(crate) fn end(mut self) -> FileContent {
        check_orders(&mut self.content, &self.spoiled);
        self.content
    }

    fn add(&mut self, row: &Row, line: usize) -> Result<(), Text> {
        let currency: Currency = row.currency.parse().map_err(|_| {
            wrong(
                "应为货币代码，例如 CNY",
                "not a currency such as CNY",
                &row.currency,
            )
        })?;
        if *self.content.currency.get_or_insert(currency) != currency {
            return Err(Text::new(
                "一个文件只能有一种货币",
                "a file has one currency",
            ));
        }
        for (name, text) in [
            ("order_id", &row.order_id),
            ("member", &row.member),
            ("sku", &row.sku),
        ] {
            if !is_reference(text) || text.len() > 90 {
                return Err(Text::new(
                    format!("{name} 应为 1 至 90 个可见字符"),
                    format!("{name} needs 1 to 90 visible characters"),
                ));
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
            return Err(Text::new(
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
pub(super) fn read(reader: impl Read, zone: &TimeZone) -> Result<FileContent, ::csv::Error> {
    let mut orders = Collector::new(zone);
    let mut rows = ::csv::ReaderBuilder::new()
        .trim(::csv::Trim::All)
        .from_reader(reader);
    let headers = rows.headers()?.clone();
    let mut record = ::csv::StringRecord::new();
    loop {
        match rows.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                let line = error
                    .position()
                    .map_or(0, |it| usize::try_from(it.line()).unwrap_or(0));
                orders.wrong(line, Text::new(error.to_string(), error.to_string()));
                continue;
            }
        }
        let line = record
            .position()
            .map_or(0, |it| usize::try_from(it.line()).unwrap_or(0));
        match record.deserialize::<Row>(Some(&headers)) {
            Ok(row) => orders.take(line, &row),
            Err(error) => orders.wrong(line, Text::new(error.to_string(), error.to_string())),
        }
    }
    Ok(orders.end())
}

/// What is wrong, with what stands there.
fn wrong(zh: &str, en: &str, found: &str) -> Text {
    let found: String = found.chars().take(100).collect();
    Text::new(format!("{zh}：{found}"), format!("{en}: {found}"))
}

fn refund(
    row: &Row,
    line_id: &str,
    paid_at: Timestamp,
    currency: Currency,
    zone: &TimeZone,
) -> Result<Option<(Timestamp, RefundLine)>, Text> {
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
            return Err(Text::new(
                "退款需要 refunded_at",
                "a refund needs refunded_at",
            ));
        }
    };
    if at < paid_at {
        return Err(Text::new(
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

fn number(text: &str) -> Result<i64, Text> {
    text.parse()
        .map_err(|_| wrong("应为数量", "not a quantity", text))
}

fn money(text: &str, currency: Currency) -> Result<i64, Text> {
    let amount = minor_units(text, currency);
    amount.ok_or_else(|| wrong("应为金额，例如 12.30", "not an amount such as 12.30", text))
}

fn time(text: &str, zone: &TimeZone) -> Result<Timestamp, Text> {
    if let Ok(date) = text.parse::<Date>()
        && text.len() == 10
    {
        return Ok(start_of_day(date, zone).plus_millis(NOON_MS));
    }
    text.parse().map_err(|_| {
        wrong(
            "应为时间，例如 2026-01-31T08:00:00Z 或 2026-01-31",
            "not a time such as 2026-01-31T08:00:00Z or 2026-01-31",
            text,
        )
    })
}

/// Orders that have a wrong row are left out whole, and so are those whose contents break the rules
/// of the API; each is reported by its first line.
fn check_orders(content: &mut FileContent, spoiled: &HashSet<String>) {
    let Some(currency) = content.currency else {
        return;
    };
    let bad = &mut content.bad;
    content.orders.retain_mut(|order| {
        order.refunds.sort_by_key(|it| it.0);
        let reason = if spoiled.contains(&*order.order_id) {
            Some(Text::new(
                "该订单的另一行有误",
                "another row of this order is wrong",
            ))
        } else {
            let errors = check_contents(&order.contents(currency), currency, "");
            errors
                .first()
                .map(|it| wrong(&it.pointer, &it.pointer, &it.message))
        };
        let line = order.line;
        if let Some(reason) = &reason
            && bad.iter().all(|it| it.line != line)
        {
            bad.push(BadLine {
                line,
                reason: reason.clone(),
            });
        }
        reason.is_none()
    });
    bad.sort_by_key(|it| it.line);
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "order_id,member,paid_at,currency,sku,category,quantity,amount,refunded_quantity,refunded_amount,refunded_at\n";

    #[test]
    fn rows_of_one_order_are_its_lines() {
        let text = format!(
            "{HEADER}a-1,c1,2026-01-31,CNY,tea,drinks,2,30.00,1,,2026-02-02\na-1,c1,2026-01-31,CNY,cup,,1,9.90,,,\na-2,c2,2026-02-01T08:00:00+08:00,CNY,tea,,1,15,,,\n"
        );
        let content = read(text.as_bytes(), &TimeZone::UTC).expect("it can be read");
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
        let content = read(text.as_bytes(), &TimeZone::UTC).expect("it can be read");
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
            let content = read(format!("{HEADER}{row}\n").as_bytes(), &TimeZone::UTC)
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
}
