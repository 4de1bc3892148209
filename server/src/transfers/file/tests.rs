use super::*;
use proptest::prelude::*;
use shared::time::Timestamp;
use shared::transfers::PointsLine;

/// What a file is cut into: right lines by number, and faults by number, column and code.
type Found = (
    Vec<(i64, Line)>,
    Vec<(i64, Option<&'static str>, &'static str)>,
    usize,
);

fn read(kind: TransferKind, format: FileFormat, text: &[u8]) -> Result<Found, Vec<FieldError>> {
    let zone = shared::time::zone("Asia/Shanghai").expect("a zone");
    let now: Timestamp = "2026-06-15T04:00:00Z".parse().expect("a time");
    let facts = Facts {
        country: "86",
        zone: &zone,
        now,
    };
    let (mut good, mut wrong, mut pieces) = (Vec::new(), Vec::new(), 0);
    let cut = cut(text, (kind, format), facts, |part| {
        match part {
            Part::Piece(Body::Lines(lines), _) => {
                pieces += 1;
                good.extend(lines.into_iter().map(|it| (it.line, it.row)));
            }
            Part::Piece(Body::Orders { .. }, _) => pieces += 1,
            Part::Wrong(lines) => wrong.extend(
                lines
                    .into_iter()
                    .flatten()
                    .map(|it| (it.line, it.column, it.code)),
            ),
            Part::Unlisted(more) => assert_eq!(more, 0),
        }
        true
    });
    match cut {
        Ok(_) => Ok((good, wrong, pieces)),
        Err(Trouble::Columns(errors)) => Err(errors),
        Err(Trouble::BrokenOff) => panic!("it broke off"),
    }
}

fn points(text: &str) -> Found {
    read(TransferKind::Points, FileFormat::Csv, text.as_bytes()).expect("the columns are right")
}

#[test]
fn wrong_lines_are_named_by_their_place_in_the_file() {
    let (good, wrong, _) =
        points("\u{feff}points,member\r\n5,c-1\r\n\r\nx,c-2\r\n5,\"c\n3\"\r\n7\r\n9, '=c \r\n");
    let lines: Vec<i64> = good.iter().map(|it| it.0).collect();
    assert_eq!(lines, [2, 8]);
    let Line::Points(last) = &good[1].1 else {
        panic!("points")
    };
    assert_eq!((last.member.as_str(), last.points), ("=c", 9));
    assert_eq!(
        wrong,
        [
            (4, Some("points"), "not_points"),
            (5, Some("member"), "not_an_id"),
            (7, None, "wrong_cells")
        ]
    );
    let chinese = [b"member,points\n".as_slice(), &[0xd6, 0xd0], b",5\nc,5\n"].concat();
    let (good, wrong, _) =
        read(TransferKind::Points, FileFormat::Csv, &chinese).expect("right columns");
    assert_eq!((good.len(), wrong[0].2), (1, "not_text"));
}

#[test]
fn wrong_columns_refuse_the_file() {
    let errors = read(
        TransferKind::Points,
        FileFormat::Csv,
        b"member,pionts\nc,1\n",
    )
    .expect_err("wrong");
    let codes: Vec<_> = errors
        .iter()
        .map(|it| (it.pointer.as_str(), it.code.as_str()))
        .collect();
    assert_eq!(codes, [("pionts", "unknown"), ("points", "required")]);
    let errors = read(TransferKind::Points, FileFormat::Csv, &[0xd6, 0xd0]).expect_err("not text");
    assert_eq!(errors[0].code, "invalid");
}

#[test]
fn json_may_have_its_own_types() {
    let text = "{\"external_id\":\"c-1\",\"tags\":[\"a;b\",\"c\"],\"consent_email\":true,\"name\":null}\n\n\
                {\"external_id\":\"c-2\",\"nick\":1}\nnot json\n{\"external_id\":7}\n";
    let (good, wrong, _) =
        read(TransferKind::Members, FileFormat::Ndjson, text.as_bytes()).expect("read");
    let Line::Member(first) = &good[0].1 else {
        panic!("a member")
    };
    assert_eq!(first.tags, Some(vec!["a;b".to_owned(), "c".to_owned()]));
    assert_eq!(first.consent_email, Some(true));
    assert_eq!(good[1].0, 5);
    let wrong: Vec<_> = wrong.iter().map(|it| (it.0, it.2)).collect();
    assert_eq!(wrong, [(3, "not_json"), (4, "not_json")]);
    let long = format!(
        "{{\"external_id\":\"{}\"}}\n{{\"external_id\":\"c\"}}\n",
        "x".repeat(400_000)
    );
    let (good, wrong, _) =
        read(TransferKind::Members, FileFormat::Ndjson, long.as_bytes()).expect("read");
    assert_eq!((good[0].0, wrong[0].2), (2, "too_long"));
}

#[test]
fn a_member_stands_in_a_file_once() {
    let text = "external_id,email,phone\nc-1,a@x.com,\nc-1,,\nc-2,A@x.com,13800138000\nc-3,,+8613800138000\n";
    let (good, wrong, _) =
        read(TransferKind::Members, FileFormat::Csv, text.as_bytes()).expect("read");
    assert_eq!(good.len(), 1);
    assert_eq!(
        wrong,
        [
            (3, Some("external_id"), "twice"),
            (4, Some("email"), "twice"),
            (5, Some("phone"), "twice")
        ]
    );
}

#[test]
fn lines_that_say_the_same_are_told_apart_by_their_number() {
    let marks = |text: &str| {
        let mut seen = Seen::default();
        points(text)
            .0
            .iter()
            .map(|it| seen.mark(&it.1))
            .collect::<Vec<_>>()
    };
    let first = marks("member,points\nc-1,5\nc-1,5\nc-2,5\n");
    assert_eq!(first, marks("points,member\n5,c-1\n5,c-1\n5,c-2\n"));
    assert_eq!(HashSet::<&String>::from_iter(&first).len(), 3);
    let named = marks("member,points,reference\nc-1,5,r\nc-2,9,r\n");
    assert_eq!(named[0], named[1]);
}

#[test]
fn templates_can_be_read() {
    for kind in TransferKind::ALL {
        for format in [FileFormat::Csv, FileFormat::Ndjson] {
            let text = template(kind, format).expect("a template");
            let (good, wrong, pieces) =
                read(kind, format, text.as_bytes()).expect("its columns are right");
            assert_eq!((wrong, pieces), (vec![], 1), "{kind:?} {text}");
            assert_eq!(good.len(), usize::from(kind != TransferKind::Orders));
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        member in "[ -~林＝]{1,12}".prop_map(|it| it.trim().to_owned()).prop_filter("not empty", |it| !it.is_empty()),
        amount in 1i64..1_000_000,
        reference in "[ -~]{1,8}".prop_map(|it| it.trim().to_owned()).prop_filter("not empty", |it| !it.is_empty()),
    ) {
        let row = Line::Points(PointsLine {
            member, points: amount, active_from: None, expires_at: None, reference: Some(reference),
        });
        for format in [FileFormat::Csv, FileFormat::Ndjson] {
            let kind = TransferKind::Points;
            let text = head(kind, format).expect("a head") + &line(kind, format, &row.cells()).expect("a line");
            let (good, wrong, _) = read(kind, format, text.as_bytes()).expect("right columns");
            prop_assert_eq!((&good[0].1, wrong.len()), (&row, 0));
        }
    }
}

const ORDERS: &str = "order_id,member,paid_at,currency,sku,quantity,amount\n";

/// The orders of each piece, by their ids.
fn orders(format: FileFormat, text: &[u8]) -> Vec<Vec<String>> {
    let zone = shared::time::zone("Asia/Shanghai").expect("a zone");
    let facts = Facts {
        country: "86",
        zone: &zone,
        now: "2026-06-15T04:00:00Z".parse().expect("a time"),
    };
    let mut pieces = Vec::new();
    let cut = cut(text, (TransferKind::Orders, format), facts, |part| {
        if let Part::Piece(Body::Orders { customers, .. }, rows) = part {
            let orders: Vec<&FileOrder> = customers.iter().flatten().collect();
            assert_eq!(rows, i64::try_from(orders.len()).unwrap_or(0));
            pieces.push(orders.iter().map(|it| it.order_id.to_string()).collect());
        }
        true
    });
    assert!(cut.is_ok());
    pieces
}

#[test]
fn a_row_that_cannot_be_read_spoils_its_order() {
    let row = |order: &str| format!("{order},c,2026-05-01,CNY,tea,1,1.00\n");
    // Its cells are not text, but the order is named: the others come in.
    let mut text = format!("{ORDERS}{}{}", row("a"), row("b")).into_bytes();
    text.extend_from_slice(b"b,c,2026-05-01,CNY,\xb2\xe8,1,1.00\n");
    text.extend_from_slice(row("d").as_bytes());
    assert_eq!(orders(FileFormat::Csv, &text), [["a", "d"]]);
    // Nothing of it can be read: it may be of the order before or after it.
    let json = |order: &str, more: &str| {
        format!(
            "{{\"order_id\":\"{order}\",\"member\":\"c\",\"paid_at\":\"2026-05-01\",\"currency\":\"CNY\",\"sku\":\"tea\",\"quantity\":1,\"amount\":\"1.00\"{more}}}\n"
        )
    };
    let text = format!(
        "{}{}nothing\n{}{}",
        json("a", ""),
        json("b", ""),
        json("d", ""),
        json("e", "")
    );
    assert_eq!(orders(FileFormat::Ndjson, text.as_bytes()), [["a", "e"]]);
    let text = format!(
        "{}{}{}",
        json("a", ""),
        json("b", ""),
        json("b", ",\"x\":1")
    );
    assert_eq!(orders(FileFormat::Ndjson, text.as_bytes()), [["a"]]);
}

#[test]
fn a_customer_with_many_orders_stands_in_several_pieces() {
    let rows = |i: i64| format!("o-{i},c,2026-05-01T{:02}:00:00Z,CNY,tea,1,1.00\n", i % 24);
    let text = format!("{ORDERS}{}", (0..450).map(rows).collect::<String>());
    let pieces = orders(FileFormat::Csv, text.as_bytes());
    assert_eq!(
        pieces.iter().map(Vec::len).collect::<Vec<_>>(),
        [200, 200, 50]
    );
    let hours: Vec<i64> = pieces
        .concat()
        .iter()
        .map(|it| it[2..].parse::<i64>().expect("a number") % 24)
        .collect();
    assert!(hours.is_sorted());
}

#[test]
fn what_spreadsheets_leave_at_the_ends_is_no_fault() {
    let (good, wrong, _) = points("member,points,,\nc-1,5,,\n,,,\n, ,,\nc-2,6,,x\nc-3,7\n");
    assert_eq!(good.iter().map(|it| it.0).collect::<Vec<_>>(), [2]);
    assert_eq!(wrong, [(5, None, "wrong_cells"), (6, None, "wrong_cells")]);
    let errors = read(
        TransferKind::Points,
        FileFormat::Csv,
        b"member,,points\nc,,1\n",
    );
    assert_eq!(errors.expect_err("wrong")[0].code, "unknown");
}

#[test]
fn names_are_found_where_a_file_says_whom_a_line_is_about() {
    let names = ["7".to_owned(), "li \"x\"".to_owned()];
    for (text, format, found) in [
        ("member,points,reference\nc-1,7,7\n", FileFormat::Csv, false),
        ("7,1,,,\n", FileFormat::Csv, true),
        ("\"li \"\"x\"\"\",1,,,\n", FileFormat::Csv, true),
        (
            "{\"member\":\"c-1\",\"points\":7}\n",
            FileFormat::Ndjson,
            false,
        ),
        (
            "{\"member\":\"c\",\"points\":1}\n{\"member\":\"7\",\"points\":1}\n",
            FileFormat::Ndjson,
            true,
        ),
    ] {
        assert_eq!(
            names_one(text, (TransferKind::Points, format), &names),
            found,
            "{text}"
        );
    }
}
