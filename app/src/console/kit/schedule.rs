//! Versions of rules: which hold, which follow and since when; and from when an edit is to hold.

use super::desk::Desk;
use super::draft::Draft;
use super::editor::Editor;
use super::field::{Kind, field};
use crate::api::{Api, Intent};
use crate::console::staff::actor;
use crate::i18n::locale;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::form::form_error;
use crate::ui::load::listed;
use crate::ui::query::{self, Query};
use crate::ui::sheet::Sheet;
use crate::ui::toast::Toaster;
use crate::ui::{live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::programme::api::{VersionInfo, VersionState};

/// Where the versions of some rules are.
#[derive(Clone, Copy)]
pub struct Schedule {
    /// The list of versions.
    pub path: &'static str,
    /// What the rules are called in it.
    pub part: &'static str,
}

/// A version; what it says is not shown here.
#[derive(Deserialize)]
struct Row {
    info: VersionInfo,
}

/// The versions, newest first, with a button that cancels one ahead.
pub fn versions(desk: &Desk, schedule: Schedule, may: bool) -> AnyView {
    let here = Address::here();
    let path = move || Some(format!("{}?limit=10", schedule.path));
    let rows = query::pages::<Row>(path, here.pages());
    let desk = desk.clone();
    let show = move |all: Vec<Row>| {
        let all = all
            .iter()
            .map(|it| row(&desk, schedule, rows, &it.info, may));
        view! { <ul class="rows" role="list">{all.collect_view()}</ul> }.into_any()
    };
    listed(rows, show, || ().into_any(), address::more_pages(here))
}

fn row(desk: &Desk, schedule: Schedule, rows: Query<Row>, it: &VersionInfo, may: bool) -> AnyView {
    let locale = desk.locale;
    let (text, tone) = match it.state {
        VersionState::Scheduled => (tr!(locale, schedule.scheduled), "wait"),
        VersionState::Current => (tr!(locale, schedule.current), "good"),
        VersionState::Past => (tr!(locale, schedule.past), "plain"),
        VersionState::Cancelled => (tr!(locale, schedule.cancelled), "plain"),
    };
    let since = (it.effective_from.as_millis() > 0).then(|| {
        let at = desk.time(it.effective_from);
        tr!(locale, schedule.from, time = at)
    });
    let by = actor(&it.created_by, it.created_by_name.as_deref());
    let notes: Vec<String> = since.into_iter().chain([by]).collect();
    let cancel =
        (may && it.state == VersionState::Scheduled).then(|| cancel(schedule, rows, it.version));
    view! {
        <li class="row row--still row--wrap">
            <span class="row__main">
                <span class="row__title">{tr!(locale, schedule.version, n = it.version)}" "<span class="badge" data-tone=tone>{text}</span></span>
                <span class="row__note">{notes.join(" · ")}</span>
            </span>
            {cancel}
        </li>
    }
    .into_any()
}

fn cancel(schedule: Schedule, rows: Query<Row>, version: i32) -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let click = move |_| {
        spawn_local(async move {
            match api.delete(&format!("{}/{version}", schedule.path)).await {
                Ok(()) => {
                    toaster.say(tr!(locale, schedule.cancelled_done));
                    rows.reload();
                }
                Err(error) => toaster.say(state::words_in(locale, &error).0),
            }
        });
    };
    let label = tr!(locale, schedule.cancel, n = version);
    view! { <button class="button button--small" type="button" on:click=click>{label}</button> }
        .into_any()
}

/// The last look before rules are saved: what they would do, and from when they are to hold.
pub fn review(editor: Editor, schedule: Schedule, shown: AnyView) -> AnyView {
    let locale = locale();
    let zone = Desk::here().map(|it| it.zone).unwrap_or_default();
    let when = Draft::new(json!({"when": "now", "effective_from": null}));
    let ways = Kind::one_of([
        ("now", tr!(locale, schedule.now)),
        ("later", tr!(locale, schedule.later)),
    ]);
    let later = Memo::new(move |_| when.at("/when") == "later");
    let at = live::maybe(move || {
        let hint = tr!(locale, console.programme_zone, zone = zone);
        let at = field(
            "/effective_from",
            tr!(locale, schedule.at),
            Kind::Instant(zone.clone()),
        );
        later.get().then(|| at.hint(hint).show(when))
    });
    let keep = keeper(editor, schedule, when, later);
    let text = move || match later.get() {
        true => tr!(locale, schedule.keep).into_any(),
        false => tr!(locale, schedule.put).into_any(),
    };
    let waiting = Signal::derive(move || {
        (editor.draft.form.busy.get() || when.form.busy.get()).then_some("true")
    });
    view! {
        <Sheet title=tr!(locale, ladder.review) close=editor.back()>
            {shown}
            {field("/when", tr!(locale, schedule.when), ways).show(when)}
            {at}
            {form_error(when.form)}
            <div class="sheet__foot">
                <button class="button" type="button" on:click=move |_| editor.back().run(())>{tr!(locale, kit.cancel)}</button>
                <button class="button button--main" type="button" aria-disabled=waiting on:click=move |_| keep()>{live::part(text)}</button>
            </div>
        </Sheet>
    }
    .into_any()
}

/// Puts the edit in force, or keeps it for its day.
fn keeper(editor: Editor, schedule: Schedule, when: Draft, later: Memo<bool>) -> impl Fn() {
    let api = expect_context::<Api>();
    let locale = locale();
    let intent = Intent::new();
    move || {
        if !later.get_untracked() {
            return editor.save(editor.draft.value());
        }
        if when.has_odd() || !when.form.begin() {
            return;
        }
        let from = when.value()["effective_from"].clone();
        let mut body = json!({ "effective_from": from });
        body[schedule.part] = editor.draft.value();
        let key = intent.key(&body);
        spawn_local(async move {
            let answer = api.post::<Value>(schedule.path, &body, Some(&key)).await;
            if when.form.end(answer).is_some() {
                intent.done();
                editor.kept_elsewhere(tr!(locale, schedule.kept));
            }
        });
    }
}
