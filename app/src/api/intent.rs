//! The key of one intent: kept until the server has answered, so that a repeated attempt is the
//! same request and takes effect once.

use crate::ui::browser;
use leptos::prelude::*;
use serde::Serialize;

/// What someone means to do once.
#[derive(Clone, Copy)]
pub struct Intent(StoredValue<Option<(String, String)>>);

impl Default for Intent {
    fn default() -> Self {
        Self::new()
    }
}

impl Intent {
    /// An intent without an attempt.
    #[must_use]
    pub fn new() -> Self {
        Self(StoredValue::new(None))
    }

    /// The key for sending `body`: the same as before unless something else is sent now.
    #[must_use]
    pub fn key(self, body: &impl Serialize) -> String {
        let text = serde_json::to_string(body).unwrap_or_default();
        let known = self.0.with_value(|it| {
            it.as_ref()
                .filter(|(_, sent)| *sent == text)
                .map(|(key, _)| key.clone())
        });
        known.unwrap_or_else(|| {
            let key = browser::random_key();
            self.0.set_value(Some((key.clone(), text)));
            key
        })
    }

    /// The server has done it: what comes next is another intent.
    pub fn done(self) {
        self.0.try_set_value(None);
    }
}
