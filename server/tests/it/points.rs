//! Points: adjustments with a second person, limits of spending, deficits, time, and why.

use crate::support::shop::{contents, line, paid};
use crate::support::{Answer, Shop, SignedInStaff, TestApp, on_both};
use serde_json::{Value, json};
use shared::page::Page;
use shared::points::api::{
    Adjustment, AdjustmentState, Books, Entry, LotState, PolicyVersion, SpendReceipt,
};
use shared::points::{Asset, EntryKind};
use shared::staff::Role;

/// Asks for an adjustment as one of the staff.
async fn adjust_as(shop: &Shop<'_>, staff: &SignedInStaff, amount: i64) -> Adjustment {
    let request = json!({ "asset": "points", "amount": amount, "reason": "a parcel was lost" });
    let call = shop.app.post("/api/v1/members/ext:ann/points/adjustments");
    let call = call.bearer(&staff.token).idempotency_key(&shop.intent());
    let answer = call.json(&request).await;
    answer.assert_status(201);
    answer.parse()
}

async fn decide(shop: &Shop<'_>, staff: &SignedInStaff, id: &str, approve: bool) -> Answer {
    let path = format!("/api/v1/adjustments/{id}/decisions");
    let call = shop
        .app
        .post(&path)
        .bearer(&staff.token)
        .idempotency_key(&shop.intent());
    call.json(&json!({ "approve": approve })).await
}

/// Amounts of the adjustments in a list.
async fn listed(app: &TestApp, staff: &SignedInStaff, query: &str) -> Vec<i64> {
    let path = format!("/api/v1/adjustments{query}");
    let answer = app.get(&path).bearer(&staff.token).await;
    let page: Page<Adjustment> = answer.parse();
    page.data.iter().map(|it| it.amount).collect()
}

#[tokio::test]
async fn a_large_adjustment_waits_for_a_second_person() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let (first, second) = (
            app.staff(Role::Operator).await,
            app.staff(Role::Operator).await,
        );
        let small = adjust_as(&shop, &first, 5_000).await;
        assert_eq!(
            (small.state, small.decided_by),
            (AdjustmentState::Applied, None)
        );
        assert_eq!(shop.points("ann").await, (5_000, 0, 0));
        let large = adjust_as(&shop, &first, 5_001).await;
        assert_eq!(
            (large.state, large.entry_id),
            (AdjustmentState::Waiting, None)
        );
        let down = adjust_as(&shop, &first, -5_001).await;
        assert_eq!(down.state, AdjustmentState::Waiting);
        assert_eq!(shop.points("ann").await, (5_000, 0, 0));

        let id = large.id.to_string();
        decide(&shop, &first, &id, true)
            .await
            .assert_problem(403, "points.self_approval");
        let auditor = app.staff(Role::Auditor).await;
        decide(&shop, &auditor, &id, true)
            .await
            .assert_problem(403, "auth.forbidden");
        let unknown = first.id.to_string().replacen("stf_", "adj_", 1);
        decide(&shop, &second, &unknown, true)
            .await
            .assert_problem(404, "points.adjustment_not_found");
        let approved = decide(&shop, &second, &id, true).await;
        approved.assert_status(200);
        let approved: Adjustment = approved.parse();
        assert_eq!(
            (approved.state, approved.decided_by),
            (AdjustmentState::Applied, Some(second.id))
        );
        assert_eq!(shop.points("ann").await, (10_001, 0, 0));
        decide(&shop, &second, &id, false)
            .await
            .assert_problem(409, "points.adjustment_decided");

        let rejected = decide(&shop, &second, &down.id.to_string(), false)
            .await
            .parse::<Adjustment>();
        assert_eq!(
            (rejected.state, rejected.entry_id),
            (AdjustmentState::Rejected, None)
        );
        assert_eq!(shop.points("ann").await, (10_001, 0, 0));
        let list = async |state: &str| listed(app, &auditor, state).await;
        assert_eq!(list("").await, [0; 0]);
        assert_eq!(list("?state=rejected").await, [-5_001]);
        assert_eq!(list("?state=applied").await, [5_001, 5_000]);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_adjustment_needs_an_amount_a_reason_and_a_balance() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let adjust = |request: Value, member: &str| {
            let call = app.post(&format!("/api/v1/members/{member}/points/adjustments"));
            call.bearer(&shop.key).idempotency_key(&shop.intent()).json(&request).into_future()
        };
        let wrong = json!({ "asset": "points", "amount": 0, "reason": "x", "expires_at": "2020-01-01T00:00:00Z" });
        let pointers: Vec<String> = adjust(wrong, "ext:ann").await.wrong_parts().into_iter().map(|it| it.0).collect();
        assert_eq!(pointers, ["/amount", "/reason", "/expires_at"]);
        let take = json!({ "asset": "points", "amount": -1, "reason": "a mistake" });
        let problem = adjust(take.clone(), "ext:ann").await.assert_problem(422, "points.insufficient");
        assert_eq!(problem["detail"], "0");
        adjust(take, "ext:nobody").await.assert_problem(404, "members.not_found");
        let credit = json!({ "asset": "credit", "amount": 250, "reason": "late parcel", "expires_at": "2026-07-01T00:00:00Z" });
        adjust(credit, "ext:ann").await.assert_status(201);
        let credit = shop.summary("ann").await.credit;
        assert_eq!((credit.available, credit.expiring.len()), (250, 1));
        assert_eq!(credit.expiring[0].at.to_string(), "2026-07-01T00:00:00Z");
        let entry = shop.entries("ann").await.remove(0);
        assert_eq!((entry.kind, entry.reason.as_deref()), (EntryKind::Adjust, Some("late parcel")));
        assert!(entry.actor.starts_with("key_"), "{}", entry.actor);
        shop.assert_books().await;
    })
    .await;
}

/// Puts other points rules into force: what `edit` makes of those that hold now.
async fn set_policy(
    shop: &Shop<'_>,
    operator: &SignedInStaff,
    edit: impl Fn(&mut Value),
) -> PolicyVersion {
    let path = "/api/v1/points_policy";
    let now = shop.app.get(path).bearer(&operator.token).await;
    let mut policy = now.json()["policy"].clone();
    edit(&mut policy);
    let call = shop.app.put(path).bearer(&operator.token);
    let answer = call
        .header("if-match", now.header("etag"))
        .json(&policy)
        .await;
    answer.assert_status(200);
    answer.parse()
}

#[tokio::test]
async fn every_limit_of_spending_has_its_code() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.adjust("ann", 5_000).await.assert_status(201);
        let operator = app.staff(Role::Operator).await;
        set_policy(&shop, &operator, |it| {
            it["spend"]["order_max"] = json!(2_000);
            it["spend"]["day_max"] = json!(3_000);
        })
        .await;
        for (amount, order_amount, code, figure) in [
            (90, 100_000, "points.below_minimum", "100"),
            (105, 100_000, "points.wrong_step", "10"),
            (2_010, 100_000, "points.over_order_limit", "2000"),
            (510, 1_000, "points.over_order_share", "500"),
        ] {
            let problem = shop
                .spend("ann", "o", amount, order_amount)
                .await
                .assert_problem(422, code);
            assert_eq!(problem["detail"], figure, "{code}");
        }
        let spent = shop.spend("ann", "o1", 2_000, 100_000).await;
        spent.assert_status(201);
        let receipt: SpendReceipt = spent.parse();
        assert_eq!(
            (receipt.amount, receipt.pays, receipt.available),
            (2_000, 2_000, 3_000)
        );
        let problem = shop
            .spend("ann", "o2", 1_010, 100_000)
            .await
            .assert_problem(422, "points.over_daily_limit");
        assert_eq!(problem["detail"], "1000");
        shop.spend("ann", "o1", 100, 100_000)
            .await
            .assert_problem(409, "points.already_spent_on_order");
        shop.spend("ann", "o2", 1_000, 100_000)
            .await
            .assert_status(201);
        // The member's own day ends at midnight in Shanghai: twelve hours from noon.
        app.advance_seconds(12 * 3_600 - 1);
        shop.spend("ann", "o3", 100, 100_000)
            .await
            .assert_problem(422, "points.over_daily_limit");
        app.advance_seconds(1);
        shop.spend("ann", "o3", 1_900, 100_000)
            .await
            .assert_status(201);
        let problem = shop
            .spend("ann", "o4", 110, 100_000)
            .await
            .assert_problem(422, "points.insufficient");
        assert_eq!(problem["detail"], "100");
        shop.spend("ann", "o5", 0, 1).await.wrong_parts();
        shop.member("bo").await;
        shop.adjust("bo", 500).await.assert_status(201);
        shop.spend("bo", "o1", 100, 100_000)
            .await
            .assert_problem(409, "orders.already_claimed");
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_simulated_spend_is_judged_alike_and_keeps_nothing() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.adjust("ann", 400).await.assert_status(201);
        let simulate = |amount: i64| {
            let spend = json!({ "asset": "points", "amount": amount, "order_id": "s1", "order_amount": 10_000 });
            let call = app.post("/api/v1/simulations/spend").bearer(&shop.key);
            call.json(&json!({ "member": "ext:ann", "spend": spend })).into_future()
        };
        let before = (shop.entries("ann").await, shop.lots("ann").await);
        simulate(410).await.assert_problem(422, "points.insufficient");
        let forecast: SpendReceipt = simulate(300).await.parse();
        assert_eq!((shop.entries("ann").await, shop.lots("ann").await), before);
        app.get("/api/v1/orders/s1").bearer(&shop.key).await.assert_problem(404, "orders.not_found");
        let real: SpendReceipt = shop.spend("ann", "s1", 300, 10_000).await.parse();
        assert_eq!((forecast.pays, forecast.available), (real.pays, real.available));
    })
    .await;
}

#[tokio::test]
async fn a_deficit_is_settled_before_anything_can_be_spent() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.pay("ann", "a1", 100_000).await;
        shop.pass_days(15).await;
        assert_eq!(shop.points("ann").await, (1_000, 0, 0));
        shop.spend("ann", "a2", 900, 100_000)
            .await
            .assert_status(201);
        shop.refund_all("a1").await;
        assert_eq!(shop.points("ann").await, (0, 0, 900));
        assert_eq!(shop.lots("ann").await[0].state, LotState::Deficit);
        shop.adjust("ann", 500).await.assert_status(201);
        assert_eq!(shop.points("ann").await, (0, 0, 400));
        shop.spend("ann", "a3", 100, 10_000)
            .await
            .assert_problem(422, "points.insufficient");
        shop.adjust("ann", 600).await.assert_status(201);
        assert_eq!(shop.points("ann").await, (200, 0, 0));
        shop.spend("ann", "a3", 210, 10_000)
            .await
            .assert_problem(422, "points.insufficient");
        shop.spend("ann", "a3", 200, 10_000)
            .await
            .assert_status(201);
        shop.assert_books().await;
        shop.pass_days(500).await;
        assert_eq!(shop.points("ann").await, (0, 0, 0));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn time_is_caught_up_with_the_dates_it_should_have_had() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.pay("ann", "a1", 10_000).await;
        assert_eq!(shop.points("ann").await, (0, 100, 0));
        // A millisecond before the return window ends, and its end. Nobody runs a job.
        app.clock.set(shop.now().plus_days(15).plus_millis(-1));
        assert_eq!(shop.points("ann").await, (0, 100, 0));
        app.clock.set(shop.now().plus_millis(1));
        assert_eq!(shop.points("ann").await, (100, 0, 0));
        app.clock.advance_days(60);
        shop.pay("ann", "a2", 20_000).await;
        let lots = shop.lots("ann").await;
        assert_eq!(
            lots[0].expires_at.map(|it| it.to_string()).as_deref(),
            Some("2027-06-30T15:59:59.999Z")
        );
        app.clock.advance_days(700);
        let pending = shop.summary("ann").await.points;
        assert_eq!((pending.available, pending.pending), (0, 0));
        shop.run_jobs().await;
        let entries = shop.entries("ann").await;
        let seen: Vec<_> = entries
            .iter()
            .map(|it| {
                (
                    it.kind,
                    it.amount,
                    it.balance_after,
                    it.occurred_at.to_string(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                (
                    EntryKind::Expire,
                    -200,
                    0,
                    "2027-08-31T16:00:00Z".to_owned()
                ),
                (
                    EntryKind::Expire,
                    -100,
                    200,
                    "2027-06-30T16:00:00Z".to_owned()
                ),
                (EntryKind::Earn, 200, 300, "2026-08-29T04:00:00Z".to_owned()),
                (EntryKind::Earn, 100, 100, "2026-06-15T04:00:00Z".to_owned()),
            ]
        );
        assert_eq!(entries[0].recorded_at, shop.now());
        let states: Vec<_> = shop.lots("ann").await.iter().map(|it| it.state).collect();
        assert_eq!(states, [LotState::Expired, LotState::Expired]);
        shop.run_jobs().await;
        assert_eq!(shop.entries("ann").await, entries);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn the_books_add_up() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.pay("ann", "a1", 100_000).await;
        shop.pay("ann", "a2", 30_000).await;
        shop.refund_all("a2").await;
        shop.adjust("ann", 500).await.assert_status(201);
        shop.spend("ann", "a3", 200, 10_000)
            .await
            .assert_status(201);
        shop.pass_days(500).await;
        shop.adjust("ann", 70).await.assert_status(201);
        let auditor = app.staff(Role::Auditor).await;
        let books: Books = app
            .get("/api/v1/books")
            .bearer(&auditor.token)
            .await
            .parse();
        let points = books
            .assets
            .iter()
            .find(|it| it.asset == Asset::Points)
            .expect("points");
        let accounts: Vec<_> = points
            .counter_accounts
            .iter()
            .map(|it| (format!("{:?}", it.account), it.balance))
            .collect();
        let expected = [
            ("Issuance", -1_000),
            ("Redemption", 200),
            ("Breakage", 1_300),
            ("Adjustment", -570),
        ];
        assert_eq!(
            accounts,
            expected.map(|(name, balance)| (name.to_owned(), balance))
        );
        assert_eq!(points.members, 70);
        assert_eq!(
            points.members + accounts.iter().map(|it| it.1).sum::<i64>(),
            0
        );
        app.get("/api/v1/books")
            .bearer(&shop.key)
            .await
            .assert_problem(403, "auth.forbidden");
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn every_row_and_balance_says_why_in_both_languages() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.members(&["ann", "bo"]).await;
        shop.pay("ann", "a1", 100_000).await;
        shop.pass_days(16).await;
        shop.adjust("ann", 50).await.assert_status(201);
        shop.spend("ann", "a2", 900, 100_000)
            .await
            .assert_status(201);
        shop.refund_all("a1").await;
        shop.apply(&paid(
            "a2",
            shop.now(),
            &contents(Some("ann"), &[line("1", 1, 100_000)]),
        ))
        .await;
        shop.refund_all("a2").await;
        shop.pass_days(500).await;
        let entries = shop.entries("ann").await;
        let kinds: std::collections::HashSet<EntryKind> =
            entries.iter().map(|it| it.kind).collect();
        assert_eq!(kinds.len(), 6, "{kinds:?}");
        let mut paths: Vec<String> = entries
            .iter()
            .map(|it| format!("points/entries/{}/explanations", it.id))
            .collect();
        paths.extend(["points", "credit", "tier"].map(|it| format!("explanations?about={it}")));
        for path in paths {
            let answer = app
                .get(&format!("/api/v1/members/ext:ann/{path}"))
                .bearer(&shop.key)
                .await;
            answer.assert_status(200);
            let summary = &answer.json()["summary"];
            let (zh, en) = (
                summary["zh-CN"].as_str().unwrap_or(""),
                summary["en"].as_str().unwrap_or(""),
            );
            assert!(
                zh.chars().any(|it| ('\u{4e00}'..='\u{9fff}').contains(&it)),
                "{path}: {summary}"
            );
            assert!(en.is_ascii() || en.contains('¥'), "{path}: {summary}");
            assert!(en.len() > 10, "{path}: {summary}");
        }
        let others = format!(
            "/api/v1/members/ext:bo/points/entries/{}/explanations",
            entries[0].id
        );
        app.get(&others)
            .bearer(&shop.key)
            .await
            .assert_problem(404, "points.entry_not_found");
        let member = app.sign_up("cai@example.com").await;
        let mine = format!("/api/v1/me/points/entries/{}/explanations", entries[0].id);
        app.get(&mine)
            .bearer(&member.token)
            .await
            .assert_problem(404, "points.entry_not_found");
    })
    .await;
}

#[tokio::test]
async fn ledger_and_lots_are_paged_and_filtered() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        for i in 1..=7 {
            shop.adjust("ann", i * 100).await.assert_status(201);
            if i % 2 == 0 {
                app.advance_seconds(60);
            }
        }
        shop.spend("ann", "a1", 100, 10_000)
            .await
            .assert_status(201);
        let all = shop.entries("ann").await;
        assert_eq!(all.len(), 8);
        let get = async |query: &str| {
            let path = format!("/api/v1/members/ext:ann/points/entries?{query}");
            let answer = app.get(&path).bearer(&shop.key).await;
            answer.assert_status(200);
            answer.parse::<Page<Entry>>()
        };
        let (mut found, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = get(&format!("limit=3{cursor}")).await;
            found.extend(page.data);
            pages += 1;
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!((found, pages), (all.clone(), 3));
        assert_eq!(get("kind=spend").await.data, all[..1]);
        assert_eq!(get("asset=credit").await.data, []);
        let (from, to) = (all[4].occurred_at, all[2].occurred_at);
        let between = get(&format!("from={from}&to={to}")).await.data;
        let expected: Vec<Entry> = all
            .iter()
            .filter(|it| (from..=to).contains(&it.occurred_at))
            .cloned()
            .collect();
        assert!(expected.len() >= 3);
        assert_eq!(between, expected);

        let lots = |query: &str| {
            let path = format!("/api/v1/members/ext:ann/points/lots?{query}");
            app.get(&path).bearer(&shop.key).into_future()
        };
        let first = lots("limit=4").await.json();
        let second = lots(&format!(
            "limit=4&cursor={}",
            first["next_cursor"].as_str().unwrap_or("")
        ))
        .await
        .json();
        assert_eq!(first["data"].as_array().map(Vec::len), Some(4));
        assert_eq!(second["data"].as_array().map(Vec::len), Some(3));
        assert_eq!(second["next_cursor"], Value::Null);
        let open = lots("open=true").await.json();
        assert_eq!(open["data"].as_array().map(Vec::len), Some(6));
        lots("cursor=nonsense")
            .await
            .assert_problem(400, "request.invalid_cursor");
        lots("limit=0").await.wrong_parts();
    })
    .await;
}

#[tokio::test]
async fn a_frozen_member_looks_but_does_not_spend() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.adjust("ann", 500).await.assert_status(201);
        let change = |verb: &str| {
            let call = app
                .post(&format!("/api/v1/members/ext:ann/{verb}"))
                .bearer(&shop.key);
            call.json(&json!({ "reason": "under review" }))
                .into_future()
        };
        change("freeze").await.assert_status(200);
        shop.spend("ann", "a1", 100, 10_000)
            .await
            .assert_problem(403, "members.frozen");
        assert_eq!(shop.points("ann").await, (500, 0, 0));
        // The shop's orders go on being recorded.
        shop.pay("ann", "a2", 10_000).await;
        assert_eq!(shop.points("ann").await, (500, 100, 0));
        change("unfreeze").await.assert_status(200);
        shop.spend("ann", "a1", 100, 10_000)
            .await
            .assert_status(201);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn rules_are_edited_on_what_was_read_and_receipts_keep_their_version() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let operator = app.staff(Role::Operator).await;
        shop.pay("ann", "a1", 10_000).await;
        let path = "/api/v1/points_policy";
        let read = app.get(path).bearer(&operator.token).await;
        let policy = read.json()["policy"].clone();
        let put = |tag: Option<&str>, policy: &Value| {
            let call = app.put(path).bearer(&operator.token);
            let call = match tag {
                Some(tag) => call.header("if-match", tag),
                None => call,
            };
            call.json(policy).into_future()
        };
        put(None, &policy)
            .await
            .assert_problem(428, "request.precondition_required");
        put(Some("\"9\""), &policy)
            .await
            .assert_problem(412, "request.precondition_failed");
        let mut wrong = policy.clone();
        wrong["points_per_100_minor"] = json!(-1);
        wrong["spend"]["step"] = json!(0);
        let pointers: Vec<String> = put(Some("\"1\""), &wrong)
            .await
            .wrong_parts()
            .into_iter()
            .map(|it| it.0)
            .collect();
        assert_eq!(pointers, ["/points_per_100_minor", "/spend/step"]);
        app.advance_seconds(60);
        let changed =
            set_policy(&shop, &operator, |it| it["points_per_100_minor"] = json!(3)).await;
        assert_eq!((changed.version, changed.effective_from), (2, shop.now()));
        put(Some(read.header("etag")), &policy)
            .await
            .assert_problem(412, "request.precondition_failed");
        app.advance_seconds(60);
        shop.pay("ann", "a2", 10_000).await;
        assert_eq!(shop.points("ann").await, (0, 400, 0));
        // What was paid before the edit, but is heard of now, is judged by the rules of its time.
        let late = paid(
            "a3",
            changed.effective_from.plus_millis(-1),
            &contents(Some("ann"), &[line("1", 1, 10_000)]),
        );
        shop.apply(&late).await;
        assert_eq!(shop.points("ann").await, (0, 500, 0));
        for (order, version, points) in [("a1", 1, 100), ("a2", 2, 300), ("a3", 1, 100)] {
            let earned = shop.order(order).await.receipt.earned.expect("a receipt");
            assert_eq!(
                (earned.rule_version, earned.lines[0].points),
                (version, points),
                "{order}"
            );
        }
        shop.refund_all("a1").await;
        assert_eq!(shop.points("ann").await, (0, 400, 0));
        let auditor = app.staff(Role::Auditor).await;
        let call = app.put(path).bearer(&auditor.token).json(&policy);
        let refused = call.header("if-match", "\"2\"").await;
        refused.assert_problem(403, "auth.forbidden");
        shop.assert_books().await;
    })
    .await;
}
