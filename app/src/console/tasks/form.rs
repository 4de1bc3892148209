//! The fields of a task: the edited value is the definition itself.

use super::{event_name, rewards};
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Field, Kind, Number, field, fields};
use crate::console::kit::section::section;
use crate::console::kit::shapes::{shape_of, shapes};
use crate::console::points::money;
use crate::tr;
use crate::ui::{live, zoned};
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::tasks::TaskEventKind;

/// What counts, with its name on the wire.
const EVENTS: [(TaskEventKind, &str); 8] = [
    (TaskEventKind::Orders, "orders"),
    (TaskEventKind::OrderAmount, "order_amount"),
    (TaskEventKind::CheckIns, "check_ins"),
    (TaskEventKind::ProfileCompleted, "profile_completed"),
    (TaskEventKind::Reviews, "reviews"),
    (TaskEventKind::Custom, "custom"),
    (TaskEventKind::ShareVisits, "share_visits"),
    (TaskEventKind::ShareSignUps, "share_sign_ups"),
];

/// A new task, before anything was typed; it begins today.
pub(super) fn blank(desk: &Desk) -> Value {
    let today = zoned::today(&desk.zone);
    let starts_at = today.and_then(|it| zoned::start_of_day(&desk.zone, &it));
    json!({
        "name": { "zh-CN": "", "en": "" }, "description": { "zh-CN": "", "en": "" },
        "target": target("orders"), "period": "monthly",
        "rewards": [{ "kind": "points", "amount": 100 }],
        "quota": { "per_member": 1, "total": null }, "audience": { "tiers": [], "tags": [] },
        "join": "automatic", "claim": "by_member", "claim_days": 7,
        "starts_at": starts_at, "ends_at": null
    })
}

/// What a target of an event begins with.
fn target(event: &str) -> Value {
    match event {
        "orders" | "order_amount" => json!({ "event": event, "goal": 1,
            "scope": { "categories": [], "skus": [], "minimum_amount": 0 } }),
        "custom" => json!({ "event": event, "goal": 1, "name": "" }),
        "share_visits" | "share_sign_ups" => json!({ "event": event, "goal": 1, "url": "/" }),
        "profile_completed" => json!({ "event": event }),
        _ => json!({ "event": event, "goal": 1 }),
    }
}

/// All fields. What counts and how often it begins again cannot be changed once the task exists.
pub(super) fn body(desk: &Desk, draft: Draft, exists: bool) -> AnyView {
    let locale = desk.locale;
    let templates = rewards::templates();
    let gives = view! {
        {rewards::rewards(desk, draft, "/rewards".to_owned(), templates)}
        {fields(draft, quota(desk))}
    };
    view! {
        {section(tr!(locale, missions.words), tr!(locale, missions.words_hint), fields(draft, words(desk)))}
        {section(tr!(locale, missions.goal), tr!(locale, missions.goal_hint), goal(desk, draft, exists))}
        {section(tr!(locale, missions.rewards), tr!(locale, missions.rewards_hint), gives.into_any())}
        {section(tr!(locale, missions.who), tr!(locale, missions.who_hint), fields(draft, who(desk)))}
        {section(tr!(locale, missions.time), tr!(locale, missions.time_hint), fields(draft, time(desk, exists)))}
    }
    .into_any()
}

fn words(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    vec![
        field("/name/zh-CN", tr!(locale, missions.name_zh), Kind::Text),
        field("/name/en", tr!(locale, missions.name_en), Kind::Text),
        field(
            "/description/zh-CN",
            tr!(locale, missions.description_zh),
            Kind::Text,
        ),
        field(
            "/description/en",
            tr!(locale, missions.description_en),
            Kind::Text,
        ),
    ]
}

fn goal(desk: &Desk, draft: Draft, exists: bool) -> AnyView {
    let locale = desk.locale;
    let desk = desk.clone();
    let event = shape_of(draft, "/target", "event");
    let ways = || EVENTS.map(|(kind, name)| (name, event_name(locale, kind), target(name)));
    let events = (!exists).then(|| {
        let label = tr!(locale, missions.event);
        shapes(draft, "/target", "event", label, ways().to_vec())
    });
    let rest = live::part(move || fields(draft, measures(&desk, &event.get())));
    view! { {events}{rest} }.into_any()
}

/// What there is to say about an event: how much, and of what.
fn measures(desk: &Desk, event: &str) -> Vec<Field> {
    let locale = desk.locale;
    let goal = |number| {
        field(
            "/target/goal",
            tr!(locale, missions.goal),
            Kind::Number(number),
        )
    };
    let names =
        |at: &str, label| field(at, label, Kind::Names).hint(tr!(locale, rules.one_per_line));
    let mut all = match event {
        "profile_completed" => Vec::new(),
        "order_amount" => vec![goal(money(desk))],
        _ => vec![goal(Number::default())],
    };
    match event {
        "orders" | "order_amount" => {
            let least = Kind::Number(money(desk));
            all.extend([
                field(
                    "/target/scope/minimum_amount",
                    tr!(locale, missions.minimum),
                    least,
                ),
                names("/target/scope/categories", tr!(locale, missions.categories)),
                names("/target/scope/skus", tr!(locale, missions.skus)),
            ]);
        }
        "custom" => all.push(field(
            "/target/name",
            tr!(locale, missions.event_name),
            Kind::Text,
        )),
        "share_visits" | "share_sign_ups" => {
            let url = field("/target/url", tr!(locale, missions.url), Kind::Text);
            all.push(url.hint(tr!(locale, missions.url_hint)));
        }
        _ => {}
    }
    all
}

fn quota(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    vec![
        field(
            "/quota/per_member",
            tr!(locale, missions.per_member),
            Kind::Number(Number::default()),
        ),
        field(
            "/quota/total",
            tr!(locale, missions.total),
            Kind::Number(Number::whole("").or_none()),
        )
        .hint(tr!(locale, rules.no_limit)),
    ]
}

fn who(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    let join = Kind::one_of([
        ("automatic", tr!(locale, missions.join_automatic)),
        ("opt_in", tr!(locale, missions.join_opt_in)),
    ]);
    let claim = Kind::one_of([
        ("by_member", tr!(locale, missions.claim_by_member)),
        ("automatic", tr!(locale, missions.claim_automatic)),
    ]);
    vec![
        field("/audience/tiers", tr!(locale, missions.tiers), Kind::Names)
            .hint(tr!(locale, missions.tiers_hint)),
        field("/audience/tags", tr!(locale, missions.tags), Kind::Names)
            .hint(tr!(locale, missions.tags_hint)),
        field("/join", tr!(locale, missions.join), join),
        field("/claim", tr!(locale, missions.claim), claim),
    ]
}

fn time(desk: &Desk, exists: bool) -> Vec<Field> {
    let locale = desk.locale;
    let period = Kind::one_of([
        ("monthly", tr!(locale, missions.monthly)),
        ("once", tr!(locale, missions.once)),
    ]);
    let zone = || desk.zone.clone();
    let period = (!exists).then(|| field("/period", tr!(locale, missions.period), period));
    let rest = [
        field(
            "/starts_at",
            tr!(locale, missions.from),
            Kind::DayFrom(zone()),
        ),
        field(
            "/ends_at",
            tr!(locale, missions.until),
            Kind::DayUntil(zone()),
        )
        .hint(tr!(locale, rules.no_limit)),
        field(
            "/claim_days",
            tr!(locale, missions.claim_days),
            Kind::Number(Number::whole(tr!(locale, rules.unit_days))),
        ),
    ];
    period.into_iter().chain(rest).collect()
}
