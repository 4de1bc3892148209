//! Endpoints that are slow, down, flapping or gone: every event arrives at least once all the same,
//! and nobody else waits.

use super::{Hooks, ask, private};
use crate::support::{Receiver, Say, TestApp, on_both_with};
use serde_json::json;
use server::outbox::service::{self as outbox, Message};
use server::webhooks::service::{deliver_due, spread_due};
use shared::ids::MemberId;
use shared::webhooks::WebhookDeliveryState as State;
use shared::webhooks::api::{WebhookDelivery, WebhookEndpoint};
use shared::webhooks::events::{Event, MemberGone};
use shared::webhooks::{DisabledReason, EndpointState};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

#[tokio::test]
async fn what_fails_is_sent_again_by_the_schedule_and_then_given_up() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["member.created"], false).await;
        it.receiver.say([Say::Status(500); 10]);
        it.shop.member("c-1").await;
        it.run().await;
        for (count, hours) in (1..).zip([0, 0, 1, 2, 5, 10, 14, 20, 24]) {
            let stood = it.only().await.delivery;
            assert_eq!((stood.state, stood.attempts), (State::Waiting, count));
            let next = stood.next_at.expect("it is tried again");
            let wait = next.as_millis() - it.shop.now().as_millis();
            assert!(wait / 3_600_000 <= hours + hours / 5 + 1, "{count}: {wait}");
            app.clock.set(next.plus_millis(-1));
            it.run().await;
            assert_eq!(it.receiver.count(), count as usize);
            app.clock.set(next.plus_millis(300_000));
            it.run().await;
        }
        let stood = it.only().await;
        assert_eq!((stood.delivery.state, stood.delivery.attempts), (State::Failed, 10));
        assert!(stood.attempts.iter().all(|it| it.status == Some(500)));
        let ids: BTreeSet<String> = it.receiver.heard().iter().map(|it| it.header("webhook-id").to_owned()).collect();
        assert_eq!((it.receiver.count(), ids.len()), (10, 1));
        let again = json!({ "from": crate::support::beginning(), "until": it.shop.now(), "failed_only": true });
        let again = it.ask("POST", "/replays", &again).await;
        assert_eq!(again.json(), json!({ "events": 1 }));
        it.run().await;
        assert_eq!(it.only().await.delivery.state, State::Delivered);
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_is_left_alone_for_as_long_as_it_asks() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["member.created"], false).await;
        it.receiver.say([Say::Later(429, 3600)]);
        it.shop.member("c-1").await;
        it.run().await;
        app.advance_seconds(3599);
        it.run().await;
        assert_eq!(it.receiver.count(), 1);
        app.advance_seconds(1);
        it.run().await;
        assert_eq!(it.receiver.count(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_sent_nothing_until_staff_turn_it_on() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["member.created"], false).await;
        it.receiver.say([Say::Status(410)]);
        it.shop.member("c-1").await;
        it.run().await;
        let gone = it.now().await;
        assert_eq!(
            (gone.state, gone.disabled),
            (EndpointState::Disabled, Some(DisabledReason::Gone))
        );
        it.shop.member("c-2").await;
        it.run().await;
        assert_eq!(
            it.stand().await,
            [("member.created".to_owned(), State::Failed, 1)]
        );
        let on = it.ask("POST", "/state", &json!({ "active": true })).await;
        let on: WebhookEndpoint = on.parse();
        assert_eq!((on.state, on.disabled), (EndpointState::Active, None));
        it.shop.member("c-3").await;
        it.run().await;
        assert_eq!(it.receiver.count(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_is_down_is_asked_one_by_one_and_gets_everything_when_it_is_back() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["member.created"], false).await;
        it.receiver.say([Say::Status(503); 45]);
        for i in 0..60 {
            it.shop.member(&format!("c-{i}")).await;
        }
        it.run().await;
        // The first requests leave together; then it is known that nobody is there.
        assert_eq!(it.receiver.count(), 32);
        let resting = it.now().await;
        assert_eq!(
            (resting.failures, resting.state),
            (32, EndpointState::Active)
        );
        assert!(resting.resting_until.is_some());
        app.advance_seconds(301);
        it.run().await;
        assert_eq!(it.receiver.count(), 33);
        for _ in 0..40 {
            app.advance_seconds(1801);
            it.run().await;
        }
        let heard = it.receiver.heard();
        let delivered: BTreeSet<&str> = heard[45..]
            .iter()
            .map(|it| it.header("webhook-id"))
            .collect();
        assert_eq!((delivered.len(), it.now().await.waiting), (60, 0));
        assert_eq!(it.now().await.failures, 0);
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_fails_for_five_days_is_given_up() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["member.created"], false).await;
        it.receiver.say([Say::Status(503); 60]);
        for i in 0..8 {
            it.shop.member(&format!("c-{i}")).await;
        }
        for _ in 0..50 {
            it.run().await;
            app.advance_seconds(4 * 3600);
        }
        let given_up = it.now().await;
        assert_eq!(given_up.disabled, Some(DisabledReason::Failing));
        let heard = it.receiver.count();
        it.run().await;
        assert_eq!(it.receiver.count(), heard);
    })
    .await;
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_an_endless_answer_ends() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["member.created"], false).await;
        it.receiver.say([Say::Elsewhere, Say::Endless]);
        it.shop.member("c-1").await;
        it.run().await;
        assert_eq!(it.only().await.attempts[0].status, Some(302));
        app.advance_seconds(10);
        it.run().await;
        let done = it.only().await;
        assert_eq!(done.delivery.state, State::Delivered);
        let kept = done.attempts[0].answer.as_deref().map(str::len);
        assert_eq!(kept, Some(1000));
        let paths: BTreeSet<String> = it.receiver.heard().into_iter().map(|it| it.path).collect();
        assert_eq!(paths, BTreeSet::from(["/hook".to_owned()]));
    })
    .await;
}

#[tokio::test]
async fn a_silent_endpoint_holds_up_no_other_and_what_a_dead_node_sent_is_sent_again() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["member.created"], false).await;
        let other = Receiver::open().await;
        let body = json!({ "name": "ERP", "url": other.url("/"), "events": ["member.created"] });
        ask(app, "POST", "/api/v1/webhook_endpoints", &body)
            .await
            .assert_status(201);
        it.receiver.say([Say::Nothing]);
        it.shop.member("c-1").await;
        spread_due(&app.app).await.expect("handed over");
        {
            let node = deliver_due(&app.app);
            let meanwhile = async {
                other.until(1).await;
                it.receiver.until(1).await;
                it.shop.member("c-2").await;
                spread_due(&app.app).await.expect("handed over");
                other.until(2).await;
            };
            futures::pin_mut!(node, meanwhile);
            let first = futures::future::select(node, meanwhile).await;
            assert!(matches!(first, futures::future::Either::Right(_)));
            // The node dies here, with a request under way.
        }
        app.advance_seconds(61);
        it.run().await;
        let ids: BTreeSet<String> = it
            .receiver
            .heard()
            .iter()
            .map(|it| it.header("webhook-id").to_owned())
            .collect();
        assert_eq!(ids.len(), 2);
        assert!(it.stand().await.iter().all(|it| it.1 == State::Delivered));
        assert!(other.count() >= 2);
    })
    .await;
}

/// The places among all events of what each member's requests told of, as they came.
fn by_member(it: &Hooks<'_>, rows: &[WebhookDelivery]) -> BTreeMap<String, Vec<usize>> {
    let mut order: Vec<&WebhookDelivery> = rows.iter().collect();
    order.sort_by_key(|it| it.event_id);
    let mut told: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for heard in it.receiver.heard() {
        let id = heard.header("webhook-id").to_owned();
        let place = order.iter().position(|it| it.event_id.to_string() == id);
        let place = place.expect("it was published");
        let member = order[place].member_id.expect("a member").to_string();
        told.entry(member).or_default().push(place);
    }
    told
}

#[tokio::test]
async fn the_events_of_a_member_arrive_in_order_where_that_is_asked_for() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["points.changed"], true).await;
        for member in ["ann", "bob"] {
            it.shop.member(member).await;
        }
        for i in 0..4 {
            for member in ["ann", "bob"] {
                it.shop.pay(member, &format!("{member}-{i}"), 10_000).await;
            }
        }
        // Some are not taken at first; what comes after them for the same member waits.
        it.receiver
            .say([Say::Status(500), Say::Status(200), Say::Status(500)]);
        for _ in 0..4 {
            it.run().await;
            app.advance_seconds(7);
        }
        let rows = it.deliveries().await;
        assert!(
            rows.iter().all(|it| it.state == State::Delivered),
            "{rows:?}"
        );
        assert_eq!((rows.len(), it.receiver.count()), (8, 10));
        for places in by_member(&it, &rows).into_values() {
            assert!(places.is_sorted(), "{places:?}");
            assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), 4);
        }
    })
    .await;
}

/// How many events wait when the node dies: `COTERIE_WEBHOOK_EVENTS`, or as many as is quick.
fn events() -> usize {
    let asked = std::env::var("COTERIE_WEBHOOK_EVENTS").ok();
    asked.map_or(1000, |it| {
        it.parse().expect("COTERIE_WEBHOOK_EVENTS is a number")
    })
}

/// Publishes events of fifty members, one after the other.
async fn publish(app: &TestApp, count: usize) {
    let members: Vec<MemberId> = (1..=50u128).map(|it| Uuid::from_u128(it).into()).collect();
    let all: Vec<usize> = (0..count).collect();
    for chunk in all.chunks(500) {
        let messages: Vec<Message> = chunk
            .iter()
            .map(|nth| Message {
                event: Event::MemberErased(MemberGone {
                    member_id: members[nth % 50],
                }),
                member: Some(members[nth % 50]),
            })
            .collect();
        let write = app.app.db.write(messages, |tx, messages: &Vec<Message>| {
            Box::pin(outbox::publish(tx, messages.clone()))
        });
        write.await.expect("it is written");
    }
}

#[tokio::test]
async fn everything_arrives_although_a_node_dies_on_the_way() {
    on_both_with(private, async |app: &TestApp| {
        let it = Hooks::open(app, &["member.erased"], true).await;
        let count = events();
        publish(app, count).await;
        spread_due(&app.app).await.expect("handed over");
        {
            let node = deliver_due(&app.app);
            let half = it.receiver.until(count / 2);
            futures::pin_mut!(node, half);
            let first = futures::future::select(node, half).await;
            assert!(matches!(first, futures::future::Either::Right(_)));
            // The node dies here, with requests under way.
        }
        app.advance_seconds(61);
        let other = app.another_node_with(private).await;
        deliver_due(&other).await.expect("another node goes on");
        let mut first = BTreeMap::<String, usize>::new();
        let mut order = BTreeMap::<String, Vec<String>>::new();
        for heard in it.receiver.heard() {
            let id = heard.header("webhook-id").to_owned();
            let seen = first.entry(id.clone()).or_default();
            *seen += 1;
            if *seen == 1 {
                let member = heard.json()["data"]["member_id"].to_string();
                order.entry(member).or_default().push(id);
            }
        }
        assert_eq!(first.len(), count);
        // Only what was under way came twice.
        assert!(it.receiver.count() - count <= 32);
        assert!(order.values().all(|it| it.is_sorted()));
        other.db.close().await;
    })
    .await;
}
