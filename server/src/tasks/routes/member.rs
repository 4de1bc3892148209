//! HTTP of one's own tasks and check-ins.

use crate::App;
use crate::auth::{ActiveMember, CurrentMember};
use crate::db::idempotency::Reply;
use crate::error::Result;
use crate::http::extract::{Json, Once, Paging, Path, Query};
use crate::tasks::routes::share::{give_mark, mark_of, new_mark};
use crate::tasks::service;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use shared::ids::{TaskClaimId, TaskId};
use shared::page::Page;
use shared::points::api::Explanation;
use shared::problem::Problem;
use shared::tasks::api::{
    CheckInCalendar, CheckInReceipt, ClaimReceipt, ClaimTask, MakeUp, MemberTask, Nothing,
    ShareLink, TaskBoard, TaskClaim,
};
use shared::time::Day;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_my_tasks))
        .routes(routes!(list_my_claims))
        .routes(routes!(explain_my_claim))
        .routes(routes!(claim_my_task))
        .routes(routes!(join_my_task))
        .routes(routes!(make_my_link))
        .routes(routes!(explain_my_task))
        .routes(routes!(get_my_calendar, check_me_in))
        .routes(routes!(make_up_for_me))
}

/// One's own tasks, what can be claimed first, with the day that it is for oneself.
#[utoipa::path(get, path = "/api/v1/me/tasks", operation_id = "list_my_tasks", tag = "me",
    responses((status = 200, body = TaskBoard), (status = 401, body = Problem)), security(("member" = [])))]
async fn list_my_tasks(State(app): State<App>, member: CurrentMember) -> Result<Json<TaskBoard>> {
    Ok(Json(service::board(&app, member.id).await?))
}

/// What one was given for tasks, newest first.
#[utoipa::path(get, path = "/api/v1/me/task_claims", operation_id = "list_my_task_claims", tag = "me", params(Paging),
    responses((status = 200, body = Page<TaskClaim>), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 422, body = Problem)), security(("member" = [])))]
async fn list_my_claims(
    State(app): State<App>,
    member: CurrentMember,
    paging: Paging,
) -> Result<Json<Page<TaskClaim>>> {
    Ok(Json(
        service::history(&app, member.id, paging.limit, paging.cursor).await?,
    ))
}

/// Asks for the reward of a task.
#[utoipa::path(post, path = "/api/v1/me/tasks/{task}/claims", operation_id = "claim_my_task", tag = "me",
    params(("task" = TaskId, Path), ("Idempotency-Key" = String, Header)), request_body = ClaimTask,
    responses((status = 201, body = ClaimReceipt), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)),
    security(("member" = ["active"])))]
async fn claim_my_task(
    State(app): State<App>,
    member: ActiveMember,
    Path(task): Path<TaskId>,
    Once(intent, request): Once<ClaimTask>,
) -> Result<Reply> {
    let args = (app.clone(), member.id, task, request.period_key);
    let run = app
        .db
        .write_once(intent, args, |tx, (app, member, task, period)| {
            Box::pin(async move {
                let receipt =
                    service::claim_with_receipt(tx, app, *member, *task, period.as_deref()).await?;
                Ok::<(u16, ClaimReceipt), _>((201, receipt))
            })
        });
    run.await
}

/// Takes part in a task that asks for it. Joining again changes nothing.
#[utoipa::path(post, path = "/api/v1/me/tasks/{task}/join", operation_id = "join_my_task", tag = "me",
    params(("task" = TaskId, Path)), request_body = Nothing,
    responses((status = 200, body = MemberTask), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("member" = ["active"])))]
async fn join_my_task(
    State(app): State<App>,
    member: ActiveMember,
    Path(task): Path<TaskId>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Json<MemberTask>> {
    let args = (app.clone(), member.id, task);
    let run = app.db.write(args, |tx, (app, member, task)| {
        Box::pin(async move {
            service::join(tx, app, *member, *task).await?;
            service::member_task(tx, app, *member, *task, None, tx.now()).await
        })
    });
    Ok(Json(run.await?))
}

/// One's own link of a share task, made on first asking.
#[utoipa::path(post, path = "/api/v1/me/tasks/{task}/link", operation_id = "make_my_link", tag = "me",
    params(("task" = TaskId, Path)), request_body = Nothing,
    responses((status = 200, body = ShareLink), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("member" = ["active"])))]
async fn make_my_link(
    State(app): State<App>,
    member: ActiveMember,
    Path(task): Path<TaskId>,
    headers: HeaderMap,
    Json(Nothing {}): Json<Nothing>,
) -> Result<(HeaderMap, Json<ShareLink>)> {
    // The member's own browser is marked, so that its visits are known.
    let mark = mark_of(&headers).unwrap_or_else(new_mark);
    let mut marked = HeaderMap::new();
    give_mark(&mut marked, &mark, app.config.is_https());
    let args = (app.clone(), member.id, task, mark);
    let run = app.db.write(args, |tx, (app, member, task, mark)| {
        Box::pin(service::link_of(tx, app, *member, *task, mark))
    });
    Ok((marked, Json(run.await?)))
}

/// Why one's own task is where it is.
#[utoipa::path(get, path = "/api/v1/me/tasks/{task}/explanations", operation_id = "explain_my_task", tag = "me",
    params(("task" = TaskId, Path)), responses((status = 200, body = Explanation), (status = 401, body = Problem),
        (status = 404, body = Problem)), security(("member" = [])))]
async fn explain_my_task(
    State(app): State<App>,
    member: CurrentMember,
    Path(task): Path<TaskId>,
) -> Result<Json<Explanation>> {
    Ok(Json(service::explain(&app, member.id, task).await?))
}

/// Why one was rewarded for a task, and what a refund would undo.
#[utoipa::path(get, path = "/api/v1/me/task_claims/{claim}/explanations", operation_id = "explain_my_task_claim",
    tag = "me", params(("claim" = TaskClaimId, Path)), responses((status = 200, body = Explanation),
        (status = 401, body = Problem), (status = 404, body = Problem)), security(("member" = [])))]
async fn explain_my_claim(
    State(app): State<App>,
    member: CurrentMember,
    Path(claim): Path<TaskClaimId>,
) -> Result<Json<Explanation>> {
    Ok(Json(service::explain_claim(&app, member.id, claim).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct MonthQuery {
    /// A day of the month; the present month when absent.
    pub(super) month: Option<Day>,
}

/// A month of one's own check-ins, with the day that it is for oneself.
#[utoipa::path(get, path = "/api/v1/me/check_ins", operation_id = "get_my_check_ins", tag = "me", params(MonthQuery),
    responses((status = 200, body = CheckInCalendar), (status = 401, body = Problem), (status = 422, body = Problem)),
    security(("member" = [])))]
async fn get_my_calendar(
    State(app): State<App>,
    member: CurrentMember,
    Query(query): Query<MonthQuery>,
) -> Result<Json<CheckInCalendar>> {
    Ok(Json(service::calendar(&app, member.id, query.month).await?))
}

/// Checks in for the day that it is for oneself.
#[utoipa::path(post, path = "/api/v1/me/check_ins", operation_id = "check_me_in", tag = "me",
    params(("Idempotency-Key" = String, Header)), request_body = Nothing,
    responses((status = 201, body = CheckInReceipt), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("member" = ["active"])))]
async fn check_me_in(
    State(app): State<App>,
    member: ActiveMember,
    Once(intent, Nothing {}): Once<Nothing>,
) -> Result<Reply> {
    let run = app
        .db
        .write_once(intent, (app.clone(), member.id), |tx, (app, member)| {
            Box::pin(async move { Ok((201, service::check_in(tx, app, *member).await?)) })
        });
    run.await
}

/// Makes up for a missed day with a card.
#[utoipa::path(post, path = "/api/v1/me/make_ups", operation_id = "make_up_for_my_day", tag = "me",
    params(("Idempotency-Key" = String, Header)), request_body = MakeUp,
    responses((status = 201, body = CheckInReceipt), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("member" = ["active"])))]
async fn make_up_for_me(
    State(app): State<App>,
    member: ActiveMember,
    Once(intent, request): Once<MakeUp>,
) -> Result<Reply> {
    let args = (app.clone(), member.id, request.day);
    let run = app.db.write_once(intent, args, |tx, (app, member, day)| {
        Box::pin(async move { Ok((201, service::make_up(tx, app, *member, *day).await?)) })
    });
    run.await
}
