//! Works budgets and the states of referrals out again.

use super::store::{budget, movement, referral};
use crate::App;
use crate::check::Report;
use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use shared::ids::ReferralId;
use shared::referrals::ReferralState;
use std::collections::BTreeMap;

/// Referrals of one step.
const STEP: u64 = 1000;

/// Checks that every referral stands where its last move put it, and that months have set aside
/// and spent what their referrals cost.
pub(crate) async fn check(app: &App, report: &mut Report) -> Result<()> {
    let mut months: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut after = Uuid::nil();
    loop {
        let rows = referral::Entity::find()
            .filter(referral::Column::Id.gt(after))
            .order_by_asc(referral::Column::Id)
            .limit(STEP)
            .all(app.db.read())
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        check_moves(app, &rows, report).await?;
        for row in &rows {
            let state = ReferralState::from_db(&row.state)?;
            let month = months.entry(row.month.clone()).or_default();
            if state.is_open() {
                month.0 += row.cost;
            } else if state == ReferralState::Rewarded {
                month.1 += row.cost;
            }
        }
    }
    let kept = budget::Entity::find().all(app.db.read()).await?;
    for row in kept {
        let (committed, spent) = months.remove(&row.month).unwrap_or_default();
        report.compare(
            &row.month,
            "referral budget set aside",
            committed,
            row.committed,
        );
        report.compare(&row.month, "referral budget spent", spent, row.spent);
    }
    for (month, (committed, spent)) in months {
        report.compare(&month, "referral budget", committed + spent, 0);
    }
    Ok(())
}

async fn check_moves(app: &App, rows: &[referral::Model], report: &mut Report) -> Result<()> {
    let moves = movement::Entity::find()
        .filter(movement::Column::ReferralId.is_in(rows.iter().map(|it| it.id)))
        .order_by_asc(movement::Column::At)
        .order_by_asc(movement::Column::Id)
        .all(app.db.read())
        .await?;
    for row in rows {
        let id = ReferralId::from(row.id);
        let own: Vec<_> = moves.iter().filter(|it| it.referral_id == row.id).collect();
        let last = own.last().map_or("", |it| it.state.as_str());
        report.compare(
            id,
            "state of the referral by its last move",
            last,
            row.state.as_str(),
        );
        let rewarded = ReferralState::Rewarded.to_db();
        let paid = own.iter().filter(|it| it.state == rewarded).count();
        let paid = i32::try_from(paid).unwrap_or(i32::MAX);
        report.compare(
            id,
            "times that the referral was rewarded",
            paid,
            row.payments,
        );
    }
    Ok(())
}
