//! HTTP: what all features share.

pub mod client_address;
pub mod csv;
pub(crate) mod envelope;
pub mod etag;
mod examples;
pub mod extract;
mod openapi;
pub mod ops;
pub mod problem;
pub mod rate_limit;
mod serve;
pub mod site;
mod told;

pub use envelope::{RequestId, X_REQUEST_ID};
pub use openapi::document;
pub use serve::serve;

use crate::App;
use crate::auth::{Gate, admit, identify};
use crate::error::AppError;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use shared::problem::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;

/// Largest body of a request.
pub const BODY_MAX: usize = 1024 * 1024;
/// Largest body of a batch, on routes that say so.
pub const BATCH_BODY_MAX: usize = 4 * 1024 * 1024;

/// Everything under `/api`, what operators ask, and the pages for every other address.
pub fn router_with_pages(app: App, pages: Router) -> Router {
    with_pages(router(app), pages)
}

/// Everything under `/api`, and what operators ask.
///
/// # Panics
/// When an operation does not declare who may call it; a test looks at each.
pub fn router(app: App) -> Router {
    let (routes, document) = openapi::parts();
    let gate = Gate::of(&document).expect("every operation declares who may call it");
    #[cfg(feature = "bench")]
    let routes = routes.merge(crate::bench::routes::router());
    let api = routes
        .route("/api", any(not_found))
        .route("/api/{*rest}", any(not_found))
        .merge(crate::tasks::routes::links())
        .layer(from_fn_with_state(gate, admit))
        .layer(from_fn_with_state(app.clone(), identify))
        .merge(openapi::pages(&document))
        .merge(ops::router())
        .with_state(app);
    surround(api)
}

/// Gives routes what every answer has: an id, a time limit, and problems instead of bare errors.
fn surround(routes: Router) -> Router {
    let routes = routes
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found);
    enclose(routes, "unmatched")
}

/// Adds the pages, which are counted as one route.
fn with_pages(routes: Router, pages: Router) -> Router {
    routes.fallback_service(enclose(Router::new().fallback_service(pages), "pages"))
}

/// `other` is what a request is counted as that matches no route.
fn enclose(routes: Router, other: &'static str) -> Router {
    routes
        .layer(CatchPanicLayer::custom(envelope::panicked))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(from_fn_with_state(other, envelope::envelope))
}

async fn not_found() -> AppError {
    ErrorCode::NotFound.into()
}

async fn method_not_allowed() -> AppError {
    ErrorCode::MethodNotAllowed.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::extract::Request;
    use axum::routing::get;
    use tower::ServiceExt;

    async fn ask(routes: Router, path: &str) -> (u16, serde_json::Value, String) {
        let request = Request::builder().uri(path).header("accept-language", "en");
        let request = request.body(Body::empty()).expect("a request");
        let response = surround(routes)
            .oneshot(request)
            .await
            .expect("a router never fails");
        let id = response.headers()["x-request-id"]
            .to_str()
            .expect("text")
            .to_owned();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 20)
            .await
            .expect("the body arrives");
        (status, serde_json::from_slice(&body).expect("JSON"), id)
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_of_ours_that_tells_nothing() {
        async fn panics() -> &'static str {
            panic!("the secret is 1234")
        }
        let (status, problem, id) = ask(Router::new().route("/x", get(panics)), "/x").await;
        assert_eq!(status, 500);
        assert_eq!(problem["code"], "server.internal");
        assert_eq!(problem["request_id"], id);
        assert!(!problem.to_string().contains("1234"), "{problem}");
    }

    #[tokio::test]
    async fn a_page_has_a_request_id_and_is_counted() {
        let figures = ops::figures().expect("they are recorded here");
        let pages = Router::new().route(
            "/icon.svg",
            get(|| async { ([("cache-control", "public")], "<svg/>") }),
        );
        let routes = with_pages(surround(Router::new()), pages);
        let request = Request::builder().uri("/icon.svg").body(Body::empty());
        let response = routes.oneshot(request.expect("a request")).await;
        let response = response.expect("a router never fails");
        let headers = response.headers();
        assert_eq!(headers["x-request-id"].len(), 32);
        assert_eq!(headers["cache-control"], "public");
        let counted = r#"coterie_http_requests_total{method="GET",route="pages",status="200"} 1"#;
        assert!(figures.render().contains(counted), "{}", figures.render());
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_given_up() {
        let routes = Router::new().route("/x", get(std::future::pending::<&'static str>));
        let (status, problem, _) = ask(routes, "/x").await;
        assert_eq!(
            (status, &problem["code"]),
            (503, &serde_json::json!("request.timeout"))
        );
    }
}
