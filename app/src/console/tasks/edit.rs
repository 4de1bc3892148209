//! Making a task, and changing one: a form, a phone that shows it, and what it would cost.

use super::{TASKS, form, may_change, report, state_name};
use crate::api::{Api, ApiError};
use crate::console::kit::desk::{Desk, head, page};
use crate::console::kit::draft::Draft;
use crate::console::kit::editor::{Editor, Spec};
use crate::console::kit::maker::maker;
use crate::i18n::locale;
use crate::parts::Subject;
use crate::parts::tasks::{reward_text, task_card};
use crate::tr;
use crate::ui::address::replace_by;
use crate::ui::icon::{Icon, icon};
use crate::ui::routes::param;
use crate::ui::toast::Toaster;
use crate::ui::{browser, live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use shared::tasks::api::{MemberTask, Task, TaskForecast, TaskStatus};
use shared::tasks::{TaskDefinition, TaskState};
use shared::time::Timestamp;

/// The page of one task, or of a new one.
#[must_use]
pub fn edit() -> AnyView {
    let locale = locale();
    page(tr!(locale, missions.title), |desk| {
        let id = param("id");
        // One that was just made or cloned has another address, and its page is built anew.
        let shown = live::maybe(move || {
            Some(match id.get().as_str() {
                "new" => create(&desk),
                id => one(&desk, id),
            })
        });
        view! {
            <p><a class="link" href=TASKS>{icon(Icon::Previous)}{tr!(locale, missions.title)}</a></p>
            {shown}
        }
        .into_any()
    })
}

/// One task: what can be done with it, its report and its form.
fn one(desk: &Desk, id: &str) -> AnyView {
    let spec = Spec {
        part: "/definition",
        saved: |it| tr!(it, missions.saved),
        may: may_change(),
        closed: Some(|locale, it| {
            (it["state"] == "ended").then(|| tr!(locale, missions.ended_hint))
        }),
        review: None,
    };
    let it = Editor::open(spec, format!("/api/v1/tasks/{}", browser::encode(id)));
    let parts = desk.clone();
    view! {
        {title(desk, it)}
        {report::report(desk, id)}
        {it.form(move |it| beside(&parts, it.draft, form::body(&parts, it.draft, true)))}
    }
    .into_any()
}

/// The name of a task, its state, and what can be done with it.
fn title(desk: &Desk, editor: Editor) -> AnyView {
    let desk = desk.clone();
    live::maybe(move || {
        let it: Task = serde_json::from_value(editor.whole.get()).ok()?;
        let locale = desk.locale;
        let (name, tone) = state_name(locale, it.state);
        let actions = may_change().then(|| actions(&desk, &it, editor));
        let when = desk.time(it.updated_at);
        let version = tr!(locale, missions.version, n = it.version, when = when);
        let shown = view! {
            {head(it.definition.name.get(locale), "", actions.into_any())}
            <p class="tags"><span class="badge" data-tone=tone>{name}</span><span class="muted">{version}</span></p>
        };
        Some(shown.into_any())
    })
}

fn actions(desk: &Desk, it: &Task, editor: Editor) -> AnyView {
    let locale = desk.locale;
    let act = |what: &'static str, label: &'static str, grave: bool| {
        button(it, editor, what, label, grave)
    };
    let running = match it.state {
        TaskState::Active => Some(act("pause", tr!(locale, missions.pause), false)),
        TaskState::Paused => Some(act("resume", tr!(locale, missions.resume), false)),
        TaskState::Ended => None,
    };
    let end = (it.state != TaskState::Ended).then(|| act("end", tr!(locale, missions.end), true));
    view! { {running}{act("clone", tr!(locale, missions.clone), false)}{end} }.into_any()
}

/// A button that does something with the task; ending it asks again, since it cannot be undone.
fn button(
    it: &Task,
    editor: Editor,
    what: &'static str,
    label: &'static str,
    grave: bool,
) -> AnyView {
    let locale = locale();
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let go = replace_by();
    let path = format!("/api/v1/tasks/{}/{what}", it.id);
    let sure = RwSignal::new(!grave);
    let click = move |_| {
        if !sure.get_untracked() {
            sure.set(true);
            return;
        }
        let (path, go) = (path.clone(), go.clone());
        spawn_local(async move {
            match api.post::<Task>(&path, &json!({}), None).await {
                Ok(done) if what == "clone" => go(&format!("{TASKS}/{}", done.id)),
                Ok(_) => {
                    toaster.say(tr!(locale, missions.done));
                    editor.reload();
                }
                Err(error) => toaster.say(state::words_in(locale, &error).0),
            }
        });
    };
    let class = if grave {
        "button button--bad"
    } else {
        "button"
    };
    let text = Signal::derive(move || {
        if grave && sure.get() {
            tr!(locale, missions.end_sure)
        } else {
            label
        }
    });
    view! { <button class=class type="button" on:click=click>{text}</button> }.into_any()
}

/// The form beside the phone and the dry run.
fn beside(desk: &Desk, draft: Draft, form: AnyView) -> AnyView {
    let shown = desk.clone();
    view! {
        <div class="columns columns--main">
            <div class="stack">{form}</div>
            <div class="stack">
                {live::part(move || phone(&shown, draft.watch()))}
                {dry_run(desk, draft)}
            </div>
        </div>
    }
    .into_any()
}

/// The task as a member's phone shows it, half done.
fn phone(desk: &Desk, definition: Value) -> AnyView {
    let locale = desk.locale;
    let title = tr!(locale, missions.preview);
    let Ok(it) = serde_json::from_value::<TaskDefinition>(definition) else {
        return view! { <section class="card"><p class="muted">{tr!(locale, missions.preview_wait)}</p></section> }.into_any();
    };
    let subject = Subject {
        base: String::new(),
        zone: desk.zone.clone(),
        amounts: desk.amounts,
        staff: false,
    };
    let Ok(id) = "tsk_00000000000000000000000000".parse() else {
        return ().into_any();
    };
    let goal = it.target.goal();
    let shown = MemberTask {
        id,
        event: it.target.kind(),
        goal,
        progress: goal / 2,
        times_claimed: 0,
        times: it.quota.per_member,
        rewards: it.rewards,
        status: TaskStatus::InProgress,
        outside: None,
        period: it.period,
        period_key: String::new(),
        claim: it.claim,
        starts_at: it.starts_at,
        ends_at: it.ends_at,
        claim_until: None::<Timestamp>,
        left: it.quota.total,
        name: it.name,
        description: it.description,
    };
    view! {
        <section class="phone" aria-label=title>
            <p class="label">{title}</p>
            <ul class="card task-list" role="list">{task_card(&subject, &shown, ().into_any())}</ul>
        </section>
    }
    .into_any()
}

/// What the task would have cost in the last month.
fn dry_run(desk: &Desk, draft: Draft) -> AnyView {
    let locale = desk.locale;
    let amounts = desk.amounts;
    let api = expect_context::<Api>();
    let found = RwSignal::new(None::<Result<TaskForecast, ApiError>>);
    let busy = RwSignal::new(false);
    let run = move |_| {
        let body = draft.value();
        busy.set(true);
        spawn_local(async move {
            let answer = api
                .post::<TaskForecast>("/api/v1/simulations/tasks", &body, None)
                .await;
            busy.try_set(false);
            found.try_set(Some(answer));
        });
    };
    let desk = desk.clone();
    let said = move || {
        Some(match found.get()? {
            Ok(it) => {
                let what: Vec<String> =
                    it.cost.iter().map(|it| reward_text(amounts, *it)).collect();
                let what = if what.is_empty() {
                    tr!(locale, missions.nothing).to_owned()
                } else {
                    what.join(" + ")
                };
                let members = desk.number(i64::try_from(it.rewarded_members).unwrap_or(i64::MAX));
                let part = desk.number(i64::try_from(it.taking_part).unwrap_or(i64::MAX));
                view! { <p>{tr!(locale, missions.forecast, what = what, n = members, part = part)}</p> }.into_any()
            }
            Err(error) => {
                view! { <p class="field__error">{state::words_in(locale, &error).0}</p> }.into_any()
            }
        })
    };
    let waiting = Signal::derive(move || busy.get().to_string());
    view! {
        <section class="card stack" aria-labelledby="dry-run">
            <h2 class="title" id="dry-run">{tr!(locale, missions.dry_run)}</h2>
            <p class="muted">{tr!(locale, missions.dry_run_hint)}</p>
            <button class="button" type="button" aria-disabled=waiting on:click=run>{tr!(locale, missions.try_it)}</button>
            <div role="status">{live::maybe(said)}</div>
        </section>
    }
    .into_any()
}

/// A new task: the same form, and the button that makes it.
fn create(desk: &Desk) -> AnyView {
    let locale = desk.locale;
    let draft = Draft::new(form::blank(desk));
    let form = maker(
        draft,
        "/api/v1/tasks",
        tr!(locale, missions.saved),
        |id| format!("{TASKS}/{id}"),
        form::body(desk, draft, false),
    );
    view! {
        {head(tr!(locale, missions.add), tr!(locale, missions.add_hint), ().into_any())}
        {beside(desk, draft, form)}
    }
    .into_any()
}
