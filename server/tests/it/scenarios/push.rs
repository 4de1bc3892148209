//! How communities are called: messages to members, signed requests, and group robots.

use super::support::{HALF_PAST_TWELVE, Lists, list, on};
use crate::support::{Receiver, Say, TestApp, on_both, on_both_with};
use sea_orm::{ConnectionTrait, DatabaseBackend};
use serde_json::{Value, json};
use server::clock::{Clock, SystemClock};
use server::config::Config;
use server::scenarios::service::{appear_due, deliver_due};
use shared::scenarios::api::{ChannelTrial, Delivery};
use shared::scenarios::{ChannelKind, DeliveryState};
use standardwebhooks::Webhook;

/// The receivers of these tests are on this machine.
fn private(config: &mut Config) {
    config.send_to_private = true;
}

async fn sql(app: &TestApp, statement: &'static str) -> u64 {
    let run = app.app.db.write(statement, |tx, statement| {
        Box::pin(async move { Ok(tx.execute_unprepared(statement).await?.rows_affected()) })
    });
    run.await.expect("the statement runs")
}

#[tokio::test]
async fn members_hear_of_a_list_exactly_once() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        let tokens = it.joined(&["ann", "bob", "left", "removed"]).await;
        let path = format!("/api/v1/me/communities/{}", it.community.id);
        let leave = app.delete(&path).bearer(&tokens[2]).await;
        leave.assert_status(204);
        let path = it.path("members/ext:removed");
        it.ask("DELETE", &path, &json!({})).await.assert_status(204);
        it.make(json!({})).await;
        for _ in 0..3 {
            it.at(0, HALF_PAST_TWELVE).await;
        }
        for (member, count) in [("ann", 1), ("bob", 1), ("left", 0), ("removed", 0)] {
            assert_eq!(it.heard(member).await.len(), count, "{member}");
        }
        let told = it.delivery(ChannelKind::InApp).await;
        assert_eq!(
            told,
            Delivery {
                kind: ChannelKind::InApp,
                state: DeliveryState::Done,
                attempts: 1,
                reached: Some(2),
                trouble: None,
            }
        );
        // Who joins later reads the page.
        it.joined(&["late"]).await;
        it.at(0, HALF_PAST_TWELVE + 1).await;
        assert!(it.heard("late").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_large_community_is_written_to_step_by_step_and_after_a_crash_nobody_hears_twice() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        it.joined(&["ann", "bob"]).await;
        let fill = match app.app.db.backend() {
            DatabaseBackend::Sqlite => {
                "INSERT INTO community_members (id, community_id, member_id, state, joined_at, changed_at)
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
                 SELECT randomblob(16), communities.id, randomblob(16), 'active', 0, 0 FROM communities, n"
            }
            _ => {
                "INSERT INTO community_members (id, community_id, member_id, state, joined_at, changed_at)
                 SELECT gen_random_uuid(), communities.id, gen_random_uuid(), 'active', 0, 0
                 FROM communities, generate_series(1, 1100)"
            }
        };
        assert_eq!(sql(app, fill).await, 1100);
        it.make(json!({})).await;
        it.at(0, HALF_PAST_TWELVE).await;
        let told = it.delivery(ChannelKind::InApp).await;
        assert_eq!((told.reached, told.attempts), (Some(1102), 1));
        // Where a node crashed before it noted what it wrote, another begins again a minute later.
        let forget = "UPDATE push_deliveries SET state = 'waiting', after = NULL, reached = 0, attempts = 0";
        assert_eq!(sql(app, forget).await, 1);
        it.at(0, HALF_PAST_TWELVE + 1).await;
        assert_eq!(it.delivery(ChannelKind::InApp).await, told);
        let count = "UPDATE messages SET kind = kind WHERE kind = 'scenario_posted'";
        assert_eq!(sql(app, count).await, 1102);
        assert_eq!(it.heard("ann").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_webhook_is_a_signed_request_of_the_specification() {
    on_both_with(private, async |app: &TestApp| {
        let it = Lists::open(app).await;
        let receiver = Receiver::open().await;
        let way = it.channel("webhook", &receiver.url("/hook?key=b")).await;
        assert_eq!(way.address, format!("{}/…", receiver.url("")));
        let secret = way.secret.expect("it is told once");
        it.make(json!({})).await;
        it.at(0, HALF_PAST_TWELVE).await;
        it.shop.run_jobs().await;
        let heard = receiver.heard();
        assert_eq!(heard.len(), 1);
        let heard = &heard[0];
        assert_eq!(heard.path, "/hook");
        assert_eq!(heard.header("content-type"), "application/json");
        let appeared = on(0, HALF_PAST_TWELVE);
        let sent = appeared.as_millis() / 1000;
        assert_eq!(heard.header("webhook-timestamp"), sent.to_string());
        let webhook = Webhook::new(&secret).expect("a secret");
        let id = heard.header("webhook-id");
        assert!(!id.is_empty() && !id.contains('.'), "{id}");
        let signature = webhook.sign(id, sent, &heard.body).expect("a signature");
        assert_eq!(heard.header("webhook-signature"), signature);
        let body = heard.json();
        let posting = body["data"]["posting_id"].as_str().unwrap_or_default();
        assert!(!posting.is_empty());
        let sample = list(json!({}));
        assert_eq!(
            body,
            json!({
                "type": "community.scenario_posted",
                "timestamp": appeared,
                "data": {
                    "community_id": it.community.id,
                    "community": "office",
                    "posting_id": posting,
                    "title": "Office breakfast",
                    "text": "Warm and fresh",
                    "products": sample["products"],
                    "link": format!("{}/communities/{}", app.app.config.public_url, it.community.id),
                },
            })
        );
        let told = it.delivery(ChannelKind::Webhook).await;
        assert_eq!((told.state, told.attempts, told.reached), (DeliveryState::Done, 1, None));
    })
    .await;
}

#[tokio::test]
async fn a_trial_arrives_now_and_is_taken_by_the_library_of_the_specification() {
    on_both_with(private, async |app: &TestApp| {
        // The library refuses requests that were signed long ago or in the future.
        app.clock.set(SystemClock::default().now());
        let it = Lists::open(app).await;
        let receiver = Receiver::open().await;
        let way = it.channel("webhook", &receiver.url("/hook")).await;
        let path = format!("/api/v1/push_channels/{}/test", way.id);
        let attempt = async || {
            let answer = it.ask("POST", &path, &json!({})).await;
            answer.assert_status(200);
            let trial: ChannelTrial = answer.parse();
            assert!(trial.took_ms >= 0);
            (trial.arrived, trial.trouble)
        };
        assert_eq!(attempt().await, (true, None));
        receiver.say([Say::Status(503), Say::Elsewhere]);
        assert_eq!(attempt().await, (false, Some("503".to_owned())));
        let elsewhere = "302: leads elsewhere, which is not followed".to_owned();
        assert_eq!(attempt().await, (false, Some(elsewhere)));
        let heard = receiver.heard();
        assert_eq!(heard.len(), 3);
        let webhook = Webhook::new(&way.secret.unwrap_or_default()).expect("a secret");
        for request in &heard {
            webhook
                .verify(&request.body, &request.headers)
                .expect("it is ours");
            let other = request.body.to_ascii_uppercase();
            assert!(webhook.verify(&other, &request.headers).is_err());
            assert_eq!(request.json()["type"], "community.trial");
            assert_eq!(request.json()["data"]["posting_id"], Value::Null);
        }
        // Nothing of it stands in the calendar.
        let today = app
            .clock
            .clone()
            .now()
            .date_in(app.app.rulebook().programme_zone());
        let path = it.path(&format!("calendar?from={today}&days=1"));
        let calendar: Value = it.read(&path).await;
        assert_eq!(calendar["entries"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_group_robot_gets_the_message_that_it_expects() {
    on_both_with(private, async |app: &TestApp| {
        let it = Lists::open(app).await;
        let robot = Receiver::open().await;
        robot.say([Say::Words(r#"{"errcode":0,"errmsg":"ok"}"#)]);
        let way = it
            .channel("wecom", &robot.url("/cgi-bin/webhook/send?key=k"))
            .await;
        assert_eq!(way.secret, None);
        it.make(json!({ "title": "Office [breakfast]", "text": "**Warm** & fresh" }))
            .await;
        it.at(0, HALF_PAST_TWELVE).await;
        let heard = robot.heard();
        assert_eq!(heard.len(), 1);
        assert_eq!(heard[0].path, "/cgi-bin/webhook/send");
        assert_eq!(heard[0].header("content-type"), "application/json");
        let link = format!(
            "{}/communities/{}",
            app.app.config.public_url, it.community.id
        );
        let words = format!(
            "### Office  breakfast \n  Warm   & fresh\n- Oat milk\n- Bread\n[office]({link})"
        );
        assert_eq!(
            heard[0].json(),
            json!({ "msgtype": "markdown", "markdown": { "content": words } })
        );
        let told = it.delivery(ChannelKind::Wecom).await;
        assert_eq!((told.state, told.trouble), (DeliveryState::Done, None));
    })
    .await;
}

#[tokio::test]
async fn what_a_group_robot_refuses_has_not_arrived() {
    for (words, state, trouble) in [
        (
            r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#,
            DeliveryState::Failed,
            "the robot refused it (errcode 93000)",
        ),
        (
            r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#,
            DeliveryState::Waiting,
            "asked too often (errcode 45009)",
        ),
        (
            "<html>",
            DeliveryState::Waiting,
            "no answer of a group robot",
        ),
    ] {
        on_both_with(private, async |app: &TestApp| {
            let it = Lists::open(app).await;
            let robot = Receiver::open().await;
            robot.say([Say::Words(words), Say::Words(r#"{"errcode":0}"#)]);
            it.channel("wecom", &robot.url("/")).await;
            it.make(json!({})).await;
            it.at(0, HALF_PAST_TWELVE).await;
            let told = it.delivery(ChannelKind::Wecom).await;
            assert_eq!(
                (told.state, told.trouble.as_deref()),
                (state, Some(trouble))
            );
            app.advance_seconds(5);
            it.shop.run_jobs().await;
            let again = state == DeliveryState::Waiting;
            assert_eq!(robot.count(), 1 + usize::from(again));
            if again {
                let told = it.delivery(ChannelKind::Wecom).await;
                let stands = (told.state, told.attempts, told.trouble);
                assert_eq!(stands, (DeliveryState::Done, 2, None));
            }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_call_by_each_way_once() {
    on_both_with(private, async |app: &TestApp| {
        let it = Lists::open(app).await;
        it.joined(&["ann", "bob"]).await;
        let receiver = Receiver::open().await;
        for path in ["/a", "/b", "/c"] {
            it.channel("webhook", &receiver.url(path)).await;
        }
        it.make(json!({})).await;
        app.clock.set(on(0, HALF_PAST_TWELVE));
        let other = app.another_node().await;
        for _ in 0..2 {
            let (one, two) = futures::join!(appear_due(&app.app), appear_due(&other));
            one.expect("one node");
            two.expect("the other node");
            let (one, two) = futures::join!(deliver_due(&app.app), deliver_due(&other));
            one.expect("one node");
            two.expect("the other node");
        }
        let mut paths: Vec<String> = receiver.heard().into_iter().map(|it| it.path).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["/a", "/b", "/c"]);
        assert_eq!(it.heard("ann").await.len(), 1);
        assert_eq!(it.heard("bob").await.len(), 1);
        let told = it.deliveries().await;
        assert!(
            told.iter().all(|it| it.state == DeliveryState::Done),
            "{told:?}"
        );
        it.shop.assert_books().await;
        other.db.close().await;
    })
    .await;
}
