//! HTTP of referrals.

pub mod preview;

use super::service::{self, Bind, Decide};
use crate::App;
use crate::auth::{ActiveMember, CurrentMember, CurrentStaff, OPERATORS, READERS, SignInBudget};
use crate::error::{AppError, Result};
use crate::http::client_address::Network;
use crate::http::extract::{IfMatch, Json, Paging, Path, Query};
use crate::http::problem;
use crate::members::routes::{ManagedMember, ReadableMember};
use crate::programme::service::{current_referral_terms, set_referral_terms};
use axum::extract::State;
use axum::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::ids::{HouseholdId, ReferralId};
use shared::page::Page;
use shared::problem::Problem;
use shared::referrals::ReferralState;
use shared::referrals::api::{
    BindReferral, Binding, CreateHousehold, DecideReferral, Household, Invitation, InvitedFriend,
    MyReferral, RecordSignals, RecordVisit, ReferralDetail, ReferralReport, ReferralRow,
    TermsVersion, Visit,
};
use shared::referrals::terms::ReferralTerms;
use shared::text::Locale;
use shared::time::Timestamp;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_my_referral))
        .routes(routes!(get_my_poster))
        .routes(routes!(list_my_friends))
        .routes(routes!(bind_my_referral))
        .routes(routes!(get_invitation))
        .routes(routes!(record_visit))
        .routes(routes!(get_member_referral))
        .routes(routes!(list_member_friends))
        .routes(routes!(bind_referral))
        .routes(routes!(record_signals))
        .routes(routes!(get_terms, set_terms))
        .routes(routes!(list_referrals))
        .routes(routes!(get_referral))
        .routes(routes!(decide_referral))
        .routes(routes!(get_report))
        .routes(routes!(list_households, create_household))
        .routes(routes!(delete_household))
}

/// One's own invitation: code, link, what both get and how far friends got.
#[utoipa::path(get, path = "/api/v1/me/referral", operation_id = "get_my_referral", tag = "me",
    responses((status = 200, body = MyReferral), (status = 401, body = Problem)), security(("member" = [])))]
async fn get_my_referral(
    State(app): State<App>,
    member: CurrentMember,
) -> Result<Json<MyReferral>> {
    Ok(Json(service::mine(&app, member.id).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PosterQuery {
    /// The language of the words; that of the request when absent.
    language: Option<Locale>,
}

/// One's own invitation as a picture to save and to send: 1080 by 1526 pixels, with the QR code.
#[utoipa::path(get, path = "/api/v1/me/referral/poster", operation_id = "get_my_referral_poster", tag = "me",
    params(PosterQuery), responses((status = 200, description = "The picture", content_type = "image/png", body = Vec<u8>),
        (status = 401, body = Problem), (status = 422, body = Problem)), security(("member" = [])))]
async fn get_my_poster(
    State(app): State<App>,
    member: CurrentMember,
    Query(query): Query<PosterQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let asked = || problem::locale(headers.get(ACCEPT_LANGUAGE));
    let locale = query.language.unwrap_or_else(asked);
    let picture = service::poster(&app, member.id, locale).await?;
    let kept = [
        (CONTENT_TYPE, "image/png"),
        (CACHE_CONTROL, "private, max-age=300"),
    ];
    Ok((kept, picture).into_response())
}

/// One's own friends and where each stands, newest first.
#[utoipa::path(get, path = "/api/v1/me/referrals", operation_id = "list_my_referrals", tag = "me",
    params(Paging), responses((status = 200, body = Page<InvitedFriend>), (status = 400, body = Problem),
        (status = 401, body = Problem)), security(("member" = [])))]
async fn list_my_friends(
    State(app): State<App>,
    member: CurrentMember,
    page: Paging,
) -> Result<Json<Page<InvitedFriend>>> {
    let friends = service::friends(&app, member.id, page.limit, page.cursor).await?;
    Ok(Json(friends))
}

/// Accepts an invitation, by the visit or the code. Accepting the same one again changes nothing.
#[utoipa::path(post, path = "/api/v1/me/referral_bindings", operation_id = "bind_my_referral", tag = "me",
    request_body = BindReferral, responses((status = 201, body = Binding), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)), security(("member" = ["active"])))]
async fn bind_my_referral(
    State(app): State<App>,
    member: ActiveMember,
    network: Network,
    Json(request): Json<BindReferral>,
) -> Result<(StatusCode, Json<Binding>)> {
    let command = Bind {
        friend: member.id,
        request,
        network: Some(network.0),
        actor: member.id.to_string(),
    };
    Ok((StatusCode::CREATED, Json(bind(&app, command).await?)))
}

async fn bind(app: &App, command: Bind) -> Result<Binding> {
    app.db
        .write((app.clone(), command), |tx, (app, command)| {
            Box::pin(service::bind(tx, app, command))
        })
        .await
}

/// What the link of a code offers. Anybody may ask.
#[utoipa::path(get, path = "/api/v1/referral_codes/{code}", operation_id = "get_invitation", tag = "referrals",
    params(("code" = String, Path, description = "The code of the link")),
    responses((status = 200, body = Invitation), (status = 404, body = Problem), (status = 429, body = Problem)),
    security(()))]
async fn get_invitation(
    State(app): State<App>,
    _budget: SignInBudget,
    Path(code): Path<String>,
) -> Result<Json<Invitation>> {
    Ok(Json(service::invitation(&app, &code).await?))
}

/// Records that a link was opened. The first visit of a browser counts for as long as it lasts.
#[utoipa::path(post, path = "/api/v1/referral_visits", operation_id = "record_referral_visit", tag = "referrals",
    request_body = RecordVisit, responses((status = 201, body = Visit), (status = 404, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem)), security(()))]
async fn record_visit(
    State(app): State<App>,
    _budget: SignInBudget,
    network: Network,
    Json(request): Json<RecordVisit>,
) -> Result<(StatusCode, Json<Visit>)> {
    let visit = service::record_visit(&app, request, network.0).await?;
    Ok((StatusCode::CREATED, Json(visit)))
}

/// A member's invitation, for a shop that shows it itself.
#[utoipa::path(get, path = "/api/v1/members/{member}/referral", operation_id = "get_member_referral", tag = "referrals",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    responses((status = 200, body = MyReferral), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn get_member_referral(
    State(app): State<App>,
    member: ReadableMember,
) -> Result<Json<MyReferral>> {
    Ok(Json(service::mine(&app, member.id).await?))
}

/// A member's friends and where each stands, newest first.
#[utoipa::path(get, path = "/api/v1/members/{member}/referrals", operation_id = "list_member_referrals", tag = "referrals",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id"), Paging),
    responses((status = 200, body = Page<InvitedFriend>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn list_member_friends(
    State(app): State<App>,
    member: ReadableMember,
    page: Paging,
) -> Result<Json<Page<InvitedFriend>>> {
    let friends = service::friends(&app, member.id, page.limit, page.cursor).await?;
    Ok(Json(friends))
}

/// Binds a member to an inviter, for shops where members sign up in the shop.
#[utoipa::path(post, path = "/api/v1/members/{member}/referral_bindings", operation_id = "bind_referral",
    tag = "referrals", params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    request_body = BindReferral, responses((status = 201, body = Binding), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)), security(("staff" = ["admin", "operator"]), ("api_key" = ["members:write"])))]
async fn bind_referral(
    State(app): State<App>,
    member: ManagedMember,
    Json(request): Json<BindReferral>,
) -> Result<(StatusCode, Json<Binding>)> {
    let command = Bind {
        friend: member.id,
        request,
        network: None,
        actor: member.actor.to_string(),
    };
    Ok((StatusCode::CREATED, Json(bind(&app, command).await?)))
}

/// Notes hashes by which the shop knows a member's address, payment or device.
#[utoipa::path(post, path = "/api/v1/members/{member}/signals", operation_id = "record_signals", tag = "referrals",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    request_body = RecordSignals, responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)), security(("staff" = ["admin", "operator"]), ("api_key" = ["members:write"])))]
async fn record_signals(
    State(app): State<App>,
    member: ManagedMember,
    Json(request): Json<RecordSignals>,
) -> Result<StatusCode> {
    service::record_signals(&app, member.id, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn tagged(terms: TermsVersion) -> Response {
    let tag = format!("\"{}\"", terms.version);
    ([(ETAG, tag)], Json(terms)).into_response()
}

/// The terms that hold now. Their `ETag` is what `If-Match` of an edit names.
#[utoipa::path(get, path = "/api/v1/referral_terms", operation_id = "get_referral_terms", tag = "referrals",
    responses((status = 200, body = TermsVersion), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn get_terms(State(app): State<App>, staff: CurrentStaff) -> Result<Response> {
    staff.require_role(READERS)?;
    Ok(tagged(current_referral_terms(
        &app.rulebook(),
        app.db.now(),
    )))
}

/// Changes the terms from now on. Friends who are bound keep the terms that they were bound under.
#[utoipa::path(put, path = "/api/v1/referral_terms", operation_id = "set_referral_terms", tag = "referrals",
    params(("If-Match" = String, Header)), request_body = ReferralTerms,
    responses((status = 200, body = TermsVersion), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn set_terms(
    State(app): State<App>,
    staff: CurrentStaff,
    seen: IfMatch,
    Json(terms): Json<ReferralTerms>,
) -> Result<Response> {
    staff.require_role(OPERATORS)?;
    let version = current_referral_terms(&app.rulebook(), app.db.now()).version;
    seen.require(&version.to_string())?;
    let actor = staff.actor().to_string();
    Ok(tagged(
        set_referral_terms(&app, terms, version, actor).await?,
    ))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReferralsQuery {
    /// Only those that stand here.
    state: Option<ReferralState>,
    /// Only those of this inviter, as `mem_…` or `ext:` and the shop's customer id.
    referrer: Option<String>,
}

/// Referrals, newest first; those that are held are the review queue.
#[utoipa::path(get, path = "/api/v1/referrals", operation_id = "list_referrals", tag = "referrals",
    params(ReferralsQuery, Paging), responses((status = 200, body = Page<ReferralRow>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn list_referrals(
    State(app): State<App>,
    staff: CurrentStaff,
    Query(query): Query<ReferralsQuery>,
    page: Paging,
) -> Result<Json<Page<ReferralRow>>> {
    staff.require_role(READERS)?;
    let referrer = match &query.referrer {
        Some(it) => Some(crate::members::service::resolve(app.db.read(), it).await?),
        None => None,
    };
    let rows = service::referrals(&app, query.state, referrer, page.limit, page.cursor).await?;
    Ok(Json(rows))
}

/// A referral with its evidence and history.
#[utoipa::path(get, path = "/api/v1/referrals/{id}", operation_id = "get_referral", tag = "referrals",
    params(("id" = ReferralId, Path)), responses((status = 200, body = ReferralDetail), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)), security(("staff" = ["admin", "operator", "auditor"])))]
async fn get_referral(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(id): Path<ReferralId>,
) -> Result<Json<ReferralDetail>> {
    staff.require_role(READERS)?;
    Ok(Json(service::detail(&app, id).await?))
}

/// Releases, rejects or reopens a referral.
#[utoipa::path(post, path = "/api/v1/referrals/{id}/decisions", operation_id = "decide_referral", tag = "referrals",
    params(("id" = ReferralId, Path)), request_body = DecideReferral,
    responses((status = 200, body = ReferralDetail), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn decide_referral(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(id): Path<ReferralId>,
    Json(request): Json<DecideReferral>,
) -> Result<Json<ReferralDetail>> {
    staff.require_role(OPERATORS)?;
    let command = Decide {
        id,
        request,
        actor: staff.actor(),
    };
    app.db
        .write((app.clone(), command), |tx, (app, command)| {
            Box::pin(service::decide(tx, app, command))
        })
        .await?;
    Ok(Json(service::detail(&app, id).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// Friends bound from this instant on; 30 days back when absent.
    from: Option<Timestamp>,
    /// Friends bound up to this instant; now when absent.
    to: Option<Timestamp>,
}

/// What referrals brought and cost.
#[utoipa::path(get, path = "/api/v1/referral_reports/summary", operation_id = "get_referral_report", tag = "referrals",
    params(ReportQuery), responses((status = 200, body = ReferralReport), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, body = Problem)), security(("staff" = ["admin", "operator", "auditor"])))]
async fn get_report(
    State(app): State<App>,
    staff: CurrentStaff,
    Query(query): Query<ReportQuery>,
) -> Result<Json<ReferralReport>> {
    staff.require_role(READERS)?;
    let to = query.to.unwrap_or_else(|| app.db.now());
    let from = query.from.unwrap_or_else(|| to.plus_days(-30));
    if from > to {
        let message = "expected an instant before `to`";
        return Err(AppError::invalid_field("from", "out_of_range", message));
    }
    Ok(Json(service::report(&app, from, to).await?))
}

/// Households, newest first.
#[utoipa::path(get, path = "/api/v1/households", operation_id = "list_households", tag = "referrals",
    params(Paging), responses((status = 200, body = Page<Household>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem)), security(("staff" = ["admin", "operator", "auditor"])))]
async fn list_households(
    State(app): State<App>,
    staff: CurrentStaff,
    page: Paging,
) -> Result<Json<Page<Household>>> {
    staff.require_role(READERS)?;
    Ok(Json(
        service::households(&app, page.limit, page.cursor).await?,
    ))
}

/// Notes that members live together: what they share no longer speaks against them.
#[utoipa::path(post, path = "/api/v1/households", operation_id = "create_household", tag = "referrals",
    request_body = CreateHousehold, responses((status = 201, body = Household), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn create_household(
    State(app): State<App>,
    staff: CurrentStaff,
    Json(request): Json<CreateHousehold>,
) -> Result<(StatusCode, Json<Household>)> {
    staff.require_role(OPERATORS)?;
    let made = service::add_household(&app, request, staff.actor().to_string()).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Drops a household.
#[utoipa::path(delete, path = "/api/v1/households/{id}", operation_id = "delete_household", tag = "referrals",
    params(("id" = HouseholdId, Path)), responses((status = 204), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)), security(("staff" = ["admin", "operator"])))]
async fn delete_household(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(id): Path<HouseholdId>,
) -> Result<StatusCode> {
    staff.require_role(OPERATORS)?;
    service::remove_household(&app, id, staff.actor().to_string()).await?;
    Ok(StatusCode::NO_CONTENT)
}
