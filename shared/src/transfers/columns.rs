//! The columns of each kind of file: readers, templates and the README follow this list.

use super::TransferKind;
use crate::problem::FieldError;

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text; also days and times.
    Text,
    /// A whole number.
    Number,
    /// `yes` or `no`; in JSON `true` or `false`.
    Flag,
    /// Several texts, separated by `;`; in JSON a list.
    List,
}

/// A column of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in the first line, and the name of the field in JSON.
    pub name: &'static str,
    /// Whether every line must have it.
    pub required: bool,
    /// What stands in it.
    pub shape: Shape,
    /// What the template file has there.
    pub example: &'static str,
    /// What it means.
    pub about: &'static str,
}

const fn column(
    name: &'static str,
    required: bool,
    shape: Shape,
    example: &'static str,
    about: &'static str,
) -> Column {
    Column {
        name,
        required,
        shape,
        example,
        about,
    }
}

const MEMBERS: [Column; 12] = [
    column(
        "external_id",
        true,
        Shape::Text,
        "c-1001",
        "the shop's own customer id; who is known by it is changed, others are made",
    ),
    column(
        "name",
        false,
        Shape::Text,
        "林晓",
        "what to call the member, 1 to 60 characters",
    ),
    column(
        "email",
        false,
        Shape::Text,
        "lin@example.com",
        "nobody else may have it",
    ),
    column(
        "phone",
        false,
        Shape::Text,
        "+86 138 0013 8000",
        "nobody else may have it",
    ),
    column(
        "birthday",
        false,
        Shape::Text,
        "1990-04-30",
        "set once, never changed by a file",
    ),
    column("locale", false, Shape::Text, "zh-CN", "`zh-CN` or `en`"),
    column(
        "time_zone",
        false,
        Shape::Text,
        "Asia/Shanghai",
        "an IANA time zone",
    ),
    column(
        "joined_at",
        false,
        Shape::Text,
        "2024-05-01",
        "a day or a time; counts for new members only",
    ),
    column(
        "tags",
        false,
        Shape::List,
        "vip;tea",
        "all tags, separated by `;`",
    ),
    column("consent_email", false, Shape::Flag, "yes", "`yes` or `no`"),
    column("consent_sms", false, Shape::Flag, "no", "`yes` or `no`"),
    column("consent_push", false, Shape::Flag, "no", "`yes` or `no`"),
];

const ORDERS: [Column; 11] = [
    column(
        "order_id",
        true,
        Shape::Text,
        "o-2001",
        "the shop's order id; lines with the same one are one order",
    ),
    column(
        "member",
        true,
        Shape::Text,
        "c-1001",
        "the shop's customer id; who is not known becomes a member",
    ),
    column(
        "paid_at",
        true,
        Shape::Text,
        "2026-01-31",
        "a day or a time",
    ),
    column(
        "currency",
        true,
        Shape::Text,
        "CNY",
        "the programme's currency",
    ),
    column("sku", true, Shape::Text, "tea-100", "the product"),
    column(
        "category",
        false,
        Shape::Text,
        "tea",
        "the product's category",
    ),
    column("quantity", true, Shape::Number, "2", "how many"),
    column(
        "amount",
        true,
        Shape::Text,
        "59.80",
        "what all of them cost",
    ),
    column(
        "refunded_quantity",
        false,
        Shape::Number,
        "",
        "how many came back",
    ),
    column(
        "refunded_amount",
        false,
        Shape::Text,
        "",
        "how much was paid back",
    ),
    column("refunded_at", false, Shape::Text, "", "when"),
];

const POINTS: [Column; 5] = [
    column(
        "member",
        true,
        Shape::Text,
        "c-1001",
        "the shop's customer id, or `mem_…`",
    ),
    column("points", true, Shape::Number, "1200", "how many, 1 or more"),
    column(
        "active_from",
        false,
        Shape::Text,
        "",
        "a day or a time from which they can be spent; at once without it",
    ),
    column(
        "expires_at",
        false,
        Shape::Text,
        "2027-12-31",
        "the last day or instant; by the points rules without it",
    ),
    column(
        "reference",
        false,
        Shape::Text,
        "",
        "the shop's own name for the line: the same one is given once",
    ),
];

const COUPONS: [Column; 4] = [
    column(
        "template",
        true,
        Shape::Text,
        "满100减10",
        "the template's id (`ctp_…`), or its name in either language",
    ),
    column(
        "member",
        true,
        Shape::Text,
        "c-1001",
        "the shop's customer id, or `mem_…`",
    ),
    column(
        "expires_at",
        false,
        Shape::Text,
        "2027-12-31",
        "the last day or instant; by the template without it",
    ),
    column(
        "reference",
        false,
        Shape::Text,
        "",
        "the shop's own name for the line: the same one is given once",
    ),
];

impl TransferKind {
    /// The columns of its files, in the order in which they are written.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Members => &MEMBERS,
            Self::Orders => &ORDERS,
            Self::Points => &POINTS,
            Self::Coupons => &COUPONS,
        }
    }

    /// The columns as a Markdown table, as the README shows them.
    #[must_use]
    pub fn table(self) -> String {
        let mut text = format!(
            "| `{}` | required | |\n| --- | --- | --- |\n",
            self.as_str()
        );
        for it in self.columns() {
            let required = if it.required { "yes" } else { "" };
            text.push_str(&format!("| `{}` | {required} | {} |\n", it.name, it.about));
        }
        text
    }
}

/// Where each column of a kind stands in the first line of a file; `None` for one that is not there.
///
/// # Errors
/// Every column that is missing, unknown or named twice.
pub fn place_columns(
    kind: TransferKind,
    header: &[&str],
) -> Result<Vec<Option<usize>>, Vec<FieldError>> {
    let columns = kind.columns();
    // Spreadsheets write columns without a name at the end when a cell there was filled once.
    let unnamed = header.iter().rev().take_while(|it| it.is_empty()).count();
    let header = &header[..header.len() - unnamed];
    let mut errors = Vec::new();
    for (i, name) in header.iter().enumerate() {
        if header[..i].contains(name) {
            errors.push(FieldError::new(
                *name,
                "duplicate",
                "this column is named twice",
            ));
        } else if columns.iter().all(|it| it.name != *name) {
            let names: Vec<&str> = columns.iter().map(|it| it.name).collect();
            let known = format!("there is no such column; expected {}", names.join(", "));
            let shown: String = name.chars().take(60).collect();
            errors.push(FieldError::new(shown, "unknown", known));
        }
    }
    let place = |it: &Column| header.iter().position(|name| *name == it.name);
    for it in columns {
        if it.required && place(it).is_none() {
            let message = "every file of this kind has this column";
            errors.push(FieldError::new(it.name, "required", message));
        }
    }
    if errors.is_empty() {
        Ok(columns.iter().map(place).collect())
    } else {
        Err(errors)
    }
}

/// The cells of one line of text for a first look at a file in a browser: commas part them, quotes
/// hold them together. Servers read files with a reader of their own.
#[must_use]
pub fn glance(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(it) = rest.next() {
        let Some(cell) = cells.last_mut() else { break };
        match it {
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            '\r' => {}
            _ => cell.push(it),
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(kind: TransferKind, header: &[&str]) -> Vec<(String, String)> {
        let errors = place_columns(kind, header).expect_err("it is wrong");
        errors.into_iter().map(|it| (it.pointer, it.code)).collect()
    }

    #[test]
    fn columns_are_found_wherever_they_stand() {
        let places = place_columns(TransferKind::Points, &["points", "member"]);
        assert_eq!(places, Ok(vec![Some(1), Some(0), None, None, None]));
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            wrong(TransferKind::Points, &["member", "point", "member"]),
            [
                pair("point", "unknown"),
                pair("member", "duplicate"),
                pair("points", "required")
            ]
        );
        assert_eq!(
            wrong(TransferKind::Members, &["", "name", ""]),
            [pair("", "unknown"), pair("external_id", "required")]
        );
    }

    #[test]
    fn names_are_all_different_and_what_is_required_has_an_example() {
        for kind in TransferKind::ALL {
            let names: Vec<&str> = kind.columns().iter().map(|it| it.name).collect();
            assert!(place_columns(kind, &names).is_ok(), "{kind:?}");
            for it in kind.columns() {
                assert!(!it.required || !it.example.is_empty(), "{}", it.name);
            }
            assert!(kind.table().lines().count() == names.len() + 2);
        }
    }

    #[test]
    fn a_first_look_parts_cells() {
        for (line, cells) in [
            ("a,b", vec!["a", "b"]),
            ("\"a,b\",\"c\"\"d\"\r", vec!["a,b", "c\"d"]),
            ("", vec![""]),
            ("a,", vec!["a", ""]),
        ] {
            assert_eq!(glance(line), cells, "{line}");
        }
    }
}
