//! What an order does to the rest of Coterie, in one list and a fixed order.
//!
//! When an order earns: points (by the tier before the order), then growth value.
//! When parts of it return: points taken back and spendings given back by the receipt, then
//! growth value taken back as of the order's own time, then coupons: what of their discounts
//! belongs to what came back, and the coupons themselves once nothing of the order stands.
//! Then, once for all events of the write: claims of flash sales that the orders buy; tasks, which count orders as they stand in the end and
//! give or take back their rewards; and tiers last.

use crate::App;
use crate::coupons::service::{self as coupons, Returned};
use crate::db::Tx;
use crate::error::Result;
use crate::ids::Ids;
use crate::points::service::{self as points, Books, EarnTerms, Settlement};
use crate::programme::Rulebook;
use crate::rewards::service::Purse;
use crate::tiers::service::Standings;
use crate::{referrals, sales, tasks};
use shared::orders::Order;
use shared::orders::rules::{Consequence, settle_returns};
use shared::points::SourceKind;
use shared::time::Timestamp;

/// Everything that effects work on.
pub(super) struct Effects<'a> {
    pub rulebook: &'a Rulebook,
    pub books: &'a mut Books,
    pub standings: &'a mut Standings,
    /// Coupons that come back; the write gives them back at its end.
    pub coupons: &'a mut Vec<Returned>,
    pub ids: &'a mut Ids,
    pub now: Timestamp,
    /// Whether this is an import of what happened long ago.
    pub is_history: bool,
}

impl Effects<'_> {
    /// Carries out what follows from an event. A guest's order has no effects until it is claimed.
    pub(super) fn follow(
        &mut self,
        order: &mut Order,
        consequence: Consequence,
        event_id: &str,
        at: Timestamp,
    ) {
        match consequence {
            Consequence::None => {}
            Consequence::Earns => {
                self.earn(order);
                self.settle(order, event_id, at);
            }
            Consequence::Returns => self.settle(order, event_id, at),
        }
    }

    fn earn(&mut self, order: &mut Order) {
        let (Some(member), Some(paid_at)) = (order.member, order.times.paid_at) else {
            return;
        };
        // Whoever is gone receives nothing any more.
        let facts = self
            .standings
            .facts(member)
            .filter(|it| !it.status.is_gone());
        let Some(zone) = facts.map(|it| it.zone.clone()) else {
            return;
        };
        let Some(tier) = self.standings.tier_at(member, paid_at) else {
            return;
        };
        let (version, policy) = points::policy_at(self.rulebook, paid_at);
        let terms = EarnTerms {
            version,
            policy,
            tier,
            zone: &zone,
        };
        self.books.advance(member, paid_at);
        let receipt = points::earn_for_order(self.books, member, order, paid_at, terms);
        let growth = receipt.lines.iter().map(|it| it.growth).sum();
        order.receipt.earned = Some(receipt);
        let source = (SourceKind::Order, order.external_id.as_str());
        self.standings
            .grow(member, growth, source, paid_at, self.now, self.ids);
    }

    fn settle(&mut self, order: &mut Order, event_id: &str, at: Timestamp) {
        let Some(member) = order.member else { return };
        let returns = settle_returns(order);
        let (_, policy) = points::policy_at(self.rulebook, at);
        self.books.advance(member, at);
        let back_at = if self.is_history {
            at
        } else {
            at.max(self.now)
        };
        let settlement = Settlement {
            event_id,
            at,
            back_at,
        };
        points::settle_order(self.books, member, order, &returns, policy, settlement);
        if let Some(paid_at) = order.times.paid_at {
            let source = (SourceKind::Refund, event_id);
            self.standings
                .grow(member, -returns.growth, source, paid_at, self.now, self.ids);
        }
        let returned = coupons::settle_order(order, back_at);
        self.coupons.extend(returned);
    }
}

/// What follows from orders once all events of a write have changed them.
///
/// # Errors
/// When the database fails.
pub(super) async fn conclude(
    tx: &Tx,
    app: &App,
    orders: &[&Order],
    effects: Effects<'_>,
) -> Result<()> {
    sales::service::follow_orders(tx, orders).await?;
    let mut purse = Purse {
        rulebook: effects.rulebook,
        books: effects.books,
        standings: effects.standings,
    };
    tasks::service::follow_orders(tx, app, orders, &mut purse).await?;
    let friends: Vec<_> = orders.iter().filter_map(|it| it.member).collect();
    referrals::service::orders_changed(tx, app, &friends).await?;
    effects.standings.review_grown(effects.now, effects.ids);
    Ok(())
}
