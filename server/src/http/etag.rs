//! Answers that are sent only when they have changed.

use crate::error::Result;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;
use sha2::Digest;

/// A JSON body with its tag; cheap to clone, so it can be remembered.
#[derive(Debug, Clone)]
pub struct Tagged {
    tag: HeaderValue,
    body: Bytes,
}

impl Tagged {
    /// Tags a value by what it says.
    ///
    /// # Errors
    /// When the value cannot be JSON.
    pub fn json(value: &impl Serialize) -> Result<Self> {
        Ok(Self::bytes(serde_json::to_vec(value)?))
    }

    /// Tags a body that is JSON already.
    pub fn bytes(body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let hash = sha2::Sha256::digest(&body);
        let tag = format!("\"{}\"", crate::ids::hex(&hash[..16]));
        let tag = HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""));
        Self { tag, body }
    }

    /// The tag without its quotes.
    #[must_use]
    pub fn tag(&self) -> &str {
        self.tag.to_str().unwrap_or_default().trim_matches('"')
    }

    /// Answers a request: 304 when its `If-None-Match` names this tag, else the body. Only the
    /// caller may keep the answer, and has to ask again before using it.
    #[must_use]
    pub fn answer(&self, request: &HeaderMap) -> Response {
        let known = request
            .get_all(IF_NONE_MATCH)
            .iter()
            .any(|it| names(it, self.tag.as_bytes()));
        let body = if known {
            Body::empty()
        } else {
            Body::from(self.body.clone())
        };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(ETAG, self.tag.clone());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        response
    }
}

/// Whether a list of tags holds this one, weak or strong, or is `*`.
fn names(list: &HeaderValue, tag: &[u8]) -> bool {
    list.as_bytes().split(|it| *it == b',').any(|part| {
        let part = part.trim_ascii();
        part == b"*" || part.strip_prefix(b"W/").unwrap_or(part) == tag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(tagged: &Tagged, known: &str) -> StatusCode {
        let mut headers = HeaderMap::new();
        headers.insert(
            IF_NONE_MATCH,
            HeaderValue::from_str(known).expect("a header"),
        );
        tagged.answer(&headers).status()
    }

    #[test]
    fn the_body_is_sent_only_when_it_has_changed() {
        let one = Tagged::json(&[1, 2]).expect("JSON");
        let other = Tagged::json(&[1, 3]).expect("JSON");
        let tag = one.tag.to_str().expect("text");
        assert_eq!(one.answer(&HeaderMap::new()).status(), StatusCode::OK);
        for known in [tag, "*", &format!("W/{tag}"), &format!("\"x\", {tag}")] {
            assert_eq!(status(&one, known), StatusCode::NOT_MODIFIED, "{known}");
        }
        assert_eq!(status(&other, tag), StatusCode::OK);
        assert_eq!(status(&one, tag.trim_matches('"')), StatusCode::OK);
    }
}
