//! Why a balance or an entry is what it is, in both languages.
//!
//! Amounts stand in the texts; dates stand beside them, so that each reader gets them in the own
//! time zone.

use super::api::{AssetBalance, Entry, Explanation, ExplanationStep, LotState, LotView};
use super::{Asset, EntryKind, SourceKind};
use crate::ids::LotId;
use crate::orders::api::OrderView;
use crate::orders::{EarnedLine, EarnedReceipt, LineState, SpentReceipt};
use crate::quantity::{Currency, grouped};
use crate::text::Text;
use crate::time::Timestamp;

/// Writes amounts of one asset.
#[derive(Clone, Copy)]
struct Words {
    asset: Asset,
    currency: Currency,
}

impl Words {
    /// The amount without its sign: `120 积分`, `¥5.00 购物金`.
    fn amount(self, amount: i64) -> Text {
        amount_in_words(self.asset, self.currency, amount)
    }

    /// What the asset is called at the start of a sentence: `积分`, `Store credit`.
    fn name(self) -> Text {
        match self.asset {
            Asset::Points => Text::new("积分", "Points"),
            Asset::Credit => Text::new("购物金", "Store credit"),
        }
    }
}

/// An amount without its sign and what it is of: `120 积分`, `¥5.00 购物金`.
#[must_use]
pub fn amount_in_words(asset: Asset, currency: Currency, amount: i64) -> Text {
    let amount = amount.saturating_abs();
    match asset {
        Asset::Points => Text::new(
            format!("{} 积分", grouped(amount)),
            format!("{} {}", grouped(amount), plural(amount)),
        ),
        Asset::Credit => Text::new(
            format!("{} 购物金", currency.format(amount)),
            format!("{} of store credit", currency.format(amount)),
        ),
    }
}

const fn plural(points: i64) -> &'static str {
    if points == 1 { "point" } else { "points" }
}

/// Why this row of the ledger. With the receipt of its order the explanation names lines and lots;
/// `currency` is the programme's.
#[must_use]
pub fn explain_entry(
    entry: &Entry,
    receipt: Option<&OrderView>,
    currency: Currency,
) -> Explanation {
    let words = Words {
        asset: entry.asset,
        currency,
    };
    let mut steps = match entry.kind {
        EntryKind::Earn => explain_earn(entry, receipt, words),
        EntryKind::Spend => explain_spend(entry, receipt, words),
        EntryKind::Expire => explain_expire(entry),
        EntryKind::Adjust => explain_adjust(entry, words),
        EntryKind::Clawback => explain_clawback(entry, receipt, words),
        EntryKind::Restore => explain_restore(entry, receipt, words),
        EntryKind::Transfer => explain_transfer(entry, words),
    };
    let balance = words.amount(entry.balance_after);
    let balance = if entry.balance_after < 0 {
        Text::new(
            format!("此后共欠 {}（含待生效）。", balance.zh_cn),
            format!("After this {} were owed, pending included.", balance.en),
        )
    } else {
        Text::new(
            format!("此后余额 {}（含待生效）。", balance.zh_cn),
            format!("The balance after this: {}, pending included.", balance.en),
        )
    };
    steps.push(ExplanationStep {
        amount: Some(entry.balance_after),
        at: Some(entry.occurred_at),
        ..step(balance)
    });
    Explanation {
        summary: summarise(entry, receipt, words),
        steps,
    }
}

/// What a file brought in, or its undo took back, in one sentence.
fn brought_in(entry: &Entry, words: Words) -> Text {
    let Text { zh_cn: zh, en } = words.amount(entry.amount);
    let source = &entry.source.reference;
    if entry.kind == EntryKind::Clawback {
        Text::new(
            format!("期初余额的导入 {source} 已撤销，扣回 {zh}。"),
            format!(
                "{en} taken back, because the import of the opening balance ({source}) was undone."
            ),
        )
    } else {
        Text::new(
            format!("期初余额 {zh}，由导入 {source} 带入。"),
            format!("{en} as the opening balance, from the import {source}."),
        )
    }
}

/// The answer in a sentence.
fn summarise(entry: &Entry, receipt: Option<&OrderView>, words: Words) -> Text {
    if entry.source.kind == SourceKind::Import {
        return brought_in(entry, words);
    }
    let Text { zh_cn: zh, en } = words.amount(entry.amount);
    let order = match (&entry.order, entry.source.kind) {
        (Some(order), _) => Some(order),
        (None, SourceKind::Order) => Some(&entry.source.reference),
        (None, _) => None,
    };
    let (order_zh, order_en) = match order {
        Some(order) => (format!("订单 {order} "), format!("order {order}")),
        None if entry.source.kind == SourceKind::Task => ("任务".to_owned(), "a task".to_owned()),
        None if entry.source.kind == SourceKind::CheckIn => (
            format!("签到 {} ", entry.source.reference),
            format!("check-in {}", entry.source.reference),
        ),
        None if entry.source.kind == SourceKind::Referral => {
            ("邀请好友".to_owned(), "an invitation".to_owned())
        }
        None => ("订单".to_owned(), "an order".to_owned()),
    };
    let cancelled = receipt.is_some_and(|it| it.times.cancelled_at == Some(entry.occurred_at));
    let (undone_zh, undone_en) = if cancelled {
        ("取消", "cancelled")
    } else {
        ("退款", "refunded")
    };
    match entry.kind {
        EntryKind::Earn => Text::new(
            format!("{order_zh}获得 {zh}。"),
            format!("{en} earned with {order_en}."),
        ),
        EntryKind::Spend => Text::new(
            format!("{order_zh}使用 {zh}。"),
            format!("{en} used on {order_en}."),
        ),
        EntryKind::Clawback if entry.source.kind == SourceKind::Referral => Text::new(
            format!("邀请不再有效，扣回 {zh}。"),
            format!("{en} taken back, because the invitation no longer counts."),
        ),
        EntryKind::Clawback => Text::new(
            format!("{order_zh}{undone_zh}，扣回 {zh}。"),
            format!("{en} taken back, because {order_en} was {undone_en}."),
        ),
        EntryKind::Restore => Text::new(
            format!("{order_zh}{undone_zh}，返还 {zh}。"),
            format!("{en} given back, because {order_en} was {undone_en}."),
        ),
        EntryKind::Expire if entry.source.kind == SourceKind::Erasure => Text::new(
            format!("{zh}随会员注销失效。"),
            format!("{en} ended with the membership."),
        ),
        EntryKind::Expire => Text::new(
            format!("{zh}到期未使用，已失效。"),
            format!("{en} ended unused."),
        ),
        EntryKind::Adjust if entry.amount < 0 => {
            Text::new(format!("人工扣减 {zh}。"), format!("Staff took away {en}."))
        }
        EntryKind::Adjust => Text::new(format!("人工增加 {zh}。"), format!("Staff added {en}.")),
        EntryKind::Transfer => summarise_transfer(entry, words),
    }
}

fn summarise_transfer(entry: &Entry, words: Words) -> Text {
    if entry.source.kind == SourceKind::Merge {
        return merged(entry, words);
    }
    let name = words.name();
    match &entry.lot {
        Some(lot) => {
            let amount = words.amount(lot.amount);
            Text::new(
                format!("退款后欠分减少，此前代为抵扣的 {}退回。", amount.zh_cn),
                format!(
                    "A refund settled a deficit: {} that had paid for it came back.",
                    amount.en
                ),
            )
        }
        None => Text::new(
            format!("到期的{}先抵扣了欠分。", name.zh_cn),
            format!("{} that ended settled a deficit first.", name.en),
        ),
    }
}

/// The receipt of what the order earned, when this row is that earning.
fn earned_by<'a>(entry: &Entry, receipt: Option<&'a OrderView>) -> Option<&'a EarnedReceipt> {
    let earned = receipt?.receipt.earned.as_ref()?;
    (earned.entry == Some(entry.id)).then_some(earned)
}

fn explain_earn(entry: &Entry, receipt: Option<&OrderView>, words: Words) -> Vec<ExplanationStep> {
    let mut steps = Vec::new();
    if let Some(earned) = earned_by(entry, receipt) {
        let (tier, times) = (&earned.tier_code, times(earned.tier_bps));
        let version = earned.rule_version;
        steps.push(ExplanationStep {
            rule_version: Some(version),
            ..step(Text::new(
                format!("按积分规则第 {version} 版，等级 {tier} 的倍率为 {times} 倍。"),
                format!("By version {version} of the points rules, {times}× for tier {tier}."),
            ))
        });
        let lines = receipt.map_or(&[][..], |it| &it.lines);
        for (state, line) in lines.iter().zip(&earned.lines) {
            steps.push(ExplanationStep {
                amount: Some(line.points),
                ..step(explain_line(state, line, words))
            });
        }
    } else if let Some(version) = entry.rule_version {
        steps.push(ExplanationStep {
            rule_version: Some(version),
            ..step(Text::new(
                format!("按积分规则第 {version} 版计算。"),
                format!("By version {version} of the points rules."),
            ))
        });
    }
    if let Some(lot) = &entry.lot {
        steps.extend(explain_life(lot, entry.occurred_at));
    }
    steps
}

/// A multiplier for people: `1`, `1.5`, `1.25`.
fn times(bps: i64) -> String {
    let digits = format!("{}.{:04}", bps / 10_000, bps % 10_000);
    digits
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

fn explain_line(state: &LineState, earned: &EarnedLine, words: Words) -> Text {
    let line = &state.line;
    let (id, sku) = (&line.line_id, &line.sku);
    let paid = words.currency.format(line.amount);
    if earned.points == 0 {
        return Text::new(
            format!("商品 {sku}（行 {id}，{paid}）：不产生积分。"),
            format!("{sku} (line {id}, {paid}): no points."),
        );
    }
    let amount = words.amount(earned.points);
    Text::new(
        format!("商品 {sku}（行 {id}，{paid}）：{}。", amount.zh_cn),
        format!("{sku} (line {id}, {paid}): {}.", amount.en),
    )
}

/// From when a lot can be spent, and when it ends.
fn explain_life(lot: &LotView, made_at: Timestamp) -> [ExplanationStep; 2] {
    let begins = match (lot.active_from > made_at, lot.source.kind) {
        (true, SourceKind::Order) => Text::new(
            "退货期结束前为待生效，此时起可用。",
            "Pending until the return window has passed; spendable from then on.",
        ),
        (true, _) => Text::new(
            "此时起可用，此前为待生效。",
            "Pending at first; spendable from then on.",
        ),
        (false, _) => Text::new("立即可用。", "Spendable at once."),
    };
    let ends = if lot.expires_at.is_some() {
        Text::new("到此时仍未使用的将失效。", "What is unused by then ends.")
    } else {
        Text::new("长期有效。", "Does not end.")
    };
    [
        ExplanationStep {
            lot_id: Some(lot.id),
            at: Some(lot.active_from),
            ..step(begins)
        },
        ExplanationStep {
            lot_id: Some(lot.id),
            at: lot.expires_at,
            ..step(ends)
        },
    ]
}

/// The receipt of what the order used of this row's asset.
fn spent_of<'a>(entry: &Entry, receipt: Option<&'a OrderView>) -> Option<&'a SpentReceipt> {
    let mut spends = receipt?.receipt.spends.iter();
    spends.find(|it| it.asset == entry.asset)
}

fn explain_spend(entry: &Entry, receipt: Option<&OrderView>, words: Words) -> Vec<ExplanationStep> {
    let mut steps = vec![step(Text::new(
        "先到期的先使用。",
        "What ends first is used first.",
    ))];
    let Some(spent) = spent_of(entry, receipt).filter(|it| it.entry == entry.id) else {
        return steps;
    };
    for (place, taken) in spent.taken.iter().enumerate() {
        let place = place + 1;
        let amount = words.amount(taken.amount);
        let mut text = Text::new(
            format!("第 {place} 批：使用 {}", amount.zh_cn),
            format!("Lot {place}: {} used", amount.en),
        );
        if taken.restored > 0 {
            let back = words.amount(taken.restored);
            text.zh_cn
                .push_str(&format!("，因退款已返还 {}", back.zh_cn));
            text.en
                .push_str(&format!(", {} given back by refunds", back.en));
        }
        text.zh_cn.push('。');
        text.en.push('.');
        steps.push(ExplanationStep {
            amount: Some(-taken.amount),
            lot_id: Some(taken.lot),
            ..step(text)
        });
    }
    steps
}

fn explain_expire(entry: &Entry) -> Vec<ExplanationStep> {
    if entry.source.kind == SourceKind::Erasure {
        return vec![ExplanationStep {
            amount: Some(entry.amount),
            at: Some(entry.occurred_at),
            ..step(Text::new(
                "会员已注销，剩余部分失效。",
                "The membership ended; what was left ended with it.",
            ))
        }];
    }
    vec![ExplanationStep {
        amount: Some(entry.amount),
        lot_id: lot_of(entry),
        at: Some(entry.occurred_at),
        ..step(Text::new(
            "该批次已到有效期，剩余部分失效。",
            "The lot reached its end; what was left of it ended.",
        ))
    }]
}

/// The lot that this row is about, by its source.
fn lot_of(entry: &Entry) -> Option<LotId> {
    match entry.source.kind {
        SourceKind::Lot => entry.source.reference.parse().ok(),
        _ => entry.lot.as_ref().map(|it| it.id),
    }
}

fn explain_adjust(entry: &Entry, words: Words) -> Vec<ExplanationStep> {
    let mut steps = Vec::new();
    if let Some(reason) = &entry.reason {
        steps.push(step(Text::new(
            format!("原因：{reason}"),
            format!("Reason: {reason}"),
        )));
    }
    let actor = &entry.actor;
    steps.push(step(Text::new(
        format!("操作人：{actor}"),
        format!("Done by: {actor}"),
    )));
    match &entry.lot {
        Some(lot) => steps.extend(explain_life(lot, entry.occurred_at)),
        None if entry.amount < 0 => {
            let (zh, en) = match words.asset {
                Asset::Points => ("积分", "points that end"),
                Asset::Credit => ("购物金", "store credit that ends"),
            };
            steps.push(step(Text::new(
                format!("从最先到期的{zh}中扣减。"),
                format!("Taken from the {en} first."),
            )));
        }
        None => {}
    }
    steps
}

fn explain_clawback(
    entry: &Entry,
    receipt: Option<&OrderView>,
    words: Words,
) -> Vec<ExplanationStep> {
    if entry.source.kind == SourceKind::Import {
        return vec![ExplanationStep {
            amount: Some(entry.amount),
            lot_id: lot_of(entry),
            at: Some(entry.occurred_at),
            ..step(brought_in(entry, words))
        }];
    }
    let mut steps = vec![refund_step(entry)];
    let earned = receipt.and_then(|it| it.receipt.earned.as_ref());
    if let (Some(receipt), Some(earned)) = (receipt, earned) {
        let lines = receipt.lines.iter().zip(&earned.lines);
        for (state, line) in lines.filter(|(_, line)| line.points_returned > 0) {
            let (id, sku) = (&state.line.line_id, &state.line.sku);
            let back = words.amount(line.points_returned);
            let got = words.amount(line.points);
            steps.push(ExplanationStep {
                amount: Some(-line.points_returned),
                ..step(Text::new(
                    format!(
                        "商品 {sku}（行 {id}）：获得 {}，至今应退回 {}。",
                        got.zh_cn, back.zh_cn
                    ),
                    format!(
                        "{sku} (line {id}): earned {}, of which {} due back so far.",
                        got.en, back.en
                    ),
                ))
            });
        }
        steps.push(ExplanationStep {
            lot_id: earned.lot,
            entry_id: earned.entry,
            rule_version: Some(earned.rule_version),
            ..step(Text::new(
                "按下单时的规则，从该订单自己的批次扣回。",
                "By the rules of the time of the order, from the lot that the order made.",
            ))
        });
    }
    steps
}

/// Which refund or cancellation is behind this row.
fn refund_step(entry: &Entry) -> ExplanationStep {
    let reference = &entry.source.reference;
    ExplanationStep {
        entry_id: entry.reverses,
        at: Some(entry.occurred_at),
        ..step(Text::new(
            format!("依据：订单事件 {reference}。"),
            format!("Because of order event {reference}."),
        ))
    }
}

fn explain_restore(
    entry: &Entry,
    receipt: Option<&OrderView>,
    words: Words,
) -> Vec<ExplanationStep> {
    if entry.source.kind == SourceKind::Import {
        return vec![ExplanationStep {
            amount: Some(entry.amount),
            lot_id: lot_of(entry),
            at: Some(entry.occurred_at),
            ..step(brought_in(entry, words))
        }];
    }
    let mut steps = vec![refund_step(entry)];
    let taken = spent_of(entry, receipt).map_or(&[][..], |it| &it.taken);
    for (place, taken) in taken.iter().enumerate().filter(|(_, it)| it.restored > 0) {
        let place = place + 1;
        let (back, used) = (words.amount(taken.restored), words.amount(taken.amount));
        steps.push(ExplanationStep {
            amount: Some(taken.restored),
            lot_id: Some(taken.lot),
            ..step(Text::new(
                format!(
                    "第 {place} 批：使用过 {}，至今返还 {}。",
                    used.zh_cn, back.zh_cn
                ),
                format!(
                    "Lot {place}: {} had been used, {} given back so far.",
                    used.en, back.en
                ),
            ))
        });
    }
    if let Some(lot) = &entry.lot {
        let amount = words.amount(lot.amount);
        steps.push(ExplanationStep {
            amount: Some(lot.amount),
            lot_id: Some(lot.id),
            at: lot.expires_at,
            ..step(Text::new(
                format!(
                    "其中 {}的原批次即将或已经到期，放入新批次，至少 7 天可用。",
                    amount.zh_cn
                ),
                format!(
                    "{} of it would end within 7 days and got a lot of their own that lasts that \
                     long.",
                    amount.en
                ),
            ))
        });
    }
    steps
}

/// What a merge of two members moved, in one sentence.
fn merged(entry: &Entry, words: Words) -> Text {
    let amount = words.amount(entry.amount);
    if entry.amount < 0 {
        Text::new(
            format!("会员合并或拆分：{}转出。", amount.zh_cn),
            format!("Members were merged or separated: {} left.", amount.en),
        )
    } else {
        Text::new(
            format!("会员合并或拆分：{}转入。", amount.zh_cn),
            format!("Members were merged or separated: {} came over.", amount.en),
        )
    }
}

fn explain_transfer(entry: &Entry, words: Words) -> Vec<ExplanationStep> {
    if entry.source.kind == SourceKind::Merge {
        return vec![ExplanationStep {
            amount: Some(entry.amount),
            at: Some(entry.occurred_at),
            ..step(merged(entry, words))
        }];
    }
    let name = words.name();
    let mut steps = vec![ExplanationStep {
        amount: Some(0),
        lot_id: lot_of(entry),
        at: Some(entry.occurred_at),
        ..step(Text::new(
            format!("{}在批次之间转移，余额合计不变。", name.zh_cn),
            format!("{} moved between lots; the balance is the same.", name.en),
        ))
    }];
    if let Some(lot) = &entry.lot {
        steps.extend(explain_life(lot, entry.occurred_at));
    }
    steps
}

/// Why a balance is what it is: the lots that it is the sum of, what is owed, and what ends when.
/// `currency` is the programme's.
#[must_use]
pub fn explain_balance(
    asset: Asset,
    balance: &AssetBalance,
    lots: &[LotView],
    currency: Currency,
) -> Explanation {
    let words = Words { asset, currency };
    let mut steps = Vec::new();
    let of = |pending: bool, owed: bool| {
        lots.iter().filter(move |it| {
            (it.state == LotState::Pending) == pending && (it.remaining < 0) == owed
        })
    };
    for lot in of(false, false).filter(|it| it.remaining > 0) {
        steps.push(lot_step(lot, None, words, ("可用 ", "spendable")));
    }
    for lot in of(false, true) {
        steps.push(deficit_step(lot, words));
    }
    for lot in of(true, false).filter(|it| it.remaining > 0) {
        let begins = Some(lot.active_from);
        steps.push(lot_step(
            lot,
            begins,
            words,
            ("待生效 ", "pending, spendable from then on"),
        ));
    }
    for ending in &balance.expiring {
        let amount = words.amount(ending.amount);
        steps.push(ExplanationStep {
            amount: Some(ending.amount),
            at: Some(ending.at),
            ..step(Text::new(
                format!("{}到此时仍未使用将失效。", amount.zh_cn),
                format!("{} will end unless used by then.", amount.en),
            ))
        });
    }
    Explanation {
        summary: summarise_balance(balance, words),
        steps,
    }
}

fn summarise_balance(balance: &AssetBalance, words: Words) -> Text {
    let available = words.amount(balance.available);
    let mut text = if balance.deficit > 0 {
        let owed = words.amount(balance.deficit);
        Text::new(
            format!("欠 {}，新获得的先用于抵扣", owed.zh_cn),
            format!("{} owed; what comes in settles that first", owed.en),
        )
    } else {
        Text::new(
            format!("可用 {}", available.zh_cn),
            format!("{} can be spent", available.en),
        )
    };
    if balance.pending > 0 {
        let pending = words.amount(balance.pending);
        text.zh_cn
            .push_str(&format!("，另有 {}待生效", pending.zh_cn));
        text.en
            .push_str(&format!(", and {} more pending", pending.en));
    }
    text.zh_cn.push('。');
    text.en.push('.');
    text
}

/// Where a lot came from, for people.
fn origin(lot: &LotView) -> Text {
    let reference = &lot.source.reference;
    match lot.source.kind {
        SourceKind::Order => Text::new(format!("订单 {reference}"), format!("Order {reference}")),
        SourceKind::Refund => Text::new(format!("退款 {reference}"), format!("Refund {reference}")),
        SourceKind::Adjustment => Text::new("人工调整", "Staff adjustment"),
        SourceKind::Lot => Text::new("批次转移", "Moved between lots"),
        SourceKind::Reservation => Text::new("结算锁定", "Held for a checkout"),
        SourceKind::Task => Text::new("任务奖励", "Task reward"),
        SourceKind::CheckIn => Text::new(
            format!("签到奖励 {reference}"),
            format!("Check-in reward {reference}"),
        ),
        SourceKind::Referral => Text::new("邀请奖励", "Reward of an invitation"),
        SourceKind::Erasure => Text::new("会员注销", "Membership ended"),
        SourceKind::Merge => Text::new("会员合并", "Merged members"),
        SourceKind::Import => Text::new("期初余额", "Opening balance"),
    }
}

fn lot_step(
    lot: &LotView,
    at: Option<Timestamp>,
    words: Words,
    (zh, en): (&str, &str),
) -> ExplanationStep {
    let (amount, origin) = (words.amount(lot.remaining), origin(lot));
    ExplanationStep {
        amount: Some(lot.remaining),
        lot_id: Some(lot.id),
        at,
        ..step(Text::new(
            format!("{}：{zh}{}。", origin.zh_cn, amount.zh_cn),
            format!("{}: {} {en}.", origin.en, amount.en),
        ))
    }
}

fn deficit_step(lot: &LotView, words: Words) -> ExplanationStep {
    let (amount, origin) = (words.amount(lot.remaining), origin(lot));
    ExplanationStep {
        amount: Some(lot.remaining),
        lot_id: Some(lot.id),
        ..step(Text::new(
            format!("{}：退款时已用掉，欠 {}。", origin.zh_cn, amount.zh_cn),
            format!(
                "{}: refunded after it was spent, {} owed.",
                origin.en, amount.en
            ),
        ))
    }
}

const fn step(text: Text) -> ExplanationStep {
    ExplanationStep {
        text,
        amount: None,
        entry_id: None,
        lot_id: None,
        rule_version: None,
        at: None,
    }
}

#[cfg(test)]
mod tests;
