//! HTTP of WeChat.

use super::service;
use crate::App;
use crate::error::Result;
use crate::http::extract::Json;
use axum::extract::State;
use shared::problem::Problem;
use shared::wechat::api::{PageSignature, SignPage};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sign_wechat_page))
}

/// Signs the address of a page of the member centre, so that inside WeChat it may say how it is
/// shared. 404 `wechat.absent` where no official account is set up.
#[utoipa::path(post, path = "/api/v1/wechat/signatures", operation_id = "sign_wechat_page", tag = "wechat",
    request_body = SignPage,
    responses((status = 200, body = PageSignature), (status = 404, body = Problem), (status = 422, body = Problem),
        (status = 503, body = Problem)),
    security(()))]
async fn sign_wechat_page(
    State(app): State<App>,
    Json(request): Json<SignPage>,
) -> Result<Json<PageSignature>> {
    service::sign(&app, &request).await.map(Json)
}
