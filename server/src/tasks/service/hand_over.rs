//! What a merge of two members does to tasks and check-ins, and its undoing.
//!
//! A day that both have checked in, and anything else that both have done, stays with each and
//! counts once. The rest goes over with the rewards that it has earned; then rewards are worked out
//! as after anything else that changes progress.

use super::catalogue::catalogue;
use super::claims::{Facts, settle};
use crate::App;
use crate::db::{Tx, rows};
use crate::error::Result;
use crate::members::service::{self as members, Kept, Move};
use crate::points::service::Books;
use crate::rewards::service::{self as rewards, Purse};
use crate::tasks::store::{self, PartKey, check_in, claim, contribution, event, join, link, tag};
use crate::tiers::service::Standings;
use jiff::tz::TimeZone;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder};
use shared::ids::MemberId;
use shared::members::api::MovedKind;
use shared::tasks::Target;
use shared::tasks::rules::numbers_after_merge;
use std::collections::{BTreeSet, HashSet};

/// Hands check-ins, progress, rewards, cards, links and tags over with a merge of members, or back.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(tx: &Tx, app: &App, it: &mut Move) -> Result<()> {
    marks(tx, it).await?;
    joins(tx, it).await?;
    events(tx, it).await?;
    links(tx, it).await?;
    tags(tx, it).await?;
    let parts = progress(tx, it).await?;
    let claims = claims(tx, app, it).await?;
    rewards::hand_over(tx, it, &claims).await?;
    work_out(tx, app, it, parts).await
}

/// Days that were checked in.
async fn marks(tx: &Tx, it: &mut Move) -> Result<()> {
    let days: Vec<String> = match it.back_rows(MovedKind::CheckIns) {
        Some(rows) => rows.iter().map(|it| it.key.clone()).collect(),
        None => {
            let marks = store::marks(tx, &[it.giver(), it.taker()]).await?;
            let (theirs, own): (Vec<_>, Vec<_>) = marks
                .into_iter()
                .partition(|row| row.member_id == it.giver().uuid());
            let own: HashSet<String> = own.into_iter().map(|it| it.day).collect();
            let days = theirs.into_iter().map(|it| it.day);
            days.filter(|it| !own.contains(it)).collect()
        }
    };
    for chunk in days.chunks(500) {
        check_in::Entity::update_many()
            .col_expr(check_in::Column::MemberId, Expr::value(it.taker().uuid()))
            .filter(check_in::Column::MemberId.eq(it.giver().uuid()))
            .filter(check_in::Column::Day.is_in(chunk.iter().map(String::as_str)))
            .exec(tx)
            .await?;
    }
    it.moved(MovedKind::CheckIns, keyed(days));
    Ok(())
}

fn keyed(keys: Vec<String>) -> Vec<Kept> {
    let row = |key| Kept { key, before: None };
    keys.into_iter().map(row).collect()
}

/// Tasks that were joined.
async fn joins(tx: &Tx, it: &mut Move) -> Result<()> {
    let of =
        |member: MemberId| join::Entity::find().filter(join::Column::MemberId.eq(member.uuid()));
    let tasks = match it.back_ids(MovedKind::Joins) {
        Some(tasks) => tasks,
        None => {
            let own = of(it.taker()).all(tx).await?;
            let own: HashSet<Uuid> = own.iter().map(|it| it.task_id).collect();
            let theirs = of(it.giver()).all(tx).await?;
            let tasks = theirs.iter().map(|it| it.task_id);
            tasks.filter(|it| !own.contains(it)).collect()
        }
    };
    join::Entity::update_many()
        .col_expr(join::Column::MemberId, Expr::value(it.taker().uuid()))
        .filter(join::Column::MemberId.eq(it.giver().uuid()))
        .filter(join::Column::TaskId.is_in(tasks.iter().copied()))
        .exec(tx)
        .await?;
    it.moved(MovedKind::Joins, tasks.into_iter().map(Kept::row).collect());
    Ok(())
}

/// What the shop reported.
async fn events(tx: &Tx, it: &mut Move) -> Result<()> {
    let ids: Vec<String> = match it.back_rows(MovedKind::Events) {
        Some(rows) => rows.iter().map(|it| it.key.clone()).collect(),
        None => store::event_ids(tx, it.giver()).await?,
    };
    for chunk in ids.chunks(500) {
        event::Entity::update_many()
            .col_expr(event::Column::MemberId, Expr::value(it.taker().uuid()))
            .filter(event::Column::EventId.is_in(chunk.iter().map(String::as_str)))
            .exec(tx)
            .await?;
    }
    it.moved(MovedKind::Events, keyed(ids));
    Ok(())
}

/// Links to share; where both have one for a task, each goes on working.
async fn links(tx: &Tx, it: &mut Move) -> Result<()> {
    let of =
        |member: MemberId| link::Entity::find().filter(link::Column::MemberId.eq(member.uuid()));
    let ids = match it.back_ids(MovedKind::Links) {
        Some(ids) => ids,
        None => {
            let own = of(it.taker()).all(tx).await?;
            let own: HashSet<Uuid> = own.iter().map(|it| it.task_id).collect();
            let theirs = of(it.giver()).all(tx).await?;
            let free = theirs.iter().filter(|it| !own.contains(&it.task_id));
            free.map(|it| it.id).collect()
        }
    };
    let columns = (link::Column::Id, link::Column::MemberId);
    it.hand_over::<link::Entity>(tx, MovedKind::Links, columns, ids)
        .await
}

/// The one who goes on gets the tags of both; whoever ended keeps the own ones.
async fn tags(tx: &Tx, it: &mut Move) -> Result<()> {
    if let Some(rows) = it.back_rows(MovedKind::Tags) {
        let keys: Vec<String> = rows.iter().map(|it| it.key.clone()).collect();
        tag::Entity::delete_many()
            .filter(tag::Column::MemberId.eq(it.giver().uuid()))
            .filter(tag::Column::Tag.is_in(keys.iter().map(String::as_str)))
            .exec(tx)
            .await?;
        it.moved(MovedKind::Tags, keyed(keys));
        return Ok(());
    }
    let mut all = store::tags(tx, &[it.giver(), it.taker()]).await?;
    let own = all.remove(&it.taker()).unwrap_or_default();
    let mut new = all.remove(&it.giver()).unwrap_or_default();
    new.retain(|it| !own.contains(it));
    let row = |tag: &String| tag::ActiveModel {
        member_id: Set(it.taker().uuid()),
        tag: Set(tag.clone()),
    };
    rows::insert(tx, new.iter().map(row).collect()).await?;
    it.moved(MovedKind::Tags, keyed(new));
    Ok(())
}

/// What counts. Answers for which tasks and periods of both members it has changed.
async fn progress(tx: &Tx, it: &mut Move) -> Result<BTreeSet<PartKey>> {
    use contribution::{Column, Entity};
    let of = |member: MemberId| Entity::find().filter(Column::MemberId.eq(member.uuid()));
    let source =
        |row: &contribution::Model| (row.task_id, row.source_kind.clone(), row.source_ref.clone());
    let theirs = of(it.giver()).all(tx).await?;
    let going: Vec<&contribution::Model> = match it.back_ids(MovedKind::Progress) {
        Some(ids) => {
            let ids: HashSet<Uuid> = ids.into_iter().collect();
            theirs.iter().filter(|it| ids.contains(&it.id)).collect()
        }
        None => {
            let own = of(it.taker()).all(tx).await?;
            let own: HashSet<_> = own.iter().map(source).collect();
            let new = |it: &&contribution::Model| !own.contains(&source(it));
            theirs.iter().filter(new).collect()
        }
    };
    let mut parts = BTreeSet::new();
    for row in &going {
        for member in [it.giver(), it.taker()] {
            parts.insert((row.task_id.into(), member, row.period.clone()));
        }
    }
    let ids = going.iter().map(|it| it.id).collect();
    it.hand_over::<Entity>(tx, MovedKind::Progress, (Column::Id, Column::MemberId), ids)
        .await?;
    Ok(parts)
}

/// Times that tasks were rewarded, numbered anew among those of the one who goes on. Answers which.
async fn claims(tx: &Tx, app: &App, it: &mut Move) -> Result<Vec<Uuid>> {
    let moved = match it.back_rows(MovedKind::TaskRewards) {
        Some(rows) => {
            let rows = rows.to_vec();
            for row in &rows {
                let (Some(id), Some(was)) = (row.id(), row.before.as_deref()) else {
                    continue;
                };
                let (nth, round) = was.split_once('/').unwrap_or_default();
                let (nth, round) = (nth.parse().unwrap_or(1), round.parse().unwrap_or(1));
                number(tx, id, it.taker(), (nth, round)).await?;
            }
            rows
        }
        None => take_claims(tx, app, it).await?,
    };
    let ids = moved.iter().filter_map(Kept::id).collect();
    it.moved(MovedKind::TaskRewards, moved);
    Ok(ids)
}

async fn take_claims(tx: &Tx, app: &App, it: &Move) -> Result<Vec<Kept>> {
    let tasks = catalogue(tx, app).await?;
    let both = [it.giver().uuid(), it.taker().uuid()];
    let all = claim::Entity::find()
        .filter(claim::Column::MemberId.is_in(both))
        .order_by_asc(claim::Column::TaskId)
        .order_by_asc(claim::Column::Period)
        .order_by_asc(claim::Column::Nth)
        .all(tx)
        .await?;
    let mut kept = Vec::new();
    for part in all.chunk_by(|a, b| (a.task_id, &a.period) == (b.task_id, &b.period)) {
        let of = |member: MemberId| part.iter().filter(move |it| it.member_id == member.uuid());
        let standing = |it: &&claim::Model| it.taken_back_at.is_none();
        let theirs: Vec<&claim::Model> = of(it.giver()).filter(standing).collect();
        let (Some(first), taker) = (theirs.first(), it.taker()) else {
            continue;
        };
        let key = (first.task_id.into(), taker, first.period.clone());
        let listed = tasks.get(key.0);
        // Nothing is counted for it: it is done or it is not.
        let once = listed.is_some_and(|it| it.definition.target == Target::ProfileCompleted);
        let periods = [key.2.clone()];
        let reached = store::progress(tx, &[taker], &[key.0], &periods).await?;
        let reached = if once {
            1
        } else {
            reached.get(&key).copied().unwrap_or(0)
        };
        let taken: Vec<u16> = of(taker)
            .filter(standing)
            .filter_map(|it| u16::try_from(it.nth).ok())
            .collect();
        let goals: Vec<i64> = theirs.iter().map(|it| it.goal).collect();
        for (row, nth) in theirs
            .iter()
            .zip(numbers_after_merge(reached, &taken, &goals))
        {
            let Some(nth) = nth.map(i32::from) else {
                continue;
            };
            let rounds = of(taker).filter(|it| it.nth == nth).map(|it| it.round);
            let round = rounds.max().unwrap_or(0) + 1;
            number(tx, row.id, taker, (nth, round)).await?;
            kept.push(Kept {
                before: Some(format!("{}/{}", row.nth, row.round)),
                ..Kept::row(row.id)
            });
        }
    }
    Ok(kept)
}

async fn number(tx: &Tx, id: Uuid, owner: MemberId, (nth, round): (i32, i32)) -> Result<()> {
    use claim::Column;
    claim::Entity::update_many()
        .col_expr(Column::MemberId, Expr::value(owner.uuid()))
        .col_expr(Column::Nth, Expr::value(nth))
        .col_expr(Column::Round, Expr::value(round))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives what both together have reached, and takes back what one alone has not.
async fn work_out(tx: &Tx, app: &App, it: &Move, parts: BTreeSet<PartKey>) -> Result<()> {
    if parts.is_empty() {
        return Ok(());
    }
    // Whoever ends gets nothing any more.
    let ends = |key: &PartKey| !it.is_undo() && key.1 == it.giver();
    let parts: BTreeSet<PartKey> = parts.into_iter().filter(|it| !ends(it)).collect();
    let ids = [it.giver(), it.taker()];
    let facts = members::lock(tx, &ids).await?;
    let zones: Vec<(MemberId, TimeZone)> =
        facts.iter().map(|it| (it.id, it.zone.clone())).collect();
    let rulebook = app.rulebook();
    let mut books = Books::load(tx, &ids, &[]).await?;
    let mut standings = Standings::load(tx, app.rulebook(), &facts).await?;
    let mut known = Facts::load(tx, catalogue(tx, app).await?, &zones, &parts).await?;
    let mut purse = Purse {
        rulebook: &rulebook,
        books: &mut books,
        standings: &mut standings,
    };
    settle(tx, &mut known, &mut purse, &parts).await?;
    standings.review_grown(tx.now(), &mut tx.ids());
    books.save(tx, it.actor()).await?;
    standings.save(tx).await
}
