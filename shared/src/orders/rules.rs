//! Decisions about orders: whether an event applies, waits or is refused, and what a refund owes.

use super::api::{Contents, EventKind, OrderEvent, RefundLine};
use super::{LineState, MAX_LINES, Order, OrderLine, OrderStatus, Receipt};
use crate::points::Asset;
use crate::problem::{ErrorCode, FieldError};
use crate::quantity::{Currency, MAX_AMOUNT, scale_floor, split_largest_remainder};
use crate::time::Timestamp;
use std::collections::HashSet;

/// Most pieces of a line.
pub const MAX_QUANTITY: i64 = 1_000_000;
/// Longest id, SKU or category that the shop may send, in characters.
pub const MAX_REFERENCE: usize = 100;

/// What an event does to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Something must happen before it; it is kept until then.
    Waits,
    /// The order after it, and what other features must do.
    Applies {
        /// The order, with lines and times brought up to date.
        order: Box<Order>,
        /// What follows from it.
        consequence: Consequence,
    },
}

/// What other features must do about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// Nothing.
    None,
    /// The order earns: it is paid and stands.
    Earns,
    /// Part of the order or all of it no longer stands; see [`settle_returns`].
    Returns,
}

/// Why an event can never apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The event contradicts what happened before.
    NotApplicable,
    /// The order belongs to another member.
    OtherMember,
    /// The refund names a line that the order does not have.
    UnknownLine {
        /// The line.
        line_id: String,
    },
    /// The refund is more than what is left of a line.
    ExceedsOrder {
        /// The line.
        line_id: String,
        /// What is left of it, in minor units.
        left: i64,
    },
}

impl Refusal {
    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::NotApplicable => ErrorCode::EventNotApplicable,
            Self::OtherMember => ErrorCode::OrderAlreadyClaimed,
            Self::UnknownLine { .. } => ErrorCode::UnknownLine,
            Self::ExceedsOrder { .. } => ErrorCode::RefundExceedsOrder,
        }
    }
}

impl Order {
    /// Sum of the lines, in minor units.
    #[must_use]
    pub fn amount(&self) -> i64 {
        self.lines.iter().map(|it| it.line.amount).sum()
    }

    /// What of it was refunded, in minor units.
    #[must_use]
    pub fn refunded_amount(&self) -> i64 {
        self.lines.iter().map(|it| it.refunded_amount).sum()
    }

    /// Whether nothing of a known order is left.
    #[must_use]
    pub fn is_fully_returned(&self) -> bool {
        self.times.cancelled_at.is_some()
            || (!self.lines.is_empty() && self.lines.iter().all(LineState::is_fully_returned))
    }

    /// What the order is doing, from its times and lines.
    #[must_use]
    pub fn status(&self) -> OrderStatus {
        let times = &self.times;
        if times.cancelled_at.is_some() {
            OrderStatus::Cancelled
        } else if times.paid_at.is_some() && self.is_fully_returned() {
            OrderStatus::Refunded
        } else if times.delivered_at.is_some() {
            OrderStatus::Delivered
        } else if times.shipped_at.is_some() {
            OrderStatus::Shipped
        } else if times.paid_at.is_some() {
            OrderStatus::Paid
        } else if self.lines.is_empty() {
            OrderStatus::Announced
        } else {
            OrderStatus::Placed
        }
    }
}

impl LineState {
    /// Whether neither a piece nor money is left to refund. All pieces may be back while the shop
    /// still owes money for them.
    const fn is_settled(&self) -> bool {
        self.refunded_quantity >= self.line.quantity && self.refunded_amount >= self.line.amount
    }

    /// Whether all of the line came back.
    #[must_use]
    pub const fn is_fully_returned(&self) -> bool {
        self.refunded_quantity >= self.line.quantity
            || (self.line.amount > 0 && self.refunded_amount >= self.line.amount)
    }

    /// The part of `given` that the returned part of the line stands for, rounded down until all
    /// of the line is back; then all of it. Depends only on how much is back, not on the steps.
    #[must_use]
    pub fn returned_share_floor(&self, given: i64) -> i64 {
        if self.is_fully_returned() {
            given
        } else {
            scale_floor(given, self.refunded_amount, self.line.amount).unwrap_or(0)
        }
    }
}

/// Checks what is in an order before anything is kept. An empty answer means it is fine;
/// `pointer` is where the contents stand in the request.
#[must_use]
pub fn check_contents(contents: &Contents, currency: Currency, pointer: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |at: &str, code: &str, message: &str| {
        errors.push(FieldError::new(format!("{pointer}{at}"), code, message));
    };
    if contents.currency != currency {
        wrong(
            "/currency",
            "currency_mismatch",
            &format!("expected {currency}"),
        );
    }
    if contents.lines.is_empty() || contents.lines.len() > MAX_LINES {
        wrong("/lines", "out_of_range", "expected 1 to 500 lines");
    }
    let mut seen = HashSet::new();
    let mut total = 0i64;
    for (i, line) in contents.lines.iter().enumerate().take(MAX_LINES) {
        for (field, code, message) in wrong_in_line(line, &mut seen) {
            wrong(&format!("/lines/{i}/{field}"), code, message);
        }
        total = total.saturating_add(line.amount.max(0));
    }
    if total > MAX_AMOUNT {
        wrong(
            "/lines",
            "out_of_range",
            "the lines add up to more than 1000000000000 minor units",
        );
    }
    errors
}

/// What is wrong in one line: field, code and what is expected. `seen` are the ids of the lines
/// before it.
fn wrong_in_line<'a>(
    line: &'a OrderLine,
    seen: &mut HashSet<&'a str>,
) -> Vec<(&'static str, &'static str, &'static str)> {
    let visible = "expected 1 to 100 visible characters";
    let mut wrong = Vec::new();
    if !is_reference(&line.line_id) {
        wrong.push(("line_id", "invalid", visible));
    } else if !seen.insert(&line.line_id) {
        wrong.push(("line_id", "duplicate", "every line needs an id of its own"));
    }
    if !is_reference(&line.sku) {
        wrong.push(("sku", "invalid", visible));
    }
    if line.category.as_ref().is_some_and(|it| !is_reference(it)) {
        wrong.push(("category", "invalid", visible));
    }
    if !(1..=MAX_QUANTITY).contains(&line.quantity) {
        wrong.push(("quantity", "out_of_range", "expected 1 to 1000000"));
    }
    if !(0..=MAX_AMOUNT).contains(&line.amount) {
        let expected = "expected 0 to 1000000000000 minor units";
        wrong.push(("amount", "out_of_range", expected));
    }
    wrong
}

/// Whether a text can be an id, SKU or category: 1 to 100 characters, none of them a control.
#[must_use]
pub fn is_reference(text: &str) -> bool {
    let length = text.chars().take(MAX_REFERENCE + 1).count();
    (1..=MAX_REFERENCE).contains(&length)
        && !text.chars().any(char::is_control)
        && text.trim().len() == text.len()
}

/// Checks an event before anything is kept. An empty answer means it is fine.
#[must_use]
pub fn check_event(event: &OrderEvent, currency: Currency) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (pointer, text) in [
        ("/event_id", &event.event_id),
        ("/order_id", &event.order_id),
    ] {
        if !is_reference(text) {
            errors.push(FieldError::new(
                pointer,
                "invalid",
                "expected 1 to 100 visible characters",
            ));
        }
    }
    match (&event.order, event.kind) {
        (Some(contents), EventKind::Placed | EventKind::Paid) => {
            errors.extend(check_contents(contents, currency, "/order"));
        }
        (None, EventKind::Placed) => {
            errors.push(FieldError::new(
                "/order",
                "required",
                "a placed event says what is in the order",
            ));
        }
        (Some(_), _) => {
            errors.push(FieldError::new(
                "/order",
                "unexpected",
                "only placed and paid events carry it",
            ));
        }
        (None, _) => {}
    }
    if event.reservation.is_some() && !matches!(event.kind, EventKind::Placed | EventKind::Paid) {
        errors.push(FieldError::new(
            "/reservation",
            "unexpected",
            "only placed and paid events carry it",
        ));
    }
    check_refunds(event, &mut errors);
    errors
}

fn check_refunds(event: &OrderEvent, errors: &mut Vec<FieldError>) {
    let mut wrong = |pointer: String, code: &str, message: &str| {
        errors.push(FieldError::new(pointer, code, message));
    };
    if event.kind != EventKind::Refunded && !event.refunds.is_empty() {
        let message = "only refunded events carry it";
        wrong("/refunds".into(), "unexpected", message);
    }
    if event.refunds.len() > MAX_LINES {
        let message = "expected at most 500 lines";
        wrong("/refunds".into(), "out_of_range", message);
    }
    for (i, refund) in event.refunds.iter().enumerate().take(MAX_LINES) {
        let pieces = refund.quantity.unwrap_or(1);
        if !(1..=MAX_QUANTITY).contains(&pieces) {
            let pointer = format!("/refunds/{i}/quantity");
            wrong(pointer, "out_of_range", "expected 1 to 1000000");
        }
        let money = refund.amount.unwrap_or(0);
        if !(0..=MAX_AMOUNT).contains(&money) {
            let pointer = format!("/refunds/{i}/amount");
            let message = "expected 0 to 1000000000000 minor units";
            wrong(pointer, "out_of_range", message);
        }
    }
}

/// Decides what an event does to an order. Membership is decided by the caller, who knows members.
///
/// # Errors
/// A [`Refusal`] when the event can never apply, whatever else arrives.
pub fn accept(order: &Order, event: &OrderEvent) -> Result<Outcome, Refusal> {
    let mut next = order.clone();
    let at = event.occurred_at;
    let consequence = match event.kind {
        EventKind::Placed => {
            if order.times.placed_at.is_some() {
                return Err(Refusal::NotApplicable);
            }
            next.times.placed_at = Some(at);
            take_contents(&mut next, event.order.as_ref());
            Consequence::None
        }
        EventKind::Paid => {
            if order.times.paid_at.is_some() {
                return Err(Refusal::NotApplicable);
            }
            take_contents(&mut next, event.order.as_ref());
            if next.lines.is_empty() {
                return Ok(Outcome::Waits);
            }
            next.times.paid_at = Some(at);
            if next.is_fully_returned() {
                Consequence::None
            } else {
                Consequence::Earns
            }
        }
        EventKind::Shipped | EventKind::Delivered => {
            if order.lines.is_empty() {
                return Ok(Outcome::Waits);
            }
            let time = match event.kind {
                EventKind::Shipped => &mut next.times.shipped_at,
                _ => &mut next.times.delivered_at,
            };
            *time = Some(time.map_or(at, |it| it.min(at)));
            Consequence::None
        }
        EventKind::Cancelled => {
            if order.times.cancelled_at.is_some() {
                return Err(Refusal::NotApplicable);
            }
            next.times.cancelled_at = Some(at);
            return_everything(&mut next);
            Consequence::Returns
        }
        EventKind::Refunded => {
            if order.times.cancelled_at.is_some() {
                Consequence::None
            } else if order.times.paid_at.is_none() {
                return Ok(Outcome::Waits);
            } else {
                refund(&mut next, &event.refunds)?;
                Consequence::Returns
            }
        }
    };
    Ok(Outcome::Applies {
        order: Box::new(next),
        consequence,
    })
}

/// Fills in what is in the order, unless it is known already.
fn take_contents(order: &mut Order, contents: Option<&Contents>) {
    let Some(contents) = contents.filter(|_| order.lines.is_empty()) else {
        return;
    };
    let lines = contents.lines.iter();
    order.lines = lines
        .map(|line| LineState {
            line: line.clone(),
            refunded_quantity: 0,
            refunded_amount: 0,
        })
        .collect();
    order.currency = contents.currency;
    if order.times.cancelled_at.is_some() {
        return_everything(order);
    }
}

fn return_everything(order: &mut Order) {
    for line in &mut order.lines {
        line.refunded_quantity = line.line.quantity;
        line.refunded_amount = line.line.amount;
    }
}

fn refund(order: &mut Order, refunds: &[RefundLine]) -> Result<(), Refusal> {
    if refunds.is_empty() {
        if order.lines.iter().all(LineState::is_settled) {
            return Err(Refusal::NotApplicable);
        }
        return_everything(order);
    }
    for refund in refunds {
        let line = order
            .lines
            .iter_mut()
            .find(|it| it.line.line_id == refund.line_id);
        let line = line.ok_or_else(|| Refusal::UnknownLine {
            line_id: refund.line_id.clone(),
        })?;
        refund_line(line, refund)?;
    }
    Ok(())
}

/// Adds a refund to a line. Pieces stand for their share of the amount, computed from all pieces
/// that are back so far, so that the last piece brings the line's amount back exactly.
fn refund_line(line: &mut LineState, refund: &RefundLine) -> Result<(), Refusal> {
    let left = line.line.amount - line.refunded_amount;
    let exceeds = || Refusal::ExceedsOrder {
        line_id: refund.line_id.clone(),
        left,
    };
    if line.is_settled() {
        return Err(exceeds());
    }
    let pieces_left = line.line.quantity - line.refunded_quantity;
    let pieces = refund.quantity.unwrap_or(if refund.amount.is_none() {
        pieces_left
    } else {
        0
    });
    if pieces > pieces_left {
        return Err(exceeds());
    }
    let share =
        |quantity: i64| scale_floor(line.line.amount, quantity, line.line.quantity).unwrap_or(0);
    let by_pieces = share(line.refunded_quantity + pieces) - share(line.refunded_quantity);
    let money = match refund.amount {
        Some(amount) if amount > left => return Err(exceeds()),
        Some(amount) => amount,
        None if pieces == pieces_left => left,
        None => by_pieces.min(left),
    };
    line.refunded_quantity += pieces;
    line.refunded_amount += money;
    if line.is_fully_returned() {
        line.refunded_quantity = line.line.quantity;
    }
    Ok(())
}

/// What is owed because parts of an order no longer stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Returns {
    /// Points to take back from the order's lot.
    pub points: i64,
    /// Growth value to take back.
    pub growth: i64,
    /// Spent amounts to give back, by asset.
    pub restores: Vec<(Asset, i64)>,
}

/// Works out what refunds so far owe beyond what was settled before, and notes in the receipt
/// that the earned part is settled. Spends are noted by [`crate::points::rules::restore`].
///
/// Calling it twice owes nothing the second time, and the sum owed depends only on what is back.
pub fn settle_returns(order: &mut Order) -> Returns {
    let mut returns = Returns::default();
    let lines = &order.lines;
    if let Some(earned) = &mut order.receipt.earned {
        for (state, line) in lines.iter().zip(&mut earned.lines) {
            let points = state.returned_share_floor(line.points) - line.points_returned;
            let growth = state.returned_share_floor(line.growth) - line.growth_returned;
            line.points_returned += points;
            line.growth_returned += growth;
            returns.points += points;
            returns.growth += growth;
        }
    }
    let weights: Vec<i128> = lines.iter().map(|it| i128::from(it.line.amount)).collect();
    let cancelled = order.times.cancelled_at.is_some();
    for spend in &order.receipt.spends {
        let shares = split_largest_remainder(spend.amount, &weights);
        let parts = lines
            .iter()
            .zip(shares)
            .map(|(line, share)| line.returned_share_floor(share));
        let due = if cancelled { spend.amount } else { parts.sum() };
        if due > spend.restored {
            returns.restores.push((spend.asset, due - spend.restored));
        }
    }
    returns
}

/// An order of which only the id is known.
#[must_use]
pub fn announced(id: crate::ids::OrderId, external_id: String, currency: Currency) -> Order {
    Order {
        id,
        external_id,
        member: None,
        currency,
        lines: Vec::new(),
        times: super::OrderTimes::default(),
        receipt: Receipt::default(),
    }
}

/// When points of an order paid at `paid_at` become spendable: when the return window has passed,
/// to the millisecond, so that two orders of one day keep their order.
#[must_use]
pub const fn active_from(paid_at: Timestamp, return_window_days: u16) -> Timestamp {
    paid_at.plus_days(return_window_days as i64)
}

#[cfg(test)]
mod tests;
