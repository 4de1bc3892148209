//! A thing that has one of several shapes: choosing another puts its first shape in place.

use super::draft::Draft;
use leptos::prelude::*;
use serde_json::Value;

/// A shape: its name on the wire, what it is called, and how it begins.
pub type Shape = (&'static str, &'static str, Value);

/// The choice between the shapes of what is at `at`; the part `tag` of it names the shape.
pub fn shapes(
    draft: Draft,
    at: &'static str,
    tag: &'static str,
    label: &'static str,
    ways: Vec<Shape>,
) -> AnyView {
    let kind = shape_of(draft, at, tag);
    let buttons = ways
        .into_iter()
        .map(|(name, text, shape)| {
            let pressed = Signal::derive(move || kind.with(|it| it == name).to_string());
            let choose = move |_| {
                if kind.with_untracked(|it| it != name) {
                    draft.set(at, shape.clone());
                }
            };
            view! { <button class="chip" type="button" aria-pressed=pressed on:click=choose>{text}</button> }
        })
        .collect_view();
    view! { <div class="field"><span class="field__label">{label}</span><div class="chips" role="group" aria-label=label>{buttons}</div></div> }
        .into_any()
}

/// The name of the shape that is there.
#[must_use]
pub fn shape_of(draft: Draft, at: &'static str, tag: &'static str) -> Memo<String> {
    Memo::new(move |_| {
        let name = draft.at(&format!("{at}/{tag}"));
        name.as_str().unwrap_or_default().to_owned()
    })
}
