//! HTTP of tasks and check-ins: members, staff, and links that are shared.

mod member;
mod share;
mod staff;

pub(crate) use share::mark_of;

use crate::App;
use utoipa_axum::router::OpenApiRouter;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    member::router().merge(staff::router())
}

/// Links that are shared: not part of the API, since people open them in a browser.
pub fn links() -> axum::Router<App> {
    share::router()
}
