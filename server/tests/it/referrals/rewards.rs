//! From the link to the reward, and back.

use super::support::Inviting;
use crate::support::{Shop, TestApp, on_both};
use futures::future::join_all;
use serde_json::json;
use server::jobs::run_all;
use shared::messages::Content;
use shared::messages::api::Message;
use shared::page::Page;
use shared::referrals::{ReferralReason, ReferralState};
use shared::rewards::Reward;
use std::future::IntoFuture;

#[tokio::test]
async fn both_are_rewarded_once_when_the_first_order_has_stood() {
    on_both(async |app: &TestApp| {
        let it = Inviting::open(Shop::open(app).await, json!({})).await;
        it.shop.member("ann").await;
        let binding = it.bind("bob", "ann").await;
        assert_eq!(it.state("ann").await, ReferralState::Joined);
        it.shop.pay("bob", "o-1", 6_000).await;
        it.shop.run_jobs().await;
        let friend = &it.friends("ann").await[0];
        assert_eq!(friend.state, ReferralState::Ordered);
        let due = friend
            .pending_until
            .expect("it waits for the return window");
        assert_eq!(due, it.shop.now().plus_days(7));
        it.shop.pass_days(6).await;
        assert_eq!(it.credit("bob").await, 0);
        it.shop.pass_days(1).await;
        assert_eq!(it.state("ann").await, ReferralState::Rewarded);
        assert_eq!(it.credit("bob").await, 2_000);
        assert_eq!(it.shop.points("ann").await.0, 500);
        // More orders, more runs, more days: nothing is paid twice.
        it.shop.pay("bob", "o-2", 9_000).await;
        it.shop.pass_days(8).await;
        assert_eq!(it.credit("bob").await, 2_000);
        let mine = it.invitation("ann").await;
        assert_eq!(mine.earned, [Reward::Points { amount: 500 }]);
        assert_eq!((mine.funnel.joined, mine.funnel.rewarded), (1, 1));
        let detail = it.detail(&binding.id.to_string()).await;
        let reasons: Vec<_> = detail.history.iter().map(|it| it.reason).collect();
        use ReferralReason::{Bound, OrderPaid, OrderStood};
        assert_eq!(reasons, [Bound, OrderPaid, OrderStood]);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_refund_before_the_reward_cancels_and_one_after_it_takes_back() {
    on_both(async |app: &TestApp| {
        let it = Inviting::open(Shop::open(app).await, json!({})).await;
        it.shop.member("ann").await;
        it.bind("bob", "ann").await;
        it.shop.pay("bob", "o-1", 6_000).await;
        it.shop.run_jobs().await;
        it.shop.refund_all("o-1").await;
        it.shop.run_jobs().await;
        let friend = &it.friends("ann").await[0];
        assert_eq!(
            (friend.state, friend.reason),
            (ReferralState::Joined, ReferralReason::OrderRefunded)
        );
        // The next order counts.
        it.shop.pay("bob", "o-2", 6_000).await;
        it.shop.pass_days(7).await;
        assert_eq!(it.state("ann").await, ReferralState::Rewarded);
        assert_eq!(it.report().await.budget.spent, 2_500);
        it.shop.refund_all("o-2").await;
        it.shop.run_jobs().await;
        assert_eq!(it.state("ann").await, ReferralState::ClawedBack);
        assert_eq!(it.credit("bob").await, 0);
        assert_eq!(it.shop.points("ann").await.0, 0);
        assert_eq!(it.report().await.budget.spent, 0);
        assert!(it.invitation("ann").await.earned.is_empty());
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_order_below_the_minimum_does_not_count_and_time_runs_out() {
    on_both(async |app: &TestApp| {
        let it = Inviting::open(Shop::open(app).await, json!({})).await;
        it.shop.member("ann").await;
        it.bind("bob", "ann").await;
        it.shop.pay("bob", "o-1", 4_999).await;
        it.shop.run_jobs().await;
        assert_eq!(it.report().await.budget.committed, 2_500);
        it.shop.pass_days(29).await;
        assert_eq!(it.state("ann").await, ReferralState::Joined);
        it.shop.pass_days(2).await;
        assert_eq!(it.state("ann").await, ReferralState::Expired);
        it.shop.pay("bob", "o-2", 9_000).await;
        it.shop.pass_days(8).await;
        assert_eq!(it.state("ann").await, ReferralState::Expired);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn milestones_follow_the_friends_who_stand() {
    on_both(async |app: &TestApp| {
        let step = |friends: u32, amount: i64| {
            json!({ "friends": friends, "rewards": [{ "kind": "points", "amount": amount }], "cost": 100 })
        };
        let edit = json!({ "milestones": [step(2, 1_000), step(3, 3_000)], "inviter_rewards": [] });
        let it = Inviting::open(Shop::open(app).await, edit).await;
        it.shop.member("ann").await;
        for (friend, order) in [("bob", "o-1"), ("cat", "o-2"), ("dan", "o-3")] {
            it.bind(friend, "ann").await;
            it.shop.pay(friend, order, 6_000).await;
        }
        it.shop.pass_days(7).await;
        assert_eq!(it.shop.points("ann").await.0, 4_000);
        let reached = |mine: shared::referrals::api::MyReferral| {
            mine.milestones.iter().map(|it| it.reached).collect::<Vec<_>>()
        };
        assert_eq!(reached(it.invitation("ann").await), [true, true]);
        it.shop.refund_all("o-2").await;
        it.shop.run_jobs().await;
        assert_eq!(it.shop.points("ann").await.0, 1_000);
        assert_eq!(reached(it.invitation("ann").await), [true, false]);
        it.bind("eve", "ann").await;
        it.shop.pay("eve", "o-4", 6_000).await;
        it.shop.pass_days(7).await;
        assert_eq!(it.shop.points("ann").await.0, 4_000);
        it.shop.assert_books().await;
    })
    .await;
}

/// Retries, replays and several nodes: a friend is bound once and paid once.
#[tokio::test]
async fn many_at_once_bind_a_friend_to_one_inviter_and_pay_once() {
    on_both(async |app: &TestApp| {
        let it = Inviting::open(Shop::open(app).await, json!({})).await;
        it.shop.members(&["ann", "abe", "bob"]).await;
        let codes = [it.code("ann").await, it.code("abe").await];
        let path = "/api/v1/members/ext:bob/referral_bindings";
        let tries = (0..60).map(|n| {
            let call = app.post(path).bearer(&it.shop.key);
            call.json(&json!({ "code": codes[n % 2] })).into_future()
        });
        let answers = join_all(tries).await;
        let (bound, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|it| it.status == 201);
        assert_eq!((bound.len(), refused.len()), (30, 30));
        for answer in refused {
            answer.assert_problem(409, "referrals.already_bound");
        }
        assert_eq!(it.all().await.len(), 1);
        it.shop.pay("bob", "o-1", 6_000).await;
        it.shop.run_jobs().await;
        app.advance_seconds(7 * 86_400);
        let nodes = [
            app.another_node().await,
            app.another_node().await,
            app.app.clone(),
        ];
        let runs = nodes.iter().cycle().take(9);
        let runs = runs.map(|node| server::referrals::service::settle_due(node, 100));
        for run in join_all(runs).await {
            run.expect("it is settled");
        }
        it.shop.run_jobs().await;
        assert_eq!(it.credit("bob").await, 2_000);
        let rewarded = it.report().await;
        assert_eq!((rewarded.funnel.rewarded, rewarded.cost), (1, 2_500));
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn three_nodes_at_once_pay_each_friend_once() {
    on_both(async |app: &TestApp| {
        let it = Inviting::open(Shop::open(app).await, json!({})).await;
        let friends: Vec<String> = (0..12).map(|n| format!("bob-{n}")).collect();
        for (n, friend) in friends.iter().enumerate() {
            let inviter = format!("ann-{}", n % 4);
            if n < 4 {
                it.shop.member(&inviter).await;
            }
            it.bind(friend, &inviter).await;
            it.shop.pay(friend, &format!("o-{n}"), 6_000).await;
        }
        it.shop.run_jobs().await;
        let nodes = [app.another_node().await, app.another_node().await];
        app.advance_seconds(7 * 86_400);
        let (one, two, three) =
            futures::join!(run_all(&app.app), run_all(&nodes[0]), run_all(&nodes[1]));
        for done in [one, two, three] {
            done.expect("a node");
        }
        // And once more: what a retry finds is done already.
        it.shop.run_jobs().await;
        for friend in &friends {
            assert_eq!(it.credit(friend).await, 2_000, "{friend}");
        }
        for n in 0..4 {
            assert_eq!(it.shop.points(&format!("ann-{n}")).await.0, 3 * 500);
        }
        for node in nodes {
            node.db.close().await;
        }
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn both_hear_of_the_reward_once() {
    on_both(async |app: &TestApp| {
        let it = Inviting::open(Shop::open(app).await, json!({})).await;
        it.shop.member("ann").await;
        it.bind("bob", "ann").await;
        it.shop.pay("bob", "o-1", 6_000).await;
        it.shop.pass_days(8).await;
        it.shop.pass_days(8).await;
        for (member, title) in [
            ("ann", "Your invitation is rewarded"),
            ("bob", "Your first order is rewarded"),
        ] {
            let token = it.shop.hand_over(member).await;
            let answer = app.get("/api/v1/me/messages").bearer(&token).await;
            let page: Page<Message> = answer.parse();
            let about = page
                .data
                .iter()
                .filter(|it| matches!(it.content, Content::ReferralRewarded { .. }));
            let titles: Vec<_> = about.map(|it| it.title.en.as_str()).collect();
            assert_eq!(titles, [title]);
        }
    })
    .await;
}
