//! What a tier gives, edited: a line a benefit.

use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Field, Kind, Number, field};
use crate::console::kit::section::remove;
use crate::console::points::money;
use crate::tr;
use crate::ui::live;
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::text::Locale;

/// The kinds of benefits, as the wire names them.
const KINDS: [&str; 7] = [
    "earn_multiplier",
    "free_shipping",
    "birthday_gift",
    "priority_shipping",
    "dedicated_service",
    "flash_sale_early_access",
    "other",
];

fn kind_name(locale: Locale, kind: &str) -> &'static str {
    match kind {
        "earn_multiplier" => tr!(locale, tier.kind_earn_multiplier),
        "free_shipping" => tr!(locale, tier.kind_free_shipping),
        "birthday_gift" => tr!(locale, tier.kind_birthday_gift),
        "priority_shipping" => tr!(locale, tier.kind_priority_shipping),
        "dedicated_service" => tr!(locale, tier.kind_dedicated_service),
        "flash_sale_early_access" => tr!(locale, tier.kind_early_access),
        _ => tr!(locale, tier.kind_other),
    }
}

/// A new benefit of a kind.
fn fresh(kind: &str, place: usize) -> Value {
    match kind {
        "earn_multiplier" => json!({"kind": kind, "bps": 15_000}),
        "free_shipping" => json!({"kind": kind, "from_amount": 0}),
        "birthday_gift" => json!({"kind": kind, "points": 100}),
        "flash_sale_early_access" => json!({"kind": kind, "minutes": 30}),
        "other" => {
            let name = json!({"zh-CN": "", "en": ""});
            json!({"kind": kind, "code": format!("other_{}", place + 1), "name": name})
        }
        _ => json!({"kind": kind}),
    }
}

/// The benefits of the tier at a place of the ladder.
pub(super) fn list(desk: &Desk, draft: Draft, tier: usize) -> AnyView {
    let locale = desk.locale;
    let at = format!("/tiers/{tier}/benefits");
    let (watched, desk) = (at.clone(), desk.clone());
    let kinds = Memo::new(move |_| kinds(draft, &watched));
    let within = at.clone();
    let rows = live::part(move || {
        let rows = kinds.get().into_iter().enumerate();
        let rows = rows.map(|(j, kind)| row(&desk, draft, &within, j, &kind));
        view! { <ul class="stack stack--tight" role="list">{rows.collect_view()}</ul> }.into_any()
    });
    view! {
        <fieldset class="field">
            <legend class="field__label">{tr!(locale, ladder.benefits)}</legend>
            {rows}
            {add(locale, draft, at, kinds)}
        </fieldset>
    }
    .into_any()
}

/// The kinds that are there, in order.
fn kinds(draft: Draft, at: &str) -> Vec<String> {
    let list = draft.at(at);
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let kind = |it: &Value| it["kind"].as_str().unwrap_or_default().to_owned();
    list.iter().map(kind).collect()
}

/// The choice of one more.
fn add(locale: Locale, draft: Draft, at: String, kinds: Memo<Vec<String>>) -> AnyView {
    let options = live::part(move || {
        let free = KINDS.iter().filter(|it| {
            **it == "other" || !kinds.with(|all| all.iter().any(|there| there == *it))
        });
        let options = free.map(|it| view! { <option value=*it>{kind_name(locale, it)}</option> });
        view! { <option value="">{tr!(locale, ladder.add_benefit)}</option>{options.collect_view()} }
            .into_any()
    });
    let choose = move |event| {
        let kind = event_target_value(&event);
        if !kind.is_empty() {
            draft.change_list(&at, |it| it.push(fresh(&kind, it.len())));
        }
    };
    view! {
        <select class="input input--select input--short" aria-label=tr!(locale, ladder.add_benefit) on:change=choose>{options}</select>
    }
    .into_any()
}

fn row(desk: &Desk, draft: Draft, list: &str, place: usize, kind: &str) -> AnyView {
    let locale = desk.locale;
    let name = kind_name(locale, kind);
    let inputs = inputs(desk, &format!("{list}/{place}"), kind);
    // A benefit without an amount is its name alone.
    let alone = inputs
        .is_empty()
        .then(|| view! { <span class="line__name">{name}</span> });
    let inputs = inputs.into_iter().map(|it| it.show(draft)).collect_view();
    let list = list.to_owned();
    let take_out = move |_| {
        draft.change_list(&list, |it| {
            it.remove(place);
        });
    };
    view! {
        <li class="line line--one">
            {alone}
            {inputs}
            {remove(format!("{} {name}", tr!(locale, kit.remove)), take_out)}
        </li>
    }
    .into_any()
}

/// What a benefit of a kind says.
fn inputs(desk: &Desk, at: &str, kind: &str) -> Vec<Field> {
    let locale = desk.locale;
    let number = |part: &str, label: &str, number| {
        vec![field(format!("{at}/{part}"), label, Kind::Number(number))]
    };
    match kind {
        "earn_multiplier" => {
            let times = Number {
                places: 4,
                after: "×".to_owned(),
                ..Number::default()
            };
            number("bps", tr!(locale, tier.kind_earn_multiplier), times)
        }
        "free_shipping" => number("from_amount", tr!(locale, ladder.from_amount), money(desk)),
        "birthday_gift" => {
            let points = Number::whole(tr!(locale, rules.unit_points));
            number("points", tr!(locale, tier.kind_birthday_gift), points)
        }
        "flash_sale_early_access" => {
            let minutes = Number::whole(tr!(locale, ladder.unit_minutes));
            number("minutes", tr!(locale, tier.kind_early_access), minutes)
        }
        "other" => vec![
            field(
                format!("{at}/name/zh-CN"),
                tr!(locale, ladder.name_zh),
                Kind::Text,
            ),
            field(
                format!("{at}/name/en"),
                tr!(locale, ladder.name_en),
                Kind::Text,
            ),
        ],
        _ => Vec::new(),
    }
}
