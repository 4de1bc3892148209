use super::*;
use crate::testing::at;
use crate::time::{plus_local_days, start_of_day, zone};
use proptest::prelude::*;

fn schedule(first: &str, minute: u16, weekdays: &[u8], last: Option<&str>) -> Schedule {
    let day = |it: &str| it.parse().expect("a day");
    Schedule {
        first: day(first),
        minute,
        weekdays: weekdays.to_vec(),
        last: last.map(day),
    }
}

#[test]
fn when_a_list_appears_next_is_a_table() {
    let shanghai = zone("Asia/Shanghai").expect("a zone");
    let workdays: &[u8] = &[1, 2, 3, 4, 5];
    // 2026-11-20 is a Friday; 07:30 in Shanghai is 23:30 of the day before in UTC.
    for (weekdays, last, after, expected) in [
        (
            &[][..],
            None,
            "2026-11-19T00:00:00Z",
            Some("2026-11-19T23:30:00Z"),
        ),
        (&[], None, "2026-11-19T23:30:00Z", None),
        (
            workdays,
            None,
            "2026-11-01T00:00:00Z",
            Some("2026-11-19T23:30:00Z"),
        ),
        (
            workdays,
            None,
            "2026-11-19T23:29:59Z",
            Some("2026-11-19T23:30:00Z"),
        ),
        (
            workdays,
            None,
            "2026-11-19T23:30:00Z",
            Some("2026-11-22T23:30:00Z"),
        ),
        (workdays, Some("2026-11-20"), "2026-11-19T23:30:00Z", None),
        (
            &[5],
            None,
            "2026-11-19T23:30:00Z",
            Some("2026-11-26T23:30:00Z"),
        ),
        (&[5], Some("2026-11-26"), "2026-11-19T23:30:00Z", None),
    ] {
        let it = schedule("2026-11-20", 7 * 60 + 30, weekdays, last);
        let next = it.next_after(at(after), &shanghai);
        assert_eq!(next, expected.map(at), "{weekdays:?} {last:?} {after}");
    }
}

#[test]
fn a_minute_that_the_clocks_skip_is_the_one_they_jump_to() {
    let berlin = zone("Europe/Berlin").expect("a zone");
    let it = schedule("2026-03-28", 2 * 60 + 30, &[6, 7], None);
    let times = it.within(
        (at("2026-03-28T00:00:00Z"), at("2026-03-30T00:00:00Z")),
        &berlin,
        10,
    );
    assert_eq!(
        times,
        [at("2026-03-28T01:30:00Z"), at("2026-03-29T01:30:00Z")]
    );
}

const NIGHT: QuietHours = QuietHours {
    from: 22 * 60,
    to: 7 * 60,
};
const LUNCH: QuietHours = QuietHours {
    from: 12 * 60,
    to: 13 * 60,
};

/// What becomes of a call that is decided when it is due.
fn decided(pace: Pace, due: &str, called: &[&str]) -> Call {
    let called: Vec<Timestamp> = called.iter().copied().map(at).collect();
    call(pace, at(due), at(due), &called, &TimeZone::UTC)
}

#[test]
fn quiet_hours_are_a_table() {
    for (quiet, due, expected) in [
        (None, "2026-11-25T23:00:00Z", Call::Made),
        (Some(NIGHT), "2026-11-25T21:59:00Z", Call::Made),
        (Some(NIGHT), "2026-11-25T22:00:00Z", Call::QuietHours),
        (Some(NIGHT), "2026-11-25T06:59:00Z", Call::QuietHours),
        (Some(NIGHT), "2026-11-25T07:00:00Z", Call::Made),
        (Some(LUNCH), "2026-11-25T12:30:00Z", Call::QuietHours),
        (Some(LUNCH), "2026-11-25T23:30:00Z", Call::Made),
    ] {
        let pace = Pace {
            quiet,
            ..Pace::default()
        };
        assert_eq!(decided(pace, due, &[]), expected, "{quiet:?} {due}");
    }
}

#[test]
fn caps_are_a_table() {
    // 2026-11-23 is a Monday; the Sunday before belongs to the week before.
    let monday = &["2026-11-23T08:00:00Z"][..];
    let week = &[
        "2026-11-22T08:00:00Z",
        "2026-11-23T08:00:00Z",
        "2026-11-24T08:00:00Z",
    ][..];
    for (per_day, per_week, due, called, expected) in [
        (None, None, "2026-11-25T08:00:00Z", week, Call::Made),
        (Some(1), None, "2026-11-23T18:00:00Z", monday, Call::DayFull),
        (Some(2), None, "2026-11-23T18:00:00Z", monday, Call::Made),
        (Some(0), None, "2026-11-23T18:00:00Z", &[], Call::DayFull),
        (None, Some(2), "2026-11-25T08:00:00Z", week, Call::WeekFull),
        (None, Some(3), "2026-11-25T08:00:00Z", week, Call::Made),
    ] {
        let pace = Pace {
            quiet: None,
            per_day,
            per_week,
        };
        assert_eq!(decided(pace, due, called), expected, "{pace:?} {due}");
    }
    let strict = Pace {
        quiet: Some(NIGHT),
        per_day: Some(0),
        per_week: Some(0),
    };
    assert_eq!(
        decided(strict, "2026-11-25T23:00:00Z", &[]),
        Call::QuietHours
    );
}

#[test]
fn nobody_is_called_late_in_quiet_hours() {
    let pace = Pace {
        quiet: Some(NIGHT),
        ..Pace::default()
    };
    let due = at("2026-11-25T21:30:00Z");
    let decided = |now: &str| call(pace, due, at(now), &[], &TimeZone::UTC);
    assert_eq!(decided("2026-11-25T21:59:59Z"), Call::Made);
    assert_eq!(decided("2026-11-25T22:00:00Z"), Call::QuietHours);
}

#[test]
fn a_call_that_comes_too_late_is_not_made() {
    let due = at("2026-11-25T08:00:00Z");
    let decided = |now: &str| call(Pace::default(), due, at(now), &[], &TimeZone::UTC);
    assert_eq!(decided("2026-11-25T09:59:59Z"), Call::Made);
    assert_eq!(decided("2026-11-25T10:00:00Z"), Call::Late);
}

#[test]
fn what_is_wrong_is_named() {
    let product = |sku: &str, price, link: &str| ScenarioProduct {
        sku: sku.to_owned(),
        name: "Oat milk".to_owned(),
        price: Some(price),
        link: Some(link.to_owned()),
    };
    let it = ScenarioDefinition {
        title: String::new(),
        text: "x".repeat(1001),
        products: vec![
            product("a", 1, "https://shop.example/a"),
            product("a", -1, "javascript:alert(1)"),
        ],
        schedule: schedule("2026-11-20", 1440, &[0, 8], Some("2026-11-19")),
    };
    let errors = check_definition(&it);
    let pointers: Vec<&str> = errors.iter().map(|it| it.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/title",
            "/text",
            "/schedule/minute",
            "/schedule/weekdays",
            "/schedule/last",
            "/products/1/sku",
            "/products/1/price",
            "/products/1/link",
        ]
    );
    let pace = Pace {
        quiet: Some(QuietHours {
            from: 1440,
            to: 1440,
        }),
        per_day: Some(101),
        per_week: None,
    };
    assert_eq!(check_pace(&pace).len(), 4);
    assert!(check_pace(&Pace::default()).is_empty());
}

proptest! {
    /// Against looking at every day on its own.
    #[test]
    fn appearances_are_those_of_each_day(
        minute in 0u16..1440, days in proptest::collection::btree_set(1u8..=7, 1..=7),
        length in 0i32..40, berlin in any::<bool>(),
    ) {
        let zone = zone(if berlin { "Europe/Berlin" } else { "Asia/Shanghai" }).expect("a zone");
        let days: Vec<u8> = days.into_iter().collect();
        // Over the night in March in which clocks go forward.
        let first: crate::time::Day = "2026-03-10".parse().expect("a day");
        let begin = start_of_day(first.date(), &zone);
        let last = plus_local_days(begin, length, &zone).date_in(&zone);
        let it = Schedule { first, minute, weekdays: days.clone(), last: Some(last.into()) };
        let all = it.within((begin, begin.plus_days(60)), &zone, 100);
        let naive: Vec<Timestamp> = (0..=length)
            .map(|it| first.date().checked_add(it.days()).expect("a day"))
            .filter(|day| days.contains(&weekday(*day)))
            .filter_map(|day| it.instant(day, &zone))
            .collect();
        prop_assert_eq!(all, naive);
    }

    /// Whatever the schedule, no day and no week has more calls than its pace allows, and none
    /// falls into the quiet hours.
    #[test]
    fn a_pace_is_kept(
        times in proptest::collection::btree_set(0i64..30 * 24 * 4, 0..80),
        per_day in proptest::option::of(0u32..4), per_week in proptest::option::of(0u32..10),
        from in 0u16..1440, to in 0u16..1440,
    ) {
        let zone = zone("Asia/Shanghai").expect("a zone");
        let quiet = (from != to).then_some(QuietHours { from, to });
        let pace = Pace { quiet, per_day, per_week };
        let mut called: Vec<Timestamp> = Vec::new();
        for quarter in times {
            let due = at("2026-11-01T00:00:00Z").plus_millis(quarter * 900_000);
            if call(pace, due, due, &called, &zone) == Call::Made {
                called.push(due);
            }
        }
        for one in &called {
            let of_day = called.iter().filter(|it| it.date_in(&zone) == one.date_in(&zone)).count();
            let monday = start_of_week(*one, &zone);
            let of_week = called.iter().filter(|it| start_of_week(**it, &zone) == monday).count();
            prop_assert!(per_day.is_none_or(|it| of_day <= it as usize));
            prop_assert!(per_week.is_none_or(|it| of_week <= it as usize));
            let local = local(*one, &zone);
            let minute = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
            prop_assert!(quiet.is_none_or(|it| !it.has(minute)));
        }
    }
}
