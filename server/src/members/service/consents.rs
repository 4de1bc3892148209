//! Which channels members agreed to be written on, and the record of when they said so.

use super::super::{consent_store, store};
use super::lock_active;
use super::record::update;
use crate::db::Tx;
use crate::db::text::{DbText, from_json, to_json};
use crate::error::Result;
use sea_orm::ConnectionTrait;
use shared::ids::MemberId;
use shared::members::Channel;
use shared::members::api::{Consent, ConsentList, Consents};
use shared::problem::ErrorCode;
use shared::time::Timestamp;

/// A member's consents, one a channel, each with when it was last said.
///
/// # Errors
/// `members.not_found`.
pub async fn consents(db: &impl ConnectionTrait, member: MemberId) -> Result<ConsentList> {
    let row = store::find(db, member)
        .await?
        .ok_or(ErrorCode::MemberNotFound)?;
    let now: Consents = from_json(&row.consents)?;
    let said = consent_store::of_member(db, member).await?;
    let data = Channel::ALL
        .iter()
        .map(|channel| {
            // The latest comes last.
            let last = said.iter().rfind(|it| it.channel == channel.to_db());
            Consent {
                channel: *channel,
                granted: now.granted(*channel),
                changed_at: last.map(|it| Timestamp::from_millis(it.at)),
            }
        })
        .collect();
    Ok(ConsentList { data })
}

/// A member agrees to be written on a channel, or no longer does.
///
/// # Errors
/// `members.frozen`, `members.not_found`.
pub async fn set_consent(
    tx: &Tx,
    member: MemberId,
    channel: Channel,
    granted: bool,
) -> Result<ConsentList> {
    lock_active(tx, member).await?;
    let mut row = store::find(tx, member)
        .await?
        .ok_or(ErrorCode::MemberNotFound)?;
    let before: Consents = from_json(&row.consents)?;
    let after = before.with(channel, granted);
    row.consents = to_json(&after)?;
    update(tx, row).await?;
    note(tx, member, before, after, &member.to_string());
    consents(tx, member).await
}

/// Records what changed: a consent must be provable.
pub(super) fn note(tx: &Tx, member: MemberId, before: Consents, after: Consents, actor: &str) {
    for channel in Channel::ALL {
        let granted = after.granted(channel);
        if granted != before.granted(channel) {
            consent_store::add(tx, member, channel, granted, actor);
        }
    }
}
