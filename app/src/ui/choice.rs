//! One of a few: radio buttons that look like a switch.

use leptos::prelude::*;

/// A group of radio buttons; each option is its value, its name in the page and its text.
pub fn choice<T: Copy + PartialEq + Send + Sync + 'static>(
    name: &'static str,
    label: &'static str,
    options: Vec<(T, &'static str, &'static str)>,
    chosen: impl Fn() -> T + Copy + Send + Sync + 'static,
    choose: impl Fn(T) + Copy + 'static,
) -> AnyView {
    let options = options
        .into_iter()
        .map(|(value, key, text)| {
            let id = format!("{name}-{key}");
            let label_for = id.clone();
            view! {
                <label class="switch__one" for=label_for>
                    <input class="sr-only" type="radio" id=id name=name value=key
                        prop:checked=Signal::derive(move || chosen() == value) on:change=move |_| choose(value)/>
                    {text}
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field">
            <legend class="field__label">{label}</legend>
            <div class="switch">{options}</div>
        </fieldset>
    }
    .into_any()
}
