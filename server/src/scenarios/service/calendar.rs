//! What a community was and will be shown, and what becomes of calling it.

use super::super::store::{self, delivery};
use crate::App;
use crate::communities;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use crate::sales;
use sea_orm::prelude::Uuid;
use shared::communities::api::Community;
use shared::ids::{CommunityId, ScenarioId};
use shared::scenarios::api::{Calendar, CalendarEntry, CalendarEvent, Delivery};
use shared::scenarios::rules::{call, start_of_week};
use shared::scenarios::{Call, ChannelKind, DeliveryState, Pace};
use shared::time::{Day, Timestamp, plus_local_days, start_of_day};
use std::collections::HashMap;

/// Most days of one look.
pub const MAX_DAYS: u16 = 62;
/// Most appearances of one list in one look.
const MOST: usize = 100;

/// A community's calendar of `days` days from `first` on.
///
/// # Errors
/// `communities.not_found`, `request.invalid` for more days than can be looked at at once.
pub async fn calendar(
    app: &App,
    community: CommunityId,
    first: Day,
    days: u16,
) -> Result<Calendar> {
    if !(1..=MAX_DAYS).contains(&days) {
        let message = "expected 1 to 62 days";
        return Err(AppError::invalid_field("/days", "out_of_range", message));
    }
    let Community { definition, .. } = communities::service::get(app, community).await?;
    let rulebook = app.rulebook();
    let zone = rulebook.programme_zone();
    let from = start_of_day(first.date(), zone);
    let until = plus_local_days(from, i32::from(days), zone);
    let mut entries = past(app, community, (from, until)).await?;
    entries.extend(to_come(app, community, definition.pace, (from, until)).await?);
    entries.extend(sales(app, community, (from, until)).await?);
    entries.sort_by_key(|it| it.at);
    Ok(Calendar {
        time_zone: rulebook.programme.time_zone.clone(),
        entries,
        server_time: app.db.now(),
    })
}

async fn past(
    app: &App,
    community: CommunityId,
    span: (Timestamp, Timestamp),
) -> Result<Vec<CalendarEntry>> {
    let rows = store::postings(app.db.read(), community, span).await?;
    let ids: Vec<Uuid> = rows.iter().map(|it| it.id).collect();
    let mut deliveries: HashMap<Uuid, Vec<Delivery>> = HashMap::new();
    for row in store::deliveries(app.db.read(), &ids).await? {
        deliveries
            .entry(row.posting_id)
            .or_default()
            .push(told(&row)?);
    }
    let entry = |row: store::posting::Model| {
        let event = CalendarEvent::Scenario {
            scenario_id: row.scenario_id.into(),
            posting_id: Some(row.id.into()),
            title: store::definition(&row.body)?.title,
            call: Call::from_db(&row.call)?,
            deliveries: deliveries.remove(&row.id).unwrap_or_default(),
        };
        let at = Timestamp::from_millis(row.at);
        Ok(CalendarEntry { at, event })
    };
    rows.into_iter().map(entry).collect()
}

fn told(row: &delivery::Model) -> Result<Delivery> {
    Ok(Delivery {
        kind: ChannelKind::from_db(&row.kind)?,
        state: DeliveryState::from_db(&row.state)?,
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        reached: row.reached.and_then(|it| u32::try_from(it).ok()),
        trouble: row.trouble.clone(),
    })
}

/// What is scheduled, with what the pace will make of it when everything appears as scheduled.
async fn to_come(
    app: &App,
    community: CommunityId,
    pace: Pace,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<CalendarEntry>> {
    let now = app.db.now();
    let rulebook = app.rulebook();
    let zone = rulebook.programme_zone();
    let mut times: Vec<(Timestamp, ScenarioId, String)> = Vec::new();
    for row in store::to_come(app.db.read(), community).await? {
        let definition = store::definition(&row.body)?;
        // From what is due on, so that calls before the span count for the limits of its weeks.
        let next = row.next_at.map_or(now, Timestamp::from_millis);
        let schedule = &definition.schedule;
        for at in schedule.within((next, until), zone, MOST) {
            times.push((at, row.id.into(), definition.title.clone()));
        }
    }
    times.sort_by_key(|it| (it.0, it.1));
    let week = start_of_week(now, zone);
    let mut called = store::called_since(app.db.read(), community, week).await?;
    let mut entries = Vec::new();
    for (at, scenario_id, title) in times {
        let call = call(pace, at, now, &called, zone);
        if call == Call::Made {
            called.push(at);
        }
        if at >= from {
            let event = CalendarEvent::Scenario {
                scenario_id,
                posting_id: None,
                title,
                call,
                deliveries: Vec::new(),
            };
            entries.push(CalendarEntry { at, event });
        }
    }
    Ok(entries)
}

async fn sales(
    app: &App,
    community: CommunityId,
    span: (Timestamp, Timestamp),
) -> Result<Vec<CalendarEntry>> {
    let found = sales::service::of_community(app, community, span).await?;
    let entry = |it: shared::sales::api::FlashSale| CalendarEntry {
        at: it.definition.starts_at,
        event: CalendarEvent::Sale {
            sale_id: it.id,
            title: it.definition.title,
            ends_at: it.definition.ends_at,
            phase: it.phase,
        },
    };
    Ok(found.into_iter().map(entry).collect())
}
