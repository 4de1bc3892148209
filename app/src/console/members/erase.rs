//! The end of a membership: what would be lost, what stays in the books, and the person's data.

use crate::console::kit::act::{Act, Verb, act, finish, reason};
use crate::console::kit::draft::Draft;
use crate::parts::Subject;
use crate::tr;
use crate::ui::format;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use leptos::prelude::*;
use serde_json::json;
use shared::members::api::{ErasurePreview, Summary};
use shared::points::Asset;

/// The sheet that erases a member who asked for it.
pub(super) fn erase(
    subject: &Subject,
    summary: Query<Summary>,
    holder: &str,
    close: Callback<()>,
) -> AnyView {
    let locale = subject.amounts.locale;
    let path = format!("{}/erasure", subject.base);
    let preview = query::query::<ErasurePreview>(move || Some(path.clone()));
    let shown = subject.clone();
    let about = view! {
        <p class="muted">{holder.to_owned()}</p>
        <p class="banner banner--bad">{icon(Icon::Warning)}<span>{tr!(locale, erasure.about)}</span></p>
        {loaded(preview, 4, move |it| losses(&shown, &it))}
    };
    let draft = Draft::new(json!({"reason": ""}));
    let it = Act {
        title: tr!(locale, erasure.title).to_owned(),
        about: about.into_any(),
        body: reason_without_name(draft),
        button: tr!(locale, erasure.title),
        grave: true,
        path: format!("{}/erase", subject.base),
        verb: Verb::Post,
    };
    let done = finish(tr!(locale, erasure.done), close, move || summary.reload());
    act(draft, it, done, close)
}

/// The reason stays when the person is gone, so it must not say who it was.
fn reason_without_name(draft: Draft) -> AnyView {
    let hint = tr!(crate::i18n::locale(), erasure.reason_hint);
    reason().hint(hint).show(draft)
}

/// What would lapse and what would stay.
fn losses(subject: &Subject, it: &ErasurePreview) -> AnyView {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let points = it.points.saturating_add(it.points_pending);
    let count = |n: u64| format::number(locale, i64::try_from(n).unwrap_or(i64::MAX));
    let rows = [
        (
            tr!(locale, erasure.points),
            amounts.plain(Asset::Points, points),
        ),
        (
            tr!(locale, erasure.credit),
            amounts.plain(Asset::Credit, it.credit),
        ),
        (
            tr!(locale, erasure.tier),
            it.tier_name.get(locale).to_owned(),
        ),
        (tr!(locale, erasure.devices), count(it.devices)),
        (tr!(locale, erasure.orders), count(it.orders_kept)),
        (tr!(locale, erasure.pseudonym), it.pseudonym.clone()),
    ];
    let rows = rows.map(|(name, value)| {
        view! { <div class="record__row"><dt>{name}</dt><dd>{value}</dd></div> }
    });
    view! { <dl class="record">{rows.into_iter().collect_view()}</dl> }.into_any()
}
