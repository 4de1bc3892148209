//! HTTP of coupons.

mod templates;

use crate::App;
use utoipa_axum::router::OpenApiRouter;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(templates::router())
}
