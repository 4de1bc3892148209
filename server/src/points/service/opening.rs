//! Points that members bring along, from a file, and taking them back.

use super::{Books, Origin, lot_dates, policy_at};
use crate::App;
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::members::service::MemberFacts;
use crate::points::store;
use sea_orm::ConnectionTrait;
use shared::ids::{LotId, MemberId};
use shared::points::rules::{self, Credit, Step};
use shared::points::{Asset, EntryKind, Lot, SourceKind};
use shared::time::Timestamp;
use std::collections::{HashMap, HashSet};

/// Points that a member brings along.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The member, who is locked.
    pub member: MemberFacts,
    /// How many; positive.
    pub amount: i64,
    /// From when they can be spent; at once when absent.
    pub active_from: Option<Timestamp>,
    /// Until when; by the rules when absent.
    pub expires_at: Option<Timestamp>,
    /// Which line of which import; never the same twice.
    pub reference: String,
}

/// Gives members what they bring along: a row of the ledger and a lot each.
///
/// # Errors
/// When the database fails.
pub async fn open(tx: &Tx, app: &App, openings: &[Opening], actor: &str) -> Result<Vec<LotId>> {
    let members: Vec<MemberId> = openings.iter().map(|it| it.member.id).collect();
    let rulebook = app.rulebook();
    let (version, policy) = policy_at(&rulebook, tx.now());
    let mut books = Books::load(tx, &members, &[]).await?;
    for member in &members {
        books.advance(*member, tx.now());
    }
    let mut lots = Vec::with_capacity(openings.len());
    for it in openings {
        let (_, default_end) = lot_dates(policy, &it.member.zone, tx.now());
        let credit = Credit {
            kind: EntryKind::Earn,
            amount: it.amount,
            at: tx.now(),
            active_from: it.active_from.unwrap_or_else(|| tx.now()),
            expires_at: it.expires_at.or(default_end),
        };
        let posting = rules::credit(credit, books.ids());
        lots.extend(posting.new_lots.iter().map(|it| it.id));
        let origin = Origin {
            rule_version: it.expires_at.is_none().then_some(version),
            ..Origin::new(SourceKind::Import, it.reference.clone())
        };
        books.post(it.member.id, Asset::Points, Step::Post(posting), &origin);
    }
    books.save(tx, actor).await?;
    Ok(lots)
}

/// Which of these lots are here.
///
/// # Errors
/// When the database fails.
pub async fn known_lots(db: &impl ConnectionTrait, ids: &[LotId]) -> Result<HashSet<LotId>> {
    let rows = store::lots_by_id(db, ids).await?;
    Ok(rows.iter().map(|it| it.id.into()).collect())
}

/// What was taken back of an opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reversal {
    /// What the opening gave.
    pub given: i64,
    /// What was taken back.
    pub taken: i64,
    /// What of it the member owes now.
    pub owed: i64,
}

/// Takes openings back as refunds take back what orders earned: from their own lots, as far as the
/// policy for a short balance allows. Who holds a lot now loses it. Each comes with the reference
/// that it was given by.
///
/// # Errors
/// When the database fails.
pub async fn take_back(
    tx: &Tx,
    app: &App,
    openings: &[(LotId, String)],
    actor: &str,
) -> Result<Vec<Reversal>> {
    let ids: Vec<LotId> = openings.iter().map(|it| it.0).collect();
    let holders: HashMap<LotId, MemberId> = store::lots_by_id(tx, &ids)
        .await?
        .iter()
        .map(|it| (it.id.into(), it.member_id.into()))
        .collect();
    let mut members: Vec<MemberId> = holders.values().copied().collect();
    members.sort_unstable();
    members.dedup();
    crate::members::service::lock(tx, &members).await?;
    let mut books = Books::load(tx, &members, &ids).await?;
    let rulebook = app.rulebook();
    let (version, policy) = policy_at(&rulebook, tx.now());
    for member in &members {
        books.advance(*member, tx.now());
    }
    let mut reversals = Vec::with_capacity(openings.len());
    for (id, reference) in openings {
        let member = holders.get(id).copied();
        let member = member.ok_or_else(|| AppError::internal("an opening has no lot"))?;
        let wallet = books.wallet(member, Asset::Points).clone();
        // Members were merged between the two queries; the next attempt sees who holds it.
        let lot = wallet.lot(*id).cloned();
        let lot = lot.ok_or_else(|| AppError::internal("a lot has gone over meanwhile"))?;
        let posting = rules::claw_back(
            &wallet,
            &lot,
            lot.amount,
            policy.clawback,
            tx.now(),
            books.ids(),
        );
        let taken = posting.as_ref().map_or(0, |it| -it.amount);
        if let Some(posting) = posting {
            let origin = Origin {
                rule_version: Some(version),
                reverses: Some(lot.entry_id),
                ..Origin::new(SourceKind::Import, reference.clone())
            };
            books.post(member, Asset::Points, Step::Post(posting), &origin);
        }
        let left = books
            .wallet(member, Asset::Points)
            .lot(*id)
            .map_or(0, |it| it.remaining);
        reversals.push(Reversal {
            given: lot.amount,
            taken,
            owed: (-left).max(0),
        });
    }
    books.save(tx, actor).await?;
    Ok(reversals)
}

/// What members could bring along to another place: their lots with something left, as they would
/// be if lots that are owed for were settled by those that end first, as they will be.
///
/// # Errors
/// When the database fails.
pub async fn to_bring_along(
    app: &App,
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<(MemberId, Vec<Lot>)>> {
    let mut books = Books::read(db, app.db.ids(), members).await?;
    let mut found = Vec::with_capacity(members.len());
    for member in members {
        books.advance(*member, app.db.now());
        let lots = &books.wallet(*member, Asset::Points).lots;
        found.push((*member, rules::net_of_deficits(lots)));
    }
    Ok(found)
}
