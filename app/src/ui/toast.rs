//! Short news at the edge of the page, also for screen readers.

use crate::ui::live;
use leptos::prelude::*;
use std::time::Duration;

/// How long a message stays.
const STAY: Duration = Duration::from_secs(5);

/// Where messages are sent.
#[derive(Clone, Copy)]
pub struct Toaster(RwSignal<Option<(u32, String)>>);

impl Default for Toaster {
    fn default() -> Self {
        Self::new()
    }
}

impl Toaster {
    /// A place without a message.
    #[must_use]
    pub fn new() -> Self {
        Self(RwSignal::new(None))
    }

    /// Shows and announces `text` for a while; it takes the place of an earlier one.
    pub fn say(self, text: impl Into<String>) {
        let number = self
            .0
            .with_untracked(|it| it.as_ref().map_or(0, |(n, _)| n.wrapping_add(1)));
        self.0.set(Some((number, text.into())));
        set_timeout(
            move || {
                if self
                    .0
                    .with_untracked(|it| it.as_ref().is_some_and(|(n, _)| *n == number))
                {
                    self.0.set(None);
                }
            },
            STAY,
        );
    }
}

/// Shows the messages.
#[must_use]
pub fn toasts() -> AnyView {
    let toaster = expect_context::<Toaster>();
    let latest = move || {
        let (_, text) = toaster.0.get()?;
        Some(view! { <p class="toast">{text}</p> }.into_any())
    };
    view! { <div class="toasts" role="status">{live::maybe(latest)}</div> }.into_any()
}
