//! Shows what a query holds in each of its states.

use crate::api::{self, ApiError};
use crate::i18n::locale;
use crate::tr;
use crate::ui::live;
use crate::ui::query::{Query, Source};
use crate::ui::state;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use shared::page::Page;
use std::sync::Arc;

/// The thing when it is there, else a skeleton of `rows` lines or the error.
pub fn loaded<T: DeserializeOwned>(
    query: Query<T>,
    rows: usize,
    show: impl Fn(T) -> AnyView + Send + 'static,
) -> AnyView {
    let show = move |texts: &[Arc<str>]| Some(show(api::read(texts.first()?).ok()?));
    shown(query.source, rows, Box::new(show), None)
}

/// A list when its first page is there, with a button for more; `blank` when it has no rows.
pub fn listed<T: DeserializeOwned>(
    query: Query<T>,
    show: impl Fn(Vec<T>) -> AnyView + Send + 'static,
    blank: impl Fn() -> AnyView + Send + 'static,
    more: impl Fn() + Clone + Send + 'static,
) -> AnyView {
    let rows = move |texts: &[Arc<str>]| {
        let mut rows: Vec<T> = Vec::new();
        for text in texts {
            rows.append(&mut api::read::<Page<T>>(text).ok()?.data);
        }
        Some(if rows.is_empty() { blank() } else { show(rows) })
    };
    shown(query.source, 6, Box::new(rows), Some(Box::new(more)))
}

/// Like [`listed`], of a list of which no more is shown than its first page.
pub fn first_of<T: DeserializeOwned>(
    query: Query<T>,
    show: impl Fn(Vec<T>) -> AnyView + Send + 'static,
    blank: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let rows = move |texts: &[Arc<str>]| {
        let rows = api::read::<Page<T>>(texts.first()?).ok()?.data;
        Some(if rows.is_empty() { blank() } else { show(rows) })
    };
    shown(query.source, 3, Box::new(rows), None)
}

/// What is made of the answers; `None` when they are something else.
type Show = Box<dyn Fn(&[Arc<str>]) -> Option<AnyView> + Send>;

/// The part of both that is the same for every type, so that it is there once.
fn shown(source: Source, rows: usize, show: Show, more: Option<Box<dyn Fn() + Send>>) -> AnyView {
    let body = live::maybe(move || {
        let texts = source.texts()?;
        Some(show(&texts).unwrap_or_else(|| unreadable(source)))
    });
    let body = match more {
        Some(more) => view! { {body}{foot(source, more)} }.into_any(),
        None => body,
    };
    framed(source, rows, body)
}

fn unreadable(source: Source) -> AnyView {
    state::failure(&ApiError::Unreadable, move || source.reload())
}

/// The body with what is to say while, or because, it is not there.
fn framed(source: Source, rows: usize, body: AnyView) -> AnyView {
    let missing = move || match (source.is_there(), source.error.get()) {
        (true, Some(error)) => Some(state::stale(&error, source.at.get(), move || {
            source.reload()
        })),
        (false, Some(error)) => Some(state::failure(&error, move || source.reload())),
        (false, None) => Some(state::skeleton(rows)),
        (true, None) => None,
    };
    let busy = Signal::derive(move || source.busy.get().to_string());
    view! {
        {live::maybe(missing)}
        <div class="loaded" aria-busy=busy>{body}</div>
    }
    .into_any()
}

/// The button for more rows.
fn foot(source: Source, more: Box<dyn Fn() + Send>) -> AnyView {
    let locale = locale();
    let text = Signal::derive(move || {
        if source.busy.get() {
            tr!(locale, state.loading)
        } else {
            tr!(locale, state.more)
        }
    });
    let hidden = Signal::derive(move || !source.more.get());
    view! {
        <button class="button button--wide" type="button" hidden=hidden on:click=move |_| more()>{text}</button>
    }
    .into_any()
}
