//! Who is bound, who is refused and why, and what a month may cost.

use super::support::{Inviting, terms};
use crate::support::{Shop, TestApp, on_both};
use futures::future::join_all;
use serde_json::{Value, json};
use shared::referrals::ReferralState;
use shared::referrals::api::{Invitation, Visit};
use std::future::IntoFuture;

#[tokio::test]
async fn each_refusal_says_why() {
    on_both(async |app: &TestApp| {
        let edit = json!({ "friends_per_month": 2 });
        let it = Inviting::open(Shop::open(app).await, edit).await;
        it.shop.members(&["ann", "old"]).await;
        let (ann, old) = (it.code("ann").await, it.code("old").await);
        let refused = async |friend: &str, code: &str, status, reason| {
            it.try_bind(friend, code)
                .await
                .assert_problem(status, reason);
        };
        refused("ann", &ann, 409, "referrals.self").await;
        refused("ann", "NOSUCHCODE", 404, "referrals.code_not_found").await;
        // Who has bought before is no new customer.
        it.shop.pay("old", "o-1", 9_000).await;
        refused("old", &ann, 409, "referrals.existing_member").await;
        it.bind("bob", "ann").await;
        refused("bob", &old, 409, "referrals.already_bound").await;
        it.bind("cat", "bob").await;
        let cat = it.code("cat").await;
        // Ann was not invited by anybody, so only the circle stands against it.
        refused("ann", &cat, 409, "referrals.loop").await;
        it.bind("dan", "ann").await;
        it.shop.member("eve").await;
        refused("eve", &ann, 409, "referrals.capped").await;
        app.advance_seconds(15 * 86_400);
        refused("eve", &old, 409, "referrals.outside_window").await;
        it.shop.member("fay").await;
        let off = it.set_terms(&terms(&json!({ "enabled": false }))).await;
        assert!([200, 401].contains(&off.status));
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_bound_while_there_is_no_programme() {
    on_both(async |app: &TestApp| {
        let edit = json!({ "enabled": false });
        let it = Inviting::open(Shop::open(app).await, edit).await;
        it.shop.members(&["ann", "bob"]).await;
        let ann = it.code("ann").await;
        it.try_bind("bob", &ann)
            .await
            .assert_problem(409, "referrals.off");
        assert!(!it.invitation("ann").await.offer.open);
    })
    .await;
}

#[tokio::test]
async fn terms_stay_within_the_ordinary_cost_of_a_customer() {
    on_both(async |app: &TestApp| {
        let it = Inviting::open(Shop::open(app).await, json!({})).await;
        let wrong: [(Value, &str, &str); 4] = [
            (json!({ "target_bps": 2_400 }), "/target_bps", "over_target"),
            (json!({ "cost_per_friend": 1_999 }), "/cost_per_friend", "too_small"),
            (json!({ "attribution_days": 0 }), "/attribution_days", "out_of_range"),
            (
                json!({ "milestones": [{ "friends": 5, "rewards": [], "cost": 0 }, { "friends": 5, "rewards": [], "cost": 0 }] }),
                "/milestones/1/friends",
                "out_of_range",
            ),
        ];
        for (edit, pointer, code) in wrong {
            let answer = it.set_terms(&terms(&edit)).await;
            answer.assert_problem(422, "request.invalid");
            let parts = answer.wrong_parts();
            assert!(parts.contains(&(pointer.to_owned(), code.to_owned())), "{parts:?}");
        }
        let call = app.put("/api/v1/referral_terms").bearer(&it.staff.token);
        let stale = call.header("if-match", "\"7\"").json(&terms(&json!({}))).await;
        stale.assert_problem(412, "request.precondition_failed");
    })
    .await;
}

#[tokio::test]
async fn a_months_budget_pauses_the_programme_exactly_at_its_limit() {
    on_both(async |app: &TestApp| {
        let edit = json!({ "monthly_budget": 25_000 });
        let it = Inviting::open(Shop::open(app).await, edit).await;
        it.shop.member("ann").await;
        let ann = it.code("ann").await;
        for n in 0..40 {
            it.shop.member(&format!("f-{n}")).await;
        }
        let tries = (0..40).map(|n| {
            let path = format!("/api/v1/members/ext:f-{n}/referral_bindings");
            let call = app.post(&path).bearer(&it.shop.key);
            call.json(&json!({ "code": ann })).into_future()
        });
        let answers = join_all(tries).await;
        let bound = answers.iter().filter(|it| it.status == 201).count();
        assert_eq!(bound, 10);
        for refused in answers.iter().filter(|it| it.status != 201) {
            refused.assert_problem(409, "referrals.paused");
        }
        let budget = it.report().await.budget;
        assert_eq!((budget.committed, budget.spent), (25_000, 0));
        // Nobody is promised what there is no money for.
        assert!(!it.invitation("ann").await.offer.open);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_visit_is_bound_at_sign_up_and_the_first_touch_counts() {
    on_both(async |app: &TestApp| {
        let it = Inviting::open(Shop::open(app).await, json!({})).await;
        it.shop.members(&["ann", "abe"]).await;
        let (ann, abe) = (it.code("ann").await, it.code("abe").await);
        let offered: Invitation = {
            let path = format!("/api/v1/referral_codes/{}", ann.to_lowercase());
            let answer = app.get(&path).await;
            answer.assert_status(200);
            answer.parse()
        };
        assert_eq!(
            (offered.code.as_str(), offered.offer.open),
            (ann.as_str(), true)
        );
        let visit = async |code: &str, before: Option<&str>| {
            let body = json!({ "code": code, "visit": before, "device": "browser-0123456789" });
            let answer = app.post("/api/v1/referral_visits").json(&body).await;
            answer.assert_status(201);
            answer.parse::<Visit>()
        };
        let first = visit(&ann, None).await;
        let second = visit(&abe, Some(&first.visit)).await;
        assert_eq!(second.visit, first.visit);
        assert_eq!(second.invitation.code, ann);
        app.advance_seconds(3 * 86_400);
        let bob = app.sign_up("bob@example.com").await;
        let body = json!({ "visit": first.visit, "code": abe });
        let call = app.post("/api/v1/me/referral_bindings").bearer(&bob.token);
        call.json(&body).await.assert_status(201);
        assert_eq!(it.state("ann").await, ReferralState::Joined);
        assert!(it.friends("abe").await.is_empty());
        let mine = it.invitation("ann").await;
        assert_eq!((mine.funnel.visited, mine.funnel.joined), (1, 1));
        // Who was a member before the visit is not bound by it.
        let late = visit(&abe, None).await;
        let cat = app.sign_up("cat@example.com").await;
        app.advance_seconds(60);
        let other = visit(&abe, None).await;
        let bind = async |token: &str| {
            let call = app.post("/api/v1/me/referral_bindings").bearer(&cat.token);
            call.json(&json!({ "visit": token })).await
        };
        bind(&other.visit)
            .await
            .assert_problem(409, "referrals.existing_member");
        bind(&late.visit).await.assert_status(201);
    })
    .await;
}
