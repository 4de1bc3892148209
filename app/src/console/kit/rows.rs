//! A list whose rows are all alike, with a button that adds one more.

use super::Words;
use super::draft::Draft;
use super::field::Field;
use super::section::remove;
use crate::i18n::locale;
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use leptos::prelude::*;
use serde_json::Value;
use shared::text::Locale;

/// The list.
#[derive(Clone, Copy)]
pub struct Rows {
    /// Where it is: a JSON pointer.
    pub at: &'static str,
    /// Most rows.
    pub most: usize,
    /// The button that adds one more.
    pub add: Words,
    /// The button that takes the row with this number out.
    pub remove: fn(Locale, usize) -> String,
    /// A new row, from all that is being edited.
    pub fresh: fn(&Value) -> Value,
}

/// The rows and the button. `show` gives of the row at a pointer the fields side by side, and what
/// stands below them.
pub fn rows(
    it: Rows,
    draft: Draft,
    show: impl Fn(&str) -> (Vec<Field>, AnyView) + Send + 'static,
) -> AnyView {
    let locale = locale();
    let count = Memo::new(move |_| draft.len(it.at));
    let all = live::part(move || {
        let rows = (0..count.get()).map(|place| {
            let (line, below) = show(&format!("{}/{place}", it.at));
            row(it, draft, place, line, below)
        });
        view! { <ul class="stack" role="list">{rows.collect_view()}</ul> }.into_any()
    });
    let full = Signal::derive(move || count.get() >= it.most);
    let add = move |_| {
        let row = (it.fresh)(&draft.value());
        draft.change_list(it.at, |rows| rows.push(row));
    };
    // What the server says of the list as a whole, such as that it is empty.
    let wrong = move || {
        let text = draft.wrong(it.at)?;
        Some(view! { <p class="field__error">{text}</p> }.into_any())
    };
    view! {
        {all}
        {live::maybe(wrong)}
        <p><button class="button" type="button" disabled=full on:click=add>{icon(Icon::Plus)}{(it.add)(locale)}</button></p>
    }
    .into_any()
}

fn row(it: Rows, draft: Draft, place: usize, line: Vec<Field>, below: AnyView) -> AnyView {
    let take_out = move |_| {
        draft.change_list(it.at, |rows| {
            rows.remove(place);
        });
    };
    let label = (it.remove)(locale(), place + 1);
    let line = line.into_iter().map(|it| it.show(draft)).collect_view();
    view! {
        <li class="card stack stack--tight">
            <div class="line">{line}{remove(label, take_out)}</div>
            {below}
        </li>
    }
    .into_any()
}
