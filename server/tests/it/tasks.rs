//! Tasks and check-ins: what counts, what is given once, what refunds take back, and why.

use crate::support::shop::{contents, line, paid, refunded};
use crate::support::{Answer, Shop, SignedInMember, SignedInStaff, TestApp, on_both};
use futures::future::join_all;
use serde_json::{Value, json};
use shared::page::Page;
use shared::points::api::Explanation;
use shared::sessions::api::MemberSession;
use shared::staff::Role;
use shared::tasks::api::{
    CheckInCalendar, CheckInReceipt, ClaimReceipt, ShareLink, Task, TaskBoard, TaskClaim,
    TaskEventResult, TaskForecast, TaskReport, TaskStatus,
};
use shared::tasks::check_in::DayState;
use std::future::IntoFuture;

/// A task that asks for `target`, from the beginning on, for 100 points.
fn definition(target: Value) -> Value {
    json!({
        "name": { "zh-CN": "任务", "en": "Task" }, "description": { "zh-CN": "", "en": "" },
        "target": target, "period": "monthly", "rewards": [{ "kind": "points", "amount": 100 }],
        "quota": { "per_member": 1 }, "join": "automatic", "claim": "by_member", "claim_days": 7,
        "starts_at": "2026-01-01T00:00:00Z"
    })
}

fn with(mut definition: Value, edit: impl Fn(&mut Value)) -> Value {
    edit(&mut definition);
    definition
}

async fn create(shop: &Shop<'_>, definition: &Value) -> Task {
    let answer = shop
        .app
        .post("/api/v1/tasks")
        .bearer(&shop.key)
        .json(definition)
        .await;
    answer.assert_status(201);
    answer.parse()
}

async fn claim(shop: &Shop<'_>, member: &SignedInMember, task: &Task) -> Answer {
    let path = format!("/api/v1/me/tasks/{}/claims", task.id);
    let call = shop.app.post(&path).bearer(&member.token);
    call.idempotency_key(&shop.intent()).json(&json!({})).await
}

async fn board(shop: &Shop<'_>, member: &SignedInMember) -> TaskBoard {
    let answer = shop.app.get("/api/v1/me/tasks").bearer(&member.token).await;
    answer.assert_status(200);
    answer.parse()
}

/// Status and progress of the only task.
async fn only(shop: &Shop<'_>, member: &SignedInMember) -> (TaskStatus, i64) {
    let tasks = board(shop, member).await.tasks;
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    (tasks[0].status, tasks[0].progress)
}

async fn check_in(shop: &Shop<'_>, member: &SignedInMember) -> Answer {
    let call = shop.app.post("/api/v1/me/check_ins").bearer(&member.token);
    call.idempotency_key(&shop.intent()).json(&json!({})).await
}

async fn make_up(shop: &Shop<'_>, member: &SignedInMember, day: &str) -> Answer {
    let call = shop.app.post("/api/v1/me/make_ups").bearer(&member.token);
    call.idempotency_key(&shop.intent())
        .json(&json!({ "day": day }))
        .await
}

async fn calendar(shop: &Shop<'_>, member: &SignedInMember, query: &str) -> CheckInCalendar {
    let path = format!("/api/v1/me/check_ins{query}");
    let answer = shop.app.get(&path).bearer(&member.token).await;
    answer.assert_status(200);
    answer.parse()
}

/// Available points of a member by id.
async fn points(shop: &Shop<'_>, member: &SignedInMember) -> i64 {
    let path = format!("/api/v1/members/{}/summary", member.id);
    let answer = shop.app.get(&path).bearer(&shop.key).await;
    answer.json()["points"]["available"]
        .as_i64()
        .expect("a number")
}

/// A paid order of one line for a member who signed up.
async fn pay(shop: &Shop<'_>, member: &SignedInMember, order: &str, amount: i64) {
    let mut contents = contents(None, &[line("1", 2, amount)]);
    contents["member"] = json!(member.id);
    shop.apply(&paid(order, shop.now(), &contents)).await;
}

/// Shop, and a member whose profile is not complete.
async fn begin(app: &TestApp) -> (Shop<'_>, SignedInMember) {
    (Shop::open(app).await, app.sign_up("ann@example.com").await)
}

/// Signs Ann in again, whose token has run out because the clock was moved.
async fn again(app: &TestApp, member: &mut SignedInMember) {
    let who = json!({ "identifier": "ann@example.com", "password": crate::support::PASSWORD });
    let answer = app.post("/api/v1/sessions").page("member").json(&who).await;
    answer.assert_status(201);
    member.token = answer.parse::<MemberSession>().access_token;
}

/// Lets days go by, and signs the member in again.
async fn pass(app: &TestApp, days: i64, member: &mut SignedInMember) {
    app.clock.advance_days(days);
    again(app, member).await;
}

/// Lets seconds go by, and signs the member in again.
async fn pass_seconds(app: &TestApp, seconds: i64, member: &mut SignedInMember) {
    app.advance_seconds(seconds);
    again(app, member).await;
}

/// Asks again for as long as the server says that it is busy, as callers do.
async fn answered(ask: impl AsyncFn() -> Answer) -> Answer {
    loop {
        let answer = ask().await;
        if answer.status != 503 {
            return answer;
        }
    }
}

#[tokio::test]
async fn two_hundred_check_ins_at_once_are_one() {
    on_both(async |app: &TestApp| {
        let (shop, ann) = begin(app).await;
        let answers =
            join_all((0..200).map(|_| answered(async || check_in(&shop, &ann).await))).await;
        let done = answers.iter().filter(|it| it.status == 201).count();
        for answer in answers.iter().filter(|it| it.status != 201) {
            answer.assert_problem(409, "tasks.already_checked_in");
        }
        assert_eq!(done, 1);
        assert_eq!(points(&shop, &ann).await, 2);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn two_hundred_claims_at_once_are_one() {
    on_both(async |app: &TestApp| {
        let (shop, ann) = begin(app).await;
        let task = create(&shop, &definition(json!({ "event": "orders", "goal": 1 }))).await;
        pay(&shop, &ann, "a1", 10_000).await;
        let answers =
            join_all((0..200).map(|_| answered(async || claim(&shop, &ann, &task).await))).await;
        let done = answers.iter().filter(|it| it.status == 201).count();
        for answer in answers.iter().filter(|it| it.status != 201) {
            answer.assert_problem(409, "tasks.already_claimed");
        }
        assert_eq!(done, 1);
        assert_eq!(points(&shop, &ann).await, 100);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn no_more_rewards_than_there_are_reach_members() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        let limited = with(definition(json!({ "event": "orders", "goal": 1 })), |it| {
            it["quota"]["total"] = json!(3)
        });
        let task = create(&shop, &limited).await;
        let mut members = Vec::new();
        for n in 0..8 {
            let member = app.sign_up(&format!("m{n}@example.com")).await;
            pay(&shop, &member, &format!("o{n}"), 10_000).await;
            members.push(member);
        }
        let answers = join_all(members.iter().map(|it| claim(&shop, it, &task))).await;
        let refused: Vec<&Answer> = answers.iter().filter(|it| it.status != 201).collect();
        assert_eq!(refused.len(), 5);
        for answer in refused {
            answer.assert_problem(409, "tasks.quota_used_up");
        }
        // A reward that is taken back can be had by another.
        let had = answers
            .iter()
            .position(|it| it.status == 201)
            .expect("one had it");
        let not = answers
            .iter()
            .position(|it| it.status != 201)
            .expect("one did not");
        assert_eq!(only(&shop, &members[not]).await.0, TaskStatus::QuotaUsedUp);
        shop.refund_all(&format!("o{had}")).await;
        claim(&shop, &members[not], &task).await.assert_status(201);
        assert_eq!(points(&shop, &members[had]).await, 0);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn refunds_take_progress_and_rewards_back_and_buying_again_earns_again() {
    on_both(async |app: &TestApp| {
        let (shop, ann) = begin(app).await;
        let target = json!({ "event": "order_amount", "goal": 20_000, "scope": { "minimum_amount": 5_000 } });
        let task = with(definition(target), |it| {
            it["claim"] = json!("automatic");
            it["quota"]["per_member"] = json!(2);
            it["rewards"] = json!([
                { "kind": "points", "amount": 100 }, { "kind": "growth", "amount": 50 },
                { "kind": "credit", "amount": 300 }, { "kind": "makeup_card", "count": 1 }
            ]);
        });
        let task = create(&shop, &task).await;
        pay(&shop, &ann, "a1", 15_000).await;
        assert_eq!(only(&shop, &ann).await, (TaskStatus::InProgress, 15_000));
        pay(&shop, &ann, "a2", 4_000).await;
        assert_eq!(only(&shop, &ann).await, (TaskStatus::InProgress, 15_000), "below the minimum");
        pay(&shop, &ann, "a3", 6_000).await;
        assert_eq!((only(&shop, &ann).await, points(&shop, &ann).await), ((TaskStatus::InProgress, 1_000), 100));
        assert_eq!(calendar(&shop, &ann, "").await.cards, 1);
        let growth = async || shop.app.get("/api/v1/me/summary").bearer(&ann.token).await.json()["tier"]["growth_value"].clone();
        assert_eq!(growth().await, json!(300));
        // Half of the first order returns: 13,500 are kept, and the reward is not earned any more.
        let half = refunded("r1", "a1", shop.now(), &[("1", Some(1), None)]);
        shop.apply(&half).await;
        assert_eq!((only(&shop, &ann).await, points(&shop, &ann).await), ((TaskStatus::InProgress, 13_500), 0));
        assert_eq!(calendar(&shop, &ann, "").await.cards, 0);
        shop.assert_books().await;
        pay(&shop, &ann, "a4", 30_000).await;
        assert_eq!((only(&shop, &ann).await.0, points(&shop, &ann).await), (TaskStatus::Claimed, 200));
        for order in ["a1", "a2", "a3", "a4"] {
            shop.refund_all(order).await;
        }
        assert_eq!((only(&shop, &ann).await, points(&shop, &ann).await), ((TaskStatus::Todo, 0), 0));
        assert_eq!(growth().await, json!(0));
        let summary = shop.app.get("/api/v1/me/summary").bearer(&ann.token).await.json();
        assert_eq!(summary["credit"]["available"], 0);
        let answer = app.get("/api/v1/me/task_claims").bearer(&ann.token).await;
        let claims: Page<TaskClaim> = answer.parse();
        assert_eq!(claims.data.len(), 3);
        assert!(claims.data.iter().all(|it| it.taken_back_at.is_some()));
        let report = app.get(&format!("/api/v1/tasks/{}/report", task.id)).bearer(&shop.key).await;
        let report: TaskReport = report.parse();
        assert_eq!((report.rewarded_times, report.taken_back_times, report.cost.len()), (0, 3, 0));
        shop.assert_books().await;
    })
    .await;
}

/// A template of which `total` coupons can be issued, running.
async fn template(shop: &Shop<'_>, total: u32) -> Value {
    let post = async |path: &str, body: Value| {
        let call = shop.app.post(path).bearer(&shop.key);
        call.idempotency_key(&shop.intent()).json(&body).await
    };
    let terms = json!({
        "name": { "zh-CN": "十元券", "en": "Ten off" },
        "discount": { "kind": "amount_off", "amount": 1_000 },
        "validity": { "kind": "days", "days": 30 },
        "limits": { "issue_max": total, "uses_per_coupon": 1 },
    });
    let made = post("/api/v1/coupon_templates", terms).await;
    made.assert_status(201);
    let id = made.json()["id"].clone();
    let path = format!(
        "/api/v1/coupon_templates/{}/states",
        id.as_str().unwrap_or_default()
    );
    post(&path, json!({ "state": "active" }))
        .await
        .assert_status(200);
    id
}

#[tokio::test]
async fn a_coupon_comes_with_the_task_once_and_goes_with_the_refund() {
    on_both(async |app: &TestApp| {
        let (shop, ann) = begin(app).await;
        let unknown = with(definition(json!({ "event": "orders", "goal": 1 })), |it| {
            it["rewards"] =
                json!([{ "kind": "coupon", "template": "ctp_00000000000000000000000001" }]);
        });
        let refused = app
            .post("/api/v1/tasks")
            .bearer(&shop.key)
            .json(&unknown)
            .await;
        assert_eq!(refused.wrong_parts()[0].0, "/rewards/0/template");
        let template = template(&shop, 1).await;
        let rewards =
            json!([{ "kind": "coupon", "template": template }, { "kind": "points", "amount": 5 }]);
        let task = for_one_order(&shop, |it| it["rewards"] = rewards.clone()).await;
        pay(&shop, &ann, "a1", 10_000).await;
        let receipt: ClaimReceipt = claim(&shop, &ann, &task).await.parse();
        assert_eq!(
            json!(receipt.claim.rewards[0].reward),
            json!({ "kind": "coupon", "template": template, "count": 1 })
        );
        let path = format!(
            "/api/v1/coupon_templates/{}",
            template.as_str().unwrap_or_default()
        );
        let issued = async || app.get(&path).bearer(&shop.key).await.json()["issued"].clone();
        assert_eq!(issued().await, json!(1));
        // There is one coupon: who claims next is refused, and gets no part of the reward.
        let bo = app.sign_up("bo@example.com").await;
        pay(&shop, &bo, "b1", 10_000).await;
        claim(&shop, &bo, &task)
            .await
            .assert_problem(409, "coupons.all_issued");
        assert_eq!(points(&shop, &bo).await, 0);
        let why = format!("/api/v1/me/task_claims/{}/explanations", receipt.claim.id);
        let last = async || {
            let told: Explanation = app.get(&why).bearer(&ann.token).await.parse();
            told.steps
                .last()
                .map(|it| it.text.en.clone())
                .unwrap_or_default()
        };
        assert!(
            last()
                .await
                .starts_with("1 counts now; if refunds leave less than 1,")
        );
        app.get(&why)
            .bearer(&bo.token)
            .await
            .assert_problem(404, "tasks.not_found");
        app.get(&why).await.assert_status(401);
        shop.refund_all("a1").await;
        assert!(last().await.starts_with("It can be had again"));
        let claims = app.get("/api/v1/me/task_claims").bearer(&ann.token).await;
        let claims: Page<TaskClaim> = claims.parse();
        let back: Vec<i64> = claims.data[0]
            .rewards
            .iter()
            .map(|it| it.taken_back)
            .collect();
        assert_eq!(back, [1, 5]);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn the_day_is_the_members_own_and_a_move_counts_from_the_next() {
    on_both(async |app: &TestApp| {
        let (shop, mut ann) = begin(app).await;
        let key = shop.key.clone();
        let move_to = async |zone: &str| {
            let request = json!({ "external_id": "bo", "time_zone": zone });
            app.post("/api/v1/members")
                .bearer(&key)
                .json(&request)
                .await
        };
        // Noon in Shanghai; eleven hours and fifty-nine minutes later it is still the same day.
        assert_eq!(
            calendar(&shop, &ann, "").await.today.to_string(),
            "2026-06-15"
        );
        check_in(&shop, &ann).await.assert_status(201);
        pass_seconds(app, 12 * 3_600 - 1, &mut ann).await;
        check_in(&shop, &ann)
            .await
            .assert_problem(409, "tasks.already_checked_in");
        pass_seconds(app, 1, &mut ann).await;
        let receipt: CheckInReceipt = check_in(&shop, &ann).await.parse();
        assert_eq!(
            (receipt.day.to_string().as_str(), receipt.streak),
            ("2026-06-16", 2)
        );
        let shown = calendar(&shop, &ann, "").await;
        assert_eq!(shown.next_day_at.to_string(), "2026-06-16T16:00:00Z");
        // A member who moves west keeps the day until it ends there as well.
        move_to("Asia/Shanghai").await.assert_status(201);
        move_to("America/New_York").await.assert_status(200);
        let path = "/api/v1/members/ext:bo/check_ins";
        let there = async || {
            app.get(path)
                .bearer(&shop.key)
                .await
                .parse::<CheckInCalendar>()
        };
        assert_eq!(there().await.today.to_string(), "2026-06-16");
        assert_eq!(
            there().await.next_day_at.to_string(),
            "2026-06-17T04:00:00Z"
        );
        pass_seconds(app, 25 * 3_600, &mut ann).await;
        assert_eq!(there().await.today.to_string(), "2026-06-16");
        pass_seconds(app, 11 * 3_600, &mut ann).await;
        assert_eq!(there().await.today.to_string(), "2026-06-17");
    })
    .await;
}

#[tokio::test]
async fn streaks_give_their_rows_once_also_when_made_up_for() {
    on_both(async |app: &TestApp| {
        let (shop, mut ann) = begin(app).await;
        for _ in 0..7 {
            check_in(&shop, &ann).await.assert_status(201);
            pass(app, 1, &mut ann).await;
        }
        // Seven days of 2, 5 for the third, 20 and a card for the seventh.
        assert_eq!(points(&shop, &ann).await, 39);
        assert_eq!(calendar(&shop, &ann, "").await.cards, 1);
        pass(app, 1, &mut ann).await;
        assert_eq!(calendar(&shop, &ann, "").await.streak, 0);
        for _ in 0..2 {
            check_in(&shop, &ann).await.assert_status(201);
            pass(app, 1, &mut ann).await;
        }
        make_up(&shop, &ann, "2026-06-30")
            .await
            .assert_problem(422, "tasks.day_not_missed");
        let made: CheckInReceipt = make_up(&shop, &ann, "2026-06-22").await.parse();
        // The table begins again on the eighth day, so the tenth is its third.
        assert_eq!((made.streak, made.cards), (10, 0));
        assert_eq!(points(&shop, &ann).await, 39 + 4 + 5);
        make_up(&shop, &ann, "2026-06-22")
            .await
            .assert_problem(422, "tasks.day_not_missed");
        pass(app, 2, &mut ann).await;
        make_up(&shop, &ann, "2026-06-25")
            .await
            .assert_problem(422, "tasks.no_makeup_card");
        pass(app, 20, &mut ann).await;
        make_up(&shop, &ann, "2026-06-26")
            .await
            .assert_problem(422, "tasks.makeup_too_late");
        let june = calendar(&shop, &ann, "?month=2026-06-01").await;
        let state = |day: usize| june.days[day - 1].state;
        assert_eq!(june.days.len(), 30);
        assert_eq!(
            [state(14), state(15), state(22), state(25)],
            [
                DayState::Before,
                DayState::Checked,
                DayState::MadeUp,
                DayState::Missed
            ]
        );
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn an_outage_ends_no_streak_and_a_closed_plan_takes_no_check_in() {
    on_both(async |app: &TestApp| {
        let (shop, mut ann) = begin(app).await;
        check_in(&shop, &ann).await.assert_status(201);
        pass(app, 3, &mut ann).await;
        let operator = app.staff(Role::Operator).await;
        assert_eq!(calendar(&shop, &ann, "").await.streak, 0);
        let outage = json!({ "first_day": "2026-06-16", "last_day": "2026-06-17", "reason": "the network was down" });
        let declared = app.post("/api/v1/check_in_outages").bearer(&operator.token).json(&outage).await;
        declared.assert_status(201);
        let receipt: CheckInReceipt = check_in(&shop, &ann).await.parse();
        assert_eq!(receipt.streak, 2);
        let wrong = json!({ "first_day": "2026-06-17", "last_day": "2026-06-16", "reason": "x" });
        let parts = app.post("/api/v1/check_in_outages").bearer(&operator.token).json(&wrong).await.wrong_parts();
        assert_eq!(parts.len(), 2);
        let plan = app.get("/api/v1/check_in_plan").bearer(&operator.token).await;
        let mut closed = plan.json()["plan"].clone();
        closed["open"] = json!(false);
        let put = app.put("/api/v1/check_in_plan").bearer(&operator.token);
        put.header("if-match", plan.header("etag")).json(&closed).await.assert_status(200);
        pass(app, 1, &mut ann).await;
        let operator = app.staff(Role::Operator).await;
        check_in(&shop, &ann).await.assert_problem(409, "tasks.check_in_closed");
        let stale = app.put("/api/v1/check_in_plan").bearer(&operator.token);
        stale.header("if-match", plan.header("etag")).json(&closed).await
            .assert_problem(412, "request.precondition_failed");
    })
    .await;
}

/// Seven check-ins in a month, rewarded by themselves; the month rolls over at local midnight.
#[tokio::test]
async fn a_month_of_check_ins_is_rewarded_and_begins_again_at_local_midnight() {
    on_both(async |app: &TestApp| {
        let (shop, mut ann) = begin(app).await;
        let monthly = with(
            definition(json!({ "event": "check_ins", "goal": 7 })),
            |it| it["claim"] = json!("automatic"),
        );
        create(&shop, &monthly).await;
        for day in 0..6 {
            check_in(&shop, &ann).await.assert_status(201);
            assert_eq!(only(&shop, &ann).await, (TaskStatus::InProgress, day + 1));
            pass(app, 1, &mut ann).await;
        }
        let before = points(&shop, &ann).await;
        check_in(&shop, &ann).await.assert_status(201);
        assert_eq!(only(&shop, &ann).await, (TaskStatus::Claimed, 7));
        // 100 for the task, 2 for the day, 20 for the seventh in a row.
        assert_eq!(points(&shop, &ann).await, before + 122);
        // 30 June, 23:59:59 in Shanghai, is June; a second later it is July.
        app.clock
            .set("2026-06-30T15:59:59Z".parse().expect("a time"));
        again(app, &mut ann).await;
        assert_eq!(only(&shop, &ann).await.0, TaskStatus::Claimed);
        pass_seconds(app, 1, &mut ann).await;
        assert_eq!(only(&shop, &ann).await, (TaskStatus::Todo, 0));
        shop.assert_books().await;
    })
    .await;
}

/// A claim that is refused; gives the problem.
async fn refused(
    shop: &Shop<'_>,
    member: &SignedInMember,
    task: &Task,
    status: u16,
    code: &str,
) -> Value {
    let answer = claim(shop, member, task).await;
    answer.assert_problem(status, code)
}

/// A task for one order, changed by `edit`.
async fn for_one_order(shop: &Shop<'_>, edit: impl Fn(&mut Value)) -> Task {
    let orders = definition(json!({ "event": "orders", "goal": 1 }));
    create(shop, &with(orders, edit)).await
}

async fn join(shop: &Shop<'_>, member: &SignedInMember, task: &Task) {
    let path = format!("/api/v1/me/tasks/{}/join", task.id);
    let call = shop.app.post(&path).bearer(&member.token);
    call.json(&json!({})).await.assert_status(200);
}

#[tokio::test]
async fn who_may_claim_is_a_matter_of_time_audience_and_joining() {
    on_both(async |app: &TestApp| {
        let (shop, mut ann) = begin(app).await;
        let plain = for_one_order(&shop, |_| {}).await;
        let opt_in = for_one_order(&shop, |it| it["join"] = json!("opt_in")).await;
        let starts = json!("2026-07-01T00:00:00Z");
        let later = for_one_order(&shop, |it| it["starts_at"] = starts.clone()).await;
        let tiers = json!({ "tiers": ["gold"], "tags": [] });
        let gold = for_one_order(&shop, |it| it["audience"] = tiers.clone()).await;
        let tags = json!({ "tiers": [], "tags": ["parents"] });
        let tagged = for_one_order(&shop, |it| it["audience"] = tags.clone()).await;
        let problem = refused(&shop, &ann, &plain, 422, "tasks.not_completed").await;
        assert_eq!(problem["detail"], "1");
        refused(&shop, &ann, &opt_in, 409, "tasks.not_joined").await;
        refused(&shop, &ann, &later, 409, "tasks.not_started").await;
        refused(&shop, &ann, &gold, 403, "tasks.not_for_you").await;
        refused(&shop, &ann, &tagged, 403, "tasks.not_for_you").await;
        let unknown = Task {
            id: "tsk_00000000000000000000000001".parse().expect("an id"),
            ..plain.clone()
        };
        refused(&shop, &ann, &unknown, 404, "tasks.not_found").await;
        pay(&shop, &ann, "a1", 10_000).await;
        // What was done before joining does not count; what is done after it does.
        join(&shop, &ann, &opt_in).await;
        refused(&shop, &ann, &opt_in, 422, "tasks.not_completed").await;
        pass_seconds(app, 1, &mut ann).await;
        pay(&shop, &ann, "a2", 10_000).await;
        claim(&shop, &ann, &opt_in).await.assert_status(201);
        let path = format!("/api/v1/members/{}/tags", ann.id);
        let tag = app.put(&path).bearer(&shop.key);
        tag.json(&json!({ "tags": ["parents"] }))
            .await
            .assert_status(200);
        let receipt: ClaimReceipt = claim(&shop, &ann, &tagged).await.parse();
        let after = (receipt.task.status, receipt.claim.nth);
        assert_eq!(after, (TaskStatus::Claimed, 1));
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_task_is_paused_resumed_ended_and_cloned() {
    on_both(async |app: &TestApp| {
        let (shop, mut ann) = begin(app).await;
        let task = for_one_order(&shop, |_| {}).await;
        let change = |task: &Task, what: &str| {
            let path = format!("/api/v1/tasks/{}/{what}", task.id);
            app.post(&path)
                .bearer(&shop.key)
                .json(&json!({}))
                .into_future()
        };
        change(&task, "pause").await.assert_status(200);
        // Pausing stops rewards, not counting.
        pay(&shop, &ann, "a1", 10_000).await;
        refused(&shop, &ann, &task, 409, "tasks.paused").await;
        change(&task, "resume").await.assert_status(200);
        assert_eq!(only(&shop, &ann).await.0, TaskStatus::Claimable);
        change(&task, "end").await.assert_status(200);
        let resumed = change(&task, "resume").await;
        resumed.assert_problem(409, "tasks.ended_for_good");
        pass(app, 8, &mut ann).await;
        refused(&shop, &ann, &task, 409, "tasks.ended").await;
        let cloned: Task = change(&task, "clone").await.parse();
        assert_ne!(cloned.id, task.id);
        refused(&shop, &ann, &cloned, 422, "tasks.not_completed").await;
    })
    .await;
}

#[tokio::test]
async fn editing_keeps_progress_and_only_the_present_version_is_edited() {
    on_both(async |app: &TestApp| {
        let (shop, ann) = begin(app).await;
        let before = definition(json!({ "event": "orders", "goal": 3 }));
        let task = create(&shop, &before).await;
        pay(&shop, &ann, "a1", 10_000).await;
        pay(&shop, &ann, "a2", 10_000).await;
        let path = format!("/api/v1/tasks/{}", task.id);
        let put = |seen: &str, body: &Value| {
            app.put(&path)
                .bearer(&shop.key)
                .header("if-match", seen)
                .json(body)
                .into_future()
        };
        let easier = definition(json!({ "event": "orders", "goal": 2 }));
        let changed: Task = put("\"1\"", &easier).await.parse();
        assert_eq!(changed.version, 2);
        assert_eq!(only(&shop, &ann).await, (TaskStatus::Claimable, 2));
        put("\"1\"", &before)
            .await
            .assert_problem(412, "request.precondition_failed");
        let other = definition(json!({ "event": "check_ins", "goal": 2 }));
        assert_eq!(
            put("\"2\"", &other).await.wrong_parts(),
            [("/target/event".to_owned(), "fixed".to_owned())]
        );
        let wrong = with(easier, |it| it["rewards"] = json!([]));
        assert_eq!(
            put("\"2\"", &wrong).await.wrong_parts(),
            [("/rewards".to_owned(), "required".to_owned())]
        );
        claim(&shop, &ann, &task).await.assert_status(201);
        put("\"2\"", &before).await.assert_status(200);
        // What was given for the old goal stands while the old goal is reached.
        assert_eq!(points(&shop, &ann).await, 100);
        shop.refund_all("a1").await;
        assert_eq!(points(&shop, &ann).await, 0);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn reported_events_count_once_and_a_complete_profile_counts_by_itself() {
    on_both(async |app: &TestApp| {
        let (shop, ann) = begin(app).await;
        let quiz = with(
            definition(json!({ "event": "custom", "name": "quiz", "goal": 5 })),
            |it| it["claim"] = json!("automatic"),
        );
        let quiz = create(&shop, &quiz).await;
        let event = |id: &str, quantity: i64| {
            json!({ "event_id": id, "member": ann.id, "type": "custom", "name": "quiz",
            "quantity": quantity, "occurred_at": "2026-06-15T03:00:00Z" })
        };
        let send = |event: Value| {
            app.post("/api/v1/task_events")
                .bearer(&shop.key)
                .json(&event)
                .into_future()
        };
        let first: TaskEventResult = send(event("e1", 3)).await.parse();
        assert_eq!((first.duplicate, first.tasks), (false, vec![quiz.id]));
        let again = send(event("e1", 3)).await;
        assert_eq!(
            (again.status, again.json()["duplicate"].clone()),
            (200, json!(true))
        );
        send(event("e1", 4))
            .await
            .assert_problem(409, "tasks.event_conflict");
        assert_eq!(only(&shop, &ann).await, (TaskStatus::InProgress, 3));
        send(event("e2", 2)).await.assert_status(201);
        assert_eq!(
            (only(&shop, &ann).await.0, points(&shop, &ann).await),
            (TaskStatus::Claimed, 100)
        );
        assert_eq!(
            send(with(event("e3", 1), |it| it["name"] = Value::Null))
                .await
                .wrong_parts()[0]
                .0,
            "/name"
        );
        let share = with(event("e4", 1), |it| it["type"] = json!("shared"));
        send(share).await.assert_problem(422, "request.invalid");

        let profile = create(&shop, &definition(json!({ "event": "profile_completed" }))).await;
        claim(&shop, &ann, &profile)
            .await
            .assert_problem(422, "tasks.not_completed");
        let change = app.patch("/api/v1/me").bearer(&ann.token);
        change
            .json(&json!({ "name": "Ann", "birthday": "1990-04-30" }))
            .await
            .assert_status(200);
        claim(&shop, &ann, &profile).await.assert_status(201);
        let path = format!("/api/v1/me/tasks/{}/explanations", quiz.id);
        let why = app.get(&path).bearer(&ann.token).await.json();
        assert_eq!(why["steps"].as_array().map(Vec::len), Some(3), "{why}");
        shop.assert_books().await;
    })
    .await;
}

const PHONE: &str =
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36";
const WECHAT: &str = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 MicroMessenger/8.0.47";

/// Opens a link in a browser: once without a mark, once with the one it was given. Gives the mark
/// and where the link led in the end.
async fn open(app: &TestApp, link: &ShareLink, agent: &str) -> (String, String) {
    let first = app.get(&link.path).header("user-agent", agent).await;
    first.assert_status(303);
    let mark = first.cookie();
    let again = app
        .get(first.header("location"))
        .header("user-agent", agent)
        .cookie(&mark)
        .await;
    again.assert_status(303);
    (mark, again.header("location").to_owned())
}

async fn link_of(app: &TestApp, member: &SignedInMember, task: &Task) -> (ShareLink, String) {
    let path = format!("/api/v1/me/tasks/{}/link", task.id);
    let answer = app.post(&path).bearer(&member.token).json(&json!({})).await;
    answer.assert_status(200);
    (answer.parse(), answer.cookie())
}

/// How many people a member's link has brought.
async fn visits(app: &TestApp, member: &SignedInMember, task: &Task) -> i64 {
    link_of(app, member, task).await.0.visits
}

#[tokio::test]
async fn a_shared_link_counts_people_not_robots_repeats_or_its_owner() {
    on_both(async |app: &TestApp| {
        let (shop, mut ann) = begin(app).await;
        let task = create(
            &shop,
            &definition(json!({ "event": "share_visits", "goal": 2, "url": "/tier" })),
        )
        .await;
        let plain = create(&shop, &definition(json!({ "event": "orders", "goal": 1 }))).await;
        let no_link = app
            .post(&format!("/api/v1/me/tasks/{}/link", plain.id))
            .bearer(&ann.token);
        no_link
            .json(&json!({}))
            .await
            .assert_problem(422, "tasks.not_shared");
        let (link, own) = link_of(app, &ann, &task).await;
        assert_eq!(link_of(app, &ann, &task).await.0, link);
        let (mark, led) = open(app, &link, PHONE).await;
        assert_eq!((led.as_str(), visits(app, &ann, &task).await), ("/tier", 1));
        // The same person again, a robot, a look ahead, the owner, and inside WeChat: none counts.
        let come =
            |mark: &str, agent: &str| app.get(&link.path).header("user-agent", agent).cookie(mark);
        come(&mark, PHONE).await.assert_status(303);
        let other = |n: u8| format!("coterie_visitor={}", format!("{n:02x}").repeat(16));
        come(&other(1), "Googlebot/2.1").await.assert_status(303);
        come(&other(2), PHONE)
            .header("sec-purpose", "prefetch")
            .await
            .assert_status(303);
        come(&own, PHONE).await.assert_status(303);
        open(app, &link, WECHAT).await;
        assert_eq!(visits(app, &ann, &task).await, 1);
        come(&other(3), PHONE).await.assert_status(303);
        assert_eq!(visits(app, &ann, &task).await, 2);
        claim(&shop, &ann, &task).await.assert_status(201);
        let unknown = app.get("/s/00000000000000000000000000000000").await;
        assert_eq!((unknown.status, unknown.header("location")), (303, "/"));
        // Traces go after a month; what counted stays.
        pass(app, 31, &mut ann).await;
        shop.run_jobs().await;
        assert_eq!(visits(app, &ann, &task).await, 2);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_earned_by_sharing_inside_wechat_however_many_open_the_link() {
    on_both(async |app: &TestApp| {
        let (shop, ann) = begin(app).await;
        let target = json!({ "event": "share_visits", "goal": 1, "url": "/tier" });
        let task = create(
            &shop,
            &with(definition(target), |it| it["claim"] = json!("automatic")),
        )
        .await;
        let (link, _) = link_of(app, &ann, &task).await;
        for n in 0..5 {
            let (_, led) = open(app, &link, WECHAT).await;
            assert_eq!(led, "/tier", "friend {n} gets there all the same");
        }
        // Nobody can report that something was shared: there is no such event.
        for kind in ["share", "share_visits", "share_sign_ups"] {
            let told = json!({
                "event_id": format!("e-{kind}"), "member": format!("{}", ann.id), "type": kind,
                "occurred_at": shop.now(),
            });
            let call = app.post("/api/v1/task_events").bearer(&shop.key);
            let answer = call.json(&told).await;
            answer.assert_problem(422, "request.invalid");
        }
        assert_eq!(visits(app, &ann, &task).await, 0);
        assert_eq!(only(&shop, &ann).await.1, 0);
        claim(&shop, &ann, &task)
            .await
            .assert_problem(422, "tasks.not_completed");
        assert_eq!(points(&shop, &ann).await, 0);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_friend_who_signs_up_counts_once_also_from_wechat() {
    on_both(async |app: &TestApp| {
        let (shop, ann) = begin(app).await;
        let target =
            json!({ "event": "share_sign_ups", "goal": 1, "url": "https://shop.example/join" });
        let task = create(
            &shop,
            &with(definition(target), |it| it["claim"] = json!("automatic")),
        )
        .await;
        let (link, _) = link_of(app, &ann, &task).await;
        let (mark, led) = open(app, &link, WECHAT).await;
        assert_eq!(led, "https://shop.example/join");
        assert_eq!(points(&shop, &ann).await, 0, "nothing is paid for visits");
        let sign_up = |email: &str| {
            let request = json!({ "email": email, "password": crate::support::PASSWORD });
            app.post("/api/v1/sign_ups")
                .page("member")
                .cookie(&mark)
                .json(&request)
                .into_future()
        };
        sign_up("friend@example.com").await.assert_status(201);
        assert_eq!(points(&shop, &ann).await, 100);
        sign_up("second@example.com").await.assert_status(201);
        assert_eq!(link_of(app, &ann, &task).await.0.sign_ups, 1);
        shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_forecast_says_what_the_last_month_would_have_cost_and_keeps_nothing() {
    on_both(async |app: &TestApp| {
        let shop = Shop::open(app).await;
        for n in 0..4 {
            let member = app.sign_up(&format!("m{n}@example.com")).await;
            for order in 0..n {
                pay(&shop, &member, &format!("o{n}-{order}"), 10_000).await;
            }
        }
        let wanted = with(definition(json!({ "event": "orders", "goal": 1 })), |it| {
            it["quota"] = json!({ "per_member": 2 })
        });
        let ask = app
            .post("/api/v1/simulations/tasks")
            .bearer(&shop.key)
            .json(&wanted)
            .await;
        let forecast: TaskForecast = ask.parse();
        assert_eq!(
            (
                forecast.taking_part,
                forecast.rewarded_members,
                forecast.rewarded_times
            ),
            (3, 3, 5)
        );
        assert_eq!(
            json!(forecast.cost),
            json!([{ "kind": "points", "amount": 500 }])
        );
        let list = app.get("/api/v1/tasks").bearer(&shop.key).await;
        assert_eq!(list.parse::<Page<Task>>().data.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn the_check_finds_planted_damage() {
    on_both(async |app: &TestApp| {
        let (shop, ann) = begin(app).await;
        let task = with(definition(json!({ "event": "orders", "goal": 1 })), |it| {
            it["claim"] = json!("automatic")
        });
        create(&shop, &task).await;
        pay(&shop, &ann, "a1", 10_000).await;
        check_in(&shop, &ann).await.assert_status(201);
        shop.assert_books().await;
        for (sql, what) in [
            (
                "UPDATE tasks SET granted = granted + 1",
                "times that the task was rewarded",
            ),
            (
                "UPDATE task_contributions SET amount = amount + 1 WHERE source_kind = 'order'",
                "what the order counts for a task",
            ),
            (
                "UPDATE reward_grants SET amount = amount + 1 WHERE source_kind = 'task'",
                "reward in the ledger",
            ),
            (
                "UPDATE check_ins SET mark = 'made_up'",
                "cards of the made-up day",
            ),
            (
                "UPDATE task_claims SET goal = 9",
                "progress behind the reward",
            ),
            (
                "UPDATE reward_grants SET reward = '{\"kind\":\"points\",\"amount\":7}'",
                "rewards are those of the task",
            ),
        ] {
            damage(app, sql).await;
            let report = shop.check().await;
            let found: Vec<&str> = report.differences.iter().map(|it| it.what).collect();
            assert!(found.contains(&what), "{sql}: {found:?}");
        }
    })
    .await;
}

/// Changes the database behind the server's back.
async fn damage(app: &TestApp, sql: &'static str) {
    use sea_orm::ConnectionTrait;
    let done = app.app.db.write(sql, |tx, sql| {
        Box::pin(async move { Ok(tx.execute_unprepared(sql).await?.rows_affected()) })
    });
    assert!(done.await.expect("it can be changed") > 0, "{sql}");
}

#[tokio::test]
async fn staff_see_what_members_see_and_only_operators_change_tasks() {
    on_both(async |app: &TestApp| {
        let (shop, ann) = begin(app).await;
        let auditor: SignedInStaff = app.staff(Role::Auditor).await;
        let request = definition(json!({ "event": "orders", "goal": 1 }));
        let made = app
            .post("/api/v1/tasks")
            .bearer(&auditor.token)
            .json(&request)
            .await;
        made.assert_problem(403, "auth.forbidden");
        let task = create(&shop, &request).await;
        pay(&shop, &ann, "a1", 10_000).await;
        let seen = app
            .get(&format!("/api/v1/members/{}/tasks", ann.id))
            .bearer(&auditor.token)
            .await;
        assert_eq!(seen.parse::<TaskBoard>(), board(&shop, &ann).await);
        let report = app
            .get(&format!("/api/v1/tasks/{}/report", task.id))
            .bearer(&auditor.token)
            .await;
        let report: TaskReport = report.parse();
        assert_eq!(
            (report.taking_part, report.rewarded_times, report.spread[10]),
            (1, 0, 1)
        );
        let digest = shop
            .app
            .get("/api/v1/me/summary")
            .bearer(&ann.token)
            .await
            .json();
        assert_eq!(
            digest["tasks"],
            json!({ "today": "2026-06-15", "claimable": 1, "checked_in": false, "streak": 0 })
        );
        let policy = app.get("/api/v1/share_policy").bearer(&auditor.token).await;
        assert_eq!(
            policy.json()["policy"]["channels"][0],
            json!({ "channel": "wechat", "visit": false, "outcome": true })
        );
    })
    .await;
}
