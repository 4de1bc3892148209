//! What members and staff read about balances and entries, word for word.

use super::super::api::{DatedAmount, Source};
use super::*;
use crate::ids::{EntryId, MemberId, OrderId};
use crate::orders::{OrderLine, OrderStatus, OrderTimes, Receipt, TakenFromLot};
use uuid::Uuid;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn entry_id(number: u128) -> EntryId {
    EntryId::from(Uuid::from_u128(number))
}

fn lot_id(number: u128) -> LotId {
    LotId::from(Uuid::from_u128(number))
}

fn cny() -> Currency {
    "CNY".parse().expect("a currency")
}

fn lot(number: u128, remaining: i64, state: LotState, kind: SourceKind) -> LotView {
    LotView {
        id: lot_id(number),
        asset: Asset::Points,
        amount: remaining.abs(),
        remaining,
        state,
        active_from: at(50),
        expires_at: Some(at(900)),
        source: Source {
            kind,
            reference: format!("A{number}"),
        },
    }
}

fn entry(kind: EntryKind, amount: i64, source: SourceKind, reference: &str) -> Entry {
    Entry {
        actor_name: None,
        id: entry_id(1),
        asset: Asset::Points,
        kind,
        amount,
        balance_after: 1_500,
        source: Source {
            kind: source,
            reference: reference.to_owned(),
        },
        order: (source == SourceKind::Refund).then(|| "A1".to_owned()),
        rule_version: None,
        actor: "system".to_owned(),
        reason: None,
        reverses: None,
        lot: None,
        occurred_at: at(10),
        recorded_at: at(11),
    }
}

fn line(id: &str, amount: i64) -> LineState {
    LineState {
        line: OrderLine {
            claim: None,
            line_id: id.to_owned(),
            sku: format!("SKU-{id}"),
            category: None,
            quantity: 1,
            amount,
        },
        refunded_quantity: 0,
        refunded_amount: 0,
    }
}

fn earned(points: i64, points_returned: i64) -> EarnedLine {
    EarnedLine {
        points,
        points_returned,
        growth: points,
        growth_returned: 0,
    }
}

/// Two lines that earned 1,200 and nothing, with 200 points spent from two lots, 80 of them back.
fn order() -> OrderView {
    let taken = |number, amount, restored| TakenFromLot {
        lot: lot_id(number),
        amount,
        restored,
    };
    OrderView {
        id: OrderId::from(Uuid::from_u128(9)),
        external_id: "A1".to_owned(),
        member_id: Some(MemberId::from(Uuid::from_u128(8))),
        status: OrderStatus::Paid,
        currency: cny(),
        amount: 125_000,
        refunded_amount: 0,
        lines: vec![line("1", 120_000), line("2", 5_000)],
        times: OrderTimes::default(),
        receipt: Receipt {
            coupons: Vec::new(),
            earned: Some(EarnedReceipt {
                rule_version: 3,
                tier_code: "gold".to_owned(),
                tier_bps: 15_000,
                lot: Some(lot_id(4)),
                entry: Some(entry_id(1)),
                lines: vec![earned(1_200, 300), earned(0, 0)],
            }),
            spends: vec![SpentReceipt {
                asset: Asset::Points,
                entry: entry_id(1),
                amount: 200,
                restored: 80,
                taken: vec![taken(5, 120, 0), taken(6, 80, 80)],
            }],
        },
        waiting_events: Vec::new(),
    }
}

/// The texts of an explanation: summary, then steps.
fn texts(told: &Explanation) -> Vec<(&str, &str)> {
    let texts = std::iter::once(&told.summary).chain(told.steps.iter().map(|it| &it.text));
    texts
        .map(|it| (it.zh_cn.as_str(), it.en.as_str()))
        .collect()
}

const BALANCE: (&str, &str) = (
    "此后余额 1,500 积分（含待生效）。",
    "The balance after this: 1,500 points, pending included.",
);

#[test]
fn an_earning_names_rule_tier_lines_and_dates() {
    let mut row = entry(EntryKind::Earn, 1_200, SourceKind::Order, "A1");
    row.lot = Some(lot(4, 1_200, LotState::Pending, SourceKind::Order));
    let told = explain_entry(&row, Some(&order()), cny());
    assert_eq!(
        texts(&told),
        [
            (
                "订单 A1 获得 1,200 积分。",
                "1,200 points earned with order A1."
            ),
            (
                "按积分规则第 3 版，等级 gold 的倍率为 1.5 倍。",
                "By version 3 of the points rules, 1.5× for tier gold."
            ),
            (
                "商品 SKU-1（行 1，¥1,200.00）：1,200 积分。",
                "SKU-1 (line 1, ¥1,200.00): 1,200 points."
            ),
            (
                "商品 SKU-2（行 2，¥50.00）：不产生积分。",
                "SKU-2 (line 2, ¥50.00): no points."
            ),
            (
                "退货期结束前为待生效，此时起可用。",
                "Pending until the return window has passed; spendable from then on."
            ),
            ("到此时仍未使用的将失效。", "What is unused by then ends."),
            BALANCE,
        ]
    );
    assert_eq!(told.steps[0].rule_version, Some(3));
    let amounts: Vec<_> = told.steps.iter().filter_map(|it| it.amount).collect();
    assert_eq!(amounts, [1_200, 0, 1_500]);
    let dates: Vec<_> = told.steps.iter().filter_map(|it| it.at).collect();
    assert_eq!(dates, [at(50), at(900), at(10)]);
}

#[test]
fn an_earning_without_its_receipt_still_names_the_rule() {
    let mut row = entry(EntryKind::Earn, 1, SourceKind::Order, "A2");
    row.rule_version = Some(7);
    row.lot = Some(LotView {
        active_from: at(10),
        expires_at: None,
        ..lot(4, 1, LotState::Active, SourceKind::Order)
    });
    let mut other = order();
    if let Some(earned) = &mut other.receipt.earned {
        earned.entry = Some(entry_id(77));
    }
    let told = explain_entry(&row, Some(&other), cny());
    assert_eq!(
        texts(&told),
        [
            ("订单 A2 获得 1 积分。", "1 point earned with order A2."),
            (
                "按积分规则第 7 版计算。",
                "By version 7 of the points rules."
            ),
            ("立即可用。", "Spendable at once."),
            ("长期有效。", "Does not end."),
            BALANCE,
        ]
    );
}

#[test]
fn a_spend_and_its_restoration_name_lots_in_order() {
    let spent = entry(EntryKind::Spend, -200, SourceKind::Order, "A1");
    let told = explain_entry(&spent, Some(&order()), cny());
    assert_eq!(
        texts(&told),
        [
            ("订单 A1 使用 200 积分。", "200 points used on order A1."),
            ("先到期的先使用。", "What ends first is used first."),
            ("第 1 批：使用 120 积分。", "Lot 1: 120 points used."),
            (
                "第 2 批：使用 80 积分，因退款已返还 80 积分。",
                "Lot 2: 80 points used, 80 points given back by refunds."
            ),
            BALANCE,
        ]
    );
    assert_eq!(told.steps[1].lot_id, Some(lot_id(5)));

    let mut back = entry(EntryKind::Restore, 80, SourceKind::Refund, "R1");
    back.lot = Some(LotView {
        amount: 30,
        ..lot(7, 30, LotState::Active, SourceKind::Refund)
    });
    let told = explain_entry(&back, Some(&order()), cny());
    assert_eq!(
        texts(&told),
        [
            (
                "订单 A1 退款，返还 80 积分。",
                "80 points given back, because order A1 was refunded."
            ),
            ("依据：订单事件 R1。", "Because of order event R1."),
            (
                "第 2 批：使用过 80 积分，至今返还 80 积分。",
                "Lot 2: 80 points had been used, 80 points given back so far."
            ),
            (
                "其中 30 积分的原批次即将或已经到期，放入新批次，至少 7 天可用。",
                "30 points of it would end within 7 days and got a lot of their own that lasts \
                 that long."
            ),
            BALANCE,
        ]
    );
    assert_eq!(told.steps[2].at, Some(at(900)));
}

#[test]
fn a_clawback_names_refund_and_lines() {
    let row = entry(EntryKind::Clawback, -300, SourceKind::Refund, "R1");
    let told = explain_entry(&row, Some(&order()), cny());
    assert_eq!(
        texts(&told),
        [
            (
                "订单 A1 退款，扣回 300 积分。",
                "300 points taken back, because order A1 was refunded."
            ),
            ("依据：订单事件 R1。", "Because of order event R1."),
            (
                "商品 SKU-1（行 1）：获得 1,200 积分，至今应退回 300 积分。",
                "SKU-1 (line 1): earned 1,200 points, of which 300 points due back so far."
            ),
            (
                "按下单时的规则，从该订单自己的批次扣回。",
                "By the rules of the time of the order, from the lot that the order made."
            ),
            BALANCE,
        ]
    );
    assert_eq!(told.steps[1].amount, Some(-300));
    assert_eq!(told.steps[2].lot_id, Some(lot_id(4)));

    let mut cancelled = order();
    cancelled.times.cancelled_at = Some(at(10));
    let told = explain_entry(&row, Some(&cancelled), cny());
    assert_eq!(told.summary.zh_cn, "订单 A1 取消，扣回 300 积分。");
    assert_eq!(
        told.summary.en,
        "300 points taken back, because order A1 was cancelled."
    );
}

#[test]
fn an_end_of_a_lot_says_which() {
    let lot_text = lot_id(4).to_string();
    let ended = entry(EntryKind::Expire, -40, SourceKind::Lot, &lot_text);
    let told = explain_entry(&ended, None, cny());
    assert_eq!(
        texts(&told),
        [
            ("40 积分到期未使用，已失效。", "40 points ended unused."),
            (
                "该批次已到有效期，剩余部分失效。",
                "The lot reached its end; what was left of it ended.",
            ),
            BALANCE,
        ]
    );
    assert_eq!(told.steps[0].lot_id, Some(lot_id(4)));
}

#[test]
fn an_adjustment_names_reason_and_actor() {
    let mut given = entry(EntryKind::Adjust, 50, SourceKind::Adjustment, "adj");
    given.asset = Asset::Credit;
    given.reason = Some("补偿".to_owned());
    given.actor = "stf_1".to_owned();
    given.lot = Some(lot(4, 50, LotState::Active, SourceKind::Adjustment));
    let told = explain_entry(&given, None, cny());
    assert_eq!(
        texts(&told),
        [
            (
                "人工增加 ¥0.50 购物金。",
                "Staff added ¥0.50 of store credit.",
            ),
            ("原因：补偿", "Reason: 补偿"),
            ("操作人：stf_1", "Done by: stf_1"),
            (
                "此时起可用，此前为待生效。",
                "Pending at first; spendable from then on.",
            ),
            ("到此时仍未使用的将失效。", "What is unused by then ends."),
            (
                "此后余额 ¥15.00 购物金（含待生效）。",
                "The balance after this: ¥15.00 of store credit, pending included.",
            ),
        ]
    );

    let mut taken = entry(EntryKind::Adjust, -50, SourceKind::Adjustment, "adj");
    taken.balance_after = -20;
    let told = explain_entry(&taken, None, cny());
    assert_eq!(
        texts(&told),
        [
            ("人工扣减 50 积分。", "Staff took away 50 points."),
            ("操作人：system", "Done by: system"),
            (
                "从最先到期的积分中扣减。",
                "Taken from the points that end first.",
            ),
            (
                "此后共欠 20 积分（含待生效）。",
                "After this 20 points were owed, pending included.",
            ),
        ]
    );
}

#[test]
fn a_transfer_says_which_way_it_went() {
    let lot_text = lot_id(4).to_string();
    let settled = entry(EntryKind::Transfer, 0, SourceKind::Lot, &lot_text);
    let told = explain_entry(&settled, None, cny());
    assert_eq!(
        texts(&told),
        [
            (
                "到期的积分先抵扣了欠分。",
                "Points that ended settled a deficit first.",
            ),
            (
                "积分在批次之间转移，余额合计不变。",
                "Points moved between lots; the balance is the same.",
            ),
            BALANCE,
        ]
    );

    let mut returned = entry(EntryKind::Transfer, 0, SourceKind::Refund, "R1");
    returned.lot = Some(LotView {
        active_from: at(10),
        ..lot(4, 30, LotState::Active, SourceKind::Refund)
    });
    let told = explain_entry(&returned, None, cny());
    assert_eq!(
        texts(&told),
        [
            (
                "退款后欠分减少，此前代为抵扣的 30 积分退回。",
                "A refund settled a deficit: 30 points that had paid for it came back.",
            ),
            (
                "积分在批次之间转移，余额合计不变。",
                "Points moved between lots; the balance is the same.",
            ),
            ("立即可用。", "Spendable at once."),
            ("到此时仍未使用的将失效。", "What is unused by then ends."),
            BALANCE,
        ]
    );
}

#[test]
fn a_balance_is_the_sum_of_its_lots() {
    let balance = AssetBalance {
        available: 1_000,
        pending: 250,
        deficit: 0,
        upcoming: vec![DatedAmount {
            amount: 250,
            at: at(50),
        }],
        expiring: vec![DatedAmount {
            amount: 1_000,
            at: at(900),
        }],
        expiring_by_month: Vec::new(),
    };
    let lots = [
        lot(1, 900, LotState::Active, SourceKind::Order),
        lot(2, 100, LotState::Active, SourceKind::Adjustment),
        lot(3, 0, LotState::Used, SourceKind::Order),
        lot(4, 250, LotState::Pending, SourceKind::Order),
    ];
    let told = explain_balance(Asset::Points, &balance, &lots, cny());
    assert_eq!(
        texts(&told),
        [
            (
                "可用 1,000 积分，另有 250 积分待生效。",
                "1,000 points can be spent, and 250 points more pending."
            ),
            (
                "订单 A1：可用 900 积分。",
                "Order A1: 900 points spendable."
            ),
            (
                "人工调整：可用 100 积分。",
                "Staff adjustment: 100 points spendable."
            ),
            (
                "订单 A4：待生效 250 积分。",
                "Order A4: 250 points pending, spendable from then on."
            ),
            (
                "1,000 积分到此时仍未使用将失效。",
                "1,000 points will end unless used by then."
            ),
        ]
    );
    let dates: Vec<_> = told.steps.iter().map(|it| it.at).collect();
    assert_eq!(dates, [None, None, Some(at(50)), Some(at(900))]);
}

#[test]
fn a_deficit_names_the_order_behind_it() {
    let balance = AssetBalance {
        available: 0,
        pending: 0,
        deficit: 150,
        upcoming: Vec::new(),
        expiring: Vec::new(),
        expiring_by_month: Vec::new(),
    };
    let lots = [
        lot(1, 50, LotState::Active, SourceKind::Refund),
        lot(2, -200, LotState::Deficit, SourceKind::Order),
    ];
    let told = explain_balance(Asset::Credit, &balance, &lots, cny());
    assert_eq!(
        texts(&told),
        [
            (
                "欠 ¥1.50 购物金，新获得的先用于抵扣。",
                "¥1.50 of store credit owed; what comes in settles that first."
            ),
            (
                "退款 A1：可用 ¥0.50 购物金。",
                "Refund A1: ¥0.50 of store credit spendable."
            ),
            (
                "订单 A2：退款时已用掉，欠 ¥2.00 购物金。",
                "Order A2: refunded after it was spent, ¥2.00 of store credit owed."
            ),
        ]
    );
}
