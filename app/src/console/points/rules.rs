//! The points rules: how points are earned, kept and spent, edited as one thing.

use super::trial;
use crate::console::kit::desk::{Desk, head, page};
use crate::console::kit::draft::Draft;
use crate::console::kit::editor::{Editor, Spec, editor};
use crate::console::kit::field::{Field, Kind, Number, field, fields};
use crate::console::kit::may;
use crate::console::kit::schedule::versions;
use crate::console::kit::section::{remove, section};
use crate::i18n::locale;
use crate::session::Identity;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::{format, live};
use leptos::prelude::*;
use serde_json::json;

/// Where the list of multipliers is.
const MULTIPLIERS: &str = "/category_multipliers";

/// The page.
#[must_use]
pub fn rules() -> AnyView {
    let locale = locale();
    page(tr!(locale, nav.points), |desk| {
        let spec = Spec {
            part: "/policy",
            saved: |it| tr!(it, rules.saved),
            may: may(Identity::may_operate),
            closed: None,
            review: Some(trial::review),
        };
        let parts = desk.clone();
        view! {
            {head(tr!(locale, nav.points), tr!(locale, rules.hint), ().into_any())}
            {editor(spec, "/api/v1/points_policy", move |it| body(&parts, it))}
        }
        .into_any()
    })
}

fn body(desk: &Desk, editor: Editor) -> AnyView {
    let locale = desk.locale;
    let draft = editor.draft;
    let multipliers =
        view! { {fields(draft, earning(desk))}{multipliers(draft)}{fields(draft, excluded(desk))} };
    view! {
        {version(desk, editor)}
        {trial::card(desk, editor)}
        {section(tr!(locale, rules.earn), tr!(locale, rules.earn_hint), multipliers.into_any())}
        {section(tr!(locale, rules.time), tr!(locale, rules.time_hint), fields(draft, time(desk)))}
        {section(tr!(locale, rules.spend), tr!(locale, rules.spend_hint), fields(draft, spending(desk)))}
        {section(tr!(locale, rules.safety), tr!(locale, rules.safety_hint), fields(draft, safety(desk)))}
        {section(tr!(locale, schedule.title), tr!(locale, schedule.hint), versions(desk, trial::SCHEDULE, editor.spec.may))}
    }
    .into_any()
}

/// Which version holds and since when, and what the rules give back.
fn version(desk: &Desk, editor: Editor) -> AnyView {
    let desk = desk.clone();
    let locale = desk.locale;
    let since = live::part(move || desk.version(&editor.whole.get()).into_any());
    let back = live::part(move || {
        let [earned, pays] = ["/points_per_100_minor", "/spend/minor_per_100_points"]
            .map(|it| editor.draft.at(it).as_i64().unwrap_or(0));
        // Points for 100 minor units, times what a point pays: basis points of what is spent.
        let bps = earned.saturating_mul(pays);
        let share = format!("{}.{:02}%", bps / 100, bps % 100);
        view! { <strong>{share}</strong> }.into_any()
    });
    view! {
        <div class="card facts facts--wide">
            <div class="fact"><p class="fact__label">{tr!(locale, rules.version_label)}</p><p>{since}</p></div>
            <div class="fact"><p class="fact__label">{tr!(locale, rules.back)}</p><p>{back}<span class="row__note">{tr!(locale, rules.back_hint)}</span></p></div>
        </div>
    }
    .into_any()
}

fn points_unit(desk: &Desk) -> Number {
    Number::whole(tr!(desk.locale, rules.unit_points))
}

/// A field for money.
pub(in crate::console) fn money(desk: &Desk) -> Number {
    let currency = desk.amounts.currency;
    Number {
        places: currency.minor_digits(),
        after: currency.code().to_owned(),
        ..Number::default()
    }
}

fn earning(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    let hundred = format::money(locale, desk.amounts.currency, 100, "auto");
    vec![
        field(
            "/points_per_100_minor",
            tr!(locale, rules.points_per, amount = hundred),
            Kind::Number(points_unit(desk)),
        ),
        field(
            "/growth_per_100_minor",
            tr!(locale, rules.growth_per, amount = hundred),
            Kind::Number(Number::whole(tr!(locale, rules.unit_growth))),
        ),
        field(
            "/order_earn_max",
            tr!(locale, rules.order_earn_max),
            Kind::Number(points_unit(desk).or_none()),
        )
        .hint(tr!(locale, rules.no_limit)),
    ]
}

fn excluded(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    vec![
        field(
            "/excluded_categories",
            tr!(locale, rules.excluded_categories),
            Kind::Names,
        )
        .hint(tr!(locale, rules.one_per_line)),
        field(
            "/excluded_skus",
            tr!(locale, rules.excluded_skus),
            Kind::Names,
        )
        .hint(tr!(locale, rules.one_per_line)),
    ]
}

fn time(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    vec![
        field(
            "/return_window_days",
            tr!(locale, rules.return_window),
            Kind::Number(Number::whole(tr!(locale, rules.unit_days))),
        )
        .hint(tr!(locale, rules.return_window_hint)),
        field(
            "/expiry_months",
            tr!(locale, rules.expiry),
            Kind::Number(Number::whole(tr!(locale, rules.unit_months))),
        )
        .hint(tr!(locale, rules.expiry_hint)),
    ]
}

fn spending(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    let points = || points_unit(desk);
    let share = Number {
        places: 2,
        after: "%".to_owned(),
        ..Number::default()
    };
    vec![
        field(
            "/spend/minor_per_100_points",
            tr!(locale, rules.worth),
            Kind::Number(money(desk)),
        ),
        field(
            "/spend/order_share_max_bps",
            tr!(locale, rules.share_max),
            Kind::Number(share),
        ),
        field(
            "/spend/minimum",
            tr!(locale, rules.minimum),
            Kind::Number(points()),
        ),
        field(
            "/spend/step",
            tr!(locale, rules.step),
            Kind::Number(points()),
        )
        .hint(tr!(locale, rules.step_hint)),
        field(
            "/spend/order_max",
            tr!(locale, rules.order_max),
            Kind::Number(points().or_none()),
        )
        .hint(tr!(locale, rules.no_limit)),
        field(
            "/spend/day_max",
            tr!(locale, rules.day_max),
            Kind::Number(points().or_none()),
        )
        .hint(tr!(locale, rules.no_limit)),
    ]
}

fn safety(desk: &Desk) -> Vec<Field> {
    let locale = desk.locale;
    let clawback = Kind::one_of([
        ("allow_deficit", tr!(locale, rules.allow_deficit)),
        ("within_balance", tr!(locale, rules.within_balance)),
        ("only_pending", tr!(locale, rules.only_pending)),
    ]);
    vec![
        field("/clawback", tr!(locale, rules.clawback), clawback)
            .hint(tr!(locale, rules.clawback_hint)),
        field(
            "/approval_above",
            tr!(locale, rules.approval_above),
            Kind::Number(points_unit(desk)),
        )
        .hint(tr!(locale, rules.approval_hint)),
    ]
}

/// Categories that earn more, or less.
fn multipliers(draft: Draft) -> AnyView {
    let locale = locale();
    let count = Memo::new(move |_| draft.len(MULTIPLIERS));
    let rows = live::part(move || {
        let rows = (0..count.get()).map(|i| multiplier(draft, i));
        view! { <ul class="stack" role="list">{rows.collect_view()}</ul> }.into_any()
    });
    let add = move |_| {
        draft.change_list(MULTIPLIERS, |it| {
            it.push(json!({"category": "", "bps": 20_000}));
        });
    };
    view! {
        <fieldset class="field">
            <legend class="field__label">{tr!(locale, rules.multipliers)}</legend>
            {rows}
            <p><button class="button button--small" type="button" on:click=add>{icon(Icon::Plus)}{tr!(locale, rules.add_category)}</button></p>
        </fieldset>
    }
    .into_any()
}

fn multiplier(draft: Draft, i: usize) -> AnyView {
    let locale = locale();
    let times = Number {
        places: 4,
        after: "×".to_owned(),
        ..Number::default()
    };
    let take_out = move |_| {
        draft.change_list(MULTIPLIERS, |it| {
            it.remove(i);
        });
    };
    view! {
        <li class="line">
            {field(format!("{MULTIPLIERS}/{i}/category"), tr!(locale, rules.category), Kind::Text).show(draft)}
            {field(format!("{MULTIPLIERS}/{i}/bps"), tr!(locale, rules.times), Kind::Number(times)).show(draft)}
            {remove(tr!(locale, kit.remove), take_out)}
        </li>
    }
    .into_any()
}
