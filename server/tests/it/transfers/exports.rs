//! Files that go out, and coming back from them into an empty place.

use super::support::{Desk, counts};
use crate::coupons::support::{publish, template};
use crate::support::{TestApp, on_both};
use serde_json::{Value, json};
use shared::transfers::ExportState;
use std::sync::Mutex;

/// What members have, without ids and codes.
async fn state_of(app: &TestApp, members: &[&str]) -> Vec<String> {
    let desk = Desk::open(app).await;
    let mut found = Vec::new();
    for member in members {
        let record = app
            .get(&format!("/api/v1/members/ext:{member}"))
            .bearer(&desk.shop.key)
            .await;
        let mut record = record.json();
        record["id"] = Value::Null;
        found.push(record.to_string());
        let tags = app
            .get(&format!("/api/v1/members/ext:{member}/tags"))
            .bearer(&desk.shop.key)
            .await;
        found.push(tags.json()["tags"].to_string());
        found.push(format!("{:?}", desk.shop.points(member).await));
        for lot in desk
            .shop
            .lots(member)
            .await
            .iter()
            .filter(|it| it.remaining != 0)
        {
            found.push(format!(
                "{member} {} {:?} {:?}",
                lot.remaining, lot.state, lot.expires_at
            ));
        }
        let wallet = app
            .get(&format!("/api/v1/members/ext:{member}/coupons"))
            .bearer(&desk.shop.key)
            .await;
        for coupon in wallet.json()["data"].as_array().into_iter().flatten() {
            found.push(format!("{} {}", coupon["name"], coupon["expires_at"]));
        }
    }
    found
}

async fn fill(desk: &Desk<'_>) {
    let shop = &desk.shop;
    let file = "external_id,name,email,phone,birthday,locale,time_zone,joined_at,tags,consent_email\n\
        c-1,\"Lin, \"\"Xiao\"\"\",lin@example.com,+8613800138000,1990-04-30,en,Europe/Paris,2024-05-01,vip;tea,yes\n\
        =c-2,-Two,,,,,,2025-01-01T08:00:00Z,,\nc-3,,,,,,,2026-01-01,,\n";
    assert_eq!(counts(&desk.import("members", file).await), (3, 0, 0, 0));
    let points = "member,points,active_from,expires_at\nc-1,500,,2026-12-31\nc-1,70,2026-09-01,2027-12-31\n=c-2,1000,,2027-01-31\n";
    assert_eq!(counts(&desk.import("points", points).await), (3, 0, 0, 0));
    shop.spend("c-1", "o-1", 120, 100_000)
        .await
        .assert_status(201);
    let made = template(shop, json!({})).await;
    publish(shop, &made, "c-1", "one").await;
    publish(shop, &made, "c-3", "two").await;
}

#[tokio::test]
async fn what_is_exported_can_be_imported_into_an_empty_place() {
    for format in ["csv", "ndjson"] {
        let files: Mutex<Vec<(String, String)>> = Mutex::default();
        let before: Mutex<Vec<String>> = Mutex::default();
        let members = ["c-1", "%3Dc-2", "c-3"];
        on_both(async |app: &TestApp| {
            let desk = Desk::open(app).await;
            fill(&desk).await;
            let mut written = Vec::new();
            for kind in ["members", "points", "coupons"] {
                let wanted = json!({ "kind": kind, "format": format });
                let (done, file) = desk.export(&wanted).await;
                assert_eq!((done.state, done.members_done), (ExportState::Done, 3));
                assert_eq!(done.bytes, i64::try_from(file.len()).unwrap_or(0));
                written.push((kind.to_owned(), file));
            }
            *before.lock().expect("it") = state_of(app, &members).await;
            *files.lock().expect("it") = written;
        })
        .await;
        on_both(async |app: &TestApp| {
            let desk = Desk::open(app).await;
            template(&desk.shop, json!({})).await;
            let written = files.lock().expect("it").clone();
            for (kind, file) in written {
                let done = desk.import(&format!("{kind}&format={format}"), &file).await;
                assert_eq!((done.refused, done.unchanged), (0, 0), "{kind}: {file}");
            }
            let expected = before.lock().expect("it").clone();
            assert_eq!(state_of(app, &members).await, expected);
            desk.shop.assert_books().await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_file_that_comes_back_to_where_it_was_written_changes_nothing() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        fill(&desk).await;
        let own = app.sign_up("own@example.com").await;
        let members = ["c-1", "%3Dc-2", "c-3"];
        let before = state_of(app, &members).await;
        for (kind, lines) in [("members", 4), ("points", 3), ("coupons", 2)] {
            let (_, file) = desk.export(&json!({ "kind": kind })).await;
            assert!(
                kind != "members" || file.contains(&own.id.to_string()),
                "{file}"
            );
            let done = desk.import(kind, &file).await;
            assert_eq!(counts(&done), (0, 0, lines, 0), "{kind}: {file}");
        }
        assert_eq!(state_of(app, &members).await, before);
        desk.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn orders_come_back_with_what_was_returned() {
    let file: Mutex<(String, (i64, i64, i64))> = Mutex::default();
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let orders = "order_id,member,paid_at,currency,sku,category,quantity,amount,refunded_quantity,refunded_amount,refunded_at\n\
            o-1,c-1,2026-05-01,CNY,tea,drinks,2,300.00,1,,2026-05-05\no-1,c-1,2026-05-01,CNY,cup,,1,9.90,,,\n\
            o-2,c-2,2026-05-02,CNY,tea,,1,15.05,,,\n";
        assert_eq!(counts(&desk.import("orders", orders).await), (2, 0, 0, 0));
        let (done, text) = desk.export(&json!({ "kind": "orders" })).await;
        assert_eq!(done.lines, 3);
        let points = desk.shop.points("c-1").await;
        *file.lock().expect("it") = (text, points);
    })
    .await;
    let (text, points) = file.lock().expect("it").clone();
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        assert_eq!(counts(&desk.import("orders", &text).await), (2, 0, 0, 0));
        assert_eq!(desk.shop.points("c-1").await, points);
        assert_eq!(desk.shop.points("c-2").await, (15, 0, 0));
        desk.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn cells_are_no_formulas_and_a_filter_holds() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        fill(&desk).await;
        let (done, file) = desk.export(&json!({ "kind": "members" })).await;
        assert_eq!(done.lines, 3);
        assert!(file.starts_with("\u{feff}external_id,name,"), "{file}");
        assert!(
            file.contains("'=c-2,'-Two") && file.contains("'+8613800138000"),
            "{file}"
        );
        let filter =
            json!({ "joined_from": "2025-01-01T00:00:00Z", "joined_to": "2025-12-31T00:00:00Z" });
        let (done, file) = desk
            .export(&json!({ "kind": "members", "filter": filter }))
            .await;
        assert_eq!((done.lines, done.members), (1, 1), "{file}");
        let trail = app.staff(shared::staff::Role::Auditor).await;
        let trail = app
            .get("/api/v1/audit_entries?action=export.")
            .bearer(&trail.token)
            .await
            .json();
        let actions: Vec<&str> = trail["data"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|it| it["action"].as_str())
            .collect();
        assert_eq!(
            actions.iter().filter(|it| **it == "export.begun").count(),
            2
        );
        assert_eq!(
            actions.iter().filter(|it| **it == "export.fetched").count(),
            2
        );
    })
    .await;
}

#[tokio::test]
async fn a_file_is_kept_for_a_week() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        desk.shop.member("c-1").await;
        let begun = desk.ask_export(&json!({ "kind": "members" })).await;
        desk.file(&begun)
            .await
            .assert_problem(409, "exports.not_ready");
        super::support::carry_out(&app.app).await;
        let answer = desk.file(&begun).await;
        answer.assert_status(200);
        let name = answer.header("content-disposition").to_owned();
        assert!(
            name.starts_with("attachment; filename=\"members-") && name.ends_with(".csv\""),
            "{name}"
        );
        app.clock.advance_days(8);
        let staff = app.staff(shared::staff::Role::Operator).await;
        let late = async || {
            let call = app.get(&format!("/api/v1/exports/{}/file", begun.id));
            call.bearer(&staff.token).await
        };
        late().await.assert_problem(410, "exports.expired");
        desk.shop.run_jobs().await;
        late().await.assert_problem(410, "exports.expired");
        assert_eq!(super::undo::pieces(app).await, 0);
        let none = app.get("/api/v1/exports/exp_01k0000000e008000000000001/file");
        none.bearer(&staff.token)
            .await
            .assert_problem(404, "exports.not_found");
    })
    .await;
}

#[tokio::test]
async fn orders_go_out_by_pieces_also_within_a_member() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let row = |i: usize| {
            let member = if i < 3 { "c-1" } else { "c-2" };
            let (hour, minute) = (i / 60, i % 60);
            format!("o-{i},{member},2026-05-01T{hour:02}:{minute:02}:00Z,CNY,tea,1,0.10\n")
        };
        let head = "order_id,member,paid_at,currency,sku,quantity,amount\n";
        let file = format!("{head}{}", (0..505).map(row).collect::<String>());
        assert_eq!(counts(&desk.import("orders", &file).await), (505, 0, 0, 0));
        let (done, file) = desk.export(&json!({ "kind": "orders" })).await;
        assert_eq!((done.lines, done.members_done), (505, 2));
        assert_eq!(
            super::undo::count(app, "transfer_pieces WHERE effects IS NULL").await,
            2
        );
        let mut ids: Vec<&str> = file
            .lines()
            .skip(1)
            .filter_map(|it| it.split(',').next())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 505);
    })
    .await;
}
