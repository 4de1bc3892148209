//! `coterie check`: works every balance, lot, tier and receipt out again from the rows and says
//! what differs.

use crate::App;
use crate::error::Result;
use crate::{
    communities, coupons, members, orders, points, referrals, rewards, sales, scenarios, tasks,
    tiers,
};
use shared::ids::{MemberId, OrderId};
use std::fmt::Display;

/// Members or orders of one step.
const STEP: u64 = 500;
/// Differences that are kept; more only count.
const KEPT: usize = 1000;

/// What a check looked at and found.
#[derive(Debug, Default)]
pub struct Report {
    /// Members looked at.
    pub members: u64,
    /// Ledger entries looked at.
    pub entries: u64,
    /// Lots looked at.
    pub lots: u64,
    /// Orders looked at.
    pub orders: u64,
    /// Ledger entries that receipts of orders name.
    pub(crate) receipt_entries: u64,
    /// What differs, up to a thousand.
    pub differences: Vec<Difference>,
    /// How many differences there are in all.
    pub found: u64,
}

/// Something that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: the id of the row or its owner.
    pub id: String,
    /// What should hold.
    pub what: &'static str,
    /// What the rows say it should be.
    pub expected: String,
    /// What is stored.
    pub found: String,
}

impl Report {
    /// Whether nothing differs.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.found == 0
    }

    /// Notes a difference if there is one.
    pub(crate) fn compare<T: PartialEq + Display>(
        &mut self,
        id: impl Display,
        what: &'static str,
        expected: T,
        found: T,
    ) {
        if expected != found {
            self.note(id, what, expected, found);
        }
    }

    /// Notes a difference.
    pub(crate) fn note(
        &mut self,
        id: impl Display,
        what: &'static str,
        expected: impl Display,
        found: impl Display,
    ) {
        self.found += 1;
        if self.differences.len() < KEPT {
            self.differences.push(Difference {
                id: id.to_string(),
                what,
                expected: expected.to_string(),
                found: found.to_string(),
            });
        }
    }
}

impl Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {}: expected {}, found {}",
            self.id, self.what, self.expected, self.found
        )
    }
}

/// Checks everything; `progress` hears how many members and orders are done.
///
/// # Errors
/// When the database cannot be read.
pub async fn check(app: &App, mut progress: impl FnMut(u64)) -> Result<Report> {
    let mut report = Report::default();
    let mut after: Option<MemberId> = None;
    loop {
        let facts = members::service::facts_after(app.db.read(), after, STEP).await?;
        let Some(last) = facts.last() else { break };
        after = Some(last.id);
        let ids: Vec<MemberId> = facts.iter().map(|it| it.id).collect();
        points::check::check(app, &ids, &mut report).await?;
        tiers::check::check(app, &facts, &mut report).await?;
        rewards::check::check(app, &ids, &mut report).await?;
        tasks::check::check(app, &facts, &mut report).await?;
        report.members += facts.len() as u64;
        progress(report.members + report.orders);
    }
    let mut after: Option<OrderId> = None;
    loop {
        let step = orders::service::after(app.db.read(), after, STEP).await?;
        let Some(last) = step.last() else { break };
        after = Some(last.id);
        orders::check::check(app, &step, &mut report).await?;
        coupons::check::check_receipts(app, &step, &mut report).await?;
        report.orders += step.len() as u64;
        progress(report.members + report.orders);
    }
    coupons::check::check(app, &mut report).await?;
    points::check::check_books(app, &mut report).await?;
    tasks::check::check_counts(app, &mut report).await?;
    referrals::check::check(app, &mut report).await?;
    communities::check::check(app, &mut report).await?;
    sales::check::check(app, &mut report).await?;
    scenarios::check::check(app, &mut report).await?;
    Ok(report)
}
