//! What is given, edited: rewards of any kinds at once.

use crate::console::kit::Words;
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Field, Kind, Number, field};
use crate::console::kit::kinds::{self, Kinds};
use crate::console::points::money;
use crate::tr;
use crate::ui::query::{self, Query};
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::coupons::api::Template;
use shared::page::Page;
use shared::text::Locale;

/// The rewards that there are.
const KINDS: Kinds = Kinds {
    legend: |it| tr!(it, missions.rewards),
    add: |it| tr!(it, missions.add_reward),
    all: &["points", "growth", "credit", "makeup_card", "coupon"],
    several: &["coupon"],
    name: kind_name,
    fresh,
};

/// Templates whose coupons can be given.
pub(in crate::console) type Templates = Query<Page<Template>>;

/// Reads the templates whose coupons can be given.
pub(in crate::console) fn templates() -> Templates {
    query::query(|| Some("/api/v1/coupon_templates?state=active&limit=100".to_owned()))
}

fn kind_name(locale: Locale, kind: &str) -> &'static str {
    match kind {
        "points" => tr!(locale, missions.points),
        "growth" => tr!(locale, missions.growth),
        "credit" => tr!(locale, missions.credit),
        "makeup_card" => tr!(locale, missions.cards),
        _ => tr!(locale, missions.coupon),
    }
}

/// A new reward of a kind.
fn fresh(kind: &str, _place: usize) -> Value {
    match kind {
        "makeup_card" => json!({ "kind": kind, "count": 1 }),
        "coupon" => json!({ "kind": kind, "template": "", "count": 1 }),
        _ => json!({ "kind": kind, "amount": 100 }),
    }
}

/// The list at a pointer.
pub(super) fn rewards(desk: &Desk, draft: Draft, at: String, templates: Templates) -> AnyView {
    rewards_of(desk, draft, at, KINDS.legend, templates)
}

/// The list at a pointer, where its name says whose rewards they are.
pub(in crate::console) fn rewards_of(
    desk: &Desk,
    draft: Draft,
    at: String,
    legend: Words,
    templates: Templates,
) -> AnyView {
    let desk = desk.clone();
    let kinds = Kinds { legend, ..KINDS };
    kinds::list(kinds, draft, at, move |at, kind| {
        inputs(&desk, draft, at, kind, templates)
    })
}

/// What a reward of a kind says.
fn inputs(desk: &Desk, draft: Draft, at: &str, kind: &str, templates: Templates) -> Vec<Field> {
    let locale = desk.locale;
    let name = kind_name(locale, kind);
    let number = |part: &str, label: &str, number| {
        field(format!("{at}/{part}"), label, Kind::Number(number))
    };
    match kind {
        "credit" => vec![number("amount", name, money(desk))],
        "makeup_card" => vec![number("count", name, Number::default())],
        "coupon" => {
            let at = format!("{at}/template");
            let ways = Kind::Choice(choices(desk, draft, &at, templates));
            vec![
                field(at, name, ways),
                number("count", tr!(locale, missions.how_many), Number::default()),
            ]
        }
        _ => vec![number("amount", name, Number::default())],
    }
}

/// The templates to choose from; the one that was chosen stays, even if it gives nothing now.
fn choices(desk: &Desk, draft: Draft, at: &str, templates: Templates) -> Vec<(String, String)> {
    let locale = desk.locale;
    let chosen = draft.value().pointer(at).cloned().unwrap_or_default();
    let chosen = chosen.as_str().unwrap_or_default().to_owned();
    let texts = templates.source.texts().unwrap_or_default();
    let read = texts.first();
    let read = read.and_then(|it| crate::api::read::<Page<Template>>(it).ok());
    let all = read.into_iter().flat_map(|it| it.data);
    let mut ways: Vec<(String, String)> = all
        .map(|it| (it.id.to_string(), it.terms.name.get(locale).to_owned()))
        .collect();
    if !ways.iter().any(|it| it.0 == chosen) {
        let text = match chosen.as_str() {
            "" => tr!(locale, missions.choose_coupon).to_owned(),
            other => other.to_owned(),
        };
        ways.insert(0, (chosen, text));
    }
    ways
}
