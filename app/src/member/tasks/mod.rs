//! Tasks: today's check-in, this month's tasks, the calendar, and what was given before.

mod board;
mod calendar;
mod history;
mod strip;

use super::{Me, may_act, titled, with_summary};
use crate::i18n::locale;
use crate::parts::Subject;
use crate::parts::points::why_sheet;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::live;
use crate::ui::query::{Query, query};
use crate::ui::ways::{Look, ways};
use leptos::prelude::*;
use shared::members::api::Glance;
use shared::tasks::api::{CheckInCalendar, TaskBoard};

/// What the parts of the page read, so that one can say that the others have changed.
#[derive(Clone, Copy)]
struct Reads {
    month: Query<CheckInCalendar>,
    board: Query<TaskBoard>,
    summary: Query<Glance>,
    /// Whether the member may do something, and not only look.
    may_act: bool,
}

impl Reads {
    /// Reads for this member.
    fn of(it: &Glance) -> Self {
        let Me(summary) = expect_context();
        Self {
            month: query(|| Some("/api/v1/me/check_ins".to_owned())),
            board: query(|| Some("/api/v1/me/tasks".to_owned())),
            summary,
            may_act: may_act(it),
        }
    }

    /// Something was done: all of it may have changed.
    fn reload(self) {
        self.month.reload();
        self.board.reload();
        self.summary.reload();
    }
}

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_summary(tr!(locale(), tasks.title), show)
}

/// Today's check-in alone, for a frame in a page of the shop.
#[must_use]
pub fn widget() -> AnyView {
    titled(tr!(locale(), tasks.check_in), "sr-only", |subject, it| {
        let more = tr!(subject.amounts.locale, tasks.calendar);
        view! {
            {strip::strip(subject, Reads::of(&it))}
            <p class="end"><a class="link" href="/tasks?view=calendar">{more}</a></p>
        }
        .into_any()
    })
}

fn show(subject: &Subject, it: Glance) -> AnyView {
    let locale = subject.amounts.locale;
    let reads = Reads::of(&it);
    let view = Address::here().part("view");
    let views = [
        (None, tr!(locale, tasks.this_month)),
        (Some("calendar"), tr!(locale, tasks.calendar)),
        (Some("history"), tr!(locale, tasks.history)),
    ];
    let shown = subject.clone();
    let body = live::part(move || match view.get().as_deref() {
        Some("calendar") => calendar::calendar(&shown, reads),
        Some("history") => history::history(&shown),
        _ => board::board(&shown, reads),
    });
    view! {
        {strip::strip(subject, reads)}
        {ways(tr!(locale, tasks.view), Look::Switch, "view", &["month", "pages"], &views)}
        {body}
        {why_sheet(subject.clone())}
    }
    .into_any()
}
