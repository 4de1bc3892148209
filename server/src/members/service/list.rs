//! The list of members as staff look through it: filters, orders, pages and the whole of it.

use super::super::store::{self, Column, Entity, Model};
use crate::App;
use crate::db::text::DbText;
use crate::db::{Cursor, Direction, Listing, paged};
use crate::error::Result;
use crate::{orders, points, tiers};
use futures::Stream;
use sea_orm::entity::prelude::*;
use sea_orm::{ExprTrait, PaginatorTrait, QuerySelect, Select};
use shared::ids::MemberId;
use shared::members::MemberStatus;
use shared::members::api::{MemberRow, MemberSort};
use shared::page::Page;
use shared::time::Timestamp;
use std::collections::HashMap;

/// Members of one step of an export.
const EXPORT_STEP: u64 = 500;

/// What to look for in the list of members.
#[derive(Debug, Clone, Default)]
pub struct MemberFilter {
    /// Part of the name, phone, e-mail or external id; or a whole member id.
    pub q: Option<String>,
    /// Only this status.
    pub status: Option<MemberStatus>,
    /// Only this tier.
    pub tier: Option<String>,
    /// Only those who joined from the first instant to the second.
    pub joined: (Option<Timestamp>, Option<Timestamp>),
    /// Only those who can spend from the first number of points to the second.
    pub points: (Option<i64>, Option<i64>),
    /// Only those whose latest paid order is from the first instant to the second.
    pub last_order: (Option<Timestamp>, Option<Timestamp>),
    /// How the list is sorted.
    pub sort: MemberSort,
}

impl MemberFilter {
    fn apply(&self, app: &App) -> Select<Entity> {
        let mut query = Entity::find();
        let q = self.q.as_deref().map(str::trim);
        if let Some(q) = q.filter(|it| !it.is_empty()) {
            query = match q.parse::<MemberId>() {
                Ok(id) => query.filter(Column::Id.eq(id.uuid())),
                Err(_) => query.filter(Column::SearchText.contains(q.to_lowercase())),
            };
        }
        if let Some(status) = self.status {
            query = query.filter(Column::Status.eq(status.to_db()));
        }
        if let Some(tier) = &self.tier {
            let in_tier = tiers::service::in_tier(&app.rulebook(), app.db.now(), tier);
            query = query.filter(in_tier);
        }
        let millis = |(from, to): (Option<Timestamp>, Option<Timestamp>)| {
            (from.map(Timestamp::as_millis), to.map(Timestamp::as_millis))
        };
        query = between(query, millis(self.joined), || Column::JoinedAt.into_expr());
        query = between(query, self.points, points_expr);
        between(query, millis(self.last_order), last_order_expr)
    }

    fn order(&self) -> (Expr, Direction) {
        match self.sort {
            MemberSort::JoinedDesc => (Column::JoinedAt.into_expr(), Direction::Down),
            MemberSort::JoinedAsc => (Column::JoinedAt.into_expr(), Direction::Up),
            MemberSort::PointsDesc => (points_expr(), Direction::Down),
            MemberSort::PointsAsc => (points_expr(), Direction::Up),
            MemberSort::LastOrderDesc => (last_order_expr().if_null(0_i64), Direction::Down),
            MemberSort::LastOrderAsc => (last_order_expr().if_null(0_i64), Direction::Up),
        }
    }
}

fn points_expr() -> Expr {
    points::views::available_expr(store::id_column())
}

fn last_order_expr() -> Expr {
    orders::service::last_paid_expr(store::id_column())
}

fn between(
    query: Select<Entity>,
    (from, to): (Option<i64>, Option<i64>),
    figure: impl Fn() -> Expr,
) -> Select<Entity> {
    let mut query = query;
    if let Some(from) = from {
        query = query.filter(figure().gte(from));
    }
    if let Some(to) = to {
        query = query.filter(figure().lte(to));
    }
    query
}

/// Members, one page.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    filter: &MemberFilter,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<MemberRow>> {
    let page = ids(app, filter, limit, cursor).await?;
    Ok(Page {
        data: rows(app, &page.data).await?,
        next_cursor: page.next_cursor,
    })
}

/// How many members a list has.
///
/// # Errors
/// When the database fails.
pub async fn count(app: &App, filter: &MemberFilter) -> Result<u64> {
    Ok(filter.apply(app).count(app.db.read()).await?)
}

/// The ids of members, one page.
///
/// # Errors
/// When the database fails.
pub async fn ids(
    app: &App,
    filter: &MemberFilter,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<MemberId>> {
    let (key, direction) = filter.order();
    let keys = (key.clone(), Column::Id.into_expr());
    let places = filter
        .apply(app)
        .select_only()
        .column(Column::Id)
        .expr_as(key, "sort_key");
    let places: Vec<(Uuid, i64)> = Listing::new(keys, direction, limit, cursor)
        .apply(places)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let place = |it: &(Uuid, i64)| Cursor {
        key: it.1,
        id: it.0,
    };
    Ok(paged(places, limit, place, |it| it.0.into()))
}

/// All members of a list in its order, some at a time, whatever their number.
pub fn export(app: App, filter: MemberFilter) -> impl Stream<Item = Result<Vec<MemberRow>>> {
    crate::db::pages(move |cursor| {
        let (app, filter) = (app.clone(), filter.clone());
        async move { list(&app, &filter, EXPORT_STEP, cursor).await }
    })
}

/// The members with these ids, in the same order, with what the list shows of them.
async fn rows(app: &App, members: &[MemberId]) -> Result<Vec<MemberRow>> {
    let ids: Vec<Uuid> = members.iter().map(|it| it.uuid()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(app.db.read())
        .await?;
    let mut by_id: HashMap<Uuid, Model> = found.into_iter().map(|it| (it.id, it)).collect();
    let tiers = tiers::service::tiers_of(app, members).await?;
    let available = points::views::available_of(app, members).await?;
    let last_orders = orders::service::last_paid_of(app.db.read(), members).await?;
    let mut rows = Vec::with_capacity(ids.len());
    // Whoever has gone between the two queries is left out.
    for row in ids.iter().filter_map(|id| by_id.remove(id)) {
        let member = store::to_member(&row)?;
        let tier = tiers.get(&member.id).cloned().unwrap_or_default();
        rows.push(MemberRow {
            id: member.id,
            external_id: member.external_id,
            name: member.name,
            email: member.email,
            phone: member.phone,
            status: member.status,
            tier_code: tier.code,
            tier_name: tier.name,
            points_available: available.get(&member.id).copied().unwrap_or(0),
            joined_at: member.joined_at,
            last_order_at: last_orders.get(&member.id).copied(),
            pseudonym: member.pseudonym,
        });
    }
    Ok(rows)
}
