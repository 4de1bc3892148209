//! Everything about a member as one JSON document, written while it is read: however much there
//! is, little of it is in memory at once.

use super::super::consent_store;
use super::super::parts::PARTS;
use super::get;
use crate::App;
use crate::audit;
use crate::db::Cursor;
use crate::error::{AppError, Result};
use futures::SinkExt;
use futures::channel::mpsc::{Receiver, Sender, channel};
use futures::future::BoxFuture;
use serde::Serialize;
use shared::ids::MemberId;
use shared::page::Page;
use shared::time::Timestamp;

/// Rows that are read at once.
const STEP: u64 = 100;
/// Bytes that are sent at once.
const CHUNK: usize = 32 * 1024;
/// Chunks that wait for a slow reader.
const WAITING: usize = 2;

/// Writes the document. What it is given goes on as soon as there is enough of it.
pub struct ExportWriter {
    to: Sender<Result<Vec<u8>>>,
    buffer: Vec<u8>,
    begun: bool,
}

impl ExportWriter {
    async fn send(&mut self, least: usize) -> Result<()> {
        if self.buffer.len() > least {
            let chunk = std::mem::take(&mut self.buffer);
            self.to
                .send(Ok(chunk))
                .await
                .map_err(|_| AppError::internal("nobody reads the export any more"))?;
        }
        Ok(())
    }

    fn name(&mut self, name: &str) -> Result<()> {
        self.buffer.push(if self.begun { b',' } else { b'{' });
        self.begun = true;
        serde_json::to_writer(&mut self.buffer, name)?;
        self.buffer.push(b':');
        Ok(())
    }

    /// Writes one value under a name.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub async fn value(&mut self, name: &str, value: &impl Serialize) -> Result<()> {
        self.name(name)?;
        serde_json::to_writer(&mut self.buffer, value)?;
        self.send(CHUNK).await
    }

    /// Writes a list under a name, a page of it after another.
    ///
    /// # Errors
    /// When a page cannot be read, or nobody reads any more.
    pub async fn pages<'a, T: Serialize>(
        &mut self,
        name: &str,
        mut load: impl FnMut(u64, Option<Cursor>) -> BoxFuture<'a, Result<Page<T>>>,
    ) -> Result<()> {
        self.name(name)?;
        self.buffer.push(b'[');
        let (mut cursor, mut first) = (None, true);
        loop {
            let page = load(STEP, cursor).await?;
            for row in page.data {
                if !std::mem::take(&mut first) {
                    self.buffer.push(b',');
                }
                serde_json::to_writer(&mut self.buffer, &row)?;
            }
            self.send(CHUNK).await?;
            let Some(next) = page.next_cursor else { break };
            cursor = Some(Cursor::decode(&next)?);
        }
        self.buffer.push(b']');
        Ok(())
    }
}

/// Begins an export; its chunks come as they are read. A failure on the way is the last chunk.
///
/// # Errors
/// `members.not_found`.
pub async fn export_all(
    app: &App,
    member: MemberId,
    actor: String,
) -> Result<Receiver<Result<Vec<u8>>>> {
    get(app.db.read(), member).await?;
    app.db
        .write((member, actor), |tx, (member, actor)| {
            Box::pin(async move {
                let detail = serde_json::json!({});
                audit::service::record(tx, actor, "member.exported", &member.to_string(), &detail)
                    .await
            })
        })
        .await?;
    let (to, chunks) = channel(WAITING);
    let app = app.clone();
    tokio::spawn(async move {
        let mut writer = ExportWriter {
            to,
            buffer: Vec::new(),
            begun: false,
        };
        if let Err(error) = write(&app, member, &mut writer).await {
            tracing::warn!(%error, %member, "an export was not finished");
            // Whoever reads has to see that it is not whole; nobody may be there any more.
            let _ = writer.to.send(Err(error)).await;
        }
    });
    Ok(chunks)
}

async fn write(app: &App, member: MemberId, to: &mut ExportWriter) -> Result<()> {
    to.value("exported_at", &app.db.now()).await?;
    for part in PARTS {
        if let Some(export) = part.export {
            export(app, member, to).await?;
        }
    }
    to.buffer.push(b'}');
    to.send(0).await
}

/// The member's record, for an export.
///
/// # Errors
/// When nobody reads any more.
pub async fn export_record(app: &App, member: MemberId, to: &mut ExportWriter) -> Result<()> {
    let record = get(app.db.read(), member).await?;
    to.value("member", &record).await
}

/// What was said about being written to.
#[derive(Serialize)]
struct Said {
    channel: String,
    granted: bool,
    said_by: String,
    at: Timestamp,
}

/// Every consent that was given or taken back, for an export.
///
/// # Errors
/// When nobody reads any more.
pub async fn export_consents(app: &App, member: MemberId, to: &mut ExportWriter) -> Result<()> {
    let rows = consent_store::of_member(app.db.read(), member).await?;
    let rows: Vec<Said> = rows
        .into_iter()
        .map(|it| Said {
            channel: it.channel,
            granted: it.granted,
            said_by: it.actor,
            at: Timestamp::from_millis(it.at),
        })
        .collect();
    to.value("consents", &rows).await
}
