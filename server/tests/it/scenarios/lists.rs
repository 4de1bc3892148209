//! Making, changing and stopping lists, when they appear, and who may touch them.

use super::support::{HALF_PAST_TWELVE, Lists, calls, daily, list, on, once};
use crate::communities::support::community;
use crate::support::{TestApp, on_both};
use serde_json::{Value, json};
use shared::ids::{PushChannelId, ScenarioId};
use shared::page::Page;
use shared::scenarios::api::{CommunityPage, PushChannel, PushChannels, Scenario};
use shared::scenarios::{Call, ScenarioState};
use shared::staff::Role;
use uuid::Uuid;

/// What a member reads on the community's page today: titles, the latest first.
async fn today(it: &Lists<'_>, member: &str) -> Vec<String> {
    let token = it.shop.hand_over(member).await;
    let path = format!("/api/v1/me/communities/{}", it.community.id);
    let page: CommunityPage = it.shop.app.get(&path).bearer(&token).await.parse();
    page.today.into_iter().map(|it| it.title).collect()
}

#[tokio::test]
async fn a_list_appears_at_its_minute_and_once() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        it.joined(&["ann"]).await;
        let made = it.make(json!({})).await;
        assert_eq!(made.next_at, Some(on(0, HALF_PAST_TWELVE)));
        app.clock.set(on(0, HALF_PAST_TWELVE).plus_millis(-1));
        it.shop.run_jobs().await;
        assert!(today(&it, "ann").await.is_empty());
        for _ in 0..3 {
            it.at(0, HALF_PAST_TWELVE).await;
            assert_eq!(today(&it, "ann").await, ["Office breakfast"]);
        }
        let now = it.get(&made).await;
        assert_eq!((now.state, now.next_at), (ScenarioState::Active, None));
        it.at(1, HALF_PAST_TWELVE).await;
        assert_eq!(it.heard("ann").await, ["Office breakfast"]);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_list_goes_on_by_its_weekdays_until_its_last_day() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        let schedule = json!({ "first": "2026-06-16", "minute": 480, "weekdays": [1, 3],
            "last": "2026-06-24" });
        let made = it.make(json!({ "schedule": schedule })).await;
        for day in 0..12 {
            it.at(day, 480).await;
            it.at(day, 600).await;
        }
        let calendar = it.calendar(14).await;
        let appeared = [2, 7, 9].map(|day| (on(day, 480), "Office breakfast", Call::Made, true));
        assert_eq!(calls(&calendar), appeared);
        assert_eq!(calendar.time_zone, "Asia/Shanghai");
        assert_eq!(it.get(&made).await.next_at, None);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn what_has_appeared_stays_when_a_list_is_rewritten() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        it.joined(&["ann"]).await;
        let made = it
            .make(json!({ "schedule": daily(HALF_PAST_TWELVE) }))
            .await;
        it.at(0, HALF_PAST_TWELVE).await;
        let path = format!("/api/v1/scenarios/{}", made.id);
        let rewrite = async |version: Option<&str>, title: &str| {
            let staff = app.staff(Role::Operator).await;
            let edit = json!({ "title": title, "schedule": daily(HALF_PAST_TWELVE + 1) });
            let mut call = app.put(&path).bearer(&staff.token).json(&list(edit));
            if let Some(version) = version {
                call = call.header("if-match", version);
            }
            call.await
        };
        rewrite(None, "Tea")
            .await
            .assert_problem(428, "request.precondition_required");
        let done = rewrite(Some("\"1\""), "Tea").await;
        done.assert_status(200);
        assert_eq!(done.header("etag"), "\"2\"");
        let stale = rewrite(Some("\"1\""), "Coffee").await;
        let stale = stale.assert_problem(412, "request.precondition_failed");
        assert_eq!(stale["current"]["definition"]["title"], "Tea");
        rewrite(Some("\"2\""), "")
            .await
            .assert_problem(422, "request.invalid");
        // A minute later than today's appearance there is another one, with its new words.
        it.at(0, HALF_PAST_TWELVE + 1).await;
        assert_eq!(today(&it, "ann").await, ["Tea", "Office breakfast"]);
        it.at(1, HALF_PAST_TWELVE + 1).await;
        assert_eq!(today(&it, "ann").await, ["Tea"]);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_list_that_is_stopped_does_not_appear_until_it_is_resumed() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        let made = it.make(json!({ "schedule": daily(480) })).await;
        let act = async |action: &str| {
            let path = format!("/api/v1/scenarios/{}/{action}", made.id);
            let done = it.ask("POST", &path, &json!({})).await;
            done.assert_status(200);
            done.parse::<Scenario>()
        };
        it.at(1, 480).await;
        for _ in 0..2 {
            let stopped = act("stop").await;
            let stands = (stopped.state, stopped.version, stopped.next_at);
            assert_eq!(stands, (ScenarioState::Stopped, 2, None));
        }
        it.at(3, 480).await;
        // Rewriting it does not start it again.
        let path = format!("/api/v1/scenarios/{}", made.id);
        let staff = app.staff(Role::Operator).await;
        let call = app
            .put(&path)
            .bearer(&staff.token)
            .header("if-match", "\"2\"");
        let edit = json!({ "title": "Tea", "schedule": daily(480) });
        let rewritten: Scenario = call.json(&list(edit)).await.parse();
        let stands = (rewritten.state, rewritten.next_at);
        assert_eq!(stands, (ScenarioState::Stopped, None));
        it.at(4, 500).await;
        for _ in 0..2 {
            let resumed = act("resume").await;
            let stands = (resumed.state, resumed.version, resumed.next_at);
            assert_eq!(stands, (ScenarioState::Active, 4, Some(on(5, 480))));
        }
        it.at(5, 480).await;
        let calendar = it.calendar(6).await;
        let appeared = [(1, "Office breakfast"), (5, "Tea")];
        let appeared = appeared.map(|(day, title)| (on(day, 480), title, Call::Made, true));
        assert_eq!(calls(&calendar), appeared);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn lists_of_a_community_come_newest_first_a_page_at_a_time() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        for title in ["one", "two", "three"] {
            app.advance_seconds(1);
            it.make(json!({ "title": title })).await;
        }
        let titles = |page: &Page<Scenario>| -> Vec<String> {
            let titles = page.data.iter().map(|it| it.definition.title.clone());
            titles.collect()
        };
        let first: Page<Scenario> = it.read(&it.path("scenarios?limit=2")).await;
        assert_eq!(titles(&first), ["three", "two"]);
        let cursor = first.next_cursor.unwrap_or_default();
        let path = format!("scenarios?limit=2&cursor={cursor}");
        let second: Page<Scenario> = it.read(&it.path(&path)).await;
        assert_eq!(titles(&second), ["one"]);
        assert_eq!(second.next_cursor, None);
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_list_or_a_way_is_named() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        let product = |sku: &str, price: i64| json!({ "sku": sku, "name": "Milk", "price": price });
        let many: Vec<Value> = (0..21).map(|it| product(&it.to_string(), 1)).collect();
        let wrong = async |path: &str, body: Value| {
            let parts = it.ask("POST", &it.path(path), &body).await.wrong_parts();
            parts.into_iter().map(|it| it.0).collect::<Vec<_>>()
        };
        for (edit, pointer) in [
            (json!({ "title": "" }), "/title"),
            (json!({ "text": "x".repeat(1001) }), "/text"),
            (json!({ "products": many }), "/products"),
            (
                json!({ "products": [product("a", 1), product("a", 1)] }),
                "/products/1/sku",
            ),
            (
                json!({ "products": [product("a", -1)] }),
                "/products/0/price",
            ),
            (json!({ "schedule": once(0, 1440) }), "/schedule/minute"),
            (json!({ "schedule": once(0, 720) }), "/schedule"),
            (
                json!({ "schedule": { "first": "2026-06-31", "minute": 1 } }),
                "/schedule/first",
            ),
            (json!({ "schedule": { "minute": 1 } }), "/schedule/first"),
            (json!({ "colour": "red" }), "/colour"),
        ] {
            assert_eq!(
                wrong("scenarios", list(edit.clone())).await,
                [pointer],
                "{edit}"
            );
        }
        for (kind, url, pointer) in [
            ("in_app", "https://hooks.example/a", "/kind"),
            ("pigeon", "https://hooks.example/a", "/kind"),
            ("webhook", "ftp://hooks.example/a", "/url"),
            ("webhook", "https://name:word@hooks.example/a", "/url"),
            ("wecom", "https://10.0.0.1/a", "/url"),
            ("wecom", "http://hooks.example/a", "/url"),
        ] {
            let body = json!({ "kind": kind, "url": url });
            assert_eq!(wrong("channels", body).await, [pointer], "{kind} {url}");
        }
        for _ in 0..10 {
            it.channel("webhook", "https://hooks.example/a").await;
        }
        let one_more = json!({ "kind": "wecom", "url": "https://hooks.example/a" });
        assert_eq!(wrong("channels", one_more).await, ["/kind"]);
        for days in ["0", "63", "-1", "x"] {
            let path = it.path(&format!("calendar?from=2026-06-15&days={days}"));
            let parts = it.ask("GET", &path, &json!({})).await.wrong_parts();
            assert!(parts[0].0.ends_with("days"), "{parts:?}");
        }
        let none = it.read::<Page<Scenario>>(&it.path("scenarios")).await;
        assert!(none.data.is_empty());
    })
    .await;
}

/// Ways at something that there is not, or that is out of reach: method, path, and what is answered.
fn missing(
    list: &str,
    channel: &str,
    community: &str,
) -> Vec<(&'static str, String, &'static str)> {
    let list = |action: &str| format!("/api/v1/scenarios/{list}{action}");
    let channel = |action: &str| format!("/api/v1/push_channels/{channel}{action}");
    let community = |of: &str| format!("/api/v1/communities/{community}/{of}");
    let (lists, ways) = ("scenarios.not_found", "scenarios.channel_not_found");
    let communities = "communities.not_found";
    vec![
        ("GET", list(""), lists),
        ("PUT", list(""), lists),
        ("POST", list("/stop"), lists),
        ("POST", list("/resume"), lists),
        ("POST", channel("/test"), ways),
        ("DELETE", channel(""), ways),
        ("GET", community("scenarios"), communities),
        ("POST", community("scenarios"), communities),
        ("GET", community("channels"), communities),
        ("POST", community("channels"), communities),
        (
            "GET",
            community("calendar?from=2026-06-15&days=1"),
            communities,
        ),
    ]
}

/// A body that fits what is asked.
fn body(path: &str) -> Value {
    if path.ends_with("channels") {
        json!({ "kind": "webhook", "url": "https://hooks.example/a" })
    } else {
        list(json!({}))
    }
}

#[tokio::test]
async fn managers_touch_only_lists_and_ways_of_their_own_communities() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        let own = community(&it.shop, "own", 5).await;
        let foreign = it.make(json!({})).await;
        let way = it.channel("webhook", "https://hooks.example/a").await;
        let manager = app.staff(Role::CommunityManager).await;
        let path = format!("/api/v1/communities/{}/managers", own.id);
        let led = it
            .ask("PUT", &path, &json!({ "managers": [manager.id] }))
            .await;
        led.assert_status(200);
        let ask = async |method: &str, path: &str| {
            let call = app.call(method, path).bearer(&manager.token);
            call.header("if-match", "\"1\"").json(&body(path)).await
        };
        let nothing = Uuid::from_u128(1);
        let places = [
            (
                foreign.id.to_string(),
                way.id.to_string(),
                it.community.id.to_string(),
            ),
            (
                ScenarioId::from(nothing).to_string(),
                PushChannelId::from(nothing).to_string(),
                shared::ids::CommunityId::from(nothing).to_string(),
            ),
        ];
        // What is another's is answered like what is not there.
        for (list, channel, community) in &places {
            for (method, path, code) in missing(list, channel, community) {
                ask(method, &path).await.assert_problem(404, code);
            }
        }
        let community = format!("/api/v1/communities/{}", own.id);
        let made = ask("POST", &format!("{community}/scenarios")).await;
        made.assert_status(201);
        let made = format!("/api/v1/scenarios/{}", made.parse::<Scenario>().id);
        let way = ask("POST", &format!("{community}/channels")).await;
        way.assert_status(201);
        let way = format!("/api/v1/push_channels/{}", way.parse::<PushChannel>().id);
        for (method, path, status) in [
            ("GET", made.clone(), 200),
            ("PUT", made.clone(), 200),
            ("POST", format!("{made}/stop"), 200),
            ("POST", format!("{made}/resume"), 200),
            ("GET", format!("{community}/scenarios"), 200),
            ("GET", format!("{community}/channels"), 200),
            (
                "GET",
                format!("{community}/calendar?from=2026-06-15&days=1"),
                200,
            ),
            ("DELETE", way, 204),
        ] {
            ask(method, &path).await.assert_status(status);
        }
        let untouched = it.get(&foreign).await;
        assert_eq!(
            (untouched.version, untouched.state),
            (1, ScenarioState::Active)
        );
    })
    .await;
}

#[tokio::test]
async fn auditors_look_and_what_is_not_there_is_not_found() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        let made = it.make(json!({})).await;
        let way = it.channel("webhook", "https://hooks.example/a").await;
        assert!(way.secret.is_some_and(|it| it.starts_with("whsec_")));
        let auditor = app.staff(Role::Auditor).await;
        let (list, channel) = (made.id.to_string(), way.id.to_string());
        for (method, path, _) in missing(&list, &channel, &it.community.id.to_string()) {
            let call = app.call(method, &path).bearer(&auditor.token);
            let answer = call.header("if-match", "\"1\"").json(&body(&path)).await;
            if method == "GET" {
                answer.assert_status(200);
            } else {
                answer.assert_problem(403, "auth.forbidden");
            }
        }
        // Where a way leads and what signs its requests is told once.
        let ways: PushChannels = it.read(&it.path("channels")).await;
        assert_eq!(ways.channels.len(), 1);
        assert_eq!(ways.channels[0].address, "https://hooks.example/…");
        assert_eq!(ways.channels[0].secret, None);
        let gone = ScenarioId::from(Uuid::from_u128(1));
        let path = format!("/api/v1/scenarios/{gone}/stop");
        let none = it.ask("POST", &path, &json!({})).await;
        none.assert_problem(404, "scenarios.not_found");
        let path = format!("/api/v1/push_channels/{}", way.id);
        it.ask("DELETE", &path, &json!({})).await.assert_status(204);
        let again = it.ask("DELETE", &path, &json!({})).await;
        again.assert_problem(404, "scenarios.channel_not_found");
    })
    .await;
}
