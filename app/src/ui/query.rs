//! Reading from the server into signals: what was read last is shown at once and checked again.

use crate::api::{Api, ApiError};
use crate::ui::app::Revisit;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use shared::page::Page;
use web_sys::AbortController;

/// What can be read: a value that pages can compare and keep.
pub trait Readable: DeserializeOwned + Clone + PartialEq + Send + Sync + 'static {}
impl<T: DeserializeOwned + Clone + PartialEq + Send + Sync + 'static> Readable for T {}

/// One thing read from the server.
pub struct Query<T: Readable> {
    /// The thing, once read.
    pub value: RwSignal<Option<T>>,
    /// Why the last attempt failed.
    pub error: RwSignal<Option<ApiError>>,
    again: RwSignal<u32>,
}

impl<T: Readable> Clone for Query<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Readable> Copy for Query<T> {}

impl<T: Readable> Query<T> {
    /// Reads again.
    pub fn reload(self) {
        self.error.set(None);
        self.again.update(|it| *it += 1);
    }
}

/// Holds the running request of a page and ends it when a newer one starts or the page is left.
#[derive(Clone, Copy)]
struct Running(StoredValue<Option<AbortController>, LocalStorage>);

impl Running {
    fn new() -> Self {
        let running = Self(StoredValue::new_local(None));
        on_cleanup(move || running.replace(None));
        running
    }

    fn start(self) -> Option<AbortController> {
        let controller = AbortController::new().ok();
        self.replace(controller.clone());
        controller
    }

    fn replace(self, with: Option<AbortController>) {
        // The value may be gone already when a page is torn down.
        self.0.try_update_value(|it| {
            if let Some(old) = std::mem::replace(it, with) {
                old.abort();
            }
        });
    }
}

/// Reads `path` now, when it changes, and when the shopper comes back to the page.
/// `None` reads nothing.
pub fn query<T: Readable>(path: impl Fn() -> Option<String> + 'static) -> Query<T> {
    let api = expect_context::<Api>();
    let revisit = expect_context::<Revisit>();
    let it = Query {
        value: RwSignal::new(None),
        error: RwSignal::new(None),
        again: RwSignal::new(0),
    };
    let running = Running::new();
    Effect::new(move |last: Option<Option<String>>| {
        it.again.track();
        revisit.track();
        let path = path();
        let Some(address) = path.clone() else {
            it.value.set(None);
            return path;
        };
        if last.flatten().as_deref() != Some(&address) {
            it.value.set(api.cached(&address));
            it.error.set(None);
        }
        let controller = running.start();
        spawn_local(async move {
            let signal = controller.as_ref().map(AbortController::signal);
            let answer = api.get::<T>(&address, signal.as_ref()).await;
            it.settle(answer);
        });
        path
    });
    it
}

impl<T: Readable> Query<T> {
    fn settle(self, answer: Result<T, ApiError>) {
        match answer {
            Ok(new) => {
                let same = self
                    .value
                    .try_with_untracked(|it| it.as_ref() == Some(&new));
                if same == Some(false) {
                    self.value.set(Some(new));
                }
                self.error.try_set(None);
            }
            Err(ApiError::Aborted) => {}
            Err(error) => {
                self.error.try_set(Some(error));
            }
        }
    }
}

/// A list read page by page.
pub struct Pages<T: Readable> {
    /// The rows so far, once the first page is there.
    pub rows: RwSignal<Option<Vec<T>>>,
    /// Whether there are more.
    pub more: RwSignal<bool>,
    /// Whether pages are being read.
    pub busy: RwSignal<bool>,
    /// Why the last attempt failed.
    pub error: RwSignal<Option<ApiError>>,
    again: RwSignal<u32>,
}

impl<T: Readable> Clone for Pages<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Readable> Copy for Pages<T> {}

impl<T: Readable> Pages<T> {
    /// Reads again from the first page.
    pub fn reload(self) {
        self.error.set(None);
        self.again.update(|it| *it += 1);
    }
}

/// Reads the first `count` pages of the list at `base` (a path with its query). When only the
/// count grows, what is shown stays; when anything else changes, the list starts anew.
pub fn pages<T: Readable>(
    base: impl Fn() -> Option<String> + 'static,
    count: impl Fn() -> usize + 'static,
) -> Pages<T> {
    let api = expect_context::<Api>();
    let revisit = expect_context::<Revisit>();
    let it = Pages {
        rows: RwSignal::new(None),
        more: RwSignal::new(false),
        busy: RwSignal::new(false),
        error: RwSignal::new(None),
        again: RwSignal::new(0),
    };
    let running = Running::new();
    Effect::new(move |last: Option<Option<String>>| {
        it.again.track();
        revisit.track();
        let (base, count) = (base(), count());
        let Some(address) = base.clone() else {
            return base;
        };
        if last.flatten().as_deref() != Some(&address) {
            it.show(remembered(api, &address, count));
        }
        let controller = running.start();
        it.busy.set(true);
        spawn_local(async move {
            let signal = controller.as_ref().map(AbortController::signal);
            let mut all = Page {
                data: Vec::new(),
                next_cursor: None,
            };
            for place in 0..count {
                let path = page_path(&address, all.next_cursor.as_deref());
                match api.get::<Page<T>>(&path, signal.as_ref()).await {
                    Ok(page) => append(&mut all, page),
                    Err(ApiError::Aborted) => return,
                    Err(error) => {
                        it.error.try_set(Some(error));
                        it.busy.try_set(false);
                        return;
                    }
                }
                if all.next_cursor.is_none() || place + 1 == count {
                    break;
                }
            }
            it.error.try_set(None);
            it.busy.try_set(false);
            it.show(Some(all));
        });
        base
    });
    it
}

impl<T: Readable> Pages<T> {
    fn show(self, page: Option<Page<T>>) {
        let more = page.as_ref().is_some_and(|it| it.next_cursor.is_some());
        let rows = page.map(|it| it.data);
        self.more.try_set(more);
        if self.rows.try_with_untracked(|it| *it == rows) == Some(false) {
            self.rows.set(rows);
        }
    }
}

/// The pages as they were read before, if all of them are in memory.
fn remembered<T: Readable>(api: Api, base: &str, count: usize) -> Option<Page<T>> {
    let mut all: Page<T> = api.cached(base)?;
    for _ in 1..count {
        let Some(cursor) = all.next_cursor.take() else {
            break;
        };
        let page = api.cached::<Page<T>>(&page_path(base, Some(&cursor)))?;
        append(&mut all, page);
    }
    Some(all)
}

fn append<T>(all: &mut Page<T>, mut page: Page<T>) {
    all.data.append(&mut page.data);
    all.next_cursor = page.next_cursor;
}

fn page_path(base: &str, cursor: Option<&str>) -> String {
    match cursor {
        None => base.to_owned(),
        Some(cursor) => {
            let mark = if base.contains('?') { '&' } else { '?' };
            format!("{base}{mark}cursor={}", super::browser::encode(cursor))
        }
    }
}
