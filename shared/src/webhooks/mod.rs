//! Webhooks: what the shop's systems are told of, where, and how often it is tried.

pub mod api;
pub mod events;
pub mod rules;

use events::EventType;
use serde::{Deserialize, Serialize};

/// Most endpoints of a programme.
pub const MAX_ENDPOINTS: usize = 20;
/// Most characters of what staff call an endpoint.
pub const MAX_NAME: usize = 60;
/// Most hours for which a replaced secret goes on signing.
pub const MAX_OVERLAP_HOURS: i64 = 7 * 24;
/// Most events of one replay.
pub const MAX_REPLAY: u64 = 100_000;
/// Days for which events, deliveries and attempts are kept.
pub const KEPT_DAYS: i64 = 30;

/// An address of the shop, and what it is told, as staff write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointDefinition {
    /// What staff call it: 1 to 60 visible characters.
    pub name: String,
    /// Where requests go: `https://…`.
    pub url: String,
    /// What it is told of; none for everything.
    #[serde(default)]
    pub events: Vec<EventType>,
    /// Whether a member's events arrive one after the other, in the order in which they happened;
    /// one that is not taken then holds up what comes after it for the same member.
    #[serde(default)]
    pub ordered: bool,
}

impl EndpointDefinition {
    /// Whether it is told of such events.
    #[must_use]
    pub fn wants(&self, kind: EventType) -> bool {
        self.events.is_empty() || self.events.contains(&kind)
    }
}

/// Whether an endpoint is sent anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EndpointState {
    /// It is.
    Active,
    /// Staff let it wait: what happens meanwhile is sent afterwards.
    Paused,
    /// It was given up: it answered 410, or has failed for five days.
    Disabled,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WebhookDeliveryState {
    /// It is to be sent, or sent again.
    Waiting,
    /// The endpoint took it.
    Delivered,
    /// It was given up.
    Failed,
}

/// Why an endpoint was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DisabledReason {
    /// It answered 410: it does not want any more.
    Gone,
    /// It has taken nothing for five days.
    Failing,
}
