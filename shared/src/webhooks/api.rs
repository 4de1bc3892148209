//! Requests and answers about webhooks.

use super::events::EventType;
use super::{DisabledReason, EndpointDefinition, EndpointState, WebhookDeliveryState};
use crate::ids::{EventId, MemberId, WebhookEndpointId};
use crate::text::Text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookEndpoint {
    /// The endpoint.
    pub id: WebhookEndpointId,
    /// Grows with every change.
    pub version: i32,
    /// What staff wrote.
    pub definition: EndpointDefinition,
    /// Whether it is sent anything.
    pub state: EndpointState,
    /// Why it was given up; absent when it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<DisabledReason>,
    /// What requests are signed with (`whsec_…`); only in the answer that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Until when the secret before this one signs as well; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_secret_until: Option<Timestamp>,
    /// Attempts in a row that it did not take.
    pub failures: u32,
    /// It is left alone until then, because it fails; absent when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resting_until: Option<Timestamp>,
    /// Deliveries that wait, counted up to 10000.
    pub waiting: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Every endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookEndpoints {
    /// One row each, the one made first first.
    pub endpoints: Vec<WebhookEndpoint>,
}

/// Lets an endpoint wait, or sends to it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TurnEndpoint {
    /// `true` to send, `false` to let it wait.
    pub active: bool,
}

/// Makes a new secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotateSecret {
    /// Hours for which the secret before it signs as well: 0 to 168.
    pub overlap_hours: i64,
}

/// What can be subscribed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventCatalogue {
    /// One row each.
    pub events: Vec<EventDescription>,
}

/// Something that can happen, with an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventDescription {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// What it means.
    pub description: Text,
    /// The body of a request that tells of it.
    pub example: String,
}

/// An event on its way to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookDelivery {
    /// The event: the `webhook-id` of every attempt.
    pub event_id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// Whom it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<MemberId>,
    /// When it happened.
    pub happened_at: Timestamp,
    /// Where the delivery stands.
    pub state: WebhookDeliveryState,
    /// Attempts since it was to be sent, or sent again.
    pub attempts: u32,
    /// When it is tried next; absent when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
}

/// A delivery with all that was sent and answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookDeliveryDetail {
    /// The delivery.
    pub delivery: WebhookDelivery,
    /// What is sent: `webhook-timestamp` and `webhook-signature` are those of each attempt.
    pub body: String,
    /// What each attempt met, the last one first; at most 100.
    pub attempts: Vec<WebhookAttempt>,
}

/// One request, and what it met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookAttempt {
    /// When it left.
    pub at: Timestamp,
    /// Milliseconds until the answer, or until it was given up.
    pub took_ms: i64,
    /// The status of the answer; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What went wrong, such as `timed out`; absent when there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// The beginning of the answer: at most 1000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// Sends an example of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TryEndpoint {
    /// What it is an example of.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// `true` to see what would be sent, without sending it.
    #[serde(default)]
    pub dry_run: bool,
}

/// What a trial sent, and what it met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointTrial {
    /// The headers.
    pub headers: Vec<SentHeader>,
    /// The body.
    pub body: String,
    /// What it met; absent when nothing was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<WebhookAttempt>,
}

/// A header of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SentHeader {
    /// Its name.
    pub name: String,
    /// What it says.
    pub value: String,
}

/// Sends what happened in a time again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayEvents {
    /// From when on.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub until: Timestamp,
    /// `true` to send only what was given up.
    #[serde(default)]
    pub failed_only: bool,
}

/// What is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Replayed {
    /// How many events.
    pub events: u64,
}
