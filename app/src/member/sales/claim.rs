//! Claiming: one intent with one key, kept over all attempts until the server has answered.

use crate::api::{Api, ApiError, Intent};
use crate::tr;
use crate::ui::icon::{Icon, icon};
use crate::ui::{live, state};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::sales::api::{ClaimProduct, FlashClaim};
use shared::text::Locale;

/// How long an answer may take before something is said.
const SLOW_MS: u32 = 2_500;
/// How many times the page asks by itself when it is told to come again.
const MOST_ATTEMPTS: u32 = 20;
/// The longest that the page waits by itself, in seconds.
const MOST_WAIT_S: u32 = 60;

/// What is told of a claim on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    /// Nothing is on its way.
    Nothing,
    /// It is on its way.
    Asking,
    /// It takes long.
    Slow,
    /// There is a crowd; the page asks again in so many seconds.
    Again(u32),
    /// It was won.
    Won,
    /// It did not work.
    Lost(ApiError),
}

/// The claim of one product.
#[derive(Clone, Copy)]
pub(super) struct Claiming {
    api: Api,
    locale: Locale,
    intent: Intent,
    told: RwSignal<Told>,
}

impl Claiming {
    /// Nothing is claimed yet.
    pub(super) fn new(locale: Locale) -> Self {
        Self {
            api: expect_context(),
            locale,
            intent: Intent::new(),
            told: RwSignal::new(Told::Nothing),
        }
    }

    /// Whether a claim is on its way, and a subscription to that.
    pub(super) fn busy(self) -> bool {
        self.told
            .with(|it| !matches!(it, Told::Nothing | Told::Won | Told::Lost(_)))
    }

    /// Whether it is not known what became of the last attempt, and a subscription to that.
    pub(super) fn open_ended(self) -> bool {
        self.told
            .with(|it| matches!(it, Told::Lost(ApiError::Offline | ApiError::Unreadable)))
    }

    /// Claims, unless a claim is on its way; `won` gets what came of it, `settled` hears that the
    /// server has decided.
    pub(super) fn claim(
        self,
        path: String,
        body: ClaimProduct,
        won: impl FnOnce(FlashClaim) + 'static,
        settled: impl FnOnce() + 'static,
    ) {
        if untrack(|| self.busy()) {
            return;
        }
        self.told.set(Told::Asking);
        let key = self.intent.key(&body);
        self.say_if_slow();
        spawn_local(async move {
            match self.ask(&path, &body, &key).await {
                Ok(claim) => {
                    self.intent.done();
                    self.told.try_set(Told::Won);
                    won(claim);
                }
                Err(error) => {
                    self.told.try_set(Told::Lost(error));
                }
            }
            settled();
        });
    }

    fn say_if_slow(self) {
        spawn_local(async move {
            TimeoutFuture::new(SLOW_MS).await;
            if self.told.try_get_untracked() == Some(Told::Asking) {
                self.told.set(Told::Slow);
            }
        });
    }

    /// Asks until there is an answer, always with the same key, so that it is one claim.
    async fn ask(self, path: &str, body: &ClaimProduct, key: &str) -> Result<FlashClaim, ApiError> {
        let mut attempts = 1;
        loop {
            let answer = self.api.post::<FlashClaim>(path, body, Some(key)).await;
            let Err(ApiError::Later(_, seconds)) = &answer else {
                return answer;
            };
            if attempts >= MOST_ATTEMPTS || *seconds > MOST_WAIT_S {
                return answer;
            }
            attempts += 1;
            for left in (1..=(*seconds).max(1)).rev() {
                if self.told.try_set(Told::Again(left)).is_some() {
                    // The page was left: nobody wants it any more.
                    return Err(ApiError::Aborted);
                }
                TimeoutFuture::new(1_000).await;
            }
            self.told.try_set(Told::Slow);
        }
    }

    /// Leaves it at that when nothing can be claimed any more: what is shown then says more.
    pub(super) fn leave_it(self) {
        if untrack(|| self.open_ended()) {
            self.intent.done();
            self.told.set(Told::Nothing);
        }
    }

    /// What is to say about the claim on its way, and why the last one did not work. That it was
    /// won is only heard; who sees has what was won.
    pub(super) fn words(self, name: String) -> AnyView {
        let locale = self.locale;
        let waiting = live::maybe(move || {
            let (class, text) = match self.told.get() {
                Told::Slow => ("row__note", tr!(locale, sales.slow).to_owned()),
                Told::Again(n) => ("row__note", tr!(locale, sales.crowded, n = n)),
                Told::Won => ("sr-only", tr!(locale, sales.won_said, name = name)),
                Told::Nothing | Told::Asking | Told::Lost(_) => return None,
            };
            Some(view! { <p class=class>{text}</p> }.into_any())
        });
        let lost = live::maybe(move || match self.told.get() {
            Told::Lost(error) => Some(lost(locale, &error)),
            _ => None,
        });
        view! {
            <div class="told" role="status">{waiting}</div>
            <div class="told" role="alert">{lost}</div>
        }
        .into_any()
    }
}

fn lost(locale: Locale, error: &ApiError) -> AnyView {
    let (text, request) = match error {
        ApiError::Offline | ApiError::Aborted | ApiError::Unreadable => {
            (tr!(locale, sales.no_answer).to_owned(), None)
        }
        // The facts of these are for programs; the page shows them as pictures.
        ApiError::Refused(it) if it.code.starts_with("flash_sales.") => {
            (it.title.clone(), it.request_id.clone())
        }
        error => state::words_in(locale, error),
    };
    let request = request.map(|it| view! { <code class="request-id">{it}</code> });
    view! { <p class="banner banner--warn">{icon(Icon::Warning)}<span class="grow">{text}{request}</span></p> }
        .into_any()
}
