//! What was given for tasks, newest first.

use crate::parts::Subject;
use crate::parts::points::why_link;
use crate::parts::tasks::reward_text;
use crate::tr;
use crate::ui::address::{self, Address};
use crate::ui::load::listed;
use crate::ui::{query, state};
use leptos::prelude::*;
use shared::tasks::api::TaskClaim;

/// The list.
pub(super) fn history(subject: &Subject) -> AnyView {
    let locale = subject.amounts.locale;
    let here = Address::here();
    let claims =
        query::pages::<TaskClaim>(|| Some("/api/v1/me/task_claims".to_owned()), here.pages());
    let subject = subject.clone();
    let blank = move || {
        state::empty(
            tr!(locale, tasks.history_empty),
            tr!(locale, tasks.history_hint),
        )
    };
    let rows = listed(
        claims,
        move |it| rows(&subject, &it),
        blank,
        address::more_pages(here),
    );
    view! { <section class="card">{rows}</section> }.into_any()
}

fn rows(subject: &Subject, claims: &[TaskClaim]) -> AnyView {
    view! { <ul class="rows" role="list">{claims.iter().map(|it| row(subject, it)).collect_view()}</ul> }.into_any()
}

fn row(subject: &Subject, it: &TaskClaim) -> AnyView {
    let locale = subject.amounts.locale;
    let what: Vec<String> = it
        .rewards
        .iter()
        .map(|it| reward_text(subject.amounts, it.reward))
        .collect();
    let back = it.taken_back_at.map(
        |_| view! { <span class="badge" data-tone="bad">{tr!(locale, tasks.taken_back)}</span> },
    );
    view! {
        <li class="row">
            <div class="row__main">
                <p class="row__title">{it.name.get(locale).to_owned()}" "{back}</p>
                <p class="row__note">{subject.time(it.claimed_at)}</p>
            </div>
            <div class="row__side"><p>{what.join(" + ")}</p>{why_link(subject, it.id.to_string())}</div>
        </li>
    }
    .into_any()
}
