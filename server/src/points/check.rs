//! Works balances and lots out again from the ledger.

use super::service::Books;
use super::store::{account, adjustment, entry, lot, movement};
use super::views;
use crate::App;
use crate::check::Report;
use crate::db::text::DbText;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{PaginatorTrait, QueryOrder, QuerySelect, QueryTrait};
use shared::ids::{AdjustmentId, EntryId, LotId, MemberId};
use shared::points::{Asset, EntryKind, SourceKind};
use std::collections::{BTreeMap, HashMap};

/// Rows of some members. Lots go over when members are merged, so that a member's ledger may have
/// made and moved lots of others, and others' ledgers a member's lots.
struct Rows {
    accounts: HashMap<(Uuid, String), account::Model>,
    entries: Vec<entry::Model>,
    /// Lots that are the members' now.
    lots: Vec<lot::Model>,
    /// What happened to these lots.
    movements: Vec<movement::Model>,
    /// What the members' ledgers moved, by entry: in lots they made and in others.
    moved: HashMap<Uuid, i64>,
    /// Kinds of the members' entries, and of all others behind their lots.
    kinds: HashMap<Uuid, EntryKind>,
}

async fn load(db: &impl ConnectionTrait, members: &[MemberId]) -> Result<Rows> {
    let ids: Vec<Uuid> = members.iter().map(|it| it.uuid()).collect();
    let accounts = account::Entity::find()
        .filter(account::Column::MemberId.is_in(ids.clone()))
        .all(db)
        .await?;
    let entries: Vec<entry::Model> = entry::Entity::find()
        .filter(entry::Column::MemberId.is_in(ids.clone()))
        .order_by_asc(entry::Column::MemberId)
        .order_by_asc(entry::Column::Asset)
        .order_by_asc(entry::Column::Seq)
        .all(db)
        .await?;
    let lots: Vec<lot::Model> = lot::Entity::find()
        .filter(lot::Column::MemberId.is_in(ids.clone()))
        .all(db)
        .await?;
    let lot_ids: Vec<Uuid> = lots.iter().map(|it| it.id).collect();
    let movements = views::movements_of(db, &lot_ids).await?;
    let accounts = accounts
        .into_iter()
        .map(|it| ((it.member_id, it.asset.clone()), it))
        .collect();
    let mut kinds: HashMap<Uuid, EntryKind> = entries
        .iter()
        .map(|it| Ok((it.id, EntryKind::from_db(&it.kind)?)))
        .collect::<Result<_>>()?;
    let behind = lots.iter().map(|it| it.entry_id);
    let behind = behind.chain(movements.iter().map(|it| it.entry_id));
    let mut others: Vec<Uuid> = behind.filter(|it| !kinds.contains_key(it)).collect();
    others.sort_unstable();
    others.dedup();
    for chunk in others.chunks(1000) {
        let found = entry::Entity::find().filter(entry::Column::Id.is_in(chunk.iter().copied()));
        for row in found.all(db).await? {
            kinds.insert(row.id, EntryKind::from_db(&row.kind)?);
        }
    }
    Ok(Rows {
        accounts,
        entries,
        moved: moved(db, &ids).await?,
        lots,
        movements,
        kinds,
    })
}

/// What the ledgers of `members` moved, by entry.
async fn moved(db: &impl ConnectionTrait, members: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let own = || {
        entry::Entity::find()
            .select_only()
            .column(entry::Column::Id)
            .filter(entry::Column::MemberId.is_in(members.iter().copied()))
            .into_query()
    };
    let movements: Vec<(Uuid, i64)> = movement::Entity::find()
        .select_only()
        .columns([movement::Column::EntryId, movement::Column::Amount])
        .filter(movement::Column::EntryId.in_subquery(own()))
        .into_tuple()
        .all(db)
        .await?;
    let made: Vec<(Uuid, i64)> = lot::Entity::find()
        .select_only()
        .columns([lot::Column::EntryId, lot::Column::Amount])
        .filter(lot::Column::EntryId.in_subquery(own()))
        .into_tuple()
        .all(db)
        .await?;
    let mut sums = HashMap::new();
    for (entry, amount) in movements.into_iter().chain(made) {
        *sums.entry(entry).or_default() += amount;
    }
    Ok(sums)
}

/// Checks the accounts, entries and lots of `members`.
pub(crate) async fn check(app: &App, members: &[MemberId], report: &mut Report) -> Result<()> {
    let rows = load(app.db.read(), members).await?;
    report.entries += rows.entries.len() as u64;
    report.lots += rows.lots.len() as u64;
    check_chain(&rows, report)?;
    check_lots(&rows, report);
    check_accounts(&rows, report);
    for member in members {
        check_due(app, *member, &rows, report).await?;
    }
    Ok(())
}

/// Entries follow each other without a gap, each with the right balance and counter-account, and
/// each moves what it says.
fn check_chain(rows: &Rows, report: &mut Report) -> Result<()> {
    let mut chain: Option<(Uuid, &str, i64, i64)> = None;
    for entry in &rows.entries {
        let id = EntryId::from(entry.id);
        let (seq, balance) = match chain {
            Some((member, asset, seq, balance))
                if member == entry.member_id && asset == entry.asset =>
            {
                (seq, balance)
            }
            _ => (0, 0),
        };
        report.compare(id, "number in the ledger", seq + 1, entry.seq);
        report.compare(
            id,
            "balance after",
            balance + entry.amount,
            entry.balance_after,
        );
        let kind = EntryKind::from_db(&entry.kind)?;
        report.compare(
            id,
            "counter-account",
            kind.counter_account().to_db(),
            entry.counter_account.as_str(),
        );
        report.compare(
            id,
            "sum of what lots gave and took",
            rows.moved.get(&entry.id).copied().unwrap_or(0),
            entry.amount,
        );
        chain = Some((
            entry.member_id,
            &entry.asset,
            entry.seq,
            balance + entry.amount,
        ));
    }
    let mut strays: BTreeMap<Uuid, i64> = BTreeMap::new();
    let made = rows.lots.iter().map(|it| (it.entry_id, it.amount));
    let moved = rows.movements.iter().map(|it| (it.entry_id, it.amount));
    for (entry, amount) in made.chain(moved) {
        if !rows.kinds.contains_key(&entry) {
            *strays.entry(entry).or_default() += amount;
        }
    }
    for (entry, amount) in strays {
        report.note(
            EntryId::from(entry),
            "entry behind lots or movements",
            amount,
            "no entry",
        );
    }
    Ok(())
}

/// Each lot is what its movements make it.
fn check_lots(rows: &Rows, report: &mut Report) {
    let mut by_lot: HashMap<Uuid, Vec<(EntryKind, i64)>> = HashMap::new();
    for movement in &rows.movements {
        if let Some(kind) = rows.kinds.get(&movement.entry_id) {
            by_lot
                .entry(movement.lot_id)
                .or_default()
                .push((*kind, movement.amount));
        }
    }
    for lot in &rows.lots {
        let id = LotId::from(lot.id);
        let moves = by_lot.remove(&lot.id).unwrap_or_default();
        let sum = |wanted: Option<EntryKind>| {
            let of_kind = moves
                .iter()
                .filter(|it| wanted.is_none_or(|kind| it.0 == kind));
            of_kind.map(|it| it.1).sum::<i64>()
        };
        report.compare(
            id,
            "what is left of the lot",
            lot.amount + sum(None),
            lot.remaining,
        );
        report.compare(
            id,
            "what was clawed back from the lot",
            -sum(Some(EntryKind::Clawback)),
            lot.clawed,
        );
        report.compare(
            id,
            "what expired of the lot",
            -sum(Some(EntryKind::Expire)),
            lot.expired,
        );
        report.compare(
            id,
            "what settled deficits",
            sum(Some(EntryKind::Transfer)),
            lot.absorbed,
        );
        if !lot.active && lot.remaining < 0 {
            report.note(id, "a pending lot is never overdrawn", 0, lot.remaining);
        }
    }
}

/// Each account is what its lots and entries make it.
fn check_accounts(rows: &Rows, report: &mut Report) {
    let mut lots: HashMap<(Uuid, &str), (i64, i64)> = HashMap::new();
    for lot in &rows.lots {
        let sums = lots.entry((lot.member_id, lot.asset.as_str())).or_default();
        *if lot.active { &mut sums.0 } else { &mut sums.1 } += lot.remaining;
    }
    let mut entries: HashMap<(Uuid, &str), (i64, i64)> = HashMap::new();
    for entry in &rows.entries {
        let sums = entries
            .entry((entry.member_id, entry.asset.as_str()))
            .or_default();
        sums.0 += 1;
        sums.1 += entry.amount;
    }
    let keys = rows
        .accounts
        .keys()
        .map(|(member, asset)| (*member, asset.as_str()));
    let mut keys: Vec<_> = keys
        .chain(lots.keys().copied())
        .chain(entries.keys().copied())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    for (member, asset) in keys {
        let id = format!("{} {asset}", MemberId::from(member));
        let stored = rows.accounts.get(&(member, asset.to_owned()));
        let (available, pending) = lots.get(&(member, asset)).copied().unwrap_or_default();
        let (count, total) = entries.get(&(member, asset)).copied().unwrap_or_default();
        report.compare(
            &id,
            "available",
            available,
            stored.map_or(0, |it| it.available),
        );
        report.compare(&id, "pending", pending, stored.map_or(0, |it| it.pending));
        report.compare(
            &id,
            "number of entries",
            count,
            stored.map_or(0, |it| it.entries),
        );
        report.compare(&id, "sum of entries", total, available + pending);
    }
}

/// Time has not been forgotten: the account knows when it is due next.
async fn check_due(app: &App, member: MemberId, rows: &Rows, report: &mut Report) -> Result<()> {
    let has_account = Asset::ALL.iter().any(|it| {
        rows.accounts
            .contains_key(&(member.uuid(), it.to_db().to_owned()))
    });
    if !has_account {
        return Ok(());
    }
    let books = Books::read(app.db.read(), app.db.ids(), &[member]).await?;
    for asset in Asset::ALL {
        let Some(stored) = rows
            .accounts
            .get(&(member.uuid(), asset.to_db().to_owned()))
        else {
            continue;
        };
        let due = books
            .wallet(member, asset)
            .next_due()
            .map_or(-1, shared::time::Timestamp::as_millis);
        let id = format!("{member} {}", asset.to_db());
        report.compare(id, "next due time", due, stored.next_due_at.unwrap_or(-1));
    }
    Ok(())
}

/// Nothing stands outside: every row belongs to a member, and the books add up to zero.
pub(crate) async fn check_books(app: &App, report: &mut Report) -> Result<()> {
    let db = app.db.read();
    for asset in views::books(db).await?.assets {
        let counters: i64 = asset.counter_accounts.iter().map(|it| it.balance).sum();
        report.compare(
            asset.asset.to_db(),
            "books add up to zero",
            0,
            asset.members + counters,
        );
        let accounts =
            account::Entity::find().filter(account::Column::Asset.eq(asset.asset.to_db()));
        let held: i64 = accounts
            .all(db)
            .await?
            .iter()
            .map(|it| it.available + it.pending)
            .sum();
        report.compare(
            asset.asset.to_db(),
            "members' balances in the books",
            asset.members,
            held,
        );
    }
    let counted = entry::Entity::find().count(db).await?;
    report.compare(
        "ledger",
        "entries that belong to a member",
        counted,
        report.entries,
    );
    let counted = lot::Entity::find().count(db).await?;
    report.compare(
        "ledger",
        "lots that belong to a member",
        counted,
        report.lots,
    );
    let lots = lot::Entity::find().select_only().column(lot::Column::Id);
    let strays = movement::Entity::find()
        .filter(movement::Column::LotId.not_in_subquery(lots.into_query()))
        .count(db)
        .await?;
    report.compare("ledger", "movements that belong to a lot", 0, strays);
    check_named(db, report).await
}

/// Every entry that an order or an adjustment must stand behind is named by one.
async fn check_named(db: &impl ConnectionTrait, report: &mut Report) -> Result<()> {
    let of_source = |source: SourceKind| {
        entry::Entity::find().filter(entry::Column::SourceKind.eq(source.to_db()))
    };
    let held = of_source(SourceKind::Reservation)
        .filter(entry::Column::Kind.eq(EntryKind::Spend.to_db()))
        .count(db)
        .await?;
    let counted = held + of_source(SourceKind::Order).count(db).await?;
    report.compare(
        "ledger",
        "entries that a receipt names",
        counted,
        report.receipt_entries,
    );
    let mut posted: HashMap<Uuid, entry::Model> = of_source(SourceKind::Adjustment)
        .all(db)
        .await?
        .into_iter()
        .map(|it| (it.id, it))
        .collect();
    let applied = adjustment::Entity::find().filter(adjustment::Column::State.eq("applied"));
    for row in applied.all(db).await? {
        let found = row.entry_id.and_then(|it| posted.remove(&it));
        let amount = found
            .filter(|it| it.member_id == row.member_id && it.asset == row.asset)
            .map_or(0, |it| it.amount);
        let id = AdjustmentId::from(row.id);
        report.compare(id, "entry of the adjustment", row.amount, amount);
    }
    report.compare(
        "ledger",
        "entries that an adjustment names",
        0,
        posted.len(),
    );
    Ok(())
}
