//! What files still hold of an erased member is taken out of them.

use super::super::file::{Body, Note, names_one};
use super::super::store::{self, export, piece};
use super::kinds::{Did, Effect};
use super::note_down;
use crate::db::Tx;
use crate::db::text::{DbText, from_json, to_json};
use crate::error::Result;
use crate::members::service::{self as members, Erasure};
use shared::members::rules::redact;
use shared::transfers::api::ExportFilter;
use shared::transfers::faults::Fault;
use shared::transfers::{ExportState, FileFormat, Stage, TransferKind};
use std::collections::{BTreeSet, HashSet};

/// Takes a member out of files: lines that wait to be taken or are still being sent are left out,
/// what was kept for undoing lines goes, files that go out with the member in them are written again
/// or deleted, and what files are called and were searched for names nobody any more.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &Tx, erasure: &Erasure) -> Result<()> {
    // Whoever was merged into the member is erased alike, under names of its own.
    let mut names = members::contacts_of(tx, erasure.member).await?;
    names.push(erasure.member.to_string());
    let mut rewritten = HashSet::new();
    for (owner, place) in store::naming(tx, &as_written(&names)?).await? {
        if rewritten.contains(&owner) {
            continue;
        }
        let Some(piece) = store::piece(tx, owner, place).await? else {
            continue;
        };
        match store::lock_export(tx, owner).await? {
            None => forget_piece(tx, piece, erasure, &names).await?,
            Some(export) => {
                let kind = TransferKind::from_db(&export.kind)?;
                let format = FileFormat::from_db(&export.format)?;
                let text = piece.body.unwrap_or_default();
                if names_one(&text, (kind, format), &names) {
                    rewrite(tx, export).await?;
                    rewritten.insert(owner);
                }
            }
        }
    }
    forget_labels(tx, erasure).await
}

/// How texts stand in files of both kinds and in what is kept of them.
fn as_written(texts: &[String]) -> Result<Vec<String>> {
    let mut written = BTreeSet::new();
    for text in texts.iter().filter(|it| !it.is_empty()) {
        let json = serde_json::to_string(text)?;
        written.insert(json[1..json.len() - 1].to_owned());
        written.insert(text.replace('"', "\"\""));
    }
    Ok(written.into_iter().collect())
}

/// Takes what names a person out of the names of files and of what exports searched for. An export
/// that is still searching for the person ends.
async fn forget_labels(tx: &Tx, erasure: &Erasure) -> Result<()> {
    let traces = &erasure.traces;
    if traces.is_empty() {
        return Ok(());
    }
    for mut row in store::labelled(tx, traces).await? {
        let name = row.file_name.as_deref().and_then(|it| redact(it, traces));
        if name.is_some() {
            row.file_name = name;
            store::save_import(tx, &row).await?;
        }
    }
    for mut row in store::searched(tx).await? {
        let mut filter: ExportFilter = from_json(&row.filter)?;
        if !filter.q.as_deref().is_some_and(|it| means(it, traces)) {
            continue;
        }
        filter.q = Some("…".to_owned());
        row.filter = to_json(&filter)?;
        if row.state == ExportState::Running.to_db() {
            ExportState::Expired.to_db().clone_into(&mut row.state);
            store::drop_pieces(tx, row.id).await?;
        }
        store::save_export(tx, &row).await?;
    }
    Ok(())
}

/// Whether what was searched for is a person, or a good part of what names the person.
fn means(q: &str, traces: &[String]) -> bool {
    let q = q.trim().to_lowercase();
    let part = |it: &String| it.chars().count() > 1 && (it.contains(&q) || q.contains(it));
    q.chars().count() > 1
        && traces
            .iter()
            .map(|it| it.to_lowercase())
            .any(|it| part(&it))
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
            Effect::Member(it) if it.is_about(erasure.member, names) => Some(it),
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

/// Deletes a file with an erased person in it; one that is still being written begins anew.
async fn rewrite(tx: &Tx, mut row: export::Model) -> Result<()> {
    store::drop_pieces(tx, row.id).await?;
    if row.state == ExportState::Running.to_db() {
        (row.pieces, row.place) = (0, None);
        (row.members_done, row.lines, row.bytes) = (0, 0, 0);
    } else {
        ExportState::Expired.to_db().clone_into(&mut row.state);
    }
    store::save_export(tx, &row).await
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
