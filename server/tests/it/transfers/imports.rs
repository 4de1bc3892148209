//! Files that come in: each kind, wrong lines, the same file again, and crashes on the way.

use super::support::{Desk, carry_out, counts, error};
use crate::coupons::support::template;
use crate::support::{TestApp, on_both};
use serde_json::json;
use server::transfers::service::work;
use shared::members::api::Member;
use shared::transfers::ImportState;
use shared::transfers::api::Import;

async fn member(desk: &Desk<'_>, external_id: &str) -> Member {
    let call = desk.app.get(&format!("/api/v1/members/ext:{external_id}"));
    call.bearer(&desk.shop.key).await.parse()
}

#[tokio::test]
async fn members_are_made_and_changed_in_what_is_given() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        desk.shop.member("c-2").await;
        let file = "external_id,name,email,phone,birthday,joined_at,tags,consent_email\r\n\
            c-1,林晓,Lin@Example.com,138 0013 8000,1990-04-30,2024-05-01,vip;tea,yes\r\n\
            c-2,,two@example.com,,,2020-01-01,B;a,\r\n\
            c-3,=cmd(),lin@example.com,,,,,\r\n\
            c-4,Four,,12,tomorrow,,,perhaps\r\n";
        let done = desk.import("members&file_name=members.csv", file).await;
        assert_eq!((done.state, done.lines, done.lines_done), (ImportState::Done, 4, 4));
        assert_eq!(done.file_name.as_deref(), Some("members.csv"));
        assert_eq!(done.created_by_name.as_deref(), Some("test"));
        assert_eq!(counts(&done), (1, 1, 0, 2));
        assert_eq!(
            desk.errors(&done, "import").await,
            [
                error(4, "email", "twice"),
                error(5, "phone", "not_a_phone"),
                error(5, "birthday", "not_a_birthday"),
                error(5, "consent_email", "not_yes_or_no"),
            ]
        );
        let one = member(&desk, "c-1").await;
        assert_eq!(one.name.as_deref(), Some("林晓"));
        assert_eq!(one.email.as_deref(), Some("lin@example.com"));
        assert_eq!(one.joined_at.to_string(), "2024-04-30T16:00:00Z");
        assert!(one.consents.email && !one.consents.sms);
        let tags = app.get(&format!("/api/v1/members/{}/tags", one.id)).bearer(&desk.shop.key).await;
        assert_eq!(tags.json()["tags"], json!(["tea", "vip"]));
        let two = member(&desk, "c-2").await;
        assert_eq!(two.email.as_deref(), Some("two@example.com"));
        assert_eq!(two.joined_at, crate::support::beginning(), "who has joined has joined");

        let again = desk.import("members", file).await;
        assert_eq!(counts(&again), (0, 0, 2, 2));
        // What a file cannot do to a member is said of the line, and the others are taken.
        let file = "external_id,email,birthday,phone\nc-1,,1991-01-01,\nc-9,two@example.com,,\nc-2,,,+8613800138000\nc-5,,,\n";
        let third = desk.import("members", file).await;
        assert_eq!(counts(&third), (1, 0, 0, 3));
        assert_eq!(
            desk.errors(&third, "import").await,
            [
                error(2, "birthday", "members.birthday_already_set"),
                error(3, "", "members.contact_taken"),
                error(4, "", "members.contact_taken"),
            ]
        );
        desk.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_due_anyway_is_told_though_a_file_tells_nobody() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        desk.shop.member("c-1").await;
        let topics = "SELECT topic FROM outbox WHERE topic LIKE 'points.%'";
        let topics = async || {
            use sea_orm::{ConnectionTrait, Statement};
            let statement = Statement::from_string(app.app.db.backend(), topics);
            let rows = app
                .app
                .db
                .read()
                .query_all_raw(statement)
                .await
                .expect("it runs");
            rows.iter()
                .map(|it| it.try_get_by_index::<String>(0).expect("a text"))
                .collect::<Vec<_>>()
        };
        desk.import("points", "member,points,expires_at\nc-1,5,2026-06-20\n")
            .await;
        assert_eq!(topics().await, Vec::<String>::new());
        app.clock.advance_days(10);
        desk.import("points", "member,points\nc-1,7\n").await;
        assert_eq!(topics().await, ["points.changed"]);
        assert_eq!(desk.shop.points("c-1").await, (7, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn points_are_brought_along_once_and_explained() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        desk.shop.members(&["c-1", "c-2"]).await;
        let file = "member,points,active_from,expires_at,reference\n\
            c-1,1200,,2026-12-31,\nc-1,1200,,2026-12-31,\nc-2,50,2026-07-01,,old-7\nnobody,5,,,\nc-2,9,,,old-7\n";
        let done = desk.import("points", file).await;
        assert_eq!(counts(&done), (3, 0, 1, 1));
        assert_eq!(
            desk.errors(&done, "import").await,
            [error(5, "member", "members.not_found")]
        );
        assert_eq!(desk.shop.points("c-1").await, (2400, 0, 0));
        assert_eq!(desk.shop.points("c-2").await, (0, 50, 0));
        let lots = desk.shop.lots("c-1").await;
        let ends: Vec<String> = lots.iter().filter_map(|it| it.expires_at).map(|it| it.to_string()).collect();
        assert_eq!(ends, ["2026-12-31T15:59:59.999Z"; 2]);
        let entry = &desk.shop.entries("c-1").await[0];
        let path = format!("/api/v1/members/ext:c-1/points/entries/{}/explanations", entry.id);
        let why = app.get(&path).bearer(&desk.shop.key).await.json();
        let why = why["summary"]["en"].as_str().unwrap_or_default().to_owned();
        assert!(why.contains("opening balance") && why.contains(&done.id.to_string()), "{why}");

        let again = desk.import("points", file).await;
        assert_eq!(counts(&again), (0, 0, 4, 1), "the same lines give nothing again");
        desk.shop.pass_days(16).await;
        assert_eq!(desk.shop.points("c-2").await, (50, 0, 0));
        desk.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn orders_come_in_as_on_the_command_line() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let file = "order_id,member,paid_at,currency,sku,category,quantity,amount,refunded_quantity,refunded_amount,refunded_at\n\
            o-1,c-1,2026-05-01,CNY,tea,drinks,2,300.00,,,\no-1,c-1,2026-05-01,CNY,cup,,1,9.90,,,\n\
            o-2,c-2,2026-05-02,CNY,tea,,1,15,1,,2026-05-04\no-3,c-3,soon,CNY,tea,,1,1,,,\n";
        let done = desk.import("orders", file).await;
        assert_eq!((done.state, done.lines, done.lines_done), (ImportState::Done, 4, 4));
        assert_eq!(counts(&done), (2, 0, 0, 1));
        assert_eq!(desk.errors(&done, "import").await, [error(5, "", "order")]);
        assert_eq!(desk.shop.points("c-1").await, (309, 0, 0));
        assert_eq!(desk.shop.points("c-2").await, (0, 0, 0));
        let again = desk.import("orders", file).await;
        assert_eq!(counts(&again), (0, 0, 2, 1));
        let json = "{\"order_id\":\"o-9\",\"member\":\"c-9\",\"paid_at\":\"2026-05-01\",\"currency\":\"CNY\",\"sku\":\"tea\",\"quantity\":1,\"amount\":\"12.50\"}\n";
        let by_json = desk.import("orders&format=ndjson", json).await;
        assert_eq!(counts(&by_json), (1, 0, 0, 0));
        let dollars = desk.send("orders", &file.replace("CNY", "USD")).await;
        assert_eq!(dollars.wrong_parts()[0].0, "currency");
        desk.shop.assert_books().await;
    })
    .await;
}

const ORDERS: &str = "order_id,member,paid_at,currency,sku,category,quantity,amount,refunded_quantity,refunded_amount,refunded_at\n";

#[tokio::test]
async fn an_order_comes_in_whole_or_not_at_all() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let rows = [
            "o-1,c-1,2026-05-01,CNY,tea,,1,100.00,,100.01,2026-05-04",
            "o-2,c-1,2026-05-01,CNY,tea,,1,100.00,2,,2026-05-04",
            "o-3,c-1,2026-05-01,CNY,tea,,1,100.00,-1,,2026-05-04",
            "o-4,c-1,2026-05-01,CNY,tea,,1,100.00,1,,2027-05-04",
            "o-5,c-1,2026-05-01,CNY,tea,,1,100.00,,,",
            "o-5,c-1,2026-05-01,CNY,cup",
            "o-6,c-1,2026-05-01,CNY,tea,,1,100.00,,,",
        ];
        let file = format!("{ORDERS}{}\n", rows.join("\n"));
        let done = desk.import("orders", &file).await;
        assert_eq!(counts(&done), (1, 0, 0, 6));
        let lines: Vec<i64> = desk
            .errors(&done, "import")
            .await
            .iter()
            .map(|it| it.0)
            .collect();
        assert_eq!(lines, [2, 3, 4, 5, 6, 7]);
        assert_eq!(desk.shop.points("c-1").await, (100, 0, 0));
        for order in ["o-1", "o-2", "o-3", "o-4", "o-5"] {
            let found = app
                .get(&format!("/api/v1/orders/{order}"))
                .bearer(&desk.shop.key)
                .await;
            found.assert_problem(404, "orders.not_found");
        }
        // Mended, the file comes in.
        let mended = file
            .replace("100.01", "10.01")
            .replace(",2,,", ",1,,")
            .replace(",-1,,", ",,,")
            .replace("2027", "2026")
            .replace("CNY,cup", "CNY,cup,,1,5.00,,,");
        let again = desk.import("orders", &mended).await;
        assert_eq!(counts(&again), (5, 0, 1, 0));
        let order = desk.shop.order("o-5").await;
        assert_eq!(order.amount, 10_500);
        desk.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_applied_of_an_order_can_be_taken_back_though_a_refund_was_refused() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        shop.member("c-1").await;
        // The shop has said that the order is another one; what it holds stays so.
        let lines = [crate::support::shop::line("1", 1, 5_000)];
        let mut placed = crate::support::shop::event("placed", "o-1", shop.now());
        placed["order"] = crate::support::shop::contents(Some("c-1"), &lines);
        shop.apply(&placed).await;
        let file = format!("{ORDERS}o-1,c-1,2026-05-01,CNY,tea,,1,100.00,,60.00,2026-05-04\n");
        let done = desk.import("orders", &file).await;
        assert_eq!(counts(&done), (1, 0, 0, 1));
        assert_eq!(
            desk.errors(&done, "import").await,
            [error(2, "", "orders.refund_exceeds")]
        );
        assert_eq!(shop.points("c-1").await, (50, 0, 0));
        let undone = desk.undo(&done).await;
        assert_eq!((undone.undone, undone.kept), (1, 0));
        assert_eq!(shop.points("c-1").await, (0, 0, 0));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_refund_of_a_known_order_is_a_change() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let paid = format!("{ORDERS}o-1,c-1,2026-05-01,CNY,tea,,1,100.00,,,\n");
        assert_eq!(counts(&desk.import("orders", &paid).await), (1, 0, 0, 0));
        let refunded = format!("{ORDERS}o-1,c-1,2026-05-01,CNY,tea,,1,100.00,,60.00,2026-05-04\n");
        assert_eq!(
            counts(&desk.import("orders", &refunded).await),
            (0, 1, 0, 0)
        );
        assert_eq!(desk.shop.points("c-1").await, (40, 0, 0));
        assert_eq!(
            counts(&desk.import("orders", &refunded).await),
            (0, 0, 1, 0)
        );
        desk.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_customer_with_many_orders_comes_in_by_pieces() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let row = |i: usize| {
            format!(
                "o-{i},c-1,2026-05-01T{:02}:{:02}:00Z,CNY,tea,,1,1.00,,,\n",
                i / 60,
                i % 60
            )
        };
        let file = format!("{ORDERS}{}", (0..300).map(row).collect::<String>());
        let begun = desk.begin("orders", &file).await;
        assert!(work(&app.app).await.expect("a step"));
        assert_eq!(desk.get(&begun).await.lines_done, 200);
        carry_out(&app.app).await;
        let done = desk.get(&begun).await;
        assert_eq!((done.lines_done, counts(&done)), (300, (300, 0, 0, 0)));
        assert_eq!(desk.shop.points("c-1").await, (300, 0, 0));
        assert_eq!(
            member(&desk, "c-1").await.joined_at.to_string(),
            "2026-05-01T00:00:00Z"
        );
        desk.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn lines_about_a_record_that_was_merged_give_once() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        shop.members(&["c-1", "c-2"]).await;
        template(shop, json!({})).await;
        let points = "member,points\nc-1,100\nc-2,100\n";
        let coupons = "template,member\nTen off,c-1\n";
        assert_eq!(counts(&desk.import("points", points).await), (2, 0, 0, 0));
        assert_eq!(counts(&desk.import("coupons", coupons).await), (1, 0, 0, 0));
        let call = app
            .post("/api/v1/member_merges")
            .bearer(&desk.operator.token);
        let body = json!({ "from": "ext:c-1", "into": "ext:c-2", "reason": "one person" });
        let merged = call.idempotency_key("merge").json(&body).await;
        merged.assert_status(201);
        assert_eq!(counts(&desk.import("points", points).await), (0, 0, 2, 0));
        assert_eq!(counts(&desk.import("coupons", coupons).await), (0, 0, 1, 0));
        assert_eq!(shop.points("c-2").await, (200, 0, 0));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn coupons_are_given_by_name_once() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        desk.shop.members(&["c-1", "c-2"]).await;
        let made = template(&desk.shop, json!({ "name": { "zh-CN": "十元券", "en": "Ten off" } })).await;
        template(&desk.shop, json!({ "name": { "zh-CN": "同名", "en": "Twin" } })).await;
        template(&desk.shop, json!({ "name": { "zh-CN": "同名", "en": "Other" } })).await;
        let file = format!(
            "template,member,expires_at,reference\n十元券,c-1,2027-01-31,\n{},c-2,,r-1\nTen off,c-1,2027-01-31,\n\
             同名,c-1,,\nNone,c-1,,\nTen off,c-9,,\n",
            made.id
        );
        let done = desk.import("coupons", &file).await;
        assert_eq!(counts(&done), (3, 0, 0, 3));
        assert_eq!(
            desk.errors(&done, "import").await,
            [
                error(5, "template", "ambiguous"),
                error(6, "template", "coupons.template_not_found"),
                error(7, "member", "members.not_found"),
            ]
        );
        let wallet = app.get("/api/v1/members/ext:c-1/coupons").bearer(&desk.shop.key).await.json();
        assert_eq!(wallet["data"][0]["expires_at"], "2027-01-31T15:59:59.999Z", "{wallet}");
        let again = desk.import("coupons", &file).await;
        assert_eq!(counts(&again), (0, 0, 3, 3));
        desk.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_trial_says_what_would_happen_and_does_nothing() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        desk.shop.member("c-1").await;
        let file = "external_id,name\nc-1,One\nc-2,Two\n,Three\n";
        let tried = desk.import("members&dry_run=true", file).await;
        assert_eq!((tried.state, tried.dry_run), (ImportState::Done, true));
        assert_eq!(counts(&tried), (1, 1, 0, 1));
        assert_eq!(member(&desk, "c-1").await.name, None);
        let gone = app
            .get("/api/v1/members/ext:c-2")
            .bearer(&desk.shop.key)
            .await;
        gone.assert_problem(404, "members.not_found");
        desk.ask(&tried, "undo")
            .await
            .assert_problem(409, "imports.not_undoable");
        let real = desk.import("members", file).await;
        assert_eq!(counts(&real), counts(&tried));
    })
    .await;
}

#[tokio::test]
async fn all_or_nothing_takes_nothing_when_a_line_is_wrong() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        desk.shop.members(&["c-1", "c-2"]).await;
        let wrong = desk
            .import(
                "points&all_or_nothing=true",
                "member,points\nc-1,5\nc-9,5\nc-2,5\n",
            )
            .await;
        assert_eq!(
            (wrong.state, counts(&wrong), wrong.undo_until),
            (ImportState::Refused, (0, 0, 0, 1), None)
        );
        let unreadable = desk
            .import(
                "points&all_or_nothing=true",
                "member,points\nc-1,5\nc-2,x\n",
            )
            .await;
        assert_eq!(unreadable.state, ImportState::Refused);
        assert_eq!(desk.shop.points("c-1").await, (0, 0, 0));
        let right = desk
            .import(
                "points&all_or_nothing=true",
                "member,points\nc-1,5\nc-2,6\n",
            )
            .await;
        assert_eq!(
            (right.state, counts(&right)),
            (ImportState::Done, (2, 0, 0, 0))
        );
        assert_eq!(desk.shop.points("c-2").await, (6, 0, 0));
    })
    .await;
}

fn many(count: usize) -> String {
    let lines = (0..count).map(|i| format!("m-{i},{}\n", i + 1));
    format!("member,points\n{}", lines.collect::<String>())
}

async fn many_members(desk: &Desk<'_>, count: usize) {
    let lines: String = (0..count).map(|i| format!("m-{i}\n")).collect();
    let made = desk
        .import("members", &format!("external_id\n{lines}"))
        .await;
    assert_eq!(counts(&made), (i64::try_from(count).unwrap_or(0), 0, 0, 0));
}

async fn sum_of_points(app: &TestApp) -> i64 {
    use sea_orm::{ConnectionTrait, Statement};
    let sql = "SELECT CAST(sum(amount) AS BIGINT) FROM ledger_entries";
    let row = app
        .app
        .db
        .read()
        .query_one_raw(Statement::from_string(app.app.db.backend(), sql))
        .await;
    let row = row.expect("the query runs").expect("a row");
    row.try_get_by_index::<Option<i64>>(0)
        .expect("a number")
        .unwrap_or(0)
}

#[tokio::test]
async fn an_import_goes_on_where_a_node_fell() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        many_members(&desk, 700).await;
        let begun = desk.begin("points", &many(700)).await;
        assert_eq!(
            (begun.state, begun.lines, begun.lines_done),
            (ImportState::Running, 700, 0)
        );
        assert!(work(&app.app).await.expect("a step"));
        let midway = desk.get(&begun).await;
        assert_eq!((midway.lines_done, midway.added), (200, 200));
        // The node falls in the middle of a piece: what it had begun is rolled back.
        let step = Box::pin(work(&app.app));
        let _dropped = futures::poll!(step);
        let other = app.another_node().await;
        carry_out(&other).await;
        let done = desk.get(&begun).await;
        assert_eq!(
            (done.state, counts(&done)),
            (ImportState::Done, (700, 0, 0, 0))
        );
        assert_eq!(sum_of_points(app).await, 700 * 701 / 2);
        other.db.close().await;
        desk.shop.assert_books().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_take_each_line_once() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        many_members(&desk, 900).await;
        let begun = desk.begin("points", &many(900)).await;
        let other = app.another_node().await;
        futures::join!(carry_out(&app.app), carry_out(&other));
        let done = desk.get(&begun).await;
        assert_eq!(
            (done.state, counts(&done)),
            (ImportState::Done, (900, 0, 0, 0))
        );
        assert_eq!(sum_of_points(app).await, 900 * 901 / 2);
        desk.ask(&done, "undo").await.assert_status(202);
        futures::join!(carry_out(&app.app), carry_out(&other));
        let undone = desk.get(&done).await;
        assert_eq!((undone.undone, undone.kept), (900, 0));
        assert_eq!(sum_of_points(app).await, 0);
        other.db.close().await;
        desk.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_sent_again_is_one_import() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let file = "external_id\nc-1\n";
        let first = desk.send_as("members", file, "once").await;
        let again = desk.send_as("members", file, "once").await;
        assert_eq!(first.parse::<Import>(), again.parse::<Import>());
        assert_eq!(again.header("idempotent-replayed"), "true");
        let other = desk.send_as("members", "external_id\nc-2\n", "once").await;
        other.assert_problem(422, "idempotency.key_reused");
        let other = desk.send_as("members&dry_run=true", file, "once").await;
        other.assert_problem(422, "idempotency.key_reused");
        carry_out(&app.app).await;
        let list = app
            .get("/api/v1/imports")
            .bearer(&desk.operator.token)
            .await
            .json();
        assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
        assert_eq!(list["data"][0]["added"], 1);
    })
    .await;
}

#[tokio::test]
async fn an_import_is_stopped_and_what_was_taken_can_be_undone() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        many_members(&desk, 500).await;
        let begun = desk.begin("points", &many(500)).await;
        assert!(work(&app.app).await.expect("a step"));
        let stopped: Import = desk.ask(&begun, "cancel").await.parse();
        assert_eq!(
            (stopped.state, stopped.added),
            (ImportState::Cancelled, 200)
        );
        desk.ask(&begun, "cancel")
            .await
            .assert_problem(409, "imports.ended");
        carry_out(&app.app).await;
        assert_eq!(desk.get(&begun).await.added, 200);
        let undone = desk.undo(&stopped).await;
        assert_eq!((undone.undone, undone.kept), (200, 0));
        assert_eq!(sum_of_points(app).await, 0);
        desk.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_import_that_is_stopped_while_it_is_checked_has_done_nothing() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        many_members(&desk, 300).await;
        let begun = desk.begin("points&all_or_nothing=true", &many(300)).await;
        assert!(work(&app.app).await.expect("a step"));
        let checked = desk.get(&begun).await;
        assert_eq!((checked.state, checked.added), (ImportState::Checking, 200));
        let stopped: Import = desk.ask(&begun, "cancel").await.parse();
        assert_eq!(
            (stopped.state, counts(&stopped), stopped.undo_until),
            (ImportState::Cancelled, (0, 0, 0, 0), None)
        );
        desk.ask(&begun, "undo")
            .await
            .assert_problem(409, "imports.not_undoable");
        assert_eq!(sum_of_points(app).await, 0);
    })
    .await;
}
