//! Short news at the edge of the page, also for screen readers.

use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::live;
use leptos::prelude::*;
use std::time::Duration;

/// How long a message stays.
const STAY: Duration = Duration::from_secs(5);

/// A message with something to do about it; it stays until it is answered.
#[derive(Clone, Copy)]
struct Offer {
    text: &'static str,
    label: &'static str,
    act: fn(),
}

/// Where messages are sent.
#[derive(Clone, Copy)]
pub struct Toaster {
    news: RwSignal<Option<(u32, String)>>,
    offer: RwSignal<Option<Offer>>,
}

impl Default for Toaster {
    fn default() -> Self {
        Self::new()
    }
}

impl Toaster {
    /// A place without a message.
    #[must_use]
    pub fn new() -> Self {
        Self {
            news: RwSignal::new(None),
            offer: RwSignal::new(None),
        }
    }

    /// Shows and announces `text` for a while; it takes the place of an earlier one.
    pub fn say(self, text: impl Into<String>) {
        let last = |it: &Option<(u32, String)>| it.as_ref().map(|(number, _)| *number);
        let number = self.news.with_untracked(last).unwrap_or(0).wrapping_add(1);
        self.news.set(Some((number, text.into())));
        set_timeout(
            move || {
                if self.news.with_untracked(last) == Some(number) {
                    self.news.set(None);
                }
            },
            STAY,
        );
    }

    /// Shows and announces `text` with a button that does `act`.
    pub fn offer(self, text: &'static str, label: &'static str, act: fn()) {
        self.offer.set(Some(Offer { text, label, act }));
    }
}

/// Shows the messages.
#[must_use]
pub fn toasts() -> AnyView {
    let toaster = expect_context::<Toaster>();
    let latest = move || {
        let (_, text) = toaster.news.get()?;
        Some(view! { <p class="toast">{text}</p> }.into_any())
    };
    let offer = move || toaster.offer.get().map(|it| offered(toaster, it));
    view! { <div class="toasts" role="status">{live::maybe(offer)}{live::maybe(latest)}</div> }
        .into_any()
}

fn offered(toaster: Toaster, it: Offer) -> AnyView {
    let close = tr!(crate::i18n::locale(), state.close);
    view! {
        <div class="toast toast--offer">
            <span class="grow">{it.text}</span>
            <button class="button button--small" type="button" on:click=move |_| (it.act)()>{it.label}</button>
            <button class="button button--icon" type="button" aria-label=close
                on:click=move |_| toaster.offer.set(None)>{icon(Icon::Close)}</button>
        </div>
    }
    .into_any()
}
