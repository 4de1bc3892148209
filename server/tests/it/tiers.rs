//! Tiers: up at once, down by one step after a warning and a grace period, and edits of the ladder.

use crate::support::shop::{contents, line, paid, refunded};
use crate::support::{Answer, Shop, SignedInStaff, TestApp, on_both};
use serde_json::{Value, json};
use shared::staff::Role;
use shared::tiers::ChangeCause;
use shared::tiers::api::{LadderImpact, TierCount, TierOverview};

/// Causes and tiers of the history, oldest first.
fn history(tier: &TierOverview) -> Vec<(ChangeCause, &str)> {
    let rows = tier.history.iter().rev();
    rows.map(|it| (it.cause, it.to_code.as_str())).collect()
}

/// Topics about tiers that were put out for others, oldest first.
async fn told(app: &TestApp) -> Vec<String> {
    use sea_orm::{ConnectionTrait, Statement};
    let db = app.app.db.read();
    let query = "SELECT topic FROM outbox WHERE topic LIKE 'tier.%' ORDER BY id";
    let rows = db
        .query_all_raw(Statement::from_string(app.app.db.backend(), query))
        .await
        .expect("the outbox is read");
    rows.iter()
        .map(|it| it.try_get_by_index(0).expect("a topic"))
        .collect()
}

#[tokio::test]
async fn up_at_once_and_down_one_step_after_warning_and_grace() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        app.advance_seconds(60);
        shop.pay("ann", "a1", 250_000).await;
        let tier = shop.tier("ann").await;
        assert_eq!(
            (tier.standing.code.as_str(), tier.standing.growth_value),
            ("gold", 2_500)
        );
        let until = tier.standing.valid_until.expect("gold ends");
        assert_eq!(until.to_string(), "2027-06-15T15:59:59.999Z");
        assert_eq!(tier.standing.next.map(|it| it.gap), Some(5_500));

        // The warning, thirty days ahead, once.
        app.clock.set(until.plus_days(-30).plus_millis(-1));
        shop.run_jobs().await;
        assert_eq!(told(app).await, ["tier.changed"]);
        app.clock.set(until.plus_days(-30));
        shop.run_jobs().await;
        app.clock.advance_days(1);
        shop.run_jobs().await;
        assert_eq!(told(app).await, ["tier.changed", "tier.warned"]);
        let warned = shop.tier("ann").await.standing;
        let keep = warned.keep.expect("a way to keep it");
        assert_eq!(
            (keep.gap, keep.at_risk, keep.in_grace),
            (2_000, true, false)
        );

        // Grace, then silver, and so on down, although nothing ran for years.
        app.clock.set(until.plus_millis(1));
        shop.run_jobs().await;
        let tier = shop.tier("ann").await;
        assert_eq!(tier.standing.code, "gold");
        assert!(tier.standing.keep.is_some_and(|it| it.in_grace));
        shop.pass_days(30).await;
        assert_eq!(shop.tier("ann").await.standing.code, "silver");
        shop.pass_days(800).await;
        let tier = shop.tier("ann").await;
        use ChangeCause::{GraceBegan, Joined, Lowered, Reached, Warned};
        assert_eq!(
            history(&tier),
            [
                (Joined, "member"),
                (Reached, "gold"),
                (Warned, "gold"),
                (GraceBegan, "gold"),
                (Lowered, "silver"),
                (Warned, "silver"),
                (GraceBegan, "silver"),
                (Lowered, "member"),
            ]
        );
        // Each is dated when it was due: grace lasts to the end of the 15th of July.
        let lowered = &tier.history[3];
        assert_eq!(lowered.at.to_string(), "2027-07-15T16:00:00Z");
        assert!(
            lowered.explanation.en.contains("Silver"),
            "{:?}",
            lowered.explanation
        );
        assert_eq!(tier.standing.since, tier.history[0].at);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn growth_in_the_grace_period_keeps_the_tier() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.pay("ann", "a1", 60_000).await;
        let until = shop
            .tier("ann")
            .await
            .standing
            .valid_until
            .expect("silver ends");
        app.clock.set(until.plus_days(5));
        shop.run_jobs().await;
        app.advance_seconds(60);
        shop.pay("ann", "a2", 50_000).await;
        let tier = shop.tier("ann").await;
        let (cause, code) = history(&tier)[history(&tier).len() - 1];
        assert_eq!((cause, code), (ChangeCause::Kept, "silver"));
        assert!(
            tier.standing
                .valid_until
                .is_some_and(|it| it > until.plus_days(365))
        );
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn growth_that_is_heard_of_late_keeps_the_tier_and_says_so() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.pay("ann", "a1", 60_000).await;
        let standing = shop.tier("ann").await.standing;
        let until = standing.valid_until.expect("silver ends");
        app.clock.set(until.plus_days(-20));
        shop.run_jobs().await;
        let before = shop.tier("ann").await;
        assert_eq!(
            history(&before).last(),
            Some(&(ChangeCause::Warned, "silver"))
        );
        // An order of long before the warning, of which the shop tells only now.
        let order = contents(Some("ann"), &[line("1", 1, 60_000)]);
        shop.apply(&paid("a2", until.plus_days(-100), &order)).await;
        let tier = shop.tier("ann").await;
        assert_eq!(history(&tier).last(), Some(&(ChangeCause::Kept, "silver")));
        assert_eq!(tier.history[0].at, shop.now());
        assert!(tier.standing.valid_until > Some(until));
        // Once is enough.
        app.advance_seconds(60);
        shop.pay("ann", "a3", 1_000).await;
        assert_eq!(shop.tier("ann").await.history.len(), tier.history.len());
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_refund_takes_the_tier_back_that_its_order_brought() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let two = contents(Some("ann"), &[line("1", 1, 60_000), line("2", 1, 150_000)]);
        app.advance_seconds(60);
        shop.apply(&paid("a1", shop.now(), &two)).await;
        assert_eq!(shop.tier("ann").await.standing.code, "gold");
        app.clock.advance_days(3);
        shop.apply(&refunded("r1", "a1", shop.now(), &[("2", None, None)]))
            .await;
        let tier = shop.tier("ann").await;
        assert_eq!(
            (tier.standing.code.as_str(), tier.standing.growth_value),
            ("silver", 600)
        );
        app.clock.advance_days(3);
        shop.apply(&refunded("r2", "a1", shop.now(), &[("1", None, None)]))
            .await;
        let tier = shop.tier("ann").await;
        assert_eq!(
            (tier.standing.code.as_str(), tier.standing.growth_value),
            ("member", 0)
        );
        let causes: Vec<_> = history(&tier).into_iter().skip(1).collect();
        assert_eq!(
            causes,
            [
                (ChangeCause::Reached, "gold"),
                (ChangeCause::Refunded, "silver"),
                (ChangeCause::Refunded, "member"),
            ]
        );
        assert_eq!(told(app).await.len(), 3);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_order_that_is_heard_of_late_counts_from_its_own_time() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.pay("ann", "a1", 30_000).await;
        app.clock.advance_days(100);
        let before = shop.now().plus_days(-99);
        shop.apply(&paid(
            "a0",
            before,
            &contents(Some("ann"), &[line("1", 1, 30_000)]),
        ))
        .await;
        let tier = shop.tier("ann").await;
        assert_eq!(
            (tier.standing.code.as_str(), tier.standing.since),
            ("silver", before)
        );
        shop.assert_books().await;
    })
    .await;
}

/// Sends an edit of the ladder: `put` with the tag that was read, or a preview.
async fn ladder(app: &TestApp, staff: &SignedInStaff, tag: &str, ladder: &Value) -> Answer {
    let call = app.put("/api/v1/tier_ladder").bearer(&staff.token);
    call.header("if-match", tag).json(ladder).await
}

async fn counts(shop: &Shop<'_>) -> std::collections::BTreeMap<String, u64> {
    let mut counts = std::collections::BTreeMap::new();
    for member in ["ann", "bo", "cai", "dee", "eve"] {
        *counts
            .entry(shop.tier(member).await.standing.code)
            .or_default() += 1;
    }
    counts
}

/// Members by tier, as a preview says.
fn counted(
    impact: &LadderImpact,
    count: impl Fn(&TierCount) -> u64,
) -> std::collections::BTreeMap<String, u64> {
    let rows = impact.tiers.iter().map(|it| (it.code.clone(), count(it)));
    rows.filter(|it| it.1 > 0).collect()
}

#[tokio::test]
async fn what_an_edit_of_the_ladder_says_is_what_happens() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.members(&["ann", "bo", "cai", "dee", "eve"]).await;
        for (member, amount) in [
            ("bo", 30_000),
            ("cai", 60_000),
            ("dee", 250_000),
            ("eve", 900_000),
        ] {
            shop.pay(member, &format!("{member}-1"), amount).await;
        }
        app.clock.advance_days(10);
        shop.run_jobs().await;
        let operator = app.staff(Role::Operator).await;
        let read = app.get("/api/v1/tier_ladder").bearer(&operator.token).await;
        let mut edited = read.json()["ladder"].clone();
        edited["tiers"][1]["threshold"] = json!(300);
        edited["tiers"][2]["threshold"] = json!(600);
        edited["tiers"][3]["threshold"] = json!(9_500);
        let preview = app
            .post("/api/v1/tier_ladder/previews")
            .bearer(&operator.token)
            .json(&edited)
            .await;
        preview.assert_status(200);
        let impact: LadderImpact = preview.parse();
        assert_eq!((impact.members, impact.up), (5, 2));
        assert_eq!(counts(&shop).await, counted(&impact, |it| it.now));
        let again = app.get("/api/v1/tier_ladder").bearer(&operator.token).await;
        assert_eq!(read.json(), again.json());

        ladder(app, &operator, "\"7\"", &edited)
            .await
            .assert_problem(412, "request.precondition_failed");
        let saved = ladder(app, &operator, read.header("etag"), &edited).await;
        saved.assert_status(200);
        assert_eq!(
            (saved.json()["version"].clone(), saved.header("etag")),
            (json!(2), "\"2\"")
        );
        ladder(app, &operator, read.header("etag"), &edited)
            .await
            .assert_problem(412, "request.precondition_failed");
        let bare = app
            .put("/api/v1/tier_ladder")
            .bearer(&operator.token)
            .json(&edited)
            .await;
        bare.assert_problem(428, "request.precondition_required");
        app.advance_seconds(1);
        shop.run_jobs().await;
        assert_eq!(counts(&shop).await, counted(&impact, |it| it.after));
        // Diamond asks for more than she has, but she keeps it to its end.
        assert_eq!(shop.tier("eve").await.standing.code, "diamond");
        let bo = shop.tier("bo").await;
        assert_eq!(bo.history[0].cause, ChangeCause::LadderEdited);
        assert_eq!(bo.history[0].ladder_version, 2);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_ladder_that_cannot_be_is_refused() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.pay("ann", "a1", 60_000).await;
        let operator = app.staff(Role::Operator).await;
        let read = app.get("/api/v1/tier_ladder").bearer(&operator.token).await;
        let tag = read.header("etag");
        let mut without_silver = read.json()["ladder"].clone();
        without_silver["tiers"]
            .as_array_mut()
            .expect("tiers")
            .remove(1);
        let problem = ladder(app, &operator, tag, &without_silver)
            .await
            .assert_problem(409, "tiers.in_use");
        assert_eq!(problem["detail"], "silver");
        let mut wrong = read.json()["ladder"].clone();
        wrong["tiers"][0]["threshold"] = json!(5);
        wrong["tiers"][2]["threshold"] = json!(500);
        wrong["tiers"][3]["code"] = json!("Gold!");
        let answer = ladder(app, &operator, tag, &wrong).await;
        let pointers: Vec<String> = answer.wrong_parts().into_iter().map(|it| it.0).collect();
        assert_eq!(
            pointers,
            ["/tiers/0/threshold", "/tiers/2/threshold", "/tiers/3/code"]
        );
        let preview = app
            .post("/api/v1/tier_ladder/previews")
            .bearer(&operator.token)
            .json(&wrong)
            .await;
        preview.assert_problem(422, "request.invalid");
        // Nobody holds gold: it may go.
        let mut without_gold = read.json()["ladder"].clone();
        without_gold["tiers"]
            .as_array_mut()
            .expect("tiers")
            .remove(2);
        let auditor = app.staff(Role::Auditor).await;
        ladder(app, &auditor, tag, &without_gold)
            .await
            .assert_problem(403, "auth.forbidden");
        ladder(app, &operator, tag, &without_gold)
            .await
            .assert_status(200);
        app.advance_seconds(1);
        shop.run_jobs().await;
        assert_eq!(
            shop.tier("ann")
                .await
                .standing
                .next
                .map(|it| it.code)
                .as_deref(),
            Some("diamond")
        );
        shop.assert_books().await;
    })
    .await;
}
