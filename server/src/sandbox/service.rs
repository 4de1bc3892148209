//! Moving the clock of a demo, and finding it where it was left.

use crate::error::{AppError, Result};
use crate::{App, audit, auth, db::Db, jobs};
use shared::problem::ErrorCode;
use shared::sandbox::{MAX_AHEAD_S, MAX_STEP_S, SandboxClock};

/// Where it is kept how far ahead the clock is, in seconds.
const AHEAD: &str = "sandbox_ahead_s";

async fn ahead_s(db: &Db) -> Result<i64> {
    let kept = auth::setting(db.read(), AHEAD).await?;
    kept.map_or(Ok(0), |it| it.parse().map_err(AppError::internal))
}

/// Moves the clock of a server that starts to where it was when the last one stopped: what has
/// happened in this database never lies in the future.
///
/// # Errors
/// When the database fails.
pub async fn restore(db: &Db) -> Result<()> {
    db.move_clock(ahead_s(db).await? * 1000);
    Ok(())
}

/// The clock as it is.
///
/// # Errors
/// `sandbox.absent` outside a demo.
pub async fn clock(app: &App) -> Result<SandboxClock> {
    if !app.config.sandbox {
        return Err(ErrorCode::SandboxAbsent.into());
    }
    Ok(SandboxClock {
        now: app.db.now(),
        ahead_s: ahead_s(&app.db).await?,
    })
}

/// Moves the clock ahead, and does what has become due before it answers.
///
/// # Errors
/// `sandbox.absent` outside a demo; `request.invalid` for steps that are none or too long.
pub async fn advance(app: &App, seconds: i64, actor: String) -> Result<SandboxClock> {
    let before = clock(app).await?;
    let ahead = before.ahead_s.saturating_add(seconds);
    if !(1..=MAX_STEP_S).contains(&seconds) || ahead > MAX_AHEAD_S {
        let message = "expected 1 second to 400 days, and not over ten years in all";
        return Err(AppError::invalid_field("/seconds", "out_of_range", message));
    }
    let keep = app.db.write((ahead, seconds, actor), |tx, args| {
        Box::pin(async move {
            let (ahead, seconds, actor) = args;
            auth::set_setting(tx, AHEAD, ahead.to_string()).await?;
            let detail = serde_json::json!({ "seconds": seconds });
            audit::service::record(tx, actor, "sandbox.advanced", "sandbox", &detail).await
        })
    });
    keep.await?;
    app.db.move_clock(seconds * 1000);
    jobs::run_all(app).await?;
    clock(app).await
}
