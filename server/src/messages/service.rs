//! Use cases of messages: writing them with what they tell of, reading them, marking them.

use super::store::{self, ActiveModel, Column, Entity, Model};
use crate::App;
use crate::db::text::{from_json, to_json};
use crate::db::{Cursor, Listing, Tx, try_map};
use crate::error::Result;
use crate::members::service::{ExportWriter, Move};
use crate::{members, points};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use shared::ids::{MemberId, MessageId};
use shared::members::api::MovedKind;
use shared::messages::api::{Message, Unread};
use shared::messages::rules::{EXPIRY_DAYS, expiry_notices, words};
use shared::messages::{Content, KEPT_DAYS};
use shared::page::Page;
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use std::collections::HashSet;

/// Members of one step of the daily look at what ends.
const STEP: usize = 500;
/// Members that are looked up at once for it.
const LOOK: u64 = 5_000;

/// A message to be written.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// To whom.
    pub member: MemberId,
    /// What caused it; a member gets one message for it.
    pub source: String,
    /// What it is about.
    pub content: Content,
}

/// Writes messages with what they tell of. A member hears of a cause once; of history nobody does.
///
/// # Errors
/// When the database fails.
pub async fn post(tx: &Tx, messages: Vec<NewMessage>) -> Result<()> {
    if tx.is_history() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(messages.len());
    for it in messages {
        tx.touch(it.member);
        rows.push(ActiveModel {
            id: Set(MessageId::generate(&mut tx.ids()).uuid()),
            member_id: Set(it.member.uuid()),
            kind: Set(it.content.kind().to_owned()),
            source: Set(it.source),
            content: Set(to_json(&it.content)?),
            created_at: Set(tx.now().as_millis()),
            read_at: Set(None),
        });
    }
    store::add(tx, rows).await
}

/// Whether something that happened at `at` is still worth a message.
#[must_use]
pub fn is_news(at: Timestamp, now: Timestamp) -> bool {
    at > now.plus_days(-KEPT_DAYS)
}

fn view(app: &App, row: &Model) -> Result<Message> {
    let content: Content = from_json(&row.content)?;
    let (title, text) = words(&content, app.rulebook().programme.currency);
    Ok(Message {
        id: row.id.into(),
        title,
        text,
        content,
        created_at: Timestamp::from_millis(row.created_at),
        read_at: row.read_at.map(Timestamp::from_millis),
    })
}

/// A member's messages, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    member: MemberId,
    unread: bool,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<Message>> {
    let mut query = Entity::find().filter(Column::MemberId.eq(member.uuid()));
    if unread {
        query = query.filter(Column::ReadAt.is_null());
    }
    let list = Listing::newest_first(Column::CreatedAt, Column::Id, limit, cursor);
    let place = |it: &Model| Cursor {
        key: it.created_at,
        id: it.id,
    };
    let page = list.read(app.db.read(), query, place).await?;
    try_map(page, |it| view(app, &it))
}

/// How many messages a member has not read.
///
/// # Errors
/// When the database fails.
pub async fn count_unread(app: &App, member: MemberId) -> Result<u64> {
    store::count_unread(app.db.read(), member).await
}

/// The message of the upgrade to celebrate: the latest one, until it is read, while the tier lasts.
///
/// # Errors
/// When the database fails.
pub async fn celebration(app: &App, member: MemberId, tier_now: &str) -> Result<Option<MessageId>> {
    let row = store::latest_unread(app.db.read(), member, "tier_raised").await?;
    let message = row.map(|it| view(app, &it)).transpose()?;
    let lasts = |it: &Message| matches!(&it.content, Content::TierRaised { tier, .. } if tier.code == tier_now);
    Ok(message.filter(lasts).map(|it| it.id))
}

/// Marks a member's message as read; doing it again changes nothing.
///
/// # Errors
/// `messages.not_found`, also for another member's message.
pub async fn mark_read(tx: &Tx, app: &App, member: MemberId, id: MessageId) -> Result<Message> {
    if store::mark_read(tx, member, Some(id), tx.now()).await? > 0 {
        tx.touch(member);
    }
    let row = store::find(tx, member, id)
        .await?
        .ok_or(ErrorCode::MessageNotFound)?;
    view(app, &row)
}

/// Marks all of a member's messages as read.
///
/// # Errors
/// When the database fails.
pub async fn mark_all_read(tx: &Tx, member: MemberId) -> Result<Unread> {
    store::mark_read(tx, member, None, tx.now()).await?;
    tx.touch(member);
    Ok(Unread { unread: 0 })
}

/// Drops messages that are too old.
///
/// # Errors
/// When the database fails.
pub async fn purge(tx: &Tx) -> Result<()> {
    store::purge(tx, tx.now().plus_days(-KEPT_DAYS)).await
}

/// Drops a member's messages, because the member is erased.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &Tx, member: MemberId) -> Result<()> {
    tx.touch(member);
    store::drop_all(tx, member).await
}

/// Hands messages over with a merge of members, or back; what both have heard of stays with each.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(tx: &Tx, it: &mut Move) -> Result<()> {
    let ids = match it.back_ids(MovedKind::Messages) {
        Some(ids) => ids,
        None => store::new_to(tx, it.giver(), it.taker()).await?,
    };
    let columns = (Column::Id, Column::MemberId);
    it.hand_over::<Entity>(tx, MovedKind::Messages, columns, ids)
        .await
}

/// All of a member's messages, for an export.
///
/// # Errors
/// When the database fails, or nobody reads any more.
pub async fn export(app: &App, member: MemberId, to: &mut ExportWriter) -> Result<()> {
    to.pages("messages", |limit, cursor| {
        Box::pin(list(app, member, false, limit, cursor))
    })
    .await
}

/// Tells members whose points or credit end within thirty days, and again within seven.
///
/// # Errors
/// When the database fails.
pub async fn tell_of_ends(app: &App) -> Result<()> {
    let now = app.db.now();
    let until = now.plus_days(EXPIRY_DAYS[0]);
    let mut after = None;
    loop {
        let found =
            points::views::members_with_ends(app.db.read(), (now, until), after, LOOK).await?;
        let Some(last) = found.last() else {
            return Ok(());
        };
        after = Some(*last);
        for step in found.chunks(STEP) {
            let news = notices(app, step, now).await?;
            if !news.is_empty() {
                let write = app.db.write(news, |tx, news: &Vec<NewMessage>| {
                    Box::pin(async move { post(tx, news.clone()).await })
                });
                write.await?;
            }
        }
    }
}

/// What to tell some members about ends, without what they have heard.
async fn notices(app: &App, members: &[MemberId], now: Timestamp) -> Result<Vec<NewMessage>> {
    let heard: HashSet<(MemberId, String)> = store::sources(app.db.read(), members, "expiring")
        .await?
        .into_iter()
        .map(|(member, source)| (member.into(), source))
        .collect();
    let ends = points::views::ends_of(app, members).await?;
    let mut news = Vec::new();
    for member in members::service::all_facts(app.db.read(), members).await? {
        if member.status.is_gone() {
            continue;
        }
        for (asset, dates) in ends.get(&member.id).into_iter().flatten() {
            let notices = expiry_notices(*asset, dates, &member.zone, now);
            news.extend(notices.into_iter().map(|it| NewMessage {
                member: member.id,
                source: it.source,
                content: it.content,
            }));
        }
    }
    news.retain(|it| !heard.contains(&(it.member, it.source.clone())));
    Ok(news)
}
