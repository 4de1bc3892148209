//! HTTP: what all features share.

pub mod client_address;
mod envelope;
pub mod etag;
pub mod extract;
mod openapi;
pub mod ops;
pub mod problem;
pub mod rate_limit;
mod serve;
pub mod site;

pub use envelope::{RequestId, X_REQUEST_ID};
pub use openapi::document;
pub use serve::serve;

use crate::App;
use crate::auth::identify;
use crate::error::AppError;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::any;
use shared::problem::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;

/// Largest body of a request.
pub const BODY_MAX: usize = 1024 * 1024;
/// Largest body of a batch, on routes that say so.
pub const BATCH_BODY_MAX: usize = 4 * 1024 * 1024;

/// Everything under `/api`, and what operators ask. The pages are added as its fallback.
pub fn router(app: App) -> Router {
    let (routes, document) = openapi::parts();
    let api = routes
        .route("/api", any(not_found))
        .route("/api/{*rest}", any(not_found))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(app.clone(), identify))
        .merge(openapi::pages(&document));
    api.merge(ops::router())
        .fallback(not_found)
        .layer(CatchPanicLayer::custom(envelope::panicked))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(from_fn(envelope::envelope))
        .with_state(app)
}

async fn not_found() -> AppError {
    ErrorCode::NotFound.into()
}

async fn method_not_allowed() -> AppError {
    ErrorCode::MethodNotAllowed.into()
}
