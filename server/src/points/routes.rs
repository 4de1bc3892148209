//! HTTP of points and store credit.

use super::service::{self, Adjust, Decide, Spend};
use super::views::{self, EntryFilter, LotFilter};
use crate::App;
use crate::auth::{Caller, CurrentMember, CurrentStaff, OPERATORS, READERS};
use crate::db::idempotency::Reply;
use crate::error::{AppError, Result};
use crate::http::extract::{Json, Once, Paging, Path, Query};
use crate::members::routes::{PointsMember, ReadableMember};
use crate::members::service::resolve;
use crate::names;
use axum::extract::State;
use serde::Deserialize;
use shared::ids::{AdjustmentId, EntryId, MemberId};
use shared::page::Page;
use shared::points::api::{
    AdjustPoints, Adjustment, AdjustmentState, Books, DecideAdjustment, Entry, Explanation,
    LotView, PolicyTrial, SpendPoints, SpendReceipt, TryPolicy,
};
use shared::points::{Asset, EntryKind};
use shared::problem::Problem;
use shared::staff::Scope;
use shared::time::Timestamp;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Routes of this feature.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_my_entries))
        .routes(routes!(explain_my_entry))
        .routes(routes!(list_my_lots))
        .routes(routes!(list_member_entries))
        .routes(routes!(explain_member_entry))
        .routes(routes!(list_member_lots))
        .routes(routes!(adjust_points))
        .routes(routes!(spend_points))
        .routes(routes!(simulate_spend))
        .routes(routes!(list_adjustments))
        .routes(routes!(decide_adjustment))
        .routes(routes!(get_books))
        .routes(routes!(try_policy))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EntriesQuery {
    /// Only this asset.
    asset: Option<Asset>,
    /// Only this kind.
    kind: Option<EntryKind>,
    /// From this instant on.
    from: Option<Timestamp>,
    /// Up to and with this instant.
    to: Option<Timestamp>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LotsQuery {
    /// Only this asset.
    asset: Option<Asset>,
    /// Only lots that are not empty.
    #[serde(default)]
    open: bool,
    /// Only lots that end in this month of the member, such as `2027-06`.
    ends_in: Option<String>,
}

async fn entries(
    app: &App,
    member: MemberId,
    query: EntriesQuery,
    paging: Paging,
) -> Result<Json<Page<Entry>>> {
    let filter = EntryFilter {
        asset: query.asset,
        kind: query.kind,
        from: query.from,
        to: query.to,
    };
    Ok(Json(
        views::entries(app, member, &filter, paging.limit, paging.cursor).await?,
    ))
}

async fn lots(
    app: &App,
    member: MemberId,
    query: LotsQuery,
    paging: Paging,
) -> Result<Json<Page<LotView>>> {
    let ends = match &query.ends_in {
        Some(month) => Some(views::month_of(app, member, month).await?),
        None => None,
    };
    let filter = LotFilter {
        asset: query.asset,
        open: query.open,
        ends,
    };
    Ok(Json(
        views::lots(app, member, filter, paging.limit, paging.cursor).await?,
    ))
}

/// One's own ledger, newest first.
#[utoipa::path(get, path = "/api/v1/me/points/entries", operation_id = "list_my_entries", tag = "me",
    params(EntriesQuery, Paging), responses((status = 200, body = Page<Entry>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 422, body = Problem)),
    security(("member" = [])))]
async fn list_my_entries(
    State(app): State<App>,
    member: CurrentMember,
    Query(query): Query<EntriesQuery>,
    paging: Paging,
) -> Result<Json<Page<Entry>>> {
    entries(&app, member.id, query, paging).await
}

/// Why a row of one's own ledger is what it is.
#[utoipa::path(get, path = "/api/v1/me/points/entries/{entry}/explanations", operation_id = "explain_my_entry",
    tag = "me", params(("entry" = EntryId, Path)), responses((status = 200, body = Explanation),
        (status = 401, body = Problem), (status = 404, body = Problem)),
    security(("member" = [])))]
async fn explain_my_entry(
    State(app): State<App>,
    member: CurrentMember,
    Path(entry): Path<EntryId>,
) -> Result<Json<Explanation>> {
    Ok(Json(views::explain_one(&app, member.id, entry).await?))
}

/// One's own lots, the one that ends first first.
#[utoipa::path(get, path = "/api/v1/me/points/lots", operation_id = "list_my_lots", tag = "me",
    params(LotsQuery, Paging), responses((status = 200, body = Page<LotView>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 422, body = Problem)),
    security(("member" = [])))]
async fn list_my_lots(
    State(app): State<App>,
    member: CurrentMember,
    Query(query): Query<LotsQuery>,
    paging: Paging,
) -> Result<Json<Page<LotView>>> {
    lots(&app, member.id, query, paging).await
}

/// A member's ledger, newest first.
#[utoipa::path(get, path = "/api/v1/members/{member}/points/entries", operation_id = "list_member_entries",
    tag = "points", params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id"),
        EntriesQuery, Paging),
    responses((status = 200, body = Page<Entry>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn list_member_entries(
    State(app): State<App>,
    member: ReadableMember,
    Query(query): Query<EntriesQuery>,
    paging: Paging,
) -> Result<Json<Page<Entry>>> {
    let mut page = entries(&app, member.id, query, paging).await?.0;
    names::of_entries(&app, &mut page.data).await?;
    Ok(Json(page))
}

#[derive(Deserialize)]
struct MemberEntry {
    entry: EntryId,
}

/// Why a row of a member's ledger is what it is.
#[utoipa::path(get, path = "/api/v1/members/{member}/points/entries/{entry}/explanations",
    operation_id = "explain_member_entry", tag = "points",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id"),
        ("entry" = EntryId, Path)),
    responses((status = 200, body = Explanation), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn explain_member_entry(
    State(app): State<App>,
    member: ReadableMember,
    Path(path): Path<MemberEntry>,
) -> Result<Json<Explanation>> {
    Ok(Json(views::explain_one(&app, member.id, path.entry).await?))
}

/// A member's lots, the one that ends first first.
#[utoipa::path(get, path = "/api/v1/members/{member}/points/lots", operation_id = "list_member_lots", tag = "points",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id"), LotsQuery, Paging),
    responses((status = 200, body = Page<LotView>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn list_member_lots(
    State(app): State<App>,
    member: ReadableMember,
    Query(query): Query<LotsQuery>,
    paging: Paging,
) -> Result<Json<Page<LotView>>> {
    lots(&app, member.id, query, paging).await
}

/// Changes a balance by hand. Above the limit of the rules it waits for a second person.
#[utoipa::path(post, path = "/api/v1/members/{member}/points/adjustments", operation_id = "adjust_points",
    tag = "points", params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id"),
        ("Idempotency-Key" = String, Header)), request_body = AdjustPoints,
    responses((status = 201, body = Adjustment), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["points:write"])))]
async fn adjust_points(
    State(app): State<App>,
    member: PointsMember,
    Once(intent, request): Once<AdjustPoints>,
) -> Result<Reply> {
    let command = Adjust {
        member: member.id,
        request,
        actor: member.actor,
    };
    let run = app
        .db
        .write_once(intent, (app.clone(), command), |tx, (app, command)| {
            Box::pin(async move { Ok((201, service::adjust(tx, app, command).await?)) })
        });
    run.await
}

/// Spends points or credit on an order at checkout. A refund of the order gives them back.
#[utoipa::path(post, path = "/api/v1/members/{member}/points/spends", operation_id = "spend_points", tag = "points",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id"),
        ("Idempotency-Key" = String, Header)), request_body = SpendPoints,
    responses((status = 201, body = SpendReceipt), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["points:write"])))]
async fn spend_points(
    State(app): State<App>,
    member: PointsMember,
    Once(intent, request): Once<SpendPoints>,
) -> Result<Reply> {
    let command = Spend {
        member: member.id,
        request,
        actor: member.actor.to_string(),
    };
    let run = app
        .db
        .write_once(intent, (app.clone(), command), |tx, (app, command)| {
            Box::pin(async move { Ok((201, service::spend(tx, app, command).await?)) })
        });
    run.await
}

/// A spend to try.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SimulateSpend {
    /// Whose balance: `mem_…`, or `ext:` and the shop's customer id.
    member: String,
    /// The spend.
    spend: SpendPoints,
}

/// What a spend would do, by the same rules, without anything being kept.
#[utoipa::path(post, path = "/api/v1/simulations/spend", operation_id = "simulate_spend", tag = "simulations",
    request_body = SimulateSpend, responses((status = 200, body = SpendReceipt), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn simulate_spend(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<SimulateSpend>,
) -> Result<Json<SpendReceipt>> {
    caller.require(READERS, Scope::MembersRead)?;
    let member = resolve(app.db.read(), &request.member).await?;
    let command = Spend {
        member,
        request: request.spend,
        actor: caller.actor().to_string(),
    };
    Ok(Json(service::simulate_spend(&app, command).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AdjustmentsQuery {
    /// Only adjustments in this state; `waiting` when absent.
    state: Option<AdjustmentState>,
}

/// Manual adjustments, newest first: by default those that wait for a second person.
#[utoipa::path(get, path = "/api/v1/adjustments", operation_id = "list_adjustments", tag = "points",
    params(AdjustmentsQuery, Paging), responses((status = 200, body = Page<Adjustment>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn list_adjustments(
    State(app): State<App>,
    staff: CurrentStaff,
    Query(query): Query<AdjustmentsQuery>,
    paging: Paging,
) -> Result<Json<Page<Adjustment>>> {
    staff.require_role(READERS)?;
    let state = query.state.unwrap_or(AdjustmentState::Waiting);
    let mut page = service::waiting(&app, state, paging.limit, paging.cursor).await?;
    names::of_adjustments(&app, &mut page.data).await?;
    Ok(Json(page))
}

/// Approves or rejects an adjustment that waits. Whoever asked for it cannot decide it.
#[utoipa::path(post, path = "/api/v1/adjustments/{adjustment}/decisions", operation_id = "decide_adjustment",
    tag = "points", params(("adjustment" = AdjustmentId, Path), ("Idempotency-Key" = String, Header)),
    request_body = DecideAdjustment, responses((status = 200, body = Adjustment), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn decide_adjustment(
    State(app): State<App>,
    staff: CurrentStaff,
    Path(adjustment): Path<AdjustmentId>,
    Once(intent, request): Once<DecideAdjustment>,
) -> Result<Reply, AppError> {
    staff.require_role(OPERATORS)?;
    let command = Decide {
        adjustment,
        approve: request.approve,
        staff: staff.id,
    };
    let run = app
        .db
        .write_once(intent, (app.clone(), command), |tx, (app, command)| {
            Box::pin(async move { Ok((200, service::decide(tx, app, command).await?)) })
        });
    run.await
}

/// The books: what members hold against the counter-accounts.
#[utoipa::path(get, path = "/api/v1/books", operation_id = "get_books", tag = "points",
    responses((status = 200, body = Books), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn get_books(State(app): State<App>, staff: CurrentStaff) -> Result<Json<Books>> {
    staff.require_role(READERS)?;
    Ok(Json(views::books(app.db.read()).await?))
}

/// What points rules would have paid for the orders of the last days, beside what was paid. Nothing
/// is kept.
#[utoipa::path(post, path = "/api/v1/points_policy/trials", operation_id = "try_points_policy", tag = "points",
    request_body = TryPolicy, responses((status = 200, body = PolicyTrial), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn try_policy(
    State(app): State<App>,
    staff: CurrentStaff,
    Json(request): Json<TryPolicy>,
) -> Result<Json<PolicyTrial>> {
    staff.require_role(READERS)?;
    Ok(Json(service::try_policy(&app, &request).await?))
}
