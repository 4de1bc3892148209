//! Making a task, and changing one: a form, a phone that shows it, and what it would cost.

use super::{TASKS, form, report, state_name};
use crate::api::{self, Api, ApiError};
use crate::console::kit::desk::{Desk, head, page};
use crate::console::kit::draft::Draft;
use crate::console::kit::leave::Leave;
use crate::i18n::locale;
use crate::parts::Subject;
use crate::parts::tasks::{reward_text, task_card};
use crate::tr;
use crate::ui::address::replace_by;
use crate::ui::form::form_error;
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use crate::ui::routes::param;
use crate::ui::toast::Toaster;
use crate::ui::{browser, live, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use shared::coupons::api::Template;
use shared::page::Page;
use shared::tasks::api::{MemberTask, Task, TaskForecast, TaskStatus};
use shared::tasks::{TaskDefinition, TaskState};
use shared::time::Timestamp;

/// The page of one task, or of a new one.
#[must_use]
pub fn edit() -> AnyView {
    let locale = locale();
    page(tr!(locale, missions.title), |desk| {
        let id = param("id").get_untracked();
        let back = view! { <p><a class="link" href=TASKS>{icon(Icon::Previous)}{tr!(locale, missions.title)}</a></p> };
        if id == "new" {
            let today = form::day_in(&desk.zone, browser::now_millis());
            let draft = Draft::new(form::blank(today));
            let top = head(
                tr!(locale, missions.add),
                tr!(locale, missions.add_hint),
                ().into_any(),
            );
            return view! { {back}{top}{work(&desk, draft, None)} }.into_any();
        }
        let task =
            query::query::<Task>(move || Some(format!("/api/v1/tasks/{}", browser::encode(&id))));
        view! { {back}{loaded(task, 8, move |it| one(&desk, &it, task))} }.into_any()
    })
}

/// One task: what can be done with it, its form and its report.
fn one(desk: &Desk, it: &Task, task: Query<Task>) -> AnyView {
    let locale = desk.locale;
    let draft = Draft::new(form::to_form(desk, &it.definition));
    let (name, tone) = state_name(locale, it.state);
    let may = expect_context::<Api>()
        .identity()
        .is_some_and(|it| it.may_operate());
    let actions = may.then(|| actions(desk, it, task));
    view! {
        {head(it.definition.name.get(locale), "", actions.into_any())}
        <p><span class="badge" data-tone=tone>{name}</span></p>
        {report::report(desk, it)}
        {work(desk, draft, Some(it.clone()))}
    }
    .into_any()
}

fn actions(desk: &Desk, it: &Task, task: Query<Task>) -> AnyView {
    let locale = desk.locale;
    let act =
        |what: &'static str, label: &'static str, grave: bool| button(it, task, what, label, grave);
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
    task: Query<Task>,
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
                    task.reload();
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
fn work(desk: &Desk, draft: Draft, known: Option<Task>) -> AnyView {
    let dirty = Memo::new(move |_| draft.changes() > 0);
    expect_context::<Leave>().hold(dirty);
    let (shown, tried, form_desk) = (desk.clone(), desk.clone(), desk.clone());
    let templates = query::query::<Page<Template>>(|| {
        Some("/api/v1/coupon_templates?state=active&limit=100".to_owned())
    });
    let fields = move |it: Page<Template>| {
        view! { {form::body(&form_desk, draft, known.is_some(), &it.data)}{save(&form_desk, draft, known.clone())} }.into_any()
    };
    view! {
        <div class="columns columns--main">
            <div class="stack">{loaded(templates, 8, fields)}</div>
            <div class="stack">
                {live::part(move || phone(&shown, &draft.watch()))}
                {dry_run(&tried, draft)}
            </div>
        </div>
    }
    .into_any()
}

fn definition(desk: &Desk, form: &Value) -> Option<TaskDefinition> {
    serde_json::from_value(form::to_definition(desk, form)?).ok()
}

/// The task as a member's phone shows it, half done.
fn phone(desk: &Desk, form: &Value) -> AnyView {
    let locale = desk.locale;
    let title = tr!(locale, missions.preview);
    let Some(it) = definition(desk, form) else {
        return view! { <section class="card"><p class="muted">{tr!(locale, missions.odd_day)}</p></section> }.into_any();
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
    let desk_here = desk.clone();
    let run = move |_| {
        let Some(body) = form::to_definition(&desk_here, &draft.value()) else {
            return;
        };
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

/// The button that keeps the form, and what was wrong with it.
fn save(desk: &Desk, draft: Draft, known: Option<Task>) -> AnyView {
    let locale = desk.locale;
    let may = expect_context::<Api>()
        .identity()
        .is_some_and(|it| it.may_operate());
    let ended = known.as_ref().is_some_and(|it| it.ended_at.is_some());
    if !may || ended {
        return ().into_any();
    }
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let go = replace_by();
    let desk = desk.clone();
    let version = RwSignal::new(known.as_ref().map(|it| it.version));
    let path = known.map(|it| format!("/api/v1/tasks/{}", it.id));
    let send = move |_| {
        if draft.has_odd() || !draft.form.begin() {
            return;
        }
        let Some(body) = form::to_definition(&desk, &draft.value()) else {
            draft.form.busy.set(false);
            toaster.say(tr!(locale, missions.odd_day));
            return;
        };
        let (path, go) = (path.clone(), go.clone());
        spawn_local(async move {
            let seen = version.get_untracked().map(|it| format!("\"{it}\""));
            let answer = match &path {
                Some(path) => api.put(path, &body, seen.as_deref()).await,
                None => api.post_text("/api/v1/tasks", &body, None).await,
            };
            let Some(text) = draft.form.end(answer) else {
                return;
            };
            draft.restart(draft.value());
            toaster.say(tr!(locale, missions.saved));
            if let Ok(task) = api::read::<Task>(&text) {
                version.try_set(Some(task.version));
                if path.is_none() {
                    go(&format!("{TASKS}/{}", task.id));
                }
            }
        });
    };
    view! {
        {form_error(draft.form)}
        <p><button class="button button--main" type="button" aria-disabled=draft.form.waiting() on:click=send>{tr!(locale, me.save)}</button></p>
    }
    .into_any()
}
