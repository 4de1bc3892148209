//! A month of check-ins as a grid that is walked with the arrow keys.

use super::Reads;
use super::strip::{day_as, day_text, mark, state_name, state_text};
use crate::api::{Api, Intent};
use crate::parts::Subject;
use crate::parts::tasks::reward_text;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::format::{self, Moment};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::month::{neighbour, weekday, weekday_name};
use crate::ui::query::{Query, query};
use crate::ui::toast::Toaster;
use crate::ui::{browser, live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::tasks::api::{CalendarDay, CheckInCalendar, CheckInReceipt, MakeUp};
use shared::tasks::check_in::DayState;
use shared::text::Locale;

/// The calendar of the month that the address names, or the present one.
pub(super) fn calendar(subject: &Subject, reads: Reads) -> AnyView {
    let asked = Address::here().part("month");
    let path = move || {
        let month = asked
            .get()
            .map(|it| format!("?month={}-01", browser::encode(&it)));
        Some(format!("/api/v1/me/check_ins{}", month.unwrap_or_default()))
    };
    let month: Query<CheckInCalendar> = query(path);
    let subject = subject.clone();
    let picked = RwSignal::new(None::<usize>);
    loaded(month, 7, move |it| {
        picked.set(None);
        grid(&subject, reads, month, it, picked)
    })
}

fn grid(
    subject: &Subject,
    reads: Reads,
    month: Query<CheckInCalendar>,
    it: CheckInCalendar,
    picked: RwSignal<Option<usize>>,
) -> AnyView {
    let locale = subject.amounts.locale;
    let first = it.month.to_string();
    let title = day_as(locale, it.month, Moment::Month);
    let here = Address::here();
    let turn = |step, label: &'static str, mark| {
        let month = neighbour(&first, step);
        let href = here.with_now(&[("month", Some(month.as_str()))]);
        view! { <a class="button button--icon" data-noscroll="" href=href aria-label=label>{icon(mark)}</a> }.into_any()
    };
    let at_end = it.days.iter().any(|day| day.day == it.today);
    // Nothing lies ahead of this month; the title stays in the middle.
    let next = match at_end {
        true => view! { <span class="month__no"></span> }.into_any(),
        false => turn(1, tr!(locale, tasks.next_month), Icon::Next),
    };
    let cards = format::number(locale, it.cards);
    let (today, days) = (
        it.days.iter().position(|day| day.day == it.today),
        it.days.clone(),
    );
    let current = Signal::derive(move || picked.get().or(today).unwrap_or(0));
    let has_card = it.cards > 0;
    let detail = {
        let (subject, days) = (subject.clone(), days.clone());
        move || {
            days.get(current.get())
                .map(|day| detail(&subject, reads, month, day, has_card))
        }
    };
    view! {
        <section class="card stack" aria-labelledby="month">
            <div class="card__head">
                {turn(-1, tr!(locale, tasks.last_month), Icon::Previous)}
                <h2 class="title" id="month">{title}</h2>
                {next}
            </div>
            {table(locale, &it, current, picked)}
            <div role="status">{live::maybe(detail)}</div>
            <p class="row__note">{tr!(locale, tasks.cards_left, n = cards)}" · "{tr!(locale, tasks.zone, zone = it.time_zone)}</p>
        </section>
    }
    .into_any()
}

/// The days in weeks that begin on Monday. One day is in the tab order; arrows walk from it.
fn table(
    locale: Locale,
    it: &CheckInCalendar,
    current: Signal<usize>,
    picked: RwSignal<Option<usize>>,
) -> AnyView {
    let blanks = weekday(&it.month.to_string());
    let count = it.days.len();
    let keys = move |event: web_sys::KeyboardEvent| {
        let place = current.get_untracked();
        let next = match event.key().as_str() {
            "ArrowLeft" => place.checked_sub(1),
            "ArrowRight" => Some(place + 1),
            "ArrowUp" => place.checked_sub(7),
            "ArrowDown" => Some(place + 7),
            "Home" => Some(0),
            "End" => Some(count - 1),
            _ => return,
        };
        event.prevent_default();
        if let Some(next) = next.filter(|it| *it < count) {
            picked.set(Some(next));
            browser::focus(&format!("day-{next}"));
        }
    };
    let mut cells: Vec<Option<(usize, CalendarDay)>> = vec![None; blanks];
    cells.extend(it.days.iter().cloned().enumerate().map(Some));
    let today = it.today;
    let weeks = cells.chunks(7).map(|week| {
        let days = week.iter().map(|cell| match cell {
            Some((place, day)) => cell_of(locale, *place, day, day.day == today, current, picked),
            None => view! { <td></td> }.into_any(),
        });
        view! { <tr>{days.collect_view()}</tr> }
    });
    let names = (0..7).map(|day| {
        let [letter, name] = [Moment::WeekdayLetter, Moment::Weekday].map(|it| weekday_name(locale, day, it));
        view! { <th scope="col"><span aria-hidden="true">{letter}</span><span class="sr-only">{name}</span></th> }
    });
    view! {
        <table class="month" role="grid" aria-labelledby="month" on:keydown=keys>
            <thead><tr>{names.collect_view()}</tr></thead>
            <tbody>{weeks.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn cell_of(
    locale: Locale,
    place: usize,
    it: &CalendarDay,
    is_today: bool,
    current: Signal<usize>,
    picked: RwSignal<Option<usize>>,
) -> AnyView {
    let number = it
        .day
        .to_string()
        .rsplit('-')
        .next()
        .unwrap_or_default()
        .trim_start_matches('0')
        .to_owned();
    let spoken = format!(
        "{} {}",
        day_text(locale, it.day),
        state_text(locale, it.state)
    );
    let tab = Signal::derive(move || if current.get() == place { "0" } else { "-1" });
    let chosen = Signal::derive(move || (current.get() == place).to_string());
    let today = is_today.then_some("date");
    view! {
        <td role="gridcell" aria-selected=chosen>
            <button class="month__day" type="button" id=format!("day-{place}") tabindex=tab aria-label=spoken
                aria-current=today data-state=state_name(it.state) on:click=move |_| picked.set(Some(place))>
                {mark(it.state, number)}
            </button>
        </td>
    }
    .into_any()
}

/// What the chosen day is and gave, with the button for making up.
fn detail(
    subject: &Subject,
    reads: Reads,
    month: Query<CheckInCalendar>,
    it: &CalendarDay,
    has_card: bool,
) -> AnyView {
    let locale = subject.amounts.locale;
    let what: Vec<String> = it
        .rewards
        .iter()
        .map(|it| reward_text(subject.amounts, *it))
        .collect();
    let gave = (!what.is_empty()).then(|| format!(" · {}", what.join(" + ")));
    let missed = it.state == DayState::MakeupAvailable && reads.may_act;
    let button = missed.then(|| match has_card {
        true => make_up(subject, reads, month, it),
        false => view! { <p class="row__note">{tr!(locale, tasks.no_card)}</p> }.into_any(),
    });
    view! {
        <div class="month__detail">
            <p>{day_text(locale, it.day)}" · "{state_text(locale, it.state)}{gave}</p>
            {button}
        </div>
    }
    .into_any()
}

fn make_up(
    subject: &Subject,
    reads: Reads,
    month: Query<CheckInCalendar>,
    it: &CalendarDay,
) -> AnyView {
    let locale = subject.amounts.locale;
    let (busy, intent) = (RwSignal::new(false), Intent::new());
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let body = MakeUp { day: it.day };
    let send = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (body, key) = (body.clone(), intent.key(&body));
        spawn_local(async move {
            match api
                .post::<CheckInReceipt>("/api/v1/me/make_ups", &body, Some(&key))
                .await
            {
                Ok(done) => {
                    intent.done();
                    let n = format::number(locale, i64::from(done.streak));
                    toaster.say(tr!(locale, tasks.made_up, n = n));
                }
                Err(error) => {
                    if error.code().is_some() {
                        intent.done();
                    }
                    toaster.say(state::words_in(locale, &error).0);
                }
            }
            busy.try_set(false);
            month.reload();
            reads.reload();
        });
    };
    let spoken = format!(
        "{} {}",
        tr!(locale, tasks.make_up),
        day_text(locale, it.day)
    );
    let waiting = Signal::derive(move || busy.get().then_some("true"));
    view! {
        <button class="button button--small" type="button" aria-label=spoken aria-disabled=waiting on:click=send>{tr!(locale, tasks.make_up)}</button>
    }
    .into_any()
}
