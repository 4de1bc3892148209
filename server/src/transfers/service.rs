//! Use cases of imports and exports.

mod apply;
mod exports;
mod kinds;
mod privacy;
mod receive;
mod undo;
mod views;

pub use exports::{ask, count, export, exports, fetched, file_part};
pub use privacy::forget;
pub use receive::{Incoming, Uploads, receive};
pub use views::{all_errors, errors, get, list};

use super::file::{Body, Note, head, line, template};
use super::store::{self, error, import};
use crate::App;
use crate::audit;
use crate::db::Tx;
use crate::db::text::{DbText, from_json, to_json};
use crate::error::{AppError, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder};
use shared::ids::{ExportId, ImportErrorId, ImportId};
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use shared::transfers::api::Import;
use shared::transfers::faults::Fault;
use shared::transfers::rules::{can_cancel, can_undo};
use shared::transfers::{
    EXPORT_DAYS, ExportState, FileFormat, ImportState, MAX_LISTED, Stage, TransferKind, UNDO_DAYS,
};

/// Most imports that wait at once, and most exports.
const MAX_OPEN: u64 = 20;
/// How often in a row a piece may fail before the work is given up.
const FAILURES: i32 = 20;
/// Pieces that are removed in one write.
const SWEPT: u64 = 50;
/// How long pieces may lie around that belong to nothing yet, in milliseconds.
const STRAY_MS: i64 = 3_600_000;

/// A file of a kind with one line as an example.
///
/// # Errors
/// Never for the columns that there are.
pub fn template_file(kind: TransferKind, format: FileFormat) -> Result<String> {
    template(kind, format)
}

/// Stops an import; what was taken stays, and can be undone.
///
/// # Errors
/// `imports.not_found`, `imports.ended`.
pub async fn cancel(tx: &Tx, id: ImportId, actor: &str) -> Result<Import> {
    let mut row = locked(tx, id).await?;
    can_cancel(ImportState::from_db(&row.state)?)?;
    finish(tx, &mut row, ImportState::Cancelled).await?;
    let detail = serde_json::json!({ "lines_done": row.lines_done });
    audit::service::record(tx, actor, "import.cancelled", &id.to_string(), &detail).await?;
    views::get_in(tx, id).await
}

/// Begins to take back what an import did.
///
/// # Errors
/// `imports.not_found`, `imports.not_undoable`, `imports.too_late`.
pub async fn begin_undo(tx: &Tx, id: ImportId, actor: &str) -> Result<Import> {
    let mut row = locked(tx, id).await?;
    let finished = row.finished_at.map(Timestamp::from_millis);
    let state = ImportState::from_db(&row.state)?;
    can_undo(state, row.has_effects(), finished, tx.now())?;
    turn_back(&mut row, actor);
    store::save_import(tx, &row).await?;
    let detail = serde_json::json!({ "kind": row.kind });
    audit::service::record(tx, actor, "import.undo_begun", &id.to_string(), &detail).await?;
    views::get_in(tx, id).await
}

/// Lets an import go backwards from the last piece that was taken.
fn turn_back(row: &mut import::Model, actor: &str) {
    ImportState::Undoing.to_db().clone_into(&mut row.state);
    row.next_piece -= 1;
    row.lines_done = 0;
    // What cannot be undone is listed however many lines were wrong.
    row.listed = 0;
    row.failures = 0;
    row.undone_by = Some(actor.to_owned());
}

async fn locked(tx: &Tx, id: ImportId) -> Result<import::Model> {
    let row = store::lock_import(tx, id.uuid()).await?;
    row.ok_or_else(|| ErrorCode::ImportNotFound.into())
}

/// Ends an import. Lines that were not taken are dropped by and by, and all of them when none is
/// kept.
async fn finish(tx: &Tx, row: &mut import::Model, state: ImportState) -> Result<()> {
    let was = ImportState::from_db(&row.state)?;
    let nothing = row.dry_run || was == ImportState::Checking;
    if was == ImportState::Checking {
        // What was counted would have been done.
        (row.added, row.changed, row.unchanged) = (0, 0, 0);
    }
    state.to_db().clone_into(&mut row.state);
    row.failures = 0;
    if state == ImportState::Undone {
        row.undone_at = Some(tx.now().as_millis());
    } else if row.finished_at.is_none() {
        row.finished_at = Some(tx.now().as_millis());
    }
    store::save_import(tx, row).await?;
    if nothing || state == ImportState::Undone {
        store::sweep(tx, &[row.id], 0).await
    } else if row.next_piece < row.pieces {
        store::sweep(tx, &[row.id], row.next_piece).await
    } else {
        Ok(())
    }
}

/// Lists what is to be said of lines, until there are too many; answers how many are listed.
fn note_down(tx: &Tx, import: Uuid, stage: Stage, listed: i64, notes: &[Note]) -> Result<i64> {
    let free = usize::try_from((MAX_LISTED - listed).max(0)).unwrap_or(0);
    let mut rows = Vec::new();
    for it in notes.iter().take(free) {
        rows.push(error::ActiveModel {
            id: Set(ImportErrorId::generate(&mut tx.ids()).uuid()),
            import_id: Set(import),
            stage: Set(stage.to_db().to_owned()),
            line: Set(it.line),
            column_name: Set(it.column.map(str::to_owned)),
            code: Set(it.code.to_owned()),
            message: Set(to_json(&it.message)?),
            created_at: Set(tx.now().as_millis()),
        });
    }
    let count = i64::try_from(rows.len()).unwrap_or(0);
    tx.add(rows);
    Ok(count)
}

/// Removes some pieces that nobody needs, and does one piece of the import that has waited longest
/// and one of such an export. Answers whether anything may be left to do. What fails again and again
/// is given up, so that it holds up nothing else; what it did until then stays, and can be undone.
///
/// # Errors
/// When the database fails.
pub async fn work(app: &App) -> Result<bool> {
    let is_littered = store::is_littered(app.db.read()).await?;
    if is_littered {
        let sweep = app
            .db
            .write((), |tx, ()| Box::pin(store::sweep_some(tx, SWEPT)));
        sweep.await?;
    }
    let (import, export) = (work_import(app).await?, exports::work(app).await?);
    Ok(is_littered || import || export)
}

/// Does one piece of the import that has waited longest.
async fn work_import(app: &App) -> Result<bool> {
    let open = [
        ImportState::Checking,
        ImportState::Running,
        ImportState::Undoing,
    ];
    let next = import::Entity::find()
        .filter(import::Column::State.is_in(open.map(DbText::to_db)))
        .order_by_asc(import::Column::CreatedAt)
        .one(app.db.read())
        .await?;
    let Some(row) = next else { return Ok(false) };
    let step = match ImportState::from_db(&row.state)? {
        ImportState::Undoing => undo::step(app, row.id).await,
        _ => apply::step(app, &row).await,
    };
    let Err(error) = step else { return Ok(true) };
    tracing::error!(%error, import = %ImportId::from(row.id), "a piece of an import failed");
    let failed = app
        .db
        .write(row.id, |tx, id| Box::pin(count_failure(tx, *id)));
    failed.await?;
    Ok(false)
}

async fn count_failure(tx: &Tx, id: Uuid) -> Result<()> {
    let Some(mut row) = store::lock_import(tx, id).await? else {
        return Ok(());
    };
    if !ImportState::from_db(&row.state)?.is_open() {
        return Ok(());
    }
    row.failures += 1;
    if row.failures < FAILURES {
        return store::save_import(tx, &row).await;
    }
    if row.state == ImportState::Undoing.to_db() {
        // What was undone stays so, and the rest can be tried again.
        row.next_piece += 1;
    } else {
        let piece = store::piece(tx, row.id, row.next_piece).await?;
        let body: Option<Body> = piece
            .and_then(|it| it.body)
            .and_then(|it| from_json(&it).ok());
        let line = body.and_then(|it| it.first_line()).unwrap_or_default();
        let why = Note::of(line, None, Fault::Failed);
        row.listed += note_down(tx, row.id, Stage::Import, row.listed, &[why])?;
    }
    finish(tx, &mut row, ImportState::Failed).await?;
    let detail = serde_json::json!({ "lines_done": row.lines_done });
    let id = ImportId::from(row.id).to_string();
    audit::service::record(tx, "system", "import.failed", &id, &detail).await
}

/// Lets go of what was kept for undoing imports and of what is said of their lines once it is too
/// late, of files that went out long enough ago, and of parts of files whose sender went away.
///
/// # Errors
/// When the database fails.
pub async fn purge(tx: &Tx) -> Result<()> {
    let before = tx.now().plus_days(-UNDO_DAYS).as_millis();
    let over = store::imports_over(tx, before).await?;
    store::sweep(tx, &over, 0).await?;
    let over = store::errors_over(tx, before).await?;
    store::drop_errors(tx, &over).await?;
    for mut row in store::exports_over(tx, tx.now().plus_days(-EXPORT_DAYS).as_millis()).await? {
        ExportState::Expired.to_db().clone_into(&mut row.state);
        row.place = None;
        store::save_export(tx, &row).await?;
        store::sweep(tx, &[row.id], 0).await?;
    }
    let strays = store::strays(tx, tx.now().plus_millis(-STRAY_MS).as_millis()).await?;
    store::sweep(tx, &strays, 0).await?;
    store::drop_errors(tx, &strays).await
}

/// Text of the first line and of the lines after it.
fn written(
    kind: TransferKind,
    format: FileFormat,
    first: bool,
    rows: &[Vec<Option<String>>],
) -> Result<String> {
    let mut text = if first {
        head(kind, format)?
    } else {
        String::new()
    };
    for cells in rows {
        text.push_str(&line(kind, format, cells)?);
    }
    Ok(text)
}

fn absent(id: ExportId) -> AppError {
    AppError::refused(ErrorCode::ExportNotFound, id.to_string())
}
