//! Cutting a file into pieces while it comes in, and writing one.

use crate::error::{AppError, Result};
use crate::ids::hash_secret;
use crate::import::csv::{Collector, Row, Wrong};
use crate::import::{FileContent, FileOrder};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared::problem::FieldError;
use shared::quantity::Currency;
use shared::text::Text;
use shared::transfers::columns::{Shape, place_columns};
use shared::transfers::faults::Fault;
use shared::transfers::rules::{Facts, guard, join_list, read_line, unguard};
use shared::transfers::{FileFormat, Line, MAX_LISTED, TransferKind};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

/// Lines of one piece: each piece is one write, and others get their turn in between.
const PIECE_LINES: usize = 200;
/// As [`PIECE_LINES`], of members and coupons, of which each line is several statements.
const SHORT_PIECE: usize = 50;
/// Longest line of a file of JSON, in bytes.
const MAX_LINE: u64 = 256 * 1024;

/// A line with its number and which one of those that are the same it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Numbered {
    /// The line of the file.
    pub line: i64,
    /// What makes it the same as another.
    pub mark: String,
    /// What it says.
    pub row: Line,
}

/// What a piece holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Body {
    /// Lines that stand for themselves.
    Lines(Vec<Numbered>),
    /// Orders by customer, each customer's in the order of time.
    Orders {
        /// Their currency.
        currency: Currency,
        /// The orders of each customer.
        customers: Vec<Vec<FileOrder>>,
    },
}

impl Body {
    /// The first line of the file that is in it.
    pub fn first_line(&self) -> Option<i64> {
        match self {
            Self::Lines(lines) => lines.iter().map(|it| it.line).min(),
            Self::Orders { customers, .. } => {
                let lines = customers.iter().flatten().map(|it| it.line).min();
                lines.and_then(|it| i64::try_from(it).ok())
            }
        }
    }
}

/// What is to be said of a line.
#[derive(Debug, Clone)]
pub(super) struct Note {
    /// The line of the file.
    pub line: i64,
    /// The column, when one is to blame.
    pub column: Option<&'static str>,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: Text,
}

impl Note {
    /// A fault of a line.
    pub fn of(line: i64, column: Option<&'static str>, fault: Fault) -> Self {
        Self {
            line,
            column,
            code: fault.code(),
            message: fault.message(),
        }
    }
}

/// A part of a file, as it is cut off.
pub(super) enum Part {
    /// Lines to be taken, and how many lines of the file they are.
    Piece(Body, i64),
    /// Lines that are wrong, each with all that is.
    Wrong(Vec<Vec<Note>>),
    /// How many more lines are wrong than can be listed.
    Unlisted(i64),
}

/// Why a file cannot be read at all.
pub(super) enum Trouble {
    /// Its columns are not those of its kind.
    Columns(Vec<FieldError>),
    /// It could not be read to its end, or nobody takes its parts any more.
    BrokenOff,
}

/// A row of the file: the number of its line, and its cells in the order of the kind's columns.
type Cells = (i64, Result<Vec<Option<String>>, Unread>);

/// A row that cannot be read.
struct Unread {
    fault: Fault,
    /// What stands in the first column, which says what rows belong together.
    first: First,
}

/// What is known of the first column of a row that cannot be read.
enum First {
    /// It says this.
    Sure(String),
    /// It seems to say this; cells may have moved.
    Perhaps(String),
    /// Nothing.
    Unknown,
}

/// Cuts a file into pieces of lines that the rules allow, and notes what is wrong with the others.
/// Hands each part on as soon as it is whole; answers how many lines there were.
pub(super) fn cut(
    from: impl Read,
    (kind, format): (TransferKind, FileFormat),
    facts: Facts<'_>,
    mut to: impl FnMut(Part) -> bool,
) -> Result<i64, Trouble> {
    let mut count = 0;
    let rows: Box<dyn Iterator<Item = Result<Cells, Trouble>>> = match format {
        FileFormat::Csv => Box::new(csv_rows(from, kind)?),
        FileFormat::Ndjson => Box::new(json_rows(from, kind)),
    };
    let rows = rows.inspect(|_| count += 1);
    if kind == TransferKind::Orders {
        cut_orders(rows, facts, &mut to)?;
    } else {
        cut_lines(rows, kind, facts, &mut to)?;
    }
    Ok(count)
}

fn csv_rows(
    from: impl Read,
    kind: TransferKind,
) -> Result<impl Iterator<Item = Result<Cells, Trouble>>, Trouble> {
    // Every line ends with a line feed then, the last one too, so that lines can be counted; what
    // stands before it of a file from Windows goes with the blanks around a cell.
    let mut reader = csv::ReaderBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .flexible(true)
        .from_reader(from.chain(&b"\n"[..]));
    let header = reader.byte_headers().map_err(|_| Trouble::BrokenOff)?;
    let not_text = || {
        let message = "the file is not UTF-8 text; save it as UTF-8";
        Trouble::Columns(vec![FieldError::new("", "invalid", message)])
    };
    let names: Vec<String> = header
        .iter()
        .map(|it| Ok(std::str::from_utf8(it)?.trim().to_owned()))
        .collect::<Result<_, std::str::Utf8Error>>()
        .map_err(|_| not_text())?;
    let header: Vec<&str> = names.iter().map(String::as_str).collect();
    let places = place_columns(kind, &header).map_err(Trouble::Columns)?;
    let width = names.len();
    let named = width - names.iter().rev().take_while(|it| it.is_empty()).count();
    let mut record = csv::ByteRecord::new();
    Ok(std::iter::from_fn(move || {
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(false) => return None,
                Ok(true) if is_blank(&record) => {}
                Ok(true) => {
                    let inside = record.as_slice().iter().filter(|it| **it == b'\n').count();
                    let next = i64::try_from(reader.position().line()).unwrap_or(0);
                    let line = next - 1 - i64::try_from(inside).unwrap_or(0);
                    return Some(Ok((line, csv_cells(&record, (width, named), &places))));
                }
                Err(_) => return Some(Err(Trouble::BrokenOff)),
            }
        }
    }))
}

/// Whether a line has nothing on it but commas.
fn is_blank(record: &csv::ByteRecord) -> bool {
    record.as_slice().iter().all(u8::is_ascii_whitespace)
}

fn csv_cells(
    record: &csv::ByteRecord,
    (width, named): (usize, usize),
    places: &[Option<usize>],
) -> Result<Vec<Option<String>>, Unread> {
    let cell = |place: &Option<usize>| {
        let bytes = place.and_then(|it| record.get(it)).unwrap_or_default();
        let text = std::str::from_utf8(bytes).ok()?;
        let text = unguard(text.trim());
        Some((!text.is_empty()).then(|| text.to_owned()))
    };
    let first = || places.first().and_then(cell).flatten();
    // Columns without a name at the end are empty, as spreadsheets write them.
    let mut unnamed = record.iter().skip(named).flatten();
    if record.len() != width || !unnamed.all(u8::is_ascii_whitespace) {
        return Err(Unread {
            fault: Fault::WrongCells,
            first: first().map_or(First::Unknown, First::Perhaps),
        });
    }
    let cells = places.iter().map(cell).collect::<Option<_>>();
    cells.ok_or_else(|| Unread {
        fault: Fault::NotText,
        first: first().map_or(First::Unknown, First::Sure),
    })
}

fn json_rows(from: impl Read, kind: TransferKind) -> impl Iterator<Item = Result<Cells, Trouble>> {
    let mut reader = BufReader::new(from);
    let mut line = 0;
    std::iter::from_fn(move || {
        loop {
            line += 1;
            let mut bytes = Vec::new();
            let read = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut bytes);
            match read {
                Ok(0) => return None,
                Err(_) => return Some(Err(Trouble::BrokenOff)),
                Ok(_) => {}
            }
            let long = bytes.len() as u64 == MAX_LINE && bytes.last() != Some(&b'\n');
            if long && skip_line(&mut reader).is_err() {
                return Some(Err(Trouble::BrokenOff));
            }
            let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
            if text.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let cells = if long {
                let (fault, first) = (Fault::TooLong, First::Unknown);
                Err(Unread { fault, first })
            } else {
                json_cells(text, kind)
            };
            return Some(Ok((line, cells)));
        }
    })
}

/// Leaves the rest of a line out.
fn skip_line(reader: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        let end = buffer.iter().position(|it| *it == b'\n');
        let (used, over) = (
            end.map_or(buffer.len(), |it| it + 1),
            end.is_some() || buffer.is_empty(),
        );
        reader.consume(used);
        if over {
            return Ok(());
        }
    }
}

fn json_cells(text: &[u8], kind: TransferKind) -> Result<Vec<Option<String>>, Unread> {
    let unread = |first: First| Unread {
        fault: Fault::NotJson,
        first,
    };
    let fields: Result<Map<String, Value>, _> = serde_json::from_slice(text);
    let mut fields = fields.map_err(|_| unread(First::Unknown))?;
    let columns = kind.columns();
    let mut cells = Vec::with_capacity(columns.len());
    let mut are_right = true;
    for column in columns {
        let value = fields.remove(column.name).unwrap_or(Value::Null);
        let cell = json_cell(value, column.shape);
        are_right &= cell.is_some();
        cells.push(cell.flatten());
    }
    if are_right && fields.is_empty() {
        return Ok(cells);
    }
    let first = cells.into_iter().next().flatten();
    Err(unread(first.map_or(First::Unknown, First::Sure)))
}

fn json_cell(value: Value, shape: Shape) -> Option<Option<String>> {
    Some(match value {
        Value::Null => None,
        Value::String(it) => Some(it.trim().to_owned()).filter(|it| !it.is_empty()),
        Value::Number(it) => Some(it.to_string()),
        Value::Bool(it) => Some(it.to_string()),
        Value::Array(items) if shape == Shape::List => {
            let texts = items.iter().map(|it| it.as_str().map(str::to_owned));
            Some(join_list(&texts.collect::<Option<Vec<_>>>()?)).filter(|it| !it.is_empty())
        }
        Value::Array(_) | Value::Object(_) => return None,
    })
}

/// Values that one file has once, and how often lines are the same.
#[derive(Default)]
struct Seen {
    values: HashSet<(&'static str, String)>,
    marks: HashMap<String, u32>,
}

impl Seen {
    /// The columns whose values stood in an earlier line.
    fn twice(&mut self, row: &Line) -> Vec<&'static str> {
        let Line::Member(it) = row else {
            return Vec::new();
        };
        let id = Some(&it.external_id);
        let values = [
            ("external_id", id),
            ("email", it.email.as_ref()),
            ("phone", it.phone.as_ref()),
        ];
        let again = values.into_iter().filter_map(|(column, value)| {
            let new = self.values.insert((column, value?.clone()));
            (!new).then_some(column)
        });
        again.collect()
    }

    /// What makes a line the same as one of another file: its reference, or else all that it says
    /// and which one of those that say so it is.
    fn mark(&mut self, row: &Line) -> String {
        let (kind, about, reference) = match row {
            Line::Member(_) => return String::new(),
            Line::Points(it) => ("points", "", it.reference.as_ref()),
            Line::Coupon(it) => ("coupons", it.template.as_str(), it.reference.as_ref()),
        };
        if let Some(reference) = reference {
            return hash_secret(&format!("{kind}\n{about}\n{reference}"));
        }
        let cells = row.cells();
        let said = cells.iter().map(|it| it.as_deref().unwrap_or_default());
        let said = said.collect::<Vec<_>>().join("\n");
        let count = self.marks.entry(hash_secret(&said)).or_default();
        *count += 1;
        hash_secret(&format!("{kind}\n{said}\n{count}"))
    }
}

fn cut_lines(
    rows: impl Iterator<Item = Result<Cells, Trouble>>,
    kind: TransferKind,
    facts: Facts<'_>,
    to: &mut impl FnMut(Part) -> bool,
) -> Result<(), Trouble> {
    let mut seen = Seen::default();
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    let most = match kind {
        TransferKind::Members | TransferKind::Coupons => SHORT_PIECE,
        TransferKind::Orders | TransferKind::Points => PIECE_LINES,
    };
    let mut hand = |part: Part| to(part).then_some(()).ok_or(Trouble::BrokenOff);
    for row in rows {
        let (line, cells) = row?;
        match read_one(line, cells, kind, facts, &mut seen) {
            Ok(it) => good.push(it),
            Err(notes) => wrong.push(notes),
        }
        if good.len() == most {
            let lines = i64::try_from(good.len()).unwrap_or(0);
            hand(Part::Piece(Body::Lines(std::mem::take(&mut good)), lines))?;
        }
        if wrong.len() == PIECE_LINES {
            hand(Part::Wrong(std::mem::take(&mut wrong)))?;
        }
    }
    if !good.is_empty() {
        let lines = i64::try_from(good.len()).unwrap_or(0);
        hand(Part::Piece(Body::Lines(good), lines))?;
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        hand(Part::Wrong(wrong))
    }
}

fn read_one(
    line: i64,
    cells: Result<Vec<Option<String>>, Unread>,
    kind: TransferKind,
    facts: Facts<'_>,
    seen: &mut Seen,
) -> Result<Numbered, Vec<Note>> {
    let cells = cells.map_err(|it| vec![Note::of(line, None, it.fault)])?;
    let row = read_line(kind, &cells, facts).map_err(|faults| {
        let notes = faults
            .into_iter()
            .map(|(column, it)| Note::of(line, column, it));
        notes.collect::<Vec<_>>()
    })?;
    let twice = seen.twice(&row);
    if !twice.is_empty() {
        let notes = twice
            .into_iter()
            .map(|it| Note::of(line, Some(it), Fault::Twice));
        return Err(notes.collect());
    }
    let mark = seen.mark(&row);
    Ok(Numbered { line, mark, row })
}

/// Orders are put together from all of the file, and go in by customer, each customer's in the order
/// of time; a customer with many orders stands in several pieces.
fn cut_orders(
    rows: impl Iterator<Item = Result<Cells, Trouble>>,
    facts: Facts<'_>,
    to: &mut impl FnMut(Part) -> bool,
) -> Result<(), Trouble> {
    let mut hand = |part: Part| to(part).then_some(()).ok_or(Trouble::BrokenOff);
    let content = collect_orders(rows, facts)?;
    for bad in content.bad.chunks(PIECE_LINES) {
        let notes = bad.iter().map(|it| {
            vec![Note {
                line: i64::try_from(it.line).unwrap_or(0),
                column: None,
                code: Fault::Order.code(),
                message: it.reason.clone(),
            }]
        });
        hand(Part::Wrong(notes.collect()))?;
    }
    hand(Part::Unlisted(
        i64::try_from(content.unlisted).unwrap_or(i64::MAX),
    ))?;
    let Some(currency) = content.currency else {
        return Ok(());
    };
    let mut by_customer: BTreeMap<Arc<str>, Vec<FileOrder>> = BTreeMap::new();
    for order in content.orders {
        let own = by_customer.entry(order.customer.clone()).or_default();
        own.push(order);
    }
    let mut piece = |customers: &mut Vec<Vec<FileOrder>>| {
        let customers = std::mem::take(customers);
        let rows = customers.iter().flatten().map(|it| it.lines.len()).sum();
        let rows: usize = rows;
        let body = Body::Orders {
            currency,
            customers,
        };
        hand(Part::Piece(body, i64::try_from(rows).unwrap_or(0)))
    };
    let (mut customers, mut rows) = (Vec::new(), 0);
    for mut orders in by_customer.into_values() {
        orders.sort_by_key(|it| it.paid_at);
        let mut own = Vec::new();
        for order in orders {
            rows += order.lines.len();
            own.push(order);
            if rows >= PIECE_LINES {
                customers.push(std::mem::take(&mut own));
                piece(&mut customers)?;
                rows = 0;
            }
        }
        if !own.is_empty() {
            customers.push(own);
        }
    }
    if customers.is_empty() {
        Ok(())
    } else {
        piece(&mut customers)
    }
}

fn collect_orders(
    rows: impl Iterator<Item = Result<Cells, Trouble>>,
    facts: Facts<'_>,
) -> Result<FileContent, Trouble> {
    let most = usize::try_from(MAX_LISTED).unwrap_or(usize::MAX);
    let mut orders = Collector::new(facts.zone, facts.now, most);
    for row in rows {
        let (line, cells) = row?;
        let line = usize::try_from(line).unwrap_or(0);
        match cells {
            Ok(cells) => orders.take(line, &Row::of(cells)),
            Err(Unread { fault, first }) => {
                let wrong = Wrong::from(fault.message());
                match first {
                    First::Sure(order) => orders.spoil(line, wrong, order),
                    First::Perhaps(order) => orders.lost(line, wrong, Some(order)),
                    First::Unknown => orders.lost(line, wrong, None),
                }
            }
        }
    }
    Ok(orders.end())
}

/// Whether one of some names stands where a file that goes out says whom a line is about.
pub(super) fn names_one(
    text: &str,
    (kind, format): (TransferKind, FileFormat),
    names: &[String],
) -> bool {
    let columns = kind.columns().iter().enumerate();
    let of_person =
        columns.filter(|it| ["external_id", "member", "email", "phone"].contains(&it.1.name));
    let of_person: Vec<usize> = of_person.map(|it| it.0).collect();
    let is_named = |cells: &[Option<String>]| {
        let cells = of_person.iter().filter_map(|it| cells.get(*it)?.as_ref());
        cells.into_iter().any(|it| names.contains(it))
    };
    if format == FileFormat::Ndjson {
        let rows = text
            .lines()
            .filter_map(|it| json_cells(it.as_bytes(), kind).ok());
        return rows.into_iter().any(|it| is_named(&it));
    }
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader.into_records().filter_map(Result::ok);
    let cells = rows.map(|row| {
        let cells = row.iter().map(|it| Some(unguard(it).to_owned()));
        cells.collect::<Vec<_>>()
    });
    cells.into_iter().any(|it| is_named(&it))
}

/// The first line of a file of this kind; files of JSON have none.
pub(super) fn head(kind: TransferKind, format: FileFormat) -> Result<String> {
    match format {
        FileFormat::Ndjson => Ok(String::new()),
        FileFormat::Csv => {
            let names = kind.columns().iter().map(|it| Some(it.name.to_owned()));
            // With this before them spreadsheets read the letters of every language.
            Ok(format!("\u{feff}{}", csv_line(&names.collect::<Vec<_>>())?))
        }
    }
}

/// A line of a file, with the end of the line.
pub(super) fn line(
    kind: TransferKind,
    format: FileFormat,
    cells: &[Option<String>],
) -> Result<String> {
    match format {
        FileFormat::Csv => csv_line(cells),
        FileFormat::Ndjson => json_line(kind, cells),
    }
}

fn csv_line(cells: &[Option<String>]) -> Result<String> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let cells = cells
        .iter()
        .map(|it| guard(it.as_deref().unwrap_or_default()));
    writer.write_record(cells).map_err(AppError::internal)?;
    let bytes = writer.into_inner().map_err(AppError::internal)?;
    String::from_utf8(bytes).map_err(AppError::internal)
}

fn json_line(kind: TransferKind, cells: &[Option<String>]) -> Result<String> {
    let mut fields = Map::new();
    for (column, cell) in kind.columns().iter().zip(cells) {
        let Some(cell) = cell else { continue };
        let value = match column.shape {
            Shape::Text => Value::from(cell.as_str()),
            Shape::Number => cell
                .parse::<i64>()
                .map_or_else(|_| Value::from(cell.as_str()), Value::from),
            Shape::Flag => Value::from(cell == "yes"),
            Shape::List => Value::from(shared::transfers::rules::split_list(cell)),
        };
        fields.insert(column.name.to_owned(), value);
    }
    Ok(format!("{}\n", serde_json::to_string(&fields)?))
}

/// A file of this kind with one line as an example.
pub(super) fn template(kind: TransferKind, format: FileFormat) -> Result<String> {
    let cells = kind.columns().iter();
    let cells: Vec<Option<String>> = cells
        .map(|it| Some(it.example.to_owned()).filter(|it| !it.is_empty()))
        .collect();
    Ok(format!(
        "{}{}",
        head(kind, format)?,
        line(kind, format, &cells)?
    ))
}

#[cfg(test)]
mod tests;
