//! Why a number is what it is: a sheet with the rows and rules behind it.

use crate::parts::Subject;
use crate::tr;
use crate::ui::address::Address;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query;
use crate::ui::sheet::{Sheet, sheet_at};
use leptos::prelude::*;
use shared::points::Asset;
use shared::points::api::{Explanation, ExplanationStep};

/// A link that opens the sheet for `about`: `points`, `credit`, `tier` or an entry's id.
#[must_use]
pub fn why_link(subject: &Subject, about: &'static str) -> AnyView {
    let here = Address::here();
    let href = Signal::derive(move || here.with(&[("why", Some(about))]));
    view! {
        <a class="why" data-noscroll="" href=href aria-haspopup="dialog">
            {icon(Icon::Why)}{tr!(subject.amounts.locale, points.why)}
        </a>
    }
    .into_any()
}

/// The sheet, shown while the address asks why.
#[must_use]
pub fn why_sheet(subject: Subject) -> AnyView {
    sheet_at("why", move |about, close| {
        sheet(subject.clone(), about, close)
    })
}

fn sheet(subject: Subject, about: String, close: Callback<()>) -> AnyView {
    let locale = subject.amounts.locale;
    let path = if matches!(about.as_str(), "points" | "credit" | "tier") {
        format!("{}/explanations?about={about}", subject.base)
    } else {
        let id = crate::ui::browser::encode(&about);
        format!("{}/points/entries/{id}/explanations", subject.base)
    };
    let asset = if about == "credit" {
        Asset::Credit
    } else {
        Asset::Points
    };
    let explanation = query::query::<Explanation>(move || Some(path.clone()));
    let show = move |it: Explanation| explained(&subject, asset, it);
    view! {
        <Sheet title=tr!(locale, points.why_title) close=close>
            {loaded(explanation, 4, show)}
        </Sheet>
    }
    .into_any()
}

fn explained(subject: &Subject, asset: Asset, it: Explanation) -> AnyView {
    let locale = subject.amounts.locale;
    let summary = it.summary.get(locale).to_owned();
    let steps = it
        .steps
        .into_iter()
        .map(|step| one(subject, asset, step))
        .collect_view();
    view! {
        <p class="lead">{summary}</p>
        <ol class="steps" role="list">{steps}</ol>
    }
    .into_any()
}

fn one(subject: &Subject, asset: Asset, step: ExplanationStep) -> AnyView {
    let locale = subject.amounts.locale;
    let amount = step.amount.map(|it| {
        view! { <span class="amount">{subject.amounts.signed(asset, it)}</span> }
    });
    let mut notes: Vec<String> = Vec::new();
    notes.extend(step.at.map(|it| subject.time(it)));
    notes.extend(step.rule_version.map(|it| tr!(locale, points.rule, n = it)));
    let notes = (!notes.is_empty()).then(|| notes.join(" · "));
    view! {
        <li class="steps__one">
            <span class="steps__text">
                {step.text.get(locale).to_owned()}
                {notes.map(|it| view! { <span class="row__note">{it}</span> })}
            </span>
            {amount}
        </li>
    }
    .into_any()
}
