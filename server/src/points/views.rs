//! Balances, lots and the ledger as the API shows them.

use super::service::Books;
use super::store::{self, account, entry, lot, movement};
use crate::App;
use crate::db::text::DbText;
use crate::db::{Cursor, Direction, Listing, try_map};
use crate::error::{AppError, Result};
use crate::members::service::ExportWriter;
use crate::{members, orders};
use jiff::tz::TimeZone;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{ExprTrait, QueryOrder, QuerySelect};
use shared::ids::{EntryId, LotId, MemberId};
use shared::page::Page;
use shared::points::api::{
    AssetBalance, AssetBooks, Books as BooksView, CounterBalance, DatedAmount, Entry, Explanation,
    LotView, Source,
};
use shared::points::explain::{explain_balance, explain_entry};
use shared::points::rules::{self, Wallet, balance, lot_state};
use shared::points::{Asset, CounterAccount, EntryKind, SourceKind};
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use std::collections::HashMap;

/// Both balances of a member, with what time has done since the last write.
pub struct Balances {
    wallets: HashMap<Asset, Wallet>,
    zone: TimeZone,
    /// When time next changes one of them.
    pub next_due: Option<Timestamp>,
}

impl Balances {
    /// One asset's balance.
    #[must_use]
    pub fn of(&self, asset: Asset) -> AssetBalance {
        let nothing = Wallet::default();
        balance(self.wallets.get(&asset).unwrap_or(&nothing), &self.zone)
    }
}

/// Both balances of a member now, by the months of `zone`.
///
/// # Errors
/// When the database fails.
pub async fn balances(app: &App, member: MemberId, zone: TimeZone) -> Result<Balances> {
    let mut books = Books::read(app.db.read(), app.db.ids(), &[member]).await?;
    books.advance(member, app.db.now());
    let wallets: HashMap<Asset, Wallet> = Asset::ALL
        .map(|it| (it, books.wallet(member, it).clone()))
        .into();
    let next_due = wallets.values().filter_map(Wallet::next_due).min();
    Ok(Balances {
        wallets,
        zone,
        next_due,
    })
}

/// Whether any store credit was ever booked.
///
/// # Errors
/// When the database fails.
pub async fn any_credit(db: &impl ConnectionTrait) -> Result<bool> {
    let accounts = account::Entity::find()
        .filter(account::Column::Asset.eq(Asset::Credit.to_db()))
        .filter(account::Column::Entries.gt(0));
    Ok(accounts.limit(1).one(db).await?.is_some())
}

/// Members after `after`, in the order of their ids, of whose balances part ends after the first
/// instant and up to the second.
///
/// # Errors
/// When the database fails.
pub async fn members_with_ends(
    db: &impl ConnectionTrait,
    (from, to): (Timestamp, Timestamp),
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<MemberId>> {
    use lot::Column;
    let mut query = lot::Entity::find()
        .select_only()
        .column(Column::MemberId)
        .distinct()
        .filter(Column::ExpiresAt.gt(from.as_millis()))
        .filter(Column::ExpiresAt.lte(to.as_millis()))
        .filter(Column::Remaining.gt(0));
    if let Some(after) = after {
        query = query.filter(Column::MemberId.gt(after.uuid()));
    }
    let query = query.order_by_asc(Column::MemberId).limit(limit);
    let rows: Vec<Uuid> = query.into_tuple().all(db).await?;
    Ok(rows.into_iter().map(MemberId::from).collect())
}

/// What of members' balances ends when, now.
///
/// # Errors
/// When the database fails.
pub async fn ends_of(
    app: &App,
    members: &[MemberId],
) -> Result<HashMap<MemberId, Vec<(Asset, Vec<DatedAmount>)>>> {
    let mut books = Books::read(app.db.read(), app.db.ids(), members).await?;
    let mut ends = HashMap::new();
    for member in members {
        books.advance(*member, app.db.now());
        let of = |asset| (asset, rules::ends(books.wallet(*member, asset)));
        ends.insert(*member, Asset::ALL.map(of).to_vec());
    }
    Ok(ends)
}

/// Points that members can spend, as of their last write.
///
/// # Errors
/// When the database fails.
pub async fn available_of(app: &App, members: &[MemberId]) -> Result<HashMap<MemberId, i64>> {
    let rows = store::accounts(app.db.read(), members).await?;
    let points = rows
        .into_iter()
        .filter(|it| it.asset == Asset::Points.to_db());
    Ok(points
        .map(|it| (it.member_id.into(), Ord::max(it.available, 0)))
        .collect())
}

/// What a member can spend of points, as of the last write: a figure for queries on members.
pub(crate) fn available_expr(member: Expr) -> Expr {
    use account::Column;
    let query = Query::select()
        .column((account::Entity, Column::Available))
        .from(account::Entity)
        .and_where(Expr::col((account::Entity, Column::MemberId)).eq(member))
        .and_where(Expr::col((account::Entity, Column::Asset)).eq(Asset::Points.to_db()))
        .to_owned();
    let stored = Expr::SubQuery(None, Box::new(query.into())).if_null(0_i64);
    Expr::case(stored.clone().lt(0_i64), 0_i64)
        .finally(stored)
        .into()
}

/// What to look for in the ledger.
#[derive(Debug, Clone, Default)]
pub struct EntryFilter {
    /// Only this asset.
    pub asset: Option<Asset>,
    /// Only this kind.
    pub kind: Option<EntryKind>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Up to and with this instant.
    pub to: Option<Timestamp>,
}

/// A member's ledger, newest first.
///
/// # Errors
/// When the database fails.
pub async fn entries(
    app: &App,
    member: MemberId,
    filter: &EntryFilter,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<Entry>> {
    use entry::Column;
    let mut query = entry::Entity::find().filter(Column::MemberId.eq(member.uuid()));
    if let Some(asset) = filter.asset {
        query = query.filter(Column::Asset.eq(asset.to_db()));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(Column::Kind.eq(kind.to_db()));
    }
    if let Some(from) = filter.from {
        query = query.filter(Column::OccurredAt.gte(from.as_millis()));
    }
    if let Some(to) = filter.to {
        query = query.filter(Column::OccurredAt.lte(to.as_millis()));
    }
    let list = Listing::newest_first(Column::OccurredAt, Column::Id, limit, cursor);
    let place = |it: &entry::Model| Cursor {
        key: it.occurred_at,
        id: it.id,
    };
    let page = list.read(app.db.read(), query, place).await?;
    Ok(Page {
        data: with_lots(app, page.data).await?,
        next_cursor: page.next_cursor,
    })
}

/// A member's latest entries.
///
/// # Errors
/// When the database fails.
pub async fn latest(app: &App, member: MemberId, limit: u64) -> Result<Vec<Entry>> {
    Ok(entries(app, member, &EntryFilter::default(), limit, None)
        .await?
        .data)
}

/// Adds to entries the lots that they made.
async fn with_lots(app: &App, rows: Vec<entry::Model>) -> Result<Vec<Entry>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|it| it.id);
    let lots = lot::Entity::find()
        .filter(lot::Column::EntryId.is_in(ids))
        .all(app.db.read())
        .await?;
    let now = app.db.now();
    let mut by_entry: HashMap<Uuid, LotView> = HashMap::new();
    for row in &lots {
        by_entry.insert(row.entry_id, lot_view(row, now)?);
    }
    rows.iter()
        .map(|row| entry_view(row, by_entry.remove(&row.id)))
        .collect()
}

fn lot_view(row: &lot::Model, now: Timestamp) -> Result<LotView> {
    let lot = store::to_lot(row);
    Ok(LotView {
        id: lot.id,
        asset: Asset::from_db(&row.asset)?,
        amount: lot.amount,
        remaining: lot.remaining,
        state: lot_state(&lot, now),
        active_from: lot.active_from,
        expires_at: lot.expires_at,
        source: Source {
            kind: SourceKind::from_db(&row.source_kind)?,
            reference: row.source_ref.clone(),
        },
    })
}

fn entry_view(row: &entry::Model, lot: Option<LotView>) -> Result<Entry> {
    Ok(Entry {
        id: EntryId::from(row.id),
        asset: Asset::from_db(&row.asset)?,
        kind: EntryKind::from_db(&row.kind)?,
        amount: row.amount,
        balance_after: row.balance_after,
        source: Source {
            kind: SourceKind::from_db(&row.source_kind)?,
            reference: row.source_ref.clone(),
        },
        order: row.order_ref.clone(),
        rule_version: row.rule_version,
        actor: row.actor.clone(),
        actor_name: None,
        reason: row.reason.clone(),
        reverses: row.reverses.map(EntryId::from),
        lot,
        occurred_at: Timestamp::from_millis(row.occurred_at),
        recorded_at: Timestamp::from_millis(row.recorded_at),
    })
}

/// What to look for among lots.
#[derive(Debug, Clone, Copy, Default)]
pub struct LotFilter {
    /// Only this asset.
    pub asset: Option<Asset>,
    /// Only lots that are not empty.
    pub open: bool,
    /// Only lots that end from the first of these instants to the second.
    pub ends: Option<(Timestamp, Timestamp)>,
}

/// The first and the last instant of a month such as `2027-06` in a member's own zone.
///
/// # Errors
/// `request.invalid` when the text names no month, `members.not_found`.
pub async fn month_of(app: &App, member: MemberId, month: &str) -> Result<(Timestamp, Timestamp)> {
    let record = members::service::get(app.db.read(), member).await?;
    let zone = app.rulebook().zone_of(&record.time_zone);
    shared::time::month_in(month, &zone).ok_or_else(|| {
        AppError::invalid_field("ends_in", "invalid", "expected a month such as 2027-06")
    })
}

/// A member's lots, the one that ends first first.
///
/// # Errors
/// When the database fails.
pub async fn lots(
    app: &App,
    member: MemberId,
    filter: LotFilter,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<LotView>> {
    use lot::Column;
    let mut query = lot::Entity::find().filter(Column::MemberId.eq(member.uuid()));
    if let Some(asset) = filter.asset {
        query = query.filter(Column::Asset.eq(asset.to_db()));
    }
    if filter.open {
        query = query.filter(Column::Remaining.ne(0));
    }
    if let Some((from, to)) = filter.ends {
        query = query.filter(Column::ExpiresAt.between(from.as_millis(), to.as_millis()));
    }
    let list = Listing::new(
        (end_key(), Column::Id.into_expr()),
        Direction::Up,
        limit,
        cursor,
    );
    let place = |it: &lot::Model| Cursor {
        key: it.expires_at.unwrap_or(i64::MAX),
        id: it.id,
    };
    let now = app.db.now();
    let page = list.read(app.db.read(), query, place).await?;
    try_map(page, |it| lot_view(&it, now))
}

/// Lots sort by when they end; those that never end come last.
fn end_key() -> Expr {
    Expr::col(lot::Column::ExpiresAt).if_null(i64::MAX)
}

/// Why a row of the ledger is what it is.
///
/// # Errors
/// `points.entry_not_found`, also for another member's row.
pub async fn explain_one(app: &App, member: MemberId, id: EntryId) -> Result<Explanation> {
    let row = entry::Entity::find_by_id(id.uuid())
        .one(app.db.read())
        .await?;
    let row = row
        .filter(|it| it.member_id == member.uuid())
        .ok_or(ErrorCode::EntryNotFound)?;
    let order = match &row.order_ref {
        Some(order) => Some(orders::service::get(app.db.read(), order).await?),
        None => None,
    };
    let entries = with_lots(app, vec![row]).await?;
    let entry = entries.first().ok_or(ErrorCode::EntryNotFound)?;
    Ok(explain_entry(
        entry,
        order.as_ref(),
        app.rulebook().programme.currency,
    ))
}

/// Most lots that an explanation of a balance names.
const EXPLAINED_LOTS: u64 = 100;

/// Why a balance is what it is.
///
/// # Errors
/// When the database fails.
pub async fn explain(app: &App, member: MemberId, asset: Asset) -> Result<Explanation> {
    let zone = members::service::facts_of(app.db.read(), member)
        .await?
        .zone;
    let balance = balances(app, member, zone).await?.of(asset);
    let filter = LotFilter {
        asset: Some(asset),
        open: true,
        ends: None,
    };
    let open = lots(app, member, filter, EXPLAINED_LOTS, None).await?;
    Ok(explain_balance(
        asset,
        &balance,
        &open.data,
        app.rulebook().programme.currency,
    ))
}

/// The books: what members hold and what the counter-accounts hold.
///
/// # Errors
/// When the database fails.
pub async fn books(db: &impl ConnectionTrait) -> Result<BooksView> {
    use entry::Column;
    let rows: Vec<(String, String, i64)> = entry::Entity::find()
        .select_only()
        .columns([Column::Asset, Column::CounterAccount])
        .column_as(Expr::col(Column::Amount).sum().cast_as("bigint"), "total")
        .group_by(Column::Asset)
        .group_by(Column::CounterAccount)
        .into_tuple()
        .all(db)
        .await?;
    let mut assets = Vec::new();
    for asset in Asset::ALL {
        let mut counter_accounts = Vec::new();
        for (_, account, total) in rows.iter().filter(|it| it.0 == asset.to_db()) {
            counter_accounts.push(CounterBalance {
                account: CounterAccount::from_db(account)?,
                balance: -total,
            });
        }
        counter_accounts.sort_by_key(|it| it.account);
        let members = -counter_accounts.iter().map(|it| it.balance).sum::<i64>();
        assets.push(AssetBooks {
            asset,
            members,
            counter_accounts,
        });
    }
    Ok(BooksView { assets })
}

/// What entries took from and gave to lots that existed before, of some members.
pub(crate) async fn movements_of(
    db: &impl ConnectionTrait,
    lots: &[Uuid],
) -> Result<Vec<movement::Model>> {
    let mut found = Vec::new();
    for chunk in lots.chunks(1000) {
        let query =
            movement::Entity::find().filter(movement::Column::LotId.is_in(chunk.iter().copied()));
        found.extend(query.all(db).await?);
    }
    Ok(found)
}

/// What lots started with and what was clawed back of it.
pub(crate) async fn lots_by_id(
    db: &impl ConnectionTrait,
    ids: &[LotId],
) -> Result<HashMap<LotId, (i64, i64)>> {
    let ids = ids.iter().map(|it| it.uuid());
    let rows = lot::Entity::find()
        .filter(lot::Column::Id.is_in(ids))
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|it| (it.id.into(), (it.amount, it.clawed)))
        .collect())
}

/// Lots of some members that come from some kinds of source, with what they started with.
pub(crate) async fn posted_by_source(
    db: &impl ConnectionTrait,
    members: &[MemberId],
    kinds: &[&str],
) -> Result<Vec<(LotId, i64)>> {
    let rows = lot::Entity::find()
        .filter(lot::Column::MemberId.is_in(members.iter().map(|it| it.uuid())))
        .filter(lot::Column::SourceKind.is_in(kinds.iter().copied()));
    let rows = rows.all(db).await?;
    Ok(rows
        .into_iter()
        .map(|it| (it.id.into(), it.amount))
        .collect())
}

/// Amounts of entries.
pub(crate) async fn amounts_by_id(
    db: &impl ConnectionTrait,
    ids: &[EntryId],
) -> Result<HashMap<EntryId, i64>> {
    let ids = ids.iter().map(|it| it.uuid());
    let rows = entry::Entity::find()
        .filter(entry::Column::Id.is_in(ids))
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|it| (it.id.into(), it.amount))
        .collect())
}

/// What was given back of spends, by the entry that spent it.
pub(crate) async fn restored_by_spend(
    db: &impl ConnectionTrait,
    spends: &[EntryId],
) -> Result<HashMap<EntryId, i64>> {
    let ids = spends.iter().map(|it| it.uuid());
    let rows = entry::Entity::find()
        .filter(entry::Column::Reverses.is_in(ids))
        .filter(entry::Column::Kind.eq(EntryKind::Restore.to_db()))
        .all(db)
        .await?;
    let mut restored = HashMap::new();
    for row in rows {
        if let Some(spend) = row.reverses {
            *restored.entry(spend.into()).or_default() += row.amount;
        }
    }
    Ok(restored)
}

/// Balances, lots and the ledger, for an export.
///
/// # Errors
/// When the database fails, or nobody reads any more.
pub async fn export(app: &App, member: MemberId, to: &mut ExportWriter) -> Result<()> {
    let zone = members::service::facts_of(app.db.read(), member)
        .await?
        .zone;
    let balances = balances(app, member, zone).await?;
    for (name, asset) in [("points", Asset::Points), ("credit", Asset::Credit)] {
        to.value(name, &balances.of(asset)).await?;
    }
    to.pages("lots", |limit, cursor| {
        let filter = LotFilter {
            asset: None,
            open: false,
            ends: None,
        };
        Box::pin(lots(app, member, filter, limit, cursor))
    })
    .await?;
    static ALL: EntryFilter = EntryFilter {
        asset: None,
        kind: None,
        from: None,
        to: None,
    };
    to.pages("ledger", |limit, cursor| {
        Box::pin(entries(app, member, &ALL, limit, cursor))
    })
    .await
}
