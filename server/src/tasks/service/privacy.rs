//! What is known of a member by tasks and check-ins: given out, and taken away when the person goes.
//! What rewards were given for stays with the books, without a name.

use super::board::history;
use crate::App;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::hash_secret;
use crate::members::service::{Erasure, ExportWriter};
use crate::rewards::service as rewards;
use crate::tasks::store::{self, check_in, contribution, event, join, link, tag, visit, zone};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use serde::Serialize;
use shared::ids::{MemberId, TaskId};
use shared::members::rules::redact;
use shared::time::Timestamp;

/// A day that was checked in.
#[derive(Serialize)]
struct CheckedIn {
    day: String,
    mark: String,
    at: Timestamp,
}

impl From<check_in::Model> for CheckedIn {
    fn from(it: check_in::Model) -> Self {
        Self {
            day: it.day,
            mark: it.mark,
            at: Timestamp::from_millis(it.at),
        }
    }
}

/// Something that counted for a task.
#[derive(Serialize)]
struct Counted {
    task: TaskId,
    period: String,
    source_kind: String,
    source: String,
    amount: i64,
    counted_at: Timestamp,
}

impl From<contribution::Model> for Counted {
    fn from(it: contribution::Model) -> Self {
        Self {
            task: it.task_id.into(),
            period: it.period,
            source_kind: it.source_kind,
            source: it.source_ref,
            amount: it.amount,
            counted_at: Timestamp::from_millis(it.counted_at),
        }
    }
}

/// A member's own link.
#[derive(Serialize)]
struct Shared {
    task: TaskId,
    path: String,
    created_at: Timestamp,
}

impl From<link::Model> for Shared {
    fn from(it: link::Model) -> Self {
        Self {
            task: it.task_id.into(),
            path: format!("/s/{}", it.token),
            created_at: Timestamp::from_millis(it.created_at),
        }
    }
}

/// Check-ins, what counted, rewards, make-up cards, links and tags of a member.
///
/// # Errors
/// When the database fails, or nobody reads any more.
pub async fn export(app: &App, member: MemberId, to: &mut ExportWriter) -> Result<()> {
    let db = app.db.read();
    let marks = store::marks(db, &[member]).await?;
    let marks: Vec<CheckedIn> = marks.into_iter().map(Into::into).collect();
    to.value("check_ins", &marks).await?;
    to.value("makeup_cards", &rewards::cards(db, member).await?)
        .await?;
    let counted = contribution::Entity::find()
        .filter(contribution::Column::MemberId.eq(member.uuid()))
        .all(db)
        .await?;
    let counted: Vec<Counted> = counted.into_iter().map(Into::into).collect();
    to.value("task_progress", &counted).await?;
    to.pages("task_rewards", |limit, cursor| {
        Box::pin(history(app, member, limit, cursor))
    })
    .await?;
    let links = link::Entity::find()
        .filter(link::Column::MemberId.eq(member.uuid()))
        .all(db)
        .await?;
    let links: Vec<Shared> = links.into_iter().map(Into::into).collect();
    to.value("share_links", &links).await?;
    let tags = store::tags(db, &[member]).await?.remove(&member);
    to.value("tags", &tags.unwrap_or_default()).await
}

/// Drops what only concerns the person: links with their visitors, what the shop reported, tags,
/// zones and tasks that were joined; and takes the name out of references that the shop chose.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &Tx, it: &Erasure) -> Result<()> {
    let member = it.member.uuid();
    let links = Query::select()
        .column(link::Column::Id)
        .from(link::Entity)
        .and_where(link::Column::MemberId.eq(member))
        .to_owned();
    visit::Entity::delete_many()
        .filter(visit::Column::LinkId.in_subquery(links))
        .exec(tx)
        .await?;
    link::Entity::delete_many()
        .filter(link::Column::MemberId.eq(member))
        .exec(tx)
        .await?;
    event::Entity::delete_many()
        .filter(event::Column::MemberId.eq(member))
        .exec(tx)
        .await?;
    tag::Entity::delete_many()
        .filter(tag::Column::MemberId.eq(member))
        .exec(tx)
        .await?;
    zone::Entity::delete_many()
        .filter(zone::Column::MemberId.eq(member))
        .exec(tx)
        .await?;
    join::Entity::delete_many()
        .filter(join::Column::MemberId.eq(member))
        .exec(tx)
        .await?;
    let counted = contribution::Entity::find().filter(contribution::Column::MemberId.eq(member));
    for row in counted.all(tx).await? {
        if row.source_kind != super::ORDER && redact(&row.source_ref, &it.traces).is_some() {
            contribution::Entity::update_many()
                .col_expr(
                    contribution::Column::SourceRef,
                    Expr::value(hash_secret(&row.source_ref)),
                )
                .filter(contribution::Column::Id.eq(row.id))
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}
