//! Taking a file in: it is read while it arrives, its right lines are put away in pieces and its
//! wrong ones listed. The import is there once all of it is, in the write that answers the caller.

use super::super::file::{Body, Note, Part, Trouble, cut};
use super::super::store::{self, import, piece};
use super::views::get_in;
use super::{MAX_OPEN, note_down};
use crate::App;
use crate::audit;
use crate::db::Tx;
use crate::db::idempotency::{Intent, Reply};
use crate::db::text::{DbText, to_json};
use crate::error::{AppError, Result};
use bytes::{Buf, Bytes};
use futures::{Stream, StreamExt};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelTrait, PaginatorTrait};
use sha2::Digest;
use shared::ids::ImportId;
use shared::problem::ErrorCode;
use shared::transfers::rules::Facts;
use shared::transfers::{FileFormat, ImportState, MAX_FILE_NAME, MAX_LISTED, Stage, TransferKind};
use std::io::Read;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};

/// Parts of a file that are under way between reading and writing.
const UNDER_WAY: usize = 4;
/// Files that one server takes in at once: orders are put together in memory.
const MAX_UPLOADS: usize = 3;
/// Pieces of one write.
const PIECES_AT_ONCE: usize = 10;

/// A file that comes in.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// What it is about.
    pub kind: TransferKind,
    /// How it is written.
    pub format: FileFormat,
    /// What the caller calls it.
    pub file_name: Option<String>,
    /// Whether it is only tried.
    pub dry_run: bool,
    /// Whether one wrong line refuses all of it.
    pub all_or_nothing: bool,
    /// Who sends it.
    pub actor: String,
}

/// Places for files that are being taken in.
#[derive(Debug)]
pub struct Uploads(Semaphore);

impl Default for Uploads {
    fn default() -> Self {
        Self(Semaphore::new(MAX_UPLOADS))
    }
}

impl Uploads {
    /// Takes a place until it is dropped.
    ///
    /// # Errors
    /// `imports.too_many`.
    pub fn take_place(&self) -> Result<SemaphorePermit<'_>> {
        let place = self.0.try_acquire();
        Ok(place.map_err(|_| ErrorCode::ImportsBusy)?)
    }
}

/// Takes a file in and answers with the import, which scheduled work carries out. Sent again with
/// the same key, the file makes no second import.
///
/// # Errors
/// `request.invalid` for wrong columns or a file without lines, `imports.file_too_large`,
/// `imports.too_many`, and what an idempotency key refuses.
pub async fn receive(
    app: &App,
    incoming: Incoming,
    mut intent: Intent,
    body: impl Stream<Item = Result<Bytes>> + Send,
) -> Result<Reply> {
    check(app, &incoming).await?;
    let _place = app.uploads.take_place()?;
    let id = ImportId::generate(&mut app.db.ids());
    let outcome = take_in(app, &incoming, id, body).await;
    let outcome = match outcome {
        Ok((put_away, hash)) => {
            let asked = format!("{incoming:?}\n{hash}");
            intent.request_hash = crate::ids::hash_secret(&asked);
            let run = (app.clone(), incoming, id, put_away);
            let begun = app
                .db
                .write_once(intent, run, |tx, (app, incoming, id, put_away)| {
                    Box::pin(
                        async move { Ok((202, begin(tx, app, incoming, *id, put_away).await?)) },
                    )
                });
            begun.await
        }
        Err(error) => Err(error),
    };
    let kept = outcome.as_ref().is_ok_and(|it| !it.replayed);
    if !kept {
        let drop = app.db.write(id.uuid(), |tx, id| {
            Box::pin(async move {
                store::sweep(tx, &[*id], 0).await?;
                store::drop_errors(tx, &[*id]).await
            })
        });
        drop.await?;
    }
    outcome
}

async fn check(app: &App, incoming: &Incoming) -> Result<()> {
    let long = |it: &String| {
        it.chars().take(MAX_FILE_NAME + 1).count() > MAX_FILE_NAME
            || it.chars().any(char::is_control)
    };
    if incoming.file_name.as_ref().is_some_and(long) {
        let message = "expected at most 120 visible characters";
        return Err(AppError::invalid_field("file_name", "too_long", message));
    }
    refuse_many(app.db.read()).await
}

async fn refuse_many(db: &impl ConnectionTrait) -> Result<()> {
    let open = [
        ImportState::Checking,
        ImportState::Running,
        ImportState::Undoing,
    ];
    let waiting = import::Entity::find()
        .filter(import::Column::State.is_in(open.map(DbText::to_db)))
        .count(db)
        .await?;
    if waiting >= MAX_OPEN {
        Err(ErrorCode::ImportsBusy.into())
    } else {
        Ok(())
    }
}

/// What has been put away of a file.
struct PutAway {
    pieces: i32,
    lines: i64,
    wrong: i64,
    listed: i64,
}

/// Bytes as they arrive, for a reader that waits for them on a thread of its own.
struct Arriving {
    chunks: mpsc::Receiver<Bytes>,
    rest: Bytes,
}

impl Read for Arriving {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.rest.is_empty() {
            match self.chunks.blocking_recv() {
                Some(chunk) => self.rest = chunk,
                None => return Ok(0),
            }
        }
        let count = into.len().min(self.rest.len());
        self.rest.copy_to_slice(&mut into[..count]);
        Ok(count)
    }
}

/// Reads a file while it arrives and puts it away. Answers what there is, and the file's hash.
async fn take_in(
    app: &App,
    incoming: &Incoming,
    id: ImportId,
    body: impl Stream<Item = Result<Bytes>> + Send,
) -> Result<(PutAway, String)> {
    let (to_reader, chunks) = mpsc::channel(UNDER_WAY);
    let (to_writer, parts) = mpsc::channel(UNDER_WAY);
    let (of, app_of) = ((incoming.kind, incoming.format), app.clone());
    let reading = tokio::task::spawn_blocking(move || {
        let rulebook = app_of.rulebook();
        let facts = Facts {
            country: &app_of.config.phone_country_code,
            zone: &rulebook.zone,
            now: app_of.db.now(),
        };
        let arriving = Arriving {
            chunks,
            rest: Bytes::new(),
        };
        cut(arriving, of, facts, |part| {
            to_writer.blocking_send(part).is_ok()
        })
    });
    let (hash, put_away, lines) = futures::join!(
        pass_on(app, body, to_reader),
        put_away(app, id, parts),
        reading
    );
    // What the sender did wrong comes first: the reader has seen only a part of the file then.
    let hash = hash?;
    let mut put_away = put_away?;
    put_away.lines = lines.map_err(AppError::internal)?.map_err(|it| match it {
        Trouble::Columns(errors) => AppError::invalid(errors),
        Trouble::BrokenOff => AppError::internal("a file could not be read to its end"),
    })?;
    if put_away.lines == 0 {
        return Err(AppError::invalid_field(
            "",
            "required",
            "the file has no lines",
        ));
    }
    Ok((put_away, hash))
}

/// Passes on what arrives; answers the hash of all of it. A reader that has seen enough is left
/// alone, and the rest still taken, so that the sender hears the answer.
async fn pass_on(
    app: &App,
    body: impl Stream<Item = Result<Bytes>> + Send,
    to: mpsc::Sender<Bytes>,
) -> Result<String> {
    let most = app.config.import_max_bytes;
    let mut hash = sha2::Sha256::new();
    let mut bytes = 0;
    let mut body = std::pin::pin!(body);
    while let Some(chunk) = body.next().await {
        let chunk = chunk?;
        bytes += chunk.len() as u64;
        if bytes > most {
            let detail = format!("at most {} MiB", most / 1024 / 1024);
            return Err(AppError::refused(ErrorCode::ImportFileTooLarge, detail));
        }
        hash.update(&chunk);
        // A reader that has ended says why itself.
        let _ = to.send(chunk).await;
    }
    Ok(crate::ids::hex(&hash.finalize()))
}

/// Writes pieces and wrong lines down as they come.
async fn put_away(app: &App, id: ImportId, mut parts: mpsc::Receiver<Part>) -> Result<PutAway> {
    let mut sum = PutAway {
        pieces: 0,
        lines: 0,
        wrong: 0,
        listed: 0,
    };
    let mut ready = Vec::with_capacity(PIECES_AT_ONCE);
    while parts.recv_many(&mut ready, PIECES_AT_ONCE).await > 0 {
        let (mut pieces, mut notes): (Vec<(i32, String, i64)>, Vec<Note>) =
            (Vec::new(), Vec::new());
        for part in ready.drain(..) {
            match part {
                Part::Piece(body, lines) => {
                    pieces.push((sum.pieces, to_json(&body)?, lines));
                    sum.pieces += 1;
                }
                Part::Unlisted(more) => sum.wrong += more,
                Part::Wrong(lines) => {
                    sum.wrong += i64::try_from(lines.len()).unwrap_or(0);
                    notes.extend(lines.into_iter().flatten());
                }
            }
        }
        let run = (id.uuid(), pieces, notes, sum.listed);
        let write = app.db.write(run, |tx, (id, pieces, notes, listed)| {
            Box::pin(write_down(tx, *id, pieces, notes, *listed))
        });
        sum.listed = (sum.listed + write.await?).min(MAX_LISTED);
    }
    Ok(sum)
}

async fn write_down(
    tx: &Tx,
    owner: Uuid,
    pieces: &[(i32, String, i64)],
    notes: &[Note],
    listed: i64,
) -> Result<i64> {
    for (place, body, lines) in pieces {
        let row = piece::Model {
            owner_id: owner,
            place: *place,
            created_at: tx.now().as_millis(),
            lines: *lines,
            body: Some(body.clone()),
            effects: None,
        };
        let row = piece::ActiveModel::from(row).reset_all();
        piece::Entity::insert(row)
            .exec_without_returning(tx)
            .await?;
    }
    note_down(tx, owner, Stage::Import, listed, notes)
}

/// Makes the import of what was put away.
async fn begin(
    tx: &Tx,
    app: &App,
    incoming: &Incoming,
    id: ImportId,
    put_away: &PutAway,
) -> Result<shared::transfers::api::Import> {
    refuse_many(tx).await?;
    if incoming.kind == TransferKind::Orders {
        refuse_currency(tx, app, id).await?;
    }
    let wrong = put_away.wrong > 0 && incoming.all_or_nothing && !incoming.dry_run;
    let over = put_away.pieces == 0 || wrong;
    let state = match (over, incoming.all_or_nothing && !incoming.dry_run) {
        (true, true) if wrong => ImportState::Refused,
        (true, _) => ImportState::Done,
        (false, true) => ImportState::Checking,
        (false, false) => ImportState::Running,
    };
    let row = import::Model {
        id: id.uuid(),
        kind: incoming.kind.to_db().to_owned(),
        format: incoming.format.to_db().to_owned(),
        file_name: incoming.file_name.clone(),
        dry_run: incoming.dry_run,
        all_or_nothing: incoming.all_or_nothing,
        state: state.to_db().to_owned(),
        pieces: put_away.pieces,
        next_piece: 0,
        failures: 0,
        lines: put_away.lines,
        lines_done: if over { put_away.lines } else { put_away.wrong },
        listed: put_away.listed,
        added: 0,
        changed: 0,
        unchanged: 0,
        refused: put_away.wrong,
        undone: 0,
        kept: 0,
        created_by: incoming.actor.clone(),
        undone_by: None,
        created_at: tx.now().as_millis(),
        finished_at: over.then(|| tx.now().as_millis()),
        undone_at: None,
    };
    let active = import::ActiveModel::from(row).reset_all();
    import::Entity::insert(active)
        .exec_without_returning(tx)
        .await?;
    if over {
        store::sweep(tx, &[id.uuid()], 0).await?;
    }
    let detail = serde_json::json!({ "kind": incoming.kind, "lines": put_away.lines, "dry_run": incoming.dry_run });
    audit::service::record(
        tx,
        &incoming.actor,
        "import.begun",
        &id.to_string(),
        &detail,
    )
    .await?;
    get_in(tx, id).await
}

/// Orders come in the programme's currency.
async fn refuse_currency(tx: &Tx, app: &App, id: ImportId) -> Result<()> {
    let Some(first) = store::piece(tx, id.uuid(), 0).await? else {
        return Ok(());
    };
    let body: Body = crate::db::text::from_json(first.body.as_deref().unwrap_or("null"))?;
    let Body::Orders { currency, .. } = body else {
        return Ok(());
    };
    let expected = app.rulebook().programme.currency;
    if currency == expected {
        return Ok(());
    }
    let message = format!("the file is in {currency}, but the programme is in {expected}");
    Err(AppError::invalid_field("currency", "invalid", &message))
}
