//! What a tier gives, edited: a line a benefit.

use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Field, Kind, Number, field};
use crate::console::kit::kinds::{self, Kinds};
use crate::console::points::money;
use crate::tr;
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::text::Locale;

/// The benefits that there are.
const KINDS: Kinds = Kinds {
    legend: |it| tr!(it, ladder.benefits),
    add: |it| tr!(it, ladder.add_benefit),
    all: &[
        "earn_multiplier",
        "free_shipping",
        "birthday_gift",
        "priority_shipping",
        "dedicated_service",
        "flash_sale_early_access",
        "other",
    ],
    several: &["other"],
    name: kind_name,
    fresh,
};

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
    let desk = desk.clone();
    let at = format!("/tiers/{tier}/benefits");
    kinds::list(KINDS, draft, at, move |at, kind| inputs(&desk, at, kind))
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
