//! Reading referrals: the inviter's page, the console's lists and report.

use super::super::store::{budget, milestone, movement, referral, visit};
use super::bind::month_of;
use super::codes::my_code;
use super::offer;
use super::settle::evidence_of;
use crate::App;
use crate::db::text::DbText;
use crate::db::{Cursor, before, paged};
use crate::error::Result;
use crate::{members, rewards};
use sea_orm::ExprTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Alias;
use sea_orm::{PaginatorTrait, QueryOrder, QuerySelect};
use shared::ids::{MemberId, ReferralId};
use shared::members::rules::masked_name;
use shared::page::Page;
use shared::points::SourceKind;
use shared::problem::ErrorCode;
use shared::referrals::api::{
    BudgetView, Funnel, InvitedFriend, MilestoneView, MyReferral, ReferralDetail, ReferralMove,
    ReferralReport, ReferralRow,
};
use shared::referrals::{ReferralReason, ReferralState};
use shared::rewards::Reward;
use shared::time::Timestamp;
use std::collections::{HashMap, HashSet};

/// A member's own invitation, with how far friends got.
///
/// # Errors
/// When the database fails.
pub async fn mine(app: &App, member: MemberId) -> Result<MyReferral> {
    let db = app.db.read();
    let code = my_code(app, member).await?;
    let rulebook = app.rulebook();
    let terms = &rulebook.referrals_at(app.db.now()).terms;
    let reached: Vec<i32> = milestone::Entity::find()
        .select_only()
        .column(milestone::Column::Friends)
        .filter(milestone::Column::ReferrerId.eq(member.uuid()))
        .filter(milestone::Column::Stands.eq(true))
        .into_tuple()
        .all(db)
        .await?;
    let is_reached = |friends: u32| {
        reached
            .iter()
            .any(|it| i64::from(*it) == i64::from(friends))
    };
    Ok(MyReferral {
        link: format!("{}/r/{code}", app.config.public_url),
        code,
        offer: offer(app).await?,
        milestones: terms
            .milestones
            .iter()
            .map(|it| MilestoneView::new(it, is_reached(it.friends)))
            .collect(),
        funnel: funnel(db, Some(member), Timestamp::MIN, app.db.now()).await?,
        earned: earned(app, member).await?,
    })
}

/// What a member earned with invitations and kept.
async fn earned(app: &App, member: MemberId) -> Result<Vec<Reward>> {
    let own = referral::Entity::find()
        .select_only()
        .columns([referral::Column::Id])
        .column(referral::Column::Payments)
        .filter(referral::Column::ReferrerId.eq(member.uuid()))
        .filter(referral::Column::Payments.gt(0));
    let own: Vec<(Uuid, i32)> = own.into_tuple().all(app.db.read()).await?;
    let mut references: HashSet<String> = own
        .into_iter()
        .map(|(id, payments)| format!("{}/{payments}", ReferralId::from(id)))
        .collect();
    let milestones = milestone::Entity::find()
        .filter(milestone::Column::ReferrerId.eq(member.uuid()))
        .all(app.db.read())
        .await?;
    references.extend(milestones.iter().map(milestone::Model::reference));
    rewards::service::kept(app.db.read(), member, SourceKind::Referral, &references).await
}

/// How far the friends of one member, or of all, got who were bound in a time.
async fn funnel(
    db: &impl ConnectionTrait,
    referrer: Option<MemberId>,
    from: Timestamp,
    to: Timestamp,
) -> Result<Funnel> {
    let mut visits = visit::Entity::find()
        .filter(visit::Column::VisitedAt.between(from.as_millis(), to.as_millis()));
    if let Some(referrer) = referrer {
        visits = visits.filter(visit::Column::ReferrerId.eq(referrer.uuid()));
    }
    let states = by_state(db, referrer, from, to).await?;
    let count = |state: ReferralState| states.get(state.to_db()).map_or(0, |it| it.0);
    let rewarded = count(ReferralState::Rewarded);
    let ordered = [
        ReferralState::Ordered,
        ReferralState::Held,
        ReferralState::ClawedBack,
    ];
    Ok(Funnel {
        visited: visits.count(db).await?,
        joined: states.values().map(|it| it.0).sum(),
        ordered: rewarded + ordered.into_iter().map(count).sum::<u64>(),
        rewarded,
    })
}

/// Referrals by state: how many, and what they cost.
async fn by_state(
    db: &impl ConnectionTrait,
    referrer: Option<MemberId>,
    from: Timestamp,
    to: Timestamp,
) -> Result<HashMap<String, (u64, i64)>> {
    use referral::Column;
    let cost = Column::Cost.sum().cast_as(Alias::new("bigint"));
    let mut query = referral::Entity::find()
        .select_only()
        .column(Column::State)
        .column_as(Column::Id.count(), "referrals")
        .column_as(cost, "cost")
        .filter(Column::BoundAt.between(from.as_millis(), to.as_millis()))
        .group_by(Column::State);
    if let Some(referrer) = referrer {
        query = query.filter(Column::ReferrerId.eq(referrer.uuid()));
    }
    let rows: Vec<(String, i64, i64)> = query.into_tuple().all(db).await?;
    Ok(rows
        .into_iter()
        .map(|(state, count, cost)| (state, (count.unsigned_abs(), cost)))
        .collect())
}

/// A member's friends, newest first.
///
/// # Errors
/// When the database fails.
pub async fn friends(
    app: &App,
    member: MemberId,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<InvitedFriend>> {
    let query = referral::Entity::find().filter(referral::Column::ReferrerId.eq(member.uuid()));
    let rows = newest_first(app, query, limit, cursor).await?;
    let names = names_of(app, rows.iter().map(|it| it.friend_id)).await?;
    let page = paged(rows, limit, cursor_of, |it| friend(&it, &names));
    let data = page.data.into_iter().collect::<Result<_>>()?;
    Ok(Page {
        data,
        next_cursor: page.next_cursor,
    })
}

fn friend(row: &referral::Model, names: &HashMap<Uuid, String>) -> Result<InvitedFriend> {
    let state = ReferralState::from_db(&row.state)?;
    let reason = ReferralReason::from_db(&row.reason)?;
    let pending = matches!(state, ReferralState::Ordered);
    Ok(InvitedFriend {
        id: row.id.into(),
        name: names.get(&row.friend_id).map(|it| masked_name(it)),
        state,
        bound_at: Timestamp::from_millis(row.bound_at),
        order_until: (state == ReferralState::Joined)
            .then(|| Timestamp::from_millis(row.order_until)),
        pending_until: row
            .order_due_at
            .filter(|_| pending)
            .map(Timestamp::from_millis),
        since: Timestamp::from_millis(row.updated_at),
        reason,
        why: reason.text(),
    })
}

fn cursor_of(row: &referral::Model) -> Cursor {
    Cursor {
        key: row.bound_at,
        id: row.id,
    }
}

async fn newest_first(
    app: &App,
    mut query: Select<referral::Entity>,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Vec<referral::Model>> {
    use referral::Column;
    if let Some(cursor) = cursor {
        query = query.filter(before(Column::BoundAt, Column::Id, cursor));
    }
    let query = query
        .order_by_desc(Column::BoundAt)
        .order_by_desc(Column::Id)
        .limit(limit + 1);
    Ok(query.all(app.db.read()).await?)
}

pub(super) async fn names_of(
    app: &App,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, String>> {
    let ids: Vec<MemberId> = ids.map(MemberId::from).collect();
    let names = members::service::names_of(app.db.read(), &ids).await?;
    Ok(names
        .into_iter()
        .map(|(id, name)| (id.uuid(), name))
        .collect())
}

/// Referrals for the console, newest first, all or those in a state.
///
/// # Errors
/// When the database fails.
pub async fn referrals(
    app: &App,
    state: Option<ReferralState>,
    referrer: Option<MemberId>,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<ReferralRow>> {
    let mut query = referral::Entity::find();
    if let Some(state) = state {
        query = query.filter(referral::Column::State.eq(state.to_db()));
    }
    if let Some(referrer) = referrer {
        query = query.filter(referral::Column::ReferrerId.eq(referrer.uuid()));
    }
    let rows = newest_first(app, query, limit, cursor).await?;
    let both = rows.iter().flat_map(|it| [it.friend_id, it.referrer_id]);
    let names = names_of(app, both).await?;
    let page = paged(rows, limit, cursor_of, |it| row_view(&it, &names));
    let data = page.data.into_iter().collect::<Result<_>>()?;
    Ok(Page {
        data,
        next_cursor: page.next_cursor,
    })
}

fn row_view(row: &referral::Model, names: &HashMap<Uuid, String>) -> Result<ReferralRow> {
    Ok(ReferralRow {
        id: row.id.into(),
        referrer: row.referrer_id.into(),
        referrer_name: names.get(&row.referrer_id).cloned(),
        friend: row.friend_id.into(),
        friend_name: names.get(&row.friend_id).cloned(),
        state: ReferralState::from_db(&row.state)?,
        reason: ReferralReason::from_db(&row.reason)?,
        bound_at: Timestamp::from_millis(row.bound_at),
        order: row.order_ref.clone(),
        due_at: row.order_due_at.map(Timestamp::from_millis),
        cost: row.cost,
        evidence: evidence_of(row)?,
    })
}

/// A referral with its history.
///
/// # Errors
/// `referrals.not_found`.
pub async fn detail(app: &App, id: ReferralId) -> Result<ReferralDetail> {
    let row = referral::Entity::find_by_id(id.uuid())
        .one(app.db.read())
        .await?
        .ok_or(ErrorCode::ReferralNotFound)?;
    let names = names_of(app, [row.friend_id, row.referrer_id].into_iter()).await?;
    let moves = movement::Entity::find()
        .filter(movement::Column::ReferralId.eq(row.id))
        .order_by_asc(movement::Column::At)
        .order_by_asc(movement::Column::Id)
        .all(app.db.read())
        .await?;
    let actors = crate::names::of(app, moves.iter().map(|it| it.actor.as_str())).await?;
    let history = moves.into_iter().map(|it| {
        let reason = ReferralReason::from_db(&it.reason)?;
        Ok(ReferralMove {
            state: ReferralState::from_db(&it.state)?,
            reason,
            why: reason.text(),
            order: it.order_ref,
            actor_name: actors.get(&it.actor).cloned(),
            actor: it.actor,
            note: it.note,
            at: Timestamp::from_millis(it.at),
        })
    });
    Ok(ReferralDetail {
        referral: row_view(&row, &names)?,
        history: history.collect::<Result<_>>()?,
    })
}

/// What referrals brought and cost whose friends were bound in a time.
///
/// # Errors
/// When the database fails.
pub async fn report(app: &App, from: Timestamp, to: Timestamp) -> Result<ReferralReport> {
    let db = app.db.read();
    let rulebook = app.rulebook();
    let terms = &rulebook.referrals_at(app.db.now()).terms;
    let states = by_state(db, None, from, to).await?;
    let of = |state: ReferralState| states.get(state.to_db()).copied().unwrap_or_default();
    let (rewarded, cost) = of(ReferralState::Rewarded);
    let month = month_of(app.db.now(), &rulebook.zone).name;
    let used = budget::Entity::find_by_id(month.clone()).one(db).await?;
    let per_customer = i64::try_from(rewarded)
        .ok()
        .filter(|it| *it > 0)
        .map(|it| cost / it + i64::from(cost % it != 0));
    Ok(ReferralReport {
        funnel: funnel(db, None, from, to).await?,
        held: of(ReferralState::Held).0,
        refused: of(ReferralState::Refused).0,
        cost,
        cost_per_customer: per_customer,
        acquisition_cost: terms.acquisition_cost,
        target_per_customer: terms.most_per_friend(),
        budget: BudgetView {
            month,
            limit: terms.monthly_budget,
            committed: used.as_ref().map_or(0, |it| it.committed),
            spent: used.as_ref().map_or(0, |it| it.spent),
        },
    })
}
