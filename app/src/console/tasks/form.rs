//! A task as a form has it: every part is there, whatever counts, and rewards are plain numbers.

use super::event_name;
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Field, Kind, Number, field, fields};
use crate::console::kit::section::section;
use crate::tr;
use crate::ui::format;
use crate::ui::{live, zoned};
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::coupons::api::Template;
use shared::tasks::{TaskDefinition, TaskEventKind};
use shared::time::Timestamp;

/// Kinds of rewards: name on the wire, and the part that holds how much.
const GIVE: [(&str, &str); 4] = [
    ("points", "amount"),
    ("growth", "amount"),
    ("credit", "amount"),
    ("makeup_card", "count"),
];

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
pub(super) fn blank(today: String) -> Value {
    json!({
        "name": { "zh-CN": "", "en": "" }, "description": { "zh-CN": "", "en": "" },
        "target": { "event": "orders", "goal": 1, "name": "", "url": "/",
            "scope": { "categories": [], "skus": [], "minimum_amount": 0 } },
        "period": "monthly", "give": { "points": 100, "growth": null, "credit": null, "makeup_card": null, "coupon": "" },
        "quota": { "per_member": 1, "total": null }, "audience": { "tiers": [], "tags": [] },
        "join": "automatic", "claim": "by_member", "claim_days": 7, "from": today, "until": ""
    })
}

/// The day of an instant in a zone, as fields have it: `2026-06-15`.
pub(super) fn day_in(zone: &str, at: f64) -> String {
    let shown = format::wall_clock(zone, at).unwrap_or(at);
    let text: String = js_sys::Date::new(&shown.into()).to_iso_string().into();
    text.get(..10).unwrap_or_default().to_owned()
}

/// What a definition looks like in the form.
pub(super) fn to_form(desk: &Desk, it: &TaskDefinition) -> Value {
    let day = |at: Timestamp| day_in(&desk.zone, format::js(at.as_millis()));
    let mut form = blank(day(it.starts_at));
    let whole = serde_json::to_value(it).unwrap_or_default();
    for part in [
        "name",
        "description",
        "period",
        "quota",
        "audience",
        "join",
        "claim",
        "claim_days",
    ] {
        if let Some(value) = whole.get(part) {
            form[part] = value.clone();
        }
    }
    if let Some(target) = whole["target"].as_object() {
        for (part, value) in target {
            form["target"][part] = value.clone();
        }
    }
    form["give"] = json!({ "points": null, "growth": null, "credit": null, "makeup_card": null, "coupon": "" });
    for reward in whole["rewards"].as_array().into_iter().flatten() {
        let kind = reward["kind"].as_str().unwrap_or_default();
        if kind == "coupon" {
            form["give"]["coupon"] = reward["template"].clone();
        }
        if let Some((name, part)) = GIVE.iter().find(|it| it.0 == kind) {
            form["give"][*name] = reward[*part].clone();
        }
    }
    form["until"] = it.ends_at.map(day).unwrap_or_default().into();
    form
}

/// The definition that a form describes; `None` while a day is not one.
pub(super) fn to_definition(desk: &Desk, form: &Value) -> Option<Value> {
    let event = form["target"]["event"].as_str().unwrap_or_default();
    let goal = &form["target"]["goal"];
    let target = match event {
        "orders" | "order_amount" => {
            json!({ "event": event, "goal": goal, "scope": form["target"]["scope"] })
        }
        "custom" => json!({ "event": event, "goal": goal, "name": form["target"]["name"] }),
        "share_visits" | "share_sign_ups" => {
            json!({ "event": event, "goal": goal, "url": form["target"]["url"] })
        }
        "profile_completed" => json!({ "event": event }),
        _ => json!({ "event": event, "goal": goal }),
    };
    let mut rewards: Vec<Value> = GIVE
        .iter()
        .filter(|it| form["give"][it.0].as_i64().is_some_and(|n| n > 0))
        .map(|(kind, part)| {
            let mut reward = json!({ "kind": kind });
            reward[*part] = form["give"][*kind].clone();
            reward
        })
        .collect();
    if let Some(template) = form["give"]["coupon"].as_str().filter(|it| !it.is_empty()) {
        rewards.push(json!({ "kind": "coupon", "template": template, "count": 1 }));
    }
    let from = zoned::start_of_day(&desk.zone, form["from"].as_str()?)?;
    let until = form["until"].as_str().unwrap_or_default();
    let until = if until.is_empty() {
        None
    } else {
        Some(zoned::end_of_day(&desk.zone, until)?)
    };
    Some(json!({
        "name": form["name"], "description": form["description"], "target": target, "period": form["period"],
        "rewards": rewards, "quota": form["quota"], "audience": form["audience"], "join": form["join"],
        "claim": form["claim"], "claim_days": form["claim_days"], "starts_at": from, "ends_at": until
    }))
}

/// All fields. What counts cannot be changed into something else once the task exists.
pub(super) fn body(desk: &Desk, draft: Draft, exists: bool, templates: &[Template]) -> AnyView {
    let locale = desk.locale;
    view! {
        {section(tr!(locale, missions.words), tr!(locale, missions.words_hint), fields(draft, words(desk)))}
        {section(tr!(locale, missions.goal), tr!(locale, missions.goal_hint), goal(desk, draft, exists))}
        {section(tr!(locale, missions.rewards), tr!(locale, missions.rewards_hint), fields(draft, gives(desk, templates)))}
        {section(tr!(locale, missions.who), tr!(locale, missions.who_hint), fields(draft, who(desk)))}
        {section(tr!(locale, missions.time), tr!(locale, missions.time_hint), fields(draft, time(desk)))}
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

fn money(desk: &Desk) -> Number {
    let currency = desk.amounts.currency;
    Number {
        places: currency.minor_digits(),
        after: currency.code().to_owned(),
        ..Number::default()
    }
}

fn goal(desk: &Desk, draft: Draft, exists: bool) -> AnyView {
    let locale = desk.locale;
    let desk = desk.clone();
    let event = Memo::new(move |_| {
        draft
            .at("/target/event")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    });
    let kinds = EVENTS.map(|(kind, name)| (name, event_name(locale, kind)));
    let events = (!exists).then(|| {
        field(
            "/target/event",
            tr!(locale, missions.event),
            Kind::one_of(kinds),
        )
        .show(draft)
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

fn gives(desk: &Desk, templates: &[Template]) -> Vec<Field> {
    let locale = desk.locale;
    let number = |unit: &str| Kind::Number(Number::whole(unit).or_none());
    let hint = tr!(locale, missions.give_hint);
    let mut coupons = vec![(String::new(), tr!(locale, missions.no_coupon).to_owned())];
    coupons.extend(
        templates
            .iter()
            .map(|it| (it.id.to_string(), it.terms.name.get(locale).to_owned())),
    );
    vec![
        field("/give/points", tr!(locale, missions.points), number("")).hint(hint),
        field("/give/growth", tr!(locale, missions.growth), number("")),
        field(
            "/give/credit",
            tr!(locale, missions.credit),
            Kind::Number(money(desk).or_none()),
        ),
        field("/give/makeup_card", tr!(locale, missions.cards), number("")),
        field(
            "/give/coupon",
            tr!(locale, missions.coupon),
            Kind::Choice(coupons),
        ),
        field(
            "/quota/per_member",
            tr!(locale, missions.per_member),
            Kind::Number(Number::default()),
        ),
        field("/quota/total", tr!(locale, missions.total), number(""))
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

fn time(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    let period = Kind::one_of([
        ("monthly", tr!(locale, missions.monthly)),
        ("once", tr!(locale, missions.once)),
    ]);
    let day = tr!(locale, missions.day_hint, zone = desk.zone);
    vec![
        field("/period", tr!(locale, missions.period), period),
        field("/from", tr!(locale, missions.from), Kind::Text).hint(day.clone()),
        field("/until", tr!(locale, missions.until), Kind::Text).hint(day),
        field(
            "/claim_days",
            tr!(locale, missions.claim_days),
            Kind::Number(Number::whole(tr!(locale, rules.unit_days))),
        ),
    ]
}
