//! HTTP of flash sales.

mod live;
mod member;
mod staff;

use crate::App;
use utoipa_axum::router::OpenApiRouter;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(staff::router())
        .merge(member::router())
        .merge(live::router())
}
