//! One HTTP exchange, without knowledge of sessions.

use super::ApiError;
use super::early::{self, Answer};
use crate::bridge;
use crate::session::Side;
use gloo_net::http::{Method as HttpMethod, Request, RequestBuilder, Response};
use shared::problem::Problem;
use web_sys::AbortSignal;

/// What to do at an address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Send.
    Post,
    /// Change a part.
    Patch,
    /// Put in place of what is there.
    Put,
    /// End.
    Delete,
}

/// A request.
pub struct Call<'a> {
    method: Method,
    path: &'a str,
    /// What to send.
    pub body: Option<String>,
    /// What kind of text that is.
    pub kind: &'static str,
    /// A file to send instead, as it lies on the disk.
    pub file: Option<web_sys::File>,
    /// The idempotency key.
    pub key: Option<&'a str>,
    /// The version that is in memory.
    pub etag: Option<String>,
    /// The version that an edit began with.
    pub seen: Option<&'a str>,
    /// The last event of a stream that arrived.
    pub last_event: Option<&'a str>,
    /// Ends the request when its page is left.
    pub abort: Option<&'a AbortSignal>,
}

impl<'a> Call<'a> {
    /// A request without a body.
    #[must_use]
    pub fn new(method: Method, path: &'a str) -> Self {
        Self {
            method,
            path,
            body: None,
            kind: "application/json",
            file: None,
            key: None,
            etag: None,
            seen: None,
            last_event: None,
            abort: None,
        }
    }
}

/// An answer that is not an error.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The version of what was read.
    pub etag: Option<String>,
    /// The body.
    pub text: String,
}

/// Sends one request with one token.
pub(super) async fn send(
    call: &Call<'_>,
    token: Option<&str>,
    side: Side,
    language: &str,
) -> Result<Reply, ApiError> {
    let Answer {
        status,
        etag,
        text,
        again_s,
    } = match early(call).await {
        Some(answer) => answer,
        None => exchange(call, token, side, language).await?,
    };
    if status == 304 || (200..300).contains(&status) {
        return Ok(Reply { status, etag, text });
    }
    Err(refusal(&text, again_s))
}

/// What an answer that is an error says.
pub(super) fn refusal(text: &str, again_s: Option<u32>) -> ApiError {
    match (super::read::<Problem>(text), again_s) {
        (Ok(problem), Some(seconds)) => ApiError::Later(Box::new(problem), seconds),
        (Ok(problem), None) => ApiError::Refused(Box::new(problem)),
        (Err(_), _) => ApiError::Unreadable,
    }
}

/// In how many seconds to ask again, when the server says so.
pub(super) fn again_s(response: &Response) -> Option<u32> {
    response.headers().get("retry-after")?.parse().ok()
}

/// The answer that the shell has asked for already, if this is such a call.
async fn early(call: &Call<'_>) -> Option<Answer> {
    match call.method {
        Method::Get => early::take("GET", call.path).await,
        Method::Post if call.body.is_none() => early::take("POST", call.path).await,
        _ => None,
    }
}

async fn exchange(
    call: &Call<'_>,
    token: Option<&str>,
    side: Side,
    language: &str,
) -> Result<Answer, ApiError> {
    let request = build(call, token, side, language)?;
    let network = |_| match call.abort.is_some_and(AbortSignal::aborted) {
        true => ApiError::Aborted,
        false => ApiError::Offline,
    };
    let response = request.send().await.map_err(network)?;
    Ok(Answer {
        status: response.status(),
        etag: response.headers().get("etag"),
        again_s: again_s(&response),
        text: response.text().await.map_err(network)?,
    })
}

pub(super) fn build(
    call: &Call<'_>,
    token: Option<&str>,
    side: Side,
    language: &str,
) -> Result<Request, ApiError> {
    let method = match call.method {
        Method::Get => HttpMethod::GET,
        Method::Post => HttpMethod::POST,
        Method::Patch => HttpMethod::PATCH,
        Method::Put => HttpMethod::PUT,
        Method::Delete => HttpMethod::DELETE,
    };
    let mut request = RequestBuilder::new(call.path)
        .method(method)
        .abort_signal(call.abort)
        .header("accept-language", language)
        .header("x-coterie-client", side.name());
    if let Some(frame) = bridge::frame() {
        request = request.header("x-coterie-frame", &frame);
    }
    if let Some(token) = token {
        request = request.header("authorization", &format!("Bearer {token}"));
    }
    if let Some(key) = call.key {
        request = request.header("idempotency-key", key);
    }
    if let Some(etag) = &call.etag {
        request = request.header("if-none-match", etag);
    }
    if let Some(seen) = call.seen {
        request = request.header("if-match", seen);
    }
    if let Some(last) = call.last_event {
        request = request.header("last-event-id", last);
    }
    let built = match (&call.file, &call.body) {
        (Some(file), _) => request
            .header("content-type", call.kind)
            .body(wasm_bindgen::JsValue::from(file.clone())),
        (None, Some(body)) => request
            .header("content-type", call.kind)
            .body(body.as_str()),
        (None, None) => request.build(),
    };
    built.map_err(|_| ApiError::Unreadable)
}
