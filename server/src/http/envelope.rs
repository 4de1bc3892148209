//! What surrounds every request: its id, its span, its time limit, its last headers.

use super::{ops, problem};
use crate::error::AppError;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use shared::problem::ErrorCode;
use std::time::{Duration, Instant};
use tracing::Instrument;

/// Longest path with its query.
const URI_MAX: usize = 8 * 1024;
/// How long a request may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// The request that brings a file along, which takes as long as the line of the sender.
const UPLOAD: (&str, &str) = ("POST", "/api/v1/imports");
/// How long that may take.
const UPLOAD_LIMIT: Duration = Duration::from_secs(15 * 60);
/// Longest request id that is taken over from the caller.
const REQUEST_ID_MAX: usize = 64;

/// Where the request id stands in requests and answers.
pub static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request is called in logs and answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The caller's own id when it is sane, else a new one.
    fn of(headers: &HeaderMap) -> Self {
        let sane = |it: &&HeaderValue| {
            let bytes = it.as_bytes();
            (1..=REQUEST_ID_MAX).contains(&bytes.len())
                && bytes
                    .iter()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
        };
        if let Some(given) = headers.get(&X_REQUEST_ID).filter(sane) {
            return Self(given.clone());
        }
        let made = crate::ids::hex(&crate::ids::random_bytes::<16>());
        Self(HeaderValue::from_str(&made).unwrap_or(HeaderValue::from_static("unknown")))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// Runs a request and completes its answer. `other` is what it is counted as when it matches no
/// route.
pub(super) async fn envelope(
    State(other): State<&'static str>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(other, MatchedPath::as_str);
    let languages = request.headers().get(ACCEPT_LANGUAGE).cloned();
    let too_long = request
        .uri()
        .path_and_query()
        .is_some_and(|it| it.as_str().len() > URI_MAX);
    request.extensions_mut().insert(id.clone());
    let span = tracing::info_span!(
        "request",
        request_id = id.as_str(),
        %method,
        route,
        caller = tracing::field::Empty
    );
    let run = async {
        let mut response = if too_long {
            AppError::from(ErrorCode::UriTooLong).into_response()
        } else {
            let limit = if (method.as_str(), route) == UPLOAD {
                UPLOAD_LIMIT
            } else {
                TIME_LIMIT
            };
            let answer = tokio::time::timeout(limit, next.run(request)).await;
            answer.unwrap_or_else(|_| AppError::retry_later(ErrorCode::Timeout, 1).into_response())
        };
        problem::complete(&mut response, &id, languages.as_ref());
        let (status, took) = (response.status().as_u16(), started.elapsed());
        tracing::info!(status, us = took.as_micros(), "answered");
        ops::count(&method, route, status, took);
        response
    };
    let mut response = run.instrument(span).await;
    let headers = response.headers_mut();
    headers.insert(X_REQUEST_ID.clone(), id.0);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Turns a panic into a failure of ours; the message is logged and not shown.
pub(super) fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    AppError::internal(format!("a handler panicked: {text}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(given: &str) -> RequestId {
        let mut headers = HeaderMap::new();
        headers.insert(
            &X_REQUEST_ID,
            HeaderValue::from_str(given).expect("a header"),
        );
        RequestId::of(&headers)
    }

    #[test]
    fn a_sane_request_id_is_kept_and_others_are_replaced() {
        assert_eq!(id_for("Ab-9_.z").as_str(), "Ab-9_.z");
        for odd in ["", "a b", "<script>", "{\"a\":1}", &"x".repeat(65)] {
            let id = id_for(odd);
            assert_ne!(id.as_str(), odd);
            assert_eq!(id.as_str().len(), 32);
        }
        assert_ne!(
            RequestId::of(&HeaderMap::new()),
            RequestId::of(&HeaderMap::new())
        );
    }
}
