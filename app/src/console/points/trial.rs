//! A dry run: what the edited rules would have paid in the last 30 days, beside what was paid.

use crate::console::MEMBERS;
use crate::console::kit::desk::Desk;
use crate::console::kit::editor::Editor;
use crate::console::kit::preview::preview;
use crate::console::kit::schedule::{self, Schedule};
use crate::tr;
use crate::ui::format;
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::points::api::{PolicyTrial, TrialSample};

/// Where the versions of the points rules are.
pub(super) const SCHEDULE: Schedule = Schedule {
    path: "/api/v1/points_policy/versions",
    part: "policy",
};

/// Shows what the edited rules would have paid.
fn shown(desk: &Desk, editor: Editor) -> AnyView {
    let desk = desk.clone();
    let body: fn(Value) -> Value = |policy| json!({"policy": policy, "days": 30});
    let path = "/api/v1/points_policy/trials";
    preview::<PolicyTrial>(editor, path, body, move |it| picture(&desk, &it))
}

/// The card above the rules.
pub(super) fn card(desk: &Desk, editor: Editor) -> AnyView {
    view! {
        <section class="card stack" aria-labelledby="trial">
            <h2 class="title" id="trial">{tr!(desk.locale, trial.title)}</h2>
            {shown(desk, editor)}
        </section>
    }
    .into_any()
}

/// The last look before the rules are saved.
pub(super) fn review(editor: Editor) -> AnyView {
    let shown = Desk::here().map(|desk| shown(&desk, editor));
    schedule::review(editor, SCHEDULE, shown.into_any())
}

fn picture(desk: &Desk, it: &PolicyTrial) -> AnyView {
    let locale = desk.locale;
    let count = |n: u64| desk.number(i64::try_from(n).unwrap_or(i64::MAX));
    let text = tr!(
        locale,
        trial.sentence,
        orders = count(it.orders),
        points = desk.number(it.would.points),
        members = count(it.would.members)
    );
    let moved = match (it.gain, it.lose) {
        (0, 0) => tr!(locale, trial.same).to_owned(),
        (gain, lose) => tr!(locale, trial.moved, gain = count(gain), lose = count(lose)),
    };
    let most = it.paid.points.max(it.would.points).max(1);
    let bar = |name: &'static str, class: &'static str, points: i64| {
        let width = format!(
            "{}%",
            (points.max(0) * 100 / most).max(i64::from(points > 0))
        );
        view! {
            <li class="impact__row">
                <span class="impact__name">{name}</span>
                <span class="impact__bars" aria-hidden="true"><span class=class style:width=width></span></span>
                <span class="impact__count">{desk.number(points)}</span>
            </li>
        }
    };
    let samples = it.samples.iter().filter(|it| it.paid != it.would);
    let samples: Vec<_> = samples.map(|it| sample(desk, it)).collect();
    let samples = (!samples.is_empty()).then(|| {
        view! {
            <details>
                <summary class="why">{tr!(locale, trial.samples)}</summary>
                <ul class="rows" role="list">{samples}</ul>
            </details>
        }
    });
    view! {
        <p class="lead" role="status">{text}</p>
        <ul class="impact" role="list">
            {bar(tr!(locale, trial.paid), "impact__now", it.paid.points)}
            {bar(tr!(locale, trial.would), "impact__after", it.would.points)}
        </ul>
        <p class="muted">{moved}</p>
        {samples}
        <p class="row__note">{tr!(locale, trial.note, from = desk.time(it.from))}</p>
    }
    .into_any()
}

fn sample(desk: &Desk, it: &TrialSample) -> AnyView {
    let href = format!("{MEMBERS}/{}", it.member_id);
    let name = it.name.clone().unwrap_or_else(|| it.member_id.to_string());
    let difference = format::signed(desk.locale, it.would.saturating_sub(it.paid));
    let range = format!("{} → {}", desk.number(it.paid), desk.number(it.would));
    view! {
        <li><a class="row" href=href>
            <span class="row__main"><span class="row__title">{name}</span><span class="row__note">{range}</span></span>
            <span class="row__side amount">{difference}</span>
        </a></li>
    }
    .into_any()
}
