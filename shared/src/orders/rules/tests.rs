//! The rules of orders: what is accepted, and what refunds owe.

use super::*;
use crate::ids::{EntryId, LotId, OrderId};
use crate::orders::{EarnedLine, EarnedReceipt, OrderLine, SpentReceipt, TakenFromLot};
use crate::testing::{Counter, day};
use proptest::prelude::*;

fn cny() -> Currency {
    "CNY".parse().expect("a currency")
}

fn line(id: &str, quantity: i64, amount: i64) -> OrderLine {
    OrderLine {
        claim: None,
        line_id: id.into(),
        sku: format!("sku-{id}"),
        category: None,
        quantity,
        amount,
    }
}

fn contents(lines: Vec<OrderLine>) -> Contents {
    Contents {
        member: None,
        currency: cny(),
        lines,
    }
}

fn event(kind: EventKind, on: i64) -> OrderEvent {
    OrderEvent {
        reservation: None,
        event_id: format!("{kind:?}-{on}"),
        order_id: "A1".into(),
        occurred_at: day(on),
        kind,
        order: None,
        refunds: Vec::new(),
    }
}

fn fresh() -> Order {
    announced(
        OrderId::generate(&mut Counter::default()),
        "A1".into(),
        cny(),
    )
}

/// The order after events that must all apply.
fn after(events: &[OrderEvent]) -> Order {
    events
        .iter()
        .fold(fresh(), |order, event| match accept(&order, event) {
            Ok(Outcome::Applies { order, .. }) => *order,
            other => panic!("{event:?}: {other:?}"),
        })
}

fn placed() -> OrderEvent {
    let lines = vec![line("1", 3, 100), line("2", 1, 50), line("3", 2, 0)];
    OrderEvent {
        order: Some(contents(lines)),
        ..event(EventKind::Placed, 0)
    }
}

fn paid_order() -> Order {
    after(&[placed(), event(EventKind::Paid, 1)])
}

fn refund(line: &str, quantity: Option<i64>, amount: Option<i64>) -> RefundLine {
    RefundLine {
        line_id: line.into(),
        quantity,
        amount,
    }
}

fn refunded(refunds: Vec<RefundLine>) -> OrderEvent {
    OrderEvent {
        refunds,
        ..event(EventKind::Refunded, 5)
    }
}

#[test]
fn an_order_goes_its_way() {
    let way = [
        (placed(), Consequence::None, OrderStatus::Placed),
        (
            event(EventKind::Paid, 1),
            Consequence::Earns,
            OrderStatus::Paid,
        ),
        (
            event(EventKind::Shipped, 2),
            Consequence::None,
            OrderStatus::Shipped,
        ),
        (
            event(EventKind::Delivered, 3),
            Consequence::None,
            OrderStatus::Delivered,
        ),
        (
            refunded(vec![refund("1", Some(1), None)]),
            Consequence::Returns,
            OrderStatus::Delivered,
        ),
        (
            refunded(Vec::new()),
            Consequence::Returns,
            OrderStatus::Refunded,
        ),
    ];
    let mut order = fresh();
    assert_eq!(order.status(), OrderStatus::Announced);
    for (event, expected, status) in way {
        let Ok(Outcome::Applies {
            order: next,
            consequence,
        }) = accept(&order, &event)
        else {
            panic!("{event:?}");
        };
        assert_eq!(
            (consequence, next.status()),
            (expected, status),
            "{event:?}"
        );
        order = *next;
    }
    assert_eq!((order.amount(), order.refunded_amount()), (150, 150));
}

#[test]
fn what_comes_too_early_waits_and_what_contradicts_is_refused() {
    for kind in [
        EventKind::Paid,
        EventKind::Shipped,
        EventKind::Delivered,
        EventKind::Refunded,
    ] {
        assert_eq!(
            accept(&fresh(), &event(kind, 1)),
            Ok(Outcome::Waits),
            "{kind:?}"
        );
    }
    let unpaid = after(&[placed()]);
    assert_eq!(accept(&unpaid, &refunded(Vec::new())), Ok(Outcome::Waits));
    assert_eq!(accept(&unpaid, &placed()), Err(Refusal::NotApplicable));
    let paid = paid_order();
    assert_eq!(
        accept(&paid, &event(EventKind::Paid, 2)),
        Err(Refusal::NotApplicable)
    );
    let cancelled = after(&[placed(), event(EventKind::Cancelled, 2)]);
    assert_eq!(
        accept(&cancelled, &event(EventKind::Cancelled, 3)),
        Err(Refusal::NotApplicable)
    );
    let back = after(&[placed(), event(EventKind::Paid, 1), refunded(Vec::new())]);
    assert_eq!(
        accept(&back, &refunded(Vec::new())),
        Err(Refusal::NotApplicable)
    );
    // A refund of what is cancelled changes nothing, and is no error.
    let Ok(Outcome::Applies { order, consequence }) = accept(&cancelled, &refunded(Vec::new()))
    else {
        panic!("it applies");
    };
    assert_eq!(
        (order.as_ref(), consequence),
        (&cancelled, Consequence::None)
    );
}

#[test]
fn a_cancelled_order_never_earns() {
    let mut paid = event(EventKind::Paid, 1);
    paid.order = placed().order;
    for before in [
        vec![event(EventKind::Cancelled, 2)],
        vec![placed(), event(EventKind::Cancelled, 2)],
    ] {
        let order = after(&before);
        let Ok(Outcome::Applies { order, consequence }) = accept(&order, &paid) else {
            panic!("it applies");
        };
        assert_eq!(
            (consequence, order.status()),
            (Consequence::None, OrderStatus::Cancelled)
        );
        assert_eq!(order.refunded_amount(), 150);
    }
}

#[test]
fn refunds_count_by_piece_and_by_money() {
    let exceeds = |line: &str, left| Refusal::ExceedsOrder {
        line_id: line.into(),
        left,
    };
    for (refunds, expected) in [
        (vec![refund("1", Some(1), None)], Ok((1, 33))),
        (vec![refund("1", Some(2), None)], Ok((2, 66))),
        (
            vec![refund("1", Some(1), None), refund("1", Some(1), None)],
            Ok((2, 66)),
        ),
        (vec![refund("1", Some(3), None)], Ok((3, 100))),
        (vec![refund("1", None, None)], Ok((3, 100))),
        (vec![refund("1", None, Some(40))], Ok((0, 40))),
        (vec![refund("1", None, Some(100))], Ok((3, 100))),
        (vec![refund("1", Some(1), Some(20))], Ok((1, 20))),
        (
            vec![refund("1", None, Some(90)), refund("1", Some(1), None)],
            Ok((3, 100)),
        ),
        // All pieces back with money kept, which then goes back too.
        (vec![refund("1", Some(3), Some(60))], Ok((3, 60))),
        (
            vec![refund("1", Some(3), Some(60)), refund("1", None, Some(40))],
            Ok((3, 100)),
        ),
        (
            vec![refund("1", Some(3), Some(60)), refund("1", None, None)],
            Ok((3, 100)),
        ),
        (vec![refund("1", Some(4), None)], Err(exceeds("1", 100))),
        (vec![refund("1", None, Some(101))], Err(exceeds("1", 100))),
        (
            vec![refund("1", Some(3), Some(60)), refund("1", None, Some(41))],
            Err(exceeds("1", 40)),
        ),
        (
            vec![refund("1", Some(3), Some(60)), refund("1", Some(1), None)],
            Err(exceeds("1", 40)),
        ),
        (
            vec![refund("1", None, None), refund("1", None, None)],
            Err(exceeds("1", 0)),
        ),
        (
            vec![refund("9", None, None)],
            Err(Refusal::UnknownLine {
                line_id: "9".into(),
            }),
        ),
    ] {
        let answer = accept(&paid_order(), &refunded(refunds.clone())).map(|it| match it {
            Outcome::Applies { order, .. } => (
                order.lines[0].refunded_quantity,
                order.lines[0].refunded_amount,
            ),
            Outcome::Waits => panic!("{refunds:?} waits"),
        });
        assert_eq!(answer, expected, "{refunds:?}");
    }
    // A free line comes back by pieces.
    let order = after(&[
        placed(),
        event(EventKind::Paid, 1),
        refunded(vec![refund("3", Some(2), None)]),
    ]);
    assert!(order.lines[2].is_fully_returned());
}

fn pointers(event: &OrderEvent) -> Vec<String> {
    let errors = check_event(event, cny()).into_iter();
    errors.map(|it| it.pointer).collect()
}

fn with_lines(lines: Vec<OrderLine>) -> OrderEvent {
    OrderEvent {
        order: Some(contents(lines)),
        ..event(EventKind::Placed, 0)
    }
}

/// Edits a line.
type Edit = fn(&mut OrderLine);

#[test]
fn wrong_lines_are_named_by_pointer() {
    let edits: [(&str, Edit); 7] = [
        ("line_id", |it| it.line_id.clear()),
        ("sku", |it| it.sku = "a\u{7}".into()),
        ("category", |it| it.category = Some(" a".into())),
        ("quantity", |it| it.quantity = 0),
        ("quantity", |it| it.quantity = i64::MAX),
        ("amount", |it| it.amount = -1),
        ("amount", |it| it.amount = i64::MIN),
    ];
    for (field, edit) in edits {
        let mut wrong = line("1", 1, 1);
        edit(&mut wrong);
        let found = pointers(&with_lines(vec![line("0", 1, 1), wrong]));
        assert_eq!(found, [format!("/order/lines/1/{field}")]);
    }
    let many = (0..501).map(|i| line(&i.to_string(), 1, 1)).collect();
    let twice = vec![line("1", 1, 1), line("1", 1, 1)];
    let dear = vec![line("1", 1, MAX_AMOUNT), line("2", 1, 1)];
    for (lines, expected) in [
        (vec![], "/order/lines"),
        (many, "/order/lines"),
        (twice, "/order/lines/1/line_id"),
        (dear, "/order/lines"),
    ] {
        assert_eq!(pointers(&with_lines(lines)), [expected]);
    }
    let mut dollars = placed();
    if let Some(contents) = &mut dollars.order {
        contents.currency = "USD".parse().expect("a currency");
    }
    assert_eq!(pointers(&dollars), ["/order/currency"]);
}

#[test]
fn wrong_events_are_named_by_pointer() {
    let long = "x".repeat(101);
    let all = || refund("1", None, None);
    let shipped = OrderEvent {
        kind: EventKind::Shipped,
        ..placed()
    };
    let unnamed = OrderEvent {
        order_id: String::new(),
        ..placed()
    };
    let returning = OrderEvent {
        refunds: vec![all()],
        ..placed()
    };
    for (event, expected) in [
        (placed(), vec![]),
        (event(EventKind::Paid, 0), vec![]),
        (event(EventKind::Placed, 0), vec!["/order"]),
        (shipped, vec!["/order"]),
        (
            OrderEvent {
                event_id: long,
                ..placed()
            },
            vec!["/event_id"],
        ),
        (unnamed, vec!["/order_id"]),
        (returning, vec!["/refunds"]),
        (
            refunded(vec![refund("1", Some(0), None)]),
            vec!["/refunds/0/quantity"],
        ),
        (
            refunded(vec![all(), refund("1", None, Some(-1))]),
            vec!["/refunds/1/amount"],
        ),
        (
            refunded((0..501).map(|_| all()).collect()),
            vec!["/refunds"],
        ),
    ] {
        assert_eq!(pointers(&event), expected, "{}", event.event_id);
    }
}

#[test]
fn points_wait_for_the_return_window() {
    assert_eq!(active_from(day(3), 7), day(10));
    assert_eq!(active_from(day(3), 0), day(3));
}

/// An order that earned and on which both assets were spent.
fn with_receipt(lines: &[(i64, i64, i64, i64)], points: i64, credit: i64) -> Order {
    let mut ids = Counter::default();
    let rows = lines.iter().enumerate();
    let rows = rows
        .map(|(i, (quantity, amount, ..))| line(&i.to_string(), *quantity, *amount))
        .collect();
    let placed = OrderEvent {
        order: Some(contents(rows)),
        ..event(EventKind::Placed, 0)
    };
    let mut order = after(&[placed, event(EventKind::Paid, 1)]);
    order.receipt.earned = Some(EarnedReceipt {
        rule_version: 1,
        tier_code: "basic".into(),
        tier_bps: 10_000,
        lot: None,
        entry: None,
        lines: lines
            .iter()
            .map(|(_, _, points, growth)| EarnedLine {
                points: *points,
                points_returned: 0,
                growth: *growth,
                growth_returned: 0,
            })
            .collect(),
    });
    let mut spent = |asset, amount| SpentReceipt {
        asset,
        entry: EntryId::generate(&mut ids),
        amount,
        restored: 0,
        taken: vec![TakenFromLot {
            lot: LotId::generate(&mut ids),
            amount,
            restored: 0,
        }],
    };
    order.receipt.spends = vec![spent(Asset::Points, points), spent(Asset::Credit, credit)];
    order
}

/// Settles, and gives back what is owed as the ledger would.
fn settle(order: &mut Order) -> (i64, i64, i64, i64) {
    let returns = settle_returns(order);
    let mut back = [0, 0];
    for (asset, amount) in &returns.restores {
        for spend in order
            .receipt
            .spends
            .iter_mut()
            .filter(|it| it.asset == *asset)
        {
            spend.restored += amount;
            back[usize::from(*asset == Asset::Credit)] += amount;
        }
    }
    (returns.points, returns.growth, back[0], back[1])
}

fn sum(a: (i64, i64, i64, i64), b: (i64, i64, i64, i64)) -> (i64, i64, i64, i64) {
    (a.0 + b.0, a.1 + b.1, a.2 + b.2, a.3 + b.3)
}

prop_compose! {
    fn any_order()(
        lines in proptest::collection::vec((1..6i64, 0..500i64, 0..300i64, 0..300i64), 1..6),
        points in 0..900i64,
        credit in 0..900i64,
    ) -> Order {
        with_receipt(&lines, points, credit)
    }
}

/// A refund of one line: by pieces, by money, or of all that is left.
fn any_refund() -> impl Strategy<Value = RefundLine> {
    let parts = prop_oneof![
        3 => (1..4i64).prop_map(|it| (Some(it), None)),
        3 => (0..200i64).prop_map(|it| (None, Some(it))),
        1 => (1..4i64, 0..200i64).prop_map(|(pieces, money)| (Some(pieces), Some(money))),
        1 => Just((None, None)),
    ];
    (0..6usize, parts)
        .prop_map(|(line, (quantity, amount))| refund(&line.to_string(), quantity, amount))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_partition_of_a_refund_gives_back_exactly_everything(
        order in any_order(),
        refunds in proptest::collection::vec(any_refund(), 0..12),
        cancel: bool,
    ) {
        let mut order = order;
        let mut total = (0, 0, 0, 0);
        let last = if cancel { event(EventKind::Cancelled, 9) } else { refunded(Vec::new()) };
        for event in refunds.into_iter().map(|it| refunded(vec![it])).chain([last]) {
            if let Ok(Outcome::Applies { order: next, .. }) = accept(&order, &event) {
                order = *next;
                let owed = settle(&mut order);
                prop_assert!(owed.0 >= 0 && owed.1 >= 0 && owed.2 >= 0 && owed.3 >= 0);
                total = sum(total, owed);
                prop_assert_eq!(settle(&mut order), (0, 0, 0, 0), "settling twice owes nothing");
            }
        }
        prop_assert!(order.is_fully_returned());
        prop_assert_eq!(order.refunded_amount(), order.amount());
        let lines = order.receipt.earned.as_ref().map(|it| it.lines.clone()).unwrap_or_default();
        let earned = lines.iter().fold((0, 0), |sum, it| (sum.0 + it.points, sum.1 + it.growth));
        let spent = [order.receipt.spends[0].amount, order.receipt.spends[1].amount];
        prop_assert_eq!(total, (earned.0, earned.1, spent[0], spent[1]));
    }

    #[test]
    fn what_is_owed_depends_on_what_is_back_not_on_the_steps(
        order in any_order(),
        refunds in proptest::collection::vec(any_refund(), 0..8),
    ) {
        let mut stepwise = order.clone();
        let mut at_once = order;
        let mut total = (0, 0, 0, 0);
        for refund in refunds {
            let event = refunded(vec![refund]);
            let (Ok(Outcome::Applies { order: a, .. }), Ok(Outcome::Applies { order: b, .. })) =
                (accept(&stepwise, &event), accept(&at_once, &event))
            else {
                continue;
            };
            (stepwise, at_once) = (*a, *b);
            total = sum(total, settle(&mut stepwise));
        }
        prop_assert_eq!(settle(&mut at_once), total);
        prop_assert_eq!(stepwise, at_once);
    }

    #[test]
    fn a_line_never_gives_back_more_than_it_has(
        order in any_order(),
        refunds in proptest::collection::vec(any_refund(), 0..12),
    ) {
        let mut order = order;
        for refund in refunds {
            let before = order.clone();
            match accept(&order, &refunded(vec![refund])) {
                Ok(Outcome::Applies { order: next, .. }) => order = *next,
                Ok(Outcome::Waits) => prop_assert!(false, "a paid order does not wait"),
                Err(_) => prop_assert_eq!(&before, &order),
            }
            for (line, was) in order.lines.iter().zip(&before.lines) {
                prop_assert!((was.refunded_quantity..=line.line.quantity).contains(&line.refunded_quantity));
                prop_assert!((was.refunded_amount..=line.line.amount).contains(&line.refunded_amount));
            }
        }
    }
}
