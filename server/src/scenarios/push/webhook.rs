//! A signed request to an address of the shop, by the Standard Webhooks specification.

use super::{Adapter, Shout, Step, Trouble, present, taken};
use crate::App;
use crate::outgoing::signature;
use crate::scenarios::store::channel;
use futures::FutureExt as _;
use futures::future::BoxFuture;

/// The adapter.
pub struct Webhook;

impl Adapter for Webhook {
    fn push<'a>(
        &'a self,
        app: &'a App,
        channel: Option<&'a channel::Model>,
        shout: &'a Shout,
    ) -> BoxFuture<'a, Result<Step, Trouble>> {
        async move {
            let channel = present(channel)?;
            let body = body(shout);
            let secret = channel.secret.as_deref();
            let id = shout.id.to_string();
            let headers = signature::headers(id, app.db.now(), &body, secret)?;
            let answer = app.outgoing.post(&channel.url, &headers, body).await;
            taken(&answer.map_err(Trouble::passing)?)?;
            Ok(Step::Done)
        }
        .boxed()
    }
}

fn body(it: &Shout) -> String {
    let kind = match it.posting {
        Some(_) => "community.scenario_posted",
        None => "community.trial",
    };
    serde_json::json!({
        "type": kind,
        "timestamp": it.at,
        "data": {
            "community_id": it.community,
            "community": it.name,
            "posting_id": it.posting,
            "title": it.title,
            "text": it.text,
            "products": it.products,
            "link": it.link,
        },
    })
    .to_string()
}
