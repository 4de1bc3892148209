//! What Home shows, in one answer, remembered until the member's data changes.

use super::service;
use crate::App;
use crate::error::{AppError, Result};
use crate::http::etag::Tagged;
use crate::{messages, points, tasks, tiers};
use quick_cache::sync::Cache;
use shared::ids::MemberId;
use shared::members::api::Summary;
use shared::points::Asset;
use shared::time::Timestamp;

/// Members whose summary is remembered: about 2 KB each.
const REMEMBERED: usize = 10_000;
/// Longest time for which a summary is remembered: rolling windows move once a day.
const REMEMBERED_MS: i64 = 60_000;
/// Rows of recent activity.
const RECENT: u64 = 5;

/// A summary as it was sent.
#[derive(Clone)]
struct Remembered {
    answer: Tagged,
    generation: u32,
    stale_at: Timestamp,
}

/// Summaries of members who looked lately.
pub struct SummaryCache(Cache<MemberId, Remembered>);

impl Default for SummaryCache {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

/// A member's summary, remembered as long as nothing changed: neither by a write on this node nor
/// by time.
///
/// # Errors
/// `members.not_found`.
pub async fn rendered(app: &App, member: MemberId) -> Result<Tagged> {
    // Read before the query: a write in between makes the answer stale at once.
    let generation = app.db.generation(member);
    let now = app.db.now();
    if let Some(found) = app.summaries.0.get(&member)
        && found.generation == generation
        && now < found.stale_at
    {
        return Ok(found.answer);
    }
    let (summary, due) = load(app, member).await?;
    let answer = Tagged::json(&summary)?;
    // PostgreSQL may be written by other nodes, of whose writes this one does not hear.
    if app.db.backend() == sea_orm::DatabaseBackend::Sqlite {
        let horizon = now.plus_millis(REMEMBERED_MS);
        let stale_at = due.map_or(horizon, |it| it.min(horizon));
        app.summaries.0.insert(
            member,
            Remembered {
                answer: answer.clone(),
                generation,
                stale_at,
            },
        );
    }
    Ok(answer)
}

/// A member's summary now, and when time next changes it. What time has done since the last write
/// is included, though not yet written.
///
/// # Errors
/// `members.not_found`.
pub async fn load(app: &App, member: MemberId) -> Result<(Summary, Option<Timestamp>)> {
    let record = service::get(app.db.read(), member).await?;
    let tier = tiers::service::standing_of(app, &record).await?;
    let zone = shared::time::zone(&record.time_zone).map_err(AppError::internal)?;
    let balances = points::views::balances(app, member, zone).await?;
    let recent = points::views::latest(app, member, RECENT).await?;
    let (tasks, next_day_at) = tasks::service::digest(app, &record).await?;
    let due = [tier.next_due, balances.next_due, Some(next_day_at)]
        .into_iter()
        .flatten()
        .min();
    let unread_messages = messages::service::count_unread(app, member).await?;
    let celebrate = if unread_messages > 0 {
        messages::service::celebration(app, member, &tier.standing.code).await?
    } else {
        None
    };
    let summary = Summary {
        tier: tier.standing,
        points: balances.of(Asset::Points),
        credit: balances.of(Asset::Credit),
        recent,
        tasks,
        unread_messages,
        celebrate,
        member: record,
    };
    Ok((summary, due))
}
