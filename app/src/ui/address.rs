//! The address of the page: as the place where filters, tabs and open sheets are kept, and the way
//! to other pages without loading the program again.
//!
//! The table of pages (`super::routes`) says what to show at which address, so all that is left of
//! a router is here. (The one of Leptos was 20 KB of what a shopper downloads before compression.)

use crate::ui::browser;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlAnchorElement, MouseEvent, Url, UrlSearchParams};

/// Most pages of a list that an address may ask for at once.
pub const MAX_PAGES: usize = 50;

/// The address of the page, to read and to change.
#[derive(Clone)]
pub struct Address {
    path: RwSignal<String>,
    /// The query, with its question mark unless it is empty.
    search: RwSignal<String>,
}

/// Begins to follow the address: links of our own, Back and Forward.
pub fn start() {
    let address = Address {
        path: RwSignal::new(String::new()),
        search: RwSignal::new(String::new()),
    };
    address.read();
    provide_context(address.clone());
    let here = address.clone();
    browser::on_window("popstate", move || here.read());
    browser::on_window_event("click", move |event| {
        let Some(link) = followed(&event) else {
            return;
        };
        event.prevent_default();
        let stays = link.has_attribute("data-noscroll");
        address.go(
            &link.href(),
            Way {
                replace: false,
                stays,
            },
        );
    });
}

/// The link of our own that a plain click follows; other clicks are for the browser.
pub fn followed(event: &Event) -> Option<HtmlAnchorElement> {
    let click = event.dyn_ref::<MouseEvent>()?;
    let with_key = click.meta_key() || click.alt_key() || click.ctrl_key() || click.shift_key();
    if with_key || click.button() != 0 || click.default_prevented() {
        return None;
    }
    let element = event.target()?.dyn_into::<Element>().ok()?;
    let link = element.closest("a[href]").ok()??;
    let link = link.dyn_into::<HtmlAnchorElement>().ok()?;
    let ours = link.origin() == browser::origin()
        && link.target().is_empty()
        && link.rel() != "external"
        && !link.has_attribute("download");
    ours.then_some(link)
}

/// How to go to another address.
#[derive(Clone, Copy)]
struct Way {
    /// Whether Back leads past this page.
    replace: bool,
    /// Whether what is seen of the page stays where it is.
    stays: bool,
}

impl Address {
    /// The address of the page that is being built.
    #[must_use]
    pub fn here() -> Self {
        expect_context()
    }

    /// The path, and a subscription to it.
    #[must_use]
    pub fn path(&self) -> String {
        self.path.get()
    }

    /// Path and query, at this moment.
    #[must_use]
    pub fn whole(&self) -> String {
        self.path.get_untracked() + &self.search.get_untracked()
    }

    /// Takes over what the browser shows.
    fn read(&self) {
        let location = window().location();
        for (signal, now) in [
            (self.path, location.pathname()),
            (self.search, location.search()),
        ] {
            let now = now.unwrap_or_default();
            if signal.with_untracked(|it| *it != now) {
                signal.set(now);
            }
        }
    }

    fn go(&self, to: &str, way: Way) {
        let location = window().location();
        let Ok(here) = location.href() else { return };
        let Ok(url) = Url::new_with_base(to, &here) else {
            return;
        };
        super::place::keep();
        let (to, history) = (url.href(), window().history());
        // The browser refuses an address of another site, and going too often.
        let _ = history.and_then(|it| match way.replace || to == here {
            true => it.replace_state_with_url(&it.state()?, "", Some(&to)),
            false => {
                let depth = JsValue::from(depth() + 1.0);
                it.push_state_with_url(&depth, "", Some(&to))
            }
        });
        self.read();
        if !way.stays {
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    /// Opens something over this page, which stays where it is: Back closes it.
    pub fn open_here(&self, to: &str) {
        self.go(
            to,
            Way {
                replace: false,
                stays: true,
            },
        );
    }

    /// A part of the query, and a subscription to it; empty is the same as absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<String> {
        let value = self.search.with(|it| params(it)?.get(key));
        value.filter(|it| !it.is_empty())
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
        let query = self
            .search
            .with(|it| params(it))
            .map_or_else(String::new, |query| {
                for (key, value) in changes {
                    query.delete(key);
                    if let Some(value) = value {
                        query.append(key, value);
                    }
                }
                query.to_string().into()
            });
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", self.path())
    }

    /// Like [`Address::with`], at this moment.
    #[must_use]
    pub fn with_now(&self, changes: &[(&'static str, Option<&str>)]) -> String {
        untrack(|| self.with(changes))
    }
}

/// How many pages and sheets of ours Back can close; each carries its number in the history.
pub fn depth() -> f64 {
    let state = window().history().and_then(|it| it.state());
    state.ok().and_then(|it| it.as_f64()).unwrap_or_default()
}

/// The parts of a query; no text is refused.
fn params(search: &str) -> Option<UrlSearchParams> {
    UrlSearchParams::new_with_str(search).ok()
}

/// Goes elsewhere: Back returns to this page.
pub fn go() -> impl Fn(&str) + Clone + Send + Sync + 'static {
    let here = Address::here();
    move |to: &str| {
        here.go(
            to,
            Way {
                replace: false,
                stays: false,
            },
        )
    }
}

/// Goes elsewhere in place of this page: Back does not return to it.
pub fn replace_by() -> impl Fn(&str) + Clone + Send + Sync + 'static {
    let here = Address::here();
    move |to: &str| {
        here.go(
            to,
            Way {
                replace: true,
                stays: true,
            },
        )
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
