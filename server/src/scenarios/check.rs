//! Looks whether every appearance of a list is whose it says, and was called out as it says.

use super::store::{delivery, posting, scenario};
use crate::App;
use crate::check::Report;
use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{PaginatorTrait, QueryOrder, QuerySelect};
use shared::ids::{CommunityId, PostingId, ScenarioId};
use shared::scenarios::{Call, ChannelKind, ScenarioState};
use std::collections::HashMap;

/// Appearances of one step.
const STEP: u64 = 500;

/// An appearance, its list, its community, and what became of the call.
type Appeared = (Uuid, Uuid, Uuid, String);

/// Checks lists, their appearances, and the calls to them.
pub(crate) async fn check(app: &App, report: &mut Report) -> Result<()> {
    let lists = lists(app, report).await?;
    let mut after: Option<Uuid> = None;
    loop {
        let appeared = appearances(app, after).await?;
        let Some(last) = appeared.last() else { break };
        after = Some(last.0);
        let ids: Vec<Uuid> = appeared.iter().map(|it| it.0).collect();
        let called = called(app, &ids).await?;
        for (id, list, community, call) in appeared {
            let place = PostingId::from(id);
            let owner = lists
                .get(&list)
                .map(|it| CommunityId::from(*it).to_string());
            let shown = CommunityId::from(community).to_string();
            let what = "community of the list that appeared";
            report.compare(place, what, owner.unwrap_or_default(), shown);
            let made = i64::from(call == Call::Made.to_db());
            let found = called.get(&id).copied().unwrap_or(0);
            report.compare(place, "calls to members of the appearance", made, found);
        }
    }
    let astray = delivery::Entity::find()
        .filter(Expr::cust(
            "NOT EXISTS (SELECT 1 FROM scenario_postings \
             WHERE scenario_postings.id = push_deliveries.posting_id)",
        ))
        .count(app.db.read())
        .await?;
    report.compare("push_deliveries", "calls to no appearance", 0, astray);
    Ok(())
}

/// The communities of lists; lists that were stopped are not to appear.
async fn lists(app: &App, report: &mut Report) -> Result<HashMap<Uuid, Uuid>> {
    use scenario::Column;
    let rows: Vec<(Uuid, Uuid, String, Option<i64>)> = scenario::Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::CommunityId,
            Column::State,
            Column::NextAt,
        ])
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(app.db.read())
        .await?;
    for (id, _, state, next_at) in &rows {
        if state == ScenarioState::Stopped.to_db()
            && let Some(next_at) = next_at
        {
            let what = "next time of a list that was stopped";
            report.note(ScenarioId::from(*id), what, "none", next_at);
        }
    }
    Ok(rows.into_iter().map(|it| (it.0, it.1)).collect())
}

async fn appearances(app: &App, after: Option<Uuid>) -> Result<Vec<Appeared>> {
    use posting::Column;
    let mut query = posting::Entity::find().select_only().columns([
        Column::Id,
        Column::ScenarioId,
        Column::CommunityId,
        Column::Call,
    ]);
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    let query = query.order_by_asc(Column::Id).limit(STEP);
    Ok(query.into_tuple().all(app.db.read()).await?)
}

/// How many times the members of a community are called to some appearances.
async fn called(app: &App, appeared: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    use delivery::Column;
    let rows: Vec<(Uuid, i64)> = delivery::Entity::find()
        .select_only()
        .column(Column::PostingId)
        .column_as(Column::Id.count(), "calls")
        .filter(Column::PostingId.is_in(appeared.iter().copied()))
        .filter(Column::Kind.eq(ChannelKind::InApp.to_db()))
        .group_by(Column::PostingId)
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(rows.into_iter().collect())
}
