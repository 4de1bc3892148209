//! Calls that do not arrive: what is tried again and when, what is given up, and where nothing is
//! sent at all.

use super::support::{HALF_PAST_TWELVE, Lists, on};
use crate::support::{Receiver, Say, TestApp, on_both, on_both_with};
use futures::FutureExt;
use serde_json::json;
use server::config::Config;
use server::scenarios::service::{appear_due, deliver_due};
use shared::scenarios::api::{ChannelTrial, Delivery};
use shared::scenarios::{ChannelKind, DeliveryState};
use tokio::net::TcpListener;

/// The receivers of these tests are on this machine.
fn private(config: &mut Config) {
    config.send_to_private = true;
}

/// Where the webhook of the only list stands: state, attempts, trouble.
async fn stands(it: &Lists<'_>) -> (DeliveryState, u32, Option<String>) {
    let Delivery {
        state,
        attempts,
        trouble,
        ..
    } = it.delivery(ChannelKind::Webhook).await;
    (state, attempts, trouble)
}

/// A list that has appeared, and a receiver that answered its call with this.
async fn called<'a>(app: &'a TestApp, answers: &[Say]) -> (Lists<'a>, Receiver) {
    let it = Lists::open(app).await;
    let receiver = Receiver::open().await;
    receiver.say(answers.iter().copied());
    it.channel("webhook", &receiver.url("/hook")).await;
    it.make(json!({})).await;
    it.at(0, HALF_PAST_TWELVE).await;
    (it, receiver)
}

#[tokio::test]
async fn a_receiver_that_fails_is_asked_again_later_and_later_and_then_given_up() {
    on_both_with(private, async |app: &TestApp| {
        let (it, receiver) = called(app, &[Say::Status(503); 6]).await;
        let trouble = Some("503".to_owned());
        for (count, wait) in [5, 30, 120, 600, 1800].into_iter().enumerate() {
            assert_eq!(receiver.count(), count + 1);
            app.advance_seconds(wait - 1);
            deliver_due(&app.app).await.expect("it runs");
            assert_eq!(receiver.count(), count + 1, "{wait}");
            app.advance_seconds(1);
            deliver_due(&app.app).await.expect("it runs");
        }
        assert_eq!(stands(&it).await, (DeliveryState::Failed, 6, trouble));
        app.advance_seconds(86_400);
        it.shop.run_jobs().await;
        let heard = receiver.heard();
        assert_eq!(heard.len(), 6);
        // The receiver knows by the id that it is the same call, each time signed anew.
        let first = &heard[0];
        for again in &heard[1..] {
            assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
            assert_eq!(again.body, first.body);
            let signed =
                |it: &str| it.starts_with("v1,") && it != first.header("webhook-signature");
            assert!(signed(again.header("webhook-signature")));
        }
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_recovers_gets_the_call_once() {
    on_both_with(private, async |app: &TestApp| {
        let (it, receiver) = called(app, &[Say::Status(500), Say::Status(404)]).await;
        let trouble = |it: &str| Some(it.to_owned());
        assert_eq!(
            stands(&it).await,
            (DeliveryState::Waiting, 1, trouble("500"))
        );
        app.advance_seconds(5);
        it.shop.run_jobs().await;
        assert_eq!(
            stands(&it).await,
            (DeliveryState::Waiting, 2, trouble("404"))
        );
        app.advance_seconds(30);
        for _ in 0..3 {
            it.shop.run_jobs().await;
            app.advance_seconds(86_400 / 4);
        }
        assert_eq!(stands(&it).await, (DeliveryState::Done, 3, None));
        assert_eq!(receiver.count(), 3);
    })
    .await;
}

#[tokio::test]
async fn what_will_not_pass_is_not_tried_again() {
    for (say, trouble) in [
        (Say::Status(410), "410: the address is gone"),
        (
            Say::Elsewhere,
            "302: leads elsewhere, which is not followed",
        ),
    ] {
        on_both_with(private, async |app: &TestApp| {
            let (it, receiver) = called(app, &[say]).await;
            let given_up = (DeliveryState::Failed, 1, Some(trouble.to_owned()));
            assert_eq!(stands(&it).await, given_up);
            app.advance_seconds(3600);
            it.shop.run_jobs().await;
            let paths: Vec<String> = receiver.heard().into_iter().map(|it| it.path).collect();
            assert_eq!(paths, ["/hook"]);
        })
        .await;
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_read_in_part() {
    on_both_with(private, async |app: &TestApp| {
        let (it, receiver) = called(app, &[Say::Endless]).await;
        assert_eq!(stands(&it).await, (DeliveryState::Done, 1, None));
        assert_eq!(receiver.count(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_to_go_by_a_way_that_was_removed_is_given_up() {
    on_both_with(private, async |app: &TestApp| {
        let it = Lists::open(app).await;
        let receiver = Receiver::open().await;
        let way = it.channel("webhook", &receiver.url("/hook")).await;
        it.make(json!({})).await;
        app.clock.set(on(0, HALF_PAST_TWELVE));
        appear_due(&app.app).await.expect("it runs");
        let path = format!("/api/v1/push_channels/{}", way.id);
        it.ask("DELETE", &path, &json!({})).await.assert_status(204);
        it.shop.run_jobs().await;
        let given_up = Some("the way was removed".to_owned());
        assert_eq!(stands(&it).await, (DeliveryState::Failed, 1, given_up));
        assert_eq!(receiver.count(), 0);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_node_that_dies_while_it_sends_is_followed_by_another_after_a_minute() {
    on_both_with(private, async |app: &TestApp| {
        let it = Lists::open(app).await;
        it.joined(&["ann"]).await;
        let receiver = Receiver::open().await;
        receiver.say([Say::Nothing]);
        it.channel("webhook", &receiver.url("/hook")).await;
        it.make(json!({})).await;
        app.clock.set(on(0, HALF_PAST_TWELVE));
        appear_due(&app.app).await.expect("it runs");
        let node = app.app.clone();
        let sending = tokio::spawn(async move { deliver_due(&node).await });
        receiver.until(1).await;
        sending.abort();
        assert!(sending.await.is_err_and(|it| it.is_cancelled()));
        let other = app.another_node().await;
        let look = async || deliver_due(&other).await.expect("it runs");
        look().await;
        app.advance_seconds(59);
        look().await;
        assert_eq!(receiver.count(), 1);
        app.advance_seconds(1);
        look().await;
        app.advance_seconds(3600);
        look().await;
        let heard = receiver.heard();
        assert_eq!(heard.len(), 2);
        assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
        assert_eq!(stands(&it).await, (DeliveryState::Done, 1, None));
        let told = it.delivery(ChannelKind::InApp).await;
        assert_eq!((told.state, told.reached), (DeliveryState::Done, Some(1)));
        assert_eq!(it.heard("ann").await.len(), 1);
        other.db.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_may_ask_only_public_addresses_asks_no_others() {
    on_both_with(private, async |app: &TestApp| {
        let it = Lists::open(app).await;
        let receiver = Receiver::open().await;
        it.channel("webhook", &receiver.url("/hook")).await;
        it.make(json!({})).await;
        app.clock.set(on(0, HALF_PAST_TWELVE));
        appear_due(&app.app).await.expect("it runs");
        // The setting was taken back after the way was made.
        let strict = app.another_node_with(|it| it.send_to_private = false).await;
        deliver_due(&strict).await.expect("it runs");
        let (state, attempts, trouble) = stands(&it).await;
        assert_eq!((state, attempts), (DeliveryState::Waiting, 1));
        assert!(trouble.is_some_and(|it| it.starts_with("expected an address")));
        assert_eq!(receiver.count(), 0);
        strict.db.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_not_connected_to() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let way = it
            .channel("webhook", &format!("https://localhost:{port}/"))
            .await;
        let path = format!("/api/v1/push_channels/{}/test", way.id);
        let trial: ChannelTrial = it.ask("POST", &path, &json!({})).await.parse();
        assert!(!trial.arrived);
        assert!(
            trial
                .trouble
                .is_some_and(|it| it.starts_with("no connection"))
        );
        assert!(listener.accept().now_or_never().is_none());
        for host in [
            "127.0.0.1",
            "[::1]",
            "10.0.0.1",
            "169.254.169.254",
            "[::ffff:127.0.0.1]",
        ] {
            let body = json!({ "kind": "webhook", "url": format!("https://{host}:{port}/") });
            let refused = it
                .ask("POST", &it.path("channels"), &body)
                .await
                .wrong_parts();
            assert_eq!(
                refused,
                [("/url".to_owned(), "invalid".to_owned())],
                "{host}"
            );
        }
    })
    .await;
}
