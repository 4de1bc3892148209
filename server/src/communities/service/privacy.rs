//! What communities hold of a person.

use super::super::store::{self, membership};
use super::belong::count;
use super::views::mine;
use crate::App;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use crate::members::service::{Erasure, ExportWriter, Move};
use sea_orm::entity::prelude::*;
use shared::communities::MembershipState;
use shared::ids::{CommunityId, MemberId};
use shared::members::api::MovedKind;
use std::collections::BTreeSet;

/// The communities that a member belongs to, for an export.
///
/// # Errors
/// When the database fails, or nobody reads any more.
pub async fn export(app: &App, member: MemberId, to: &mut ExportWriter) -> Result<()> {
    let communities = mine(app, member).await?.communities;
    to.value("communities", &communities).await
}

/// Takes a member out of all communities, because the member is erased.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &Tx, it: &Erasure) -> Result<()> {
    let rows = memberships(tx, it.member).await?;
    let active: BTreeSet<CommunityId> = rows
        .iter()
        .filter(|it| it.state == MembershipState::Active.to_db())
        .map(|it| it.community_id.into())
        .collect();
    for community in active {
        store::lock(tx, community).await?;
        count(tx, community, -1).await?;
    }
    membership::Entity::delete_many()
        .filter(membership::Column::MemberId.eq(it.member.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

async fn memberships(tx: &Tx, member: MemberId) -> Result<Vec<membership::Model>> {
    let query = membership::Entity::find().filter(membership::Column::MemberId.eq(member.uuid()));
    Ok(query.all(tx).await?)
}

/// Hands memberships over with a merge of members, or back. Where both belong, or did, each stays
/// as they are.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(tx: &Tx, it: &mut Move) -> Result<()> {
    let ids = match it.back_ids(MovedKind::Communities) {
        Some(ids) => ids,
        None => {
            let known = memberships(tx, it.taker()).await?;
            let known: BTreeSet<Uuid> = known.into_iter().map(|it| it.community_id).collect();
            let rows = memberships(tx, it.giver()).await?;
            let new = rows
                .into_iter()
                .filter(|it| !known.contains(&it.community_id));
            new.map(|it| it.id).collect()
        }
    };
    let columns = (membership::Column::Id, membership::Column::MemberId);
    it.hand_over::<membership::Entity>(tx, MovedKind::Communities, columns, ids)
        .await
}
