//! The fields of a template's terms.

use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Field, Kind, Number, field, fields};
use crate::console::kit::section::section;
use crate::console::kit::shapes::{shape_of, shapes};
use crate::console::points::money;
use crate::tr;
use crate::ui::live;
use leptos::prelude::*;
use serde_json::{Value, json};

/// Terms to begin with.
pub(super) fn blank() -> Value {
    json!({
        "name": { "zh-CN": "", "en": "" },
        "description": { "zh-CN": "", "en": "" },
        "discount": { "kind": "amount_off", "amount": 1_000 },
        "threshold_amount": 0,
        "validity": { "kind": "days", "days": 30 },
        "claimable": false,
        "grace_days": 7,
    })
}

/// What a template cannot do without: the names, what it gives, and for how long.
pub(super) fn essentials(desk: &Desk, draft: Draft) -> AnyView {
    view! {
        {fields(draft, names(desk))}
        {discount(desk, draft)}
        {fields(draft, vec![least(desk)])}
        {validity(desk, draft)}
    }
    .into_any()
}

/// All fields, in sections.
pub(super) fn all(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let what = view! { {fields(draft, names(desk))}{discount(desk, draft)} };
    view! {
        {section(tr!(locale, coupon_desk.what), tr!(locale, coupon_desk.what_hint), what.into_any())}
        {section(tr!(locale, coupon_desk.for_what), tr!(locale, coupon_desk.for_what_hint), fields(draft, scope(desk)))}
        {section(tr!(locale, coupon_desk.when), tr!(locale, coupon_desk.when_hint), validity(desk, draft))}
        {section(tr!(locale, coupon_desk.who), tr!(locale, coupon_desk.who_hint), fields(draft, audience(desk)))}
        {section(tr!(locale, coupon_desk.limits), tr!(locale, coupon_desk.limits_hint), fields(draft, limits(desk)))}
        {section(tr!(locale, coupon_desk.together), tr!(locale, coupon_desk.together_hint), fields(draft, stacking(desk)))}
    }
    .into_any()
}

fn names(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    vec![
        field("/name/zh-CN", tr!(locale, coupon_desk.name_zh), Kind::Text),
        field("/name/en", tr!(locale, coupon_desk.name_en), Kind::Text),
        field(
            "/description/zh-CN",
            tr!(locale, coupon_desk.small_zh),
            Kind::Text,
        ),
        field(
            "/description/en",
            tr!(locale, coupon_desk.small_en),
            Kind::Text,
        ),
    ]
}

fn least(desk: &Desk) -> Field {
    field(
        "/threshold_amount",
        tr!(desk.locale, coupons.threshold_label),
        Kind::Number(money(desk)),
    )
    .hint(tr!(desk.locale, coupon_desk.threshold_hint))
}

fn discount(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let ways = vec![
        (
            "amount_off",
            tr!(locale, coupon_desk.amount_off),
            json!({ "kind": "amount_off", "amount": 1_000 }),
        ),
        (
            "percentage_off",
            tr!(locale, coupon_desk.percentage_off),
            json!({ "kind": "percentage_off", "bps": 1_000 }),
        ),
        (
            "free_shipping",
            tr!(locale, coupons.free_shipping),
            json!({ "kind": "free_shipping" }),
        ),
        (
            "gift",
            tr!(locale, coupons.gift),
            json!({ "kind": "gift", "sku": "" }),
        ),
    ];
    let kind = shape_of(draft, "/discount", "kind");
    let desk = desk.clone();
    let parts = live::part(move || {
        let cap = || {
            let most = Number {
                optional: true,
                ..money(&desk)
            };
            field(
                "/discount/discount_cap",
                tr!(locale, coupon_desk.cap),
                Kind::Number(most),
            )
            .hint(tr!(locale, rules.no_limit))
        };
        let percent = Number {
            places: 2,
            after: "%".to_owned(),
            ..Number::default()
        };
        let all = match kind.get().as_str() {
            "percentage_off" => vec![
                field(
                    "/discount/bps",
                    tr!(locale, coupon_desk.percentage_off),
                    Kind::Number(percent),
                ),
                cap(),
            ],
            "free_shipping" => vec![cap()],
            "gift" => vec![field(
                "/discount/sku",
                tr!(locale, coupon_desk.sku),
                Kind::Text,
            )],
            _ => vec![field(
                "/discount/amount",
                tr!(locale, coupon_desk.amount_off),
                Kind::Number(money(&desk)),
            )],
        };
        fields(draft, all)
    });
    view! { {shapes(draft, "/discount", "kind", tr!(locale, coupon_desk.kind), ways)}{parts} }
        .into_any()
}

fn validity(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let ways = vec![
        (
            "days",
            tr!(locale, coupon_desk.days),
            json!({ "kind": "days", "days": 30 }),
        ),
        (
            "dated",
            tr!(locale, coupon_desk.dated),
            json!({ "kind": "dated", "from": "", "until": "" }),
        ),
    ];
    let kind = shape_of(draft, "/validity", "kind");
    let parts = live::part(move || {
        let all = match kind.get().as_str() {
            "dated" => vec![
                field("/validity/from", tr!(locale, coupons.from_label), Kind::Day),
                field(
                    "/validity/until",
                    tr!(locale, coupons.until_label),
                    Kind::Day,
                ),
            ],
            _ => vec![field(
                "/validity/days",
                tr!(locale, coupon_desk.days),
                Kind::Number(Number::whole(tr!(locale, rules.unit_days))),
            )],
        };
        fields(draft, all)
    });
    view! { {shapes(draft, "/validity", "kind", tr!(locale, coupon_desk.when), ways)}{parts} }
        .into_any()
}

fn scope(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    let list = |at: &str, label: &'static str| {
        field(at, label, Kind::Names).hint(tr!(locale, rules.one_per_line))
    };
    vec![
        least(desk),
        list("/scope/categories", tr!(locale, coupon_desk.categories)),
        list("/scope/skus", tr!(locale, coupon_desk.skus)),
        list(
            "/scope/excluded_categories",
            tr!(locale, coupon_desk.not_categories),
        ),
        list("/scope/excluded_skus", tr!(locale, coupon_desk.not_skus)),
    ]
}

fn audience(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    vec![
        field(
            "/audience/tiers",
            tr!(locale, coupon_desk.tiers),
            Kind::Names,
        )
        .hint(tr!(locale, coupon_desk.tiers_hint)),
        field("/audience/tags", tr!(locale, missions.tags), Kind::Names)
            .hint(tr!(locale, missions.tags_hint)),
        field(
            "/claimable",
            tr!(locale, coupon_desk.claimable),
            Kind::Toggle,
        ),
        field(
            "/public_code",
            tr!(locale, coupon_desk.public_code),
            Kind::Text,
        )
        .hint(tr!(locale, coupon_desk.public_code_hint)),
    ]
}

fn limits(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    let times = || Number::whole("").or_none();
    let limit = |at: &str, label: &'static str| {
        field(at, label, Kind::Number(times())).hint(tr!(locale, rules.no_limit))
    };
    let budget = Number {
        optional: true,
        ..money(desk)
    };
    vec![
        limit("/limits/issue_max", tr!(locale, coupon_desk.issue_max)),
        limit(
            "/limits/issue_max_per_member",
            tr!(locale, coupon_desk.issue_each),
        ),
        field(
            "/limits/uses_per_coupon",
            tr!(locale, coupon_desk.uses_each),
            Kind::Number(Number::whole("")),
        ),
        limit(
            "/limits/use_max_per_member",
            tr!(locale, coupon_desk.use_member),
        ),
        limit("/limits/budget_uses", tr!(locale, coupon_desk.budget_uses)),
        field(
            "/limits/budget_amount",
            tr!(locale, coupon_desk.budget_amount),
            Kind::Number(budget),
        )
        .hint(tr!(locale, rules.no_limit)),
        field(
            "/grace_days",
            tr!(locale, coupon_desk.grace),
            Kind::Number(Number::whole(tr!(locale, rules.unit_days))),
        ),
    ]
}

fn stacking(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    vec![
        field(
            "/stacking/group",
            tr!(locale, coupon_desk.group),
            Kind::Text,
        )
        .hint(tr!(locale, coupon_desk.group_hint)),
        field(
            "/stacking/exclusive",
            tr!(locale, coupons.exclusive),
            Kind::Toggle,
        ),
    ]
}
