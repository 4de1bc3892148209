//! Moving referrals: by news of the friend's orders, by time, and by people's decisions. Each
//! referral is moved by a write of its own, which takes both members first.

use super::super::risk;
use super::super::store::{self, milestone, movement, referral};
use super::findings;
use crate::App;
use crate::db::Tx;
use crate::db::text::{DbText, from_json, to_json};
use crate::error::Result;
use crate::members::{self, service::MemberFacts};
use crate::messages::{self, service::NewMessage};
use crate::orders;
use crate::outbox::service::{Message, publish};
use crate::points::service::Books;
use crate::rewards::service::{self as rewards, Purse, Source};
use crate::tiers::service::Standings;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel, PaginatorTrait};
use shared::ids::{MemberId, ReferralId, ReferralMilestoneId, ReferralMoveId};
use shared::members::MemberStatus;
use shared::messages::{Content, ReferralPart};
use shared::points::SourceKind;
use shared::referrals::api::Evidence;
use shared::referrals::rules::{self, Transition, Verdict, takes_back};
use shared::referrals::terms::Milestone;
use shared::referrals::{Referral, ReferralState};
use shared::time::Timestamp;
use shared::webhooks::events::{Event, ReferralStanding};
use std::collections::HashMap;

/// Most moves of one referral in one go: news, then what has fallen due.
const MOVES: usize = 4;

/// Says that orders of friends changed. Their referrals are moved by the scheduled work, which
/// takes the inviter too.
///
/// # Errors
/// When the database fails.
pub async fn orders_changed(tx: &Tx, app: &App, friends: &[MemberId]) -> Result<()> {
    // Nobody was ever bound while there were no terms.
    if friends.is_empty() || tx.is_history() || !app.rulebook().has_referrals() {
        return Ok(());
    }
    store::make_due(tx, friends, tx.now()).await
}

/// Moves up to `limit` referrals for which something is due. Answers how many were due.
///
/// # Errors
/// When the database fails.
pub async fn settle_due(app: &App, limit: u64) -> Result<usize> {
    let due = store::due(app.db.read(), app.db.now(), limit).await?;
    for row in &due {
        let args = (app.clone(), ReferralId::from(row.id));
        app.db
            .write(args, |tx, (app, id)| Box::pin(settle(tx, app, *id)))
            .await?;
    }
    Ok(due.len())
}

async fn settle(tx: &Tx, app: &App, id: ReferralId) -> Result<()> {
    let Some(mut work) = Work::load(tx, app, id).await? else {
        return Ok(());
    };
    work.advance(tx).await?;
    work.save(tx, "system", None).await
}

/// One referral with everything that its moves touch.
pub(super) struct Work {
    app: App,
    row: referral::Model,
    pub(super) referral: Referral,
    terms: shared::referrals::ReferralTerms,
    orders: Vec<rules::FriendOrder>,
    both: Vec<MemberFacts>,
    books: Books,
    standings: Standings,
    moves: Vec<Transition>,
    /// What inviter and friend are told.
    news: Vec<NewMessage>,
    evidence: Option<Vec<Evidence>>,
}

impl Work {
    /// Takes both members and the referral, and loads what is needed.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn load(tx: &Tx, app: &App, id: ReferralId) -> Result<Option<Self>> {
        let Some(found) = referral::Entity::find_by_id(id.uuid()).one(tx).await? else {
            return Ok(None);
        };
        let ids = [found.referrer_id.into(), found.friend_id.into()];
        let both = members::service::lock(tx, &ids).await?;
        let Some(row) = store::lock(tx, id).await? else {
            return Ok(None);
        };
        let rulebook = app.rulebook();
        let referral = store::to_referral(&row)?;
        Ok(Some(Self {
            app: app.clone(),
            terms: rulebook.referrals_version(referral.terms_version).clone(),
            orders: orders_of(tx, &referral).await?,
            books: Books::load(tx, &ids, &[]).await?,
            standings: Standings::load(tx, rulebook, &both).await?,
            both,
            row,
            referral,
            moves: Vec::new(),
            news: Vec::new(),
            evidence: None,
        }))
    }

    fn both_active(&self) -> bool {
        self.both.len() == 2 && self.both.iter().all(|it| it.status == MemberStatus::Active)
    }

    /// Carries out what news and time mean, until nothing is left to do.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn advance(&mut self, tx: &Tx) -> Result<()> {
        for _ in 0..MOVES {
            let now = tx.now();
            let mut next = rules::observe(&self.referral, &self.terms, &self.orders, now);
            if next.is_none() {
                let due = rules::due_at(&self.referral).is_some_and(|it| it <= now);
                let verdict = if due && self.referral.state == ReferralState::Ordered {
                    self.judge(tx).await?
                } else {
                    Verdict::Allow
                };
                next = rules::fall_due(&self.referral, self.both_active(), verdict, now);
            }
            let Some(next) = next else { break };
            self.apply(tx, next).await?;
        }
        Ok(())
    }

    /// Carries out what the friend's orders as they are mean.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn observe(&mut self, tx: &Tx) -> Result<()> {
        match rules::observe(&self.referral, &self.terms, &self.orders, tx.now()) {
            Some(next) => self.apply(tx, next).await,
            None => Ok(()),
        }
    }

    /// The month whose budget it uses.
    pub(super) fn month(&self) -> &str {
        &self.row.month
    }

    /// What is set aside for it, in minor units.
    pub(super) const fn cost(&self) -> i64 {
        self.row.cost
    }

    async fn judge(&mut self, tx: &Tx) -> Result<Verdict> {
        if !self.terms.signals {
            return Ok(Verdict::Allow);
        }
        let found = findings::collect(tx, &self.row).await?;
        let (verdict, evidence) = risk::judge(&found);
        self.evidence = Some(evidence);
        Ok(verdict)
    }

    /// Makes one move, with the rewards and the budget that go with it.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn apply(&mut self, tx: &Tx, to: Transition) -> Result<()> {
        let from = self.referral.state;
        if takes_back(from, to.state) {
            self.take_back(tx).await?;
        }
        if to.pays() {
            self.row.payments += 1;
            self.pay(tx).await?;
        }
        self.account(tx, from, to.state).await?;
        self.referral.state = to.state;
        self.referral.order = to.order.clone();
        self.row.state = to.state.to_db().to_owned();
        self.row.reason = to.reason.to_db().to_owned();
        self.moves.push(to);
        // Milestones count what stands after the move.
        if self.row.payments > 0 {
            self.store_row(tx).await?;
            self.settle_milestones(tx).await?;
        }
        Ok(())
    }

    /// What this payment is called in the ledger: a referral that was reopened is paid anew.
    fn source(&self) -> String {
        format!("{}/{}", self.referral.id, self.row.payments)
    }

    async fn pay(&mut self, tx: &Tx) -> Result<()> {
        let reference = self.source();
        let source = Source {
            kind: SourceKind::Referral,
            reference: &reference,
            all_or_nothing: false,
        };
        let (friend, referrer) = (self.referral.friend, self.referral.referrer);
        let rulebook = self.app.rulebook();
        let mut purse = Purse {
            rulebook: &rulebook,
            books: &mut self.books,
            standings: &mut self.standings,
        };
        rewards::give(tx, &mut purse, friend, &self.terms.friend_rewards, source).await?;
        rewards::give(
            tx,
            &mut purse,
            referrer,
            &self.terms.inviter_rewards,
            source,
        )
        .await?;
        for (member, part, rewards) in [
            (friend, ReferralPart::Friend, &self.terms.friend_rewards),
            (referrer, ReferralPart::Inviter, &self.terms.inviter_rewards),
        ] {
            self.news.push(NewMessage {
                member,
                source: format!("referral:{reference}"),
                content: Content::ReferralRewarded {
                    part,
                    rewards: rewards.clone(),
                },
            });
        }
        Ok(())
    }

    async fn take_back(&mut self, tx: &Tx) -> Result<()> {
        let reference = self.source();
        let source = Source {
            kind: SourceKind::Referral,
            reference: &reference,
            all_or_nothing: false,
        };
        let (friend, referrer) = (self.referral.friend, self.referral.referrer);
        let rulebook = self.app.rulebook();
        let mut purse = Purse {
            rulebook: &rulebook,
            books: &mut self.books,
            standings: &mut self.standings,
        };
        rewards::take_back(tx, &mut purse, friend, source).await?;
        rewards::take_back(tx, &mut purse, referrer, source).await
    }

    /// Moves the referral's money in its month: set aside while open, spent while rewarded.
    async fn account(&self, tx: &Tx, from: ReferralState, to: ReferralState) -> Result<()> {
        let cost = self.row.cost;
        let committed = |it: ReferralState| if it.is_open() { cost } else { 0 };
        let spent = |it: ReferralState| {
            if it == ReferralState::Rewarded {
                cost
            } else {
                0
            }
        };
        let change = (committed(to) - committed(from), spent(to) - spent(from));
        if change == (0, 0) {
            return Ok(());
        }
        store::shift_budget(tx, &self.row.month, change.0, change.1).await
    }

    /// Gives milestones that the inviter's rewarded friends have reached, and takes back those
    /// that they no longer reach.
    async fn settle_milestones(&mut self, tx: &Tx) -> Result<()> {
        let referrer = self.referral.referrer;
        let rewarded = referral::Entity::find()
            .filter(referral::Column::ReferrerId.eq(referrer.uuid()))
            .filter(referral::Column::State.eq(ReferralState::Rewarded.to_db()))
            .count(tx)
            .await?;
        let known = milestone::Entity::find()
            .filter(milestone::Column::ReferrerId.eq(referrer.uuid()))
            .all(tx)
            .await?;
        let known: HashMap<i32, milestone::Model> =
            known.into_iter().map(|it| (it.friends, it)).collect();
        for step in self.terms.milestones.clone() {
            let Ok(friends) = i32::try_from(step.friends) else {
                continue;
            };
            let before = known.get(&friends).cloned();
            let before = before.unwrap_or_else(|| milestone::Model {
                id: ReferralMilestoneId::generate(&mut tx.ids()).uuid(),
                referrer_id: referrer.uuid(),
                friends,
                given: 0,
                stands: false,
            });
            let reached = u64::from(step.friends) <= rewarded;
            if reached != before.stands {
                self.switch_milestone(tx, &step, before, reached).await?;
            }
        }
        Ok(())
    }

    async fn switch_milestone(
        &mut self,
        tx: &Tx,
        step: &Milestone,
        mut row: milestone::Model,
        reached: bool,
    ) -> Result<()> {
        let referrer = self.referral.referrer;
        row.given += i32::from(reached);
        row.stands = reached;
        let reference = row.reference();
        let source = Source {
            kind: SourceKind::Referral,
            reference: &reference,
            all_or_nothing: false,
        };
        let rulebook = self.app.rulebook();
        let mut purse = Purse {
            rulebook: &rulebook,
            books: &mut self.books,
            standings: &mut self.standings,
        };
        if reached {
            rewards::give(tx, &mut purse, referrer, &step.rewards, source).await?;
        } else {
            rewards::take_back(tx, &mut purse, referrer, source).await?;
        }
        let changes = [milestone::Column::Given, milestone::Column::Stands];
        let known = OnConflict::column(milestone::Column::Id)
            .update_columns(changes)
            .to_owned();
        milestone::Entity::insert(row.into_active_model().reset_all())
            .on_conflict(known)
            .exec_without_returning(tx)
            .await?;
        Ok(())
    }

    async fn store_row(&mut self, tx: &Tx) -> Result<()> {
        let order = self.referral.order.as_ref();
        self.row.order_ref = order.map(|it| it.external_id.clone());
        self.row.order_paid_at = order.map(|it| it.paid_at.as_millis());
        self.row.order_due_at = order.map(|it| it.due_at.as_millis());
        self.row.due_at = rules::due_at(&self.referral).map(Timestamp::as_millis);
        if !self.moves.is_empty() {
            self.row.updated_at = tx.now().as_millis();
        }
        if let Some(evidence) = &self.evidence {
            self.row.evidence = to_json(evidence)?;
        }
        let change = self.row.clone().into_active_model().reset_all();
        change.update(tx).await?;
        Ok(())
    }

    /// Writes the referral, its moves, balances and tiers.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn save(mut self, tx: &Tx, actor: &str, note: Option<&str>) -> Result<()> {
        self.store_row(tx).await?;
        let mut messages = Vec::new();
        for it in std::mem::take(&mut self.moves) {
            messages.push(self.message(&it));
            tx.add(vec![movement::ActiveModel {
                id: Set(ReferralMoveId::generate(&mut tx.ids()).uuid()),
                referral_id: Set(self.row.id),
                state: Set(it.state.to_db().to_owned()),
                reason: Set(it.reason.to_db().to_owned()),
                order_ref: Set(it.order.map(|it| it.external_id)),
                actor: Set(actor.to_owned()),
                note: Set(note.map(str::to_owned)),
                at: Set(it.at.as_millis()),
            }]);
        }
        publish(tx, messages).await?;
        messages::service::post(tx, std::mem::take(&mut self.news)).await?;
        self.standings.review_grown(tx.now(), &mut tx.ids());
        self.books.save(tx, actor).await?;
        self.standings.save(tx).await
    }

    fn message(&self, it: &Transition) -> Message {
        let standing = ReferralStanding {
            referral_id: self.referral.id,
            referrer_id: self.referral.referrer,
            friend_id: self.referral.friend,
            state: it.state,
            reason: it.reason,
        };
        Message {
            event: Event::ReferralMoved(standing),
            member: Some(self.referral.referrer),
        }
    }
}

/// The friend's orders that can count, and the first one ever.
async fn orders_of(tx: &Tx, referral: &Referral) -> Result<Vec<rules::FriendOrder>> {
    let within = (referral.bound_at, referral.order_until);
    let orders = orders::service::paid_in(tx, referral.friend, within).await?;
    let seen = |it: shared::orders::Order| {
        Some(rules::FriendOrder {
            paid_at: it.times.paid_at?,
            kept: if it.times.cancelled_at.is_some() {
                0
            } else {
                it.amount() - it.refunded_amount()
            },
            external_id: it.external_id,
        })
    };
    Ok(orders.into_iter().filter_map(seen).collect())
}

/// Keeps the first move of a referral that was just made.
pub(super) fn note_move(tx: &Tx, row: &referral::Model, actor: &str, note: Option<&str>) {
    tx.add(vec![movement::ActiveModel {
        id: Set(ReferralMoveId::generate(&mut tx.ids()).uuid()),
        referral_id: Set(row.id),
        state: Set(row.state.clone()),
        reason: Set(row.reason.clone()),
        order_ref: Set(row.order_ref.clone()),
        actor: Set(actor.to_owned()),
        note: Set(note.map(str::to_owned)),
        at: Set(row.updated_at),
    }]);
}

/// What was found when a referral was judged.
pub(super) fn evidence_of(row: &referral::Model) -> Result<Vec<Evidence>> {
    from_json(&row.evidence)
}
