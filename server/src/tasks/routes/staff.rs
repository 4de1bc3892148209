//! HTTP of tasks for staff and the shop's systems.

use super::member::MonthQuery;
use crate::App;
use crate::auth::{Caller, CurrentStaff, OPERATORS, READERS};
use crate::error::Result;
use crate::http::extract::{IfMatch, Json, Paging, Path, Query};
use crate::members::routes::{ManagedMember, ReadableMember};
use crate::programme;
use crate::tasks::service::{self, Change};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::ids::TaskId;
use shared::page::Page;
use shared::problem::Problem;
use shared::staff::Scope;
use shared::tasks::api::{
    CheckInCalendar, CheckInPlanVersion, DeclareOutage, MemberTags, Nothing, Outage,
    SharePolicyVersion, Task, TaskBoard, TaskEvent, TaskEventResult, TaskForecast, TaskReport,
};
use shared::tasks::check_in::CheckInPlan;
use shared::tasks::share::SharePolicy;
use shared::tasks::{TaskDefinition, TaskState};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_tasks, create_task))
        .routes(routes!(get_task, update_task))
        .routes(routes!(pause_task))
        .routes(routes!(resume_task))
        .routes(routes!(end_task))
        .routes(routes!(clone_task))
        .routes(routes!(report_task))
        .routes(routes!(simulate_task))
        .routes(routes!(send_event))
        .routes(routes!(get_plan, set_plan))
        .routes(routes!(list_outages, declare_outage))
        .routes(routes!(get_share_policy, set_share_policy))
        .routes(routes!(list_member_tasks))
        .routes(routes!(get_member_calendar))
        .routes(routes!(get_tags, set_tags))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TasksQuery {
    /// Only tasks in this state.
    state: Option<TaskState>,
}

/// Tasks, newest first.
#[utoipa::path(get, path = "/api/v1/tasks", operation_id = "list_tasks", tag = "tasks", params(TasksQuery, Paging),
    responses((status = 200, body = Page<Task>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["tasks:write"])))]
async fn list_tasks(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<TasksQuery>,
    paging: Paging,
) -> Result<Json<Page<Task>>> {
    caller.require(READERS, Scope::TasksWrite)?;
    Ok(Json(
        service::list(&app, query.state, paging.limit, paging.cursor).await?,
    ))
}

fn tagged(status: StatusCode, task: Task) -> Response {
    let tag = format!("\"{}\"", task.version);
    (status, [(ETAG, tag)], Json(task)).into_response()
}

/// Makes a task. It runs from its start on.
#[utoipa::path(post, path = "/api/v1/tasks", operation_id = "create_task", tag = "tasks", request_body = TaskDefinition,
    responses((status = 201, body = Task), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["tasks:write"])))]
async fn create_task(
    State(app): State<App>,
    caller: Caller,
    Json(definition): Json<TaskDefinition>,
) -> Result<Response> {
    caller.require(OPERATORS, Scope::TasksWrite)?;
    let args = (app.clone(), definition, caller.actor().to_string());
    let run = app.db.write(args, |tx, (app, definition, actor)| {
        Box::pin(service::create(tx, app, definition, actor))
    });
    let task = run.await?;
    app.db.forget_all();
    Ok(tagged(StatusCode::CREATED, task))
}

/// A task. Its `ETag` is what `If-Match` of an edit names.
#[utoipa::path(get, path = "/api/v1/tasks/{task}", operation_id = "get_task", tag = "tasks",
    params(("task" = TaskId, Path)), responses((status = 200, body = Task), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["tasks:write"])))]
async fn get_task(
    State(app): State<App>,
    caller: Caller,
    Path(task): Path<TaskId>,
) -> Result<Response> {
    caller.require(READERS, Scope::TasksWrite)?;
    Ok(tagged(
        StatusCode::OK,
        service::get(app.db.read(), task).await?,
    ))
}

/// Changes what a task says. What members have done stays.
#[utoipa::path(put, path = "/api/v1/tasks/{task}", operation_id = "update_task", tag = "tasks",
    params(("task" = TaskId, Path), ("If-Match" = String, Header)), request_body = TaskDefinition,
    responses((status = 200, body = Task), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem),
        (status = 422, body = Problem), (status = 428, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["tasks:write"])))]
async fn update_task(
    State(app): State<App>,
    caller: Caller,
    Path(task): Path<TaskId>,
    seen: IfMatch,
    Json(definition): Json<TaskDefinition>,
) -> Result<Response> {
    caller.require(OPERATORS, Scope::TasksWrite)?;
    let version = service::get(app.db.read(), task).await?.version;
    seen.require(&version.to_string())?;
    let args = (
        app.clone(),
        task,
        definition,
        version,
        caller.actor().to_string(),
    );
    let run = app
        .db
        .write(args, |tx, (app, task, definition, version, actor)| {
            Box::pin(service::update(tx, app, *task, definition, *version, actor))
        });
    let task = run.await?;
    app.db.forget_all();
    Ok(tagged(StatusCode::OK, task))
}

async fn change(app: &App, caller: &Caller, task: TaskId, change: Change) -> Result<Response> {
    caller.require(OPERATORS, Scope::TasksWrite)?;
    let args = (task, change, caller.actor().to_string());
    let run = app.db.write(args, |tx, (task, change, actor)| {
        Box::pin(service::change(tx, *task, *change, actor))
    });
    let task = run.await?;
    app.db.forget_all();
    Ok(tagged(StatusCode::OK, task))
}

/// Gives nothing for a task until it is resumed; what members do still counts.
#[utoipa::path(post, path = "/api/v1/tasks/{task}/pause", operation_id = "pause_task", tag = "tasks",
    params(("task" = TaskId, Path)), request_body = Nothing, responses((status = 200, body = Task),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["tasks:write"])))]
async fn pause_task(
    State(app): State<App>,
    caller: Caller,
    Path(task): Path<TaskId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response> {
    change(&app, &caller, task, Change::Pause).await
}

/// Gives rewards for a task again.
#[utoipa::path(post, path = "/api/v1/tasks/{task}/resume", operation_id = "resume_task", tag = "tasks",
    params(("task" = TaskId, Path)), request_body = Nothing, responses((status = 200, body = Task),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["tasks:write"])))]
async fn resume_task(
    State(app): State<App>,
    caller: Caller,
    Path(task): Path<TaskId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response> {
    change(&app, &caller, task, Change::Resume).await
}

/// Ends a task for good: nothing counts any more, and rewards can be claimed for as many days as it says.
#[utoipa::path(post, path = "/api/v1/tasks/{task}/end", operation_id = "end_task", tag = "tasks",
    params(("task" = TaskId, Path)), request_body = Nothing, responses((status = 200, body = Task),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["tasks:write"])))]
async fn end_task(
    State(app): State<App>,
    caller: Caller,
    Path(task): Path<TaskId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response> {
    change(&app, &caller, task, Change::End).await
}

/// Makes a task that says the same, from now on.
#[utoipa::path(post, path = "/api/v1/tasks/{task}/clone", operation_id = "clone_task", tag = "tasks",
    params(("task" = TaskId, Path)), request_body = Nothing, responses((status = 201, body = Task),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["tasks:write"])))]
async fn clone_task(
    State(app): State<App>,
    caller: Caller,
    Path(task): Path<TaskId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response> {
    caller.require(OPERATORS, Scope::TasksWrite)?;
    let args = (app.clone(), task, caller.actor().to_string());
    let run = app.db.write(args, |tx, (app, task, actor)| {
        Box::pin(service::clone_task(tx, app, *task, actor))
    });
    let task = run.await?;
    app.db.forget_all();
    Ok(tagged(StatusCode::CREATED, task))
}

/// What a task has brought and cost.
#[utoipa::path(get, path = "/api/v1/tasks/{task}/report", operation_id = "get_task_report", tag = "tasks",
    params(("task" = TaskId, Path)), responses((status = 200, body = TaskReport), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["tasks:write"])))]
async fn report_task(
    State(app): State<App>,
    caller: Caller,
    Path(task): Path<TaskId>,
) -> Result<Json<TaskReport>> {
    caller.require(READERS, Scope::TasksWrite)?;
    Ok(Json(service::report(&app, task).await?))
}

/// What a task would have cost had it run in the last thirty days, without anything being kept.
#[utoipa::path(post, path = "/api/v1/simulations/tasks", operation_id = "simulate_task", tag = "simulations",
    request_body = TaskDefinition, responses((status = 200, body = TaskForecast), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["tasks:write"])))]
async fn simulate_task(
    State(app): State<App>,
    caller: Caller,
    Json(definition): Json<TaskDefinition>,
) -> Result<Json<TaskForecast>> {
    caller.require(READERS, Scope::TasksWrite)?;
    Ok(Json(service::forecast(&app, &definition).await?))
}

/// Reports what counts for tasks: a review, or an event of the shop's own. The event's own id makes
/// it safe to send again.
#[utoipa::path(post, path = "/api/v1/task_events", operation_id = "send_task_event", tag = "tasks",
    request_body = TaskEvent, responses((status = 200, body = TaskEventResult, description = "Seen before"),
        (status = 201, body = TaskEventResult, description = "It took effect"), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["tasks:write"])))]
async fn send_event(
    State(app): State<App>,
    caller: Caller,
    Json(event): Json<TaskEvent>,
) -> Result<(StatusCode, Json<TaskEventResult>)> {
    caller.require(OPERATORS, Scope::TasksWrite)?;
    let args = (app.clone(), event, caller.actor().to_string());
    let run = app.db.write(args, |tx, (app, event, actor)| {
        Box::pin(service::take_event(tx, app, event, actor))
    });
    let result = run.await?;
    let status = if result.duplicate {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(result)))
}

/// What checking in gives. Its `ETag` is what `If-Match` of an edit names.
#[utoipa::path(get, path = "/api/v1/check_in_plan", operation_id = "get_check_in_plan", tag = "tasks",
    responses((status = 200, body = CheckInPlanVersion), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn get_plan(State(app): State<App>, staff: CurrentStaff) -> Result<Response> {
    staff.require_role(READERS)?;
    let found = app.rulebook().check_in.clone();
    let tag = format!("\"{}\"", found.version);
    Ok(([(ETAG, tag)], Json(found)).into_response())
}

/// Changes what checking in gives, from now on.
#[utoipa::path(put, path = "/api/v1/check_in_plan", operation_id = "set_check_in_plan", tag = "tasks",
    params(("If-Match" = String, Header)), request_body = CheckInPlan,
    responses((status = 200, body = CheckInPlanVersion), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn set_plan(
    State(app): State<App>,
    staff: CurrentStaff,
    seen: IfMatch,
    Json(plan): Json<CheckInPlan>,
) -> Result<Response> {
    staff.require_role(OPERATORS)?;
    let version = app.rulebook().check_in.version;
    seen.require(&version.to_string())?;
    let actor = staff.actor().to_string();
    let changed = programme::service::set_check_in_plan(&app, plan, version, actor).await?;
    let tag = format!("\"{}\"", changed.version);
    Ok(([(ETAG, tag)], Json(changed)).into_response())
}

/// Days on which check-in did not work, the newest first.
#[utoipa::path(get, path = "/api/v1/check_in_outages", operation_id = "list_check_in_outages", tag = "tasks",
    responses((status = 200, body = Vec<Outage>), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn list_outages(State(app): State<App>, staff: CurrentStaff) -> Result<Json<Vec<Outage>>> {
    staff.require_role(READERS)?;
    Ok(Json(service::outages(&app).await?))
}

/// Declares days on which check-in did not work: they end nobody's streak.
#[utoipa::path(post, path = "/api/v1/check_in_outages", operation_id = "declare_check_in_outage", tag = "tasks",
    request_body = DeclareOutage, responses((status = 201, body = Outage), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn declare_outage(
    State(app): State<App>,
    staff: CurrentStaff,
    Json(request): Json<DeclareOutage>,
) -> Result<(StatusCode, Json<Outage>)> {
    staff.require_role(OPERATORS)?;
    let args = (request, staff.actor().to_string());
    let run = app.db.write(args, |tx, (request, actor)| {
        Box::pin(service::declare_outage(tx, request, actor))
    });
    let outage = run.await?;
    app.db.forget_all();
    Ok((StatusCode::CREATED, Json(outage)))
}

/// What may be paid for on which channel. Its `ETag` is what `If-Match` of an edit names.
#[utoipa::path(get, path = "/api/v1/share_policy", operation_id = "get_share_policy", tag = "tasks",
    responses((status = 200, body = SharePolicyVersion), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"])))]
async fn get_share_policy(State(app): State<App>, staff: CurrentStaff) -> Result<Response> {
    staff.require_role(READERS)?;
    let found = app.rulebook().share.clone();
    let tag = format!("\"{}\"", found.version);
    Ok(([(ETAG, tag)], Json(found)).into_response())
}

/// Changes what may be paid for on which channel, from now on.
#[utoipa::path(put, path = "/api/v1/share_policy", operation_id = "set_share_policy", tag = "tasks",
    params(("If-Match" = String, Header)), request_body = SharePolicy,
    responses((status = 200, body = SharePolicyVersion), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)),
    security(("staff" = ["admin", "operator"])))]
async fn set_share_policy(
    State(app): State<App>,
    staff: CurrentStaff,
    seen: IfMatch,
    Json(policy): Json<SharePolicy>,
) -> Result<Response> {
    staff.require_role(OPERATORS)?;
    let version = app.rulebook().share.version;
    seen.require(&version.to_string())?;
    let actor = staff.actor().to_string();
    let changed = programme::service::set_share_policy(&app, policy, version, actor).await?;
    let tag = format!("\"{}\"", changed.version);
    Ok(([(ETAG, tag)], Json(changed)).into_response())
}

/// A member's tasks, as the member sees them.
#[utoipa::path(get, path = "/api/v1/members/{member}/tasks", operation_id = "list_member_tasks", tag = "tasks",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    responses((status = 200, body = TaskBoard), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn list_member_tasks(
    State(app): State<App>,
    member: ReadableMember,
) -> Result<Json<TaskBoard>> {
    Ok(Json(service::board(&app, member.id).await?))
}

/// A month of a member's check-ins.
#[utoipa::path(get, path = "/api/v1/members/{member}/check_ins", operation_id = "get_member_check_ins", tag = "tasks",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id"), MonthQuery),
    responses((status = 200, body = CheckInCalendar), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn get_member_calendar(
    State(app): State<App>,
    member: ReadableMember,
    Query(query): Query<MonthQuery>,
) -> Result<Json<CheckInCalendar>> {
    Ok(Json(service::calendar(&app, member.id, query.month).await?))
}

/// A member's tags.
#[utoipa::path(get, path = "/api/v1/members/{member}/tags", operation_id = "get_member_tags", tag = "members",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    responses((status = 200, body = MemberTags), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("staff" = ["admin", "operator", "auditor"]), ("api_key" = ["members:read"])))]
async fn get_tags(State(app): State<App>, member: ReadableMember) -> Result<Json<MemberTags>> {
    let tags = service::tags_of(app.db.read(), member.id).await?;
    Ok(Json(MemberTags { tags }))
}

/// Sets all tags of a member.
#[utoipa::path(put, path = "/api/v1/members/{member}/tags", operation_id = "set_member_tags", tag = "members",
    params(("member" = String, Path, description = "`mem_…`, or `ext:` and the shop's customer id")),
    request_body = MemberTags, responses((status = 200, body = MemberTags), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("staff" = ["admin", "operator"]), ("api_key" = ["members:write"])))]
async fn set_tags(
    State(app): State<App>,
    member: ManagedMember,
    Json(request): Json<MemberTags>,
) -> Result<Json<MemberTags>> {
    let args = (member.id, request.tags, member.actor.to_string());
    let run = app.db.write(args, |tx, (member, tags, actor)| {
        Box::pin(service::set_tags(tx, *member, tags, actor))
    });
    Ok(Json(MemberTags { tags: run.await? }))
}
