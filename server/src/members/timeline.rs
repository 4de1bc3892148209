//! A member's timeline: what every feature has recorded, in one list.

use crate::App;
use crate::db::Cursor;
use crate::error::Result;
use crate::points::views::EntryFilter;
use crate::{audit, names, orders, points, sessions, tiers};
use sea_orm::entity::prelude::Uuid;
use shared::ids::MemberId;
use shared::members::api::{TimelineEvent, TimelineItem, TimelineKind};
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::time::Timestamp;

/// Most things of one instant that pages can be turned through.
const AT_ONCE: u64 = 1_000;

/// Where a page of the timeline ended: an instant, and how many things of that instant were shown.
/// Features have ids of different kinds, so there is no id that all of them could be sorted by.
#[derive(Clone, Copy, Default)]
struct Place {
    at: Option<Timestamp>,
    shown: u64,
}

impl Place {
    fn of(cursor: Option<Cursor>) -> Result<Self> {
        let Some(cursor) = cursor else {
            return Ok(Self::default());
        };
        let shown = u64::try_from(cursor.id.as_u128()).unwrap_or(u64::MAX);
        if shown > AT_ONCE {
            return Err(ErrorCode::InvalidCursor.into());
        }
        Ok(Self {
            at: Some(Timestamp::from_millis(cursor.key)),
            shown,
        })
    }
}

/// Everything that happened to a member, newest first; with `kind`, only things of that kind.
///
/// # Errors
/// `request.invalid_cursor`, or when the database fails.
pub async fn list(
    app: &App,
    member: MemberId,
    kind: Option<TimelineKind>,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<TimelineItem>> {
    let place = Place::of(cursor)?;
    let most = limit + place.shown + 1;
    let mut items = Vec::new();
    for source in [
        TimelineKind::Entry,
        TimelineKind::Tier,
        TimelineKind::Order,
        TimelineKind::Action,
        TimelineKind::Session,
    ] {
        if kind.is_none_or(|it| it == source) {
            items.extend(of_kind(app, member, source, place.at, most).await?);
        }
    }
    // The sort is stable: what is of one instant stays in the order in which it was asked for.
    items.sort_by_key(|it: &TimelineItem| std::cmp::Reverse(it.at));
    let shown = usize::try_from(place.shown).unwrap_or(usize::MAX);
    items.drain(..shown.min(items.len()));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(|last| {
        let same = items.iter().filter(|it| it.at == last.at).count() as u64;
        let before = if place.at == Some(last.at) {
            place.shown
        } else {
            0
        };
        Cursor {
            key: last.at.as_millis(),
            id: Uuid::from_u128(u128::from(same + before)),
        }
        .encode()
    });
    Ok(Page {
        data: items,
        next_cursor,
    })
}

/// The latest things of one kind up to and with an instant.
async fn of_kind(
    app: &App,
    member: MemberId,
    kind: TimelineKind,
    to: Option<Timestamp>,
    limit: u64,
) -> Result<Vec<TimelineItem>> {
    let db = app.db.read();
    let item = |(at, event)| TimelineItem { at, event };
    Ok(match kind {
        TimelineKind::Entry => {
            let filter = EntryFilter {
                to,
                ..EntryFilter::default()
            };
            let mut page = points::views::entries(app, member, &filter, limit, None).await?;
            names::of_entries(app, &mut page.data).await?;
            let of = |entry: shared::points::api::Entry| {
                (entry.occurred_at, TimelineEvent::Entry { entry })
            };
            page.data.into_iter().map(of).map(item).collect()
        }
        TimelineKind::Tier => {
            let changes = tiers::service::changes_until(app, member, to, limit).await?;
            let of = |change: shared::tiers::api::TierChange| {
                (change.at, TimelineEvent::Tier { change })
            };
            changes.into_iter().map(of).map(item).collect()
        }
        TimelineKind::Order => orders::service::events_until(db, member, to, limit)
            .await?
            .into_iter()
            .map(|(at, event)| (at, TimelineEvent::Order { event }))
            .map(item)
            .collect(),
        TimelineKind::Action => {
            let target = member.to_string();
            let mut rows = audit::service::about(db, &target, to, limit).await?;
            names::of_audit(app, &mut rows).await?;
            let of = |action: shared::audit::api::AuditEntry| {
                (action.at, TimelineEvent::Action { action })
            };
            rows.into_iter().map(of).map(item).collect()
        }
        TimelineKind::Session => sessions::service::opened_until(db, member, to, limit)
            .await?
            .into_iter()
            .map(|(at, session)| (at, TimelineEvent::Session { session }))
            .map(item)
            .collect(),
    })
}
