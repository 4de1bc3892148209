//! What a page shows when it has nothing to show: not yet, nothing, or not now.

use crate::api::ApiError;
use crate::i18n::locale;
use crate::tr;
use crate::ui::browser;
use crate::ui::format::{self, Moment};
use crate::ui::icon::{Icon, icon};
use leptos::prelude::*;
use shared::text::Locale;

/// Grey shapes in place of `rows` lines that are on their way.
#[must_use]
pub fn skeleton(rows: usize) -> AnyView {
    let label = tr!(locale(), state.loading);
    view! {
        <div class="skeleton" role="status">
            <span class="sr-only">{label}</span>
            {(0..rows).map(|_| view! { <span class="skeleton__row"></span> }).collect_view()}
        </div>
    }
    .into_any()
}

/// Nothing is there, said with what to do about it.
#[must_use]
pub fn empty(title: impl Into<String>, hint: impl Into<String>) -> AnyView {
    let (title, hint): (String, String) = (title.into(), hint.into());
    view! {
        <div class="empty">
            <span class="empty__mark">{icon(Icon::Empty)}</span>
            <p class="empty__title">{title}</p>
            <p class="muted">{hint}</p>
        </div>
    }
    .into_any()
}

/// What an error is in words, and the request id to quote.
#[must_use]
pub fn words(error: &ApiError) -> (String, Option<String>) {
    words_in(locale(), error)
}

/// Like [`words`], outside of the building of a page.
#[must_use]
pub fn words_in(locale: Locale, error: &ApiError) -> (String, Option<String>) {
    match error {
        ApiError::Offline => (tr!(locale, state.offline).to_owned(), None),
        ApiError::Aborted | ApiError::Unreadable => (tr!(locale, state.unknown).to_owned(), None),
        ApiError::Refused(problem) | ApiError::Later(problem, _) => {
            let mut text = problem.title.clone();
            if let Some(detail) = &problem.detail {
                text.push(' ');
                text.push_str(detail);
            }
            (text, problem.request_id.clone())
        }
    }
}

/// An error in place of the content, with a way to try again.
#[must_use]
pub fn failure(error: &ApiError, retry: impl Fn() + 'static) -> AnyView {
    let locale = locale();
    let mark = match error {
        ApiError::Offline => Icon::Offline,
        _ => Icon::Warning,
    };
    let (text, request) = words(error);
    view! {
        <div class="empty" role="alert">
            <span class="empty__mark">{icon(mark)}</span>
            <p class="empty__title">{text}</p>
            {request.map(request_id)}
            <button class="button" type="button" on:click=move |_| retry()>
                {tr!(locale, state.retry)}
            </button>
        </div>
    }
    .into_any()
}

/// When something was read, as a time of this device.
#[must_use]
pub fn read_time(locale: Locale, at: f64) -> String {
    let zone = browser::time_zone().unwrap_or_else(|| "UTC".to_owned());
    format::moment_at(locale, &zone, at, Moment::Recent)
}

/// An error above content that is shown as it was read `at` that time.
#[must_use]
pub fn stale(error: &ApiError, at: Option<f64>, retry: impl Fn() + 'static) -> AnyView {
    let locale = locale();
    let (text, request) = words(error);
    let age = match at {
        Some(at) => tr!(locale, state.stale_at, time = read_time(locale, at)),
        None => tr!(locale, state.stale).to_owned(),
    };
    let mark = match error {
        ApiError::Offline => Icon::Offline,
        _ => Icon::Warning,
    };
    view! {
        <div class="banner banner--warn" role="status">
            {icon(mark)}
            <span class="grow">{text}" "{age}{request.map(request_id)}</span>
            <button class="button button--small" type="button" on:click=move |_| retry()>
                {tr!(locale, state.retry)}
            </button>
        </div>
    }
    .into_any()
}

fn request_id(id: String) -> AnyView {
    view! { <span class="request-id">{tr!(locale(), state.request_id)}" "<code>{id}</code></span> }
        .into_any()
}
