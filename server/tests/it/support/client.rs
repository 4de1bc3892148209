//! A client that speaks to the router without a network.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::pin::Pin;
use tower::ServiceExt;

/// A request that is being put together; await it to send it.
pub(crate) struct Call {
    router: Router,
    method: String,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
    peer: SocketAddr,
}

impl Call {
    pub(super) fn new(router: Router, method: &str, path: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("accept-language", HeaderValue::from_static("en"));
        Self {
            router,
            method: method.to_owned(),
            path: path.to_owned(),
            headers,
            body: Vec::new(),
            peer: SocketAddr::from(([127, 0, 0, 1], 50_000)),
        }
    }

    /// Sets a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("the name of a header");
        self.headers.insert(
            name,
            HeaderValue::from_bytes(value.as_bytes()).expect("a header"),
        );
        self
    }

    /// Says who asks: an access token or the secret of a key.
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Sends the key of an intent.
    pub(crate) fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// Asks as our own pages do: `member` or `console`.
    pub(crate) fn page(self, client: &str) -> Self {
        self.header("x-coterie-client", client)
    }

    /// Sends a cookie: `name=value`.
    pub(crate) fn cookie(self, cookie: &str) -> Self {
        self.header(COOKIE.as_str(), cookie)
    }

    /// Asks from another network address.
    pub(crate) fn address(mut self, address: [u8; 4]) -> Self {
        self.peer = SocketAddr::from((address, 50_000));
        self
    }

    /// Sends a value as JSON.
    pub(crate) fn json(self, value: &impl Serialize) -> Self {
        self.raw(serde_json::to_vec(value).expect("JSON"))
    }

    /// Sends these bytes and calls them JSON.
    pub(crate) fn raw(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header(CONTENT_TYPE.as_str(), "application/json")
    }
}

impl Call {
    /// Sends it.
    async fn send(self) -> axum::response::Response {
        let request = Request::builder()
            .method(self.method.as_str())
            .uri(&self.path);
        let mut request = request.body(Body::from(self.body)).expect("a request");
        *request.headers_mut() = self.headers;
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let response = self.router.oneshot(request).await;
        response.expect("a router never fails")
    }

    /// Sends it; gives the body of a good answer as it comes.
    pub(crate) async fn stream(self) -> axum::body::BodyDataStream {
        let response = self.send().await;
        assert_eq!(response.status().as_u16(), 200);
        response.into_body().into_data_stream()
    }
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let asked = format!("{} {}", self.method, self.path);
            let response = self.send().await;
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("the body arrives");
            Answer {
                asked,
                status: parts.status.as_u16(),
                headers: parts.headers,
                body,
            }
        })
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    asked: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        self.parse()
    }

    /// The body as a value.
    #[track_caller]
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|it| panic!("{}: {it}: {} {}", self.asked, self.status, self.text()))
    }

    /// A header as text; empty when it is not there.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |it| it.to_str().expect("headers are text here"))
    }

    /// `name=value` of the cookie that was set.
    #[track_caller]
    pub(crate) fn cookie(&self) -> String {
        let cookie = self.header(SET_COOKIE.as_str());
        cookie.split(';').next().unwrap_or_default().to_owned()
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub(crate) fn assert_status(&self, status: u16) {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
    }

    /// Fails unless this is a complete problem document with this status and code; gives its
    /// body.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, code: &str) -> Value {
        self.assert_status(status);
        let problem = self.json();
        assert_eq!(problem["code"], code, "{}: {problem}", self.asked);
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("/problems/{code}"));
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert!(problem["title"].as_str().is_some_and(|it| !it.is_empty()));
        problem
    }

    /// The wrong parts of the input that a problem names: pointer and code of each.
    #[track_caller]
    pub(crate) fn wrong_parts(&self) -> Vec<(String, String)> {
        let problem = self.assert_problem(422, "request.invalid");
        let parts = problem["errors"].as_array().cloned().unwrap_or_default();
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        parts
            .iter()
            .map(|it| (text(&it["pointer"]), text(&it["code"])))
            .collect()
    }
}
