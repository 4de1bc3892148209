//! Ways to look at a page: links that change one part of its address, one of them current.

use crate::ui::address::Address;
use leptos::prelude::*;

/// How the links look.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Side by side as one control.
    Switch,
    /// One by one.
    Chips,
}

/// Links for `key`; each is its value, `None` for the one that needs none, and its text.
/// Following one takes `also` out of the address.
#[must_use]
pub fn ways(
    label: &'static str,
    look: Look,
    key: &'static str,
    also: &'static [&'static str],
    ways: &[(Option<&'static str>, &'static str)],
) -> AnyView {
    let here = Address::here();
    let (class, one) = match look {
        Look::Switch => ("switch", "switch__one"),
        Look::Chips => ("chips", "chip"),
    };
    let links = ways
        .iter()
        .map(|(value, text)| link(&here, one, key, *value, also, text));
    view! { <nav class=class aria-label=label>{links.collect_view()}</nav> }.into_any()
}

fn link(
    here: &Address,
    class: &'static str,
    key: &'static str,
    value: Option<&'static str>,
    also: &'static [&'static str],
    text: &'static str,
) -> AnyView {
    let (one, two) = (here.clone(), here.clone());
    let href = Signal::derive(move || {
        let mut changes: Vec<_> = also.iter().map(|it| (*it, None)).collect();
        changes.push((key, value));
        one.with(&changes)
    });
    let current = Signal::derive(move || (two.get(key).as_deref() == value).then_some("true"));
    view! { <a class=class data-noscroll="" href=href aria-current=current>{text}</a> }.into_any()
}
