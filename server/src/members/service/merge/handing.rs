//! What a merge in progress gives features to hand over with.

use super::super::super::merge_store::Kept;
use crate::db::{Tx, rows};
use crate::error::Result;
use sea_orm::EntityTrait;
use sea_orm::entity::prelude::Uuid;
use shared::ids::{MemberId, MergeId};
use shared::members::api::{MergeBlock, MergeMoves, MovedKind, MovedPart};
use shared::points::Asset;
use shared::time::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// A merge in progress, or its undoing.
pub struct Move {
    id: MergeId,
    giver: MemberId,
    taker: MemberId,
    actor: String,
    merged_at: Timestamp,
    /// What an undoing brings back; `None` while merging.
    back: Option<HashMap<MovedKind, Vec<Kept>>>,
    moved: Vec<(MovedKind, Vec<Kept>)>,
    moves: MergeMoves,
    blocked: BTreeSet<MergeBlock>,
}

impl Move {
    /// A merge of the first into the second.
    pub(super) fn over(
        id: MergeId,
        (giver, taker): (MemberId, MemberId),
        actor: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            giver,
            taker,
            actor: actor.to_owned(),
            merged_at: now,
            back: None,
            moved: Vec::new(),
            moves: MergeMoves::default(),
            blocked: BTreeSet::new(),
        }
    }

    /// The undoing of a merge: `rows` go back from the first to the second.
    pub(super) fn back(
        id: MergeId,
        members: (MemberId, MemberId),
        actor: &str,
        merged_at: Timestamp,
        rows: HashMap<MovedKind, Vec<Kept>>,
    ) -> Self {
        Self {
            back: Some(rows),
            ..Self::over(id, members, actor, merged_at)
        }
    }

    /// What moved, in figures and row by row.
    pub(super) fn done(self) -> (MergeMoves, Vec<(MovedKind, Vec<Kept>)>) {
        (self.moves, self.moved)
    }

    /// Whose things go.
    #[must_use]
    pub const fn giver(&self) -> MemberId {
        self.giver
    }

    /// Whose they become.
    #[must_use]
    pub const fn taker(&self) -> MemberId {
        self.taker
    }

    /// Who does it.
    #[must_use]
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Whether two members are taken apart again.
    #[must_use]
    pub const fn is_undo(&self) -> bool {
        self.back.is_some()
    }

    /// When the two were made one.
    #[must_use]
    pub const fn merged_at(&self) -> Timestamp {
        self.merged_at
    }

    /// What rows call this as their source; another one for merging and for undoing.
    #[must_use]
    pub fn reference(&self) -> String {
        if self.is_undo() {
            format!("undo-{}", self.id)
        } else {
            self.id.to_string()
        }
    }

    /// What rows of the merge that is undone call their source.
    #[must_use]
    pub fn undone_reference(&self) -> Option<String> {
        self.is_undo().then(|| self.id.to_string())
    }

    /// The rows of a kind that an undoing brings back; `None` while merging.
    #[must_use]
    pub fn back_rows(&self, kind: MovedKind) -> Option<&[Kept]> {
        let back = self.back.as_ref()?;
        Some(back.get(&kind).map_or(&[], Vec::as_slice))
    }

    /// The ids of the rows of a kind that an undoing brings back; `None` while merging.
    #[must_use]
    pub fn back_ids(&self, kind: MovedKind) -> Option<Vec<Uuid>> {
        let rows = self.back_rows(kind)?;
        Some(rows.iter().filter_map(Kept::id).collect())
    }

    /// Hands all rows of a table over, or those back that came.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hand_over_all<E: EntityTrait>(
        &mut self,
        tx: &Tx,
        kind: MovedKind,
        (id, owner): (E::Column, E::Column),
    ) -> Result<Vec<Uuid>> {
        let ids = match self.back_ids(kind) {
            Some(ids) => ids,
            None => rows::ids_of::<E>(tx, id, (owner, self.giver.uuid())).await?,
        };
        self.hand_over::<E>(tx, kind, (id, owner), ids.clone())
            .await?;
        Ok(ids)
    }

    /// Hands some rows of a table over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hand_over<E: EntityTrait>(
        &mut self,
        tx: &Tx,
        kind: MovedKind,
        (id, owner): (E::Column, E::Column),
        ids: Vec<Uuid>,
    ) -> Result<()> {
        rows::give::<E>(tx, (id, &ids), (owner, self.taker.uuid())).await?;
        self.moved(kind, ids.into_iter().map(Kept::row).collect());
        Ok(())
    }

    /// Notes which rows of a kind went.
    pub fn moved(&mut self, kind: MovedKind, rows: Vec<Kept>) {
        if rows.is_empty() {
            return;
        }
        self.moves.parts.push(MovedPart {
            kind,
            count: rows.len() as u64,
        });
        self.moved.push((kind, rows));
    }

    /// Notes how many make-up cards went.
    pub fn moved_cards(&mut self, count: i32) {
        if count == 0 {
            return;
        }
        self.moves.parts.push(MovedPart {
            kind: MovedKind::Cards,
            count: u64::from(count.unsigned_abs()),
        });
        let row = Kept {
            key: count.to_string(),
            before: None,
        };
        self.moved.push((MovedKind::Cards, vec![row]));
    }

    /// Notes how much of an asset went.
    pub const fn moved_balance(&mut self, asset: Asset, available: i64, pending: i64) {
        let (to_available, to_pending) = match asset {
            Asset::Points => (&mut self.moves.points, &mut self.moves.points_pending),
            Asset::Credit => (&mut self.moves.credit, &mut self.moves.credit_pending),
        };
        *to_available = available;
        *to_pending = pending;
    }

    /// Notes how much growth value went.
    pub const fn moved_growth(&mut self, growth: i64) {
        self.moves.growth = growth;
    }

    /// Notes that something which would go back was used or changed since: the undoing is refused
    /// at its end.
    pub fn block_if(&mut self, what: MergeBlock, used: bool) {
        if used {
            self.blocked.insert(what);
        }
    }

    /// What keeps the two together.
    #[must_use]
    pub const fn blocked(&self) -> &BTreeSet<MergeBlock> {
        &self.blocked
    }
}

impl Kept {
    /// A row that is known by its id.
    #[must_use]
    pub fn row(id: Uuid) -> Self {
        Self {
            key: id.to_string(),
            before: None,
        }
    }

    /// The id that a row is known by.
    #[must_use]
    pub fn id(&self) -> Option<Uuid> {
        self.key.parse().ok()
    }
}
