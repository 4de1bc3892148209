//! What stands of endpoints and deliveries, in words.

use crate::console::kit::desk::Desk;
use crate::console::kit::table::badge;
use crate::tr;
use leptos::prelude::*;
use shared::text::Locale;
use shared::webhooks::api::WebhookEndpoint;
use shared::webhooks::events::EventType;
use shared::webhooks::{DisabledReason, EndpointState, WebhookDeliveryState};

/// What an event is, in words and by its name.
pub(super) fn event(locale: Locale, kind: EventType) -> String {
    format!("{} · {}", kind.description().get(locale), kind.as_str())
}

/// How an endpoint is doing.
pub(super) fn endpoint_badge(desk: &Desk, it: &WebhookEndpoint) -> AnyView {
    let locale = desk.locale;
    match (it.state, it.disabled) {
        (EndpointState::Disabled, Some(DisabledReason::Gone)) => {
            badge(tr!(locale, webhook_desk.gone), "bad")
        }
        (EndpointState::Disabled, _) => badge(tr!(locale, webhook_desk.given_up), "bad"),
        (EndpointState::Paused, _) => badge(tr!(locale, webhook_desk.paused), "plain"),
        (EndpointState::Active, _) if it.failures > 0 => {
            let n = desk.number(i64::from(it.failures));
            badge(tr!(locale, webhook_desk.failing, n = n), "bad")
        }
        (EndpointState::Active, _) => badge(tr!(locale, webhook_desk.active), "good"),
    }
}

/// Where a delivery stands.
pub(super) fn delivery_words(locale: Locale, state: WebhookDeliveryState) -> &'static str {
    match state {
        WebhookDeliveryState::Waiting => tr!(locale, webhook_desk.waiting),
        WebhookDeliveryState::Delivered => tr!(locale, webhook_desk.delivered),
        WebhookDeliveryState::Failed => tr!(locale, webhook_desk.failed),
    }
}

/// The colour of where a delivery stands.
pub(super) const fn delivery_tone(state: WebhookDeliveryState) -> &'static str {
    match state {
        WebhookDeliveryState::Waiting => "plain",
        WebhookDeliveryState::Delivered => "good",
        WebhookDeliveryState::Failed => "bad",
    }
}

/// The part of an address before its path.
pub(super) fn host(url: &str) -> String {
    let after = url.split_once("://").map_or(url, |it| it.1);
    let end = after.find(['/', '?', '#']).unwrap_or(after.len());
    after[..end].to_owned()
}
