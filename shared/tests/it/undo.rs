//! Buying and then refunding, in any order, split and number of steps, leaves everything as if it
//! had never happened.

use crate::shop::{Shop, day};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use shared::orders::OrderLine;
use shared::orders::api::{Contents, EventKind, OrderEvent, RefundLine};
use shared::points::Asset;
use shared::text::Text;
use shared::tiers::rules::{LadderAt, TierFacts, TierState, Transition, replay};
use shared::tiers::{Ladder, Tier, Window};
use shared::time::Timestamp;
use std::collections::BTreeSet;

/// The last day on which something happens.
const LAST_DAY: i64 = 120;

/// One order and all that becomes of it.
#[derive(Debug, Clone)]
struct Plan {
    /// Whether it is refunded or cancelled as a whole in the end.
    undone: bool,
    /// Pieces and amount.
    lines: Vec<(i64, i64)>,
    placed: i64,
    paid: i64,
    /// Day, asset and amount.
    spends: Vec<(i64, Asset, i64)>,
    refunds: Vec<(i64, Vec<RefundLine>)>,
    /// Day of the end, and whether it is a cancellation.
    end: (i64, bool),
}

/// Something that happens on a day.
#[derive(Debug, Clone)]
enum Act {
    Event(OrderEvent),
    /// Number of the spend, order, asset and amount.
    Spend(usize, String, Asset, i64),
}

fn any_refund() -> impl Strategy<Value = RefundLine> {
    let parts = prop_oneof![
        (1..4i64).prop_map(|it| (Some(it), None)),
        (0..300i64).prop_map(|it| (None, Some(it))),
        Just((None, None)),
    ];
    (0..4usize, parts).prop_map(|(line, (quantity, amount))| RefundLine {
        line_id: line.to_string(),
        quantity,
        amount,
    })
}

prop_compose! {
    fn any_plan(standing_spends: bool)(
        undone in proptest::bool::weighted(0.6),
        lines in proptest::collection::vec((1..4i64, 0..400i64), 1..4),
        placed in 0..60i64,
        wait in 0..4i64,
        spends in proptest::collection::vec((0..30i64, any::<bool>(), 1..500i64), 0..3),
        refunds in proptest::collection::vec(
            (0..50i64, proptest::collection::vec(any_refund(), 1..3)), 0..4),
        end in (10..60i64, any::<bool>()),
    ) -> Plan {
        let asset = |credit| if credit { Asset::Credit } else { Asset::Points };
        let spends = if undone || standing_spends { spends } else { Vec::new() };
        Plan {
            undone,
            lines,
            placed,
            paid: placed + wait,
            spends: spends.into_iter().map(|(on, credit, it)| (placed + on, asset(credit), it)).collect(),
            refunds: refunds.into_iter().map(|(on, it)| (placed + on, it)).collect(),
            end: (placed + end.0, end.1),
        }
    }
}

fn plans(standing_spends: bool) -> impl Strategy<Value = Vec<Plan>> {
    proptest::collection::vec(any_plan(standing_spends), 1..6)
}

impl Plan {
    fn contents(&self) -> Contents {
        let line = |(i, (quantity, amount)): (usize, &(i64, i64))| OrderLine {
            claim: None,
            line_id: i.to_string(),
            sku: format!("sku-{i}"),
            category: None,
            quantity: *quantity,
            amount: *amount,
        };
        Contents {
            member: None,
            currency: "CNY".parse().expect("a currency"),
            lines: self.lines.iter().enumerate().map(line).collect(),
        }
    }

    /// All that happens to this order, each on its day.
    fn acts(&self, number: usize) -> Vec<(i64, Act)> {
        let id = format!("A{number}");
        let event = |kind, on, order, refunds| {
            let event = OrderEvent {
                reservation: None,
                event_id: format!("{id}-{kind:?}-{on}"),
                order_id: id.clone(),
                occurred_at: day(on),
                kind,
                order,
                refunds,
            };
            (on, Act::Event(event))
        };
        let contents = Some(self.contents());
        let mut acts = vec![
            event(EventKind::Placed, self.placed, contents, Vec::new()),
            event(EventKind::Paid, self.paid, None, Vec::new()),
        ];
        for (i, (on, asset, amount)) in self.spends.iter().enumerate() {
            acts.push((
                *on,
                Act::Spend(number * 10 + i, id.clone(), *asset, *amount),
            ));
        }
        for (on, refunds) in &self.refunds {
            acts.push(event(EventKind::Refunded, *on, None, refunds.clone()));
        }
        if self.undone {
            let (on, cancelled) = self.end;
            let kind = if cancelled {
                EventKind::Cancelled
            } else {
                EventKind::Refunded
            };
            acts.push(event(kind, on, None, Vec::new()));
        }
        acts
    }
}

/// Runs the plans, without the undone ones or with them, and answers which spends were refused.
fn run(
    plans: &[Plan],
    with_undone: bool,
    lot_days: i64,
    skip: &BTreeSet<usize>,
) -> (Shop, BTreeSet<usize>) {
    let mut acts: Vec<(i64, Act)> = Vec::new();
    for (number, plan) in plans.iter().enumerate() {
        if with_undone || !plan.undone {
            acts.extend(plan.acts(number));
        }
    }
    acts.sort_by_key(|it| it.0);
    let mut shop = Shop::new(lot_days);
    shop.gift(Asset::Points, 300);
    shop.gift(Asset::Credit, 600);
    let mut refused = BTreeSet::new();
    for (on, act) in acts {
        shop.pass(day(on));
        match act {
            // A refund of more than is left is refused, and changes nothing.
            Act::Event(event) => drop(shop.take(event)),
            Act::Spend(number, id, asset, amount) if !skip.contains(&number) => {
                if !shop.spend(&id, asset, amount) {
                    refused.insert(number);
                }
            }
            Act::Spend(..) => {}
        }
        shop.assert_balanced();
    }
    (shop, refused)
}

/// Runs the plans with and without the undone ones; what one of the two cannot spend on a standing
/// order, neither spends.
fn run_both(plans: &[Plan], lot_days: i64) -> (Shop, Shop) {
    let mut skip = BTreeSet::new();
    loop {
        let (with, refused) = run(plans, true, lot_days, &skip);
        let (without, also) = run(plans, false, lot_days, &skip);
        let before = skip.len();
        let standing = |it: &usize| !plans[*it / 10].undone;
        skip.extend(refused.into_iter().filter(standing));
        skip.extend(also);
        if skip.len() == before {
            return (with, without);
        }
    }
}

fn tier(shop: &Shop, until: Timestamp) -> (TierState, Vec<Transition>) {
    let tiers = [("basic", 0), ("silver", 200), ("gold", 600)];
    let tier = |(code, threshold): (&str, i64)| Tier {
        code: code.to_owned(),
        name: Text::new(code, code),
        threshold,
        benefits: Vec::new(),
    };
    let ladder = Ladder {
        window: Window::Rolling12Months,
        grace_days: 30,
        warn_days: 30,
        tiers: tiers.into_iter().map(tier).collect(),
    };
    let ladders = [LadderAt {
        version: 1,
        from: Timestamp::MIN,
        ladder,
    }];
    let facts = TierFacts {
        joined_at: day(40),
        growth: &shop.growth,
        ladders: &ladders,
        zone: &TimeZone::UTC,
    };
    replay(facts, until)
}

fn assert_same(with: &Shop, without: &Shop) -> Result<(), TestCaseError> {
    for asset in Asset::ALL {
        let balance = |shop: &Shop| (shop.wallets[&asset].available, shop.wallets[&asset].pending);
        prop_assert_eq!(balance(with), balance(without), "{:?}", asset);
    }
    for until in [day(LAST_DAY), day(1_500)] {
        prop_assert_eq!(tier(with, until), tier(without, until));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn refunds_leave_balances_and_tier_as_if_nothing_was_bought(plans in plans(true)) {
        let (mut with, mut without) = run_both(&plans, 1_000);
        for until in [LAST_DAY, LAST_DAY + 20] {
            with.pass(day(until));
            without.pass(day(until));
            assert_same(&with, &without)?;
        }
        // Long after, everything has ended, and nobody owes anything for it.
        with.pass(day(3_000));
        without.pass(day(3_000));
        assert_same(&with, &without)?;
    }

    #[test]
    fn refunds_leave_every_lot_as_if_nothing_was_bought(plans in plans(false)) {
        let (mut with, mut without) = run_both(&plans, 1_000);
        with.pass(day(LAST_DAY));
        without.pass(day(LAST_DAY));
        for asset in Asset::ALL {
            prop_assert_eq!(with.left(asset), without.left(asset));
            let ends = |shop: &Shop| {
                let lots = shop.wallets[&asset].lots.iter().filter(|it| it.remaining != 0);
                let mut ends: Vec<_> = lots.map(|it| (it.expires_at, it.remaining)).collect();
                ends.sort_unstable();
                ends
            };
            prop_assert_eq!(ends(&with), ends(&without), "original ends");
        }
        assert_same(&with, &without)?;
    }

    #[test]
    fn points_that_end_meanwhile_are_neither_lost_nor_owed(
        plans in plans(false),
        lot_days in 1..60i64,
    ) {
        let (mut with, mut without) = run_both(&plans, lot_days);
        // What was restored at the end of its life has lasted its week by then.
        let last = day(LAST_DAY + 10);
        with.pass(last);
        without.pass(last);
        for asset in Asset::ALL {
            prop_assert_eq!(with.left(asset), without.left(asset));
        }
        assert_same(&with, &without)?;
    }
}
