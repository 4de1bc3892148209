//! Which address shows which page, and which pages come in a file of their own.
//!
//! A program has one table of [`Page`]s, a line each. What is written with [`lazy!`](crate::lazy)
//! is not in the program that opens first: it is fetched when it is shown, or a moment before,
//! when the pointer or the focus comes to a link that leads there. Pages with the same name of
//! their file share it. Code that several files need is fetched once.
//!
//! A table instead of the router's `<Route>`s: the same lines also say what to fetch ahead, and
//! every page costs a line of data instead of types of its own.

use crate::api::ApiError;
use crate::ui::address::Address;
use crate::ui::{browser, guard, live, page, state};
use futures_util::future::LocalBoxFuture;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// How long the first page is left alone before the pages of the navigation are fetched.
const CALM: Duration = Duration::from_secs(3);
/// Time between two of them, so that a finger never waits for what nobody has asked for.
const PAUSE_MS: u32 = 300;

/// A page in a file of its own.
#[derive(Clone, Copy)]
pub struct Chunk {
    /// Fetches the file, once; whether it is there.
    pub fetch: fn() -> LocalBoxFuture<'static, bool>,
    /// Builds the page; `None` while its file is not there.
    pub build: fn() -> Option<AnyView>,
}

/// What shows a page.
#[derive(Clone, Copy)]
pub enum Body {
    /// Part of the program that opens first.
    Here(fn() -> AnyView),
    /// Fetched when it is needed.
    Lazy(Chunk),
}

/// A page that is fetched when it is needed: `lazy!(points, points::page)` is the function
/// `points::page` in the file `points`.
#[cfg(not(whole))]
#[macro_export]
macro_rules! lazy {
    ($file:ident, $page:path) => {{
        use ::leptos::wasm_split as split;
        #[split::wasm_split($file, wasm_split_path = split, preload(fetch), fallible)]
        fn page() -> Result<::leptos::prelude::AnyView, split::SplitLoaderError> {
            Ok($page())
        }
        $crate::ui::routes::Body::Lazy($crate::ui::routes::Chunk {
            fetch: || Box::pin(async { fetch().await.is_ok() }),
            build: || $crate::ui::routes::at_once(page()),
        })
    }};
}

/// A quick build leaves all pages in one file.
#[cfg(whole)]
#[macro_export]
macro_rules! lazy {
    ($file:ident, $page:path) => {
        $crate::ui::routes::Body::Here($page)
    };
}

/// What the future holds if it need not wait.
pub fn at_once<E>(page: impl Future<Output = Result<AnyView, E>>) -> Option<AnyView> {
    use futures_util::FutureExt;
    page.now_or_never()?.ok()
}

/// One line of the table of pages.
pub struct Page {
    path: &'static str,
    inside: bool,
    body: Body,
}

impl Page {
    /// A page for the signed-in. In `path`, `:name` stands for anything, which the page reads
    /// with [`param`].
    #[must_use]
    pub const fn inside(path: &'static str, body: Body) -> Self {
        Self {
            path,
            inside: true,
            body,
        }
    }

    /// A page that anyone may open.
    #[must_use]
    pub const fn open(path: &'static str, body: Body) -> Self {
        Self {
            path,
            inside: false,
            body,
        }
    }

    /// What stands in an address in place of the names; `None` when it is another page's.
    fn params(&self, path: &str) -> Option<Vec<(&'static str, String)>> {
        let mut asked = path.trim_end_matches('/').split('/');
        let mut params = Vec::new();
        for part in self.path.trim_end_matches('/').split('/') {
            let given = asked.next()?;
            match part.strip_prefix(':') {
                Some(name) if !given.is_empty() => params.push((name, given.to_owned())),
                _ if part == given => {}
                _ => return None,
            }
        }
        asked.next().is_none().then_some(params)
    }

    fn show(&'static self) -> AnyView {
        provide_context(Pattern(self));
        let build = move || match self.body {
            Body::Here(page) => page(),
            Body::Lazy(chunk) => arriving(chunk, || page::heading(document().title(), "sr-only")),
        };
        if self.inside {
            guard::inside(build)
        } else {
            build()
        }
    }
}

/// The page that is shown.
#[derive(Clone, Copy)]
struct Pattern(&'static Page);

/// What stands in the address in place of `:name`, now and whenever the page is shown with another.
#[must_use]
pub fn param(name: &'static str) -> Memo<String> {
    let (Pattern(page), here) = (expect_context(), Address::here());
    Memo::new(move |before: Option<&String>| {
        let params = page.params(&here.path());
        let given = params.and_then(|it| it.into_iter().find(|(it, _)| *it == name));
        // Of an address that is another page's, the page that is about to go need not know.
        given.map_or_else(|| before.cloned().unwrap_or_default(), |(_, it)| it)
    })
}

/// Shows the page of the address, from the table.
pub fn routes(pages: &'static [Page], home: &'static str) -> AnyView {
    let here = Address::here();
    let page = Memo::new(move |_| position(pages, &here.path()));
    fetch_ahead(pages);
    live::part(move || match page.get().and_then(|it| pages.get(it)) {
        Some(page) => page.show(),
        None => guard::not_found(home),
    })
}

fn position(pages: &[Page], path: &str) -> Option<usize> {
    pages.iter().position(|it| it.params(path).is_some())
}

/// Where a page's file is.
#[derive(Clone, Copy)]
enum Arrival {
    Waiting,
    Failed,
    There,
}

/// A part of a page that comes in a file of its own, with a skeleton until it is there.
#[must_use]
pub fn part(body: Body) -> AnyView {
    match body {
        Body::Here(part) => part(),
        Body::Lazy(chunk) => arriving(chunk, || ().into_any()),
    }
}

/// What the chunk shows, with a skeleton until its file is there; `heading` stands above what is
/// said when it does not come.
fn arriving(chunk: Chunk, heading: fn() -> AnyView) -> AnyView {
    if let Some(page) = (chunk.build)() {
        return page;
    }
    let arrival = RwSignal::new(Arrival::Waiting);
    let fetch = move |again: bool| {
        spawn_local(async move {
            let there = (chunk.fetch)().await;
            if again && !there && browser::online() {
                // The server has a newer version, without this file.
                browser::reload();
            }
            let now = if there {
                Arrival::There
            } else {
                Arrival::Failed
            };
            // The page may have been left meanwhile.
            let _left = arrival.try_set(now);
        });
    };
    fetch(false);
    let retry = move || {
        arrival.set(Arrival::Waiting);
        fetch(true);
    };
    live::part(move || match arrival.get() {
        Arrival::Waiting => state::skeleton(5),
        Arrival::Failed => view! {
            {heading()}
            {state::failure(&ApiError::Offline, retry)}
        }
        .into_any(),
        Arrival::There => (chunk.build)().unwrap_or_else(|| ().into_any()),
    })
}

/// What is shown only when there is cause to, in a file of its own: nothing until it is fetched.
#[must_use]
pub fn piece(body: Body) -> AnyView {
    let chunk = match body {
        Body::Here(piece) => return piece(),
        Body::Lazy(chunk) => chunk,
    };
    let there = RwSignal::new(false);
    spawn_local(async move {
        if (chunk.fetch)().await {
            there.try_set(true);
        }
    });
    live::maybe(move || there.get().then(chunk.build).flatten())
}

/// Fetches the file of a page or a part of one before it is asked for. If that fails, it says so
/// when it is.
pub fn fetch(body: Body) {
    if let Body::Lazy(chunk) = body {
        spawn_local(async move {
            let _there = (chunk.fetch)().await;
        });
    }
}

/// Fetches pages before they are asked for: those of the navigation one after the other when the
/// first page has settled, others when the pointer or the focus comes to a link.
fn fetch_ahead(pages: &'static [Page]) {
    let leads_to = move |link: &web_sys::Element| {
        let href = link.get_attribute("href")?;
        let path = href.split(['?', '#']).next()?;
        let page = position(pages, path).and_then(|it| pages.get(it))?;
        Some(page.body)
    };
    let near = move |event: web_sys::Event| {
        let target = event.target();
        let target = target.and_then(|it| it.dyn_into::<web_sys::Element>().ok());
        if let Some(Ok(Some(link))) = target.map(|it| it.closest("a[href]"))
            && let Some(body) = leads_to(&link)
        {
            fetch(body);
        }
    };
    for name in ["pointerover", "focusin"] {
        browser::on_window_event(name, near);
    }
    set_timeout(
        move || {
            let Ok(links) = document().query_selector_all("nav a[href]") else {
                return;
            };
            let links = (0..links.length()).filter_map(|it| links.get(it));
            let links = links.filter_map(|it| it.dyn_into::<web_sys::Element>().ok());
            let bodies: Vec<Body> = links.filter_map(|it| leads_to(&it)).collect();
            spawn_local(async move {
                for body in bodies {
                    if let Body::Lazy(chunk) = body {
                        // If that fails, it says so when the page is asked for.
                        let _there = (chunk.fetch)().await;
                        TimeoutFuture::new(PAUSE_MS).await;
                    }
                }
            });
        },
        CALM,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> AnyView {
        ().into_any()
    }

    #[test]
    fn an_address_leads_to_the_page_with_its_pattern() {
        type Params = &'static [(&'static str, &'static str)];
        let cases: [(&str, &str, Option<Params>); 9] = [
            ("/", "/", Some(&[])),
            ("/", "/points", None),
            ("/points", "/points", Some(&[])),
            ("/points", "/points/", Some(&[])),
            ("/points", "/points/x", None),
            ("/points", "/pointsx", None),
            ("/m/:id", "/m/mem_1", Some(&[("id", "mem_1")])),
            ("/m/:id", "/m/", None),
            ("/m/:id/e/:n", "/m/a/e/b", Some(&[("id", "a"), ("n", "b")])),
        ];
        for (pattern, path, expected) in cases {
            let params = Page::open(pattern, Body::Here(nothing)).params(path);
            let params = params.as_ref().map(|it| {
                let pairs = it.iter().map(|(name, value)| (*name, value.as_str()));
                pairs.collect::<Vec<_>>()
            });
            assert_eq!(params.as_deref(), expected, "{pattern} {path}");
        }
    }
}
