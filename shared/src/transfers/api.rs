//! Requests and answers about imports and exports.

use super::{ExportState, FileFormat, ImportState, Stage, TransferKind};
use crate::ids::{ExportId, ImportId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A file that came in, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Import {
    /// The import.
    pub id: ImportId,
    /// What the file is about.
    pub kind: TransferKind,
    /// How it is written.
    pub format: FileFormat,
    /// What the caller called the file.
    pub file_name: Option<String>,
    /// Whether nothing is kept: the file is only tried.
    pub dry_run: bool,
    /// Whether one wrong line refuses the whole file.
    pub all_or_nothing: bool,
    /// Where it stands.
    pub state: ImportState,
    /// Lines of the file; of orders, rows.
    pub lines: i64,
    /// Lines that were looked at; while it is undone, lines that were looked at again.
    pub lines_done: i64,
    /// Members, orders, points or coupons that it made.
    pub added: i64,
    /// Members that it changed.
    pub changed: i64,
    /// What was there already.
    pub unchanged: i64,
    /// What was refused; see its errors.
    pub refused: i64,
    /// What an undo took back.
    pub undone: i64,
    /// What an undo left as it is; see its errors of the stage `undo`.
    pub kept: i64,
    /// Who sent it, by id.
    pub created_by: String,
    /// What whoever sent it is called.
    pub created_by_name: Option<String>,
    /// When it came.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Until when it can be undone; absent when there is nothing to undo, or it is too late.
    pub undo_until: Option<Timestamp>,
}

/// What is to be said of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportError {
    /// When it was found.
    pub stage: Stage,
    /// The line of the file, counted from 1 with the first line.
    pub line: i64,
    /// The column, when one is to blame.
    pub column: Option<String>,
    /// A stable code.
    pub code: String,
    /// What is wrong and what to do, in the language of `Accept-Language`.
    pub message: String,
}

/// What to write into a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateExport {
    /// What it is about.
    pub kind: TransferKind,
    /// How it is written.
    #[serde(default)]
    pub format: FileFormat,
    /// Which rows; all when absent.
    #[serde(default)]
    pub filter: ExportFilter,
}

/// Which rows an export holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportFilter {
    /// Only of members who joined from this instant on.
    #[serde(default)]
    pub joined_from: Option<Timestamp>,
    /// Only of members who joined up to and with this instant.
    #[serde(default)]
    pub joined_to: Option<Timestamp>,
    /// Only of members of this tier, by its code.
    #[serde(default)]
    pub tier: Option<String>,
    /// Only of members whose name, phone, e-mail or external id has this part.
    #[serde(default)]
    pub q: Option<String>,
}

/// A file that goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Export {
    /// The export.
    pub id: ExportId,
    /// What it is about.
    pub kind: TransferKind,
    /// How it is written.
    pub format: FileFormat,
    /// Which rows it holds.
    pub filter: ExportFilter,
    /// Where it stands.
    pub state: ExportState,
    /// Members to look at.
    pub members: i64,
    /// Members that were looked at.
    pub members_done: i64,
    /// Lines of the file until now.
    pub lines: i64,
    /// Bytes of the file until now.
    pub bytes: i64,
    /// Who asked for it, by id.
    pub created_by: String,
    /// What whoever asked is called.
    pub created_by_name: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was written.
    pub finished_at: Option<Timestamp>,
    /// When the file is deleted.
    pub expires_at: Option<Timestamp>,
}
