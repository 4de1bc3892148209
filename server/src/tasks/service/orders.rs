//! What orders do for tasks. An order counts as it stands now, so a refund takes its part of the
//! progress away without knowing what happened before.

use super::catalogue::{Catalogue, Listed, catalogue};
use super::claims::{Facts, settle};
use super::days::days_of;
use crate::App;
use crate::db::Tx;
use crate::error::Result;
use crate::rewards::service::Purse;
use crate::tasks::store::{self, PartKey, contribution};
use jiff::tz::TimeZone;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use shared::ids::{ContributionId, MemberId, TaskId};
use shared::orders::Order;
use shared::tasks::days::LocalDays;
use shared::tasks::rules::{self, order_contribution};
use shared::tasks::{JoinMode, Target};
use shared::time::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// The kind of source that an order is.
pub(in crate::tasks) const ORDER: &str = "order";

/// Brings tasks up to date after orders changed. Balances and tiers of the orders' members are in
/// `purse`, all open lots included.
///
/// # Errors
/// When the database fails.
pub async fn follow_orders(
    tx: &Tx,
    app: &App,
    orders: &[&Order],
    purse: &mut Purse<'_>,
) -> Result<()> {
    let tasks = catalogue(tx, app).await?;
    let is_counting =
        |it: &Target| matches!(it, Target::Orders { .. } | Target::OrderAmount { .. });
    if tasks.counting(is_counting).next().is_none() {
        return Ok(());
    }
    let orders: Vec<(&Order, MemberId, Timestamp)> = orders
        .iter()
        .filter_map(|it| Some((*it, it.member?, it.times.paid_at?)))
        .collect();
    let members: BTreeSet<MemberId> = orders.iter().map(|it| it.1).collect();
    let members: Vec<(MemberId, TimeZone)> = members
        .into_iter()
        .filter_map(|it| Some((it, purse.standings.facts(it)?.zone.clone())))
        .collect();
    if members.is_empty() {
        return Ok(());
    }
    let known = Known::load(tx, &tasks, &orders, &members).await?;
    let (mut rows, mut parts) = (Vec::new(), BTreeSet::new());
    for (order, member, paid_at) in orders {
        for listed in tasks.counting(is_counting) {
            if let Some((row, key)) = known.count(tx, listed, order, member, paid_at) {
                rows.push(row);
                parts.insert(key);
            }
        }
    }
    if parts.is_empty() {
        return Ok(());
    }
    store::save_contributions(tx, rows).await?;
    for key in &parts {
        tx.touch(key.1);
    }
    let mut facts = Facts::load(tx, tasks, &members, &parts).await?;
    settle(tx, &mut facts, purse, &parts).await
}

/// What is known before orders are counted.
struct Known {
    days: HashMap<MemberId, LocalDays>,
    joins: HashMap<(TaskId, MemberId), i64>,
    counted: HashMap<(MemberId, TaskId, String), contribution::Model>,
}

impl Known {
    async fn load(
        tx: &Tx,
        tasks: &Catalogue,
        orders: &[(&Order, MemberId, Timestamp)],
        members: &[(MemberId, TimeZone)],
    ) -> Result<Self> {
        let ids: Vec<MemberId> = members.iter().map(|it| it.0).collect();
        let references: Vec<&str> = orders.iter().map(|it| it.0.external_id.as_str()).collect();
        let counted = store::contributions_of_sources(tx, ORDER, &references, &ids).await?;
        let opt_in: Vec<TaskId> = tasks
            .tasks
            .iter()
            .filter(|it| it.definition.join == JoinMode::OptIn)
            .map(|it| it.id)
            .collect();
        let counted = counted.into_iter().map(|it| {
            let key = (
                it.member_id.into(),
                it.task_id.into(),
                it.source_ref.clone(),
            );
            (key, it)
        });
        Ok(Self {
            days: days_of(tx, members).await?,
            joins: store::joins(tx, &ids, &opt_in).await?,
            counted: counted.collect(),
        })
    }

    /// What an order counts for a task, if that is not what is known.
    fn count(
        &self,
        tx: &Tx,
        listed: &Listed,
        order: &Order,
        member: MemberId,
        paid_at: Timestamp,
    ) -> Option<(contribution::ActiveModel, PartKey)> {
        let key = (member, listed.id, order.external_id.clone());
        if let Some(row) = self.counted.get(&key) {
            // By the version that counted it first, so that an edit changes nothing behind us.
            let amount = order_contribution(&listed.said(row.version).target, order);
            let part = (listed.id, member, row.period.clone());
            let mut active = contribution::ActiveModel::from(row.clone()).reset_all();
            active.amount = Set(amount);
            return (amount != row.amount).then_some((active, part));
        }
        let joined = match (listed.definition.join, self.joins.get(&(listed.id, member))) {
            (JoinMode::Automatic, _) => true,
            (JoinMode::OptIn, Some(at)) => paid_at.as_millis() >= *at,
            (JoinMode::OptIn, None) => false,
        };
        let amount = order_contribution(&listed.definition.target, order);
        if amount == 0 || !joined || !listed.now(0).counts_at(paid_at) {
            return None;
        }
        let day = self.days.get(&member)?.day_at(paid_at);
        let period = rules::period_of(listed.definition.period, day);
        let row = new_row(
            tx,
            (listed, member, &period),
            (ORDER, &order.external_id),
            amount,
            paid_at,
        );
        Some((row, (listed.id, member, period)))
    }
}

/// A contribution that was not there before.
pub(super) fn new_row(
    tx: &Tx,
    (listed, member, period): (&Listed, MemberId, &str),
    (kind, reference): (&str, &str),
    amount: i64,
    at: Timestamp,
) -> contribution::ActiveModel {
    contribution::ActiveModel {
        id: Set(ContributionId::generate(&mut tx.ids()).uuid()),
        member_id: Set(member.uuid()),
        task_id: Set(listed.id.uuid()),
        period: Set(period.to_owned()),
        source_kind: Set(kind.to_owned()),
        source_ref: Set(reference.to_owned()),
        amount: Set(amount),
        version: Set(listed.version),
        counted_at: Set(at.as_millis()),
    }
}
