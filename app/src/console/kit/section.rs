//! A part of an editor: what it is about on the left, its fields on a card on the right.

use leptos::prelude::*;

/// The part.
#[must_use]
pub fn section(title: impl Into<String>, hint: impl Into<String>, body: AnyView) -> AnyView {
    let (title, hint): (String, String) = (title.into(), hint.into());
    view! {
        <section class="part">
            <div class="part__about">
                <h2 class="title">{title}</h2>
                <p class="muted">{hint}</p>
            </div>
            <div class="card stack">{body}</div>
        </section>
    }
    .into_any()
}

/// The button that takes a row of a list away.
pub fn remove(label: impl Into<String>, then: impl Fn(web_sys::MouseEvent) + 'static) -> AnyView {
    let label: String = label.into();
    view! {
        <button class="button button--icon line__remove" type="button" aria-label=label on:click=then>
            {crate::ui::icon::icon(crate::ui::icon::Icon::Remove)}
        </button>
    }
    .into_any()
}
