//! What checking in gives: every day, some days of a streak, and making up for missed days.

use super::may_change;
use super::outages::outages;
use super::rewards::{Templates, rewards, templates};
use crate::console::kit::desk::{Desk, head, page};
use crate::console::kit::draft::Draft;
use crate::console::kit::editor::{Editor, Spec, editor};
use crate::console::kit::field::{Field, Kind, Number, field, fields};
use crate::console::kit::rows::{Rows, rows};
use crate::console::kit::section::section;
use crate::i18n::locale;
use crate::parts::tasks::reward_text;
use crate::tr;
use crate::ui::live;
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::rewards::{Reward, sum_up};
use shared::tasks::check_in::{CheckInPlan, MAX_MILESTONES};

/// The fewest days that the preview shows: a month.
const MONTH: u16 = 31;

/// The page.
#[must_use]
pub fn check_in() -> AnyView {
    let locale = locale();
    page(tr!(locale, plan.title), |desk| {
        let spec = Spec {
            part: "/plan",
            saved: |it| tr!(it, plan.saved),
            may: may_change(),
            closed: None,
            review: None,
        };
        let parts = desk.clone();
        view! {
            {head(tr!(locale, plan.title), tr!(locale, plan.hint), ().into_any())}
            {editor(spec, "/api/v1/check_in_plan", move |it| body(&parts, it))}
            {outages(&desk)}
        }
        .into_any()
    })
}

fn body(desk: &Desk, editor: Editor) -> AnyView {
    let locale = desk.locale;
    let draft = editor.draft;
    let templates = templates();
    let open =
        field("/open", tr!(locale, plan.open), Kind::Toggle).hint(tr!(locale, plan.open_hint));
    let daily = view! {
        {open.show(draft)}
        {rewards(desk, draft, "/daily".to_owned(), templates)}
    };
    let of_row = desk.clone();
    let rows = view! {
        {fields(draft, cycle(desk))}
        {rows(DAYS, draft, move |at| row(&of_row, draft, at, templates))}
    };
    view! {
        {preview(desk, draft)}
        {section(tr!(locale, plan.daily), tr!(locale, plan.daily_hint), daily.into_any())}
        {section(tr!(locale, plan.rows), tr!(locale, plan.rows_hint), rows.into_any())}
        {section(tr!(locale, plan.makeup), tr!(locale, plan.makeup_hint), fields(draft, makeup(desk)))}
    }
    .into_any()
}

fn cycle(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    let days = Number::whole(tr!(locale, rules.unit_days)).or_none();
    vec![
        field("/cycle_days", tr!(locale, plan.cycle), Kind::Number(days))
            .hint(tr!(locale, plan.cycle_hint)),
        field("/monthly", tr!(locale, plan.monthly), Kind::Toggle),
    ]
}

fn makeup(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    let days = || Kind::Number(Number::whole(tr!(locale, rules.unit_days)));
    vec![
        field("/makeup/days_back", tr!(locale, plan.days_back), days())
            .hint(tr!(locale, plan.days_back_hint)),
        field("/makeup/per_month", tr!(locale, plan.per_month), days())
            .hint(tr!(locale, plan.per_month_hint)),
    ]
}

/// The table of days.
const DAYS: Rows = Rows {
    at: "/milestones",
    most: MAX_MILESTONES,
    add: |it| tr!(it, plan.add),
    remove: |it, n| tr!(it, plan.remove, n = n),
    fresh,
};

/// One more row, for the next day of the round that has none.
fn fresh(plan: &Value) -> Value {
    let round = plan["cycle_days"].as_i64().unwrap_or(366);
    let rows = plan["milestones"].as_array();
    let days = rows.into_iter().flatten();
    let days: Vec<i64> = days.filter_map(|it| it["day"].as_i64()).collect();
    let last = days.iter().copied().max().unwrap_or(0);
    let mut free = (last + 1..=round).chain(1..=last);
    let day = free.find(|it| !days.contains(it)).unwrap_or(last + 1);
    json!({ "day": day, "rewards": [{ "kind": "points", "amount": 100 }] })
}

/// A day of the table: its number, and what it gives.
fn row(desk: &Desk, draft: Draft, at: &str, templates: Templates) -> (Vec<Field>, AnyView) {
    let day = field(
        format!("{at}/day"),
        tr!(desk.locale, plan.day),
        Kind::Number(Number::default()),
    );
    let gives = rewards(desk, draft, format!("{at}/rewards"), templates);
    (vec![day], gives)
}

/// A month of checking in every day, as the plan being edited has it.
fn preview(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let desk = desk.clone();
    let shown = live::part(move || match read(draft.watch()) {
        Some(plan) => month(&desk, &plan),
        None => view! { <p class="muted">{tr!(locale, missions.preview_wait)}</p> }.into_any(),
    });
    view! {
        <section class="card stack" aria-labelledby="plan-preview">
            <h2 class="title" id="plan-preview">{tr!(locale, plan.preview)}</h2>
            <p class="muted">{tr!(locale, plan.preview_hint)}</p>
            {shown}
        </section>
    }
    .into_any()
}

/// The plan, without the rewards that are not chosen yet.
fn read(mut plan: Value) -> Option<CheckInPlan> {
    let keep = |list: &mut Value| {
        if let Some(rewards) = list.as_array_mut() {
            rewards.retain(|it| serde_json::from_value::<Reward>(it.clone()).is_ok());
        }
    };
    keep(&mut plan["daily"]);
    for row in plan["milestones"].as_array_mut().into_iter().flatten() {
        keep(&mut row["rewards"]);
    }
    serde_json::from_value(plan).ok()
}

fn month(desk: &Desk, plan: &CheckInPlan) -> AnyView {
    let locale = desk.locale;
    let last = plan.milestones.iter().map(|it| it.day).max().unwrap_or(0);
    let days = plan.unbroken(last.clamp(MONTH, 366));
    let all = days.iter().take(usize::from(MONTH)).flat_map(|it| &it.1);
    let total = words(desk, &sum_up(all.map(|it| (*it, it.amount()))));
    let is_row = |number: u16| plan.milestones.iter().any(|it| it.day == number);
    let cells = days.iter().enumerate().map(|(place, (number, rewards))| {
        let day = desk.number(i64::try_from(place + 1).unwrap_or(0));
        let special = is_row(*number).then_some("true");
        view! {
            <li class="plan__day" data-row=special>
                <span class="plan__number">{tr!(locale, plan.nth, n = day)}</span>
                <span>{words(desk, rewards)}</span>
            </li>
        }
    });
    view! {
        <ol class="plan" role="list">{cells.collect_view()}</ol>
        <p>{tr!(locale, plan.total, what = total)}</p>
    }
    .into_any()
}

fn words(desk: &Desk, rewards: &[Reward]) -> String {
    if rewards.is_empty() {
        return tr!(desk.locale, missions.nothing).to_owned();
    }
    let each = rewards.iter().map(|it| reward_text(desk.amounts, *it));
    each.collect::<Vec<_>>().join(" + ")
}
