//! Writing files that go out, some members at a time, and giving them out.

use super::super::store::{self, export, piece};
use super::{FAILURES, MAX_OPEN, absent, written};
use crate::App;
use crate::audit;
use crate::db::Tx;
use crate::db::text::{DbText, from_json, to_json};
use crate::db::{Cursor, Listing, try_map};
use crate::error::{AppError, Result};
use crate::members::service::{self as members, MemberFilter};
use crate::orders::service::{OrderPlace, PaidOrder};
use crate::points::service as points;
use crate::{coupons, orders};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelTrait, PaginatorTrait, QueryOrder};
use serde::{Deserialize, Serialize};
use shared::ids::{ExportId, MemberId};
use shared::members::api::MemberSort;
use shared::orders::Order;
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use shared::transfers::api::{CreateExport, Export, ExportFilter};
use shared::transfers::{
    CouponLine, EXPORT_DAYS, ExportState, FileFormat, Line, PointsLine, TransferKind,
};
use std::collections::HashMap;

/// Members of one piece.
const STEP: u64 = 200;
/// Most orders of one piece.
const ORDERS: u64 = 500;

fn filter(it: &ExportFilter) -> MemberFilter {
    MemberFilter {
        q: it.q.clone(),
        tier: it.tier.clone(),
        joined: (it.joined_from, it.joined_to),
        sort: MemberSort::JoinedAsc,
        ..MemberFilter::default()
    }
}

/// Asks for a file, which scheduled work writes.
///
/// # Errors
/// `exports.too_many`.
pub async fn ask(tx: &Tx, wanted: &CreateExport, members: i64, actor: &str) -> Result<Export> {
    let waiting = export::Entity::find()
        .filter(export::Column::State.eq(ExportState::Running.to_db()))
        .count(tx)
        .await?;
    if waiting >= MAX_OPEN {
        return Err(ErrorCode::ExportsBusy.into());
    }
    let id = ExportId::generate(&mut tx.ids());
    let row = export::Model {
        id: id.uuid(),
        kind: wanted.kind.to_db().to_owned(),
        format: wanted.format.to_db().to_owned(),
        filter: to_json(&wanted.filter)?,
        state: ExportState::Running.to_db().to_owned(),
        pieces: 0,
        failures: 0,
        place: None,
        members,
        members_done: 0,
        lines: 0,
        bytes: 0,
        created_by: actor.to_owned(),
        created_at: tx.now().as_millis(),
        finished_at: None,
    };
    let active = export::ActiveModel::from(row.clone()).reset_all();
    export::Entity::insert(active)
        .exec_without_returning(tx)
        .await?;
    let detail = serde_json::json!({ "kind": wanted.kind, "format": wanted.format, "filter": wanted.filter });
    audit::service::record(tx, actor, "export.begun", &id.to_string(), &detail).await?;
    view(row)
}

/// How many members an export looks at.
///
/// # Errors
/// When the database fails.
pub async fn count(app: &App, wanted: &CreateExport) -> Result<i64> {
    let count = members::count(app, &filter(&wanted.filter)).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

fn view(row: export::Model) -> Result<Export> {
    let state = ExportState::from_db(&row.state)?;
    let finished_at = row.finished_at.map(Timestamp::from_millis);
    Ok(Export {
        id: row.id.into(),
        kind: TransferKind::from_db(&row.kind)?,
        format: FileFormat::from_db(&row.format)?,
        filter: from_json(&row.filter)?,
        state,
        members: row.members,
        members_done: row.members_done,
        lines: row.lines,
        bytes: row.bytes,
        created_by: row.created_by,
        created_by_name: None,
        created_at: Timestamp::from_millis(row.created_at),
        finished_at,
        expires_at: finished_at
            .filter(|_| state == ExportState::Done)
            .map(|it| it.plus_days(EXPORT_DAYS)),
    })
}

/// An export, without the name of whoever asked.
///
/// # Errors
/// `exports.not_found`.
pub async fn export(db: &impl ConnectionTrait, id: ExportId) -> Result<Export> {
    let row = export::Entity::find_by_id(id.uuid()).one(db).await?;
    view(row.ok_or_else(|| absent(id))?)
}

/// Exports, newest first, without names.
///
/// # Errors
/// When the database fails.
pub async fn exports(app: &App, limit: u64, cursor: Option<Cursor>) -> Result<Page<Export>> {
    use export::Column;
    let list = Listing::newest_first(Column::CreatedAt, Column::Id, limit, cursor);
    let place = |it: &export::Model| Cursor {
        key: it.created_at,
        id: it.id,
    };
    let page = list
        .read(app.db.read(), export::Entity::find(), place)
        .await?;
    try_map(page, view)
}

/// Notes that somebody fetches a file; answers what it is.
///
/// # Errors
/// `exports.not_found`, `exports.not_ready`, `exports.expired`.
pub async fn fetched(tx: &Tx, id: ExportId, actor: &str) -> Result<Export> {
    let found = export(tx, id).await?;
    match found.state {
        ExportState::Done if found.expires_at.is_none_or(|it| it > tx.now()) => {}
        ExportState::Done | ExportState::Expired => return Err(ErrorCode::ExportExpired.into()),
        ExportState::Running | ExportState::Failed => return Err(ErrorCode::ExportNotReady.into()),
    }
    let detail = serde_json::json!({ "kind": found.kind, "lines": found.lines });
    audit::service::record(tx, actor, "export.fetched", &id.to_string(), &detail).await?;
    Ok(found)
}

/// A part of a file by its place; none after the last one.
///
/// # Errors
/// `exports.expired` when the file is deleted meanwhile.
pub async fn file_part(app: &App, id: ExportId, place: i32) -> Result<Option<String>> {
    let row = export::Entity::find_by_id(id.uuid())
        .one(app.db.read())
        .await?;
    let row = row.ok_or_else(|| absent(id))?;
    if place >= row.pieces {
        return Ok(None);
    }
    let piece = store::piece(app.db.read(), id.uuid(), place).await?;
    let text = piece
        .and_then(|it| it.body)
        .ok_or(ErrorCode::ExportExpired)?;
    Ok(Some(text))
}

/// Writes a piece of the export that has waited longest. Answers whether anything may be left.
pub(super) async fn work(app: &App) -> Result<bool> {
    let next = export::Entity::find()
        .filter(export::Column::State.eq(ExportState::Running.to_db()))
        .order_by_asc(export::Column::CreatedAt)
        .one(app.db.read())
        .await?;
    let Some(row) = next else { return Ok(false) };
    let id = row.id;
    let Err(error) = step(app, row).await else {
        return Ok(true);
    };
    tracing::error!(%error, export = %ExportId::from(id), "a piece of an export failed");
    let failed = app.db.write(id, |tx, id| {
        Box::pin(async move {
            let Some(mut row) = store::lock_export(tx, *id).await? else {
                return Ok(());
            };
            row.failures += 1;
            if row.failures >= FAILURES {
                ExportState::Failed.to_db().clone_into(&mut row.state);
                row.finished_at = Some(tx.now().as_millis());
            }
            store::save_export(tx, &row).await
        })
    });
    failed.await?;
    Ok(false)
}

/// A piece that was read, to be kept.
struct Written {
    id: Uuid,
    place: i32,
    text: String,
    lines: i64,
    /// Who was looked at.
    members: Vec<MemberId>,
    /// Who stands in it.
    people: Vec<MemberId>,
    next: Option<Place>,
}

/// Where a file goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// After which page of members.
    cursor: Option<String>,
    /// After which order of the members of the next page.
    after: Option<OrderPlace>,
}

/// What a piece says.
struct Found {
    rows: Vec<Vec<Option<String>>>,
    people: Vec<MemberId>,
    /// The order after which the same members go on.
    after: Option<OrderPlace>,
}

async fn step(app: &App, row: export::Model) -> Result<()> {
    let (kind, format) = (
        TransferKind::from_db(&row.kind)?,
        FileFormat::from_db(&row.format)?,
    );
    let wanted: ExportFilter = from_json(&row.filter)?;
    let place: Option<Place> = row.place.as_deref().map(from_json).transpose()?;
    let place = place.unwrap_or_default();
    let cursor = place.cursor.as_deref().map(Cursor::decode).transpose()?;
    let page = members::ids(app, &filter(&wanted), STEP, cursor).await?;
    let found = rows(app, kind, &page.data, place.after).await?;
    let is_rest = found.after.is_some();
    let next = if is_rest {
        let (cursor, after) = (place.cursor, found.after);
        Some(Place { cursor, after })
    } else {
        page.next_cursor.map(|it| Place {
            cursor: Some(it),
            after: None,
        })
    };
    let written = Written {
        id: row.id,
        place: row.pieces,
        text: written(kind, format, row.pieces == 0, &found.rows)?,
        lines: i64::try_from(found.rows.len()).unwrap_or(0),
        members: if is_rest { Vec::new() } else { page.data },
        people: found.people,
        next,
    };
    let keep = app.db.write(written, |tx, it| Box::pin(keep(tx, it)));
    keep.await
}

async fn keep(tx: &Tx, it: &Written) -> Result<()> {
    // Members before files, like an erasure: it waits for this write, or this one for it.
    let there = members::lock(tx, &it.people).await?;
    let there = there.iter().filter(|it| !it.status.is_gone()).count();
    if there < it.people.len() {
        // Somebody went since the piece was read; it is read again.
        return Ok(());
    }
    let Some(mut row) = store::lock_export(tx, it.id).await? else {
        return Ok(());
    };
    // Another node may have been faster.
    if row.pieces != it.place || row.state != ExportState::Running.to_db() {
        return Ok(());
    }
    let bytes = i64::try_from(it.text.len()).unwrap_or(0);
    let piece = piece::Model {
        owner_id: it.id,
        place: it.place,
        created_at: tx.now().as_millis(),
        lines: it.lines,
        body: Some(it.text.clone()),
        effects: None,
    };
    let piece = piece::ActiveModel::from(piece).reset_all();
    piece::Entity::insert(piece)
        .exec_without_returning(tx)
        .await?;
    row.pieces += 1;
    row.failures = 0;
    row.lines += it.lines;
    row.bytes += bytes;
    row.members_done += i64::try_from(it.members.len()).unwrap_or(0);
    row.place = it.next.as_ref().map(to_json).transpose()?;
    if it.next.is_none() {
        ExportState::Done.to_db().clone_into(&mut row.state);
        row.finished_at = Some(tx.now().as_millis());
        row.members = row.members_done;
        let detail = serde_json::json!({ "kind": row.kind, "lines": row.lines });
        let id = ExportId::from(row.id).to_string();
        audit::service::record(tx, &row.created_by, "export.finished", &id, &detail).await?;
    }
    store::save_export(tx, &row).await
}

/// What stands in a file about some members.
async fn rows(
    app: &App,
    kind: TransferKind,
    ids: &[MemberId],
    after: Option<OrderPlace>,
) -> Result<Found> {
    let people = members::as_lines(app.db.read(), ids).await?;
    let names: HashMap<MemberId, String> = people
        .iter()
        .map(|(id, it)| (*id, it.external_id.clone()))
        .collect();
    let mut found = Found {
        rows: Vec::new(),
        people: people.iter().map(|it| it.0).collect(),
        after: None,
    };
    found.rows = match kind {
        TransferKind::Members => {
            let lines = people.into_iter().map(|it| Line::Member(it.1).cells());
            lines.collect()
        }
        TransferKind::Points => points_of(app, &names, ids).await?,
        TransferKind::Coupons => coupons_of(app, &names, ids).await?,
        TransferKind::Orders => {
            let orders = orders::service::paid_by(app.db.read(), ids, after, ORDERS).await?;
            if orders.len() as u64 == ORDERS {
                found.after = orders.last().map(|it| it.place);
            }
            orders_of(&names, &orders)?
        }
    };
    Ok(found)
}

async fn points_of(
    app: &App,
    names: &HashMap<MemberId, String>,
    ids: &[MemberId],
) -> Result<Vec<Vec<Option<String>>>> {
    let mut rows = Vec::new();
    for (member, lots) in points::to_bring_along(app, app.db.read(), ids).await? {
        let Some(name) = names.get(&member) else {
            continue;
        };
        for lot in lots {
            let line = PointsLine {
                member: name.clone(),
                points: lot.remaining,
                active_from: (!lot.active).then_some(lot.active_from),
                expires_at: lot.expires_at,
                reference: Some(lot.id.to_string()),
            };
            rows.push(Line::Points(line).cells());
        }
    }
    Ok(rows)
}

async fn coupons_of(
    app: &App,
    names: &HashMap<MemberId, String>,
    ids: &[MemberId],
) -> Result<Vec<Vec<Option<String>>>> {
    let templates = coupons::service::template_names(app.db.read()).await?;
    let open = coupons::service::open_of(app.db.read(), ids, app.db.now()).await?;
    let rows = open.into_iter().filter_map(|it| {
        let line = CouponLine {
            template: templates.name_of(it.template),
            member: names.get(&it.member)?.clone(),
            expires_at: Some(it.expires_at),
            reference: Some(it.id.to_string()),
        };
        Some(Line::Coupon(line).cells())
    });
    Ok(rows.collect())
}

fn orders_of(
    names: &HashMap<MemberId, String>,
    orders: &[PaidOrder],
) -> Result<Vec<Vec<Option<String>>>> {
    let mut rows = Vec::new();
    for it in orders {
        let name = it.order.member.and_then(|it| names.get(&it));
        if let Some(name) = name {
            rows.extend(order_rows(&it.order, name, it.returned_at)?);
        }
    }
    Ok(rows)
}

fn order_rows(
    order: &Order,
    member: &str,
    returned_at: Option<Timestamp>,
) -> Result<Vec<Vec<Option<String>>>> {
    let paid_at = order.times.paid_at;
    let paid_at = paid_at.ok_or_else(|| AppError::internal("an order of an export is not paid"))?;
    let money = |minor: i64| order.currency.plain(minor);
    let rows = order.lines.iter().map(|it| {
        let back = it.refunded_quantity > 0 || it.refunded_amount > 0;
        let filled = |text: String| back.then_some(text);
        vec![
            Some(order.external_id.clone()),
            Some(member.to_owned()),
            Some(paid_at.to_string()),
            Some(order.currency.to_string()),
            Some(it.line.sku.clone()),
            it.line.category.clone(),
            Some(it.line.quantity.to_string()),
            Some(money(it.line.amount)),
            filled(it.refunded_quantity.to_string()).filter(|_| it.refunded_quantity > 0),
            filled(money(it.refunded_amount)),
            filled(returned_at.unwrap_or(paid_at).max(paid_at).to_string()),
        ]
    });
    Ok(rows.collect())
}
