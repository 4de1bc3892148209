//! Today's check-in: seven days around today, and the button.

use super::Reads;
use crate::api::{Api, Intent};
use crate::parts::Subject;
use crate::parts::tasks::reward_text;
use crate::tr;
use crate::ui::format::{self, Moment};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::state;
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::tasks::api::{CalendarDay, CheckInCalendar, CheckInReceipt, Nothing};
use shared::tasks::check_in::DayState;
use shared::text::Locale;
use shared::time::{Day, Timestamp};

/// Days of the strip.
const DAYS: usize = 7;

/// The strip with its button.
pub(super) fn strip(subject: &Subject, reads: Reads) -> AnyView {
    let subject = subject.clone();
    let (busy, intent) = (RwSignal::new(false), Intent::new());
    // Set when a check-in has just been done, so that the day is celebrated once.
    let fresh = RwSignal::new(false);
    let show = move |it: CheckInCalendar| strip_of(&subject, reads, it, busy, intent, fresh);
    view! { <section class="card" aria-labelledby="check-in">{loaded(reads.month, 2, show)}</section> }.into_any()
}

fn strip_of(
    subject: &Subject,
    reads: Reads,
    it: CheckInCalendar,
    busy: RwSignal<bool>,
    intent: Intent,
    fresh: RwSignal<bool>,
) -> AnyView {
    let locale = subject.amounts.locale;
    let days = around(&it);
    let cells = days
        .iter()
        .map(|day| cell(subject, day, day.day == it.today))
        .collect_view();
    let streak = i64::from(it.streak);
    let n = format::number(locale, streak);
    let next = it.next_milestone.as_ref().map(|next| {
        let n = format::number(locale, i64::from(next.in_days));
        let what: Vec<String> = next.rewards.iter().map(|it| reward_text(subject.amounts, *it)).collect();
        view! { <p class="row__note">{tr!(locale, tasks.next_milestone, n = n, what = what.join(" + "))}</p> }
    });
    let today = days.iter().find(|day| day.day == it.today);
    let gives: Vec<String> = today
        .into_iter()
        .flat_map(|it| &it.rewards)
        .map(|it| reward_text(subject.amounts, *it))
        .collect();
    view! {
        <div class="card__head">
            <h2 class="title" id="check-in">{tr!(locale, tasks.check_in)}</h2>
            <p class="streak" data-fresh=move || fresh.get().to_string()>
                {icon(Icon::Flash)}{tr!(locale, tasks.streak, count = streak, n = n)}
            </p>
        </div>
        <ol class="strip" role="list">{cells}</ol>
        {next}
        {button(subject, reads, &it, gives.join(" + "), busy, intent, fresh)}
    }
    .into_any()
}

/// Seven days of the month with today among them.
fn around(it: &CheckInCalendar) -> Vec<CalendarDay> {
    let today = it
        .days
        .iter()
        .position(|day| day.day == it.today)
        .unwrap_or(0);
    let first = today
        .saturating_sub(DAYS / 2)
        .min(it.days.len().saturating_sub(DAYS));
    it.days.iter().skip(first).take(DAYS).cloned().collect()
}

/// What a day is, in a word.
pub(super) fn state_text(locale: Locale, state: DayState) -> &'static str {
    match state {
        DayState::Checked => tr!(locale, tasks.day_checked),
        DayState::MadeUp => tr!(locale, tasks.day_made_up),
        DayState::Open => tr!(locale, tasks.day_open),
        DayState::MakeupAvailable => tr!(locale, tasks.day_makeup),
        DayState::Missed => tr!(locale, tasks.day_missed),
        DayState::Frozen => tr!(locale, tasks.day_frozen),
        DayState::Future => tr!(locale, tasks.day_future),
        DayState::Before => tr!(locale, tasks.day_before),
    }
}

/// What a day is, for the style sheet.
pub(super) const fn state_name(state: DayState) -> &'static str {
    match state {
        DayState::Checked => "checked",
        DayState::MadeUp => "made-up",
        DayState::Open => "open",
        DayState::MakeupAvailable => "makeup",
        DayState::Missed => "missed",
        DayState::Frozen => "frozen",
        DayState::Future => "future",
        DayState::Before => "before",
    }
}

/// A day as people write it: `Jun 15`.
pub(super) fn day_text(locale: Locale, day: Day) -> String {
    day_as(locale, day, Moment::Day)
}

/// A day, as much of it as is asked for.
pub(super) fn day_as(locale: Locale, day: Day, what: Moment) -> String {
    let at: Result<Timestamp, _> = format!("{day}T00:00:00Z").parse();
    at.map_or_else(
        |_| day.to_string(),
        |at| format::moment(locale, "UTC", at, what),
    )
}

/// The mark of a day.
pub(super) fn mark(state: DayState, otherwise: String) -> AnyView {
    match state {
        DayState::Checked | DayState::MadeUp => icon(Icon::Check),
        DayState::Frozen => icon(Icon::Frozen),
        _ => otherwise.into_any(),
    }
}

fn cell(subject: &Subject, it: &CalendarDay, is_today: bool) -> AnyView {
    let locale = subject.amounts.locale;
    let date = match is_today {
        true => tr!(locale, tasks.today).to_owned(),
        false => day_as(locale, it.day, Moment::DayOfMonth),
    };
    let points = it
        .rewards
        .first()
        .map(|it| format!("+{}", format::number(locale, it.amount())));
    let words = state_text(locale, it.state);
    let current = is_today.then_some("date");
    view! {
        <li class="strip__day" data-state=state_name(it.state) aria-current=current>
            <span class="strip__mark" aria-hidden="true">{mark(it.state, points.unwrap_or_default())}</span>
            <span class="strip__date">{date}</span>
            <span class="sr-only">{words}</span>
        </li>
    }
    .into_any()
}

fn button(
    subject: &Subject,
    reads: Reads,
    it: &CheckInCalendar,
    gives: String,
    busy: RwSignal<bool>,
    intent: Intent,
    fresh: RwSignal<bool>,
) -> AnyView {
    let locale = subject.amounts.locale;
    if !it.open {
        return view! { <p class="muted">{tr!(locale, tasks.check_in_closed)}</p> }.into_any();
    }
    if it.checked_in {
        return view! { <p class="done">{icon(Icon::Check)}{tr!(locale, tasks.checked_in)}</p> }
            .into_any();
    }
    if !reads.may_act {
        return ().into_any();
    }
    let label = if gives.is_empty() {
        tr!(locale, tasks.check_in_now).to_owned()
    } else {
        tr!(locale, tasks.check_in_for, what = gives)
    };
    let text = Signal::derive(move || {
        if busy.get() {
            tr!(locale, auth.working).to_owned()
        } else {
            label.clone()
        }
    });
    let disabled = Signal::derive(move || busy.get().to_string());
    let send = send(subject, reads, busy, intent, fresh);
    view! {
        <button class="button button--main button--wide" type="button" aria-disabled=disabled on:click=move |_| send()>{text}</button>
    }
    .into_any()
}

/// Checks in, says what it gave, and lets the page read again.
fn send(
    subject: &Subject,
    reads: Reads,
    busy: RwSignal<bool>,
    intent: Intent,
    fresh: RwSignal<bool>,
) -> impl Fn() + use<> {
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let (amounts, locale) = (subject.amounts, subject.amounts.locale);
    move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let key = intent.key(&Nothing {});
        spawn_local(async move {
            let answer = api
                .post::<CheckInReceipt>("/api/v1/me/check_ins", &Nothing {}, Some(&key))
                .await;
            busy.try_set(false);
            match answer {
                Ok(done) => {
                    intent.done();
                    fresh.try_set(true);
                    let what = done.rewards.iter().map(|it| reward_text(amounts, *it));
                    let what = what.collect::<Vec<_>>().join(" + ");
                    let n = format::number(locale, i64::from(done.streak));
                    toaster.say(tr!(locale, tasks.check_in_done, what = what, n = n));
                }
                Err(error) => {
                    if error.code().is_some() {
                        intent.done();
                    }
                    toaster.say(state::words_in(locale, &error).0);
                }
            }
            reads.reload();
        });
    }
}
