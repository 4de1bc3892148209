//! Links that are shared: opened in a browser, answered with where they lead.
//!
//! The first visit gets a mark and comes back once with it; who brings the mark is a browser that
//! keeps cookies. Nobody is kept from where the link leads, counted or not.

use crate::App;
use crate::auth::Principal;
use crate::error::Result;
use crate::http::extract::UserAgent;
use crate::ids::{hex, random_bytes};
use crate::tasks::service::{self, Opened};
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{
    CACHE_CONTROL, COOKIE, HeaderValue, LOCATION, REFERRER_POLICY, SET_COOKIE,
};
use axum::http::{Extensions, HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// The cookie that holds a visitor's mark.
const COOKIE_NAME: &str = "coterie_visitor";
/// For how long a browser keeps the mark, in seconds.
const KEPT_S: u64 = 30 * 86_400;
/// What the address says when the visitor was sent back with a mark.
const AGAIN: &str = "again";

pub(super) fn router() -> Router<App> {
    Router::new().route("/s/{token}", get(open))
}

/// The mark that a browser brought.
pub(crate) fn mark_of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|it| it.to_str().ok());
    let mut pairs = cookies
        .flat_map(|it| it.split(';'))
        .filter_map(|it| it.trim().split_once('='));
    let mark = pairs.find(|it| it.0 == COOKIE_NAME)?.1;
    let fine = mark.len() == 32 && mark.bytes().all(|it| it.is_ascii_hexdigit());
    fine.then(|| mark.to_owned())
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    ["purpose", "sec-purpose", "x-moz", "x-purpose"]
        .iter()
        .any(|name| {
            let value = headers
                .get(*name)
                .and_then(|it| it.to_str().ok())
                .unwrap_or_default();
            value.contains("prefetch") || value.contains("preview") || value.contains("prerender")
        })
}

/// Who is signed in in this browser, as far as the request says.
fn member_of(extensions: &Extensions) -> Option<shared::ids::MemberId> {
    match Principal::of(extensions) {
        Ok(Principal::Member(member)) => Some(member.id),
        _ => None,
    }
}

async fn open(
    State(app): State<App>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
    method: Method,
    UserAgent(user_agent): UserAgent,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<Response> {
    let Some(url) = service::target_of(app.db.read(), &app, &token).await? else {
        return Ok(go("/", None, app.config.is_https()));
    };
    let mark = mark_of(&headers);
    let again = query.as_deref() == Some(AGAIN);
    if mark.is_none() && !again && method == Method::GET {
        let mark = new_mark();
        let back = format!("/s/{token}?{AGAIN}");
        return Ok(go(&back, Some(&mark), app.config.is_https()));
    }
    if mark.is_some() && method == Method::GET {
        let opened = Opened {
            token,
            mark,
            member: member_of(&extensions),
            user_agent: user_agent.unwrap_or_default(),
            is_prefetch: is_prefetch(&headers),
        };
        let noted = app.db.write((app.clone(), opened), |tx, (app, opened)| {
            Box::pin(service::open_link(tx, app, opened))
        });
        if let Err(error) = noted.await {
            tracing::warn!(%error, "a visit could not be noted");
        }
    }
    Ok(go(&url, None, app.config.is_https()))
}

fn go(to: &str, mark: Option<&str>, secure: bool) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(to) = HeaderValue::from_str(to) {
        headers.insert(LOCATION, to);
    }
    if let Some(mark) = mark {
        give_mark(headers, mark, secure);
    }
    response
}

/// A mark that no browser has yet.
pub(super) fn new_mark() -> String {
    hex(&random_bytes::<16>())
}

/// Gives a browser a mark that no script can read.
pub(super) fn give_mark(headers: &mut HeaderMap, mark: &str, secure: bool) {
    let secure = if secure { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE_NAME}={mark}; Path=/; Max-Age={KEPT_S}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.insert(SET_COOKIE, cookie);
    }
}
