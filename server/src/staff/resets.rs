//! New passwords for staff: an admin makes a code, the person sets the password with it.

use super::{reset_store, store};
use crate::App;
use crate::audit;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{AppError, Result};
use crate::ids::{hash_secret, secret};
use crate::sessions;
use shared::ids::StaffId;
use shared::members::rules::check_password;
use shared::problem::ErrorCode;
use shared::staff::api::{PasswordReset, ResetPassword};

/// How long a code works, in milliseconds: a day.
const CODE_MS: i64 = 24 * 60 * 60 * 1000;

/// Makes a code for one of the staff; earlier ones stop working.
///
/// # Errors
/// `staff.not_found`.
pub async fn create_reset(app: &App, id: StaffId, actor: Actor) -> Result<PasswordReset> {
    let code = secret();
    let expires_at = app.db.now().plus_millis(CODE_MS);
    let args = (id, hash_secret(&code), expires_at, actor);
    let made = app.db.write(args, |tx, (id, hash, expires_at, actor)| {
        Box::pin(async move {
            store::find(tx, *id)
                .await?
                .ok_or(ErrorCode::StaffNotFound)?;
            reset_store::replace(tx, *id, hash, *expires_at).await?;
            let detail = serde_json::json!({ "expires_at": expires_at });
            let (actor, target) = (actor.to_string(), id.to_string());
            audit::service::record(tx, &actor, "staff.reset_created", &target, &detail).await
        })
    });
    made.await?;
    Ok(PasswordReset {
        url: format!("{}/console/reset#{code}", app.config.public_url),
        code,
        expires_at,
    })
}

/// Sets a password with a code, which is used up, and ends the person's sessions.
///
/// # Errors
/// `request.invalid` for a password that cannot be, `staff.reset_invalid`.
pub async fn reset_password(app: &App, request: ResetPassword) -> Result<()> {
    check_password(&request.password).map_err(|it| AppError::invalid(vec![it]))?;
    let password = app.auth.passwords.hash(request.password).await?;
    let args = (hash_secret(&request.code), password);
    let done = app.db.write(args, |tx, (code, password)| {
        Box::pin(set(tx, code, password))
    });
    done.await?;
    app.auth.forget();
    Ok(())
}

async fn set(tx: &Tx, code_hash: &str, password_hash: &str) -> Result<()> {
    let id = reset_store::take(tx, code_hash)
        .await?
        .ok_or(ErrorCode::StaffResetInvalid)?;
    store::set_password(tx, id, password_hash).await?;
    sessions::service::end_all_of_staff(tx, id).await?;
    let (actor, detail) = (id.to_string(), serde_json::json!({}));
    audit::service::record(tx, &actor, "staff.password_reset", &actor, &detail).await
}

/// Drops codes that have expired.
///
/// # Errors
/// When the database fails.
pub async fn purge_resets(tx: &Tx) -> Result<()> {
    reset_store::purge(tx, tx.now()).await
}
