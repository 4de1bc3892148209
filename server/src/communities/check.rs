//! Counts the members of communities again.

use super::store::{community, membership};
use crate::App;
use crate::check::Report;
use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use shared::communities::MembershipState;
use shared::ids::CommunityId;
use std::collections::HashMap;

/// Checks that communities have as many members as they say.
pub(crate) async fn check(app: &App, report: &mut Report) -> Result<()> {
    let db = app.db.read();
    let counted: Vec<(Uuid, i64)> = membership::Entity::find()
        .select_only()
        .column(membership::Column::CommunityId)
        .column_as(membership::Column::Id.count(), "members")
        .filter(membership::Column::State.eq(MembershipState::Active.to_db()))
        .group_by(membership::Column::CommunityId)
        .into_tuple()
        .all(db)
        .await?;
    let mut counted: HashMap<Uuid, i64> = counted.into_iter().collect();
    let rows = community::Entity::find()
        .order_by_asc(community::Column::Id)
        .all(db)
        .await?;
    for row in rows {
        let members = counted.remove(&row.id).unwrap_or(0);
        report.compare(
            CommunityId::from(row.id),
            "members of the community",
            members,
            i64::from(row.members),
        );
    }
    for (id, members) in counted {
        report.note(CommunityId::from(id), "members of no community", 0, members);
    }
    Ok(())
}
