//! Orders: what the shop says happened, in any order, again and again, and the receipt of it.

use crate::support::shop::{contents, event, line, paid, refunded};
use crate::support::{Answer, Shop, TestApp, on_both};
use serde_json::{Value, json};
use shared::orders::OrderStatus;
use shared::orders::api::{BatchResult, EventResult, EventState};

/// Two lines: 2 pieces for 80 yuan and one for 20.
fn two_lines(member: Option<&str>) -> Value {
    contents(member, &[line("1", 2, 8_000), line("2", 1, 2_000)])
}

fn state(answer: &Answer) -> EventState {
    answer.parse::<EventResult>().state
}

#[tokio::test]
async fn an_order_goes_its_way() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let member = shop.member("ann").await;
        let mut placed = event("placed", "a1", shop.now());
        placed["order"] = two_lines(Some("ann"));
        shop.apply(&placed).await;
        assert_eq!(shop.order("a1").await.status, OrderStatus::Placed);
        assert_eq!(shop.points("ann").await, (0, 0, 0));
        for (kind, status) in [
            ("paid", OrderStatus::Paid),
            ("shipped", OrderStatus::Shipped),
            ("delivered", OrderStatus::Delivered),
        ] {
            app.advance_seconds(3_600);
            shop.apply(&event(kind, "a1", shop.now())).await;
            assert_eq!(shop.order("a1").await.status, status);
        }
        assert_eq!(shop.points("ann").await, (0, 100, 0));
        let order = shop.order("a1").await;
        assert_eq!((order.member_id, order.amount), (Some(member), 10_000));
        let earned = order.receipt.earned.expect("a receipt");
        let lines: Vec<_> = earned
            .lines
            .iter()
            .map(|it| (it.points, it.growth))
            .collect();
        assert_eq!(lines, [(80, 80), (20, 20)]);
        assert_eq!(
            (earned.rule_version, earned.tier_code.as_str()),
            (1, "member")
        );
        let by_our_id = shop.order(&order.id.to_string()).await;
        assert_eq!(by_our_id.external_id, "a1");
        let list = app
            .get("/api/v1/members/ext:ann/orders")
            .bearer(&shop.key)
            .await;
        assert_eq!(list.json()["data"][0]["external_id"], "a1");
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_event_that_comes_again_changes_nothing() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let event = paid("a1", shop.now(), &two_lines(Some("ann")));
        let first = shop.send(&event).await;
        first.assert_status(201);
        let before = (shop.order("a1").await, shop.entries("ann").await);
        app.advance_seconds(60);
        let again = shop.send(&event).await;
        again.assert_status(200);
        assert_eq!(state(&again), EventState::Duplicate);
        assert_eq!(again.json()["id"], first.json()["id"]);
        assert_eq!((shop.order("a1").await, shop.entries("ann").await), before);

        let mut other = event.clone();
        other["order"]["lines"][0]["amount"] = json!(9_000);
        shop.send(&other)
            .await
            .assert_problem(409, "orders.event_conflict");
        let mut twice = event.clone();
        twice["event_id"] = json!("another");
        shop.send(&twice)
            .await
            .assert_problem(409, "orders.event_not_applicable");
        assert_eq!((shop.order("a1").await, shop.entries("ann").await), before);
        shop.assert_books().await;
    })
    .await;
}

/// All orders of the events of one history, by Heap's algorithm.
fn permutations(events: &mut Vec<Value>, k: usize, all: &mut Vec<Vec<Value>>) {
    if k <= 1 {
        all.push(events.clone());
        return;
    }
    for i in 0..k {
        permutations(events, k - 1, all);
        events.swap(if k.is_multiple_of(2) { i } else { 0 }, k - 1);
    }
}

/// What is the same however events arrive: the order without its ids and names, and the balance.
async fn outcome(shop: &Shop<'_>, member: &str, order: &str) -> Value {
    let found = shop.order(order).await;
    assert_eq!(found.waiting_events, Vec::<String>::new());
    let lines = found.receipt.earned.map(|it| it.lines);
    let summary = shop.summary(member).await;
    json!({
        "status": found.status, "refunded": found.refunded_amount, "lines": found.lines,
        "times": found.times, "earned": lines, "points": summary.points,
        "tier": summary.tier.code, "growth": summary.tier.growth_value,
    })
}

#[tokio::test]
async fn the_order_of_arrival_does_not_matter() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let history = |name: &str| {
            let at = |hours: i64| shop.now().plus_millis((hours - 100) * 3_600_000);
            let (member, order) = (format!("m-{name}"), format!("o-{name}"));
            let mut placed = event("placed", &order, at(0));
            placed["order"] = two_lines(Some(&member));
            let (first, second) = (format!("{order}-r1"), format!("{order}-r2"));
            vec![
                placed,
                event("paid", &order, at(1)),
                event("shipped", &order, at(2)),
                refunded(&first, &order, at(3), &[("1", Some(1), None)]),
                refunded(&second, &order, at(4), &[("2", None, Some(500))]),
            ]
        };
        let mut orders = Vec::new();
        permutations(
            &mut vec![json!(0), json!(1), json!(2), json!(3), json!(4)],
            5,
            &mut orders,
        );
        assert_eq!(orders.len(), 120);
        let mut expected = None;
        for (n, places) in orders.iter().enumerate() {
            let name = n.to_string();
            shop.member(&format!("m-{name}")).await;
            let events = history(&name);
            for place in places {
                let place = place
                    .as_u64()
                    .and_then(|it| usize::try_from(it).ok())
                    .unwrap_or(0);
                let answer = shop.send(&events[place]).await;
                assert!(
                    matches!(answer.status, 201 | 202),
                    "{places:?}: {}",
                    answer.text()
                );
            }
            let end = outcome(&shop, &format!("m-{name}"), &format!("o-{name}")).await;
            assert_eq!(*expected.get_or_insert(end.clone()), end, "{places:?}");
        }
        let expected = expected.unwrap_or_default();
        assert_eq!(
            (&expected["refunded"], &expected["growth"]),
            (&json!(4_500), &json!(55))
        );
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_event_that_came_too_early_waits() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let answer = shop.send(&event("paid", "a1", shop.now())).await;
        answer.assert_status(202);
        assert_eq!(state(&answer), EventState::Waiting);
        let early = refunded("r", "a1", shop.now(), &[("9", None, None)]);
        shop.send(&early).await.assert_status(202);
        let order = shop.order("a1").await;
        assert_eq!(order.status, OrderStatus::Announced);
        assert_eq!(order.waiting_events.len(), 2);
        let mut placed = event("placed", "a1", shop.now());
        placed["order"] = two_lines(Some("ann"));
        shop.apply(&placed).await;
        // The refund of a line that the order does not have is refused when it is its turn.
        let order = shop.order("a1").await;
        assert_eq!(
            (order.status, order.refunded_amount),
            (OrderStatus::Paid, 0)
        );
        assert_eq!(order.waiting_events, Vec::<String>::new());
        assert_eq!(shop.points("ann").await, (0, 100, 0));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_batch_takes_the_good_and_names_the_bad() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.members(&["ann", "bo"]).await;
        let one = |member: &str| contents(Some(member), &[line("1", 1, 5_000)]);
        let now = shop.now();
        let events = json!({ "events": [
            paid("b1", now, &one("ann")),
            paid("b2", now, &one("nobody")),
            event("refunded", "b1", now),
            event("refunded", "b1", now),
            paid("b3", now, &contents(Some("bo"), &[line("1", 0, -5)])),
            event("shipped", "b4", now),
            paid("b5", now, &one("bo")),
        ] });
        let path = "/api/v1/order_events/batches";
        let send = || app.post(path).bearer(&shop.key).json(&events).into_future();
        let answer = send().await;
        answer.assert_status(200);
        let rows = answer.parse::<BatchResult>().results;
        let said: Vec<String> = rows.iter().map(short).collect();
        let bad = "request.invalid /order/lines/0/quantity /order/lines/0/amount";
        assert_eq!(
            said,
            [
                "Applied",
                "members.not_found",
                "Applied",
                "Duplicate",
                bad,
                "Waiting",
                "Applied"
            ]
        );
        assert_eq!(
            (shop.points("ann").await, shop.points("bo").await),
            ((0, 0, 0), (0, 50, 0))
        );
        app.get("/api/v1/orders/b2")
            .bearer(&shop.key)
            .await
            .assert_problem(404, "orders.not_found");

        let again = send().await.parse::<BatchResult>().results;
        let said: Vec<String> = again.iter().map(short).collect();
        assert_eq!(said[0], "Duplicate");
        assert_eq!(said[6], "Duplicate");
        for events in [vec![], vec![event("shipped", "x", now); 501]] {
            let call = app
                .post(path)
                .bearer(&shop.key)
                .json(&json!({ "events": events }));
            assert_eq!(
                call.await.wrong_parts(),
                [("/events".to_owned(), "out_of_range".to_owned())]
            );
        }
        shop.assert_books().await;
    })
    .await;
}

fn short(row: &shared::orders::api::BatchRow) -> String {
    match (&row.result, &row.problem) {
        (Some(result), None) => format!("{:?}", result.state),
        (None, Some(problem)) => {
            let wrong = problem.errors.iter().map(|it| format!(" {}", it.pointer));
            format!("{}{}", problem.code, wrong.collect::<String>())
        }
        both => panic!("either a result or a problem: {both:?}"),
    }
}

#[tokio::test]
async fn refunds_are_by_piece_or_by_amount_and_never_too_much() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let three = contents(Some("ann"), &[line("1", 3, 10_000), line("2", 1, 2_000)]);
        shop.apply(&paid("a1", shop.now(), &three)).await;
        let mut n = 0;
        let mut refund = |line: &str, quantity: Option<i64>, amount: Option<i64>| {
            n += 1;
            let event = refunded(
                &format!("r{n}"),
                "a1",
                shop.now(),
                &[(line, quantity, amount)],
            );
            let call = app
                .post("/api/v1/order_events")
                .bearer(&shop.key)
                .json(&event);
            call.into_future()
        };
        refund("1", Some(1), None).await.assert_status(201);
        assert_eq!(shop.order("a1").await.refunded_amount, 3_333);
        refund("1", Some(3), None)
            .await
            .assert_problem(422, "orders.refund_exceeds");
        refund("1", None, Some(6_668))
            .await
            .assert_problem(422, "orders.refund_exceeds");
        refund("7", None, None)
            .await
            .assert_problem(422, "orders.unknown_line");
        refund("2", None, Some(500)).await.assert_status(201);
        assert_eq!(shop.points("ann").await, (0, 120 - 33 - 5, 0));
        refund("1", Some(1), None).await.assert_status(201);
        refund("1", Some(1), None).await.assert_status(201);
        let order = shop.order("a1").await;
        assert_eq!(
            (order.refunded_amount, order.status),
            (10_500, OrderStatus::Paid)
        );
        refund("1", Some(1), None)
            .await
            .assert_problem(422, "orders.refund_exceeds");
        refund("2", None, None).await.assert_status(201);
        let order = shop.order("a1").await;
        assert_eq!(
            (order.refunded_amount, order.status),
            (12_000, OrderStatus::Refunded)
        );
        assert_eq!(shop.points("ann").await, (0, 0, 0));
        let again = event("refunded", "a1", shop.now());
        shop.send(&again)
            .await
            .assert_problem(409, "orders.event_not_applicable");
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_guests_order_earns_for_whoever_claims_it() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.members(&["ann", "bo"]).await;
        shop.apply(&paid("g1", shop.now(), &two_lines(None))).await;
        let half = refunded("g1-r", "g1", shop.now(), &[("1", Some(1), None)]);
        shop.apply(&half).await;
        let order = shop.order("g1").await;
        assert_eq!((order.member_id, order.receipt.earned), (None, None));
        shop.pass_days(20).await;
        let claim = |order: &str, member: &str, key: &str| {
            let path = format!("/api/v1/orders/{order}/claims");
            let call = app.post(&path).bearer(&shop.key).idempotency_key(key);
            call.json(&json!({ "member": format!("ext:{member}") }))
                .into_future()
        };
        claim("nothing", "ann", "k0")
            .await
            .assert_problem(404, "orders.not_found");
        claim("g1", "nobody", "k1")
            .await
            .assert_problem(404, "members.not_found");
        claim("g1", "ann", "k2").await.assert_status(200);
        // Paid twenty days ago: the return window has passed.
        assert_eq!(shop.points("ann").await, (60, 0, 0));
        assert_eq!(shop.tier("ann").await.standing.growth_value, 60);
        claim("g1", "ann", "k3").await.assert_status(200);
        claim("g1", "bo", "k4")
            .await
            .assert_problem(409, "orders.already_claimed");
        assert_eq!(shop.points("ann").await, (60, 0, 0));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_order_leaves_nothing_behind() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.adjust("ann", 1_000).await.assert_status(201);
        let before = shop.summary("ann").await;
        shop.spend("ann", "a1", 500, 10_000)
            .await
            .assert_status(201);
        let bought = paid("a1", shop.now(), &two_lines(Some("ann")));
        shop.apply(&bought).await;
        assert_eq!(shop.points("ann").await, (500, 100, 0));
        app.advance_seconds(60);
        shop.apply(&event("cancelled", "a1", shop.now())).await;
        let after = shop.summary("ann").await;
        assert_eq!(
            (before.points, before.tier.growth_value),
            (after.points, after.tier.growth_value)
        );
        assert_eq!(shop.order("a1").await.status, OrderStatus::Cancelled);
        shop.send(&bought).await.assert_status(200);
        let mut twice = event("cancelled", "a1", shop.now());
        twice["event_id"] = json!("twice");
        shop.send(&twice)
            .await
            .assert_problem(409, "orders.event_not_applicable");
        shop.spend("ann", "a1", 100, 10_000)
            .await
            .assert_problem(409, "points.already_spent_on_order");

        // An order that is cancelled before it is paid never earns.
        shop.apply(&event("cancelled", "a2", shop.now())).await;
        shop.pay("ann", "a2", 9_900).await;
        assert_eq!(shop.points("ann").await, (1_000, 0, 0));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_refund_gives_spent_points_back_to_their_own_lots() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        shop.adjust("ann", 300).await.assert_status(201);
        app.clock.advance_days(40);
        shop.adjust("ann", 300).await.assert_status(201);
        let before = shop.lots("ann").await;
        shop.spend("ann", "a1", 400, 10_000)
            .await
            .assert_status(201);
        let spent: Vec<i64> = shop
            .lots("ann")
            .await
            .iter()
            .map(|it| it.remaining)
            .collect();
        assert_eq!(spent, [0, 200]);
        shop.apply(&paid("a1", shop.now(), &two_lines(Some("ann"))))
            .await;
        let taken = shop.order("a1").await.receipt.spends[0].taken.clone();
        assert_eq!(
            taken.iter().map(|it| it.amount).collect::<Vec<_>>(),
            [300, 100]
        );
        // Half of the order comes back: what was taken last is given back first.
        shop.apply(&refunded(
            "r1",
            "a1",
            shop.now(),
            &[("1", Some(1), Some(5_000))],
        ))
        .await;
        let restored = shop.order("a1").await.receipt.spends[0].restored;
        assert_eq!(restored, 200);
        app.advance_seconds(60);
        shop.refund_all("a1").await;
        let after: Vec<_> = shop
            .lots("ann")
            .await
            .into_iter()
            .filter(|it| before.iter().any(|old| old.id == it.id))
            .collect();
        assert_eq!(before, after);
        assert_eq!(shop.points("ann").await, (600, 0, 0));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_keeps_nothing() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let ahead = paid("f1", shop.now().plus_days(1), &two_lines(Some("ann")));
        let wrong = shop.send(&ahead).await.wrong_parts();
        assert_eq!(
            wrong,
            [("/occurred_at".to_owned(), "out_of_range".to_owned())]
        );
        let mut foreign = two_lines(Some("ann"));
        foreign["currency"] = json!("USD");
        let wrong = shop
            .send(&paid("f2", shop.now(), &foreign))
            .await
            .wrong_parts();
        assert_eq!(
            wrong,
            [("/order/currency".to_owned(), "currency_mismatch".to_owned())]
        );
        shop.send(&paid("f3", shop.now(), &two_lines(Some("nobody"))))
            .await
            .assert_problem(404, "members.not_found");
        let placed = event("placed", "f4", shop.now());
        assert_eq!(
            shop.send(&placed).await.wrong_parts(),
            [("/order".to_owned(), "required".to_owned())]
        );
        let huge = contents(Some("ann"), &[line("1", 1, i64::MAX), line("1", 1, 1)]);
        let wrong = shop
            .send(&paid("f5", shop.now(), &huge))
            .await
            .wrong_parts();
        let pointers: Vec<&str> = wrong.iter().map(|it| it.0.as_str()).collect();
        assert_eq!(
            pointers,
            [
                "/order/lines/0/amount",
                "/order/lines/1/line_id",
                "/order/lines"
            ]
        );
        for order in ["f1", "f2", "f3", "f4", "f5"] {
            let answer = app
                .get(&format!("/api/v1/orders/{order}"))
                .bearer(&shop.key)
                .await;
            answer.assert_problem(404, "orders.not_found");
        }
        // A clock that is a little ahead of ours is no mistake.
        let soon = paid(
            "s1",
            shop.now().plus_millis(60_000),
            &two_lines(Some("ann")),
        );
        shop.apply(&soon).await;
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_forecast_is_what_happens_and_keeps_nothing() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        shop.member("ann").await;
        let big = contents(Some("ann"), &[line("1", 1, 60_000)]);
        let simulate = |order: &Value| {
            let call = app.post("/api/v1/simulations/earn").bearer(&shop.key);
            call.json(&json!({ "order": order })).into_future()
        };
        let forecast = simulate(&big).await;
        forecast.assert_status(200);
        assert_eq!(shop.points("ann").await, (0, 0, 0));
        assert_eq!(shop.entries("ann").await, []);
        shop.apply(&paid("a1", shop.now(), &big)).await;
        let forecast = forecast.json();
        let earned = shop.order("a1").await.receipt.earned.expect("a receipt");
        assert_eq!(forecast["points"], earned.lines[0].points);
        assert_eq!(
            forecast["tier_code_after"],
            shop.tier("ann").await.standing.code
        );
        let lot = shop.lots("ann").await.remove(0);
        assert_eq!(forecast["active_from"], json!(lot.active_from));
        assert_eq!(forecast["expires_at"], json!(lot.expires_at));
        let guest = contents(None, &[line("1", 1, 60_000)]);
        assert_eq!(
            simulate(&guest).await.wrong_parts(),
            [("/order/member".to_owned(), "required".to_owned())]
        );
        shop.assert_books().await;
    })
    .await;
}
