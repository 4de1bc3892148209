//! What members decide about their own data: devices, consents, profile,
//! export and erasure.

use crate::sales::support::Sales;
use crate::scenarios::support::{HALF_PAST_TWELVE, Lists};
use crate::support::shop::{Shop, contents, event, line, paid};
use crate::support::{PASSWORD, TestApp, on_both};
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use serde_json::{Value, json};
use server::sales::service::note;
use shared::communities::api::Community;
use shared::sales::ClaimState;
use shared::staff::Role;

#[tokio::test]
async fn consents_say_when_they_were_given() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let list = || {
            app.get("/api/v1/me/consents")
                .bearer(&member.token)
                .into_future()
        };
        assert_eq!(
            list().await.json()["data"],
            json!([
                { "channel": "email", "granted": false, "changed_at": null },
                { "channel": "sms", "granted": false, "changed_at": null },
                { "channel": "push", "granted": false, "changed_at": null },
            ])
        );
        let set = |channel: &str, granted: bool| {
            let call = app.put(&format!("/api/v1/me/consents/{channel}"));
            call.bearer(&member.token)
                .json(&json!({ "granted": granted }))
                .into_future()
        };
        app.advance_seconds(60);
        set("sms", true).await.assert_status(200);
        app.advance_seconds(60);
        // Saying the same again changes nothing; another way of saying it counts as well.
        set("sms", true).await.assert_status(200);
        let change = json!({ "consents": { "email": true, "sms": true } });
        let patched = app
            .patch("/api/v1/me")
            .bearer(&member.token)
            .json(&change)
            .await;
        patched.assert_status(200);
        assert_eq!(
            list().await.json()["data"],
            json!([
                { "channel": "email", "granted": true, "changed_at": "2026-06-15T04:02:00Z" },
                { "channel": "sms", "granted": true, "changed_at": "2026-06-15T04:01:00Z" },
                { "channel": "push", "granted": false, "changed_at": null },
            ])
        );
        app.advance_seconds(60);
        let taken_back = set("sms", false).await.json();
        assert_eq!(
            taken_back["data"][1],
            json!({ "channel": "sms", "granted": false, "changed_at": "2026-06-15T04:03:00Z" })
        );
        set("pigeon", true)
            .await
            .assert_problem(404, "request.not_found");
    })
    .await;
}

#[tokio::test]
async fn a_member_changes_the_time_zone() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("a@example.com").await;
        let change = |body: Value| {
            let call = app.patch("/api/v1/me").bearer(&member.token);
            call.json(&body).into_future()
        };
        let changed = change(json!({ "time_zone": "Europe/Paris" })).await;
        assert_eq!(changed.json()["time_zone"], "Europe/Paris");
        let wrong = change(json!({ "time_zone": "Mars/Olympus" })).await;
        assert_eq!(
            wrong.wrong_parts(),
            [("/time_zone".to_owned(), "invalid".to_owned())]
        );
    })
    .await;
}

#[tokio::test]
async fn all_other_devices_are_signed_out_and_this_one_stays() {
    on_both(async |app: &TestApp| {
        let phone = app.sign_up("a@example.com").await;
        let desk = app
            .post("/api/v1/sessions")
            .page("member")
            .header(
                "user-agent",
                "Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36",
            )
            .json(&json!({ "identifier": "a@example.com", "password": PASSWORD }))
            .await;
        let desk = desk.json()["access_token"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let other = app.sign_up("b@example.com").await;
        let devices = app
            .get("/api/v1/sessions")
            .bearer(&phone.token)
            .await
            .json();
        assert_eq!(devices["data"].as_array().map(Vec::len), Some(2));
        let named: Vec<&Value> = devices["data"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| &it["name"])
            .collect();
        assert!(named.contains(&&json!("Chrome · Windows")), "{named:?}");
        let out = app.delete("/api/v1/sessions/others").bearer(&desk).await;
        out.assert_status(204);
        let me = |token: &str| app.get("/api/v1/me").bearer(token).into_future();
        me(&desk).await.assert_status(200);
        me(&other.token).await.assert_status(200);
        me(&phone.token)
            .await
            .assert_problem(401, "auth.session_ended");
    })
    .await;
}

/// Every column of every table as text, with the table's name.
async fn everything(app: &TestApp) -> Vec<(String, String)> {
    let db = app.app.db.read();
    let backend = app.app.db.backend();
    let query = async |sql: String| {
        let rows = db.query_all_raw(Statement::from_string(backend, sql)).await;
        let rows = rows.expect("the query runs");
        let texts = rows
            .iter()
            .map(|it| it.try_get_by_index::<Option<String>>(0).expect("a text"));
        texts
            .map(Option::unwrap_or_default)
            .collect::<Vec<String>>()
    };
    let tables = match backend {
        DatabaseBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        _ => "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'",
    };
    let mut found = Vec::new();
    for table in query(tables.to_owned()).await {
        let columns = match backend {
            DatabaseBackend::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
            _ => format!(
                "SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}'"
            ),
        };
        for column in query(columns).await {
            let value = match backend {
                // Ids are bytes, which need not be text.
                DatabaseBackend::Sqlite => format!(
                    "CASE typeof(\"{column}\") WHEN 'blob' THEN hex(\"{column}\")
                     ELSE CAST(\"{column}\" AS text) END"
                ),
                _ => format!("CAST(\"{column}\" AS text)"),
            };
            let values = format!("SELECT {value} FROM \"{table}\"");
            for text in query(values).await {
                found.push((format!("{table}.{column}"), text));
            }
        }
    }
    assert!(found.len() > 40, "{}", found.len());
    found
}

/// A member with everything that can name a person, in every place where it can stand.
async fn well_known(shop: &Shop<'_>) -> String {
    let app = shop.app;
    let record = json!({ "external_id": "customer-77", "name": "Lin Daiyu", "email": "lin@example.com",
        "phone": "+86 138 0013 8000", "birthday": "1990-02-03", "consents": { "email": true } });
    let call = app.post("/api/v1/members").bearer(&shop.key);
    call.json(&record).await.assert_status(201);
    shop.pay("customer-77", "o-1", 60_000).await;
    shop.pass_days(20).await;
    shop.pay("customer-77", "o-2", 30_000).await;
    let mut placed = event("placed", "o-3", shop.now());
    placed["order"] = contents(Some("customer-77"), &[line("1", 1, 100)]);
    shop.apply(&placed).await;
    shop.adjust("customer-77", 50).await.assert_status(201);
    let admin = app.staff(Role::Admin).await;
    for action in ["freeze", "unfreeze"] {
        let path = format!("/api/v1/members/ext:customer-77/{action}");
        let reason = json!({ "reason": "Lin Daiyu wrote from lin@example.com about customer-77" });
        let call = app.post(&path).bearer(&admin.token);
        call.json(&reason).await.assert_status(200);
    }
    admin.token
}

const TRACES: [&str; 5] = [
    "lin@example.com",
    "8613800138000",
    "customer-77",
    "Lin Daiyu",
    "1990-02-03",
];

#[tokio::test]
async fn an_erased_person_is_found_nowhere_and_the_books_stay() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let admin = well_known(&shop).await;
        let before = everything(app).await;
        for trace in TRACES {
            let held = before
                .iter()
                .filter(|it| it.1.to_lowercase().contains(&trace.to_lowercase()));
            assert!(held.count() > 0, "{trace} stands somewhere before");
        }
        let id = shop.summary("customer-77").await.member.id;
        let handed = app
            .post("/api/v1/embed_sessions")
            .bearer(&shop.key)
            .json(&json!({ "member": id }))
            .await;
        handed.assert_status(201);
        let preview = app
            .get(&format!("/api/v1/members/{id}/erasure"))
            .bearer(&admin)
            .await
            .json();
        assert_eq!(preview["points"], 650, "{preview}");
        assert_eq!(preview["points_pending"], 360);
        assert_eq!(
            (&preview["orders_kept"], &preview["devices"]),
            (&json!(3), &json!(0))
        );
        assert_eq!(preview["confirmation"], "hand_off");

        let erase = || {
            let call = app
                .post(&format!("/api/v1/members/{id}/erase"))
                .bearer(&admin);
            let reason = json!({ "reason": "Lin Daiyu, lin@example.com, asked for it" });
            call.json(&reason).into_future()
        };
        let erased = erase().await;
        erased.assert_status(200);
        app.advance_seconds(5);
        assert_eq!(
            erase().await.json(),
            erased.json(),
            "again it changes nothing"
        );

        assert_found_nowhere(app, &TRACES).await;
        let record = app
            .get(&format!("/api/v1/members/{id}"))
            .bearer(&admin)
            .await
            .json();
        assert_eq!(
            (&record["status"], &record["name"]),
            (&json!("erased"), &Value::Null)
        );
        assert_eq!(record["pseudonym"], erased.json()["pseudonym"]);
        let order: Value = app.get("/api/v1/orders/o-1").bearer(&admin).await.json();
        assert_eq!(order["member_id"], json!(id));
        shop.assert_books().await;
        erased_members_take_no_part(&shop, &admin, &id.to_string()).await;
    })
    .await;
}

async fn assert_found_nowhere(app: &TestApp, traces: &[&str]) {
    for (place, text) in everything(app).await {
        for trace in traces {
            let found = text.to_lowercase().contains(&trace.to_lowercase());
            assert!(!found, "{trace} is in {place}: {text}");
        }
    }
}

async fn erased_members_take_no_part(shop: &Shop<'_>, admin: &str, id: &str) {
    let app = shop.app;
    let summary = app
        .get(&format!("/api/v1/members/{id}/summary"))
        .bearer(admin)
        .await
        .json();
    assert_eq!(
        (
            &summary["points"]["available"],
            &summary["points"]["pending"]
        ),
        (&json!(0), &json!(0))
    );
    let adjust = json!({ "asset": "points", "amount": 10, "reason": "a test" });
    let call = app
        .post(&format!("/api/v1/members/{id}/points/adjustments"))
        .bearer(admin);
    let refused = call.idempotency_key("again").json(&adjust).await;
    refused.assert_problem(404, "members.not_found");
    let handed = app.post("/api/v1/embed_sessions").bearer(&shop.key);
    let refused = handed.json(&json!({ "member": id })).await;
    refused.assert_problem(404, "members.not_found");
    // What was placed is paid now, and earns nothing; a refund takes back what it can.
    let paid = paid("o-3", shop.now(), &contents(None, &[line("1", 1, 100)]));
    shop.apply(&paid).await;
    shop.refund_all("o-2").await;
    shop.pass_days(400).await;
    let summary = app
        .get(&format!("/api/v1/members/{id}/summary"))
        .bearer(&shop.key)
        .await
        .json();
    assert_eq!(summary["points"]["available"], 0, "{summary}");
    shop.assert_books().await;
    // The shop's customer may come back as somebody new.
    let again = app.post("/api/v1/members").bearer(&shop.key);
    again
        .json(&json!({ "external_id": "customer-77" }))
        .await
        .assert_status(201);
}

#[tokio::test]
async fn a_member_erases_the_own_record_with_the_password() {
    on_both(async |app: &TestApp| {
        let member = app.sign_up("lin@example.com").await;
        let erase = |body: Value| {
            let call = app.post("/api/v1/me/erase").bearer(&member.token);
            call.json(&body).into_future()
        };
        let preview = app
            .get("/api/v1/me/erasure")
            .bearer(&member.token)
            .await
            .json();
        assert_eq!(
            (&preview["confirmation"], &preview["confirmed"]),
            (&json!("password"), &json!(false))
        );
        erase(json!({}))
            .await
            .assert_problem(403, "auth.confirmation_required");
        let wrong = erase(json!({ "password": "not my password" })).await;
        assert_eq!(
            wrong.wrong_parts(),
            [("/password".to_owned(), "invalid".to_owned())]
        );
        let done = erase(json!({ "password": PASSWORD })).await;
        done.assert_status(200);
        assert!(done.header("set-cookie").contains("Max-Age=0"));
        app.get("/api/v1/me")
            .bearer(&member.token)
            .await
            .assert_problem(401, "auth.session_ended");
        let refresh = app
            .post("/api/v1/sessions/refresh")
            .page("member")
            .cookie(&member.cookie)
            .await;
        refresh.assert_problem(401, "auth.session_ended");
        let again = json!({ "identifier": "lin@example.com", "password": PASSWORD });
        let sign_in = app
            .post("/api/v1/sessions")
            .page("member")
            .json(&again)
            .await;
        sign_in.assert_problem(401, "auth.bad_credentials");
        assert_found_nowhere(app, &["lin@example.com"]).await;
        app.sign_up("lin@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn who_came_in_through_the_shop_a_moment_ago_may_erase_without_a_password() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("c-1").await;
        let enter = async || {
            let handed = app.post("/api/v1/embed_sessions").bearer(&shop.key);
            let url = handed.json(&json!({ "member": "ext:c-1" })).await.json();
            let code = url["url"]
                .as_str()
                .and_then(|it| it.rsplit('/').next().map(str::to_owned));
            let call = app.post("/api/v1/sessions/exchange").page("member");
            let session = call.json(&json!({ "code": code })).await.json();
            session["access_token"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        let token = enter().await;
        let erase = |token: &str| {
            let call = app.post("/api/v1/me/erase").bearer(token);
            call.json(&json!({})).into_future()
        };
        app.advance_seconds(601);
        let preview = app.get("/api/v1/me/erasure").bearer(&token).await.json();
        assert_eq!(
            (&preview["confirmation"], &preview["confirmed"]),
            (&json!("hand_off"), &json!(false))
        );
        erase(&token)
            .await
            .assert_problem(403, "auth.confirmation_required");
        let token = enter().await;
        erase(&token).await.assert_status(200);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_export_holds_everything_about_one_member_and_nothing_of_others() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let admin = well_known(&shop).await;
        shop.member("other").await;
        shop.pay("other", "other-order", 5_000).await;
        for n in 0..120 {
            shop.adjust("customer-77", 1 + n).await.assert_status(201);
        }
        let path = "/api/v1/members/ext:customer-77/export";
        let export = app.get(path).bearer(&admin).await;
        export.assert_status(200);
        assert!(
            export
                .header("content-disposition")
                .starts_with("attachment; filename=\"mem_")
        );
        let data = export.json();
        let count = |name: &str| data[name].as_array().map(Vec::len);
        assert_eq!(data["member"]["email"], "lin@example.com");
        assert_eq!(data["consents"][0]["channel"], "email");
        assert_eq!(
            (count("orders"), count("ledger"), count("lots")),
            (Some(3), Some(123), Some(123))
        );
        assert!(data["tier"]["code"].is_string(), "{}", data["tier"]);
        assert!(!export.text().contains("other"), "{}", export.text());
        let member = app.sign_up("b@example.com").await;
        let own = app
            .get("/api/v1/me/export")
            .bearer(&member.token)
            .await
            .json();
        assert_eq!(own["member"]["email"], "b@example.com");
        assert_eq!(own["devices"].as_array().map(Vec::len), Some(1));
        let operator = app.staff(Role::Auditor).await;
        let refused = app.get(path).bearer(&operator.token).await;
        refused.assert_problem(403, "auth.forbidden");
    })
    .await;
}

/// What tasks, check-ins, coupons and messages keep of somebody, the person's name in every place
/// where the shop can put it. Answers the reservation that still holds.
async fn well_used(shop: &Shop<'_>) {
    let app = shop.app;
    let post = async |path: &str, body: Value| {
        let call = app.post(path).bearer(&shop.key);
        let answer = call.idempotency_key(&shop.intent()).json(&body).await;
        assert!(answer.status < 300, "{path}: {}", answer.text());
        answer.json()
    };
    let task = |target: Value| {
        json!({
            "name": { "zh-CN": "任务", "en": "Task" }, "description": { "zh-CN": "", "en": "" },
            "target": target, "period": "once", "rewards": [{ "kind": "makeup_card", "count": 1 }],
            "quota": { "per_member": 1 }, "join": "automatic", "claim": "automatic", "claim_days": 7,
            "starts_at": "2026-01-01T00:00:00Z"
        })
    };
    post(
        "/api/v1/tasks",
        task(json!({ "event": "reviews", "goal": 1 })),
    )
    .await;
    let link = json!({ "event": "share_visits", "goal": 9, "url": "https://shop.example/tea" });
    let shared = post("/api/v1/tasks", task(link)).await;
    post(
        "/api/v1/task_events",
        json!({ "event_id": "customer-77-review", "member": "ext:customer-77",
        "type": "review", "occurred_at": shop.now() }),
    )
    .await;
    let tags = app
        .put("/api/v1/members/ext:customer-77/tags")
        .bearer(&shop.key);
    tags.json(&json!({ "tags": ["friend of Lin Daiyu"] }))
        .await
        .assert_status(200);
    let token = shop.hand_over("customer-77").await;
    let me = async |path: String| {
        let call = app
            .post(&path)
            .bearer(&token)
            .idempotency_key(&shop.intent());
        let answer = call.json(&json!({})).await;
        assert!(answer.status < 300, "{path}: {}", answer.text());
    };
    me("/api/v1/me/check_ins".to_owned()).await;
    let shared = shared["id"].as_str().unwrap_or_default();
    me(format!("/api/v1/me/tasks/{shared}/link")).await;
    let template = post("/api/v1/coupon_templates", json!({
        "name": { "zh-CN": "十元券", "en": "Ten off" },
        "discount": { "kind": "amount_off", "amount": 1_000 }, "validity": { "kind": "days", "days": 30 },
    }))
    .await;
    let template = template["id"].as_str().unwrap_or_default();
    let path = format!("/api/v1/coupon_templates/{template}");
    post(&format!("{path}/states"), json!({ "state": "active" })).await;
    let source = json!({ "member": "ext:customer-77", "source_id": "welcome-customer-77" });
    let coupon = post(&format!("{path}/publications"), source).await;
    let cart = json!({ "currency": "CNY", "shipping": 0, "lines":
        [{ "line_id": "1", "sku": "customer-77-special", "quantity": 1, "amount": 30_000 }] });
    let checkout = json!({ "member": "ext:customer-77", "cart": cart, "coupons": [coupon["coupon_id"]],
        "points": 100 });
    let held = json!({ "session_key": "customer-77-cart", "checkout": checkout });
    post("/api/v1/coupon_reservations", held).await;
}

#[tokio::test]
async fn tasks_coupons_and_messages_are_exported_and_forgotten() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let admin = well_known(&shop).await;
        well_used(&shop).await;
        let export = app
            .get("/api/v1/members/ext:customer-77/export")
            .bearer(&admin)
            .await
            .json();
        let count = |name: &str| export[name].as_array().map(Vec::len);
        for name in [
            "check_ins",
            "task_progress",
            "task_rewards",
            "share_links",
            "tags",
            "coupons_usable",
            "checkouts",
        ] {
            assert_eq!(count(name), Some(1), "{name}: {}", export[name]);
        }
        assert_eq!(export["makeup_cards"], 1);
        assert!(count("messages") >= Some(1), "{}", export["messages"]);
        assert_eq!(count("coupons_used"), Some(0));
        let id = shop.summary("customer-77").await.member.id;
        let erase = app
            .post(&format!("/api/v1/members/{id}/erase"))
            .bearer(&admin);
        let erased = erase.json(&json!({ "reason": "asked" })).await;
        erased.assert_status(200);
        assert_found_nowhere(app, &TRACES).await;
        let after = everything(app).await;
        for gone in [
            "share_links.token",
            "task_events.event_id",
            "member_tags.tag",
            "messages.id",
        ] {
            let left: Vec<_> = after.iter().filter(|it| it.0 == gone).collect();
            assert!(left.is_empty(), "{left:?}");
        }
        let state = |name: &str| after.iter().find(|it| it.0 == name).map(|it| it.1.clone());
        assert_eq!(
            state("coupon_reservations.state").as_deref(),
            Some("released")
        );
        assert!(state("coupons.revoked_at").is_some());
        shop.assert_books().await;
        shop.pass_days(40).await;
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn communities_claims_and_calls_are_exported_and_forgotten() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        let shop = &it.shop;
        it.make(json!({})).await;
        let tokens = it.joined(&["ann", "bob"]).await;
        let sales = Sales::open(app).await;
        let sale = sales.sale(json!({})).await;
        let path = format!("/api/v1/me/flash_sales/{sale}");
        let remind = app.put(&format!("{path}/reminder")).bearer(&tokens[0]);
        let remind = remind.json(&json!({ "remind": true })).await;
        remind.assert_status(200);
        app.get(&path).bearer(&tokens[0]).await.assert_status(200);
        sales.at(0);
        let paid = sales.won(&tokens[0], &sale, "a", 1).await;
        sales.pay("ann", "o-1", &paid).await;
        let held = sales.won(&tokens[0], &sale, "b", 1).await;
        it.at(0, HALF_PAST_TWELVE).await;
        let held = sales.found(&held).await;
        assert_eq!(held.state, ClaimState::Released);
        let token = shop.hand_over("ann").await;
        sales.won(&token, &sale, "c", 1).await;
        note(&app.app).await.expect("visits are written");

        let admin = app.staff(Role::Admin).await;
        let member = format!("/api/v1/members/{}", held.member_id);
        let export = app.get(&format!("{member}/export")).bearer(&admin.token);
        let export = export.await.json();
        assert_eq!(export["communities"][0]["name"], "office");
        let states: Vec<&Value> = export["flash_claims"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| &it["state"])
            .collect();
        assert_eq!(states, ["held", "released", "paid"]);
        let heard = export["messages"].as_array().into_iter().flatten();
        let mut kinds = heard.map(|it| &it["content"]["kind"]);
        assert!(kinds.any(|it| it == "scenario_posted"), "{export}");

        let erase = app.post(&format!("{member}/erase")).bearer(&admin.token);
        let erased = erase.json(&json!({ "reason": "asked" })).await;
        erased.assert_status(200);
        let path = format!("/api/v1/communities/{}", it.community.id);
        let community: Community = it.read(&path).await;
        assert_eq!(community.members, 1);
        // What was bought stays for the books; what was held can be had by others.
        assert_eq!(sales.stock(&sale).await, (4, 0, 1));
        let gone = held.member_id.uuid();
        let traces = [gone.simple().to_string(), gone.to_string()];
        for (place, text) in everything(app).await {
            let named = traces.iter().any(|it| text.to_lowercase().contains(it));
            let personal = [
                "community_members.member_id",
                "flash_sale_interests.member_id",
                "flash_sale_reminders.member_id",
                "messages.member_id",
            ];
            assert!(!(named && personal.contains(&place.as_str())), "{place}");
        }
        assert_eq!(it.heard("bob").await, ["Office breakfast"]);
        shop.assert_books().await;
    })
    .await;
}
