//! Taking imports back, with what was spent, used and changed meanwhile.

use super::support::{Desk, counts, error};
use crate::coupons::support::template;
use crate::support::{Shop, TestApp, on_both};
use serde_json::{Value, json};
use server::transfers::service::work;
use shared::transfers::ImportState;

async fn record(shop: &Shop<'_>, member: &str) -> Value {
    let path = format!("/api/v1/members/ext:{member}");
    shop.app.get(&path).bearer(&shop.key).await.json()
}

async fn change(shop: &Shop<'_>, record: Value) {
    let call = shop.app.post("/api/v1/members").bearer(&shop.key);
    call.json(&record).await.assert_status(200);
}

#[tokio::test]
async fn members_are_unmade_or_put_back_unless_something_happened_since() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        shop.members(&["old-1", "old-2", "old-3"]).await;
        change(shop, json!({ "external_id": "old-1", "name": "Before", "email": "before@example.com" })).await;
        change(shop, json!({ "external_id": "old-2", "name": "Before" })).await;
        change(shop, json!({ "external_id": "old-3", "name": "Before", "phone": "+8613800000003" })).await;
        let before = record(shop, "old-1").await;
        let done = desk
            .import(
                "members",
                "external_id,name,email,phone,tags,consent_sms\n\
                 new-1,One,one@example.com,,vip,yes\nnew-2,Two,,,,\nnew-3,Three,,,,\nnew-4,Four,,,,\n\
                 old-1,After,after@example.com,,B;a;vip,yes\nold-2,After,new@example.com,,,\nold-3,After,,+8613800000009,,\n",
            )
            .await;
        assert_eq!(counts(&done), (4, 3, 0, 0));
        shop.pay("new-2", "o-1", 1_000).await;
        change(shop, json!({ "external_id": "new-3", "name": "Renamed" })).await;
        change(shop, json!({ "external_id": "old-2", "name": "Again" })).await;
        // Somebody else has the former number by now.
        let taken = app.post("/api/v1/members").bearer(&shop.key);
        let taken = taken.json(&json!({ "external_id": "other", "phone": "+8613800000003" })).await;
        taken.assert_status(201);

        let undone = desk.undo(&done).await;
        assert_eq!((undone.undone, undone.kept), (3, 4));
        assert_eq!(
            desk.errors(&done, "undo").await,
            [
                error(3, "", "kept_active"),
                error(4, "", "kept_active"),
                error(7, "", "kept_changed"),
                error(8, "", "kept_taken"),
            ]
        );
        for gone in ["new-1", "new-4"] {
            let found = app.get(&format!("/api/v1/members/ext:{gone}")).bearer(&shop.key).await;
            found.assert_problem(404, "members.not_found");
        }
        assert_eq!(record(shop, "old-1").await, before);
        let third = record(shop, "old-3").await;
        assert_eq!((&third["name"], &third["phone"]), (&json!("Before"), &json!("+8613800000009")));
        let second = record(shop, "old-2").await;
        assert_eq!((&second["name"], &second["email"]), (&json!("Again"), &Value::Null));
        desk.ask(&done, "undo").await.assert_problem(409, "imports.not_undoable");
        // What was taken back can come again.
        let again = desk.import("members", "external_id,email\nnew-1,one@example.com\n").await;
        assert_eq!(counts(&again), (1, 0, 0, 0));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn points_go_back_as_the_rules_of_the_ledger_say() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        shop.members(&["c-1", "c-2", "c-3"]).await;
        let file = "member,points,expires_at\nc-1,1000,2027-01-31\nc-2,1000,2027-01-31\nc-3,1000,2026-06-20\n";
        let done = desk.import("points", file).await;
        assert_eq!(counts(&done), (3, 0, 0, 0));
        shop.spend("c-2", "o-1", 400, 100_000).await.assert_status(201);
        app.clock.advance_days(6);
        shop.run_jobs().await;
        assert_eq!(shop.points("c-3").await, (0, 0, 0), "they have ended unused");
        let before = count(app, "outbox WHERE topic = 'points.changed'").await;
        let undone = desk.undo(&done).await;
        assert_eq!((undone.undone, undone.kept), (2, 1));
        assert_eq!(
            desk.errors(&done, "undo").await,
            [error(3, "", "owed"), error(4, "", "partly_taken")]
        );
        assert_eq!(shop.points("c-1").await, (0, 0, 0));
        let told = count(app, "outbox WHERE topic = 'points.changed'").await;
        assert_eq!(told, before + 2, "a taking-back is told");
        // The default policy lets the member owe what was spent.
        assert_eq!(shop.points("c-2").await, (0, 0, 400));
        let entry = &shop.entries("c-1").await[0];
        assert_eq!((entry.amount, entry.kind), (-1000, shared::points::EntryKind::Clawback));
        // The same file gives again what was taken back, and nothing else.
        let again = desk.import("points", file).await;
        assert_eq!(counts(&again), (2, 0, 0, 1));
        assert_eq!(shop.points("c-2").await, (600, 0, 0));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn with_another_policy_only_what_is_there_goes_back() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        let admin = app.staff(shared::staff::Role::Admin).await;
        let current = app.get("/api/v1/points_policy").bearer(&admin.token).await;
        let mut policy = current.json()["policy"].clone();
        policy["clawback"] = json!("within_balance");
        let tag = current.header("etag").to_owned();
        let set = app
            .put("/api/v1/points_policy")
            .bearer(&admin.token)
            .header("if-match", &tag);
        set.json(&policy).await.assert_status(200);
        shop.member("c-1").await;
        let done = desk.import("points", "member,points\nc-1,1000\n").await;
        shop.spend("c-1", "o-1", 400, 100_000)
            .await
            .assert_status(201);
        let undone = desk.undo(&done).await;
        assert_eq!((undone.undone, undone.kept), (0, 1));
        assert_eq!(
            desk.errors(&done, "undo").await,
            [error(2, "", "partly_taken")]
        );
        assert_eq!(shop.points("c-1").await, (0, 0, 0));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn coupons_that_were_not_used_are_taken_back() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        shop.members(&["c-1", "c-2"]).await;
        template(shop, json!({})).await;
        let file = "template,member\nTen off,c-1\nTen off,c-2\n";
        let done = desk.import("coupons", file).await;
        assert_eq!(counts(&done), (2, 0, 0, 0));
        let wallet = app
            .get("/api/v1/members/ext:c-2/coupons")
            .bearer(&shop.key)
            .await
            .json();
        let coupon = wallet["data"][0]["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let cart =
            crate::coupons::support::cart(&[crate::coupons::support::cline("1", 1, 5_000)], 0);
        let checkout = json!({ "member": "ext:c-2", "cart": cart, "coupons": [coupon] });
        let used = json!({ "checkout": checkout, "order_id": "o-1" });
        let used = crate::coupons::support::post(shop, "/api/v1/coupon_redemptions", &used).await;
        assert!(used.status < 300, "{}", used.text());
        let undone = desk.undo(&done).await;
        assert_eq!((undone.undone, undone.kept), (1, 1));
        assert_eq!(
            desk.errors(&done, "undo").await,
            [error(3, "", "kept_used")]
        );
        let again = desk.import("coupons", file).await;
        assert_eq!(counts(&again), (1, 0, 1, 0));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn orders_are_cancelled_and_what_followed_follows() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        let file = "order_id,member,paid_at,currency,sku,quantity,amount\n\
            o-1,c-1,2026-05-01,CNY,tea,1,600.00\no-2,c-2,2026-05-02,CNY,tea,1,50.00\n";
        let done = desk.import("orders", file).await;
        assert_eq!(counts(&done), (2, 0, 0, 0));
        let before = shop.tier("c-1").await;
        shop.apply(&crate::support::shop::event("cancelled", "o-2", shop.now()))
            .await;
        let undone = desk.undo(&done).await;
        assert_eq!((undone.undone, undone.kept), (1, 1));
        assert_eq!(
            desk.errors(&done, "undo").await,
            [error(3, "", "kept_settled")]
        );
        assert_eq!(shop.points("c-1").await, (0, 0, 0));
        let after = shop.tier("c-1").await;
        assert_ne!(before.standing.growth_value, after.standing.growth_value);
        assert_eq!(after.standing.growth_value, 0);
        let order = shop.order("o-1").await;
        assert!(order.times.cancelled_at.is_some());
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn orders_with_long_ids_are_cancelled_and_what_the_rules_refuse_is_said() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        let long = "林".repeat(90);
        let file = format!(
            "order_id,member,paid_at,currency,sku,quantity,amount\n\
             {long},c-1,2026-05-01,CNY,tea,1,600.00\no-2,c-2,2026-05-02,CNY,tea,1,50.00\n"
        );
        let done = desk.import("orders", &file).await;
        assert_eq!(counts(&done), (2, 0, 0, 0));
        // Another order has taken the name of the event by which the second one is cancelled.
        let mut taken = crate::support::shop::event("cancelled", "o-9", shop.now());
        taken["event_id"] = json!(format!("undo:{}:3", done.id));
        shop.apply(&taken).await;
        let undone = desk.undo(&done).await;
        assert_eq!((undone.undone, undone.kept), (1, 1));
        assert_eq!(
            desk.errors(&done, "undo").await,
            [error(3, "", "kept_refused")]
        );
        assert_eq!(shop.points("c-1").await, (0, 0, 0));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_kept_is_listed_however_many_lines_were_wrong() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        desk.shop.member("c-1").await;
        let wrong = "c-1,-5\n".repeat(10_005);
        let file = format!("member,points\nc-1,1000\n{wrong}");
        let done = desk.import("points", &file).await;
        assert_eq!(counts(&done), (1, 0, 0, 10_005));
        let spent = desk.shop.spend("c-1", "o-1", 400, 100_000).await;
        spent.assert_status(201);
        let undone = desk.undo(&done).await;
        assert_eq!((undone.undone, undone.kept), (1, 0));
        assert_eq!(desk.errors(&done, "undo").await, [error(2, "", "owed")]);
    })
    .await;
}

#[tokio::test]
async fn after_a_week_it_is_too_late_and_what_was_kept_is_gone() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        desk.shop.member("c-1").await;
        let done = desk.import("points", "member,points\nc-1,5\nc-1,x\n").await;
        assert_eq!(count(app, "import_errors").await, 1);
        let until = done.undo_until.expect("it can be undone");
        app.clock.set(until.next());
        let staff = app.staff(shared::staff::Role::Operator).await;
        let late = app
            .get(&format!("/api/v1/imports/{}", done.id))
            .bearer(&staff.token)
            .await
            .json();
        assert_eq!(late["undo_until"], Value::Null);
        let call = app
            .post(&format!("/api/v1/imports/{}/undo", done.id))
            .bearer(&staff.token);
        let late = call.idempotency_key("late").json(&json!({})).await;
        late.assert_problem(409, "imports.too_late");
        desk.shop.run_jobs().await;
        assert_eq!(pieces(app).await, 0);
        assert_eq!(count(app, "import_errors").await, 0);
        assert_eq!(desk.shop.points("c-1").await, (5, 0, 0));
    })
    .await;
}

pub(super) async fn pieces(app: &TestApp) -> i64 {
    count(app, "transfer_pieces").await
}

/// How many rows a table has.
pub(super) async fn count(app: &TestApp, table: &str) -> i64 {
    use sea_orm::{ConnectionTrait, Statement};
    let sql = format!("SELECT count(*) FROM {table}");
    let db = app.app.db.read();
    let row = db
        .query_one_raw(Statement::from_string(app.app.db.backend(), sql))
        .await;
    row.expect("the query runs")
        .expect("a row")
        .try_get_by_index(0)
        .expect("a number")
}

#[tokio::test]
async fn an_undo_goes_on_where_a_node_fell() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let lines: String = (0..500).map(|i| format!("m-{i}\n")).collect();
        let done = desk
            .import("members", &format!("external_id\n{lines}"))
            .await;
        desk.ask(&done, "undo").await.assert_status(202);
        assert!(work(&app.app).await.expect("a step"));
        let midway = desk.get(&done).await;
        assert_eq!((midway.state, midway.undone), (ImportState::Undoing, 50));
        let other = app.another_node().await;
        super::support::carry_out(&other).await;
        other.db.close().await;
        let undone = desk.get(&done).await;
        assert_eq!(
            (undone.state, undone.undone, undone.kept),
            (ImportState::Undone, 500, 0)
        );
        let list = app
            .get("/api/v1/members")
            .bearer(&desk.shop.key)
            .await
            .json();
        assert_eq!(list["data"], json!([]));
    })
    .await;
}
