//! The console: what operators see, built for a desk.

use leptos::prelude::*;

/// The console.
#[must_use]
pub fn app() -> AnyView {
    ().into_any()
}
