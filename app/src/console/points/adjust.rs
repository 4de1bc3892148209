//! An adjustment by hand.

use super::rules::money;
use crate::console::kit::act::{Act, Verb, act, reason};
use crate::console::kit::desk::Desk;
use crate::console::kit::draft::Draft;
use crate::console::kit::field::{Kind, Number, field};
use crate::parts::Subject;
use crate::tr;
use crate::ui::query::Query;
use crate::ui::toast::Toaster;
use crate::ui::{live, query};
use leptos::prelude::*;
use serde_json::json;
use shared::members::api::Summary;
use shared::points::Asset;
use shared::points::api::{Adjustment, AdjustmentState, PolicyVersion};

/// The sheet that adjusts a balance; `holder` is whose it is.
pub(in crate::console) fn adjust(
    subject: &Subject,
    it: &Summary,
    summary: Query<Summary>,
    holder: &str,
    close: Callback<()>,
) -> AnyView {
    let locale = subject.amounts.locale;
    let Some(desk) = Desk::here() else {
        return ().into_any();
    };
    let toaster = expect_context::<Toaster>();
    let draft = Draft::new(json!({"asset": "points", "amount": null, "reason": ""}));
    let assets = Kind::one_of([
        ("points", tr!(locale, points.title)),
        ("credit", tr!(locale, points.credit)),
    ]);
    let done = move |text: String| {
        let waits = crate::api::read::<Adjustment>(&text)
            .is_ok_and(|it| it.state == AdjustmentState::Waiting);
        toaster.say(match waits {
            true => tr!(locale, console.waiting),
            false => tr!(locale, console.applied),
        });
        close.run(());
        summary.reload();
    };
    let body = view! {
        {field("/asset", tr!(locale, points.asset), assets).show(draft)}
        {amount(desk, draft)}
        {reason().show(draft)}
        {outcome(subject, draft, it)}
    };
    let it = Act {
        title: tr!(locale, console.adjust).to_owned(),
        about: view! { <p class="muted">{holder.to_owned()}</p> }.into_any(),
        body: body.into_any(),
        button: tr!(locale, console.submit),
        grave: false,
        path: format!("{}/points/adjustments", subject.base),
        verb: Verb::Post,
    };
    act(draft, it, done, close)
}

fn asset_of(draft: Draft) -> Asset {
    match draft.at("/asset").as_str() {
        Some("credit") => Asset::Credit,
        _ => Asset::Points,
    }
}

/// The amount, in points or in money as the asset has it.
fn amount(desk: Desk, draft: Draft) -> AnyView {
    let asset = Memo::new(move |_| asset_of(draft));
    live::part(move || {
        let locale = desk.locale;
        let number = match asset.get() {
            Asset::Credit => money(&desk),
            Asset::Points => Number::whole(tr!(locale, rules.unit_points)),
        };
        draft.set("/amount", serde_json::Value::Null);
        draft.mark_odd("/amount", false);
        field("/amount", tr!(locale, console.amount), Kind::Number(number))
            .hint(tr!(locale, console.adjust_hint))
            .show(draft)
    })
}

/// What the balance becomes, and whether a second person has to agree.
fn outcome(subject: &Subject, draft: Draft, it: &Summary) -> AnyView {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let balances = [&it.points, &it.credit].map(|it| it.available - it.deficit);
    let policy = query::query::<PolicyVersion>(|| Some("/api/v1/points_policy".to_owned()));
    let shown = move || {
        let asset = asset_of(draft);
        let amount = draft.at("/amount").as_i64().filter(|it| *it != 0)?;
        let now = balances[usize::from(asset == Asset::Credit)];
        let text = tr!(
            locale,
            console.adjust_outcome,
            now = amounts.plain(asset, now),
            then = amounts.plain(asset, now.saturating_add(amount))
        );
        let texts = policy.source.texts();
        let limit = texts
            .and_then(|it| crate::api::read::<PolicyVersion>(it.first()?).ok())
            .map(|it| it.policy.approval_above);
        let waits = limit.filter(|it| amount.saturating_abs() > *it).map(|it| {
            let limit = amounts.plain(asset, it);
            view! { <span class="row__note">{tr!(locale, console.adjust_waits, limit = limit)}</span> }
        });
        Some(view! { <p class="banner" role="status"><span>{text}{waits}</span></p> }.into_any())
    };
    live::maybe(shown)
}
