//! The tiers of some members while one write works on them.

use super::super::store::{self, change, growth, state};
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use crate::ids::Ids;
use crate::members::service::MemberFacts;
use crate::messages::{self, service::NewMessage};
use crate::outbox;
use crate::programme::Rulebook;
use sea_orm::ActiveValue::Set;
use shared::ids::{GrowthId, MemberId, TierChangeId};
use shared::messages::rules::tier_content;
use shared::points::SourceKind;
use shared::tiers::rules::{self, Growth, TierFacts, Transition};
use shared::tiers::{ChangeCause, Tier};
use shared::time::Timestamp;
use shared::webhooks::events::{Event, TierMoved};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Tiers of some members.
pub struct Standings {
    rulebook: Arc<Rulebook>,
    members: BTreeMap<MemberId, Standing>,
    correction: ChangeCause,
}

/// One member's growth and tier, and what this write did to them.
struct Standing {
    facts: MemberFacts,
    growth: Vec<Growth>,
    /// The stored tier.
    stored: Option<Stored>,
    new_growth: Vec<growth::ActiveModel>,
    new_changes: Vec<(TierChangeId, Transition)>,
    state: Option<rules::TierState>,
    grew: bool,
}

/// A tier as it was worked out last.
struct Stored {
    code: String,
    valid_until: Option<Timestamp>,
    warned: bool,
    evaluated_at: Timestamp,
}

impl Standings {
    /// Loads the growth record and the stored tiers of `members`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(tx: &Tx, rulebook: Arc<Rulebook>, members: &[MemberFacts]) -> Result<Self> {
        let ids: Vec<MemberId> = members.iter().map(|it| it.id).collect();
        let mut all: BTreeMap<MemberId, Standing> = members
            .iter()
            .map(|it| (it.id, Standing::new(it.clone())))
            .collect();
        for row in store::growth_of(tx, &ids).await? {
            if let Some(standing) = all.get_mut(&row.member_id.into()) {
                standing.growth.push(Growth {
                    at: Timestamp::from_millis(row.counted_at),
                    amount: row.amount,
                });
            }
        }
        for row in store::states_of(tx, &ids).await? {
            if let Some(standing) = all.get_mut(&row.member_id.into()) {
                standing.stored = Some(Stored {
                    code: row.code,
                    valid_until: row.valid_until.map(Timestamp::from_millis),
                    warned: row.warned,
                    evaluated_at: Timestamp::from_millis(row.evaluated_at),
                });
            }
        }
        Ok(Self {
            rulebook,
            members: all,
            correction: ChangeCause::Refunded,
        })
    }

    /// What is known of a member, if the member was loaded.
    #[must_use]
    pub fn facts(&self, member: MemberId) -> Option<&MemberFacts> {
        self.members.get(&member).map(|it| &it.facts)
    }

    /// The member's tier at `at`, by what is known now.
    #[must_use]
    pub fn tier_at(&self, member: MemberId, at: Timestamp) -> Option<&Tier> {
        let standing = self.members.get(&member)?;
        let (state, _) = rules::replay(standing.facts(&self.rulebook), at);
        let ladder = &self.rulebook.ladder_at(at).ladder;
        ladder.tiers.get(ladder.rank(&state.code))
    }

    /// Adds growth value, or takes it back with a negative amount, as of `counted_at`.
    pub fn grow(
        &mut self,
        member: MemberId,
        amount: i64,
        source: (SourceKind, &str),
        counted_at: Timestamp,
        now: Timestamp,
        ids: &mut Ids,
    ) {
        let Some(standing) = self.members.get_mut(&member).filter(|_| amount != 0) else {
            return;
        };
        standing.grew = true;
        let place = standing.growth.partition_point(|it| it.at <= counted_at);
        standing.growth.insert(
            place,
            Growth {
                at: counted_at,
                amount,
            },
        );
        standing.new_growth.push(growth::ActiveModel {
            id: Set(GrowthId::generate(ids).uuid()),
            member_id: Set(member.uuid()),
            amount: Set(amount),
            source_kind: Set(source.0.to_db().to_owned()),
            source_ref: Set(source.1.to_owned()),
            counted_at: Set(counted_at.as_millis()),
            recorded_at: Set(now.as_millis()),
        });
    }

    /// Says why the past is another than it was, when it is not because of a refund.
    pub const fn correct_because(&mut self, cause: ChangeCause) {
        self.correction = cause;
    }

    /// Works out the tier of every member whose growth changed.
    pub fn review_grown(&mut self, now: Timestamp, ids: &mut Ids) {
        let rulebook = self.rulebook.clone();
        let cause = self.correction;
        for standing in self.members.values_mut().filter(|it| it.grew) {
            standing.review(&rulebook, cause, now, ids);
        }
    }

    /// Works out the tier of every member.
    pub fn review_all(&mut self, now: Timestamp, ids: &mut Ids) {
        let rulebook = self.rulebook.clone();
        let cause = self.correction;
        for standing in self.members.values_mut() {
            standing.review(&rulebook, cause, now, ids);
        }
    }

    /// Writes what changed.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn save(self, tx: &Tx) -> Result<()> {
        let rulebook = self.rulebook;
        let warn_days = rulebook.ladder_at(tx.now()).ladder.warn_days;
        let edit = rulebook.next_ladder_from(tx.now());
        let (mut growth, mut changes, mut states) = (Vec::new(), Vec::new(), Vec::new());
        let (mut messages, mut news) = (Vec::new(), Vec::new());
        for (member, standing) in self.members {
            growth.extend(standing.new_growth);
            let Some(state) = standing.state else {
                continue;
            };
            tx.touch(member);
            let due = rules::next_due(&state, warn_days);
            let due = due.into_iter().chain(edit).min();
            states.push(state_row(member, &state, tx.now(), due));
            for (id, transition) in standing.new_changes {
                news.extend(tell(member, id, &transition, &rulebook, tx.now()));
                messages.extend(message(member, &transition));
                changes.push(change_row(member, id, transition, tx.now()));
            }
        }
        store::add_growth(tx, growth).await?;
        store::add_changes(tx, changes).await?;
        store::save_states(tx, states).await?;
        messages::service::post(tx, news).await?;
        outbox::service::publish(tx, messages).await
    }
}

impl Standing {
    fn new(facts: MemberFacts) -> Self {
        Self {
            facts,
            growth: Vec::new(),
            stored: None,
            new_growth: Vec::new(),
            new_changes: Vec::new(),
            state: None,
            grew: false,
        }
    }

    fn facts<'a>(&'a self, rulebook: &'a Rulebook) -> TierFacts<'a> {
        TierFacts {
            joined_at: self.facts.joined_at,
            growth: &self.growth,
            ladders: &rulebook.ladders,
            zone: &self.facts.zone,
        }
    }

    /// The past is not what was stored: down because of a refund or a merge, or up by something
    /// that came late.
    fn correction(
        &self,
        last: &Transition,
        held: &str,
        rulebook: &Rulebook,
        cause: ChangeCause,
        now: Timestamp,
    ) -> Transition {
        let ladder = &rulebook.ladder_at(now).ladder;
        let from = Some(held.to_owned());
        if ladder.rank(&last.to) >= ladder.rank(held) {
            return Transition {
                from,
                ..last.clone()
            };
        }
        let (window, zone) = (ladder.window, &self.facts.zone);
        Transition {
            at: now,
            cause,
            from,
            growth: rules::growth_in_window(&self.growth, window, zone, now),
            threshold: ladder
                .tiers
                .get(ladder.rank(held))
                .map_or(0, |it| it.threshold),
            ..last.clone()
        }
    }

    /// What came late has kept the tier that a warning or a review had put in question.
    fn kept_late(
        &self,
        stored: &Stored,
        last: &Transition,
        rulebook: &Rulebook,
        now: Timestamp,
    ) -> Option<Transition> {
        if !stored.warned {
            return None;
        }
        let (then, _) = rules::replay(self.facts(rulebook), stored.evaluated_at);
        if then.warned || then.valid_until <= stored.valid_until {
            return None;
        }
        let at = rulebook.ladder_at(now);
        let ladder = &at.ladder;
        let (window, zone) = (ladder.window, &self.facts.zone);
        let tier = ladder.tiers.get(ladder.rank(&stored.code));
        Some(Transition {
            at: now,
            cause: ChangeCause::Kept,
            from: Some(stored.code.clone()),
            to: stored.code.clone(),
            growth: rules::growth_in_window(&self.growth, window, zone, now),
            threshold: tier.map_or(last.threshold, |it| it.threshold),
            ladder_version: at.version,
        })
    }

    /// Computes the tier from the beginning and notes what is new: what happened since the last
    /// time, and, when the past itself changed (an order was refunded, or one came late), the
    /// difference that this makes.
    fn review(&mut self, rulebook: &Rulebook, cause: ChangeCause, now: Timestamp, ids: &mut Ids) {
        let (state, transitions) = rules::replay(self.facts(rulebook), now);
        let mut fresh = Vec::new();
        if let Some(stored) = &self.stored {
            let held = &stored.code;
            let (past, new): (Vec<_>, Vec<_>) = transitions
                .into_iter()
                .partition(|it| it.at <= stored.evaluated_at);
            match past.last() {
                Some(last) if last.to != *held => {
                    fresh.push(self.correction(last, held, rulebook, cause, now));
                }
                Some(last) => fresh.extend(self.kept_late(stored, last, rulebook, now)),
                None => {}
            }
            fresh.extend(new);
        } else {
            fresh = transitions;
        }
        self.new_changes = fresh
            .into_iter()
            .map(|it| (TierChangeId::generate(ids), it))
            .collect();
        self.state = Some(state);
    }
}

fn state_row(
    member: MemberId,
    it: &rules::TierState,
    now: Timestamp,
    due: Option<Timestamp>,
) -> state::ActiveModel {
    state::ActiveModel {
        member_id: Set(member.uuid()),
        code: Set(it.code.clone()),
        since: Set(it.since.as_millis()),
        valid_until: Set(it.valid_until.map(Timestamp::as_millis)),
        grace_until: Set(it.grace_until.map(Timestamp::as_millis)),
        warned: Set(it.warned),
        evaluated_at: Set(now.as_millis()),
        next_due_at: Set(due.map(Timestamp::as_millis)),
    }
}

fn change_row(
    member: MemberId,
    id: TierChangeId,
    it: Transition,
    now: Timestamp,
) -> change::ActiveModel {
    change::ActiveModel {
        id: Set(id.uuid()),
        member_id: Set(member.uuid()),
        from_code: Set(it.from),
        to_code: Set(it.to),
        cause: Set(it.cause.to_db().to_owned()),
        growth_value: Set(it.growth),
        threshold: Set(it.threshold),
        ladder_version: Set(it.ladder_version),
        at: Set(it.at.as_millis()),
        recorded_at: Set(now.as_millis()),
    }
}

/// What to tell the member about a change that is not too long ago.
fn tell(
    member: MemberId,
    id: TierChangeId,
    it: &Transition,
    rulebook: &Rulebook,
    now: Timestamp,
) -> Option<NewMessage> {
    if !messages::service::is_news(it.at, now) {
        return None;
    }
    let ladder = &rulebook.ladder_at(now).ladder;
    let name = |code: &str| super::tier_name(&rulebook.ladders, it.ladder_version, code);
    Some(NewMessage {
        member,
        source: id.to_string(),
        content: tier_content(it, |code| ladder.rank(code), name)?,
    })
}

fn message(member: MemberId, it: &Transition) -> Option<outbox::service::Message> {
    let moved = TierMoved {
        member_id: member,
        from: it.from.clone(),
        to: it.to.clone(),
        cause: it.cause,
        at: it.at,
    };
    let event = match it.cause {
        ChangeCause::Warned => Event::TierWarned(moved),
        ChangeCause::Joined | ChangeCause::Kept | ChangeCause::GraceBegan => return None,
        _ => Event::TierChanged(moved),
    };
    Some(outbox::service::Message {
        event,
        member: Some(member),
    })
}
