//! The member's own record.

use crate::api::Api;
use crate::member::Me;
use crate::parts::Subject;
use crate::tr;
use crate::ui::form::{Form, Input, field, form_error, submit};
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::members::MemberStatus;
use shared::members::api::{Member, UpdateMe};
use shared::text::Locale;

const NAME: Input = Input {
    name: "name",
    kind: "text",
    autocomplete: "name",
    required: false,
};
const BIRTHDAY: Input = Input {
    name: "birthday",
    kind: "date",
    autocomplete: "bday",
    required: false,
};

/// The record, with what the member may change.
pub(super) fn profile(subject: &Subject, member: Member) -> AnyView {
    let locale = subject.amounts.locale;
    let birthday = member
        .birthday
        .map(|it| fact(tr!(locale, me.birthday), Some(it.to_string()), locale));
    let facts = view! {
        <dl class="record">
            {fact(tr!(locale, me.email), member.email.clone(), locale)}
            {fact(tr!(locale, me.phone), member.phone.clone(), locale)}
            {birthday}
            {fact(tr!(locale, me.member_id), Some(member.id.to_string()), locale)}
        </dl>
    };
    // The server refuses what a frozen member changes, so the page does not offer it.
    let edit = match member.status {
        MemberStatus::Active => edit(locale, member),
        _ => {
            let name = fact(tr!(locale, me.name), member.name, locale);
            view! { <p class="muted">{tr!(locale, me.frozen_note)}</p><dl class="record">{name}</dl> }
                .into_any()
        }
    };
    view! {
        <section class="card stack" aria-labelledby="profile">
            <h2 class="title" id="profile">{tr!(locale, me.profile)}</h2>
            {edit}
            {facts}
        </section>
    }
    .into_any()
}

fn fact(label: &'static str, value: Option<String>, locale: Locale) -> AnyView {
    let value = value.unwrap_or_else(|| tr!(locale, me.missing).to_owned());
    view! { <div class="record__row"><dt>{label}</dt><dd>{value}</dd></div> }.into_any()
}

fn edit(locale: Locale, member: Member) -> AnyView {
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let Me(summary) = expect_context();
    let form = Form::new();
    let name = RwSignal::new(member.name.unwrap_or_default());
    let birthday = RwSignal::new(String::new());
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let typed = name.get_untracked().trim().to_owned();
        let body = UpdateMe {
            name: (!typed.is_empty()).then_some(typed),
            birthday: birthday.get_untracked().parse().ok(),
            ..UpdateMe::default()
        };
        spawn_local(async move {
            let answer = api.patch::<Member>("/api/v1/me", &body).await;
            if form.end(answer).is_some() {
                toaster.say(tr!(locale, me.saved));
                summary.reload();
            }
        });
    };
    let ask_birthday = member.birthday.is_none().then(|| {
        let hint = tr!(locale, me.birthday_hint).to_owned();
        field(
            form,
            BIRTHDAY,
            tr!(locale, me.birthday),
            Some(hint),
            birthday,
        )
    });
    view! {
        <form class="stack" on:submit=send>
            {form_error(form)}
            {field(form, NAME, tr!(locale, me.name), None, name)}
            {ask_birthday}
            {submit(form, tr!(locale, me.save), tr!(locale, me.saving))}
        </form>
    }
    .into_any()
}
