//! Looking again and again at what goes on in the background, until it has ended.

use crate::api;
use crate::ui::live;
use crate::ui::query::Source;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

/// How long after an answer the next one is asked for, in milliseconds.
const LOOK_MS: u32 = 1_000;

/// The same when there was no answer.
const AFTER_FAILURE_MS: u32 = 5_000;

/// Reads `source` again a while after each answer in which something goes on, also when the answer
/// is the one before. `T` is one page of the answer as the server writes it.
pub fn follow<T: DeserializeOwned>(source: Source, goes_on: impl Fn(&T) -> bool + 'static) {
    let newest = StoredValue::new(0_u32);
    live::effect(move || {
        if source.busy.get() {
            return;
        }
        let failed = source.error.with_untracked(Option::is_some);
        let texts = source.texts().unwrap_or_default();
        let read = texts.iter().filter_map(|it| api::read::<T>(it).ok());
        if !read.into_iter().any(|it| goes_on(&it)) {
            return;
        }
        newest.update_value(|it| *it = it.wrapping_add(1));
        let mine = newest.get_value();
        spawn_local(async move {
            TimeoutFuture::new(if failed { AFTER_FAILURE_MS } else { LOOK_MS }).await;
            // The page may have been left meanwhile.
            if newest.try_get_value() == Some(mine) {
                source.reload();
            }
        });
    });
}
