//! Taking an import back, a piece a write, from the last one to the first.

use super::super::store;
use super::kinds::{self, Did};
use super::{finish, note_down};
use crate::App;
use crate::audit;
use crate::db::Tx;
use crate::db::text::{DbText, from_json};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use shared::ids::ImportId;
use shared::transfers::{ImportState, Stage, TransferKind};

/// Takes back the piece that was taken last and is not undone yet.
pub(super) async fn step(app: &App, id: Uuid) -> Result<()> {
    let run = app.db.write((app.clone(), id), |tx, (app, id)| {
        Box::pin(take_back(tx, app, *id))
    });
    run.await
}

async fn take_back(tx: &Tx, app: &App, id: Uuid) -> Result<()> {
    let Some(mut row) = store::lock_import(tx, id).await? else {
        return Ok(());
    };
    // Another node may have been faster.
    if row.state != ImportState::Undoing.to_db() {
        return Ok(());
    }
    if TransferKind::from_db(&row.kind)? == TransferKind::Members {
        // Nobody was told of them.
        tx.write_history();
    }
    let actor = row.undone_by.clone().unwrap_or_default();
    let import = ImportId::from(id);
    if let Some(mut piece) = store::piece(tx, id, row.next_piece).await? {
        let done: Vec<Did> = from_json(piece.effects.as_deref().unwrap_or("[]"))?;
        let undone = kinds::take_back(tx, app, done, (import, &actor)).await?;
        store::drop_marks(tx, id, &undone.free).await?;
        row.undone += undone.undone;
        row.kept += undone.kept;
        row.listed += note_down(tx, id, Stage::Undo, row.listed, &undone.notes)?;
        row.lines_done += piece.lines;
        piece.effects = None;
        store::save_piece(tx, &piece).await?;
    }
    row.next_piece -= 1;
    row.failures = 0;
    if row.next_piece >= 0 {
        return store::save_import(tx, &row).await;
    }
    row.lines_done = row.lines;
    finish(tx, &mut row, ImportState::Undone).await?;
    let detail = serde_json::json!({ "kind": row.kind, "undone": row.undone, "kept": row.kept });
    audit::service::record(tx, &actor, "import.undone", &import.to_string(), &detail).await
}
