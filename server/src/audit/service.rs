//! Writing the audit trail, in the transaction of what it records, and looking through it.

use super::store::{self, ActiveModel, Column, Entity, Model};
use crate::App;
use crate::auth::Actor;
use crate::db::text::redact_json;
use crate::db::{Cursor, Listing, Tx, try_map};
use crate::error::Result;
use crate::members::service::Erasure;
use futures::Stream;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QuerySelect, Select};
use serde_json::Value;
use shared::audit::api::{AuditEntry, AuditFact};
use shared::ids::AuditId;
use shared::page::Page;
use shared::time::Timestamp;

/// Rows of one step of an export.
const EXPORT_STEP: u64 = 500;
/// Most facts of a row that are shown.
const FACTS: usize = 200;

/// Records that `actor` did `action` to `target`. `detail` must hold no secret.
///
/// # Errors
/// None yet: the row is written, or refused, at the end of the write.
#[expect(
    clippy::unused_async,
    reason = "whoever records does not need to know when the row is written"
)]
pub async fn record(
    tx: &Tx,
    actor: &str,
    action: &str,
    target: &str,
    detail: &serde_json::Value,
) -> Result<()> {
    let row = ActiveModel {
        id: Set(AuditId::generate(&mut tx.ids()).uuid()),
        actor: Set(actor.to_owned()),
        action: Set(action.to_owned()),
        target: Set(target.to_owned()),
        detail: Set(detail.to_string()),
        at: Set(tx.now().as_millis()),
    };
    tx.add(vec![row]);
    Ok(())
}

/// Takes what names an erased member out of the trail; who did what to whom and when stays.
///
/// # Errors
/// When the database fails.
pub async fn forget_member(tx: &Tx, erasure: &Erasure) -> Result<()> {
    for (id, detail) in store::naming(tx, erasure.member, &erasure.traces).await? {
        if let Some(clean) = redact_json(&detail, &erasure.traces)? {
            store::redact(tx, id, clean).await?;
        }
    }
    Ok(())
}

/// Records that a list was exported, and with which filter.
///
/// # Errors
/// When the database fails.
pub async fn note_export(
    app: &App,
    actor: Actor,
    action: &'static str,
    filter: &impl std::fmt::Debug,
) -> Result<()> {
    let args = (actor, action, format!("{filter:?}"));
    let note = app.db.write(args, |tx, (actor, action, filter)| {
        Box::pin(async move {
            let detail = serde_json::json!({ "filter": filter });
            record(tx, &actor.to_string(), action, "export", &detail).await
        })
    });
    note.await
}

/// What to look for in the audit trail.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only what this one did.
    pub actor: Option<String>,
    /// Only this action, or with a dot at its end all that begin so.
    pub action: Option<String>,
    /// Only what was done to this.
    pub target: Option<String>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Up to and with this instant.
    pub to: Option<Timestamp>,
}

impl AuditFilter {
    fn apply(&self) -> Select<Entity> {
        let mut query = Entity::find();
        if let Some(actor) = &self.actor {
            query = query.filter(Column::Actor.eq(actor.as_str()));
        }
        if let Some(action) = &self.action {
            query = query.filter(if action.ends_with('.') {
                Column::Action.starts_with(action.as_str())
            } else {
                Column::Action.eq(action.as_str())
            });
        }
        if let Some(target) = &self.target {
            query = query.filter(Column::Target.eq(target.as_str()));
        }
        if let Some(from) = self.from {
            query = query.filter(Column::At.gte(from.as_millis()));
        }
        if let Some(to) = self.to {
            query = query.filter(Column::At.lte(to.as_millis()));
        }
        query
    }
}

/// The audit trail, newest first, without names.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &AuditFilter,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<Page<AuditEntry>> {
    let list = Listing::newest_first(Column::At, Column::Id, limit, cursor);
    let place = |it: &Model| Cursor {
        key: it.at,
        id: it.id,
    };
    let page = list.read(db, filter.apply(), place).await?;
    try_map(page, |it| view(&it))
}

/// The whole audit trail that a filter lets through, newest first, some rows at a time.
pub fn export(app: App, filter: AuditFilter) -> impl Stream<Item = Result<Vec<AuditEntry>>> {
    crate::db::pages(move |cursor| {
        let (app, filter) = (app.clone(), filter.clone());
        async move { list(app.db.read(), &filter, EXPORT_STEP, cursor).await }
    })
}

/// What was done to one thing up to and with an instant, newest first, without names.
///
/// # Errors
/// When the database fails.
pub async fn about(
    db: &impl ConnectionTrait,
    target: &str,
    to: Option<Timestamp>,
    limit: u64,
) -> Result<Vec<AuditEntry>> {
    let filter = AuditFilter {
        target: Some(target.to_owned()),
        to,
        ..AuditFilter::default()
    };
    let rows = store::newest(db, filter.apply().limit(limit)).await?;
    rows.iter().map(view).collect()
}

fn view(row: &Model) -> Result<AuditEntry> {
    let mut detail = Vec::new();
    facts("", &serde_json::from_str(&row.detail)?, &mut detail);
    Ok(AuditEntry {
        id: row.id.into(),
        actor: row.actor.clone(),
        actor_name: None,
        action: row.action.clone(),
        target: row.target.clone(),
        target_name: None,
        detail,
        at: Timestamp::from_millis(row.at),
    })
}

/// Writes a structure as facts with dotted names.
fn facts(name: &str, value: &Value, found: &mut Vec<AuditFact>) {
    let inner = |key: &str| {
        if name.is_empty() {
            key.to_owned()
        } else {
            format!("{name}.{key}")
        }
    };
    let text = match value {
        _ if found.len() >= FACTS => return,
        Value::Object(parts) => {
            for (key, part) in parts {
                facts(&inner(key), part, found);
            }
            return;
        }
        Value::Array(parts) if parts.iter().any(|it| it.is_object() || it.is_array()) => {
            for (place, part) in parts.iter().enumerate() {
                facts(&inner(&place.to_string()), part, found);
            }
            return;
        }
        Value::Array(parts) => {
            let parts: Vec<String> = parts.iter().map(plain).collect();
            parts.join(", ")
        }
        other => plain(other),
    };
    found.push(AuditFact {
        name: name.to_owned(),
        value: text,
    });
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_structure_is_written_as_facts() {
        let mut found = Vec::new();
        let detail = json!({
            "version": 2,
            "policy": { "skus": ["a", "b"], "spend": { "step": 10 }, "max": null },
            "tiers": [{ "code": "gold" }],
        });
        facts("", &detail, &mut found);
        let found: Vec<_> = found
            .iter()
            .map(|it| (it.name.as_str(), it.value.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("policy.max", ""),
                ("policy.skus", "a, b"),
                ("policy.spend.step", "10"),
                ("tiers.0.code", "gold"),
                ("version", "2"),
            ]
        );
    }
}
