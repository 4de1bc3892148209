//! Reading from the server into signals: what was read last is shown at once and checked again.
//!
//! A query holds the answer as text and whoever shows it reads it. So there is one kind of query
//! for all types of answers, which keeps the program a shopper downloads small, and an answer
//! that did not change is recognised by its text.

use crate::api::{self, Api, ApiError};
use crate::ui::app::Revisit;
use crate::ui::{browser, live};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use shared::page::Page;
use std::marker::PhantomData;
use std::mem;
use std::sync::Arc;
use web_sys::{AbortController, AbortSignal};

/// The answers of a query, page by page; a query of one thing has one.
type Texts = Vec<Arc<str>>;

/// Something read from the server: one thing, or the first pages of a list.
#[derive(Clone, Copy)]
pub struct Source {
    texts: RwSignal<Option<Texts>>,
    /// Whether the list goes on.
    pub more: RwSignal<bool>,
    /// Whether an answer is on its way.
    pub busy: RwSignal<bool>,
    /// Why the last attempt failed.
    pub error: RwSignal<Option<ApiError>>,
    /// When what is shown was read, by this device's clock.
    pub at: RwSignal<Option<f64>>,
    again: RwSignal<u32>,
}

impl Source {
    /// Reads again.
    pub fn reload(self) {
        self.error.set(None);
        self.again.update(|it| *it += 1);
    }

    /// The answers, and a subscription to them.
    #[must_use]
    pub fn texts(self) -> Option<Texts> {
        self.texts.get()
    }

    /// Whether there is an answer.
    #[must_use]
    pub fn is_there(self) -> bool {
        self.texts.with(Option::is_some)
    }

    fn show(self, read: Option<Read>) {
        let (texts, more, at) = match read {
            Some(it) => (Some(it.texts), it.next.is_some(), it.at),
            None => (None, false, None),
        };
        // The page may be gone when its answer comes.
        self.at.try_set(at);
        self.more.try_set(more);
        if self.texts.try_with_untracked(|it| *it == texts) == Some(false) {
            self.texts.set(texts);
        }
    }

    fn fail(self, error: ApiError) {
        self.error.try_set(Some(error));
        self.busy.try_set(false);
    }
}

/// A query whose answer is a `T`.
pub struct Query<T> {
    /// Where the answer is.
    pub source: Source,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Query<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Query<T> {}

impl<T> Query<T> {
    /// Reads again.
    pub fn reload(self) {
        self.source.reload();
    }
}

impl<T: DeserializeOwned> Query<T> {
    /// The row of a list that was read for which `is` holds.
    pub fn find(self, is: impl Fn(&T) -> bool) -> Option<T> {
        let texts = self.source.texts.get_untracked()?;
        let pages = texts.iter().filter_map(|it| api::read::<Page<T>>(it).ok());
        pages.flat_map(|it| it.data).find(is)
    }
}

/// Reads `path` now, when it changes, and when the shopper comes back to the page.
/// `None` reads nothing.
pub fn query<T: DeserializeOwned>(path: impl Fn() -> Option<String> + 'static) -> Query<T> {
    let source = source(Box::new(path), None);
    Query {
        source,
        kind: PhantomData,
    }
}

/// Reads the first `count` pages of the list at `base` (a path with its query). When only the
/// count grows, what is shown stays; when anything else changes, the list starts anew.
pub fn pages<T: DeserializeOwned>(
    base: impl Fn() -> Option<String> + 'static,
    count: Memo<usize>,
) -> Query<T> {
    let source = source(Box::new(base), Some(count));
    Query {
        source,
        kind: PhantomData,
    }
}

fn source(path: Box<dyn Fn() -> Option<String>>, count: Option<Memo<usize>>) -> Source {
    let api = expect_context::<Api>();
    let revisit = expect_context::<Revisit>();
    let it = Source {
        texts: RwSignal::new(None),
        more: RwSignal::new(false),
        busy: RwSignal::new(false),
        error: RwSignal::new(None),
        at: RwSignal::new(None),
        again: RwSignal::new(0),
    };
    let running = Running::new();
    let mut last = None;
    live::effect(move || {
        it.again.track();
        revisit.track();
        let count = count.map(|it| it.get());
        let path = path();
        let before = mem::replace(&mut last, path.clone());
        let Some(address) = path else {
            return it.show(None);
        };
        if before.as_ref() != Some(&address) {
            it.show(remembered(api, &address, count));
            it.error.set(None);
        }
        it.busy.set(true);
        spawn_local(read(api, it, address, count, running.start()));
    });
    it
}

async fn read(
    api: Api,
    into: Source,
    address: String,
    count: Option<usize>,
    running: Option<AbortController>,
) {
    let signal = running.as_ref().map(AbortController::signal);
    match read_all(api, &address, count, signal.as_ref()).await {
        Ok(it) => {
            into.error.try_set(None);
            into.busy.try_set(false);
            into.show(Some(it));
        }
        Err(ApiError::Aborted) => {}
        Err(error) => into.fail(error),
    }
}

/// What was read so far, and where a list goes on.
#[derive(Default)]
struct Read {
    texts: Texts,
    next: Option<String>,
    at: Option<f64>,
}

impl Read {
    fn append(&mut self, text: Arc<str>, at: Option<f64>, is_list: bool) {
        self.next = if is_list { next_cursor(&text) } else { None };
        // What is oldest tells how old the whole is.
        self.at = match (self.at, at) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        self.texts.push(text);
    }
}

async fn read_all(
    api: Api,
    address: &str,
    count: Option<usize>,
    signal: Option<&AbortSignal>,
) -> Result<Read, ApiError> {
    let mut all = Read::default();
    for _ in 0..count.unwrap_or(1) {
        let path = page_path(address, all.next.as_deref());
        let text = api.get_text(&path, signal).await?;
        all.append(text, api.read_at(&path), count.is_some());
        if all.next.is_none() {
            break;
        }
    }
    Ok(all)
}

/// The answers as they were read before, if all of them are in memory.
fn remembered(api: Api, address: &str, count: Option<usize>) -> Option<Read> {
    let mut all = Read::default();
    for _ in 0..count.unwrap_or(1) {
        let path = page_path(address, all.next.as_deref());
        all.append(api.cached(&path)?, api.read_at(&path), count.is_some());
        if all.next.is_none() {
            break;
        }
    }
    Some(all)
}

/// Where a page of a list says that the list goes on.
fn next_cursor(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Next {
        #[serde(rename = "data")]
        _rows: IgnoredAny,
        next_cursor: Option<String>,
    }
    api::read::<Next>(text).ok()?.next_cursor
}

fn page_path(base: &str, cursor: Option<&str>) -> String {
    match cursor {
        None => base.to_owned(),
        Some(cursor) => {
            let mark = if base.contains('?') { '&' } else { '?' };
            format!("{base}{mark}cursor={}", browser::encode(cursor))
        }
    }
}

/// Holds a running request and ends it when a newer one starts or the page is left.
#[derive(Clone, Copy)]
pub struct Running(StoredValue<Option<AbortController>, LocalStorage>);

impl Default for Running {
    fn default() -> Self {
        Self::new()
    }
}

impl Running {
    /// Holds nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let running = Self(StoredValue::new_local(None));
        on_cleanup(move || running.stop());
        running
    }

    /// Ends the running request; the controller is for a newer one.
    pub fn start(self) -> Option<AbortController> {
        let controller = AbortController::new().ok();
        self.replace(controller.clone());
        controller
    }

    /// Ends the running request.
    pub fn stop(self) {
        self.replace(None);
    }

    fn replace(self, with: Option<AbortController>) {
        // The value may be gone already when a page is torn down.
        self.0.try_update_value(|it| {
            if let Some(old) = mem::replace(it, with) {
                old.abort();
            }
        });
    }
}
