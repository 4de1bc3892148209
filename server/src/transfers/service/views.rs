//! What callers see of imports.

use super::super::store::{error, import};
use crate::App;
use crate::db::text::{DbText, from_json};
use crate::db::{Cursor, Direction, Listing, try_map};
use crate::error::Result;
use futures::Stream;
use sea_orm::entity::prelude::*;
use shared::ids::ImportId;
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::text::{Locale, Text};
use shared::time::Timestamp;
use shared::transfers::api::{Import, ImportError};
use shared::transfers::rules::undo_until;
use shared::transfers::{FileFormat, ImportState, Stage, TransferKind};

/// Errors of one step of an export.
const STEP: u64 = 500;

/// An import, without the name of whoever sent it.
///
/// # Errors
/// `imports.not_found`.
pub async fn get(app: &App, id: ImportId) -> Result<Import> {
    get_in(app.db.read(), id)
        .await
        .map(|it| still(it, app.db.now()))
}

/// As [`get`], in the middle of a write.
pub(super) async fn get_in(db: &impl ConnectionTrait, id: ImportId) -> Result<Import> {
    let row = import::Entity::find_by_id(id.uuid()).one(db).await?;
    view(row.ok_or(ErrorCode::ImportNotFound)?)
}

/// What can be undone only while there is time.
fn still(mut it: Import, now: Timestamp) -> Import {
    it.undo_until = it.undo_until.filter(|until| *until >= now);
    it
}

/// Imports, newest first, without names.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, limit: u64, cursor: Option<Cursor>) -> Result<Page<Import>> {
    use import::Column;
    let list = Listing::newest_first(Column::CreatedAt, Column::Id, limit, cursor);
    let place = |it: &import::Model| Cursor {
        key: it.created_at,
        id: it.id,
    };
    let page = list
        .read(app.db.read(), import::Entity::find(), place)
        .await?;
    try_map(page, |it| Ok(still(view(it)?, app.db.now())))
}

fn view(row: import::Model) -> Result<Import> {
    let state = ImportState::from_db(&row.state)?;
    let finished_at = row.finished_at.map(Timestamp::from_millis);
    let undo_until = undo_until(state, row.has_effects(), finished_at);
    Ok(Import {
        id: row.id.into(),
        kind: TransferKind::from_db(&row.kind)?,
        format: FileFormat::from_db(&row.format)?,
        file_name: row.file_name,
        dry_run: row.dry_run,
        all_or_nothing: row.all_or_nothing,
        state,
        lines: row.lines,
        lines_done: row.lines_done,
        added: row.added,
        changed: row.changed,
        unchanged: row.unchanged,
        refused: row.refused,
        undone: row.undone,
        kept: row.kept,
        created_by: row.created_by,
        created_by_name: None,
        created_at: Timestamp::from_millis(row.created_at),
        finished_at,
        undo_until,
    })
}

/// What is to be said of the lines of an import, in their order.
///
/// # Errors
/// `imports.not_found`.
pub async fn errors(
    app: &App,
    id: ImportId,
    (stage, locale): (Stage, Locale),
    (limit, cursor): (u64, Option<Cursor>),
) -> Result<Page<ImportError>> {
    use error::Column;
    get(app, id).await?;
    let query = error::Entity::find()
        .filter(Column::ImportId.eq(id.uuid()))
        .filter(Column::Stage.eq(stage.to_db()));
    let keys = (Column::Line.into_expr(), Column::Id.into_expr());
    let list = Listing::new(keys, Direction::Up, limit, cursor);
    let place = |it: &error::Model| Cursor {
        key: it.line,
        id: it.id,
    };
    let page = list.read(app.db.read(), query, place).await?;
    try_map(page, |it| {
        let message: Text = from_json(&it.message)?;
        Ok(ImportError {
            stage,
            line: it.line,
            column: it.column_name,
            code: it.code,
            message: message.get(locale).to_owned(),
        })
    })
}

/// All that is to be said of the lines of an import, some at a time.
pub fn all_errors(
    app: App,
    id: ImportId,
    of: (Stage, Locale),
) -> impl Stream<Item = Result<Vec<ImportError>>> {
    crate::db::pages(move |cursor| {
        let app = app.clone();
        async move { errors(&app, id, of, (STEP, cursor)).await }
    })
}
