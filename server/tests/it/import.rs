//! Bringing in an order history: every order once, whatever happens on the way.

use crate::support::{Shop, TestApp, on_both};
use sea_orm::{ConnectionTrait, Statement};
use server::import::{Format, Imported, import, read};
use std::cell::RefCell;
use std::collections::HashSet;
use std::path::Path;

/// The history of a real shop.
const CDNOW: &str = include_str!("../../../end2end/fixtures/cdnow/CDNOW_master.txt");

/// The first lines of the history, its header among them.
fn slice(lines: usize) -> String {
    CDNOW.split_inclusive('\n').take(lines).collect()
}

/// Orders, customers and cents of a text, counted without the importer.
fn counted(text: &str) -> (usize, usize, i64) {
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|it| it.split_whitespace().collect())
        .filter(|it: &Vec<&str>| it.len() == 4)
        .collect();
    let customers: HashSet<&str> = rows.iter().map(|it| it[0]).collect();
    let cents = rows.iter().map(|it| {
        let digits: String = it[3].chars().filter(char::is_ascii_digit).collect();
        digits.parse::<i64>().expect("dollars with two decimals")
    });
    (rows.len(), customers.len(), cents.sum())
}

async fn run(app: &TestApp, text: &str, format: Format) -> Imported {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("orders.txt");
    std::fs::write(&path, text).expect("the file is written");
    let content = read(&path, format, &app.app).expect("the file is read");
    assert_eq!(content.bad, []);
    let done = import(&app.app, content, |_| {}).await;
    done.expect("the import succeeds")
}

/// What every member has, by the rows, without ids and without when they were written.
async fn state_of(app: &TestApp) -> Vec<String> {
    let mut found = Vec::new();
    for (columns, from) in [
        (
            "'account ' || asset || ' ' || available || ' ' || pending || ' ' || entries",
            "points_accounts",
        ),
        (
            "'entry ' || seq || ' ' || kind || ' ' || amount || ' ' || balance_after || ' ' || occurred_at",
            "ledger_entries",
        ),
        (
            "'lot ' || source_ref || ' ' || amount || ' ' || remaining || ' ' || expired || ' ' || active_from",
            "lots",
        ),
        (
            "'growth ' || source_ref || ' ' || amount || ' ' || counted_at",
            "growth_entries",
        ),
        ("'tier ' || code || ' ' || since", "tier_states"),
        (
            "'change ' || to_code || ' ' || cause || ' ' || growth_value || ' ' || at",
            "tier_changes",
        ),
        (
            "'order ' || orders.external_id || ' ' || orders.status || ' ' || amount || ' ' || paid_at",
            "orders",
        ),
    ] {
        let query = format!(
            "SELECT m.external_id || ' ' || {columns} FROM {from} JOIN members m ON m.id = member_id"
        );
        let rows = app
            .app
            .db
            .read()
            .query_all_raw(Statement::from_string(app.app.db.backend(), query))
            .await
            .expect("the rows are read");
        found.extend(
            rows.iter()
                .map(|it| it.try_get_by_index::<String>(0).expect("a text")),
        );
    }
    found.sort_unstable();
    found
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let text = slice(3_000);
        let (orders, members, amount) = counted(&text);
        let first = run(app, &text, Format::Cdnow).await;
        let expected = Imported {
            orders,
            new_orders: orders,
            members,
            new_members: members,
            amount,
            refused: Vec::new(),
        };
        assert_eq!(first, expected);
        shop.assert_books().await;
        let before = state_of(app).await;
        app.clock.advance_days(1);
        let second = run(app, &text, Format::Cdnow).await;
        let expected = Imported {
            new_orders: 0,
            new_members: 0,
            ..expected
        };
        assert_eq!(second, expected);
        assert_eq!(state_of(app).await, before);
        let report = shop.check().await;
        assert!(report.is_clean());
        assert_eq!(
            (report.members, report.orders),
            (members as u64, orders as u64)
        );
        // What was earned in 1997 has ended, each at its own time.
        let ends = before.iter().filter(|it| it.contains(" expire ")).count();
        assert!(ends > 500, "{ends}");
        assert_eq!(app.app.rulebook().programme.currency.code(), "USD");
    })
    .await;
}

/// Begins an import and goes away when the first orders are in.
async fn run_and_break_off(app: &TestApp, text: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("orders.txt");
    std::fs::write(&path, text).expect("the file is written");
    let content = read(&path, Format::Cdnow, &app.app).expect("the file is read");
    let first = tokio::sync::Notify::new();
    tokio::select! {
        biased;
        () = first.notified() => {}
        done = import(&app.app, content, |_| first.notify_one()) => panic!("it ended: {done:?}"),
    }
}

#[tokio::test]
async fn an_interrupted_import_goes_on_where_it_stopped() {
    let ends = RefCell::new(Vec::new());
    for interrupted in [false, true] {
        on_both(async |app: &TestApp| {
            let text = slice(2_501);
            if interrupted {
                run_and_break_off(app, &text).await;
                let begun = state_of(app).await.len();
                assert!(begun > 500, "{begun} rows");
            }
            let done = run(app, &text, Format::Cdnow).await;
            assert_eq!(done.orders, counted(&text).0);
            assert_eq!(done.new_orders < done.orders, interrupted);
            Shop::open(app).await.assert_books().await;
            let end = state_of(app).await;
            ends.borrow_mut().push(end);
        })
        .await;
    }
    assert_same(&ends.into_inner());
}

#[tokio::test]
async fn a_file_that_grew_ends_like_the_whole_at_once() {
    let ways: [&[usize]; 2] = [&[1_501], &[2, 703, 1_100, 1_501]];
    let ends = RefCell::new(Vec::new());
    for steps in ways {
        on_both(async |app: &TestApp| {
            for lines in steps {
                run(app, &slice(*lines), Format::Cdnow).await;
            }
            Shop::open(app).await.assert_books().await;
            // Orders of 1997 that are heard of after points of 1997 have ended are further down
            // in the ledger and in the history of tiers; what they come to is the same.
            let mut end = state_of(app).await;
            end.retain(|it| !it.contains(" entry ") && !it.contains(" change "));
            for row in &mut end {
                if let Some(place) = row.find(" account ") {
                    row.truncate(row.rfind(' ').unwrap_or(place));
                }
            }
            ends.borrow_mut().push(end);
        })
        .await;
    }
    assert_same(&ends.into_inner());
}

/// All four ends are the same, row by row.
fn assert_same(ends: &[Vec<String>]) {
    assert_eq!(ends.len(), 4);
    assert!(ends[0].len() > 3_000, "{} rows", ends[0].len());
    for end in &ends[1..] {
        let other = end.iter().zip(&ends[0]).find(|(a, b)| a != b);
        assert_eq!((other, end.len()), (None, ends[0].len()));
    }
}

#[tokio::test]
async fn wrong_lines_are_named_and_the_rest_goes_in() {
    on_both(async |app: &TestApp| {
        let text = " 00001 19970101  1   11.77\n 00001 19970101  1   11.77\n 00002 19971301 1 2.00\n 00003 19970101 one 1.00\n 00004 19970101 1 -1.00\n 00005 19970101 1\n 00006 20990101 1 5.00\n";
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("orders.txt");
        std::fs::write(&path, text).expect("the file is written");
        let content = read(&path, Format::Cdnow, &app.app).expect("the file is read");
        let lines: Vec<usize> = content.bad.iter().map(|it| it.line).collect();
        assert_eq!(lines, [3, 4, 5, 6]);
        let done = import(&app.app, content, |_| {}).await.expect("the import succeeds");
        // Two equal lines are two orders; an order of the year 2099 is refused by the rules.
        assert_eq!((done.orders, done.amount), (2, 2_354));
        let refused: Vec<usize> = done.refused.iter().map(|it| it.line).collect();
        assert_eq!(refused, [7]);
        assert!(read(Path::new("no/such/file"), Format::Cdnow, &app.app).is_err());
        Shop::open(app).await.assert_books().await;
    })
    .await;
}

/// Three orders in two currencies' worth of trouble: refunds by piece and by amount, two lines.
const CSV: &str = "order_id,member,paid_at,currency,sku,category,quantity,amount,refunded_quantity,refunded_amount,refunded_at
c-1,ann,2026-06-01,CNY,tea,drinks,2,300.00,1,,2026-06-05
c-1,ann,2026-06-01,CNY,cup,,1,99.00,,,
c-2,ann,2026-06-03T08:00:00+08:00,CNY,tea,drinks,1,150.00,,50.00,2026-06-04
c-3,bo,2026-06-02,CNY,tea,drinks,1,600.00,1,,2026-06-14
";

#[tokio::test]
async fn the_general_format_brings_refunds() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let done = run(app, CSV, Format::Csv).await;
        assert_eq!(
            (done.orders, done.new_members, done.amount),
            (3, 2, 114_900)
        );
        let order = shop.order("c-1").await;
        assert_eq!((order.amount, order.refunded_amount), (39_900, 15_000));
        let ann = shop.summary("ann").await;
        assert_eq!(
            (
                ann.points.pending + ann.points.available,
                ann.tier.growth_value
            ),
            (349, 349)
        );
        let bo = shop.tier("bo").await;
        assert_eq!(
            (bo.standing.code.as_str(), bo.standing.growth_value),
            ("member", 0)
        );
        let before = state_of(app).await;
        let again = run(app, CSV, Format::Csv).await;
        assert_eq!(
            (again.orders, again.new_orders, again.new_members),
            (3, 0, 0)
        );
        assert_eq!(state_of(app).await, before);
        // The shop's own events about the same orders go on from there.
        shop.refund_all("c-2").await;
        assert_eq!(shop.order("c-2").await.refunded_amount, 15_000);
        shop.assert_books().await;

        let dollars = slice(10);
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("orders.txt");
        std::fs::write(&path, dollars).expect("the file is written");
        let content = read(&path, Format::Cdnow, &app.app).expect("the file is read");
        let refused = import(&app.app, content, |_| {})
            .await
            .expect_err("another currency");
        assert!(refused.to_string().contains("CNY"), "{refused}");
        assert_eq!(shop.check().await.orders, 3);
    })
    .await;
}

#[tokio::test]
async fn nobody_becomes_a_member_by_orders_that_are_refused() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.members(&["cai"]).await;
        let text = "order_id,member,paid_at,currency,sku,category,quantity,amount,refunded_quantity,refunded_amount,refunded_at\n\
                    o1,ann,2026-06-01,CNY,tea,,1,9.00,,,\n\
                    o2,bo,2027-06-01,CNY,tea,,1,9.00,,,\n\
                    o3,cai,2027-06-01,CNY,tea,,1,9.00,,,\n\
                    o4,ann,2027-06-01,CNY,tea,,1,9.00,,,\n";
        let done = run(app, text, Format::Csv).await;
        let counts = (done.orders, done.new_members, done.members, done.refused.len());
        assert_eq!(counts, (1, 1, 2, 3));
        for (member, status) in [("ann", 200), ("bo", 404), ("cai", 200)] {
            let path = format!("/api/v1/members/ext:{member}");
            app.get(&path).bearer(&shop.key).await.assert_status(status);
        }
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_customer_with_many_orders_is_one_member() {
    on_both(async |app: &TestApp| {
        let row = |i: usize| {
            let customer = if i < 1_200 { "ann" } else { "bo" };
            let (hour, minute) = (i / 60 % 24, i % 60);
            format!("o-{i},{customer},2026-06-01T{hour:02}:{minute:02}:00Z,CNY,tea,,1,1.00,,,\n")
        };
        let head = CSV.lines().next().unwrap_or_default();
        let text = format!("{head}\n{}", (0..1_300).map(row).collect::<String>());
        let done = run(app, &text, Format::Csv).await;
        let expected = Imported {
            orders: 1_300,
            new_orders: 1_300,
            members: 2,
            new_members: 2,
            amount: 130_000,
            refused: Vec::new(),
        };
        assert_eq!(done, expected);
        Shop::open(app).await.assert_books().await;
    })
    .await;
}
