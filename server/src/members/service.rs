//! Use cases of members: who a reference names, and taking members for a write.

mod bulk;
mod consents;
mod erase;
mod export;
mod list;
mod merge;
mod record;
mod status;

pub use super::merge_store::Kept;
pub use bulk::{Brought, Called, TakenBack, as_lines, bring_in, called, contacts_of, take_back};
pub use consents::{consents, set_consent};
pub use erase::{Erasure, erase, erase_me, forget_consents, preview_erasure};
pub use export::{ExportWriter, export_all, export_consents, export_record};
pub use list::{MemberFilter, count, export, ids, list};
pub use merge::{
    Move, families, forget_merges, get_merge, merge, merges, preview_merge, preview_undo,
    undo_merge,
};
pub use record::{NewMember, create, create_all, unmake, update_me, upsert};
pub use status::set_status;

use super::store::{self, Column, Entity, Model};
use crate::App;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use jiff::tz::TimeZone;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect};
use shared::ids::MemberId;
use shared::members::MemberStatus;
use shared::members::api::Member;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use std::collections::HashMap;

/// What use cases need to know of a member.
#[derive(Debug, Clone)]
pub struct MemberFacts {
    /// The member.
    pub id: MemberId,
    /// Whether the member may use the programme.
    pub status: MemberStatus,
    /// The zone of the member's days.
    pub zone: TimeZone,
    /// When the member joined.
    pub joined_at: Timestamp,
}

fn facts(row: &Model) -> Result<MemberFacts> {
    Ok(MemberFacts {
        id: MemberId::from(row.id),
        status: MemberStatus::from_db(&row.status)?,
        zone: shared::time::zone(&row.time_zone).map_err(AppError::internal)?,
        joined_at: Timestamp::from_millis(row.joined_at),
    })
}

/// Takes members for the rest of a write, in one order so that two writes never wait for each
/// other. Members that do not exist are left out.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &Tx, members: &[MemberId]) -> Result<Vec<MemberFacts>> {
    store::lock(tx, members).await?.iter().map(facts).collect()
}

/// Takes one member.
///
/// # Errors
/// `members.not_found`, also for an erased member; `members.merged` with who goes on.
pub async fn lock_existing(tx: &Tx, member: MemberId) -> Result<MemberFacts> {
    let found = lock(tx, &[member]).await?.into_iter().next();
    let found = found.filter(|it| it.status != MemberStatus::Erased);
    let found = found.ok_or(ErrorCode::MemberNotFound)?;
    if found.status == MemberStatus::Merged {
        let row = store::find(tx, member).await?;
        let survivor = row.and_then(|it| it.merged_into).map(MemberId::from);
        let survivor = survivor.map(|it| it.to_string()).unwrap_or_default();
        return Err(AppError::refused(ErrorCode::MemberMerged, survivor));
    }
    Ok(found)
}

/// A member, or whoever goes on for a merged one.
///
/// # Errors
/// When the database fails.
pub async fn going_on(db: &impl ConnectionTrait, member: MemberId) -> Result<MemberId> {
    let row = store::find(db, member).await?;
    let into = row.and_then(|it| it.merged_into);
    Ok(into.map_or(member, MemberId::from))
}

/// Takes one member, or whoever goes on for a merged one.
///
/// # Errors
/// `members.not_found`, also for an erased member.
pub async fn lock_going_on(tx: &Tx, member: MemberId) -> Result<MemberFacts> {
    let member = going_on(tx, member).await?;
    lock_existing(tx, member).await
}

/// Takes one member who may spend.
///
/// # Errors
/// `members.not_found`, `members.frozen`.
pub async fn lock_active(tx: &Tx, member: MemberId) -> Result<MemberFacts> {
    let found = lock_existing(tx, member).await?;
    if found.status == MemberStatus::Frozen {
        Err(ErrorCode::MemberFrozen.into())
    } else {
        Ok(found)
    }
}

/// What use cases need to know of one member, outside a write.
///
/// # Errors
/// `members.not_found`.
pub async fn facts_of(db: &impl ConnectionTrait, member: MemberId) -> Result<MemberFacts> {
    let row = store::find(db, member)
        .await?
        .ok_or(ErrorCode::MemberNotFound)?;
    facts(&row)
}

/// What use cases need to know of a member whose record was read.
#[must_use]
pub fn facts_from(app: &App, record: &Member) -> MemberFacts {
    MemberFacts {
        id: record.id,
        status: record.status,
        zone: app.rulebook().zone_of(&record.time_zone),
        joined_at: record.joined_at,
    }
}

/// Whether a member's record has all that a shop would like to know: a name, a birthday, and a
/// phone number or an e-mail address.
#[must_use]
pub const fn is_complete(member: &Member) -> bool {
    member.name.is_some()
        && member.birthday.is_some()
        && (member.phone.is_some() || member.email.is_some())
}

/// Members whose records are complete, as [`is_complete`] says.
///
/// # Errors
/// When the database fails.
pub async fn with_complete_profiles(db: &impl ConnectionTrait) -> Result<Vec<MemberId>> {
    let reachable = Condition::any()
        .add(Column::Phone.is_not_null())
        .add(Column::Email.is_not_null());
    let query = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Name.is_not_null())
        .filter(Column::Birthday.is_not_null())
        .filter(Column::Status.ne(MemberStatus::Erased.to_db()))
        .filter(reachable);
    let ids: Vec<Uuid> = query.into_tuple().all(db).await?;
    Ok(ids.into_iter().map(MemberId::from).collect())
}

/// A member's record.
///
/// # Errors
/// `members.not_found`.
pub async fn get(db: &impl ConnectionTrait, member: MemberId) -> Result<Member> {
    let row = store::find(db, member)
        .await?
        .ok_or(ErrorCode::MemberNotFound)?;
    store::to_member(&row)
}

/// The member that a reference names: `mem_…`, or `ext:` and the shop's own id.
///
/// # Errors
/// `members.not_found`.
pub async fn resolve(db: &impl ConnectionTrait, reference: &str) -> Result<MemberId> {
    if let Some(external) = reference.strip_prefix("ext:") {
        let found = store::ids_by_external(db, &[external.to_owned()]).await?;
        return found
            .first()
            .map(|it| it.1)
            .ok_or_else(|| ErrorCode::MemberNotFound.into());
    }
    let id: MemberId = reference
        .parse()
        .map_err(|_| AppError::from(ErrorCode::MemberNotFound))?;
    match store::find(db, id).await? {
        Some(_) => Ok(id),
        None => Err(ErrorCode::MemberNotFound.into()),
    }
}

/// The members that references name, at once; unknown ones are left out. For a merged member it
/// is whoever goes on.
///
/// # Errors
/// When the database fails.
pub async fn resolve_all(
    db: &impl ConnectionTrait,
    references: &[String],
) -> Result<Vec<(String, MemberId)>> {
    let external: Vec<String> = references
        .iter()
        .filter_map(|it| it.strip_prefix("ext:"))
        .map(str::to_owned)
        .collect();
    let by_external = store::ids_by_external(db, &external).await?;
    let mut found: Vec<(String, MemberId)> = by_external
        .into_iter()
        .map(|(it, id)| (format!("ext:{it}"), id))
        .collect();
    let named = references.iter().filter_map(|it| {
        let id: MemberId = it.parse().ok()?;
        Some((it.clone(), id))
    });
    let named: Vec<(String, MemberId)> = named.collect();
    let ids: Vec<MemberId> = named.iter().map(|it| it.1).collect();
    let ended = store::led(db, &ids).await?;
    let lead = |(it, id): (String, MemberId)| (it, ended.get(&id).copied().unwrap_or(id));
    found.extend(named.into_iter().map(lead));
    Ok(found)
}

/// Facts of up to `limit` members in the order of their ids, after `after`.
///
/// # Errors
/// When the database fails.
pub async fn facts_after(
    db: &impl ConnectionTrait,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<MemberFacts>> {
    let mut query = Entity::find().order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after.uuid()));
    }
    query.all(db).await?.iter().map(facts).collect()
}

/// Facts of these members; of those who do not exist there are none.
///
/// # Errors
/// When the database fails.
pub async fn all_facts(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<MemberFacts>> {
    let ids = members.iter().map(|it| it.uuid());
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    rows.iter().map(facts).collect()
}

/// What members are called: their name, or else the shop's id.
///
/// # Errors
/// When the database fails.
pub async fn names_of(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<HashMap<MemberId, String>> {
    let ids = members.iter().map(|it| it.uuid());
    let rows: Vec<(Uuid, Option<String>, Option<String>)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name, Column::ExternalId])
        .filter(Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    let named = |(id, name, external): (Uuid, Option<String>, Option<String>)| {
        Some((MemberId::from(id), name.or(external)?))
    };
    Ok(rows.into_iter().filter_map(named).collect())
}
