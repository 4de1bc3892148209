//! The list of members, its export, and a member's timeline.

use crate::support::{Answer, Shop, SignedInStaff, TestApp, on_both};
use serde_json::{Value, json};
use shared::members::api::{MemberRow, TimelineItem};
use shared::page::Page;
use shared::staff::Role;

async fn get(app: &TestApp, staff: &SignedInStaff, path: &str) -> Answer {
    let answer = app.get(path).bearer(&staff.token).await;
    answer.assert_status(200);
    answer
}

/// The shop's ids of the members that a list holds, over all its pages of two.
async fn listed(app: &TestApp, staff: &SignedInStaff, query: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/members?limit=2&{query}{cursor}");
        let page: Page<MemberRow> = get(app, staff, &path).await.parse();
        found.extend(page.data.into_iter().filter_map(|it| it.external_id));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// Four members who joined a day after each other, and three orders.
async fn four(shop: &Shop<'_>) {
    for name in ["ann", "bo", "cai", "dee"] {
        shop.member(name).await;
        shop.app.clock.advance_days(1);
    }
    shop.adjust("ann", 500).await.assert_status(201);
    shop.adjust("cai", 900).await.assert_status(201);
    shop.pay("bo", "b1", 60_000).await;
    shop.app.clock.advance_days(1);
    shop.pay("ann", "a1", 1_000).await;
    shop.app.clock.advance_days(1);
    shop.pay("cai", "c1", 1_000).await;
}

#[tokio::test]
async fn the_list_of_members_is_filtered_and_sorted() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        four(&shop).await;
        let operator = app.staff(Role::Operator).await;
        for (query, expected) in [
            ("", "dee cai bo ann"),
            ("sort=joined_asc", "ann bo cai dee"),
            ("sort=points_desc&points_from=1", "cai ann"),
            ("sort=points_asc&points_from=1", "ann cai"),
            ("points_from=500&points_to=899", "ann"),
            ("points_to=0&sort=joined_asc", "bo dee"),
            ("sort=last_order_desc", "cai ann bo dee"),
            ("sort=last_order_asc", "dee bo ann cai"),
            ("last_order_from=2026-06-20T04:00:00Z", "cai ann"),
            ("last_order_to=2026-06-19T04:00:00Z", "bo"),
            (
                "joined_from=2026-06-16T04:00:00Z&joined_to=2026-06-17T04:00:00Z",
                "cai bo",
            ),
            ("tier=silver", "bo"),
            (
                "tier=member&last_order_from=2026-01-01T00:00:00Z&sort=points_desc",
                "cai ann",
            ),
            ("q=CA", "cai"),
            ("status=frozen", ""),
        ] {
            let found = listed(app, &operator, query).await;
            assert_eq!(found.join(" "), expected, "{query}");
        }
        let page: Page<MemberRow> = get(app, &operator, "/api/v1/members?q=cai").await.parse();
        assert_eq!(page.data[0].points_available, 900);
        assert_eq!(page.data[0].last_order_at, Some(shop.now()));
        for (query, parameter) in [("sort=name", "sort"), ("points_from=x", "points_from")] {
            let path = format!("/api/v1/members?{query}");
            let parts = app.get(&path).bearer(&operator.token).await.wrong_parts();
            assert_eq!(parts[0].0, parameter);
        }
    })
    .await;
}

#[tokio::test]
async fn an_export_is_the_list_without_formulas_and_is_written_down() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        four(&shop).await;
        let operator = app.staff(Role::Operator).await;
        let request = json!({ "external_id": "eve", "name": "=HYPERLINK(\"http://x\",\"y\")", "phone": "+8613800138000" });
        let made = app.post("/api/v1/members").bearer(&shop.key).json(&request).await;
        made.assert_status(201);
        let whole = get(app, &operator, "/api/v1/member_exports?sort=joined_asc").await;
        assert_eq!(whole.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(
            whole.header("content-disposition"),
            "attachment; filename=\"members.csv\""
        );
        let text = whole.text();
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(
            lines[0],
            "id,external_id,name,email,phone,status,tier,points_available,joined_at,last_order_at"
        );
        let names: Vec<&str> = lines[1..].iter().filter_map(|it| it.split(',').nth(1)).collect();
        assert_eq!(names, ["ann", "bo", "cai", "dee", "eve"]);
        assert!(lines[1].contains(",active,member,500,2026-06-15T04:00:00Z,2026-06-20T04:00:00Z"), "{}", lines[1]);
        assert!(lines[5].contains(",\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",,'+8613800138000,"), "{}", lines[5]);
        let part = get(app, &operator, "/api/v1/member_exports?points_from=600").await.text();
        assert!(part.contains(",cai,") && !part.contains(",ann,"), "{part}");

        let admin = app.staff(Role::Admin).await;
        let trail = get(app, &admin, "/api/v1/audit_entries?action=members.exported").await.json();
        let rows = trail["data"].as_array().expect("rows");
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0]["actor"], operator.id.to_string());
        assert_eq!(rows[0]["actor_name"], "Operator");
        let filter = rows[0]["detail"][0]["value"].as_str().expect("the filter");
        assert!(filter.contains("600"), "{filter}");
    })
    .await;
}

#[tokio::test]
async fn an_export_is_longer_than_a_page() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let auditor = app.staff(Role::Auditor).await;
        let write = app.app.db.write(app.app.clone(), |tx, app| {
            Box::pin(async move {
                let new = (0..1_203).map(|place| server::members::service::NewMember {
                    external_id: Some(format!("m{place}")),
                    ..server::members::service::NewMember::default()
                });
                server::members::service::create_all(tx, app, new.collect()).await
            })
        });
        write.await.expect("members are made");
        let text = get(app, &auditor, "/api/v1/member_exports").await.text();
        let mut ids: Vec<&str> = text
            .lines()
            .skip(1)
            .filter_map(|it| it.split(',').nth(1))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 1_203);
        drop(shop);
    })
    .await;
}

/// A timeline, read one item a page.
async fn page_by_page(app: &TestApp, staff: &SignedInStaff, path: &str) -> Vec<TimelineItem> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    for _ in 0..20 {
        let page = get(app, staff, &format!("{path}?limit=1{cursor}")).await;
        let page: Page<TimelineItem> = page.parse();
        items.extend(page.data);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    items
}

#[tokio::test]
async fn a_timeline_holds_everything_once_and_newest_first() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let operator = app.staff(Role::Operator).await;
        shop.member("ann").await;
        app.advance_seconds(60);
        shop.pay("ann", "a1", 60_000).await;
        let request = json!({ "asset": "points", "amount": 5, "reason": "sorry" });
        let adjust = app
            .post("/api/v1/members/ext:ann/points/adjustments")
            .bearer(&operator.token);
        adjust
            .idempotency_key("k")
            .json(&request)
            .await
            .assert_status(201);
        app.advance_seconds(60);
        shop.refund_all("a1").await;
        let path = "/api/v1/members/ext:ann/timeline";
        let whole: Page<TimelineItem> = get(app, &operator, &format!("{path}?limit=100"))
            .await
            .parse();
        assert!(whole.next_cursor.is_none());
        assert!(whole.data.windows(2).all(|it| it[0].at >= it[1].at));
        let kinds: Vec<Value> = whole
            .data
            .iter()
            .map(|it| json!(it)["kind"].clone())
            .collect();
        let count = |kind: &str| kinds.iter().filter(|it| **it == kind).count();
        // Earned, adjusted, clawed back · joined, reached, refunded · paid, refunded · made, adjusted.
        assert_eq!(
            (
                count("entry"),
                count("tier"),
                count("order"),
                count("action"),
                count("session")
            ),
            (3, 3, 2, 2, 0)
        );
        // Page by page it is the same, although much happened at one instant.
        let pages = page_by_page(app, &operator, path).await;
        assert_eq!(pages, whole.data);
        let actions = get(app, &operator, &format!("{path}?kind=action"))
            .await
            .json();
        let newest = &actions["data"][0]["action"];
        assert_eq!(
            (&newest["action"], &newest["actor_name"]),
            (&json!("points.adjusted"), &json!("Operator"))
        );
        let entries = get(app, &operator, &format!("{path}?kind=entry"))
            .await
            .json();
        assert_eq!(entries["data"][1]["entry"]["actor_name"], "Operator");
        let odd = format!("{path}?cursor={}", "f".repeat(48));
        let refused = app.get(&odd).bearer(&operator.token).await;
        refused.assert_problem(400, "request.invalid_cursor");
    })
    .await;
}

#[tokio::test]
async fn staff_read_names_and_members_do_not() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let operator = app.staff(Role::Operator).await;
        let member = app.sign_up("ann@example.com").await;
        let path = format!("/api/v1/members/{}/points/adjustments", member.id);
        for amount in [5, 50_000] {
            let request = json!({ "asset": "points", "amount": amount, "reason": "sorry" });
            let adjust = app.post(&path).bearer(&operator.token);
            let adjust = adjust.idempotency_key(&shop.intent()).json(&request);
            adjust.await.assert_status(201);
        }
        let path = format!("/api/v1/members/{}/points/entries", member.id);
        let entries = get(app, &operator, &path).await.json();
        assert_eq!(entries["data"][0]["actor_name"], "Operator");
        let own = app
            .get("/api/v1/me/points/entries")
            .bearer(&member.token)
            .await
            .json();
        assert_eq!(own["data"][0]["actor_name"], Value::Null);
        let waiting = get(app, &operator, "/api/v1/adjustments").await.json();
        assert_eq!(waiting["data"][0]["requested_by_name"], "Operator");
        assert_eq!(waiting["data"][0]["decided_by_name"], Value::Null);
    })
    .await;
}
