//! What tasks brought and cost, and what one would have cost.

use super::manage;
use crate::App;
use crate::error::Result;
use crate::members;
use crate::rewards::service as rewards;
use crate::tasks::store::{self, check_in, claim, contribution, event, join, link, visit};
use crate::{orders, tiers};
use sea_orm::entity::prelude::*;
use sea_orm::{PaginatorTrait, QuerySelect};
use shared::ids::{MemberId, OrderId, TaskClaimId, TaskId};
use shared::points::SourceKind;
use shared::rewards::{Reward, sum_up};
use shared::tasks::api::{TaskEvent, TaskForecast, TaskReport};
use shared::tasks::rules::{self, event_contribution, order_contribution};
use shared::tasks::{JoinMode, Target, TaskDefinition};
use shared::time::Timestamp;
use std::collections::{BTreeMap, HashSet};

/// How many days a forecast looks back.
const FORECAST_DAYS: u16 = 30;
/// Rows of one step of a forecast.
const STEP: u64 = 1000;

/// What a task has brought and cost.
///
/// # Errors
/// `tasks.not_found`.
pub async fn report(app: &App, id: TaskId) -> Result<TaskReport> {
    let db = app.db.read();
    let task = manage::get(db, id).await?;
    let joined = join::Entity::find().filter(join::Column::TaskId.eq(id.uuid()));
    let joined = match task.definition.join {
        JoinMode::OptIn => Some(joined.count(db).await?),
        JoinMode::Automatic => None,
    };
    let claims = claim::Entity::find()
        .select_only()
        .columns([claim::Column::Id, claim::Column::MemberId])
        .column_as(claim::Column::TakenBackAt.is_not_null(), "gone")
        .filter(claim::Column::TaskId.eq(id.uuid()));
    let claims: Vec<(Uuid, Uuid, bool)> = claims.into_tuple().all(db).await?;
    let references: Vec<String> = claims
        .iter()
        .map(|it| TaskClaimId::from(it.0).to_string())
        .collect();
    let gave = rewards::by_source(db, SourceKind::Task, &references).await?;
    let cost = gave
        .into_values()
        .flatten()
        .map(|it| (it.reward, it.reward.amount() - it.taken_back));
    let standing = || claims.iter().filter(|it| !it.2);
    let spread = spread(app, id, &task.definition).await?;
    Ok(TaskReport {
        task_id: id,
        joined,
        taking_part: taking_part(app, id).await?,
        rewarded_members: standing().map(|it| it.1).collect::<HashSet<_>>().len() as u64,
        rewarded_times: standing().count() as u64,
        taken_back_times: claims.iter().filter(|it| it.2).count() as u64,
        cost: sum_up(cost),
        spread,
    })
}

async fn taking_part(app: &App, id: TaskId) -> Result<u64> {
    let query = contribution::Entity::find()
        .select_only()
        .column_as(Expr::cust("COUNT(DISTINCT member_id)"), "members")
        .filter(contribution::Column::TaskId.eq(id.uuid()))
        .filter(contribution::Column::Amount.gt(0));
    let count: Option<i64> = query.into_tuple().one(app.db.read()).await?;
    Ok(count.and_then(|it| u64::try_from(it).ok()).unwrap_or(0))
}

/// Members by tenths of the goal, in the present period of the programme's zone.
async fn spread(app: &App, id: TaskId, definition: &TaskDefinition) -> Result<Vec<u64>> {
    let today = app.db.now().date_in(&app.rulebook().zone);
    let period = rules::period_of(definition.period, today);
    let query = contribution::Entity::find()
        .select_only()
        .column_as(Expr::cust("CAST(SUM(amount) AS BIGINT)"), "progress")
        .filter(contribution::Column::TaskId.eq(id.uuid()))
        .filter(contribution::Column::Period.eq(period))
        .group_by(contribution::Column::MemberId);
    let sums: Vec<i64> = query.into_tuple().all(app.db.read()).await?;
    let mut spread = vec![0; 11];
    let goal = definition.target.goal().max(1);
    for sum in sums.into_iter().filter(|it| *it > 0) {
        let tenths = usize::try_from(i128::from(sum) * 10 / i128::from(goal)).unwrap_or(10);
        spread[tenths.min(10)] += 1;
    }
    Ok(spread)
}

/// What a task would have cost had it run in the last thirty days, as one period, for members as
/// they are now. Nothing is kept.
///
/// # Errors
/// `request.invalid`.
pub async fn forecast(app: &App, definition: &TaskDefinition) -> Result<TaskForecast> {
    let now = app.db.now();
    manage::check(app, now, definition)?;
    let since = now.plus_days(-i64::from(FORECAST_DAYS));
    let mut progress = match &definition.target {
        Target::Orders { .. } | Target::OrderAmount { .. } => {
            orders_since(app, definition, since).await?
        }
        Target::CheckIns { .. } => check_ins_since(app, since).await?,
        Target::Reviews { .. } | Target::Custom { .. } => {
            events_since(app, definition, since).await?
        }
        Target::ShareVisits { .. } => visits_since(app, since, false).await?,
        Target::ShareSignUps { .. } => visits_since(app, since, true).await?,
        Target::ProfileCompleted => complete_profiles(app).await?,
    };
    keep_audience(app, definition, &mut progress).await?;
    let mut left = definition.quota.total.map_or(u64::MAX, u64::from);
    let (mut members, mut times) = (0, 0);
    for progress in progress.values() {
        let reached = u64::from(rules::times_reached(*progress, definition)).min(left);
        left -= reached;
        members += u64::from(reached > 0);
        times += reached;
    }
    let each = i64::try_from(times).unwrap_or(i64::MAX);
    let cost = definition
        .rewards
        .iter()
        .map(|it| (*it, it.amount().saturating_mul(each)));
    let cost: Vec<(Reward, i64)> = cost.collect();
    Ok(TaskForecast {
        days: FORECAST_DAYS,
        taking_part: progress.values().filter(|it| **it > 0).count() as u64,
        rewarded_members: members,
        rewarded_times: times,
        cost: sum_up(cost),
    })
}

type Progress = BTreeMap<MemberId, i64>;

/// Leaves out members for whom the task is not.
async fn keep_audience(
    app: &App,
    definition: &TaskDefinition,
    progress: &mut Progress,
) -> Result<()> {
    let ids: Vec<MemberId> = progress.keys().copied().collect();
    for chunk in ids.chunks(1000) {
        let tiers = tiers::service::tiers_of(app, chunk).await?;
        let tags = store::tags(app.db.read(), chunk).await?;
        for member in chunk {
            let tier = tiers.get(member).map_or("", |it| it.code.as_str());
            let tags = tags.get(member).map_or(&[][..], Vec::as_slice);
            if definition.audience.excludes(tier, tags).is_some() {
                progress.remove(member);
            }
        }
    }
    Ok(())
}

async fn orders_since(
    app: &App,
    definition: &TaskDefinition,
    since: Timestamp,
) -> Result<Progress> {
    let mut progress = Progress::new();
    let mut after: Option<OrderId> = None;
    loop {
        let step = orders::service::paid_since(app.db.read(), since, after, STEP).await?;
        let Some(last) = step.last() else {
            return Ok(progress);
        };
        after = Some(last.id);
        for order in step {
            if let Some(member) = order.member {
                *progress.entry(member).or_default() +=
                    order_contribution(&definition.target, &order);
            }
        }
    }
}

async fn check_ins_since(app: &App, since: Timestamp) -> Result<Progress> {
    let query = check_in::Entity::find()
        .select_only()
        .column(check_in::Column::MemberId)
        .column_as(Expr::cust("COUNT(*)"), "days")
        .filter(check_in::Column::At.gte(since.as_millis()))
        .group_by(check_in::Column::MemberId);
    let rows: Vec<(Uuid, i64)> = query.into_tuple().all(app.db.read()).await?;
    Ok(rows
        .into_iter()
        .map(|(id, days)| (id.into(), days))
        .collect())
}

async fn events_since(
    app: &App,
    definition: &TaskDefinition,
    since: Timestamp,
) -> Result<Progress> {
    use crate::db::text::DbText;
    let rows = event::Entity::find().filter(event::Column::OccurredAt.gte(since.as_millis()));
    let mut progress = Progress::new();
    for row in rows.all(app.db.read()).await? {
        let reported = TaskEvent {
            event_id: row.event_id,
            member: String::new(),
            kind: shared::tasks::api::Reported::from_db(&row.kind)?,
            name: row.name,
            quantity: Some(row.quantity),
            occurred_at: Timestamp::from_millis(row.occurred_at),
        };
        *progress.entry(row.member_id.into()).or_default() +=
            event_contribution(&definition.target, &reported);
    }
    Ok(progress)
}

/// What members' links have brought, whatever task they belong to.
async fn visits_since(app: &App, since: Timestamp, signed_up: bool) -> Result<Progress> {
    let mut query = visit::Entity::find()
        .filter(visit::Column::At.gte(since.as_millis()))
        .filter(visit::Column::Own.eq(false));
    if signed_up {
        query = query.filter(visit::Column::SignedUp.is_not_null());
    }
    let visits = query.all(app.db.read()).await?;
    let links = link::Entity::find().all(app.db.read()).await?;
    let owners: BTreeMap<Uuid, Uuid> = links.into_iter().map(|it| (it.id, it.member_id)).collect();
    let mut progress = Progress::new();
    for owner in visits.iter().filter_map(|it| owners.get(&it.link_id)) {
        *progress.entry((*owner).into()).or_default() += 1;
    }
    Ok(progress)
}

async fn complete_profiles(app: &App) -> Result<Progress> {
    let complete = members::service::with_complete_profiles(app.db.read()).await?;
    Ok(complete.into_iter().map(|it| (it, 1)).collect())
}
