//! Joining, leaving, being added and being removed.

use super::super::store::{self, community, membership};
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use crate::{audit, members, outbox};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ExprTrait};
use shared::communities::MembershipState;
use shared::communities::rules::{self, Room};
use shared::ids::{CommunityId, MemberId, MembershipId};
use shared::problem::ErrorCode;
use shared::webhooks::events::{Event, Membership};

/// Joins the community with this code. Joining again changes nothing.
///
/// # Errors
/// `communities.code_unknown`, `communities.closed`, `communities.full`, `communities.removed`.
pub async fn join(tx: &Tx, member: MemberId, code: &str) -> Result<CommunityId> {
    members::service::lock_active(tx, member).await?;
    let row = store::by_code(tx, code).await?;
    let id = CommunityId::from(row.ok_or(ErrorCode::CommunityCodeUnknown)?.id);
    enter(tx, id, member, false).await?;
    Ok(id)
}

/// Adds a member by hand, also one who was removed.
///
/// # Errors
/// `communities.not_found`, `communities.full`, `members.not_found`.
pub async fn add(tx: &Tx, community: CommunityId, member: MemberId, actor: &str) -> Result<()> {
    members::service::lock_existing(tx, member).await?;
    if enter(tx, community, member, true).await? {
        note(tx, actor, "community.member_added", community, member).await?;
    }
    Ok(())
}

async fn note(
    tx: &Tx,
    actor: &str,
    action: &str,
    community: CommunityId,
    member: MemberId,
) -> Result<()> {
    let detail = serde_json::json!({ "member": member });
    audit::service::record(tx, actor, action, &community.to_string(), &detail).await
}

async fn enter(tx: &Tx, community: CommunityId, member: MemberId, by_staff: bool) -> Result<bool> {
    let row = store::lock(tx, community).await?;
    let row = row.ok_or(ErrorCode::CommunityNotFound)?;
    let known = store::standing(tx, community, member).await?;
    let standing = known
        .as_ref()
        .map(|it| MembershipState::from_db(&it.state))
        .transpose()?;
    let room = Room {
        open: store::definition(&row)?.open,
        capacity: u32::try_from(row.capacity).unwrap_or(0),
        members: u32::try_from(row.members).unwrap_or(0),
        standing,
    };
    if !rules::join(room, by_staff).map_err(|it| it.code())? {
        return Ok(false);
    }
    let now = tx.now().as_millis();
    match known {
        Some(known) => set(tx, known.id, MembershipState::Active, Some(now)).await?,
        None => {
            let fresh = membership::ActiveModel {
                id: Set(MembershipId::generate(&mut tx.ids()).uuid()),
                community_id: Set(community.uuid()),
                member_id: Set(member.uuid()),
                state: Set(MembershipState::Active.to_db().to_owned()),
                joined_at: Set(now),
                changed_at: Set(now),
            };
            membership::Entity::insert(fresh)
                .exec_without_returning(tx)
                .await?;
        }
    }
    count(tx, community, 1).await?;
    tx.touch(member);
    tell(tx, community, member, MembershipState::Active).await?;
    Ok(true)
}

/// Tells the shop's systems who came or went.
async fn tell(
    tx: &Tx,
    community: CommunityId,
    member: MemberId,
    state: MembershipState,
) -> Result<()> {
    let membership = Membership {
        community_id: community,
        member_id: member,
        state,
    };
    let event = match state {
        MembershipState::Active => Event::CommunityJoined(membership),
        MembershipState::Left | MembershipState::Removed => Event::CommunityLeft(membership),
    };
    outbox::service::tell(tx, Some(member), event).await
}

async fn set(tx: &Tx, id: Uuid, state: MembershipState, joined_at: Option<i64>) -> Result<()> {
    let mut changed = membership::ActiveModel {
        id: Set(id),
        state: Set(state.to_db().to_owned()),
        changed_at: Set(tx.now().as_millis()),
        ..Default::default()
    };
    if let Some(joined_at) = joined_at {
        changed.joined_at = Set(joined_at);
    }
    membership::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Counts members who came or went; the community is taken by this write.
pub(super) async fn count(tx: &Tx, community: CommunityId, change: i32) -> Result<()> {
    use community::Column;
    community::Entity::update_many()
        .col_expr(Column::Members, Expr::col(Column::Members).add(change))
        .filter(Column::Id.eq(community.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

async fn exit(
    tx: &Tx,
    community: CommunityId,
    member: MemberId,
    state: MembershipState,
) -> Result<bool> {
    let row = store::lock(tx, community).await?;
    row.ok_or(ErrorCode::CommunityNotFound)?;
    let known = store::standing(tx, community, member).await?;
    let known = known.ok_or(ErrorCode::CommunityMemberNotFound)?;
    let before = MembershipState::from_db(&known.state)?;
    if before == state || state == MembershipState::Left && before == MembershipState::Removed {
        return Ok(false);
    }
    set(tx, known.id, state, None).await?;
    if before == MembershipState::Active {
        count(tx, community, -1).await?;
        tell(tx, community, member, state).await?;
    }
    tx.touch(member);
    Ok(true)
}

/// Leaves a community. Leaving again changes nothing.
///
/// # Errors
/// `communities.not_found`, also for one that the member was never in.
pub async fn leave(tx: &Tx, community: CommunityId, member: MemberId) -> Result<()> {
    if store::standing(tx, community, member).await?.is_none() {
        return Err(ErrorCode::CommunityNotFound.into());
    }
    exit(tx, community, member, MembershipState::Left).await?;
    Ok(())
}

/// Removes a member, who cannot come back by the link.
///
/// # Errors
/// `communities.not_found`, `communities.member_not_found`.
pub async fn remove(tx: &Tx, community: CommunityId, member: MemberId, actor: &str) -> Result<()> {
    if exit(tx, community, member, MembershipState::Removed).await? {
        note(tx, actor, "community.member_removed", community, member).await?;
    }
    Ok(())
}
