//! One task as members see it: a ring, what to do, what it gives, and what can be done now.

use super::reward::reward_list;
use crate::parts::Subject;
use crate::tr;
use crate::ui::amount::Amounts;
use crate::ui::format;
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;
use shared::points::Asset;
use shared::tasks::TaskEventKind;
use shared::tasks::api::{MemberTask, TaskStatus};
use shared::text::Locale;

/// How much of something that counts, in words.
fn measure(amounts: Amounts, event: TaskEventKind, amount: i64) -> String {
    match event {
        TaskEventKind::OrderAmount => amounts.plain(Asset::Credit, amount),
        _ => format::number(amounts.locale, amount),
    }
}

/// A ring that is filled as far as the task has come; `label` names the task.
#[must_use]
pub fn ring(amounts: Amounts, it: &MemberTask, label: &str) -> AnyView {
    let whole = it.goal.max(1);
    let hundredths = (it.progress.clamp(0, whole).saturating_mul(100) / whole).to_string();
    let done = matches!(it.status, TaskStatus::Claimable | TaskStatus::Claimed);
    let hundredths = if done { "100".to_owned() } else { hundredths };
    let (progress, goal) = (
        measure(amounts, it.event, it.progress),
        measure(amounts, it.event, it.goal),
    );
    let text = tr!(amounts.locale, tasks.progress, done = progress, goal = goal);
    let drawn = format!("{hundredths} 100");
    let middle = if done {
        icon(Icon::Check)
    } else {
        view! { <span class="ring__text">{hundredths.clone()}"%"</span> }.into_any()
    };
    view! {
        <span class="ring" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow=hundredths
            aria-label=label.to_owned() aria-valuetext=text data-done=done.to_string()>
            <svg class="ring__drawing" viewBox="0 0 40 40" aria-hidden="true" focusable="false">
                <circle class="ring__track" cx="20" cy="20" r="17"></circle>
                <circle class="ring__fill" cx="20" cy="20" r="17" pathLength="100" stroke-dasharray=drawn></circle>
            </svg>
            {middle}
        </span>
    }
    .into_any()
}

/// What state a task is in, as a label; none while it simply runs.
fn badge(locale: Locale, status: TaskStatus) -> Option<AnyView> {
    let (tone, text) = match status {
        TaskStatus::Claimable => ("good", tr!(locale, tasks.claimable)),
        TaskStatus::Claimed => ("good", tr!(locale, tasks.claimed)),
        TaskStatus::Locked => ("", tr!(locale, tasks.locked)),
        TaskStatus::Upcoming => ("wait", tr!(locale, tasks.upcoming)),
        TaskStatus::Paused => ("wait", tr!(locale, tasks.paused)),
        TaskStatus::QuotaUsedUp => ("bad", tr!(locale, tasks.used_up)),
        TaskStatus::Expired => ("", tr!(locale, tasks.expired)),
        TaskStatus::Todo | TaskStatus::InProgress | TaskStatus::ToJoin => return None,
    };
    Some(view! { <span class="badge" data-tone=tone>{text}</span> }.into_any())
}

/// What a task says about its time and its numbers.
fn notes(subject: &Subject, it: &MemberTask) -> Vec<String> {
    let amounts = subject.amounts;
    let locale = amounts.locale;
    let (done, goal) = (
        measure(amounts, it.event, it.progress),
        measure(amounts, it.event, it.goal),
    );
    let mut notes = vec![tr!(locale, tasks.progress, done = done, goal = goal)];
    if it.times > 1 {
        let (n, all) = (
            format::number(locale, i64::from(it.times_claimed)),
            format::number(locale, i64::from(it.times)),
        );
        notes.push(tr!(locale, tasks.times, n = n, all = all));
    }
    if let Some(left) = it.left {
        let n = format::number(locale, i64::from(left));
        notes.push(tr!(locale, tasks.left, n = n));
    }
    let time = match it.status {
        TaskStatus::Upcoming => Some(tr!(locale, tasks.starts, date = subject.date(it.starts_at))),
        TaskStatus::Claimable => it
            .claim_until
            .map(|at| tr!(locale, tasks.claim_until, date = subject.date(at))),
        _ => it
            .ends_at
            .map(|at| tr!(locale, tasks.ends, date = subject.date(at))),
    };
    notes.extend(time);
    notes
}

/// The inside of a task: ring, name, what to do, and what it gives. `action` comes last.
#[must_use]
pub fn face(subject: &Subject, it: &MemberTask, action: AnyView) -> AnyView {
    let locale = subject.amounts.locale;
    let name = it.name.get(locale).to_owned();
    let description = it.description.get(locale);
    let description = (!description.is_empty())
        .then(|| view! { <p class="row__note">{description.to_owned()}</p> });
    let notes = notes(subject, it).join(" · ");
    view! {
        {ring(subject.amounts, it, &name)}
        <div class="task__main">
            <h3 class="task__name">{name}" "{badge(locale, it.status)}</h3>
            {description}
            <p class="row__note">{notes}</p>
            {reward_list(subject.amounts, &it.rewards)}
        </div>
        {action}
    }
    .into_any()
}

/// A task with what can be done about it.
#[must_use]
pub fn task_card(subject: &Subject, it: &MemberTask, action: AnyView) -> AnyView {
    let over = matches!(
        it.status,
        TaskStatus::Expired | TaskStatus::Locked | TaskStatus::QuotaUsedUp | TaskStatus::Paused
    );
    view! { <li class="task" data-over=over.to_string()>{face(subject, it, action)}</li> }
        .into_any()
}
