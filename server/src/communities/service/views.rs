//! Communities as staff and members see them.

use super::super::store::{self, community, membership};
use crate::App;
use crate::auth::CurrentStaff;
use crate::db::text::DbText;
use crate::db::{Cursor, Listing, Tx, try_map};
use crate::error::{AppError, Result};
use crate::{members, staff};
use sea_orm::entity::prelude::*;
use shared::communities::api::{
    Community, CommunityMember, Manager, Managers, MyCommunities, MyCommunity,
};
use shared::communities::{Belonging, MembershipState, Reach};
use shared::ids::{CommunityId, MemberId, StaffId};
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::scenarios::Pace;
use shared::staff::Role;
use shared::time::Timestamp;
use std::collections::HashMap;

/// Which communities one of the staff may see and touch.
///
/// # Errors
/// When the database fails.
pub async fn within(app: &App, who: &CurrentStaff) -> Result<Reach> {
    match who.role {
        Role::Admin | Role::Operator | Role::Auditor => Ok(Reach::All),
        Role::CommunityManager => {
            let own = store::led_by(app.db.read(), who.id).await?;
            Ok(Reach::Own(who.id, own))
        }
    }
}

/// Refuses a community that is out of somebody's reach as if it were not there.
///
/// # Errors
/// `communities.not_found`.
pub fn require(reach: &Reach, community: CommunityId) -> Result<()> {
    if reach.has(community) {
        Ok(())
    } else {
        Err(ErrorCode::CommunityNotFound.into())
    }
}

/// Staff who can lead communities.
///
/// # Errors
/// When the database fails.
pub async fn managers(app: &App) -> Result<Managers> {
    let all = staff::service::community_managers(app.db.read()).await?;
    let all = all.into_iter().map(|(staff_id, name)| Manager {
        staff_id,
        name: Some(name),
    });
    Ok(Managers {
        managers: all.collect(),
    })
}

fn link(app: &App, code: &str) -> String {
    format!("{}/c/{code}", app.config.public_url)
}

async fn view(app: &App, row: community::Model) -> Result<Community> {
    let id = CommunityId::from(row.id);
    let ids = store::managers(app.db.read(), id).await?;
    let names = staff::service::names_of(app.db.read(), &ids).await?;
    let names: HashMap<StaffId, String> = names.into_iter().collect();
    let managers = ids.into_iter().map(|staff_id| Manager {
        staff_id,
        name: names.get(&staff_id).cloned(),
    });
    Ok(Community {
        id,
        version: row.version,
        definition: store::definition(&row)?,
        link: link(app, &row.code),
        code: row.code,
        members: u32::try_from(row.members).unwrap_or(0),
        managers: managers.collect(),
        created_at: Timestamp::from_millis(row.created_at),
        updated_at: Timestamp::from_millis(row.updated_at),
    })
}

/// A community.
///
/// # Errors
/// `communities.not_found`.
pub async fn get(app: &App, id: CommunityId) -> Result<Community> {
    let row = store::find(app.db.read(), id).await?;
    view(app, row.ok_or(ErrorCode::CommunityNotFound)?).await
}

/// Communities within reach, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    reach: &Reach,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<Community>> {
    use community::Column;
    let mut query = community::Entity::find();
    if let Reach::Own(_, own) = reach {
        query = query.filter(Column::Id.is_in(own.iter().map(|it| it.uuid())));
    }
    let list = Listing::newest_first(Column::CreatedAt, Column::Id, limit, cursor);
    let place = |it: &community::Model| Cursor {
        key: it.created_at,
        id: it.id,
    };
    let page = list.read(app.db.read(), query, place).await?;
    let mut data = Vec::with_capacity(page.data.len());
    for row in page.data {
        data.push(view(app, row).await?);
    }
    Ok(Page {
        data,
        next_cursor: page.next_cursor,
    })
}

/// Who belongs to a community, or did; newest first.
///
/// # Errors
/// When the database fails.
pub async fn members(
    app: &App,
    community: CommunityId,
    state: Option<MembershipState>,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<CommunityMember>> {
    use membership::Column;
    let mut query = membership::Entity::find().filter(Column::CommunityId.eq(community.uuid()));
    if let Some(state) = state {
        query = query.filter(Column::State.eq(state.to_db()));
    }
    let list = Listing::newest_first(Column::JoinedAt, Column::Id, limit, cursor);
    let place = |it: &membership::Model| Cursor {
        key: it.joined_at,
        id: it.id,
    };
    let page = list.read(app.db.read(), query, place).await?;
    let ids: Vec<MemberId> = page.data.iter().map(|it| it.member_id.into()).collect();
    let names = members::service::names_of(app.db.read(), &ids).await?;
    try_map(page, |it| {
        let member_id = MemberId::from(it.member_id);
        Ok(CommunityMember {
            member_id,
            name: names.get(&member_id).cloned(),
            state: MembershipState::from_db(&it.state)?,
            joined_at: Timestamp::from_millis(it.joined_at),
        })
    })
}

fn shown(row: &community::Model, joined_at: Option<i64>) -> Result<MyCommunity> {
    let definition = store::definition(row)?;
    Ok(MyCommunity {
        id: row.id.into(),
        name: definition.name,
        tags: definition.tags,
        rules: definition.rules,
        members: u32::try_from(row.members).unwrap_or(0),
        capacity: definition.capacity,
        open: definition.open,
        joined_at: joined_at.map(Timestamp::from_millis),
    })
}

/// The communities that a member belongs to.
///
/// # Errors
/// When the database fails.
pub async fn mine(app: &App, member: MemberId) -> Result<MyCommunities> {
    let rows = store::active(app.db.read(), &[member]).await?;
    let ids: Vec<CommunityId> = rows.iter().map(|it| it.community_id.into()).collect();
    let known = store::all(app.db.read(), &ids).await?;
    let mut communities = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(community) = known.get(&row.community_id.into()) {
            communities.push(shown(community, Some(row.joined_at))?);
        }
    }
    Ok(MyCommunities { communities })
}

/// One of the communities that a member belongs to.
///
/// # Errors
/// `communities.not_found`.
pub async fn own(app: &App, community: CommunityId, member: MemberId) -> Result<MyCommunity> {
    let own = mine(app, member).await?.communities;
    let found = own.into_iter().find(|it| it.id == community);
    found.ok_or_else(|| ErrorCode::CommunityNotFound.into())
}

/// Those who belong to a community, by id, after one of them.
///
/// # Errors
/// When the database fails.
pub async fn members_after(
    app: &App,
    community: CommunityId,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<MemberId>> {
    store::members_after(app.db.read(), community, after, limit).await
}

/// Takes a community for the rest of the write, and tells how often it may be called.
///
/// # Errors
/// `communities.not_found`.
pub async fn lock_pace(tx: &Tx, community: CommunityId) -> Result<Pace> {
    let row = store::lock(tx, community).await?;
    let row = row.ok_or(ErrorCode::CommunityNotFound)?;
    Ok(store::definition(&row)?.pace)
}

/// What the link of a code leads to, for a member.
///
/// # Errors
/// `communities.code_unknown`.
pub async fn invitation(app: &App, member: MemberId, code: &str) -> Result<MyCommunity> {
    let row = store::by_code(app.db.read(), code).await?;
    let row = row.ok_or(ErrorCode::CommunityCodeUnknown)?;
    let standing = store::standing(app.db.read(), row.id.into(), member).await?;
    let active = standing.filter(|it| it.state == MembershipState::Active.to_db());
    shown(&row, active.map(|it| it.joined_at))
}

/// The communities of members, as far as audiences need them, the one joined first first.
///
/// # Errors
/// When the database fails.
pub async fn belongings(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<HashMap<MemberId, Vec<Belonging>>> {
    let rows = store::active(db, members).await?;
    let mut ids: Vec<CommunityId> = rows.iter().map(|it| it.community_id.into()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut tags = HashMap::new();
    for (id, row) in store::all(db, &ids).await? {
        tags.insert(id, store::definition(&row)?.tags);
    }
    let mut found: HashMap<MemberId, Vec<Belonging>> = HashMap::new();
    for row in rows {
        let community = CommunityId::from(row.community_id);
        let tags = tags.get(&community).cloned().unwrap_or_default();
        let belonging = Belonging { community, tags };
        found
            .entry(row.member_id.into())
            .or_default()
            .push(belonging);
    }
    Ok(found)
}

/// What communities are called; unknown ones are left out.
///
/// # Errors
/// When the database fails.
pub async fn names_of(
    db: &impl ConnectionTrait,
    ids: &[CommunityId],
) -> Result<HashMap<CommunityId, String>> {
    let rows = store::all(db, ids).await?;
    let named = |(id, row): (CommunityId, community::Model)| {
        Ok::<_, AppError>((id, store::definition(&row)?.name))
    };
    rows.into_iter().map(named).collect()
}
