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

/// A link that opens the sheet for `about`: `points`, `credit`, `tier`, or the id of an entry, a
/// task, a reward of a task or a coupon.
#[must_use]
pub fn why_link(subject: &Subject, about: impl Into<String>) -> AnyView {
    let here = Address::here();
    let about: String = about.into();
    let href = Signal::derive(move || here.with(&[("why", Some(&about))]));
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
    let (path, asset) = question(&subject.base, &about);
    let title = match asset {
        Some(_) => tr!(locale, points.why_title),
        None => tr!(locale, tasks.why_title),
    };
    let explanation = query::query::<Explanation>(move || Some(path.clone()));
    let show = move |it: Explanation| explained(&subject, asset, it);
    view! {
        <Sheet title=title close=close>
            {loaded(explanation, 4, show)}
        </Sheet>
    }
    .into_any()
}

/// Where the answer is, and what its amounts are; none where the texts say it.
fn question(base: &str, about: &str) -> (String, Option<Asset>) {
    let id = crate::ui::browser::encode(about);
    let of = |list: &str| format!("{base}/{list}/{id}/explanations");
    match about.split('_').next() {
        _ if about == "credit" => (
            format!("{base}/explanations?about={id}"),
            Some(Asset::Credit),
        ),
        Some("points" | "tier") => (
            format!("{base}/explanations?about={id}"),
            Some(Asset::Points),
        ),
        Some("tsk") => (of("tasks"), None),
        Some("tcl") => (of("task_claims"), None),
        Some("cpn") => (of("coupons"), None),
        _ => (of("points/entries"), Some(Asset::Points)),
    }
}

fn explained(subject: &Subject, asset: Option<Asset>, it: Explanation) -> AnyView {
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

fn one(subject: &Subject, asset: Option<Asset>, step: ExplanationStep) -> AnyView {
    let locale = subject.amounts.locale;
    let amount = asset.zip(step.amount).map(|(asset, it)| {
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
