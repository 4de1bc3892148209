//! What is left of a sale while it is looked at: a stream of events, and asking again and again
//! where a stream does not come through.

use super::clock;
use crate::api::{self, Api, ApiError};
use crate::ui::app::Online;
use crate::ui::query::Running;
use crate::ui::{browser, live};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::sales::api::SaleLive;
use web_sys::{AbortSignal, VisibilityState};

/// Time between two questions, without the chance that keeps pages from asking all at once.
const ASK_MS: f64 = 2_500.0;
/// How many questions are asked before a stream is tried again.
const ASKS: u32 = 10;

/// Whether the page is in sight.
pub(super) fn in_sight() -> RwSignal<bool> {
    let look = || document().visibility_state() != VisibilityState::Hidden;
    let seen = RwSignal::new(look());
    browser::on_window("visibilitychange", move || seen.set(look()));
    seen
}

/// The latest news of a sale, for as long as the page is there and in sight.
pub(super) fn of(sale: &str) -> RwSignal<Option<SaleLive>> {
    let path = format!("/api/v1/flash_sales/{}", browser::encode(sale));
    let api = expect_context::<Api>();
    let Online(online) = expect_context();
    let (news, seen, running) = (RwSignal::new(None), in_sight(), Running::new());
    live::effect(move || {
        if !seen.get() || !online.get() {
            return running.stop();
        }
        if let Some(controller) = running.start() {
            spawn_local(follow(api, path.clone(), news, controller.signal()));
        }
    });
    news
}

async fn follow(api: Api, path: String, news: RwSignal<Option<SaleLive>>, abort: AbortSignal) {
    let (events, live) = (format!("{path}/events"), format!("{path}/live"));
    let mut last: Option<String> = None;
    loop {
        if let Ok(mut stream) = api.events(&events, last.as_deref(), &abort).await {
            while let Some(event) = stream.next().await {
                take(news, &event.data);
                last = event.id;
            }
        }
        for _ in 0..ASKS {
            if abort.aborted() {
                return;
            }
            match api.get_text(&live, Some(&abort)).await {
                Ok(text) => take(news, &text),
                // Who may not look at the sale, or finds none, need not ask again.
                Err(ApiError::Refused(_) | ApiError::Aborted) => return,
                Err(_) => {}
            }
            TimeoutFuture::new(pause()).await;
        }
    }
}

/// Milliseconds until the next question: pages that lost their stream together ask apart.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few thousand"
)]
fn pause() -> u32 {
    (ASK_MS * (1.0 + js_sys::Math::random() / 2.0)) as u32
}

fn take(news: RwSignal<Option<SaleLive>>, text: &str) {
    if let Ok(it) = api::read::<SaleLive>(text) {
        clock::note(it.server_time);
        // The page may have been left meanwhile.
        news.try_set(Some(it));
    }
}
