//! What claims are judged by, and what comes of them. What was read is judged without writing; it
//! still holds when the sale is taken, if nothing has happened in the sale since.

use super::super::people::Known;
use super::super::store::{self, Sale, claim, claim_at, product, share};
use super::claims::Arrival;
use super::seating::shelves;
use crate::db::text::DbText;
use crate::error::{AppError, Result};
use sea_orm::ConnectionTrait;
use shared::ids::{CommunityId, MemberId};
use shared::problem::ErrorCode;
use shared::sales::ClaimReason;
use shared::sales::rules::NotNow;
use shared::sales::seats::{Lost, Seats, Verdict, Wish};
use shared::tiers::Ladder;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// A claim that was made, now or by an earlier request with the same key.
pub(super) struct Seated {
    /// Its row.
    pub row: Arc<claim::Model>,
    /// Whether it was there before.
    pub replayed: bool,
}

/// What came of a claim.
pub(super) type Outcome = Result<Seated>;

/// What came of all claims of a batch.
pub(super) struct Decided {
    /// Of each, in order of arrival.
    pub outcomes: Vec<Outcome>,
    /// The rows that are to be written.
    pub won: Vec<Arc<claim::Model>>,
}

/// What is in the books about a sale and some members.
pub(super) struct Facts {
    /// The sale.
    pub sale: Arc<Sale>,
    stock: Vec<product::Model>,
    shares: Vec<share::Model>,
    known: Vec<claim::Model>,
}

/// Claims of a batch, and who makes them.
pub(super) struct Crowd<'a> {
    /// The claims, in order of arrival.
    pub arrivals: &'a [Arrival],
    /// What is known of the members.
    pub people: &'a Known,
    /// The tiers that there are.
    pub ladder: &'a Ladder,
}

impl Facts {
    /// Reads what belongs to a sale that was read before: nothing of it is older than the sale.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(db: &impl ConnectionTrait, sale: Sale, members: &[MemberId]) -> Result<Self> {
        let has_quota = sale
            .definition
            .products
            .iter()
            .any(|it| it.per_community.is_some());
        Ok(Self {
            stock: store::products(db, sale.row.id).await?,
            shares: if has_quota {
                store::shares(db, sale.row.id).await?
            } else {
                Vec::new()
            },
            known: store::claims_of(db, sale.row.number, members).await?,
            sale: Arc::new(sale),
        })
    }

    /// Decides in order of arrival.
    pub fn decide(&self, crowd: &Crowd<'_>) -> Decided {
        let intents = self.intents();
        let judge = |it| self.judge(it, crowd, &intents);
        let judged: Vec<Result<Wish, Outcome>> = crowd.arrivals.iter().map(judge).collect();
        let wishes: Vec<Wish> = judged.iter().flatten().cloned().collect();
        let mut seats = self.seats();
        let mut verdicts = seats.decide(&wishes).into_iter();
        // Where the row of each wish is among those that were won.
        let mut rows: Vec<Option<usize>> = Vec::with_capacity(wishes.len());
        let mut won: Vec<Arc<claim::Model>> = Vec::new();
        let mut outcomes = Vec::with_capacity(judged.len());
        for (arrival, judged) in crowd.arrivals.iter().zip(judged) {
            let wish = match judged {
                Ok(wish) => wish,
                Err(outcome) => {
                    outcomes.push(outcome);
                    continue;
                }
            };
            let mut row = None;
            let outcome = match verdicts.next() {
                Some(Verdict::Won { community }) => {
                    let seq = self.sale.row.claims + 1 + i64::try_from(won.len()).unwrap_or(0);
                    let made = Arc::new(self.made(seq, arrival, &wish, crowd, community));
                    row = Some(won.len());
                    won.push(made.clone());
                    Ok(Seated {
                        row: made,
                        replayed: false,
                    })
                }
                Some(Verdict::SameAs(first)) => {
                    row = rows.get(first).copied().flatten();
                    let first = row.and_then(|it| won.get(it)).cloned();
                    let first = first.ok_or_else(|| AppError::internal("a wish is not known"));
                    first.map(|row| Seated {
                        row,
                        replayed: true,
                    })
                }
                Some(Verdict::KeyReused) => Err(ErrorCode::IdempotencyKeyReused.into()),
                Some(Verdict::Lost(lost)) => Err(lost_refusal(lost)),
                None => Err(AppError::internal("a wish was not decided")),
            };
            rows.push(row);
            outcomes.push(outcome);
        }
        Decided { outcomes, won }
    }

    /// What is free, and what the members and all communities have.
    fn seats(&self) -> Seats {
        let mut seats = shelves(&self.sale, &self.stock, &self.known);
        for it in &self.shares {
            let place = usize::try_from(it.place).unwrap_or(usize::MAX);
            seats.note_share(it.community_id.into(), place, it.taken);
        }
        seats
    }

    fn intents(&self) -> HashMap<(Uuid, &str), &claim::Model> {
        let intents = self.known.iter();
        intents
            .map(|it| ((it.member_id, it.intent.as_str()), it))
            .collect()
    }

    /// The wish of a claim that may be decided, or what there is to answer.
    fn judge(
        &self,
        it: &Arrival,
        crowd: &Crowd<'_>,
        intents: &HashMap<(Uuid, &str), &claim::Model>,
    ) -> Result<Wish, Outcome> {
        let place = self.sale.place(&it.sku);
        if let Some(known) = intents.get(&(it.member.uuid(), it.key.as_str())) {
            let same = usize::try_from(known.place).ok() == place && known.quantity == it.quantity;
            return Err(if same {
                Ok(Seated {
                    row: Arc::new((*known).clone()),
                    replayed: true,
                })
            } else {
                Err(ErrorCode::IdempotencyKeyReused.into())
            });
        }
        let nobody = Arc::default();
        let person = crowd.people.get(&it.member).unwrap_or(&nobody);
        let visitor = person.visitor(crowd.ladder);
        let against = self.sale.now().against(visitor, crowd.ladder, it.at);
        if let Some(first) = against.first() {
            return Err(Err(not_now(first)));
        }
        Ok(Wish {
            member: it.member,
            key: it.key.clone(),
            place: place.ok_or_else(|| Err(lost_refusal(Lost::NoProduct)))?,
            quantity: it.quantity,
            communities: self.sale.definition.sharing(&person.communities),
        })
    }

    fn made(
        &self,
        seq: i64,
        arrival: &Arrival,
        wish: &Wish,
        crowd: &Crowd<'_>,
        community: Option<CommunityId>,
    ) -> claim::Model {
        let person = crowd.people.get(&wish.member);
        let reason = ClaimReason::Claimed;
        claim::Model {
            id: claim_at(self.sale.row.number, seq),
            member_id: wish.member.uuid(),
            sale_number: self.sale.row.number,
            intent: wish.key.clone(),
            place: i32::try_from(wish.place).unwrap_or(i32::MAX),
            quantity: wish.quantity,
            tier: person.map_or_else(String::new, |it| it.tier(crowd.ladder).to_owned()),
            community_id: community.map(CommunityId::uuid),
            state: reason.state().to_db().to_owned(),
            reason: reason.to_db().to_owned(),
            claimed_at: arrival.at.as_millis(),
            pay_by: self.sale.definition.pay_by(arrival.at).as_millis(),
            order_ref: None,
            settled_at: None,
        }
    }
}

fn not_now(it: &NotNow) -> AppError {
    match it.detail() {
        Some(detail) => AppError::refused(it.code(), detail),
        None => it.code().into(),
    }
}

fn lost_refusal(lost: Lost) -> AppError {
    match lost.detail() {
        Some(detail) => AppError::refused(lost.code(), detail),
        None => lost.code().into(),
    }
}
