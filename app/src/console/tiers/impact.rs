//! What an edited ladder would do to members: asked of the server as one edits, and looked at
//! once more before it is saved.

use crate::api::{self, Api, ApiError};
use crate::console::kit::desk::Desk;
use crate::console::kit::editor::Editor;
use crate::i18n::locale;
use crate::tr;
use crate::ui::form::form_error;
use crate::ui::sheet::Sheet;
use crate::ui::{format, live, state};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use shared::text::Locale;
use shared::tiers::api::{LadderImpact, TierCount};

/// How long nothing must be typed before the server is asked.
const CALM_MS: u32 = 500;

/// What the server said about the edit.
type Answer = Option<Result<String, ApiError>>;

/// Asks whenever the edit has come to rest.
fn asked(editor: Editor) -> RwSignal<Answer> {
    let api = expect_context::<Api>();
    let answer = RwSignal::new(None);
    let newest = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let ladder = editor.draft.watch();
        newest.update_value(|it| *it = it.wrapping_add(1));
        let mine = newest.get_value();
        spawn_local(async move {
            TimeoutFuture::new(CALM_MS).await;
            if newest.try_get_value() != Some(mine) {
                return;
            }
            let said = api
                .post_text("/api/v1/tier_ladder/previews", &ladder, None)
                .await;
            if newest.try_get_value() == Some(mine) {
                answer.try_set(Some(said));
            }
        });
    });
    answer
}

/// The card above the editor: members by tier, now and after.
pub(super) fn card(desk: &Desk, editor: Editor) -> AnyView {
    let locale = desk.locale;
    let desk = desk.clone();
    let answer = asked(editor);
    let since = live::part(move || desk.version(&editor.whole.get()).into_any());
    let shown = live::part(move || match answer.get() {
        None => state::skeleton(3),
        Some(Ok(text)) => match api::read::<LadderImpact>(&text) {
            Ok(it) => picture(&it, editor),
            Err(error) => said(&error),
        },
        Some(Err(error)) => said(&error),
    });
    view! {
        <section class="card stack" aria-labelledby="impact">
            <div class="card__head">
                <h2 class="title" id="impact">{tr!(locale, ladder.impact)}</h2>
                <p class="row__note">{since}</p>
            </div>
            {shown}
        </section>
    }
    .into_any()
}

/// Why there is no preview: most often a field is half filled in.
fn said(error: &ApiError) -> AnyView {
    let (text, _) = state::words(error);
    view! { <p class="banner" role="status">{text}</p> }.into_any()
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
        down = number(locale, impact.at_risk),
        all = number(locale, impact.members)
    );
    view! { <p class="lead" role="status">{text}</p> }.into_any()
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
    let locale = locale();
    let answer = asked(editor);
    let shown = live::part(move || match answer.get() {
        None => state::skeleton(3),
        Some(Ok(text)) => match api::read::<LadderImpact>(&text) {
            Ok(it) => picture(&it, editor),
            Err(error) => said(&error),
        },
        Some(Err(error)) => said(&error),
    });
    view! {
        <Sheet title=tr!(locale, ladder.review) close=editor.back()>
            {shown}
            <p class="muted">{tr!(locale, ladder.review_hint)}</p>
            {form_error(editor.draft.form)}
            <div class="sheet__foot">
                <button class="button" type="button" on:click=move |_| editor.back().run(())>{tr!(locale, kit.cancel)}</button>
                <button class="button button--main" type="button" aria-disabled=editor.draft.form.waiting()
                    on:click=move |_| editor.save(editor.draft.value())>{tr!(locale, ladder.save_now)}</button>
            </div>
        </Sheet>
    }
    .into_any()
}
