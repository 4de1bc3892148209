//! What members see of their coupons, and what the console sees of all.

use super::support::{cart, checkout, cline, post, publish, template};
use crate::support::{Shop, TestApp, on_both};
use sea_orm::ConnectionTrait;
use serde_json::json;
use shared::coupons::CouponState;
use shared::coupons::api::{
    Burn, CouponDetail, CouponView, Offer, OfferState, Redemption, WalletCounts,
};
use shared::page::Page;
use shared::staff::Role;

#[tokio::test]
async fn the_wallet_counts_and_shows_by_tabs() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let ann = app.sign_up("ann@example.com").await;
        let other = app.sign_up("bo@example.com").await;
        let long = template(&shop, json!({})).await;
        let short = template(&shop, json!({ "validity": { "kind": "days", "days": 1 } })).await;
        let give = async |it: &shared::coupons::api::Template, source: &str| {
            let path = format!("/api/v1/coupon_templates/{}/publications", it.id);
            let body = json!({ "member": ann.id, "source_id": source });
            post(&shop, &path, &body).await.json()["coupon_id"].as_str().expect("an id").to_owned()
        };
        let used = give(&long, "used").await;
        let kept = give(&long, "kept").await;
        let soon = give(&short, "soon").await;
        let gone = give(&long, "gone").await;
        let asked = json!({ "member": ann.id, "cart": cart(&[cline("a", 1, 5_000)], 0), "coupons": [used] });
        post(&shop, "/api/v1/coupon_redemptions", &json!({ "order_id": "o1", "checkout": asked })).await.assert_status(201);
        post(&shop, &format!("/api/v1/coupons/{gone}/revocations"), &json!({})).await.assert_status(200);

        let counts = async || -> WalletCounts {
            app.get("/api/v1/me/coupon_counts").bearer(&ann.token).await.parse()
        };
        assert_eq!(counts().await, WalletCounts { usable: 2, used: 1, expired: 1, ending_soon: 1 });
        let tab = async |tab: &str| -> Vec<(String, CouponState)> {
            let page: Page<CouponView> = app.get(&format!("/api/v1/me/coupons?tab={tab}")).bearer(&ann.token).await.parse();
            page.data.into_iter().map(|it| (it.id.to_string(), it.state)).collect()
        };
        let state = |id: &String, state| (id.clone(), state);
        assert_eq!(tab("usable").await, [state(&soon, CouponState::Available), state(&kept, CouponState::Available)]);
        assert_eq!(tab("used").await, [state(&used, CouponState::Used)]);
        assert_eq!(tab("expired").await, [state(&gone, CouponState::Revoked)]);
        let path = format!("/api/v1/me/coupons/{used}");
        let shown: CouponDetail = app.get(&path).bearer(&ann.token).await.parse();
        assert_eq!(shown.coupon.order_id.as_deref(), Some("o1"));
        assert_eq!(shown.reasons[0].code, "coupons.used");
        assert!(shown.qr.path.starts_with('M') && shown.coupon.code.len() == 14);
        for path in [path.clone(), format!("{path}/explanations")] {
            app.get(&path).bearer(&ann.token).await.assert_status(200);
            app.get(&path).bearer(&other.token).await.assert_problem(404, "coupons.not_found");
        }
        app.advance_seconds(3 * 86_400);
        let auditor = app.staff(Role::Auditor).await;
        let path = format!("/api/v1/members/{}/coupons?tab=expired&limit=1", ann.id);
        let first: Page<CouponView> = app.get(&path).bearer(&auditor.token).await.parse();
        let cursor = first.next_cursor.expect("there is more");
        let path = format!("{path}&cursor={cursor}");
        let rest: Page<CouponView> = app.get(&path).bearer(&auditor.token).await.parse();
        assert_eq!((rest.data.len(), rest.next_cursor), (1, None));
        let list = app.get(&format!("/api/v1/members/{}/coupons?tab=used", ann.id)).bearer(&auditor.token).await;
        assert_eq!(list.parse::<Page<CouponView>>().data.len(), 1);
        let log = app.get(&format!("/api/v1/coupon_redemptions?template={}&state=redeemed", long.id)).bearer(&auditor.token).await;
        assert_eq!(log.parse::<Page<Redemption>>().data[0].order_id.as_deref(), Some("o1"));
        let burn = app.get(&format!("/api/v1/coupon_templates/{}/burn", long.id)).bearer(&auditor.token).await;
        let burn: Burn = burn.parse();
        assert_eq!((burn.days.len(), burn.days[26].amount), (30, 1_000));
    })
    .await;
}

#[tokio::test]
async fn the_claim_centre_says_what_can_be_taken() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let ann = app.sign_up("ann@example.com").await;
        let open = template(
            &shop,
            json!({ "limits": { "issue_max_per_member": 1, "issue_max": 5 } }),
        )
        .await;
        template(&shop, json!({ "audience": { "tiers": ["gold"] } })).await;
        template(&shop, json!({ "claimable": false })).await;
        let offers = async || -> Vec<Offer> {
            app.get("/api/v1/me/coupon_offers")
                .bearer(&ann.token)
                .await
                .parse()
        };
        let first = offers().await;
        let states: Vec<OfferState> = first.iter().map(|it| it.state).collect();
        assert_eq!(states, [OfferState::TierLocked, OfferState::Claimable]);
        // Tiers are named as members know them, and not by their codes.
        let named: Vec<&str> = first[0].tiers.iter().map(|it| it.en.as_str()).collect();
        assert_eq!(named, ["Gold"]);
        let call = app
            .post("/api/v1/me/coupons")
            .bearer(&ann.token)
            .idempotency_key("c");
        call.json(&json!({ "template_id": open.id }))
            .await
            .assert_status(201);
        let now = offers().await;
        assert_eq!(
            (now[1].state, now[1].left, now[1].claimed),
            (OfferState::Claimed, Some(4), 1)
        );
    })
    .await;
}

#[tokio::test]
async fn terms_are_tried_on_a_cart_before_anyone_sees_them() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let cart = cart(&[cline("a", 1, 5_000), cline("b", 1, 5_000)], 300);
        let terms = super::support::terms(
            json!({ "audience": { "tiers": ["gold"] }, "threshold_amount": 10_000 }),
        );
        let simulate = async |terms: &serde_json::Value| {
            let body = json!({ "terms": [terms], "cart": cart });
            app.post("/api/v1/simulations/coupons")
                .bearer(&shop.key)
                .json(&body)
                .await
        };
        let quote = simulate(&terms).await.json();
        assert_eq!(
            (&quote["discount"], &quote["due"]),
            (&json!(1_000), &json!(9_300))
        );
        let mut dear = terms.clone();
        dear["threshold_amount"] = json!(10_001);
        assert_eq!(
            simulate(&dear).await.json()["coupons"][0]["reasons"][0]["figure"],
            1
        );
        dear["threshold_amount"] = json!(-1);
        assert_eq!(
            simulate(&dear).await.wrong_parts()[0].0,
            "/terms/0/threshold_amount"
        );
    })
    .await;
}

/// A damage, what undoes it, and what the check then says.
const DAMAGES: [(&str, &str, &str); 7] = [
    (
        "UPDATE coupon_templates SET issued = issued + 1",
        "UPDATE coupon_templates SET issued = issued - 1",
        "coupons issued",
    ),
    (
        "UPDATE coupon_templates SET committed_uses = 7",
        "UPDATE coupon_templates SET committed_uses = 1",
        "uses committed",
    ),
    (
        "UPDATE coupon_templates SET redeemed_amount = 1",
        "UPDATE coupon_templates SET redeemed_amount = 1000",
        "discount redeemed",
    ),
    (
        "UPDATE coupons SET used = 0 WHERE used = 1",
        "UPDATE coupons SET used = 1 WHERE source_ref = '1'",
        "uses of the coupon",
    ),
    (
        "UPDATE coupon_uses SET coupon_slot = 2",
        "UPDATE coupon_uses SET coupon_slot = 1",
        "slot of a use",
    ),
    (
        "UPDATE coupon_uses SET state = 'returned'",
        "UPDATE coupon_uses SET state = 'redeemed'",
        "use of a coupon",
    ),
    (
        "UPDATE coupon_reservations SET state = 'held'",
        "UPDATE coupon_reservations SET state = 'redeemed'",
        "holds its session",
    ),
];

/// What was planted is found, and named.
#[tokio::test]
async fn a_check_finds_coupons_that_do_not_add_up() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let made = template(&shop, json!({})).await;
        let coupon = publish(&shop, &made, "ann", "1").await;
        publish(&shop, &made, "ann", "2").await;
        let asked = checkout("ann", cart(&[cline("a", 1, 5_000)], 0), &[&coupon]);
        post(
            &shop,
            "/api/v1/coupon_redemptions",
            &json!({ "order_id": "o1", "checkout": asked }),
        )
        .await
        .assert_status(201);
        shop.assert_books().await;
        for (damage, undo, what) in DAMAGES {
            app.app
                .db
                .read()
                .execute_unprepared(damage)
                .await
                .expect("damage");
            let report = shop.check().await;
            let found: Vec<&str> = report.differences.iter().map(|it| it.what).collect();
            assert!(found.contains(&what), "{damage}: {found:?}");
            app.app
                .db
                .read()
                .execute_unprepared(undo)
                .await
                .expect("undone");
            shop.assert_books().await;
        }
    })
    .await;
}
