//! What people and systems are called, beside their ids in lists for staff.

use crate::App;
use crate::error::Result;
use crate::{members, staff};
use shared::audit::api::AuditEntry;
use shared::ids::{ApiKeyId, MemberId, StaffId};
use shared::points::api::{Adjustment, Entry};
use shared::programme::api::VersionInfo;
use std::collections::{BTreeSet, HashMap};

/// Names by id; an id of nobody has none.
///
/// # Errors
/// When the database fails.
pub async fn of<'a>(
    app: &App,
    ids: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, String>> {
    let ids: BTreeSet<&str> = ids.collect();
    let members: Vec<MemberId> = ids.iter().filter_map(|it| it.parse().ok()).collect();
    let staff: Vec<StaffId> = ids.iter().filter_map(|it| it.parse().ok()).collect();
    let keys: Vec<ApiKeyId> = ids.iter().filter_map(|it| it.parse().ok()).collect();
    let db = app.db.read();
    let mut names = HashMap::new();
    if !members.is_empty() {
        let found = members::service::names_of(db, &members).await?;
        names.extend(found.into_iter().map(|(id, name)| (id.to_string(), name)));
    }
    if !staff.is_empty() {
        let found = staff::service::names_of(db, &staff).await?;
        names.extend(found.into_iter().map(|(id, name)| (id.to_string(), name)));
    }
    if !keys.is_empty() {
        let found = staff::service::key_names_of(db, &keys).await?;
        names.extend(found.into_iter().map(|(id, name)| (id.to_string(), name)));
    }
    Ok(names)
}

/// Writes who did it beside rows of the ledger.
///
/// # Errors
/// When the database fails.
pub async fn of_entries(app: &App, entries: &mut [Entry]) -> Result<()> {
    let names = of(app, entries.iter().map(|it| it.actor.as_str())).await?;
    for entry in entries {
        entry.actor_name = names.get(&entry.actor).cloned();
    }
    Ok(())
}

/// Writes who asked and who decided beside adjustments, and whose they are.
///
/// # Errors
/// When the database fails.
pub async fn of_adjustments(app: &App, adjustments: &mut [Adjustment]) -> Result<()> {
    let members: Vec<String> = adjustments
        .iter()
        .flat_map(|it| {
            let decided = it.decided_by.map(|it| it.to_string());
            [Some(it.member_id.to_string()), decided]
        })
        .flatten()
        .collect();
    let asked = adjustments.iter().map(|it| it.requested_by.as_str());
    let names = of(app, members.iter().map(String::as_str).chain(asked)).await?;
    let name = |id: &str| names.get(id).cloned();
    for it in adjustments {
        it.member_name = name(&it.member_id.to_string());
        it.requested_by_name = name(&it.requested_by);
        it.decided_by_name = it.decided_by.and_then(|it| name(&it.to_string()));
    }
    Ok(())
}

/// Writes who did it and to whom beside rows of the audit trail.
///
/// # Errors
/// When the database fails.
pub async fn of_audit(app: &App, entries: &mut [AuditEntry]) -> Result<()> {
    let ids = entries
        .iter()
        .flat_map(|it| [it.actor.as_str(), it.target.as_str()]);
    let names = of(app, ids).await?;
    for it in entries {
        it.actor_name = names.get(&it.actor).cloned();
        it.target_name = names.get(&it.target).cloned();
    }
    Ok(())
}

/// Writes who made them beside versions of rules.
///
/// # Errors
/// When the database fails.
pub async fn of_versions<'a>(
    app: &App,
    versions: impl Iterator<Item = &'a mut VersionInfo>,
) -> Result<()> {
    let versions: Vec<&mut VersionInfo> = versions.collect();
    let names = of(app, versions.iter().map(|it| it.created_by.as_str())).await?;
    for it in versions {
        it.created_by_name = names.get(&it.created_by).cloned();
    }
    Ok(())
}
