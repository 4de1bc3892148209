//! Requests that a cookie authenticates come from our own pages only.

use crate::App;
use crate::config::Config;
use crate::error::{AppError, Result};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use shared::problem::ErrorCode;

/// The request came from the member centre.
#[derive(Debug, Clone, Copy)]
pub struct MemberPage;

/// The request came from the console.
#[derive(Debug, Clone, Copy)]
pub struct ConsolePage;

impl FromRequestParts<App> for MemberPage {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        require(&app.config, &parts.headers, "member").map(|()| Self)
    }
}

impl FromRequestParts<App> for ConsolePage {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        require(&app.config, &parts.headers, "console").map(|()| Self)
    }
}

/// No other site can set this header without asking, and no browser lies about the others.
fn require(config: &Config, headers: &HeaderMap, client: &str) -> Result<()> {
    let text = |name: &str| {
        headers
            .get(name)
            .map(|it| it.to_str().unwrap_or("unreadable"))
    };
    let ours = text("x-coterie-client") == Some(client);
    let same_site = text("sec-fetch-site").is_none_or(|it| it == "same-origin" || it == "none");
    let origin = text(ORIGIN.as_str()).is_none_or(|it| is_own(config, it, text(HOST.as_str())));
    if ours && same_site && origin {
        Ok(())
    } else {
        Err(ErrorCode::ForeignOrigin.into())
    }
}

/// The public address, or the very host that was asked.
fn is_own(config: &Config, origin: &str, host: Option<&str>) -> bool {
    let authority = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    origin == config.public_url || (authority.is_some() && authority == host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn fine(given: &[(&'static str, &'static str)]) -> bool {
        let config = Config {
            public_url: "https://club.example".to_owned(),
            ..Config::for_database("sqlite:x")
        };
        let headers = given.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        require(&config, &headers.collect(), "member").is_ok()
    }

    #[test]
    fn only_our_own_pages_use_cookies() {
        let ours = ("x-coterie-client", "member");
        assert!(fine(&[ours]));
        assert!(fine(&[
            ours,
            ("origin", "https://club.example"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(fine(&[
            ours,
            ("origin", "http://127.0.0.1:3000"),
            ("host", "127.0.0.1:3000")
        ]));
        assert!(!fine(&[]));
        assert!(!fine(&[("x-coterie-client", "console")]));
        assert!(!fine(&[
            ours,
            ("origin", "https://evil.example"),
            ("host", "club.example")
        ]));
        assert!(!fine(&[ours, ("origin", "null")]));
        assert!(!fine(&[ours, ("sec-fetch-site", "cross-site")]));
        assert!(!fine(&[ours, ("sec-fetch-site", "same-site")]));
    }
}
