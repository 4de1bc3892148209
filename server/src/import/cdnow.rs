//! The CDNOW file: customer, date, number of items, dollars; one order a line.

use super::money::minor_units;
use super::{BadLine, FileContent, FileLine, FileOrder, Texts};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use shared::quantity::Currency;
use shared::text::Text;
use shared::time::start_of_day;
use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

/// Noon, in milliseconds after the day's start: the file knows days only.
const NOON_MS: i64 = 12 * 3_600_000;

/// Reads the file. The n-th order of a customer on a day is named by customer, day and n, so two
/// equal lines are two orders and the same file always gives the same orders.
pub(super) fn read(reader: impl BufRead, zone: &TimeZone) -> std::io::Result<FileContent> {
    let currency: Currency = "USD".parse().map_err(std::io::Error::other)?;
    let mut content = FileContent {
        currency: Some(currency),
        ..FileContent::default()
    };
    let mut texts = Texts::default();
    let mut seen: HashMap<(Arc<str>, Date), u32> = HashMap::new();
    for (i, line) in reader.lines().enumerate() {
        let text = line?;
        let fields: Vec<&str> = text.split_whitespace().collect();
        let is_header = i == 0 && fields.first().is_some_and(|it| *it == "customer_id");
        if fields.is_empty() || is_header {
            continue;
        }
        match read_line(&fields, currency) {
            Ok(row) => {
                let n = seen
                    .entry((texts.keep(&row.customer), row.date))
                    .and_modify(|it| *it += 1)
                    .or_insert(1);
                content.orders.push(row.order(i + 1, *n, zone, &mut texts));
            }
            Err(reason) => content.bad.push(BadLine {
                line: i + 1,
                reason: Text::new(reason.clone(), reason),
                found: None,
            }),
        }
    }
    Ok(content)
}

struct Row {
    customer: String,
    date: Date,
    items: i64,
    amount: i64,
}

fn read_line(fields: &[&str], currency: Currency) -> Result<Row, String> {
    let [customer, date, items, dollars] = fields else {
        return Err(format!("expected 4 fields, found {}", fields.len()));
    };
    if customer.len() > 90 || !customer.bytes().all(|it| it.is_ascii_alphanumeric()) {
        return Err(format!("not a customer id: {customer}"));
    }
    let date = Date::strptime("%Y%m%d", date)
        .map_err(|_| format!("not a date such as 19970131: {date}"))?;
    let items: i64 = items
        .parse()
        .ok()
        .filter(|it| (1..=1_000_000).contains(it))
        .ok_or_else(|| format!("not a number of items: {items}"))?;
    let amount = minor_units(dollars, currency)
        .ok_or_else(|| format!("not an amount such as 11.77: {dollars}"))?;
    Ok(Row {
        customer: (*customer).to_owned(),
        date,
        items,
        amount,
    })
}

impl Row {
    fn order(self, line: usize, n: u32, zone: &TimeZone, texts: &mut Texts) -> FileOrder {
        let order_id = format!(
            "cdnow-{}-{}-{n}",
            self.customer,
            self.date.strftime("%Y%m%d")
        );
        // Orders of one day keep the file's order.
        let paid_at = start_of_day(self.date, zone).plus_millis(NOON_MS + i64::from(n));
        let all = FileLine {
            sku: texts.keep("cd"),
            category: None,
            quantity: self.items,
            amount: self.amount,
        };
        FileOrder {
            line,
            order_id: order_id.into_boxed_str(),
            customer: texts.keep(&self.customer),
            paid_at,
            lines: vec![all],
            refunds: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_file_has_headers_blanks_and_equal_lines() {
        let text = " customer_id  date number_of_cds  dollar_value\r\n 00001 19970101  1   11.77\r\n\r\n 00001 19970101  1   11.77\r\n 00002 19970230 1 2.00\r\n 00003 19970101 0 1.00\r\n 00004 19970101 1 1.005\r\n x\r\n";
        let content = read(text.as_bytes(), &TimeZone::UTC).expect("it can be read");
        let ids: Vec<_> = content.orders.iter().map(|it| &*it.order_id).collect();
        assert_eq!(ids, ["cdnow-00001-19970101-1", "cdnow-00001-19970101-2"]);
        assert_eq!(content.orders[1].line, 4);
        assert_eq!(content.orders[0].amount(), 1177);
        assert_eq!(
            content.orders[0].paid_at.to_string(),
            "1997-01-01T12:00:00.001Z"
        );
        let bad: Vec<_> = content.bad.iter().map(|it| it.line).collect();
        assert_eq!(bad, [5, 6, 7, 8]);
    }
}
