//! What messengers show of an invitation's link. They read the head of the page and run nothing of
//! it, so it has to be in what the server sends.

use crate::App;
use crate::http::problem;
use crate::referrals::{service, wording};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{
    ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_LENGTH, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, RANGE,
};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use shared::referrals::api::Invitation;
use shared::rewards::words::in_words;
use shared::text::Locale;

/// Largest page that a preview is written into, in bytes.
const PAGE_MAX: usize = 256 * 1024;

/// The pages with previews of invitations.
pub fn with_previews(pages: Router, app: &App) -> Router {
    pages.layer(from_fn_with_state(app.clone(), add))
}

/// The middleware: writes a preview into the page of `/r/CODE` when there is such a code.
async fn add(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let code = request.uri().path().strip_prefix("/r/").map(str::to_owned);
    let Some(code) = code else {
        return next.run(request).await;
    };
    let locale = problem::locale(request.headers().get(ACCEPT_LANGUAGE));
    // The page as it is, and all of it: what is written into it has no other form.
    for name in [ACCEPT_ENCODING, IF_NONE_MATCH, IF_MODIFIED_SINCE, RANGE] {
        request.headers_mut().remove(name);
    }
    let response = next.run(request).await;
    match service::invitation(&app, &code).await {
        Ok(found) if response.status() == StatusCode::OK => {
            let name = app.rulebook().programme.name.get(locale).to_owned();
            let link = format!("{}/r/{}", app.config.public_url, found.code);
            write_into(response, &head(&found, locale, &name, &link)).await
        }
        _ => response,
    }
}

async fn write_into(response: Response, head: &str) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(page) = to_bytes(body, PAGE_MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let page = String::from_utf8_lossy(&page);
    for name in [CONTENT_LENGTH, ETAG, LAST_MODIFIED] {
        parts.headers.remove(name);
    }
    let page = page.replacen("</head>", &format!("{head}</head>"), 1);
    Response::from_parts(parts, Body::from(page))
}

/// The lines for the head: who invites, and what for.
fn head(it: &Invitation, locale: Locale, programme: &str, link: &str) -> String {
    let title = wording::title(it.inviter.as_deref(), programme, locale);
    let given = in_words(&it.offer.friend_rewards, it.offer.currency);
    let condition = wording::condition(&it.offer, locale);
    let given = given.get(locale);
    let text = match locale {
        Locale::ZhCn => format!("{condition} {given}。"),
        Locale::En => format!("{given}, {condition}."),
    };
    let text = if it.offer.open {
        text
    } else {
        programme.to_owned()
    };
    let line = |property: &str, content: &str| {
        format!(
            "<meta property=\"{property}\" content=\"{}\">\n",
            wording::escape(content)
        )
    };
    [
        line("og:type", "website"),
        line("og:site_name", programme),
        line("og:title", &title),
        line("og:description", &text),
        line("og:url", link),
        format!(
            "<meta name=\"description\" content=\"{}\">\n",
            wording::escape(&text)
        ),
    ]
    .concat()
}
