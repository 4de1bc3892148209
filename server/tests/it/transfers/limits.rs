//! What is refused before anything is kept, and what files keep of people who are erased.

use super::support::{Desk, carry_out, counts, error};
use super::undo::{count, pieces};
use crate::support::{TestApp, on_both, on_both_with};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use shared::staff::{Role, Scope};
use shared::transfers::api::Import;
use shared::transfers::columns::Column;
use shared::transfers::{ExportState, TransferKind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::Notify;

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
            carry_out(&app.app).await;
            assert_eq!(pieces(app).await, 0);
            assert_eq!(count(app, "import_errors").await, 0);
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
        "SELECT COALESCE(file_name, '') FROM imports",
        "SELECT filter FROM exports",
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
        let done = desk.import("members&file_name=of%20lin@example.com.csv", first).await;
        assert_eq!(counts(&done), (0, 2, 0, 0));
        for q in ["lin@exam", "daiyu"] {
            desk.export(&json!({ "kind": "points", "filter": { "q": q } })).await;
        }
        let (export, file) = desk.export(&json!({ "kind": "members" })).await;
        assert!(file.contains("lin@example.com"));
        let (points, _) = desk.export(&json!({ "kind": "coupons" })).await;
        let waiting = desk.begin("points", "member,points\nperson-7,5\nc-1,7\n").await;
        let orders = "order_id,member,paid_at,currency,sku,quantity,amount\n\
            o-1,person-7,2026-05-01,CNY,tea,1,6.00\no-2,c-1,2026-05-02,CNY,tea,1,50.00\n\
            o-3,c-1,2026-05-02,CNY,tea,lin@example.com,1\no-4,c-1,person-7,CNY,tea,1,1\n";
        let orders = desk.begin("orders", orders).await;
        assert!(kept(app).await.contains("person-7"));
        erase(app, "person-7").await;
        let left = kept(app).await;
        for trace in ["person-7", "Lin Daiyu", "lin@exam", "daiyu"] {
            assert!(!left.contains(trace), "{trace} is in {left}");
        }
        assert!(left.contains("other@example.com"), "others stay: {left}");
        desk.file(&export).await.assert_problem(410, "exports.expired");
        assert_eq!(desk.file(&points).await.status, 200, "a file without the person stays");
        carry_out(&app.app).await;
        let taken = desk.get(&waiting).await;
        assert_eq!(counts(&taken), (1, 0, 0, 1));
        assert_eq!(desk.errors(&taken, "import").await, [error(2, "", "erased")]);
        assert_eq!(counts(&desk.get(&orders).await), (1, 0, 0, 3));
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
async fn an_address_that_went_over_to_an_erased_person_goes_too() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let file = |one: &str, two: &str| format!("external_id,email\nc-1,{one}\nperson-7,{two}\n");
        let first = file("lin@example.com", "");
        assert_eq!(counts(&desk.import("members", &first).await).0, 2);
        let change = desk.import("members", &file("own@example.com", "")).await;
        assert_eq!(counts(&change), (0, 1, 1, 0));
        desk.import("members", &file("", "lin@example.com")).await;
        erase(app, "person-7").await;
        let left = kept(app).await;
        assert!(!left.contains("lin@example.com"), "{left}");
        let undone = desk.undo(&change).await;
        assert_eq!((undone.undone, undone.kept), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_still_being_sent_loses_an_erased_person() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        desk.shop.members(&["li \"7\" \\_", "c-1"]).await;
        let file = "member,points\n\"li \"\"7\"\" \\_\",5\nc-1,7\n";
        desk.begin("points", file).await;
        // Its pieces are there, and the import is not yet.
        run(app, "DELETE FROM imports").await;
        let admin = app.staff(Role::Admin).await;
        let call = app.post("/api/v1/members/ext:li%20%227%22%20%5C_/erase");
        let erased = call
            .bearer(&admin.token)
            .json(&json!({ "reason": "asked for it" }))
            .await;
        erased.assert_status(200);
        let left = kept(app).await;
        assert!(left.contains("c-1") && !left.contains("li \\"), "{left}");
    })
    .await;
}

#[tokio::test]
async fn only_files_with_the_person_in_them_go() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        desk.shop.members(&["7", "c-1"]).await;
        desk.import("points", "member,points\nc-1,7\n").await;
        let mut files = Vec::new();
        for kind in ["points", "members"] {
            for format in ["csv", "ndjson"] {
                let wanted = json!({ "kind": kind, "format": format });
                files.push((kind, desk.export(&wanted).await.0));
            }
        }
        erase(app, "7").await;
        for (kind, file) in files {
            let expected = if kind == "points" { 200 } else { 410 };
            assert_eq!(desk.file(&file).await.status, expected, "{kind}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_that_was_read_before_an_erasure_is_read_again() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let member = desk.shop.member("person-7").await;
        desk.shop.member("c-1").await;
        let begun = desk.ask_export(&json!({ "kind": "members" })).await;
        let (erased, kept) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let args = (member, erased.clone(), kept.clone());
        let erasing = app.app.db.write(args, |tx, (member, erased, kept)| {
            Box::pin(async move {
                server::members::service::erase(tx, *member, "system", "asked for it").await?;
                erased.notify_one();
                kept.notified().await;
                Ok(())
            })
        });
        let writes = || app.app.db.write_stats().writes.load(Ordering::Relaxed);
        let exporting = async {
            erased.notified().await;
            let before = writes();
            let asked = async {
                while writes() == before {
                    tokio::task::yield_now().await;
                }
                kept.notify_one();
            };
            futures::join!(server::transfers::service::work(&app.app), asked).0
        };
        let (erased, exported) = futures::join!(erasing, exporting);
        erased.expect("the person is erased");
        assert!(exported.expect("a step"));
        carry_out(&app.app).await;
        let call = app.get(&format!("/api/v1/exports/{}", begun.id));
        let done: shared::transfers::api::Export = call.bearer(&desk.operator.token).await.parse();
        assert_eq!((done.state, done.lines), (ExportState::Done, 1));
        assert!(!desk.file(&done).await.text().contains("person-7"));
    })
    .await;
}

#[tokio::test]
async fn pieces_that_nobody_needs_are_removed_some_at_a_time() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let lines: String = (0..10_400).map(|i| format!("c-{i},1\n")).collect();
        let begun = desk
            .begin("points", &format!("member,points\n{lines}"))
            .await;
        desk.ask(&begun, "cancel").await.assert_status(200);
        assert_eq!(pieces(app).await, 52);
        assert!(
            server::transfers::service::work(&app.app)
                .await
                .expect("a step")
        );
        assert_eq!(pieces(app).await, 2);
        carry_out(&app.app).await;
        assert_eq!(
            (pieces(app).await, count(app, "transfer_sweeps").await),
            (0, 0)
        );
    })
    .await;
}

async fn run(app: &TestApp, sql: &str) {
    let statement = Statement::from_string(app.app.db.backend(), sql);
    let done = app.app.db.read().execute_raw(statement).await;
    done.expect("it runs");
}

#[tokio::test]
async fn what_nobody_waits_for_is_removed() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let begun: Import = desk.begin("members", "external_id\nc-1\n").await;
        desk.begin("points", "member,points\nc-1,x\n").await;
        run(app, "DELETE FROM imports").await;
        desk.shop.run_jobs().await;
        assert_eq!(pieces(app).await, 1, "the sender may be at it still");
        app.advance_seconds(3_700);
        desk.shop.run_jobs().await;
        assert_eq!(pieces(app).await, 0, "{}", begun.id);
        assert_eq!(count(app, "import_errors").await, 0);
    })
    .await;
}

#[tokio::test]
async fn files_do_not_go_round_what_points_and_coupons_need() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        desk.shop.member("c-1").await;
        let send = async |scopes: &[Scope], kind: &str, file: &str| {
            let key = app.api_key(scopes).await;
            let call = app
                .post(&format!("/api/v1/imports?kind={kind}"))
                .bearer(&key);
            let call = call.idempotency_key(&desk.shop.intent()).raw(file);
            call.header("content-type", "text/csv").await
        };
        let (points, coupons) = ("member,points\nc-1,5\n", "template,member\nNone,c-1\n");
        let only = [Scope::ImportsWrite];
        let refused = send(&only, "points", points).await;
        refused.assert_problem(403, "auth.scope_missing");
        let refused = send(&only, "coupons", coupons).await;
        refused.assert_problem(403, "auth.scope_missing");
        let with = [Scope::ImportsWrite, Scope::PointsWrite];
        send(&with, "points", points).await.assert_status(202);
        let with = [Scope::ImportsWrite, Scope::CouponsWrite];
        send(&with, "coupons", coupons).await.assert_status(202);
        send(&only, "members", "external_id\nc-1\n")
            .await
            .assert_status(202);
        carry_out(&app.app).await;
        // The policy wants a second person above 5000 points.
        let file = "member,points\nc-1,5000\nc-1,5001\n";
        let done = desk.import("points", file).await;
        assert_eq!(counts(&done), (1, 0, 0, 1));
        assert_eq!(
            desk.errors(&done, "import").await,
            [error(3, "points", "needs_approval")]
        );
        assert_eq!(desk.shop.points("c-1").await, (5_005, 0, 0));
        desk.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn only_so_many_exports_wait_and_imports_go_on_beside_them() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let wanted = json!({ "kind": "members" });
        for _ in 0..20 {
            desk.ask_export(&wanted).await;
        }
        let call = app.post("/api/v1/exports").bearer(&desk.shop.key);
        let more = call.idempotency_key("more").json(&wanted).await;
        more.assert_problem(409, "exports.too_many");
        let begun = desk.begin("members", "external_id\nc-1\n").await;
        assert!(
            server::transfers::service::work(&app.app)
                .await
                .expect("a step")
        );
        assert_eq!(desk.get(&begun).await.added, 1);
        let list = app
            .get("/api/v1/exports")
            .bearer(&desk.shop.key)
            .await
            .json();
        let rows = list["data"].as_array().cloned().unwrap_or_default();
        assert_eq!(rows.iter().filter(|it| it["state"] == "done").count(), 1);
        let odd = desk
            .send("members&dry_urn=true", "external_id\nc-1\n")
            .await;
        assert_eq!(odd.status, 422, "{}", odd.text());
    })
    .await;
}

#[tokio::test]
async fn an_import_that_cannot_go_on_says_so_at_its_line() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let begun = desk.begin("members", "external_id\n\nc-1\n").await;
        run(app, "ALTER TABLE consent_changes RENAME TO hidden").await;
        let file = "external_id,consent_email\n\nc-2,yes\n";
        carry_out(&app.app).await;
        let failing = desk.begin("members", file).await;
        for _ in 0..20 {
            server::transfers::service::work(&app.app)
                .await
                .expect("a step");
        }
        run(app, "ALTER TABLE hidden RENAME TO consent_changes").await;
        let failed = desk.get(&failing).await;
        assert_eq!(
            failed.state,
            shared::transfers::ImportState::Failed,
            "{}",
            begun.id
        );
        assert_eq!(
            desk.errors(&failed, "import").await,
            [error(3, "", "failed")]
        );
    })
    .await;
}
