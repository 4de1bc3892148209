//! Errors as problem documents: the code decides status and title, the caller's language the
//! words, and what is ours to know stays in the log.

use super::envelope::RequestId;
use crate::error::{AppError, Refused};
use axum::body::Body;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use shared::problem::{ErrorCode, Problem};
use shared::text::Locale;

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Rides on a response until its request id and language are known.
#[derive(Clone)]
struct Failure(AppError);

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let mut response = render(&seen(&self), Locale::default(), None);
        response.extensions_mut().insert(Failure(self));
        response
    }
}

/// The code of an answer that is a failure, before it is completed.
#[must_use]
pub fn code_of(response: &Response) -> Option<ErrorCode> {
    let failure = response.extensions().get::<Failure>()?;
    Some(seen(&failure.0).code)
}

/// Completes the answer when it is a failure: logs what is ours, once, and writes the body.
pub(super) fn complete(response: &mut Response, id: &RequestId, languages: Option<&HeaderValue>) {
    let Some(Failure(error)) = response.extensions_mut().remove::<Failure>() else {
        return;
    };
    log(&error);
    let complete = render(&seen(&error), locale(languages), Some(id));
    let (parts, body) = complete.into_parts();
    *response.status_mut() = parts.status;
    response.headers_mut().extend(parts.headers);
    *response.body_mut() = body;
}

/// What the caller gets to see of an error.
fn seen(error: &AppError) -> Refused {
    match error {
        AppError::Refused(refused) => refused.clone(),
        busy if busy.is_overload() => Refused {
            code: ErrorCode::Overloaded,
            detail: None,
            errors: Vec::new(),
            retry_after_s: Some(1),
            current: None,
        },
        AppError::Database(_) | AppError::Internal(_) => Refused {
            code: ErrorCode::Internal,
            detail: None,
            errors: Vec::new(),
            retry_after_s: None,
            current: None,
        },
    }
}

/// An error as a document, for an answer that holds several. What is ours is logged here.
#[must_use]
pub fn describe(error: &AppError, headers: &HeaderMap) -> Problem {
    log(error);
    problem(&seen(error), locale(headers.get(ACCEPT_LANGUAGE)), None)
}

fn problem(refused: &Refused, locale: Locale, id: Option<&RequestId>) -> Problem {
    let code = refused.code;
    Problem {
        kind: format!("/problems/{}", code.as_str()),
        title: code.title(locale).to_owned(),
        status: code.status(),
        code: code.as_str().to_owned(),
        detail: refused.detail.clone(),
        request_id: id.map(|it| it.as_str().to_owned()),
        errors: refused.errors.clone(),
    }
}

/// A problem with the thing that a change was to replace.
#[derive(serde::Serialize)]
struct WithCurrent<'a> {
    #[serde(flatten)]
    problem: Problem,
    current: &'a serde_json::Value,
}

fn log(error: &AppError) {
    if !matches!(error, AppError::Refused(_)) {
        tracing::error!(%error, "a request failed");
    }
}

fn render(refused: &Refused, locale: Locale, id: Option<&RequestId>) -> Response {
    let code = refused.code;
    let problem = problem(refused, locale, id);
    let body = match &refused.current {
        Some(current) => serde_json::to_vec(&WithCurrent { problem, current }),
        None => serde_json::to_vec(&problem),
    };
    let body = body.unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    if let Some(seconds) = refused.retry_after_s {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if code.status() == 401 {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The first language of `Accept-Language` that we have, by weight; Chinese when there is none.
#[must_use]
pub fn locale(languages: Option<&HeaderValue>) -> Locale {
    let wanted = languages
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    let mut best = (Locale::default(), 0.0_f32);
    for part in wanted.split(',').take(20) {
        let mut pieces = part.trim().split(';');
        let tag = pieces.next().unwrap_or_default().trim();
        let weight = pieces
            .find_map(|it| it.trim().strip_prefix("q=")?.parse().ok())
            .unwrap_or(1.0);
        if let Some(locale) = Locale::from_tag(tag)
            && weight > best.1
        {
            best = (locale, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_heaviest_that_we_have() {
        for (wanted, locale_is) in [
            ("", Locale::ZhCn),
            ("en", Locale::En),
            ("en-GB,zh;q=0.5", Locale::En),
            ("fr,zh-TW;q=0.9,en;q=0.8", Locale::ZhCn),
            ("zh;q=0.2, en;q=0.3", Locale::En),
            ("en;q=0, zh", Locale::ZhCn),
            ("en;q=0", Locale::ZhCn),
            ("de;q=x", Locale::ZhCn),
        ] {
            let header = HeaderValue::from_str(wanted).expect("a header");
            assert_eq!(locale(Some(&header)), locale_is, "{wanted}");
        }
    }

    #[test]
    fn what_is_ours_is_not_shown() {
        let response = AppError::internal("the password of the database is 1234").into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let seen = seen(&AppError::internal("the password of the database is 1234"));
        assert_eq!((seen.code, seen.detail), (ErrorCode::Internal, None));
    }
}
