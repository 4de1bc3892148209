//! What is refused before anything is kept, and what files keep of people who are erased.

use super::support::{Desk, carry_out, counts, error};
use super::undo::pieces;
use crate::support::{TestApp, on_both, on_both_with};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use shared::staff::Role;
use shared::transfers::api::Import;
use shared::transfers::columns::Column;
use shared::transfers::{ExportState, TransferKind};

#[tokio::test]
async fn a_file_that_cannot_be_read_leaves_nothing() {
    on_both_with(
        |config| config.import_max_bytes = 20_000,
        async |app: &TestApp| {
            let desk = Desk::open(app).await;
            let columns = desk.send("points", "member,pionts\nc,1\n").await;
            let wrong: Vec<String> = columns
                .wrong_parts()
                .into_iter()
                .map(|it| format!("{} {}", it.0, it.1))
                .collect();
            assert_eq!(wrong, ["pionts unknown", "points required"]);
            assert_eq!(
                desk.send("points", "member,points\n").await.wrong_parts()[0].1,
                "required"
            );
            assert_eq!(desk.send("points", "").await.wrong_parts().len(), 2);
            assert_eq!(desk.send("gold", "a\n").await.wrong_parts()[0].0, "kind");
            let long = format!("members&file_name={}", "x".repeat(121));
            assert_eq!(
                desk.send(&long, "external_id\nc\n").await.wrong_parts()[0].0,
                "file_name"
            );
            let large = format!("external_id\n{}", "c-1\nc-2\n".repeat(3_000));
            let large = desk.send("members", &large).await;
            let problem = large.assert_problem(413, "imports.file_too_large");
            assert!(
                problem["detail"]
                    .as_str()
                    .is_some_and(|it| it.contains("MiB"))
            );
            let keyless = app
                .post("/api/v1/imports?kind=members")
                .bearer(&desk.operator.token);
            keyless
                .raw("external_id\nc\n")
                .await
                .assert_problem(400, "idempotency.key_required");
            let list = app
                .get("/api/v1/imports")
                .bearer(&desk.operator.token)
                .await
                .json();
            assert_eq!(list["data"], json!([]));
            assert_eq!(pieces(app).await, 0);
            let errors = "SELECT count(*) FROM import_errors";
            let row = app
                .app
                .db
                .read()
                .query_one_raw(Statement::from_string(app.app.db.backend(), errors))
                .await;
            let left: i64 = row
                .expect("it runs")
                .expect("a row")
                .try_get_by_index(0)
                .expect("a number");
            assert_eq!(left, 0);
        },
    )
    .await;
}

#[tokio::test]
async fn only_so_many_imports_wait() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        for i in 0..20 {
            desk.begin("members", &format!("external_id\nc-{i}\n"))
                .await;
        }
        let more = desk.send("members", "external_id\nc-20\n").await;
        more.assert_problem(409, "imports.too_many");
        carry_out(&app.app).await;
        desk.send("members", "external_id\nc-20\n")
            .await
            .assert_status(202);
    })
    .await;
}

#[tokio::test]
async fn only_so_many_files_are_taken_in_at_once() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let places = [(); 3].map(|()| app.app.uploads.take_place().expect("a place"));
        let more = desk.send("members", "external_id\nc-1\n").await;
        more.assert_problem(409, "imports.too_many");
        drop(places);
        desk.begin("members", "external_id\nc-1\n").await;
    })
    .await;
}

#[tokio::test]
async fn errors_come_in_the_language_that_was_asked_for_and_as_a_file() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let done = desk
            .import("points", "member,points\nc-1,-1\nc-2,5\n")
            .await;
        let path = format!("/api/v1/imports/{}/errors", done.id);
        let ask = async |language: &str| {
            let call = app
                .get(&path)
                .bearer(&desk.operator.token)
                .header("accept-language", language);
            call.await.json()["data"].clone()
        };
        let (zh, en) = (ask("zh-CN").await, ask("en").await);
        assert_eq!(zh[0]["message"], "应为 1 至 1000000000000 的整数。");
        assert_eq!(en[1]["message"], "There is no such member.");
        let file = app
            .get(&format!("/api/v1/imports/{}/error_file", done.id))
            .bearer(&desk.operator.token)
            .await;
        let expected = "\u{feff}line,column,code,message\r\n\
            2,points,not_points,Expected a whole number from 1 to 1000000000000.\r\n\
            3,member,members.not_found,There is no such member.\r\n";
        assert_eq!(file.text(), expected);
        let odd = app
            .get("/api/v1/imports/imp_01k0000000e008000000000001")
            .bearer(&desk.operator.token)
            .await;
        odd.assert_problem(404, "imports.not_found");
    })
    .await;
}

#[tokio::test]
async fn templates_name_every_column() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        for kind in TransferKind::ALL {
            let path = format!("/api/v1/import_templates/{}", kind.as_str());
            let file = app.get(&path).bearer(&desk.operator.token).await;
            file.assert_status(200);
            let names: Vec<&str> = kind.columns().iter().map(|it: &Column| it.name).collect();
            let head = file.text().lines().next().unwrap_or_default().to_owned();
            assert_eq!(head, format!("\u{feff}{}", names.join(",")));
            let json = app
                .get(&format!("{path}?format=ndjson"))
                .bearer(&desk.operator.token)
                .await;
            assert!(json.json().is_object());
        }
    })
    .await;
}

#[test]
fn the_readme_shows_every_column() {
    let readme = include_str!("../../../../README.md");
    for kind in TransferKind::ALL {
        assert!(
            readme.contains(&kind.table()),
            "the README wants:\n{}",
            kind.table()
        );
    }
}

/// Every text in the tables of files.
async fn kept(app: &TestApp) -> String {
    let mut all = String::new();
    for sql in [
        "SELECT COALESCE(body, '') || COALESCE(effects, '') FROM transfer_pieces",
        "SELECT message || COALESCE(column_name, '') FROM import_errors",
        "SELECT mark FROM import_marks",
    ] {
        let rows = app
            .app
            .db
            .read()
            .query_all_raw(Statement::from_string(app.app.db.backend(), sql))
            .await;
        for row in rows.expect("it runs") {
            all.push_str(&row.try_get_by_index::<String>(0).expect("a text"));
        }
    }
    all
}

async fn erase(app: &TestApp, member: &str) {
    let admin = app.staff(Role::Admin).await;
    let call = app
        .post(&format!("/api/v1/members/ext:{member}/erase"))
        .bearer(&admin.token);
    call.json(&json!({ "reason": "asked for it" }))
        .await
        .assert_status(200);
}

#[tokio::test]
async fn nothing_of_an_erased_person_stays_in_files() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        desk.shop.members(&["person-7", "c-1"]).await;
        let first = "external_id,name,email\nperson-7,Lin Daiyu,lin@example.com\nc-1,Other,other@example.com\n";
        let done = desk.import("members", first).await;
        assert_eq!(counts(&done), (0, 2, 0, 0));
        let (export, file) = desk.export(&json!({ "kind": "members" })).await;
        assert!(file.contains("lin@example.com"));
        let (points, _) = desk.export(&json!({ "kind": "coupons" })).await;
        let waiting = desk.begin("points", "member,points\nperson-7,5\nc-1,7\n").await;
        let orders = "order_id,member,paid_at,currency,sku,quantity,amount\n\
            o-1,person-7,2026-05-01,CNY,tea,1,6.00\no-2,c-1,2026-05-02,CNY,tea,1,50.00\n";
        let orders = desk.begin("orders", orders).await;
        assert!(kept(app).await.contains("person-7"));
        erase(app, "person-7").await;
        let left = kept(app).await;
        for trace in ["person-7", "Lin Daiyu", "lin@example.com"] {
            assert!(!left.contains(trace), "{trace} is in {left}");
        }
        assert!(left.contains("other@example.com"), "others stay: {left}");
        desk.file(&export).await.assert_problem(410, "exports.expired");
        assert_eq!(desk.file(&points).await.status, 200, "a file without the person stays");
        carry_out(&app.app).await;
        let taken = desk.get(&waiting).await;
        assert_eq!(counts(&taken), (1, 0, 0, 1));
        assert_eq!(desk.errors(&taken, "import").await, [error(2, "", "erased")]);
        assert_eq!(counts(&desk.get(&orders).await), (1, 0, 0, 1));
        let undone = desk.undo(&done).await;
        assert_eq!((undone.undone, undone.kept), (1, 1));
        assert_eq!(desk.errors(&undone, "undo").await, [error(2, "", "kept_gone")]);
        desk.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_export_that_is_being_written_begins_anew_without_an_erased_person() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let lines: String = (0..300).map(|i| format!("m-{i}\n")).collect();
        desk.import("members", &format!("external_id\nperson-7\n{lines}"))
            .await;
        let begun = desk.ask_export(&json!({ "kind": "members" })).await;
        assert!(
            server::transfers::service::work(&app.app)
                .await
                .expect("a step")
        );
        erase(app, "person-7").await;
        carry_out(&app.app).await;
        let call = app.get(&format!("/api/v1/exports/{}", begun.id));
        let done: shared::transfers::api::Export = call.bearer(&desk.operator.token).await.parse();
        assert_eq!((done.state, done.lines), (ExportState::Done, 300));
        assert!(!desk.file(&done).await.text().contains("person-7"));
    })
    .await;
}

#[tokio::test]
async fn what_nobody_waits_for_is_removed() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let begun: Import = desk.begin("members", "external_id\nc-1\n").await;
        let sql = "DELETE FROM imports";
        app.app
            .db
            .read()
            .execute_raw(Statement::from_string(app.app.db.backend(), sql))
            .await
            .expect("it runs");
        desk.shop.run_jobs().await;
        assert_eq!(pieces(app).await, 1, "the sender may be at it still");
        app.advance_seconds(3_700);
        desk.shop.run_jobs().await;
        assert_eq!(pieces(app).await, 0, "{}", begun.id);
    })
    .await;
}
