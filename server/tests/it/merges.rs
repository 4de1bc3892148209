//! Two members made one, and taken apart again.

use crate::support::shop::{Shop, contents, line, paid, refunded};
use crate::support::{Answer, PASSWORD, SignedInStaff, TestApp, on_both};
use fastrand::Rng;
use sea_orm::{ConnectionTrait, Statement};
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

/// Everything that must be as it was: rows of all members, without what only says when they were
/// written.
async fn state(app: &TestApp) -> Vec<String> {
    let db = app.app.db.read();
    let mut found = Vec::new();
    for (table, columns) in [
        (
            "members",
            "id, external_id, name, email, phone, birthday, status, password_hash, search_text, joined_at, merged_into",
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
    ] {
        let sql = format!("SELECT {columns} FROM {table} ORDER BY 1, 2");
        let rows = db
            .query_all_raw(Statement::from_string(app.app.db.backend(), sql))
            .await;
        for row in rows.expect("the rows can be read") {
            let values = columns.split(", ").map(|column| {
                let number = row
                    .try_get::<Option<i64>>("", column)
                    .map(|it| format!("{it:?}"));
                let id = row
                    .try_get::<Option<uuid::Uuid>>("", column)
                    .map(|it| format!("{it:?}"));
                let flag = row
                    .try_get::<Option<bool>>("", column)
                    .map(|it| format!("{it:?}"));
                let text = row
                    .try_get::<Option<String>>("", column)
                    .map(|it| format!("{it:?}"));
                let value = id
                    .or(number)
                    .or(flag)
                    .or(text)
                    .expect("a value that is known");
                format!("{column}={value}")
            });
            found.push(format!("{table} {}", values.collect::<Vec<_>>().join(" ")));
        }
    }
    found
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
        let before = state(app).await;
        let (old, new) = (shop.summary("old").await, shop.summary("new").await);
        let pair = json!({ "from": "ext:old", "into": "ext:new" });
        let preview = desk.post("/preview", "unused", pair).await;
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
        assert_eq!(state(app).await, before);
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
        for (n, use_it) in ["spend", "refund", "profile"].into_iter().enumerate() {
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

/// Something that happens to a member.
async fn happen(shop: &Shop<'_>, rng: &mut Rng, member: &str, step: usize) {
    let order = format!("{member}-{step}");
    match rng.u8(0..7) {
        0..=2 => {
            let lines = [
                line("1", 2, rng.i64(1..400) * 500),
                line("2", 1, rng.i64(1..50) * 100),
            ];
            let event = paid(&order, shop.now(), &contents(Some(member), &lines));
            shop.apply(&event).await;
            if rng.u8(0..3) == 0 {
                let event = refunded(
                    &format!("{order}-r"),
                    &order,
                    shop.now(),
                    &[("1", Some(1), None)],
                );
                shop.apply(&event).await;
            }
        }
        // It may be too much, or more than is there: then nothing happens.
        3 => drop(shop.adjust(member, rng.i64(-300..600)).await),
        4 => drop(
            shop.spend(member, &format!("{order}-s"), 100 * rng.i64(1..4), 100_000)
                .await,
        ),
        _ => shop.pass_days(rng.i64(1..60)).await,
    }
}

#[tokio::test]
async fn merging_and_undoing_leaves_random_histories_as_they_were() {
    on_both(async |app: &TestApp| {
        let desk = Desk::open(app).await;
        let shop = &desk.shop;
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let mut rng = Rng::with_seed(seed);
        for round in 0..6 {
            let (one, two) = (format!("one-{round}"), format!("two-{round}"));
            shop.members(&[&one, &two]).await;
            for step in 0..14 {
                let member = if rng.bool() { &one } else { &two };
                happen(shop, &mut rng, member, step).await;
            }
            // Time settles first, so that only the merge changes anything.
            shop.run_jobs().await;
            let operator = app.staff(Role::Operator).await;
            let desk = Desk {
                shop: Shop::open(app).await,
                operator,
            };
            let before = state(app).await;
            let merged = desk.merge(&one, &two).await;
            merged.assert_status(201);
            shop.assert_books().await;
            desk.undo(&merged.json()).await.assert_status(200);
            shop.assert_books().await;
            assert_eq!(
                without_new_tiers(state(app).await, &before),
                before,
                "seed {seed}"
            );
        }
    })
    .await;
}

/// Without stored tiers of members who had none: the lowest, which is the same.
fn without_new_tiers(mut rows: Vec<String>, before: &[String]) -> Vec<String> {
    let member = |row: &str| row.split(' ').nth(1).map(str::to_owned);
    let known: Vec<_> = before
        .iter()
        .filter(|it| it.starts_with("tier_states"))
        .map(|it| member(it))
        .collect();
    rows.retain(|it| !it.starts_with("tier_states") || known.contains(&member(it)));
    rows
}
