//! Several of a few: a box to tick for each.

use super::draft::Draft;
use super::field::{Field, Kind};
use crate::ui::live;
use leptos::prelude::*;
use serde_json::Value;

/// The boxes; the list at the field's pointer holds those that are ticked, in this order.
pub fn several(draft: Draft, field: &Field, ways: &[(Value, String)]) -> AnyView {
    let order: Vec<Value> = ways.iter().map(|it| it.0.clone()).collect();
    let boxes = ways
        .iter()
        .map(|(value, text)| tick(draft, &field.at, value, text, &order))
        .collect_view();
    let at = field.at.clone();
    let wrong = move || {
        let text = draft.wrong(&at)?;
        Some(view! { <p class="field__error">{text}</p> }.into_any())
    };
    let hint = field.hint.clone();
    view! {
        <fieldset class="field">
            <legend class="field__label">{field.label.clone()}</legend>
            <div class="chips">{boxes}</div>
            {live::maybe(wrong)}
            {hint.map(|it| view! { <p class="field__hint">{it}</p> })}
        </fieldset>
    }
    .into_any()
}

fn tick(draft: Draft, at: &str, value: &Value, text: &str, order: &[Value]) -> AnyView {
    let (seen, own, order) = (at.to_owned(), value.clone(), order.to_vec());
    let has = move |list: &Value, one: &Value| list.as_array().is_some_and(|it| it.contains(one));
    let on = {
        let own = own.clone();
        Signal::derive(move || has(&draft.at(&seen), &own))
    };
    let at = at.to_owned();
    let change = move |event| {
        let on = event_target_checked(&event);
        let now = draft.value().pointer(&at).cloned().unwrap_or_default();
        let ticked = |it: &&Value| if **it == own { on } else { has(&now, it) };
        let list = order.iter().filter(ticked).cloned().collect();
        draft.set(&at, Value::Array(list));
    };
    view! {
        <label class="chip chip--tick">
            <input class="sr-only" type="checkbox" prop:checked=on on:change=change/>{text.to_owned()}
        </label>
    }
    .into_any()
}

/// What is ticked, in words.
#[must_use]
pub fn words(ways: &[(Value, String)], value: &Value) -> String {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let ticked = ways.iter().filter(|it| list.contains(&it.0));
    let texts: Vec<&str> = ticked.map(|it| it.1.as_str()).collect();
    texts.join(", ")
}

/// Several of a few, each its value on the wire and its text.
pub fn several_of<V: Into<Value>>(ways: impl IntoIterator<Item = (V, String)>) -> Kind {
    let ways = ways.into_iter();
    Kind::Several(ways.map(|(it, text)| (it.into(), text)).collect())
}
