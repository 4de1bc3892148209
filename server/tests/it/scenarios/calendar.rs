//! How often and when a community is called, and what its calendar says about it.

use super::support::{Lists, calls, daily, on, once};
use crate::sales::support::{Sales, opening};
use crate::support::{TestApp, on_both};
use serde_json::json;
use shared::scenarios::Call;
use shared::scenarios::api::CalendarEvent;

#[tokio::test]
async fn the_calendar_says_beforehand_what_the_pace_drops_and_keeps_to_it() {
    on_both(async |app: &TestApp| {
        let quiet = json!({ "from": 22 * 60, "to": 7 * 60 });
        let pace = json!({ "quiet": quiet, "per_day": 2, "per_week": 3 });
        let it = Lists::with_pace(app, pace).await;
        it.joined(&["ann"]).await;
        let plan = [
            (0, 780, "first", Call::Made),
            (0, 840, "second", Call::Made),
            (0, 900, "third", Call::DayFull),
            (0, 1380, "night", Call::QuietHours),
            (1, 419, "early", Call::QuietHours),
            (1, 420, "morning", Call::Made),
            (2, 480, "midweek", Call::WeekFull),
            (7, 480, "next week", Call::Made),
        ];
        for (day, minute, title, _) in plan {
            it.make(json!({ "title": title, "schedule": once(day, minute) }))
                .await;
        }
        let expected =
            |has: bool| plan.map(|(day, minute, title, call)| (on(day, minute), title, call, has));
        let before = it.calendar(8).await;
        assert_eq!(calls(&before), expected(false));
        // A look at the second week knows of the calls of the first.
        let path = it.path("calendar?from=2026-06-17&days=1");
        let day: shared::scenarios::api::Calendar = it.read(&path).await;
        assert_eq!(calls(&day), [expected(false)[6]]);
        for (day, minute, ..) in plan {
            it.at(day, minute).await;
        }
        let after = it.calendar(8).await;
        assert_eq!(calls(&after), expected(true));
        for entry in &after.entries {
            if let CalendarEvent::Scenario {
                call, deliveries, ..
            } = &entry.event
            {
                assert_eq!(deliveries.len(), usize::from(*call == Call::Made));
            }
        }
        let heard = ["first", "second", "morning", "next week"];
        assert_eq!(it.heard("ann").await, heard);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn what_nothing_ran_for_appears_as_it_was_due_and_too_late_to_call() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        it.joined(&["ann"]).await;
        it.make(json!({ "schedule": daily(780) })).await;
        it.make(json!({ "title": "Tea", "schedule": once(3, 841) }))
            .await;
        // Nothing runs for three days; two hours are late, a minute less is not.
        it.at(3, 960).await;
        let calendar = it.calendar(5).await;
        let breakfast = "Office breakfast";
        assert_eq!(
            calls(&calendar),
            [
                (on(0, 780), breakfast, Call::Late, true),
                (on(1, 780), breakfast, Call::Late, true),
                (on(2, 780), breakfast, Call::Late, true),
                (on(3, 780), breakfast, Call::Late, true),
                (on(3, 841), "Tea", Call::Made, true),
                (on(4, 780), breakfast, Call::Made, false),
            ]
        );
        assert_eq!(it.heard("ann").await, ["Tea"]);
        it.shop.assert_books().await;
    })
    .await;
}

#[tokio::test]
async fn a_call_that_is_too_late_is_not_counted() {
    on_both(async |app: &TestApp| {
        let it = Lists::with_pace(app, json!({ "per_day": 1 })).await;
        it.make(json!({ "title": "missed", "schedule": once(0, 730) }))
            .await;
        it.make(json!({ "title": "in time", "schedule": once(0, 900) }))
            .await;
        it.make(json!({ "title": "too many", "schedule": once(0, 960) }))
            .await;
        it.at(0, 900).await;
        it.at(0, 960).await;
        let calendar = it.calendar(1).await;
        let made: Vec<Call> = calls(&calendar).into_iter().map(|it| it.2).collect();
        assert_eq!(made, [Call::Late, Call::Made, Call::DayFull]);
    })
    .await;
}

#[tokio::test]
async fn sales_for_the_community_stand_in_its_calendar() {
    on_both(async |app: &TestApp| {
        let it = Lists::open(app).await;
        let sales = Sales::open(app).await;
        let own = json!({ "audience": { "communities": [it.community.id] } });
        let sale = sales.sale(own).await;
        sales.sale(json!({})).await;
        let calendar = it.calendar(1).await;
        assert_eq!(calendar.entries.len(), 1);
        let entry = &calendar.entries[0];
        assert_eq!(entry.at, opening());
        let CalendarEvent::Sale { sale_id, .. } = &entry.event else {
            panic!("{entry:?}");
        };
        assert_eq!(sale_id.to_string(), sale);
    })
    .await;
}
