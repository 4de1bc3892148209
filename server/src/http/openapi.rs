//! The description of the API: made from the handlers, served with a page to try it on.

use crate::App;
use crate::http::etag::Tagged;
use crate::http::examples;
use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use shared::webhooks::events;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The page brings all it needs along; its styles are set by its own script.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                           img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                           frame-ancestors 'none'";

const DESCRIPTION: &str = "Members, points, tiers and orders of one shop's programme. Times are RFC 3339 in UTC, \
money is in minor units, ids are opaque texts. Errors are problem documents (RFC 9457) with a stable `code`. \
Requests that move value need an `Idempotency-Key`, one per intent: sent again, they change nothing and are \
answered alike.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Coterie", description = DESCRIPTION, license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    components(schemas(
        shared::problem::Problem,
        events::BalanceChanged,
        events::ClaimBought,
        events::ClaimMoved,
        events::CouponMoved,
        events::DayChecked,
        events::MemberGone,
        events::MemberNamed,
        events::MemberStanding,
        events::MembersMerged,
        events::Membership,
        events::ReferralStanding,
        events::SaleNamed,
        events::TaskDone,
        events::TierMoved,
    )),
    modifiers(&Schemes),
    tags(
        (name = "sessions", description = "Signing in and out, of members and of staff"),
        (name = "me", description = "What a member sees and decides"),
        (name = "members", description = "Who takes part"),
        (name = "orders", description = "What the shop tells"),
        (name = "points", description = "Points and store credit"),
        (name = "tiers", description = "The ladder"),
        (name = "coupons", description = "Templates, what members hold, and checkouts that use it"),
        (name = "tasks", description = "Tasks, check-ins and shared links"),
        (name = "referrals", description = "Invitations, what they brought and cost, and what people decide about them"),
        (name = "communities", description = "Members who belong together, and who leads them"),
        (name = "scenarios", description = "Lists that communities are shown day by day, and how their members are called to them"),
        (name = "flash_sales", description = "Sales for a short time, and what members hold of them"),
        (name = "webhooks", description = "What the shop's systems are told of, and how it got there"),
        (name = "wechat", description = "What a page inside WeChat needs for WeChat's own script"),
        (name = "imports", description = "Files of members, orders, points and coupons that come in, and taking them back"),
        (name = "exports", description = "Files of members, orders, points and coupons that go out"),
        (name = "simulations", description = "What would happen, without anything happening"),
        (name = "programme", description = "The rules of this shop"),
        (name = "staff", description = "People and systems of the shop"),
        (name = "sandbox", description = "The clock of a demo, which can be moved"),
    )
)]
struct Api;

/// Adds what callers may send as `Authorization`.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        for (name, format, description) in [
            (
                "member",
                "JWT",
                "The access token of a member's session; `active`: of one who is not frozen",
            ),
            (
                "staff",
                "JWT",
                "The access token of a staff session; one of the roles named. `enrolling`: also before the second \
                 factor is set up that the shop asks for",
            ),
            (
                "api_key",
                "API key",
                "The secret of an API key, which begins with ck_; with the scope named",
            ),
        ] {
            let mut scheme = Http::new(HttpAuthScheme::Bearer);
            scheme.bearer_format = Some(format.to_owned());
            scheme.description = Some(description.to_owned());
            components.add_security_scheme(name, SecurityScheme::Http(scheme));
        }
    }
}

/// The routes of every feature, and the description that comes with them.
pub(super) fn parts() -> (Router<App>, Document) {
    let (router, mut document) = described().split_for_parts();
    super::told::describe(&mut document);
    examples::add_examples(&mut document);
    document.info.description = Some(format!("{DESCRIPTION}{}", examples::rules()));
    (router, document)
}

fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Api::openapi())
        .merge(crate::sessions::routes::router())
        .merge(crate::staff::routes::router())
        .merge(crate::audit::routes::router())
        .merge(crate::requests::routes::router())
        .merge(crate::members::routes::router())
        .merge(crate::messages::routes::router())
        .merge(crate::orders::routes::router())
        .merge(crate::points::routes::router())
        .merge(crate::tiers::routes::router())
        .merge(crate::coupons::routes::router())
        .merge(crate::tasks::routes::router())
        .merge(crate::referrals::routes::router())
        .merge(crate::communities::routes::router())
        .merge(crate::sales::routes::router())
        .merge(crate::sandbox::routes::router())
        .merge(crate::scenarios::routes::router())
        .merge(crate::programme::routes::router())
        .merge(crate::webhooks::routes::router())
        .merge(crate::wechat::routes::router())
        .merge(crate::transfers::routes::router())
}

/// The description as it is served: OpenAPI 3.1 in JSON.
///
/// # Panics
/// Never: the description has only text keys.
#[must_use]
pub fn document() -> String {
    let (_, document) = parts();
    document.to_pretty_json().expect("a description is JSON")
}

/// The description, and the page for it.
pub(super) fn pages(document: &Document) -> Router<App> {
    let json = Tagged::bytes(document.to_json().unwrap_or_default());
    let json = move |headers: HeaderMap| {
        let answer = json.answer(&headers);
        async move { answer }
    };
    let page = SwaggerUi::new("/api/docs").config(Config::new(["/api/openapi.json"]));
    let page: Router<App> = page.into();
    Router::new()
        .route("/api/openapi.json", get(json))
        .merge(page.layer(from_fn(guard)))
}

async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(PAGE_POLICY),
    );
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
