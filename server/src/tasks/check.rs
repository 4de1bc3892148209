//! Works tasks and check-ins out again: what counts, what was given for it, and cards.

use super::service::catalogue::{Catalogue, catalogue};
use super::store::{self, claim, contribution, task};
use crate::App;
use crate::check::Report;
use crate::error::Result;
use crate::members;
use crate::members::service::MemberFacts;
use crate::{orders, rewards};
use sea_orm::entity::prelude::*;
use sea_orm::{PaginatorTrait, QuerySelect};
use shared::ids::{MemberId, TaskClaimId, TaskId};
use shared::members::MemberStatus;
use shared::orders::Order;
use shared::points::SourceKind;
use shared::tasks::check_in::Mark;
use shared::tasks::rules::order_contribution;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Checks what the tasks of `members` say.
pub(crate) async fn check(app: &App, members: &[MemberFacts], report: &mut Report) -> Result<()> {
    let db = app.db.read();
    let ids: Vec<MemberId> = members.iter().map(|it| it.id).collect();
    let tasks = catalogue(db, app).await?;
    let counted = contribution::Entity::find()
        .filter(contribution::Column::MemberId.is_in(ids.iter().map(|it| it.uuid())))
        .all(db)
        .await?;
    check_orders(app, &tasks, &counted, report).await?;
    check_claims(app, members, &tasks, &counted, report).await?;
    check_marks(app, &ids, report).await
}

/// What an order counts is what it is worth as it stands.
async fn check_orders(
    app: &App,
    tasks: &Catalogue,
    counted: &[contribution::Model],
    report: &mut Report,
) -> Result<()> {
    let of_orders: Vec<_> = counted
        .iter()
        .filter(|it| it.source_kind == super::service::ORDER)
        .collect();
    let references: Vec<&str> = of_orders.iter().map(|it| it.source_ref.as_str()).collect();
    let found = orders::service::by_external(app.db.read(), &references).await?;
    let found: HashMap<&str, &Order> = found
        .iter()
        .map(|it| (it.external_id.as_str(), it))
        .collect();
    for row in of_orders {
        let order = found.get(row.source_ref.as_str());
        let Some(listed) = tasks.get(row.task_id.into()) else {
            report.note(&row.source_ref, "task of the order", "a task", "none");
            continue;
        };
        let worth = order.map_or(0, |it| {
            order_contribution(&listed.said(row.version).target, it)
        });
        report.compare(
            &row.source_ref,
            "what the order counts for a task",
            worth,
            row.amount,
        );
    }
    Ok(())
}

/// A reward stands if and only if it is earned, and what it gave is what the task said.
async fn check_claims(
    app: &App,
    members: &[MemberFacts],
    tasks: &Catalogue,
    counted: &[contribution::Model],
    report: &mut Report,
) -> Result<()> {
    let db = app.db.read();
    let mut progress: HashMap<(Uuid, Uuid, &str), i64> = HashMap::new();
    for row in counted {
        *progress
            .entry((row.member_id, row.task_id, row.period.as_str()))
            .or_default() += row.amount;
    }
    let claims = claim::Entity::find()
        .filter(claim::Column::MemberId.is_in(members.iter().map(|it| it.id.uuid())))
        .all(db)
        .await?;
    // What a merged member's progress does not earn together with the other's stays behind.
    let merged: HashSet<Uuid> = members
        .iter()
        .filter(|it| it.status == MemberStatus::Merged)
        .map(|it| it.id.uuid())
        .collect();
    let references: Vec<String> = claims
        .iter()
        .map(|it| TaskClaimId::from(it.id).to_string())
        .collect();
    let gave = rewards::service::by_source(db, SourceKind::Task, &references).await?;
    for (row, reference) in claims.iter().zip(&references) {
        let Some(listed) = tasks.get(row.task_id.into()) else {
            report.note(reference, "task of the reward", "a task", "none");
            continue;
        };
        let said = listed.said(row.version);
        let given = gave.get(reference).map_or(&[][..], Vec::as_slice);
        let same = given
            .iter()
            .map(|it| it.reward)
            .eq(said.rewards.iter().copied());
        report.compare(reference, "rewards are those of the task", true, same);
        let key = (row.member_id, row.task_id, row.period.as_str());
        let reached = progress.get(&key).copied().unwrap_or(0);
        let wanted = row.goal.saturating_mul(i64::from(row.nth));
        let counts = said.target != shared::tasks::Target::ProfileCompleted
            && !merged.contains(&row.member_id);
        if counts && row.taken_back_at.is_none() && reached < wanted {
            report.note(reference, "progress behind the reward", wanted, reached);
        }
    }
    Ok(())
}

/// Every made-up day has used a card, of the member or of whoever the member was merged with.
async fn check_marks(app: &App, members: &[MemberId], report: &mut Report) -> Result<()> {
    use crate::db::text::DbText;
    let db = app.db.read();
    let families = members::service::families(db, members).await?;
    let all: Vec<MemberId> = families.keys().copied().collect();
    let family = |it: MemberId| families.get(&it).copied().unwrap_or(it);
    let mut cards: BTreeMap<(MemberId, String), (usize, usize)> = BTreeMap::new();
    for (member, day) in rewards::service::cards_used(db, &all).await? {
        cards.entry((family(member), day)).or_default().0 += 1;
    }
    for row in store::marks(db, &all).await? {
        if row.mark == Mark::MadeUp.to_db() {
            let key = (family(row.member_id.into()), row.day);
            cards.entry(key).or_default().1 += 1;
        }
    }
    for ((member, day), (used, made_up)) in cards {
        report.compare(
            format!("{member} {day}"),
            "cards of the made-up day",
            made_up,
            used,
        );
    }
    Ok(())
}

/// How often a task was rewarded is what the times say.
pub(crate) async fn check_counts(app: &App, report: &mut Report) -> Result<()> {
    let db = app.db.read();
    let tasks: Vec<(Uuid, i32)> = task::Entity::find()
        .select_only()
        .columns([task::Column::Id, task::Column::Granted])
        .into_tuple()
        .all(db)
        .await?;
    for (id, granted) in tasks {
        let standing = claim::Entity::find()
            .filter(claim::Column::TaskId.eq(id))
            .filter(claim::Column::TakenBackAt.is_null())
            .count(db)
            .await?;
        let granted = u64::try_from(granted).unwrap_or(0);
        report.compare(
            TaskId::from(id),
            "times that the task was rewarded",
            standing,
            granted,
        );
    }
    Ok(())
}
