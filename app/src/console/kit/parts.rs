//! The pages of one subject, side by side.

use crate::ui::{browser, live};
use leptos::html::Nav;
use leptos::prelude::*;

/// The way from one of the pages to the others: each its address, its name, and whether it is the
/// one that is shown.
pub fn parts(
    label: &'static str,
    pages: impl IntoIterator<Item = (String, &'static str, Signal<bool>)>,
) -> AnyView {
    let nav = NodeRef::<Nav>::new();
    // On a phone not all of them are in sight.
    live::effect(move || {
        if let Some(nav) = nav.get() {
            browser::centre(&nav, "[aria-current]");
        }
    });
    let links = pages.into_iter().map(|(href, name, current)| {
        let current = Signal::derive(move || current.get().then_some("page"));
        view! { <a class="views__one" href=href aria-current=current>{name}</a> }
    });
    view! { <nav class="views views--page" aria-label=label node_ref=nav>{links.collect_view()}</nav> }
        .into_any()
}
