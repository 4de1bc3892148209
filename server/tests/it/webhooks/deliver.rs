//! Events reach the endpoints that want them, signed, with all there is to say, and again when they
//! are asked for again.

use super::{Hooks, ask, private, read};
use crate::communities::support::join;
use crate::scenarios::support::Lists;
use crate::support::{Receiver, TestApp, on_both_with};
use serde_json::json;
use shared::webhooks::WebhookDeliveryState as State;
use shared::webhooks::api::WebhookEndpoints;
use shared::webhooks::events::Event;
use standardwebhooks::Webhook;

#[tokio::test]
async fn an_order_is_told_as_what_it_did() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &[], false).await;
        let member = it.shop.member("c-1").await;
        it.shop.pay("c-1", "o-1", 60_000).await;
        it.run().await;
        let mut kinds = it.heard();
        kinds.sort();
        assert_eq!(kinds, ["member.created", "points.changed", "tier.changed"]);
        let secret = it.endpoint.secret.clone().expect("a secret");
        let hook = Webhook::new(&secret).expect("a secret");
        for heard in it.receiver.heard() {
            let id = heard.header("webhook-id");
            assert!(id.starts_with("evt_"));
            let sent = heard.header("webhook-timestamp").parse().expect("seconds");
            let expected = hook.sign(id, sent, &heard.body).expect("a signature");
            assert_eq!(heard.header("webhook-signature"), expected);
            assert_eq!(heard.header("content-type"), "application/json");
            let event: Event = serde_json::from_slice(&heard.body).expect("an event");
            if let Event::PointsChanged(changed) = event {
                assert_eq!(changed.member_id, member);
                let (available, pending, _) = it.shop.points("c-1").await;
                assert_eq!((changed.available, changed.pending), (available, pending));
            }
        }
        let done = it.stand().await;
        assert!(done.iter().all(|it| (it.1, it.2) == (State::Delivered, 1)));
        // Nothing is sent twice.
        it.run().await;
        assert_eq!(it.receiver.count(), 3);
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_is_told_of_what_it_wants_only() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["tier.changed"], false).await;
        let other = Receiver::open().await;
        let body = json!({ "name": "ERP", "url": other.url("/"), "events": ["member.created", "member.changed"] });
        ask(app, "POST", "/api/v1/webhook_endpoints", &body).await.assert_status(201);
        it.shop.member("c-1").await;
        it.shop.pay("c-1", "o-1", 60_000).await;
        it.run().await;
        assert_eq!(it.heard(), ["tier.changed"]);
        assert_eq!(other.count(), 1);
        let waiting: WebhookEndpoints = read(app, "/api/v1/webhook_endpoints").await;
        assert!(waiting.endpoints.iter().all(|it| it.waiting == 0));
    })
    .await;
}

#[tokio::test]
async fn who_joins_and_leaves_a_community_is_told() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["community.joined", "community.left"], false).await;
        let lists = Lists::open(app).await;
        lists.shop.member("ann").await;
        let token = lists.shop.hand_over("ann").await;
        join(&lists.shop, &token, &lists.community.code)
            .await
            .assert_status(201);
        let path = format!("/api/v1/me/communities/{}", lists.community.id);
        app.delete(&path).bearer(&token).await.assert_status(204);
        it.run().await;
        let mut told = it.heard();
        told.sort();
        assert_eq!(told, ["community.joined", "community.left"]);
    })
    .await;
}

#[tokio::test]
async fn what_was_sent_can_be_looked_at_and_sent_again() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["member.created"], false).await;
        it.shop.member("c-1").await;
        it.run().await;
        let first = it.only().await;
        let heard = it.receiver.heard().remove(0);
        assert_eq!(heard.body, first.body);
        assert_eq!(first.attempts.len(), 1);
        assert_eq!(first.attempts[0].status, Some(200));
        let of = format!("/deliveries/{}", first.delivery.event_id);
        let again = it.ask("POST", &format!("{of}/replay"), &json!({})).await;
        again.assert_status(202);
        it.run().await;
        let heard = it.receiver.heard();
        assert_eq!(heard.len(), 2);
        assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
        assert_eq!(heard[0].body, heard[1].body);
        assert_eq!(it.only().await.attempts.len(), 2);
        let unknown = it
            .ask(
                "GET",
                "/deliveries/evt_00000000000000000000000000",
                &json!({}),
            )
            .await;
        unknown.assert_problem(404, "webhooks.delivery_not_found");
    })
    .await;
}

#[tokio::test]
async fn a_time_can_be_sent_again_also_from_before_there_was_the_endpoint() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["member.created"], false).await;
        for member in ["c-1", "c-2", "c-3"] {
            it.shop.member(member).await;
            app.advance_seconds(60);
        }
        it.run().await;
        let body = |from: i64, until: i64| {
            let at = |seconds: i64| crate::support::beginning().plus_millis(seconds * 1000);
            json!({ "from": at(from), "until": at(until) })
        };
        let again = it.ask("POST", "/replays", &body(60, 120)).await;
        assert_eq!(again.json(), json!({ "events": 1 }));
        it.run().await;
        let heard = it.receiver.heard();
        assert_eq!(heard[3].header("webhook-id"), heard[1].header("webhook-id"));
        assert_eq!(heard.len(), 4);
        let late = Receiver::open().await;
        let made = json!({ "name": "late", "url": late.url("/"), "events": ["member.created"] });
        let made = ask(app, "POST", "/api/v1/webhook_endpoints", &made).await;
        let path = format!(
            "/api/v1/webhook_endpoints/{}/replays",
            made.json()["id"].as_str().expect("an id")
        );
        let again = ask(app, "POST", &path, &body(0, 3600)).await;
        assert_eq!(again.json(), json!({ "events": 3 }));
        it.run().await;
        assert_eq!(late.count(), 3);
        let wrong = ask(app, "POST", &path, &body(5, 5)).await;
        wrong.assert_status(422);
    })
    .await;
}

#[tokio::test]
async fn an_erased_member_is_no_longer_told_of() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["member.created", "member.erased"], false).await;
        let member = it.shop.member("very-secret-name").await;
        let path = format!("/api/v1/members/{member}/erase");
        let body = json!({ "reason": "asked for it" });
        let erased = ask(app, "POST", &path, &body).await;
        assert_eq!(erased.status / 100, 2, "{}", erased.text());
        it.run().await;
        assert_eq!(it.receiver.count(), 2);
        for heard in it.receiver.heard() {
            let text = String::from_utf8(heard.body.to_vec()).expect("text");
            assert!(!text.contains("very-secret-name"), "{text}");
        }
    })
    .await;
}
