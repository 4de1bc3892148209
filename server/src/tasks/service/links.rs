//! Shared links: one for each member and task, with a token that nobody can guess.
//!
//! A visitor gets a mark (a cookie with a random text) and is sent on. Who comes with the mark,
//! is not a robot, not the owner and not known already counts once. Of the mark only a hash is kept,
//! and only for a month.

use super::catalogue::catalogue;
use super::claims::Hands;
use super::days::days_of_one;
use super::events::{Happened, count};
use crate::App;
use crate::db::Tx;
use crate::db::text::DbText;
use crate::error::Result;
use crate::ids::{hash_secret, hex, random_bytes};
use crate::members;
use crate::members::service::MemberFacts;
use crate::tasks::store::{contribution, link, visit};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, EntityTrait, PaginatorTrait, QueryOrder, entity::prelude::*,
};
use shared::ids::{MemberId, ShareLinkId, TaskId};
use shared::problem::ErrorCode;
use shared::tasks::Target;
use shared::tasks::api::ShareLink;
use shared::tasks::share::{Channel, VISITOR_DAYS, Visit};

/// Longest token that is looked for.
const TOKEN_MAX: usize = 40;

/// Someone who opens a link.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The token of the link.
    pub token: String,
    /// The visitor's mark, if the browser kept it.
    pub mark: Option<String>,
    /// Who is signed in in this browser.
    pub member: Option<MemberId>,
    /// The browser's name for itself.
    pub user_agent: String,
    /// Whether the browser only looks ahead.
    pub is_prefetch: bool,
}

/// What is kept of a mark: it is random and long, so its hash tells nothing.
fn visitor(mark: &str) -> String {
    hash_secret(mark)
}

/// A member's own link of a share task; made on first asking. `mark` is the mark of the member's
/// own browser, whose visits do not count.
///
/// # Errors
/// `tasks.not_found`, `tasks.not_shared`.
pub async fn link_of(
    tx: &Tx,
    app: &App,
    member: MemberId,
    task: TaskId,
    mark: &str,
) -> Result<ShareLink> {
    members::service::lock_active(tx, member).await?;
    let tasks = catalogue(tx, app).await?;
    let listed = tasks.get(task).ok_or(ErrorCode::TaskNotFound)?;
    if listed.definition.target.share_url().is_none() {
        return Err(ErrorCode::TaskNotShared.into());
    }
    let found = link::Entity::find()
        .filter(link::Column::MemberId.eq(member.uuid()))
        .filter(link::Column::TaskId.eq(task.uuid()))
        .one(tx)
        .await?;
    let row = match found {
        Some(row) => row,
        None => {
            let row = link::Model {
                id: ShareLinkId::generate(&mut tx.ids()).uuid(),
                token: hex(&random_bytes::<16>()),
                task_id: task.uuid(),
                member_id: member.uuid(),
                created_at: tx.now().as_millis(),
            };
            let active = link::ActiveModel::from(row.clone()).reset_all();
            link::Entity::insert(active)
                .exec_without_returning(tx)
                .await?;
            row
        }
    };
    note(tx, &row, &visitor(mark), Channel::Web, true).await?;
    let counted = |kind: &'static str| {
        contribution::Entity::find()
            .filter(contribution::Column::MemberId.eq(member.uuid()))
            .filter(contribution::Column::TaskId.eq(task.uuid()))
            .filter(contribution::Column::SourceKind.eq(kind))
            .count(tx)
    };
    Ok(ShareLink {
        path: format!("/s/{}", row.token),
        visits: i64::try_from(counted(VISIT).await?).unwrap_or(i64::MAX),
        sign_ups: i64::try_from(counted(SIGN_UP).await?).unwrap_or(i64::MAX),
    })
}

const VISIT: &str = "share_visit";
const SIGN_UP: &str = "share_sign_up";

/// Keeps a visitor's trace; answers whether it is new.
async fn note(
    tx: &Tx,
    link: &link::Model,
    visitor: &str,
    channel: Channel,
    own: bool,
) -> Result<bool> {
    let key = (link.id, visitor.to_owned());
    if visit::Entity::find_by_id(key).one(tx).await?.is_some() {
        return Ok(false);
    }
    let row = visit::ActiveModel {
        link_id: Set(link.id),
        visitor: Set(visitor.to_owned()),
        channel: Set(channel.to_db().to_owned()),
        own: Set(own),
        signed_up: Set(None),
        at: Set(tx.now().as_millis()),
    };
    visit::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(true)
}

/// Where a link leads; `None` when there is no such link.
///
/// # Errors
/// When the database fails.
pub async fn target_of(
    db: &impl ConnectionTrait,
    app: &App,
    token: &str,
) -> Result<Option<String>> {
    let Some(row) = by_token(db, token).await? else {
        return Ok(None);
    };
    let tasks = catalogue(db, app).await?;
    let listed = tasks.get(row.task_id.into());
    Ok(listed
        .and_then(|it| it.definition.target.share_url())
        .map(str::to_owned))
}

async fn by_token(db: &impl ConnectionTrait, token: &str) -> Result<Option<link::Model>> {
    if token.len() > TOKEN_MAX {
        return Ok(None);
    }
    let query = link::Entity::find().filter(link::Column::Token.eq(token));
    Ok(query.one(db).await?)
}

/// Takes note of someone who opened a link, and counts a new person where the channel's policy
/// lets visits count.
///
/// # Errors
/// When the database fails.
pub async fn open_link(tx: &Tx, app: &App, opened: &Opened) -> Result<()> {
    let Some(row) = by_token(tx, &opened.token).await? else {
        return Ok(());
    };
    let owner = members::service::lock_going_on(tx, row.member_id.into()).await?;
    let Some(mark) = &opened.mark else {
        return Ok(());
    };
    let visitor = visitor(mark);
    let mut seen = Visit {
        user_agent: &opened.user_agent,
        is_prefetch: opened.is_prefetch,
        has_mark: true,
        is_owner: opened.member == Some(owner.id),
        is_repeat: false,
    };
    let channel = Channel::of(&opened.user_agent);
    if !seen.is_distinct() && !seen.is_owner {
        return Ok(());
    }
    seen.is_repeat = !note(tx, &row, &visitor, channel, seen.is_owner).await?;
    let policy = &app.rulebook().share.policy;
    if !seen.is_distinct() || !policy.pays_visit(channel) {
        return Ok(());
    }
    let task = TaskId::from(row.task_id);
    // The visitor's trace is dropped after a while; what counted stays, under a name of its own.
    let reference = hex(&random_bytes::<16>());
    let is_wanted = |it: &Target| matches!(it, Target::ShareVisits { .. });
    credit(tx, app, &owner, task, (VISIT, &reference), is_wanted).await
}

/// Takes note of a new member whose browser has opened a link before, and counts it for whoever
/// shared the first of them, where the channel's policy lets outcomes count.
///
/// # Errors
/// When the database fails.
pub async fn signed_up(tx: &Tx, app: &App, member: MemberId, mark: &str) -> Result<()> {
    let since = tx.now().plus_days(-VISITOR_DAYS).as_millis();
    let trace = visit::Entity::find()
        .filter(visit::Column::Visitor.eq(visitor(mark)))
        .filter(visit::Column::At.gte(since))
        .filter(visit::Column::Own.eq(false))
        .filter(visit::Column::SignedUp.is_null())
        .order_by_asc(visit::Column::At)
        .one(tx)
        .await?;
    let Some(trace) = trace else { return Ok(()) };
    let Some(row) = link::Entity::find_by_id(trace.link_id).one(tx).await? else {
        return Ok(());
    };
    let owner = members::service::lock_going_on(tx, row.member_id.into()).await?;
    visit::Entity::update_many()
        .col_expr(visit::Column::SignedUp, Expr::value(member.uuid()))
        .filter(visit::Column::Visitor.eq(trace.visitor.as_str()))
        .exec(tx)
        .await?;
    let channel = Channel::from_db(&trace.channel)?;
    if owner.id == member || !app.rulebook().share.policy.pays_outcome(channel) {
        return Ok(());
    }
    let reference = member.to_string();
    let is_wanted = |it: &Target| matches!(it, Target::ShareSignUps { .. });
    credit(
        tx,
        app,
        &owner,
        row.task_id.into(),
        (SIGN_UP, &reference),
        is_wanted,
    )
    .await
}

/// Counts one person for the task of a link.
async fn credit(
    tx: &Tx,
    app: &App,
    owner: &MemberFacts,
    task: TaskId,
    source: (&str, &str),
    is_wanted: impl Fn(&Target) -> bool,
) -> Result<()> {
    let tasks = catalogue(tx, app).await?;
    let wanted = tasks.get(task).map(|it| &it.definition.target);
    let days = days_of_one(tx, owner).await?;
    let happened = Happened {
        member: owner,
        days: &days,
        source,
        day: days.day_at(tx.now()),
        at: tx.now(),
    };
    let mut hands = Hands::load(tx, app, owner).await?;
    // Another task may ask for the same, but this link is this task's.
    let amount =
        |it: &Target| i64::from(is_wanted(it) && wanted.is_some_and(|own| std::ptr::eq(own, it)));
    count(tx, app, &tasks, happened, amount, &mut hands).await?;
    hands.save(tx, "system").await
}

/// Drops traces of visitors that are no longer needed for telling repeats.
///
/// # Errors
/// When the database fails.
pub async fn purge_visits(tx: &Tx) -> Result<()> {
    let before = tx.now().plus_days(-VISITOR_DAYS).as_millis();
    visit::Entity::delete_many()
        .filter(visit::Column::At.lt(before))
        .exec(tx)
        .await?;
    Ok(())
}
