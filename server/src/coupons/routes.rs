//! HTTP of coupons.

mod checkout;
mod codes;
mod templates;
mod wallet;

use crate::App;
use utoipa_axum::router::OpenApiRouter;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(templates::router())
        .merge(wallet::router())
        .merge(checkout::router())
        .merge(codes::router())
}
