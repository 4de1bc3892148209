//! Codes: typed in once, made in bulk, exported, imported.

use super::support::{post, template};
use crate::support::{Shop, SignedInStaff, TestApp, on_both, on_both_with};
use serde_json::{Value, json};
use server::coupons::service::work;
use shared::coupons::api::{BatchState, CodeBatch};
use shared::coupons::codes;
use shared::staff::Role;
use std::collections::HashSet;

async fn make(app: &TestApp, staff: &SignedInStaff, template: &str, count: i64) -> CodeBatch {
    let path = format!("/api/v1/coupon_templates/{template}/code_batches");
    let call = app
        .post(&path)
        .bearer(&staff.token)
        .idempotency_key(&format!("make-{count}"));
    let answer = call.json(&json!({ "count": count })).await;
    answer.assert_status(202);
    answer.parse()
}

async fn batch(app: &TestApp, staff: &SignedInStaff, id: &CodeBatch) -> CodeBatch {
    app.get(&format!("/api/v1/code_batches/{}", id.id))
        .bearer(&staff.token)
        .await
        .parse()
}

async fn export(app: &TestApp, staff: &SignedInStaff, id: &CodeBatch) -> Vec<String> {
    let answer = app
        .get(&format!("/api/v1/code_batches/{}/codes", id.id))
        .bearer(&staff.token)
        .await;
    answer.assert_status(200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    answer.text().lines().map(str::to_owned).collect()
}

async fn enter(app: &TestApp, token: &str, code: &str) -> crate::support::Answer {
    let key = server::ids::hex(&server::ids::random_bytes::<8>());
    let call = app
        .post("/api/v1/me/coupon_codes")
        .bearer(token)
        .idempotency_key(&key);
    call.json(&json!({ "code": code })).await
}

#[tokio::test]
async fn a_batch_is_made_in_steps_goes_on_after_a_crash_and_is_stopped() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let staff = app.staff(Role::Operator).await;
        let made = template(&shop, json!({})).await.id.to_string();
        let begun = make(app, &staff, &made, 45_000).await;
        assert_eq!((begun.state, begun.made), (BatchState::Running, 0));
        let step = async || work(&app.app).await.expect("a step");
        assert!(step().await);
        assert_eq!(batch(app, &staff, &begun).await.made, 20_000);
        // The node falls; another one takes over where the first was.
        let other = app.another_node().await;
        while work(&other).await.expect("a step") {}
        other.db.close().await;
        let done = batch(app, &staff, &begun).await;
        assert_eq!((done.state, done.made), (BatchState::Done, 45_000));
        let lines = export(app, &staff, &begun).await;
        assert_eq!((lines.len(), lines[0].as_str()), (45_001, "code,used"));
        let unique: HashSet<&String> = lines.iter().collect();
        assert_eq!(unique.len(), lines.len());
        for line in &lines[1..] {
            let code = codes::normalise(line.trim_end_matches(",no")).expect("a code");
            assert!(!codes::is_mistyped(&code), "{line}");
        }

        let second = make(app, &staff, &made, 100_000).await;
        assert!(step().await);
        let path = format!("/api/v1/code_batches/{}/cancellations", second.id);
        let cancel = async |key: &str| {
            app.post(&path)
                .bearer(&staff.token)
                .idempotency_key(key)
                .json(&json!({}))
                .await
        };
        cancel("c1").await.assert_status(200);
        cancel("c2")
            .await
            .assert_problem(409, "coupons.batch_ended");
        while step().await {}
        let stopped = batch(app, &staff, &second).await;
        assert_eq!(
            (stopped.state, stopped.made),
            (BatchState::Cancelled, 20_000)
        );
        let odd = app
            .get("/api/v1/code_batches/cbt_01k0000000e008000000000001")
            .bearer(&staff.token)
            .await;
        odd.assert_problem(404, "coupons.batch_not_found");
        let list = app
            .get(&format!("/api/v1/coupon_templates/{made}/code_batches"))
            .bearer(&staff.token)
            .await;
        assert_eq!(list.parse::<Vec<CodeBatch>>().len(), 2);
        let call = app
            .post(&format!("/api/v1/coupon_templates/{made}/code_batches"))
            .bearer(&staff.token);
        let wrong = call.idempotency_key("w").json(&json!({ "count": 0 })).await;
        assert_eq!(wrong.wrong_parts()[0].0, "/count");
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_import_takes_the_good_lines_and_reports_the_others() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let staff = app.staff(Role::Operator).await;
        let made = template(&shop, json!({ "limits": { "issue_max_per_member": 5 } }))
            .await
            .id
            .to_string();
        let path = format!("/api/v1/coupon_templates/{made}/code_imports");
        let import = async |text: &str| {
            let call = app
                .post(&path)
                .bearer(&staff.token)
                .raw(text.as_bytes().to_vec());
            call.header("content-type", "text/csv").await
        };
        let first = import("code\nSUMMER-1\n=cmd\nSUMMER-1\nsummer2\n").await;
        first.assert_status(201);
        let first: CodeBatch = first.parse();
        let bad: Vec<(i64, &str)> = first
            .bad_lines
            .iter()
            .map(|it| (it.line, it.code.as_str()))
            .collect();
        assert_eq!(
            (first.made, first.state, bad),
            (2, BatchState::Done, vec![(3, "invalid"), (4, "duplicate")])
        );
        let again: CodeBatch = import("SUMMER1\nSUMMER3\n").await.parse();
        assert_eq!((again.made, again.bad_lines[0].code.as_str()), (1, "taken"));
        import("\n\n").await.assert_problem(422, "request.invalid");
        let lines = export(app, &staff, &first).await;
        assert_eq!(lines, ["code,used", "SUMMER1,no", "SUMMER2,no"]);

        let ann = app.sign_up("ann@example.com").await;
        let bo = app.sign_up("bo@example.com").await;
        enter(app, &ann.token, "summer-1").await.assert_status(201);
        enter(app, &bo.token, "SUMMER1")
            .await
            .assert_problem(409, "coupons.code_used");
        enter(app, &bo.token, "nothing")
            .await
            .assert_problem(404, "coupons.code_unknown");
        enter(app, &bo.token, "2222-2222-2223")
            .await
            .assert_problem(422, "coupons.code_mistyped");
        assert_eq!(export(app, &staff, &first).await[1], "SUMMER1,yes");
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_public_code_gives_every_member_one() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let edit = json!({ "public_code": "SAVE10", "claimable": false, "limits": { "issue_max_per_member": 1, "issue_max": 2 } });
        template(&shop, edit).await;
        let ann = app.sign_up("ann@example.com").await;
        let bo = app.sign_up("bo@example.com").await;
        let cy = app.sign_up("cy@example.com").await;
        enter(app, &ann.token, "save10").await.assert_status(201);
        enter(app, &ann.token, "save10").await.assert_problem(409, "coupons.claim_limit");
        // At the till a code that nobody has typed in yet works like the coupon that it gives.
        let cart = super::support::cart(&[super::support::cline("a", 1, 5_000)], 0);
        let asked = json!({ "member": bo.id, "cart": cart, "coupons": ["SAVE-10"] });
        let seen: Value = app.post("/api/v1/coupon_validations").bearer(&shop.key).json(&asked).await.json();
        assert_eq!((&seen["valid"], &seen["discount"]), (&json!(true), &json!(1_000)));
        let body = json!({ "order_id": "o1", "checkout": asked });
        post(&shop, "/api/v1/coupon_redemptions", &body).await.assert_status(201);
        enter(app, &cy.token, "save10").await.assert_problem(409, "coupons.all_issued");
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn guessing_codes_is_slowed_down_and_slips_are_not_counted() {
    let limited = |config: &mut server::config::Config| config.limits.coupon_codes_per_minute = 3;
    on_both_with(limited, async |app: &TestApp| {
        let ann = app.sign_up("ann@example.com").await;
        for _ in 0..5 {
            enter(app, &ann.token, "2222-2222-2223")
                .await
                .assert_problem(422, "coupons.code_mistyped");
        }
        for _ in 0..3 {
            enter(app, &ann.token, "guess")
                .await
                .assert_problem(404, "coupons.code_unknown");
        }
        let problem = enter(app, &ann.token, "guess").await;
        problem.assert_problem(429, "request.rate_limited");
        assert!(!problem.header("retry-after").is_empty());
        let bo = app.sign_up("bo@example.com").await;
        enter(app, &bo.token, "guess")
            .await
            .assert_problem(404, "coupons.code_unknown");
    })
    .await;
}
