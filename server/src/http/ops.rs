//! For those who run the server: whether it lives, whether it is ready, and its figures.

use super::client_address::peer;
use crate::App;
use crate::error::{AppError, Result};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, FORWARDED};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use shared::problem::ErrorCode;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// How long `/readyz` waits for the database.
const READY_WITHIN: Duration = Duration::from_secs(2);
/// Bounds of the histogram of times, in seconds.
const BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// How often recorded times are put into their buckets, so that they do not pile up.
const UPKEEP: Duration = Duration::from_secs(5);

const REQUESTS: &str = "coterie_http_requests_total";
const SECONDS: &str = "coterie_http_request_seconds";

static FIGURES: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// The routes of this module.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
}

/// The process answers.
async fn healthz() -> &'static str {
    "ok\n"
}

/// The database answers and has the schema of this version.
async fn readyz(State(app): State<App>) -> Result<&'static str> {
    let not_ready = || AppError::retry_later(ErrorCode::Overloaded, 1);
    match tokio::time::timeout(READY_WITHIN, app.db.is_migrated()).await {
        Ok(Ok(true)) => Ok("ready\n"),
        Ok(Ok(false)) => {
            tracing::warn!("not ready: the schema is not migrated");
            Err(not_ready())
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the database fails");
            Err(not_ready())
        }
        Err(_) => {
            tracing::warn!("not ready: the database does not answer");
            Err(not_ready())
        }
    }
}

/// The figures in the format of Prometheus.
async fn metrics(State(app): State<App>, request: Request) -> Result<Response> {
    let token = app.config.metrics_token.as_deref();
    if !may_read(token, request.headers(), peer(request.extensions())) {
        return Err(ErrorCode::Forbidden.into());
    }
    let Some(figures) = figures() else {
        return Err(AppError::internal("the figures are recorded elsewhere"));
    };
    let stats = app.db.write_stats();
    for (name, value) in [
        ("coterie_writes_total", &stats.writes),
        ("coterie_write_commits_total", &stats.commits),
        ("coterie_write_statements_total", &stats.statements),
    ] {
        metrics::counter!(name).absolute(value.load(Ordering::Relaxed));
    }
    let text = figures.render();
    Ok((
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
        .into_response())
}

/// With a token: whoever has it. Without: this machine alone, and not through a proxy.
fn may_read(token: Option<&str>, headers: &HeaderMap, peer: IpAddr) -> bool {
    if let Some(token) = token {
        let given = headers
            .get(AUTHORIZATION)
            .and_then(|it| it.as_bytes().strip_prefix(b"Bearer "));
        return given.is_some_and(|it| it.ct_eq(token.as_bytes()).into());
    }
    peer.is_loopback()
        && !headers.contains_key(FORWARDED)
        && !headers.contains_key("x-forwarded-for")
}

/// Counts an answer.
pub(super) fn count(method: &Method, route: &str, status: u16, took: Duration) {
    let labels = [
        ("method", method_label(method).to_owned()),
        ("route", route.to_owned()),
        ("status", status.to_string()),
    ];
    metrics::counter!(REQUESTS, &labels).increment(1);
    metrics::histogram!(SECONDS, &labels[..2]).record(took);
}

/// A caller may invent methods; each would be a new line of figures.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Starts recording on the first call; one process has one set of figures.
pub(super) fn figures() -> Option<&'static PrometheusHandle> {
    FIGURES
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new()
                .set_buckets(BUCKETS)
                .ok()?
                .build_recorder();
            let handle = recorder.handle();
            metrics::set_global_recorder(recorder).ok()?;
            Some(handle)
        })
        .as_ref()
}

/// Starts recording figures and keeps their memory bounded until the process ends.
pub fn record_figures() {
    let Some(figures) = figures() else { return };
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(UPKEEP);
        loop {
            tick.tick().await;
            figures.run_upkeep();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_figures_are_for_this_machine_or_for_a_token() {
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([192, 0, 2, 1]));
        let plain = HeaderMap::new();
        assert!(may_read(None, &plain, here));
        assert!(!may_read(None, &plain, there));
        let mut proxied = HeaderMap::new();
        proxied.insert("x-forwarded-for", HeaderValue::from_static("192.0.2.1"));
        assert!(!may_read(None, &proxied, here));
        let mut with_token = HeaderMap::new();
        with_token.insert(AUTHORIZATION, HeaderValue::from_static("Bearer right"));
        assert!(may_read(Some("right"), &with_token, there));
        assert!(!may_read(Some("wrong"), &with_token, here));
        assert!(!may_read(Some("right"), &plain, here));
    }
}
