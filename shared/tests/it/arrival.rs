//! Events of an order may arrive in any order: what is early waits, and the end is the same.

use crate::shop::{Shop, day};
use proptest::prelude::*;
use shared::orders::api::{Contents, EventKind, OrderEvent, RefundLine};
use shared::orders::{EarnedLine, LineState, OrderLine, OrderStatus, OrderTimes, SpentReceipt};
use shared::points::Asset;

/// Refunds that fit the order: each line by pieces or by money, never more than it has.
fn any_refunds() -> impl Strategy<Value = Vec<RefundLine>> {
    let line = |line: usize| {
        let id = line.to_string();
        let pieces = id.clone();
        prop_oneof![
            proptest::collection::vec(Just(1i64), 0..=3).prop_map(move |them| {
                let refund = |quantity| RefundLine {
                    line_id: pieces.clone(),
                    quantity: Some(quantity),
                    amount: None,
                };
                them.into_iter().map(refund).collect::<Vec<_>>()
            }),
            proptest::collection::vec(0..=100i64, 0..=3).prop_map(move |them| {
                let refund = |amount| RefundLine {
                    line_id: id.clone(),
                    quantity: None,
                    amount: Some(amount),
                };
                them.into_iter().map(refund).collect::<Vec<_>>()
            }),
        ]
    };
    (line(0), line(1)).prop_map(|(a, b)| a.into_iter().chain(b).collect())
}

/// The events of one order in time order: two lines of three pieces for 300 each.
fn events(refunds: Vec<RefundLine>, cancelled: bool, paid_carries: bool) -> Vec<OrderEvent> {
    let line = |i: usize| OrderLine {
        claim: None,
        line_id: i.to_string(),
        sku: format!("sku-{i}"),
        category: None,
        quantity: 3,
        amount: 300,
    };
    let contents = Contents {
        member: None,
        currency: "CNY".parse().expect("a currency"),
        lines: vec![line(0), line(1)],
    };
    let mut events = Vec::new();
    let mut add = |kind, order, refunds| {
        let number = i64::try_from(events.len()).expect("few");
        events.push(OrderEvent {
            reservation: None,
            event_id: format!("e{number}"),
            order_id: "A1".to_owned(),
            occurred_at: day(0).plus_millis(number),
            kind,
            order,
            refunds,
        });
    };
    add(EventKind::Placed, Some(contents.clone()), Vec::new());
    add(
        EventKind::Paid,
        paid_carries.then_some(contents),
        Vec::new(),
    );
    add(EventKind::Shipped, None, Vec::new());
    add(EventKind::Delivered, None, Vec::new());
    for refund in refunds {
        add(EventKind::Refunded, None, vec![refund]);
    }
    if cancelled {
        add(EventKind::Cancelled, None, Vec::new());
    }
    events
}

/// All that is left of an order that may not depend on how its events arrived.
type End = (
    Vec<LineState>,
    OrderTimes,
    OrderStatus,
    Option<Vec<EarnedLine>>,
    Vec<SpentReceipt>,
    (i64, i64),
    i64,
);

fn end(events: &[OrderEvent]) -> Result<End, TestCaseError> {
    let mut shop = Shop::new(100);
    shop.gift(Asset::Points, 500);
    shop.pass(day(1));
    prop_assert!(shop.spend("A1", Asset::Points, 200));
    for event in events {
        prop_assert_eq!(shop.take(event.clone()), Ok(()));
    }
    shop.assert_balanced();
    let known = &shop.orders["A1"];
    prop_assert!(known.waiting.is_empty(), "nothing waits for ever");
    let order = &known.order;
    // What was earned and wholly given back is the same as what was never earned.
    let earned = order.receipt.earned.as_ref().map(|it| it.lines.clone());
    let stands = |it: &Vec<EarnedLine>| it.iter().any(|it| it.points > it.points_returned);
    let wallet = &shop.wallets[&Asset::Points];
    Ok((
        order.lines.clone(),
        order.times,
        order.status(),
        earned.filter(stands),
        order.receipt.spends.clone(),
        (wallet.available, wallet.pending),
        shop.growth.iter().map(|it| it.amount).sum(),
    ))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_arrival_ends_as_in_time_order(
        (sorted, shuffled) in (any_refunds(), any::<bool>(), any::<bool>())
            .prop_map(|(refunds, cancelled, carries)| events(refunds, cancelled, carries))
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
    ) {
        prop_assert_eq!(end(&shuffled)?, end(&sorted)?);
    }
}
