//! Freezing members and releasing them.

use super::super::store;
use super::lock_existing;
use super::record::update;
use crate::audit;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use crate::outbox::service::tell;
use shared::ids::MemberId;
use shared::members::MemberStatus;
use shared::members::api::Member;
use shared::problem::ErrorCode;
use shared::webhooks::events::{Event, MemberStanding};

/// A reason that staff gave, of 3 to 200 characters.
///
/// # Errors
/// `request.invalid`.
pub(super) fn reason(text: &str) -> Result<&str> {
    let reason = text.trim();
    if (3..=200).contains(&reason.chars().count()) {
        Ok(reason)
    } else {
        Err(AppError::invalid_field(
            "/reason",
            "out_of_range",
            "say why, in 3 to 200 characters",
        ))
    }
}

/// Freezes a member, or releases one.
///
/// # Errors
/// `members.not_found`, `request.invalid` without a reason.
pub async fn set_status(
    tx: &Tx,
    member: MemberId,
    status: MemberStatus,
    reason: &str,
    actor: &str,
) -> Result<Member> {
    let reason = self::reason(reason)?;
    lock_existing(tx, member).await?;
    let mut row = store::find(tx, member)
        .await?
        .ok_or(ErrorCode::MemberNotFound)?;
    let detail = serde_json::json!({ "from": row.status, "to": status.to_db(), "reason": reason });
    status.to_db().clone_into(&mut row.status);
    let changed = update(tx, row).await?;
    audit::service::record(
        tx,
        actor,
        "member.status_changed",
        &member.to_string(),
        &detail,
    )
    .await?;
    let standing = MemberStanding {
        member_id: member,
        status,
    };
    tell(tx, Some(member), Event::MemberStatusChanged(standing)).await?;
    Ok(changed)
}
