//! What a community was and will be shown: a month at a desk, the days one after another on a
//! phone.

use super::one::{self, Subject};
use super::words::{call, delivery, way, why};
use super::{COMMUNITIES, KEY};
use crate::console::kit::desk::Desk;
use crate::console::kit::table::badge;
use crate::console::sales::phase_name;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::format::{self, Moment};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::month::{days_after, neighbour, weekday, weekday_name};
use crate::ui::query::{self, Query};
use crate::ui::sheet::{Sheet, sheet_at};
use crate::ui::zoned;
use leptos::prelude::*;
use shared::ids::ScenarioId;
use shared::scenarios::Call;
use shared::scenarios::api::{Calendar, CalendarEntry, CalendarEvent, Delivery};
use shared::time::Timestamp;

/// Days of the weeks that a month can touch.
const DAYS: i64 = 42;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    one::page("", part)
}

fn part(desk: &Desk, it: &Subject) -> AnyView {
    let (id, path) = (it.id.clone(), it.path.clone());
    let asked = Address::here().part("month");
    let today = zoned::today(&desk.zone).unwrap_or_default();
    let this = today.clone();
    // Whatever the address says, it becomes a month.
    let month = Memo::new(move |_| neighbour(&asked.get().unwrap_or_else(|| this.clone()), 0));
    let path = format!("{path}/calendar");
    let found = query::query::<Calendar>(move || {
        let from = first_day(&month.get());
        Some(format!("{path}?from={from}&days={DAYS}"))
    });
    let (show_desk, sheet_desk) = (desk.clone(), desk.clone());
    let shown = loaded(found, 7, move |it| {
        grid(&show_desk, &month.get_untracked(), &today, &it)
    });
    view! {
        <section class="card stack" aria-labelledby="month">
            {shown}
            {desk.zone_note()}
        </section>
        {sheet_at(KEY, move |key, close| sheet(&sheet_desk, &id, &key, found, close))}
    }
    .into_any()
}

/// The Monday on which the week of a month's first day begins.
fn first_day(month: &str) -> String {
    let first = format!("{month}-01");
    let back = i64::try_from(weekday(&first)).unwrap_or(0);
    days_after(&first, -back).unwrap_or(first)
}

/// The name of an entry in the address.
fn key(it: &CalendarEntry) -> String {
    let id = match &it.event {
        CalendarEvent::Scenario { scenario_id, .. } => scenario_id.to_string(),
        CalendarEvent::Sale { sale_id, .. } => sale_id.to_string(),
    };
    format!("{}.{id}", it.at.as_millis())
}

fn grid(desk: &Desk, month: &str, today: &str, it: &Calendar) -> AnyView {
    let locale = desk.locale;
    let first = first_day(month);
    let days = (0..DAYS).filter_map(|n| days_after(&first, n));
    let days: Vec<String> = days.collect();
    // A month ends in its fourth, fifth or sixth week.
    let weeks = days
        .chunks(7)
        .filter(|week| week.iter().any(|day| day.starts_with(month)));
    let cells = weeks.flatten().map(|date| {
        let on = |at: Timestamp| zoned::day_in(&desk.zone, &at.to_string());
        let entries = it
            .entries
            .iter()
            .filter(|it| on(it.at).as_ref() == Some(date));
        let entries: Vec<AnyView> = entries.map(|it| entry(desk, it)).collect();
        day(desk, date, date == today, date.starts_with(month), entries)
    });
    let names = (0..7).map(|it| view! { <span>{weekday_name(locale, it, Moment::Weekday)}</span> });
    let none = it.entries.is_empty().then(|| {
        view! { <p class="muted">{tr!(locale, community_desk.calendar_none)}</p> }
    });
    view! {
        {turn(desk, month)}
        <div class="agenda__names" aria-hidden="true">{names.collect_view()}</div>
        <ol class="agenda" role="list">{cells.collect_view()}</ol>
        {none}
    }
    .into_any()
}

/// The month's name between the ways to the one before and the one after.
fn turn(desk: &Desk, month: &str) -> AnyView {
    let locale = desk.locale;
    let here = Address::here();
    let way = |step, label: &'static str, mark| {
        let month = neighbour(month, step);
        let href = here.with_now(&[("month", Some(month.as_str()))]);
        view! { <a class="button button--icon" data-noscroll="" href=href aria-label=label>{icon(mark)}</a> }
    };
    let at: Result<Timestamp, _> = format!("{month}-01T00:00:00Z").parse();
    let title = at.map(|at| format::moment(locale, "UTC", at, Moment::Month));
    view! {
        <div class="card__head">
            {way(-1, tr!(locale, tasks.last_month), Icon::Previous)}
            <h2 class="title" id="month">{title.unwrap_or_default()}</h2>
            {way(1, tr!(locale, tasks.next_month), Icon::Next)}
        </div>
    }
    .into_any()
}

fn day(desk: &Desk, date: &str, today: bool, inside: bool, entries: Vec<AnyView>) -> AnyView {
    let at: Result<Timestamp, _> = format!("{date}T00:00:00Z").parse();
    let say = |what| {
        let at = at.as_ref().ok();
        at.map(|at| format::moment(desk.locale, "UTC", *at, what))
            .unwrap_or_default()
    };
    let (whole, number) = (say(Moment::Day), say(Moment::DayOfMonth));
    let name = say(Moment::Weekday);
    let (empty, out) = (entries.is_empty().then_some(""), (!inside).then_some(""));
    let today = today.then_some("date");
    let entries = (!entries.is_empty())
        .then(|| view! { <ul class="agenda__list" role="list">{entries}</ul> });
    view! {
        <li class="agenda__day" data-empty=empty data-out=out aria-current=today>
            <p class="agenda__date"><span class="agenda__whole">{whole}" "<span class="row__note">{name}</span></span><span class="agenda__number" aria-hidden="true">{number}</span></p>
            {entries}
        </li>
    }
    .into_any()
}

/// The time of an instant, such as `07:30`.
fn time(desk: &Desk, at: Timestamp) -> String {
    let text = zoned::wall_text(&desk.zone, &at.to_string()).unwrap_or_default();
    text.chars().skip(11).collect()
}

fn entry(desk: &Desk, it: &CalendarEntry) -> AnyView {
    let locale = desk.locale;
    let at = time(desk, it.at);
    match &it.event {
        CalendarEvent::Scenario {
            posting_id,
            title,
            call: made,
            deliveries,
            ..
        } => {
            let (said, tone) = call(locale, *made, posting_id.is_none(), deliveries);
            let href = Address::here().with_now(&[(KEY, Some(&key(it)))]);
            view! {
                <li><a class="entry" data-tone=tone data-noscroll="" href=href aria-haspopup="dialog">
                    <span class="entry__time">{at}</span><span class="entry__name">{title.clone()}</span>{badge(said, tone)}
                </a></li>
            }
            .into_any()
        }
        CalendarEvent::Sale {
            sale_id,
            title,
            phase,
            ..
        } => {
            let (said, tone) = phase_name(locale, *phase);
            view! {
                <li><a class="entry entry--sale" data-tone=tone href=format!("/console/sales/{sale_id}")>
                    <span class="entry__time">{icon(Icon::Flash)}{at}</span><span class="entry__name">{title.get(locale).to_owned()}</span>{badge(said, tone)}
                </a></li>
            }
            .into_any()
        }
    }
}

/// How the call to a list got on, and why there was none.
fn sheet(
    desk: &Desk,
    id: &str,
    asked: &str,
    found: Query<Calendar>,
    close: Callback<()>,
) -> AnyView {
    let texts = found.source.texts().unwrap_or_default();
    let read = texts.first();
    let read = read.and_then(|it| crate::api::read::<Calendar>(it).ok());
    let mut entries = read.into_iter().flat_map(|it| it.entries);
    let Some(entry) = entries.find(|it| key(it) == asked) else {
        return ().into_any();
    };
    let CalendarEvent::Scenario {
        scenario_id,
        posting_id,
        title,
        call,
        deliveries,
    } = entry.event
    else {
        return ().into_any();
    };
    let planned = posting_id.is_none();
    let about = view! {
        <p class="muted">{desk.time(entry.at)}</p>
        {told(desk, call, planned, &deliveries)}
        {to_list(desk, id, scenario_id)}
    };
    view! { <Sheet title=title close=close>{about}</Sheet> }.into_any()
}

fn told(desk: &Desk, made: Call, planned: bool, deliveries: &[Delivery]) -> AnyView {
    let locale = desk.locale;
    let (said, tone) = call(locale, made, planned, deliveries);
    let rows = deliveries.iter().map(|it| got_on(desk, it)).collect_view();
    let rows = (!deliveries.is_empty()).then(|| view! { <ul class="rows" role="list">{rows}</ul> });
    view! {
        <p>{badge(said, tone)}" "{why(locale, made, planned)}</p>
        {rows}
    }
    .into_any()
}

/// How one way got on.
fn got_on(desk: &Desk, it: &Delivery) -> AnyView {
    let locale = desk.locale;
    let (said, tone) = delivery(locale, it.state);
    let number = |n: u32| desk.number(i64::from(n));
    let reached = it
        .reached
        .map(|n| tr!(locale, channel_desk.reached, n = number(n)));
    let tried = (it.attempts > 1).then(|| tr!(locale, channel_desk.tried, n = number(it.attempts)));
    let trouble = it
        .trouble
        .as_ref()
        .map(|it| tr!(locale, channel_desk.met, what = it));
    let notes: Vec<String> = [reached, tried, trouble].into_iter().flatten().collect();
    view! {
        <li class="row row--still">
            <span class="row__main">
                <span class="row__title">{way(locale, it.kind)}</span>
                <span class="row__note">{notes.join(" · ")}</span>
            </span>
            {badge(said, tone)}
        </li>
    }
    .into_any()
}

fn to_list(desk: &Desk, id: &str, list: ScenarioId) -> AnyView {
    let href = format!("{COMMUNITIES}/{id}/lists/{list}");
    view! { <p class="end"><a class="button" href=href>{tr!(desk.locale, scenario_desk.look)}</a></p> }
        .into_any()
}
