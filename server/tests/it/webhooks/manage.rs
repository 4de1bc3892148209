//! Endpoints as staff and the shop's systems make, change, try and end them.

use super::{Hooks, ask, private, read};
use crate::support::{Say, TestApp, on_both, on_both_with};
use serde_json::{Value, json};
use shared::audit::api::AuditEntry;
use shared::page::Page;
use shared::staff::Scope;
use shared::webhooks::EndpointState;
use shared::webhooks::api::{EndpointTrial, EventCatalogue, WebhookEndpoint, WebhookEndpoints};
use shared::webhooks::events::{Event, EventType};
use standardwebhooks::Webhook;

const ALL: &str = "/api/v1/webhook_endpoints";

#[tokio::test]
async fn an_endpoint_tells_its_secret_once() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &[], false).await;
        let secret = it.endpoint.secret.clone().expect("told when it is made");
        assert!(secret.starts_with("whsec_") && secret.len() > 40);
        assert_eq!(it.now().await.secret, None);
        let all: WebhookEndpoints = read(app, ALL).await;
        assert_eq!(all.endpoints, [it.now().await]);
        let text = format!(
            "{:?}",
            read::<Page<AuditEntry>>(app, "/api/v1/audit_entries").await
        );
        assert!(text.contains("webhook.created") && !text.contains(&secret));
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_an_endpoint_is_said() {
    on_both(async |app: &TestApp| {
        for (body, pointer) in [
            (
                json!({ "name": "", "url": "https://shop.example/" }),
                "/name",
            ),
            (
                json!({ "name": "x".repeat(61), "url": "https://shop.example/" }),
                "/name",
            ),
            (
                json!({ "name": "CRM", "url": "http://shop.example/" }),
                "/url",
            ),
            (
                json!({ "name": "CRM", "url": "https://127.0.0.1/" }),
                "/url",
            ),
            (json!({ "name": "CRM", "url": "https://[::1]/" }), "/url"),
            (
                json!({ "name": "CRM", "url": "javascript:alert(1)" }),
                "/url",
            ),
            (
                json!({ "name": "CRM", "url": "https://shop.example/", "events": ["order.paid"] }),
                "/events/0",
            ),
            (
                json!({ "name": "CRM", "url": "https://shop.example/", "state": "active" }),
                "/state",
            ),
        ] {
            let refused = ask(app, "POST", ALL, &body).await;
            refused.assert_status(422);
            let at = refused.json()["errors"][0]["pointer"].clone();
            assert_eq!(at, pointer, "{body}");
        }
        for _ in 0..20 {
            let body = json!({ "name": "CRM", "url": "https://shop.example/" });
            ask(app, "POST", ALL, &body).await.assert_status(201);
        }
        let body = json!({ "name": "CRM", "url": "https://shop.example/" });
        ask(app, "POST", ALL, &body).await.assert_status(422);
    })
    .await;
}

#[tokio::test]
async fn an_edit_names_what_it_saw() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["tier.changed"], false).await;
        let staff = app.staff(shared::staff::Role::Admin).await;
        let mut definition = it.endpoint.definition.clone();
        definition.name = "ERP".to_owned();
        let edit = |seen: &'static str| {
            let call = app.put(&it.path("")).bearer(&staff.token);
            call.header("if-match", seen).json(&definition)
        };
        let changed = edit("\"1\"").await;
        changed.assert_status(200);
        assert_eq!(changed.parse::<WebhookEndpoint>().definition, definition);
        edit("\"1\"")
            .await
            .assert_problem(412, "request.precondition_failed");
        let missing = app.put(&it.path("")).bearer(&staff.token);
        missing.json(&definition).await.assert_status(428);
        assert_eq!(it.now().await.version, 2);
    })
    .await;
}

#[tokio::test]
async fn a_new_secret_signs_beside_the_old_one_for_a_while() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["member.created"], false).await;
        let old = it.endpoint.secret.clone().expect("a secret");
        for hours in [-1, 169] {
            let body = json!({ "overlap_hours": hours });
            it.ask("POST", "/secrets", &body).await.assert_status(422);
        }
        let body = json!({ "overlap_hours": 24 });
        let made: WebhookEndpoint = it.ask("POST", "/secrets", &body).await.parse();
        let new = made.secret.expect("told when it is made");
        assert_ne!(old, new);
        // The verifier compares with its own clock, so that only the signature is looked at.
        let fits = |nth: usize, secret: &str| {
            let heard = it.receiver.heard().swap_remove(nth);
            let sent = heard.header("webhook-timestamp").parse().expect("seconds");
            let hook = Webhook::new(secret).expect("a secret");
            let expected = hook.sign(heard.header("webhook-id"), sent, &heard.body);
            let expected = expected.expect("a signature");
            let signatures = heard.header("webhook-signature").to_owned();
            signatures.split(' ').any(|it| it == expected)
        };
        it.shop.member("c-1").await;
        it.run().await;
        assert!(fits(0, &old) && fits(0, &new));
        app.advance_seconds(24 * 3600);
        it.shop.member("c-2").await;
        it.run().await;
        assert!(!fits(1, &old) && fits(1, &new));
        assert_eq!(it.now().await.old_secret_until, None);
    })
    .await;
}

#[tokio::test]
async fn a_trial_shows_what_is_sent_and_what_it_met() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &[], false).await;
        let body = json!({ "type": "points.changed", "dry_run": true });
        let dry: EndpointTrial = it.ask("POST", "/test", &body).await.parse();
        assert_eq!((dry.attempt, it.receiver.count()), (None, 0));
        assert!(dry.body.contains(r#""type":"points.changed""#));
        it.receiver.say([Say::Words("thanks"), Say::Status(500)]);
        let body = json!({ "type": "tier.changed" });
        let real: EndpointTrial = it.ask("POST", "/test", &body).await.parse();
        let met = real.attempt.expect("it was sent");
        assert_eq!(
            (met.status, met.answer.as_deref()),
            (Some(200), Some("thanks"))
        );
        let heard = it.receiver.heard().remove(0);
        assert_eq!(heard.body, real.body);
        for header in &real.headers {
            assert_eq!(heard.header(&header.name), header.value);
        }
        let again: EndpointTrial = it.ask("POST", "/test", &body).await.parse();
        assert_eq!(again.attempt.and_then(|it| it.status), Some(500));
        assert_eq!(it.deliveries().await, []);
    })
    .await;
}

#[tokio::test]
async fn the_catalogue_has_an_example_of_everything() {
    on_both(async |app: &TestApp| {
        let found: EventCatalogue = read(app, "/api/v1/webhook_event_types").await;
        let kinds: Vec<EventType> = found.events.iter().map(|it| it.kind).collect();
        assert_eq!(kinds, EventType::ALL);
        let document: Value = serde_json::from_str(&server::http::document()).expect("JSON");
        for it in &found.events {
            let event: Event = serde_json::from_str(&it.example).expect("an event");
            assert_eq!(event.kind(), it.kind);
            let told = &document["webhooks"][it.kind.as_str()]["post"];
            let content = &told["requestBody"]["content"]["application/json"];
            let example: Value = serde_json::from_str(&it.example).expect("JSON");
            assert_eq!(content["example"]["data"], example["data"]);
            let name = content["schema"]["properties"]["data"]["$ref"].as_str();
            let name = name.and_then(|it| it.strip_prefix("#/components/schemas/"));
            let schema = &document["components"]["schemas"][name.expect("a schema")];
            let fields = schema["properties"].as_object().expect("fields");
            let data = example["data"].as_object().expect("data");
            assert!(data.keys().eq(fields.keys()), "{}", it.kind.as_str());
        }
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_can_wait_and_go_on_and_end() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["member.created"], false).await;
        let off = it.ask("POST", "/state", &json!({ "active": false })).await;
        assert_eq!(off.parse::<WebhookEndpoint>().state, EndpointState::Paused);
        it.shop.member("c-1").await;
        it.run().await;
        assert_eq!((it.receiver.count(), it.now().await.waiting), (0, 1));
        it.ask("POST", "/state", &json!({ "active": true }))
            .await
            .assert_status(200);
        it.run().await;
        assert_eq!((it.receiver.count(), it.now().await.waiting), (1, 0));
        it.ask("DELETE", "", &json!({})).await.assert_status(204);
        it.ask("DELETE", "", &json!({}))
            .await
            .assert_problem(404, "webhooks.not_found");
        it.shop.member("c-2").await;
        it.run().await;
        assert_eq!(it.receiver.count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_key_needs_the_scope() {
    on_both(async |app: &TestApp| {
        let body = json!({ "name": "CRM", "url": "https://shop.example/" });
        let without = app.api_key(&[Scope::MembersRead]).await;
        let refused = app.post(ALL).bearer(&without).json(&body).await;
        refused.assert_problem(403, "auth.scope_missing");
        let with = app.api_key(&[Scope::WebhooksWrite]).await;
        app.post(ALL)
            .bearer(&with)
            .json(&body)
            .await
            .assert_status(201);
    })
    .await;
}
