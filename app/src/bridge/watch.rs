//! What the host hears whenever it changes: how high the page is, and what it is called.

use super::{say, talk};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{MutationObserver, MutationObserverInit, ResizeObserver};

/// Tells the page around a frame how high this one is, so that the frame is never too small.
pub(super) fn height() {
    let (true, Some(body)) = (super::is_framed(), document().body()) else {
        return;
    };
    let told = Cell::new(0);
    let measured = body.clone();
    let changed = Closure::<dyn Fn()>::new(move || {
        let height = measured.offset_height();
        if told.replace(height) != height {
            say("height", &[("height", height.into())]);
        }
    });
    // Browsers from before 2020 have none, and there the frame stays as it is.
    if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
        observer.observe(&body);
        changed.forget();
    }
}

/// Tells what the page is called.
pub(super) fn title() {
    let told = RefCell::new(String::new());
    let tell = move || {
        let (title, location) = (document().title(), window().location());
        let page = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
        let page = talk::without_code(&page).to_owned();
        let now = format!("{title}\n{page}");
        if *told.borrow() != now {
            told.replace(now);
            say("title", &[("title", title.into()), ("page", page.into())]);
        }
    };
    tell();
    let changed = Closure::<dyn Fn()>::new(tell);
    let Some(head) = document().head() else {
        return;
    };
    let options = MutationObserverInit::new();
    options.set_child_list(true);
    options.set_subtree(true);
    options.set_character_data(true);
    if let Ok(observer) = MutationObserver::new(changed.as_ref().unchecked_ref()) {
        // Only an element that is none, or no options, would be refused.
        let _ = observer.observe_with_options(&head, &options);
        changed.forget();
    }
}
