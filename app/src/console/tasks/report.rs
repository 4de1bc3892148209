//! What a task has brought and cost.

use crate::console::kit::desk::Desk;
use crate::parts::tasks::reward_text;
use crate::tr;
use crate::ui::load::loaded;
use crate::ui::meter::share;
use crate::ui::{browser, query};
use leptos::prelude::*;
use shared::tasks::api::TaskReport;

/// The report of a task.
pub(super) fn report(desk: &Desk, id: &str) -> AnyView {
    let path = format!("/api/v1/tasks/{}/report", browser::encode(id));
    let found = query::query::<TaskReport>(move || Some(path.clone()));
    let desk = desk.clone();
    let title = tr!(desk.locale, missions.report);
    view! {
        <section class="card stack" aria-labelledby="report">
            <h2 class="title" id="report">{title}</h2>
            {loaded(found, 3, move |it| numbers(&desk, &it))}
        </section>
    }
    .into_any()
}

fn numbers(desk: &Desk, it: &TaskReport) -> AnyView {
    let locale = desk.locale;
    let count = |n: u64| desk.number(i64::try_from(n).unwrap_or(i64::MAX));
    let fact = |label: &'static str, text: String| {
        view! { <div class="fact"><dt class="fact__label">{label}</dt><dd class="fact__number">{text}</dd></div> }
    };
    let cost: Vec<String> = it
        .cost
        .iter()
        .map(|it| reward_text(desk.amounts, *it))
        .collect();
    let cost = if cost.is_empty() {
        tr!(locale, missions.nothing).to_owned()
    } else {
        cost.join(" + ")
    };
    let joined = it
        .joined
        .map(|n| fact(tr!(locale, missions.joined), count(n)));
    view! {
        <dl class="facts facts--wide">
            {joined}
            {fact(tr!(locale, missions.taking_part), count(it.taking_part))}
            {fact(tr!(locale, missions.rewarded), count(it.rewarded_members))}
            {fact(tr!(locale, missions.taken_back), count(it.taken_back_times))}
            {fact(tr!(locale, missions.cost), cost)}
        </dl>
        {spread(desk, &it.spread)}
    }
    .into_any()
}

/// How far members are, as bars: the last is those who reached the goal.
fn spread(desk: &Desk, rows: &[u64]) -> AnyView {
    let locale = desk.locale;
    let most = rows.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return ().into_any();
    }
    let row = |(tenth, n): (usize, &u64)| {
        let n = i64::try_from(*n).unwrap_or(i64::MAX);
        let label = if tenth >= 10 {
            tr!(locale, missions.reached).to_owned()
        } else {
            format!("{}%", tenth * 10)
        };
        let whole = i64::try_from(most).unwrap_or(i64::MAX);
        view! { <li class="bars__row"><span>{label}</span>{share(n, whole)}<span class="amount">{desk.number(n)}</span></li> }
    };
    view! {
        <h3 class="label">{tr!(locale, missions.spread)}</h3>
        <ul class="bars" role="list">{rows.iter().enumerate().map(row).collect_view()}</ul>
    }
    .into_any()
}
