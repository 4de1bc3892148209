//! Two members made one, and taken apart again.

use crate::communities::support::{community, join};
use crate::sales::support::{Sales, product};
use crate::support::shop::{Shop, contents, line, paid, refunded};
use crate::support::{Answer, PASSWORD, SignedInStaff, TestApp, on_both};
use fastrand::Rng;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::{Value, json};
use shared::staff::Role;

/// A shop with somebody who merges.
struct Desk<'a> {
    shop: Shop<'a>,
    operator: SignedInStaff,
}

impl<'a> Desk<'a> {
    async fn open(app: &'a TestApp) -> Self {
        Self {
            shop: Shop::open(app).await,
            operator: app.staff(Role::Operator).await,
        }
    }

    async fn post(&self, path: &str, key: &str, body: Value) -> Answer {
        let call = self.shop.app.post(&format!("/api/v1/member_merges{path}"));
        let call = call.bearer(&self.operator.token).idempotency_key(key);
        call.json(&body).await
    }

    async fn merge(&self, from: &str, into: &str) -> Answer {
        let body = json!({ "from": format!("ext:{from}"), "into": format!("ext:{into}"), "reason": "one person" });
        self.post("", &self.shop.intent(), body).await
    }

    async fn preview(&self, from: &str, into: &str) -> Answer {
        let path = format!("/api/v1/member_merges/preview?from=ext:{from}&into=ext:{into}");
        self.shop.app.get(&path).bearer(&self.operator.token).await
    }

    async fn undo(&self, merge: &Value) -> Answer {
        let id = merge["id"].as_str().unwrap_or_default();
        let body = json!({ "reason": "not one person" });
        self.post(&format!("/{id}/undo"), &self.shop.intent(), body)
            .await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.shop.app.get(path).bearer(&self.operator.token).await;
        answer.assert_status(200);
        answer.json()
    }
}

/// Tables and columns that must be as they were after a merge was undone: not what only says when a
/// row was written, and not the ledgers, which only grow.
const KEPT: &[(&str, &str)] = &[
    (
        "members",
        "id, external_id, name, email, phone, birthday, status, password_hash, consents, search_text, joined_at, merged_into",
    ),
    (
        "points_accounts",
        "member_id, asset, available, pending, next_due_at",
    ),
    (
        "lots",
        "id, member_id, asset, entry_id, amount, remaining, clawed, expired, absorbed, active_from, expires_at, active",
    ),
    (
        "orders",
        "id, member_id, status, amount, refunded_amount, receipt, updated_at",
    ),
    ("adjustments", "id, member_id, state"),
    ("sessions", "id, subject_id, ended_at"),
    (
        "tier_states",
        "member_id, code, since, valid_until, grace_until, warned",
    ),
    ("messages", "id, member_id, source, read_at"),
    (
        "coupons",
        "id, member_id, member_slot, used, reserved, revoked_at, expires_at",
    ),
    (
        "coupon_uses",
        "coupon_id, reservation_id, member_id, member_slot, coupon_slot, state",
    ),
    (
        "coupon_reservations",
        "id, member_id, open_session, state, body",
    ),
    ("check_ins", "member_id, day, mark, at"),
    ("task_joins", "member_id, task_id, joined_at"),
    ("task_events", "event_id, member_id"),
    (
        "task_contributions",
        "id, member_id, task_id, period, amount",
    ),
    (
        "task_claims",
        "id, member_id, period, nth, round, taken_back_at",
    ),
    ("reward_grants", "id, member_id, source_ref, taken_back"),
    ("share_links", "id, member_id, token"),
    ("member_tags", "member_id, tag"),
    (
        "community_members",
        "id, community_id, member_id, state, joined_at",
    ),
    ("communities", "id, members"),
    (
        "flash_claims",
        "id, member_id, sale_number, place, quantity, community_id, state, order_ref",
    ),
    ("flash_sale_products", "sale_id, place, stock, held, sold"),
    ("flash_sale_shares", "sale_id, place, community_id, taken"),
];

/// Everything that must be as it was.
async fn state(app: &TestApp) -> Vec<String> {
    let db = app.app.db.read();
    let mut found = Vec::new();
    for (table, columns) in KEPT {
        let sql = format!("SELECT {columns} FROM {table} ORDER BY 1, 2");
        let rows = db
            .query_all_raw(Statement::from_string(app.app.db.backend(), sql))
            .await;
        for row in rows.expect("the rows can be read") {
            let values = columns.split(", ").map(|it| value(&row, it));
            found.push(format!("{table} {}", values.collect::<Vec<_>>().join(" ")));
        }
    }
    found
}

/// Every row is as it was. New ones may stand beside them: a tier that is stored for the first time,
/// a message about a tier.
fn assert_nothing_lost(before: &[String], now: &[String]) {
    let lost: Vec<&String> = before.iter().filter(|it| !now.contains(it)).collect();
    assert!(lost.is_empty(), "{lost:#?}");
}

fn value(row: &QueryResult, column: &str) -> String {
    let id = row.try_get::<Option<uuid::Uuid>>("", column).ok().flatten();
    let big = row.try_get::<Option<i64>>("", column).ok().flatten();
    let small = row.try_get::<Option<i32>>("", column).ok().flatten();
    let flag = row.try_get::<Option<bool>>("", column).ok().flatten();
    let text = row.try_get::<Option<String>>("", column).ok().flatten();
    let number = big.or(small.map(i64::from)).or(flag.map(i64::from));
    let shown = id
        .map(|it| it.to_string())
        .or(number.map(|it| it.to_string()))
        .or(text);
    format!("{column}={}", shown.unwrap_or_default())
}

#[tokio::test]
async fn everything_goes_over_and_comes_back() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        shop.members(&["old", "new"]).await;
        shop.pay("old", "o-1", 300_000).await;
        shop.pass_days(20).await;
        shop.pay("old", "o-2", 50_000).await;
        shop.adjust("new", 70).await.assert_status(201);
        let operator = app.staff(Role::Operator).await;
        let desk = &Desk {
            shop: Shop::open(app).await,
            operator,
        };
        let before = state(app).await;
        let (old, new) = (shop.summary("old").await, shop.summary("new").await);
        let preview = desk.preview("old", "new").await;
        preview.assert_status(200);
        assert_eq!(state(app).await, before, "a preview changes nothing");
        let preview = preview.json();
        assert_eq!(
            preview["moves"]["points"], old.points.available,
            "{preview}"
        );
        assert_eq!(preview["moves"]["points_pending"], old.points.pending);
        assert_eq!(preview["conflicts"][0]["field"], "external_id");
        assert_ne!(preview["tier_before"], preview["tier_after"]);

        let merged = desk.merge("old", "new").await;
        merged.assert_status(201);
        let merged = merged.json();
        assert_eq!(merged["moves"], preview["moves"]);
        shop.assert_books().await;
        let one = shop.summary("new").await;
        assert_eq!(
            one.points.available,
            old.points.available + new.points.available
        );
        assert_eq!(one.points.pending, old.points.pending);
        assert_eq!(one.tier.code, old.tier.code);
        // The shop may go on naming either; both are the one.
        assert_eq!(shop.summary("old").await.member.id, one.member.id);
        let ended = desk
            .get(&format!("/api/v1/members/{}", old.member.id))
            .await;
        assert_eq!(
            (&ended["status"], &ended["merged_into"]),
            (&json!("merged"), &json!(one.member.id))
        );

        let undone = desk.undo(&merged).await;
        undone.assert_status(200);
        assert!(undone.json()["undone_at"].is_string());
        shop.assert_books().await;
        assert_nothing_lost(&before, &state(app).await);
        desk.undo(&merged)
            .await
            .assert_problem(409, "merges.undone");
        // And once more, for good.
        desk.merge("old", "new").await.assert_status(201);
        shop.refund_all("o-1").await;
        shop.assert_books().await;
        shop.pass_days(500).await;
        shop.assert_books().await;
    })
    .await;
}

/// Where a member belongs and what the member has of sales, as the member's own pages show it.
async fn belongings(shop: &Shop<'_>, member: &str) -> (Vec<String>, Vec<String>) {
    let token = shop.hand_over(member).await;
    let names = async |path: &str, list: &str, field: &str| {
        let page = shop.app.get(path).bearer(&token).await.json();
        let rows = page[list].as_array().cloned().unwrap_or_default();
        let names = rows.iter().filter_map(|it| it[field].as_str());
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort_unstable();
        names
    };
    (
        names("/api/v1/me/communities", "communities", "name").await,
        names("/api/v1/me/flash_claims", "data", "state").await,
    )
}

#[tokio::test]
async fn communities_and_claims_go_over_and_come_back() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        let sales = Sales::open(app).await;
        let tokens = sales.tokens(&["old", "new"]).await;
        let mut groups = Vec::new();
        for (name, who) in [("olds", &[0][..]), ("both", &[0, 1]), ("left", &[0])] {
            let made = community(shop, name, 9).await;
            for place in who {
                let joined = join(shop, &tokens[*place], &made.code).await;
                joined.assert_status(201);
            }
            groups.push(made);
        }
        let leave = format!("/api/v1/me/communities/{}", groups[2].id);
        let leave = app.delete(&leave).bearer(&tokens[0]).await;
        leave.assert_status(204);
        let milk = product("milk", 9, json!({ "per_community": 9 }));
        let audience = json!({ "communities": [groups[0].id, groups[1].id] });
        let sale = sales
            .sale(json!({ "products": [milk], "audience": audience }))
            .await;
        sales.at(0);
        let paid = sales.won(&tokens[0], &sale, "a", 1).await;
        sales.pay("old", "o-1", &paid).await;
        let held = sales.won(&tokens[0], &sale, "b", 1).await;
        sales.won(&tokens[1], &sale, "c", 2).await;
        let before = state(app).await;
        let (old, new) = (belongings(shop, "old").await, belongings(shop, "new").await);
        assert_eq!(old.0, ["both", "olds"]);
        assert_eq!((new.0.len(), old.1.len(), new.1.len()), (1, 2, 1));

        let merged = desk.merge("old", "new").await.json();
        shop.assert_books().await;
        let one = belongings(shop, "new").await;
        assert_eq!(one.0, ["both", "olds"]);
        assert_eq!(one.1, ["held", "held", "paid"]);
        assert_ne!(sales.found(&held).await.member_id, held.member_id);
        // Together they have more than one member can have, and get no more.
        let token = shop.hand_over("new").await;
        let more = sales.claim(&token, &sale, "d", 1).await;
        more.assert_problem(409, "flash_sales.member_limit");

        desk.undo(&merged).await.assert_status(200);
        shop.assert_books().await;
        assert_nothing_lost(&before, &state(app).await);
        assert_eq!(belongings(shop, "old").await, old);
        assert_eq!(belongings(shop, "new").await, new);
        // What waits is paid by whose it is again, and what is not goes back.
        sales.pay("old", "o-2", &held).await;
        sales.at(900_000);
        shop.run_jobs().await;
        assert_eq!(sales.stock(&sale).await, (7, 0, 2));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_merge_is_refused_where_it_cannot_be() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        shop.members(&["a", "b", "frozen", "gone"]).await;
        for (member, action) in [("frozen", "freeze"), ("gone", "erase")] {
            let call = app.post(&format!("/api/v1/members/ext:{member}/{action}"));
            let done = call
                .bearer(&desk.operator.token)
                .json(&json!({ "reason": "a test" }))
                .await;
            done.assert_status(200);
        }
        desk.merge("a", "frozen")
            .await
            .assert_problem(403, "members.frozen");
        desk.merge("frozen", "a")
            .await
            .assert_problem(403, "members.frozen");
        desk.merge("gone", "a")
            .await
            .assert_problem(404, "members.not_found");
        let same = desk.merge("a", "a").await.wrong_parts();
        assert_eq!(same, [("/into".to_owned(), "invalid".to_owned())]);
        let silent = json!({ "from": "ext:a", "into": "ext:b", "reason": "" });
        let silent = desk.post("", "silent", silent).await.wrong_parts();
        assert_eq!(silent, [("/reason".to_owned(), "out_of_range".to_owned())]);
        let nothing = json!({ "id": "mrg_01k0000000e008000000000001" });
        desk.undo(&nothing)
            .await
            .assert_problem(404, "merges.not_found");

        // The same request again is the same merge.
        let id = shop.summary("a").await.member.id;
        let body = json!({ "from": "ext:a", "into": "ext:b", "reason": "one person" });
        let first = desk.post("", "once", body.clone()).await;
        first.assert_status(201);
        let again = desk.post("", "once", body).await;
        assert_eq!(
            (again.json(), again.header("idempotent-replayed")),
            (first.json(), "true")
        );
        let body = json!({ "from": id, "into": "ext:b", "reason": "one person" });
        desk.post("", "late", body)
            .await
            .assert_problem(409, "members.merged");
        let listed = desk.get("/api/v1/member_merges").await;
        assert_eq!(listed["data"], json!([first.json()]));
        let one = format!(
            "/api/v1/member_merges/{}",
            first.json()["id"].as_str().unwrap_or_default()
        );
        assert_eq!(desk.get(&one).await, first.json());
        app.clock.advance_days(31);
        let token = app.staff(Role::Admin).await.token;
        let late = app
            .post(&format!("{one}/undo"))
            .bearer(&token)
            .idempotency_key("late");
        let late = late.json(&json!({ "reason": "too late" })).await;
        late.assert_problem(409, "merges.too_late");
    })
    .await;
}

#[tokio::test]
async fn what_was_used_since_stays_together() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        let ways = [
            ("spend", vec!["points"]),
            ("refund", vec!["points", "orders"]),
            ("profile", vec!["profile"]),
        ];
        for (n, (use_it, blocked)) in ways.into_iter().enumerate() {
            let (old, new, order) = (format!("old-{n}"), format!("new-{n}"), format!("o-{n}"));
            shop.members(&[&old, &new]).await;
            shop.pay(&old, &order, 200_000).await;
            shop.adjust(&old, 500).await.assert_status(201);
            let merged = desk.merge(&old, &new).await.json();
            app.advance_seconds(1);
            match use_it {
                "spend" => shop
                    .spend(&new, &format!("x-{n}"), 100, 100_000)
                    .await
                    .assert_status(201),
                "refund" => shop.refund_all(&order).await,
                _ => {
                    let named = json!({ "external_id": new, "name": "Somebody" });
                    let call = app.post("/api/v1/members").bearer(&shop.key);
                    call.json(&named).await.assert_status(200);
                }
            }
            let before = state(app).await;
            let path = format!(
                "/api/v1/member_merges/{}/undo",
                merged["id"].as_str().unwrap_or_default()
            );
            let preview = desk.get(&path).await;
            assert_eq!(preview["blocked_by"], json!(blocked), "{use_it}");
            desk.undo(&merged).await.assert_problem(409, "merges.used");
            assert_eq!(state(app).await, before, "{use_it}");
            shop.assert_books().await;
        }
    })
    .await;
}

#[tokio::test]
async fn people_go_on_signing_in_and_an_erasure_takes_both() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let (one, two) = (
            app.sign_up("one@example.com").await,
            app.sign_up("two@example.com").await,
        );
        let body = json!({ "from": one.id, "into": two.id, "reason": "one person" });
        desk.post("", "k", body).await.assert_status(201);
        let refresh = app
            .post("/api/v1/sessions/refresh")
            .page("member")
            .cookie(&one.cookie)
            .await;
        refresh.assert_status(200);
        assert_eq!(refresh.json()["member_id"], json!(two.id));
        for email in ["one@example.com", "two@example.com"] {
            let body = json!({ "identifier": email, "password": PASSWORD });
            let session = app
                .post("/api/v1/sessions")
                .page("member")
                .json(&body)
                .await;
            session.assert_status(201);
            assert_eq!(session.json()["member_id"], json!(two.id));
        }
        // What the shop said of the one stands with the other now.
        let event = json!({ "event_id": "review of one@example.com", "member": one.id, "type": "review",
            "occurred_at": desk.shop.now() });
        as_shop(&desk.shop, "/api/v1/task_events", event)
            .await
            .assert_problem(409, "members.merged");
        let erase = app.post(&format!("/api/v1/members/{}/erase", two.id));
        let erased = erase
            .bearer(&desk.operator.token)
            .json(&json!({ "reason": "asked" }))
            .await;
        erased.assert_status(200);
        let rows = state(app).await;
        assert!(
            rows.iter().all(|it| !it.contains("@example.com")),
            "{rows:#?}"
        );
    })
    .await;
}

/// Asks as the shop.
async fn as_shop(shop: &Shop<'_>, path: &str, body: Value) -> Answer {
    let call = shop.app.post(path).bearer(&shop.key);
    call.idempotency_key(&shop.intent()).json(&body).await
}

/// Asks as the member whom the shop hands over.
async fn as_member(shop: &Shop<'_>, member: &str, path: &str, body: Value) -> Answer {
    let token = shop.hand_over(member).await;
    let call = shop.app.post(path).bearer(&token);
    call.idempotency_key(&shop.intent()).json(&body).await
}

async fn check_in(shop: &Shop<'_>, member: &str) -> Answer {
    as_member(shop, member, "/api/v1/me/check_ins", json!({})).await
}

/// A task that asks for `target`, for 100 points and a make-up card.
async fn task(shop: &Shop<'_>, target: Value, claim: &str, per_member: u16) -> String {
    let definition = json!({
        "name": { "zh-CN": "任务", "en": "Task" }, "description": { "zh-CN": "", "en": "" },
        "target": target, "period": "once",
        "rewards": [{ "kind": "points", "amount": 100 }, { "kind": "makeup_card", "count": 1 }],
        "quota": { "per_member": per_member }, "join": "automatic", "claim": claim, "claim_days": 7,
        "starts_at": "2026-01-01T00:00:00Z"
    });
    let made = as_shop(shop, "/api/v1/tasks", definition).await;
    made.assert_status(201);
    made.json()["id"].as_str().expect("an id").to_owned()
}

/// A template of which a member may claim and use two.
async fn template(shop: &Shop<'_>) -> String {
    let terms = json!({
        "name": { "zh-CN": "十元券", "en": "Ten off" },
        "discount": { "kind": "amount_off", "amount": 1_000 },
        "validity": { "kind": "days", "days": 90 }, "claimable": true,
        "limits": { "issue_max": null, "issue_max_per_member": 2, "use_max_per_member": 2,
            "uses_per_coupon": 1, "budget_uses": null, "budget_amount": null },
    });
    let made = as_shop(shop, "/api/v1/coupon_templates", terms).await;
    made.assert_status(201);
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/coupon_templates/{id}/states");
    let begun = as_shop(shop, &path, json!({ "state": "active" })).await;
    begun.assert_status(200);
    id
}

async fn claim_coupon(shop: &Shop<'_>, member: &str, template: &str) -> Answer {
    let body = json!({ "template_id": template });
    as_member(shop, member, "/api/v1/me/coupons", body).await
}

/// Holds a coupon and some points in a checkout.
async fn reserve(shop: &Shop<'_>, member: &str, session: &str, coupons: Value) -> Answer {
    let cart = json!({ "currency": "CNY", "shipping": 0, "lines":
        [{ "line_id": "1", "sku": "sku-1", "quantity": 1, "amount": 30_000 }] });
    let checkout = json!({ "member": format!("ext:{member}"), "cart": cart, "coupons": coupons });
    let body = json!({ "session_key": session, "checkout": checkout });
    as_shop(shop, "/api/v1/coupon_reservations", body).await
}

/// Points and cards of a member, and how far the only task is.
async fn standing(shop: &Shop<'_>, member: &str) -> (i64, i64) {
    let points = shop.summary(member).await.points;
    let path = format!("/api/v1/members/ext:{member}/check_ins");
    let calendar = shop.app.get(&path).bearer(&shop.key).await.json();
    (points.available, calendar["cards"].as_i64().unwrap_or(-1))
}

#[tokio::test]
async fn a_task_is_rewarded_for_what_both_did_and_once_for_what_both_did_alike() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        shop.members(&["old", "new"]).await;
        let orders = json!({ "event": "orders", "goal": 2, "scope": {} });
        task(shop, orders, "automatic", 5).await;
        task(
            shop,
            json!({ "event": "check_ins", "goal": 1 }),
            "automatic",
            1,
        )
        .await;
        for (member, order) in [("old", "a1"), ("old", "a2"), ("old", "a3"), ("new", "b1")] {
            shop.pay(member, order, 5_000).await;
        }
        for member in ["old", "new"] {
            check_in(shop, member).await.assert_status(201);
        }
        // 100 for two orders and 100 for a check-in, and 2 for the day; a card with each task.
        assert_eq!(standing(shop, "old").await, (202, 2));
        assert_eq!(standing(shop, "new").await, (102, 1));
        let before = state(app).await;
        let merged = desk.merge("old", "new").await;
        merged.assert_status(201);
        shop.assert_books().await;
        // Three orders and one are two pairs; what both checked in for stays as it is.
        assert_eq!(standing(shop, "new").await, (404, 4));
        check_in(shop, "new")
            .await
            .assert_problem(409, "tasks.already_checked_in");
        let undone = desk.undo(&merged.json()).await;
        undone.assert_status(200);
        shop.assert_books().await;
        assert_eq!(standing(shop, "old").await, (202, 2));
        assert_eq!(standing(shop, "new").await, (102, 1));
        assert_nothing_lost(&before, &state(app).await);
        // Together again, and the first pair is refunded: both rewards of pairs were earned by four.
        desk.merge("old", "new").await.assert_status(201);
        shop.refund_all("a1").await;
        assert_eq!(standing(shop, "new").await.1, 3);
        shop.refund_all("a2").await;
        shop.refund_all("a3").await;
        assert_eq!(standing(shop, "new").await.1, 2);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn limits_of_coupons_count_what_both_had() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        shop.members(&["old", "new"]).await;
        let template = template(shop).await;
        let mut coupons = Vec::new();
        for member in ["old", "old", "new"] {
            let claimed = claim_coupon(shop, member, &template).await;
            claimed.assert_status(201);
            let id = claimed.json()["coupon_id"].as_str().map(str::to_owned);
            coupons.push(id.expect("an id"));
        }
        let held = reserve(shop, "old", "s-1", json!([coupons[0]])).await;
        held.assert_status(201);
        let used = reserve(shop, "new", "s-2", json!([coupons[2]]))
            .await
            .json();
        let redeem = async |id: &Value, order: &str| {
            let id = id["id"].as_str().unwrap_or_default().to_owned();
            let path = format!("/api/v1/coupon_reservations/{id}/redemptions");
            as_shop(shop, &path, json!({ "order_id": order })).await
        };
        redeem(&used, "o-1").await.assert_status(201);
        let before = state(app).await;
        let merged = desk.merge("old", "new").await;
        merged.assert_status(201);
        shop.assert_books().await;
        claim_coupon(shop, "new", &template)
            .await
            .assert_problem(409, "coupons.claim_limit");
        let third = reserve(shop, "new", "s-3", json!([coupons[1]])).await;
        third.assert_problem(422, "coupons.member_limit");
        let undone = desk.undo(&merged.json()).await;
        undone.assert_status(200);
        assert_nothing_lost(&before, &state(app).await);
        shop.assert_books().await;
        // What the one claims now has a number that nobody has.
        claim_coupon(shop, "new", &template)
            .await
            .assert_status(201);
        let merged = desk.merge("old", "new").await;
        merged.assert_status(201);
        app.advance_seconds(1);
        redeem(&held.json(), "o-2").await.assert_status(201);
        desk.undo(&merged.json())
            .await
            .assert_problem(409, "merges.used");
        let contents = contents(Some("old"), &[line("1", 1, 29_000)]);
        shop.apply(&paid("o-2", shop.now(), &contents)).await;
        shop.refund_all("o-2").await;
        shop.assert_books().await;
    })
    .await;
}

/// What a random history needs besides members.
struct World {
    visits: String,
    template: String,
}

#[tokio::test]
async fn the_shop_goes_on_naming_either() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        let record = async |id: &str, name: &str, email: &str| {
            let body = json!({ "external_id": id, "name": name, "email": email });
            let answer = app
                .post("/api/v1/members")
                .bearer(&shop.key)
                .json(&body)
                .await;
            assert!(answer.status < 300, "{}", answer.text());
            answer.json()
        };
        let old = record("old", "Lin", "old@example.com").await["id"].clone();
        let new = record("new", "Dai", "new@example.com").await["id"].clone();
        desk.merge("old", "new").await.assert_status(201);
        // The shop's nightly copy says of both what it always said.
        let same = record("old", "Lin", "old@example.com").await;
        assert_eq!(
            (&same["id"], &same["name"], &same["email"]),
            (&new, &json!("Dai"), &json!("new@example.com"))
        );
        assert_eq!(
            record("old", "Lin Dai", "old@example.com").await["name"],
            "Lin Dai"
        );
        for (order, member) in [
            ("o-1", json!("ext:old")),
            ("o-2", old),
            ("o-3", new.clone()),
        ] {
            let mut contents = contents(None, &[line("1", 1, 5_000)]);
            contents["member"] = member;
            shop.apply(&paid(order, shop.now(), &contents)).await;
            assert_eq!(json!(shop.order(order).await.member_id), new);
        }
        shop.assert_books().await;
    })
    .await;
}

/// Something that happens to a member.
async fn happen(shop: &Shop<'_>, rng: &mut Rng, world: &World, member: &str, step: usize) {
    let order = format!("{member}-{step}");
    // What is refused changes nothing, and is a part of what happens.
    match rng.u8(0..13) {
        0..=2 => {
            let lines = [
                line("1", 2, rng.i64(1..400) * 500),
                line("2", 1, rng.i64(1..50) * 100),
            ];
            let event = paid(&order, shop.now(), &contents(Some(member), &lines));
            shop.apply(&event).await;
            if rng.u8(0..3) == 0 {
                let part = [("1", Some(1), None)];
                let event = refunded(&format!("{order}-r"), &order, shop.now(), &part);
                shop.apply(&event).await;
            }
        }
        3 => drop(shop.adjust(member, rng.i64(-300..600)).await),
        4 => drop(
            shop.spend(member, &format!("{order}-s"), 100 * rng.i64(1..4), 100_000)
                .await,
        ),
        5 | 6 => drop(check_in(shop, member).await),
        7 => {
            let event = json!({ "event_id": order, "member": format!("ext:{member}"), "type": "custom",
                "name": "visit", "occurred_at": shop.now() });
            let said = as_shop(shop, "/api/v1/task_events", event).await;
            assert!(said.status < 300, "{}", said.text());
        }
        8 => {
            let path = format!("/api/v1/me/tasks/{}/claims", world.visits);
            drop(as_member(shop, member, &path, json!({})).await);
        }
        9 => drop(claim_coupon(shop, member, &world.template).await),
        10 => use_a_coupon(shop, rng, member, &order).await,
        _ => shop.pass_days(rng.i64(1..20)).await,
    }
}

/// Holds the first coupon that can be used, and perhaps uses it or lets it go.
async fn use_a_coupon(shop: &Shop<'_>, rng: &mut Rng, member: &str, order: &str) {
    let token = shop.hand_over(member).await;
    let wallet = shop
        .app
        .get("/api/v1/me/coupons")
        .bearer(&token)
        .await
        .json();
    let coupon = wallet["data"][0]["id"].clone();
    if coupon.is_null() {
        return;
    }
    let session = format!("s-{}", rng.u8(0..3));
    let held = reserve(shop, member, &session, json!([coupon])).await;
    if held.status != 201 {
        return;
    }
    let id = held.json()["id"].as_str().unwrap_or_default().to_owned();
    let path = |verb: &str| format!("/api/v1/coupon_reservations/{id}/{verb}");
    match rng.u8(0..4) {
        0 => drop(as_shop(shop, &path("releases"), json!({})).await),
        1 | 2 => {
            let order = format!("{order}-c");
            let used = as_shop(shop, &path("redemptions"), json!({ "order_id": order })).await;
            used.assert_status(201);
            let contents = contents(Some(member), &[line("1", 1, 29_000)]);
            shop.apply(&paid(&order, shop.now(), &contents)).await;
            if rng.bool() {
                shop.refund_all(&order).await;
            }
        }
        _ => {}
    }
}

/// A random history of two members, a merge, perhaps more history, and the undoing if that can be.
async fn live_through(shop: &Shop<'_>, rng: &mut Rng, world: &World, round: usize) {
    let app = shop.app;
    let (one, two) = (format!("one-{round}"), format!("two-{round}"));
    shop.members(&[&one, &two]).await;
    for step in 0..14 {
        let member = if rng.bool() { &one } else { &two };
        happen(shop, rng, world, member, step).await;
    }
    // Time settles first, so that only the merge changes anything.
    shop.run_jobs().await;
    let desk = Desk {
        shop: Shop::open(app).await,
        operator: app.staff(Role::Operator).await,
    };
    let (first, second) = (standing(shop, &one).await, standing(shop, &two).await);
    let before = state(app).await;
    let preview = desk.preview(&one, &two).await;
    preview.assert_status(200);
    assert_eq!(state(app).await, before, "a preview changes nothing");
    let merged = desk.merge(&one, &two).await;
    merged.assert_status(201);
    shop.assert_books().await;
    let sum = standing(shop, &two).await;
    assert!(
        sum.0 >= first.0 + second.0 && sum.1 >= first.1 + second.1,
        "nothing is lost"
    );
    let quiet = rng.bool();
    if !quiet {
        app.advance_seconds(1);
        for step in 14..18 {
            let member = if rng.bool() { &one } else { &two };
            happen(shop, rng, world, member, step).await;
            shop.assert_books().await;
        }
    }
    let operator = app.staff(Role::Operator).await;
    let desk = Desk { operator, ..desk };
    let undone = desk.undo(&merged.json()).await;
    if quiet {
        undone.assert_status(200);
        assert_eq!(
            (standing(shop, &one).await, standing(shop, &two).await),
            (first, second)
        );
        assert_nothing_lost(&before, &state(app).await);
    } else if undone.status != 200 {
        assert_eq!(undone.status, 409, "{}", undone.text());
    }
    shop.assert_books().await;
    for step in 18..24 {
        let member = if rng.bool() { &one } else { &two };
        happen(shop, rng, world, member, step).await;
    }
    shop.assert_books().await;
}

#[tokio::test]
async fn random_histories_survive_merging_and_undoing() {
    on_both(async |app: &TestApp| {
        let shop = &Shop::open(app).await;
        let seed = std::env::var("COTERIE_SEED").ok();
        let seed = seed
            .and_then(|it| it.parse().ok())
            .unwrap_or_else(|| fastrand::u64(..));
        println!("COTERIE_SEED={seed}");
        let mut rng = Rng::with_seed(seed);
        task(
            shop,
            json!({ "event": "orders", "goal": 2, "scope": {} }),
            "automatic",
            4,
        )
        .await;
        task(
            shop,
            json!({ "event": "check_ins", "goal": 2 }),
            "automatic",
            2,
        )
        .await;
        let visits = json!({ "event": "custom", "name": "visit", "goal": 1 });
        let world = World {
            visits: task(shop, visits, "by_member", 2).await,
            template: template(shop).await,
        };
        for round in 0..6 {
            live_through(shop, &mut rng, &world, round).await;
        }
    })
    .await;
}
