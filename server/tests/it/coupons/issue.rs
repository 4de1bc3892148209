//! Templates and the ways of getting a coupon.

use super::support::{post, publish, set_state, template, terms};
use crate::support::{Shop, TestApp, on_both};
use futures::future::join_all;
use serde_json::json;
use shared::coupons::api::Template;
use shared::coupons::{CouponSource, CouponSourceKind};
use shared::page::Page;
use shared::staff::Role;

#[tokio::test]
async fn a_template_is_written_begun_held_and_ended() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let draft: Template = post(&shop, "/api/v1/coupon_templates", &terms(json!({})))
            .await
            .parse();
        let path = format!("/api/v1/coupon_templates/{}", draft.id);
        let give = json!({ "member": "ext:ann", "source_id": "s" });
        let give = async || post(&shop, &format!("{path}/publications"), &give).await;
        give()
            .await
            .assert_problem(409, "coupons.template_not_active");
        set_state(&shop, &draft, "paused")
            .await
            .assert_problem(409, "coupons.state_not_allowed");
        set_state(&shop, &draft, "active").await.assert_status(200);

        let seen = app.get(&path).bearer(&shop.key).await;
        assert_eq!(seen.header("etag"), "\"1\"");
        let edit = async |tag: &str, body: &serde_json::Value| {
            app.put(&path)
                .bearer(&shop.key)
                .header("if-match", tag)
                .json(body)
                .await
        };
        let more = terms(json!({ "threshold_amount": 5_000 }));
        edit("\"9\"", &more)
            .await
            .assert_problem(412, "request.precondition_failed");
        let changed = edit("\"1\"", &more).await;
        changed.assert_status(200);
        assert_eq!(changed.parse::<Template>().version, 2);
        app.put(&path)
            .bearer(&shop.key)
            .json(&more)
            .await
            .assert_problem(428, "request.precondition_required");
        let wrong =
            terms(json!({ "audience": { "tiers": ["gold", "none"] }, "threshold_amount": -1 }));
        let parts: Vec<String> = edit("\"2\"", &wrong)
            .await
            .wrong_parts()
            .into_iter()
            .map(|it| it.0)
            .collect();
        assert_eq!(parts, ["/threshold_amount", "/audience/tiers/1"]);

        set_state(&shop, &draft, "ended").await.assert_status(200);
        give()
            .await
            .assert_problem(409, "coupons.template_not_active");
        edit("\"2\"", &more)
            .await
            .assert_problem(409, "coupons.state_not_allowed");
        let unknown = path.replace(&draft.id.to_string()[4..6], "00");
        app.get(&unknown)
            .bearer(&shop.key)
            .await
            .assert_problem(404, "coupons.template_not_found");
    })
    .await;
}

#[tokio::test]
async fn codes_are_unique_and_lists_find_templates() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let draft = template(&shop, json!({})).await;
        set_state(&shop, &draft, "ended").await.assert_status(200);
        template(&shop, json!({ "public_code": "SAVE10" })).await;
        let taken = terms(json!({ "public_code": "SAVE10" }));
        post(&shop, "/api/v1/coupon_templates", &taken)
            .await
            .assert_problem(409, "coupons.code_taken");
        let auditor = app.staff(Role::Auditor).await;
        let found = app
            .get("/api/v1/coupon_templates?q=save1")
            .bearer(&auditor.token)
            .await;
        assert_eq!(found.parse::<Page<Template>>().data.len(), 1);
        let found = app
            .get("/api/v1/coupon_templates?state=ended")
            .bearer(&auditor.token)
            .await;
        assert_eq!(found.parse::<Page<Template>>().data[0].id, draft.id);
        let call = app
            .post("/api/v1/coupon_templates")
            .bearer(&auditor.token)
            .idempotency_key("a");
        call.json(&terms(json!({})))
            .await
            .assert_problem(403, "auth.forbidden");
    })
    .await;
}

#[tokio::test]
async fn the_same_source_gives_the_same_coupon_and_takes_it_back_unless_used() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let ann = shop.member("ann").await;
        let made = template(&shop, json!({ "limits": { "issue_max": 3 } })).await;
        let first = publish(&shop, &made, "ann", "order-1").await;
        assert_eq!(publish(&shop, &made, "ann", "order-1").await, first);
        assert_ne!(publish(&shop, &made, "ann", "order-2").await, first);
        let path = format!("/api/v1/coupon_templates/{}/publications", made.id);
        shop.member("bo").await;
        let other = json!({ "member": "ext:bo", "source_id": "order-1" });
        post(&shop, &path, &other)
            .await
            .assert_problem(409, "coupons.source_taken");
        let odd = json!({ "member": "ext:ann", "source_id": "" });
        assert_eq!(
            post(&shop, &path, &odd).await.wrong_parts()[0].0,
            "/source_id"
        );
        let nobody = json!({ "member": "ext:nobody", "source_id": "x" });
        post(&shop, &path, &nobody)
            .await
            .assert_problem(404, "members.not_found");

        // A reward asks through the service, and may ask again.
        let source = CouponSource {
            kind: CouponSourceKind::Task,
            reference: "task-1".into(),
        };
        let reward = async || {
            let args = (made.id, ann, source.clone());
            app.app
                .db
                .write(args, |tx, (template, member, source)| {
                    Box::pin(server::coupons::service::publish(
                        tx,
                        *template,
                        *member,
                        source,
                        tx.now(),
                    ))
                })
                .await
        };
        let given = reward().await.expect("a coupon");
        assert_eq!(reward().await.expect("the same"), given);
        let more = json!({ "member": "ext:ann", "source_id": "order-3" });
        post(&shop, &path, &more)
            .await
            .assert_problem(409, "coupons.all_issued");
        let undo = async || {
            let back = app.app.db.write(source.clone(), |tx, source| {
                Box::pin(server::coupons::service::take_back(tx, source, tx.now()))
            });
            back.await.expect("it is taken back")
        };
        assert_eq!((undo().await, undo().await), (1, 0));
        let revoke = format!("/api/v1/coupons/{given}/revocations");
        post(&shop, &revoke, &json!({}))
            .await
            .assert_problem(409, "coupons.revoked");
    })
    .await;
}

#[tokio::test]
async fn grants_go_to_many_and_name_who_was_not_found() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.members(&["ann", "bo"]).await;
        let made = template(&shop, json!({})).await;
        let staff = app.staff(Role::Operator).await;
        let path = format!("/api/v1/coupon_templates/{}/grants", made.id);
        let grant = async |key: &str, body: serde_json::Value| {
            app.post(&path)
                .bearer(&staff.token)
                .idempotency_key(key)
                .json(&body)
                .await
        };
        let body =
            json!({ "members": ["ext:ann", "ext:bo", "ext:ann", "ext:cy"], "reason": "sorry" });
        let given = grant("one", body.clone()).await;
        given.assert_status(201);
        assert_eq!(given.json(), json!({ "issued": 2, "unknown": ["ext:cy"] }));
        let again = grant("one", body).await;
        assert_eq!(again.header("idempotent-replayed"), "true");
        let wrong = grant("two", json!({ "members": [], "reason": "" }))
            .await
            .wrong_parts();
        assert_eq!(wrong.len(), 2);
        let now: Template = app
            .get(&path.replace("/grants", ""))
            .bearer(&shop.key)
            .await
            .parse();
        assert_eq!(now.issued, 2);
    })
    .await;
}

/// Read, check, write back: two taps, two devices, two nodes. The shelf gives one.
#[tokio::test]
async fn two_hundred_parallel_claims_give_one_coupon_to_a_member() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let made = template(&shop, json!({ "limits": { "issue_max_per_member": 1 } })).await;
        let member = app.sign_up("ann@example.com").await;
        let body = json!({ "template_id": made.id });
        let claims = (0..200).map(|i| {
            let call = app.post("/api/v1/me/coupons").bearer(&member.token);
            call.idempotency_key(&format!("tap-{i}"))
                .json(&body)
                .into_future()
        });
        let answers = join_all(claims).await;
        let given = answers.iter().filter(|it| it.status == 201).count();
        assert_eq!(given, 1);
        for refused in answers.iter().filter(|it| it.status != 201) {
            refused.assert_problem(409, "coupons.claim_limit");
        }
        let hidden = template(&shop, json!({ "claimable": false })).await;
        let call = app
            .post("/api/v1/me/coupons")
            .bearer(&member.token)
            .idempotency_key("h");
        call.json(&json!({ "template_id": hidden.id }))
            .await
            .assert_problem(404, "coupons.not_claimable");
        let golden = template(&shop, json!({ "audience": { "tiers": ["gold"] } })).await;
        let call = app
            .post("/api/v1/me/coupons")
            .bearer(&member.token)
            .idempotency_key("g");
        call.json(&json!({ "template_id": golden.id }))
            .await
            .assert_problem(422, "coupons.wrong_tier");
        let over =
            json!({ "validity": { "kind": "dated", "from": "2026-06-01", "until": "2026-06-14" } });
        let over = template(&shop, over).await;
        let call = app
            .post("/api/v1/me/coupons")
            .bearer(&member.token)
            .idempotency_key("o");
        call.json(&json!({ "template_id": over.id }))
            .await
            .assert_problem(409, "coupons.over");
    })
    .await;
}

#[tokio::test]
async fn what_is_for_a_tag_goes_to_those_who_have_it() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let audience = json!({ "audience": { "tags": ["parents"] } });
        let made = template(&shop, audience).await;
        let ann = app.sign_up("ann@example.com").await;
        let claim = async |intent: &str| {
            let call = app.post("/api/v1/me/coupons").bearer(&ann.token);
            let call = call.idempotency_key(intent);
            call.json(&json!({ "template_id": made.id })).await
        };
        claim("before")
            .await
            .assert_problem(422, "coupons.wrong_tag");
        let operator = app.staff(Role::Operator).await;
        let path = format!("/api/v1/members/{}/tags", ann.id);
        let tag = app.put(&path).bearer(&operator.token);
        tag.json(&json!({ "tags": ["parents"] }))
            .await
            .assert_status(200);
        claim("after").await.assert_status(201);
    })
    .await;
}
