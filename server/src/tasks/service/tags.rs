//! Tags of members, which audiences name.

use crate::audit;
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::members;
use crate::tasks::store;
use sea_orm::ConnectionTrait;
use shared::ids::MemberId;
use shared::members::audience::MAX_TAGS;
use shared::orders::rules::is_reference;
use std::collections::{BTreeSet, HashMap};

/// A member's tags, in the order of their names.
///
/// # Errors
/// When the database fails.
pub async fn tags_of(db: &impl ConnectionTrait, member: MemberId) -> Result<Vec<String>> {
    Ok(store::tags(db, &[member])
        .await?
        .remove(&member)
        .unwrap_or_default())
}

/// The tags of members; whoever has none is left out.
///
/// # Errors
/// When the database fails.
pub async fn tags_of_all(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<HashMap<MemberId, Vec<String>>> {
    store::tags(db, members).await
}

/// Sets all tags of a member.
///
/// # Errors
/// `members.not_found`, `request.invalid`.
pub async fn set_tags(
    tx: &Tx,
    member: MemberId,
    tags: &[String],
    actor: &str,
) -> Result<Vec<String>> {
    let wanted: BTreeSet<&String> = tags.iter().collect();
    if wanted.len() > MAX_TAGS || wanted.iter().any(|it| !is_reference(it)) {
        let expected = "expected at most 50 tags of 1 to 100 visible characters";
        return Err(AppError::invalid_field("/tags", "invalid", expected));
    }
    members::service::lock_existing(tx, member).await?;
    let tags: Vec<String> = wanted.into_iter().cloned().collect();
    store::set_tags(tx, member, &tags).await?;
    let detail = serde_json::json!({ "tags": tags });
    audit::service::record(
        tx,
        actor,
        "member.tags_changed",
        &member.to_string(),
        &detail,
    )
    .await?;
    tx.touch(member);
    Ok(tags)
}
