//! The address of the page as the place where filters, tabs and open sheets are kept.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::location::Location;

/// Most pages of a list that an address may ask for at once.
pub const MAX_PAGES: usize = 50;

/// The address of the page, to read and to change.
#[derive(Clone)]
pub struct Address(Location);

impl Address {
    /// The address of the page that is being built.
    #[must_use]
    pub fn here() -> Self {
        Self(use_location())
    }

    /// A part of the query, and a subscription to it; empty is the same as absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<String> {
        self.0
            .query
            .with(|it| it.get(key))
            .filter(|it| !it.is_empty())
    }

    /// A memo of a part of the query, so that a change of another part is not seen.
    #[must_use]
    pub fn part(&self, key: &'static str) -> Memo<Option<String>> {
        let it = self.clone();
        Memo::new(move |_| it.get(key))
    }

    /// How many pages of a list are asked for.
    #[must_use]
    pub fn pages(&self) -> Memo<usize> {
        let it = self.clone();
        Memo::new(move |_| {
            let asked = it.get("pages").and_then(|it| it.parse().ok()).unwrap_or(1);
            asked.clamp(1, MAX_PAGES)
        })
    }

    /// This address with some parts of its query changed or, when `None`, taken out.
    #[must_use]
    pub fn with(&self, changes: &[(&'static str, Option<&str>)]) -> String {
        let mut query = self.0.query.get();
        for (key, value) in changes {
            query.remove(key);
            if let Some(value) = value {
                query.insert(*key, (*value).to_owned());
            }
        }
        format!("{}{}", self.0.pathname.get(), query.to_query_string())
    }

    /// Like [`Address::with`], at this moment.
    #[must_use]
    pub fn with_now(&self, changes: &[(&'static str, Option<&str>)]) -> String {
        untrack(|| self.with(changes))
    }
}

/// Goes elsewhere in place of this page: Back does not return to it.
pub fn replace_by() -> impl Fn(&str) + Clone + Send + Sync + 'static {
    let navigate = use_navigate();
    move |to: &str| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(to, options);
    }
}

/// One more page of the list of this address.
pub fn more_pages(address: Address) -> impl Fn() + Clone + Send + Sync + 'static {
    let pages = address.pages();
    let go = replace_by();
    move || {
        let next = (pages.get_untracked() + 1).to_string();
        go(&address.with_now(&[("pages", Some(&next))]));
    }
}
