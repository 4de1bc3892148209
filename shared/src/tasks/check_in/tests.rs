use super::*;
use crate::tasks::days::LocalDays;
use crate::testing::at;
use crate::time::zone;
use proptest::prelude::*;

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

fn plan() -> CheckInPlan {
    let row = |day, amount| Milestone {
        day,
        rewards: vec![Reward::Points { amount }],
    };
    CheckInPlan {
        open: true,
        daily: vec![Reward::Points { amount: 1 }],
        milestones: vec![row(3, 10), row(7, 50)],
        cycle_days: Some(7),
        monthly: false,
        makeup: MakeupRules {
            days_back: 7,
            per_month: 2,
        },
    }
}

fn calendar(marks: &[&str], frozen: &[&str]) -> Calendar {
    Calendar {
        marks: marks.iter().map(|it| (date(it), Mark::Checked)).collect(),
        frozen: frozen.iter().map(|it| date(it)).collect(),
    }
}

#[test]
fn streaks_end_at_a_gap_and_go_on_over_days_that_froze() {
    for (marks, frozen, today, streak) in [
        (&[][..], &[][..], "2026-06-15", 0),
        (&["2026-06-15"][..], &[][..], "2026-06-15", 1),
        (&["2026-06-14"][..], &[][..], "2026-06-15", 1),
        (&["2026-06-13"][..], &[][..], "2026-06-15", 0),
        (&["2026-06-13", "2026-06-15"][..], &[][..], "2026-06-15", 1),
        (
            &["2026-06-13", "2026-06-15"][..],
            &["2026-06-14"][..],
            "2026-06-15",
            2,
        ),
        (
            &["2026-06-12"][..],
            &["2026-06-13", "2026-06-14", "2026-06-15"][..],
            "2026-06-15",
            1,
        ),
        (
            &["2026-05-30", "2026-05-31", "2026-06-01"][..],
            &[][..],
            "2026-06-02",
            3,
        ),
    ] {
        assert_eq!(
            calendar(marks, frozen).streak(date(today)),
            streak,
            "{marks:?} {frozen:?}"
        );
    }
}

#[test]
fn the_table_begins_again_after_its_last_day_or_with_the_month() {
    let days: Vec<String> = (25..=30).map(|it| format!("2026-06-{it}")).collect();
    let mut days: Vec<&str> = days.iter().map(String::as_str).collect();
    days.extend(["2026-07-01", "2026-07-02", "2026-07-03"]);
    let calendar = calendar(&days, &[]);
    let numbers: Vec<u16> = calendar.numbers(&plan()).into_values().collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 1, 2]);
    let monthly = CheckInPlan {
        monthly: true,
        cycle_days: None,
        ..plan()
    };
    let numbers: Vec<u16> = calendar.numbers(&monthly).into_values().collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 1, 2, 3]);
    assert_eq!(calendar.next_number(&monthly, date("2026-07-03")), 4);
    assert_eq!(calendar.next_number(&monthly, date("2026-07-05")), 1);
    assert_eq!(calendar.streak(date("2026-07-03")), 9);
}

#[test]
fn an_unbroken_streak_gives_its_rows_and_begins_again() {
    let given = |plan: &CheckInPlan, days| -> Vec<(u16, i64)> {
        let rows = plan.unbroken(days).into_iter();
        rows.map(|(number, rewards)| (number, rewards.iter().map(|it| it.amount()).sum()))
            .collect()
    };
    let cycle = [(1, 1), (2, 1), (3, 11), (4, 1), (5, 1), (6, 1), (7, 51)];
    assert_eq!(given(&plan(), 7), cycle);
    assert_eq!(given(&plan(), 10)[7..], cycle[..3]);
    let endless = CheckInPlan {
        cycle_days: None,
        ..plan()
    };
    assert_eq!(given(&endless, 8)[7], (8, 1));
    // Points of the day and of its row are one reward.
    assert_eq!(plan().unbroken(3)[2].1, [Reward::Points { amount: 11 }]);
}

#[test]
fn making_up_joins_two_streaks_and_reaches_their_rows() {
    let mut calendar = calendar(
        &["2026-06-10", "2026-06-11", "2026-06-13", "2026-06-14"],
        &[],
    );
    let (today, joined) = (date("2026-06-15"), date("2026-06-01"));
    assert_eq!(calendar.streak(today), 2);
    calendar
        .make_up(date("2026-06-12"), today, joined, 1, &plan())
        .expect("it can be");
    assert_eq!(calendar.streak(today), 5);
    let plan = plan();
    let reached = calendar.reached(date("2026-06-12"), &plan);
    let reached: Vec<_> = reached
        .iter()
        .map(|(day, row)| (day.to_string(), row.day))
        .collect();
    assert_eq!(reached, [("2026-06-12".to_owned(), 3)]);
}

#[test]
fn every_refusal_of_making_up_has_its_case() {
    let plan = plan();
    let (today, joined) = (date("2026-06-15"), date("2026-06-09"));
    let mut calendar = calendar(&["2026-06-12"], &["2026-06-13"]);
    let mut tried = |day: &str, cards| calendar.make_up(date(day), today, joined, cards, &plan);
    for day in [
        "2026-06-12",
        "2026-06-13",
        "2026-06-15",
        "2026-06-16",
        "2026-06-08",
    ] {
        assert_eq!(tried(day, 1), Err(Refusal::NotMissed), "{day}");
    }
    assert_eq!(tried("2026-06-14", 0), Err(Refusal::NoCard));
    assert_eq!(tried("2026-06-14", 1), Ok(()));
    assert_eq!(tried("2026-06-11", 1), Ok(()));
    assert_eq!(tried("2026-06-10", 1), Err(Refusal::MonthlyLimit));
    let old = Calendar::default();
    assert_eq!(
        old.check_makeup(date("2026-06-07"), today, date("2026-01-01"), &plan),
        Err(Refusal::TooLongAgo)
    );
    let closed = CheckInPlan {
        open: false,
        ..plan
    };
    assert_eq!(
        old.check_makeup(date("2026-06-14"), today, joined, &closed),
        Err(Refusal::Closed)
    );
    assert_eq!(
        Calendar::default().check_in(today, &closed),
        Err(Refusal::Closed)
    );
}

#[test]
fn a_day_can_be_checked_in_once() {
    let mut calendar = Calendar::default();
    let today = date("2026-06-15");
    assert_eq!(calendar.check_in(today, &plan()), Ok(()));
    assert_eq!(
        calendar.check_in(today, &plan()),
        Err(Refusal::AlreadyCheckedIn)
    );
}

#[test]
fn each_day_of_the_month_has_its_state() {
    let calendar = calendar(&["2026-06-10"], &["2026-06-11"]);
    let (today, joined) = (date("2026-06-15"), date("2026-06-03"));
    let state = |day: &str| calendar.state(date(day), today, joined, &plan());
    for (day, expected) in [
        ("2026-06-02", DayState::Before),
        ("2026-06-07", DayState::Missed),
        ("2026-06-10", DayState::Checked),
        ("2026-06-11", DayState::Frozen),
        ("2026-06-14", DayState::MakeupAvailable),
        ("2026-06-15", DayState::Open),
        ("2026-06-16", DayState::Future),
    ] {
        assert_eq!(state(day), expected, "{day}");
    }
}

#[test]
fn wrong_plans_are_named_part_by_part() {
    assert!(check_plan(&plan()).is_empty());
    let mut wrong = plan();
    wrong.cycle_days = Some(1);
    wrong.milestones[1].day = 3;
    wrong.milestones[0].rewards.clear();
    wrong.makeup = MakeupRules {
        days_back: 32,
        per_month: 32,
    };
    let errors = check_plan(&wrong);
    let pointers: Vec<_> = errors.iter().map(|it| it.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/milestones/0/day",
            "/milestones/0/rewards",
            "/milestones/1/day",
            "/milestones/1/day",
            "/cycle_days",
            "/makeup/days_back",
            "/makeup/per_month",
        ]
    );
    assert!(check_outage(date("2026-06-01"), date("2026-06-01")).is_empty());
    assert_eq!(
        check_outage(date("2026-06-02"), date("2026-06-01")).len(),
        1
    );
    assert_eq!(
        check_outage(date("2026-06-01"), date("2026-07-02")).len(),
        1
    );
}

/// The streak counted day by day, the plain way.
fn naive_streak(calendar: &Calendar, today: Date, first: Date) -> u32 {
    let mut streak = 0;
    let mut day = today;
    loop {
        if calendar.marks.contains_key(&day) {
            streak += 1;
        } else if day != today && !calendar.frozen.contains(&day) {
            return streak;
        }
        if day == first {
            return streak;
        }
        day = day.yesterday().expect("a day");
    }
}

const ZONES: [&str; 5] = [
    "Asia/Shanghai",
    "America/New_York",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Europe/London",
];

proptest! {
    /// Random lives: hours pass, the member checks in, travels, makes up for days, and there are
    /// outages. The streak is what counting day by day gives, numbers agree with it, and every
    /// row of the table is reached on one day once.
    #[test]
    fn a_streak_is_what_counting_gives(
        steps in proptest::collection::vec((0u8..8, 0i64..40, 0usize..5), 1..120),
        cycle in proptest::option::of(2u16..10),
    ) {
        let plan = CheckInPlan {
            cycle_days: cycle,
            makeup: MakeupRules { days_back: 31, per_month: 31 },
            ..plan()
        };
        let mut days = LocalDays::of(zone(ZONES[0]).expect("zone"));
        let mut now = at("2026-01-10T00:00:00Z");
        let joined = days.day_at(now);
        let mut calendar = Calendar::default();
        for (what, amount, to) in steps {
            let today = days.day_at(now);
            match what {
                0..=3 => { let _ = calendar.check_in(today, &plan); }
                4 => {
                    let day = today.checked_sub(jiff::Span::new().days(amount)).expect("a day");
                    let _ = calendar.make_up(day, today, joined, 1, &plan);
                }
                5 => { days.change(zone(ZONES[to]).expect("zone"), now); }
                6 => { calendar.frozen.insert(today); }
                _ => {}
            }
            calendar.frozen.extend(days.skipped());
            now = now.plus_millis(amount * 3_600_000);
            let today = days.day_at(now);
            let first = joined.yesterday().expect("a day");
            let streak = naive_streak(&calendar, today, first);
            prop_assert_eq!(calendar.streak(today), streak, "{:?} {}", calendar, today);
            let last = calendar.marks.keys().next_back().copied();
            if let Some(last) = last.filter(|_| streak > 0) {
                let numbers = calendar.numbers(&plan);
                let expected = match cycle {
                    Some(cycle) => (streak - 1) % u32::from(cycle) + 1,
                    None => streak,
                };
                prop_assert_eq!(u32::from(numbers[&last]), expected);
            }
        }
    }
}
