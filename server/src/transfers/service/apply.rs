//! Taking the lines of an import, a piece a write.

use super::super::file::{Body, Note};
use super::super::store::{self, import};
use super::kinds::{self, Did};
use super::{finish, note_down, turn_back};
use crate::App;
use crate::audit;
use crate::db::Tx;
use crate::db::text::{DbText, from_json, to_json};
use crate::error::{AppError, Result};
use crate::points;
use sea_orm::entity::prelude::*;
use shared::ids::ImportId;
use shared::transfers::{ImportState, Stage, TransferKind};

/// What a piece did, or would do.
#[derive(Default)]
pub(super) struct Outcome {
    pub added: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub refused: i64,
    pub notes: Vec<Note>,
    pub effects: Vec<Did>,
}

impl Outcome {
    /// Notes a line that was refused.
    pub fn refuse(&mut self, note: Note) {
        self.refused += 1;
        self.notes.push(note);
    }
}

/// Takes the next piece of an import. A trial, and the first pass of all or nothing, take it on the
/// real path and roll it back.
pub(super) async fn step(app: &App, seen: &import::Model) -> Result<()> {
    let (id, state) = (seen.id, ImportState::from_db(&seen.state)?);
    if !seen.dry_run && state == ImportState::Running {
        // What was due anyway is news, and told before the past comes in, of which nobody is told.
        points::service::advance_all_due(app).await?;
        let run = app.db.write((app.clone(), id), |tx, (app, id)| {
            Box::pin(take_and_record(tx, app, *id))
        });
        return run.await;
    }
    let args = (app.clone(), id, seen.next_piece);
    let tried = app.db.dry_run(args, |tx, (app, id, place)| {
        Box::pin(try_piece(tx, app, *id, *place))
    });
    let args = (id, seen.state.clone(), seen.next_piece, tried.await?);
    let record = app.db.write(args, |tx, (id, state, place, outcome)| {
        Box::pin(record_trial(tx, *id, (state, *place), outcome))
    });
    record.await
}

async fn take_and_record(tx: &Tx, app: &App, id: Uuid) -> Result<()> {
    let Some(mut row) = store::lock_import(tx, id).await? else {
        return Ok(());
    };
    // Another node may have been faster.
    if row.state != ImportState::Running.to_db() || row.dry_run {
        return Ok(());
    }
    let outcome = take_piece(tx, app, &row).await?;
    record(tx, &mut row, &outcome).await
}

async fn try_piece(tx: &Tx, app: &App, id: Uuid, place: i32) -> Result<Outcome> {
    match store::lock_import(tx, id).await? {
        Some(row) if row.next_piece == place => take_piece(tx, app, &row).await,
        _ => Ok(Outcome::default()),
    }
}

async fn record_trial(
    tx: &Tx,
    id: Uuid,
    (state, place): (&str, i32),
    outcome: &Outcome,
) -> Result<()> {
    match store::lock_import(tx, id).await? {
        Some(mut row) if row.next_piece == place && row.state == state => {
            record(tx, &mut row, outcome).await
        }
        _ => Ok(()),
    }
}

async fn take_piece(tx: &Tx, app: &App, row: &import::Model) -> Result<Outcome> {
    let piece = store::piece(tx, row.id, row.next_piece).await?;
    let body = piece.and_then(|it| it.body);
    let body = body.ok_or_else(|| AppError::internal("a piece of an import is gone"))?;
    let body: Body = from_json(&body)?;
    let (import, actor) = (ImportId::from(row.id), row.created_by.as_str());
    if TransferKind::from_db(&row.kind)? != TransferKind::Coupons {
        // What a file says of the past is no news; a coupon that is given now is.
        tx.write_history();
    }
    kinds::take(tx, app, body, (import, actor)).await
}

/// Keeps what a piece did together with what is needed to undo it and how far the import got.
async fn record(tx: &Tx, row: &mut import::Model, outcome: &Outcome) -> Result<()> {
    let piece = store::piece(tx, row.id, row.next_piece).await?;
    let mut piece = piece.ok_or_else(|| AppError::internal("a piece of an import is gone"))?;
    row.next_piece += 1;
    row.failures = 0;
    row.lines_done += piece.lines;
    row.added += outcome.added;
    row.changed += outcome.changed;
    row.unchanged += outcome.unchanged;
    row.refused += outcome.refused;
    row.listed += note_down(tx, row.id, Stage::Import, row.listed, &outcome.notes)?;
    if row.state == ImportState::Running.to_db() && !row.dry_run {
        piece.body = None;
        piece.effects = Some(to_json(&outcome.effects)?);
        store::save_piece(tx, &piece).await?;
    }
    let last = row.next_piece >= row.pieces;
    if row.state == ImportState::Checking.to_db() {
        return match (last, row.refused > 0) {
            (false, _) => store::save_import(tx, row).await,
            (true, true) => end(tx, row, ImportState::Refused).await,
            (true, false) => begin_anew(tx, row).await,
        };
    }
    if row.all_or_nothing && !row.dry_run && row.refused > 0 {
        // It was right when it was tried; something else has happened since.
        turn_back(row, "system");
        return store::save_import(tx, row).await;
    }
    if last {
        end(tx, row, ImportState::Done).await
    } else {
        store::save_import(tx, row).await
    }
}

/// All lines are right: now they are taken.
async fn begin_anew(tx: &Tx, row: &mut import::Model) -> Result<()> {
    ImportState::Running.to_db().clone_into(&mut row.state);
    (row.next_piece, row.lines_done) = (0, 0);
    (row.added, row.changed, row.unchanged) = (0, 0, 0);
    store::save_import(tx, row).await
}

async fn end(tx: &Tx, row: &mut import::Model, state: ImportState) -> Result<()> {
    row.lines_done = row.lines;
    finish(tx, row, state).await?;
    let detail = serde_json::json!({
        "kind": row.kind, "added": row.added, "changed": row.changed, "unchanged": row.unchanged,
        "refused": row.refused, "dry_run": row.dry_run,
    });
    let id = ImportId::from(row.id).to_string();
    audit::service::record(tx, &row.created_by, "import.finished", &id, &detail).await
}
