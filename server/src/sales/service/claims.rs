//! Deciding about claims, a batch at a time.
//!
//! Everything is read and decided before the write. The write begins by counting the new claims if
//! nothing has happened in the sale since it was read; nearly always that is so, and all that is
//! left is to write what was decided. Else the sale is taken, read and decided once more. While
//! other nodes sell the same, that is the rule, and nothing is read before as long as something is
//! left. Whoever comes when all is gone never waits for the writer.

use super::super::engine::Made;
use super::super::people::Known;
use super::super::store::{self, Sale, claim};
use super::desk::{Crowd, Decided, Facts, Seated};
use crate::App;
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::programme::Rulebook;
use sea_orm::ActiveValue::Set;
use sea_orm::ConnectionTrait;
use shared::ids::{CommunityId, FlashSaleId, MemberId};
use shared::tiers::Ladder;
use shared::time::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A claim on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The sale.
    pub sale: FlashSaleId,
    /// Who claims.
    pub member: MemberId,
    /// The product.
    pub sku: String,
    /// How many.
    pub quantity: i64,
    /// The key of the intent.
    pub key: String,
    /// When it arrived.
    pub at: Timestamp,
}

/// A batch and what is known before it is written.
struct Batch {
    sale: FlashSaleId,
    arrivals: Vec<Arrival>,
    members: Vec<MemberId>,
    people: Known,
    rulebook: Arc<Rulebook>,
    at: Timestamp,
}

/// Claims that were decided, and the sale as it was then.
struct Verdicts {
    sale: Arc<Sale>,
    decided: Decided,
}

impl Batch {
    fn ladder(&self) -> &Ladder {
        &self.rulebook.ladder_at(self.at).ladder
    }

    /// Reads what is in the books, and decides.
    async fn decide(&self, db: &impl ConnectionTrait, sale: Sale) -> Result<Verdicts> {
        let facts = Facts::read(db, sale, &self.members).await?;
        let decided = facts.decide(&Crowd {
            arrivals: &self.arrivals,
            people: &self.people,
            ladder: self.ladder(),
        });
        Ok(Verdicts {
            sale: facts.sale,
            decided,
        })
    }
}

/// Decides claims of one sale in order of arrival, and answers each after the commit.
///
/// # Errors
/// When the database fails; then none of them stands.
pub async fn decide(
    app: &App,
    sale: FlashSaleId,
    arrivals: Vec<Arrival>,
) -> Result<Vec<Result<Made>>> {
    let db = app.db.read();
    let mut members: Vec<MemberId> = arrivals.iter().map(|it| it.member).collect();
    members.sort_unstable();
    members.dedup();
    let batch = Batch {
        sale,
        people: app.people.find(app, &members).await?,
        rulebook: app.rulebook(),
        at: app.db.now(),
        arrivals,
        members,
    };
    // The sale comes first: what is read after it is not older.
    let found = store::find(db, sale).await?;
    let crowded = app.claims.is_crowded() && store::has_any(db, found.row.id).await?;
    let early = if crowded {
        None
    } else {
        Some(batch.decide(db, found).await?)
    };
    let verdicts = match early {
        Some(early) if early.decided.won.is_empty() => early,
        early => write(app, batch, early).await?,
    };
    let sale = verdicts.sale;
    let made = |it: Seated| Made {
        sale: sale.clone(),
        row: it.row,
        replayed: it.replayed,
    };
    let outcomes = verdicts.decided.outcomes.into_iter();
    Ok(outcomes.map(|it| it.map(made)).collect())
}

/// Writes what was decided before, or decides with the sale taken and writes that.
async fn write(app: &App, batch: Batch, early: Option<Verdicts>) -> Result<Verdicts> {
    let won = early
        .as_ref()
        .map(|it| (it.sale.clone(), it.decided.won.clone()));
    let run = app.db.write((batch, won), |tx, (batch, won)| {
        Box::pin(async move {
            if let Some((sale, won)) = won
                && store::count_if_unchanged(tx, &sale.row, count(won)).await?
            {
                keep(tx, sale.row.id, won).await?;
                return Ok(None);
            }
            take_and_decide(tx, batch).await.map(Some)
        })
    });
    let late = run.await?;
    app.claims.note(early.is_some(), late.is_some());
    let verdicts = late.or(early);
    verdicts.ok_or_else(|| AppError::internal("a batch was not decided"))
}

async fn take_and_decide(tx: &Tx, batch: &Batch) -> Result<Verdicts> {
    let sale = store::lock(tx, batch.sale).await?;
    let verdicts = batch.decide(tx, sale).await?;
    let won = &verdicts.decided.won;
    if !won.is_empty() {
        store::advance(tx, verdicts.sale.row.id, count(won)).await?;
        keep(tx, verdicts.sale.row.id, won).await?;
    }
    Ok(verdicts)
}

fn count(won: &[Arc<claim::Model>]) -> i64 {
    i64::try_from(won.len()).unwrap_or(i64::MAX)
}

/// Writes what was won: one statement a product, one for all communities, and the rows together.
async fn keep(tx: &Tx, sale: uuid::Uuid, won: &[Arc<claim::Model>]) -> Result<()> {
    let mut held: BTreeMap<i32, i64> = BTreeMap::new();
    let mut shares: BTreeMap<(i32, CommunityId), i64> = BTreeMap::new();
    for it in won {
        *held.entry(it.place).or_default() += it.quantity;
        if let Some(community) = it.community_id {
            *shares.entry((it.place, community.into())).or_default() += it.quantity;
        }
        tx.touch(it.member_id.into());
    }
    for (place, quantity) in held {
        store::shift(tx, (sale, place), quantity, 0).await?;
    }
    store::add_shares(tx, sale, shares).await?;
    tx.add(won.iter().map(|it| row(it)).collect());
    Ok(())
}

fn row(it: &claim::Model) -> claim::ActiveModel {
    claim::ActiveModel {
        id: Set(it.id),
        member_id: Set(it.member_id),
        sale_number: Set(it.sale_number),
        intent: Set(it.intent.clone()),
        place: Set(it.place),
        quantity: Set(it.quantity),
        tier: Set(it.tier.clone()),
        community_id: Set(it.community_id),
        state: Set(it.state.clone()),
        reason: Set(it.reason.clone()),
        claimed_at: Set(it.claimed_at),
        pay_by: Set(it.pay_by),
        ..Default::default()
    }
}

/// The tier of members, and the community whose share of a sale they take.
///
/// # Errors
/// `flash_sales.not_found`.
pub async fn shares_of(
    app: &App,
    sale: FlashSaleId,
    members: &[MemberId],
) -> Result<HashMap<MemberId, (String, Option<CommunityId>)>> {
    let sale = store::find(app.db.read(), sale).await?;
    let people = app.people.find(app, members).await?;
    let rulebook = app.rulebook();
    let ladder = &rulebook.ladder_at(app.db.now()).ladder;
    let definition = &sale.definition;
    let share = |member: &MemberId| {
        let person = people.get(member)?;
        let community = definition.sharing(&person.communities).first().copied();
        Some((*member, (person.tier(ladder).to_owned(), community)))
    };
    Ok(members.iter().filter_map(share).collect())
}
