//! Members' own days.

use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::members::service::MemberFacts;
use crate::tasks::store::{self, zone};
use jiff::tz::TimeZone;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, entity::prelude::*};
use shared::ids::MemberId;
use shared::tasks::days::{LocalDays, ZoneFrom};
use shared::time::Timestamp;
use std::collections::HashMap;

/// The days of members, by their records and by the zones they had before.
///
/// # Errors
/// When the database fails.
pub async fn days_of(
    db: &impl ConnectionTrait,
    members: &[(MemberId, TimeZone)],
) -> Result<HashMap<MemberId, LocalDays>> {
    let ids: Vec<MemberId> = members.iter().map(|it| it.0).collect();
    let mut changes: HashMap<MemberId, Vec<ZoneFrom>> = HashMap::new();
    for row in store::zones(db, &ids).await? {
        let from = Timestamp::from_millis(row.from_at);
        let zone = shared::time::zone(&row.zone).map_err(AppError::internal)?;
        changes
            .entry(row.member_id.into())
            .or_default()
            .push(ZoneFrom { from, zone });
    }
    let days = members.iter().map(|(id, zone)| {
        let mut known = changes.remove(id).unwrap_or_default();
        if known.is_empty() {
            return (*id, LocalDays::of(zone.clone()));
        }
        let first = known.remove(0);
        (*id, LocalDays::with_changes(first.zone, known))
    });
    Ok(days.collect())
}

/// The days of one member.
///
/// # Errors
/// When the database fails.
pub async fn days_of_one(db: &impl ConnectionTrait, member: &MemberFacts) -> Result<LocalDays> {
    let one = [(member.id, member.zone.clone())];
    let found = days_of(db, &one).await?.remove(&member.id);
    Ok(found.unwrap_or_else(|| LocalDays::of(member.zone.clone())))
}

/// Notes that a member's zone changes from `old` to `new`, if it does: it counts from the member's
/// next day.
///
/// # Errors
/// When the database fails.
pub async fn zone_changed(tx: &Tx, member: MemberId, old: &str, new: &str) -> Result<()> {
    if old == new {
        return Ok(());
    }
    let read = |name: &str| shared::time::zone(name).map_err(AppError::internal);
    let one = [(member, read(old)?)];
    let Some(mut days) = days_of(tx, &one).await?.remove(&member) else {
        return Ok(());
    };
    let had = days.zones().len();
    let change = days.change(read(new)?, tx.now());
    zone::Entity::delete_many()
        .filter(zone::Column::MemberId.eq(member.uuid()))
        .filter(zone::Column::FromAt.gt(tx.now().as_millis()))
        .exec(tx)
        .await?;
    let row = |from: Timestamp, name: &str| zone::ActiveModel {
        member_id: Set(member.uuid()),
        from_at: Set(from.as_millis()),
        zone: Set(name.to_owned()),
    };
    let mut rows = Vec::new();
    if had == 1 && store::zones(tx, &[member]).await?.is_empty() {
        rows.push(row(Timestamp::MIN, old));
    }
    rows.extend(change.map(|it| row(it.from, new)));
    zone::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    tx.touch(member);
    Ok(())
}
