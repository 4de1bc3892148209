//! Codes: typing one in, and making, importing and exporting many.

use super::issue;
use super::templates::lock_template;
use crate::App;
use crate::audit;
use crate::coupons::store::{self, batch, code, coupon, template};
use crate::db::Tx;
use crate::db::text::{DbText, from_json, to_json};
use crate::error::{AppError, Result};
use crate::members::{self, service::MemberFacts};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelTrait, QueryOrder, QuerySelect};
use shared::coupons::api::{BadLine, BatchState, CodeBatch};
use shared::coupons::codes::{self, CODE_SPACE};
use shared::ids::{CodeBatchId, CouponId, CouponTemplateId, MemberId};
use shared::problem::ErrorCode;
use shared::time::Timestamp;
use std::collections::HashSet;

/// Most codes of one batch.
pub const MAX_CODES: i64 = 5_000_000;
/// Codes of one write: others get their turn in between.
const STEP: i64 = 20_000;
/// Bad lines of an import that are kept.
const KEPT_LINES: usize = 1_000;
/// Most batches that a list shows.
const BATCHES_SHOWN: u64 = 100;
/// After how long an import that does not go on was broken off, in milliseconds.
const IMPORT_MS: i64 = 10 * 60_000;

/// What a text leads to that is not a coupon yet.
pub(super) enum Found {
    /// A coupon of this template can be had with it.
    Template(CouponTemplateId),
    /// None, and why.
    Refused(ErrorCode),
}

/// Looks a code up that is not the code of a coupon.
pub(super) async fn find(db: &impl ConnectionTrait, text: &str) -> Result<Found> {
    if text.parse::<CouponId>().is_ok() {
        return Ok(Found::Refused(ErrorCode::CouponNotFound));
    }
    let Some(code) = codes::normalise(text) else {
        return Ok(Found::Refused(ErrorCode::CouponCodeUnknown));
    };
    if codes::is_mistyped(&code) {
        return Ok(Found::Refused(ErrorCode::CouponCodeMistyped));
    }
    if let Some(row) = code::Entity::find_by_id(code.clone()).one(db).await? {
        if row.coupon_id.is_some() {
            return Ok(Found::Refused(ErrorCode::CouponCodeUsed));
        }
        let batch = batch::Entity::find_by_id(row.batch_id).one(db).await?;
        let batch = batch.ok_or_else(|| AppError::internal("a code has no batch"))?;
        return Ok(Found::Template(batch.template_id.into()));
    }
    let public = template::Entity::find().filter(template::Column::PublicCode.eq(code));
    Ok(match public.one(db).await? {
        Some(row) => Found::Template(row.id.into()),
        None => Found::Refused(ErrorCode::CouponCodeUnknown),
    })
}

/// Refuses what is a slip of the finger, before it counts as a guess.
///
/// # Errors
/// `coupons.code_mistyped`.
pub fn refuse_slip(text: &str) -> Result<()> {
    match codes::normalise(text) {
        Some(code) if codes::is_mistyped(&code) => Err(ErrorCode::CouponCodeMistyped.into()),
        _ => Ok(()),
    }
}

/// A member types a code in.
///
/// # Errors
/// `coupons.code_unknown`, `coupons.code_mistyped`, `coupons.code_used`, and what taking a coupon
/// refuses.
pub async fn enter(tx: &Tx, app: &App, member: MemberId, text: &str) -> Result<CouponId> {
    let facts = members::service::lock_active(tx, member).await?;
    enter_locked(tx, app, facts, text).await
}

/// As [`enter`], for a member who is locked.
pub(super) async fn enter_locked(
    tx: &Tx,
    app: &App,
    facts: MemberFacts,
    text: &str,
) -> Result<CouponId> {
    let id = match find(tx, text).await? {
        Found::Template(id) => id,
        Found::Refused(code) => return Err(code.into()),
    };
    let code = codes::normalise(text).ok_or(ErrorCode::CouponCodeUnknown)?;
    let row = lock_template(tx, id).await?;
    if row.public_code.as_deref() == Some(code.as_str()) {
        return issue::take(tx, app, facts, id, issue::By::PublicCode).await;
    }
    // Taken under the template's lock, so that of two who type it in one sees the other.
    let free = code::Entity::find_by_id(code.clone())
        .lock_exclusive()
        .one(tx)
        .await?;
    if free.is_none_or(|it| it.coupon_id.is_some()) {
        return Err(ErrorCode::CouponCodeUsed.into());
    }
    let coupon = issue::take(tx, app, facts, id, issue::By::Code(code.clone())).await?;
    let taken = code::Entity::update_many()
        .col_expr(code::Column::CouponId, Expr::value(coupon.uuid()))
        .filter(code::Column::Code.eq(code))
        .filter(code::Column::CouponId.is_null())
        .exec(tx)
        .await?;
    if taken.rows_affected == 1 {
        Ok(coupon)
    } else {
        Err(ErrorCode::CouponCodeUsed.into())
    }
}

fn view(row: &batch::Model) -> Result<CodeBatch> {
    Ok(CodeBatch {
        id: row.id.into(),
        template_id: row.template_id.into(),
        imported: row.imported,
        wanted: row.wanted,
        made: row.made,
        state: BatchState::from_db(&row.state)?,
        bad_lines: from_json(&row.bad_lines)?,
        bad_count: row.bad_count,
        created_at: Timestamp::from_millis(row.created_at),
        finished_at: row.finished_at.map(Timestamp::from_millis),
    })
}

/// A batch of codes.
///
/// # Errors
/// `coupons.batch_not_found`.
pub async fn batch(db: &impl ConnectionTrait, id: CodeBatchId) -> Result<CodeBatch> {
    let row = batch::Entity::find_by_id(id.uuid()).one(db).await?;
    view(&row.ok_or(ErrorCode::CodeBatchNotFound)?)
}

/// The batches of a template, newest first.
///
/// # Errors
/// `coupons.template_not_found`.
pub async fn batches(db: &impl ConnectionTrait, id: CouponTemplateId) -> Result<Vec<CodeBatch>> {
    super::templates::get(db, id).await?;
    let rows = batch::Entity::find()
        .filter(batch::Column::TemplateId.eq(id.uuid()))
        .order_by_desc(batch::Column::CreatedAt)
        .order_by_desc(batch::Column::Id)
        .limit(BATCHES_SHOWN)
        .all(db)
        .await?;
    rows.iter().map(view).collect()
}

async fn begin(
    tx: &Tx,
    id: CouponTemplateId,
    wanted: i64,
    imported: bool,
    (bad, actor): (&[BadLine], &str),
) -> Result<CodeBatch> {
    lock_template(tx, id).await?;
    let row = batch::Model {
        id: CodeBatchId::generate(&mut tx.ids()).uuid(),
        template_id: id.uuid(),
        imported,
        wanted,
        made: 0,
        state: BatchState::Running.to_db().to_owned(),
        bad_lines: to_json(&&bad[..bad.len().min(KEPT_LINES)])?,
        bad_count: i64::try_from(bad.len()).unwrap_or(i64::MAX),
        created_by: actor.to_owned(),
        created_at: tx.now().as_millis(),
        finished_at: None,
    };
    let active = batch::ActiveModel::from(row.clone()).reset_all();
    batch::Entity::insert(active)
        .exec_without_returning(tx)
        .await?;
    let detail = serde_json::json!({ "batch": CodeBatchId::from(row.id), "count": wanted });
    audit::service::record(tx, actor, "coupon_codes.begun", &id.to_string(), &detail).await?;
    view(&row)
}

/// Asks for many codes; scheduled work makes them.
///
/// # Errors
/// `request.invalid`, `coupons.template_not_found`.
pub async fn make(tx: &Tx, id: CouponTemplateId, count: i64, actor: &str) -> Result<CodeBatch> {
    if !(1..=MAX_CODES).contains(&count) {
        let message = "expected 1 to 5000000";
        return Err(AppError::invalid_field("/count", "out_of_range", message));
    }
    begin(tx, id, count, false, (&[], actor)).await
}

/// Stops a batch; what was made stays.
///
/// # Errors
/// `coupons.batch_not_found`, `coupons.batch_ended`.
pub async fn cancel(tx: &Tx, id: CodeBatchId, actor: &str) -> Result<CodeBatch> {
    let row = batch::Entity::find_by_id(id.uuid())
        .lock_exclusive()
        .one(tx)
        .await?;
    let mut row = row.ok_or(ErrorCode::CodeBatchNotFound)?;
    if row.state != BatchState::Running.to_db() {
        return Err(ErrorCode::CodeBatchEnded.into());
    }
    finish(tx, &mut row, BatchState::Cancelled).await?;
    let detail = serde_json::json!({ "made": row.made });
    audit::service::record(
        tx,
        actor,
        "coupon_codes.cancelled",
        &id.to_string(),
        &detail,
    )
    .await?;
    view(&row)
}

async fn finish(tx: &Tx, row: &mut batch::Model, state: BatchState) -> Result<()> {
    state.to_db().clone_into(&mut row.state);
    row.finished_at = Some(tx.now().as_millis());
    save(tx, row).await
}

async fn save(tx: &Tx, row: &batch::Model) -> Result<()> {
    let active = batch::ActiveModel::from(row.clone()).reset_all();
    active.update(tx).await?;
    Ok(())
}

/// Makes codes of the batch that has waited longest, one write at a time. Answers whether anything
/// is left to do. What one write made and how far the batch got are committed together, so that
/// after a crash it goes on where it was.
///
/// # Errors
/// When the database fails.
pub async fn work(app: &App) -> Result<bool> {
    let running = batch::Entity::find()
        .filter(batch::Column::State.eq(BatchState::Running.to_db()))
        .order_by_asc(batch::Column::CreatedAt)
        .all(app.db.read())
        .await?;
    let now = app.db.now().as_millis();
    for row in running {
        if !row.imported {
            return app.db.write(row.id, |tx, id| Box::pin(step(tx, *id))).await;
        }
        if row.created_at < now - IMPORT_MS {
            app.db
                .write(row.id, |tx, id| Box::pin(break_off(tx, *id)))
                .await?;
        }
    }
    Ok(false)
}

/// Ends an import whose sender went away.
async fn break_off(tx: &Tx, id: Uuid) -> Result<()> {
    let row = batch::Entity::find_by_id(id)
        .lock_exclusive()
        .one(tx)
        .await?;
    match row {
        Some(mut row) if row.state == BatchState::Running.to_db() => {
            finish(tx, &mut row, BatchState::Cancelled).await
        }
        _ => Ok(()),
    }
}

/// One write of codes. The space of codes is cut into as many parts as there are writes, and each
/// takes random ones of its part: as hard to guess as any, and the index grows at its end.
async fn step(tx: &Tx, id: Uuid) -> Result<bool> {
    let row = batch::Entity::find_by_id(id)
        .lock_exclusive()
        .one(tx)
        .await?;
    let Some(mut row) = row.filter(|it| it.state == BatchState::Running.to_db()) else {
        return Ok(true);
    };
    let count = STEP.min(row.wanted - row.made).max(0);
    let place = |made: i64| {
        let exact = i128::from(CODE_SPACE) * i128::from(made) / i128::from(row.wanted.max(1));
        u64::try_from(exact).unwrap_or(CODE_SPACE)
    };
    let (from, to) = (place(row.made), place(row.made + count));
    let mut numbers: Vec<u64> = (0..count)
        .map(|_| from + u64::from_le_bytes(crate::ids::random_bytes()) % (to - from).max(1))
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let codes: Vec<String> = numbers.into_iter().map(codes::code).collect();
    let added = store::add_codes(tx, id, &codes).await?;
    row.made += i64::try_from(added).unwrap_or(0);
    if row.made >= row.wanted {
        finish(tx, &mut row, BatchState::Done).await?;
    } else {
        save(tx, &row).await?;
    }
    Ok(true)
}

/// Takes codes that the shop brings, one a line, a heading allowed. Bad lines are reported and the
/// others taken.
///
/// # Errors
/// `request.invalid` when there is no good line, `coupons.template_not_found`.
pub async fn import(
    app: &App,
    id: CouponTemplateId,
    text: &str,
    actor: String,
) -> Result<CodeBatch> {
    super::templates::get(app.db.read(), id).await?;
    let (lines, mut bad) = read_lines(text);
    if lines.is_empty() {
        let message = "expected a code in every line";
        return Err(AppError::invalid_field("", "invalid", message));
    }
    let wanted = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    let args = (id, wanted, bad.clone(), actor);
    let run = app.db.write(args, |tx, (id, wanted, bad, actor)| {
        Box::pin(begin(tx, *id, *wanted, true, (bad, actor)))
    });
    let made = run.await?;
    let mut lines = lines.into_iter().peekable();
    while lines.peek().is_some() {
        let part: Vec<(i64, String)> = lines.by_ref().take(STEP as usize).collect();
        let taken = app.db.write((made.id, part), |tx, (batch, part)| {
            Box::pin(import_part(tx, *batch, part))
        });
        bad.extend(taken.await?);
    }
    bad.sort_by_key(|it| it.line);
    app.db
        .write((made.id, bad), |tx, (batch, bad)| {
            Box::pin(end_import(tx, *batch, bad))
        })
        .await
}

/// The codes of a file by line, and the lines that hold none.
fn read_lines(text: &str) -> (Vec<(i64, String)>, Vec<BadLine>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, line) in (1..).zip(text.lines()) {
        let cell = line.split([',', ';', '\t']).next().unwrap_or_default();
        let cell = cell.trim().trim_matches('"').trim();
        if cell.is_empty() || (number == 1 && cell.eq_ignore_ascii_case("code")) {
            continue;
        }
        let fault = match codes::normalise(cell) {
            None => "invalid",
            Some(code) if codes::is_mistyped(&code) => "mistyped",
            Some(code) => {
                if seen.insert(code.clone()) {
                    good.push((number, code));
                    continue;
                }
                "duplicate"
            }
        };
        bad.push(BadLine {
            line: number,
            code: fault.to_owned(),
        });
    }
    (good, bad)
}

/// Adds codes; answers the lines of those that somebody has already.
async fn import_part(tx: &Tx, id: CodeBatchId, part: &[(i64, String)]) -> Result<Vec<BadLine>> {
    let mut taken: HashSet<String> = HashSet::new();
    for chunk in part.chunks(1_000) {
        let codes = || chunk.iter().map(|it| it.1.as_str());
        let rows: Vec<String> = code::Entity::find()
            .select_only()
            .column(code::Column::Code)
            .filter(code::Column::Code.is_in(codes()))
            .into_tuple()
            .all(tx)
            .await?;
        taken.extend(rows);
        let rows: Vec<String> = coupon::Entity::find()
            .select_only()
            .column(coupon::Column::Code)
            .filter(coupon::Column::Code.is_in(codes()))
            .into_tuple()
            .all(tx)
            .await?;
        taken.extend(rows);
    }
    let free = part.iter().filter(|it| !taken.contains(&it.1));
    let free: Vec<String> = free.map(|it| it.1.clone()).collect();
    let added = store::add_codes(tx, id.uuid(), &free).await?;
    let row = batch::Entity::find_by_id(id.uuid())
        .lock_exclusive()
        .one(tx)
        .await?;
    let mut row = row.ok_or(ErrorCode::CodeBatchNotFound)?;
    row.made += i64::try_from(added).unwrap_or(0);
    save(tx, &row).await?;
    let lines = part.iter().filter(|it| taken.contains(&it.1));
    Ok(lines
        .map(|it| BadLine {
            line: it.0,
            code: "taken".to_owned(),
        })
        .collect())
}

async fn end_import(tx: &Tx, id: CodeBatchId, bad: &[BadLine]) -> Result<CodeBatch> {
    let row = batch::Entity::find_by_id(id.uuid())
        .lock_exclusive()
        .one(tx)
        .await?;
    let mut row = row.ok_or(ErrorCode::CodeBatchNotFound)?;
    row.bad_lines = to_json(&&bad[..bad.len().min(KEPT_LINES)])?;
    row.bad_count = i64::try_from(bad.len()).unwrap_or(i64::MAX);
    if row.state == BatchState::Running.to_db() {
        finish(tx, &mut row, BatchState::Done).await?;
    } else {
        save(tx, &row).await?;
    }
    view(&row)
}

/// The next part of a batch as CSV, after a code; the code to go on from, none at the end.
///
/// # Errors
/// When the database fails.
pub async fn export_part(
    db: &impl ConnectionTrait,
    id: CodeBatchId,
    after: Option<String>,
) -> Result<(String, Option<String>)> {
    use std::fmt::Write;
    let mut text = String::new();
    if after.is_none() {
        text.push_str("code,used\r\n");
    }
    let rows =
        store::codes_after(db, id.uuid(), after.as_deref().unwrap_or_default(), 5_000).await?;
    let last = rows.last().map(|it| it.code.clone());
    for row in rows {
        let code = csv_cell(&codes::grouped(&row.code));
        let used = if row.coupon_id.is_some() { "yes" } else { "no" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{code},{used}\r\n");
    }
    Ok((text, last))
}

/// A cell of CSV that no spreadsheet takes for a formula.
fn csv_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if formula { "'" } else { "" };
    if formula || text.contains([',', '"', '\n', '\r']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        for (text, cell) in [
            ("2222-2222", "2222-2222"),
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("a,\"b", "\"a,\"\"b\""),
        ] {
            assert_eq!(csv_cell(text), cell);
        }
    }

    #[test]
    fn lines_of_an_import_are_told_apart() {
        let right = codes::code(12_345);
        let mut slip = right.clone();
        slip.replace_range(11.., if right.ends_with('2') { "3" } else { "2" });
        let text =
            format!("\u{feff}Code\r\n{right}\r\n\"save-10\",x\n\nab\n{slip}\n{right}\n=cmd()\n");
        let (good, bad) = read_lines(&text);
        assert_eq!(good, [(2, right), (3, "SAVE10".to_owned())]);
        let bad: Vec<_> = bad.iter().map(|it| (it.line, it.code.as_str())).collect();
        assert_eq!(
            bad,
            [
                (5, "invalid"),
                (6, "mistyped"),
                (7, "duplicate"),
                (8, "invalid")
            ]
        );
    }
}
