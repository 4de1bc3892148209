//! What was read before, so that a page shows at once what it showed last, and asks the server
//! only whether that has changed. It lives in memory and ends with the session.

use crate::ui::browser;
use crate::ui::few::Few;
use std::sync::Arc;

struct Kept {
    etag: Option<String>,
    text: Arc<str>,
    /// When the server last said that this is so.
    at: f64,
}

/// Answers by path.
#[derive(Default)]
pub(super) struct Cache(Few<Kept>);

impl Cache {
    pub(super) fn text(&self, path: &str) -> Option<Arc<str>> {
        self.0.get(path).map(|it| Arc::clone(&it.text))
    }

    pub(super) fn etag(&self, path: &str) -> Option<String> {
        self.0.get(path).and_then(|it| it.etag.clone())
    }

    pub(super) fn at(&self, path: &str) -> Option<f64> {
        self.0.get(path).map(|it| it.at)
    }

    /// The server has said that what is kept is still so.
    pub(super) fn confirm(&mut self, path: &str) -> Option<Arc<str>> {
        let kept = self.0.get_mut(path)?;
        kept.at = browser::now_millis();
        Some(Arc::clone(&kept.text))
    }

    pub(super) fn keep(&mut self, path: &str, etag: Option<String>, text: Arc<str>) {
        let at = browser::now_millis();
        self.0.keep(path, Kept { etag, text, at });
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
