//! What an edit would do, asked of the server whenever the edit has come to rest.

use super::editor::Editor;
use crate::api::{self, Api, ApiError};
use crate::ui::{live, state};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How long nothing must be typed before the server is asked.
const CALM_MS: u32 = 500;

/// Asks `path` about the edit, in the form that `body` gives it, and shows the answer. Of several
/// answers that overtake one another the one to the newest question counts.
pub fn preview<T: DeserializeOwned>(
    editor: Editor,
    path: &'static str,
    body: fn(Value) -> Value,
    show: impl Fn(T) -> AnyView + Send + 'static,
) -> AnyView {
    let api = expect_context::<Api>();
    let answer = RwSignal::new(None::<Result<String, ApiError>>);
    let newest = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let edit = body(editor.draft.watch());
        newest.update_value(|it| *it = it.wrapping_add(1));
        let mine = newest.get_value();
        spawn_local(async move {
            TimeoutFuture::new(CALM_MS).await;
            // The page may have been left meanwhile.
            if newest.try_get_value() != Some(mine) {
                return;
            }
            let said = api.post_text(path, &edit, None).await;
            if newest.try_get_value() == Some(mine) {
                answer.try_set(Some(said));
            }
        });
    });
    live::part(move || match answer.get() {
        None => state::skeleton(3),
        Some(Ok(text)) => match api::read::<T>(&text) {
            Ok(it) => show(it),
            Err(error) => said(&error),
        },
        Some(Err(error)) => said(&error),
    })
}

/// Why there is no preview: most often a field is half filled in.
fn said(error: &ApiError) -> AnyView {
    let (text, _) = state::words(error);
    view! { <p class="banner" role="status">{text}</p> }.into_any()
}
