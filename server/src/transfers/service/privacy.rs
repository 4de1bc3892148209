//! What files still hold of an erased member is taken out of them.

use super::super::file::{Body, Note};
use super::super::store::{self, export, piece};
use super::kinds::{Did, Effect};
use super::note_down;
use crate::db::Tx;
use crate::db::text::{DbText, from_json, to_json};
use crate::error::Result;
use crate::members::service::Erasure;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QuerySelect};
use shared::transfers::faults::Fault;
use shared::transfers::{ExportState, Stage};

/// Pieces that are looked through at once.
const STEP: u64 = 50;

/// Takes a member out of files: lines that wait to be taken are left out, what was kept for undoing
/// lines goes, and files that go out with the member in them are written again or deleted.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &Tx, erasure: &Erasure) -> Result<()> {
    let mut names = erasure.traces.clone();
    names.push(erasure.member.to_string());
    forget_exports(tx, &names).await?;
    let imports: Vec<Uuid> = store::with_pieces(tx).await?;
    let mut after = None;
    loop {
        let rows = store::filled_pieces(tx, &imports, after, STEP).await?;
        let Some(last) = rows.last() else { break };
        after = Some((last.owner_id, last.place));
        for row in rows {
            forget_piece(tx, row, erasure, &names).await?;
        }
    }
    Ok(())
}

async fn forget_piece(
    tx: &Tx,
    mut row: piece::Model,
    erasure: &Erasure,
    names: &[String],
) -> Result<()> {
    let mut changed = false;
    if let Some(text) = &row.body {
        let mut body: Body = from_json(text)?;
        let lines = body.leave_out(names);
        if !lines.is_empty() {
            changed = true;
            row.body = Some(to_json(&body)?);
            let notes: Vec<Note> = lines
                .into_iter()
                .map(|line| Note::of(line, None, Fault::Erased))
                .collect();
            if let Some(mut import) = store::lock_import(tx, row.owner_id).await? {
                import.refused += i64::try_from(notes.len()).unwrap_or(0);
                import.listed += note_down(tx, import.id, Stage::Import, import.listed, &notes)?;
                store::save_import(tx, &import).await?;
            }
        }
    }
    if let Some(text) = &row.effects {
        let mut done: Vec<Did> = from_json(text)?;
        let own = done.iter_mut().filter_map(|it| match &mut it.effect {
            Effect::Member(it) if it.member() == Some(erasure.member) => Some(it),
            _ => None,
        });
        let mut found = false;
        for it in own {
            it.forget();
            found = true;
        }
        if found {
            changed = true;
            row.effects = Some(to_json(&done)?);
        }
    }
    if changed {
        store::save_piece(tx, &row).await?;
    }
    Ok(())
}

/// Files with the member in them: one that is being written begins anew, and others are deleted.
async fn forget_exports(tx: &Tx, names: &[String]) -> Result<()> {
    let mut named = Condition::any();
    for name in names.iter().filter(|it| !it.is_empty()) {
        named = named.add(piece::Column::Body.contains(name.as_str()));
    }
    let all: Vec<Uuid> = export::Entity::find()
        .select_only()
        .column(export::Column::Id)
        .filter(
            export::Column::State
                .is_in([ExportState::Running, ExportState::Done].map(DbText::to_db)),
        )
        .into_tuple()
        .all(tx)
        .await?;
    let owners: Vec<Uuid> = piece::Entity::find()
        .select_only()
        .column(piece::Column::OwnerId)
        .distinct()
        .filter(piece::Column::OwnerId.is_in(all))
        .filter(named)
        .into_tuple()
        .all(tx)
        .await?;
    for id in owners {
        let Some(mut row) = store::lock_export(tx, id).await? else {
            continue;
        };
        store::drop_pieces(tx, &[id]).await?;
        if row.state == ExportState::Running.to_db() {
            (row.pieces, row.place) = (0, None);
            (row.members_done, row.lines, row.bytes) = (0, 0, 0);
        } else {
            ExportState::Expired.to_db().clone_into(&mut row.state);
        }
        store::save_export(tx, &row).await?;
    }
    Ok(())
}

impl Body {
    /// Leaves out the lines that name a person; answers which.
    fn leave_out(&mut self, names: &[String]) -> Vec<i64> {
        let mut left_out = Vec::new();
        match self {
            Self::Lines(lines) => lines.retain(|it| {
                let named = it.row.names(names);
                if named {
                    left_out.push(it.line);
                }
                !named
            }),
            Self::Orders { customers, .. } => customers.retain(|orders| {
                let customer = orders.first().map(|it| &*it.customer);
                let named = customer.is_some_and(|it| names.iter().any(|name| name == it));
                if named {
                    let lines = orders.iter().map(|it| i64::try_from(it.line).unwrap_or(0));
                    left_out.extend(lines);
                }
                !named
            }),
        }
        left_out
    }
}
