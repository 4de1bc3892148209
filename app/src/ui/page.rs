//! What every page does on arrival: names the document and takes the keyboard to its heading.

use super::address::Address;
use super::place;
use leptos::prelude::*;
use std::cell::RefCell;

/// The id of the heading that takes the focus.
const HEADING: &str = "page-title";

thread_local! {
    /// The path of the page that was shown before; none before the first.
    static SHOWN: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Whether the page of this path is shown already.
#[must_use]
pub fn is_shown(path: &str) -> bool {
    SHOWN.with_borrow(|it| it.as_deref() == Some(path))
}

/// Names the document `title` and moves the focus to the heading, unless this is the first page
/// of the visit or the same page again in another language.
pub fn arrive(title: &str) {
    document().set_title(title);
    let path = untrack(|| Address::here().path());
    let before = SHOWN.with_borrow_mut(|it| it.replace(path.clone()));
    if before.is_some_and(|it| it != path) {
        request_animation_frame(|| {
            place::arrive();
            super::browser::focus(HEADING);
        });
    }
}

/// The heading of a page.
#[must_use]
pub fn heading(title: impl Into<String>, class: &'static str) -> AnyView {
    let title: String = title.into();
    view! { <h1 id=HEADING class=class tabindex="-1">{title}</h1> }.into_any()
}
