//! What speaks against paying, and what people decide about it.

use super::support::Inviting;
use crate::support::{Shop, TestApp, on_both};
use serde_json::json;
use shared::referrals::{ReferralReason, ReferralState};

/// Ann and her friend Bob share a device; his order has stood.
async fn held<'a>(app: &'a TestApp) -> (Inviting<'a>, String) {
    let it = Inviting::open(Shop::open(app).await, json!({})).await;
    it.shop.member("ann").await;
    let binding = it.bind("bob", "ann").await;
    let device = json!({ "device": "device-0123456789" });
    it.signal("ann", device.clone()).await;
    it.signal("bob", device).await;
    it.shop.pay("bob", "o-1", 6_000).await;
    it.shop.pass_days(7).await;
    (it, binding.id.to_string())
}

#[tokio::test]
async fn a_shared_device_is_held_until_somebody_releases_it() {
    on_both(async |app: &TestApp| {
        let (it, id) = held(app).await;
        let found = it.detail(&id).await.referral;
        assert_eq!(found.state, ReferralState::Held);
        let signals: Vec<_> = found.evidence.iter().map(|it| it.signal.as_str()).collect();
        assert_eq!(signals, ["same_device"]);
        // The inviter hears that it is looked at, and not by which rule.
        let friend = &it.friends("ann").await[0];
        assert_eq!(friend.reason, ReferralReason::UnderReview);
        assert_eq!(it.credit("bob").await, 0);
        it.decide(&id, "release").await.assert_status(200);
        assert_eq!(it.credit("bob").await, 2_000);
        let again = it.decide(&id, "release").await;
        again.assert_problem(409, "referrals.not_decidable");
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn every_decision_can_be_taken_back_and_pays_at_most_once() {
    on_both(async |app: &TestApp| {
        let (it, id) = held(app).await;
        it.decide(&id, "reject").await.assert_status(200);
        assert_eq!(it.report().await.budget.committed, 0);
        it.decide(&id, "reopen").await.assert_status(200);
        assert_eq!(it.report().await.budget.committed, 2_500);
        it.decide(&id, "release").await.assert_status(200);
        it.decide(&id, "reopen").await.assert_status(200);
        assert_eq!(
            (it.credit("bob").await, it.shop.points("ann").await.0),
            (0, 0)
        );
        it.decide(&id, "release").await.assert_status(200);
        assert_eq!(it.credit("bob").await, 2_000);
        assert_eq!(it.shop.points("ann").await.0, 500);
        it.shop.refund_all("o-1").await;
        it.shop.run_jobs().await;
        assert_eq!(it.credit("bob").await, 0);
        it.decide(&id, "reopen")
            .await
            .assert_problem(409, "referrals.not_decidable");
        let detail = it.detail(&id).await;
        let people = detail.history.iter().filter(|it| it.note.is_some());
        assert_eq!(people.count(), 5);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_household_may_share_what_it_has() {
    on_both(async |app: &TestApp| {
        let it = Inviting::open(Shop::open(app).await, json!({})).await;
        it.shop.member("ann").await;
        let binding = it.bind("bob", "ann").await;
        for member in ["ann", "bob"] {
            let shared = json!({ "device": "device-0123456789", "address": "address-0123456789", "payment": "payment-0123456789" });
            it.signal(member, shared).await;
        }
        let call = app.post("/api/v1/households").bearer(&it.staff.token);
        let body = json!({ "members": ["ext:ann", "ext:bob"], "note": "they asked us" });
        call.json(&body).await.assert_status(201);
        it.shop.pay("bob", "o-1", 6_000).await;
        it.shop.pass_days(7).await;
        let found = it.detail(&binding.id.to_string()).await.referral;
        assert_eq!((found.state, found.evidence.len()), (ReferralState::Rewarded, 0));
    })
    .await;
}

#[tokio::test]
async fn a_farm_of_accounts_on_one_device_is_not_paid() {
    on_both(async |app: &TestApp| {
        let it = Inviting::open(Shop::open(app).await, json!({})).await;
        it.shop.member("ann").await;
        for n in 0..8 {
            let friend = format!("f-{n}");
            it.bind(&friend, "ann").await;
            it.signal(&friend, json!({ "device": "device-0123456789" }))
                .await;
            it.shop.pay(&friend, &format!("o-{n}"), 5_000).await;
        }
        it.shop.pass_days(7).await;
        let report = it.report().await;
        assert_eq!((report.funnel.rewarded, report.refused), (0, 8));
        assert_eq!(report.budget.committed + report.budget.spent, 0);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_check_finds_referrals_that_do_not_add_up() {
    on_both(async |app: &TestApp| {
        let (it, id) = held(app).await;
        assert!(it.shop.check().await.differences.is_empty());
        let plant = async |sql: &str| {
            let sql = sql.to_owned();
            let run = app.app.db.write(sql, |tx, sql| {
                Box::pin(async move {
                    sea_orm::ConnectionTrait::execute_unprepared(tx, sql).await?;
                    Ok(())
                })
            });
            run.await.expect("the damage is planted");
        };
        plant("UPDATE referrals SET state = 'rewarded'").await;
        let found = it.shop.check().await.differences;
        assert!(found.iter().any(|it| it.id == id), "{found:?}");
        plant("UPDATE referrals SET state = 'held'").await;
        plant("UPDATE referral_budgets SET spent = spent + 1").await;
        let found = it.shop.check().await.differences;
        assert_eq!(found.len(), 1, "{found:?}");
    })
    .await;
}
