//! Privacy: on which channels the member may be written to, the own data to take along, and the
//! way out.

use crate::api::Api;
use crate::i18n::locale;
use crate::member::with_summary;
use crate::parts::Subject;
use crate::tr;
use crate::ui::browser;
use crate::ui::form::{Form, form_error};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::members::api::{Consent, ConsentList, Glance, Member, SetConsent};
use shared::members::{Channel, MemberStatus};
use shared::text::Locale;

/// The page.
#[must_use]
pub fn page() -> AnyView {
    with_summary(tr!(locale(), privacy.title), show)
}

fn show(subject: &Subject, it: Glance) -> AnyView {
    view! {
        <div class="columns">
            <div class="stack">{consents(subject, &it.member)}</div>
            <div class="stack">
                {export(subject.amounts.locale, &it.member)}
                {leave(subject.amounts.locale)}
            </div>
        </div>
    }
    .into_any()
}

/// A switch a channel.
fn consents(subject: &Subject, member: &Member) -> AnyView {
    let locale = subject.amounts.locale;
    let list = query::query::<ConsentList>(|| Some("/api/v1/me/consents".to_owned()));
    let form = Form::new();
    let active = member.status == MemberStatus::Active;
    let subject = subject.clone();
    let show = move |it: ConsentList| {
        let rows = it.data.into_iter();
        let rows = rows.map(|it| consent(&subject, list, form, active, it));
        view! { <ul class="rows" role="list">{rows.collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card stack" aria-labelledby="consents">
            <h2 class="title" id="consents">{tr!(locale, privacy.consents)}</h2>
            <p class="muted">{tr!(locale, privacy.consents_hint)}</p>
            {form_error(form)}
            {loaded(list, 3, show)}
        </section>
    }
    .into_any()
}

const fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "email",
        Channel::Sms => "sms",
        Channel::Push => "push",
    }
}

fn consent(
    subject: &Subject,
    list: Query<ConsentList>,
    form: Form,
    active: bool,
    it: Consent,
) -> AnyView {
    let locale = subject.amounts.locale;
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let name = channel_name(it.channel);
    let label = match it.channel {
        Channel::Email => tr!(locale, privacy.email),
        Channel::Sms => tr!(locale, privacy.sms),
        Channel::Push => tr!(locale, privacy.push),
    };
    let since = match it.changed_at.map(|at| subject.date(at)) {
        Some(date) if it.granted => tr!(locale, privacy.agreed, date = date),
        Some(date) => tr!(locale, privacy.refused, date = date),
        None => tr!(locale, privacy.never).to_owned(),
    };
    let granted = RwSignal::new(it.granted);
    let change = move |event: web_sys::Event| {
        granted.set(event_target_checked(&event));
        let body = SetConsent {
            granted: granted.get_untracked(),
        };
        if !form.begin() {
            granted.set(!body.granted);
            return;
        }
        spawn_local(async move {
            let path = format!("/api/v1/me/consents/{name}");
            let answer = api.put(&path, &body, None).await;
            if form.end(answer).is_some() {
                toaster.say(tr!(locale, privacy.consent_saved));
                list.reload();
            } else {
                granted.try_set(!body.granted);
            }
        });
    };
    view! {
        <li>
            <label class="row row--way" for=name>
                <span class="row__main">
                    <span class="row__title">{label}</span>
                    <span class="row__note">{since}</span>
                </span>
                <input class="toggle" type="checkbox" role="switch" id=name name=name disabled=!active
                    prop:checked=granted on:change=change/>
            </label>
        </li>
    }
    .into_any()
}

/// Everything that is kept about the member, as a file.
fn export(locale: Locale, member: &Member) -> AnyView {
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let form = Form::new();
    let file = format!("{}.json", member.id);
    let click = move |_| {
        if !form.begin() {
            return;
        }
        let file = file.clone();
        spawn_local(async move {
            let answer = api.get_text("/api/v1/me/export", None).await;
            if let Some(text) = form.end(answer) {
                browser::keep_file(&file, "application/json", &text);
                toaster.say(tr!(locale, privacy.exported));
            }
        });
    };
    let text = Signal::derive(move || {
        if form.busy.get() {
            tr!(locale, privacy.exporting)
        } else {
            tr!(locale, privacy.export_button)
        }
    });
    view! {
        <section class="card stack" aria-labelledby="export">
            <h2 class="title" id="export">{tr!(locale, privacy.export)}</h2>
            <p class="muted">{tr!(locale, privacy.export_hint)}</p>
            {form_error(form)}
            <button class="button button--wide" type="button" aria-disabled=form.waiting() on:click=click>
                {icon(Icon::Download)}{text}
            </button>
        </section>
    }
    .into_any()
}

fn leave(locale: Locale) -> AnyView {
    view! {
        <section class="card stack" aria-labelledby="leave">
            <h2 class="title" id="leave">{tr!(locale, privacy.erase)}</h2>
            <p class="muted">{tr!(locale, privacy.erase_hint)}</p>
            <a class="button button--wide button--bad" href="/me/erase">{tr!(locale, privacy.erase_link)}</a>
        </section>
    }
    .into_any()
}
