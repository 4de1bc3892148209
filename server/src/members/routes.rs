//! HTTP of members: one's own record and Home, and what shops and staff see.

mod access;
mod merges;
mod privacy;

pub use access::{ManagedMember, PointsMember, ReadableMember};

use super::service::{self, MemberFilter};
use super::{summary, timeline};
use crate::App;
use crate::audit::service as audit;
use crate::auth::{ActiveMember, Caller, CurrentMember, CurrentStaff, OPERATORS, READERS};
use crate::error::Result;
use crate::http::csv::{Cell, download};
use crate::http::extract::{Json, Paging, Query};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use futures::{StreamExt, TryStreamExt};
use serde::Deserialize;
use shared::members::MemberStatus;
use shared::members::api::{
    ChangeStatus, Member, MemberRow, MemberSort, Summary, TimelineItem, TimelineKind, UpdateMe,
    UpsertMember,
};
use shared::page::Page;
use shared::points::Asset;
use shared::points::api::Explanation;
use shared::problem::Problem;
use shared::staff::Scope;
use shared::time::Timestamp;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_me, update_me))
        .routes(routes!(get_my_summary))
        .routes(routes!(explain_mine))
        .routes(routes!(list_members, upsert_member))
        .routes(routes!(export_members))
        .routes(routes!(list_member_timeline))
        .routes(routes!(get_member))
        .routes(routes!(get_member_summary))
        .routes(routes!(explain_member))
        .routes(routes!(freeze_member))
        .routes(routes!(unfreeze_member))
        .merge(merges::router())
        .merge(privacy::router())
}

/// The signed-in member's record.
#[utoipa::path(get, path = "/api/v1/me", operation_id = "get_me", tag = "me",
    responses((status = 200, body = Member), (status = 401, body = Problem)),
    security(("member" = [])))]
async fn get_me(State(app): State<App>, member: CurrentMember) -> Result<Json<Member>> {
    Ok(Json(service::get(app.db.read(), member.id).await?))
}

/// Changes the signed-in member's record.
#[utoipa::path(patch, path = "/api/v1/me", operation_id = "update_me", tag = "me", request_body = UpdateMe,
    responses((status = 200, body = Member), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("member" = ["active"])))]
async fn update_me(
    State(app): State<App>,
    member: ActiveMember,
    Json(request): Json<UpdateMe>,
) -> Result<Json<Member>> {
    let args = (app.clone(), member.id, request);
    let update = app.db.write(args, |tx, (app, id, request)| {
        Box::pin(service::update_me(tx, app, *id, request))
    });
    Ok(Json(update.await?))
}

/// Everything that Home shows. Send `If-None-Match` to hear only of changes.
#[utoipa::path(get, path = "/api/v1/me/summary", operation_id = "get_my_summary", tag = "me",
    responses((status = 200, body = Summary), (status = 304, description = "Nothing has changed"),
        (status = 401, body = Problem)),
    security(("member" = [])))]
async fn get_my_summary(
    State(app): State<App>,
    member: CurrentMember,
    headers: HeaderMap,
) -> Result<Response> {
    Ok(summary::rendered(&app, member.id).await?.answer(&headers))
}

/// What to explain.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum About {
    /// The points balance.
    Points,
    /// The store credit balance.
    Credit,
    /// The tier.
    Tier,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExplainQuery {
    /// What to explain.
    #[param(inline)]
    about: About,
}

async fn explain(
    app: &App,
    member: shared::ids::MemberId,
    about: About,
) -> Result<Json<Explanation>> {
    let explanation = match about {
        About::Points => crate::points::views::explain(app, member, Asset::Points).await?,
        About::Credit => crate::points::views::explain(app, member, Asset::Credit).await?,
        About::Tier => crate::tiers::service::explain(app, member).await?,
    };
    Ok(Json(explanation))
}

/// Why one's own balance or tier is what it is.
#[utoipa::path(get, path = "/api/v1/me/explanations", operation_id = "explain_my_number", tag = "me",
    params(ExplainQuery), responses((status = 200, body = Explanation), (status = 401, body = Problem),
        (status = 422, body = Problem)),
    security(("member" = [])))]
async fn explain_mine(
    State(app): State<App>,
    member: CurrentMember,
    Query(query): Query<ExplainQuery>,
) -> Result<Json<Explanation>> {
    explain(&app, member.id, query.about).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MembersQuery {
    /// Part of the name, phone, e-mail or external id; or a whole member id.
    q: Option<String>,
    /// Only members with this status.
    status: Option<MemberStatus>,
    /// Only members of this tier, by its code.
    tier: Option<String>,
    /// Only members who joined from this instant on.
    joined_from: Option<Timestamp>,
    /// Only members who joined up to and with this instant.
    joined_to: Option<Timestamp>,
    /// Only members who can spend at least this many points.
    points_from: Option<i64>,
    /// Only members who can spend at most this many points.
    points_to: Option<i64>,
    /// Only members whose latest paid order is from this instant on.
    last_order_from: Option<Timestamp>,
    /// Only members whose latest paid order is up to and with this instant.
    last_order_to: Option<Timestamp>,
    /// How the list is sorted; newest members first when absent.
    #[serde(default)]
    sort: MemberSort,
}

impl From<MembersQuery> for MemberFilter {
    fn from(it: MembersQuery) -> Self {
        Self {
            q: it.q,
            status: it.status,
            tier: it.tier,
            joined: (it.joined_from, it.joined_to),
            points: (it.points_from, it.points_to),
            last_order: (it.last_order_from, it.last_order_to),
            sort: it.sort,
        }
    }
}

/// Members, newest first.
#[utoipa::path(get, path = "/api/v1/members", operation_id = "list_members", tag = "members",
    params(MembersQuery, Paging), responses((status = 200, body = Page<MemberRow>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn list_members(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<MembersQuery>,
    paging: Paging,
) -> Result<Json<Page<MemberRow>>> {
    caller.require(READERS, Scope::MembersRead)?;
    Ok(Json(
        service::list(&app, &query.into(), paging.limit, paging.cursor).await?,
    ))
}

const COLUMNS: [&str; 10] = [
    "id",
    "external_id",
    "name",
    "email",
    "phone",
    "status",
    "tier",
    "points_available",
    "joined_at",
    "last_order_at",
];

fn cells(it: MemberRow) -> Vec<Cell> {
    let status = match it.status {
        MemberStatus::Active => "active",
        MemberStatus::Frozen => "frozen",
        MemberStatus::Erased => "erased",
        MemberStatus::Merged => "merged",
    };
    vec![
        Cell::Text(it.id.to_string()),
        Cell::words(it.external_id),
        Cell::words(it.name),
        Cell::words(it.email),
        Cell::words(it.phone),
        Cell::Text(status.to_owned()),
        Cell::Text(it.tier_code),
        Cell::Number(it.points_available),
        Cell::Time(it.joined_at),
        it.last_order_at.map_or(Cell::Empty, Cell::Time),
    ]
}

/// The list of members as a CSV file, with the same filters and in the same order. That it was
/// made is in the audit trail.
#[utoipa::path(get, path = "/api/v1/member_exports", operation_id = "export_members", tag = "members",
    params(MembersQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn export_members(
    State(app): State<App>,
    staff: CurrentStaff,
    Query(query): Query<MembersQuery>,
) -> Result<Response> {
    staff.require_role(READERS)?;
    let filter: MemberFilter = query.into();
    audit::note_export(&app, staff.actor(), "members.exported", &filter).await?;
    let rows =
        service::export(app, filter).map_ok(|rows| rows.into_iter().map(cells).collect::<Vec<_>>());
    download("members", &COLUMNS, rows.boxed())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TimelineQuery {
    /// Only things of this kind.
    kind: Option<TimelineKind>,
}

/// Everything that happened to a member and around it, newest first.
#[utoipa::path(get, path = "/api/v1/members/{member}/timeline", operation_id = "list_member_timeline",
    tag = "members", params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id"),
        TimelineQuery, Paging),
    responses((status = 200, body = Page<TimelineItem>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn list_member_timeline(
    State(app): State<App>,
    staff: CurrentStaff,
    member: ReadableMember,
    Query(query): Query<TimelineQuery>,
    paging: Paging,
) -> Result<Json<Page<TimelineItem>>> {
    staff.require_role(READERS)?;
    Ok(Json(
        timeline::list(&app, member.id, query.kind, paging.limit, paging.cursor).await?,
    ))
}

/// Creates the member with this external id, or changes what is given.
#[utoipa::path(post, path = "/api/v1/members", operation_id = "upsert_member", tag = "members",
    request_body = UpsertMember, responses((status = 200, body = Member), (status = 201, body = Member),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["members:write"])))]
async fn upsert_member(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<UpsertMember>,
) -> Result<(StatusCode, Json<Member>)> {
    caller.require(OPERATORS, Scope::MembersWrite)?;
    let args = (app.clone(), request, caller.actor().to_string());
    let upsert = app.db.write(args, |tx, (app, request, actor)| {
        Box::pin(service::upsert(tx, app, request, actor))
    });
    let (created, member) = upsert.await?;
    Ok((
        if created {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        },
        Json(member),
    ))
}

/// A member's record.
#[utoipa::path(get, path = "/api/v1/members/{member}", operation_id = "get_member", tag = "members",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    responses((status = 200, body = Member), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn get_member(State(app): State<App>, member: ReadableMember) -> Result<Json<Member>> {
    Ok(Json(service::get(app.db.read(), member.id).await?))
}

/// What the member's Home shows.
#[utoipa::path(get, path = "/api/v1/members/{member}/summary", operation_id = "get_member_summary", tag = "members",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    responses((status = 200, body = Summary), (status = 304, description = "Nothing has changed"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn get_member_summary(
    State(app): State<App>,
    member: ReadableMember,
    headers: HeaderMap,
) -> Result<Response> {
    Ok(summary::rendered(&app, member.id).await?.answer(&headers))
}

/// Why a member's balance or tier is what it is.
#[utoipa::path(get, path = "/api/v1/members/{member}/explanations", operation_id = "explain_member_number",
    tag = "members", params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id"),
        ExplainQuery),
    responses((status = 200, body = Explanation), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn explain_member(
    State(app): State<App>,
    member: ReadableMember,
    Query(query): Query<ExplainQuery>,
) -> Result<Json<Explanation>> {
    explain(&app, member.id, query.about).await
}

async fn set_status(
    app: &App,
    member: &ManagedMember,
    status: MemberStatus,
    request: ChangeStatus,
) -> Result<Json<Member>> {
    let args = (member.id, status, request.reason, member.actor.to_string());
    let change = app.db.write(args, |tx, (id, status, reason, actor)| {
        Box::pin(service::set_status(tx, *id, *status, reason, actor))
    });
    Ok(Json(change.await?))
}

/// Freezes a member: may look, but neither spend nor claim, until released.
#[utoipa::path(post, path = "/api/v1/members/{member}/freeze", operation_id = "freeze_member", tag = "members",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    request_body = ChangeStatus, responses((status = 200, body = Member), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["members:write"])))]
async fn freeze_member(
    State(app): State<App>,
    member: ManagedMember,
    Json(request): Json<ChangeStatus>,
) -> Result<Json<Member>> {
    set_status(&app, &member, MemberStatus::Frozen, request).await
}

/// Releases a frozen member.
#[utoipa::path(post, path = "/api/v1/members/{member}/unfreeze", operation_id = "unfreeze_member", tag = "members",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    request_body = ChangeStatus, responses((status = 200, body = Member), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["members:write"])))]
async fn unfreeze_member(
    State(app): State<App>,
    member: ManagedMember,
    Json(request): Json<ChangeStatus>,
) -> Result<Json<Member>> {
    set_status(&app, &member, MemberStatus::Active, request).await
}
