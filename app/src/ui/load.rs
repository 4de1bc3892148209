//! Shows what a query holds in each of its states.

use crate::i18n::locale;
use crate::tr;
use crate::ui::query::{Pages, Query, Readable};
use crate::ui::state;
use leptos::prelude::*;

/// The thing when it is there, else a skeleton of `rows` lines or the error.
pub fn loaded<T: Readable>(
    query: Query<T>,
    rows: usize,
    show: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> impl IntoView {
    let missing = move || {
        let error = query.error.get();
        match (query.value.with(Option::is_some), error) {
            (true, Some(error)) => Some(state::stale(&error, move || query.reload())),
            (false, Some(error)) => Some(state::failure(&error, move || query.reload())),
            (false, None) => Some(state::skeleton(rows)),
            (true, None) => None,
        }
    };
    view! {
        {missing}
        {move || query.value.get().map(&show)}
    }
}

/// A list when its first page is there, with a button for more; `blank` when it has no rows.
pub fn listed<T: Readable>(
    pages: Pages<T>,
    show: impl Fn(Vec<T>) -> AnyView + Send + Sync + 'static,
    blank: impl Fn() -> AnyView + Send + Sync + 'static,
    more: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let missing = move || {
        let error = pages.error.get();
        match (pages.rows.with(Option::is_some), error) {
            (true, Some(error)) => Some(state::stale(&error, move || pages.reload())),
            (false, Some(error)) => Some(state::failure(&error, move || pages.reload())),
            (false, None) => Some(state::skeleton(6)),
            (true, None) => None,
        }
    };
    let rows = move || {
        pages
            .rows
            .get()
            .map(|rows| if rows.is_empty() { blank() } else { show(rows) })
    };
    let foot = move || {
        let locale = locale();
        let more = more.clone();
        pages.more.get().then(|| {
            view! {
                <button class="button button--wide" type="button" on:click=move |_| more()
                    prop:disabled=move || pages.busy.get()>
                    {move || if pages.busy.get() { tr!(locale, state.loading) } else { tr!(locale, state.more) }}
                </button>
            }
        })
    };
    view! {
        {missing}
        <div aria-busy=move || pages.busy.get().to_string()>{rows}</div>
        {foot}
    }
}
