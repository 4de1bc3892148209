//! Finds out who asks, once, before a request is routed, and takes it from that caller's bucket.

use super::authenticate;
use super::principal::{Identity, Principal};
use crate::App;
use crate::error::{AppError, Result};
use crate::http::client_address::{client, network};
use crate::http::rate_limit::{Bucket, Left};
use crate::requests::routes::Asked;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use shared::problem::ErrorCode;

/// The middleware for everything under `/api`.
pub async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let identity = match bearer(request.headers()) {
        Ok(None) => Identity::Nobody,
        Ok(Some(token)) => match authenticate(&app, token).await {
            Ok(principal) => Identity::Known(principal),
            Err(error) => Identity::Refused(error),
        },
        Err(error) => Identity::Refused(error),
    };
    let (left, refused) = match take(&app, &identity, &request) {
        Ok(left) => (left, None),
        Err((error, left)) => (Some(left), Some(error)),
    };
    if let Identity::Known(principal) = &identity {
        tracing::Span::current().record("caller", tracing::field::display(principal.actor()));
    }
    let asked = match &identity {
        Identity::Known(Principal::Key(key)) => Some(Asked::of(&app, key.id, &request)),
        _ => None,
    };
    request.extensions_mut().insert(identity);
    let mut response = match refused {
        Some(error) => error.into_response(),
        None => next.run(request).await,
    };
    if let Some(asked) = asked {
        asked.answered(&app, &response);
    }
    // A tighter bucket may have written its own.
    if let Some(left) = left.filter(|_| !response.headers().contains_key("ratelimit")) {
        left.write(response.headers_mut());
    }
    response
}

fn take(
    app: &App,
    identity: &Identity,
    request: &Request,
) -> Result<Option<Left>, (AppError, Left)> {
    let limits = &app.limits;
    match identity {
        Identity::Known(Principal::Member(member)) => limits.take(Bucket::Caller, member.id),
        Identity::Known(Principal::Staff(staff)) => limits.take(Bucket::Caller, staff.id),
        Identity::Known(Principal::Key(key)) => limits.take(Bucket::Key, key.id),
        Identity::Nobody | Identity::Refused(_) => {
            let address = client(&app.config, request.headers(), request.extensions());
            limits.take(Bucket::Address, network(address))
        }
    }
}

/// The token of `Authorization: Bearer …`; another scheme is not understood.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| ErrorCode::TokenInvalid)?;
    let token = text
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match token {
        Some((_, token)) if values.next().is_none() => Ok(Some(token.trim())),
        _ => Err(ErrorCode::TokenInvalid.into()),
    }
}
