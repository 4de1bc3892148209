//! The general file: comma-separated with a header, a row an order line.

use super::money::minor_units;
use super::{BadLine, FileContent, FileLine, FileOrder, Texts};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use shared::orders::api::RefundLine;
use shared::orders::rules::{check_contents, is_reference};
use shared::quantity::Currency;
use shared::time::{Timestamp, start_of_day};
use std::collections::{HashMap, HashSet};
use std::io::Read;

/// Noon, in milliseconds after the day's start: for files that know days only.
const NOON_MS: i64 = 12 * 3_600_000;

/// A row as it is written.
#[derive(Debug, Deserialize)]
struct Row {
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

/// Reads the file. Rows with the same order id are the lines of one order.
pub(super) fn read(reader: impl Read, zone: &TimeZone) -> Result<FileContent, ::csv::Error> {
    let mut content = FileContent::default();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut spoiled = HashSet::new();
    let mut texts = Texts::default();
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
                content.bad.push(BadLine {
                    line,
                    reason: error.to_string(),
                });
                continue;
            }
        }
        let line = record
            .position()
            .map_or(0, |it| usize::try_from(it.line()).unwrap_or(0));
        let row = record
            .deserialize::<Row>(Some(&headers))
            .map_err(|it| it.to_string());
        let added = row.and_then(|row| {
            add(&row, line, zone, &mut content, &mut places, &mut texts).inspect_err(|_| {
                spoiled.insert(row.order_id.clone());
            })
        });
        if let Err(reason) = added {
            content.bad.push(BadLine { line, reason });
        }
    }
    check_orders(&mut content, &spoiled);
    Ok(content)
}

fn add(
    row: &Row,
    line: usize,
    zone: &TimeZone,
    content: &mut FileContent,
    places: &mut HashMap<String, usize>,
    texts: &mut Texts,
) -> Result<(), String> {
    let currency: Currency = row
        .currency
        .parse()
        .map_err(|_| format!("not a currency such as CNY: {}", row.currency))?;
    if *content.currency.get_or_insert(currency) != currency {
        return Err("a file has one currency".to_owned());
    }
    for (name, text) in [
        ("order_id", &row.order_id),
        ("member", &row.member),
        ("sku", &row.sku),
    ] {
        if !is_reference(text) || text.len() > 90 {
            return Err(format!("{name} needs 1 to 90 visible characters"));
        }
    }
    let at = time(&row.paid_at, zone)?;
    let quantity: i64 = row
        .quantity
        .parse()
        .map_err(|_| format!("not a quantity: {}", row.quantity))?;
    let amount = money(&row.amount, currency)?;
    let place = *places.entry(row.order_id.clone()).or_insert_with(|| {
        content.orders.push(FileOrder {
            line,
            order_id: row.order_id.as_str().into(),
            customer: texts.keep(&row.member),
            paid_at: at,
            lines: Vec::new(),
            refunds: Vec::new(),
        });
        content.orders.len() - 1
    });
    let order = &mut content.orders[place];
    if *order.customer != *row.member || order.paid_at != at {
        return Err("the order's first row names another member or time".to_owned());
    }
    let line_id = (order.lines.len() + 1).to_string();
    order
        .refunds
        .extend(refund(row, &line_id, at, currency, zone)?);
    let category = row.category.as_deref().filter(|it| !it.is_empty());
    order.lines.push(FileLine {
        sku: texts.keep(&row.sku),
        category: category.map(|it| texts.keep(it)),
        quantity,
        amount,
    });
    Ok(())
}

fn refund(
    row: &Row,
    line_id: &str,
    paid_at: Timestamp,
    currency: Currency,
    zone: &TimeZone,
) -> Result<Option<(Timestamp, RefundLine)>, String> {
    let filled = |it: &Option<String>| it.clone().filter(|it| !it.is_empty());
    let quantity = filled(&row.refunded_quantity)
        .map(|it| {
            it.parse::<i64>()
                .map_err(|_| format!("not a quantity: {it}"))
        })
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
        None => return Err("a refund needs refunded_at".to_owned()),
    };
    if at < paid_at {
        return Err("refunded_at lies before paid_at".to_owned());
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

fn money(text: &str, currency: Currency) -> Result<i64, String> {
    minor_units(text, currency).ok_or_else(|| format!("not an amount such as 12.30: {text}"))
}

fn time(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    if let Ok(date) = text.parse::<Date>()
        && text.len() == 10
    {
        return Ok(start_of_day(date, zone).plus_millis(NOON_MS));
    }
    text.parse()
        .map_err(|_| format!("not a time such as 2026-01-31T08:00:00Z or 2026-01-31: {text}"))
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
            Some("another row of this order is wrong".to_owned())
        } else {
            let errors = check_contents(&order.contents(currency), currency, "");
            errors
                .first()
                .map(|it| format!("{}: {}", it.pointer, it.message))
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
                content.bad[0].reason.contains(what),
                "{row}: {}",
                content.bad[0].reason
            );
        }
    }
}
