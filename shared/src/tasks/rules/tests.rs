use super::*;
use crate::ids::OrderId;
use crate::members::audience::Audience;
use crate::orders::OrderLine;
use crate::orders::api::{Contents, EventKind, OrderEvent, RefundLine};
use crate::orders::rules::{Outcome, accept, announced};
use crate::rewards::Reward;
use crate::tasks::{Quota, TaskState};
use crate::testing::{Counter, at, day};
use crate::text::Text;
use crate::time::zone;
use proptest::prelude::*;

fn definition(target: Target) -> TaskDefinition {
    TaskDefinition {
        name: Text::new("任务", "Task"),
        description: Text::new("", ""),
        target,
        period: Period::Monthly,
        rewards: vec![Reward::Points { amount: 10 }],
        quota: Quota {
            per_member: 2,
            total: Some(5),
        },
        audience: Audience::default(),
        join: JoinMode::Automatic,
        claim: ClaimMode::ByMember,
        claim_days: 7,
        starts_at: at("2026-06-01T00:00:00Z"),
        ends_at: Some(at("2026-08-31T15:59:59.999Z")),
    }
}

fn orders_goal(goal: i64) -> Target {
    Target::Orders {
        goal,
        scope: Scope::default(),
    }
}

/// A part in a task for three orders of June, in Shanghai.
fn part(days: &LocalDays, progress: i64, claimed: u16) -> MemberPart<'_> {
    MemberPart {
        progress,
        claimed,
        joined: false,
        outside: None,
        period_ends_at: period_end("2026-06", days),
        days,
    }
}

fn shanghai() -> LocalDays {
    LocalDays::of(zone("Asia/Shanghai").expect("zone"))
}

/// A running task that was rewarded four times.
fn running(definition: &TaskDefinition) -> TaskNow<'_> {
    TaskNow {
        definition,
        state: TaskState::Active,
        ended_at: None,
        granted: 4,
    }
}

#[track_caller]
fn judge(
    task: TaskNow<'_>,
    part: MemberPart<'_>,
    now: &str,
    due: Result<u16, Refusal>,
    shown: TaskStatus,
) {
    assert_eq!(claim(task, part, at(now)), due);
    assert_eq!(status(task, part, at(now)), shown);
}

const JUNE: &str = "2026-06-15T04:00:00Z";

const fn missing(missing: i64) -> Result<u16, Refusal> {
    Err(Refusal::NotCompleted { missing })
}

#[test]
fn progress_makes_rewards_due_one_after_the_other() {
    let (days, it) = (shanghai(), definition(orders_goal(3)));
    assert_eq!(
        period_end("2026-06", &days),
        Some(at("2026-06-30T15:59:59.999Z"))
    );
    let (fine, part) = (running(&it), |progress, claimed| {
        part(&days, progress, claimed)
    });
    let used = Err(Refusal::AlreadyClaimed);
    judge(fine, part(0, 0), JUNE, missing(3), TaskStatus::Todo);
    judge(fine, part(2, 0), JUNE, missing(1), TaskStatus::InProgress);
    judge(fine, part(3, 0), JUNE, Ok(1), TaskStatus::Claimable);
    judge(fine, part(3, 1), JUNE, missing(3), TaskStatus::InProgress);
    judge(fine, part(6, 1), JUNE, Ok(2), TaskStatus::Claimable);
    judge(fine, part(9, 2), JUNE, used, TaskStatus::Claimed);
}

#[test]
fn every_refusal_shows_as_its_status() {
    let (days, it) = (shanghai(), definition(orders_goal(3)));
    let opt_in = TaskDefinition {
        join: JoinMode::OptIn,
        ..it.clone()
    };
    let (fine, done) = (running(&it), part(&days, 3, 0));
    let paused = TaskNow {
        state: TaskState::Paused,
        ..fine
    };
    let empty = TaskNow { granted: 5, ..fine };
    let outside = MemberPart {
        outside: Some(Outside::Tier),
        ..done
    };
    let joined = MemberPart {
        joined: true,
        ..done
    };
    let (may, no) = ("2026-05-31T00:00:00Z", Err::<u16, Refusal>);
    judge(
        fine,
        done,
        may,
        no(Refusal::NotStarted),
        TaskStatus::Upcoming,
    );
    judge(paused, done, JUNE, no(Refusal::Paused), TaskStatus::Paused);
    judge(
        empty,
        done,
        JUNE,
        no(Refusal::QuotaUsedUp),
        TaskStatus::QuotaUsedUp,
    );
    judge(
        empty,
        part(&days, 1, 0),
        JUNE,
        missing(2),
        TaskStatus::QuotaUsedUp,
    );
    judge(
        fine,
        outside,
        JUNE,
        no(Refusal::NotForYou),
        TaskStatus::Locked,
    );
    judge(
        running(&opt_in),
        done,
        JUNE,
        no(Refusal::NotJoined),
        TaskStatus::ToJoin,
    );
    judge(running(&opt_in), joined, JUNE, Ok(1), TaskStatus::Claimable);
}

#[test]
fn a_reward_can_be_asked_for_until_the_seventh_day_after() {
    let (days, it) = (shanghai(), definition(orders_goal(3)));
    let (fine, done) = (running(&it), part(&days, 3, 0));
    let over = Err(Refusal::Ended);
    judge(
        fine,
        done,
        "2026-07-07T15:59:59.999Z",
        Ok(1),
        TaskStatus::Claimable,
    );
    judge(
        fine,
        done,
        "2026-07-07T16:00:00Z",
        over,
        TaskStatus::Expired,
    );
    let little = part(&days, 1, 0);
    judge(
        fine,
        little,
        "2026-07-01T00:00:00Z",
        missing(2),
        TaskStatus::Expired,
    );
    let ended = TaskNow {
        ended_at: Some(at("2026-06-10T00:00:00Z")),
        ..fine
    };
    judge(
        ended,
        done,
        "2026-06-17T15:59:59Z",
        Ok(1),
        TaskStatus::Claimable,
    );
    judge(
        ended,
        done,
        "2026-06-17T16:00:00Z",
        over,
        TaskStatus::Expired,
    );
}

#[test]
fn what_counts_is_between_start_and_end_also_while_paused() {
    let it = definition(orders_goal(1));
    let task = TaskNow {
        definition: &it,
        state: TaskState::Paused,
        ended_at: None,
        granted: 0,
    };
    assert!(task.counts_at(it.starts_at) && task.counts_at(at("2026-08-31T15:59:59.999Z")));
    assert!(
        !task.counts_at(it.starts_at.plus_millis(-1))
            && !task.counts_at(at("2026-08-31T16:00:00Z"))
    );
    let ended = TaskNow {
        ended_at: Some(at("2026-07-01T00:00:00Z")),
        ..task
    };
    assert!(!ended.counts_at(at("2026-07-01T00:00:00.001Z")));
}

fn line(id: &str, category: Option<&str>, amount: i64) -> OrderLine {
    OrderLine {
        claim: None,
        line_id: id.into(),
        sku: format!("sku-{id}"),
        category: category.map(str::to_owned),
        quantity: 2,
        amount,
    }
}

fn event(
    kind: EventKind,
    number: usize,
    on: i64,
    order: Option<Contents>,
    refunds: Vec<RefundLine>,
) -> OrderEvent {
    OrderEvent {
        reservation: None,
        event_id: format!("{number}-{kind:?}-{on}"),
        order_id: format!("A{number}"),
        occurred_at: day(on),
        kind,
        order,
        refunds,
    }
}

/// An order after events, those that are refused left out.
fn after(number: usize, events: &[OrderEvent]) -> Order {
    let cny = "CNY".parse().expect("a currency");
    let fresh = announced(
        OrderId::generate(&mut Counter::default()),
        format!("A{number}"),
        cny,
    );
    events
        .iter()
        .fold(fresh, |order, event| match accept(&order, event) {
            Ok(Outcome::Applies { order, .. }) => *order,
            _ => order,
        })
}

fn paid(number: usize, lines: Vec<OrderLine>) -> OrderEvent {
    let contents = Contents {
        member: None,
        currency: "CNY".parse().expect("a currency"),
        lines,
    };
    event(EventKind::Paid, number, 160, Some(contents), Vec::new())
}

fn back(line: &str, quantity: Option<i64>, amount: Option<i64>) -> RefundLine {
    RefundLine {
        line_id: line.into(),
        quantity,
        amount,
    }
}

/// Tea, something for the home, and something without a category.
fn basket() -> Vec<OrderLine> {
    vec![
        line("1", Some("tea"), 1_000),
        line("2", Some("home"), 5_000),
        line("3", None, 300),
    ]
}

#[test]
fn an_order_counts_by_the_lines_that_are_kept_and_in_scope() {
    let refund = |rows| event(EventKind::Refunded, 1, 161, None, rows);
    let whole = refund(Vec::new());
    let half = refund(vec![back("1", Some(1), None)]);
    let first = refund(vec![back("1", Some(2), None)]);
    let money = refund(vec![back("2", None, Some(4_000))]);
    let cancelled = event(EventKind::Cancelled, 1, 161, None, Vec::new());
    let all = Scope::default();
    let tea = Scope {
        categories: vec!["tea".into()],
        ..Scope::default()
    };
    let third = Scope {
        skus: vec!["sku-3".into()],
        ..Scope::default()
    };
    let large = Scope {
        minimum_amount: 6_000,
        ..Scope::default()
    };
    let none: &[&OrderEvent] = &[];
    for (scope, events, amount) in [
        (&all, none, 6_300),
        (&tea, none, 1_000),
        (&third, none, 300),
        (&large, none, 6_300),
        (&all, &[&whole][..], 0),
        (&all, &[&cancelled][..], 0),
        (&tea, &[&half][..], 500),
        (&tea, &[&first][..], 0),
        (&all, &[&first][..], 5_300),
        (&large, &[&money][..], 0),
        (&all, &[&money][..], 2_300),
    ] {
        let history: Vec<OrderEvent> = std::iter::once(paid(1, basket()))
            .chain(events.iter().map(|it| (*it).clone()))
            .collect();
        let order = after(1, &history);
        let target = Target::OrderAmount {
            goal: 1,
            scope: scope.clone(),
        };
        assert_eq!(
            order_contribution(&target, &order),
            amount,
            "{scope:?} {events:?}"
        );
        let target = Target::Orders {
            goal: 1,
            scope: scope.clone(),
        };
        assert_eq!(
            order_contribution(&target, &order),
            i64::from(amount > 0),
            "{scope:?} {events:?}"
        );
    }
    let unpaid = after(1, &[]);
    assert_eq!(order_contribution(&orders_goal(1), &unpaid), 0);
    assert_eq!(
        order_contribution(
            &Target::CheckIns { goal: 1 },
            &after(1, &[paid(1, basket())])
        ),
        0
    );
}

#[test]
fn reported_events_count_by_type_and_name() {
    let event = TaskEvent {
        event_id: "e".into(),
        member: "ext:a".into(),
        kind: Reported::Custom,
        name: Some("quiz".into()),
        quantity: Some(3),
        occurred_at: day(0),
    };
    let quiz = Target::Custom {
        name: "quiz".into(),
        goal: 1,
    };
    let other = Target::Custom {
        name: "game".into(),
        goal: 1,
    };
    let review = TaskEvent {
        kind: Reported::Review,
        name: None,
        quantity: None,
        ..event.clone()
    };
    assert_eq!(event_contribution(&quiz, &event), 3);
    assert_eq!(event_contribution(&other, &event), 0);
    assert_eq!(event_contribution(&quiz, &review), 0);
    assert_eq!(event_contribution(&Target::Reviews { goal: 1 }, &review), 1);
    assert!(check_event(&event).is_empty() && check_event(&review).is_empty());
    for (wrong, pointer) in [
        (
            TaskEvent {
                event_id: String::new(),
                ..event.clone()
            },
            "/event_id",
        ),
        (
            TaskEvent {
                name: None,
                ..event.clone()
            },
            "/name",
        ),
        (
            TaskEvent {
                name: Some("x".into()),
                ..review
            },
            "/name",
        ),
        (
            TaskEvent {
                quantity: Some(0),
                ..event
            },
            "/quantity",
        ),
    ] {
        assert_eq!(check_event(&wrong)[0].pointer, pointer);
    }
}

#[test]
fn wrong_definitions_are_named_part_by_part() {
    let fine = definition(orders_goal(3));
    assert!(check_definition(&fine, &["gold"]).is_empty());
    let wrong = TaskDefinition {
        name: Text::new("", "x".repeat(41)),
        description: Text::new("x".repeat(201), ""),
        target: Target::ShareVisits {
            goal: 0,
            url: "javascript:alert(1)".into(),
        },
        rewards: Vec::new(),
        quota: Quota {
            per_member: 0,
            total: Some(0),
        },
        audience: Audience {
            tiers: vec!["tin".into()],
            tags: Vec::new(),
        },
        claim_days: 91,
        ends_at: Some(fine.starts_at),
        ..fine.clone()
    };
    let errors = check_definition(&wrong, &["gold"]);
    let pointers: Vec<_> = errors.iter().map(|it| it.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/name/zh-CN",
            "/name/en",
            "/description/zh-CN",
            "/rewards",
            "/quota/per_member",
            "/quota/total",
            "/claim_days",
            "/ends_at",
            "/target/goal",
            "/target/url",
            "/audience/tiers/0",
        ]
    );
    let profile = TaskDefinition {
        target: Target::ProfileCompleted,
        claim: ClaimMode::Automatic,
        ..fine
    };
    assert_eq!(check_definition(&profile, &[])[0].pointer, "/claim");
    for (url, good) in [
        ("/tasks", true),
        ("https://shop.example/p?id=1", true),
        ("//evil.example", false),
        ("/\\evil.example", false),
        ("http://shop.example", false),
        ("https://", false),
        ("https:///x", false),
        ("/a b", false),
    ] {
        assert_eq!(is_link(url), good, "{url}");
    }
}

/// One order of a random history: what its lines cost, what comes back and in which order, and
/// whether all of it comes back in the end.
#[derive(Debug, Clone)]
struct Story {
    lines: Vec<i64>,
    refunds: Vec<(usize, bool, i64)>,
    undone: bool,
    cancelled: bool,
}

prop_compose! {
    fn any_story()(
        lines in proptest::collection::vec(0..500i64, 1..4),
        refunds in proptest::collection::vec((0..4usize, any::<bool>(), 1..400i64), 0..4),
        undone in proptest::bool::weighted(0.6),
        cancelled: bool,
    ) -> Story {
        Story { lines, refunds, undone, cancelled }
    }
}

impl Story {
    /// Everything that happens to this order.
    fn events(&self, number: usize) -> Vec<OrderEvent> {
        let lines = self
            .lines
            .iter()
            .enumerate()
            .map(|(i, amount)| line(&i.to_string(), Some("tea"), *amount));
        let mut events = vec![paid(number, lines.collect())];
        for (place, (line, pieces, amount)) in self.refunds.iter().enumerate() {
            let row = if *pieces {
                back(&line.to_string(), Some(1), None)
            } else {
                back(&line.to_string(), None, Some(*amount))
            };
            let on = 161 + i64::try_from(place).unwrap_or(0);
            events.push(event(EventKind::Refunded, number, on, None, vec![row]));
        }
        if self.undone {
            let kind = if self.cancelled {
                EventKind::Cancelled
            } else {
                EventKind::Refunded
            };
            events.push(event(kind, number, 170, None, Vec::new()));
        }
        events
    }
}

proptest! {
    /// Orders come and go in any order, split and number of steps, and a member is rewarded and
    /// loses rewards on the way. In the end progress and rewards are those of a member who never
    /// made the orders that were undone.
    #[test]
    fn buying_and_giving_back_leaves_no_progress_and_no_reward(
        stories in proptest::collection::vec(any_story(), 1..6),
        order in proptest::collection::vec(0..100usize, 0..40),
        goal in 1..900i64,
        counts_amount: bool,
        minimum_amount in 0..400i64,
    ) {
        let scope = Scope { minimum_amount, ..Scope::default() };
        let target = if counts_amount { Target::OrderAmount { goal, scope } } else { Target::Orders { goal: goal % 3 + 1, scope } };
        let it = TaskDefinition { quota: Quota { per_member: 3, total: None }, ..definition(target) };
        let mut queues: Vec<Vec<OrderEvent>> =
            stories.iter().enumerate().map(|(number, it)| it.events(number)).collect();
        let mut done: Vec<Vec<OrderEvent>> = vec![Vec::new(); stories.len()];
        let mut standing: Vec<(u16, i64)> = Vec::new();
        let all: Vec<usize> = order.into_iter().chain(0..1_000).collect();
        for pick in all {
            let number = pick % stories.len();
            if queues[number].is_empty() {
                continue;
            }
            done[number].push(queues[number].remove(0));
            let sum = |keep: &dyn Fn(usize) -> bool| -> i64 {
                let kept = done.iter().enumerate().filter(|(number, _)| keep(*number));
                kept.map(|(number, events)| order_contribution(&it.target, &after(number, events))).sum()
            };
            let progress = sum(&|_| true);
            let lost = no_longer_earned(progress, &standing);
            standing.retain(|row| !lost.contains(&row.0));
            let mut next = u16::try_from(standing.len()).unwrap_or(u16::MAX) + 1;
            while next <= times_reached(progress, &it) {
                standing.push((next, it.target.goal()));
                next += 1;
            }
        }
        let never: i64 = stories.iter().enumerate().filter(|(_, it)| !it.undone)
            .map(|(number, story)| order_contribution(&it.target, &after(number, &story.events(number)))).sum();
        let progress: i64 = done.iter().enumerate()
            .map(|(number, events)| order_contribution(&it.target, &after(number, events))).sum();
        prop_assert_eq!(progress, never);
        prop_assert_eq!(standing.len(), usize::from(times_reached(never, &it)));
    }
}

#[test]
fn rewards_go_over_as_far_as_both_together_have_earned_them() {
    for (progress, taken, theirs, expected) in [
        (6, &[1][..], &[3][..], &[Some(2)][..]),
        (5, &[1], &[3], &[None]),
        (3, &[], &[3], &[Some(1)]),
        (9, &[1, 3], &[3], &[Some(2)]),
        (12, &[1], &[3, 3, 3, 3], &[Some(2), Some(3), Some(4), None]),
        (8, &[1], &[5, 4], &[None, Some(2)]),
        (0, &[], &[], &[]),
    ] {
        assert_eq!(numbers_after_merge(progress, taken, theirs), expected);
    }
}

proptest::proptest! {
    /// Two members with a common goal become one with as many rewards as before, when nothing that
    /// counts is in both; no number is given twice and each is earned.
    #[test]
    fn a_merge_neither_gives_nor_takes_rewards(
        goal in 1i64..50, mine in 0u16..20, theirs in 0u16..20, over in 0i64..50, both in 0i64..50,
    ) {
        let taken: Vec<u16> = (1..=mine).collect();
        let goals = vec![goal; usize::from(theirs)];
        let sum = goal * i64::from(mine + theirs) + over;
        let all = numbers_after_merge(sum, &taken, &goals);
        proptest::prop_assert!(all.iter().all(Option::is_some));
        let some = numbers_after_merge(sum - both, &taken, &goals);
        let mut numbers: Vec<u16> = some.into_iter().flatten().collect();
        proptest::prop_assert!(numbers.iter().all(|it| goal * i64::from(*it) <= sum - both));
        numbers.extend(&taken);
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        proptest::prop_assert_eq!(numbers.len(), count);
    }
}
