//! The balances of some members while one write works on them: loaded at once, changed in memory
//! by the rules, saved with one statement a table however many members there are.

use super::store::{self, account, entry, lot, movement};
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use crate::ids::Ids;
use crate::outbox;
use sea_orm::{ActiveValue::Set, ConnectionTrait};
use shared::ids::{EntryId, LotId, MemberId};
use shared::points::rules::{self, Posting, Step, Wallet};
use shared::points::{Asset, EntryKind, Lot, Movement, SourceKind};
use shared::time::Timestamp;
use shared::webhooks::events::{BalanceChanged, Event};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What an entry came from; the same for all steps of one cause.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The kind of thing.
    pub kind: SourceKind,
    /// Its id.
    pub reference: String,
    /// The shop's order id, when an order is behind it.
    pub order: Option<String>,
    /// Version of the points rules that decided.
    pub rule_version: Option<i32>,
    /// Why, for an adjustment.
    pub reason: Option<String>,
    /// The entry that this one corrects.
    pub reverses: Option<EntryId>,
}

impl Origin {
    /// An origin without an order.
    #[must_use]
    pub fn new(kind: SourceKind, reference: impl Into<String>) -> Self {
        Self {
            kind,
            reference: reference.into(),
            order: None,
            rule_version: None,
            reason: None,
            reverses: None,
        }
    }

    /// An origin behind which an order stands.
    #[must_use]
    pub fn of_order(kind: SourceKind, reference: &str, order: &str) -> Self {
        Self {
            order: Some(order.to_owned()),
            ..Self::new(kind, reference)
        }
    }
}

/// Balances of some members.
pub struct Books {
    ids: Ids,
    accounts: BTreeMap<(MemberId, Asset), Account>,
}

/// One balance and what this write did to it.
#[derive(Default)]
struct Account {
    wallet: Wallet,
    entries: i64,
    /// Due time of lots that were not loaded.
    unloaded_due: Option<Timestamp>,
    sources: HashMap<LotId, (String, String)>,
    changed: HashSet<LotId>,
    rows: Vec<Row>,
    dirty: bool,
}

impl Account {
    /// Notes the row of a ledger that says what went over with some lots. Its balance must have
    /// been changed already.
    fn record_transfer(
        &mut self,
        entry: EntryId,
        lots: &[Lot],
        sign: i64,
        at: Timestamp,
        origin: &Origin,
    ) {
        let movements: Vec<Movement> = lots
            .iter()
            .filter(|it| it.remaining != 0)
            .map(|it| Movement {
                lot: it.id,
                amount: sign * it.remaining,
            })
            .collect();
        if movements.is_empty() {
            return;
        }
        self.dirty = true;
        self.entries += 1;
        self.rows.push(Row {
            seq: self.entries,
            balance_after: self.wallet.total(),
            origin: origin.clone(),
            posting: Posting {
                entry,
                kind: EntryKind::Transfer,
                amount: movements.iter().map(|it| it.amount).sum(),
                at,
                movements,
                new_lots: Vec::new(),
                prolonged: Vec::new(),
            },
        });
    }
}

/// An entry to be written.
struct Row {
    posting: Posting,
    seq: i64,
    balance_after: i64,
    origin: Origin,
}

impl Books {
    /// Loads both balances of `members` with their open lots, and the lots that are `named`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(tx: &Tx, members: &[MemberId], named: &[LotId]) -> Result<Self> {
        let mut books = Self::load_accounts(tx, tx.ids(), members).await?;
        books.load_lots(tx, members, named).await?;
        Ok(books)
    }

    /// Loads balances and, only where time has changed them, lots: enough for crediting.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load_for_credit(tx: &Tx, member: MemberId) -> Result<Self> {
        let mut books = Self::load_accounts(tx, tx.ids(), &[member]).await?;
        let due = |it: &Account| it.unloaded_due.is_some_and(|at| at <= tx.now());
        if books.accounts.values().any(due) {
            books.load_lots(tx, &[member], &[]).await?;
        }
        Ok(books)
    }

    /// Loads balances to look at, outside a write.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(db: &impl ConnectionTrait, ids: Ids, members: &[MemberId]) -> Result<Self> {
        let mut books = Self::load_accounts(db, ids, members).await?;
        books.load_lots(db, members, &[]).await?;
        Ok(books)
    }

    async fn load_accounts(
        db: &impl ConnectionTrait,
        ids: Ids,
        members: &[MemberId],
    ) -> Result<Self> {
        let mut accounts: BTreeMap<(MemberId, Asset), Account> = BTreeMap::new();
        for member in members {
            for asset in Asset::ALL {
                accounts.insert((*member, asset), Account::default());
            }
        }
        for row in store::accounts(db, members).await? {
            let key = (MemberId::from(row.member_id), Asset::from_db(&row.asset)?);
            let wallet = Wallet {
                available: row.available,
                pending: row.pending,
                lots: Vec::new(),
            };
            let unloaded_due = row.next_due_at.map(Timestamp::from_millis);
            let account = Account {
                wallet,
                entries: row.entries,
                unloaded_due,
                ..Account::default()
            };
            accounts.insert(key, account);
        }
        Ok(Self { ids, accounts })
    }

    async fn load_lots(
        &mut self,
        db: &impl ConnectionTrait,
        members: &[MemberId],
        named: &[LotId],
    ) -> Result<()> {
        for account in self.accounts.values_mut() {
            account.unloaded_due = None;
        }
        for row in store::open_lots(db, members, named).await? {
            let key = (MemberId::from(row.member_id), Asset::from_db(&row.asset)?);
            // A named lot of a member who is not part of this write stays out of it.
            if let Some(account) = self.accounts.get_mut(&key) {
                let lot = store::to_lot(&row);
                account
                    .sources
                    .insert(lot.id, (row.source_kind, row.source_ref));
                account.wallet.lots.push(lot);
            }
        }
        Ok(())
    }

    /// Loads lots that are named besides those that are loaded.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load_named(&mut self, db: &impl ConnectionTrait, named: &[LotId]) -> Result<()> {
        let known = |id: &LotId| {
            self.accounts
                .values()
                .any(|it| it.wallet.lot(*id).is_some())
        };
        let missing: Vec<LotId> = named.iter().copied().filter(|it| !known(it)).collect();
        for row in store::lots_by_id(db, &missing).await? {
            let key = (MemberId::from(row.member_id), Asset::from_db(&row.asset)?);
            if let Some(account) = self.accounts.get_mut(&key) {
                let lot = store::to_lot(&row);
                account
                    .sources
                    .insert(lot.id, (row.source_kind, row.source_ref));
                account.wallet.lots.push(lot);
            }
        }
        Ok(())
    }

    /// The source of ids for the rules.
    pub fn ids(&mut self) -> &mut Ids {
        &mut self.ids
    }

    /// A member's balance; empty for a member who was not loaded.
    #[must_use]
    pub fn wallet(&self, member: MemberId, asset: Asset) -> &Wallet {
        static EMPTY: Wallet = Wallet {
            available: 0,
            pending: 0,
            lots: Vec::new(),
        };
        self.accounts
            .get(&(member, asset))
            .map_or(&EMPTY, |it| &it.wallet)
    }

    /// Carries out a step.
    pub fn post(&mut self, member: MemberId, asset: Asset, step: Step, origin: &Origin) {
        let account = self.accounts.entry((member, asset)).or_default();
        account.wallet.apply(&step);
        account.dirty = true;
        match step {
            Step::Activate(lot) => {
                account.changed.insert(lot);
            }
            Step::Post(posting) => {
                let made = posting.new_lots.iter().map(|it| it.id);
                account.changed.extend(
                    posting
                        .movements
                        .iter()
                        .map(|it| it.lot)
                        .chain(made.clone()),
                );
                let source = (origin.kind.to_db().to_owned(), origin.reference.clone());
                account.sources.extend(made.map(|it| (it, source.clone())));
                account.entries += 1;
                let (seq, balance_after) = (account.entries, account.wallet.total());
                account.rows.push(Row {
                    posting,
                    seq,
                    balance_after,
                    origin: origin.clone(),
                });
            }
        }
    }

    /// Hands lots over from one member to another with all that happened to them: a row in either
    /// ledger says how much, and together they move nothing. Answers what was available and what
    /// was pending of each asset.
    pub fn hand_over(
        &mut self,
        (giver, taker): (MemberId, MemberId),
        lots: &HashSet<LotId>,
        at: Timestamp,
        origin: &Origin,
    ) -> Vec<(Asset, i64, i64)> {
        let mut moved = Vec::new();
        for asset in Asset::ALL {
            let (out, into) = (
                EntryId::generate(&mut self.ids),
                EntryId::generate(&mut self.ids),
            );
            let from = self.accounts.entry((giver, asset)).or_default();
            let (going, staying) = std::mem::take(&mut from.wallet.lots)
                .into_iter()
                .partition(|it| lots.contains(&it.id));
            from.wallet.lots = staying;
            let going: Vec<Lot> = going;
            let sum = |active: bool| {
                let lots = going.iter().filter(|it| it.active == active);
                lots.map(|it| it.remaining).sum::<i64>()
            };
            let (available, pending) = (sum(true), sum(false));
            moved.push((asset, available, pending));
            let changed: Vec<LotId> = going
                .iter()
                .filter(|it| from.changed.remove(&it.id))
                .map(|it| it.id)
                .collect();
            let sources: Vec<_> = going
                .iter()
                .filter_map(|it| Some((it.id, from.sources.remove(&it.id)?)))
                .collect();
            from.wallet.available -= available;
            from.wallet.pending -= pending;
            from.record_transfer(out, &going, -1, at, origin);
            let to = self.accounts.entry((taker, asset)).or_default();
            to.wallet.available += available;
            to.wallet.pending += pending;
            to.record_transfer(into, &going, 1, at, origin);
            to.wallet.lots.extend(going);
            to.changed.extend(changed);
            to.sources.extend(sources);
        }
        moved
    }

    /// Lets time pass for a member's balances until `until`.
    pub fn advance(&mut self, member: MemberId, until: Timestamp) {
        for asset in Asset::ALL {
            let Some(account) = self.accounts.get(&(member, asset)) else {
                continue;
            };
            if account.wallet.next_due().is_none_or(|it| it > until) {
                continue;
            }
            let wallet = account.wallet.clone();
            for step in rules::advance(&wallet, until, &mut self.ids) {
                let ending = match &step {
                    Step::Activate(lot) => *lot,
                    // The last movement is that of the lot that ends.
                    Step::Post(posting) => match posting.movements.last() {
                        Some(movement) => movement.lot,
                        None => continue,
                    },
                };
                let origin = Origin::new(SourceKind::Lot, ending.to_string());
                self.post(member, asset, step, &origin);
            }
        }
    }

    /// Writes what changed.
    ///
    /// # Errors
    /// When the database refuses it; nothing of the write stands then.
    pub async fn save(self, tx: &Tx, actor: &str) -> Result<()> {
        let mut rows = Rows::default();
        for ((member, asset), account) in self.accounts {
            if account.dirty {
                tx.touch(member);
                rows.add(tx.now(), member, asset, account, actor);
            }
        }
        tx.add(rows.entries);
        tx.add(rows.new_lots);
        tx.add(rows.movements);
        store::save_lots(tx, rows.lots).await?;
        store::save_accounts(tx, rows.accounts).await?;
        outbox::service::publish(tx, rows.messages).await
    }
}

/// Rows of all tables, collected over all accounts.
#[derive(Default)]
struct Rows {
    entries: Vec<entry::ActiveModel>,
    new_lots: Vec<lot::ActiveModel>,
    lots: Vec<lot::ActiveModel>,
    movements: Vec<movement::ActiveModel>,
    accounts: Vec<account::ActiveModel>,
    messages: Vec<outbox::service::Message>,
}

impl Rows {
    fn add(
        &mut self,
        now: Timestamp,
        member: MemberId,
        asset: Asset,
        account: Account,
        actor: &str,
    ) {
        let wallet = &account.wallet;
        let postings = account.rows.iter().map(|it| &it.posting);
        let made: HashSet<LotId> = postings
            .flat_map(|it| it.new_lots.iter().map(|it| it.id))
            .collect();
        for lot in wallet
            .lots
            .iter()
            .filter(|it| account.changed.contains(&it.id))
        {
            let (kind, reference) = account
                .sources
                .get(&lot.id)
                .map_or(("", ""), |it| (&it.0, &it.1));
            let row = store::lot_row(member, asset, lot, (kind, reference));
            if made.contains(&lot.id) {
                self.new_lots.push(row);
            } else {
                self.lots.push(row);
            }
        }
        let due = wallet
            .next_due()
            .into_iter()
            .chain(account.unloaded_due)
            .min();
        self.accounts.push(account::ActiveModel {
            member_id: Set(member.uuid()),
            asset: Set(asset.to_db().to_owned()),
            available: Set(wallet.available),
            pending: Set(wallet.pending),
            entries: Set(account.entries),
            next_due_at: Set(due.map(Timestamp::as_millis)),
        });
        if !account.rows.is_empty() {
            let event = Event::PointsChanged(BalanceChanged {
                member_id: member,
                asset,
                available: wallet.spendable(),
                pending: wallet.pending,
                entries: account.rows.iter().map(|it| it.posting.entry).collect(),
            });
            self.messages.push(outbox::service::Message {
                event,
                member: Some(member),
            });
        }
        for row in account.rows {
            self.add_entry(now, member, asset, row, actor);
        }
    }

    fn add_entry(&mut self, now: Timestamp, member: MemberId, asset: Asset, row: Row, actor: &str) {
        let Row {
            posting,
            seq,
            balance_after,
            origin,
        } = row;
        for it in &posting.movements {
            self.movements.push(movement::ActiveModel {
                entry_id: Set(posting.entry.uuid()),
                lot_id: Set(it.lot.uuid()),
                amount: Set(it.amount),
            });
        }
        self.entries.push(entry::ActiveModel {
            id: Set(posting.entry.uuid()),
            member_id: Set(member.uuid()),
            asset: Set(asset.to_db().to_owned()),
            seq: Set(seq),
            kind: Set(posting.kind.to_db().to_owned()),
            amount: Set(posting.amount),
            balance_after: Set(balance_after),
            counter_account: Set(posting.kind.counter_account().to_db().to_owned()),
            source_kind: Set(origin.kind.to_db().to_owned()),
            source_ref: Set(origin.reference),
            order_ref: Set(origin.order),
            rule_version: Set(origin.rule_version),
            actor: Set(actor.to_owned()),
            reason: Set(origin.reason),
            reverses: Set(origin.reverses.map(EntryId::uuid)),
            occurred_at: Set(posting.at.as_millis()),
            recorded_at: Set(now.as_millis()),
        });
    }
}
