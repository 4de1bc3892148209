//! Where the member is signed in, and the ways out.

use crate::api::{Api, ApiError};
use crate::parts::Subject;
use crate::tr;
use crate::ui::form::{Form, form_error};
use crate::ui::icon::{Icon, icon};
use crate::ui::load::loaded;
use crate::ui::query;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::page::Page;
use shared::sessions::api::Device;

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
            {loaded(devices, 2, move |it| list(&subject, it.data))}
            {form_error(form)}
            {leave(form, tr!(locale, me.sign_out), "/api/v1/sessions/current")}
            {leave(form, tr!(locale, me.sign_out_all), "/api/v1/sessions")}
        </section>
    }
    .into_any()
}

fn list(subject: &Subject, devices: Vec<Device>) -> AnyView {
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
        .map(|it| device(subject, &it))
        .collect_view();
    view! {
        <ul class="rows" role="list">{rows}</ul>
        {more}
    }
    .into_any()
}

fn device(subject: &Subject, it: &Device) -> AnyView {
    let locale = subject.amounts.locale;
    let name = it.name.clone();
    let name = name.unwrap_or_else(|| tr!(locale, me.unknown_device).to_owned());
    let used = tr!(locale, me.last_used, time = subject.time(it.last_used_at));
    let here = it.current.then(|| {
        view! { <span class="badge" data-tone="good">{tr!(locale, me.this_device)}</span> }
    });
    view! {
        <li class="row row--still">
            <span class="row__main">
                <span class="row__title">{name}</span>
                <span class="row__note">{used}</span>
            </span>
            {here}
        </li>
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
