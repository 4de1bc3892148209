//! This month's tasks, and what can be done about each.

use super::Reads;
use crate::api::{Api, Intent};
use crate::parts::Subject;
use crate::parts::points::why_link;
use crate::parts::tasks::{reward_text, task_card};
use crate::tr;
use crate::ui::load::loaded;
use crate::ui::toast::Toaster;
use crate::ui::{browser, format, state};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::tasks::TaskEventKind;
use shared::tasks::api::{
    ClaimReceipt, ClaimTask, MemberTask, Nothing, ShareLink, TaskBoard, TaskStatus,
};

/// The list.
pub(super) fn board(subject: &Subject, reads: Reads) -> AnyView {
    let subject = subject.clone();
    loaded(reads.board, 5, move |it| rows(&subject, reads, it))
}

fn rows(subject: &Subject, reads: Reads, it: TaskBoard) -> AnyView {
    let locale = subject.amounts.locale;
    if it.tasks.is_empty() {
        return state::empty(tr!(locale, tasks.empty), tr!(locale, tasks.empty_hint));
    }
    let rows = it
        .tasks
        .iter()
        .map(|it| task_card(subject, it, acts(subject, reads, it)));
    view! {
        <section class="card" aria-label=tr!(locale, tasks.this_month)>
            <ul class="task-list" role="list">{rows.collect_view()}</ul>
        </section>
    }
    .into_any()
}

/// What can be done about a task, and why it is where it is.
fn acts(subject: &Subject, reads: Reads, it: &MemberTask) -> AnyView {
    view! {
        <div class="task__acts">{action(subject, reads, it)}{why_link(subject, it.id.to_string())}</div>
    }
    .into_any()
}

/// The button of a task, if there is something to do.
fn action(subject: &Subject, reads: Reads, it: &MemberTask) -> AnyView {
    let locale = subject.amounts.locale;
    let shares = matches!(
        it.event,
        TaskEventKind::ShareVisits | TaskEventKind::ShareSignUps
    );
    match it.status {
        _ if !reads.may_act => ().into_any(),
        TaskStatus::Claimable => claim(subject, reads, it),
        TaskStatus::ToJoin => join(subject, reads, it),
        TaskStatus::Todo | TaskStatus::InProgress if shares => share(subject, it),
        TaskStatus::Todo | TaskStatus::InProgress
            if it.event == TaskEventKind::ProfileCompleted =>
        {
            view! { <a class="button button--small" href="/me">{tr!(locale, tasks.go)}</a> }
                .into_any()
        }
        _ => ().into_any(),
    }
}

/// A button that names its task to screen readers, and waits while it works.
fn doing(
    label: &'static str,
    name: &str,
    main: bool,
    busy: RwSignal<bool>,
    run: impl Fn() + 'static,
) -> AnyView {
    let class = if main {
        "button button--main button--small"
    } else {
        "button button--small"
    };
    let disabled = Signal::derive(move || busy.get().to_string());
    let spoken = format!("{label} {name}");
    let click = move |_| {
        if !busy.get_untracked() {
            busy.set(true);
            run();
        }
    };
    view! { <button class=class type="button" aria-label=spoken aria-disabled=disabled on:click=click>{label}</button> }
        .into_any()
}

fn claim(subject: &Subject, reads: Reads, it: &MemberTask) -> AnyView {
    let (amounts, locale) = (subject.amounts, subject.amounts.locale);
    let (busy, intent) = (RwSignal::new(false), Intent::new());
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let path = format!("/api/v1/me/tasks/{}/claims", it.id);
    let body = ClaimTask {
        period_key: Some(it.period_key.clone()),
    };
    let run = move || {
        let (path, body) = (path.clone(), body.clone());
        let key = intent.key(&body);
        spawn_local(async move {
            match api.post::<ClaimReceipt>(&path, &body, Some(&key)).await {
                Ok(done) => {
                    intent.done();
                    let what: Vec<String> = done
                        .claim
                        .rewards
                        .iter()
                        .map(|it| reward_text(amounts, it.reward))
                        .collect();
                    toaster.say(tr!(locale, tasks.claim_done, what = what.join(" + ")));
                }
                Err(error) => toaster.say(state::words_in(locale, &error).0),
            }
            busy.try_set(false);
            reads.reload();
        });
    };
    doing(
        tr!(locale, tasks.claim),
        it.name.get(locale),
        true,
        busy,
        run,
    )
}

fn join(subject: &Subject, reads: Reads, it: &MemberTask) -> AnyView {
    let locale = subject.amounts.locale;
    let busy = RwSignal::new(false);
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let path = format!("/api/v1/me/tasks/{}/join", it.id);
    let run = move || {
        let path = path.clone();
        spawn_local(async move {
            match api.post_text(&path, &Nothing {}, None).await {
                Ok(_) => toaster.say(tr!(locale, tasks.joined)),
                Err(error) => toaster.say(state::words_in(locale, &error).0),
            }
            busy.try_set(false);
            reads.reload();
        });
    };
    doing(
        tr!(locale, tasks.join),
        it.name.get(locale),
        false,
        busy,
        run,
    )
}

/// Shows the member's own link, to copy, and who came by it.
fn share(subject: &Subject, it: &MemberTask) -> AnyView {
    let locale = subject.amounts.locale;
    let busy = RwSignal::new(false);
    let link = RwSignal::new(None::<ShareLink>);
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let path = format!("/api/v1/me/tasks/{}/link", it.id);
    let run = move || {
        let path = path.clone();
        spawn_local(async move {
            match api.post::<ShareLink>(&path, &Nothing {}, None).await {
                Ok(done) => {
                    if browser::copy(&address_of(&done)).await {
                        toaster.say(tr!(locale, tasks.copied));
                    }
                    link.try_set(Some(done));
                }
                Err(error) => toaster.say(state::words_in(locale, &error).0),
            }
            busy.try_set(false);
        });
    };
    let shown = move || {
        let link = link.get()?;
        let label = tr!(locale, tasks.own_link);
        let [visits, sign_ups] = [link.visits, link.sign_ups].map(|it| format::number(locale, it));
        let shown = view! {
            <input class="input" readonly="" aria-label=label prop:value=address_of(&link)/>
            <p class="row__note">{tr!(locale, tasks.came, visits = visits, sign_ups = sign_ups)}</p>
            <p class="row__note">{tr!(locale, tasks.came_hint)}</p>
        };
        Some(shown.into_any())
    };
    view! {
        <div class="task__share">
            {doing(tr!(locale, tasks.share), it.name.get(locale), false, busy, run)}
            {crate::ui::live::maybe(shown)}
        </div>
    }
    .into_any()
}

/// The whole address of a link.
fn address_of(link: &ShareLink) -> String {
    format!("{}{}", browser::origin(), link.path)
}
