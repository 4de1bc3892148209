//! A message to each of a community's members.

use super::{Adapter, Shout, Step, Trouble};
use crate::App;
use crate::communities;
use crate::error::Result;
use crate::messages::service::{self as messages, NewMessage};
use crate::scenarios::store::channel;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use shared::ids::MemberId;
use shared::messages::Content;

/// Members of one step; each step is one write.
const STEP: u64 = 500;

/// The adapter.
pub struct InApp;

impl Adapter for InApp {
    fn push<'a>(
        &'a self,
        app: &'a App,
        _: Option<&'a channel::Model>,
        shout: &'a Shout,
    ) -> BoxFuture<'a, Result<Step, Trouble>> {
        async move {
            let after = shout.after.map(MemberId::from);
            let found = communities::service::members_after(app, shout.community, after, STEP);
            let members = found.await?;
            let Some(last) = members.last().copied() else {
                return Ok(Step::Done);
            };
            let count = i32::try_from(members.len()).unwrap_or(i32::MAX);
            let news: Vec<NewMessage> = members.into_iter().map(|it| news(it, shout)).collect();
            // A member who has heard already, before a crash, does not hear again.
            let write = app.db.write(news, |tx, news: &Vec<NewMessage>| {
                Box::pin(async move { messages::post(tx, news.clone()).await })
            });
            write.await?;
            Ok(Step::More {
                after: last.uuid(),
                reached: shout.reached.saturating_add(count),
            })
        }
        .boxed()
    }
}

fn news(member: MemberId, it: &Shout) -> NewMessage {
    NewMessage {
        member,
        source: it.id.to_string(),
        content: Content::ScenarioPosted {
            community: it.community,
            name: it.name.clone(),
            title: it.title.clone(),
        },
    }
}
