//! What an edited ladder would do to members: asked of the server as one edits, and looked at
//! once more before it is saved.

use crate::console::MEMBERS;
use crate::console::kit::desk::Desk;
use crate::console::kit::editor::Editor;
use crate::console::kit::preview::preview;
use crate::console::kit::schedule::{self, Schedule};
use crate::i18n::locale;
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::{format, live};
use leptos::prelude::*;
use serde_json::Value;
use shared::text::Locale;
use shared::tiers::api::{LadderImpact, TierCount, TierMove};

/// Where the versions of the ladder are.
pub(super) const SCHEDULE: Schedule = Schedule {
    path: "/api/v1/tier_ladder/versions",
    part: "ladder",
};

/// Shows what the edited ladder would do.
fn shown(editor: Editor) -> AnyView {
    let path = "/api/v1/tier_ladder/previews";
    preview::<LadderImpact>(editor, path, |it| it, move |it| picture(&it, editor))
}

/// The card above the editor: members by tier, now and after.
pub(super) fn card(desk: &Desk, editor: Editor) -> AnyView {
    let locale = desk.locale;
    let desk = desk.clone();
    let since = live::part(move || desk.version(&editor.whole.get()).into_any());
    view! {
        <section class="card stack" aria-labelledby="impact">
            <div class="card__head">
                <h2 class="title" id="impact">{tr!(locale, ladder.impact)}</h2>
                <p class="row__note">{since}</p>
            </div>
            {shown(editor)}
        </section>
    }
    .into_any()
}

fn number(locale: Locale, n: u64) -> String {
    format::number(locale, i64::try_from(n).unwrap_or(i64::MAX))
}

/// The sentence and the bars.
fn picture(impact: &LadderImpact, editor: Editor) -> AnyView {
    let locale = locale();
    let most = impact.tiers.iter().map(|it| it.now.max(it.after)).max();
    let most = most.unwrap_or(0).max(1);
    let bars = impact
        .tiers
        .iter()
        .map(|it| bar(locale, &name(editor, locale, &it.code), it, most))
        .collect_view();
    view! {
        {sentence(locale, impact)}
        <ul class="impact" role="list">{bars}</ul>
        {flows(editor, locale, &impact.moves)}
        <p class="impact__legend row__note" aria-hidden="true"><span class="impact__now"></span>{tr!(locale, ladder.now)}<span class="impact__after"></span>{tr!(locale, ladder.after)}</p>
    }
    .into_any()
}

/// How many would move, in a sentence.
fn sentence(locale: Locale, impact: &LadderImpact) -> AnyView {
    let text = tr!(
        locale,
        ladder.sentence,
        up = number(locale, impact.up),
        down = number(locale, impact.down),
        risk = number(locale, impact.at_risk),
        all = number(locale, impact.members)
    );
    view! { <p class="lead" role="status">{text}</p> }.into_any()
}

/// Who would go where: a line a pair of tiers, with some of the members.
fn flows(editor: Editor, locale: Locale, moves: &[TierMove]) -> AnyView {
    let rows = moves.iter().map(|it| {
        let ends = [&it.from, &it.to].map(|it| name(editor, locale, it));
        let some = it.samples.iter().map(|it| {
            let href = format!("{MEMBERS}/{}", it.member_id);
            let called = it.name.clone().unwrap_or_else(|| it.member_id.to_string());
            view! { <a class="flow__member" href=href>{called}</a> }
        });
        let [from, to] = ends;
        view! {
            <li class="flow">
                <span class="flow__ends">{from}<span class="flow__arrow">{icon(Icon::Next)}</span>{to}</span>
                <strong>{number(locale, it.members)}</strong>
                <span class="flow__members row__note">{some.collect_view()}</span>
            </li>
        }
    });
    view! { <ul class="flows" role="list">{rows.collect_view()}</ul> }.into_any()
}

/// What a tier is called in the edit, or was when the edit takes it out.
fn name(editor: Editor, locale: Locale, code: &str) -> String {
    let called = |ladder: Value| {
        let tiers = ladder["tiers"].as_array().cloned().unwrap_or_default();
        let tier = tiers.into_iter().find(|it| it["code"] == code)?;
        let name = tier["name"][locale.tag()].as_str()?.to_owned();
        (!name.is_empty()).then_some(name)
    };
    let now = called(editor.draft.value());
    let was = || untrack(|| called(editor.draft.began()));
    now.or_else(was).unwrap_or_else(|| code.to_owned())
}

fn bar(locale: Locale, name: &str, it: &TierCount, most: u64) -> AnyView {
    // A few members are still seen.
    let width = |n: u64| match n {
        0 => "0".to_owned(),
        _ => format!("{}%", (n * 100 / most).max(1)),
    };
    let moved = i64::try_from(it.after).unwrap_or(0) - i64::try_from(it.now).unwrap_or(0);
    let counts = match moved {
        0 => number(locale, it.now),
        _ => format!("{} → {}", number(locale, it.now), number(locale, it.after)),
    };
    let tone = match moved {
        0 => "plain",
        1.. => "good",
        _ => "wait",
    };
    let delta = (moved != 0).then(|| {
        view! { <span class="badge" data-tone=tone>{format::signed(locale, moved)}</span> }
    });
    view! {
        <li class="impact__row">
            <span class="impact__name">{name.to_owned()}</span>
            <span class="impact__bars" aria-hidden="true">
                <span class="impact__now" style:width=width(it.now)></span>
                <span class="impact__after" style:width=width(it.after)></span>
            </span>
            <span class="impact__count">{counts}" "{delta}</span>
        </li>
    }
    .into_any()
}

/// The last look before the ladder is saved.
pub(super) fn review(editor: Editor) -> AnyView {
    let hint = tr!(locale(), ladder.review_hint);
    let shown = view! { {shown(editor)}<p class="muted">{hint}</p> };
    schedule::review(editor, SCHEDULE, shown.into_any())
}
