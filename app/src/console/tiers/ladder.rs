//! The editor of the ladder.

use super::{benefits, impact};
use crate::console::kit::desk::{Desk, head, page};
use crate::console::kit::draft::Draft;
use crate::console::kit::editor::{Editor, Spec, editor};
use crate::console::kit::field::{Kind, Number, field, fields};
use crate::console::kit::may;
use crate::console::kit::schedule::versions;
use crate::console::kit::section::{remove, section};
use crate::i18n::locale;
use crate::session::Identity;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use leptos::prelude::*;
use serde_json::{Value, json};
use shared::tiers::MAX_TIERS;

/// The page.
#[must_use]
pub fn ladder() -> AnyView {
    let locale = locale();
    page(tr!(locale, nav.tiers), |desk| {
        let spec = Spec {
            part: "/ladder",
            saved: |it| tr!(it, ladder.saved),
            may: may(Identity::may_operate),
            closed: None,
            review: Some(impact::review),
        };
        let parts = desk.clone();
        view! {
            {head(tr!(locale, nav.tiers), tr!(locale, ladder.hint), ().into_any())}
            {editor(spec, "/api/v1/tier_ladder", move |it| body(&parts, it))}
        }
        .into_any()
    })
}

fn body(desk: &Desk, editor: Editor) -> AnyView {
    let locale = desk.locale;
    let draft = editor.draft;
    let windows = Kind::one_of([
        ("rolling12_months", tr!(locale, ladder.rolling)),
        ("calendar_year", tr!(locale, ladder.calendar)),
        ("lifetime", tr!(locale, ladder.lifetime)),
    ]);
    let days = || Kind::Number(Number::whole(tr!(locale, rules.unit_days)));
    let keeping = vec![
        field("/window", tr!(locale, ladder.window), windows).hint(tr!(locale, ladder.window_hint)),
        field("/grace_days", tr!(locale, ladder.grace), days())
            .hint(tr!(locale, ladder.grace_hint)),
        field("/warn_days", tr!(locale, ladder.warn), days()).hint(tr!(locale, ladder.warn_hint)),
    ];
    view! {
        {impact::card(desk, editor)}
        {section(tr!(locale, ladder.tiers), tr!(locale, ladder.tiers_hint), rungs(desk, draft))}
        {section(tr!(locale, ladder.keeping), tr!(locale, ladder.keeping_hint), fields(draft, keeping))}
        {section(tr!(locale, schedule.title), tr!(locale, schedule.hint), versions(desk, impact::SCHEDULE, editor.spec.may))}
    }
    .into_any()
}

fn rungs(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let desk = desk.clone();
    let count = Memo::new(move |_| draft.len("/tiers"));
    let rows = live::part(move || {
        let rungs = (0..count.get()).map(|i| rung(&desk, draft, i));
        view! { <ol class="rungs" role="list">{rungs.collect_view()}</ol> }.into_any()
    });
    let full = Signal::derive(move || count.get() >= MAX_TIERS);
    view! {
        {rows}
        <p><button class="button" type="button" disabled=full on:click=move |_| add(draft)>{icon(Icon::Plus)}{tr!(locale, ladder.add)}</button></p>
    }
    .into_any()
}

/// A tier above the highest, with a threshold twice as high and a name of its own.
fn add(draft: Draft) {
    draft.change_list("/tiers", |tiers| {
        let top = tiers
            .last()
            .and_then(|it| it["threshold"].as_i64())
            .unwrap_or(0);
        let threshold = top.saturating_mul(2).max(1000);
        let taken = |code: &String| tiers.iter().any(|it| it["code"] == code.as_str());
        let code = (1..=MAX_TIERS * 2)
            .map(|i| format!("tier_{i}"))
            .find(|it| !taken(it));
        let code = code.unwrap_or_default();
        let name = json!({"zh-CN": "", "en": ""});
        tiers.push(json!({"code": code, "name": name, "threshold": threshold, "benefits": []}));
    });
}

fn rung(desk: &Desk, draft: Draft, i: usize) -> AnyView {
    let locale = desk.locale;
    let at = format!("/tiers/{i}");
    let name_at = format!("{at}/name/{}", locale.tag());
    let name = Memo::new(move |_| match draft.at(&name_at) {
        Value::String(it) if !it.is_empty() => it,
        _ => tr!(locale, ladder.unnamed).to_owned(),
    });
    let growth = Kind::Number(Number::whole(tr!(locale, rules.unit_growth)));
    let threshold = field(
        format!("{at}/threshold"),
        tr!(locale, ladder.threshold),
        growth,
    );
    let threshold = match i {
        0 => threshold.hint(tr!(locale, ladder.first_hint)),
        _ => threshold,
    };
    let all = vec![
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
        threshold,
        field(format!("{at}/code"), tr!(locale, ladder.code), Kind::Text)
            .hint(tr!(locale, ladder.code_hint)),
    ];
    let take_out = (i > 0).then(|| {
        let label = Signal::derive(move || tr!(locale, ladder.remove, name = name.get()));
        live::part(move || {
            remove(label.get(), move |_| {
                draft.change_list("/tiers", |it| {
                    it.remove(i);
                });
            })
        })
    });
    view! {
        <li class="rung" data-tone=i.min(5).to_string()>
            <div class="rung__head">
                <span class="rung__mark" aria-hidden="true">{icon(Icon::Star)}</span>
                <h3 class="rung__name">{name}</h3>
                {take_out}
            </div>
            <div class="rung__fields">{fields(draft, all)}</div>
            {benefits::list(desk, draft, i)}
        </li>
    }
    .into_any()
}
