//! How communities are called: one interface, and an adapter for each kind of way.

mod deliver;
mod in_app;
mod webhook;
mod wecom;

use super::store::{self, channel, delivery};
use crate::App;
use crate::communities;
use crate::error::{AppError, Result};
use crate::outgoing::Answer;
use futures::future::BoxFuture;
use sea_orm::prelude::Uuid;
use shared::ids::{CommunityId, PostingId, PushDeliveryId};
use shared::scenarios::{ChannelKind, ScenarioProduct};
use shared::time::Timestamp;

pub use deliver::deliver_due;

/// A call on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shout {
    /// The same at every attempt.
    pub id: PushDeliveryId,
    /// The appearance that is called to; absent for a trial.
    pub posting: Option<PostingId>,
    /// Who is called.
    pub community: CommunityId,
    /// What the community is called.
    pub name: String,
    /// The scene.
    pub title: String,
    /// A few words.
    pub text: String,
    /// What goes with it.
    pub products: Vec<ScenarioProduct>,
    /// The community's page.
    pub link: String,
    /// When it appeared.
    pub at: Timestamp,
    /// The last member who was written to.
    pub after: Option<Uuid>,
    /// How many were.
    pub reached: i32,
}

impl Shout {
    /// The call of a delivery; `None` when what it called to is gone.
    ///
    /// # Errors
    /// When the database fails.
    async fn of(app: &App, row: &delivery::Model) -> Result<Option<Self>> {
        let posting = store::find_posting(app.db.read(), row.posting_id.into()).await?;
        let Some(posting) = posting else {
            return Ok(None);
        };
        let definition = store::definition(&posting.body)?;
        let trial = Self::trial(app, row.id.into(), posting.community_id.into()).await?;
        Ok(Some(Self {
            posting: Some(posting.id.into()),
            title: definition.title,
            text: definition.text,
            products: definition.products,
            at: Timestamp::from_millis(posting.at),
            after: row.after,
            reached: row.reached.unwrap_or(0),
            ..trial
        }))
    }

    /// A call that only tries a way.
    ///
    /// # Errors
    /// `communities.not_found`.
    pub async fn trial(app: &App, id: PushDeliveryId, community: CommunityId) -> Result<Self> {
        let found = communities::service::get(app, community).await?;
        Ok(Self {
            id,
            posting: None,
            community,
            name: found.definition.name,
            title: "测试消息 Test message".to_owned(),
            text: String::new(),
            products: Vec::new(),
            link: format!("{}/communities/{community}", app.config.public_url),
            at: app.db.now(),
            after: None,
            reached: 0,
        })
    }
}

/// How far a call got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It arrived.
    Done,
    /// A part of the members was written to.
    More {
        /// The last one of them.
        after: Uuid,
        /// How many there were so far.
        reached: i32,
    },
}

/// What a call met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// In a few words, such as `503` or `timed out`.
    pub what: String,
    /// Whether it may go better later.
    pub again: bool,
}

impl Trouble {
    fn passing(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            again: true,
        }
    }

    fn lasting(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            again: false,
        }
    }
}

impl From<AppError> for Trouble {
    fn from(error: AppError) -> Self {
        tracing::error!(%error, "a call could not be made");
        Self::passing("a fault of this server")
    }
}

/// A kind of way by which communities are called.
pub trait Adapter: Send + Sync {
    /// Takes a call a step further; what was sent before is known to the receiver by the call's id.
    fn push<'a>(
        &'a self,
        app: &'a App,
        channel: Option<&'a channel::Model>,
        shout: &'a Shout,
    ) -> BoxFuture<'a, Result<Step, Trouble>>;
}

/// The adapter of a kind.
pub fn adapter(kind: ChannelKind) -> &'static dyn Adapter {
    match kind {
        ChannelKind::InApp => &in_app::InApp,
        ChannelKind::Webhook => &webhook::Webhook,
        ChannelKind::Wecom => &wecom::Wecom,
    }
}

/// The part of an address that is no secret.
pub fn host_of(url: &str) -> String {
    let parsed: Option<reqwest::Url> = url.parse().ok();
    parsed.map_or_else(String::new, |it| it.origin().ascii_serialization())
}

/// Whether a receiver took a request, by the status of its answer.
fn taken(answer: &Answer) -> Result<(), Trouble> {
    match answer.status {
        200..=299 => Ok(()),
        300..=399 => Err(Trouble::lasting(format!(
            "{}: leads elsewhere, which is not followed",
            answer.status
        ))),
        410 => Err(Trouble::lasting("410: the address is gone")),
        status => Err(Trouble::passing(status.to_string())),
    }
}

/// The way that an adapter needs, which may have been removed meanwhile.
fn present(channel: Option<&channel::Model>) -> Result<&channel::Model, Trouble> {
    channel.ok_or_else(|| Trouble::lasting("the way was removed"))
}
