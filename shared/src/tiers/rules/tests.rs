//! The rules of tiers, by calendar and over random lives.

use super::*;
use crate::testing::{at, day};
use crate::text::Text;
use crate::time::zone;
use proptest::prelude::*;

fn ladder(window: Window, thresholds: &[i64]) -> Ladder {
    let codes = ["basic", "silver", "gold", "black"];
    Ladder {
        window,
        grace_days: 30,
        warn_days: 30,
        tiers: codes
            .into_iter()
            .zip(thresholds)
            .map(|(code, threshold)| Tier {
                code: code.into(),
                name: Text::new(code, code),
                threshold: *threshold,
                benefits: Vec::new(),
            })
            .collect(),
    }
}

fn since_ever(ladder: Ladder) -> Vec<LadderAt> {
    vec![LadderAt {
        version: 1,
        from: Timestamp::MIN,
        ladder,
    }]
}

fn rolling() -> Vec<LadderAt> {
    since_ever(ladder(Window::Rolling12Months, &[0, 100, 500, 1_000]))
}

fn utc() -> TimeZone {
    TimeZone::UTC
}

fn grew(rows: &[(&str, i64)]) -> Vec<Growth> {
    rows.iter()
        .map(|(time, amount)| Growth {
            at: at(time),
            amount: *amount,
        })
        .collect()
}

/// A life of someone who joined on 1 January 2023.
#[derive(Debug)]
struct Life {
    growth: Vec<Growth>,
    ladders: Vec<LadderAt>,
    zone: TimeZone,
}

impl Life {
    fn new(ladders: Vec<LadderAt>, growth: Vec<Growth>) -> Self {
        Self {
            growth,
            ladders,
            zone: utc(),
        }
    }

    fn facts(&self) -> TierFacts<'_> {
        TierFacts {
            joined_at: at("2023-01-01T00:00:00Z"),
            growth: &self.growth,
            ladders: &self.ladders,
            zone: &self.zone,
        }
    }

    fn at(&self, until: Timestamp) -> TierState {
        replay(self.facts(), until).0
    }

    /// What happened by `until`: cause, tier after and time.
    fn story(&self, until: &str) -> Vec<(ChangeCause, String, String)> {
        let (_, transitions) = replay(self.facts(), at(until));
        let told = transitions.into_iter();
        told.map(|it| (it.cause, it.to, it.at.to_string()))
            .collect()
    }
}

fn told(rows: &[(ChangeCause, &str, &str)]) -> Vec<(ChangeCause, String, String)> {
    let rows = rows.iter();
    rows.map(|(cause, to, time)| (*cause, (*to).to_owned(), (*time).to_owned()))
        .collect()
}

#[test]
fn up_at_once_and_down_one_step_a_year_after_grace() {
    use ChangeCause::{GraceBegan, Joined, Lowered, Reached, Warned};
    let life = Life::new(rolling(), grew(&[("2023-03-10T12:00:00Z", 600)]));
    assert_eq!(
        life.story("2026-01-01T00:00:00Z"),
        told(&[
            (Joined, "basic", "2023-01-01T00:00:00Z"),
            (Reached, "gold", "2023-03-10T12:00:00Z"),
            (Warned, "gold", "2024-02-09T23:59:59.999Z"),
            (GraceBegan, "gold", "2024-03-11T00:00:00Z"),
            (Lowered, "silver", "2024-04-10T00:00:00Z"),
            (Warned, "silver", "2025-03-11T23:59:59.999Z"),
            (GraceBegan, "silver", "2025-04-11T00:00:00Z"),
            (Lowered, "basic", "2025-05-11T00:00:00Z"),
        ])
    );
    let (state, transitions) = replay(life.facts(), at("2024-03-20T00:00:00Z"));
    assert_eq!(state.code, "gold");
    assert_eq!(state.valid_until, Some(at("2024-03-10T23:59:59.999Z")));
    assert_eq!(state.grace_until, Some(at("2024-04-09T23:59:59.999Z")));
    let last = transitions.last().expect("a transition");
    assert_eq!((last.growth, last.threshold), (0, 500));
}

#[test]
fn growth_in_the_grace_period_keeps_the_tier() {
    use ChangeCause::{GraceBegan, Joined, Kept, Reached, Warned};
    let rows = [("2023-03-10T12:00:00Z", 100), ("2024-03-20T00:00:00Z", 100)];
    let life = Life::new(rolling(), grew(&rows));
    assert_eq!(
        life.story("2024-06-01T00:00:00Z"),
        told(&[
            (Joined, "basic", "2023-01-01T00:00:00Z"),
            (Reached, "silver", "2023-03-10T12:00:00Z"),
            (Warned, "silver", "2024-02-09T23:59:59.999Z"),
            (GraceBegan, "silver", "2024-03-11T00:00:00Z"),
            (Kept, "silver", "2024-03-20T00:00:00Z"),
        ])
    );
    let state = life.at(at("2024-06-01T00:00:00Z"));
    assert_eq!(state.valid_until, Some(at("2025-03-20T23:59:59.999Z")));
    assert_eq!((state.grace_until, state.warned), (None, false));
    assert_eq!(state.since, at("2023-03-10T12:00:00Z"));
}

#[test]
fn growth_that_still_reaches_the_tier_prolongs_it() {
    let rows = [("2023-03-10T12:00:00Z", 100), ("2023-09-01T00:00:00Z", 1)];
    let life = Life::new(rolling(), grew(&rows));
    let state = life.at(at("2023-12-01T00:00:00Z"));
    assert_eq!(state.valid_until, Some(at("2024-09-01T23:59:59.999Z")));
    assert_eq!(
        life.story("2023-12-01T00:00:00Z").len(),
        2,
        "nothing to tell"
    );
}

#[test]
fn reaching_a_tier_earlier_does_not_lose_it_earlier() {
    let later = [("2024-01-05T00:00:00Z", 100), ("2024-06-05T00:00:00Z", 400)];
    let now = at("2025-03-01T00:00:00Z");
    assert_eq!(Life::new(rolling(), grew(&later)).at(now).code, "gold");
    // 400 more in January reach gold at once; it must not end in January for that.
    let earlier = [later[0], ("2024-01-06T00:00:00Z", 400), later[1]];
    assert_eq!(Life::new(rolling(), grew(&earlier)).at(now).code, "gold");
}

#[test]
fn a_calendar_year_counts_whole_and_with_its_grace_period() {
    use ChangeCause::{GraceBegan, Joined, Kept, Lowered, Reached, Warned};
    let ladders = || since_ever(ladder(Window::CalendarYear, &[0, 100, 500]));
    let reached = [
        (Joined, "basic", "2023-01-01T00:00:00Z"),
        (Reached, "gold", "2023-12-31T23:59:59Z"),
        (Warned, "gold", "2024-12-01T23:59:59.999Z"),
        (GraceBegan, "gold", "2025-01-01T00:00:00Z"),
    ];
    let first = [("2023-12-31T23:59:59Z", 500), ("2024-06-01T00:00:00Z", 450)];
    // 50 short at the review: 50 in January keep it, and count for the new year as well.
    let saved = [first[0], first[1], ("2025-01-20T00:00:00Z", 50)];
    let life = Life::new(ladders(), grew(&saved));
    let mut story = told(&reached);
    story.extend(told(&[(Kept, "gold", "2025-01-20T00:00:00Z")]));
    assert_eq!(life.story("2025-03-01T00:00:00Z"), story);
    let state = life.at(at("2025-03-01T00:00:00Z"));
    assert_eq!(state.valid_until, Some(at("2025-12-31T23:59:59.999Z")));
    // Without them: one step down, to a tier that ends with the same year.
    let life = Life::new(ladders(), grew(&first));
    let mut story = told(&reached);
    story.extend(told(&[(Lowered, "silver", "2025-01-31T00:00:00Z")]));
    assert_eq!(life.story("2025-03-01T00:00:00Z"), story);
    let state = life.at(at("2025-03-01T00:00:00Z"));
    assert_eq!(state.valid_until, Some(at("2025-12-31T23:59:59.999Z")));
}

#[test]
fn a_lifetime_tier_does_not_end() {
    let life = Life::new(
        since_ever(ladder(Window::Lifetime, &[0, 100, 500])),
        grew(&[("2023-03-10T12:00:00Z", 60), ("2025-03-10T12:00:00Z", 60)]),
    );
    let state = life.at(Timestamp::MAX);
    assert_eq!((state.code.as_str(), state.valid_until), ("silver", None));
    let shown = standing(life.facts(), &state, at("2030-01-01T00:00:00Z"));
    assert_eq!(
        (
            shown.growth_value,
            shown.keep,
            shown.next.map(|it| (it.gap, it.by))
        ),
        (120, None, Some((380, None)))
    );
}

#[test]
fn leap_days_hold_whole_years() {
    for (reached, valid, gap_until) in [
        (
            "2024-02-28T10:00:00Z",
            "2025-02-28T23:59:59.999Z",
            "2025-02-27T23:59:59.999Z",
        ),
        (
            "2024-02-29T10:00:00Z",
            "2025-03-01T23:59:59.999Z",
            "2025-02-28T23:59:59.999Z",
        ),
        (
            "2024-03-01T10:00:00Z",
            "2025-03-01T23:59:59.999Z",
            "2025-02-28T23:59:59.999Z",
        ),
        (
            "2023-02-28T10:00:00Z",
            "2024-02-28T23:59:59.999Z",
            "2024-02-27T23:59:59.999Z",
        ),
        (
            "2023-03-01T10:00:00Z",
            "2024-03-01T23:59:59.999Z",
            "2024-02-29T23:59:59.999Z",
        ),
    ] {
        let life = Life::new(rolling(), grew(&[(reached, 100)]));
        let state = life.at(at(reached));
        assert_eq!(state.valid_until, Some(at(valid)), "{reached}");
        let shown = standing(life.facts(), &state, at(reached));
        assert_eq!(
            shown.next.and_then(|it| it.by),
            Some(at(gap_until)),
            "{reached}"
        );
        let window =
            |time| growth_in_window(&life.growth, Window::Rolling12Months, &life.zone, time);
        assert_eq!(window(at(gap_until)), 100, "{reached}");
        assert_eq!(window(at(gap_until).next()), 0, "{reached}");
    }
}

#[test]
fn days_are_those_of_the_member() {
    for (name, reached, valid) in [
        // Already 11 March in Shanghai.
        (
            "Asia/Shanghai",
            "2025-03-10T20:00:00Z",
            "2026-03-11T15:59:59.999Z",
        ),
        // Summer time begins on 9 March 2025 and on 8 March 2026: the day has 23 hours.
        (
            "America/New_York",
            "2025-03-08T20:00:00Z",
            "2026-03-09T03:59:59.999Z",
        ),
        (
            "America/New_York",
            "2025-11-02T04:30:00Z",
            "2026-11-03T04:59:59.999Z",
        ),
        // Midnight does not exist on 6 September 2026: the day before ends at 23:59:59.999.
        (
            "America/Santiago",
            "2025-09-05T12:00:00Z",
            "2026-09-06T03:59:59.999Z",
        ),
    ] {
        let life = Life {
            zone: zone(name).expect("a zone"),
            ..Life::new(rolling(), grew(&[(reached, 100)]))
        };
        assert_eq!(
            life.at(at(reached)).valid_until,
            Some(at(valid)),
            "{name} {reached}"
        );
    }
}

fn edited(first: Ladder, from: &str, second: Ladder) -> Vec<LadderAt> {
    let mut ladders = since_ever(first);
    ladders.push(LadderAt {
        version: 2,
        from: at(from),
        ladder: second,
    });
    ladders
}

#[test]
fn an_edit_of_the_ladder_never_cuts_a_tier_short() {
    let window = Window::Rolling12Months;
    let raised = edited(
        ladder(window, &[0, 100, 500]),
        "2023-06-01T00:00:00Z",
        ladder(window, &[0, 100, 900]),
    );
    let life = Life::new(raised, grew(&[("2023-03-10T12:00:00Z", 600)]));
    let last = at("2024-03-10T23:59:59.999Z");
    let state = life.at(last);
    assert_eq!(
        (state.code.as_str(), state.valid_until),
        ("gold", Some(last))
    );

    let lowered = edited(
        ladder(window, &[0, 100, 900]),
        "2023-06-01T00:00:00Z",
        ladder(window, &[0, 100, 500]),
    );
    let life = Life::new(lowered, grew(&[("2023-03-10T12:00:00Z", 600)]));
    let story = life.story("2023-06-01T00:00:00Z");
    let up = (
        ChangeCause::LadderEdited,
        "gold".to_owned(),
        "2023-06-01T00:00:00Z".to_owned(),
    );
    assert_eq!(story.last(), Some(&up));
    let state = life.at(at("2023-07-01T00:00:00Z"));
    assert_eq!(state.valid_until, Some(at("2024-06-01T23:59:59.999Z")));
}

#[test]
fn a_change_of_window_dates_tiers_or_frees_them() {
    let growth = || grew(&[("2023-03-10T12:00:00Z", 600)]);
    let dated = |window| ladder(window, &[0, 100, 500]);
    let edit = "2023-06-01T00:00:00Z";
    let bound = Life::new(
        edited(
            dated(Window::Lifetime),
            edit,
            dated(Window::Rolling12Months),
        ),
        growth(),
    );
    assert_eq!(
        bound.at(at(edit)).valid_until,
        Some(at("2024-06-01T23:59:59.999Z"))
    );
    let freed = Life::new(
        edited(
            dated(Window::Rolling12Months),
            edit,
            dated(Window::Lifetime),
        ),
        growth(),
    );
    assert_eq!(freed.at(at(edit)).valid_until, None);
    assert_eq!(freed.at(Timestamp::MAX).code, "gold");
}

#[test]
fn a_tier_that_the_ladder_lost_becomes_the_next_lower_one() {
    let window = Window::Rolling12Months;
    let mut without = ladder(window, &[0, 100, 500]);
    without.tiers.remove(2);
    let ladders = edited(
        ladder(window, &[0, 100, 500]),
        "2023-06-01T00:00:00Z",
        without,
    );
    let life = Life::new(ladders, grew(&[("2023-03-10T12:00:00Z", 600)]));
    let story = life.story("2023-06-01T00:00:00Z");
    let moved = (
        ChangeCause::LadderEdited,
        "silver".to_owned(),
        "2023-06-01T00:00:00Z".to_owned(),
    );
    assert_eq!(story.last(), Some(&moved));
}

#[test]
fn a_standing_says_what_is_missing_and_until_when() {
    let rows = [("2023-03-10T12:00:00Z", 60), ("2023-05-10T12:00:00Z", 90)];
    let life = Life::new(rolling(), grew(&rows));
    for (now, growth, progress, gap, by, keep_gap, at_risk, in_grace) in [
        (
            "2023-06-01T00:00:00Z",
            150,
            1_250,
            350,
            "2024-03-09T23:59:59.999Z",
            100,
            false,
            false,
        ),
        (
            "2024-03-10T00:00:00Z",
            90,
            0,
            410,
            "2024-05-09T23:59:59.999Z",
            100,
            false,
            false,
        ),
        (
            "2024-04-20T00:00:00Z",
            90,
            0,
            410,
            "2024-05-09T23:59:59.999Z",
            100,
            true,
            false,
        ),
    ] {
        let now = at(now);
        let shown = standing(life.facts(), &life.at(now), now);
        let next = shown.next.expect("a next tier");
        assert_eq!(
            (shown.growth_value, next.progress_bps, next.gap),
            (growth, progress, gap)
        );
        assert_eq!(next.by, Some(at(by)));
        let keep = shown.keep.expect("it ends");
        assert_eq!(
            (keep.gap, keep.at_risk, keep.in_grace),
            (keep_gap, at_risk, in_grace)
        );
        assert_eq!(keep.by, at("2024-05-10T23:59:59.999Z"));
    }
    let now = at("2024-05-20T00:00:00Z");
    let shown = standing(life.facts(), &life.at(now), now);
    let keep = shown.keep.expect("it ends");
    assert_eq!(
        (keep.in_grace, keep.by),
        (true, at("2024-06-09T23:59:59.999Z"))
    );
    assert_eq!(shown.next.expect("a next tier").by, None);
}

/// Edits a ladder.
type Edit = fn(&mut Ladder);

#[test]
fn a_ladder_is_checked() {
    assert_eq!(check_ladder(&ladder(Window::Lifetime, &[0, 10, 20])), []);
    let edits: [(&str, Edit); 12] = [
        ("/tiers", |it| it.tiers.clear()),
        ("/grace_days", |it| it.grace_days = 181),
        ("/warn_days", |it| it.warn_days = 367),
        ("/tiers/0/threshold", |it| it.tiers[0].threshold = 1),
        ("/tiers/2/threshold", |it| it.tiers[2].threshold = 1),
        ("/tiers/2/threshold", |it| {
            it.tiers[2].threshold = MAX_AMOUNT + 1
        }),
        ("/tiers/1/code", |it| it.tiers[1].code = "basic".into()),
        ("/tiers/1/code", |it| it.tiers[1].code = "Silver".into()),
        ("/tiers/1/name/zh-CN", |it| {
            it.tiers[1].name.zh_cn = " ".into()
        }),
        ("/tiers/1/name/en", |it| {
            it.tiers[1].name.en = "x".repeat(41)
        }),
        ("/tiers/1/benefits/0", |it| {
            it.tiers[1].benefits = vec![Benefit::EarnMultiplier { bps: -1 }]
        }),
        ("/tiers/1/benefits/1", |it| {
            it.tiers[1].benefits = vec![Benefit::PriorityShipping, Benefit::PriorityShipping];
        }),
    ];
    for (pointer, edit) in edits {
        let mut wrong = ladder(Window::Lifetime, &[0, 10, 20]);
        edit(&mut wrong);
        let pointers: Vec<_> = check_ladder(&wrong)
            .into_iter()
            .map(|it| it.pointer)
            .collect();
        assert_eq!(pointers, [pointer]);
    }
}

#[test]
fn the_matrix_marks_what_differs_from_the_tier_below() {
    let mut shown = ladder(Window::Lifetime, &[0, 1, 2]);
    let earn = |bps| Benefit::EarnMultiplier { bps };
    shown.tiers[0].benefits = vec![earn(10_000)];
    shown.tiers[1].benefits = vec![earn(10_000), Benefit::PriorityShipping];
    shown.tiers[2].benefits = vec![Benefit::PriorityShipping, earn(20_000)];
    let rows: Vec<_> = benefit_matrix(&shown)
        .into_iter()
        .map(|row| {
            (
                row.kind,
                row.cells.iter().map(|it| it.differs).collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("earn_multiplier".to_owned(), vec![false, false, true]),
            ("priority_shipping".to_owned(), vec![false, true, false]),
        ]
    );
    assert_eq!(shown.tiers[2].earn_bps(), 20_000);
    assert_eq!(
        ladder(Window::Lifetime, &[0]).tiers[0].earn_bps(),
        WHOLE_BPS
    );
}

#[test]
fn the_end_of_time_ends() {
    for window in [
        Window::Rolling12Months,
        Window::CalendarYear,
        Window::Lifetime,
    ] {
        let late = Growth {
            at: Timestamp::MAX.plus_days(-500),
            amount: 600,
        };
        let life = Life::new(since_ever(ladder(window, &[0, 100, 500])), vec![late]);
        assert!(
            !replay(life.facts(), Timestamp::MAX).1.is_empty(),
            "{window:?}"
        );
    }
}

fn any_window() -> impl Strategy<Value = Window> {
    prop_oneof![
        Just(Window::Rolling12Months),
        Just(Window::CalendarYear),
        Just(Window::Lifetime)
    ]
}

fn any_zone() -> impl Strategy<Value = TimeZone> {
    // Read once: that takes longer than a replay.
    let just = |name| Just(zone(name).expect("a zone"));
    prop_oneof![
        just("UTC"),
        just("Asia/Shanghai"),
        just("America/New_York"),
        just("Asia/Kathmandu"),
    ]
}

/// Growth by hours over about four years, some of it at one instant.
fn any_growth() -> impl Strategy<Value = Vec<Growth>> {
    let row = (0..35_000i64, 1..400i64).prop_map(|(hour, amount)| Growth {
        at: day(-365).plus_millis(hour * 3_600_000),
        amount,
    });
    proptest::collection::vec(row, 0..14).prop_map(sorted)
}

fn sorted(mut growth: Vec<Growth>) -> Vec<Growth> {
    growth.sort_by_key(|it| it.at);
    growth
}

prop_compose! {
    fn any_life()(
        window in any_window(),
        zone in any_zone(),
        growth in any_growth(),
        grace_days in 0..60u16,
        warn_days in 0..90u16,
        edit in proptest::option::of((0..35_000i64, [1..300i64, 1..300, 1..300])),
    ) -> Life {
        let days = |thresholds: &[i64]| Ladder { grace_days, warn_days, ..ladder(window, thresholds) };
        let mut ladders = since_ever(days(&[0, 100, 250, 600]));
        if let Some((hour, [a, b, c])) = edit {
            let from = day(-365).plus_millis(hour * 3_600_000);
            ladders.push(LadderAt { version: 2, from, ladder: days(&[0, a, a + b, a + b + c]) });
        }
        Life { growth, ladders, zone }
    }
}

fn horizon() -> Timestamp {
    day(365 * 6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn down_only_by_one_step_and_after_the_grace_period(life in any_life()) {
        let (_, transitions) = replay(life.facts(), horizon());
        let mut grace: Option<Timestamp> = None;
        let mut warned = 0;
        for pair in transitions.windows(2) {
            let (before, it) = (&pair[0], &pair[1]);
            prop_assert!(before.at <= it.at);
            prop_assert_eq!(Some(&before.to), it.from.as_ref());
            let ladder = &ladder_at(&life.ladders, it.at).ladder;
            let (from, to) = (ladder.rank(&before.to), ladder.rank(&it.to));
            match it.cause {
                ChangeCause::Warned => {
                    warned += 1;
                    prop_assert_eq!(warned, 1, "warned once");
                    prop_assert!(it.growth < it.threshold && from == to);
                }
                ChangeCause::GraceBegan => {
                    prop_assert_eq!(warned, 1, "warned before");
                    prop_assert!(it.growth < it.threshold && from == to);
                    grace = Some(it.at);
                }
                ChangeCause::Lowered => {
                    prop_assert_eq!(from, to + 1);
                    prop_assert!(it.growth < it.threshold);
                    prop_assert_eq!(grace.is_some(), ladder.grace_days > 0);
                    if let Some(began) = grace.take() {
                        let days = i64::from(ladder.grace_days);
                        prop_assert!(it.at >= began.plus_days(days).plus_millis(-3_600_000));
                    }
                    warned = 0;
                }
                ChangeCause::Kept => {
                    prop_assert!(it.growth >= it.threshold && from == to);
                    prop_assert_eq!(warned, 1);
                    (grace, warned) = (None, 0);
                }
                ChangeCause::Reached | ChangeCause::LadderEdited => {
                    prop_assert!(to > from && it.growth >= it.threshold);
                    (grace, warned) = (None, 0);
                }
                ChangeCause::Joined | ChangeCause::Refunded | ChangeCause::Merged => {
                    prop_assert!(false, "{:?}", it);
                }
            }
        }
    }

    #[test]
    fn a_replay_may_be_cut_anywhere(life in any_life(), hour in 0..50_000i64) {
        let cut = day(-365).plus_millis(hour * 3_600_000);
        let (state, early) = replay(life.facts(), cut);
        let (_, all) = replay(life.facts(), horizon());
        let expected: Vec<_> = all.iter().filter(|it| it.at <= cut.max(all[0].at)).cloned().collect();
        prop_assert_eq!(&early, &expected);
        // Growth after the cut is not known yet at the cut.
        let known = life.growth.iter().filter(|it| it.at <= cut).copied().collect();
        let then = Life { growth: known, ladders: life.ladders.clone(), zone: life.zone.clone() };
        if life.growth.first().is_none_or(|it| it.at <= cut || it.at >= then.facts().joined_at) {
            prop_assert_eq!(state.code, then.at(cut).code);
        }
    }

    #[test]
    fn refunded_growth_leaves_no_trace(
        life in any_life(),
        undone in any_growth(),
        hour in 0..50_000i64,
    ) {
        let back = undone.iter().map(|it| Growth { at: it.at, amount: -it.amount });
        let with: Vec<_> = life.growth.iter().copied().chain(undone.iter().copied()).chain(back).collect();
        let with = Life { growth: sorted(with), ladders: life.ladders.clone(), zone: life.zone.clone() };
        let now = day(-365).plus_millis(hour * 3_600_000);
        let (state, transitions) = replay(life.facts(), now);
        prop_assert_eq!(replay(with.facts(), now), (state.clone(), transitions));
        prop_assert_eq!(standing(with.facts(), &state, now), standing(life.facts(), &state, now));
    }

    #[test]
    fn a_rise_counts_what_its_window_holds(life in any_life()) {
        let (_, transitions) = replay(life.facts(), horizon());
        for it in transitions.iter().filter(|it| it.cause == ChangeCause::Reached) {
            let window = ladder_at(&life.ladders, it.at).ladder.window;
            prop_assert_eq!(it.growth, growth_in_window(&life.growth, window, &life.zone, it.at));
        }
    }

    #[test]
    fn more_growth_never_means_a_lower_tier(life in any_life(), more in any_growth()) {
        let with = life.growth.iter().chain(&more).copied().collect();
        let with = Life { growth: sorted(with), ladders: life.ladders.clone(), zone: life.zone.clone() };
        let mut moments: Vec<_> = [&life, &with]
            .iter()
            .flat_map(|it| replay(it.facts(), horizon()).1)
            .map(|it| it.at)
            .collect();
        moments.push(horizon());
        for moment in moments {
            let ladder = &ladder_at(&life.ladders, moment).ladder;
            let (less, more) = (life.at(moment), with.at(moment));
            prop_assert!(
                ladder.rank(&less.code) <= ladder.rank(&more.code),
                "at {}: {} with less, {} with more", moment, less.code, more.code
            );
        }
    }

    #[test]
    fn a_raised_threshold_never_cuts_a_dated_tier_short(
        life in any_life(),
        by in 1..500i64,
        hour in 0..35_000i64,
    ) {
        let mut plain = life;
        plain.ladders.truncate(1);
        let from = day(-365).plus_millis(hour * 3_600_000);
        let before = plain.at(from.plus_millis(-1));
        let mut raised = plain.ladders[0].clone();
        raised.from = from;
        raised.ladder.tiers.iter_mut().skip(1).for_each(|it| it.threshold += by);
        plain.ladders.push(raised);
        let dated = before.grace_until.or(before.valid_until).unwrap_or(horizon());
        if dated >= from {
            let ladder = &plain.ladders[0].ladder;
            prop_assert!(ladder.rank(&plain.at(dated).code) >= ladder.rank(&before.code));
        }
    }

    #[test]
    fn the_shown_gap_is_enough(life in any_life(), hour in 9_000..50_000i64) {
        let now = day(-365).plus_millis(hour * 3_600_000);
        let shown = standing(life.facts(), &life.at(now), now);
        let mut ladders = life.ladders.clone();
        ladders.retain(|it| it.from <= now);
        let past: Vec<_> = life.growth.iter().filter(|it| it.at <= now).copied().collect();
        let grown = |at, amount| {
            let growth = past.iter().copied().chain([Growth { at, amount }]).collect();
            Life { growth: sorted(growth), ladders: ladders.clone(), zone: life.zone.clone() }
        };
        if let Some(next) = shown.next.filter(|it| it.gap > 0) {
            let by = next.by.unwrap_or(now.next());
            let ladder = &ladder_at(&ladders, now).ladder;
            let reached = grown(by, next.gap).at(by);
            prop_assert!(ladder.rank(&reached.code) > shown.rank as usize || reached.code == next.code);
        }
        if let Some(keep) = shown.keep.filter(|it| it.gap > 0) {
            let kept = grown(keep.by, keep.gap).at(keep.by.next());
            prop_assert_eq!(kept.code, shown.code);
        }
    }
}
