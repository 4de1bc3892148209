//! A part that may be there or not, such as hours in which nobody is called.

use super::draft::{Draft, Known};
use super::field::Kind;
use crate::ui::live;
use leptos::prelude::*;
use serde_json::Value;

/// The box that puts `fresh` at `at` or takes it away, and the part's fields while it is there.
pub fn optional(
    draft: Draft,
    at: &'static str,
    label: &'static str,
    fresh: impl Fn() -> Value + 'static,
    show: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    draft.know(Known {
        at: at.to_owned(),
        label: label.to_owned(),
        kind: Kind::Toggle,
    });
    let on = Memo::new(move |_| !draft.at(at).is_null());
    let change = move |event| {
        let value = match event_target_checked(&event) {
            true => fresh(),
            false => Value::Null,
        };
        draft.set(at, value);
    };
    let wrong = move || {
        let text = draft.wrong(at)?;
        Some(view! { <p class="field__error">{text}</p> }.into_any())
    };
    view! {
        <div class="field">
            <label class="tick"><input type="checkbox" prop:checked=on on:change=change/><span>{label}</span></label>
            {live::maybe(wrong)}
        </div>
        {live::maybe(move || on.get().then(&show))}
    }
    .into_any()
}
