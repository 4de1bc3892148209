//! Members: the list with its search, and everything about one.

mod actions;
mod detail;
mod erase;
mod list;
mod merge;
mod timeline;

pub use detail::detail;
pub use list::list;

use crate::tr;
use leptos::prelude::*;
use shared::members::MemberStatus;
use shared::text::Locale;

/// The status of a member as a badge.
fn status(locale: Locale, status: MemberStatus) -> AnyView {
    let (text, tone) = match status {
        MemberStatus::Active => (tr!(locale, console.active), "good"),
        MemberStatus::Frozen => (tr!(locale, console.frozen), "bad"),
        MemberStatus::Erased => (tr!(locale, console.erased), "plain"),
        MemberStatus::Merged => (tr!(locale, merging.merged), "plain"),
    };
    view! { <span class="badge" data-tone=tone>{text}</span> }.into_any()
}

/// What a member is called: the name, what the books call an erased one, or that nobody knows.
fn name_of(locale: Locale, name: Option<&str>, pseudonym: Option<&str>) -> String {
    let known = name.or(pseudonym);
    known
        .unwrap_or_else(|| tr!(locale, console.unnamed))
        .to_owned()
}
