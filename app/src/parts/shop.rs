//! The programme, which every page needs before it can write an amount.

use crate::api::{self, Api, ApiError};
use crate::i18n::locale;
use crate::ui::amount::Amounts;
use crate::ui::browser;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::programme::Programme;

/// Where the programme of the last visit is kept, so that a return need not wait for it.
const KEY: &str = "coterie.programme";

/// The programme, once known.
#[derive(Clone, Copy)]
pub struct Shop {
    /// The programme.
    pub programme: RwSignal<Option<Programme>>,
    /// Why it could not be read.
    pub error: RwSignal<Option<ApiError>>,
    api: Api,
}

impl Shop {
    /// Takes the programme of the last visit and asks for today's.
    #[must_use]
    pub fn start(api: Api) -> Self {
        let saved = browser::saved(KEY).and_then(|it| api::read(&it).ok());
        let shop = Self {
            programme: RwSignal::new(saved),
            error: RwSignal::new(None),
            api,
        };
        shop.load();
        shop
    }

    /// Asks for the programme.
    pub fn load(self) {
        self.error.set(None);
        spawn_local(async move {
            match self.api.get_text("/api/v1/programme", None).await {
                Ok(text) => self.take(&text),
                // An older programme will do until the network is back.
                Err(_) if self.programme.with_untracked(Option::is_some) => {}
                Err(error) => self.error.set(Some(error)),
            }
        });
    }

    fn take(self, text: &str) {
        let Ok(new) = api::read::<Programme>(text) else {
            self.error.set(Some(ApiError::Unreadable));
            return;
        };
        browser::save(KEY, text);
        if self
            .programme
            .with_untracked(|it| it.as_ref() != Some(&new))
        {
            self.programme.set(Some(new));
        }
    }
}

/// The programme, for pages that are only built once it is known.
#[must_use]
pub fn programme() -> Option<Programme> {
    expect_context::<Shop>().programme.get_untracked()
}

/// How amounts are written on this page; `None` before the programme is known.
#[must_use]
pub fn amounts() -> Option<Amounts> {
    programme().map(|it| Amounts {
        locale: locale(),
        currency: it.currency,
    })
}
