//! A request to an endpoint, and what it met.

use super::super::examples::example;
use super::super::store::{self, attempt, endpoint};
use crate::App;
use crate::error::Result;
use crate::ids::Ids;
use crate::outbox::service::Published;
use crate::outgoing::signature::{self, Headers};
use sea_orm::ActiveValue::Set;
use shared::ids::{EventId, IdSource as _, WebhookEndpointId};
use shared::time::Timestamp;
use shared::webhooks::api::{EndpointTrial, SentHeader, WebhookAttempt};
use shared::webhooks::events::EventType;
use shared::webhooks::rules::Met;
use std::time::Instant;

/// As much of an answer is kept, in characters.
const KEPT_ANSWER: usize = 1000;

/// What is sent to an endpoint.
pub(super) struct Request {
    headers: Headers,
    body: String,
}

impl Request {
    /// An event for an endpoint, signed for this moment.
    ///
    /// # Errors
    /// When a secret is not one of ours.
    pub(super) fn of(to: &endpoint::Model, event: &Published, now: Timestamp) -> Result<Self> {
        let body = body(event);
        let old = to
            .old_secret_until
            .filter(|it| *it > now.as_millis())
            .and(to.old_secret.as_deref());
        let secrets = [Some(to.secret.as_str()), old].into_iter().flatten();
        let headers = signature::headers(event.id.to_string(), now, &body, secrets)?;
        Ok(Self { headers, body })
    }

    /// Sends it.
    pub(super) async fn send(self, app: &App, url: &str) -> Sent {
        let at = app.db.now();
        let began = Instant::now();
        let answer = app.outgoing.post(url, &self.headers, self.body).await;
        let took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let (status, retry_after_ms, trouble, answer) = match answer {
            Ok(it) => (Some(it.status), it.retry_after_ms, None, text(&it.body)),
            Err(what) => (None, None, Some(what), None),
        };
        let met = status.map_or(Met::Silence, |status| Met::Answer {
            status,
            retry_after_ms,
        });
        Sent {
            met,
            attempt: WebhookAttempt {
                at,
                took_ms,
                status,
                trouble,
                answer,
            },
        }
    }
}

/// The body of a request that tells of an event.
pub(super) fn body(it: &Published) -> String {
    // The data are JSON already.
    format!(
        r#"{{"type":"{}","timestamp":"{}","data":{}}}"#,
        it.kind.as_str(),
        it.at,
        it.data
    )
}

/// The beginning of an answer, as far as it is text.
fn text(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let visible = text.chars().filter(|it| *it != '\0').take(KEPT_ANSWER);
    let text: String = visible.collect();
    (!text.is_empty()).then_some(text)
}

/// A request that was sent.
pub(super) struct Sent {
    /// What it met, for deciding.
    pub(super) met: Met,
    /// What it met, for people.
    pub(super) attempt: WebhookAttempt,
}

impl Sent {
    /// The row that tells of it.
    pub(super) fn row(
        self,
        endpoint: uuid::Uuid,
        event: EventId,
        ids: &mut Ids,
    ) -> attempt::ActiveModel {
        let it = self.attempt;
        attempt::ActiveModel {
            id: Set(ids.next_uuid()),
            endpoint_id: Set(endpoint),
            event_id: Set(event.uuid()),
            at: Set(it.at.as_millis()),
            took_ms: Set(it.took_ms),
            status: Set(it.status.map(i32::from)),
            trouble: Set(it.trouble),
            answer: Set(it.answer),
        }
    }
}

/// Sends an example of an event now, also to an endpoint that waits, or only says what would be
/// sent. Nothing of it is kept.
///
/// # Errors
/// `webhooks.not_found`.
pub async fn try_endpoint(
    app: &App,
    id: WebhookEndpointId,
    kind: EventType,
    dry_run: bool,
) -> Result<EndpointTrial> {
    let row = store::find(app.db.read(), id).await?;
    let event_id = EventId::generate(&mut app.db.ids());
    let event = Published::sample(event_id, &example(kind), app.db.now())?;
    let request = Request::of(&row, &event, app.db.now())?;
    let headers = request.headers.iter().map(|(name, value)| SentHeader {
        name: (*name).to_owned(),
        value: value.clone(),
    });
    let headers = headers.collect();
    let body = request.body.clone();
    let attempt = if dry_run {
        None
    } else {
        let url = store::definition(&row)?.url;
        Some(request.send(app, &url).await.attempt)
    };
    Ok(EndpointTrial {
        headers,
        body,
        attempt,
    })
}
