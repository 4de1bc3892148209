//! Giving rewards and taking them back.
//!
//! A source names what a reward is for. Its rows are unique for the member, so that whoever asks
//! again, after a crash or at the same moment, gives nothing a second time.

use super::store::{self, card, grant};
use crate::coupons;
use crate::db::Tx;
use crate::db::text::{DbText, from_json, to_json};
use crate::error::{AppError, Result};
use crate::members;
use crate::members::service::Move;
use crate::points::service::{Books, Origin, lot_dates, policy_at};
use crate::programme::Rulebook;
use crate::tiers::service::Standings;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, entity::prelude::*};
use shared::coupons::{CouponSource, CouponSourceKind};
use shared::ids::{CardEntryId, CouponTemplateId, GrantId, LotId, MemberId, TaskClaimId};
use shared::members::api::{MergeBlock, MovedKind};
use shared::points::rules::{self, Credit, Step};
use shared::points::{Asset, EntryKind, SourceKind};
use shared::rewards::{GrantedReward, Reward};
use shared::time::Timestamp;
use std::collections::{BTreeMap, HashSet};

/// The kind of source that uses a card.
const MAKEUP: &str = "makeup";

/// Balances and tiers that rewards go to, while one write works on them.
pub struct Purse<'a> {
    /// The rules.
    pub rulebook: &'a Rulebook,
    /// The balances.
    pub books: &'a mut Books,
    /// The tiers.
    pub standings: &'a mut Standings,
}

/// What a reward is for.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The kind of thing.
    pub kind: SourceKind,
    /// Its id, unique for the member.
    pub reference: &'a str,
    /// Whether a coupon that cannot be issued refuses all of it. Else it is left out: what a
    /// member does must not fail because a template has run out.
    pub all_or_nothing: bool,
}

impl Source<'_> {
    /// What coupons of a member for this source are known by.
    fn coupons(self, member: MemberId, number: i64) -> CouponSource {
        let kind = self.kind.to_db();
        CouponSource {
            kind: match self.kind {
                SourceKind::Referral => CouponSourceKind::Referral,
                _ => CouponSourceKind::Task,
            },
            reference: format!("{kind}/{member}/{}/{number}", self.reference),
        }
    }
}

/// Gives rewards to a member whose balances and tier are loaded.
///
/// # Errors
/// When the source was rewarded before, or the database fails; nothing of the write stands then.
pub async fn give(
    tx: &Tx,
    purse: &mut Purse<'_>,
    member: MemberId,
    rewards: &[Reward],
    source: Source<'_>,
) -> Result<()> {
    let mut rows = Vec::with_capacity(rewards.len());
    for (place, reward) in (0..).zip(rewards) {
        let mut amount = reward.amount();
        let lot = match *reward {
            Reward::Coupon { template, count } => {
                amount = publish(tx, member, template, count, source).await?;
                None
            }
            Reward::Points { amount } => credit(tx, purse, member, (Asset::Points, amount), source),
            Reward::Credit { amount } => credit(tx, purse, member, (Asset::Credit, amount), source),
            Reward::Growth { amount } => {
                let origin = (source.kind, source.reference);
                purse
                    .standings
                    .grow(member, amount, origin, tx.now(), tx.now(), &mut tx.ids());
                None
            }
            Reward::MakeupCard { count } => {
                let count = i32::try_from(count).unwrap_or(0);
                add_cards(tx, member, count, source.kind.to_db(), source.reference).await?;
                None
            }
        };
        rows.push(grant::ActiveModel {
            id: Set(GrantId::generate(&mut tx.ids()).uuid()),
            member_id: Set(member.uuid()),
            source_kind: Set(source.kind.to_db().to_owned()),
            source_ref: Set(source.reference.to_owned()),
            place: Set(place),
            kind: Set(kind_of(*reward).to_owned()),
            amount: Set(amount),
            reward: Set(to_json(reward)?),
            lot_id: Set(lot.map(LotId::uuid)),
            granted_at: Set(tx.now().as_millis()),
            taken_back: Set(0),
            taken_back_at: Set(None),
        });
    }
    if !rows.is_empty() {
        grant::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    tx.touch(member);
    Ok(())
}

/// Issues coupons; answers how many there were.
async fn publish(
    tx: &Tx,
    member: MemberId,
    template: CouponTemplateId,
    count: i64,
    source: Source<'_>,
) -> Result<i64> {
    for number in 0..count {
        let known = source.coupons(member, number);
        match coupons::service::publish(tx, template, member, &known, tx.now()).await {
            Ok(_) => {}
            Err(AppError::Refused(refused)) if !source.all_or_nothing => {
                tracing::warn!(%member, %template, code = refused.code.as_str(), "a coupon was left out of a reward");
                return Ok(number);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

/// A reward's kind, for reports.
const fn kind_of(reward: Reward) -> &'static str {
    match reward {
        Reward::Points { .. } => "points",
        Reward::Growth { .. } => "growth",
        Reward::Credit { .. } => "credit",
        Reward::MakeupCard { .. } => "makeup_card",
        Reward::Coupon { .. } => "coupon",
    }
}

/// Puts points or credit into the ledger; they can be spent at once.
fn credit(
    tx: &Tx,
    purse: &mut Purse<'_>,
    member: MemberId,
    (asset, amount): (Asset, i64),
    source: Source<'_>,
) -> Option<LotId> {
    let zone = purse.standings.facts(member).map(|it| it.zone.clone())?;
    let (version, policy) = policy_at(purse.rulebook, tx.now());
    let (_, expires_at) = lot_dates(policy, &zone, tx.now());
    purse.books.advance(member, tx.now());
    let credit = Credit {
        kind: EntryKind::Earn,
        amount,
        at: tx.now(),
        active_from: tx.now(),
        expires_at,
    };
    let posting = rules::credit(credit, purse.books.ids());
    let lot = posting.new_lots.first().map(|it| it.id);
    let origin = Origin {
        rule_version: Some(version),
        ..Origin::new(source.kind, source.reference)
    };
    purse
        .books
        .post(member, asset, Step::Post(posting), &origin);
    lot
}

/// Takes back everything that a source gave to a member whose balances are loaded with all open
/// lots. What the points rules forbid to take, and cards that have been used, stay.
///
/// # Errors
/// When the database fails.
pub async fn take_back(
    tx: &Tx,
    purse: &mut Purse<'_>,
    member: MemberId,
    source: Source<'_>,
) -> Result<()> {
    let references = [source.reference.to_owned()];
    let grants = store::of_member(tx, member, source.kind.to_db(), &references).await?;
    let lots: Vec<LotId> = grants
        .iter()
        .filter_map(|it| it.lot_id.map(LotId::from))
        .collect();
    purse.books.load_named(tx, &lots).await?;
    purse.books.advance(member, tx.now());
    for row in grants.into_iter().filter(|it| it.taken_back_at.is_none()) {
        let taken = match from_json(&row.reward)? {
            Reward::Points { amount } => claw_back(
                tx,
                purse,
                member,
                (Asset::Points, amount),
                row.lot_id,
                source,
            ),
            Reward::Credit { amount } => claw_back(
                tx,
                purse,
                member,
                (Asset::Credit, amount),
                row.lot_id,
                source,
            ),
            Reward::Growth { amount } => {
                let reference = back_reference(source.reference);
                let granted_at = Timestamp::from_millis(row.granted_at);
                let origin = (source.kind, reference.as_str());
                purse
                    .standings
                    .grow(member, -amount, origin, granted_at, tx.now(), &mut tx.ids());
                amount
            }
            Reward::MakeupCard { count } => {
                let left = cards(tx, member).await?.min(count);
                let reference = back_reference(source.reference);
                let gone = -i32::try_from(left).unwrap_or(0);
                add_cards(tx, member, gone, source.kind.to_db(), &reference).await?;
                left
            }
            Reward::Coupon { count, .. } => take_coupons(tx, member, count, source).await?,
        };
        grant::Entity::update_many()
            .col_expr(grant::Column::TakenBack, Expr::value(taken))
            .col_expr(
                grant::Column::TakenBackAt,
                Expr::value(tx.now().as_millis()),
            )
            .filter(grant::Column::Id.eq(row.id))
            .exec(tx)
            .await?;
    }
    tx.touch(member);
    Ok(())
}

/// Takes coupons back; answers how many there were. They may have been given to whoever the member
/// was merged with.
async fn take_coupons(tx: &Tx, member: MemberId, count: i64, source: Source<'_>) -> Result<i64> {
    let mut gone = 0;
    for owner in members::service::families(tx, &[member]).await?.into_keys() {
        for number in 0..count {
            let known = source.coupons(owner, number);
            gone += coupons::service::take_back(tx, &known, tx.now()).await?;
        }
    }
    Ok(i64::try_from(gone).unwrap_or(0))
}

fn back_reference(reference: &str) -> String {
    format!("{reference}:back")
}

fn claw_back(
    tx: &Tx,
    purse: &mut Purse<'_>,
    member: MemberId,
    (asset, amount): (Asset, i64),
    lot: Option<Uuid>,
    source: Source<'_>,
) -> i64 {
    let (version, policy) = policy_at(purse.rulebook, tx.now());
    let wallet = purse.books.wallet(member, asset).clone();
    let Some(lot) = lot.and_then(|it| wallet.lot(LotId::from(it))) else {
        return 0;
    };
    let posting = rules::claw_back(
        &wallet,
        lot,
        amount,
        policy.clawback,
        tx.now(),
        purse.books.ids(),
    );
    let Some(posting) = posting else { return 0 };
    let taken = -posting.amount;
    let origin = Origin {
        rule_version: Some(version),
        reverses: Some(lot.entry_id),
        ..Origin::new(source.kind, source.reference)
    };
    purse
        .books
        .post(member, asset, Step::Post(posting), &origin);
    taken
}

/// Hands what was given over with a merge of members, or back: what the task rewards `claims` gave,
/// what check-ins gave except for what both had, and make-up cards.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(tx: &Tx, it: &mut Move, claims: &[Uuid]) -> Result<()> {
    let ids = match it.back_ids(MovedKind::Rewards) {
        Some(ids) => ids,
        None => going(tx, it, claims).await?,
    };
    let columns = (grant::Column::Id, grant::Column::MemberId);
    it.hand_over::<grant::Entity>(tx, MovedKind::Rewards, columns, ids)
        .await?;
    let count = match it.back_rows(MovedKind::Cards) {
        Some(rows) => rows
            .iter()
            .filter_map(|it| it.key.parse::<i64>().ok())
            .sum(),
        None => cards(tx, it.giver()).await?,
    };
    let left = cards(tx, it.giver()).await?;
    it.block_if(MergeBlock::Cards, left < count);
    let count = i32::try_from(count.min(left)).unwrap_or(0);
    let (kind, reference) = (SourceKind::Merge.to_db(), it.reference());
    add_cards(tx, it.giver(), -count, kind, &reference).await?;
    add_cards(tx, it.taker(), count, kind, &reference).await?;
    it.moved_cards(count);
    Ok(())
}

async fn going(tx: &Tx, it: &Move, claims: &[Uuid]) -> Result<Vec<Uuid>> {
    let claims: HashSet<String> = claims
        .iter()
        .map(|it| TaskClaimId::from(*it).to_string())
        .collect();
    let (theirs, own): (Vec<_>, Vec<_>) = store::of_members(tx, &[it.giver(), it.taker()])
        .await?
        .into_iter()
        .partition(|row| row.member_id == it.giver().uuid());
    let own: HashSet<(String, String)> = own
        .into_iter()
        .map(|it| (it.source_kind, it.source_ref))
        .collect();
    let goes = |row: &grant::Model| {
        if row.source_kind == SourceKind::Task.to_db() {
            claims.contains(&row.source_ref)
        } else {
            !own.contains(&(row.source_kind.clone(), row.source_ref.clone()))
        }
    };
    Ok(theirs.into_iter().filter(goes).map(|it| it.id).collect())
}

/// A member's make-up cards.
///
/// # Errors
/// When the database fails.
pub async fn cards(db: &impl ConnectionTrait, member: MemberId) -> Result<i64> {
    let last = store::last_card(db, member).await?;
    Ok(last.map_or(0, |it| i64::from(it.balance_after)))
}

/// Takes one card of a member who is taken by this write.
///
/// # Errors
/// When there is none, or `reference` has taken one before.
pub async fn use_card(tx: &Tx, member: MemberId, reference: &str) -> Result<()> {
    add_cards(tx, member, -1, MAKEUP, reference).await
}

async fn add_cards(
    tx: &Tx,
    member: MemberId,
    amount: i32,
    kind: &str,
    reference: &str,
) -> Result<()> {
    if amount == 0 {
        return Ok(());
    }
    let last = store::last_card(tx, member).await?;
    let (seq, balance) = last.map_or((0, 0), |it| (it.seq, it.balance_after));
    let row = card::ActiveModel {
        id: Set(CardEntryId::generate(&mut tx.ids()).uuid()),
        member_id: Set(member.uuid()),
        seq: Set(seq + 1),
        amount: Set(amount),
        balance_after: Set(balance.saturating_add(amount)),
        source_kind: Set(kind.to_owned()),
        source_ref: Set(reference.to_owned()),
        at: Set(tx.now().as_millis()),
    };
    card::Entity::insert(row).exec_without_returning(tx).await?;
    tx.touch(member);
    Ok(())
}

/// Days of members for which a card was used, one row a card.
///
/// # Errors
/// When the database fails.
pub async fn cards_used(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<(MemberId, String)>> {
    let rows = store::cards_of(db, members).await?;
    let used = rows.into_iter().filter(|it| it.source_kind == MAKEUP);
    Ok(used
        .map(|it| (it.member_id.into(), it.source_ref))
        .collect())
}

/// Which of some sources have given something to a member.
///
/// # Errors
/// When the database fails.
pub async fn given(
    db: &impl ConnectionTrait,
    member: MemberId,
    kind: SourceKind,
    references: &[String],
) -> Result<HashSet<String>> {
    let rows = store::of_member(db, member, kind.to_db(), references).await?;
    Ok(rows.into_iter().map(|it| it.source_ref).collect())
}

/// What some sources gave, by source.
///
/// # Errors
/// When the database fails.
pub async fn by_source(
    db: &impl ConnectionTrait,
    kind: SourceKind,
    references: &[String],
) -> Result<BTreeMap<String, Vec<GrantedReward>>> {
    let mut found: BTreeMap<String, Vec<GrantedReward>> = BTreeMap::new();
    for row in store::of_sources(db, kind.to_db(), references).await? {
        let granted = GrantedReward {
            reward: from_json(&row.reward)?,
            taken_back: row.taken_back,
        };
        found.entry(row.source_ref).or_default().push(granted);
    }
    Ok(found)
}

/// What of some sources of one member was given on days of a calendar, by source.
///
/// # Errors
/// When the database fails.
pub async fn of_member(
    db: &impl ConnectionTrait,
    member: MemberId,
    kind: SourceKind,
    references: &[String],
) -> Result<Vec<(String, Reward)>> {
    let rows = store::of_member(db, member, kind.to_db(), references).await?;
    rows.into_iter()
        .map(|it| Ok((it.source_ref, from_json(&it.reward)?)))
        .collect()
}

/// What some sources of one kind gave a member and was not taken back, summed up.
///
/// # Errors
/// When the database fails.
pub async fn kept(
    db: &impl ConnectionTrait,
    member: MemberId,
    kind: SourceKind,
    references: &HashSet<String>,
) -> Result<Vec<Reward>> {
    let query = grant::Entity::find()
        .filter(grant::Column::MemberId.eq(member.uuid()))
        .filter(grant::Column::SourceKind.eq(kind.to_db()));
    let mut kept = Vec::new();
    let rows = query.all(db).await?;
    for row in rows.iter().filter(|it| references.contains(&it.source_ref)) {
        kept.push((from_json(&row.reward)?, row.amount - row.taken_back));
    }
    Ok(shared::rewards::sum_up(kept))
}
