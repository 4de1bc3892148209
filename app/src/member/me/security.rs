//! Where the member is signed in, and the ways out.

use crate::api::{Api, ApiError};
use crate::parts::Subject;
use crate::parts::password::change_password;
use crate::tr;
use crate::ui::form::{Form, form_error};
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use crate::ui::load::loaded;
use crate::ui::query::{self, Query};
use crate::ui::toast::Toaster;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::SessionId;
use shared::page::Page;
use shared::sessions::api::{Device, PasswordState};
use shared::text::Locale;

/// Most devices that are named; the others are counted.
const MAX_DEVICES: usize = 5;

/// Signed-in devices and the buttons to sign out.
pub(super) fn security(subject: &Subject) -> AnyView {
    let locale = subject.amounts.locale;
    let form = Form::new();
    let devices = query::query::<Page<Device>>(|| Some("/api/v1/sessions".to_owned()));
    let subject = subject.clone();
    view! {
        <section class="card stack" aria-labelledby="security">
            <h2 class="title" id="security">{tr!(locale, me.security)}</h2>
            <h3 class="label">{tr!(locale, me.devices)}</h3>
            {form_error(form)}
            {loaded(devices, 2, move |it| list(&subject, form, devices, it.data))}
            {password(locale)}
            {leave(form, tr!(locale, me.sign_out), "/api/v1/sessions/current")}
            {leave(form, tr!(locale, me.sign_out_all), "/api/v1/sessions")}
            <p class="row__note">{tr!(locale, me.sign_out_all_hint)}</p>
        </section>
    }
    .into_any()
}

/// The form for a new password, for members who have one; it opens when it is wanted.
fn password(locale: Locale) -> AnyView {
    let state = query::query::<PasswordState>(|| Some("/api/v1/me/password".to_owned()));
    live::maybe(move || {
        let texts = state.source.texts()?;
        let it = crate::api::read::<PasswordState>(texts.first()?).ok()?;
        let form = it.is_set.then(|| {
            view! {
                <details>
                    <summary class="link">{icon(Icon::Lock)}{tr!(locale, auth.password_save)}</summary>
                    <p class="row__note">{tr!(locale, auth.password_others)}</p>
                    {change_password("/api/v1/me/password")}
                </details>
            }
        });
        form.map(IntoAny::into_any)
    })
}

fn list(
    subject: &Subject,
    form: Form,
    query: Query<Page<Device>>,
    devices: Vec<Device>,
) -> AnyView {
    let locale = subject.amounts.locale;
    let others = devices.len().saturating_sub(MAX_DEVICES);
    let more = (others > 0).then(|| {
        let count = i64::try_from(others).unwrap_or(i64::MAX);
        let text = tr!(locale, me.more_devices, count = count, n = others);
        view! { <p class="row__note">{text}</p> }
    });
    let rows = devices
        .into_iter()
        .take(MAX_DEVICES)
        .map(|it| device(subject, form, query, &it))
        .collect_view();
    view! {
        <ul class="rows" role="list">{rows}</ul>
        {more}
    }
    .into_any()
}

fn device(subject: &Subject, form: Form, query: Query<Page<Device>>, it: &Device) -> AnyView {
    let locale = subject.amounts.locale;
    let name = it.name.clone();
    let name = name.unwrap_or_else(|| tr!(locale, me.unknown_device).to_owned());
    let used = tr!(locale, me.last_used, time = subject.time(it.last_used_at));
    let side = if it.current {
        view! { <span class="badge" data-tone="good">{tr!(locale, me.this_device)}</span> }
            .into_any()
    } else {
        end(locale, form, query, it.id, &name)
    };
    view! {
        <li class="row row--still">
            <span class="row__mark">{icon(Icon::Device)}</span>
            <span class="row__main">
                <span class="row__title">{name}</span>
                <span class="row__note">{used}</span>
            </span>
            {side}
        </li>
    }
    .into_any()
}

/// A button that signs another device out.
fn end(
    locale: Locale,
    form: Form,
    query: Query<Page<Device>>,
    id: SessionId,
    name: &str,
) -> AnyView {
    let api = expect_context::<Api>();
    let toaster = expect_context::<Toaster>();
    let click = move |_| {
        if !form.begin() {
            return;
        }
        spawn_local(async move {
            let answer = api.delete(&format!("/api/v1/sessions/{id}")).await;
            if form.end(answer).is_some() {
                toaster.say(tr!(locale, me.device_ended));
                query.reload();
            }
        });
    };
    let label = tr!(locale, me.end_device_of, name = name);
    view! {
        <button class="button button--small" type="button" aria-label=label aria-disabled=form.waiting()
            on:click=click>{tr!(locale, me.end_device)}</button>
    }
    .into_any()
}

/// A button that ends sessions. The page forgets its own also when the server has already.
fn leave(form: Form, label: &'static str, path: &'static str) -> AnyView {
    let api = expect_context::<Api>();
    let click = move |_| {
        if !form.begin() {
            return;
        }
        spawn_local(async move {
            let answer = match api.delete(path).await {
                Err(ApiError::Refused(problem)) if problem.status == 401 => Ok(()),
                other => other,
            };
            if form.end(answer).is_some() {
                api.close(false);
            }
        });
    };
    view! {
        <button class="button button--wide" type="button" on:click=click
            aria-disabled=form.waiting()>
            {icon(Icon::SignOut)}{label}
        </button>
    }
    .into_any()
}
