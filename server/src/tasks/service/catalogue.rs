//! The tasks of the programme, as they are and as they were, remembered until one changes.

use crate::App;
use crate::db::text::{DbText, from_json};
use crate::error::Result;
use crate::tasks::store::{self, task, version};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder};
use shared::ids::TaskId;
use shared::tasks::rules::TaskNow;
use shared::tasks::{Target, TaskDefinition, TaskState};
use shared::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// All tasks.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The newest version of any task when they were read.
    newest: Option<Uuid>,
    /// The tasks, in the order of their ids.
    pub tasks: Vec<Listed>,
}

/// A task with what it said before.
#[derive(Debug)]
pub struct Listed {
    /// The task.
    pub id: TaskId,
    /// What staff did with it.
    pub state: TaskState,
    /// When staff ended it.
    pub ended_at: Option<Timestamp>,
    /// The version of what it says.
    pub version: i32,
    /// What it says.
    pub definition: TaskDefinition,
    /// Every version, oldest first.
    pub versions: Vec<(i32, TaskDefinition)>,
}

impl Listed {
    /// The task with how often it was rewarded.
    #[must_use]
    pub const fn now(&self, granted: u32) -> TaskNow<'_> {
        TaskNow {
            definition: &self.definition,
            state: self.state,
            ended_at: self.ended_at,
            granted,
        }
    }

    /// What a version said.
    #[must_use]
    pub fn said(&self, version: i32) -> &TaskDefinition {
        let found = self.versions.iter().find(|it| it.0 == version);
        found.map_or(&self.definition, |it| &it.1)
    }
}

impl Catalogue {
    /// The task with this id.
    #[must_use]
    pub fn get(&self, id: TaskId) -> Option<&Listed> {
        let place = self.tasks.binary_search_by_key(&id, |it| it.id).ok()?;
        self.tasks.get(place)
    }

    /// Tasks for which something counts.
    pub fn counting<'a>(
        &'a self,
        counts: impl Fn(&Target) -> bool + 'a,
    ) -> impl Iterator<Item = &'a Listed> {
        self.tasks
            .iter()
            .filter(move |it| counts(&it.definition.target))
    }
}

/// The tasks as one node last read them.
#[derive(Default)]
pub struct Remembered(RwLock<Arc<Catalogue>>);

/// The tasks as they are in this transaction, or now.
///
/// # Errors
/// When the database fails.
pub async fn catalogue(db: &impl ConnectionTrait, app: &App) -> Result<Arc<Catalogue>> {
    let newest = store::newest_version(db).await?.map(|it| it.0);
    let known = app
        .tasks
        .0
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    if known.newest == newest {
        return Ok(known);
    }
    let mut versions: HashMap<Uuid, Vec<(i32, TaskDefinition)>> = HashMap::new();
    let rows = version::Entity::find()
        .order_by_asc(version::Column::Seq)
        .all(db)
        .await?;
    for row in rows {
        let said = (row.version, from_json(&row.body)?);
        versions.entry(row.task_id).or_default().push(said);
    }
    let rows = task::Entity::find()
        .order_by_asc(task::Column::Id)
        .all(db)
        .await?;
    let mut tasks = Vec::with_capacity(rows.len());
    for row in rows {
        tasks.push(Listed {
            id: row.id.into(),
            state: TaskState::from_db(&row.state)?,
            ended_at: row.ended_at.map(Timestamp::from_millis),
            version: row.version,
            definition: from_json(&row.body)?,
            versions: versions.remove(&row.id).unwrap_or_default(),
        });
    }
    tasks.sort_by_key(|it| it.id);
    let read = Arc::new(Catalogue { newest, tasks });
    // A version has an id of its own, so what a write that fails has left here is never mistaken
    // for what another makes of it.
    *app.tasks.0.write().unwrap_or_else(PoisonError::into_inner) = read.clone();
    Ok(read)
}
