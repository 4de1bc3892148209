//! JSON bodies, with and without an idempotency key.

use crate::auth::Principal;
use crate::db::idempotency::{Intent, Reply};
use crate::error::{AppError, Result};
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use sha2::Digest;
use shared::problem::{ErrorCode, FieldError};
use std::fmt::Write;

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
static REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A JSON body; as an answer too.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T, S> FromRequest<S> for Json<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        require_json(request.headers())?;
        let bytes = read(request, state).await?;
        decode(&bytes).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// A JSON body of a caller who is known, with the intent that its idempotency key names: the same
/// caller, address, key and body are the same intent.
#[derive(Debug, Clone)]
pub struct Once<T>(pub Intent, pub T);

impl<T, S> FromRequest<S> for Once<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let actor = Principal::of(request.extensions())?.actor().to_string();
        let key = idempotency_key(request.headers())?;
        require_json(request.headers())?;
        let route = format!("{} {}", request.method(), request.uri().path());
        let bytes = read(request, state).await?;
        let value = decode(&bytes)?;
        let request_hash = crate::ids::hex(&sha2::Sha256::digest(&bytes));
        Ok(Self(
            Intent {
                actor,
                route,
                key,
                request_hash,
            },
            value,
        ))
    }
}

/// A body of a caller who is known that is read while it arrives. Of its intent the hash is missing:
/// whoever reads all of the body fills it in.
pub struct OnceStream(pub Intent, pub BoxStream<'static, Result<Bytes>>);

impl<S: Send + Sync> FromRequest<S> for OnceStream {
    type Rejection = AppError;

    async fn from_request(request: Request, _state: &S) -> Result<Self> {
        let actor = Principal::of(request.extensions())?.actor().to_string();
        let key = idempotency_key(request.headers())?;
        let route = format!("{} {}", request.method(), request.uri().path());
        let intent = Intent {
            actor,
            route,
            key,
            request_hash: String::new(),
        };
        let chunks = request.into_body().into_data_stream();
        let chunks = chunks.map_err(|_| AppError::from(ErrorCode::MalformedBody));
        Ok(Self(intent, chunks.boxed()))
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.replayed {
            headers.insert(REPLAYED.clone(), HeaderValue::from_static("true"));
        }
        response
    }
}

/// The caller's key: 1 to 255 visible characters.
fn idempotency_key(headers: &HeaderMap) -> Result<String> {
    let mut values = headers.get_all(&IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Err(ErrorCode::IdempotencyKeyRequired.into());
    };
    let visible = value.as_bytes().iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(key) if visible && (1..=255).contains(&key.len()) && values.next().is_none() => {
            Ok(key.to_owned())
        }
        _ => Err(ErrorCode::IdempotencyKeyInvalid.into()),
    }
}

fn require_json(headers: &HeaderMap) -> Result<()> {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    let kind = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let fine = kind == "application/json"
        || kind
            .strip_prefix("application/")
            .is_some_and(|it| it.ends_with("+json"));
    if fine {
        Ok(())
    } else {
        Err(ErrorCode::UnsupportedMediaType.into())
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| {
            let code = match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::BodyTooLarge,
                _ => ErrorCode::MalformedBody,
            };
            AppError::from(code)
        })
}

/// Reads JSON: 400 when it is not JSON, 422 with a pointer when it is not what is expected.
fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    refuse_list(bytes)?;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.inner();
        match inner.classify() {
            serde_json::error::Category::Data => wrong_part(pointer, &inner.to_string()),
            _ => AppError::refused(ErrorCode::MalformedBody, place(inner)),
        }
    })?;
    json.end()
        .map_err(|error| AppError::refused(ErrorCode::MalformedBody, place(&error)))?;
    Ok(value)
}

/// A list would be read as the fields of an object in their order, which nobody should come to
/// rely on.
fn refuse_list(bytes: &[u8]) -> Result<()> {
    let first = bytes.iter().find(|it| !it.is_ascii_whitespace());
    if first != Some(&b'[') {
        return Ok(());
    }
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes)
        .map_err(|error| AppError::refused(ErrorCode::MalformedBody, place(&error)))?;
    Err(AppError::invalid_field("", "invalid", "expected an object"))
}

fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

/// The path as a JSON pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                // Writing to a string cannot fail.
                let _ = write!(text, "/{index}");
            }
            Segment::Map { key } => {
                text.push('/');
                text.push_str(&escape(key));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    text
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Names the wrong part. What serde says describes the expected type and the caller's own input.
fn wrong_part(mut pointer: String, message: &str) -> AppError {
    // The place in the text is of no use beside the pointer.
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(message, _)| message);
    let field = message.split('`').nth(1);
    let (code, message) = if message.starts_with("missing field") {
        if let Some(field) = field {
            let _ = write!(pointer, "/{}", escape(field));
        }
        ("required", "this is required".to_owned())
    } else if message.starts_with("unknown field") {
        let field = field.map(escape).unwrap_or_default();
        if !pointer.ends_with(&format!("/{field}")) {
            let _ = write!(pointer, "/{field}");
        }
        ("unknown", message.to_owned())
    } else if message.contains("expected struct") {
        // The names of our types mean nothing to callers.
        ("invalid", "expected an object".to_owned())
    } else {
        ("invalid", message.to_owned())
    };
    AppError::invalid(vec![FieldError::new(pointer, code, shorten(&message))])
}

/// A message may quote input of any length.
fn shorten(message: &str) -> String {
    message.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[expect(dead_code, reason = "only its type is looked at")]
        amount: i64,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[expect(dead_code, reason = "only its type is looked at")]
        lines: Vec<Line>,
    }

    fn wrong(body: &str) -> (ErrorCode, Vec<(String, String)>) {
        match decode::<Order>(body.as_bytes()).expect_err("it is wrong") {
            AppError::Refused(it) => (
                it.code,
                it.errors
                    .into_iter()
                    .map(|error| (error.pointer, error.code))
                    .collect(),
            ),
            other => panic!("not a refusal: {other}"),
        }
    }

    #[test]
    fn the_wrong_part_is_pointed_at() {
        for (body, pointer, code) in [
            (
                r#"{"lines":[{"amount":1},{"amount":"x"}]}"#,
                "/lines/1/amount",
                "invalid",
            ),
            (
                r#"{"lines":[{"amount":1.5}]}"#,
                "/lines/0/amount",
                "invalid",
            ),
            (
                r#"{"lines":[{"amount":99999999999999999999}]}"#,
                "/lines/0/amount",
                "invalid",
            ),
            (r#"{"lines":[{}]}"#, "/lines/0/amount", "required"),
            (r#"{"lines":[],"a/b~":1}"#, "/a~1b~0", "unknown"),
            (r"{}", "/lines", "required"),
            (r"[]", "", "invalid"),
            (r" [[]]", "", "invalid"),
            (r#"[[{"amount":1}]]"#, "", "invalid"),
            (r"1", "", "invalid"),
        ] {
            let (status, errors) = wrong(body);
            assert_eq!(status, ErrorCode::InvalidInput, "{body}");
            assert_eq!(errors, [(pointer.to_owned(), code.to_owned())], "{body}");
        }
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for body in [
            "",
            "{",
            "{\"lines\":[]} x",
            "{lines:[]}",
            "\u{feff}{}",
            "{\"lines\":[]}{}",
            "[",
            "[[]] x",
        ] {
            assert_eq!(wrong(body), (ErrorCode::MalformedBody, vec![]), "{body}");
        }
    }

    #[test]
    fn keys_are_visible_and_short() {
        let key = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(
                &IDEMPOTENCY_KEY,
                HeaderValue::from_bytes(text.as_bytes()).expect("a header"),
            );
            idempotency_key(&headers).map_err(|it| it.code())
        };
        assert_eq!(key("a-1"), Ok("a-1".to_owned()));
        assert_eq!(key(&"k".repeat(255)), Ok("k".repeat(255)));
        for odd in ["", "a b", "é", &"k".repeat(256)] {
            assert_eq!(
                key(odd),
                Err(Some(ErrorCode::IdempotencyKeyInvalid)),
                "{odd}"
            );
        }
        assert_eq!(
            idempotency_key(&HeaderMap::new()).map_err(|it| it.code()),
            Err(Some(ErrorCode::IdempotencyKeyRequired))
        );
    }
}
