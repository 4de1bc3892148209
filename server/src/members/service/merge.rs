//! Making two members one, and taking them apart again. What moved is written down row by row, so
//! that exactly that goes back.

mod handing;

pub use handing::Move;

use super::super::merge_store::{self, Model};
use super::super::parts::PARTS;
use super::super::store;
use super::record::update;
use super::status::reason as checked_reason;
use super::{consents, get, lock_active, lock_existing};
use crate::App;
use crate::audit;
use crate::db::text::{DbText, from_json, to_json};
use crate::db::{Cursor, Tx, try_map};
use crate::error::{AppError, Result};
use crate::outbox;
use crate::tiers;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use shared::ids::{MemberId, MergeId};
use shared::members::api::{
    Consents, Merge, MergeBlock, MergeConflict, MergeField, MergePreview, UndoPreview,
};
use shared::members::{Channel, MemberStatus};
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use shared::webhooks::events::{Event, MembersMerged};
use std::collections::HashMap;

/// Days for which a merge can be undone.
const UNDO_DAYS: i64 = 30;

/// What a merge changes of a member's own record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Identity {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    birthday: Option<String>,
    external_id: Option<String>,
    password_hash: Option<String>,
    consents: Consents,
    joined_at: i64,
}

impl Identity {
    fn of(row: &store::Model) -> Result<Self> {
        Ok(Self {
            name: row.name.clone(),
            email: row.email.clone(),
            phone: row.phone.clone(),
            birthday: row.birthday.clone(),
            external_id: row.external_id.clone(),
            password_hash: row.password_hash.clone(),
            consents: from_json(&row.consents)?,
            joined_at: row.joined_at,
        })
    }

    /// Whether the record is the same. What one agreed to may be said anew at any time.
    fn is_same(&self, other: &Self) -> bool {
        let plain = |it: &Self| Self {
            consents: Consents::default(),
            ..it.clone()
        };
        plain(self) == plain(other)
    }

    fn put(self, row: &mut store::Model) -> Result<()> {
        row.consents = to_json(&self.consents)?;
        row.name = self.name;
        row.email = self.email;
        row.phone = self.phone;
        row.birthday = self.birthday;
        row.external_id = self.external_id;
        row.password_hash = self.password_hash;
        row.joined_at = self.joined_at;
        Ok(())
    }
}

/// Both records as they were before a merge, and how the one that went on was after it.
#[derive(Serialize, Deserialize)]
struct Before {
    from: Identity,
    into: Identity,
    after: Identity,
}

/// Both members as they may be merged: neither gone nor frozen, and two.
async fn lock_pair(tx: &Tx, from: MemberId, into: MemberId) -> Result<()> {
    if from == into {
        let message = "expected another member than the one who ends";
        return Err(AppError::invalid_field("/into", "invalid", message));
    }
    super::lock(tx, &[from, into]).await?;
    lock_active(tx, from).await?;
    lock_active(tx, into).await?;
    Ok(())
}

async fn rows(tx: &Tx, one: MemberId, two: MemberId) -> Result<(store::Model, store::Model)> {
    let missing = || AppError::from(ErrorCode::MemberNotFound);
    Ok((
        store::find(tx, one).await?.ok_or_else(missing)?,
        store::find(tx, two).await?.ok_or_else(missing)?,
    ))
}

/// What a merge would do, on the real path and without anything being kept.
///
/// # Errors
/// As [`merge`].
pub async fn preview_merge(app: &App, from: MemberId, into: MemberId) -> Result<MergePreview> {
    let args = (app.clone(), from, into);
    let preview = app.db.dry_run(args, |tx, (app, from, into)| {
        Box::pin(async move {
            let (from, into) = (*from, *into);
            let (one, two) = (get(tx, from).await?, get(tx, into).await?);
            let tier_before = tiers::service::stored_name(tx, app, into).await?;
            let conflicts = {
                let (one, two) = rows(tx, from, into).await?;
                conflicts(&one, &two)
            };
            let done = merge(tx, app, from, into, "a preview", "system").await?;
            Ok(MergePreview {
                from: one,
                into: two,
                moves: done.moves,
                conflicts,
                tier_before,
                tier_after: tiers::service::stored_name(tx, app, into).await?,
            })
        })
    });
    preview.await
}

fn conflicts(from: &store::Model, into: &store::Model) -> Vec<MergeConflict> {
    let fields = [
        (MergeField::Name, &from.name, &into.name),
        (MergeField::Email, &from.email, &into.email),
        (MergeField::Phone, &from.phone, &into.phone),
        (MergeField::Birthday, &from.birthday, &into.birthday),
        (MergeField::ExternalId, &from.external_id, &into.external_id),
    ];
    let both = fields.into_iter().filter_map(|(field, one, two)| {
        let (one, two) = (one.clone()?, two.clone()?);
        (one != two).then_some(MergeConflict {
            field,
            from: one,
            into: two,
        })
    });
    both.collect()
}

/// Makes two members one: `from` ends, and everything of it goes to `into`.
///
/// # Errors
/// `request.invalid` for the same member twice or without a reason; `members.not_found`,
/// `members.merged`, `members.frozen`.
pub async fn merge(
    tx: &Tx,
    app: &App,
    from: MemberId,
    into: MemberId,
    reason: &str,
    actor: &str,
) -> Result<Merge> {
    let reason = checked_reason(reason)?;
    lock_pair(tx, from, into).await?;
    let id = MergeId::generate(&mut tx.ids());
    let mut it = Move::over(id, (from, into), actor, tx.now());
    hand_over_parts(tx, app, &mut it).await?;
    let before = unite(tx, from, into, actor).await?;
    let (moves, moved) = it.done();
    let row = Model {
        id: id.uuid(),
        from_id: from.uuid(),
        into_id: into.uuid(),
        moves: to_json(&moves)?,
        identities: to_json(&before)?,
        reason: reason.to_owned(),
        actor: actor.to_owned(),
        at: tx.now().as_millis(),
        undone_at: None,
        undone_by: None,
    };
    let view = to_merge(&row)?;
    merge_store::insert(tx, row, moved).await?;
    tell(tx, &view, actor, Event::MemberMerged, reason).await?;
    Ok(view)
}

/// Lets every feature hand over what it keeps.
async fn hand_over_parts(tx: &Tx, app: &App, it: &mut Move) -> Result<()> {
    for part in PARTS {
        if let Some(hand_over) = part.merge {
            hand_over(tx, app, it).await?;
        }
    }
    tx.touch(it.giver());
    tx.touch(it.taker());
    Ok(())
}

/// Gives the one who goes on what only the other has, and leads everything there.
async fn unite(tx: &Tx, from: MemberId, into: MemberId, actor: &str) -> Result<Before> {
    let (mut one, mut two) = rows(tx, from, into).await?;
    let before = (Identity::of(&one)?, Identity::of(&two)?);
    two.consents = to_json(&consents_after(&before.0, &before.1))?;
    if two.email.is_none() && two.phone.is_none() && two.password_hash.is_none() {
        two.password_hash = one.password_hash.take();
    }
    for (from, into) in [
        (&mut one.name, &mut two.name),
        (&mut one.email, &mut two.email),
        (&mut one.phone, &mut two.phone),
        (&mut one.birthday, &mut two.birthday),
        (&mut one.external_id, &mut two.external_id),
    ] {
        if into.is_none() {
            *into = from.take();
        }
    }
    two.joined_at = two.joined_at.min(one.joined_at);
    MemberStatus::Merged.to_db().clone_into(&mut one.status);
    let after = Identity::of(&two)?;
    consents::note(tx, into, before.1.consents, after.consents, actor);
    // The one who ends lets go of what must be there once before the other takes it.
    update(tx, one).await?;
    update(tx, two).await?;
    let mut ended = merge_store::ended_in(tx, from).await?;
    ended.push(from.uuid());
    store::lead(tx, &ended, into).await?;
    Ok(Before {
        from: before.0,
        into: before.1,
        after,
    })
}

/// What the one who goes on agreed to. An address that comes over brings along whether one may
/// write to it.
fn consents_after(from: &Identity, into: &Identity) -> Consents {
    let mut after = into.consents;
    if into.email.is_none() && from.email.is_some() {
        after = after.with(Channel::Email, from.consents.email);
    }
    if into.phone.is_none() && from.phone.is_some() {
        after = after.with(Channel::Sms, from.consents.sms);
    }
    after
}

async fn tell(
    tx: &Tx,
    it: &Merge,
    actor: &str,
    event: fn(MembersMerged) -> Event,
    reason: &str,
) -> Result<()> {
    let event = event(MembersMerged {
        merge_id: it.id,
        from: it.from,
        into: it.into,
    });
    let detail =
        serde_json::json!({ "merge": it.id, "from": it.from, "into": it.into, "reason": reason });
    let action = event.kind().as_str();
    for member in [it.from, it.into] {
        audit::service::record(tx, actor, action, &member.to_string(), &detail).await?;
    }
    outbox::service::tell(tx, Some(it.into), event).await
}

/// A merge that may still be undone, taken for the rest of the write with both its members.
async fn lock_undoable(tx: &Tx, id: MergeId) -> Result<(Merge, Before)> {
    let row = merge_store::lock(tx, id)
        .await?
        .ok_or(ErrorCode::MergeNotFound)?;
    let merge = to_merge(&row)?;
    if merge.undone_at.is_some() {
        return Err(ErrorCode::MergeUndone.into());
    }
    if tx.now() > merge.undo_until {
        return Err(ErrorCode::MergeTooLate.into());
    }
    super::lock(tx, &[merge.from, merge.into]).await?;
    lock_existing(tx, merge.into).await?;
    Ok((merge, from_json(&row.identities)?))
}

/// Takes two merged members apart: everything that moved goes back.
///
/// # Errors
/// `merges.not_found`; `merges.undone` when it was; `merges.too_late` after thirty days;
/// `merges.used`, with what, when something that moved was used since; `members.merged`,
/// `members.not_found` when the one who went on is no longer there.
pub async fn undo_merge(
    tx: &Tx,
    app: &App,
    id: MergeId,
    reason: &str,
    actor: &str,
) -> Result<Merge> {
    let reason = checked_reason(reason)?;
    let (merge, before) = lock_undoable(tx, id).await?;
    let it = take_apart(tx, app, &merge, before, actor).await?;
    if !it.blocked().is_empty() {
        let what: Vec<&str> = it.blocked().iter().map(|it| it.as_str()).collect();
        return Err(AppError::refused(ErrorCode::MergeUsed, what.join(", ")));
    }
    merge_store::set_undone(tx, id, actor).await?;
    tell(tx, &merge, actor, Event::MemberMergeUndone, reason).await?;
    get_merge(tx, id).await
}

/// Gives everything back. What keeps the members together is noted, and nothing may be kept then.
async fn take_apart(
    tx: &Tx,
    app: &App,
    merge: &Merge,
    before: Before,
    actor: &str,
) -> Result<Move> {
    let rows = merge_store::rows_of(tx, merge.id).await?;
    let members = (merge.into, merge.from);
    let mut it = Move::back(merge.id, members, actor, merge.merged_at, rows);
    separate(tx, &mut it, before).await?;
    hand_over_parts(tx, app, &mut it).await?;
    Ok(it)
}

/// What undoing a merge would do, on the real path and without anything being kept.
///
/// # Errors
/// As [`undo_merge`], except for what was used since: that is a part of the answer.
pub async fn preview_undo(app: &App, id: MergeId) -> Result<UndoPreview> {
    let args = (app.clone(), id);
    let preview = app.db.dry_run(args, |tx, (app, id)| {
        Box::pin(async move {
            let (merge, before) = lock_undoable(tx, *id).await?;
            let (from, into) = (get(tx, merge.from).await?, get(tx, merge.into).await?);
            let tier_before = tiers::service::stored_name(tx, app, merge.into).await?;
            let it = take_apart(tx, app, &merge, before, "system").await?;
            Ok(UndoPreview {
                from,
                into,
                blocked_by: it.blocked().iter().copied().collect(),
                moves: it.done().0,
                tier_back: tiers::service::stored_name(tx, app, merge.from).await?,
                tier_before,
                tier_after: tiers::service::stored_name(tx, app, merge.into).await?,
            })
        })
    });
    preview.await
}

/// Gives each what it had, unless the one who went on was given something else meanwhile.
async fn separate(tx: &Tx, it: &mut Move, before: Before) -> Result<()> {
    let (ended, went_on) = (it.taker(), it.giver());
    let (mut one, mut two) = rows(tx, ended, went_on).await?;
    let now = Identity::of(&two)?;
    it.block_if(MergeBlock::Profile, !now.is_same(&before.after));
    let mut own = before.into;
    for channel in Channel::ALL {
        // What was said since stands.
        if now.consents.granted(channel) != before.after.consents.granted(channel) {
            let said = now.consents.granted(channel);
            own.consents = own.consents.with(channel, said);
        }
    }
    consents::note(tx, went_on, now.consents, own.consents, it.actor());
    if now.is_same(&before.after) {
        before.from.put(&mut one)?;
        own.put(&mut two)?;
    }
    MemberStatus::Active.to_db().clone_into(&mut one.status);
    one.merged_into = None;
    update(tx, two).await?;
    update(tx, one).await?;
    store::lead(tx, &merge_store::ended_in(tx, ended).await?, ended).await
}

fn to_merge(row: &Model) -> Result<Merge> {
    let merged_at = Timestamp::from_millis(row.at);
    // Nothing is known any more of members who were erased since.
    let before: Option<Before> = from_json(&row.identities).ok();
    let called = |it: &Identity| it.name.clone().or_else(|| it.external_id.clone());
    Ok(Merge {
        id: MergeId::from(row.id),
        from: row.from_id.into(),
        from_name: before.as_ref().and_then(|it| called(&it.from)),
        into: row.into_id.into(),
        into_name: before.as_ref().and_then(|it| called(&it.into)),
        moves: from_json(&row.moves)?,
        reason: row.reason.clone(),
        merged_by: row.actor.clone(),
        merged_at,
        undo_until: merged_at.plus_days(UNDO_DAYS),
        undone_at: row.undone_at.map(Timestamp::from_millis),
        undone_by: row.undone_by.clone(),
    })
}

/// One merge.
///
/// # Errors
/// `merges.not_found`.
pub async fn get_merge(db: &impl ConnectionTrait, id: MergeId) -> Result<Merge> {
    let row = merge_store::find(db, id).await?;
    to_merge(&row.ok_or(ErrorCode::MergeNotFound)?)
}

/// Merges, newest first; of one member, whichever side, when one is given.
///
/// # Errors
/// When the database fails.
pub async fn merges(
    app: &App,
    member: Option<MemberId>,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<Merge>> {
    let page = merge_store::list(app.db.read(), member, limit, cursor).await?;
    try_map(page, |it| to_merge(&it))
}

/// Members, and everyone who was ever merged with one of them, directly or by way of others, each
/// with one name for all of them together: rows of one may belong to what another owns.
///
/// # Errors
/// When the database fails.
pub async fn families(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<HashMap<MemberId, MemberId>> {
    let mut name: HashMap<MemberId, MemberId> = members.iter().map(|it| (*it, *it)).collect();
    let mut next = members.to_vec();
    while !next.is_empty() {
        let pairs = merge_store::pairs(db, &next).await?;
        next.clear();
        for (one, two) in pairs {
            for it in [one, two] {
                if name
                    .insert(it, name.get(&it).copied().unwrap_or(it))
                    .is_none()
                {
                    next.push(it);
                }
            }
            let (a, b) = (name[&one], name[&two]);
            let (first, other) = (a.min(b), a.max(b));
            name.values_mut()
                .filter(|it| **it == other)
                .for_each(|it| *it = first);
        }
    }
    Ok(name)
}

/// Takes both people's names out of the merges of an erased member; they cannot be undone then.
///
/// # Errors
/// When the database fails.
pub async fn forget_merges(tx: &Tx, member: MemberId) -> Result<()> {
    merge_store::forget(tx, member).await
}
