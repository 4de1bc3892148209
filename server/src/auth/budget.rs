//! Signing in is asked for more rarely than anything else.

use crate::App;
use crate::http::client_address::{client, network};
use crate::http::rate_limit::Bucket;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

/// The caller's network address may still sign in, sign up, exchange or refresh.
#[derive(Debug, Clone, Copy)]
pub struct SignInBudget;

impl FromRequestParts<App> for SignInBudget {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let address = client(&app.config, &parts.headers, &parts.extensions);
        match app.limits.take(Bucket::SignInAddress, network(address)) {
            Ok(_) => Ok(Self),
            Err((error, left)) => {
                let mut response = error.into_response();
                left.write(response.headers_mut());
                Err(response)
            }
        }
    }
}
